"""One table of hostile words through every way out: SMTP replies, notices in both forms and their headers, listings,
CSV, JSON, the journal and the log. Names of exported files and single encoders: tests/unit/base/encode.cc."""

import base64
import csv
import io
import json
import re
import unicodedata
import urllib.parse

import pytest

from harness import mails
from harness.kwit import Kwit
from harness.postfix import wait_for
from office import ANNA, Office, message_id_of, running, text_of, was_taken
from pages import page_of

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
HOSTILE = {
    "line ends": b"a\r\nBcc: eve@evil.example\r\n\r\nDear all",
    "NUL": b"a\0b",
    "direction": "fdp.\u202egnp\u2066x\u200f".encode(),
    "long": b"x" * 10_000,
    "emoji": "👩‍👩‍👧🧾".encode(),
    "no UTF-8": b"\xff\xfe\xc3(\xed\xa0\x80",
    "script": b"<script>alert(1)</script><img src=https://evil.example/x.png>",
    "formula": b'=HYPERLINK("https://evil.example";"click")',
    "command": b"@SUM(1+1)*cmd|' /C calc'!A0",
    "terminal": b"\x1b]0;owned\x07\x1b[2J\x9b31m",
    "encoded word": b"=?utf-8?q?x=0d=0aBcc:_eve@evil.example?=",
    "boundary": b"\r\n--=_0123456789abcdef\r\nContent-Type: text/html\r\n\r\n<b>x</b>",
    "format": b"{subject} %s %n ${HOME} `id` $(id)",
}
HIDDEN = re.compile("[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def is_harmless(text: str) -> bool:
    """No control but line end and tab, nothing that turns the direction of writing round."""
    return not HIDDEN.search(text) and not [c for c in text if unicodedata.category(c) == "Cc" and c not in "\n\t"]


def encoded(words: bytes) -> bytes:
    """Encoded words (RFC 2047) of any bytes, short enough for a header line each."""
    pieces = [words[at:at + 39] for at in range(0, len(words), 39)]
    return b"\r\n ".join(b"=?utf-8?B?" + base64.b64encode(piece) + b"?=" for piece in pieces)


def with_words(mail, words: bytes) -> bytes:
    """The mail with the words as its subject and in the name of its file."""
    raw = mail.as_bytes().replace(b"Subject: SUBJECT", b"Subject: " + encoded(words))
    name = urllib.parse.quote(words[:300], safe="").encode()
    return raw.replace(b'filename="NAME.docx"', b"filename*=utf-8''" + name + b".docx")


def docx():
    return [("NAME.docx", mails.docx(), DOCX_TYPE)]


@pytest.fixture(scope="module")
def office(session_postfix):
    """One office for all of it: mails to its tagged address are replied to, those to `strict` refused in SMTP."""
    changes = {"log.level": '"debug"', "policy.strict.on_failure": '"reject"', "outbox.notices_per_day": "1000"}
    with running(Kwit(session_postfix, "hostile", changes)) as kwit:
        office = Office(kwit).open()
        office.strict = kwit.first_line("address", "add", "10023", "--policy", "strict", "--number", "77")
        yield office


def arrived(office, sink, count: int) -> list:
    """What was mailed because of the newest receipts."""
    receipts = office.kwit.rows("receipt", "list", "--newest", "--limit", str(count))
    ids = [message_id_of(notice) for receipt in receipts for notice in receipt["notices"]]
    assert len(ids) == count
    return [wait_for(lambda: sink.with_id(message_id), "the notice")[0] for message_id in ids]


def check_listings(office, receipt: str):
    kwit = office.kwit
    for command in (["receipt", "list"], ["receipt", "show", receipt], ["outbox", "list"], ["document", "list"],
                    ["client", "list"], ["report"], ["journal", "list"], ["inspect", "receipts"]):
        text = kwit.text(*command)
        assert is_harmless(text), command
    for line in kwit.text("--json", "receipt", "show", receipt).splitlines():
        json.loads(line)
        assert not [c for c in line if unicodedata.category(c) == "Cc"]
    for row in csv.reader(io.StringIO(kwit.text("report", "--format", "csv"), newline="")):
        assert not [field for field in row if field[:1] in ("=", "+", "@", "\t", "\r")], row


def check_notice(told):
    head, _, body = told.raw.partition(b"\r\n\r\n")
    assert told.raw.isascii() or b"message/rfc822" in told.raw
    assert max(len(line) for line in head.split(b"\r\n")) <= 998
    for name in ("Subject", "From", "To", "Message-ID", "MIME-Version", "Content-Type"):
        assert len(told.message.get_all(name)) == 1
    assert told.message["Bcc"] is None and len(told.recipients) == 1
    assert is_harmless(str(told.message["Subject"])) and len(str(told.message["Subject"])) <= 250
    assert is_harmless(text_of(told))
    page = page_of(told.message)  # whole HTML
    assert is_harmless(page.text)
    assert not {"script", "b", "form", "iframe", "object", "link"} & set(page.tags) and not page.pictures
    assert all(link.startswith("mailto:") for link in page.links)
    assert not [line for line in text_of(told).splitlines() if line.startswith(("Bcc", "Dear all", "--=_", "Content-Type"))]


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_hostile_words_are_harmless_in_notices_listings_and_the_log(office, session_sink, words):
    mail = office.open_mail("SUBJECT", docx())
    assert was_taken(office.send(with_words(mail, words), [office.open_address]))
    corrected = office.tagged_mail("SUBJECT", docx())
    assert was_taken(office.send(with_words(corrected, words), [office.tagged], sender=ANNA))
    for told in arrived(office, session_sink, 2):
        check_notice(told)
    check_listings(office, office.kwit.rows("receipt", "list", "--newest", "--limit", "1")[0]["id"])
    log = office.kwit.log_text()
    assert is_harmless(log) and max(map(len, log.splitlines())) < 5000


@pytest.mark.parametrize("words", [words for words in HOSTILE.values() if b"\0" not in words])
def test_hostile_words_from_a_person_at_the_keyboard(office, session_sink, words):
    done = office.kwit.run("client", "set", "20001", "--name", words)
    assert done.returncode in (0, 2) and is_harmless(done.stderr.decode())
    assert was_taken(office.send_open())
    check_notice(arrived(office, session_sink, 1)[0])
    assert is_harmless(office.kwit.text("client", "list")) and is_harmless(office.kwit.text("client", "card", "20001"))


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_hostile_words_are_harmless_in_smtp_replies(office, words):
    mail = with_words(office.tagged_mail("SUBJECT", docx()), words)
    answer = office.send(mail, [office.strict], sender=ANNA).last
    assert answer.code == 550 and answer.text.isascii() and is_harmless(answer.text)
    assert all(len(line) <= 500 for line in answer.text.splitlines())
    assert all(re.match(r"5\.\d\.\d ", line) for line in answer.text.splitlines())


def test_the_archive_is_whole_after_all_of_it(office):
    assert office.kwit.run("verify").returncode == 0
