"""The accounting office of the tests: two clients, one for each policy, and how mail gets to them."""

import contextlib
import signal
import re

from harness import mails
from harness.kwit import Kwit
from harness.postfix import wait_for
from harness.smtp import Arrived, Client, Dialogue, Sink

ANNA = "anna@kunde.example"
SUPPLIER = "rechnung@lieferant.example"
CODE = "932498"
NUMBER = "1543030448"
TAG = mails.TAG
TAGGED_NOTIFY = "buero@kunde.example"
OPEN_NOTIFY = "ap@logistik.example"
DKIM = "mx.example.com; dkim=pass header.d=kunde.example header.i=@kunde.example"


class Office:
    """Client 10023 has a tagged address and a sender, Anna; client 20001 has an open address."""

    tagged = f"faktury+{NUMBER}@in.example.com"
    open_address = ""  # its token is made by kwit

    def __init__(self, kwit: Kwit):
        self.kwit = kwit

    def open(self) -> "Office":
        run = self.kwit.first_line
        run("client", "add", "10023", "--name", "Kunde GmbH", "--notify", TAGGED_NOTIFY)
        run("sender", "add", "10023", ANNA, "--code", CODE)
        run("address", "add", "10023", "--policy", "tagged", "--number", NUMBER)
        run("client", "add", "20001", "--name", "Logistik AG", "--notify", OPEN_NOTIFY)
        self.open_address = run("address", "add", "20001", "--policy", "open", "--symbol", "ER",
                                "--extension", "rechnungen", "--label", "Eingangsrechnungen")
        return self

    # mails

    def tagged_mail(self, subject: str | None = TAG, files=None, border=(DKIM,), sender=ANNA, **more):
        """Anna's mail as our border sees it: signed by her domain."""
        files = mails.one_pdf() if files is None else files
        return mails.letter(sender, self.tagged, subject, files=files, border=list(border), **more)

    def open_mail(self, subject: str | None = "Ihre Rechnung 4711", files=None, **more):
        files = mails.one_pdf(name="rechnung.pdf") if files is None else files
        return mails.letter(SUPPLIER, self.open_address, subject, files=files, **more)

    def send(self, message, recipients: list[str], sender: str = SUPPLIER, login: str = "", options: str = "") -> Dialogue:
        """Delivers a message (bytes or EmailMessage) in a session of its own."""
        raw = message if isinstance(message, bytes) else message.as_bytes()
        with Client(self.kwit.postfix.port, login=login) as session:
            return session.deliver(sender, recipients, raw, options)

    def send_tagged(self, login: str = "", **mail) -> Dialogue:
        return self.send(self.tagged_mail(**mail), [self.tagged], sender=ANNA, login=login)

    def send_open(self, **mail) -> Dialogue:
        return self.send(self.open_mail(**mail), [self.open_address])

    # what became of them

    def receipts(self, count: int) -> list[dict]:
        """The receipts, oldest first, once there are `count` (a refusal is written within two seconds)."""
        rows = wait_for(lambda: (r := self.kwit.rows("receipt", "list")) and len(r) >= count and r,
                        f"{count} receipts", 5)
        assert len(rows) == count
        return [self.show(row["id"]) for row in rows]

    def receipt(self) -> dict:
        """The one receipt there is."""
        return self.receipts(1)[0]

    def show(self, receipt: str) -> dict:
        return self.kwit.rows("receipt", "show", receipt)[0]

    def documents(self) -> list[dict]:
        return self.kwit.rows("document", "list")

    def document(self) -> dict:
        """The one document there is."""
        documents = self.documents()
        assert len(documents) == 1, documents
        return documents[0]

    def content(self, document: str) -> bytes:
        done = self.kwit.run("document", "get", document)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def original(self, receipt: str) -> bytes:
        done = self.kwit.run("receipt", "original", receipt)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def owed(self) -> set[tuple[str, str]]:
        """The mails that are owed or were sent for all receipts: (kind, to)."""
        return {(notice["kind"], notice["to"]) for notice in self.notices()}

    def notices(self) -> list[dict]:
        return [notice for receipt in self.kwit.rows("receipt", "list") for notice in receipt["notices"]]

    def notice(self, kind: str, to: str) -> dict:
        """The one notice of this kind that this address is or was owed."""
        found = [notice for notice in self.notices() if (notice["kind"], notice["to"]) == (kind, to)]
        assert len(found) == 1, self.notices()
        return found[0]

    def arrived(self, sink: Sink, kind: str, to: str) -> Arrived:
        """The mail of that notice where it arrives; it is known by the Message-ID that its row implies."""
        message_id = message_id_of(self.notice(kind, to))
        wait_for(lambda: sink.with_id(message_id), f"the {kind} to {to}")
        wait_for(lambda: self.notice(kind, to)["state"] == "sent", "the notice to be noted as sent", 5)
        mails_there = sink.with_id(message_id)
        assert len(mails_there) == 1
        assert mails_there[0].recipients == [to]
        return mails_there[0]

    def due_now(self):
        """As a person does who does not want to wait: everything that is owed is tried again now."""
        for row in self.kwit.rows("outbox", "list"):
            assert self.kwit.run("outbox", "retry", row["id"]).returncode in (0, 1)  # 1: it was sent meanwhile

    def unresolved(self) -> list[str]:
        return [receipt["id"] for receipt in self.kwit.rows("receipt", "list", "--unresolved")]


def check_killed_in_the_middle(office: Office, session: Client):
    """kwit dies between RCPT and the end of a mail: the sender's server keeps it, and nothing of it is there."""
    session.ask("MAIL", f"FROM:<{SUPPLIER}>")
    assert session.ask("RCPT", f"TO:<{office.open_address}>").code == 250
    office.kwit.stop(signal.SIGKILL)
    code, _ = session.docmd("DATA")
    if code == 354:
        session.send(office.open_mail().as_bytes() + b"\r\n.\r\n")
        code, _ = session.getreply()
    assert 400 <= code < 500
    office.kwit.start()
    assert office.kwit.rows("receipt", "list") == []


@contextlib.contextmanager
def running(kwit: Kwit):
    """A kwit that several tests share, ended as make_kwit ends those of one test."""
    try:
        yield kwit.start()
    finally:
        code = kwit.stop()
    assert not kwit.sanitizer_reports(), "\n".join(kwit.sanitizer_reports())
    assert code == 0, f"kwit-milter ended with {code}"


def message_id_of(notice: dict) -> str:
    return f"<{notice['outbox']}@in.example.com>"


def bounce_address(notice: dict) -> str:
    return f"bounce+{notice['outbox'].lower()}@in.example.com"


def text_of(mail: Arrived) -> str:
    """What people read in a notice."""
    return mail.message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def parts_of(mail: Arrived) -> list[tuple[str, bytes]]:
    """The parts of a multipart as they came over the wire: headers, and every byte of the content."""
    boundary = b"\r\n--" + mail.message.get_boundary().encode()
    pieces = mail.raw.split(boundary)
    assert pieces[-1].strip() == b"--"
    parts = []
    for piece in pieces[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        parts.append((head.decode("ascii"), content))
    return parts


def dispositions(receipt: dict) -> dict[str, tuple[str, str]]:
    """What became of each named part: name -> (disposition, reason)."""
    return {part["name"]: (part["disposition"], part.get("reason") or "")
            for part in receipt["parts"] if part.get("name")}


def was_refused(dialogue: Dialogue, code: int, enhanced: str, reason: str) -> bool:
    """Whether the sender's server was told this, in a reply of the promised form.

    Sendmail puts the address before what a milter says at RCPT: "5.1.1 <a@b>... address-unknown: …".
    """
    begins = re.match(rf"{re.escape(enhanced)} (<[^>]*>\.\.\. )?{re.escape(reason)}: ", dialogue.last.text)
    return dialogue.last.code == code and begins is not None


def was_taken(dialogue: Dialogue) -> bool:
    return dialogue.last.code == 250
