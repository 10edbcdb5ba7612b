"""One Postfix with a listener for each way to take mail in, and the programs behind them."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import time
from collections.abc import Callable

from harness.kwit import Kwit, build_dir
from harness.postfix import PrivatePostfix, free_ports, wait_for
from harness.smtp import Sink

HERE = pathlib.Path(__file__).resolve().parent

# Mail for this domain is delivered nowhere, as fast as Postfix can.
TAKEN = "bench.example"
PIPED = "pipe.example"

LISTENER = """
127.0.0.1:{port} inet n - n - - smtpd
    -o smtpd_milters={milter}
    -o smtpd_delay_reject=no
"""

PIPE = """
bench-pipe unix - n n - {parallel} pipe
    flags= user=nobody argv=/usr/bin/python3 {script} pipe {directory}
"""


def bench_program(name: str) -> pathlib.Path:
    return build_dir() / "tests/bench" / f"bench-{name}"


def processor_seconds(pid: int) -> float:
    """User and system time of a process, of the children it has waited for, and of those that still run."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK") + sum(map(processor_seconds, children_of(pid)))


def children_of(pid: int) -> list[int]:
    children = []
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):  # a thread may have ended meanwhile
            children += [int(child) for child in (task / "children").read_text().split()]
    return children


class BenchPostfix(PrivatePostfix):
    """The example's Postfix, with more listeners: names -> ports in `ports`."""

    def __init__(self, sink_port: int):
        super().__init__(sink_port)
        names = ("accept", "discard", "durable", "usual", "large")
        self.sockets = {name: self.dir / "kwit" / f"{name}.sock" for name in names}
        self.ports: dict[str, int] = {}

    def _write_files(self):
        super()._write_files()
        names = ["none", *self.sockets]
        self.ports = dict(zip(names, free_ports(len(names)))) | {"kwit": self.port}
        master = (self.etc / "master.cf").read_text()
        for name, port in self.ports.items():
            if name != "kwit":
                milter = f"unix:{self.sockets[name]}" if name in self.sockets else ""
                master += LISTENER.format(port=port, milter=milter)
        piped = self.dir / "piped"
        piped.mkdir(exist_ok=True)
        shutil.chown(piped, "nobody")
        master += PIPE.format(parallel=8, script=self._public_script(), directory=piped)
        (self.etc / "master.cf").write_text(master)
        with open(self.etc / "kwit" / "transport", "a") as transport:
            transport.write(f"\n{TAKEN} discard:\n{PIPED} bench-pipe:\n")
        with open(self.etc / "main.cf", "a") as main:
            main.write(f"\nrelay_domains = in.example.com, {TAKEN}, {PIPED}\n"
                       f"relay_recipient_maps = inline:{{ taken@{TAKEN}=x, taken@{PIPED}=x, @in.example.com=x }}\n"
                       "bench-pipe_destination_recipient_limit = 1\n")

    def _public_script(self) -> pathlib.Path:
        """pipe(8) runs it as nobody, who may not be let into the tree."""
        return pathlib.Path(shutil.copy(HERE / "usual.py", self.dir / "usual.py"))


class Houses:
    """Everything that takes mail, started. Use it as a context manager."""

    def __init__(self):
        self.sink = Sink()
        self.postfix = BenchPostfix(self.sink.port)
        self.programs: dict[str, int] = {}  # name of a listener -> process behind it
        self.kwits: dict[str, Kwit] = {}    # the same for those that are kwits
        self.addresses: dict[str, str] = {}

    def __enter__(self):
        self.postfix.__enter__()
        bare = str(bench_program("bare"))
        for mode in ("accept", "discard", "durable"):
            self._start(mode, [bare, mode, f"local:{self.postfix.sockets[mode]}", str(self.postfix.dir / "durable")])
        usual = self.postfix.dir / "usual"
        usual.mkdir()
        self._start("usual", ["/usr/bin/python3", str(HERE / "usual.py"), "milter", str(self.postfix.sockets["usual"]), str(usual)])
        self.open_kwit("kwit", self.postfix.socket)
        return self

    def __exit__(self, *rest):
        for kwit in self.kwits.values():
            kwit.stop()
        self.postfix.__exit__(*rest)

    def open_kwit(self, name: str, socket: pathlib.Path, fill: Callable[[pathlib.Path], None] | None = None,
                  kept: pathlib.Path | None = None) -> Kwit:
        """A kwit behind the listener of that name, with an open address; nobody is told of what is filed. fill: makes
        something of its new archive, which is there, before it starts. kept: the place of an archive that is used again."""
        changes = {"policy.open.on_success": "[]", "policy.open.formats": '["pdf", "jpeg"]',
                   "archive.map_size": '"256GiB"', "log.level": '"warning"',
                   "limits.address.mails_per_day": "0", "limits.address.bytes_per_day": "0",
                   "limits.ends_at_once": "64",  # nobody is told to come back: the senders here do not
                   "milter.socket": f'"unix:{socket}"'}
        if kept:
            changes["archive.path"] = f'"{kept}"'
        kwit = Kwit(self.postfix, f"{name}-{time.monotonic_ns()}", changes)
        kwit.archive = kept or kwit.archive
        is_new = kwit.run("client", "show", "20001").returncode != 0
        if is_new:
            kwit.first_line("client", "add", "20001", "--name", "Logistik AG", "--notify", "ap@logistik.example")
        self.addresses[name] = kwit.first_line(
            "address", "add", "20001", "--policy", "open", "--symbol", "ER", "--extension", "rechnungen")
        if fill and is_new:
            fill(kwit.archive)
        kwit.start()
        wait_for(socket.exists, f"{name} to listen")
        self.kwits[name] = kwit
        self.programs[name] = kwit.process.pid
        return kwit

    @property
    def kwit(self) -> Kwit:
        return self.kwits["kwit"]

    def _start(self, name: str, command: list[str]):
        log = open(self.postfix.dir / f"{name}.log", "wb")
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.postfix.keep_pid(process.pid)
        self.programs[name] = process.pid
        wait_for(self.postfix.sockets[name].exists, f"{name} to listen")

    def processor_seconds(self, name: str) -> float:
        """What the program behind the listener and its children have used so far; 0 for Postfix alone."""
        pid = self.programs.get(name)
        return processor_seconds(pid) if pid else 0.0

    def idle(self):
        """Nothing is on its way any more, and the disk is quiet, so that nobody pays for another's work."""
        self.queue_empty()
        os.sync()

    def queue_empty(self):
        wait_for(lambda: not self.postfix.queue(), "the queue to be empty", 300)
