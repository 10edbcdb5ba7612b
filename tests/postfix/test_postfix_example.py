"""The example files themselves: Postfix takes them without a word, and they do what their comments say."""

import pathlib
import re

import pytest

from harness import mails
from harness.postfix import EXAMPLE
from office import DKIM, SUPPLIER, was_taken

BOSS = "boss@example.com"


@pytest.mark.postfix_only("about main.cf and master.cf")
def test_postfix_reads_the_files_without_a_warning(postfix):
    for command in (("postconf", "-n"), ("postconf", "-M")):
        done = postfix.command(*command)
        assert done.stderr == ""
    assert "warning" not in postfix.command("postfix", "check").stderr


@pytest.mark.postfix_only("about main.cf and master.cf")
def test_the_example_and_the_private_instance_differ_in_nothing_that_decides_about_mail(postfix):
    def settings(text: str) -> dict[str, str]:
        return dict(re.findall(r"^(\w+) =[ ]?(.*)$", text, re.M))
    example = settings((EXAMPLE / "main.cf").read_text())
    private = settings((pathlib.Path(postfix.etc) / "main.cf").read_text())
    differing = {name for name, value in example.items() if private[name] != value}
    assert differing == {"kwit_milter", "smtpd_milters", "relay_domains"}


def test_every_inbound_authentication_results_is_stripped_and_an_attached_mails_own_stays(office, sink):
    mail = mails.letter(SUPPLIER, BOSS, "results", headers={"Authentication-Results": f"(x) {DKIM}"})
    mail.add_attachment(mails.letter(SUPPLIER, BOSS, "inner", headers={"Authentication-Results": "inner.example; none"}))
    assert was_taken(office.send(mail, [BOSS]))
    arrived = sink.wait()[0]
    assert arrived.message.get_all("Authentication-Results") is None
    assert b"Authentication-Results: inner.example; none" in arrived.raw


def test_a_notice_handed_in_without_kwit_is_delivered(office, postfix, connect, sink):
    session = connect(port=postfix.submit_port, source="127.0.0.1")
    notice = mails.letter("noreply@in.example.com", BOSS, "notice")
    assert was_taken(session.deliver("", [BOSS], notice.as_bytes()))
    assert sink.wait()[0].sender == ""


@pytest.mark.postfix_only("about main.cf and master.cf")
def test_the_loopback_listeners_take_mail_from_this_machine_alone(postfix):
    mynetworks = postfix.command("postconf", "-P").stdout
    for port in (postfix.submit_port, postfix.reentry_port):
        assert f"127.0.0.1:{port}/inet/mynetworks = 127.0.0.0/8" in mynetworks
