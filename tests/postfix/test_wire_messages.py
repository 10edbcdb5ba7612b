"""Several mails in one connection: whatever became of one, the next is judged for itself and hears its own answer."""

import concurrent.futures

import pytest

from harness import milter_wire as words
from harness.kwit import Kwit
from harness.postfix import Place
from office import ANNA, SUPPLIER, Office, running
from wire import QUIET

BOSS = "boss@example.com"
STAGES = ["MAIL", "RCPT", "DATA", "headers", "end of headers", "body"]


class Session:
    """A connection, in which mails come to each of the ends there are. Every way asserts the answers it hears."""

    def __init__(self, office: Office, mta: words.Mta, name: str):
        self.office, self.mta, self.name, self.number, self.filed = office, mta, name, 0, []

    def subject(self) -> str:
        return f"{self.number} {self.name}"

    def mail(self, **more) -> bytes:
        self.number += 1
        return self.office.open_mail(self.subject(), **more).as_bytes()

    def taken(self):
        mail = self.mail()
        delivery = self.mta.deliver([self.office.open_address], mail)
        assert [reply.command for reply in delivery.rcpts] == ["c"]
        assert (delivery.end.command, delivery.stage, delivery.removed) == ("d", "E", [])
        self.filed.append(self.subject())

    def mixed(self):
        delivery = self.mta.deliver([BOSS, self.office.open_address, "more@example.com"], self.mail())
        assert (delivery.end.command, delivery.removed) == ("c", [f"<{self.office.open_address}>"])
        self.filed.append(self.subject())

    def ordinary(self):
        delivery = self.mta.deliver([BOSS], self.mail())
        assert (delivery.end.command, delivery.stage) == ("a", "T" if self.mta.agreed.version >= 4 else "N")

    def refused_at_rcpt(self):
        delivery = self.mta.deliver(["nobody@in.example.com"], self.mail())
        assert delivery.end is None and delivery.last.text.startswith("550 5.1.1 address-unknown: ")

    def one_of_two_refused_at_rcpt(self):
        delivery = self.mta.deliver(["nobody@in.example.com", self.office.open_address], self.mail())
        assert [reply.verdict for reply in delivery.rcpts] == ["550", "c"] and delivery.end.command == "d"
        self.filed.append(self.subject())

    def refused_for_its_size_at_rcpt(self):
        delivery = self.mta.deliver([self.office.open_address], self.mail(), parameters=("SIZE=999999999",))
        assert delivery.end is None and delivery.last.text.startswith("552 5.3.4 message-too-large: ")

    def refused_at_the_end_of_headers(self):
        delivery = self.mta.deliver([self.office.tagged], self.office.tagged_mail(border=[]).as_bytes(), sender=ANNA)
        assert delivery.stage == "N" and delivery.end.text.startswith("550 5.7.1 sender-not-authenticated: ")

    def refused_in_the_body(self):
        delivery = self.mta.deliver([self.office.open_address], self.mail(text="x" * 70 + "\r\n" * 200_000))
        assert delivery.stage == "B" and delivery.end.text.startswith("552 5.3.4 message-too-large: ")

    def refused_at_the_end(self):
        mail = self.office.tagged_mail(border=[], files=[]).as_bytes()
        delivery = self.mta.deliver([self.office.tagged], mail, sender=ANNA, login=ANNA)
        assert delivery.stage == "E" and delivery.end.text.startswith("550 5.6.0 no-document: ")

    def aborted_after(self, stage: str):
        fields, rest = words.split(self.mail())
        steps = {"MAIL": lambda: self.mta.mail(SUPPLIER, login=ANNA), "RCPT": lambda: self.mta.rcpt(self.office.open_address),
                 "DATA": self.mta.data, "headers": lambda: [self.mta.header(*field) for field in fields],
                 "end of headers": lambda: self.mta.ask(words.END_OF_HEADERS), "body": lambda: self.mta.ask(words.body(rest))}
        for name in STAGES[:STAGES.index(stage) + 1]:
            steps[name]()
        self.mta.send(words.ABORT)


# Postfix says so after every mail, whatever became of it.
def with_an_abort_behind(way):
    def way_and_abort(session: Session):
        way(session)
        session.mta.send(words.ABORT)
    return way_and_abort


WAYS = {"taken": Session.taken, "mixed": Session.mixed, "ordinary": Session.ordinary,
        "refused at RCPT": Session.refused_at_rcpt, "one of two refused at RCPT": Session.one_of_two_refused_at_rcpt,
        "refused for its size at RCPT": Session.refused_for_its_size_at_rcpt,
        "refused at the end of headers": Session.refused_at_the_end_of_headers, "refused in the body": Session.refused_in_the_body,
        "refused at the end": Session.refused_at_the_end}
THEN = {name: WAYS[name] for name in ("taken", "mixed", "ordinary", "refused at RCPT", "refused at the end of headers",
                                      "refused at the end")}
WAYS |= {f"{name}, then RSET": with_an_abort_behind(way) for name, way in list(WAYS.items())}
WAYS |= {f"aborted after {stage}": lambda session, stage=stage: session.aborted_after(stage) for stage in STAGES}


@pytest.fixture(scope="module")
def small(session_sink):
    """An office where mails of more than 300 KiB are too large, and tagged ones without a document are refused."""
    changes = QUIET | {"limits.message": '"300KiB"', "policy.tagged.on_failure": '"reject"'}
    with Place(session_sink.port) as place, running(Kwit(place, "kwit-small", changes)) as kwit:
        yield Office(kwit).open()


@pytest.mark.parametrize("version", [2, 6])
def test_after_any_mail_any_other_has_its_own_end(small, version):
    """Every way, and behind it each of those that have an answer; several connections at once."""

    def each_after(before: str) -> list[str]:
        with words.Mta(small.kwit.postfix.socket, version=version) as mta:
            session = Session(small, mta, f"after {before}, version {version}")
            for name, way in THEN.items():
                for step in (WAYS[before], way):
                    try:
                        step(session)
                    except Exception as error:
                        raise AssertionError(f"{name} after {before}: {error}") from error
            session.taken()
        return session.filed

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        filed = [subject for subjects in pool.map(each_after, WAYS) for subject in subjects]
    assert len(filed) > len(WAYS)
    there = [row["subject"] for row in small.kwit.rows("receipt", "list") if row["verdict"] == "imported"]
    assert sorted(subject for subject in there if subject.endswith(f"version {version}")) == sorted(filed)
