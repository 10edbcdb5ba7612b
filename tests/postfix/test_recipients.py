"""Who a mail may be for, and what becomes of one that is for several."""

import pytest

from harness import mails
from harness.postfix import wait_for
from office import ANNA, OPEN_NOTIFY, SUPPLIER, TAG, was_refused, was_taken

BOSS = "boss@example.com"  # ordinary mail of this Postfix


@pytest.mark.parametrize("local", ["nobody", "faktury+1543030449", "faktury", "k7m2q9x4tc-rechnungen", '"odd one"'])
def test_an_unknown_address_is_refused_at_rcpt(office, local):
    answer = office.send(office.open_mail(), [f"{local}@in.example.com"])
    assert was_refused(answer, 550, "5.1.1", "address-unknown")
    assert answer.end is None
    assert office.kwit.rows("receipt", "list") == []  # only counted


def test_an_expired_address_is_refused_at_rcpt(office):
    office.kwit.text("address", "set", office.open_address, "--expires", "2020-01-01")
    assert was_refused(office.send_open(), 550, "5.2.1", "address-expired")
    office.kwit.text("address", "set", office.open_address, "--expires", "never")
    assert was_taken(office.send_open())


def test_a_disabled_address_is_refused_at_rcpt_until_it_is_enabled_again(office):
    office.kwit.text("address", "disable", office.open_address)
    assert was_refused(office.send_open(), 550, "5.2.1", "address-disabled")
    office.kwit.text("address", "enable", office.open_address)
    assert was_taken(office.send_open())


def test_the_directory_is_asked_anew_at_every_rcpt_of_a_session(office, connect):
    session = connect()
    new = "faktury+2222222222@in.example.com"
    session.ask("MAIL", f"FROM:<{SUPPLIER}>")
    assert session.ask("RCPT", f"TO:<{new}>").code == 550
    office.kwit.first_line("address", "add", "10023", "--policy", "tagged", "--number", "2222222222")
    assert session.ask("RCPT", f"TO:<{new}>").code == 250
    office.kwit.text("address", "disable", new)
    session.ask("RSET")
    session.ask("MAIL", f"FROM:<{SUPPLIER}>")
    assert session.ask("RCPT", f"TO:<{new}>").code == 550


@pytest.mark.parametrize("size, taken", [(204_800, True), (204_801, False)])
def test_a_declared_size_over_the_limit_is_refused_at_rcpt(make_office, size, taken):
    office = make_office({"limits.message": '"200KiB"'})
    answer = office.send(office.open_mail(), [office.open_address], options=f"SIZE={size}")
    assert was_taken(answer) if taken else was_refused(answer, 552, "5.3.4", "message-too-large")
    assert (answer.end is None) is not taken


def test_an_undeclared_size_over_the_limit_is_refused_at_the_end(make_office):
    office = make_office({"limits.message": '"200KiB"'})
    answer = office.send_open(files=mails.one_pdf(mails.pdf(size=200_000)))
    assert was_refused(answer, 552, "5.3.4", "message-too-large")
    assert answer.end is not None and office.documents() == []


def test_the_size_of_an_ordinary_mail_is_none_of_our_business(make_office, sink):
    office = make_office({"limits.message": '"200KiB"'})
    mail = mails.letter(SUPPLIER, BOSS, "big", files=mails.one_pdf(mails.pdf(size=400_000)))
    assert was_taken(office.send(mail, [BOSS], options="SIZE=1000000"))
    assert sink.wait_to(BOSS)[0].recipients == [BOSS]


def test_an_ordinary_mail_passes_byte_for_byte_and_leaves_no_trace(office, sink):
    mail = mails.letter(SUPPLIER, BOSS, TAG, files=mails.one_pdf()).as_bytes()
    assert was_taken(office.send(mail, [BOSS]))
    assert sink.wait_to(BOSS)[0].raw.endswith(mail)
    assert office.kwit.rows("receipt", "list") == []


def test_of_a_mixed_mail_the_import_recipient_is_filed_and_the_others_get_it(office, sink):
    mail = office.open_mail()
    answer = office.send(mail, [BOSS, office.open_address, "second@example.com"])
    assert was_taken(answer)
    assert len(sink.wait_to(BOSS)) == len(sink.wait_to("second@example.com")) == 1
    assert not sink.to(office.open_address)
    assert office.receipt()["verdict"] == "imported"
    assert len(office.documents()) == 1
    wait_for(lambda: not office.kwit.postfix.queue(), "the queue to empty")


def test_a_mixed_mail_whose_import_recipient_is_refused_is_still_delivered_to_the_others(office, sink):
    mail = office.tagged_mail(border=[])
    assert was_taken(office.send(mail, [office.tagged, BOSS], sender=ANNA))
    assert sink.wait_to(BOSS)[0].recipients == [BOSS]
    receipt = office.receipt()
    assert (receipt["verdict"], receipt["reasons"]) == ("refused", ["sender-not-authenticated"])
    wait_for(lambda: not office.kwit.postfix.queue(), "the queue to empty")


def test_a_mail_to_two_clients_is_decided_for_each_of_them(office):
    mail = office.tagged_mail(files=[("skan.png", mails.png(), "image/png"), *mails.one_pdf()])
    assert was_taken(office.send(mail, [office.tagged, office.open_address], sender=ANNA))
    verdicts = {r["client"]: (r["verdict"], r["reasons"]) for r in office.receipts(2)}
    assert verdicts == {"10023": ("imported", []), "20001": ("partial", ["part-not-accepted"])}
    assert sorted((d["client"], d["category"]) for d in office.documents()) == [
        ("10023", "FZ"), ("10023", "FZ"), ("20001", "ER")]


def test_a_recipient_refused_for_its_sender_stays_refused_when_another_one_takes_the_mail(office):
    mail = office.open_mail(subject=TAG)
    assert was_taken(office.send(mail, [office.tagged, office.open_address]))
    verdicts = {r["client"]: r["verdict"] for r in office.receipts(2)}
    assert verdicts == {"10023": "refused", "20001": "imported"}
    assert {d["client"] for d in office.documents()} == {"20001"}


def test_when_all_import_recipients_refuse_the_reply_names_the_first_reason(office):
    other = office.kwit.first_line("address", "add", "10023", "--policy", "tagged", "--number", "3333333333")
    answer = office.send(office.tagged_mail(border=[]), [office.tagged, other], sender=ANNA)
    assert was_refused(answer, 550, "5.7.1", "sender-not-authenticated")
    assert {r["verdict"] for r in office.receipts(2)} == {"refused"}


def test_an_address_given_twice_or_in_another_case_is_one_recipient(office):
    shouted = office.open_address.upper().replace("IN.EXAMPLE.COM", "In.Example.COM")
    assert was_taken(office.send(office.open_mail(), [office.open_address, office.open_address, shouted]))
    assert office.receipt()["address"] == office.open_address
    assert len(office.documents()) == 1
    wait_for(lambda: not office.kwit.postfix.queue(), "the queue to empty")


def test_the_null_sender_may_write_to_an_open_address(office):
    assert was_taken(office.send(office.open_mail(), [office.open_address], sender=""))
    assert office.receipt()["envelope_from"] == ""


def test_the_postmaster_of_the_intake_domain_is_a_person(office, sink):
    assert was_taken(office.send(office.open_mail(), ["postmaster@in.example.com"]))
    assert sink.wait()[0].recipients == ["postmaster@example.com"]
    assert office.kwit.rows("receipt", "list") == []


def test_a_subdomain_of_the_intake_domain_gets_no_mail(office):
    answer = office.send(office.open_mail(), ["faktury@sub.in.example.com"])
    assert (answer.last.code, answer.last.text[:5]) == (550, "5.1.2")


def test_two_mails_of_one_session_with_a_broken_off_one_between_are_judged_apart(office, connect):
    session = connect()
    assert was_taken(session.deliver(SUPPLIER, [office.open_address], office.open_mail().as_bytes()))
    session.ask("MAIL", f"FROM:<{ANNA}>")
    session.ask("RCPT", f"TO:<{office.tagged}>")
    session.ask("RSET")
    assert was_taken(session.deliver(SUPPLIER, [office.open_address], office.open_mail().as_bytes()))
    assert [r["address"] for r in office.receipts(2)] == [office.open_address] * 2


def test_after_a_mail_refused_at_rcpt_the_next_one_of_the_session_is_taken(office, connect):
    session = connect()
    mail = office.open_mail().as_bytes()
    assert session.deliver(SUPPLIER, ["nobody@in.example.com"], mail).last.code == 550
    assert was_taken(session.deliver(SUPPLIER, [office.open_address], mail))


def test_after_a_mail_refused_at_its_end_the_next_one_of_the_session_is_taken(office, connect):
    session = connect()
    assert session.deliver(ANNA, [office.tagged], office.tagged_mail(border=[]).as_bytes()).last.code == 550
    answer = session.deliver(ANNA, [office.tagged], office.tagged_mail().as_bytes())
    assert was_taken(answer)
    assert sorted(r["verdict"] for r in office.receipts(2)) == ["imported", "refused"]


def test_a_bounce_that_postfix_makes_comes_in_by_the_re_entry(office, sink):
    ordinary = mails.letter(office.open_address, "gone@example.com", "hello", files=mails.one_pdf())
    assert was_taken(office.send(ordinary, ["gone@example.com"], sender=office.open_address))
    receipt = office.receipt()
    assert (receipt["envelope_from"], receipt["address"]) == ("", office.open_address)
    wait_for(lambda: not office.kwit.postfix.queue(), "the queue to empty")
    assert all(mail.recipients == [OPEN_NOTIFY] for mail in sink.arrived)


def test_when_empty_delrcpt_files_the_same_and_leaves_nothing_in_the_queue(make_office):
    office = make_office({"milter.when_empty": '"delrcpt"'})
    assert was_taken(office.send_open())
    assert office.receipt()["verdict"] == "imported"
    wait_for(lambda: not office.kwit.postfix.queue(), "the queue to empty")


def test_a_client_that_lost_its_notification_address_puts_its_senders_off(office):
    # the commands prevent it: only a policy that changes under an address can bring it about
    office.kwit.first_line("client", "add", "30003", "--name", "Nobody told")
    address = office.kwit.first_line("address", "add", "30003", "--policy", "tagged", "--number", "4444444444")
    office.kwit.configure({f"policy.tagged.{key}": value for key, value in {
        "route": '"address"', "senders": '"anyone"', "authentication": '"off"', "on_failure": '"forward"',
        "on_success": '["notify"]'}.items()})
    office.kwit.stop()
    office.kwit.start()
    assert was_refused(office.send(office.open_mail(), [address]), 450, "4.2.1", "client-not-notifiable")
    office.kwit.text("notify", "add", "30003", OPEN_NOTIFY)
    assert office.send(office.open_mail(), [address]).rcpts[0].code == 250
