"""The two ends of SMTP that a test or a demo plays: a client who mails in, and a sink where mail arrives."""

import dataclasses
import email
import email.policy
import smtplib
import socketserver
import threading

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
        self.connect("127.0.0.1", port)
        if login:  # the private instance lets us say which login a session has
            self.ehlo()
            self.ask("XCLIENT", f"LOGIN={login}")
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


@dataclasses.dataclass
class Arrived:
    """One mail at the sink."""

    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def message(self):
        return email.message_from_bytes(self.raw, policy=email.policy.default)


class _SinkSession(socketserver.StreamRequestHandler):
    """Just enough of RFC 5321 to take what Postfix delivers."""

    def handle(self):
        self._say("220 sink.example ESMTP")
        while line := self.rfile.readline(4096):
            verb, _, rest = line.decode("latin-1").strip().partition(" ")
            if verb.upper() == "QUIT":
                return self._say("221 bye")
            self._say(self._answer(verb.upper(), rest))

    def _answer(self, verb: str, rest: str) -> str:
        if verb == "EHLO":
            return "250-sink.example\r\n250 8BITMIME"
        if verb == "MAIL":
            self.arriving = Arrived(_address(rest), [], b"")
        elif verb == "RCPT":
            if _address(rest).startswith("gone@"):
                return "550 5.1.1 gone away"
            self.arriving.recipients.append(_address(rest))
        elif verb == "DATA":
            if not self.arriving.recipients:
                return "503 5.5.1 nobody to give it to"
            self._say("354 go on")
            self.arriving.raw = self._read_data()
            self.server.arrived.append(self.arriving)
        return "250 ok"

    def _read_data(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def _say(self, text: str):
        self.wfile.write(text.encode() + b"\r\n")


def _address(argument: str) -> str:
    return argument.partition("<")[2].partition(">")[0]


class Sink(socketserver.ThreadingTCPServer):
    """Takes everything that this Postfix delivers to the outside, and keeps it in memory; gone@… is refused."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _SinkSession)
        self.arrived: list[Arrived] = []
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def wait(self, count: int = 1) -> list[Arrived]:
        """The mails here, once there are at least so many."""
        return wait_for(lambda: len(self.arrived) >= count and list(self.arrived), f"{count} mails at the sink")
