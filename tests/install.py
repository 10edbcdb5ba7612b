#!/usr/bin/env python3
"""Installs kwit into an empty root and looks at what is there: every file is expected, and it works.

    tests/install.py BUILD_DIRECTORY

Exit 1 and one line for each thing that is wrong.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# Below the prefix; what is not listed here is not installed.
EXPECTED = """
bin/kwit
lib/systemd/system/kwit-milter.service
lib/systemd/system/kwit-report.service
lib/systemd/system/kwit-report.timer
lib/systemd/system/kwit-sweep.service
lib/systemd/system/kwit-sweep.timer
lib/sysusers.d/kwit.conf
lib/tmpfiles.d/kwit.conf
libexec/kwit/kwit-inspector
sbin/kwit-milter
share/doc/kwit/CHANGELOG.md
share/doc/kwit/README.md
share/doc/kwit/architecture.md
share/doc/kwit/configuration.md
share/doc/kwit/examples/header_checks
share/doc/kwit/examples/kwit.toml
share/doc/kwit/examples/main.cf
share/doc/kwit/examples/master.cf
share/doc/kwit/examples/opendkim.conf
share/doc/kwit/examples/opendmarc.conf
share/doc/kwit/examples/sendmail/kwit-strip-results.service
share/doc/kwit/examples/sendmail/kwit.m4
share/doc/kwit/examples/sendmail/mailertable
share/doc/kwit/examples/sendmail/strip-results
share/doc/kwit/examples/sendmail/virtusertable
share/doc/kwit/examples/texts/de.toml
share/doc/kwit/examples/texts/en.toml
share/doc/kwit/examples/texts/pl.toml
share/doc/kwit/examples/transport
share/doc/kwit/examples/virtual
share/doc/kwit/format.md
share/doc/kwit/hostile-mail.md
share/doc/kwit/notices.md
share/doc/kwit/operations.md
share/doc/kwit/performance.md
share/doc/kwit/reliability.md
share/doc/kwit/sendmail.md
share/doc/kwit/sender-authentication.md
share/man/man1/kwit.1
share/man/man5/kwit.toml.5
share/man/man8/kwit-milter.8
""".split()
DECISION = re.compile(r"share/doc/kwit/decisions/\d{4}-[a-z0-9-]+\.md")


def run(*command: str, **more) -> subprocess.CompletedProcess:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, **more)


def listing(prefix: pathlib.Path):
    """What is missing, what nobody expected, what has the wrong rights."""
    there = {str(path.relative_to(prefix)): path for path in prefix.rglob("*") if not path.is_dir()}
    yield from (f"{name} is missing" for name in EXPECTED if name not in there)
    yield from (f"{name} is not expected" for name in there if name not in EXPECTED and not DECISION.fullmatch(name))
    for name, path in there.items():
        program = name.startswith(("bin/", "sbin/", "libexec/"))
        if path.stat().st_mode & 0o777 != (0o755 if program else 0o644):
            yield f"{name} has mode {path.stat().st_mode & 0o777:04o}"


def programs(prefix: pathlib.Path, version: str):
    """The programs start and know who they are."""
    said = run(str(prefix / "bin/kwit"), "--version")
    if (said.returncode, said.stdout.strip()) != (0, f"kwit {version}"):
        yield f"kwit --version: exit {said.returncode}, {said.stdout!r} instead of kwit {version}"
    for program in ("bin/kwit", "sbin/kwit-milter", "libexec/kwit/kwit-inspector"):
        wrong = run(str(prefix / program), "--no-such-option")
        if wrong.returncode != 2:
            yield f"{program} --no-such-option: exit {wrong.returncode} instead of 2"
    held = run(str(prefix / "libexec/kwit/kwit-inspector"), "--self-test")
    if held.returncode:
        yield f"kwit-inspector --self-test: exit {held.returncode}: {held.stdout}{held.stderr}"


def units(prefix: pathlib.Path, installed_as: str):
    """The units name the installed programs, and systemd has nothing to say about them."""
    for unit in (prefix / "lib/systemd/system").glob("*"):
        text = unit.read_text()
        if left := re.findall(r"@\w+@", text):
            yield f"{unit.name}: {left} was not replaced"
        for program in re.findall(r"^ExecStart=(\S+)", text, re.M):
            if not (prefix / pathlib.Path(program).relative_to(installed_as)).exists():
                yield f"{unit.name}: {program} is not installed"
    if shutil.which("systemd-analyze"):
        yield from verified(prefix, installed_as)


def verified(prefix: pathlib.Path, installed_as: str):
    """systemd-analyze verify on copies whose programs are those of the new root."""
    with tempfile.TemporaryDirectory() as copies:
        for unit in (prefix / "lib/systemd/system").glob("*"):
            copy = pathlib.Path(copies, unit.name)
            # Manual pages are looked for on this machine, not in the new root.
            text = re.sub(r"^Documentation=.*\n", "", unit.read_text(), flags=re.M)
            copy.write_text(text.replace(f"ExecStart={installed_as}/", f"ExecStart={prefix}/"))
        said = run("systemd-analyze", "verify", "--man=no", *map(str, pathlib.Path(copies).glob("*")))
        ours = [line for line in said.stderr.splitlines() if "kwit" in line]
        if said.returncode or ours:
            yield f"systemd-analyze verify: exit {said.returncode}: {said.stderr.strip()}"


def manuals(prefix: pathlib.Path):
    """The manual pages are read without a complaint."""
    for page in sorted((prefix / "share/man").rglob("*.[158]")):
        if shutil.which("mandoc"):
            said = run("mandoc", "-Tlint", "-Wwarning", str(page))
            # They belong to a version, not to a day.
            lines = [line for line in said.stdout.splitlines() if "missing date" not in line]
            yield from (line.replace(str(page), page.name) for line in lines)
        if shutil.which("man"):
            said = run("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", str(page),
                       env=os.environ | {"LC_ALL": "C.UTF-8", "MANROFFSEQ": ""})
            if said.returncode or said.stderr:
                yield f"{page.name}: {said.stderr.strip()}"


def main() -> int:
    build = sys.argv[1]
    project = json.loads(run("meson", "introspect", "--projectinfo", build, check=True).stdout)
    options = json.loads(run("meson", "introspect", "--buildoptions", build, check=True).stdout)
    installed_as = next(option["value"] for option in options if option["name"] == "prefix")
    with tempfile.TemporaryDirectory() as root:
        done = run("meson", "install", "-C", build, "--no-rebuild", "--destdir", root, env=os.environ | {"PWD": build})
        if done.returncode:
            print(done.stdout, done.stderr, sep="\n")
            return 1
        prefix = pathlib.Path(root + installed_as)
        os.chmod(root, 0o755)
        found = [*listing(prefix), *programs(prefix, project["version"]), *units(prefix, installed_as), *manuals(prefix)]
    print("\n".join(found) or "install: everything is there, and nothing else")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
