"""Mails that can be read in two ways, through the real Postfix: nothing is filed; `open` forwards them to people, `tagged`
says 5xx. Every trick by itself: tests/unit/tricks; a bare CR, NUL and white space before a colon Postfix mends itself.
"""

import base64

import pytest

from harness import mails
from harness.kwit import Kwit
from harness.smtp import Dialogue
from office import ANNA, OPEN_NOTIFY, Office, parts_of, running, was_refused, was_taken

PDF = mails.pdf("Rechnung 4711")


def encoded(content: bytes) -> bytes:
    return base64.encodebytes(content).replace(b"\n", b"\r\n").removesuffix(b"\r\n")


DOCUMENT = (b'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="a.pdf"\r\n'
            b"Content-Transfer-Encoding: base64\r\n\r\n" + encoded(PDF))
TEXT = b"Content-Type: text/plain\r\n\r\nx"


def multipart(content_type: bytes, *pieces: bytes) -> bytes:
    return b"MIME-Version: 1.0\r\n" + content_type + b"\r\n\r\n" + b"\r\n".join(pieces) + b"\r\n"


MIXED = b"Content-Type: multipart/mixed; boundary=b"
ORDINARY = multipart(MIXED, b"--b", TEXT, b"--b", DOCUMENT, b"--b--")
TRICKS = {
    "two boundaries": multipart(MIXED + b"; boundary=c", b"--b", TEXT, b"--b", DOCUMENT, b"--b--"),
    "Content-Type twice": multipart(MIXED + b"\r\nContent-Type: text/plain", b"--b", DOCUMENT, b"--b--"),
    "no boundary": multipart(b"Content-Type: multipart/mixed", b"--b", DOCUMENT, b"--b--"),
    "a boundary in pieces": multipart(b"Content-Type: multipart/mixed; boundary*0=a; boundary*1=b",
                                      b"--ab", DOCUMENT, b"--ab--"),
    "a comment at the boundary": multipart(MIXED + b" (x)", b"--b", DOCUMENT, b"--b--"),
    "one boundary for outside and inside": multipart(
        MIXED, b"--b", MIXED + b"\r\n", b"--b", TEXT, b"--b--", b"--b", DOCUMENT, b"--b--"),
    "junk behind a delimiter": multipart(MIXED, b"--b", TEXT, b"--b junk", DOCUMENT, b"--b--"),
    "a part in the preamble": multipart(MIXED, DOCUMENT, b"--b", TEXT, b"--b--"),
    "a part in the epilogue": multipart(MIXED, b"--b", TEXT, b"--b--", DOCUMENT),
    "a part behind the end": multipart(MIXED, b"--b", TEXT, b"--b--", b"--b", DOCUMENT, b"--b--"),
    "encoding twice": multipart(MIXED, b"--b", b"Content-Transfer-Encoding: 7bit\r\n" + DOCUMENT, b"--b--"),
    "a comment inside of the encoding": multipart(
        MIXED, b"--b", DOCUMENT.replace(b"base64", b"bas(x)e64"), b"--b--"),
    "a line that is no header": multipart(MIXED, b"--b", b"junk\r\n" + DOCUMENT, b"--b--"),
    "a multipart in base64": multipart(MIXED + b"\r\nContent-Transfer-Encoding: base64", b"--b", DOCUMENT, b"--b--"),
    "a header block that ends early": b"MIME-Version: 1.0\r\njunk\r\n" + DOCUMENT + b"\r\n",
}


def test_the_mail_without_a_trick_is_filed_by_both(office):
    assert was_taken(sent_open(office, ORDINARY)) and was_taken(sent_tagged(office, ORDINARY))
    assert [office.content(document["id"]) for document in office.documents()] == [PDF, PDF]


def test_people_get_the_mail_as_it_came(office, sink):
    assert was_taken(sent_open(office, TRICKS["junk behind a delimiter"]))
    mail = office.arrived(sink, "failure", OPEN_NOTIFY)
    contents = [content for _, content in parts_of(mail)]
    assert any(b"--b junk\r\n" in content and encoded(PDF) in content for content in contents)


# While the shared one below runs there is room for no other.

@pytest.fixture(scope="module")
def shared(session_postfix):
    """One office for all of them: nothing of what one of them leaves behind is a document."""
    with running(Kwit(session_postfix, "kwit-tricks")) as kwit:
        yield Office(kwit).open()


def sent_open(office: Office, mail: bytes) -> Dialogue:
    return office.send(b"From: rechnung@lieferant.example\r\nSubject: Rechnung\r\n" + mail, [office.open_address])


def sent_tagged(office: Office, mail: bytes) -> Dialogue:
    head = b"From: " + ANNA.encode() + b"\r\nSubject: " + mails.TAG.encode() + b"\r\n"
    return office.send(head + mail, [office.tagged], sender=ANNA, login=ANNA)


@pytest.mark.parametrize("name", TRICKS)
def test_a_trick_is_forwarded_by_open_and_refused_by_tagged(shared, sink, name):
    assert was_taken(sent_open(shared, TRICKS[name]))
    rows = [row for row in shared.kwit.rows("receipt", "list") if row["address"] == shared.open_address]
    receipt = shared.show(rows[-1]["id"])
    assert (receipt["verdict"], receipt["reasons"]) == ("failed", ["ambiguous-structure"])
    assert [(notice["kind"], notice["to"]) for notice in receipt["notices"]] == [("failure", OPEN_NOTIFY)]
    assert was_refused(sent_tagged(shared, TRICKS[name]), 550, "5.6.0", "ambiguous-structure")
    assert shared.documents() == []
