"""A Postfix that speaks the oldest milter protocol to kwit, as its configuration may say (milter_protocol = 2)."""

import re

import pytest

from office import ANNA, SUPPLIER, was_refused, was_taken

pytestmark = pytest.mark.postfix_only("milter_protocol is a setting of Postfix")

BOSS = "boss@example.com"


@pytest.fixture
def version_2(postfix):
    """Postfix with this protocol for kwit's entry; what was said before is said again afterwards."""
    before = postfix.command("postconf", "-h", "kwit_milter").stdout.strip()
    changed = re.sub(r" ?}$", f", protocol=2 }}", before)
    assert changed != before
    try:
        postfix.command("postconf", "-e", f"kwit_milter = {changed}")
        postfix.command("postfix", "reload")
        yield
    finally:
        postfix.command("postconf", "-e", f"kwit_milter = {before}")
        postfix.command("postfix", "reload")


def test_every_kind_of_mail_has_the_same_end_as_with_the_newest(version_2, office, sink, connect):
    """It has no event for DATA, and values of headers come without their leading space."""
    session = connect()
    mail = b"X-Folded: one\r\n\ttwo\r\n" + office.open_mail("open").as_bytes()
    assert was_taken(session.deliver(SUPPLIER, [office.open_address], mail))
    assert was_taken(session.deliver(ANNA, [office.tagged], office.tagged_mail().as_bytes()))
    assert was_refused(session.deliver(ANNA, [office.tagged], office.tagged_mail(border=[]).as_bytes()),
                       550, "5.7.1", "sender-not-authenticated")
    assert was_refused(session.deliver(SUPPLIER, ["nobody@in.example.com"], mail), 550, "5.1.1", "address-unknown")
    assert was_taken(session.deliver(SUPPLIER, [BOSS], office.open_mail("ordinary").as_bytes()))
    mixed = session.deliver(SUPPLIER, [BOSS, office.open_address], office.open_mail("mixed").as_bytes())
    assert was_taken(mixed)
    assert {mail.message["Subject"] for mail in sink.wait_to(BOSS, 2)} == {"ordinary", "mixed"}
    receipts = {receipt["subject"]: receipt for receipt in office.receipts(4) if receipt["verdict"] == "imported"}
    assert len(receipts) == 3 and len(office.documents()) == 3
    kept = office.original(receipts["open"]["id"])
    assert kept.endswith(mail) and b"X-Folded: one\r\n\ttwo\r\n" in kept
    assert was_taken(office.send_tagged(login=ANNA, border=[], text="with a login\n"))
    assert office.receipts(5)[-1]["authenticated_by"] == "login"
