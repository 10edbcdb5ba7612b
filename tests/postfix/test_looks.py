"""How notices look: HTML beside the text, the office's own name, logo, signature and texts, previews and tests."""

import email
import email.policy
import re

import pytest

from harness import mails
from harness.smtp import DROP
from office import ANNA, CODE, OPEN_NOTIFY, text_of, was_taken
from pages import Page, page_of

DOCX = ("agb.docx", mails.docx(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
KINDS = ["confirmation", "correction", "import", "failure", "digest", "summary", "card", "test"]


@pytest.fixture
def looks(tmp_path):
    """Keys of a domain with everything of its own."""
    tmp_path.chmod(0o755)
    (tmp_path / "logo.png").write_bytes(mails.png())
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "pl.toml").write_text('[notice]\ngreeting = "Szanowni Państwo,"\n')
    return {
        "domain.office": '"Biuro Żółw & <Córki>"',
        "domain.logo": f'"{tmp_path / "logo.png"}"',
        "domain.signature": '"Biuro Żółw\\nul. Długa 1, Gdańsk"',
        "domain.texts": f'"{tmp_path / "texts"}"',
    }


def test_an_office_has_its_name_logo_signature_and_texts_in_every_notice(make_office, sink, looks):
    office = make_office(looks)
    assert was_taken(office.send_open(files=[*mails.one_pdf(), DOCX]))
    told = office.arrived(sink, "failure", OPEN_NOTIFY)
    page = page_of(told.message)
    assert "Biuro Żółw & <Córki>" in page.text and "ul. Długa 1, Gdańsk" in page.text
    assert page.text.count("Szanowni Państwo,") == 1 and text_of(told).startswith("Szanowni Państwo,")
    assert text_of(told).endswith("\n-- \nBiuro Żółw\nul. Długa 1, Gdańsk\n")
    picture = [part for part in told.message.walk() if part.get_content_type() == "image/png"]
    assert len(picture) == 1 and picture[0].get_content() == mails.png()
    assert page.pictures == ["cid:" + picture[0]["Content-ID"].strip("<>")]
    assert not page.links
    mixed = told.message
    assert [part.get_content_type() for part in mixed.iter_parts()] == ["multipart/alternative", "message/rfc822"]
    alternative = next(mixed.iter_parts())
    assert [part.get_content_type() for part in alternative.iter_parts()] == ["text/plain", "multipart/related"]


def test_the_page_says_what_the_text_says_and_links_to_the_corrected_subject(office, sink):
    assert was_taken(office.send_tagged(subject="FZ 11/2024 932498"))
    told = office.arrived(sink, "correction", ANNA)
    page = page_of(told.message)
    assert page.links == [re.search(r"mailto:\S+", text_of(told)).group()]
    for line in text_of(told).splitlines():
        if "mailto:" not in line and not re.match(r"Poprawiony temat|\d+\. ", line):
            for piece in line.split(": ", 1):
                assert " ".join(piece.split()) in page.text
    assert f"[FZ] 11/2024 ({CODE})" in page.text


def test_the_mail_is_the_same_at_every_try(make_office, sink, looks):
    office = make_office(looks | {"outbox.submit": f'"smtp://127.0.0.1:{sink.port}"'})
    sink.behave(end=DROP)  # it has the mail, and kwit does not know
    try:
        assert was_taken(office.send_open(files=[DOCX]))
        sink.wait_to(OPEN_NOTIFY)
    finally:
        sink.behave()
    office.due_now()
    first, again = sink.wait_to(OPEN_NOTIFY, 2)
    assert first.raw == again.raw and first.message_id == again.message_id


# ── corrections as reports ───────────────────────────────────────────────────────────────────────


def test_a_correction_is_a_delivery_report_where_an_office_wants_that(make_office, sink):
    office = make_office({"domain.corrections": '"report"'})
    assert was_taken(office.send_tagged(subject="FZ 11/2024 932498"))
    told = office.arrived(sink, "correction", ANNA)
    assert told.sender == ""
    assert told.message.get_content_type() == "multipart/report"
    assert told.message.get_param("report-type") == "delivery-status"
    words, status = told.message.iter_parts()
    assert words.get_content_type() == "multipart/alternative"
    assert "[FZ] 11/2024 (932498)" in text_of(told)
    assert status.get_content_type() == "message/delivery-status"
    of_mail, of_recipient = status.get_payload()
    assert of_mail["Reporting-MTA"] == "dns; in.example.com"
    assert of_mail["X-Kwit-Receipt"] == office.receipt()["id"]
    assert of_recipient["Final-Recipient"] == f"rfc822; {office.tagged}"
    assert of_recipient["Action"] == "failed" and of_recipient["Status"] == "5.6.0"
    assert of_recipient["Diagnostic-Code"] == "x-kwit; subject-malformed"


def test_what_was_filed_in_part_or_goes_to_the_office_is_no_report(make_office, sink):
    office = make_office({"domain.corrections": '"report"'})
    assert was_taken(office.send_tagged(files=[*mails.one_pdf(), DOCX]))
    assert was_taken(office.send_open(files=[DOCX]))
    assert office.arrived(sink, "correction", ANNA).message.get_content_type() == "multipart/alternative"
    assert office.arrived(sink, "failure", OPEN_NOTIFY).message.get_content_type() == "multipart/mixed"


# ── preview and test ─────────────────────────────────────────────────────────────────────────────


def test_every_notice_can_be_seen_before_anybody_gets_one(make_kwit, looks):
    kwit = make_kwit(looks, start=False)
    for locale, greeting in (("pl", "Szanowni Państwo,"), ("de", "Guten Tag,"), ("en", "Hello,")):
        for kind in KINDS:
            done = kwit.run("notice", "preview", kind, "--locale", locale)
            assert done.returncode == 0, done.stderr
            message = email.message_from_bytes(done.stdout, policy=email.policy.default)
            assert message["From"] == "Biuro <noreply@in.example.com>" and message["Subject"]
            assert message.get_body(("plain",)).get_content().startswith(greeting)
            page = page_of(message)
            assert greeting in page.text and "Biuro Żółw & <Córki>" in page.text
            assert all(link.startswith("mailto:") for link in page.links)
            assert all(picture.startswith("cid:") for picture in page.pictures) and len(page.pictures) == 1
            assert f'<html lang="{locale}"' in message.get_body(("html",)).get_content()
            types = [part.get_content_type() for part in message.walk()]
            assert ("message/rfc822" in types) == (kind == "failure")
    assert not kwit.archive.exists()


def test_the_page_alone_shows_its_logo_in_a_browser(make_kwit, looks):
    page = Page(make_kwit(looks, start=False).text("notice", "preview", "card", "--part", "html"))
    assert len(page.pictures) == 1 and page.pictures[0].startswith("data:image/png;base64,")


def test_parts_of_a_preview(make_kwit):
    kwit = make_kwit(start=False)
    text = kwit.text("notice", "preview", "import", "--part", "text")
    page = kwit.text("notice", "preview", "import", "--part", "html")
    shown = kwit.rows("notice", "preview", "import")[0]
    assert text.startswith("Dzień dobry,") and page.startswith("<!DOCTYPE html>")
    # Made in another second.
    assert shown["subject"].startswith("Nowy import: 1 dokument") and shown["to"] == "books@office.example"


@pytest.mark.parametrize("words, said", [
    (["report"], "kwit report prints a report"),
    (["imports"], "there are confirmation, correction, import, failure, digest, summary, card, test"),
    (["import", "--locale", "fr"], "there are de, en, pl"),
    (["import", "--domain", "x.example"], "there are in.example.com"),
    (["import", "--part", "pdf"], "there are mail (all of it), text and html"),
])
def test_a_preview_that_there_is_not(make_kwit, words, said):
    done = make_kwit(start=False).run("notice", "preview", *words)
    assert done.returncode == 2 and said in done.stderr.decode()


def test_a_test_reaches_each_notification_address(office, sink):
    office.kwit.text("notify", "add", "20001", "zweite@logistik.example")
    ids = office.kwit.text("notice", "test", "20001").splitlines()
    arrived = {mail.recipients[0]: mail for mail in sink.wait(2)}
    assert arrived.keys() == {OPEN_NOTIFY, "zweite@logistik.example"}
    assert {mail.message_id for mail in arrived.values()} == {f"<{row}@in.example.com>" for row in ids}
    for mail in arrived.values():
        assert mail.message["Subject"] == "Test: powiadomienia o firmie Logistik AG docierają"
        assert mail.sender == "biuro@example.com"
    assert office.kwit.run("notice", "test", "30001").returncode == 1
    office.kwit.text("client", "add", "30001", "--name", "Nobody")
    assert b"no notification address" in office.kwit.run("notice", "test", "30001").stderr


# ── many notices in one ──────────────────────────────────────────────────────────────────────────


def held(office) -> list[tuple[str, str, str]]:
    return [(row["to"], row["kind"], row["held"]) for row in office.kwit.rows("outbox", "list")]


def test_a_daily_mail_waits_over_a_restart_and_failures_do_not_wait(make_office, sink):
    office = make_office({"domain.timezone": '"UTC"', "domain.digest_at": '"07:00"'})
    office.kwit.text("notify", "add", "20001", "daily@logistik.example", "--digest", "daily")
    assert office.kwit.text("notify", "list", "20001").splitlines() == [
        OPEN_NOTIFY, "daily@logistik.example (daily digest)"]
    assert [row["digest"] for row in office.kwit.rows("notify", "list", "20001")] == [None, "daily"]
    assert was_taken(office.send_open())
    assert was_taken(office.send_open(subject="zwei", files=[DOCX]))
    wait_for_sent = [office.arrived(sink, kind, OPEN_NOTIFY) for kind in ("import", "failure")]
    assert len(wait_for_sent) == 2
    office.arrived(sink, "failure", "daily@logistik.example")
    assert held(office) == [("daily@logistik.example", "import", "digest")]
    row = office.kwit.rows("outbox", "list")[0]
    assert row["next_attempt"].endswith("T07:00:00.000Z")
    assert "queued (digest)" in office.kwit.text("outbox", "list")
    office.kwit.stop()
    office.kwit.start()
    office.kwit.text("notify", "set", "20001", "daily@logistik.example", "--digest", "off")
    assert was_taken(office.send_open(subject="drei"))
    assert ("daily@logistik.example", "import", "digest") in held(office)
    office.kwit.first_line("outbox", "retry", row["id"])  # a person does not want to wait
    sink.wait_to("daily@logistik.example", 3)
    assert office.kwit.run("verify").returncode == 0


def test_beyond_the_number_of_a_day_notices_wait_for_a_summary(make_office, sink):
    office = make_office({"outbox.notices_per_day": "2"})
    for number in range(4):
        assert was_taken(office.send_open(subject=f"Rechnung {number}"))
    sink.wait_to(OPEN_NOTIFY, 2)
    assert held(office) == [(OPEN_NOTIFY, "import", "cap")] * 2
    assert was_taken(office.send_tagged())  # another recipient
    office.arrived(sink, "confirmation", ANNA)
    assert all(row["next_attempt"].endswith(":00:00.000Z") for row in office.kwit.rows("outbox", "list"))
    assert len(office.receipts(5)) == 5 and len(sink.to(OPEN_NOTIFY)) == 2


def test_beyond_the_forwards_of_a_day_originals_wait_for_a_summary_and_other_notices_go(make_office, sink):
    office = make_office({"outbox.forwards_per_day": "1"})
    for number in range(2):
        assert was_taken(office.send_open(files=[], subject=f"nichts {number}"))
    assert was_taken(office.send_open())
    sink.wait_to(OPEN_NOTIFY, 2)
    assert held(office) == [(OPEN_NOTIFY, "failure", "cap")]


def test_beyond_the_bytes_of_a_day_a_large_original_waits_and_a_small_one_goes(make_office, sink):
    office = make_office({"outbox.forward_bytes_per_day": '"1MiB"'})
    large = [("foto.bin", b"x" * 900_000, "application/octet-stream")]
    assert was_taken(office.send_open(files=large))
    assert was_taken(office.send_open(files=[("bild.bin", b"y" * 900_000, "application/octet-stream")]))
    assert held(office) == [(OPEN_NOTIFY, "failure", "cap")] * 2, "1.2 MB each, in base64"
    assert was_taken(office.send_open(files=[]))
    sink.wait_to(OPEN_NOTIFY, 1)
