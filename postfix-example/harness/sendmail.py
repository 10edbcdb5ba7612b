"""A private Sendmail beside the system's mail server: Debian's packages as tests/sendmail unpacks them, with the files of
postfix-example/sendmail, in a directory of its own on free ports.

What tests ask of it is what they ask of a private Postfix (see private.py).
"""

import contextlib
import os
import pathlib
import re
import shlex
import signal
import socket
import socketserver
import struct
import subprocess
import threading

from .private import EXAMPLE, PrivateMta, free_ports, replace, wait_for

UNPACKED = EXAMPLE.parent / "build-sendmail" / "root"
CONFIGURATION = UNPACKED / "usr/share/sendmail/cf"
HOST = "mx.example.com"

# All that differs from an existing Sendmail with kwit.m4: where things lie, that nothing leaves this machine, and what
# lets a test play strangers and logins.
PRIVATE = """
divert(-1)
define(`_USE_ETC_MAIL_')
define(`MAIL_SETTINGS_DIR', `{dir}/etc/')
divert(0)dnl
include(`{cf}/m4/cf.m4')dnl
include(`{cf}/debian/autoconf.m4')dnl
OSTYPE(`debian')dnl
define(`QUEUE_DIR', `{dir}/queue')dnl
define(`STATUS_FILE', `{dir}/statistics')dnl
define(`HELP_FILE', `')dnl
define(`ALIAS_FILE', `')dnl
define(`confPID_FILE', `{dir}/sendmail.pid')dnl
define(`confHOST_STATUS_DIRECTORY')dnl
define(`confDEAD_LETTER_DROP', `{dir}/dead.letter')dnl
define(`confSERVICE_SWITCH_FILE', `{dir}/etc/service.switch')dnl
define(`confDOMAIN_NAME', `{host}')dnl
define(`confTO_IDENT', `0')dnl
define(`confQUEUE_LA', `10000')dnl
define(`confREFUSE_LA', `10000')dnl
define(`confAUTH_MECHANISMS', `PLAIN')dnl
TRUST_AUTH_MECH(`PLAIN')dnl
define(`SMART_HOST', `smtp:[127.0.0.1]')dnl
define(`MAIL_HUB', `smtp:[127.0.0.1]')dnl
define(`SMTP_MAILER_ARGS', `TCP $h {sink}')dnl
define(`confSMTP_MAILER', `smtp')dnl
MODIFY_MAILER_FLAGS(`SMTP', `+a')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`nocanonify')dnl
FEATURE(`accept_unresolvable_domains')dnl
RELAY_DOMAIN(`example.com')dnl
DAEMON_OPTIONS(`Family=inet, Name=MTA, Port={port}, Addr=127.0.0.1')dnl
LOCAL_CONFIG
ESASL_CONF_PATH={dir}/etc
divert(0)dnl
{kwit}
MAILER(`smtp')dnl
"""

BORDER = """
INPUT_MAIL_FILTER(`border', `S=local:{socket}, F=T, T=C:30s;S:30s;R:60s;E:5m')dnl
"""


class _AnyLogin(socketserver.ThreadingUnixStreamServer):
    """What saslauthd is to Sendmail: asked for a login and its password, it says yes."""

    daemon_threads = True

    def __init__(self, path: pathlib.Path):
        super().__init__(str(path), _SayYes)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


class _SayYes(socketserver.StreamRequestHandler):
    def handle(self):
        for _ in ("login", "password", "service", "realm"):
            self.rfile.read(struct.unpack("!H", self.rfile.read(2))[0])
        self.wfile.write(struct.pack("!H", 2) + b"OK")


class PrivateSendmail(PrivateMta):
    """One private instance. Use it as a context manager."""

    kind = "sendmail"

    def __init__(self, sink_port: int, border_milter: bool = False):
        if not (UNPACKED.parent / "unpacked").exists():
            raise RuntimeError("Sendmail is not unpacked: run tests/sendmail")
        # Sendmail does not connect to a socket below a directory where anybody may write, such as /tmp.
        super().__init__(sink_port, border_milter, parent="/var/lib")
        self.strip_socket = self.dir / "kwit" / "strip-results.sock"
        self._daemon: subprocess.Popen | None = None
        self._strip: subprocess.Popen | None = None
        self._logins: _AnyLogin | None = None

    def start(self):
        super().start()
        self.etc.mkdir()
        (self.dir / "queue").mkdir(0o700)
        self._start_strip()
        if self.border_milter:
            self._start_border()
        self._logins = _AnyLogin(self.dir / "saslauthd")
        for attempt in range(3):  # somebody else may take a free port before Sendmail does
            self._write_files()
            if self._starts():
                return self
        raise RuntimeError(f"Sendmail does not start:\n{self.log()}")

    def stop(self):
        super().stop()
        if self._logins:
            self._logins.shutdown()
            self._logins.server_close()

    def sendmail(self, sender: str, recipients: list[str], message: bytes):
        """Puts a mail into the queue of the MTA itself; what sendmail(1) does by its own cf passes the listeners."""
        self._run("-Am", "-i", "-f", sender or "<>", "--", *recipients, stdin=message)

    def _sendmail_command(self) -> str:
        return shlex.join(self._argv("-Am"))

    def queue(self) -> list[dict]:
        """What waits in the queue, as its files tell it."""
        waiting = []
        for path in sorted((self.dir / "queue").glob("[qh]f*")):  # hf: held
            with contextlib.suppress(FileNotFoundError):  # delivered meanwhile
                waiting.append(_entry(path.read_text(errors="replace"), held=path.name.startswith("h")))
        return waiting

    def flush(self):
        self._run("-qf")

    def restart(self):
        os.killpg(self._daemon.pid, signal.SIGTERM)
        self._daemon.wait()
        self.forget_pid(-self._daemon.pid)
        assert self._starts()

    def empty_queue(self):
        for path in (self.dir / "queue").iterdir():
            path.unlink(missing_ok=True)

    def write_table(self, name: str, more: str = ""):
        """Makes a table of the example, with more lines."""
        makemap = [UNPACKED / "usr/libexec/sendmail/makemap", "-C", self.etc / "sendmail.cf", "hash", self.etc / name]
        lines = (EXAMPLE / "sendmail" / name).read_text() + more
        subprocess.run(makemap, input=lines.encode(), check=True)

    @contextlib.contextmanager
    def without_stripping(self):
        """The first milter, strip-results, is away for a moment."""
        self._strip.kill()
        self._strip.wait()
        self.forget_pid(self._strip.pid)
        self.strip_socket.unlink()
        try:
            yield
        finally:
            self._start_strip()

    def _start_strip(self):
        self._strip = self.start_milter(EXAMPLE / "sendmail" / "strip-results", self.strip_socket)

    def _starts(self) -> bool:
        with open(self.maillog, "ab") as log:
            daemon = subprocess.Popen(self._argv("-X", str(self.maillog), "-bD"), stdin=subprocess.DEVNULL,
                                      stdout=log, stderr=log, start_new_session=True)
        self._daemon = daemon
        self.keep_pid(-daemon.pid)
        ports = (self.port, self.submit_port, self.reentry_port)
        wait_for(lambda: daemon.poll() is not None or all(map(_listens, ports)), "Sendmail to listen", 60)
        return daemon.poll() is None

    def _argv(self, *args: str) -> list[str]:
        # Sendmail waits a minute for a name with a dot of this host, before it reads its configuration.
        named = ["/usr/bin/unshare", "--uts", "/bin/sh", "-c", 'hostname "$0" && exec "$@"', HOST]
        return [*named, str(UNPACKED / "usr/libexec/sendmail/sendmail"), "-C", str(self.etc / "sendmail.cf"), *args]

    def _run(self, *args: str, stdin: bytes = b""):
        done = subprocess.run(self._argv(*args), input=stdin, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(f"sendmail {' '.join(args)}: exit {done.returncode}\n{done.stderr.decode()}")

    def _write_files(self):
        self.port, self.submit_port, self.reentry_port = free_ports(3)
        (self.etc / "service.switch").write_text("hosts files\naliases files\npasswd files\n")
        (self.etc / "Sendmail.conf").write_text(
            f"pwcheck_method: saslauthd\nsaslauthd_path: {self.dir}/saslauthd\nmech_list: PLAIN\n")
        mc = PRIVATE.format(dir=self.dir, cf=CONFIGURATION, host=HOST, sink=self.sink_port, port=self.port,
                            kwit=self._kwit())
        (self.etc / "sendmail.mc").write_text(mc)
        made = subprocess.run(["/usr/bin/m4", f"-D_CF_DIR_={CONFIGURATION}/", self.etc / "sendmail.mc"],
                              capture_output=True, text=True, check=True)
        if made.stderr:
            raise RuntimeError(f"m4 complains of sendmail.mc:\n{made.stderr}")
        (self.etc / "sendmail.cf").write_text(made.stdout)
        for table in ("mailertable", "virtusertable"):
            self.write_table(table)

    def _kwit(self) -> str:
        """kwit.m4 on our ports; the border's milter stands between the first milter and kwit."""
        example = replace((EXAMPLE / "sendmail" / "kwit.m4").read_text(), {
            "Port=10025": f"Port={self.submit_port}",
            "Port=10026": f"Port={self.reentry_port}",
            "TCP $h 10026": f"TCP $h {self.reentry_port}",
            "local:/run/kwit/strip-results.sock": f"local:{self.strip_socket}",
            "local:/run/kwit/kwit.sock": f"local:{self.socket}",
        })
        if not self.border_milter:
            return example
        head, kwit, tail = example.partition("INPUT_MAIL_FILTER(`kwit'")
        return head + BORDER.format(socket=self.border_socket).lstrip() + kwit + tail


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5):
        return True
    return False


def _entry(qf: str, held: bool) -> dict:
    """One queue file in the words of postqueue -j."""
    def of(letter: str) -> list[str]:
        return re.findall(rf"^{letter}(.*)", qf, re.M)
    tried = any(number != "0" for number in of("N"))
    reason = " ".join(of("M"))
    recipients = [{"address": line.rpartition(":")[2].strip("<>"), "delay_reason": reason} for line in of("R")]
    return {"queue_name": "hold" if held else "deferred" if tried else "incoming",
            "sender": "".join(of("S")).strip("<>"), "recipients": recipients}
