"""Machines that answer what kwit sends: vacation programs, good and bad ones, and another kwit."""

import contextlib
import itertools

import pytest

from harness import mails
from harness.kwit import Kwit
from harness.postfix import PrivatePostfix, wait_for
from harness.smtp import Arrived, Sink
from office import OPEN_NOTIFY, Office, message_id_of, running, was_taken

DOCX = ("agb.docx", mails.docx(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
ENOUGH = 12  # rounds after which a talk counts as endless


def quiet(office: Office, sink: Sink):
    """Once everything that is owed now was sent and has arrived."""
    wait_for(lambda: all(row["held"] for row in office.kwit.rows("outbox", "list")), "the outbox to rest")
    sent = [message_id_of(notice) for notice in office.notices() if notice["state"] == "sent"]
    wait_for(lambda: all(sink.with_id(message_id) for message_id in sent), "the notices to arrive")


def polite(told: Arrived, office: Office):
    """RFC 3834: to the envelope sender, from the null sender, and it says what it is."""
    if told.sender:
        marks = {"Auto-Submitted": "auto-replied", "In-Reply-To": told.message_id, "References": told.message_id}
        yield "", told.sender, marks


def of_old(told: Arrived, office: Office):
    """To From: and Reply-To:, with a sender; it says Precedence: bulk."""
    for to in (told.message["From"], told.message["Reply-To"]):
        yield OPEN_NOTIFY, to.rpartition("<")[2].strip("> "), {"Precedence": "bulk"}


def dumb(told: Arrived, office: Office):
    """To every address that it finds, as a person would write, without a word of what it is."""
    for to in (told.sender, "noreply@in.example.com", "biuro@example.com", office.open_address):
        yield OPEN_NOTIFY, to, {}


def talk(office: Office, sink: Sink, manner) -> int:
    """A mailbox whose program answers each mail of kwit's; how many rounds it took until all were silent."""
    answered = set()
    for rounds in range(ENOUGH):
        quiet(office, sink)
        new = [mail for mail in sink.to(OPEN_NOTIFY) if mail.message_id not in answered]
        if not new:
            return rounds
        for told, number in zip(new, itertools.count()):
            answered.add(told.message_id)
            for sender, to, marks in manner(told, office):
                answer = mails.letter(OPEN_NOTIFY, to, f"I am away ({number})", text="Until Monday.\n", headers=marks)
                office.send(answer, [to], sender=sender)
    pytest.fail(f"still talking after {ENOUGH} rounds: {office.notices()}")


@pytest.mark.parametrize("manner", [polite, of_old])
@pytest.mark.parametrize("files", [mails.one_pdf(), [DOCX]], ids=["import", "failure"])
def test_a_vacation_program_is_answered_by_nobody(office, sink, manner, files):
    assert was_taken(office.send_open(files=files))
    assert talk(office, sink, manner) == 1
    assert len(office.notices()) == 1 and office.notices()[0]["state"] == "sent"


def test_a_program_that_nobody_can_tell_from_a_person_is_stopped_by_the_number_of_a_day(make_office, sink):
    office = make_office({"outbox.notices_per_day": "3"})
    assert was_taken(office.send_open())
    assert talk(office, sink, dumb) == 3
    assert len(sink.to(OPEN_NOTIFY)) == 3
    rows = office.kwit.rows("outbox", "list")
    assert [(row["to"], row["held"]) for row in rows] == [(OPEN_NOTIFY, "cap")]
    assert len(office.receipts(4)) == 4  # each of its mails, and nothing is lost


# ── another kwit ─────────────────────────────────────────────────────────────────────────────────


class SecondPostfix(PrivatePostfix):
    """The example for another intake domain."""

    domain = "in.second.example"

    def _write_files(self):
        super()._write_files()
        for name in ("main.cf", "kwit/transport", "kwit/virtual"):
            path = self.etc / name
            path.write_text(path.read_text().replace("in.example.com", self.domain))


@contextlib.contextmanager
def second_office(postfix: PrivatePostfix):
    """Another office on a Postfix of its own, which hands its mail to the first one."""
    with SecondPostfix(postfix.port) as second, running(Kwit(second, "kwit-second", {
        "domain.name": f'"{SecondPostfix.domain}"',
        "domain.from": f'"Zweites <noreply@{SecondPostfix.domain}>"',
        "domain.reply_to": None,
    })) as kwit:
        kwit.text("client", "add", "1", "--name", "Other", "--notify", "first@placeholder.example")
        address = kwit.first_line("address", "add", "1", "--policy", "open", "--symbol", "ER", "--extension", "x")
        transport = postfix.etc / "kwit" / "transport"
        before = transport.read_text()
        transport.write_text(f"{before}{SecondPostfix.domain}   smtp:[127.0.0.1]:{second.port}\n")
        postfix.command("postfix", "reload")
        try:
            yield kwit, address
        finally:
            transport.write_text(before)
            postfix.command("postfix", "reload")


@pytest.mark.postfix_only("a second intake domain is added to Postfix's files")
@pytest.mark.parametrize("files", [mails.one_pdf(), [DOCX]], ids=["import", "failure"])
def test_two_kwits_that_notify_each_other_fall_silent(office, postfix, files):
    with second_office(postfix) as (second, address):
        office.kwit.text("notify", "add", "20001", address)
        office.kwit.text("notify", "remove", "20001", OPEN_NOTIFY)
        second.text("notify", "add", "1", office.open_address)
        second.text("notify", "remove", "1", "first@placeholder.example")
        assert was_taken(office.send_open(files=files))

        def silent():
            owed = office.kwit.rows("outbox", "list") + second.rows("outbox", "list")
            queues = postfix.queue() + second.postfix.queue()
            received = second.rows("receipt", "list")
            return not owed and not [m for m in queues if m["queue_name"] != "deferred"] and received

        def silent_twice():
            before = [kwit.rows("receipt", "list") for kwit in (office.kwit, second)]
            return silent() and before == [kwit.rows("receipt", "list") for kwit in (office.kwit, second)]

        wait_for(silent_twice, "both to fall silent", 60)
        assert len(office.notices()) == 1
        told = [notice for receipt in second.rows("receipt", "list") for notice in receipt["notices"]]
        assert len(told) <= 1
