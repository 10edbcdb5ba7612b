"""The end of a mail is CRLF, a dot, CRLF and nothing else: whatever looks like it, no second mail comes in behind it with
the standing of the first (CVE-2023-51764, CVE-2023-51765)."""

import pytest

from harness.smtp import Client
from office import SUPPLIER

# What stands between the mail and the commands that are to be smuggled, and what the example configuration makes of it:
# "one" mail that goes on to its true end, or a reply that refuses it. Postfix, Sendmail.
NO_ENDS = {
    b"\n.\n": ("one", "421"),
    b"\n.\r\n": ("one", "421"),
    b"\r\n.\n": ("one", "421"),
    b"\n\n.\n\n": ("one", "421"),
    b"\n.\r": ("one", "421"),
    b"\n\r.\r\n": ("one", "421"),
    b"\r.\r": ("one", "421"),
    b"\r.\n": ("one", "421"),
    b"\r.\r\n": ("one", "421"),
    b"\r\n.\r": ("one", "421"),
    b"\r\n\r.\r\n": ("one", "421"),
    b"\r\r\n.\r\r\n": ("one", "421"),
    b"\r\n.\r\r\n": ("one", "421"),
    b"\r\n\0.\r\n": ("one", "554"),
    b"\r\n.\0\r\n": ("one", "554"),
    b"\r\n.\r\0\n": ("one", "421"),
    b"\r\0\n.\r\n": ("one", "421"),
    b"\0\n.\r\n": ("one", "421"),
    b"\r\n.": ("one", "one"),
    b"\r\n. \r\n": ("one", "one"),
    b"\r\n..\r\n": ("one", "one"),
    b"\r\n\x0b.\r\n": ("one", "one"),
    b"\r\n\x85.\r\n": ("one", "one"),
    "\u2028.\u2028".encode(): ("one", "one"),
}


def smuggle(session: Client, office, end: bytes) -> list[str]:
    """Sends a mail with another one behind `end`; the codes that were answered after the first 354."""
    commands = [f"MAIL FROM:<{SUPPLIER}>", f"RCPT TO:<{office.open_address}>", "DATA"]
    for command in commands:
        assert session.docmd(command)[0] in (250, 354)
    first = office.open_mail("first", files=[]).as_bytes().removesuffix(b"\r\n")
    second = office.open_mail("second").as_bytes()
    session.send(first + end + "".join(f"{command}\r\n" for command in commands).encode() + second + b".\r\nQUIT\r\n")
    codes = []
    while line := session.file.readline():
        codes.append(line[:3].decode())
    return codes


@pytest.mark.parametrize("end", NO_ENDS, ids=repr)
def test_what_is_no_end_of_a_mail_lets_no_second_one_in(office, postfix, connect, end):
    outcome = NO_ENDS[end][("postfix", "sendmail").index(postfix.kind)]
    codes = smuggle(connect(), office, end)
    if outcome == "one":
        assert codes == ["250", "221"]
        assert office.receipt()["subject"] == "first"
    else:
        assert codes[0] == outcome and not {"250", "354"} & set(codes)
        assert office.kwit.rows("receipt", "list") == []


@pytest.mark.postfix_only("Sendmail takes no mail whose client does not wait for 354")
def test_the_true_end_lets_the_second_one_in(office, connect):
    """What the others would look like if they were an end."""
    assert smuggle(connect(), office, b"\r\n.\r\n") == ["250", "250", "250", "354", "250", "221"]
    assert [receipt["subject"] for receipt in office.receipts(2)] == ["first", "second"]
