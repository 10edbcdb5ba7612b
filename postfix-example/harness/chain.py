"""The real opendkim and opendmarc before kwit: the example's own configuration, run from a temporary directory, with
DNS from a zone of ours on loopback.
"""

import grp
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

from .dns import NameServer
from .postfix import EXAMPLE, replace, wait_for

# opendkim asks by libunbound, which is told whom to ask; ours signs nothing, so DNSSEC is not asked for.
UNBOUND = """
server:
  do-not-query-localhost: no
  module-config: "iterator"
  use-syslog: no
forward-zone:
  name: "."
  forward-addr: {address}
"""


class Chain:
    """Use it as a context manager; `sockets` in their order are for Postfix."""

    def __init__(self, records: dict[str, list[str]]):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="kwit-chain-"))
        self.dns = NameServer(records)
        self.sockets = [self.dir / "opendkim" / "socket", self.dir / "opendmarc" / "socket"]
        self._daemons: list[subprocess.Popen] = []

    def __enter__(self) -> "Chain":
        try:
            os.chmod(self.dir, 0o755)
            self._start("opendkim", "-x", self._opendkim())
            # opendmarc asks as /etc/resolv.conf says: the wrapper shows it another one.
            (self.dir / "resolv.conf").write_text(f"nameserver {self.dns.address}\n")
            self._start("opendmarc", "-c", self._opendmarc(), LD_PRELOAD="libresolv_wrapper.so",
                        RESOLV_WRAPPER_CONF=str(self.dir / "resolv.conf"))
            return self
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        for daemon in self._daemons:
            daemon.terminate()
            daemon.wait()
        self.dns.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def log(self) -> str:
        return "".join(path.read_text(errors="replace") for path in self.dir.glob("*.log"))

    def _opendkim(self) -> str:
        (self.dir / "unbound.conf").write_text(UNBOUND.format(address=self.dns.address))
        text = replace((EXAMPLE / "opendkim.conf").read_text(), {
            "/var/spool/postfix/opendkim/opendkim.sock": str(self.sockets[0]),
            "/run/opendkim/opendkim.pid": str(self.dir / "opendkim" / "pid"),
            "TrustAnchorFile     /usr/share/dns/root.key": f"ResolverConfiguration {self.dir}/unbound.conf",
        })
        return self._write("opendkim.conf", text)

    def _opendmarc(self) -> str:
        text = replace((EXAMPLE / "opendmarc.conf").read_text(), {
            "/var/spool/postfix/opendmarc/opendmarc.sock": str(self.sockets[1]),
            "/run/opendmarc/opendmarc.pid": str(self.dir / "opendmarc" / "pid"),
        })
        return self._write("opendmarc.conf", text)

    def _write(self, name: str, text: str) -> str:
        (self.dir / name).write_text(text)
        return str(self.dir / name)

    def _start(self, name: str, option: str, config: str, **environment: str):
        place = self.dir / name
        place.mkdir()
        # As in the example's comment: Postfix gets in by the group.
        os.chown(place, pwd.getpwnam(name).pw_uid, grp.getgrnam("postfix").gr_gid)
        os.chmod(place, 0o2750)
        with open(self.dir / f"{name}.log", "wb") as log:
            daemon = subprocess.Popen([f"/usr/sbin/{name}", "-f", option, config], stdin=subprocess.DEVNULL,
                                      stdout=log, stderr=log, env=os.environ | environment)
        self._daemons.append(daemon)
        socket = place / "socket"
        wait_for(lambda: socket.exists() or daemon.poll() is not None, f"{name} to listen")
        if daemon.poll() is not None:
            raise RuntimeError(f"{name} ended with {daemon.returncode}:\n{self.log()}")
