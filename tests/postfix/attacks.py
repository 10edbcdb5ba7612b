"""The 22 cases of espoofer (Chen, Paxson, Jiang: "Composition Kills", USENIX Security 2020) against Anna: server a1 to
a19 from outside, client a1 to a3 from an account of her provider.
"""

import dataclasses
import email.utils

from harness import mails
from office import ANNA, TAG

FIRST = "From: <first@attack.example>"
REAL = f"From: <{ANNA}>"
FOUND = "dmarc=pass header.from=kunde.example; dkim=pass header.d=attack.example; dkim=pass header.d=kunde.example"


@dataclasses.dataclass(frozen=True)
class Attack:
    mail_from: str
    lines: list[str]  # what it says of the author
    found: str  # what a border writes that falls for it
    domain: str = "attack.example"  # d= and s= of the attacker's own signature
    selector: str = "s1"
    login: str = ""

    def mail(self, recipient: str, border: bool = False) -> bytes:
        """With a subject and a document that would be taken. border: our border believes the attack."""
        letter = mails.letter("x@attack.example", recipient, TAG, files=mails.one_pdf())
        del letter["From"]
        claimed = [f"X-Test-Border: mx.example.com; {self.found}",
                   f"DKIM-Signature: v=1; a=rsa-sha256; d={self.domain}; s={self.selector}; "
                   "h=from:to:subject:date:content-type; bh=YWJj; b=AbCdEf01"] if border else []
        # Behind a line that is none everything is body: what the border is told must stand before it.
        head = self.lines + claimed if self.lines[0].startswith(" ") else claimed + self.lines
        return "\r\n".join(head).encode("latin-1") + b"\r\n" + letter.as_bytes()


def _envelope(mail_from: str, found: str) -> Attack:
    return Attack(mail_from, [REAL], found)


def _author(*lines: str) -> Attack:
    return Attack("any@attack.example", list(lines), FOUND)


def _account(*lines: str) -> Attack:
    return Attack("eve@kunde.example", list(lines), "none", login="eve@kunde.example")


ATTACKS = {
    "a1 a subdomain that does not exist": _envelope(
        "any@mailfrom.notexist.kunde.example", "spf=pass smtp.mailfrom=any@mailfrom.notexist.kunde.example"),
    "a2 an envelope sender taken for none": _envelope(
        "(any@kunde.example", 'spf=pass smtp.helo=attack.example smtp.mailfrom="(any@kunde.example"'),
    "a3 NUL in the selector": Attack(
        "any@attack.example", [REAL], "dkim=pass header.d=kunde.example", "kunde.example",
        "selector._domainkey.attack.example.\0.any"),
    "a4 a quote in d=": Attack(
        "any@attack.example", [REAL], "dkim=pass header.d=kunde.example'a.attack.example",
        "kunde.example'a.attack.example"),
    "a5 a comment in the envelope sender": _envelope(
        "any@kunde.example(a.attack.example", "spf=pass smtp.mailfrom=any@kunde.example(a.attack.example"),
    "a6 a quote in the envelope sender": _envelope(
        "any@kunde.example'@any.attack.example", "spf=pass smtp.mailfrom=any@kunde.example'@any.attack.example"),
    "a7 a route in the envelope sender": _envelope(
        "@kunde.example,@any.example:'any@attack.example",
        "spf=pass smtp.mailfrom=@kunde.example,@any.example:'any@attack.example"),
    "a8 two From": _author(FIRST, REAL),
    "a9 a space before the first From": _author(f" {FIRST}", REAL),
    "a10 a space behind the second From": _author(FIRST, REAL.replace(":", " :")),
    "a11 a folded name": _author(FIRST.replace(":", "\r\n :"), REAL),
    "a12 a folded name, and Sender": _author(FIRST.replace(":", "\r\n :"), f"Sender: <{ANNA}>"),
    "a13 a folded name, and Resent-From": _author(FIRST.replace(":", "\r\n :"), f"Resent-From: <{ANNA}>"),
    "a14 two authors": _author(f"{FIRST}, <{ANNA}>", "Sender: <s@sender.kunde.example>"),
    "a15 an encoded author": _author("From: =?utf-8?B?PGFubmFAa3VuZGUuZXhhbXBsZT4=?=,<second@attack.example>"),
    "a16 a route": _author(f"From: <@attack.example,@any.example:{ANNA}>"),
    "a17 a quoted pair": _author(f"{REAL}\\,<second@attack.example>"),
    "a18 a bare author before another": _author(f"From: {ANNA},<second@attack.example>"),
    "a19 an author behind the author": _author(f"From: <any@attack.example>{ANNA}"),
    "client a1 two From": _account("From: <eve@kunde.example>", REAL),
    "client a2 two authors": _account(f"From: <eve@kunde.example>, <{ANNA}>"),
    "client a3 another author": _account(REAL),
}


def is_harmless(office, dialogue) -> bool:
    """Refused for good, nothing filed, nobody written to."""
    return 500 <= dialogue.last.code < 600 and not office.documents() and not office.kwit.rows("outbox", "list")
