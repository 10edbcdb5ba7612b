"""Times of several contenders, measured in turn, and their ratios round by round."""

import dataclasses
import pathlib
import statistics
import subprocess
import time

from harness import mails
from harness.kwit import build_dir
from houses import Houses

PLACE = "0000000000"


@dataclasses.dataclass(frozen=True)
class Contender:
    label: str
    port: str  # name of a listener of BenchPostfix
    recipient: str
    until_idle: bool = False  # the mail is only filed when Postfix's queue is empty


@dataclasses.dataclass(frozen=True)
class Race:
    """The same mails to each contender; the first one is what the others are compared with."""

    label: str
    contenders: list[Contender]
    template: pathlib.Path
    mails: int
    connections: int = 8
    per_connection: int = 1
    expected: int = 250


@dataclasses.dataclass
class Result:
    race: Race
    seconds: dict[str, list[float]]  # label of a contender -> its time in each round

    def ratios(self, label: str, to: str = "") -> list[float]:
        base = self.seconds[to or self.race.contenders[0].label]
        return [one / other for one, other in zip(self.seconds[label], base)]

    def ratio(self, label: str, to: str = "") -> float:
        return statistics.median(self.ratios(label, to))


def template(directory: pathlib.Path, pdf_bytes: int) -> pathlib.Path:
    """A mail with a PDF of this size; bench-load numbers its Message-ID and the PDF's first line."""
    head = mails.PDF_HEAD + b"%" + PLACE.encode()
    head += b"-" * (57 - 1 - len(head)) + b"\n"
    mail = mails.letter("rechnung@lieferant.example", "taken@bench.example", f"Rechnung {PLACE}",
                        files=mails.one_pdf(mails.pdf("Faktura", pdf_bytes, head), "rechnung.pdf"),
                        headers={"Message-ID": f"<{PLACE}@lieferant.example>"})
    path = directory / f"{pdf_bytes}.eml"
    raw = mail.as_bytes()
    assert PLACE.encode() in raw and b"JVBERi0xLjQKJTAwMDAwMDAwMDAt" in raw
    path.write_bytes(raw)
    return path


class Track:
    """Runs races; every mail of a session has a number of its own."""

    def __init__(self, houses: Houses, rounds: int, say=print):
        self.houses, self.rounds, self.say = houses, rounds, say
        self.first = 1

    def run(self, race: Race) -> Result:
        result = Result(race, {contender.label: [] for contender in race.contenders})
        for contender in race.contenders:  # everybody has started its processes and opened its files
            self.once(race, contender, min(race.mails, 16))
        for number in range(self.rounds):
            turned = race.contenders[number % len(race.contenders):] + race.contenders[:number % len(race.contenders)]
            for contender in turned:
                result.seconds[contender.label].append(self.once(race, contender, race.mails))
            self.say(f"  {race.label}: round {number + 1} of {self.rounds}")
        return result

    def once(self, race: Race, contender: Contender, count: int) -> float:
        self.houses.idle()
        first, self.first = self.first, self.first + count
        started = time.monotonic()
        done = subprocess.run(
            [str(build_dir() / "tests/bench/bench-load"), str(self.houses.postfix.ports[contender.port]), str(race.template),
             contender.recipient, str(race.connections), str(count), str(race.per_connection), str(race.expected), str(first)],
            capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{race.label}, {contender.label}: {done.stderr}")
        if not contender.until_idle:
            return float(done.stdout)
        self.houses.queue_empty()
        return time.monotonic() - started
