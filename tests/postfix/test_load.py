"""Many at once, and large ones."""

import threading
import time

import pytest

from harness import mails
from harness.smtp import Client
from office import SUPPLIER, was_taken

MIB = 1 << 20


def at_once(jobs) -> None:
    """Runs all jobs in threads; an exception of one of them is raised here."""
    errors = []

    def guarded(job):
        try:
            job()
        except BaseException as error:  # noqa: BLE001: told below
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_eight_connections_at_once_with_five_mails_each_are_all_filed(office, postfix):
    messages = [[office.open_mail(files=mails.one_pdf(mails.pdf(f"{c}.{m}"))).as_bytes() for m in range(5)]
                for c in range(8)]

    def one(number: int):
        with Client(postfix.port) as session:
            for message in messages[number]:
                assert was_taken(session.deliver(SUPPLIER, [office.open_address], message))

    at_once([lambda n=n: one(n) for n in range(8)])
    assert len(office.receipts(40)) == 40
    assert len({d["sha256"] for d in office.documents()}) == 40
    assert office.kwit.run("verify").returncode == 0


@pytest.mark.plain_build
def test_four_mails_of_40_mb_at_once_are_filed_in_less_than_100_mib_of_memory(office):
    message = office.open_mail(files=mails.one_pdf(mails.pdf(size=29 * MIB))).as_bytes()
    assert len(message) > 39 * MIB
    answers = []
    # four different mails: their text differs
    at_once([lambda n=n: answers.append(office.send(
        message.replace(b"W zalaczeniu.", b"Number %d....." % n), [office.open_address])) for n in range(4)])
    assert all(map(was_taken, answers)), answers
    assert office.kwit.peak_memory() < 100 * MIB, f"{office.kwit.peak_memory() / MIB:.0f} MiB"
    assert {d["size"] for d in office.documents()} == {office.documents()[0]["size"]}
    assert len(office.receipts(4)) == 4


def test_more_than_a_hundred_refused_mails_do_not_slow_postfix_down(office, postfix, sink):
    """Each of them takes an in-flow token for good: in_flow_delay = 0 of the example is what helps."""
    for batch in range(12):  # Postfix ends a session of too many errors
        with Client(postfix.port) as session:
            for number in range(10):
                refused = office.tagged_mail(border=[], text=f"{batch} {number}\n")
                assert session.deliver(SUPPLIER, [office.tagged], refused.as_bytes()).last.code == 550
    with Client(postfix.port) as session:
        started = time.monotonic()
        for _ in range(5):
            assert was_taken(session.deliver(SUPPLIER, ["boss@example.com"], office.open_mail().as_bytes()))
        assert time.monotonic() - started < 3
    assert len(sink.wait(5)) == 5
