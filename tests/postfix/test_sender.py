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
    (["mx.example.com; dkim=pass header.d=kunde.example; spf=pass smtp.mailfrom=kunde.example; dmarc=pass (policy=none) "
      "header.from=kunde.example"], "dmarc"),
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
    [f"mx.example.com; spf=pass (mx.example.com: sender is permitted) smtp.mailfrom={ANNA}"],
    ["mx.example.com; dkim=pass header.d=kunde.example; dmarc=fail (p=reject dis=none) header.from=kunde.example"],
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


def test_spf_is_enough_where_the_policy_says_so(make_office):
    office = make_office({"policy.tagged.spf_suffices": "true"})
    assert was_taken(office.send_tagged(border=[f"mx.example.com; spf=pass smtp.mailfrom={ANNA}"]))
    assert office.receipt()["authenticated_by"] == "spf"
    office.kwit.text("sender", "add", "10023", "eva@kunde.example")
    answer = office.send_tagged(border=["mx.example.com; spf=pass smtp.helo=kunde.example"], sender="eva@kunde.example")
    assert was_refused(answer, 550, "5.7.1", "sender-not-authenticated")


def test_alignment_is_chosen_for_a_domain_and_for_a_sender(make_office):
    office = make_office({"domain.alignment": '"strict"'})
    below = ["mx.example.com; dkim=pass header.d=mail.kunde.example"]
    assert was_refused(office.send_tagged(border=below), 550, "5.7.1", "sender-not-authenticated")
    office.kwit.text("sender", "set", "10023", ANNA, "--alignment", "relaxed")
    assert was_taken(office.send_tagged(border=below))
    office.kwit.text("sender", "set", "10023", ANNA, "--alignment", "strict")
    assert was_refused(office.send_tagged(border=below), 550, "5.7.1", "sender-not-authenticated")
    assert was_taken(office.send_tagged())


def test_a_whole_domain_may_be_registered(office, sink):
    code = office.kwit.first_line("sender", "add", "10023", "@Gross.example")
    border = ["mx.example.com; dkim=pass header.d=gross.example"]
    assert was_taken(office.send_tagged(subject=f"[FK] 10/2024 ({code})", border=border, sender="jan@gross.example"))
    document = office.document()
    assert (document["sender"], document["user"], document["code"]) == ("jan@gross.example", "@gross.example", code)
    office.arrived(sink, "confirmation", "jan@gross.example")
    below = office.send_tagged(border=border, sender="jan@sub.gross.example")
    assert was_refused(below, 550, "5.7.1", "sender-not-registered")
    assert was_refused(office.send_tagged(border=[], sender="jan@gross.example"), 550, "5.7.1", "sender-not-authenticated")
    assert office.kwit.run("sender", "add", "10023", "@co.uk").returncode == 2
    letters = office.kwit.run("client", "card", "10023", "--send")
    assert b"@gross.example" in letters.stdout + letters.stderr
    assert not [row for row in office.kwit.rows("outbox", "list") if row["to"].startswith("@")]


def test_one_person_serves_several_clients_with_a_code_for_each(office):
    number = office.kwit.first_line("address", "add", "20001", "--policy", "tagged")
    code = office.kwit.first_line("sender", "add", "20001", ANNA)
    def send(subject, to):
        return office.send(office.tagged_mail(subject=subject), [to], sender=ANNA)
    assert was_taken(send(TAG, office.tagged))
    assert was_taken(send(f"[FK] 10/2024 ({code})", number))
    assert {(row["client"], row["code"]) for row in office.documents()} == {("10023", "932498"), ("20001", code)}
    send(TAG, number)
    assert office.receipts(3)[2]["reasons"] == ["code-unknown"]


def arc_headers(sealer="lists.example.com", found="dkim=pass header.d=kunde.example", signs="from:subject:date:content-type"):
    return {"ARC-Seal": f"i=1; a=rsa-sha256; cv=none; d={sealer}; s=arc; b=AAAA",
            "ARC-Message-Signature": f"i=1; a=rsa-sha256; d={sealer}; s=arc; h={signs}; bh=YQ==; b=BBBB",
            "ARC-Authentication-Results": f"i=1; {sealer}; {found}"}


def test_an_arc_chain_of_a_trusted_sealer_counts_for_a_sender_who_may(make_office):
    office = make_office({"trust.arc_sealers": '["lists.example.com"]'})
    border = ["mx.example.com; dkim=fail header.d=kunde.example; arc=pass; dmarc=fail header.from=kunde.example"]
    assert was_refused(office.send_tagged(border=border, headers=arc_headers()), 550, "5.7.1", "sender-not-authenticated")
    office.kwit.text("sender", "set", "10023", ANNA, "--arc", "yes")
    assert was_taken(office.send_tagged(border=border, headers=arc_headers()))
    assert office.show(office.document()["receipt"])["authenticated_by"] == "arc"
    broken = [border[0].replace("arc=pass", "arc=fail")]
    for spoiled, headers in [(broken, arc_headers()), (border, arc_headers(sealer="lists.attack.example")),
                             (border, arc_headers(found="dkim=pass header.d=attack.example")),
                             (border, arc_headers(found="spf=pass smtp.mailfrom=anna@kunde.example")),
                             (border, arc_headers(signs="from:date:content-type"))]:
        answer = office.send_tagged(border=spoiled, headers=headers)
        assert was_refused(answer, 550, "5.7.1", "sender-not-authenticated")
    assert len(office.documents()) == 1


def test_a_forwarder_vouches_for_those_who_come_by_it(office):
    def send(sender=ANNA):
        mail = office.tagged_mail(border=["mx.example.com; dkim=fail header.d=kunde.example; dmarc=fail "
                                          "header.from=kunde.example; dkim=pass header.d=forwarder.example"], sender=sender)
        return office.send(mail, [office.tagged], sender="SRS0=x=kunde.example=anna@forwarder.example")
    assert was_refused(send(), 550, "5.7.1", "sender-not-authenticated")
    office.kwit.text("sender", "set", "10023", ANNA, "--via", "forwarder.example")
    office.kwit.text("sender", "add", "10023", "eva@kunde.example")
    assert was_taken(send())
    assert office.show(office.document()["receipt"])["authenticated_by"] == "via"
    assert was_refused(send("eva@kunde.example"), 550, "5.7.1", "sender-not-authenticated")
    office.kwit.text("sender", "set", "10023", ANNA, "--via", "")
    assert was_refused(send(), 550, "5.7.1", "sender-not-authenticated")


def test_a_secret_in_the_address_stands_for_its_sender_alone(make_office):
    office = make_office({"policy.tagged.secret_suffices": "true"})
    def rotate(*options):
        return office.kwit.first_line("sender", "secret", "10023", ANNA, *options)
    def send(to, sender=ANNA):
        return office.send(office.tagged_mail(border=[], sender=sender), [to], sender=sender)
    first = rotate()
    number, domain = office.tagged.split("@")
    assert first.startswith(f"{number}.") and first.endswith(f"@{domain}")
    assert was_taken(send(first.upper()))
    document = office.document()
    assert (document["address"], office.show(document["receipt"])["authenticated_by"]) == (office.tagged, "secret")
    office.kwit.text("sender", "add", "10023", "eva@kunde.example")
    for to, sender in [(office.tagged, ANNA), (first, "eva@kunde.example"), (first, "nobody@kunde.example")]:
        assert was_refused(send(to, sender), 550, "5.7.1", "sender-not-authenticated")
    second = rotate()
    assert was_taken(send(first))
    assert was_taken(send(second))
    third = rotate("--old-for", "0")
    assert was_refused(send(second), 550, "5.7.1", "sender-not-authenticated")
    office.kwit.text("sender", "secret", "10023", ANNA, "--remove")
    assert was_refused(send(third), 550, "5.7.1", "sender-not-authenticated")
    kept = office.kwit.text("--json", "sender", "list") + office.kwit.text("--json", "journal", "list")
    kept += office.kwit.text("--json", "receipt", "list")
    for address in (first, second, third):
        assert address.split("@")[0].split(".")[1] not in kept


def test_a_mistyped_secret_is_noticed_at_rcpt_and_shown_nowhere(make_office):
    office = make_office({"policy.tagged.secret_suffices": "true"})
    address = office.kwit.first_line("sender", "secret", "10023", ANNA)
    number, secret = address.split("@")[0].split(".")
    wrong = secret[:-1] + ("a" if secret[-1] != "a" else "b")
    answer = office.send(office.tagged_mail(), [address.replace(secret, wrong)], sender=ANNA)
    assert was_refused(answer, 550, "5.1.1", "address-unknown")
    said = answer.last.text.partition("address-unknown: ")[2]  # Sendmail repeats the recipient before it
    assert wrong not in said and f"{number}.***@" in said
    assert wrong not in office.kwit.log_text()


def test_a_secret_needs_a_policy_that_takes_it(office):
    done = office.kwit.run("sender", "secret", "10023", ANNA)
    assert done.returncode == 1 and b"secret_suffices" in done.stderr
    assert office.kwit.rows("sender", "show", "10023", ANNA)[0]["secret"] is None
    for wrong in (["--old-for", "soon"], ["--old-for", "1y"]):
        assert office.kwit.run("sender", "secret", "10023", ANNA, *wrong).returncode == 2


def test_how_a_sender_is_authenticated_can_be_seen(office):
    office.kwit.text("sender", "set", "10023", ANNA, "--via", "Forwarder.example", "--arc", "yes", "--alignment", "strict",
                     "--certificate", "Anna Kunde", "--login", "anna.k")
    shown = office.kwit.rows("sender", "show", "10023", ANNA)[0]
    assert {name: shown[name] for name in ("via", "arc", "alignment", "certificate", "login")} == {
        "via": "forwarder.example", "arc": True, "alignment": "strict", "certificate": "Anna Kunde", "login": "anna.k"}
    assert "strict, login anna.k, certificate Anna Kunde, arc, via " in office.kwit.text("sender", "list")
    assert office.kwit.run("sender", "show", "10023", "nobody@kunde.example").returncode == 1
    for wrong in (["--alignment", "loose"], ["--arc", "perhaps"], ["--via", "co.uk"]):
        assert office.kwit.run("sender", "set", "10023", ANNA, *wrong).returncode == 2


def test_check_says_why_a_pass_did_not_count(office):
    mail = office.tagged_mail(border=[], headers={
        "DKIM-Signature": "v=1; a=rsa-sha256; d=kunde.example; s=s1; h=from:date; bh=YWJj; b=AbCdEf01"}).as_bytes()
    mail = f"Authentication-Results: {DKIM}\r\n".encode() + mail
    done = office.kwit.run("check", "-", "--from", ANNA, "--to", office.tagged, stdin=mail)
    assert done.returncode == 1
    assert b"dkim pass for kunde.example does not count: its signature does not cover subject" in done.stdout


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
