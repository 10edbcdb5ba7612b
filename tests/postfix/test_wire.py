"""kwit-milter spoken to byte by byte, without an MTA: what must hold whatever comes over the wire."""

import contextlib
import re
import socket

import pytest

from harness import mails
from harness import milter_wire as words
from harness.milter_wire import Hangup, Mta, Reply, Wire
from harness.postfix import wait_for
from office import ANNA, SUPPLIER
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
    halves = [Wire(postfix.socket) for _ in range(20)]
    others = [Mta(postfix.socket) for _ in range(20)]
    for number, half in enumerate(halves):
        half.send(whole, words.body(b"x" * 1000)[:3 + number])
    for number, other in enumerate(others):
        other.socket.settimeout(30)
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
            answers = ["".join(reply.command for reply in end(wire)) for wire in wires]
        assert all("Occcc".startswith(answer) for answer in answers), answers
    assert answers[-1] == ("Occcc" if end is hang_up else "")  # everything but the end of the message was answered
    with Wire(postfix.socket) as wire:
        wire.send(stream, words.QUIT)
        assert [reply.command for reply in wire.read_to_the_end()] == list("Occccd")
    footprint.wait_for(descriptors, threads)
    assert errors_of(shared)[log:] == []
    (receipt,) = receipts_of(shared, subject)
    assert shared.original(receipt["id"]) == mail
    assert filed(shared, subject) == 1


# A mail from beginning to end: what is called so, and said; what depends on the mail is filled in by told().
STORY = [("negotiation", words.optneg()), ("connect", words.connect()), ("HELO", words.helo()), ("MAIL", words.mail(SUPPLIER)),
         ("RCPT", None), ("DATA", words.DATA), ("headers", None), ("end of headers", words.END_OF_HEADERS), ("body", None),
         ("end of message", words.END)]


def told(office, subject: str) -> list[tuple[str, bytes]]:
    """The story of a mail to the open address with this subject."""
    fields, rest = words.split(office.open_mail(subject).as_bytes())
    parts = {"RCPT": words.rcpt(office.open_address), "headers": b"".join(words.header(*field) for field in fields),
             "body": words.body(rest)}
    return [(name, said or parts[name]) for name, said in STORY]


def answers_to(place, *said: bytes) -> list[Reply]:
    """Everything that is answered, until the connection is closed by one side or the other.

    libmilter passes over a command that is out of order without a word: so the refusal of a recipient that nobody else
    would name tells that all was answered.
    """
    with Wire(place.socket) as wire:
        wire.send(*said, words.mail("end@client.example"), words.rcpt("the-end@in.example.com"))
        replies = []
        with contextlib.suppress(Hangup):
            while not (replies and "the-end@in.example.com" in replies[-1].data.decode("latin-1")):
                replies.append(wire.read())
    return replies


@pytest.mark.parametrize("after", [name for name, _ in STORY])
def test_a_command_out_of_order_never_makes_a_mail_taken_that_is_not_kept(shared, postfix, after):
    """The mail goes on after the odd command as if nothing had happened: taken is what is kept, and nothing else."""
    taken = {}
    for odd, said in COMMANDS.items():
        story = told(shared, f"{odd} after {after}")
        at = [name for name, _ in story].index(after) + 1
        replies = answers_to(postfix, *(said for _, said in story[:at]), said, *(said for _, said in story[at:]))
        verdicts = "".join(reply.command for reply in replies)
        taken[f"{odd} after {after}"] = verdicts.count("d") + verdicts.count("-c")  # alone, or beside another recipient
        assert "a" not in verdicts, (odd, verdicts)
    receipts = [row for row in shared.kwit.rows("receipt", "list") if row["subject"] in taken]
    assert {subject: sum(row["subject"] == subject for row in receipts) for subject in taken} == taken
    # An end right after the headers is a mail without a body: kept, and people are told.
    empty = "end of message after end of headers"
    assert {row["subject"] for row in receipts if row["verdict"] != "imported"} == ({empty} & taken.keys())
    assert sum(taken.values()) > 0 and set(taken.values()) <= {0, 1}


def test_a_mail_whose_only_recipient_was_refused_is_not_taken(postfix, shared):
    """An MTA that goes on all the same: libmilter lets the end of a message follow a recipient."""
    for end in ([words.END], [words.body(b"x\r\n"), words.END], [words.END_OF_HEADERS, words.END]):
        begin = [words.optneg(), words.connect(), words.helo(), words.mail(SUPPLIER), words.rcpt("nobody@in.example.com")]
        verdicts = [reply.verdict for reply in answers_to(postfix, *begin, *end)]
        assert verdicts[:2] == ["O", "550"] and "d" not in verdicts


def test_nul_bytes_anywhere_end_what_is_a_string_and_stay_in_what_is_a_body(shared, postfix):
    """Only a macro without a value is left out: libmilter itself reads past the end of its list then."""
    mail = shared.open_mail("nul").as_bytes()
    fields, rest = words.split(mail)
    rest = b"a NUL \0 before the parts\r\n" + rest
    with Mta(postfix.socket) as wire:
        wire.send(words.macros("M", {"": "", "{mail_addr}": "a\0{auth_authen}\0b"}), words.packet("D", b"M"))
        wire.ask(words.packet("M", b"<a@client.example>\0\0\0SIZE=1\0\0"))
        assert wire.rcpt("\0").command == "c"  # nobody of ours
        assert wire.ask(words.packet("R", b"\0\0")).command == "c"
        wire.send(words.ABORT)
        wire.mail(SUPPLIER)
        assert wire.ask(words.packet("R", b"<" + shared.open_address.encode() + b">\0junk\0")).command == "c"
        wire.data()
        wire.ask(words.packet("L", b"X-Cut\0 one\0two\0"))
        wire.ask(words.packet("L", b"X-Empty\0\0"))
        for field in fields:
            wire.header(*field)
        assert wire.ask(words.END_OF_HEADERS).command == "c"
        assert wire.ask(words.body(rest)).command == "c"
        assert wire.end()[0].command == "d"
    head = b"X-Cut: one\r\nX-Empty:\r\n" + mail.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    (receipt,) = receipts_of(shared, "nul")
    assert shared.original(receipt["id"]) == head + rest
    assert filed(shared, "nul") == 1


def test_without_any_macro_a_mail_is_filed_and_nobody_is_authenticated(shared, mta):
    mta = mta()
    mta.mail(SUPPLIER, known={})
    assert mta.ask(words.rcpt(shared.open_address)).command == "c"
    assert mta.content(shared.open_mail("no macros").as_bytes())[0].command == "d"
    assert filed(shared, "no macros") == 1
    mail = shared.tagged_mail(border=[], text="no macros\n").as_bytes()
    mta.mail(ANNA, known={})
    assert mta.ask(words.rcpt(shared.tagged)).command == "c"
    assert mta.content(mail)[0].text.startswith("550 5.7.1 sender-not-authenticated: ")


def test_the_login_of_one_mail_is_not_that_of_the_next(shared, mta):
    mta = mta()
    mail = shared.tagged_mail(border=[], text="with a login\n").as_bytes()
    assert mta.deliver([shared.tagged], mail, sender=ANNA, login=ANNA).end.command == "d"
    again = shared.tagged_mail(border=[], text="without a login\n").as_bytes()
    assert mta.deliver([shared.tagged], again, sender=ANNA).end.text.startswith("550 5.7.1 sender-not-authenticated: ")


@pytest.mark.parametrize("greeting, address", [
    (words.connect("mail.example", "2001:db8::7"), "2001:db8::7"),
    (words.connect("mail.example", "IPv6:2001:db8::7"), "2001:db8::7"),
    (words.connect_unknown(), None),
    (words.packet("C", words.strings("localhost") + b"L\0\0" + words.strings("/run/socket")), None),
], ids=["IPv6", "IPv6 with its prefix", "unknown", "local"])
def test_a_client_of_any_address_family_is_taken(shared, mta, greeting, address):
    subject = f"from {address} {len(greeting)}"
    assert mta(greeting=greeting).deliver([shared.open_address], shared.open_mail(subject).as_bytes()).end.command == "d"
    assert [row["client_address"] for row in receipts_of(shared, subject)] == [address]
