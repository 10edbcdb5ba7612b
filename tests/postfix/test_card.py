"""The card of a client: how its people send documents, shown to the office or mailed to each of them."""

import urllib.parse

import pytest

from harness.postfix import wait_for
from office import ANNA, CODE, DKIM, text_of, was_taken

JAN = "jan@kunde.example"
OFFICE = "biuro@example.com"  # reply_to of the example's domain


@pytest.fixture
def jan(office):
    return office.kwit.first_line("sender", "add", "10023", JAN, "--name", "Jan Łoś")


def card(office, client: str = "10023") -> dict:
    return office.kwit.rows("client", "card", client)[0]


def test_the_card_tells_people_what_to_do_in_the_language_of_the_domain(office, jan):
    text = office.kwit.text("client", "card", "10023")
    for line in ("Firma: Kunde GmbH (10023)", f"Adres importu: {office.tagged}", "FZ: faktura zakupowa", ANNA,
                 f"Kod: {CODE}", f"Jan Łoś <{JAN}>", f"Kod: {jan}"):
        assert line in text.splitlines(), line
    office.kwit.text("client", "set", "10023", "--locale", "de")
    assert "Firma: Kunde GmbH (10023)\n\nImportadresse: " in office.kwit.text("client", "card", "10023")


def test_as_json_the_card_has_a_link_with_the_subject_for_every_sender(office, jan):
    address, = card(office)["addresses"]
    assert (address["address"], address["state"], address["policy"]) == (office.tagged, "enabled", "tagged")
    assert [(one["email"], one["code"]) for one in address["senders"]] == [(ANNA, CODE), (JAN, jan)]
    for one in address["senders"]:
        link = urllib.parse.urlparse(one["mailto"])
        assert urllib.parse.unquote(link.path) == office.tagged
        assert urllib.parse.parse_qs(link.query) == {"subject": [one["subject"]]}
        assert one["subject"].endswith(f"({one['code']})")


def test_a_mail_with_the_subject_of_the_card_is_taken(office):
    for one in card(office)["addresses"][0]["senders"][0]["subjects"]:
        assert was_taken(office.send_tagged(subject=one["subject"], border=(DKIM,)))
    assert [d["category"] for d in office.documents()] == ["FK", "FZ", "FS", "INNE"]


def test_the_card_of_an_open_address_says_that_anyone_may_send(office):
    text = office.kwit.text("client", "card", "20001")
    assert f"Adres importu: {office.open_address}" in text and "Kategoria: ER" in text
    assert "może wysyłać każdy" in text


def test_each_sender_is_mailed_the_own_code_alone(office, jan, sink):
    ids = office.kwit.text("client", "card", "10023", "--send").splitlines()
    assert len(ids) == 2
    arrived = {mail.recipients[0]: mail for mail in sink.wait(2)}
    assert arrived.keys() == {ANNA, JAN}
    for recipient, own, other in ((ANNA, CODE, jan), (JAN, jan, CODE)):
        mail = arrived[recipient]
        assert mail.sender == OFFICE, "a card that cannot be delivered comes back to people"
        message = mail.message
        assert message["From"] == "Biuro <noreply@in.example.com>"
        assert message["To"].strip("<>") == recipient and message["Reply-To"] == OFFICE
        assert message["Subject"] == "Jak wysyłać dokumenty pocztą elektroniczną: Kunde GmbH"
        assert message["Auto-Submitted"] == "auto-generated" and message["In-Reply-To"] is None
        text = text_of(mail)
        assert office.tagged in text and f"({own})" in text and recipient in text
        assert other.encode() not in mail.raw and other not in message.get_body(("html",)).get_content()
    assert {f"<{row}@in.example.com>" for row in ids} == {str(m.message["Message-ID"]) for m in arrived.values()}
    wait_for(lambda: not office.kwit.rows("outbox", "list"), "the outbox to be empty")
    assert office.notices() == []
    told = [(entry["what"], entry["about"]["outbox"]) for entry in office.kwit.rows("journal", "list")[-4:]]
    assert sorted(told) == sorted([(what, row) for what in ("letter-queued", "notice-sent") for row in ids])
    assert office.kwit.run("verify").returncode == 0


def test_who_asks_twice_mails_twice(office, sink):
    first = office.kwit.first_line("client", "card", "10023", "--send")
    second = office.kwit.rows("client", "card", "10023", "--send")[0]
    assert (second["kind"], second["to"], second["receipt"]) == ("card", ANNA, None)
    assert first != second["id"]
    assert [mail.recipients for mail in sink.wait(2)] == [[ANNA], [ANNA]]


def test_a_card_that_is_not_taken_comes_back_to_the_people_of_the_office(office, sink):
    office.kwit.text("sender", "remove", "10023", ANNA)
    office.kwit.text("sender", "add", "10023", "gone@kunde.example")
    office.kwit.text("client", "card", "10023", "--send")
    bounce, = sink.wait(1)
    assert (bounce.sender, bounce.recipients) == ("", [OFFICE])
    assert "gone@kunde.example" in bounce.raw.decode()


def test_a_letter_that_waits_is_shown_and_can_be_dropped(make_office):
    office = make_office({"outbox.submit": '"smtp://127.0.0.1:9"'})
    row = office.kwit.first_line("client", "card", "10023", "--send")
    shown = office.kwit.text("outbox", "show", row)
    assert "Jak wysyłać dokumenty pocztą elektroniczną: Kunde GmbH" in shown and f"({CODE})" in shown
    assert [r["id"] for r in office.kwit.rows("outbox", "list")] == [row]
    assert office.kwit.first_line("outbox", "retry", row) == row
    office.kwit.text("outbox", "drop", row)
    assert office.kwit.rows("outbox", "list") == []


def test_who_cannot_be_mailed_is_named_and_the_others_get_theirs(office, sink):
    office.kwit.text("sender", "add", "10023", "żółw@kunde.example")
    done = office.kwit.run("client", "card", "10023", "--send")
    assert done.returncode == 1
    assert "żółw@kunde.example" in done.stderr.decode()
    assert len(done.stdout.split()) == 1
    assert sink.wait()[0].recipients == [ANNA]


@pytest.mark.parametrize("spoil, remedy", [
    (("sender", "remove", "10023", ANNA), "kwit sender add 10023 EMAIL"),
    (("address", "disable", "faktury+1543030448@in.example.com"), "kwit address enable"),
])
def test_without_a_sender_or_an_address_nothing_is_mailed(office, spoil, remedy):
    office.kwit.text(*spoil)
    done = office.kwit.run("client", "card", "10023", "--send")
    assert (done.returncode, done.stdout) == (1, b"")
    assert remedy in done.stderr.decode()
    assert office.kwit.rows("outbox", "list") == []


def test_an_address_that_is_switched_off_is_marked(office):
    office.kwit.text("address", "disable", office.tagged)
    assert card(office)["addresses"][0]["state"] == "disabled"
    assert "Ten adres jest wyłączony" in office.kwit.text("client", "card", "10023")


def test_a_client_that_is_not_there_is_exit_1(office):
    assert office.kwit.run("client", "card", "99999").returncode == 1
