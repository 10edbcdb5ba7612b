"""kwit against no milter, milters that do nothing, the least durable intake, and what people write instead."""

import argparse
import dataclasses
import os
import pathlib
import secrets
import statistics
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "postfix-example"), str(HERE)]

from houses import PIPED, TAKEN, Houses  # noqa: E402
from large import MB, Keeping, LargeArchive, kwit_of, peak_memory  # noqa: E402
from measure import Contender, Race, Result, Track, least_processor_per_mb, picture, template  # noqa: E402
from page import Plot, write_page  # noqa: E402

NONE = Contender("no milter", "none", f"taken@{TAKEN}")
ACCEPT = Contender("ACCEPT at DATA (C)", "accept", f"taken@{TAKEN}")
DISCARD = Contender("DISCARD, keeps nothing (C)", "discard", f"taken@{TAKEN}")
BARE = Contender("bare durable intake (C)", "durable", f"taken@{TAKEN}")
USUAL = Contender("pymilter script", "usual", f"taken@{TAKEN}")
PIPE = Contender("script behind pipe(8)", "none", f"taken@{PIPED}", until_idle=True)


@dataclasses.dataclass(frozen=True)
class Scope:
    """How much is measured."""

    rounds: int
    part: int  # of the mails of a whole run, one in so many
    sizes: list[int]
    connections: list[int]
    memory_sizes: list[int]
    documents: int
    kept: pathlib.Path | None = None  # where the large archive stays

    @property
    def curve_rounds(self) -> int:
        return max(3, self.rounds // 2)


QUICK = Scope(3, 3, [20_000, 150_000, 2_000_000], [1, 8, 64], [2_000_000, 25_000_000], 100_000)
WHOLE = Scope(7, 1, [5_000, 20_000, 50_000, 150_000, 500_000, 2_000_000, 5_000_000], [1, 2, 4, 8, 16, 32, 64],
              [1_000_000, 5_000_000, 10_000_000, 25_000_000], 1_000_000)


@dataclasses.dataclass(frozen=True)
class Goal:
    words: str
    figure: float
    relation: str  # "<=" or ">="
    goal: float

    @property
    def met(self) -> bool:
        return self.figure <= self.goal if self.relation == "<=" else self.figure >= self.goal

    def __str__(self) -> str:
        return f"{self.words}: {self.figure:.2f} ({self.relation} {self.goal})"


class Bench:
    def __init__(self, houses: Houses, scope: Scope, only: str):
        self.houses, self.scope, self.only = houses, scope, only
        self.track = Track(houses, scope.rounds, lambda line: print(line, file=sys.stderr, flush=True))
        self.results: dict[str, Result] = {}
        self.plots: list[Plot] = []
        self.goals: list[Goal] = []
        self.kwit = kwit_of(houses)
        if scope.kept:  # it has the mails of earlier runs, and takes none of them again
            self.track.first += secrets.randbelow(9_000_000_000)

    def mail(self, size: int, *document) -> pathlib.Path:
        return template(self.houses.postfix.dir, size, *document)

    def wants(self, label: str) -> bool:
        return self.only in label

    def promise(self, *goal):
        self.goals.append(Goal(*goal))

    def run(self):
        for part in (self.keeping, self.race, self.least, self.by_size, self.by_connections, self.memory, self.large):
            part()

    # ── the races ────────────────────────────────────────────────────────────────────────────────

    def races(self) -> list[Race]:
        part = self.scope.part
        ordinary = dataclasses.replace(self.kwit, recipient=f"taken@{TAKEN}")
        unknown = dataclasses.replace(self.kwit, recipient="faktury+0000000000@in.example.com")
        table = Contender("Postfix's own table", "none", f"nobody@{TAKEN}")
        beside = Contender("the same beside a milter (C)", "accept", f"nobody@{TAKEN}")  # what any milter costs
        taking = [NONE, DISCARD, BARE, self.kwit, USUAL, PIPE]
        unseen = Contender("kwit, a picture", "kwit", self.kwit.recipient, template=self.mail(150_000, picture))
        return [
            Race("a PDF of 150 kB", taking, self.mail(150_000), 300 // part),
            Race("a PDF of 2 MB", taking, self.mail(2_000_000), 60 // part),
            Race("looking inside, 150 kB", [NONE, self.kwit, unseen], self.mail(150_000), 300 // part),
            Race("ordinary mail", [ACCEPT, ordinary, NONE], self.mail(20_000), 600 // part),
            Race("refused at RCPT", [table, unknown, beside], self.mail(20_000), 1200 // part, expected=550),
        ]

    def race(self):
        chosen = [race for race in self.races() if self.wants(race.label)]
        for race in chosen:
            result = self.results[race.label] = self.track.run(race)
            show(result)
        for size in ("150 kB", "2 MB"):
            if result := self.results.get(f"a PDF of {size}"):
                self.promise(f"intake of {size} to no milter", result.ratio("kwit"), "<=", 1.5)
                self.promise(f"intake of {size} to the bare durable intake", result.ratio("kwit", BARE.label), "<=", 1.15)
                self.promise(f"pymilter script to kwit, {size}", result.ratio(USUAL.label, "kwit"), ">=", 2.5)
        if result := self.results.get("looking inside, 150 kB"):
            added = [one - other for one, other in zip(result.ratios("kwit"), result.ratios("kwit, a picture"))]
            self.promise("what looking inside adds to the ratio, 150 kB", statistics.median(added), "<=", 0.2)
        if result := self.results.get("ordinary mail"):
            self.promise("ordinary mail to ACCEPT at DATA", result.ratio("kwit"), "<=", 1.05)
        if result := self.results.get("refused at RCPT"):
            self.promise("refusal at RCPT to Postfix's own", result.ratio("kwit"), "<=", 1.10)

    def least(self):
        """Processor time against the least that a document costs."""
        for label, result in self.results.items():
            if not label.startswith("a PDF of"):
                continue
            least, used = least_processor_per_mb(result.race.template), result.processor_per_mb("kwit")
            print(f"\nprocessor time for each MB, {label}: decoding and digests {least:.2f} ms, kwit with its inspector {used:.2f} ms, "
                  f"the bare intake {result.processor_per_mb(BARE.label):.2f} ms, the pymilter script {result.processor_per_mb(USUAL.label):.2f} ms")
            self.promise(f"processor time of kwit to decoding and digests alone, {label}", used / least, "<=", 2)

    # ── what grows ───────────────────────────────────────────────────────────────────────────────

    def curve(self, title: str, about: str, races: dict[str, Race], goal: float | None = None):
        """Ratios to the first contender, for each race a place."""
        if not self.wants(title):
            return
        track, results = Track(self.houses, self.scope.curve_rounds, self.track.say), {}
        track.first = self.track.first
        for place, race in races.items():
            results[place] = track.run(race)
        self.track.first = track.first
        contenders = next(iter(races.values())).contenders[1:]
        lines = {one.label: [result.ratio(one.label) for result in results.values()] for one in contenders}
        print(f"\n{title}, as a ratio to {NONE.label}\n  {'':28}" + "".join(f"{place:>9}" for place in results))
        for label, figures in lines.items():
            print(f"  {label:28}" + "".join(f"{figure:9.2f}" for figure in figures))
        self.plots.append(Plot(title, about, list(results), lines, goal))

    def by_size(self):
        def race(size):
            mails = max(16, min(300, 60_000_000 // size) // self.scope.part)
            return Race(f"PDF of {size:,} bytes", [NONE, self.kwit, BARE], self.mail(size), mails)
        self.curve("by the size of the document", "Wall time to the same Postfix without a milter; 8 connections.",
                   {size_word(size): race(size) for size in self.scope.sizes}, 1.5)

    def by_connections(self):
        def race(count):
            return Race(f"{count} connections", [NONE, self.kwit, BARE], self.mail(150_000), max(64, 200 // self.scope.part), connections=count)
        self.curve("by the number of connections", "Wall time to the same Postfix without a milter; a PDF of 150 kB.",
                   {str(count): race(count) for count in self.scope.connections}, 1.5)

    def memory(self):
        if not self.wants("memory"):
            return
        peaks = {size: peak_memory(self.houses, self.mail(size)) for size in self.scope.memory_sizes}
        print("\npeak memory of the milter, 8 such mails at once")
        for size, peak in peaks.items():
            print(f"  {size_word(size):>8}  {peak / 2**20:6.1f} MiB")
        self.plots.append(Plot("memory by the size of the document", "Peak of the milter in MiB (VmHWM), 8 such mails at once.",
                               [size_word(size) for size in peaks], {"kwit-milter": [peak / 2**20 for peak in peaks.values()]}, 64))
        self.promise(f"peak memory in MiB with 8 mails of {size_word(max(peaks))} at once", peaks[max(peaks)] / 2**20, "<=", 64)
        self.promise("the same to that with the smallest of them", peaks[max(peaks)] / peaks[min(peaks)], "<=", 1.25)

    def large(self):
        if not self.wants("large archive"):
            return
        documents = self.scope.documents
        print(f"\nan index with {documents:,} documents, filled first where none is kept", file=sys.stderr, flush=True)
        large = LargeArchive(self.houses, documents, max(100, documents // 100), max(1000, documents // 10), self.scope.kept)
        print(f"\nan index of {documents:,} mails with a document each: {large.bytes_per_mail:.0f} bytes a mail; opened in "
              f"{statistics.median(large.opening):.1f} ms")
        for name, (rows, size) in sorted(large.tables.items(), key=lambda item: -item[1][1])[:8]:
            print(f"  {name:22} {rows:12,} rows {size / rows:8.0f} bytes each")
        ratios = {}
        for race in large.races(self.mail(150_000), 300 // self.scope.part):
            result = self.results[race.label] = self.track.run(race)
            show(result)
            ratios[race.label] = result.ratio(race.contenders[1].label)
        ratios["first page of a client's documents, by the size of the archive"] = large.listing(2 * self.scope.rounds + 1)
        for words, ratio in ratios.items():
            self.promise(words, ratio, "<=", 1.3)
        self.plots.append(Plot("by the size of the archive", "Times to those with the archive that is nearly empty.",
                               ["nearly empty", f"{documents:,} documents"],
                               {words.partition(", by")[0]: [1.0, ratio] for words, ratio in ratios.items()}, 1.3))
        self.promise("milliseconds to open the large archive", statistics.median(large.opening), "<=", 100)

    def keeping(self):
        if not self.wants("keeping"):
            return
        keeping = Keeping(self.houses, self.scope.curve_rounds)
        while keeping.size() < 300 * MB // self.scope.part:
            self.track.once(Race("", [], self.mail(2_000_000), 0), self.kwit, 30)
        print(f"\nverify and backup of {keeping.size() / MB:.0f} MB of objects")
        self.promise("speed of kwit verify to sha256sum's", keeping.verify(), ">=", 0.5)
        self.promise("speed of kwit backup --copy to that of cp and sync", keeping.backup(), ">=", 0.5)


def size_word(size: int) -> str:
    return f"{size / MB:g} MB" if size >= MB else f"{size // 1000} kB"


def row(result: Result, label: str) -> str:
    seconds, ratios = result.seconds[label], result.ratios(label)
    return (f"  {label:32} {min(seconds):8.3f} {statistics.median(seconds):8.3f} {max(seconds):8.3f} s"
            f"   {min(ratios):6.2f} {statistics.median(ratios):6.2f} {max(ratios):6.2f}   {result.processor_per_mail(label):8.2f} ms")


def show(result: Result):
    race = result.race
    print(f"\n{race.label}: {race.mails} mails, {race.connections} connections, {race.per_connection} mail(s) in each")
    print(f"  {'':32} {'min':>8} {'median':>8} {'max':>8}     {'ratio to the first':>20}   {'processor':>11} a mail")
    for contender in race.contenders:
        print(row(result, contender.label))
    sys.stdout.flush()


def machine() -> str:
    model = next((line.partition(":")[2].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "a processor that does not tell its name")
    digests = "with" if " sha_ni" in pathlib.Path("/proc/cpuinfo").read_text() else "without"
    return f"{os.cpu_count()} processors ({model}, {digests} instructions for SHA)"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="under 3 minutes: fewer mails, 3 rounds, a smaller large archive")
    arguments.add_argument("--rounds", type=int)
    arguments.add_argument("--documents", type=int, help="in the large archive; each takes 3.3 kB of disk")
    arguments.add_argument("--keep", type=pathlib.Path, help="the large archive is made here, stays, and is used again by the next run")
    arguments.add_argument("--only", default="", help="races and parts whose name contains this")
    arguments.add_argument("--page", default="", help="write an HTML page with plots here")
    chosen = arguments.parse_args()
    scope = QUICK if chosen.quick else WHOLE
    scope = dataclasses.replace(scope, rounds=chosen.rounds or scope.rounds, documents=chosen.documents or scope.documents,
                                kept=chosen.keep and chosen.keep.resolve())
    with Houses() as houses:
        bench = Bench(houses, scope, chosen.only)
        bench.run()
        verified = houses.kwit.run("verify").returncode == 0
    print("\ngoals")
    for goal in bench.goals:
        print(f"  {'met    ' if goal.met else 'not met'} {goal}")
    if chosen.page:
        write_page(pathlib.Path(chosen.page), bench.results, bench.plots, [(goal.met, str(goal)) for goal in bench.goals], machine())
    print(f"\narchive: {'whole' if verified else 'DAMAGED'}; {machine()}, medians of {scope.rounds} rounds")
    return 0 if verified else 1


if __name__ == "__main__":
    sys.exit(main())
