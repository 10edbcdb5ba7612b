"""kwit doctor: the example has nothing wrong with it; each setting broken is named, with what mends it."""

import json
import re
import shlex
import shutil
import subprocess

import pytest

from harness.postfix import EXAMPLE

pytestmark = pytest.mark.postfix_only("kwit doctor reads Postfix's configuration")


class Ward:
    """A copy of the private Postfix's configuration that can be broken, beside a kwit that runs."""

    def __init__(self, kwit):
        self.kwit = kwit
        self.etc = kwit.dir / "etc"
        shutil.copytree(kwit.postfix.etc, self.etc)
        self.submit = f"127.0.0.1:{kwit.postfix.submit_port}"
        self.reentry = f"127.0.0.1:{kwit.postfix.reentry_port}"
        self.public = f"127.0.0.1:{kwit.postfix.port}"
        # The doctor has to see a listener that the world reaches; nothing is started from this copy.
        self.edit("master.cf", f"\n{self.public} ", "\nsmtp ")

    def edit(self, file: str, old: str, new: str):
        path = self.etc / file
        text = "\n" + path.read_text()
        assert old in text, f"{file} does not say {old!r}"
        path.write_text(text.replace(old, new).removeprefix("\n"))

    def set(self, *settings: str):
        subprocess.run(["postconf", "-c", str(self.etc), "-e", *settings], check=True)

    def set_service(self, *settings: str):
        subprocess.run(["postconf", "-c", str(self.etc), "-P", *settings], check=True)

    def examine(self) -> tuple[int, list[dict]]:
        done = self.kwit.run("doctor", "--postfix", str(self.etc), "--json")
        assert done.stderr == b""
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    def errors(self) -> list[dict]:
        code, findings = self.examine()
        errors = [finding for finding in findings if finding["severity"] == "error"]
        assert code == (1 if errors else 0)
        return errors


@pytest.fixture
def ward(office):
    return Ward(office.kwit)


def test_the_example_has_nothing_wrong_with_it(ward):
    assert ward.examine() == (0, [])
    said = ward.kwit.run("doctor", "--postfix", str(ward.etc))
    assert (said.returncode, said.stdout) == (0, b"nothing is wrong with Postfix and kwit\n")


# What is broken, and the error that says so. Remedies that are commands are tried.
BROKEN = {
    "kwit away from smtpd_milters": (
        "kwit-not-in-milters", lambda w: w.set("smtpd_milters =")),
    "another milter behind kwit": (
        "kwit-not-last-milter", lambda w: w.set("smtpd_milters = $kwit_milter, unix:/opendkim/opendkim.sock")),
    "a listener with milters of its own": (
        "kwit-not-in-milters", lambda w: w.set_service("smtp/inet/smtpd_milters=unix:/opendkim/opendkim.sock")),
    "kwit's socket as a chroot would see it": (
        "socket-not-reached", lambda w: w.set_service("smtp/inet/smtpd_milters=unix:kwit.sock"),
        lambda w: w.set(f"queue_directory = {w.kwit.postfix.socket.parent}") or w.edit(
            "master.cf", "smtp      inet  n       -       n", "smtp      inet  n       -       y") or
        w.set_service(f"smtp/inet/smtpd_milters=unix:{w.kwit.postfix.socket}")),
    "a default action of kwit's own": (
        "milter-default-action", lambda w: w.set("kwit_milter = { unix:%s, default_action=accept }" % w.kwit.postfix.socket)),
    "the default action of all milters": (
        "milter-default-action", lambda w: w.set(
            f"kwit_milter = unix:{w.kwit.postfix.socket}", "milter_default_action = accept")),
    "an old protocol": ("milter-protocol", lambda w: w.set("milter_protocol = 2")),
    "no queue id": ("milter-macros", lambda w: w.set(
        "milter_data_macros = x", "milter_end_of_header_macros = x", "milter_end_of_data_macros = x")),
    "a public listener with the name of the re-entry": (
        "daemon-name-of-reentry", lambda w: w.set("milter_macro_daemon_name = kwit-reentry")),
    "bare newlines": ("bare-newline", lambda w: w.set("smtpd_forbid_bare_newline = no")),
    "no header checks": ("results-not-stripped", lambda w: w.set("header_checks =")),
    "header checks that a comment evades": (
        "results-not-stripped", lambda w: w.edit(
            "kwit/header_checks", "[[:space:]]*:/", ":[[:space:]]*mx.example.com/")),
    "a listener without header checks": (
        "results-not-stripped", lambda w: w.set_service("smtp/inet/receive_override_options=no_header_body_checks")),
    "a cleanup service without header checks": (
        "results-not-stripped", lambda w: w.set_service("cleanup/unix/header_checks=")),
    "our own milters' results stripped": (
        "own-results-stripped", lambda w: w.set("milter_header_checks = $header_checks")),
    "the intake domain not taken": ("domain-not-taken", lambda w: w.set("relay_domains = example.net")),
    "recipients known to Postfix alone": (
        "recipients-refused", lambda w: w.set("relay_recipient_maps = inline:{{boss@example.com=x}}")),
    "aliases that lead past kwit": (
        "addresses-rewritten", lambda w: w.set("virtual_alias_maps = inline:{{@in.example.com=boss@example.com}}")),
    "a canonical form of import addresses": (
        "addresses-rewritten", lambda w: w.set("recipient_canonical_maps = inline:{{faktury@in.example.com=boss@example.com}}")),
    "no transport": ("reentry-missing", lambda w: w.set("transport_maps =")),
    "no transport in the table": ("reentry-missing", lambda w: w.edit("kwit/transport", "\nin.example.com", "\n#")),
    "mail that got past is thrown away": (
        "reentry-transport", lambda w: w.edit("kwit/transport", "kwit-missed:", "discard:")),
    "mail that got past is refused at RCPT": (
        "reentry-transport", lambda w: w.edit("kwit/transport", "kwit-missed:", "retry:")),
    "a transport that is not there": (
        "reentry-service-missing", lambda w: w.edit("master.cf", "\nkwit-missed ", "\nkwit-other ")),
    "a transport to elsewhere": (
        "reentry-listener-missing", lambda w: w.edit("kwit/transport", f"[127.0.0.1]:{w.kwit.postfix.reentry_port}",
                                                     "[mx.example.com]")),
    "a re-entry that is not there": (
        "reentry-listener-missing", lambda w: w.edit("master.cf", f"\n{w.reentry} ", "\n127.0.0.1:1 ")),
    "a re-entry without kwit": (
        "kwit-not-in-milters", lambda w: w.set_service(f"{w.reentry}/inet/smtpd_milters=")),
    "a re-entry that bounces": ("reentry-soft-bounce", lambda w: w.set_service(f"{w.reentry}/inet/soft_bounce=no")),
    "a re-entry without its name": (
        "reentry-daemon-name", lambda w: w.set_service(f"{w.reentry}/inet/milter_macro_daemon_name=x")),
    "a re-entry with header checks": (
        "reentry-header-checks", lambda w: w.set_service(f"{w.reentry}/inet/receive_override_options=no_address_mappings")),
    "a re-entry for everybody": (
        "reentry-public", lambda w: w.edit("master.cf", f"\n{w.reentry} ", f"\n{w.kwit.postfix.reentry_port} ")),
    "a re-entry that is deferred": ("reentry-deferred", lambda w: w.set("defer_transports = kwit-missed")),
    "no listener for notices": (
        "submit-listener-missing", lambda w: w.edit("master.cf", f"\n{w.submit} ", "\n127.0.0.1:1 ")),
    "a listener for notices with kwit": (
        "submit-has-kwit", lambda w: w.set_service(f"{w.submit}/inet/smtpd_milters=$kwit_milter")),
    "a listener for notices for everybody": (
        "submit-public", lambda w: w.edit("master.cf", f"\n{w.submit} ", f"\n{w.kwit.postfix.submit_port} ")),
    "kwit in non_smtpd_milters": (
        "kwit-in-non-smtpd-milters", lambda w: w.set("non_smtpd_milters = $kwit_milter")),
    "mails that only kwit would take": ("message-size-limit", lambda w: w.set("message_size_limit = 52428799")),
    "forwards that are too large": (
        "forward-size-limit", lambda w: w.set_service(f"{w.submit}/inet/message_size_limit=20971520")),
    "mailboxes smaller than mails": (
        "mailbox-size-limit", lambda w: w.set("mydestination = localhost.example", "mailbox_size_limit = 1000")),
    "copies of everything": ("copies-discarded", lambda w: w.set("always_bcc = copy@example.com")),
    "in-flow tokens": ("in-flow-delay", lambda w: w.set("in_flow_delay = 1s")),
    "recipients that cannot be taken out": (
        "original-recipient", lambda w: w.set("enable_original_recipient = no")),
    "a full disk": ("disk-full", lambda w: w.kwit.configure({"archive.min_free": '"900000GiB"'})),
    "no archive": ("archive-unusable", lambda w: w.kwit.configure({"archive.path": '"/nonexistent/kwit"'})),
    "no inspector": ("inspector-unusable", lambda w: w.kwit.configure({"inspector.program": '"/bin/false"'})),
    "nobody on the socket": ("milter-silent", lambda w: w.kwit.stop()),
    "a directory that Postfix may not go through": (
        "socket-rights", lambda w: w.kwit.postfix.socket.parent.chmod(0o700)),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_is_an_error_and_its_remedy_mends_it(ward, what):
    name, *breaks = BROKEN[what]
    directory = ward.kwit.postfix.socket.parent
    try:
        breaks[-1](ward)
        errors = ward.errors()
        assert name in {error["name"] for error in errors}
        for error in errors:
            assert error["where"] and error["why"] and error["remedy"]
        for error in errors:
            for command in re.findall(r"^(?:postconf|chgrp) .*", error["remedy"]):
                subprocess.run(command, shell=True, check=True)
                assert error not in ward.errors()
    finally:
        directory.chmod(0o2750)


def test_a_mistake_at_main_cf_is_told_once_and_mended_by_one_command(ward):
    ward.set("in_flow_delay = 1s", "smtpd_forbid_bare_newline = no", "enable_original_recipient = no")
    errors = ward.errors()
    assert sorted(error["name"] for error in errors) == ["bare-newline", "in-flow-delay", "original-recipient"]
    for error in errors:
        assert error["remedy"].startswith(f"postconf -c {shlex.quote(str(ward.etc))} -e ")
        subprocess.run(error["remedy"], shell=True, check=True)
    assert ward.examine() == (0, [])


def test_people_read_the_finding_its_reason_and_what_mends_it(ward):
    ward.set("in_flow_delay = 1s")
    said = ward.kwit.run("doctor", "--postfix", str(ward.etc))
    assert said.returncode == 1
    lines = said.stdout.decode().splitlines()
    assert lines[0] == "error in-flow-delay: main.cf: in_flow_delay = 1s"
    assert lines[2] == f"    mend: postconf -c {ward.etc} -e 'in_flow_delay = 0'"
    assert lines[-1] == "1 error, 0 warnings; after a change: postfix reload"


def test_only_warnings_are_exit_0(ward):
    ward.set("virtual_alias_maps =")
    code, findings = ward.examine()
    assert (code, [finding["name"] for finding in findings]) == (0, ["postmaster-nowhere"])


def test_a_directory_without_a_postfix_is_exit_2(ward, tmp_path):
    done = ward.kwit.run("doctor", "--postfix", str(tmp_path))
    assert done.returncode == 2
    assert b"main.cf" in done.stderr


def test_the_chrooted_example_as_debian_runs_it_finds_the_socket(ward):
    """The files as they are: chroot, and the socket's path inside it."""
    stock = open("/usr/share/postfix/master.cf.dist", encoding="ascii").read()
    (ward.etc / "master.cf").write_text(stock + (EXAMPLE / "master.cf").read_text())
    (ward.etc / "main.cf").write_text((EXAMPLE / "main.cf").read_text())
    shutil.copy(EXAMPLE / "transport", ward.etc / "kwit" / "transport")
    ward.kwit.configure({"milter.socket": '"unix:/var/spool/postfix/kwit/kwit.sock"',
                         "outbox.submit": '"smtp://127.0.0.1:10025"'})
    names = {finding["name"] for finding in ward.examine()[1]}
    assert names <= {"milter-silent", "nobody-writes-results"}  # it does not run there
    ward.set("kwit_milter = { unix:/var/spool/postfix/kwit/kwit.sock, default_action=tempfail }")
    errors = {error["name"]: error for error in ward.errors()}
    assert "unix:/var/spool/postfix/var/spool/postfix/kwit/kwit.sock" in errors["socket-not-reached"]["why"]
