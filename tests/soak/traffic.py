"""What people and machines send to an office in a day, all at once; and a ledger of what they were promised."""

import base64
import hashlib
import os
import random
import socket
import threading
import time

from harness import mails
from harness.smtp import Client, Dialogue, Sink
from office import ANNA, DKIM, SUPPLIER, Office

BOSS = "boss@example.com"
MIB = 1 << 20


class Ledger:
    """The answers that were given, to be compared with the archive afterwards. For several threads."""

    def __init__(self):
        self._lock = threading.Lock()
        self.filed: set[str] = set()  # digests of documents that were answered 250
        self.refused: set[str] = set()  # of those that were answered 4xx or 5xx, and never sent again
        self.receipts: set[str] = set()  # Message-IDs of mails to import addresses that were answered 250
        self.answers: dict[str, int] = {}  # "open mail: 250" -> how often
        self.mistakes: list[str] = []

    def note(self, story: str, said: Dialogue, expected: int, message_id: str = "", digests: set[str] = frozenset()):
        """An answer with what had to come. Put off (4xx) is never a mistake: the sender would try again."""
        code = said.last.code
        with self._lock:
            self.answers[f"{story}: {code}"] = self.answers.get(f"{story}: {code}", 0) + 1
            if code != expected and code // 100 != 4:
                self.mistakes.append(f"{story}: {said.last}, not {expected}")
            if code == 250:
                self.filed |= digests
                if message_id:
                    self.receipts.add(message_id)
            else:
                self.refused |= digests

    def mistake(self, what: str):
        with self._lock:
            self.mistakes.append(what)

    def total(self) -> int:
        with self._lock:
            return sum(self.answers.values())


def hostile_mails() -> dict[str, bytes]:
    """Mails made to harm; each has to be answered, whatever the answer."""
    head = b"From: x@lieferant.example\r\nTo: y@in.example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    mixed = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(2000))
    return {
        "many parts": head + mixed + b"--b\r\n\r\nx\r\n" * 20_000 + b"--b--\r\n",
        "deep": head + deep,
        "many headers": b"X-A: 1\r\n" * 20_000 + head + b"\r\nx\r\n",
        "groups": head + b"Reply-To: " + b"g:" * 5_000 + b";\r\n\r\nx\r\n",
        "encoded words": head + b"Subject: " + b"=?utf-8?q?a?= " * 3_000 + b"\r\n\r\nx\r\n",
        "forever base64": head + mixed + b'--b\r\nContent-Type: application/pdf; name="a.pdf"\r\n'
                          b"Content-Transfer-Encoding: base64\r\n\r\n" + b"QUJD=QUJD\r\n" * 5_000 + b"--b--\r\n",
        "nothing": b"\r\n",
        "bytes": head + b"\r\n" + bytes(range(1, 256)) * 200 + b"\r\n",
    }


class Traffic:
    """One sender after the other, by the dice. Each thread has its own Traffic."""

    def __init__(self, office: Office, sink: Sink, ledger: Ledger, seed: int):
        self.office, self.sink, self.ledger = office, sink, ledger
        self.dice = random.Random(seed)
        self.hostile = hostile_mails()
        self.last_open: tuple[bytes, str, set[str]] | None = None
        self.stories = {
            self.tagged: 20, self.open: 20, self.two_documents: 6, self.partial: 6, self.subject_wrong: 5,
            self.nobody_vouches: 6, self.unknown_address: 5, self.ordinary: 8, self.mixed: 4, self.again: 5,
            self.large: 1, self.leaves: 6, self.harms: 6, self.bounces: 2,
        }

    def one(self):
        """One story of somebody who sends."""
        story = self.dice.choices(list(self.stories), weights=list(self.stories.values()))[0]
        try:
            story()
        except OSError as error:
            self.ledger.mistake(f"{story.__name__}: {error!r}")

    def run(self, until: float, pause: float):
        """Story after story until this moment of time.monotonic(), resting up to twice `pause` seconds in between."""
        while time.monotonic() < until:
            self.one()
            time.sleep(self.dice.uniform(0, 2 * pause))

    # what goes well

    def tagged(self):
        document = self._pdf()
        self._send("tagged", self.office.tagged_mail(files=mails.one_pdf(document)), [self.office.tagged], ANNA, 250, [document])

    def open(self):
        document = self._pdf()
        mail = self.office.open_mail(files=mails.one_pdf(document))
        self._send("open", mail, [self.office.open_address], SUPPLIER, 250, [document])
        self.last_open = (mail.as_bytes(), str(mail["Message-ID"]), {_digest(document)})

    def two_documents(self):
        documents = [self._pdf(), self._pdf()]
        files = [(f"{n}.pdf", document, "application/pdf") for n, document in enumerate(documents)]
        self._send("two documents", self.office.open_mail(files=files), [self.office.open_address], SUPPLIER, 250, documents)

    def large(self):
        document = self._pdf(8 * MIB)
        self._send("large", self.office.open_mail(files=mails.one_pdf(document)), [self.office.open_address], SUPPLIER, 250, [document])

    def mixed(self):
        document = self._pdf()
        self._send("mixed", self.office.open_mail(files=mails.one_pdf(document)),
                   [BOSS, self.office.open_address], SUPPLIER, 250, [document])

    def ordinary(self):
        self._send("ordinary", self.office.open_mail(), [BOSS], SUPPLIER, 250, receipt=False)

    def again(self):
        """A server that did not hear our 250."""
        if self.last_open:
            raw, message_id, digests = self.last_open
            said = self.office.send(raw, [self.office.open_address], SUPPLIER)
            self.ledger.note("again", said, 250, message_id, digests if said.last.code == 250 else frozenset())

    # what does not

    def partial(self):
        document = self._pdf()
        files = mails.one_pdf(document) + [("agb.docx", mails.docx(), "application/octet-stream")]
        self._send("partial", self.office.open_mail(files=files), [self.office.open_address], SUPPLIER, 250, [document])

    def subject_wrong(self):
        self._send("subject wrong", self.office.tagged_mail("faktura listopad"), [self.office.tagged], ANNA, 250)

    def nobody_vouches(self):
        document = self._pdf()
        self._send("nobody vouches", self.office.tagged_mail(files=mails.one_pdf(document), border=[]),
                   [self.office.tagged], ANNA, 550, [document])

    def unknown_address(self):
        document = self._pdf()
        address = f"faktury+{self.dice.randrange(10**9):010d}@in.example.com"
        self._send("unknown address", self.office.open_mail(files=mails.one_pdf(document)), [address], SUPPLIER, 550, [document])

    def leaves(self):
        """Hangs up at some moment, without a word or in the middle of one."""
        said = [b"", b"EHLO client.example\r\n", b"MAIL FROM:<rechnung@lieferant.example>\r\n",
                b"RCPT TO:<%s>\r\n" % self.office.open_address.encode(), b"DATA\r\n", b"Subject: half a mail\r\n\r\nhalf"]
        with socket.create_connection(("127.0.0.1", self.office.kwit.postfix.port), 30) as session:
            for line in said[:self.dice.randrange(1, len(said) + 1)]:
                session.sendall(line)
                time.sleep(0.01)

    def harms(self):
        name = self.dice.choice(list(self.hostile))
        message_id = f"<{os.urandom(8).hex()}@harm.example>"
        raw = f"Message-ID: {message_id}\r\n".encode() + self.hostile[name] if name != "nothing" else self.hostile[name]
        said = self.office.send(raw, [self.office.open_address], SUPPLIER)
        # any answer will do, but one
        self.ledger.note(f"harms ({name})", said, said.last.code, message_id if name != "nothing" else "")

    def bounces(self):
        """A notice comes back to the address that it was sent from."""
        ours = [mail.sender for mail in list(self.sink.arrived)[-50:] if mail.sender.startswith("bounce+")]
        if ours:
            report = mails.letter("mailer-daemon@example.com", ours[-1], "Undelivered", text="No such user here.\n")
            self.ledger.note("bounces", self.office.send(report, [ours[-1]], ""), 250)

    # how

    def _pdf(self, size: int = 0) -> bytes:
        """One that nobody sent before."""
        return mails.pdf(base64.b32encode(os.urandom(10)).decode(), size or self.dice.choice([0, 2_000, 50_000, 200_000]))

    def _send(self, story: str, mail, to: list[str], sender: str, expected: int, documents=(), receipt: bool = True):
        said = self.office.send(mail, to, sender)
        digests = {_digest(document) for document in documents}
        self.ledger.note(story, said, expected, str(mail["Message-ID"]) if receipt else "", digests)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
