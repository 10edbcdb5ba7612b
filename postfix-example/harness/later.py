#!/usr/bin/python3
"""A milter behind kwit, where none should be. For tests: it does what a mail's X-Test-Later header asks at its end, and it
greylists recipients of mail from greylisted@….

    X-Test-Later: reject      refused for good
    X-Test-Later: defer       refused for now, the first time this Message-ID is seen
"""

import os
import sys

import Milter

_seen: set = set()


def first_time(what) -> bool:
    known = what in _seen
    _seen.add(what)
    return not known


class Later(Milter.Base):
    def envfrom(self, sender, *_args):
        self.greylists = sender.startswith("<greylisted@")
        self.wish = self.message_id = ""
        return Milter.CONTINUE

    def envrcpt(self, recipient, *_args):
        if self.greylists and first_time(recipient):
            self.setreply("450", "4.2.0", "later: greylisted")
            return Milter.TEMPFAIL
        return Milter.CONTINUE

    @Milter.decode("bytes")
    def header(self, name, value):
        if name.lower() == "x-test-later":
            self.wish = value.decode("latin-1").strip()
        if name.lower() == "message-id":
            self.message_id = value
        return Milter.CONTINUE

    def eom(self):
        if self.wish == "reject":
            self.setreply("550", "5.7.1", "later: no")
            return Milter.REJECT
        if self.wish == "defer" and first_time(self.message_id):
            self.setreply("451", "4.7.1", "later: not now")
            return Milter.TEMPFAIL
        return Milter.CONTINUE


def main():
    os.umask(0)
    Milter.factory = Later
    Milter.runmilter("later", sys.argv[1], 60)


if __name__ == "__main__":
    main()
