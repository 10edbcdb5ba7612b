"""Who may send to a tagged address: a From: that somebody we trust vouches for, and that is registered."""

import pytest

from harness import mails
from office import ANNA, DKIM, SUPPLIER, TAG, was_refused, was_taken


def test_a_login_that_equals_the_from_address_is_enough(office):
    assert was_taken(office.send_tagged(login=ANNA, border=[]))
    assert office.receipt()["authenticated_by"] == "login"


def test_a_login_that_is_registered_for_the_sender_is_enough(office):
    office.kwit.text("sender", "set", "10023", ANNA, "--login", "anna.k")
    assert was_taken(office.send_tagged(login="anna.k", border=[]))
    assert office.receipt()["authenticated_by"] == "login"


@pytest.mark.parametrize("results, by", [
    (["mx.example.com; dkim=pass (2048-bit key; unprotected) header.d=kunde.example header.i=@kunde.example "
      "header.a=rsa-sha256 header.s=s1 header.b=AbCdEf12"], "dkim"),
    (["mx.example.com; dmarc=pass (p=none dis=none) header.from=kunde.example"], "dmarc"),
    ([f"mx.example.com; spf=pass (mx.example.com: sender is permitted) smtp.mailfrom={ANNA}"], "spf"),
    (["mx.example.com; none", "(note) mx.example.com (x); dkim = pass (y) header.d (z) = kunde.example"], "dkim"),
    (["mx.example.com; dkim=fail header.d=kunde.example; dkim=pass header.d=mail.kunde.example"], "dkim"),
])
def test_an_aligned_result_of_our_own_border_is_enough(office, results, by):
    assert was_taken(office.send_tagged(border=results))
    assert office.receipt()["authenticated_by"] == by


@pytest.mark.parametrize("results", [
    [],
    ["mx.example.com; none"],
    ["mx.example.com; dkim=fail header.d=kunde.example"],
    ["mx.example.com; dkim=pass header.d=provider.example; spf=pass smtp.mailfrom=bounce.provider.example"],
    ["mx.example.com; spf=pass smtp.helo=kunde.example"],
    ["mx.google.com; dkim=pass header.d=kunde.example"],
    ["spf=pass smtp.mailfrom=kunde.example; dkim=pass header.d=kunde.example"],
    ['mx.example.com; dkim=pass header.d="kunde.example'],
])
def test_nothing_else_vouches_for_a_from_address(office, results):
    assert was_refused(office.send_tagged(border=results), 550, "5.7.1", "sender-not-authenticated")
    assert office.receipt()["verdict"] == "refused"
    assert office.documents() == []
    assert office.owed() == set()


@pytest.mark.parametrize("name", ["Authentication-Results", "authentication-RESULTS", "Authentication-Results "])
def test_results_that_came_in_from_outside_do_not_count(office, name):
    mail = office.tagged_mail(border=[]).as_bytes()
    forged = f"{name}: {DKIM}\r\n".encode()
    for where in (forged + mail, mail.replace(b"\r\nSubject:", b"\r\n" + forged + b"Subject:", 1)):
        answer = office.send(where, [office.tagged], sender=ANNA)
        assert was_refused(answer, 550, "5.7.1", "sender-not-authenticated")


def test_a_login_that_is_not_the_from_address_vouches_for_nothing(office):
    assert was_refused(office.send_tagged(login="eve@kunde.example", border=[]), 550, "5.7.1", "sender-not-authenticated")


def test_an_authentic_sender_who_is_not_registered_is_refused(office):
    assert was_refused(office.send_tagged(sender="jan@kunde.example"), 550, "5.7.1", "sender-not-registered")


def test_a_sender_of_another_client_is_not_registered_here(office):
    office.kwit.first_line("sender", "add", "20001", "jan@kunde.example")
    assert was_refused(office.send_tagged(sender="jan@kunde.example"), 550, "5.7.1", "sender-not-registered")


def test_a_stranger_hears_the_same_whether_or_not_the_address_is_registered(office):
    known, unknown = office.send_tagged(border=[]), office.send_tagged(border=[], sender="nobody@kunde.example")
    assert known.last.code == unknown.last.code == 550
    assert known.last.text.replace(ANNA, "X") == unknown.last.text.replace("nobody@kunde.example", "X")


@pytest.mark.parametrize("froms", [
    [f"From: {ANNA}", "From: eve@evil.example"],
    [f"From: eve@evil.example, {ANNA}"],
    [f"From: team: {ANNA};"],
    ["From: undisclosed"],
    [],
])
def test_a_from_that_is_not_exactly_one_mailbox_is_ambiguous(office, froms):
    head = "\r\n".join([f"X-Test-Border: {DKIM}", f"To: {office.tagged}", f"Subject: {TAG}", *froms, "MIME-Version: 1.0"])
    answer = office.send(head.encode() + b"\r\n\r\ntext\r\n", [office.tagged], sender=ANNA)
    assert was_refused(answer, 550, "5.7.1", "sender-ambiguous")


def test_the_sender_is_judged_before_subject_and_documents(office):
    answer = office.send_tagged(border=[], subject="no tag at all", files=[("x.exe", mails.exe(), "application/x-dosexec")])
    assert was_refused(answer, 550, "5.7.1", "sender-not-authenticated")


def test_nothing_of_a_strangers_mail_is_kept(office):
    office.send_tagged(border=[])
    receipt = office.receipt()
    assert (receipt["parts"], receipt["documents"]) == ([], [])
    assert not list((office.kwit.archive / "objects").rglob("?" * 64))


def test_preferred_authentication_files_an_unproven_registered_sender_but_writes_only_to_the_notification_addresses(make_office):
    office = make_office({"policy.tagged.authentication": '"preferred"', "policy.tagged.on_success": '["sender", "notify"]'})
    assert was_taken(office.send_tagged(border=[]))
    assert office.receipt()["verdict"] == "imported"
    assert {kind for kind, _ in office.owed()} == {"import"}
    assert ANNA not in {to for _, to in office.owed()}
