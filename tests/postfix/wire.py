"""What the tests share that speak to kwit-milter themselves, without a Postfix (harness/milter_wire.py)."""

import concurrent.futures
import hashlib
import os
import pathlib
import re

import pytest

from harness import milter_wire as words
from harness.kwit import SPARE_FILES, Kwit
from harness.milter_wire import Mta
from harness.postfix import Place, wait_for
from office import SUPPLIER, Office, running

QUIET = {"policy.open.on_success": "[]", "policy.tagged.on_success": "[]"}  # nobody is told of what went well


@pytest.fixture(scope="module")
def place(session_sink):
    with Place(session_sink.port) as place:
        yield place


@pytest.fixture
def postfix(place):
    """There is none: what the other fixtures need of it is its place."""
    return place


@pytest.fixture(scope="module")
def shared(place):
    """An office for all tests of a file: each knows its own mails by their subject."""
    with running(Kwit(place, "kwit-shared", QUIET)) as kwit:
        yield Office(kwit).open()


@pytest.fixture
def mta(postfix):
    """Opens connections to the milter that runs; closes them after the test."""
    connections = []

    def opened(**options) -> Mta:
        connections.append(Mta(postfix.socket, **options))
        return connections[-1]

    yield opened
    for connection in connections:
        connection.close()


def receipts_of(office: Office, subject: str) -> list[dict]:
    """The receipts that there are now of mails with this subject, oldest first."""
    return [row for row in office.kwit.rows("receipt", "list") if row["subject"] == subject]


def filed(office: Office, subject: str) -> int:
    """How many documents of mails with this subject there are."""
    receipts = {row["id"] for row in receipts_of(office, subject)}
    return sum(row["receipt"] in receipts for row in office.documents())


def ready_to_end(office: Office, subject: str) -> tuple[Mta, bytes]:
    """A connection with a mail that lacks nothing but its end, and the mail."""
    mail = office.open_mail(subject).as_bytes()
    fields, rest = words.split(mail)
    mta = Mta(office.kwit.postfix.socket)
    mta.mail(SUPPLIER)
    mta.rcpt(office.open_address)
    mta.data()
    for field in fields:
        mta.header(*field)
    mta.ask(words.END_OF_HEADERS)
    mta.ask(words.body(rest))
    return mta, mail


def is_kept(office: Office, mail: bytes) -> bool:
    """Whether this very mail is stored as it came (`kwit receipt original` would take a process for each)."""
    digest = hashlib.sha256(mail).hexdigest()
    return (office.kwit.archive / "objects" / "sha256" / digest[:2] / digest[2:4] / digest).exists()


def deliver_all(office: Office, messages: list, connections: int = 8) -> list[str]:
    """The mails over several connections at once, which share commits: the verdict of each."""

    def some(first: int) -> list[str]:
        with Mta(office.kwit.postfix.socket) as mta:
            return [mta.deliver([office.open_address], message).last.verdict for message in messages[first::connections]]

    with concurrent.futures.ThreadPoolExecutor(connections) as pool:
        return [verdict for verdicts in pool.map(some, range(connections)) for verdict in verdicts]


class Footprint:
    """What a process holds of the system: descriptors and threads."""

    def __init__(self, pid: int):
        self.proc = pathlib.Path("/proc") / str(pid)

    def descriptors(self) -> int:
        return len(os.listdir(self.proc / "fd"))

    def threads(self) -> int:
        return int(re.search(r"Threads:\s+(\d+)", (self.proc / "status").read_text()).group(1))

    def wait_for(self, descriptors: int, threads: int):
        """Until it holds no more than this and its spare files; libmilter's spare workers need some seconds to go."""
        wait_for(lambda: self.descriptors() <= descriptors + SPARE_FILES and self.threads() <= threads,
                 f"{self.descriptors()} descriptors and {self.threads()} threads to become {descriptors} and {threads}", 30)
