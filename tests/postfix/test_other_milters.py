"""Milters before and behind kwit, and mail that Postfix let past it: filed or kept, once, and never bounced to anybody."""

import pytest

from harness.postfix import EXAMPLE, free_ports, wait_for
from harness.smtp import Client
from office import ANNA, SUPPLIER, was_taken

pytestmark = pytest.mark.postfix_only("needs listeners of its own in master.cf")

BOSS = "boss@example.com"
GREYLISTED = "greylisted@lieferant.example"
HOME = "127.0.0.3"  # a client from whose mail an admin keeps the milters away


@pytest.fixture(scope="module")
def listeners(session_postfix):
    """The ports of public listeners as admins make them against our advice.

    behind: another milter behind kwit. lax: mail passes when kwit does not answer.
    """
    postfix = session_postfix
    later = postfix.socket.with_name("later.sock")
    postfix.start_milter(EXAMPLE / "harness" / "later.py", later)
    files = {name: (postfix.etc / name).read_text() for name in ("main.cf", "master.cf")}
    ports = dict(zip(("behind", "lax"), free_ports(2)))
    milters = {"behind": f"{{unix:{postfix.border_socket}}},$kwit_milter,{{unix:{later}}}",
               "lax": f"{{unix:{postfix.socket},default_action=accept}}"}
    with open(postfix.etc / "master.cf", "a") as master:
        for name, port in ports.items():
            master.write(f"127.0.0.1:{port} inet n - n - - smtpd\n    -o smtpd_milters={milters[name]}\n")
    with open(postfix.etc / "main.cf", "a") as main:
        main.write(f"smtpd_milter_maps = cidr:{{{{{HOME} DISABLE}}, {{127.0.0.1 DISABLE}}}}\n")
    postfix.command("postfix", "reload")
    wait_for(lambda: all(map(_greets, ports.values())), "the listeners")
    yield ports
    for name, text in files.items():
        (postfix.etc / name).write_text(text)
    postfix.command("postfix", "reload")


def _greets(port: int) -> bool:
    try:
        with Client(port) as session:
            return bool(session.greeting)
    except OSError:
        return False


@pytest.fixture
def deliver(connect, listeners):
    """Delivers a mail at one of the listeners, as a client of this address."""
    def at(listener: str, message, recipients: list[str], sender: str = SUPPLIER, **session):
        return connect(port=listeners[listener], **session).deliver(sender, recipients, message.as_bytes())
    return at


def deferred(postfix) -> list[dict]:
    return wait_for(lambda: [entry for entry in postfix.queue() if entry["queue_name"] == "deferred"], "the mail to wait")


def filed(office) -> dict:
    """The one receipt, once the queue is empty."""
    wait_for(lambda: office.kwit.rows("receipt", "list") and not office.kwit.postfix.queue(), "the mail to be filed")
    return office.receipt()


# ── a milter behind kwit ─────────────────────────────────────────────────────────────────────────


def test_a_milter_behind_kwit_is_not_asked_about_a_mail_that_kwit_took_whole(office, deliver):
    mail = office.open_mail(headers={"X-Test-Later": "reject"})
    assert was_taken(deliver("behind", mail, [office.open_address]))
    assert office.receipt()["verdict"] == "imported"


def test_a_milter_behind_kwit_that_refuses_a_mail_leaves_a_receipt_that_its_sender_does_not_know_of(office, deliver, sink):
    """Why kwit has to be the last one, and why the doctor says so: what it filed is filed."""
    mail = office.open_mail(headers={"X-Test-Later": "reject"})
    for _ in range(2):  # the sender tries again
        answer = deliver("behind", mail, [office.open_address, BOSS])
        assert (answer.last.code, answer.last.text) == (550, "5.7.1 later: no")
    assert office.receipt()["verdict"] == "imported"
    assert office.document() and len(office.notices()) == 1
    assert sink.to(BOSS) == []


@pytest.mark.parametrize("when_empty", ["discard", "delrcpt"])
def test_a_mail_that_a_milter_behind_kwit_puts_off_is_filed_once_when_it_comes_again(make_office, deliver, sink, when_empty):
    office = make_office({"milter.when_empty": f'"{when_empty}"'})
    mail = office.open_mail(headers={"X-Test-Later": "defer"})
    recipients = [office.open_address] if when_empty == "delrcpt" else [office.open_address, BOSS]
    assert deliver("behind", mail, recipients).last.code == 451
    assert was_taken(deliver("behind", mail, recipients))
    assert filed(office)["verdict"] == "imported" and office.document()
    assert len(office.notices()) == 1
    assert when_empty == "delrcpt" or len(sink.wait_to(BOSS)) == 1


def test_a_recipient_that_a_milter_behind_kwit_puts_off_is_filed_once(office, deliver, sink):
    """kwit does not hear of it: it files the mail with that of the other recipient, and again is once."""
    mail = office.open_mail()
    assert deliver("behind", mail, [BOSS], sender=GREYLISTED).rcpts[0].code == 450
    first = deliver("behind", mail, [office.open_address, BOSS], sender=GREYLISTED)
    assert [reply.code for reply in first.rcpts] == [450, 250] and was_taken(first)
    assert was_taken(deliver("behind", mail, [office.open_address], sender=GREYLISTED))
    assert filed(office)["verdict"] == "imported" and office.document()
    assert len(sink.wait_to(BOSS)) == 1


# ── past kwit ────────────────────────────────────────────────────────────────────────────────────


def test_a_mail_that_an_earlier_milter_quarantines_is_filed_when_it_is_released(office, postfix, sink):
    """Postfix asks no further milter about it; what our border found stays in it."""
    mail = office.tagged_mail(headers={"X-Test-Quarantine": "looks odd"})
    assert was_taken(office.send(mail, [office.tagged, BOSS], sender=ANNA))
    held = wait_for(postfix.queue, "the mail to be held")
    assert [entry["queue_name"] for entry in held] == ["hold"]
    assert office.kwit.rows("receipt", "list") == []
    postfix.command("postsuper", "-H", "ALL")
    postfix.flush()
    receipt = filed(office)
    assert (receipt["verdict"], receipt["authenticated_by"]) == ("imported", "dkim")
    assert len(sink.wait_to(BOSS)) == 1


def test_a_mail_that_passed_while_kwit_was_away_waits_at_the_re_entry_and_is_filed(office, postfix, deliver, sink):
    """An admin who wants mail to flow whatever happens: default_action=accept at the public listener."""
    office.kwit.stop()
    assert was_taken(deliver("lax", office.open_mail(), [office.open_address]))
    assert "451" in deferred(postfix)[0]["recipients"][0]["delay_reason"]
    office.kwit.start()
    postfix.flush()
    receipt = filed(office)
    assert (receipt["verdict"], receipt["envelope_from"]) == ("imported", SUPPLIER)
    assert sink.to(SUPPLIER) == []


def test_mail_of_clients_for_whom_milters_are_off_is_filed_at_the_re_entry(office, deliver):
    """The map has the client of the re-entry, too: the listener there does without it."""
    assert was_taken(deliver("behind", office.open_mail(), [office.open_address], source=HOME))
    assert filed(office)["verdict"] == "imported"


def test_a_mail_to_nobody_that_got_past_waits_with_the_reason_and_its_sender_hears_nothing(office, postfix, deliver, sink):
    assert was_taken(deliver("behind", office.open_mail(), ["nobody@in.example.com"], source=HOME))
    assert "450 4.1.1 address-unknown" in deferred(postfix)[0]["recipients"][0]["delay_reason"]
    assert sink.arrived == []


def test_a_mail_handed_in_by_sendmail_is_filed_with_its_envelope(office, postfix):
    """sendmail(1) passes no smtpd milter; nobody vouches for such a mail, so only an open address takes it."""
    postfix.sendmail(SUPPLIER, [office.open_address], office.open_mail().as_bytes())
    receipt = filed(office)
    assert (receipt["verdict"], receipt["envelope_from"], receipt["address"]) == ("imported", SUPPLIER, office.open_address)
    assert office.document()
