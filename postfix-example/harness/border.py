#!/usr/bin/python3
"""A milter in the place of opendkim, opendmarc or rspamd: it writes the Authentication-Results that a
mail's X-Test-Border headers ask for, and quarantines it when an X-Test-Quarantine header asks for that. For tests: a
border that believes what the mail says of itself.
"""

import os
import sys

import Milter


class Border(Milter.Base):
    @Milter.noreply
    def envfrom(self, _sender, *_args):
        self.results = []
        self.quarantined_for = ""
        return Milter.CONTINUE

    @Milter.noreply
    @Milter.decode("bytes")
    def header(self, name, value):
        if name.lower() == "x-test-border":
            self.results.append(value.decode("latin-1").strip())
        if name.lower() == "x-test-quarantine":
            self.quarantined_for = value.decode("latin-1").strip()
        return Milter.CONTINUE

    def eom(self):
        for result in self.results:
            self.addheader("Authentication-Results", result, 0)
        if self.quarantined_for:
            self.quarantine(self.quarantined_for)
        return Milter.CONTINUE


def main():
    os.umask(0)
    Milter.factory = Border
    Milter.set_flags(Milter.ADDHDRS | Milter.QUARANTINE)
    Milter.runmilter("border", sys.argv[1], 60)


if __name__ == "__main__":
    main()
