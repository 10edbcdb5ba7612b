"""Mails made to take kwit down: answered soon, within memory that does not grow with them, and the next mail is filed.

docs/hostile-mail.md has what was measured.
"""

import os
import pathlib
import re
import threading
import time

import pytest

import containers
import hostile
from harness import mails
from harness.kwit import Kwit
from office import SUPPLIER, Office, running, was_taken

MIB = 2**20
MOST = 150 * MIB  # of milter and workers together

MTA_REFUSES = {"550"}  # Postfix has a limit of its own

FLOODS = {
    "300,000 parts": (lambda: hostile.parts(300_000), {"too-many-parts"}),
    "200,000 headers": (lambda: hostile.headers(200_000), {"headers-over-limit"}),
    "200,000 headers of a part": (lambda: hostile.headers_of_a_part(200_000), {"headers-over-limit"}),
    "multiparts 10,000 deep": (lambda: hostile.depth(10_000), MTA_REFUSES),
    "mails 10,000 deep": (lambda: hostile.mails_in_mails(10_000), {"nesting-too-deep"}),
    "groups in groups": (lambda: hostile.groups(29_000), {"headers-over-limit"}),
    "groups in groups of an attached mail": (lambda: hostile.groups_of_an_attached_mail(29_000), {"headers-over-limit"}),
    "encoded words": (lambda: hostile.encoded_words(16_000), {"headers-over-limit"}),
    "a PDF bomb in a page": (lambda: with_pdf(hostile.pdf_bomb(10 * 1024 * MIB, "page")), set()),
    "a PDF bomb in objects": (lambda: with_pdf(hostile.pdf_bomb(10 * 1024 * MIB, "objects")), {"uninspectable"}),
    "a PDF bomb in the table": (lambda: with_pdf(hostile.pdf_bomb(10 * 1024 * MIB, "table")), {"uninspectable"}),
    "a ZIP bomb": (lambda: with_zip(containers.zeros("a.pdf", 10 * 1024)), {"container-over-budget"}),
    "a ZIP of files that hold one another": (lambda: with_zip(containers.overlapping(900)), {"container-over-budget"}),
    "65,000 names in a ZIP": (lambda: with_zip(containers.raw_zip([("a.pdf", b"", 0, 0)], overlapping=65_000, method=0)),
                              {"container-over-budget"}),
    "14,000,000 files in a text": (lambda: with_zip(containers.zipped([("x.uu", b"begin 644 x\n`\n" * 14_000_000 + os.urandom(2 * MIB))])),
                                   {"container-over-budget"}),
    "mails in mails in a ZIP": (lambda: with_zip(containers.zipped([("x.eml", hostile.nested_mails(16, 120 * MIB))])),
                                {"container-over-budget"}),
}


def with_pdf(content: bytes) -> bytes:
    return mails.letter(SUPPLIER, "x@in.example.com", "x", files=mails.one_pdf(content)).as_bytes()


def with_zip(content: bytes) -> bytes:
    return mails.letter(SUPPLIER, "x@in.example.com", "x", files=[("re.zip", content, "application/zip")]).as_bytes()


class Memory(threading.Thread):
    """The most memory that the milter and its workers ever had together, looked at all the time."""

    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self.pid, self.most, self.on = pid, 0, True

    def run(self):
        while self.on:
            self.most = max(self.most, sum(resident(pid) for pid in family(self.pid)))
            time.sleep(0.002)

    def end(self) -> int:
        self.on = False
        self.join()
        return self.most


def family(pid: int) -> list[int]:
    """A process and all that come from it."""
    try:
        tasks = list(pathlib.Path(f"/proc/{pid}/task").glob("*/children"))
        children = [int(child) for task in tasks for child in task.read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [pid] + [member for child in children for member in family(child)]


def resident(pid: int) -> int:
    """What it has of its own: memory that a child shares with who forked it counts once."""
    try:
        text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.M)
    return int(found.group(1)) * 1024 if found else 0


def processor_time(pid: int) -> float:
    """Of the milter alone."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.fixture(scope="module")
def shared(session_postfix):
    # A busy machine is no reason for another answer; the memory is the default.
    changes = {"inspector.timeout": '"60s"', "inspector.cpu": '"2s"', "inspector.memory": '"128MiB"'}
    with running(Kwit(session_postfix, "kwit-floods", changes)) as kwit:
        yield Office(kwit).open()


@pytest.mark.plain_build
@pytest.mark.postfix_only("which floods the MTA refuses by itself differs: Sendmail takes 32 KiB of headers, and any depth")
@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_is_answered_and_the_next_mail_is_filed(shared, name):
    make, reasons = FLOODS[name]
    mail = make()
    if b"Message-ID" not in mail:  # or it would be the same mail again
        mail = b"Message-ID: <%d@lieferant.example>\r\n" % list(FLOODS).index(name) + mail
    memory = Memory(shared.kwit.process.pid)
    memory.start()
    used, begun = processor_time(shared.kwit.process.pid), time.monotonic()
    answer = shared.send(mail, [shared.open_address])
    seconds = time.monotonic() - begun
    work = processor_time(shared.kwit.process.pid) - used
    most = memory.end()
    print(f"{name}: {len(mail) / MIB:.1f} MiB, {answer.last.code}, {seconds:.2f} s, {work:.2f} s of processor time, "
          f"{most / MIB:.0f} MiB")
    if reasons == MTA_REFUSES:
        assert answer.last.code == 550 and "MIME nesting exceeds" in answer.last.text
    else:
        assert was_taken(answer)
        newest = shared.show(shared.kwit.rows("receipt", "list")[-1]["id"])
        assert set(newest["reasons"]) == reasons
    # How long it takes by the clock on the wall is up to who else uses the machine.
    assert work < 5 and most < MOST
    before = len(shared.documents())
    assert was_taken(shared.send_open(files=mails.one_pdf(mails.pdf(f"after {name}"))))
    assert len(shared.documents()) == before + 1
