"""The same mail again, after a reply that was lost: one receipt, one document, one notice."""

from harness import mails
from office import ANNA, DKIM, was_refused, was_taken


def test_the_same_mail_twice_is_one_receipt(office):
    mail = office.open_mail().as_bytes()
    assert was_taken(office.send(mail, [office.open_address]))
    assert was_taken(office.send(mail, [office.open_address]))
    office.receipt()
    office.document()
    assert len(office.notices()) == 1


def test_it_is_the_same_mail_on_another_way_with_other_trace_headers(office):
    mail = office.open_mail().as_bytes()
    office.send(mail, [office.open_address])
    office.send(b"Received: from a by b; Sat, 14 Nov 2026 10:00:00 +0100\r\nX-Spam-Score: 1\r\n" + mail,
                [office.open_address], sender="")
    office.receipt()


def test_the_same_mail_to_two_addresses_is_a_receipt_for_each(office):
    other = office.kwit.first_line("address", "add", "20001", "--policy", "open", "--symbol", "AR", "--extension", "zwei")
    mail = office.open_mail().as_bytes()
    office.send(mail, [office.open_address])
    office.send(mail, [office.open_address, other])
    assert [r["address"] for r in office.receipts(2)] == [office.open_address, other]
    assert {(d["address"], d["category"]) for d in office.documents()} == {(office.open_address, "ER"), (other, "AR")}


def test_another_mail_with_the_same_pdf_is_a_receipt_of_its_own_and_the_object_is_kept_once(office):
    content = mails.pdf("one and the same")
    for _ in range(2):
        office.send_open(files=mails.one_pdf(content))
    assert len(office.receipts(2)) == 2
    digests = {d["sha256"] for d in office.documents()}
    assert len(digests) == 1
    assert len(list((office.kwit.archive / "objects").rglob(digests.pop()))) == 1


def test_a_refused_mail_is_judged_anew_when_it_comes_again(office):
    mail = mails.letter("jan@kunde.example", office.tagged, mails.TAG, files=mails.one_pdf(), border=[DKIM])
    assert was_refused(office.send(mail, [office.tagged]), 550, "5.7.1", "sender-not-registered")
    office.kwit.first_line("sender", "add", "10023", "jan@kunde.example")
    assert was_taken(office.send(mail, [office.tagged]))
    assert sorted(r["verdict"] for r in office.receipts(2)) == ["imported", "refused"]


def test_a_stranger_who_repeats_a_filed_mail_is_refused_like_any_stranger(office):
    mail = office.tagged_mail().as_bytes()
    assert was_taken(office.send(mail, [office.tagged], sender=ANNA))
    stripped = mail.replace(b"X-Test-Border", b"X-Nothing")
    assert was_refused(office.send(stripped, [office.tagged], sender=ANNA), 550, "5.7.1", "sender-not-authenticated")


def test_a_failed_mail_that_comes_again_unchanged_is_told_once(office):
    mail = office.tagged_mail(subject="faktura").as_bytes()
    office.send(mail, [office.tagged], sender=ANNA)
    office.send(mail, [office.tagged], sender=ANNA)
    office.receipt()
    assert office.owed() == {("correction", ANNA)}
    assert len(office.notices()) == 1
