"""Mails to the address of a notice: which of them say that it did not arrive (docs/decisions/0004)."""

import pytest

from harness import mails
from harness.kwit import Kwit
from harness.postfix import wait_for
from office import OPEN_NOTIFY, Office, bounce_address, running, was_taken


@pytest.fixture(scope="module")
def office(session_postfix):
    """One office for all that comes back to it."""
    with running(Kwit(session_postfix, "returned")) as kwit:
        yield Office(kwit).open()


def sent_notice(office: Office) -> dict:
    """A notice that Postfix has just taken."""
    assert was_taken(office.send_open())
    return wait_for(lambda: (last := office.notices()[-1])["state"] == "sent" and last, "the notice to be sent")


REPORT = """\
From: MAILER-DAEMON@mx.logistik.example
To: {to}
Subject: {subject}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

{subject}
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.logistik.example

Final-Recipient: rfc822; ap@logistik.example
Action: {action}
Status: {status}

--b
Content-Type: text/rfc822-headers

Subject: Nowy import

--b--
"""


def report(action: str, status: str):
    return lambda to: REPORT.format(to=to, subject="Delivery report", action=action, status=status).replace("\n", "\r\n").encode()


def answer(sender: str, marks: dict[str, str], text: str = "I am away until Monday.\n"):
    return lambda to: mails.letter(sender, to, "Re: Nowy import", text=text, headers=marks).as_bytes()


@pytest.mark.parametrize("what, sender, mail, bounced", [
    ("failed", "", report("failed", "5.1.1"), True),
    ("failed, of a server that is no null sender", "postmaster@mx.logistik.example", report("failed", "5.1.1"), True),
    ("delayed", "", report("delayed", "4.4.1"), False),
    ("delivered", "", report("delivered", "2.0.0"), False),
    ("a report nobody understands", "", report("melted", "5.0.0"), True),
    ("a vacation program", "", answer(OPEN_NOTIFY, {"Auto-Submitted": "auto-replied"}), False),
    ("a vacation program with a sender", OPEN_NOTIFY, answer(OPEN_NOTIFY, {"Auto-Submitted": "auto-replied"}), False),
    ("an Exchange out of office", "", answer(OPEN_NOTIFY, {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}), False),
    ("a vacation program of old", "", answer(OPEN_NOTIFY, {"Precedence": "bulk"}), False),
    ("the receipt that it was read", "", lambda to: report("failed", "")(to).replace(
        b"Content-Type: message/delivery-status", b"Content-Type: message/disposition-notification"), False),
    ("a bounce of old", "", answer("MAILER-DAEMON@mx.logistik.example", {}, "Hi. I could not deliver it.\n"), True),
    ("a person", OPEN_NOTIFY, answer(OPEN_NOTIFY, {}, "Thanks!\n"), False),
], ids=lambda value: value if isinstance(value, str) and " " in value else None)
def test_only_what_says_or_must_be_a_bounce_counts_as_one(office, what, sender, mail, bounced):
    notice = sent_notice(office)
    before = len(office.unresolved())
    to = bounce_address(notice)
    assert was_taken(office.send(mail(to), [to], sender=sender))
    assert office.notices()[-1]["state"] == ("bounced" if bounced else "sent")
    assert len(office.unresolved()) == before + bounced
    assert f"our notice {notice['outbox'].lower()}" in office.kwit.log_text()  # it is told, whatever it is
    assert office.kwit.rows("outbox", "list") == []  # nobody is answered


def test_the_address_of_a_notice_that_nobody_sent_is_unknown(office):
    to = "bounce+01arz3ndektsv4rrffq69g5fav@in.example.com"
    answer_ = office.send(REPORT.encode(), [to], sender="")
    assert answer_.last.code == 550 and "address-unknown" in answer_.last.text


def test_a_bounce_beside_an_import_address_is_read_and_the_rest_is_filed(office):
    notice = sent_notice(office)
    filed = len(office.documents())
    mail = office.open_mail(headers={"Auto-Submitted": "auto-replied"})
    assert was_taken(office.send(mail, [bounce_address(notice), office.open_address], sender=""))
    assert [n["state"] for n in office.notices() if n["outbox"] == notice["outbox"]] == ["sent"]
    assert len(office.documents()) == filed + 1


def test_the_same_bounce_once_more_is_not_held_against_who_has_settled_it(office):
    notice = sent_notice(office)
    to = bounce_address(notice)
    mail = report("failed", "5.1.1")(to)
    assert was_taken(office.send(mail, [to], sender=""))
    receipt = office.kwit.rows("receipt", "list")[-1]["id"]
    office.kwit.text("receipt", "resolve", receipt)
    assert was_taken(office.send(mail, [to], sender=""))
    assert receipt not in office.unresolved()
