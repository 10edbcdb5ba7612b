"""The mails that kwit sends: what stands in them, in which language, and who gets which."""

import base64
import email.utils
import re
import types
import urllib.parse

import pytest

from harness import mails
from harness.kwit import Kwit
from harness.postfix import wait_for
from harness.smtp import Arrived
from office import (ANNA, CODE, DKIM, OPEN_NOTIFY, SUPPLIER, TAGGED_NOTIFY, Office, bounce_address, message_id_of,
                    parts_of, running, text_of, was_refused, was_taken)

BOSS = "boss@example.com"
DOCX = ("agb.docx", mails.docx(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
XLSX = ("umsatz.xlsx", mails.zipped(**{"xl/workbook.xml": b"<workbook/>", "[Content_Types].xml": b"<Types/>"}),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
TEXT_WITH_DOTS = "See below.\n.\n..\nFrom here on\n.\nit goes on.\n"
WRONG = "FZ 11/2024 932498"  # no brackets
CORRECTED = "[FZ] 11/2024 (932498)"

# What people read, word for word where it matters.
WORDS = {
    "pl": {
        "confirmation": "Przyjęto 2 dokumenty: FZ 11/2024",
        "correction": f"Nie przyjęto, prosimy o poprawienie: {WRONG}",
        "import": "Nowy import: 1 dokument, ER {period} (Logistik AG)",
        "failure": "Niepełny import: Ihre Rechnung 4712 (Logistik AG)",
        "greeting": "Dzień dobry,",
        "about": ["Firma: Kunde GmbH (10023)", "Kategoria: FZ (faktura zakupowa)", "Okres: 11/2024", "Temat: " + CORRECTED],
        "table": "Co stało się z załącznikami:",
        "filed": "przyjęto", "refused": "NIE przyjęto", "document": "Dokument",
        "why": "Plik „agb.docx” to dokument biurowy",
        "read": "Odczytany temat: " + WRONG,
        "corrected": "Poprawiony temat: " + CORRECTED,
        "guidelines": ["Temat: [KATEGORIA] MM/RRRR (KOD)", "FK: faktura kosztowa", f"KOD to własny kod użytkownika: {CODE}"],
        "answers": "odpowiedź trafi na adres biuro@example.com",
    },
    "de": {
        "confirmation": "2 Belege angenommen: FZ 11/2024",
        "correction": f"Nicht angenommen, bitte berichtigen: {WRONG}",
        "import": "1 Beleg importiert: ER {period} (Logistik AG)",
        "failure": "Import unvollständig: Ihre Rechnung 4712 (Logistik AG)",
        "greeting": "Guten Tag,",
        "about": ["Firma: Kunde GmbH (10023)", "Kategorie: FZ (Einkaufsrechnung)", "Zeitraum: 11/2024", "Betreff: " + CORRECTED],
        "table": "Was aus den Anhängen wurde:",
        "filed": "abgelegt", "refused": "NICHT abgelegt", "document": "Beleg",
        "why": "„agb.docx“",
        "read": "Der Betreff, wie wir ihn gelesen haben: " + WRONG,
        "corrected": "Berichtigter Betreff: " + CORRECTED,
        "guidelines": ["Betreff: [KATEGORIE] MM/JJJJ (CODE)", f"CODE ist Ihr eigener Code: {CODE}"],
        "answers": "Ihre Antwort erreicht biuro@example.com",
    },
    "en": {
        "confirmation": "Filed 2 documents: FZ 11/2024",
        "correction": f"Not filed, please correct: {WRONG}",
        "import": "Imported 1 document: ER {period} (Logistik AG)",
        "failure": "Import incomplete: Ihre Rechnung 4712 (Logistik AG)",
        "greeting": "Hello,",
        "about": ["Company: Kunde GmbH (10023)", "Category: FZ (purchase invoice)", "Period: 11/2024", "Subject: " + CORRECTED],
        "table": "What became of the attachments:",
        "filed": "filed", "refused": "NOT filed", "document": "Document",
        "why": "“agb.docx”",
        "read": "Subject as we read it: " + WRONG,
        "corrected": "Corrected subject: " + CORRECTED,
        "guidelines": ["Subject: [CATEGORY] MM/YYYY (CODE)", f"CODE is your own code: {CODE}"],
        "answers": "your answer reaches biuro@example.com",
    },
}


@pytest.fixture(scope="module", params=sorted(WORDS))
def told(session_postfix, session_sink, request):
    """The four notices in one language, as they arrived, and what they are about."""
    kwit = Kwit(session_postfix, f"told-{request.param}")
    with running(kwit):
        office = Office(kwit).open()
        for client in ("10023", "20001"):
            kwit.text("client", "set", client, "--locale", request.param)
        sent = {
            "confirmation": office.tagged_mail(CORRECTED, [*mails.one_pdf(), ("skan.png", mails.png(), "image/png")]),
            "correction": office.tagged_mail(WRONG),
            "import": office.open_mail("Ihre Rechnung 4711"),
            "failure": office.open_mail("Ihre Rechnung 4712", [*mails.one_pdf(name="rechnung.pdf"), DOCX], text=TEXT_WITH_DOTS),
        }
        receivers = {"confirmation": ANNA, "correction": ANNA, "import": OPEN_NOTIFY, "failure": OPEN_NOTIFY}
        for kind, mail in sent.items():
            tagged = receivers[kind] == ANNA
            assert was_taken(office.send(mail, [office.tagged if tagged else office.open_address], ANNA if tagged else SUPPLIER))
        story = types.SimpleNamespace(words=WORDS[request.param], office=office, sent=sent, mails={}, rows={}, receipts={})
        for kind, to in receivers.items():
            story.rows[kind] = office.notice(kind, to)
            story.mails[kind] = office.arrived(session_sink, kind, to)
        for receipt in office.receipts(4):
            story.receipts[receipt["notices"][0]["kind"]] = receipt
        story.original = office.original(story.receipts["failure"]["id"])
        assert office.kwit.rows("outbox", "list") == []
        story.documents = {document["id"]: document for document in office.documents()}
    return story


def check_envelope_and_headers(told, kind: str, to: str):
    mail: Arrived = told.mails[kind]
    to_sender = kind in ("confirmation", "correction")
    assert mail.sender == ("" if to_sender else bounce_address(told.rows[kind]))
    assert mail.recipients == [to]
    header = mail.message
    assert header["From"] == "Biuro <noreply@in.example.com>"
    assert header["Reply-To"] == "biuro@example.com"
    assert header["To"] == to
    assert header["Auto-Submitted"] == ("auto-replied" if to_sender else "auto-generated")
    assert header["X-Auto-Response-Suppress"] == "All"
    assert header["Message-ID"] == message_id_of(told.rows[kind])
    assert header["In-Reply-To"] == header["References"] == told.sent[kind]["Message-ID"]
    assert abs(email.utils.parsedate_to_datetime(header["Date"]).timestamp() - email.utils.localtime().timestamp()) < 600
    assert header["MIME-Version"] == "1.0"
    for name in ("From", "To", "Subject", "Message-ID", "Date"):
        assert len(header.get_all(name)) == 1
    assert mail.raw.isascii()


def table_of(text: str) -> list[tuple[str, str, str, str]]:
    """The rows of the table of parts: name, size, what became of it, and the lines below it."""
    rows = re.findall(r"^\d+\. (.+) \(([^()]+)\): (.+)\n((?:   .+\n)*)", text, re.M)
    return [(name, size, outcome, " ".join(below.split())) for name, size, outcome, below in rows]


def check_table(told, kind: str, outcomes: dict[str, str]):
    """The table has each file once, with its size, its outcome, its document and the begin of its SHA-256."""
    text = text_of(told.mails[kind])
    rows = table_of(text[text.index(told.words["table"]):])
    assert [(name, outcome) for name, _, outcome, _ in rows] == [(n, told.words[o]) for n, o in outcomes.items()]
    parts = {part["name"]: part for part in told.receipts[kind]["parts"] if part["name"]}
    for name, size, outcome, below in rows:
        part = parts[name]
        assert size == f"{part['size']} B"
        assert f"SHA-256 {part['sha256'][:12]}…" in below
        if outcome == told.words["filed"]:
            assert f"{told.words['document']} {part['document']}," in below
            assert told.documents[part["document"]]["sha256"] == part["sha256"]
        else:
            assert not part["document"]


def test_the_confirmation_says_what_was_filed_where(told):
    check_envelope_and_headers(told, "confirmation", ANNA)
    mail, words = told.mails["confirmation"], told.words
    assert mail.message["Subject"] == words["confirmation"]
    lines = text_of(mail).splitlines()
    assert lines[0] == words["greeting"]
    assert set(words["about"]) <= set(lines)
    assert words["answers"] in lines[-1]
    check_table(told, "confirmation", {"faktura 17.pdf": "filed", "skan.png": "filed"})
    assert mail.message.get_content_type() == "multipart/alternative"


def test_the_correction_quotes_what_was_read_gives_the_corrected_subject_and_the_guidelines(told):
    check_envelope_and_headers(told, "correction", ANNA)
    mail, words = told.mails["correction"], told.words
    assert mail.message["Subject"] == words["correction"]
    text = text_of(mail)
    assert words["read"] in text.splitlines()
    assert words["corrected"] in text
    assert all(line in text for line in words["guidelines"])
    assert "PDF, JPEG, PNG, TIFF" in text and ANNA in text
    link = urllib.parse.urlsplit(re.search(r"mailto:\S+", text).group())
    assert urllib.parse.unquote(link.path) == told.office.tagged
    assert urllib.parse.parse_qs(link.query) == {"subject": [CORRECTED]}
    assert mail.message.get_content_type() == "multipart/alternative"  # Anna has her mail


def test_the_import_notice_says_what_is_new(told):
    check_envelope_and_headers(told, "import", OPEN_NOTIFY)
    mail = told.mails["import"]
    document = told.documents[told.receipts["import"]["documents"][0]]
    year, month = document["period"].split("-")
    assert mail.message["Subject"] == told.words["import"].format(period=f"{month}/{year}")
    assert SUPPLIER in text_of(mail) and told.office.open_address in text_of(mail)
    check_table(told, "import", {"rechnung.pdf": "filed"})
    assert mail.message.get_content_type() == "multipart/alternative"


def test_the_failure_notice_says_what_was_not_filed_and_has_the_mail_byte_for_byte(told):
    check_envelope_and_headers(told, "failure", OPEN_NOTIFY)
    mail = told.mails["failure"]
    assert mail.message["Subject"] == told.words["failure"]
    check_table(told, "failure", {"rechnung.pdf": "filed", "agb.docx": "refused"})
    assert told.words["why"] in text_of(mail)
    assert mail.message.get_content_type() == "multipart/mixed"
    (text_head, _), (head, content) = parts_of(mail)
    assert text_head.startswith("Content-Type: multipart/alternative;")
    assert "Content-Type: message/rfc822" in head and 'filename="original.eml"' in head
    assert content == told.original
    assert content.endswith(told.sent["failure"].as_bytes())


def test_the_subject_of_the_link_in_a_correction_is_good(office, sink):
    office.send_tagged(subject=WRONG)
    text = text_of(office.arrived(sink, "correction", ANNA))
    query = urllib.parse.urlsplit(re.search(r"mailto:\S+", text).group()).query
    office.send_tagged(subject=urllib.parse.parse_qs(query)["subject"][0])
    assert [receipt["verdict"] for receipt in office.receipts(2)] == ["failed", "imported"]


# ── which language, whose words ──────────────────────────────────────────────────────────────────


def test_a_client_without_a_language_is_written_to_in_that_of_the_domain(make_office, sink):
    office = make_office({"domain.locale": '"de"'})
    office.send_open()
    assert text_of(office.arrived(sink, "import", OPEN_NOTIFY)).startswith("Guten Tag,")


def test_an_office_has_its_own_words(make_kwit, tmp_path, sink):
    tmp_path.chmod(0o755)
    (tmp_path / "pl.toml").write_text('[notice.import]\nsubject = "U nas nowe: {documents}, {what} / {client}"\n')
    office = Office(make_kwit({"texts.path": f'"{tmp_path}"'})).open()
    office.send_open()
    mail = office.arrived(sink, "import", OPEN_NOTIFY)
    assert mail.message["Subject"].startswith("U nas nowe: 1 dokument, ER ")
    assert mail.message["Subject"].endswith(" / Logistik AG")
    assert "Co stało się z załącznikami:" in text_of(mail)  # the others are the built-in ones


def test_without_reply_to_nobody_is_asked_to_answer(make_office, sink):
    office = make_office({"domain.reply_to": None})
    office.send_open()
    mail = office.arrived(sink, "import", OPEN_NOTIFY)
    assert mail.message["Reply-To"] is None
    assert "odpowiedzi na nią nie są czytane" in text_of(mail)


def test_what_a_sender_writes_makes_no_header_and_no_line_of_a_notice(office, sink):
    evil = "=?utf-8?q?Rechnung=0D=0ABcc:_evil@x.example=0D=0A=0D=0ADear_all?="
    mail = office.open_mail().as_bytes().replace(b"Subject: Ihre Rechnung 4711", b"Subject: " + evil.encode())
    office.send(mail.replace(b'filename="rechnung.pdf"', b"filename*=utf-8''a%0D%0A2.%20b.pdf"), [office.open_address])
    told = office.arrived(sink, "import", OPEN_NOTIFY)
    assert told.message["Bcc"] is None
    lines = text_of(told).splitlines()
    assert not [line for line in lines if line.startswith(("Bcc", "Dear", "2."))]


# ── what goes with a failure notice ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("over", [0, 1])
def test_a_mail_is_attached_up_to_forward_max_and_told_by_its_receipt_above(make_office, sink, over):
    limit = 8192
    office = make_office({"outbox.forward_max": '"8KiB"'})
    mail = office.open_mail(files=[DOCX]).as_bytes()
    filler = limit + over - len(mail)
    lines = b"".join(b"%062d\r\n" % n for n in range(filler // 64)) + b"y" * (filler % 64)
    mail = mail.replace(b"W zalaczeniu.", lines + b"W zalaczeniu.")
    assert len(mail) == limit + over
    assert was_taken(office.send(mail, [office.open_address]))
    receipt = office.receipt()
    original = office.original(receipt["id"])
    assert original == mail
    told = office.arrived(sink, "failure", OPEN_NOTIFY)
    if over:
        assert told.message.get_content_type() == "multipart/alternative"
        assert "za duża" in text_of(told) and f"kwit receipt original {receipt['id']}" in text_of(told)
    else:
        assert parts_of(told)[1][1] == mail


@pytest.mark.parametrize("old, new", [
    (b"W zalaczeniu.", "W załączeniu.".encode()),             # 8-bit
    (b"W zalaczeniu.", b"W zalaczeniu. " + b"x" * 999),       # a line that Postfix would fold
])
def test_a_mail_that_would_not_arrive_as_it_is_goes_in_base64(office, sink, old, new):
    mail = office.open_mail(files=[DOCX]).as_bytes().replace(old, new).replace(b"7bit", b"8bit")
    assert was_taken(office.send(mail, [office.open_address]))
    original = office.original(office.receipt()["id"])
    head, content = parts_of(office.arrived(sink, "failure", OPEN_NOTIFY))[1]
    assert "Content-Type: application/octet-stream" in head and 'filename="original.eml"' in head
    assert base64.b64decode(content, validate=False) == original == mail


def test_a_mail_without_a_document_is_told_with_the_mail_or_with_a_correction(office, sink):
    assert was_taken(office.send_open(files=[]))
    assert was_taken(office.send_tagged(files=[]))
    told = office.arrived(sink, "failure", OPEN_NOTIFY)
    assert told.message["Subject"] == "Nieudany import: Ihre Rechnung 4711 (Logistik AG)"
    assert parts_of(told)[1][1] == office.original(office.receipts(2)[0]["id"])
    corrected = office.arrived(sink, "correction", ANNA)
    assert corrected.message["Subject"] == f"Nie przyjęto, prosimy o poprawienie: {mails.TAG}"
    assert "PDF, JPEG, PNG, TIFF" in text_of(corrected)
    assert len(office.unresolved()) == 2


def test_two_pdfs_and_a_spreadsheet_are_listed_with_what_became_of_each(office, sink):
    files = [("1.pdf", mails.pdf("one"), "application/pdf"), XLSX, ("2.pdf", mails.pdf("two"), "application/pdf")]
    assert was_taken(office.send_open(files=files))
    assert was_taken(office.send_tagged(files=files))
    outcomes = [("1.pdf", "przyjęto"), ("umsatz.xlsx", "NIE przyjęto"), ("2.pdf", "przyjęto")]
    failure, correction = office.arrived(sink, "failure", OPEN_NOTIFY), office.arrived(sink, "correction", ANNA)
    for told in (failure, correction):
        rows = table_of(text_of(told))
        assert [(name, outcome) for name, _, outcome, _ in rows] == outcomes
        assert "Plik „umsatz.xlsx”" in rows[1][3]
    assert "2 dokumenty" in text_of(failure) and "2 dokumenty" in text_of(correction)
    assert parts_of(failure)[1][1] == office.original(office.receipts(2)[0]["id"])
    assert len(office.documents()) == 4


# ── who is told ──────────────────────────────────────────────────────────────────────────────────


def test_of_a_mail_to_three_addresses_of_two_clients_everybody_gets_exactly_his_own(office, sink):
    second = office.kwit.first_line("address", "add", "10023", "--policy", "open", "--symbol", "AR", "--extension", "zwei")
    office.kwit.text("notify", "add", "20001", "zweite@logistik.example")
    mail = office.tagged_mail(files=[*mails.one_pdf(), ("skan.png", mails.png(), "image/png")]).as_bytes()
    assert was_taken(office.send(mail, [office.tagged, BOSS, second, office.open_address], sender=ANNA))
    expected = {("confirmation", ANNA), ("failure", TAGGED_NOTIFY), ("failure", OPEN_NOTIFY),
                ("failure", "zweite@logistik.example")}
    assert office.owed() == expected and len(office.notices()) == 4
    told = {to: office.arrived(sink, kind, to) for kind, to in expected}
    ordinary = sink.wait_to(BOSS)
    assert [m.recipients for m in ordinary] == [[BOSS]] and ordinary[0].raw.endswith(mail[mail.index(b"From:"):])
    of_kunde = ["Kunde GmbH", "10023", second, TAGGED_NOTIFY]
    of_logistik = ["Logistik AG", "20001", office.open_address, "logistik.example"]
    receipts = {receipt["address"]: receipt for receipt in office.receipts(3)}
    own = {ANNA: office.tagged, TAGGED_NOTIFY: second, OPEN_NOTIFY: office.open_address,
           "zweite@logistik.example": office.open_address}
    for to, notice in told.items():
        # The attached mail is as its sender wrote it; everything else is of this client alone.
        said = text_of(notice) + notice.raw[:notice.raw.index(b"\r\n\r\n")].decode()
        others = of_kunde if to.endswith("logistik.example") else of_logistik
        assert not [word for word in others if word in said.replace(f"<{to}>", "")], to
        for address, receipt in receipts.items():
            assert (receipt["id"] in said) == (address == own[to])


def test_two_persons_of_a_client_get_a_mail_each_and_do_not_see_each_other(office, sink):
    office.kwit.text("notify", "add", "20001", "zweite@logistik.example")
    office.send_open()
    first, second = (office.arrived(sink, "import", to) for to in (OPEN_NOTIFY, "zweite@logistik.example"))
    assert b"zweite@" not in first.raw and OPEN_NOTIFY.encode() not in second.raw
    assert first.sender != second.sender


def test_an_invoice_from_a_machine_is_told_like_any_other(office, sink):
    marks = {"Auto-Submitted": "auto-generated", "Precedence": "bulk"}
    assert was_taken(office.send(office.open_mail(headers=marks), [office.open_address], sender=""))
    assert was_taken(office.send(office.open_mail(files=[], headers=marks), [office.open_address], sender=""))
    office.arrived(sink, "import", OPEN_NOTIFY)
    office.arrived(sink, "failure", OPEN_NOTIFY)


@pytest.mark.parametrize("marks", [{"Auto-Submitted": "auto-generated"}, {"Precedence": "junk"}, {"List-Id": "<x.example>"}, None])
def test_a_machine_of_the_sender_gets_no_answer(office, marks):
    sender = ANNA if marks else ""
    assert was_taken(office.send(office.tagged_mail(headers=marks), [office.tagged], sender=sender))
    assert office.receipt()["verdict"] == "imported"
    assert office.notices() == []


def test_who_is_not_registered_or_not_proved_gets_no_mail(office, sink):
    stranger = office.tagged_mail(sender="eve@kunde.example")
    forged = office.tagged_mail(border=[])
    for mail in (stranger, forged):
        assert office.send(mail, [office.tagged], sender=ANNA).last.code == 550
        assert was_taken(office.send(mail, [office.tagged, BOSS], sender=ANNA))
    assert {receipt["verdict"] for receipt in office.receipts(4)} == {"refused"}
    assert office.owed() == {("failure", TAGGED_NOTIFY)} and len(office.notices()) == 2
    for notice in office.notices():
        told = wait_for(lambda: sink.with_id(message_id_of(notice)), "the notice")[0]
        assert told.recipients == [TAGGED_NOTIFY] and told.message.get_content_type() == "multipart/alternative"
        assert told.message["Subject"].startswith("Odrzucona wiadomość: ")


# ── what changes before a notice goes out ────────────────────────────────────────────────────────


def test_a_notice_goes_out_though_its_address_was_disabled_and_its_client_removed_since(make_office, postfix, sink):
    office = make_office({"outbox.submit": '"smtp://127.0.0.1:9"'})  # nobody is there
    office.kwit.text("client", "set", "20001", "--locale", "de")
    assert was_taken(office.send_open(files=[DOCX]))
    assert was_taken(office.send_tagged())
    office.kwit.text("address", "disable", office.tagged)
    office.kwit.text("sender", "remove", "10023", ANNA)
    office.kwit.text("client", "remove", "20001")
    office.kwit.configure({"outbox.submit": f'"smtp://127.0.0.1:{postfix.submit_port}"'})
    office.kwit.reload()
    wait_for(lambda: "read again" in office.kwit.log_text(), "the new configuration", 10)
    office.due_now()
    failure = office.arrived(sink, "failure", OPEN_NOTIFY)
    assert failure.message["Subject"] == "Nieudany import: Ihre Rechnung 4711 (20001)"  # its number; the domain's language
    assert parts_of(failure)[1][1] == office.original(office.receipts(2)[0]["id"])
    assert "faktura zakupowa" in text_of(office.arrived(sink, "confirmation", ANNA))


# ── what comes back ──────────────────────────────────────────────────────────────────────────────

VACATION = {"Auto-Submitted": "auto-replied", "Subject": "Re: Przyjęto 1 dokument"}


def answer_of_a_machine(told: Arrived, sender: str, to: str, border=()):
    """What a vacation program makes of a mail (RFC 3834)."""
    marks = VACATION | {"In-Reply-To": told.message_id, "References": told.message_id}
    return mails.letter(sender, to, None, text="I am away.\n", headers=marks, border=list(border))


@pytest.mark.parametrize("sender", ["", ANNA])
def test_a_vacation_answer_to_a_confirmation_gets_nothing_wherever_it_goes(office, sink, sender):
    office.send_tagged()
    told = office.arrived(sink, "confirmation", ANNA)
    assert told.sender == ""  # a program that follows RFC 3834 answers nothing at all
    to_from = answer_of_a_machine(told, ANNA, "noreply@in.example.com", [DKIM])
    assert was_refused(office.send(to_from, ["noreply@in.example.com"], sender=sender), 550, "5.1.1", "address-unknown")
    to_import = answer_of_a_machine(told, ANNA, office.tagged, [DKIM])
    assert office.send(to_import, [office.tagged], sender=sender).last.code == 550
    assert was_taken(office.send(to_import, [office.tagged, BOSS], sender=sender))
    assert [receipt["verdict"] for receipt in office.receipts(3)][0] == "imported"
    assert [(notice["kind"], notice["to"]) for notice in office.notices()] == [("confirmation", ANNA)]


def test_people_who_answer_a_notice_reach_a_person(office, sink):
    office.send_tagged()
    told = office.arrived(sink, "confirmation", ANNA)
    answer = mails.letter(ANNA, told.message["Reply-To"], "Re: pytanie", text="Czy to wszystko?\n")
    assert was_taken(office.send(answer, [told.message["Reply-To"]], sender=ANNA))
    assert sink.wait_to("biuro@example.com")[0].message["Subject"] == "Re: pytanie"


def test_an_answering_machine_of_a_notification_address_starts_no_talk(office, sink):
    office.send_open()
    told = office.arrived(sink, "import", OPEN_NOTIFY)
    answer = answer_of_a_machine(told, OPEN_NOTIFY, office.open_address)
    assert was_refused(office.send(answer, [office.open_address], sender=""), 550, "5.6.0", "no-document")
    del answer["In-Reply-To"], answer["References"]  # one that does not even say what it answers
    assert was_refused(office.send(answer, [office.open_address], sender=""), 550, "5.6.0", "no-document")
    assert len(office.notices()) == 1


@pytest.mark.parametrize("kind, files", [("import", mails.one_pdf()), ("failure", [DOCX]), ("failure", [DOCX, *mails.one_pdf()])])
def test_our_own_notice_that_a_mailbox_sends_on_to_an_import_address_is_told_to_nobody(office, sink, kind, files):
    office.send_open(files=files)
    told = office.arrived(sink, kind, OPEN_NOTIFY)
    answer = office.send(told.raw, [office.open_address], sender=told.sender)
    assert answer.last.code == 550
    assert was_taken(office.send(told.raw, [office.open_address, BOSS], sender=OPEN_NOTIFY))
    assert len(office.receipts(3)) == 3
    assert len(office.notices()) == 1
    # What a failure notice brings back with it is not filed again.
    assert len(office.documents()) == len(files) - (DOCX in files)


@pytest.mark.postfix_only("changes its aliases")
def test_a_notification_address_that_leads_back_to_an_import_address_makes_no_loop(office, postfix):
    aliases = postfix.etc / "kwit" / "virtual"
    before = aliases.read_text()
    aliases.write_text(f"{before}round@example.com   {office.open_address}\n")
    try:
        postfix.command("postfix", "reload")
        office.kwit.text("notify", "add", "20001", "round@example.com")
        assert was_taken(office.send_open(files=[DOCX]))
        # The re-entry keeps in the queue what kwit refuses, where people see it.
        waiting = wait_for(lambda: [m for m in postfix.queue() if m["queue_name"] == "deferred"], "the notice to wait")
        assert "part-not-accepted" in waiting[0]["recipients"][0]["delay_reason"]
        assert office.owed() == {("failure", OPEN_NOTIFY), ("failure", "round@example.com")}
        assert len(office.notices()) == 2
    finally:
        aliases.write_text(before)
        postfix.command("postfix", "reload")
