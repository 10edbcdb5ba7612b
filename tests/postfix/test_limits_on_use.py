"""Limits on use: what is beyond them waits at its sender's server, and everything else passes."""

from faulty import Faults, lines_with
from harness import mails
from harness.postfix import wait_for
from office import ANNA, Office, was_refused, was_taken

DAY_MS = 24 * 3600 * 1000


def another(office: Office, number: int):
    return office.open_mail(files=mails.one_pdf(mails.pdf(f"number {number}")))


def send(office: Office, number: int):
    return office.send(another(office, number), [office.open_address])


def is_put_off(dialogue) -> bool:
    return was_refused(dialogue, 450, "4.7.1", "rate-limited")


def test_an_address_over_its_mails_a_day_waits_also_after_a_restart_and_until_the_day_is_over(make_kwit, sink):
    kwit = make_kwit({"limits.address.mails_per_day": "2"}, start=False)
    faults = Faults(kwit)
    office = Office(kwit).open()
    kwit.start()
    assert was_taken(send(office, 1))
    assert was_taken(send(office, 2))
    assert is_put_off(send(office, 3))
    assert was_taken(office.send_tagged()), "another address"
    assert was_taken(office.send(another(office, 3), ["boss@example.com"])), "ordinary mail"
    kwit.stop()
    kwit.start()
    assert is_put_off(send(office, 3))
    warned = [line for line in lines_with(kwit, "warning") if "mails_per_day" in line]
    assert any(f"address {office.open_address} has reached its limit: 2 of 2" in line and "[limits.address]" in line
               for line in warned), kwit.log_text()
    faults["realtime_ms"] = DAY_MS
    assert was_taken(send(office, 3))
    assert len(office.receipts(4)) == 4
    assert office.kwit.run("verify").returncode == 0


def test_what_was_put_off_stands_in_the_report(make_kwit):
    office = Office(make_kwit({"limits.address.mails_per_hour": "1"})).open()
    assert was_taken(send(office, 1))
    assert is_put_off(send(office, 2))
    wait_for(lambda: "rate-limited" in office.kwit.text("--json", "report"), "the counters", 10)


def test_a_limit_is_changed_while_kwit_runs(make_kwit):
    office = Office(make_kwit({"limits.address.mails_per_day": "1"})).open()
    assert was_taken(send(office, 1))
    assert is_put_off(send(office, 2))
    office.kwit.configure({"limits.address.mails_per_day": "2"})
    office.kwit.reload()
    wait_for(lambda: "was read again" in office.kwit.log_text(), "the reload")
    assert was_taken(send(office, 2))
    assert is_put_off(send(office, 3))


def test_bytes_count_as_declared_at_rcpt_and_as_they_are_at_the_end(make_kwit):
    office = Office(make_kwit({"limits.message": '"100KiB"', "limits.address.bytes_per_day": '"100KiB"'})).open()
    large = office.open_mail(files=mails.one_pdf(mails.pdf("large", size=50_000)))
    assert was_taken(office.send(large, [office.open_address]))
    second = office.open_mail(files=mails.one_pdf(mails.pdf("another", size=50_000)))
    assert is_put_off(office.send(second, [office.open_address])), "nobody said how large it is"
    assert is_put_off(office.send(second, [office.open_address], options="SIZE=70000"))
    small = office.open_mail(files=mails.one_pdf(mails.pdf("small")))
    assert was_taken(office.send(small, [office.open_address]))


def test_a_sender_is_limited_under_a_proven_name_alone(make_kwit):
    office = Office(make_kwit({"limits.sender.mails_per_day": "1"})).open()
    for number in range(2):
        forged = mails.letter(ANNA, office.open_address, f"Rechnung {number}",
                              files=mails.one_pdf(mails.pdf(f"forged {number}")))
        assert was_taken(office.send(forged, [office.open_address]))
    assert was_taken(office.send_tagged(files=mails.one_pdf(mails.pdf("first"))))
    assert is_put_off(office.send_tagged(files=mails.one_pdf(mails.pdf("second"))))
