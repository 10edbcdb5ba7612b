"""The MTA's side of the milter protocol, written down from the protocol and without libmilter: for tests that have to say
what no MTA says, and for measurements.

A packet is a length in four bytes (of what follows), one letter, and data. The words below are packets as bytes, so a test
may put them together, cut them anywhere and send them as it likes (Wire); an Mta behaves well.
"""

import contextlib
import dataclasses
import enum
import socket
import struct

CHUNK = 65535  # of a body, as Postfix and Sendmail cut it
QUEUE_ID = "4CwTzk1Qn2z9"


class Action(enum.IntFlag):
    """What an MTA lets a milter do at the end of a message (SMFIF_*)."""

    ADDHDRS = 1 << 0
    CHGBODY = 1 << 1
    ADDRCPT = 1 << 2
    DELRCPT = 1 << 3
    CHGHDRS = 1 << 4
    QUARANTINE = 1 << 5
    CHGFROM = 1 << 6
    ADDRCPT_PAR = 1 << 7
    SETSYMLIST = 1 << 8


class Step(enum.IntFlag):
    """What an MTA offers about the steps of the protocol (SMFIP_*): to leave one out, not to wait for its reply, more."""

    NOCONNECT = 1 << 0
    NOHELO = 1 << 1
    NOMAIL = 1 << 2
    NORCPT = 1 << 3
    NOBODY = 1 << 4
    NOHDRS = 1 << 5
    NOEOH = 1 << 6
    NR_HDR = 1 << 7
    NOUNKNOWN = 1 << 8
    NODATA = 1 << 9
    SKIP = 1 << 10
    RCPT_REJ = 1 << 11
    NR_CONN = 1 << 12
    NR_HELO = 1 << 13
    NR_MAIL = 1 << 14
    NR_RCPT = 1 << 15
    NR_DATA = 1 << 16
    NR_UNKN = 1 << 17
    NR_EOH = 1 << 18
    NR_BODY = 1 << 19
    HDR_LEADSPC = 1 << 20
    MDS_256K = 1 << 28
    MDS_1M = 1 << 29


ALL_ACTIONS = Action(0x1FF)  # as Postfix offers them
ALL_STEPS = Step(0x1FFFFF)
QUIET = {"C": Step.NR_CONN, "H": Step.NR_HELO, "M": Step.NR_MAIL, "R": Step.NR_RCPT, "T": Step.NR_DATA,
         "L": Step.NR_HDR, "N": Step.NR_EOH, "B": Step.NR_BODY, "U": Step.NR_UNKN}
EDITS = set("+-2behilmq")  # what a milter wants changed, before its answer to the end of a message


# The words of an MTA.

def packet(command: str, data: bytes = b"") -> bytes:
    return struct.pack(">I", 1 + len(data)) + command.encode("ascii") + data


def strings(*texts: str | bytes) -> bytes:
    """Each ended by a NUL."""
    return b"".join((text if isinstance(text, bytes) else text.encode()) + b"\0" for text in texts)


def optneg(version: int = 6, actions: int = ALL_ACTIONS, steps: int = ALL_STEPS) -> bytes:
    return packet("O", struct.pack(">III", version, actions, steps))


def macros(stage: str, values: dict[str, str]) -> bytes:
    """What an MTA says before the command of this letter: {"{auth_authen}": "anna"}."""
    return packet("D", stage.encode() + strings(*(text for pair in values.items() for text in pair)))


def connect(host: str = "client.example", address: str = "192.0.2.7", port: int = 4711) -> bytes:
    family = b"6" if ":" in address else b"4"
    return packet("C", strings(host) + family + struct.pack(">H", port) + strings(address))


def connect_unknown(host: str = "localhost") -> bytes:
    """From an address family that the MTA does not name."""
    return packet("C", strings(host) + b"U\0")


def helo(name: str = "client.example") -> bytes:
    return packet("H", strings(name))


def mail(sender: str, *parameters: str) -> bytes:
    return packet("M", strings(f"<{sender}>", *parameters))


def rcpt(recipient: str, *parameters: str) -> bytes:
    return packet("R", strings(f"<{recipient}>", *parameters))


def header(name: bytes, value: bytes) -> bytes:
    return packet("L", strings(name, value))


def body(chunk: bytes) -> bytes:
    return packet("B", chunk)


DATA, END_OF_HEADERS, END, ABORT = packet("T"), packet("N"), packet("E"), packet("A")
QUIT, QUIT_BUT_STAY, UNKNOWN = packet("Q"), packet("K"), packet("U", strings("FROB"))


def split(message: bytes) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Headers and body of a mail with CRLF: values with their leading space, folds joined by LF, as MTAs hand them over."""
    head, _, rest = message.partition(b"\r\n\r\n")
    lines = head.replace(b"\r\n ", b"\n ").replace(b"\r\n\t", b"\n\t").split(b"\r\n")
    return [tuple(line.split(b":", 1)) for line in lines], rest


def chunks(content: bytes, size: int = CHUNK) -> list[bytes]:
    return [content[at:at + size] for at in range(0, len(content), size)]


def whole_session(sender: str, recipients: list[str], message: bytes) -> bytes:
    """Every byte that an MTA says about one mail to a milter that agrees to all, up to its end: for cutting."""
    fields, rest = split(message)
    words = [optneg(), macros("C", {"{daemon_name}": "mx"}), connect(), helo(), macros("M", {"{mail_addr}": sender}), mail(sender)]
    for recipient in recipients:
        words += [macros("R", {"{rcpt_addr}": recipient}), rcpt(recipient)]
    words += [macros("T", {"i": QUEUE_ID}), DATA, *(header(name, value) for name, value in fields), END_OF_HEADERS]
    words += [*map(body, chunks(rest)), macros("E", {"i": QUEUE_ID}), END]
    return b"".join(words)


# The answers of a milter.

@dataclasses.dataclass(frozen=True)
class Reply:
    """One packet of a milter: c continue, a accept, d discard, r reject, t try again, y with a reply's text, or an edit."""

    command: str
    data: bytes = b""

    @property
    def text(self) -> str:
        """The SMTP reply of a y, as the client is to see it: "550 5.1.1 address-unknown: …"."""
        return self.data.rstrip(b"\0").decode("ascii").replace("%%", "%")

    @property
    def verdict(self) -> str:
        """The letter, or the code of a reply with a text: "c", "d", "550"."""
        return self.text[:3] if self.command == "y" else self.command

    def __str__(self):
        return self.text if self.command == "y" else self.command


class Hangup(EOFError):
    """The milter has closed the connection."""


class Wire:
    """One connection to a milter on a unix socket. Bytes are sent as they are."""

    def __init__(self, path, timeout: float = 60):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(str(path))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, *words: bytes):
        self.socket.sendall(b"".join(words))

    def read(self) -> Reply:
        """The next packet of the milter."""
        (length,) = struct.unpack(">I", self._take(4))
        content = self._take(length)
        return Reply(chr(content[0]), content[1:])

    def _take(self, count: int) -> bytes:
        got = b""
        while len(got) < count:
            try:
                more = self.socket.recv(count - len(got))
            except ConnectionResetError:  # it closed without reading all that we said
                more = b""
            if not more:
                raise Hangup(f"the milter closed the connection; {count} bytes were waited for, {len(got)} came")
            got += more
        return got

    def read_to_the_end(self) -> list[Reply]:
        """Every packet until the milter closes the connection."""
        replies = []
        with contextlib.suppress(Hangup):
            while True:
                replies.append(self.read())
        return replies


@dataclasses.dataclass(frozen=True)
class Agreement:
    """What a milter answers to the negotiation."""

    version: int
    actions: Action
    steps: Step
    macros: dict[int, str]  # which it wants to hear at each stage (SMFIM_*)


def agreement_of(reply: Reply) -> Agreement:
    if reply.command != "O":
        raise ValueError(f"the milter does not negotiate, it says {reply}")
    version, actions, steps = struct.unpack(">III", reply.data[:12])
    wanted, rest = {}, reply.data[12:]
    while rest:
        (stage,) = struct.unpack(">I", rest[:4])
        names, _, rest = rest[4:].partition(b"\0")
        wanted[stage] = names.decode()
    return Agreement(version, Action(actions), Step(steps), wanted)


@dataclasses.dataclass
class Delivery:
    """What a milter answered to one mail."""

    rcpts: list[Reply]
    end: Reply | None  # the answer that decided, at whatever stage; None: no recipient was taken
    stage: str = ""    # the letter of the command that was answered so
    removed: list[str] = dataclasses.field(default_factory=list)  # recipients that the MTA is to take out

    @property
    def last(self) -> Reply:
        return self.end or self.rcpts[-1]


class Mta(Wire):
    """A connection of an MTA that keeps to the protocol, and to what was agreed. Nothing is said after MAIL by itself."""

    def __init__(self, path, version: int = 6, actions: int = ALL_ACTIONS, steps: int = ALL_STEPS, greeting: bytes | None = None):
        super().__init__(path)
        self.send(optneg(version, actions, steps))
        self.agreed = agreement_of(self.read())
        self.ask(greeting or connect())
        self.ask(helo())

    def close(self):
        with contextlib.suppress(OSError):
            self.send(QUIT)
        super().close()

    def break_off(self):
        """As an MTA that dies."""
        super().close()

    def ask(self, word: bytes) -> Reply | None:
        """Says one word; its answer, or None where it was agreed that there is none."""
        self.send(word)
        if QUIET.get(chr(word[4]), 0) & self.agreed.steps:
            return None
        return self.read()

    def mail(self, sender: str, *parameters: str, login: str = "", known: dict[str, str] | None = None):
        values = {"{mail_addr}": sender} if known is None else known
        if login:
            values = values | {"{auth_type}": "plain", "{auth_authen}": login}
        if values:
            self.send(macros("M", values))
        return self.ask(mail(sender, *parameters))

    def rcpt(self, recipient: str, *parameters: str) -> Reply:
        self.send(macros("R", {"{rcpt_addr}": recipient}))
        return self.ask(rcpt(recipient, *parameters))

    def data(self) -> Reply | None:
        """Only newer protocols have it."""
        if self.agreed.version < 4:
            return None
        self.send(macros("T", {"i": QUEUE_ID}))
        return self.ask(DATA)

    def header(self, name: bytes, value: bytes) -> Reply | None:
        keeps = self.agreed.steps & Step.HDR_LEADSPC
        return self.ask(header(name, value if keeps else value.removeprefix(b" ")))

    def end(self) -> tuple[Reply, list[str]]:
        """The end of the message: the answer, and the recipients that are to be taken out."""
        self.send(macros("E", {"i": QUEUE_ID}), END)
        removed = []
        while (reply := self.read()).command in EDITS:
            if reply.command != "-":
                raise ValueError(f"the milter wants more than to remove recipients: {reply.command}")
            removed.append(reply.data.rstrip(b"\0").decode())
        return reply, removed

    def content(self, message: bytes | list[bytes]) -> tuple[Reply, str, list[str]]:
        """DATA to the end, or to the first answer that is final: that answer, its stage, the recipients to be taken out.

        A message given as a list is its head, and its body in these pieces.
        """
        head, *pieces = message if isinstance(message, list) else [message]
        fields, rest = split(head)
        steps = [("T", self.data)]
        steps += [("L", lambda field=field: self.header(*field)) for field in fields]
        steps += [("N", lambda: self.ask(END_OF_HEADERS))]
        steps += [("B", lambda piece=piece: self.ask(body(piece))) for piece in chunks(rest) + pieces]
        for stage, step in steps:
            reply = step()
            if reply is not None and reply.command != "c":
                return reply, stage, []
        reply, removed = self.end()
        return reply, "E", removed

    def deliver(self, recipients: list[str], message: bytes | list[bytes], sender: str = "rechnung@lieferant.example",
                login: str = "", parameters: tuple[str, ...] = ()) -> Delivery:
        """One mail, as the MTA of a client that gives up when no recipient is taken."""
        self.mail(sender, *parameters, login=login)
        rcpts = [self.rcpt(recipient) for recipient in recipients]
        if all(reply.command != "c" for reply in rcpts):
            self.send(ABORT)
            return Delivery(rcpts, None)
        return Delivery(rcpts, *self.content(message))
