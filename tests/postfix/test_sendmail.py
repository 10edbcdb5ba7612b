"""kwit behind a real Sendmail 8.17 with the files of postfix-example/sendmail: what an MTA has to do with it, in short.

The other tests of this directory run with Sendmail, too: tests/run --mta sendmail.
"""

import os
import pwd
import signal
import subprocess

import pytest

from harness import mails
from harness.postfix import EXAMPLE, wait_for
from harness.sendmail import CONFIGURATION, PrivateSendmail
from office import ANNA, DKIM, OPEN_NOTIFY, SUPPLIER, TAG, check_killed_in_the_middle, was_refused, was_taken

BOSS = "boss@example.com"
FORGED = "mx.example.com; dkim=pass header.d=kunde.example"


@pytest.fixture(scope="module")
def session_postfix(session_sink):
    """Sendmail in the place of Postfix, whatever KWIT_MTA says."""
    with PrivateSendmail(session_sink.port, border_milter=True) as mta:
        yield mta


@pytest.fixture
def sendmail(postfix):
    return postfix


def deferred(sendmail) -> list[dict]:
    return wait_for(lambda: [entry for entry in sendmail.queue() if entry["queue_name"] == "deferred"], "the mail to wait")


# ── filed ────────────────────────────────────────────────────────────────────────────────────────


def test_a_tagged_mail_is_filed_on_the_word_of_our_border_and_leaves_nothing_in_the_queue(office, sendmail):
    invoice = mails.pdf("Faktura 17")
    answer = office.send_tagged(files=mails.one_pdf(invoice))
    assert was_taken(answer)
    document, receipt = office.document(), office.receipt()
    assert office.content(document["id"]) == invoice
    assert (document["client"], document["category"], document["period"]) == ("10023", "FZ", "2024-11")
    assert (receipt["verdict"], receipt["authenticated_by"]) == ("imported", "dkim")
    assert receipt["queue_id"] in answer.last.text  # both logs name the mail alike
    assert receipt["client_address"] == "127.0.0.2"
    wait_for(lambda: not sendmail.queue(), "the confirmation to go out and nothing to stay")


def test_a_notice_goes_out_by_the_listener_without_kwit(office, sink):
    assert was_taken(office.send_open())
    told = office.arrived(sink, "import", OPEN_NOTIFY)
    assert told.message["Subject"] and told.recipients == [OPEN_NOTIFY]


@pytest.mark.parametrize("when_empty", ["discard", "delrcpt"])
def test_a_mail_for_a_person_too_loses_our_recipient_alone(make_office, sendmail, sink, when_empty):
    office = make_office({"milter.when_empty": f'"{when_empty}"'})
    assert was_taken(office.send_open())
    assert was_taken(office.send(office.open_mail(), [office.open_address.upper(), BOSS, office.open_address]))
    assert sink.wait_to(BOSS)[0].recipients == [BOSS]
    assert [receipt["verdict"] for receipt in office.receipts(2)] == ["imported"] * 2
    wait_for(lambda: not sendmail.queue(), "the queue to empty")


def test_a_mail_is_kept_byte_for_byte_as_it_was_sent(office):
    """Headers with and without a space, folded, with bytes of no meaning; long lines; dots."""
    head = (f"From: {SUPPLIER}\r\nTo:{office.open_address}\r\nSubject: two\r\n\tlines\r\nDate: Sat, 21 Nov 2026 10:00:00 +0100\r\n"
            "Message-ID:   <1@lieferant.example>\r\nX-Tab:\ttab \r\n").encode() + b"X-Bytes: \xe4\xff\r\n"
    body = (b'MIME-Version: 1.0\r\nContent-Type: application/pdf; name="a.pdf"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
            + mails.pdf().replace(b"\n", b"\r\n") + b"..\r\n." + b"y" * 5000 + b"\xff\r\n\r\n\r\n")
    assert was_taken(office.send(head + body, [office.open_address]))
    assert office.original(office.receipt()["id"]) == head + body


def test_a_large_document_is_whole(office):
    scan = mails.pdf(size=15_000_000)
    assert was_taken(office.send_open(files=mails.one_pdf(scan, "skan.pdf")))
    assert office.content(office.document()["id"]) == scan


def test_a_login_with_a_plus_sign_is_the_login(office):
    """Sendmail hands logins over as xtext: anna+2Bbiuro@…"""
    office.kwit.first_line("sender", "add", "10023", "anna+biuro@kunde.example", "--code", "111222")
    mail = office.tagged_mail(sender="anna+biuro@kunde.example", border=[])
    assert was_taken(office.send(mail, [office.tagged], sender=ANNA, login="anna+biuro@kunde.example"))
    assert office.receipt()["authenticated_by"] == "login"


# ── refused ──────────────────────────────────────────────────────────────────────────────────────


def test_a_refusal_at_rcpt_names_the_address_twice(office):
    """Sendmail puts it before what a milter says."""
    answer = office.send(office.open_mail(), ["nobody@in.example.com"])
    assert was_refused(answer, 550, "5.1.1", "address-unknown")
    assert answer.last.text.startswith("5.1.1 <nobody@in.example.com>... address-unknown: ")
    assert answer.end is None


def test_a_declared_size_over_the_limit_is_refused_at_rcpt(make_office):
    office = make_office({"limits.message": '"200KiB"'})
    assert was_refused(office.send(office.open_mail(), [office.open_address], options="SIZE=204801"),
                       552, "5.3.4", "message-too-large")


@pytest.mark.parametrize("locale", ["pl", "de", "en"])
def test_a_reply_quotes_per_cent_signs_and_foreign_letters_in_ascii(make_office, locale):
    office = make_office({"policy.tagged.on_failure": '"reject"', "domain.locale": f'"{locale}"'})
    answer = office.send_tagged(subject="100% %s %n für Łódź")
    assert was_refused(answer, 550, "5.6.0", "subject-malformed")
    assert answer.last.text.isascii() and "100% %s %n" in answer.last.text


def test_a_reply_of_several_lines_arrives_whole(make_office, tmp_path):
    sentence = "It is wrong: " + ", ".join(f"{number}% of it" for number in range(99))
    (tmp_path / "en.toml").write_text(f'"subject-malformed.category-period-code" = "{sentence} in {{read}}."\n')
    office = make_office({"policy.tagged.on_failure": '"reject"', "domain.locale": '"en"', "texts.path": f'"{tmp_path}"'})
    answer = office.send_tagged(subject="faktura")
    lines = answer.last.text.splitlines()
    assert len(lines) > 2 and all(line.startswith("5.6.0 ") for line in lines)
    said = " ".join(line.removeprefix("5.6.0 ") for line in lines)
    assert said == f'subject-malformed: {sentence} in faktura.'


def test_a_refusal_at_the_end_of_a_mail_and_the_next_mail_of_the_session(make_office, connect):
    office = make_office({"policy.tagged.on_failure": '"reject"'})
    session = connect()
    letter = office.tagged_mail(files=[("brief.docx", mails.docx(), "application/msword")])
    assert was_refused(session.deliver(ANNA, [office.tagged], letter.as_bytes()), 550, "5.6.0", "part-not-accepted")
    assert was_taken(session.deliver(ANNA, [office.tagged], office.tagged_mail().as_bytes()))


@pytest.mark.parametrize("address, code", [("faktury@sub.in.example.com", 550), ("anybody@elsewhere.example", 550)])
def test_sendmail_itself_refuses_subdomains_and_relaying(office, address, code):
    assert office.send(office.open_mail(), [address]).last.code == code
    assert "refused recipient" not in office.kwit.log_text()


def test_sendmail_itself_refuses_nul_bytes_and_headers_over_32_kib(office):
    nul = office.open_mail(text="MARKER\n").as_bytes().replace(b"MARKER", b"a\0b")
    assert office.send(nul, [office.open_address]).last.code == 554
    many = b"".join(b"X-%d: %s\r\n" % (number, b"y" * 900) for number in range(40)) + office.open_mail().as_bytes()
    assert office.send(many, [office.open_address]).last.code == 552
    assert was_taken(office.send_open())
    office.receipt()


# ── who else gets mail ───────────────────────────────────────────────────────────────────────────


def test_the_postmaster_of_the_intake_domain_is_a_person(office, sink):
    assert was_taken(office.send(office.open_mail(), ["postmaster@in.example.com"]))
    assert sink.wait()[0].recipients == ["postmaster@example.com"]
    assert office.kwit.rows("receipt", "list") == []


def test_an_alias_of_sendmail_for_an_import_address_is_that_address(office, sendmail, sink):
    """kwit is told what Sendmail made of a recipient, not what was written."""
    sendmail.write_table("virtusertable", f"rechnungen@in.example.com\t{office.open_address}\n")
    try:
        assert was_taken(office.send(office.open_mail(), ["rechnungen@in.example.com", BOSS]))
    finally:
        sendmail.write_table("virtusertable")
    assert office.receipt()["address"] == office.open_address
    assert sink.wait_to(BOSS)[0].recipients == [BOSS]
    wait_for(lambda: not sendmail.queue(), "the queue to empty")


# ── kwit away ────────────────────────────────────────────────────────────────────────────────────


def test_while_kwit_is_away_every_mail_is_put_off_and_then_taken(office, connect, sink):
    office.kwit.stop(signal.SIGKILL)
    for recipient in (office.open_address, BOSS):
        answer = office.send(office.open_mail(), [recipient])
        assert answer.mail.code == 451 and answer.mail.text.startswith("4.3.2 ")
    office.kwit.start()
    assert was_taken(office.send_open())
    assert office.receipt()["verdict"] == "imported"
    assert sink.to(BOSS) == []


def test_kwit_that_dies_in_the_middle_of_a_mail_has_it_put_off(office, connect):
    check_killed_in_the_middle(office, connect())


# ── the re-entry ─────────────────────────────────────────────────────────────────────────────────


def test_mail_that_got_past_waits_while_kwit_is_away_and_flows_in(office, sendmail, sink):
    office.kwit.stop()
    sendmail.sendmail(SUPPLIER, [office.open_address], office.open_mail().as_bytes())
    assert "451" in deferred(sendmail)[0]["recipients"][0]["delay_reason"]
    office.kwit.start()
    sendmail.flush()
    wait_for(lambda: not sendmail.queue(), "the queue to empty")
    receipt = office.receipt()
    assert (receipt["verdict"], receipt["envelope_from"]) == ("imported", SUPPLIER)
    assert sink.to(SUPPLIER) == []


def test_mail_that_got_past_and_is_refused_waits_with_the_reason_and_is_not_bounced(office, sendmail, sink):
    """Sendmail has no soft_bounce: kwit itself refuses for now at the re-entry."""
    sendmail.sendmail(BOSS, ["nobody@in.example.com"], office.open_mail().as_bytes())
    assert "450 4.1.1 <nobody@in.example.com>... address-unknown" in deferred(sendmail)[0]["recipients"][0]["delay_reason"]
    assert sink.arrived == []


def test_a_mail_that_an_earlier_milter_quarantines_is_filed_at_once_and_held_for_people(office, sendmail, sink):
    """Unlike Postfix, Sendmail asks the milters behind it all the same."""
    mail = office.tagged_mail(headers={"X-Test-Quarantine": "looks odd"})
    assert was_taken(office.send(mail, [office.tagged, BOSS], sender=ANNA))
    assert office.receipt()["verdict"] == "imported"
    held = [entry for entry in sendmail.queue() if entry["queue_name"] == "hold"]
    assert [[recipient["address"] for recipient in entry["recipients"]] for entry in held] == [[BOSS]]
    assert sink.to(BOSS) == []


def test_a_bounce_that_sendmail_makes_comes_in_by_the_re_entry(office, sendmail, sink):
    ordinary = mails.letter(office.open_address, "gone@example.com", "hello", files=mails.one_pdf())
    assert was_taken(office.send(ordinary, ["gone@example.com"], sender=office.open_address))
    receipt = office.receipt()
    assert (receipt["envelope_from"], receipt["address"]) == ("", office.open_address)
    wait_for(lambda: not sendmail.queue(), "the queue to empty")


# ── the border ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("forged", [
    b"Authentication-Results: " + FORGED.encode(),
    b"authentication-RESULTS:" + FORGED.encode(),
    b"Authentication-Results : " + FORGED.encode(),
    b"Authentication-Results:\r\n " + FORGED.encode(),
    b"Authentication-Results: (x) " + FORGED.encode(),
    b'Authentication-Results: "mx.example.com"; dkim=pass header.d=kunde.example',
    b"Authentication-Results: " + FORGED.encode() + b"; x=" + b"y" * 300,
    b"Authentication-Results: " + FORGED.encode() + b" (" + b"y " * 5000 + b")",
    b"Authentication-Results: other.example; none\r\nAuthentication-Results: " + FORGED.encode(),
], ids=["plain", "case", "space", "folded", "comment", "quoted", "long word", "many words", "the second"])
def test_results_that_a_sender_writes_are_not_believed(office, forged):
    mail = forged + b"\r\n" + office.tagged_mail(border=[]).as_bytes()
    assert was_refused(office.send(mail, [office.tagged], sender=ANNA), 550, "5.7.1", "sender-not-authenticated")


def test_inbound_results_are_stripped_and_those_of_our_border_stay(office, sink):
    mail = mails.letter(SUPPLIER, BOSS, "results", border=["mx.example.com; spf=none"],
                        headers={"Authentication-Results": f"(x) {DKIM}"})
    mail.add_attachment(mails.letter(SUPPLIER, BOSS, "inner", headers={"Authentication-Results": "inner.example; none"}))
    assert was_taken(office.send(mail, [BOSS]))
    arrived = sink.wait()[0]
    assert arrived.message.get_all("Authentication-Results") == ["mx.example.com; spf=none"]
    assert b"Authentication-Results: inner.example; none" in arrived.raw


def test_results_of_our_border_are_believed_at_the_re_entry(office, connect):
    head = (b"Received: from client.example by mx.example.com; Sat, 14 Nov 2026 10:00:00 +0100\r\n"
            b"Authentication-Results: mx.example.com; dkim=pass header.d=kunde.example\r\n")
    again = connect(port=office.kwit.postfix.reentry_port, source="127.0.0.1")
    assert was_taken(again.deliver(ANNA, [office.tagged], head + office.tagged_mail(border=[]).as_bytes()))
    assert office.receipt()["authenticated_by"] == "dkim"


def test_the_sockets_may_lie_in_a_directory_of_another_user(office, sendmail):
    """As /run/kwit is kwit's own; one where anybody may write would not do."""
    directory = sendmail.socket.parent
    before, nobody = directory.stat(), pwd.getpwnam("nobody")
    for path in (directory, sendmail.socket):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    try:
        assert was_taken(office.send_open())
    finally:
        os.chown(directory, before.st_uid, before.st_gid)


def test_without_the_stripping_milter_no_mail_is_taken(office, sendmail):
    """F=T: better none than a forged one."""
    with sendmail.without_stripping():
        assert 400 <= office.send(office.tagged_mail(border=[FORGED], subject=TAG), [office.tagged], sender=ANNA).last.code < 500
    assert was_taken(office.send_tagged())
    office.receipt()


# ── the file ─────────────────────────────────────────────────────────────────────────────────────


def test_debians_own_configuration_takes_the_file_and_kwit_is_the_last_milter(tmp_path):
    """As docs/sendmail.md says: one line before the first MAILER line; another milter stands between ours."""
    mc = (CONFIGURATION / "debian" / "sendmail.mc").read_text().replace("/usr/share/sendmail/cf", str(CONFIGURATION))
    mc = "\n".join(line for line in mc.splitlines() if "/etc/mail/m4/" not in line)
    mc = mc.replace("OSTYPE(", f"include(`{CONFIGURATION}/debian/autoconf.m4')dnl\nOSTYPE(", 1)
    kwit = (EXAMPLE / "sendmail" / "kwit.m4").read_text()
    strip = next(line for line in kwit.splitlines() if line.startswith("INPUT_MAIL_FILTER(`strip-results'"))
    (tmp_path / "kwit.m4").write_text(kwit.replace(strip, "dnl"))
    ours = f"{strip}\nINPUT_MAIL_FILTER(`opendkim', `S=local:/run/opendkim/x.sock')dnl\ninclude(`{tmp_path}/kwit.m4')dnl\n"
    head, mailers, tail = mc.partition("MAILER_DEFINITIONS\n")
    assert mailers
    made = subprocess.run(["m4", f"-D_CF_DIR_={CONFIGURATION}/"], input=head + ours + mailers + tail, capture_output=True, text=True)
    assert (made.returncode, made.stderr) == (0, "")
    assert "\nO InputMailFilters=strip-results, opendkim, kwit\n" in made.stdout
    assert made.stdout.count("\nKmailertable ") == made.stdout.count("\nKvirtuser ") == 1
    assert "\nMkwit-missed," in made.stdout
