"""Notices on their way: a mail server that is away, slow, or refuses; a milter that is killed; what bounces."""

import datetime
import re
import signal
import time

import pytest

from harness import mails
from harness.postfix import free_ports, wait_for
from harness.smtp import DROP, HANG, Sink
from office import ANNA, OPEN_NOTIFY, Office, bounce_address, message_id_of, parts_of, text_of, was_taken

GONE = "gone@kunde.example"  # the sink refuses it
FULL = "full@kunde.example"  # the sink puts it off
DOCX = ("agb.docx", mails.docx(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document")


@pytest.fixture
def server():
    """A mail server in the place of Postfix's submission port, which the test makes misbehave."""
    sink = Sink()
    yield sink
    sink.close()


@pytest.fixture
def office_at(make_office):
    """An office whose notices go to this port."""
    return lambda port, **changes: make_office({"outbox.submit": f'"smtp://127.0.0.1:{port}"'} | changes)


@pytest.fixture
def owing(office_at, server):
    """An office at that server."""
    return office_at(server.port)


def rows_when(office: Office, condition, what: str) -> list[dict]:
    """The outbox, once its rows are so."""
    def look():
        rows = office.kwit.rows("outbox", "list")
        return rows and all(condition(row) for row in rows) and rows
    return wait_for(look, what, 30)


def tried(office: Office, times: int = 1) -> list[dict]:
    return rows_when(office, lambda row: row["attempts"] >= times, "an attempt")


def seconds_until(text: str) -> float:
    return (datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) - datetime.datetime.now(datetime.UTC)).total_seconds()


def errors_of(office: Office) -> list[str]:
    return [line for line in office.kwit.log_text().splitlines() if ": error: " in line]


# ── a mail server that does not take them ────────────────────────────────────────────────────────


def test_while_nobody_listens_mail_is_taken_and_its_notices_wait(office_at, sink):
    port = free_ports(1)[0]
    office = office_at(port)
    for number in range(3):
        assert was_taken(office.send_open(subject=f"Rechnung {number}"))
    assert was_taken(office.send_tagged())
    rows = tried(office)
    assert {(row["kind"], row["state"]) for row in rows} == {("import", "queued"), ("confirmation", "queued")}
    assert all(0 < seconds_until(row["next_attempt"]) < 61 for row in rows)
    assert all(f"smtp://127.0.0.1:{port}" in row["last_error"] for row in rows)
    assert office.kwit.log_text().count("no notices can be sent now") == 1  # said once
    server = Sink(port)
    try:
        office.due_now()
        for notice in office.notices():
            wait_for(lambda n=notice: server.with_id(message_id_of(n)), "the notice")
        wait_for(lambda: not office.kwit.rows("outbox", "list"), "the outbox to be empty")
        assert {notice["state"] for notice in office.notices()} == {"sent"}
        assert len(server.arrived) == 4
        assert "notices can be sent again" in office.kwit.log_text()
        assert office.unresolved() == []
    finally:
        server.close()


def test_a_slow_mail_server_keeps_no_sender_waiting(owing, server):
    server.behave(pause=0.5)
    for number in range(2):
        begun = time.monotonic()
        assert was_taken(owing.send_open(subject=f"Rechnung {number}"))
        assert time.monotonic() - begun < 2  # a notice takes longer
    wait_for(lambda: {notice["state"] for notice in owing.notices()} == {"sent"}, "the notices to be taken", 40)
    assert len(server.arrived) == 2


@pytest.mark.parametrize("stage, reply", [("RCPT", "550 5.1.1 nobody here"), ("end", "554 5.7.1 not wanted")])
def test_a_notice_that_is_refused_for_good_is_dead_loudly_until_a_person_retries_it(owing, server, stage, reply):
    server.behave(**{stage: reply})
    owing.send_open()
    row = rows_when(owing, lambda row: row["state"] == "dead", "the row to be dead")[0]
    assert reply in row["last_error"] and row.get("next_attempt") is None
    receipt = owing.receipt()
    assert receipt["verdict"] == "imported" and receipt["notices"][0]["state"] == "dead"
    assert owing.unresolved() == [receipt["id"]]
    told = errors_of(owing)[-1]
    assert f"kwit outbox retry {row['id']}" in told and receipt["id"] in told and reply in told
    server.behave()
    owing.due_now()
    owing.arrived(server, "import", OPEN_NOTIFY)
    assert owing.unresolved() == []


@pytest.mark.parametrize("stage", ["RCPT", "end"])
def test_a_notice_that_is_refused_for_now_waits_and_comes_as_the_same_mail(owing, server, stage):
    server.behave(**{stage: "451 4.3.0 later"})
    owing.send_open()
    row = tried(owing)[0]
    assert row["state"] == "queued" and "451 4.3.0 later" in row["last_error"]
    assert 50 < seconds_until(row["next_attempt"]) < 61
    server.behave()
    owing.due_now()
    owing.arrived(server, "import", OPEN_NOTIFY)


def test_after_retry_for_a_notice_is_given_up(office_at, server):
    office = office_at(server.port, **{"outbox.retry_for": '"2s"'})
    server.behave(RCPT="450 4.2.0 later")
    office.send_open()
    row = rows_when(office, lambda row: row["state"] == "dead", "the row to be dead")[0]
    assert row["attempts"] >= 2
    assert office.unresolved() == [office.receipt()["id"]]
    assert "given up" in errors_of(office)[-1]


def test_one_that_cannot_be_written_to_keeps_no_other_back(owing, server):
    for address in (GONE, "zweite@logistik.example"):
        owing.kwit.text("notify", "add", "20001", address)
    owing.send_open()
    rows_when(owing, lambda row: row["state"] == "dead", "the row to be dead")
    states = {notice["to"]: notice["state"] for notice in owing.notices()}
    assert states == {OPEN_NOTIFY: "sent", GONE: "dead", "zweite@logistik.example": "sent"}


def test_a_connection_that_breaks_inside_a_mail_delivers_no_half_mail(owing, server):
    server.behave(inside=DROP)
    owing.send_open(files=[("gross.docx", mails.docx() + b"x" * 2_000_000, DOCX[2])])
    tried(owing)
    assert server.arrived == []
    server.behave()
    owing.due_now()
    told = owing.arrived(server, "failure", OPEN_NOTIFY)
    assert parts_of(told)[1][1] == owing.original(owing.receipt()["id"])


def test_when_the_answer_is_lost_the_same_mail_comes_twice_and_is_known_for_it(owing, server):
    server.behave(end=DROP)
    owing.send_open()
    tried(owing)
    server.behave()
    owing.due_now()
    message_id = message_id_of(owing.notice("import", OPEN_NOTIFY))
    first, second = wait_for(lambda: len(server.with_id(message_id)) == 2 and server.with_id(message_id), "the second")
    assert first.raw == second.raw


# ── a milter that dies or stops ──────────────────────────────────────────────────────────────────


def test_a_milter_killed_between_commit_and_submission_sends_when_it_is_back(office_at, postfix, sink):
    office = office_at(free_ports(1)[0])
    assert was_taken(office.send_open())
    assert was_taken(office.send_tagged())
    office.kwit.stop(signal.SIGKILL)
    owed = office.notices()
    assert {notice["state"] for notice in owed} == {"queued"}
    office.kwit.configure({"outbox.submit": f'"smtp://127.0.0.1:{postfix.submit_port}"'})
    office.due_now()
    office.kwit.start()
    office.arrived(sink, "import", OPEN_NOTIFY)
    office.arrived(sink, "confirmation", ANNA)
    assert [notice["outbox"] for notice in office.notices()] == [notice["outbox"] for notice in owed]
    assert office.kwit.run("verify").returncode == 0


def test_a_milter_killed_before_it_heard_the_answer_sends_the_same_mail_again(owing, server):
    server.behave(end=HANG)
    owing.send_open()
    server.wait()
    owing.kwit.stop(signal.SIGKILL)
    server.behave()
    owing.kwit.start()
    first, second = server.wait(2)
    assert first.raw == second.raw and first.message_id == message_id_of(owing.notice("import", OPEN_NOTIFY))
    wait_for(lambda: owing.notices()[0]["state"] == "sent", "the row to be noted", 5)


@pytest.mark.parametrize("stage", ["greeting", "DATA"])
def test_a_milter_that_is_stopped_does_not_wait_for_a_mail_server_that_is_silent(owing, server, stage):
    server.behave(**{stage: HANG})
    owing.send_open()
    wait_for(lambda: server.sessions, "the connection")
    begun = time.monotonic()
    assert owing.kwit.stop() == 0
    assert time.monotonic() - begun < 15
    row = owing.kwit.rows("outbox", "list")[0]
    assert (row["state"], row["attempts"]) == ("queued", 0)  # broken off by us: no attempt
    server.behave()
    owing.kwit.start()
    owing.arrived(server, "import", OPEN_NOTIFY)


# ── the sendmail command ─────────────────────────────────────────────────────────────────────────


def test_notices_go_out_by_the_sendmail_command(make_office, postfix, sink):
    program = postfix.sendmail_program()
    office = make_office({"outbox.submit": f'"sendmail:{program}"'})
    text = "See below.\n.\n..\nFrom here on\n.\n"
    assert was_taken(office.send_open(files=[DOCX], text=text))
    assert was_taken(office.send_tagged())
    told = office.arrived(sink, "failure", OPEN_NOTIFY)
    assert told.sender == bounce_address(office.notice("failure", OPEN_NOTIFY))
    assert parts_of(told)[1][1] == office.original(office.receipts(2)[0]["id"])
    confirmation = office.arrived(sink, "confirmation", ANNA)
    assert confirmation.sender == ""
    assert "Przyjęto 1 dokument" in confirmation.message["Subject"] and "Dzień dobry," in text_of(confirmation)


# ── what comes back ──────────────────────────────────────────────────────────────────────────────


def test_a_forward_that_its_mailbox_refuses_later_marks_its_receipt(office, postfix, sink):
    office.kwit.text("notify", "add", "20001", GONE)
    assert was_taken(office.send_open(files=[DOCX]))
    wait_for(lambda: office.notice("failure", GONE)["state"] == "bounced", "the bounce to come in by the re-entry")
    office.arrived(sink, "failure", OPEN_NOTIFY)  # the other one has it
    receipt = office.receipt()
    assert office.unresolved() == [receipt["id"]]
    assert re.search(rf"our notice {office.notice('failure', GONE)['outbox']} came back.*failed", office.kwit.log_text())
    wait_for(lambda: not postfix.queue(), "the queue to empty")
    assert len(office.notices()) == 2  # and nobody is written to because of it
    office.kwit.text("receipt", "resolve", receipt["id"])
    assert office.unresolved() == []
    assert any(row.get("what") == "notice-bounced" for row in office.kwit.rows("journal", "list"))


@pytest.mark.postfix_only("a mail's time in the queue is ended with postsuper")
def test_a_forward_to_a_full_mailbox_waits_and_marks_its_receipt_when_its_time_is_over(office, postfix, sink):
    office.kwit.text("notify", "add", "20001", FULL)
    assert was_taken(office.send_open(files=[DOCX]))
    waiting = wait_for(lambda: [m for m in postfix.queue() if m["queue_name"] == "deferred"], "the forward to wait")
    assert "452 4.2.2 mailbox full" in waiting[0]["recipients"][0]["delay_reason"]
    office.arrived(sink, "failure", OPEN_NOTIFY)
    assert office.notice("failure", FULL)["state"] == "sent"  # Postfix has it
    postfix.command("postsuper", "-e", waiting[0]["queue_id"])  # as after maximal_queue_lifetime
    postfix.flush()
    wait_for(lambda: office.notice("failure", FULL)["state"] == "bounced", "the bounce to come in")
    wait_for(lambda: not postfix.queue(), "the queue to empty")
    assert len(office.notices()) == 2
    assert office.unresolved() == [office.receipt()["id"]]


def test_a_bounce_that_comes_while_kwit_is_away_is_not_lost(office, postfix, sink):
    office.kwit.text("notify", "add", "20001", GONE)
    sink.behave(pause=0.3)  # so that kwit is gone before the mailbox refuses
    try:
        office.send_open()
        wait_for(lambda: {notice["state"] for notice in office.notices()} == {"sent"}, "the notices to be taken")
        office.kwit.stop(signal.SIGKILL)
    finally:
        sink.behave()
    to = bounce_address(office.notice("import", GONE))
    waiting = wait_for(lambda: [m for m in postfix.queue() if m["queue_name"] == "deferred"], "the bounce to wait")
    assert [(m["sender"], m["recipients"][0]["address"]) for m in waiting] == [("MAILER-DAEMON", to)]
    office.kwit.start()
    postfix.flush()
    wait_for(lambda: office.notice("import", GONE)["state"] == "bounced", "the bounce to come in")
