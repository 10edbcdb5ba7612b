"""More at once than there is room for: import addresses hear it at RCPT, ordinary mail passes, nothing is lost."""

import threading

import pytest

from faulty import SYNC, Faults, Mounts, can_mount, the_error
from harness import mails
from harness.postfix import wait_for
from harness.smtp import Client
from office import SUPPLIER, Office, was_refused, was_taken

BOSS = "boss@example.com"
MIB = 1 << 20


def rcpt(office: Office, options: str = "", keep: list | None = None):
    """What RCPT of the import address says; the session stays open in `keep`, at DATA."""
    session = Client(office.kwit.postfix.port)
    session.ask("MAIL", f"FROM:<{SUPPLIER}>{options and ' ' + options}")
    reply = session.ask("RCPT", f"TO:<{office.open_address}>")
    if keep is not None and reply.code == 250:
        assert session.ask("DATA").code == 354
        keep.append(session)
    else:
        session.close()
    return reply


def ordinary_mail_passes(office: Office, sink):
    before = len(sink.to(BOSS))
    assert was_taken(office.send(office.open_mail(), [BOSS]))
    sink.wait_to(BOSS, before + 1)


@pytest.fixture
def small_disk(make_kwit):
    """An office on a disk of this size, of which so much shall stay free."""
    if not can_mount():
        pytest.skip("this machine lets nobody mount")
    opened = []

    def make(size: str, min_free: str) -> Office:
        kwit = make_kwit({"archive.map_size": '"16MiB"', "archive.min_free": f'"{min_free}"'}, start=False)
        opened.append(Mounts(kwit))
        opened[-1].disk(kwit.archive, size)
        office = Office(kwit).open()
        kwit.start()
        return office

    yield make
    for mounts in opened:
        mounts.close()


def test_while_as_many_mails_end_as_may_rcpt_says_busy(make_kwit, sink):
    kwit = make_kwit({"limits.ends_at_once": "1"}, start=False)
    faults = Faults(kwit)
    office = Office(kwit).open()
    kwit.start()
    mail = office.open_mail()
    answers = []
    assert rcpt(office).code == 250  # the archive is open from here on, which takes a sync too
    faults.strike(SYNC, count=1, wait=5)
    ending = threading.Thread(target=lambda: answers.append(office.send(mail, [office.open_address])))
    ending.start()
    wait_for(lambda: faults["struck"], "the end of the first mail")
    reply = rcpt(office)
    ordinary_mail_passes(office, sink)
    assert not answers  # all that was said while the first one ended
    ending.join()
    assert reply.code == 451 and reply.text.startswith("4.3.2 busy: ")
    assert was_taken(answers[0])
    assert "1 mails end at once: more are answered busy; if it lasts" in the_error(kwit)
    assert rcpt(office).code == 250


def test_with_too_little_memory_for_another_mail_rcpt_says_busy(make_kwit, sink):
    office = Office(make_kwit({"limits.min_memory": '"1000TiB"'}, start=False)).open()
    office.kwit.start()
    answer = office.send_open()
    assert was_refused(answer, 451, "4.3.2", "busy") and answer.end is None
    ordinary_mail_passes(office, sink)
    assert "bytes of memory are available, 1099511627776000 are the minimum; free some memory" in the_error(office.kwit)
    office.kwit.configure({})
    office.kwit.reload()
    wait_for(lambda: was_taken(office.send_open()), "the new minimum", 10)


def test_mails_under_way_count_as_written_already(small_disk, sink):
    """Of 64 MiB 16 stay free; a mail takes its own size and as much again for its documents."""
    office = small_disk("64M", "16MiB")
    under_way = []
    for _ in range(2):
        assert rcpt(office, f"SIZE={10 * MIB}", under_way).code == 250
    refused = rcpt(office, f"SIZE={10 * MIB}")
    assert refused.code == 452 and refused.text.startswith("4.3.1 storage-full: ")
    assert rcpt(office, f"SIZE={MIB}").code == 250  # a small one fits
    ordinary_mail_passes(office, sink)
    assert "of them promised to mails under way" in the_error(office.kwit)
    under_way.pop().close()
    wait_for(lambda: rcpt(office, f"SIZE={10 * MIB}").code == 250, "the room to be given back", 10)
    under_way.pop().close()


@pytest.mark.parametrize("options", ["SIZE", ""], ids=["sizes told", "sizes not told"])
def test_a_crowd_of_mails_never_fills_the_disk(small_disk, options):
    """Twenty mails of 1.4 MB at once on a disk that has room for some of them."""
    office = small_disk("24M", "4MiB")
    messages = [office.open_mail(f"Rechnung {n}", mails.one_pdf(mails.pdf(f"mail {n}", size=MIB))).as_bytes()
                for n in range(20)]
    answers = {}

    def send(number: int):
        size = options and f"SIZE={len(messages[number])}"
        answers[number] = office.send(messages[number], [office.open_address], options=size)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(len(messages))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [number for number, answer in answers.items() if was_taken(answer)]
    put_off = [answer for answer in answers.values() if not was_taken(answer)]
    assert taken and put_off
    assert all(was_refused(a, 452, "4.3.1", "storage-full") or was_refused(a, 451, "4.3.2", "busy") for a in put_off), put_off
    assert "No space left" not in office.kwit.log_text()
    assert len(office.receipts(len(taken))) == len({d["sha256"] for d in office.documents()}) == len(taken)
    assert office.kwit.run("verify").returncode == 0
