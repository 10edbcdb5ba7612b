"""Times of several contenders, measured in turn, and their ratios round by round; what else is counted beside them."""

import base64
import dataclasses
import os
import pathlib
import statistics
import subprocess
import time
from collections.abc import Callable

from harness import mails
from houses import Houses, bench_program

PLACE = "0000000000"


@dataclasses.dataclass(frozen=True)
class Contender:
    label: str
    port: str  # name of a listener of BenchPostfix
    recipient: str
    until_idle: bool = False  # the mail is only filed when Postfix's queue is empty
    template: pathlib.Path | None = None  # another mail than that of the race


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
    seconds: dict[str, list[float]]    # label of a contender -> its time in each round
    processor: dict[str, list[float]]  # the same of the program behind its listener, without Postfix; 0: none

    def ratios(self, label: str, to: str = "") -> list[float]:
        base = self.seconds[to or self.race.contenders[0].label]
        return [one / other for one, other in zip(self.seconds[label], base)]

    def ratio(self, label: str, to: str = "") -> float:
        return statistics.median(self.ratios(label, to))

    def processor_per_mail(self, label: str) -> float:
        """Milliseconds."""
        return statistics.median(self.processor[label]) * 1e3 / self.race.mails

    def processor_per_mb(self, label: str) -> float:
        """Milliseconds for each MB of mail."""
        megabytes = self.race.mails * self.race.template.stat().st_size / 1e6
        return statistics.median(self.processor[label]) * 1e3 / megabytes


LINE = 57  # bytes: one line of base64


def numbered_line() -> bytes:
    """The second line of every document, in which bench-load counts; alone in its line of base64."""
    return (b"%" + PLACE.encode()).ljust(LINE - 1, b"-") + b"\n"


def pdf(size: int) -> bytes:
    first = (mails.PDF_HEAD + b"%").ljust(LINE - 1, b"-") + b"\n"
    return mails.pdf("Faktura", size, first + numbered_line())


def picture(size: int) -> bytes:
    """As many bytes that nobody looks into: a JPEG by its beginning."""
    return b"\xff\xd8\xff\xfe".ljust(LINE - 1, b"-") + b"\n" + numbered_line() + os.urandom(size // 2).hex().encode()


def template(directory: pathlib.Path, size: int, document: Callable[[int], bytes] = pdf) -> pathlib.Path:
    """A mail with a document of this size; bench-load numbers its Message-ID and the document."""
    name, media_type = ("rechnung.pdf", "application/pdf") if document is pdf else ("rechnung.jpg", "image/jpeg")
    mail = mails.letter("rechnung@lieferant.example", "taken@bench.example", f"Rechnung {PLACE}",
                        files=[(name, document(size), media_type)], headers={"Message-ID": f"<{PLACE}@lieferant.example>"})
    path = directory / f"{size}-{name}.eml"
    raw = mail.as_bytes()
    assert PLACE.encode() in raw and base64.b64encode(numbered_line()) in raw
    path.write_bytes(raw)
    return path


class Track:
    """Runs races; every mail of a session has a number of its own."""

    def __init__(self, houses: Houses, rounds: int, say=print):
        self.houses, self.rounds, self.say = houses, rounds, say
        self.first = 1

    def run(self, race: Race) -> Result:
        labels = [contender.label for contender in race.contenders]
        result = Result(race, {label: [] for label in labels}, {label: [] for label in labels})
        for contender in race.contenders:  # everybody has started its processes and opened its files
            self.once(race, contender, min(race.mails, 16))
        for number in range(self.rounds):
            turn = number % len(race.contenders)
            for contender in race.contenders[turn:] + race.contenders[:turn]:
                used = self.houses.processor_seconds(contender.port)
                result.seconds[contender.label].append(self.once(race, contender, race.mails))
                result.processor[contender.label].append(self.houses.processor_seconds(contender.port) - used)
            self.say(f"  {race.label}: round {number + 1} of {self.rounds}")
        return result

    def once(self, race: Race, contender: Contender, count: int) -> float:
        self.houses.idle()
        first, self.first = self.first, self.first + count
        started = time.monotonic()
        done = subprocess.run(
            [str(bench_program("load")), str(self.houses.postfix.ports[contender.port]), str(contender.template or race.template),
             contender.recipient, str(race.connections), str(count), str(race.per_connection), str(race.expected), str(first)],
            capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{race.label}, {contender.label}: {done.stderr}")
        if not contender.until_idle:
            return float(done.stdout)
        self.houses.queue_empty()
        return time.monotonic() - started


def least_processor_per_mb(mail: pathlib.Path) -> float:
    """Milliseconds for each MB of mail that decoding and hashing alone take."""
    return float(subprocess.run([str(bench_program("loops")), str(mail)], check=True, capture_output=True, text=True).stdout)


def paired(rounds: int, one: Callable[[], float], other: Callable[[], float]) -> list[tuple[float, float]]:
    """Two things measured in turn, each first in every second round."""
    pairs = []
    for number in range(rounds):
        if number % 2:
            second = other()
            pairs.append((one(), second))
        else:
            pairs.append((one(), other()))
    return pairs


def timed(step: Callable[[], object]) -> float:
    started = time.monotonic()
    step()
    return time.monotonic() - started


def median_ratio(pairs: list[tuple[float, float]]) -> float:
    """Of the second to the first."""
    return statistics.median(other / one for one, other in pairs)
