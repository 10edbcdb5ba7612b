"""What counts as a document, what as part of the mail, and how a mail can be wrong as a whole."""

import base64

import pytest

from harness import mails
from office import ANNA, DKIM, SUPPLIER, TAG, dispositions, was_refused, was_taken

PDF, JPEG = "application/pdf", "image/jpeg"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

TABLE = [
    # name, content, declared type -> what becomes of it: at the open address, at the tagged address
    ("rechnung.pdf", mails.pdf(), PDF, ("filed", ""), ("filed", "")),
    ("scan", mails.pdf(), "application/octet-stream", ("filed", ""), ("filed", "")),
    ("rechnung.txt", mails.pdf(), "text/plain", ("filed", ""), ("filed", "")),
    ("photo.jpg", mails.jpeg(), JPEG, ("refused", "part-not-accepted"), ("filed", "")),
    ("klein.png", mails.png(), "image/png", ("refused", "part-not-accepted"), ("filed", "")),
    ("bild.gif", mails.gif(), "image/gif", ("refused", "part-not-accepted"), ("refused", "part-not-accepted")),
    ("liste.xlsx", mails.docx(), XLSX, ("refused", "part-not-accepted"), ("refused", "part-not-accepted")),
    ("rechnung.pdf", mails.exe(), PDF, ("refused", "type-mismatch"), ("refused", "type-mismatch")),
    ("rechnung.pdf", b"<!DOCTYPE html><html><body>pay</body></html>", PDF, ("refused", "type-mismatch"),
     ("refused", "type-mismatch")),
    ("rechnung.pdf", mails.zipped(a=b"x"), PDF, ("refused", "type-mismatch"), ("refused", "type-mismatch")),
    ("rechnung.jpg", mails.pdf(), JPEG, ("filed", ""), ("filed", "")),
    ("leer.pdf", b"", PDF, ("ignored", ""), ("ignored", "")),
    ("invite.ics", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "text/calendar", ("ignored", ""), ("ignored", "")),
    ("card.vcf", b"BEGIN:VCARD\r\nEND:VCARD\r\n", "text/vcard", ("ignored", ""), ("ignored", "")),
    ("smime.p7s", b"0\x80\x06\x09", "application/pkcs7-signature", ("signature", ""), ("signature", "")),
]
NAMES = [f"{name} as {media_type}, {content[:4]!r}" for name, content, media_type, *_ in TABLE]


@pytest.mark.parametrize("name, content, media_type, open_says, tagged_says", TABLE, ids=NAMES)
def test_what_counts_as_what(office, name, content, media_type, open_says, tagged_says):
    if media_type.startswith("text/"):  # as bytes, whatever the text type says
        files = [(name, content, "application/octet-stream")]
        retype = lambda mail: mail.as_bytes().replace(b"application/octet-stream", media_type.encode())
    else:
        files, retype = [(name, content, media_type)], lambda mail: mail.as_bytes()
    open_mail, tagged_mail = retype(office.open_mail(files=files)), retype(office.tagged_mail(files=files))
    assert was_taken(office.send(open_mail, [office.open_address]))
    assert was_taken(office.send(tagged_mail, [office.tagged], sender=ANNA))
    by_open, by_tagged = office.receipts(2)
    assert dispositions(by_open)[name][0] == open_says[0] and dispositions(by_tagged)[name][0] == tagged_says[0]
    if open_says[1]:
        assert (dispositions(by_open)[name], dispositions(by_tagged)[name][1]) == (open_says, tagged_says[1])


def with_logo(office, logo: bytes, subtype: str, attached: bool = False):
    """A HTML mail with a PDF and an image that the HTML refers to."""
    mail = mails.letter(SUPPLIER, office.open_address, "Ihre Rechnung")
    mail.add_alternative('<p>Grüße</p><img src="cid:logo@x">', subtype="html")
    mail.get_payload()[1].add_related(logo, "image", subtype, cid="<logo@x>", filename=f"logo.{subtype}",
                                      disposition="attachment" if attached else "inline")
    mail.add_attachment(mails.pdf(), maintype="application", subtype="pdf", filename="rechnung.pdf")
    return mail


@pytest.mark.parametrize("logo, subtype", [(mails.png(1000), "png"), (mails.gif(), "gif"), (mails.jpeg(1000), "jpeg")])
def test_the_logo_of_a_signature_is_a_decoration_and_no_failure(office, logo, subtype):
    assert was_taken(office.send(with_logo(office, logo, subtype), [office.open_address]))
    receipt = office.receipt()
    assert receipt["verdict"] == "imported"
    assert dispositions(receipt)[f"logo.{subtype}"][0] == "decoration"


def test_a_large_image_in_the_text_is_no_decoration(office):
    office.send(with_logo(office, mails.png(60 * 1024), "png"), [office.open_address])
    receipt = office.receipt()
    assert receipt["verdict"] == "partial"
    assert dispositions(receipt)["logo.png"] == ("refused", "part-not-accepted")


def test_a_tiff_is_never_a_decoration(office):
    office.send(with_logo(office, mails.tiff(), "tiff"), [office.open_address])
    assert dispositions(office.receipt())["logo.tiff"] == ("refused", "part-not-accepted")


def test_every_part_of_a_mail_has_a_disposition(office):
    office.send(with_logo(office, mails.png(), "png"), [office.open_address])
    parts = office.receipt()["parts"]
    assert [part["number"] for part in parts] == [1, 2, 3, 4]
    assert sorted(part["disposition"] for part in parts) == ["body", "body", "decoration", "filed"]


def test_a_file_name_outside_ascii_is_kept(office):
    office.send_open(files=mails.one_pdf(name="Rechnung für März – Łódź.pdf"))
    assert office.document()["filename"] == "Rechnung für März – Łódź.pdf"


def test_a_file_name_that_pretends_or_leaves_its_directory_is_cleaned_for_showing(office):
    office.send_open(files=mails.one_pdf(name="../../etc/invoice\u202efdp.pdf"))
    shown = office.document()["filename"]
    assert "/" not in shown and "\u202e" not in shown and shown.endswith(".pdf")


def raw_pdf_part(encoded: bytes, encoding: str = "base64") -> bytes:
    return (f"MIME-Version: 1.0\r\nContent-Type: application/pdf; name=r.pdf\r\nContent-Transfer-Encoding: {encoding}\r\n"
            "Content-Disposition: attachment; filename=r.pdf\r\n\r\n").encode() + encoded


HEAD = f"From: {SUPPLIER}\r\nSubject: Rechnung\r\nDate: Sat, 14 Nov 2026 10:00:00 +0100\r\n".encode()


def test_base64_in_padded_groups_is_stored_whole(office):
    content = mails.pdf("padded")
    groups = b"\r\n".join(base64.b64encode(content[i:i + 40]) for i in range(0, len(content), 40))
    assert was_taken(office.send(HEAD + raw_pdf_part(groups), [office.open_address]))
    assert office.content(office.document()["id"]) == content


def test_damaged_base64_is_never_stored_as_if_it_were_whole(office):
    encoded = base64.encodebytes(mails.pdf())
    damaged = encoded[:200].replace(b"\n", b"\r\n") + b"!!??" + encoded[200:].replace(b"\n", b"\r\n")
    assert was_taken(office.send(HEAD + raw_pdf_part(damaged), [office.open_address]))
    receipt = office.receipt()
    assert dispositions(receipt)["r.pdf"] == ("refused", "encoding-damaged")
    assert office.documents() == []


def test_eight_bit_and_quoted_printable_bodies_are_decoded_exactly(office):
    content = mails.pdf("8bit \xe9".encode("latin-1").decode("latin-1")).replace(b"\n", b"\r\n")
    assert was_taken(office.send(HEAD + raw_pdf_part(content, "8bit"), [office.open_address]))
    assert office.content(office.document()["id"]) == content


@pytest.mark.postfix_only("Debian's Sendmail takes no NUL bytes")
def test_nul_bytes_in_the_text_disturb_nobody(office):
    mail = office.open_mail(text="MARKER\n").as_bytes().replace(b"MARKER", b"a\0b\xff\xfec")
    assert was_taken(office.send(mail, [office.open_address]))
    receipt = office.receipt()
    assert receipt["verdict"] == "imported"
    assert b"a\0b\xff\xfec" in office.original(receipt["id"])


TWICE = {
    "Subject": b"Subject: one\r\nSubject: two\r\n",
    "Content-Type": b"Content-Type: text/plain\r\nContent-Type: application/pdf\r\n",
    "encoding": b"Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit\r\n",
}


@pytest.mark.parametrize("twice", TWICE)
def test_a_mail_that_can_be_read_in_two_ways_is_not_guessed(office, twice):
    head = f"X-Test-Border: {DKIM}\r\nFrom: {ANNA}\r\nMIME-Version: 1.0\r\n".encode()
    subject = b"" if twice == "Subject" else f"Subject: {TAG}\r\n".encode()
    answer = office.send(head + subject + TWICE[twice] + b"\r\nx\r\n", [office.tagged], sender=ANNA)
    assert was_refused(answer, 550, "5.6.0", "ambiguous-structure")
    assert office.documents() == []


def many_parts(count: int) -> bytes:
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    return HEAD + b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + part * count + b"--b--\r\n"


def nested(depth: int) -> bytes:
    mail = b"MIME-Version: 1.0\r\n"
    for level in range(depth):
        mail += b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
    mail += b"Content-Type: text/plain\r\n\r\nx\r\n"
    return HEAD + mail + b"".join(b"--b%d--\r\n" % level for level in reversed(range(depth)))


OVER = {
    "parts": ("too-many-parts", many_parts(1001)),
    "depth": ("nesting-too-deep", nested(40)),
    "number of headers": ("headers-over-limit", HEAD + b"X-A: b\r\n" * 1001 + b"\r\nx\r\n"),
    "bytes of headers": ("headers-over-limit",
                         HEAD + b"".join(b"X-%d: %s\r\n" % (i, b"y" * 900) for i in range(300)) + b"\r\nx\r\n"),
    "groups of To": ("headers-over-limit", HEAD + b"To: " + b"g:" * 10_000 + b";\r\n\r\nx\r\n"),
}


@pytest.mark.parametrize("over", [pytest.param(over, marks=over == "bytes of headers" and pytest.mark.postfix_only(
    "Sendmail itself takes no more than 32 KiB of headers") or ()) for over in OVER])
def test_a_mail_over_a_limit_is_told_so_and_the_milter_lives(office, over):
    reason, mail = OVER[over]
    assert was_taken(office.send(mail, [office.open_address]))
    assert reason in office.receipt()["reasons"]
    assert office.documents() == []
    assert was_taken(office.send_open())


def test_a_mail_with_exactly_as_many_parts_as_allowed_is_judged(office):
    assert was_taken(office.send(many_parts(1000), [office.open_address]))
    assert office.receipt()["reasons"] == ["no-document"]
