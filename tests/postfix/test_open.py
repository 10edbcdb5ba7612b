"""Policy `open`: anyone may send PDF files to the address of a client."""

import datetime
import hashlib
import re
import zoneinfo

import pytest

from harness import mails
from office import OPEN_NOTIFY, SUPPLIER, dispositions, was_taken

WARSAW = zoneinfo.ZoneInfo("Europe/Warsaw")


def month_before(day: datetime.date) -> datetime.date:
    return (day.replace(day=1) - datetime.timedelta(days=1)).replace(day=1)


def this_month() -> str:
    return datetime.datetime.now(WARSAW).strftime("%Y-%m")


def test_a_suppliers_pdf_is_filed_byte_for_byte_with_the_symbol_of_the_address_and_the_month_of_the_mail(office):
    invoice = mails.pdf("Rechnung 4711", size=150_000)
    assert was_taken(office.send_open(files=mails.one_pdf(invoice, "rechnung.pdf")))

    document = office.document()
    assert office.content(document["id"]) == invoice
    assert {key: document[key] for key in ("client", "address", "category", "period", "media_type", "filename", "size")} == {
        "client": "20001", "address": office.open_address, "category": "ER", "period": this_month(),
        "media_type": "application/pdf", "filename": "rechnung.pdf", "size": len(invoice)}
    receipt = office.receipt()
    assert (receipt["verdict"], receipt["reasons"], receipt["documents"]) == ("imported", [], [document["id"]])
    assert (receipt["sender"], receipt["envelope_from"]) == (SUPPLIER, SUPPLIER)
    assert receipt["client_address"] == "127.0.0.2"
    assert office.owed() == {("import", OPEN_NOTIFY)}


def test_the_object_is_named_by_the_sha256_of_its_bytes_and_read_only(office):
    office.send_open()
    digest = office.document()["sha256"]
    path = office.kwit.archive / "objects" / "sha256" / digest[:2] / digest[2:4] / digest
    assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
    assert path.stat().st_mode & 0o777 == 0o440


def test_the_original_of_the_mail_is_kept_as_it_came(office):
    mail = office.open_mail(headers={"X-Odd": "a  b\tc"}).as_bytes()
    office.send(mail, [office.open_address])
    original = office.original(office.receipt()["id"])
    assert original.endswith(mail)
    assert original[:-len(mail)].count(b"Received:") <= 1


def test_a_made_address_ends_with_its_extension_behind_a_token_nobody_guesses(office):
    assert re.fullmatch(r"[a-km-np-z2-9]{10,}-rechnungen@in\.example\.com", office.open_address)


def test_a_forward_from_ones_own_address_is_taken_too(office):
    forward = office.open_mail(subject="WG: Ihre Rechnung 4711", headers={"From": "buero@logistik.example"})
    assert was_taken(office.send(forward, [office.open_address], sender="buero@logistik.example"))
    assert office.receipt()["verdict"] == "imported"


def test_pdfs_are_filed_and_every_other_attachment_is_told_to_the_notification_addresses(office):
    files = mails.one_pdf(name="rechnung.pdf") + [("agb.docx", mails.docx(), "application/vnd.openxmlformats-officedocument"
                                                   ".wordprocessingml.document")]
    assert was_taken(office.send_open(files=files))

    receipt = office.receipt()
    assert (receipt["verdict"], receipt["reasons"]) == ("partial", ["part-not-accepted"])
    assert dispositions(receipt) == {"rechnung.pdf": ("filed", ""), "agb.docx": ("refused", "part-not-accepted")}
    assert office.document()["filename"] == "rechnung.pdf"
    assert ("failure", OPEN_NOTIFY) in office.owed()


def test_a_mail_with_nothing_but_a_photo_files_nothing_and_is_told(office):
    assert was_taken(office.send_open(files=[("foto.jpg", mails.jpeg(), "image/jpeg")]))
    assert office.receipt()["verdict"] == "failed"
    assert office.documents() == []
    assert office.owed() == {("failure", OPEN_NOTIFY)}
    assert office.kwit.rows("receipt", "list", "--unresolved")[0]["id"] == office.receipt()["id"]


def test_a_mail_without_attachment_is_failed_as_no_document(office):
    assert was_taken(office.send_open(files=[]))
    assert office.receipt()["reasons"] == ["no-document"]


def test_several_pdfs_of_one_mail_are_several_documents_and_equal_ones_are_one(office):
    one, two = mails.pdf("eins"), mails.pdf("zwei")
    files = [("1.pdf", one, "application/pdf"), ("2.pdf", two, "application/pdf"), ("3.pdf", one, "application/pdf")]
    office.send_open(files=files)
    assert [disposition for disposition, _ in dispositions(office.receipt()).values()] == ["filed", "filed", "duplicate"]
    assert len(office.documents()) == 2


def test_the_period_is_the_month_of_the_mail_in_the_time_zone_of_the_domain(office):
    first = month_before(datetime.datetime.now(WARSAW).date())
    just_after_midnight = datetime.datetime(first.year, first.month, 1, 0, 30, tzinfo=WARSAW)
    in_new_york = just_after_midnight.astimezone(datetime.timezone(datetime.timedelta(hours=-5)))
    assert in_new_york.month != first.month
    office.send_open(headers={"Date": in_new_york.strftime("%a, %d %b %Y %H:%M:%S %z")})
    assert office.document()["period"] == first.strftime("%Y-%m")
    assert office.receipt()["flags"] == []


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 01 Jan 1970 00:00:00 +0000"])
def test_a_mail_whose_date_cannot_be_used_gets_the_month_of_receipt_and_a_flag(office, date):
    office.send_open(headers={"Date": date})
    assert office.document()["period"] == this_month()
    assert "period-of-receipt" in office.receipt()["flags"]


def test_a_mail_of_no_person_is_filed_like_any_other(office):
    mail = office.open_mail(headers={"Auto-Submitted": "auto-generated", "Precedence": "bulk"})
    assert was_taken(office.send(mail, [office.open_address], sender=""))
    receipt = office.receipt()
    assert (receipt["verdict"], receipt["envelope_from"]) == ("imported", "")
