"""kwit-milter spoken to byte by byte, without an MTA: what must hold whatever comes over the wire."""

import contextlib
import re
import socket

import pytest

from harness import mails
from harness import milter_wire as words
from harness.milter_wire import Mta, Reply, Wire
from harness.postfix import wait_for
from office import SUPPLIER
from wire import Footprint, filed, mta, place, postfix, receipts_of, shared  # noqa: F401

# Everything that an MTA may say once a connection is open, each as a well-formed packet.
COMMANDS = {
    "negotiation": words.optneg(),
    "connect": words.connect(),
    "HELO": words.helo(),
    "MAIL": words.mail(SUPPLIER),
    "RCPT": words.rcpt("boss@example.com"),
    "DATA": words.DATA,
    "header": words.header(b"X-More", b" more"),
    "end of headers": words.END_OF_HEADERS,
    "body": words.body(b"more\r\n"),
    "end of message": words.END,
    "abort": words.ABORT,
    "macros": words.macros("M", {"{mail_addr}": SUPPLIER}),
    "unknown command": words.UNKNOWN,
    "quit, new connection": words.QUIT_BUT_STAY,
}


def errors_of(office) -> list[str]:
    return [line for line in office.kwit.log_text().splitlines() if re.match(r"\S+: (error|warning): ", line)]


def test_a_mail_without_any_postfix_is_filed_and_its_original_is_kept_byte_for_byte(shared, mta):
    mail = b"X-Folded: one\r\n\ttwo\r\n" + shared.open_mail("plain").as_bytes()
    delivery = mta().deliver([shared.open_address], mail)
    assert (delivery.end.command, delivery.stage, delivery.removed) == ("d", "E", [])
    (receipt,) = receipts_of(shared, "plain")
    assert shared.original(receipt["id"]) == mail
    assert filed(shared, "plain") == 1


def test_connections_that_say_little_or_nothing_leave_nothing_behind(shared, postfix, mta):
    footprint = settled(shared)
    before = footprint.descriptors()
    log = len(errors_of(shared))
    for said in (b"", b"\0", b"\0\0\0\x0d", b"\0\0\0\x0dO", words.optneg(), words.optneg() + words.QUIT, words.QUIT):
        for _ in range(5):
            with Wire(postfix.socket) as wire:
                wire.send(said)
    footprint.wait_for(before, 100)
    assert errors_of(shared)[log:] == []
    assert mta().deliver([shared.open_address], shared.open_mail("after silence").as_bytes()).end.command == "d"


@pytest.mark.parametrize("junk", [
    b"GET / HTTP/1.1\r\nHost: kwit.example\r\n\r\n",  # a length of a gigabyte
    b"\xff\xff\xff\xffO",
    b"\0\0\0\0O",
    b"\0\0\0\x05Ojunk",
    words.packet("O", b"\0" * 11),
    words.optneg(version=1),
    words.optneg() + words.packet("?", b"x"),
    words.optneg() + words.packet("C"),
    words.optneg() + words.packet("C", b"no end"),
    words.optneg() + words.packet("C", b"host\0004"),
    words.optneg() + words.packet("C", b"host\0" + b"4\0\x19999.1.1.1\0"),
    words.optneg() + words.connect() + words.packet("M"),
    words.optneg() + words.connect() + words.packet("M", b"<no NUL>"),
    words.optneg() + words.connect() + words.mail(SUPPLIER) + words.packet("R", b"no NUL"),
    words.optneg() + words.connect() + words.mail(SUPPLIER) + words.rcpt("a@in.example.com") + words.packet("L", b"alone\0"),
    words.optneg() + words.connect() + words.mail(SUPPLIER) + words.rcpt("boss@example.com") + words.body(b"x" * 65536),
], ids=range(16))
def test_what_is_no_milter_protocol_costs_the_connection_and_no_more(shared, postfix, mta, junk):
    log = len(errors_of(shared))
    with Wire(postfix.socket) as wire:
        wire.send(junk)
        assert all(reply.command != "d" for reply in wire.read_to_the_end())
    assert errors_of(shared)[log:] == []
    delivery = mta().deliver(["nobody@in.example.com"], b"")
    assert delivery.last.text.startswith("550 5.1.1 address-unknown: ")


def test_a_packet_as_large_as_may_be_is_taken_whole(shared, mta):
    text = "x" * 60_000 + "\r\n"
    mail = shared.open_mail("large packet", text=text * 3).as_bytes()
    assert len(words.split(mail)[1]) > 2 * words.CHUNK
    assert mta().deliver([shared.open_address], mail).end.command == "d"
    assert shared.original(receipts_of(shared, "large packet")[0]["id"]) == mail


def test_half_packets_hold_nobody_else_up(shared, postfix):
    """A worker of libmilter waits inside each of them; others must not wait for it."""
    footprint = settled(shared)
    before = footprint.descriptors()
    whole = words.optneg() + words.connect() + words.helo() + words.mail(SUPPLIER) + words.rcpt(shared.open_address)
    halves = [Wire(postfix.socket, timeout=5) for _ in range(20)]
    others = [Mta(postfix.socket) for _ in range(20)]
    for number, half in enumerate(halves):
        half.send(whole, words.body(b"x" * 1000)[:3 + number])
    for number, other in enumerate(others):
        other.socket.settimeout(5)
        assert other.deliver([shared.open_address], shared.open_mail(f"beside halves {number}").as_bytes()).end.command == "d"
    for wire in halves + others:
        wire.close()
    footprint.wait_for(before, 100)


def settled(office) -> Footprint:
    """What the milter holds once its archive is open, which it then stays."""
    footprint = Footprint(office.kwit.process.pid)
    with Mta(office.kwit.postfix.socket) as first:
        assert first.deliver(["nobody@in.example.com"], b"").last.verdict == "550"
        with_one = footprint.descriptors()
    wait_for(lambda: footprint.descriptors() < with_one, "the connection to be closed")
    return footprint


def hang_up(wire: Wire) -> list[Reply]:
    """As an MTA that dies and leaves the milter time to answer all that was said before."""
    wire.socket.shutdown(socket.SHUT_WR)
    return wire.read_to_the_end()


def break_off(wire: Wire) -> list[Reply]:
    """As an MTA that dies at once: the milter cannot even answer."""
    return []


@pytest.mark.parametrize("end", [hang_up, break_off])
def test_an_early_end_at_every_byte_leaves_nothing(shared, postfix, end):
    """Each beginning of what an MTA says about a mail, then the end of the connection; last of all the whole of it."""
    subject = f"cut, {end.__name__}"
    mail = shared.open_mail(subject, mails.one_pdf(mails.pdf(size=1500))).as_bytes()
    stream = words.whole_session(SUPPLIER, [shared.open_address], mail)
    assert len(stream) > 3000
    footprint, log = settled(shared), len(errors_of(shared))
    descriptors, threads = footprint.descriptors(), footprint.threads()
    for first in range(0, len(stream), 8):
        with contextlib.ExitStack() as stack:
            wires = [stack.enter_context(Wire(postfix.socket)) for _ in range(first, min(first + 8, len(stream)))]
            for number, wire in enumerate(wires):
                wire.send(stream[:first + number])
            assert "d" not in {reply.command for wire in wires for reply in end(wire)}
    with Wire(postfix.socket) as wire:
        wire.send(stream, words.QUIT)
        assert [reply.command for reply in wire.read_to_the_end()] == list("Occccd")
    footprint.wait_for(descriptors, threads)
    assert errors_of(shared)[log:] == []
    (receipt,) = receipts_of(shared, subject)
    assert shared.original(receipt["id"]) == mail
    assert filed(shared, subject) == 1
