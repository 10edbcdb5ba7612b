"""Who asks about a recipient does not wait for other people's large mails. tests/bench/head_of_line measures it."""

import signal
import time

import pytest

from harness import milter_wire as words
from harness.crowd import Bystanders, send_large
from harness.milter_wire import Mta
from held import index_held
from wire import place, postfix, ready_to_end, shared  # noqa: F401

MB = 10**6


@pytest.fixture
def bystanders(shared, postfix):
    """24 connections that ask, and how long they wait when nothing else happens."""
    crowd = Bystanders(postfix.socket, shared.open_address, 24)
    yield crowd
    crowd.stop()


def test_beside_large_mails_recipients_are_answered_nearly_as_fast_as_alone(shared, postfix, bystanders):
    alone = bystanders.during(lambda: time.sleep(2))
    beside = bystanders.during(lambda: send_large(postfix.socket, shared.open_address, 6, 10 * MB))
    assert len(alone.seconds) > 50 and len(beside.seconds) > 20
    # A busy machine may make it some tens of times as long; to wait for whole mails would be hundreds of times.
    assert beside.percentile(99) < 100 * max(alone.percentile(99), 0.01), (alone.row(), beside.row())


def answered_beside(office, busy: list[Mta], say: bytes):
    """Others speak and ask in the same moment, when libmilter has few workers left: who asks is answered meanwhile.

    The milter is stopped until all is said, so that it is the same moment. Who asks is younger, as libmilter serves the
    oldest connection first.
    """
    askers = [Mta(office.kwit.postfix.socket) for _ in range(8)]
    for mta in askers:
        mta.mail("boss@client.example")
    time.sleep(0.5)
    office.kwit.process.send_signal(signal.SIGSTOP)
    for mta in busy:
        mta.send(say)
    for mta in askers:
        mta.send(words.rcpt("boss@example.com"))
    office.kwit.process.send_signal(signal.SIGCONT)
    for mta in askers:
        mta.socket.settimeout(20)
        assert mta.read().command == "c"
        mta.close()


def test_while_ends_of_message_stand_still_recipients_are_answered(shared):
    """As on a disk that hangs."""
    held = [ready_to_end(shared, f"stands still {number}")[0] for number in range(8)]
    with index_held(shared.kwit.archive):
        answered_beside(shared, held, words.END)
    assert [mta.read().command for mta in held] == ["d"] * len(held)
    for mta in held:
        mta.close()


def test_beside_packets_that_do_not_go_on_recipients_are_answered(shared):
    """Of an MTA that was stopped in the middle of one: a worker waits inside for the rest, and no callback runs."""
    halves = [ready_to_end(shared, "never ends")[0] for _ in range(8)]
    answered_beside(shared, halves, words.body(b"x" * 1000)[:100])
    for mta in halves:
        mta.break_off()
