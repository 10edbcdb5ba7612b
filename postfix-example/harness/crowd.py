"""Many MTA connections at once: some send large mails, the others ask about recipients and wait for the answers.

How long they wait is what head-of-line blocking is about. The MTAs are played here (milter_wire.py): a hundred of Postfix's
processes beside the milter on a small machine would measure the machine. Like Postfix they hand a mail over once they
have all of it, as fast as the milter takes it.
"""

import base64
import contextlib
import dataclasses
import multiprocessing
import pathlib
import random
import threading
import time

from . import mails
from .milter_wire import CHUNK, Mta, chunks

SENDER = "rechnung@lieferant.example"
THINK = 0.2  # seconds between two questions of one connection, on average


@dataclasses.dataclass(frozen=True)
class Waits:
    """How long the answers took, in seconds."""

    seconds: list[float]

    def percentile(self, percent: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]

    def row(self) -> str:
        p50, p99, most = (1000 * value for value in (self.percentile(50), self.percentile(99), max(self.seconds)))
        return f"{len(self.seconds):7} answers   p50 {p50:7.1f} ms   p99 {p99:7.1f} ms   max {most:7.1f} ms"


class Bystanders:
    """Connections that ask RCPT again and again."""

    def __init__(self, path: pathlib.Path, address: str, count: int):
        self.path, self.address = path, address
        self.waits: list[float] = []
        self.over = threading.Event()
        self.errors: list[Exception] = []
        self.threads = [threading.Thread(target=self._ask, args=(number,), daemon=True) for number in range(count)]
        for thread in self.threads:
            thread.start()

    def _ask(self, number: int):
        dice = random.Random(number)
        try:
            with Mta(self.path) as mta:
                while not self.over.wait(dice.uniform(0, 2 * THINK)):
                    mta.mail(SENDER)
                    asked = time.monotonic()
                    answer = mta.rcpt(self.address)
                    self.waits.append(time.monotonic() - asked)
                    # Busy is an answer, too: too many large mails end at this moment.
                    if answer.command != "c" and answer.verdict != "451":
                        raise ValueError(f"RCPT was answered {answer}")
                    mta.send(b"\0\0\0\1A")
        except Exception as error:  # noqa: BLE001: told by stop()
            self.errors.append(error)

    def during(self, what) -> Waits:
        """The waits while what() runs."""
        before = len(self.waits)
        what()
        return Waits(self.waits[before:])

    def stop(self):
        self.over.set()
        for thread in self.threads:
            thread.join()
        if self.errors:
            raise self.errors[0]


def large_mail(address: str, size: int) -> tuple[bytes, list[bytes]]:
    """Head and pieces of a mail with one PDF, of about this size."""
    head = (f"From: {SENDER}\r\nTo: {address}\r\nSubject: large\r\nDate: Sat, 14 Nov 2026 10:00:00 +0100\r\n"
            "MIME-Version: 1.0\r\nContent-Type: application/pdf; name=large.pdf\r\nContent-Transfer-Encoding: base64\r\n"
            "Content-Disposition: attachment; filename=large.pdf\r\n\r\n")
    encoded = base64.encodebytes(mails.pdf(size=size * 54 // 74 // 57 * 57)).replace(b"\n", b"\r\n")
    return head.encode(), chunks(encoded, CHUNK)


def marked(piece: bytes, number: int) -> bytes:
    """The first piece with eight characters of its own, so that no two documents are the same."""
    at = piece.index(b"\r\n", len(piece) - 1000) + 2
    return piece[:at] + b"%08d" % number + piece[at + 8:]


def send_large(path: pathlib.Path, address: str, count: int, size: int):
    """So many large mails at once, each again after "busy"; in a process of its own, as it shares nothing with who measures."""
    process = multiprocessing.get_context("fork").Process(target=_send_all, args=(path, address, count, size))
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError("the large mails were not taken")


def _send_all(path: pathlib.Path, address: str, count: int, size: int):
    head, pieces = large_mail(address, size)
    answers = []

    def send(number: int):
        mail = [head, marked(pieces[0], number), *pieces[1:]]
        verdict = "451"
        while verdict == "451":
            with contextlib.closing(Mta(path)) as mta:
                verdict = mta.deliver([address], mail).last.verdict
            if verdict == "451":
                time.sleep(random.uniform(0.1, 0.5))
        answers.append(verdict)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if answers != ["d"] * count:
        raise SystemExit(f"the large mails were answered {answers}")
