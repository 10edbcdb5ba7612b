"""The two ends of SMTP that a test or a demo plays: a client who mails in, and a sink where mail arrives."""

import contextlib
import dataclasses
import email
import email.parser
import email.policy
import functools
import smtplib
import socketserver
import threading
import time

from .postfix import wait_for

STRANGER = "127.0.0.2"  # no address of ours: treated as any host of the Internet


@dataclasses.dataclass(frozen=True)
class Reply:
    code: int
    text: str  # without codes, lines joined by newline

    def __str__(self):
        return f"{self.code} {self.text}"


@dataclasses.dataclass(frozen=True)
class Dialogue:
    """What a sender's server was told: one reply for MAIL, one for each RCPT, one at the end."""

    mail: Reply
    rcpts: list[Reply]
    end: Reply | None  # None: no recipient was taken, so no message was sent

    @property
    def last(self) -> Reply:
        return self.mail if self.mail.code != 250 else self.end or self.rcpts[-1]


class Client(smtplib.SMTP):
    """A server or a person that connects to us. Bytes are sent as they are."""

    def __init__(self, port: int, login: str = "", source: str = STRANGER):
        super().__init__(local_hostname="client.example", timeout=120, source_address=(source, 0))
        _, self.greeting = self.connect("127.0.0.1", port)
        self.ehlo()
        if login:
            self._be(login)

    def _be(self, login: str):
        """A private Postfix lets us say which login a session has; a private Sendmail takes any password."""
        if self.has_extn("xclient"):
            self.ask("XCLIENT", f"LOGIN={login}")
        else:
            self.login(login, "any")
        self.ehlo()

    def start_tls(self, context):
        self._host = "mx.example.com"  # the name that is looked for, as we connected to an address
        self.starttls(context=context)
        self.ehlo()

    def ask(self, command: str, args: str = "") -> Reply:
        code, text = self.docmd(command, args)
        return Reply(code, text.decode("utf-8", "replace"))

    def deliver(self, sender: str, recipients: list[str], message: bytes, options: str = "") -> Dialogue:
        """One mail in this session, as a well-behaved server sends it."""
        mail = self.ask("MAIL", f"FROM:<{sender}>{options and ' ' + options}")
        rcpts = [self.ask("RCPT", f"TO:<{recipient}>") for recipient in recipients]
        if mail.code != 250 or not any(reply.code == 250 for reply in rcpts):
            self.ask("RSET")
            return Dialogue(mail, rcpts, None)
        try:
            code, text = self.data(message)
        except smtplib.SMTPDataError as error:  # DATA itself was refused
            code, text = error.smtp_code, error.smtp_error
        return Dialogue(mail, rcpts, Reply(code, text.decode("utf-8", "replace")))


DROP = "drop"  # instead of a reply: hang up
HANG = "hang"  # instead of a reply: say nothing more, until the other side hangs up


@dataclasses.dataclass
class Arrived:
    """One mail at the sink, with its envelope."""

    sender: str
    recipients: list[str]
    raw: bytes
    parameters: str = ""  # of MAIL: "SIZE=1234"
    helo: str = ""

    @functools.cached_property
    def message(self):
        return email.message_from_bytes(self.raw, policy=email.policy.default)

    @functools.cached_property
    def message_id(self) -> str:
        """Of the headers alone: what was forwarded may be a mail that no library takes apart."""
        return str(email.parser.BytesHeaderParser(policy=email.policy.default).parsebytes(self.raw)["Message-ID"]).strip()


# What the sink says to recipients of these names; all others are taken.
REFUSED = {"gone": "550 5.1.1 gone away", "full": "452 4.2.2 mailbox full"}


class _SinkSession(socketserver.StreamRequestHandler):
    """Just enough of RFC 5321 to take what Postfix or kwit hands over, or to behave as it was told to."""

    helo = ""

    def handle(self):
        self.server.sessions += 1
        with contextlib.suppress(OSError, _HungUp):
            self._say("greeting", "220 sink.example ESMTP")
            while line := self.rfile.readline(4096):
                verb, _, rest = line.decode("latin-1").strip().partition(" ")
                self._obey(verb.upper(), rest)

    def _obey(self, verb: str, rest: str):
        if verb in ("EHLO", "HELO"):
            self.helo = rest
            self._say("EHLO", "250-sink.example\r\n250 8BITMIME")
        elif verb == "MAIL":
            self.arriving = Arrived(_address(rest), [], b"", rest.partition("> ")[2], self.helo)
            self._say("MAIL", "250 ok")
        elif verb == "RCPT":
            usual = REFUSED.get(_address(rest).partition("@")[0], "250 ok")
            if self._say("RCPT", usual).startswith("250"):
                self.arriving.recipients.append(_address(rest))
        elif verb == "DATA":
            self._take_data()
        elif verb == "QUIT":
            self._say("QUIT", "221 bye")
            raise _HungUp
        else:
            self._say(verb, "250 ok")

    def _take_data(self):
        if not self.arriving.recipients:
            return self._say("DATA", "503 5.5.1 nobody to give it to")
        if not self._say("DATA", "354 go on").startswith("354"):
            return None
        self.arriving.raw = self._read_data()
        answer = self.server.answers.get("end", "250 ok")
        # A server that hangs up or falls silent here has the mail; its client cannot know.
        if answer in (DROP, HANG) or answer.startswith("250"):
            self.server.arrived.append(self.arriving)
        return self._answer(answer)  # whoever sees the mail may have it behave otherwise by now

    def _read_data(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line or (lines and self.server.answers.get("inside") == DROP):
                raise _HungUp
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def _say(self, stage: str, usual: str) -> str:
        """Answers as the server was told to behave; what it said."""
        return self._answer(self.server.answers.get(stage, usual))

    def _answer(self, text: str) -> str:
        time.sleep(self.server.pause)
        if text == HANG:
            self.rfile.read()
        if text in (DROP, HANG):
            raise _HungUp
        self.wfile.write(text.encode() + b"\r\n")
        return text


class _HungUp(Exception):
    """The session is over."""


def _address(argument: str) -> str:
    return argument.partition("<")[2].partition(">")[0]


class Sink(socketserver.ThreadingTCPServer):
    """Takes every mail that it is given and keeps it in memory with its envelope; gone@… and full@… are refused.

    It is the outside to which a private Postfix delivers, or it stands in the place of Postfix and misbehaves.
    """

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 100

    def __init__(self, port: int = 0):
        super().__init__(("127.0.0.1", port), _SinkSession)
        self.arrived: list[Arrived] = []
        self.sessions = 0
        self.pause = 0.0
        self.answers: dict[str, str] = {}
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def behave(self, pause: float = 0.0, **answers: str):
        """From now on: a pause before every answer, and what is said instead of the usual at a stage.

        Stages: greeting, EHLO, MAIL, RCPT, DATA, inside (of the data), end, QUIT; an answer is a reply line, DROP or
        HANG. Without arguments it behaves well again.
        """
        self.pause, self.answers = pause, answers

    def close(self):
        self.shutdown()
        self.server_close()

    def wait(self, count: int = 1) -> list[Arrived]:
        """The mails here, once there are at least so many."""
        return wait_for(lambda: len(self.arrived) >= count and list(self.arrived), f"{count} mails at the sink")

    def to(self, address: str) -> list[Arrived]:
        """The mails here for this recipient."""
        return [mail for mail in list(self.arrived) if address in mail.recipients]

    def wait_to(self, address: str, count: int = 1) -> list[Arrived]:
        """The mails for this recipient, once there are at least so many."""
        return wait_for(lambda: len(self.to(address)) >= count and self.to(address), f"{count} mails for {address}")

    def with_id(self, message_id: str) -> list[Arrived]:
        """The mails here with this Message-ID."""
        return [mail for mail in list(self.arrived) if mail.message_id == message_id]
