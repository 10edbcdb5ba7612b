"""Policy `tagged`: registered senders, and a subject that says what the documents are."""

import pytest

from harness import mails
from office import ANNA, CODE, DKIM, TAG, was_refused, was_taken


def test_annas_invoice_is_filed_for_the_company_the_user_the_category_and_the_month(office):
    invoice = mails.pdf("Faktura 17")
    assert was_taken(office.send_tagged(files=mails.one_pdf(invoice)))

    document = office.document()
    assert office.content(document["id"]) == invoice
    wanted = {"client": "10023", "address": office.tagged, "category": "FZ", "period": "2024-11", "code": CODE,
              "user": ANNA, "sender": ANNA, "filename": "faktura 17.pdf", "status": "filed"}
    assert {key: document[key] for key in wanted} == wanted
    receipt = office.receipt()
    assert (receipt["verdict"], receipt["authenticated_by"], receipt["subject"]) == ("imported", "dkim", TAG)
    assert office.owed() == {("confirmation", ANNA)}


def test_the_code_may_be_a_colleagues_and_the_document_keeps_both(office):
    office.kwit.first_line("sender", "add", "10023", "jan@kunde.example", "--code", "111222")
    office.send_tagged(subject="[FK] 01/2026 (111222)")
    document = office.document()
    assert (document["sender"], document["user"], document["code"]) == (ANNA, "jan@kunde.example", "111222")


@pytest.mark.parametrize("name, content, media_type", [
    ("faktura.pdf", mails.pdf(), "application/pdf"),
    ("foto.jpg", mails.jpeg(), "image/jpeg"),
    ("skan.png", mails.png(), "image/png"),
    ("skan.tiff", mails.tiff(), "image/tiff"),
])
def test_documents_of_the_accepted_formats_are_filed(office, name, content, media_type):
    office.send_tagged(files=[(name, content, media_type)])
    document = office.document()
    assert (document["filename"], document["media_type"]) == (name, media_type)
    assert office.content(document["id"]) == content


@pytest.mark.parametrize("subject, period", [
    ("[fz]11.2024(932498)", "2024-11"),
    ("Re: Fwd: [FZ] 2024-11 (932498)", "2024-11"),
    ("WG: AW: PD: Odp: [FZ] 1/2026 (932498)", "2026-01"),
    ("[EXT] [FZ] 11/2024 (932498) faktura z Orlenu", "2024-11"),
    ("***SPAM*** [FZ] 11-2024 (932498)", "2024-11"),
    ("［FZ］ 11/2024 （932498） załącznik", "2024-11"),
])
def test_a_subject_may_be_written_as_people_and_gateways_write_it(office, subject, period):
    assert was_taken(office.send_tagged(subject=subject))
    document = office.document()
    assert (document["category"], document["period"], document["code"]) == ("FZ", period, CODE)


def test_a_subject_of_several_padded_encoded_words_is_read_whole(office):
    mail = office.tagged_mail(subject="SUBJECT").as_bytes().replace(
        b"SUBJECT", b"=?UTF-8?B?W0ZaXSAxMS8yMDI0?=\r\n =?UTF-8?B?ICg5MzI0OTgp?=")
    assert was_taken(office.send(mail, [office.tagged], sender=ANNA))
    assert office.receipt()["subject"] == TAG


@pytest.mark.parametrize("subject, reason", [
    ("faktura listopad", "subject-malformed"),
    ("[FZ] 11/2024", "subject-malformed"),
    ("", "subject-malformed"),
    (None, "subject-malformed"),
    ("[FZ] 11/2024 (932498) [FS] 12/2024 (932498)", "subject-malformed"),
    ("[FX] 11/2024 (932498)", "category-unknown"),
    ("[FZ] 13/2024 (932498)", "period-invalid"),
    ("[FZ] 11/24 (932498)", "period-invalid"),
    ("[FZ] 11/1999 (932498)", "period-invalid"),
    ("[FZ] 11/2024 (932499)", "code-unknown"),
])
def test_a_wrong_subject_files_nothing_and_anna_is_owed_a_correction(office, subject, reason):
    assert was_taken(office.send_tagged(subject=subject))
    receipt = office.receipt()
    assert (receipt["verdict"], receipt["reasons"]) == ("failed", [reason])
    assert reason == "category-unknown" or CODE in receipt["suggestion"]
    assert office.documents() == []
    assert office.owed() == {("correction", ANNA)}


def test_the_code_of_another_client_is_answered_like_one_that_does_not_exist(office):
    office.kwit.first_line("sender", "add", "20001", "ewa@logistik.example", "--code", "777888")
    office.send_tagged(subject="[FZ] 11/2024 (777888)")
    assert office.receipt()["reasons"] == ["code-unknown"]


@pytest.mark.parametrize("subject, reason", [
    ("faktura listopad", "subject-malformed"),
    ("[FX] 11/2024 (932498)", "category-unknown"),
    ("[FZ] 13/2024 (932498)", "period-invalid"),
    ("[FZ] 11/2024 (932499)", "code-unknown"),
])
def test_with_on_failure_reject_the_senders_server_hears_what_is_wrong(make_office, subject, reason):
    office = make_office({"policy.tagged.on_failure": '"reject"'})
    answer = office.send_tagged(subject=subject)
    assert was_refused(answer, 550, "5.6.0", reason)
    assert all(line.startswith("5.6.0 ") for line in answer.last.text.splitlines())
    assert answer.last.text.isascii()
    receipt = office.receipt()
    assert (receipt["verdict"], receipt["reasons"]) == ("refused", [reason])
    assert office.owed() == set()


@pytest.mark.parametrize("locale", ["pl", "de", "en"])
def test_a_reply_quotes_per_cent_signs_and_foreign_letters_in_ascii(make_office, locale):
    office = make_office({"policy.tagged.on_failure": '"reject"', "domain.locale": f'"{locale}"'})
    answer = office.send_tagged(subject="100% %s für Łódź")
    assert was_refused(answer, 550, "5.6.0", "subject-malformed")
    assert answer.last.text.isascii() and "100% %s" in answer.last.text
    assert all(len(line) <= 500 for line in answer.last.text.splitlines())


def test_an_automatic_mail_with_a_wrong_subject_is_never_answered_by_mail(office):
    mail = office.tagged_mail(subject="faktura", headers={"Auto-Submitted": "auto-generated"})
    answer = office.send(mail, [office.tagged], sender=ANNA)
    assert was_refused(answer, 550, "5.6.0", "subject-malformed")
    assert office.owed() == set()


def test_a_spreadsheet_beside_the_invoice_makes_it_partial_and_anna_is_told(office):
    files = mails.one_pdf() + [("liste.xlsx", mails.docx(), "application/vnd.ms-excel")]
    assert was_taken(office.send_tagged(files=files))
    assert office.receipt()["verdict"] == "partial"
    assert office.owed() == {("correction", ANNA)}


def test_partial_is_taken_and_told_even_with_on_failure_reject(make_office):
    office = make_office({"policy.tagged.on_failure": '"reject"'})
    files = mails.one_pdf() + [("brief.docx", mails.docx(), "application/msword")]
    assert was_taken(office.send_tagged(files=files, border=[DKIM]))
    assert office.receipt()["verdict"] == "partial"
    assert len(office.documents()) == 1
