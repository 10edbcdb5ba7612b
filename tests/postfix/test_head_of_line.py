"""Who asks about a recipient does not wait for other people's large mails. tests/bench/head_of_line measures it."""

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


def answered_beside(busy: list[Mta], say: bytes, address: str = "boss@example.com"):
    """Others speak in the same moment, when libmilter has few workers left, and ask: they are answered meanwhile.

    They are younger, as libmilter serves the oldest connection first.
    """
    askers = [Mta(busy[0].path) for _ in range(8)]
    for mta in askers:
        mta.mail("boss@client.example")
    time.sleep(0.5)
    for mta in busy:
        mta.send(say)
    for mta in askers:
        mta.send(words.rcpt(address))
    for mta in askers:
        mta.socket.settimeout(20)
        assert mta.read().command == "c"
        mta.close()


@pytest.mark.parametrize("attempt", range(3))
def test_while_ends_of_message_stand_still_recipients_are_answered(shared, attempt):
    """As on a disk that hangs."""
    held = [ready_to_end(shared, f"stands still {attempt} {number}")[0] for number in range(8)]
    with index_held(shared.kwit.archive):
        answered_beside(held, words.END)
    assert [mta.read().command for mta in held] == ["d"] * len(held)
    for mta in held:
        mta.close()


@pytest.mark.parametrize("attempt", range(3))
def test_beside_packets_that_do_not_go_on_recipients_are_answered(shared, attempt):
    """Of an MTA that was stopped in the middle of one: a worker waits inside for the rest, and no callback runs."""
    halves = [ready_to_end(shared, "never ends")[0] for _ in range(8)]
    answered_beside(halves, words.body(b"x" * 1000)[:100])
    for mta in halves:
        mta.break_off()
