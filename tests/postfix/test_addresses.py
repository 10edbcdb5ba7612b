"""Import addresses as people handle them: rotated, disabled with a reason, shown, mistyped; providers that ask to forward."""

import json
import re
import urllib.parse

import pytest

from harness import mails
from harness.postfix import wait_for
from office import ANNA, CODE, OPEN_NOTIFY, SUPPLIER, TAGGED_NOTIFY, text_of, was_refused, was_taken

GMAIL = "forwarding-noreply@google.com"
QUESTION = "(#123456789) Gmail Forwarding Confirmation - Receive Mail from buero@kunde.example"
BY_GOOGLE = "mx.example.com; dkim=pass header.d=google.com header.i=@google.com"


def question(to: str, border=(BY_GOOGLE,)) -> bytes:
    link = "https://mail-settings.google.example/mail/vf-123"
    return mails.letter(GMAIL, to, QUESTION, text=f"Confirm: {link}\n", border=list(border),
                        headers={"Auto-Submitted": "auto-generated"}).as_bytes()


def near_misses(office, count: int) -> list[dict]:
    return wait_for(lambda: len(rows := office.kwit.rows("report")[0]["near_misses"]) >= count and rows,
                    f"{count} near misses", 5)


def test_a_rotated_address_is_taken_for_its_grace_and_its_notices_say_so(office, sink):
    new, told = office.kwit.text("address", "rotate", office.open_address).splitlines()
    assert re.fullmatch(r"[a-km-np-z2-9]{10}-rechnungen@in\.example\.com", new) and new != office.open_address
    assert told.startswith(f"{office.open_address} is taken until ")

    assert was_taken(office.send_open())
    receipt = office.receipt()
    assert (receipt["verdict"], receipt["flags"]) == ("imported", ["address-replaced"])
    told = " ".join(text_of(office.arrived(sink, "import", OPEN_NOTIFY)).split())
    assert "który zastąpiono nowym" in told and f"nowego adresu {new} i" in told
    assert was_taken(office.send(office.open_mail(subject="new"), [new]))
    assert office.receipts(2)[1]["flags"] == []

    old, fresh = ({a["address"]: a for a in office.kwit.rows("address", "list", "20001")}[a]
                  for a in (office.open_address, new))
    assert (old["replaced_by"], fresh["replaced_by"], fresh["label"]) == (new, None, "Eingangsrechnungen")
    assert office.kwit.rows("address", "show", new)[0]["replaces"] == office.open_address
    assert office.kwit.run("address", "rotate", office.open_address).returncode == 1
    assert office.open_address not in office.kwit.text("client", "card", "20001")


def test_of_several_rotations_the_last_address_is_told(office, sink):
    new = office.kwit.first_line("address", "rotate", office.open_address)
    newest = office.kwit.first_line("address", "rotate", new)
    assert was_taken(office.send_open())
    told = " ".join(text_of(office.arrived(sink, "import", OPEN_NOTIFY)).split())
    assert f"nowego adresu {newest} i" in told and f"{new} i" not in told


def test_after_its_grace_the_old_address_is_refused_without_naming_the_new_one(office, connect):
    new = office.kwit.first_line("address", "rotate", office.tagged, "--grace", "none")
    assert new != office.tagged and new.startswith("faktury+")
    session = connect()
    session.ask("MAIL", f"FROM:<{ANNA}>")
    answer = session.ask("RCPT", f"TO:<{office.tagged}>")
    assert answer.code == 550 and "address-expired: " in answer.text and "zastapiono nowym" in answer.text
    assert new.split("@")[0] not in answer.text
    assert session.ask("RCPT", f"TO:<{new.upper()}>").code == 250
    states = {a["address"]: a for a in office.kwit.rows("address", "list", "10023")}
    assert states.keys() == {office.tagged, new}


@pytest.mark.parametrize("grace", ["0s", "soon", "-1d", "36501d"])
def test_what_is_no_grace_is_wrong_usage(office, grace):
    done = office.kwit.run("address", "rotate", office.tagged, f"--grace={grace}")
    assert (done.returncode, done.stdout) == (2, b"") and b"none" in done.stderr


def test_why_an_address_is_disabled_is_told_in_the_refusal(office):
    office.kwit.text("address", "disable", office.open_address, "--reason", "Zamknięte księgi 2025")
    refused = office.send_open()
    assert was_refused(refused, 550, "5.2.1", "address-disabled")
    assert "(Zamkniete ksiegi 2025)" in refused.last.text
    assert "Zamknięte księgi 2025" in office.kwit.text("address", "show", office.open_address)
    office.kwit.text("address", "enable", office.open_address)
    assert office.kwit.rows("address", "show", office.open_address)[0]["disabled_reason"] is None
    assert was_taken(office.send_open())


def test_who_mistypes_an_address_is_told_nothing_and_the_office_who_it_was(office, connect):
    swapped = "b" if office.open_address[0] == "a" else "a"
    mistyped = swapped + office.open_address[1:]
    off_by_one = office.tagged.replace("+1", "+2", 1)
    nobody = "nobody@in.example.com"
    session = connect()
    answers = []
    for sender, tried in ((SUPPLIER, mistyped), (ANNA, off_by_one), ("", off_by_one), (SUPPLIER, nobody)):
        session.ask("MAIL", f"FROM:<{sender}>")
        answer = session.ask("RCPT", f"TO:<{tried}>")
        answers.append((answer.code, answer.text.replace(tried, "…")))
        session.ask("RSET")
    assert answers[0][0] == 550 and len(set(answers)) == 1

    by_number, by_token = near_misses(office, 2)
    assert (by_number["address"], by_number["near"], by_number["client"], by_number["count"]) == (
        off_by_one, office.tagged, "10023", 2)
    assert (by_number["senders"], by_number["networks"]) == ([ANNA, "<>"], ["127.0.0.0/24"])
    assert (by_token["address"], by_token["near"], by_token["senders"]) == (mistyped, office.open_address, [SUPPLIER])
    assert (by_number["mistyped"], by_token["mistyped"]) == (False, True)
    assert re.search(rf"{re.escape(mistyped)} +{re.escape(office.open_address)} \(a mistyped token\)", office.kwit.text("report"))
    assert by_number["first_at"] <= by_number["last_at"]
    text = office.kwit.text("report")
    assert "Near misses" in text and off_by_one in text
    assert off_by_one not in office.kwit.text("report", "--client", "20001")
    assert office.kwit.rows("report", "--client", "20001")[0]["near_misses"][0]["address"] == mistyped

    lines = {tried: line for line in office.kwit.log_text().splitlines() for tried in (mistyped, off_by_one, nobody)
             if f"refused recipient {tried}" in line}
    assert "the check character of its token is wrong" in lines[mistyped]
    assert "token" not in lines[off_by_one] + lines[nobody]
    assert office.kwit.run("verify").returncode == 0


def test_a_flood_of_unknown_recipients_is_counted_by_where_it_comes_from_and_stays_small(office, connect):
    tries = 60
    for number in range(tries):
        if number % 10 == 0:  # Postfix ends a session with too many errors
            session = connect()
            session.ask("MAIL", "FROM:<eve@unknown.example>")
        assert session.ask("RCPT", f"TO:<guess{number}@in.example.com>").code == 550
    told = wait_for(lambda: (r := office.kwit.rows("report")[0])["rcpt_refusals"]["all"] >= tries and r, "the flood", 5)
    source, = told["rcpt_refusals"]["unknown_by_network"]
    assert (source["network"], source["count"]) == ("127.0.0.0/24", tries)
    assert source["most"] <= tries
    assert told["near_misses"] == []
    assert "UNKNOWN ADDRESSES FROM" in office.kwit.text("report")


def test_an_address_is_shown_with_what_people_need_in_the_clients_language(office):
    office.kwit.text("client", "set", "10023", "--locale", "de")
    text = office.kwit.text("address", "show", office.tagged)
    for line in (f"Importadresse: {office.tagged}", "FZ: Einkaufsrechnung", f"Code: {CODE}",
                 "Was mit E-Mails an diese Adresse geschieht:",
                 "- Kategorie und Monat der Belege werden dem Betreff entnommen."):
        assert line in text.splitlines(), line
    link, = [line.strip() for line in text.splitlines() if "mailto:" in line and "FZ" in line]
    subject, = urllib.parse.parse_qs(urllib.parse.urlparse(link).query)["subject"]
    assert re.fullmatch(rf"\[FZ\] \d\d/\d{{4}} \({CODE}\)", subject)
    assert was_taken(office.send_tagged(subject=subject)) and office.receipt()["verdict"] == "imported"

    shown, = office.kwit.rows("address", "show", office.open_address)
    assert (shown["state"], shown["mailto"], shown["locale"]) == ("enabled", f"mailto:{office.open_address}", "pl")
    assert len(shown["policy_in_words"]) == 3 and shown["senders"] == []


def test_of_one_sender_the_code_of_nobody_else_is_shown(office):
    jan = office.kwit.first_line("sender", "add", "10023", "jan@kunde.example")
    text = office.kwit.text("address", "show", office.tagged, "--sender", ANNA)
    assert CODE in text and jan not in text
    assert office.kwit.run("address", "show", office.tagged, "--sender", "eva@kunde.example").returncode == 1
    assert CODE in office.kwit.text("address", "show", office.tagged, "--sender", ANNA.upper(), "--vcard")


def test_an_address_is_a_contact_for_address_books(office):
    done = office.kwit.run("address", "show", office.open_address, "--vcard")
    lines = done.stdout.decode().split("\r\n")
    assert done.returncode == 0
    assert (lines[0], lines[1], lines[-2:]) == ("BEGIN:VCARD", "VERSION:3.0", ["END:VCARD", ""])
    assert f"EMAIL;TYPE=INTERNET:{office.open_address}" in lines
    assert "FN:Logistik AG: dokumenty (Eingangsrechnungen)" in lines
    assert all(len(line.encode()) <= 75 for line in lines)
    assert office.kwit.run("--json", "address", "show", office.open_address, "--vcard").returncode == 2
    for_all = office.kwit.text("address", "show", office.tagged, "--vcard")
    assert "(KOD)" in for_all and CODE not in for_all and ANNA not in for_all


def test_a_record_whose_policy_left_the_configuration_is_shown_all_the_same(office):
    config = office.kwit.config
    config.write_text(config.read_text() + '\n[policy.suppliers]\nroute = "address"\n')
    office.kwit.text("address", "set", office.open_address, "--policy", "suppliers")
    config.write_text(config.read_text().split("\n[policy.suppliers]")[0])
    assert "suppliers" in office.kwit.text("address", "show", office.open_address)
    assert office.kwit.rows("address", "show", office.open_address)[0]["policy"] == "suppliers"


@pytest.mark.parametrize("policy", ["tagged", "open"])
def test_a_providers_question_about_forwarding_reaches_people(office, sink, policy):
    to, notify = {"tagged": (office.tagged, TAGGED_NOTIFY), "open": (office.open_address, OPEN_NOTIFY)}[policy]
    assert was_taken(office.send(question(to), [to], sender=GMAIL))
    receipt = office.receipt()
    assert (receipt["verdict"], receipt["reasons"]) == ("failed", ["forwarding-confirmation"])
    assert office.unresolved() == [receipt["id"]]
    mail = office.arrived(sink, "failure", notify)
    assert mail.message["Subject"].startswith("Prosimy o potwierdzenie: ")
    assert "https://mail-settings.google.example/mail/vf-123" in mail.raw.decode("latin-1")
    office.kwit.text("receipt", "resolve", receipt["id"])
    assert office.unresolved() == []


def test_who_only_says_to_be_a_provider_is_not_passed_on_as_one(office):
    assert was_refused(office.send(question(office.tagged, border=()), [office.tagged], sender=GMAIL),
                       550, "5.7.1", "sender-not-authenticated")
    assert was_taken(office.send(question(office.open_address, border=()), [office.open_address], sender=GMAIL))
    reasons = [json.dumps(receipt["reasons"]) for receipt in office.receipts(2)]
    assert sorted(reasons) == ['["no-document"]', '["sender-not-authenticated"]']
