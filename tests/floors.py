#!/usr/bin/env python3
"""Holds the floors of kwit apart: an include runs down or stays in its folder, and each C library has one door.

Run from the top of the source tree. Exit 1 and one line per breach. See docs/architecture.md.
"""

import pathlib
import re
import sys

FLOORS = {
    "core/base": 1,
    "core/model": 2,
    "core/mime": 3,
    "core/rules": 3,
    "core/archive": 3,
    "core/config": 3,
    "core/inspect": 3,
    "core/intake": 4,
    "core/outbox": 4,
    "milter": 5,
    "cli": 5,
    "inspector": 5,
}

# Header of a library -> the files or folders that may include it.
DOORS = {
    r"libmilter/": ["milter/"],
    r"systemd/": ["milter/service.cc"],
    r"gmime/": ["core/mime/gmime.cc"],
    r"lmdb\.h": ["core/base/lmdb.cc"],
    r"openssl/": ["core/base/sha256.cc", "core/base/base64.cc", "inspector/"],
    r"tl/expected": ["core/base/result.hh"],
    r"boost/": ["core/base/log.cc"],
    r"date/": ["core/base/time.cc"],
    r"toml\+\+/": ["core/config/toml.cc"],
    r"CLI/": ["cli/main.cc"],
    r"nlohmann/(?!json_fwd)": ["core/base/json.hh"],
    r"curl/": ["core/outbox/curl.cc"],
    r"libpsl": ["core/base/domain.cc"],
    r"idn2": ["core/base/domain.cc"],
    r"uni(str|norm|conv|ctype|case)": ["core/base/unicode.cc"],
    r"qpdf/": ["inspector/qpdf.hh"],
    r"seccomp": ["inspector/sandbox.cc"],
    r"libxml/": ["inspector/xml.cc"],
    r"(archive|ytnef)": ["inspector/"],
}

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def folder_of(path: str) -> str:
    return next((f for f in FLOORS if path.startswith(f + "/")), "")


def breaches(path: str, text: str):
    """What is wrong with the includes of one file, as sentences."""
    folder = folder_of(path)
    for ours, theirs in INCLUDE.findall(text):
        if ours:
            target = folder_of(ours)
            if not target:
                yield f'{path}: "{ours}" is no file of a floor; write includes from the root'
            elif target != folder and FLOORS[target] >= FLOORS[folder]:
                yield f"{path}: {ours} is on floor {FLOORS[target]}, this file on floor {FLOORS[folder]}"
        for library, doors in DOORS.items():
            if theirs and re.match(library, theirs) and not any(path.startswith(d) for d in doors):
                yield f"{path}: <{theirs}> belongs to {' or '.join(doors)}"


def self_test():
    """The checker can fail: otherwise it proves nothing."""
    assert list(breaches("core/base/x.cc", '#include "core/model/digest.hh"\n'))
    assert list(breaches("core/mime/x.cc", '#include "core/rules/engine.hh"\n'))
    assert list(breaches("core/archive/x.cc", "#include <lmdb.h>\n"))
    assert list(breaches("milter/x.cc", '#include "digest.hh"\n'))
    assert not list(breaches("milter/x.cc", '#include "core/model/digest.hh"\n#include <libmilter/mfapi.h>\n'))


def main() -> int:
    self_test()
    files = [p for f in FLOORS for p in pathlib.Path(f).rglob("*") if p.suffix in (".cc", ".hh")]
    found = [line for p in sorted(files) for line in breaches(str(p), p.read_text())]
    print("\n".join(found) or f"floors: {len(files)} files, every include runs down")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
