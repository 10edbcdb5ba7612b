"""What an office can say about files: pictures that are ignored, annexes, XML invoices; and names that deceive."""

import hashlib

import pytest

from containers import zipped
from harness import mails
from office import ANNA, OPEN_NOTIFY, SUPPLIER, dispositions, text_of, was_refused, was_taken

PICTURES = {"policy.open.formats": '["pdf", "png", "jpeg"]'}
ANNEXES = {"policy.open.annex": '["*agb*", "Anlage_*"]'}
INVOICES = {"policy.open.formats": '["pdf", "xml-invoice"]'}
REJECT = {"policy.open.on_failure": '"reject"'}


def with_picture(office, picture: bytes, name: str, disposition: str, cid: str | None = None, subtype: str = "png"):
    """A HTML mail with a PDF and a picture beside the text, which the text shows when it has a cid."""
    mail = mails.letter(SUPPLIER, office.open_address, "Ihre Rechnung")
    mail.add_alternative(f'<p>Grüße</p>{f"<img src=cid:{cid}>" if cid else ""}', subtype="html")
    mail.add_attachment(mails.pdf(), maintype="application", subtype="pdf", filename="rechnung.pdf")
    mail.add_attachment(picture, maintype="image", subtype=subtype, filename=name, disposition=disposition,
                        cid=f"<{cid}>" if cid else None)
    return mail


def refusal(office, *args: str) -> str:
    """What a command says that answers no."""
    done = office.kwit.run(*args)
    assert done.returncode in (1, 2)
    return done.stderr.decode() if isinstance(done.stderr, bytes) else done.stderr


def runs(office, *args: str):
    assert office.kwit.run(*args).returncode == 0


# decorations

PLACES = [
    # picture, disposition, cid -> what becomes of it where pictures are documents
    ("a logo inline", mails.png(1000, 599, 599), "inline", None, "decoration"),
    ("a logo that the text shows", mails.png(1000, 120, 40), "attachment", "logo@x", "decoration"),
    ("a photo inline", mails.png(1000, 600, 599), "inline", None, "filed"),
    ("a till receipt inline", mails.png(1000, 300, 1000), "inline", None, "filed"),
    ("a photo that the text shows", mails.png(1000, 1000, 1000), "inline", "photo@x", "filed"),
    ("many bytes inline", mails.png(60 * 1024, 100, 100), "inline", None, "filed"),
    ("a small scan, attached", mails.png(1000, 100, 100), "attachment", None, "filed"),
]


@pytest.mark.parametrize("what, picture, disposition, cid, became", PLACES, ids=[place[0] for place in PLACES])
def test_a_small_picture_is_a_decoration_where_it_is_shown(make_office, what, picture, disposition, cid, became):
    office = make_office(PICTURES)
    assert was_taken(office.send(with_picture(office, picture, "bild.png", disposition, cid), [office.open_address]))
    receipt = office.receipt()
    assert receipt["verdict"] == "imported"
    assert dispositions(receipt)["bild.png"] == (became, "")


def test_the_size_of_a_jpeg_stands_behind_what_its_camera_wrote(make_office):
    office = make_office(PICTURES)
    small = mails.jpeg(40_000)
    assert was_taken(office.send(with_picture(office, small, "a.jpg", "inline", subtype="jpeg"), [office.open_address]))
    assert dispositions(office.receipt())["a.jpg"] == ("decoration", "")


def test_a_logo_that_comes_as_a_file_is_ignored_once_the_office_says_so_and_no_longer_when_it_takes_it_back(office):
    logo = mails.png(2000)
    mail = with_picture(office, logo, "logo.png", "attachment")
    assert was_taken(office.send(mail, [office.open_address]))
    first = office.receipt()
    assert first["verdict"] == "partial"
    digest = next(part["sha256"] for part in first["parts"] if part["name"] == "logo.png")
    assert digest[:12] in office.kwit.text("receipt", "show", first["id"])

    marked = office.kwit.rows("part", "ignore", digest[:12], "--client", "20001")[0]
    assert (marked["sha256"], marked["name"], marked["client"]) == (digest, "logo.png", "20001")
    assert "logo.png, in 1 of the newest mails" in office.kwit.text("part", "ignore", digest, "--client", "20001")
    assert [row["sha256"] for row in office.kwit.rows("part", "list", "--client", "20001")] == [digest]
    mail.replace_header("Subject", "Ihre zweite Rechnung")
    assert was_taken(office.send(mail, [office.open_address]))
    second = office.receipts(2)[1]
    assert (second["verdict"], dispositions(second)["logo.png"]) == ("imported", ("decoration", ""))
    assert dispositions(office.show(first["id"])) == dispositions(first)  # what came before stays

    assert office.kwit.first_line("part", "take", digest[:12], "--client", "20001") == digest
    mail.replace_header("Subject", "Ihre dritte Rechnung")
    assert was_taken(office.send(mail, [office.open_address]))
    assert office.receipts(3)[2]["verdict"] == "partial"
    entries = [row["what"] for row in office.kwit.rows("journal", "list")]
    assert [what for what in entries if what.startswith("part-")] == ["part-ignored", "part-taken"]
    runs(office, "verify")


def test_a_zip_that_the_office_marked_is_ignored_with_what_is_in_it(office):
    """Else what is in it would fail each mail of this supplier. One that brought a document is not marked by mistake."""
    same = mails.pdf("Rechnung")
    useful = zipped([("beleg.pdf", mails.pdf("Beleg"))])
    repeated = zipped([("rechnung.pdf", same)])
    useless = zipped([("werbung.exe", b"MZ" + bytes(100))])
    mail = mails.letter(SUPPLIER, office.open_address, "Ihre Rechnung", files=[
        *mails.one_pdf(same), ("belege.zip", useful, "application/zip"), ("kopie.zip", repeated, "application/zip"),
        ("werbung.zip", useless, "application/zip")])
    assert was_taken(office.send(mail, [office.open_address]))
    assert office.receipt()["verdict"] == "partial"

    for holds, name in ((useful, "beleg.pdf"), (repeated, "faktura 17.pdf")):
        refused = refusal(office, "part", "ignore", hashlib.sha256(holds).hexdigest(), "--client", "20001")
        assert "in it is document" in refused and name in refused and "--force" in refused
    runs(office, "part", "ignore", hashlib.sha256(useless).hexdigest(), "--client", "20001")
    mail.replace_header("Subject", "Ihre zweite Rechnung")
    assert was_taken(office.send(mail, [office.open_address]))
    second = office.receipts(2)[1]
    assert second["verdict"] == "imported"
    assert dispositions(second)["werbung.zip"] == dispositions(second)["werbung.exe"] == ("decoration", "")
    assert dispositions(second)["beleg.pdf"] == ("filed", "")
    runs(office, "verify")


def test_a_mark_is_of_one_client(office):
    logo = mails.png(2000)
    runs(office, "part", "ignore", hashlib.sha256(logo).hexdigest(), "--client", "20001")
    files = [*mails.one_pdf(), ("logo.png", logo, "image/png")]
    assert was_taken(office.send(office.tagged_mail(files=files), [office.tagged], sender=ANNA))
    assert dispositions(office.receipt())["logo.png"] == ("filed", "")


def test_what_cannot_be_meant_is_not_ignored(office):
    assert was_taken(office.send_open())
    digest = office.document()["sha256"]
    refused = refusal(office, "part", "ignore", digest, "--client", "20001")
    assert "rechnung.pdf" in refused and "--force" in refused
    assert "no SHA-256" in refusal(office, "part", "ignore", "logo.png", "--client", "20001")
    assert "no SHA-256" in refusal(office, "part", "ignore", digest[:11], "--client", "20001")
    assert "begins with 000000000000" in refusal(office, "part", "ignore", "0" * 12, "--client", "20001")
    assert "no client 7" in refusal(office, "part", "ignore", digest, "--client", "7")
    assert "not ignored" in refusal(office, "part", "take", digest, "--client", "20001")
    assert "none of the newest" in office.kwit.text("part", "ignore", "0" * 64, "--client", "20001")
    runs(office, "part", "ignore", digest, "--client", "20001", "--force")
    assert was_taken(office.send_open(subject="noch einmal"))
    assert office.receipts(2)[1]["reasons"] == ["no-document"]
    assert len(office.documents()) == 1


# annexes

def test_an_annex_is_filed_as_one_beside_its_document(make_office):
    office = make_office(ANNEXES)
    files = mails.one_pdf(mails.pdf("Rechnung"), "rechnung.pdf") + mails.one_pdf(mails.pdf("AGB"), "Unsere AGB 2026.pdf")
    assert was_taken(office.send_open(files=files))
    receipt = office.receipt()
    assert receipt["verdict"] == "imported"
    assert dispositions(receipt) == {"rechnung.pdf": ("filed", ""), "Unsere AGB 2026.pdf": ("annex", "")}
    assert {row["filename"]: row["status"] for row in office.documents()} == {
        "rechnung.pdf": "filed", "Unsere AGB 2026.pdf": "annex"}
    assert [row["filename"] for row in office.kwit.rows("document", "list", "--status", "annex")] == ["Unsere AGB 2026.pdf"]
    assert [row["filename"] for row in office.kwit.rows("document", "list", "--status", "filed")] == ["rechnung.pdf"]
    assert "cannot be used as status" in refusal(office, "document", "list", "--status", "annexe")


def test_the_notice_says_which_is_an_annex(make_office, sink):
    office = make_office(ANNEXES)
    files = mails.one_pdf(mails.pdf("Rechnung"), "rechnung.pdf") + mails.one_pdf(mails.pdf("A"), "Anlage_1.pdf")
    assert was_taken(office.send_open(files=files))
    text = text_of(office.arrived(sink, "import", OPEN_NOTIFY))
    assert "załącznik do dokumentu" in text and "Anlage_1.pdf" in text


def test_a_mail_of_annexes_alone_is_told_so(make_office):
    office = make_office(ANNEXES | REJECT)
    answer = office.send_open(files=mails.one_pdf(name="Anlage_1.pdf"))
    assert was_refused(answer, 550, "5.6.0", "no-document")
    assert "Anlage_1.pdf" in answer.last.text
    assert office.documents() == []


def test_a_person_files_what_was_only_an_annex(make_office):
    office = make_office(ANNEXES)
    assert was_taken(office.send_open(files=mails.one_pdf(name="Anlage_1.pdf")))
    receipt = office.receipt()
    assert dispositions(receipt) == {"Anlage_1.pdf": ("refused", "no-document")}
    part = next(part["number"] for part in receipt["parts"] if part["name"] == "Anlage_1.pdf")
    runs(office, "import", "--receipt", receipt["id"], "--part", str(part), "--client", "20001", "--category", "ER",
                    "--period", "2026-11")
    assert office.document()["status"] == "filed"


# XML invoices

UBL = mails.xml_invoice("FV/17")
CII = (b'<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100" xmlns:ram="r">'
       b"<rsm:ExchangedDocument><ram:ID>RE-17</ram:ID></rsm:ExchangedDocument></rsm:CrossIndustryInvoice>")
KSEF = ('\ufeff<?xml version="1.0" encoding="UTF-16"?><Faktura xmlns="http://crd.gov.pl/wzor/2025/06/25/13775/"><Fa>'
        "<P_2>1/ś/2026</P_2></Fa></Faktura>").encode("utf-16-le")


def xml(content: bytes, name: str = "faktura.xml", media_type: str = "application/xml"):
    return [(name, content, media_type)]


@pytest.mark.parametrize("content, kind, number", [(UBL, "ubl", "FV/17"), (CII, "cii", "RE-17"), (KSEF, "ksef", "1/ś/2026")])
def test_an_xml_invoice_is_filed_with_its_number(make_office, content, kind, number):
    office = make_office(INVOICES)
    assert was_taken(office.send_open(files=xml(content)))
    document = office.document()
    assert (document["media_type"], document["kind"], document["title"]) == ("application/xml", kind, number)
    assert office.content(document["id"]) == content
    shown = office.kwit.text("document", "show", document["id"])
    assert kind in shown and number in shown


NO_INVOICES = [
    ("other XML", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "part-not-accepted", "format"),
    ("cut off", UBL[:-3], "part-not-accepted", "xml-damaged"),
    ("an entity from a file", UBL.replace(b"<Invoice", b'<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/passwd">]><Invoice', 1)
     .replace(b"FV/17", b"&x;"), "part-not-accepted", "xml-dtd"),
    ("a laughing one", b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "' + b"&a;" * 100 + b'">]><l>&b;</l>',
     "part-not-accepted", "xml-dtd"),
    ("a program", mails.exe(), "type-mismatch", None),
]


@pytest.mark.parametrize("what, content, reason, detail", NO_INVOICES, ids=[one[0] for one in NO_INVOICES])
def test_other_xml_is_refused_with_what_it_is(make_office, what, content, reason, detail):
    office = make_office(INVOICES)
    assert was_taken(office.send_open(files=xml(content)))
    finding = office.receipt()["findings"][0]
    assert (finding["reason"], finding["detail"]) == (reason, detail)
    assert office.documents() == []


def test_where_no_invoices_are_taken_they_are_refused_as_xml(office):
    assert was_taken(office.send_open(files=xml(UBL)))
    assert dispositions(office.receipt()) == {"faktura.xml": ("refused", "part-not-accepted")}


def test_an_xml_invoice_is_imported_by_hand(make_office, tmp_path):
    office = make_office(INVOICES)
    file = tmp_path / "faktura.xml"
    file.write_bytes(KSEF)
    runs(office, "import", str(file), "--client", "20001", "--category", "ER", "--period", "2026-11")
    assert office.document()["kind"] == "ksef"


# names that deceive

DECEIVING = [
    # the name as it came -> as it is shown
    ("rechnung.pdf.exe", "rechnung.pdf.exe"),
    ("faktura\u202efdp.exe", "fakturafdp.exe"),
    ("../../etc/cron.d/rechnung.pdf", "rechnung.pdf"),
    ("C:\\Users\\anna\\rechnung.pdf", "rechnung.pdf"),
    ("Za\u0308hler\u200b.pdf", "Zähler.pdf"),
    ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
]


@pytest.mark.parametrize("name, shown", DECEIVING, ids=[shown[:20] for _, shown in DECEIVING])
def test_a_pdf_is_one_by_its_content_and_its_name_is_cleaned_for_showing(office, name, shown):
    assert was_taken(office.send_open(files=mails.one_pdf(name=name)))
    part = next(part for part in office.receipt()["parts"] if part["disposition"] == "filed")
    assert part["name"] == shown
    assert part["raw_name"] == (None if name == shown else name)
    assert office.document()["filename"] == shown
