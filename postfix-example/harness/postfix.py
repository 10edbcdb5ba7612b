"""A private Postfix: the example files, run as they are from a temporary directory on free ports."""

import json
import os
import pathlib
import pwd
import re
import shutil
import subprocess

from .private import EXAMPLE, Place, PrivateMta, free_ports, replace, wait_for

__all__ = ["EXAMPLE", "Place", "PrivatePostfix", "free_ports", "replace", "wait_for"]

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


class PrivatePostfix(PrivateMta):
    """One private instance, with a kwit's place beside it."""

    kind = "postfix"

    def __init__(self, *args, settings: dict[str, str] | None = None, before_kwit: list[pathlib.Path] | None = None, **more):
        """settings: more lines of main.cf; before_kwit: sockets of milters that run already."""
        super().__init__(*args, **more)
        self.settings = settings or {}
        self.before_kwit = before_kwit or []

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

    def _sendmail_command(self) -> str:
        return f"env MAIL_CONFIG={self.etc} /usr/sbin/sendmail"

    def queue(self) -> list[dict]:
        """What waits in the queue, as postqueue -j tells it."""
        return [json.loads(line) for line in self.command("postqueue", "-j").stdout.splitlines()]

    def flush(self):
        self.command("postqueue", "-f")

    def restart(self):
        self.command("postfix", "stop")
        self.command("postfix", "start")

    def empty_queue(self):
        self.command("postsuper", "-d", "ALL", check=False)

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
        more = "".join(f"{name} = {value}\n" for name, value in self.settings.items())
        (self.etc / "main.cf").write_text(main + PRIVATE.format(dir=self.dir, sink=self.sink_port) + more)
        (self.etc / "master.cf").write_text(self._stock_master() + self._unchrooted(
            replace((EXAMPLE / "master.cf").read_text(), ports)))
        (self.etc / "kwit" / "transport").write_text(replace((EXAMPLE / "transport").read_text(), reentry))

    def _milters(self) -> str:
        before = [*self.before_kwit, *([self.border_socket] if self.border_milter else [])]
        return ", ".join([f"{{ unix:{path}, default_action=tempfail }}" for path in before] + ["$kwit_milter"])

    def _stock_master(self) -> str:
        """Debian's own services, the public listener on our port."""
        stock, count = re.subn(r"^smtp( +inet)", rf"127.0.0.1:{self.port}\1", STOCK_MASTER.read_text(), 1, re.M)
        assert count == 1, f"{STOCK_MASTER} has no listener"
        return self._unchrooted(stock)

    @staticmethod
    def _unchrooted(master: str) -> str:
        return re.sub(r"^(\S+\s+(?:inet|unix)\s+\S+\s+\S+\s+)y(?=\s)", r"\1n", master, flags=re.M)
