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


DAEMON = "MAILER-DAEMON@mx.logistik.example"
AWAY = {"Auto-Submitted": "auto-replied"}
EXCHANGE = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
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
    values = {"subject": "Delivery report", "action": action, "status": status}
    return lambda to: REPORT.format(to=to, **values).replace("\n", "\r\n").encode()


def read_report(to: str) -> bytes:
    """RFC 8098; what it says besides is not about a delivery."""
    return report("failed", "5.1.1")(to).replace(b"message/delivery-status", b"message/disposition-notification")


def answer(sender: str, marks: dict[str, str], text: str = "I am away until Monday.\n"):
    return lambda to: mails.letter(sender, to, "Re: Nowy import", text=text, headers=marks).as_bytes()


@pytest.mark.parametrize("sender, mail, bounced", [
    pytest.param("", report("failed", "5.1.1"), True, id="failed"),
    pytest.param(DAEMON, report("failed", "5.1.1"), True, id="failed, of a server with a sender"),
    pytest.param("", report("delayed", "4.4.1"), False, id="delayed"),
    pytest.param("", report("delivered", "2.0.0"), False, id="delivered"),
    pytest.param("", report("melted", "5.0.0"), True, id="a report nobody understands"),
    pytest.param("", answer(OPEN_NOTIFY, AWAY), False, id="a vacation program"),
    pytest.param(OPEN_NOTIFY, answer(OPEN_NOTIFY, AWAY), False, id="a vacation program with a sender"),
    pytest.param("", answer(OPEN_NOTIFY, EXCHANGE), False, id="an out of office of Exchange"),
    pytest.param("", answer(OPEN_NOTIFY, {"Precedence": "bulk"}), False, id="a vacation program of old"),
    pytest.param("", read_report, False, id="a report that it was read"),
    pytest.param("", answer(DAEMON, {}, "Hi. I could not deliver it.\n"), True, id="a bounce of old"),
    pytest.param(OPEN_NOTIFY, answer(OPEN_NOTIFY, {}, "Thanks!\n"), False, id="a person"),
])
def test_only_what_says_or_must_be_a_bounce_counts_as_one(office, sender, mail, bounced):
    notice = sent_notice(office)
    before = len(office.unresolved())
    to = bounce_address(notice)
    assert was_taken(office.send(mail(to), [to], sender=sender))
    assert office.notices()[-1]["state"] == ("bounced" if bounced else "sent")
    assert len(office.unresolved()) == before + bounced
    assert f"our notice {notice['outbox']}" in office.kwit.log_text()  # it is told, whatever it is
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
