"""kwit-milter and kwit on an archive of their own, with the example's kwit.toml."""

import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess

from .private import EXAMPLE, Place, wait_for

TREE = EXAMPLE.parent

# Open files that kwit-milter may keep for the next mails (core/archive/spare_files.hh).
SPARE_FILES = 16


def build_dir() -> pathlib.Path:
    """Where the programs are: KWIT_BUILD, else build/ of the tree."""
    return pathlib.Path(os.environ.get("KWIT_BUILD", TREE / "build"))


def configure(toml: str, changes: dict[str, str | None]) -> str:
    """The TOML text with keys set: {"limits.message": '"1MiB"'}; None takes the line out.

    A key that is not written is added to its section; a section that is not there is added at the end.
    """
    for path, value in changes.items():
        section, _, key = path.rpartition(".")
        toml = _set_key(toml, section, key, value)
    return toml


def _set_key(toml: str, section: str, key: str, value: str | None) -> str:
    head = re.search(rf"^\[+{re.escape(section)}\]+[ ]*$", toml, re.M)
    line = "" if value is None else f"{key} = {value}\n"
    if not head:
        return f"{toml}\n[{section}]\n{line}"
    end = toml.find("\n[", head.end()) + 1 or len(toml)
    body, count = re.subn(rf"^{re.escape(key)} = .*\n", lambda _: line, toml[head.end():end], flags=re.M)
    if not count:
        body = "\n" + line + body.removeprefix("\n")
    return toml[:head.end()] + body + toml[end:]


class Kwit:
    """One kwit: configuration, archive, the running milter, the command."""

    def __init__(self, postfix: Place, name: str, changes: dict[str, str | None] | None = None):
        self.postfix = postfix
        self.dir = postfix.dir / name
        self.dir.mkdir()
        self.archive = self.dir / "archive"
        self.config = self.dir / "kwit.toml"
        self.log = self.dir / "kwit.log"
        self.process: subprocess.Popen | None = None
        self.prefix: list[str] = []         # a command that runs both programs: nsenter …
        self.milter_prefix: list[str] = []  # the same for the milter alone
        self.extra_environment: dict[str, str] = {}  # of the milter alone
        self.configure(changes or {})

    def configure(self, changes: dict[str, str | None]):
        """Writes kwit.toml: the example, at home in this directory, with these changes."""
        at_home = {
            "milter.socket": f'"unix:{self.postfix.socket}"',
            "milter.user": None,
            "archive.path": f'"{self.archive}"',
            "archive.min_free": '"16MiB"',
            "archive.map_size": '"1GiB"',
            "outbox.submit": f'"smtp://127.0.0.1:{self.postfix.submit_port}"',
            "log.sink": '"stderr"',
        }
        self.config.write_text(configure((EXAMPLE / "kwit.toml").read_text(), at_home | changes))

    def start(self) -> "Kwit":
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.milter_command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.environment() | self.extra_environment)
        self.postfix.keep_pid(self.process.pid)
        wait_for(self._answers_or_ended, "kwit-milter to listen", 30)
        if self.process.poll() is not None:
            raise RuntimeError(f"kwit-milter ended with {self.process.returncode}:\n{self.log_text()}")
        return self

    def environment(self) -> dict[str, str]:
        """Ours; what a sanitizer has to say goes to files of this kwit (see sanitizer_reports)."""
        reports = self.dir / "sanitizer"
        reports.mkdir(exist_ok=True)
        reports.chmod(0o1777)  # kwit-milter may become another user
        log_path = f"log_path={reports}/report"
        names = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")
        return dict(os.environ) | {name: f"{os.environ[name]}:{log_path}" for name in names if name in os.environ}

    def sanitizer_reports(self) -> list[str]:
        return [path.read_text(errors="replace") for path in self.dir.glob("sanitizer/report.*")]

    def milter_command(self) -> list[str]:
        program = str(build_dir() / "milter" / "kwit-milter")
        return [*self.prefix, *self.milter_prefix, program, "--config", str(self.config)]

    def _answers_or_ended(self) -> bool:
        return self.process.poll() is not None or self._connects()

    def _connects(self) -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as s:
            s.connect(str(self.postfix.socket))
            return True
        return False

    def stop(self, how: int = signal.SIGTERM) -> int:
        """Ends the milter; its exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(how)
        wait_for(lambda: self.process.poll() is not None, "kwit-milter to end", 70)
        code = self.process.returncode
        self.postfix.forget_pid(self.process.pid)
        self.process = None
        return code

    def reload(self):
        self.process.send_signal(signal.SIGUSR1)

    def log_text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def peak_memory(self) -> int:
        """The most memory the milter ever had, in bytes."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) * 1024

    def run(self, *args: str, stdin: bytes | None = None) -> subprocess.CompletedProcess:
        """The kwit command as it is: bytes out, bytes of errors, exit code."""
        return subprocess.run(
            [*self.prefix, str(build_dir() / "cli" / "kwit"), "--config", str(self.config), *args],
            input=stdin or b"", capture_output=True, env=self.environment())

    def text(self, *args: str) -> str:
        """What a command that has to succeed says to people."""
        done = self.run(*args)
        if done.returncode != 0:
            raise RuntimeError(f"kwit {' '.join(args)}: exit {done.returncode}\n{done.stderr.decode()}")
        return done.stdout.decode()

    def first_line(self, *args: str) -> str:
        """The id or address that a command made."""
        return self.text(*args).splitlines()[0]

    def rows(self, *args: str) -> list[dict]:
        """What a command says in JSON, one object a line."""
        return [json.loads(line) for line in self.text("--json", *args).splitlines()]
