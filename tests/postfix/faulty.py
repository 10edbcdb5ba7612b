"""Faults for a kwit-milter that runs: calls that fail (tests/faults/inject.c), disks and mounts of its own."""

import contextlib
import mmap
import os
import pathlib
import struct
import subprocess

from harness.kwit import Kwit, build_dir
from harness.postfix import wait_for

# kinds of calls, as in inject.c
WRITE, SYNC, MAKE, OPEN, META = 1, 2, 4, 8, 16


class Faults:
    """What the calls of one milter meet, changed while it runs."""

    FIELDS = ("kinds", "skip", "count", "error", "wait_ms", "seen", "struck", "realtime_ms", "monotonic_ms")
    SIZE = 4096

    def __init__(self, kwit: Kwit):
        self.below = kwit.archive
        path = kwit.dir / "faults"
        path.write_bytes(bytes(self.SIZE))
        path.chmod(0o666)
        with open(path, "r+b") as file:
            self._control = mmap.mmap(file.fileno(), self.SIZE)
        library = build_dir() / "tests" / "libinject.so"
        kwit.milter_prefix = ["env", f"LD_PRELOAD={library}", f"KWIT_INJECT={path}", *kwit.milter_prefix]

    def __getitem__(self, field: str) -> int:
        return struct.unpack_from("<q", self._control, 8 * self.FIELDS.index(field))[0]

    def __setitem__(self, field: str, value: int):
        struct.pack_into("<q", self._control, 8 * self.FIELDS.index(field), value)

    def strike(self, kinds: int, error: int = 0, skip: int = 0, count: int = -1, wait: float = 0, below=None):
        """From now on: of the calls of these kinds `skip` pass, then `count` (-1: all) wait and fail."""
        self.stop()
        name = os.fsencode(below or self.below) + b"\0"
        self._control[8 * len(self.FIELDS):8 * len(self.FIELDS) + len(name)] = name
        values = {"skip": skip, "count": count, "error": error, "wait_ms": int(wait * 1000), "seen": 0, "struck": 0}
        for field, value in values.items():
            self[field] = value
        self["kinds"] = kinds

    def stop(self) -> int:
        """The cause is gone; how many calls were struck."""
        self["kinds"] = 0
        return self["struck"]

    @contextlib.contextmanager
    def lasting(self, kinds: int, error: int):
        self.strike(kinds, error)
        try:
            yield
        finally:
            self.stop()


class Mounts:
    """A mount namespace: what is mounted there is seen by the programs of one kwit, and gone with it."""

    def __init__(self, kwit: Kwit):
        self.keeper = subprocess.Popen(["unshare", "--mount", "--propagation", "private", "sleep", "infinity"],
                                       stdin=subprocess.DEVNULL)
        self._postfix = kwit.postfix
        kwit.postfix.keep_pid(self.keeper.pid)
        ours = os.readlink("/proc/self/ns/mnt")
        wait_for(lambda: os.readlink(f"/proc/{self.keeper.pid}/ns/mnt") != ours, "a mount namespace")
        self.prefix = ["nsenter", "--target", str(self.keeper.pid), "--mount", "--"]
        kwit.prefix = [*self.prefix, *kwit.prefix]

    def run(self, *command: str):
        subprocess.run([*self.prefix, *command], check=True, stdin=subprocess.DEVNULL)

    def disk(self, place: pathlib.Path, size: str, options: str = "rw"):
        """A small disk of its own."""
        place.mkdir(exist_ok=True)
        self.run("mount", "-t", "tmpfs", "-o", f"size={size},mode=0750,{options}", "kwit-test", str(place))

    def fill(self, place: pathlib.Path) -> pathlib.Path:
        """Takes all that is left of a disk by one file, which is returned."""
        filler = place / "filler"
        subprocess.run([*self.prefix, "dd", "if=/dev/zero", f"of={filler}", "bs=64k"], stdin=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        return filler

    def close(self):
        self.keeper.kill()
        self.keeper.wait()
        self._postfix.forget_pid(self.keeper.pid)


def can_mount() -> bool:
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0


def lines_with(kwit: Kwit, level: str) -> list[str]:
    """The lines of the log with that level, without their queue ids."""
    mark = f": {level}: "
    return [line.partition(mark)[2] for line in kwit.log_text().splitlines() if mark in line]


def the_error(kwit: Kwit) -> str:
    """The one line that tells the cause and the remedy, as an admin should find it."""
    errors = lines_with(kwit, "error")
    assert len(errors) == 1, errors
    assert "; " in errors[0], "no remedy"
    return errors[0]
