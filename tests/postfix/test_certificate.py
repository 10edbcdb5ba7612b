"""TLS client certificates through the real Postfix: one that it has verified may stand for a sender."""

import ssl
import subprocess

import pytest

from harness.postfix import PrivatePostfix
from harness.smtp import Client
from office import ANNA, was_refused, was_taken

pytestmark = pytest.mark.postfix_only("a Postfix of its own, with TLS")


class Authority:
    """A certificate authority in a directory of its own."""

    def __init__(self, place, name):
        self.place, self.name = place, name
        self.file = self._make(name, "-x509", "-days", "2")

    def issue(self, name: str):
        """The file of a certificate with this common name, and its key."""
        request = self._make(name)
        _openssl("x509", "-req", "-in", str(request), "-CA", str(self.file), "-CAkey", str(self._key(self.name)),
                 "-CAcreateserial", "-days", "2", "-out", str(self._file(name)))
        return self._file(name), self._key(name)

    def _make(self, name: str, *more: str):
        _openssl("req", "-new", *more, "-newkey", "rsa:2048", "-nodes", "-subj", f"/O=Kunde GmbH/CN={name}",
                 "-keyout", str(self._key(name)), "-out", str(self._file(name)))
        return self._file(name)

    def _file(self, name: str):
        return self.place / f"{self.name}-{name}.pem".replace(" ", "-")

    def _key(self, name: str):
        return self.place / f"{self.name}-{name}.key".replace(" ", "-")


def _openssl(*args: str):
    subprocess.run(["/usr/bin/openssl", *args], check=True, capture_output=True)


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"), "Buero CA")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("other-ca"), "Other CA")


@pytest.fixture(scope="module")
def session_postfix(session_sink, ours):
    """One that speaks TLS, asks for certificates and trusts those of our authority alone."""
    server, key = ours.issue("mx.example.com")
    settings = {"smtpd_tls_security_level": "may", "smtpd_tls_cert_file": server, "smtpd_tls_key_file": key,
                "smtpd_tls_CAfile": ours.file, "smtpd_tls_ask_ccert": "yes"}
    with PrivatePostfix(session_sink.port, border_milter=True, settings=settings) as postfix:
        yield postfix


def send(office, certificate=None, sender=ANNA):
    """Anna's mail, which nobody vouches for, in a session with this certificate; None: without TLS."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if certificate:
        context.load_cert_chain(*certificate)
    with Client(office.kwit.postfix.port) as session:
        if certificate is not None:
            session.start_tls(context)
        return session.deliver(sender, [office.tagged], office.tagged_mail(border=[], sender=sender).as_bytes())


def test_a_verified_certificate_of_the_sender_is_enough(office, ours):
    anna = ours.issue("Anna Kunde")
    assert was_refused(send(office, anna), 550, "5.7.1", "sender-not-authenticated")
    office.kwit.text("sender", "set", "10023", ANNA, "--certificate", "Anna Kunde")
    assert was_taken(send(office, anna))
    assert office.show(office.document()["receipt"])["authenticated_by"] == "certificate"
    assert office.document()["sender"] == ANNA


def test_a_certificate_may_stand_for_a_whole_domain(office, ours):
    office.kwit.text("sender", "add", "10023", "@kunde.example", "--certificate", "mail.kunde.example")
    assert was_taken(send(office, ours.issue("mail.kunde.example"), "jan@kunde.example"))
    assert office.receipt()["authenticated_by"] == "certificate"


def test_another_certificate_is_no_proof(office, ours, theirs):
    office.kwit.text("sender", "set", "10023", ANNA, "--certificate", "Anna Kunde")
    strangers = [
        None,  # no TLS
        (),  # no certificate
        ours.issue("Eve Kunde"),
        ours.issue("anna kunde"),
        theirs.issue("Anna Kunde"),  # the right name, but nobody we trust says so
    ]
    for certificate in strangers:
        assert was_refused(send(office, certificate), 550, "5.7.1", "sender-not-authenticated")
    assert was_refused(send(office, ours.issue("Anna Kunde"), "jan@kunde.example"), 550, "5.7.1", "sender-not-authenticated")
    assert office.documents() == []
