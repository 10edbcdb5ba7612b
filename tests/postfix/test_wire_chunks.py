"""Bodies cut into pieces wherever it hurts: the bytes that are stored are always the same."""

import base64
import hashlib

import pytest

from harness import mails
from harness import milter_wire as words
from wire import deliver_all, is_kept, mta, place, postfix, receipts_of, shared  # noqa: F401

PDF = mails.pdf(size=300)
UTF8 = "Załączam fakturę № 17 – 1 000 €, żółć 🧾"


def mail_with(office, subject: str, number: int, padding: int = 0) -> tuple[bytes, bytes]:
    """Head and body of a mail in 8bit UTF-8 with a PDF; no two of the same subject are the same mail."""
    head = (f"From: Lieferant <rechnung@lieferant.example>\r\nTo: <{office.open_address}>\r\nSubject: {subject}\r\n"
            f"X-Text: {UTF8}\r\nDate: Sat, 14 Nov 2026 10:00:00 +0100\r\nMessage-ID: <{number}@client.example>\r\n"
            f"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=_b\"\r\n\r\n").encode()
    lines = base64.encodebytes(PDF).replace(b"\n", b"\r\n")
    rest = (b"x" * padding + f"\r\n--=_b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{UTF8}\r\n"
            "--=_b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n"
            "Content-Disposition: attachment; filename=a.pdf\r\n\r\n".encode() + lines + b"--=_b--\r\n")
    return head, rest


def regions(rest: bytes) -> list[int]:
    """Where it hurts: in every line end, boundary, multi-byte character, and the quartets at both ends of the base64."""
    text, encoded = rest.index(UTF8.encode()), rest.index(base64.encodebytes(PDF)[:20])
    places = {at + 1 for at in range(len(rest)) if rest.startswith(b"\r\n", at)}
    places |= {at + off for at in range(len(rest)) if rest.startswith(b"--=_b", at) for off in (1, 2, 5)}
    places |= set(range(text, text + len(UTF8.encode())))
    places |= set(range(encoded, encoded + 9)) | set(range(len(rest) - 18, len(rest)))
    return sorted(place for place in places if 0 < place < len(rest))


def check(office, subject: str, sent: list[bytes]):
    """Each of the mails was filed, its document and its original have the very bytes that were sent."""
    receipts = receipts_of(office, subject)
    assert [receipt["verdict"] for receipt in receipts] == ["imported"] * len(sent)
    ids = {receipt["id"] for receipt in receipts}
    documents = [row for row in office.documents() if row["receipt"] in ids]
    assert [row["sha256"] for row in documents] == [hashlib.sha256(PDF).hexdigest()] * len(sent)
    assert all(is_kept(office, mail) for mail in sent)


def test_a_cut_in_the_middle_of_anything_changes_nothing(shared):
    sent, said = [], []
    for number, at in enumerate(regions(mail_with(shared, "cut", 0)[1])):
        head, rest = mail_with(shared, "cut", number)
        said.append([head, rest[:at], rest[at:]])
        sent.append(head + rest)
    assert len(sent) > 100
    assert set(deliver_all(shared, said)) == {"d"}
    check(shared, "cut", sent)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pieces_of_a_few_bytes_change_nothing(shared, mta, size):
    head, rest = mail_with(shared, f"pieces of {size}", size)
    assert mta().deliver([shared.open_address], [head, *words.chunks(rest, size)]).end.command == "d"
    check(shared, f"pieces of {size}", [head + rest])


def test_the_end_of_a_piece_of_65535_bytes_may_fall_anywhere(shared):
    """As MTAs cut: a text in front moves every place of interest to that byte."""
    sent = []
    for number, at in enumerate(regions(mail_with(shared, "far", 0)[1])[::4]):
        head, rest = mail_with(shared, "far", number, words.CHUNK - at)
        assert [len(piece) for piece in words.chunks(rest)] == [words.CHUNK, len(rest) - words.CHUNK]
        sent.append(head + rest)
    assert len(sent) > 25
    assert set(deliver_all(shared, sent)) == {"d"}
    check(shared, "far", sent)


def test_the_last_piece_may_come_with_the_end_of_the_message(shared, mta):
    """The protocol allows it; no MTA of today does it."""
    head, rest = mail_with(shared, "with the end", 1)
    mta = mta()
    mta.mail("rechnung@lieferant.example")
    mta.rcpt(shared.open_address)
    mta.data()
    for field in words.split(head)[0]:
        mta.header(*field)
    mta.ask(words.END_OF_HEADERS)
    mta.ask(words.body(rest[:100]))
    assert mta.ask(words.packet("E", rest[100:])).command == "d"
    check(shared, "with the end", [head + rest])
