"""The accounting office of the tests: two clients, one for each policy, and how mail gets to them."""

from harness import mails
from harness.kwit import Kwit
from harness.postfix import wait_for
from harness.smtp import Client, Dialogue

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


def dispositions(receipt: dict) -> dict[str, tuple[str, str]]:
    """What became of each named part: name -> (disposition, reason)."""
    return {part["name"]: (part["disposition"], part.get("reason") or "")
            for part in receipt["parts"] if part.get("name")}


def was_refused(dialogue: Dialogue, code: int, enhanced: str, reason: str) -> bool:
    """Whether the sender's server was told this, in a reply of the promised form."""
    return dialogue.last.code == code and dialogue.last.text.startswith(f"{enhanced} {reason}: ")


def was_taken(dialogue: Dialogue) -> bool:
    return dialogue.last.code == 250
