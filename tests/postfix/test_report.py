"""The report of a period: what was really sent through Postfix is what it counts."""

import csv
import datetime
import io
import zoneinfo

import pytest

from harness import mails
from harness.postfix import wait_for
from office import ANNA, text_of, was_taken

OFFICE = "biuro@example.com"  # reply_to of the example's domain
BOSS = "boss@office.example"


def report(office, *options: str) -> dict:
    return office.kwit.rows("report", *options)[0]


def counted(office, count: int, *options: str) -> dict:
    """The report once it knows of so many refusals at RCPT: within two seconds of the last."""
    return wait_for(lambda: (r := report(office, *options))["rcpt_refusals"]["all"] >= count and r,
                    f"{count} counted refusals", 4)


def counts(rows: list[dict], key: str, value: str = "count") -> dict:
    return {row[key]: row[value] for row in rows}


@pytest.fixture
def busy(office, connect):
    """An office in which something of each kind happened."""
    assert was_taken(office.send_tagged())                                             # imported
    assert was_taken(office.send_tagged(subject="faktura"))                            # failed: the subject
    assert was_taken(office.send_open(files=mails.one_pdf() + [("a.docx", mails.docx(), "application/msword")]))  # partial
    assert office.send_tagged(border=()).last.code == 550                              # refused: not authenticated
    session = connect()
    session.ask("MAIL", "FROM:<eve@unknown.example>")
    for guess in ("nobody", "Nobody", "faktury+1543030449"):
        assert session.ask("RCPT", f"TO:<{guess}@in.example.com>").code == 550
    office.kwit.text("address", "disable", office.open_address)
    assert session.ask("RCPT", f"TO:<{office.open_address}>").code == 550
    office.receipts(4)
    return office


def test_the_report_counts_what_was_sent(busy):
    told = counted(busy, 4)
    assert told["receipts"] == {"imported": 1, "partial": 1, "failed": 1, "refused": 1}
    assert told["documents"] == 2
    tagged, = [row for row in told["by_address"] if row["address"] == busy.tagged]
    assert (tagged["imported"], tagged["failed"], tagged["refused"]) == (1, 1, 1)
    assert counts(told["by_reason"], "reason", "refused")["sender-not-authenticated"] == 1
    assert counts(told["by_reason"], "reason", "failed")["subject-malformed"] == 1
    assert counts(told["by_client"], "client", "partial") == {"10023": 0, "20001": 1}
    assert counts(told["by_sender_domain"], "sender_domain", "partial")["lieferant.example"] == 1
    assert len(told["by_day"]) == 1
    unresolved = {row["id"] for row in busy.kwit.rows("receipt", "list", "--unresolved")}
    assert {row["id"] for row in told["unresolved"]["receipts"]} == unresolved
    assert told["unresolved"]["count"] == len(unresolved) == 2
    assert told["store"]["documents"] == 2
    head = busy.kwit.rows("journal", "head")[0]
    assert told["journal"]["n"] <= head["n"]  # notices may have been sent meanwhile


def test_recipients_refused_at_rcpt_are_counted_by_reason_address_network_and_domain(busy):
    rcpt = counted(busy, 4)["rcpt_refusals"]
    assert rcpt["all"] == 4
    assert counts(rcpt["by_reason"], "reason") == {"address-disabled": 1, "address-unknown": 3}
    assert counts(rcpt["by_address"], "address") == {busy.open_address: 1}
    assert counts(rcpt["by_unknown_address"], "address") == {
        "nobody@in.example.com": 2, "faktury+1543030449@in.example.com": 1}
    assert counts(rcpt["by_network"], "network") == {"127.0.0.0/24": 4}
    assert counts(rcpt["by_sender_domain"], "sender_domain") == {"unknown.example": 4}
    assert [table["entries"] for table in busy.kwit.rows("inspect") if table["table"] == "counters"] == [8]
    assert busy.kwit.run("verify").returncode == 0


def test_refusals_while_the_archive_is_away_are_counted_when_it_is_back(office, connect):
    aside = office.kwit.archive.with_name("aside")
    office.kwit.archive.rename(aside)
    session = connect()
    session.ask("MAIL", f"FROM:<{ANNA}>")
    assert session.ask("RCPT", f"TO:<{office.tagged}>").code == 451
    aside.rename(office.kwit.archive)
    told = counted(office, 1)
    assert counts(told["rcpt_refusals"]["by_reason"], "reason") == {"archive-unavailable": 1}


def test_refused_mails_past_the_number_that_gets_receipts_are_counted(office, connect):
    limit, more = 100, 3
    mail = office.tagged_mail(border=()).as_bytes()
    for number in range(limit + more):
        if number % 10 == 0:  # Postfix ends a session with too many errors
            session = connect()
        assert session.deliver(ANNA, [office.tagged], mail).last.code == 550
    told = wait_for(lambda: (r := report(office))["mail_refusals"]["all"] >= more and
                    r["receipts"]["refused"] == limit and r, "the refused mails", 10)
    assert told["mail_refusals"]["all"] == more
    assert counts(told["mail_refusals"]["by_address"], "address") == {office.tagged: more}


def test_a_period_has_what_came_in_it(busy):
    now = datetime.datetime.now(datetime.timezone.utc)
    before = (now - datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert sum(report(busy, "--since", before)["receipts"].values()) == 4
    assert sum(report(busy, "--until", before)["receipts"].values()) == 0
    assert sum(report(busy, "--since", "2024-01-01", "--until", "2024-02-01")["receipts"].values()) == 0
    assert report(busy, "--since", "2026-11-01", "--until", "2026-11-02 12:00")["since"] == "2026-10-31T23:00:00.000Z"


def test_a_clients_report_has_nothing_of_others(busy):
    counted(busy, 4)
    told = report(busy, "--client", "20001")
    assert told["receipts"] == {"imported": 0, "partial": 1, "failed": 0, "refused": 0}
    assert counts(told["rcpt_refusals"]["by_address"], "address") == {busy.open_address: 1}
    assert told["rcpt_refusals"]["by_unknown_address"] == []
    assert busy.tagged not in busy.kwit.text("report", "--client", "20001")
    assert busy.kwit.run("report", "--client", "99999").returncode == 1


def test_the_text_is_for_people_and_the_csv_for_spreadsheets(busy):
    counted(busy, 4)
    text = busy.kwit.text("report")
    assert text.startswith("kwit report ") and "in.example.com" in text.splitlines()[0]
    assert "Recipients refused or put off at RCPT" in text and busy.tagged in text
    rows = list(csv.DictReader(io.StringIO(busy.kwit.text("report", "--format", "csv"))))
    assert {"section": "receipts", "name": "", "measure": "imported", "value": "1"} in rows
    assert {"section": "rcpt", "name": "", "measure": "refused", "value": "4"} in rows
    assert report(busy)["receipts"] == busy.kwit.rows("report", "--format", "json")[0]["receipts"]


def test_the_report_is_mailed_as_a_letter(busy, sink):
    counted(busy, 4)
    row = busy.kwit.first_line("report", "--mail-to", BOSS)
    arrived = wait_for(lambda: [mail for mail in sink.arrived if mail.recipients == [BOSS]], "the report")[0]
    assert arrived.sender == OFFICE
    message = arrived.message
    assert message["Message-ID"] == f"<{row}@in.example.com>"
    assert message["Subject"].startswith("kwit report ") and message["Subject"].endswith(": in.example.com")
    assert message["Auto-Submitted"] == "auto-generated"
    text = text_of(arrived)
    assert text.startswith(message["Subject"]) and busy.tagged in text and "nobody@in.example.com" in text
    wait_for(lambda: not busy.kwit.rows("outbox", "list"), "the outbox to be empty")
    assert [mail.recipients for mail in sink.arrived if "kwit report" in str(mail.message["Subject"])] == [[BOSS]]


def test_reports_until_today_are_of_whole_days(office):
    told = report(office, "--until", "today")
    since, until = (datetime.datetime.fromisoformat(told[end]).astimezone(zoneinfo.ZoneInfo("Europe/Warsaw"))
                    for end in ("since", "until"))
    assert (since.hour, since.minute, until.hour, until.minute) == (0, 0, 0, 0)
    assert until.date() - since.date() == datetime.timedelta(days=7)
    assert until.date() == datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Warsaw")).date()
    assert told["receipts"] == {"imported": 0, "partial": 0, "failed": 0, "refused": 0}


def test_documents_filed_by_hand_are_counted(office, tmp_path):
    (tmp_path / "faktura.pdf").write_bytes(mails.pdf("by hand"))
    office.kwit.text("import", str(tmp_path / "faktura.pdf"), "--client", "10023", "--category", "FK", "--period", "2026-10")
    assert (report(office)["documents"], report(office, "--client", "10023")["documents"]) == (1, 1)
    assert report(office, "--client", "20001")["documents"] == 0


@pytest.mark.parametrize("options", [
    ("--since", "yesterday"),
    ("--since", "2026-11-21", "--until", "2026-11-21"),
    ("--format", "html"),
    ("--format", "csv", "--json"),
    ("--mail-to", "nobody"),
    ("--mail-to", "x@in.example.com"),
    ("--mail-to", BOSS, "--format", "csv"),
])
def test_what_cannot_be_reported_is_wrong_usage(office, options):
    done = office.kwit.run("report", *options)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.strip()
    assert office.kwit.rows("outbox", "list") == []
