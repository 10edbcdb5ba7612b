"""A private Postfix: the example files, run as they are from a temporary directory on free ports.

Needs root (as Postfix does). Whatever ends this process, a janitor takes the instance down and removes
its directory; KWIT_KEEP=1 keeps the directory to look into.
"""

import contextlib
import grp
import json
import os
import pathlib
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

EXAMPLE = pathlib.Path(__file__).resolve().parent.parent
STOCK_MASTER = pathlib.Path("/usr/share/postfix/master.cf.dist")
BORDER_ID = "mx.example.com"

# All that differs from the example, besides ports and the chroot that a temporary directory cannot be:
# where things lie, that nothing leaves this machine, and what lets a test play strangers and logins.
PRIVATE = """
compatibility_level = 3.7
queue_directory = {dir}/queue
data_directory = {dir}/data
maillog_file = {dir}/mail.log
maillog_file_prefixes = {dir}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example.com
mydestination =
mynetworks = 127.0.0.1/32
alias_maps =
alias_database =
relayhost = [127.0.0.1]:{sink}
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_error_sleep_time = 0
smtpd_client_connection_count_limit = 0
smtpd_authorized_xclient_hosts = 127.0.0.2
"""

JANITOR = """
trap '' INT TERM HUP
read -r _
for pid in "$1"/pids/*; do [ -e "$pid" ] && kill -KILL "${pid##*/}"; done
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

    def __init__(self, submit_port: int = 0):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="kwit-"))
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


class PrivatePostfix(Place):
    """One private instance, with a kwit's place beside it."""

    def __init__(self, sink_port: int, border_milter: bool = False):
        if os.geteuid() != 0:
            sys.exit("A private Postfix needs root: Postfix starts its daemons under other users.")
        super().__init__()
        self.sink_port = sink_port
        self.border_milter = border_milter
        self.etc = self.dir / "etc"
        self.border_socket = self.dir / "kwit" / "border.sock"
        self.port = self.reentry_port = 0

    def start(self):
        super().start()
        for name in ("etc/kwit", "queue", "data"):
            (self.dir / name).mkdir(parents=True)
        postfix = pwd.getpwnam("postfix")
        os.chown(self.dir / "data", postfix.pw_uid, postfix.pw_gid)
        if self.border_milter:
            self._start_border()
        for attempt in range(3):  # somebody else may take a free port before Postfix does
            self._write_files()
            started = self.command("postfix", "start", check=False)
            if started.returncode == 0:
                return self
        log = self.maillog.read_text() if self.maillog.exists() else started.stderr
        raise RuntimeError(f"Postfix does not start:\n{log}")

    def command(self, program: str, *args: str, check: bool = True) -> subprocess.CompletedProcess:
        """Runs a Postfix command on this instance: command("postqueue", "-f")."""
        return subprocess.run(
            [shutil.which(program, path="/usr/sbin:/usr/bin"), "-c", str(self.etc), *args],
            check=check, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        )

    def sendmail(self, sender: str, recipients: list[str], message: bytes):
        """Hands a mail in by sendmail(1), which passes no smtpd milter."""
        subprocess.run(
            ["/usr/sbin/sendmail", "-C", str(self.etc), "-i", "-f", sender, "--", *recipients],
            input=message, check=True,
        )

    def queue(self) -> list[dict]:
        """What waits in the queue, as postqueue -j tells it."""
        return [json.loads(line) for line in self.command("postqueue", "-j").stdout.splitlines()]

    def flush(self):
        self.command("postqueue", "-f")

    def _write_files(self):
        self.port, self.submit_port, self.reentry_port = free_ports(3)
        for table in ("virtual", "header_checks"):
            shutil.copy(EXAMPLE / table, self.etc / "kwit" / table)
        ports = {"127.0.0.1:10025": f"127.0.0.1:{self.submit_port}",
                 "127.0.0.1:10026": f"127.0.0.1:{self.reentry_port}"}
        reentry = {"[127.0.0.1]:10026": f"[127.0.0.1]:{self.reentry_port}"}
        main = replace((EXAMPLE / "main.cf").read_text(), {
            "unix:/kwit/kwit.sock": f"unix:{self.socket}",
            "\nsmtpd_milters = $kwit_milter\n": f"\nsmtpd_milters = {self._milters()}\n",
            # the ordinary domain of this office, which goes to the sink
            "\nrelay_domains = in.example.com\n": "\nrelay_domains = in.example.com, example.com\n",
        })
        (self.etc / "main.cf").write_text(main + PRIVATE.format(dir=self.dir, sink=self.sink_port))
        (self.etc / "master.cf").write_text(self._stock_master() + self._unchrooted(
            replace((EXAMPLE / "master.cf").read_text(), ports)))
        (self.etc / "kwit" / "transport").write_text(replace((EXAMPLE / "transport").read_text(), reentry))

    def _milters(self) -> str:
        if not self.border_milter:
            return "$kwit_milter"
        return f"{{ unix:{self.border_socket}, default_action=tempfail }}, $kwit_milter"

    def _stock_master(self) -> str:
        """Debian's own services, the public listener on our port."""
        stock, count = re.subn(r"^smtp( +inet)", rf"127.0.0.1:{self.port}\1", STOCK_MASTER.read_text(), 1, re.M)
        assert count == 1, f"{STOCK_MASTER} has no listener"
        return self._unchrooted(stock)

    @staticmethod
    def _unchrooted(master: str) -> str:
        return re.sub(r"^(\S+\s+(?:inet|unix)\s+\S+\s+\S+\s+)y(?=\s)", r"\1n", master, flags=re.M)

    def _start_border(self):
        """The milter that stands for opendkim and its like: see border.py."""
        border = subprocess.Popen(
            ["/usr/bin/python3", str(EXAMPLE / "harness" / "border.py"), f"unix:{self.border_socket}"],
            stdin=subprocess.DEVNULL,
        )
        self.keep_pid(border.pid)
        wait_for(self.border_socket.exists, "the border's milter")
