"""What the private MTAs have in common: a place with a janitor, milters beside them, a log, what tests ask of them.

Needs root (as MTAs do). Whatever ends this process, a janitor takes the instance down and removes its directory;
KWIT_KEEP=1 keeps the directory to look into.
"""

import contextlib
import grp
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

EXAMPLE = pathlib.Path(__file__).resolve().parent.parent

# A name in pids/ is a process, or a process group with a minus before it.
JANITOR = """
trap '' INT TERM HUP
read -r _
for pid in "$1"/pids/*; do [ -e "$pid" ] && kill -KILL -- "${pid##*/}"; done
[ -s "$1/queue/pid/master.pid" ] && /usr/sbin/postfix -c "$1/etc" abort
[ -n "$KWIT_KEEP" ] && echo "kept: $1" >&2 || rm -rf "$1"
"""


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody uses now, as the system gives them."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]


def replace(text: str, changes: dict[str, str]) -> str:
    """The text with each old replaced by its new. An old that is not there is a mistake."""
    for old, new in changes.items():
        if old not in text:
            raise ValueError(f"the example no longer says {old!r}")
        text = text.replace(old, new)
    return text


def wait_for(condition, what: str, seconds: float = 20.0):
    """The first true value of condition(), asked again and again; TimeoutError names what was waited for."""
    deadline = time.monotonic() + seconds
    while True:
        if value := condition():
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s for {what}")
        time.sleep(0.02)


class Place:
    """Where a kwit runs: a directory for its socket and all else, that a janitor takes away. Use it as a context manager.

    Without a Postfix it is where kwit-milter is spoken to directly (milter_wire.py).
    """

    def __init__(self, submit_port: int = 0, parent: str | None = None):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="kwit-", dir=parent))
        self.socket = self.dir / "kwit" / "kwit.sock"
        self.maillog = self.dir / "mail.log"
        self.submit_port = submit_port
        self._mark = 0
        self._janitor = subprocess.Popen(
            ["/bin/bash", "-c", JANITOR, "janitor", str(self.dir)],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=sys.stderr, start_new_session=True,
        )

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_):
        self.stop()

    def start(self):
        os.chmod(self.dir, 0o755)
        for name in ("kwit", "pids"):
            (self.dir / name).mkdir()
        os.chown(self.dir / "kwit", -1, grp.getgrnam("postfix").gr_gid)
        os.chmod(self.dir / "kwit", 0o2750)
        return self

    def stop(self):
        if self._janitor.poll() is None:
            self._janitor.stdin.close()
            self._janitor.wait()

    def log(self) -> str:
        return self.maillog.read_text(errors="replace") if self.maillog.exists() else ""

    def mark_log(self):
        """From here on log_of_test() tells what happened."""
        self._mark = len(self.log())

    def log_of_test(self) -> str:
        return self.log()[self._mark:]

    def keep_pid(self, pid: int):
        """The janitor ends this process when nobody else does."""
        (self.dir / "pids" / str(pid)).touch()

    def forget_pid(self, pid: int):
        (self.dir / "pids" / str(pid)).unlink(missing_ok=True)


class PrivateMta(Place):
    """One private instance of a mail server, with a kwit's place beside it. A subclass starts it."""

    kind = ""

    def __init__(self, sink_port: int, border_milter: bool = False, parent: str | None = None):
        if os.geteuid() != 0:
            sys.exit("A private mail server needs root: it starts its daemons under other users.")
        super().__init__(parent=parent)
        self.sink_port = sink_port
        self.border_milter = border_milter
        self.etc = self.dir / "etc"
        self.border_socket = self.dir / "kwit" / "border.sock"
        self.port = self.reentry_port = 0

    def sendmail(self, sender: str, recipients: list[str], message: bytes):
        """Hands a mail in that passes no milter on its way into the queue."""
        raise NotImplementedError

    def sendmail_program(self) -> pathlib.Path:
        """A program that is to this instance what /usr/sbin/sendmail is to the system's mail server."""
        program = self.dir / "sendmail"
        program.write_text(f'#!/bin/sh\nexec {self._sendmail_command()} "$@"\n')
        program.chmod(0o755)
        return program

    def _sendmail_command(self) -> str:
        raise NotImplementedError

    def queue(self) -> list[dict]:
        """What waits in the queue: queue_name, sender, recipients with address and delay_reason."""
        raise NotImplementedError

    def flush(self):
        """Everything in the queue is tried again now."""
        raise NotImplementedError

    def restart(self):
        """Ends the daemons and starts them again, on the same ports."""
        raise NotImplementedError

    def empty_queue(self):
        """Throws away what waits in the queue."""
        raise NotImplementedError

    def start_milter(self, program: pathlib.Path, path: pathlib.Path) -> subprocess.Popen:
        """A milter in Python beside kwit, on this socket."""
        milter = subprocess.Popen(["/usr/bin/python3", str(program), f"unix:{path}"], stdin=subprocess.DEVNULL)
        self.keep_pid(milter.pid)
        wait_for(path.exists, f"the milter {program.name}")
        return milter

    def _start_border(self):
        """The milter that stands for opendkim and its like: see border.py."""
        self.start_milter(EXAMPLE / "harness" / "border.py", self.border_socket)
