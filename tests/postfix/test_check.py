"""`kwit check`: the reply and every rule's answer for a message file, by the milter's own code, nothing written."""

import json

import pytest

from harness import mails
from office import ANNA, DKIM, SUPPLIER, Office, was_taken


def with_results(message: bytes, *results: str) -> bytes:
    """The mail as it stands at the milter: with what our border wrote."""
    return b"".join(f"Authentication-Results: {result}\r\n".encode() for result in results) + message


def check(office: Office, message: bytes, recipients: list[str], sender: str = ANNA, login: str = "") -> tuple[int, list[dict]]:
    path = office.kwit.dir / "message.eml"
    path.write_bytes(message)
    options = [option for recipient in recipients for option in ("--to", recipient)]
    if login:
        options += ["--login", login]
    done = office.kwit.run("--json", "check", str(path), "--from", sender, *options)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("subject, border, files", [
    (mails.TAG, [DKIM], mails.one_pdf()),
    ("faktura listopad", [DKIM], mails.one_pdf()),
    ("[FX] 11/2024 (932498)", [DKIM], mails.one_pdf()),
    (mails.TAG, [], mails.one_pdf()),
    (mails.TAG, [DKIM], [("liste.xlsx", mails.docx(), "application/vnd.ms-excel")]),
    (mails.TAG, [DKIM], []),
])
def test_check_says_what_the_milter_then_does(make_office, subject, border, files):
    office = make_office({"policy.tagged.on_failure": '"reject"'})
    mail = office.tagged_mail(subject=subject, border=border, files=files).as_bytes()
    code, [foretold] = check(office, with_results(mail, *border), [office.tagged])
    said = office.send(mail, [office.tagged], sender=ANNA)
    receipt = office.receipt()
    assert (foretold["address"], foretold["verdict"], foretold["reasons"]) == (
        office.tagged, receipt["verdict"], receipt["reasons"])
    assert code == (0 if receipt["verdict"] == "imported" else 1)
    if not was_taken(said):
        assert foretold["reply"].replace("\r\n", "\n").startswith(f"{said.last.code} ")
        assert said.last.text.splitlines()[0] in foretold["reply"]
    else:
        assert foretold["reply"].startswith("250")


def test_check_writes_nothing(office):
    def state():
        return (office.kwit.rows("receipt", "list"), office.documents(), office.owed(),
                sorted(path.name for path in (office.kwit.archive / "objects").rglob("*")))
    before = state()
    check(office, office.open_mail().as_bytes(), [office.open_address], SUPPLIER)
    assert state() == before


def test_check_tells_every_rules_answer_and_every_part(office):
    code, [row] = check(office, office.open_mail().as_bytes(), [office.open_address], SUPPLIER)
    assert (code, row["verdict"], row["reasons"]) == (0, "imported", [])
    assert [part["disposition"] for part in row["parts"]] == ["body", "filed"]
    assert row["rules"] and all({"rule", "result"} <= rule.keys() for rule in row["rules"])


def test_check_of_several_recipients_has_a_row_for_each(office):
    mail = with_results(office.tagged_mail(border=[]).as_bytes(), DKIM)
    code, rows = check(office, mail, [office.tagged, office.open_address, "nobody@in.example.com"])
    assert code == 1
    assert [(row["address"], row["verdict"], row["reasons"]) for row in rows] == [
        (office.tagged, "imported", []), (office.open_address, "imported", []),
        ("nobody@in.example.com", "refused", ["address-unknown"])]


def test_check_with_a_login_is_authentic(office):
    mail = office.tagged_mail(border=[]).as_bytes()
    assert check(office, mail, [office.tagged])[0] == 1
    assert check(office, mail, [office.tagged], login=ANNA)[0] == 0


def test_check_for_people_shows_reply_and_rules(office):
    path = office.kwit.dir / "message.eml"
    path.write_bytes(office.tagged_mail(border=[]).as_bytes())
    done = office.kwit.run("check", str(path), "--from", ANNA, "--to", office.tagged)
    assert done.returncode == 1
    assert b"550 5.7.1 sender-not-authenticated" in done.stdout
