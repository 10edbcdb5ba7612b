"""What grows: the archive, and the mail."""

import os
import pathlib
import shutil
import subprocess

from houses import Houses, bench_program
from measure import Contender, Race, Track, median_ratio, paired, timed

MB = 1_000_000


def fill_program(*words) -> list[str]:
    """The lines that it prints."""
    return subprocess.run([str(bench_program("fill")), *map(str, words)], check=True, capture_output=True, text=True).stdout.splitlines()


class LargeArchive:
    """A second kwit whose index is that of years, beside the one whose archive is nearly empty. Where it is to be kept, it is filled
    once, and not again when it is there; each run begins without objects, as the other one does."""

    def __init__(self, houses: Houses, mails: int, addresses: int, senders: int, kept: pathlib.Path | None = None):
        self.houses, self.mails = houses, mails

        def fill(archive: pathlib.Path):
            fill_program("make", archive, mails, addresses, senders)
            os.sync()

        if kept:
            shutil.rmtree(kept / "objects", ignore_errors=True)
        self.kwit = houses.open_kwit("large", houses.postfix.sockets["large"], fill, kept)
        self.kwit.stop()  # an index is opened once in a process, and for the first time when it is large
        rows = (line.split() for line in fill_program("sizes", self.kwit.archive))
        self.tables = {name: (int(count), int(size)) for name, count, size in rows}  # rows and bytes
        if self.tables["documents"][0] < mails:
            raise RuntimeError(f"{self.kwit.archive} has fewer than {mails:,} documents: remove it")
        self.opening = [float(line) for line in fill_program("open", self.kwit.archive, 9)]  # milliseconds
        houses.programs["large"] = self.kwit.start().process.pid

    @property
    def bytes_per_mail(self) -> float:
        return sum(size for _, size in self.tables.values()) / self.mails

    def races(self, mail: pathlib.Path, mails: int) -> list[Race]:
        def contenders(recipient):
            return [Contender("an archive that is nearly empty", "kwit", recipient or self.houses.addresses["kwit"]),
                    Contender(f"one of {self.mails:,} documents", "large", recipient or self.houses.addresses["large"])]
        return [Race("a PDF of 150 kB, by the size of the archive", contenders(None), mail, mails),
                Race("refused at RCPT, by the size of the archive", contenders("faktury+9999999999@in.example.com"), mail, 2 * mails,
                     expected=550)]

    def listing(self, rounds: int) -> float:
        """The first page of a client's documents: the large archive's time to the other's."""
        words = ("document", "list", "--client", "20001", "--newest", "--limit", "50", "--json")

        def of(kwit):
            return timed(lambda: kwit.run(*words).check_returncode())
        return median_ratio(paired(rounds, lambda: of(self.houses.kwit), lambda: of(self.kwit)))


def peak_memory(houses: Houses, mail: pathlib.Path, connections: int = 8) -> int:
    """The milter's, in bytes, after so many of these mails at once; it is started anew for it."""
    houses.kwit.stop()
    houses.kwit.start()
    houses.programs["kwit"] = houses.kwit.process.pid
    Track(houses, 1).once(Race("memory", [], mail, connections, connections=connections), kwit_of(houses), connections)
    return houses.kwit.peak_memory()


def kwit_of(houses: Houses) -> Contender:
    return Contender("kwit", "kwit", houses.addresses["kwit"])


class Keeping:
    """verify and backup against what reads and copies the same files without knowing what they are."""

    def __init__(self, houses: Houses, rounds: int):
        self.kwit, self.rounds = houses.kwit, rounds
        self.objects = self.kwit.archive / "objects"
        self.place = houses.postfix.dir / "copies"
        self.jobs = os.cpu_count() or 1

    def size(self) -> int:
        return sum(path.stat().st_size for path in self.objects.rglob("*") if path.is_file())

    def verify(self) -> float:
        """sha256sum's time to that of kwit verify: its speed as a share of sha256sum's."""
        def hash_all():
            subprocess.run(f"find {self.objects} -type f -print0 | xargs -0 -n 50 -P {self.jobs} sha256sum",
                           shell=True, check=True, stdout=subprocess.DEVNULL)
        return median_ratio(paired(self.rounds, lambda: timed(lambda: self.kwit.run("verify").check_returncode()), lambda: timed(hash_all)))

    def backup(self) -> float:
        """The same with cp and sync, nothing linked."""
        def copied(step):
            shutil.rmtree(self.place, ignore_errors=True)
            os.sync()
            return timed(step)

        def cp():
            subprocess.run(["cp", "-a", str(self.kwit.archive), str(self.place)], check=True)
            subprocess.run(["sync", "-f", str(self.place)], check=True)
        pairs = paired(self.rounds, lambda: copied(lambda: self.kwit.run("backup", "--copy", str(self.place)).check_returncode()),
                       lambda: copied(cp))
        shutil.rmtree(self.place, ignore_errors=True)
        return median_ratio(pairs)
