"""The real opendkim and opendmarc before kwit, with the example's configuration: what they find is what counts."""

import pytest

from attacks import ATTACKS, is_harmless
from harness import mails
from harness.chain import Chain
from harness.dkim import HEADERS, Key
from harness.kwit import Kwit
from harness.postfix import PrivatePostfix
from office import ANNA, Office, TAG, running, was_refused, was_taken

pytestmark = pytest.mark.postfix_only("a Postfix of its own, with other milters before kwit")


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Of Anna's domain and of an attacker."""
    place = tmp_path_factory.mktemp("keys")
    return {name: Key(place, name) for name in ("kunde", "attack")}


@pytest.fixture(scope="module")
def chain(keys):
    """kunde.example asks for rejection of what fails DMARC; plain.example has nothing but a key."""
    key, attack = keys["kunde"].record(), keys["attack"].record()
    with Chain({
        "kunde.example": ["v=spf1 -all"],
        "_dmarc.kunde.example": ["v=DMARC1; p=reject"],
        "s1._domainkey.kunde.example": [key],
        "s1._domainkey.mail.kunde.example": [key],
        "s1._domainkey.plain.example": [key],
        "s1._domainkey.attack.example": [attack],
        "selector._domainkey.attack.example": [attack],
    }) as chain:
        yield chain


@pytest.fixture(scope="module")
def session_postfix(session_sink, chain):
    """In the place of the one with our border: everything in this file goes by the real chain."""
    with PrivatePostfix(session_sink.port, before_kwit=chain.sockets) as postfix:
        yield postfix


def letter(office, sender=ANNA) -> bytes:
    return mails.letter(sender, office.tagged, TAG, files=mails.one_pdf()).as_bytes()


# First what goes in, each with a kwit of its own: while the shared one below runs there is room for no other.

def test_a_good_signature_of_a_domain_with_dmarc(office, keys):
    assert was_taken(office.send(keys["kunde"].sign(letter(office), "kunde.example"), [office.tagged], sender=ANNA))
    assert office.receipt()["authenticated_by"] == "dmarc"
    assert office.document()["sender"] == ANNA
    # The null sender has no SPF but that of HELO.
    assert was_taken(office.send(keys["kunde"].sign(letter(office), "kunde.example"), [office.tagged], sender=""))
    assert office.receipts(2)[1]["authenticated_by"] == "dmarc"


def test_a_good_signature_of_a_domain_without_dmarc(office, keys):
    office.kwit.text("sender", "add", "10023", "@plain.example")
    mail = keys["kunde"].sign(letter(office, "jan@plain.example"), "plain.example")
    assert was_taken(office.send(mail, [office.tagged], sender="bounce@provider.example"))
    receipt = office.receipt()
    assert (receipt["authenticated_by"], receipt["sender"]) == ("dkim", "jan@plain.example")


def test_a_signature_of_a_subdomain_is_aligned_unless_alignment_is_strict(office, keys):
    def send():
        return office.send(keys["kunde"].sign(letter(office), "mail.kunde.example"), [office.tagged], sender=ANNA)
    assert was_taken(send())
    office.kwit.text("sender", "set", "10023", ANNA, "--alignment", "strict")
    assert was_refused(send(), 550, "5.7.1", "sender-not-authenticated")
    office.kwit.text("sender", "set", "10023", ANNA, "--alignment", "")
    assert was_taken(send())


def test_an_office_may_do_without_content_type(make_office, keys):
    """As large providers sign."""
    office = make_office({"trust.signed_headers": '["from", "subject", "date"]'})
    headers = [name for name in HEADERS if name != "content-type"]
    signed = keys["kunde"].sign(letter(office), "kunde.example", headers=headers)
    assert was_taken(office.send(signed, [office.tagged], sender=ANNA))


def test_spf_alone_counts_where_the_policy_says_so(make_office):
    """libspf2 passes every client on loopback: just what a shared sender looks like."""
    office = make_office({"policy.tagged.spf_suffices": "true"})
    office.kwit.text("sender", "add", "10023", "@plain.example")
    assert was_taken(office.send(letter(office, "jan@plain.example"), [office.tagged], sender="jan@plain.example"))
    assert office.receipt()["authenticated_by"] == "spf"


@pytest.fixture(scope="module")
def shared(session_postfix):
    with running(Kwit(session_postfix, "kwit-chain")) as kwit:
        office = Office(kwit).open()
        kwit.text("sender", "add", "10023", "@plain.example")
        yield office


def refused(office, mail: bytes, sender=ANNA):
    answer = office.send(mail, [office.tagged], sender=sender)
    assert was_refused(answer, 550, "5.7.1", "sender-not-authenticated"), answer
    assert is_harmless(office, answer)


def test_a_broken_signature(shared, keys):
    signed = keys["kunde"].sign(letter(shared), "kunde.example")
    refused(shared, signed.replace(b"W zalaczeniu", b"W zalaczniku"))
    refused(shared, signed.replace(TAG.encode(), b"[FZ] 12/2024 (932498)"))


@pytest.mark.parametrize("author", [ANNA, "jan@plain.example"])
def test_a_missing_signature(shared, author):
    refused(shared, letter(shared, author), author)


@pytest.mark.parametrize("author, domain", [(ANNA, "kunde.example"), ("jan@plain.example", "plain.example")])
def test_a_signature_by_somebody_else(shared, keys, author, domain):
    refused(shared, keys["attack"].sign(letter(shared, author), "attack.example"), author)
    refused(shared, keys["attack"].sign(letter(shared, author), domain), author)


@pytest.mark.parametrize("author, domain", [(ANNA, "kunde.example"), ("jan@plain.example", "plain.example")])
@pytest.mark.parametrize("left_out", ["subject", "date", "content-type"])
def test_a_good_signature_that_leaves_something_out(shared, keys, author, domain, left_out):
    headers = [name for name in HEADERS if name != left_out]
    refused(shared, keys["kunde"].sign(letter(shared, author), domain, headers=headers), author)


@pytest.mark.parametrize("author, domain", [(ANNA, "kunde.example"), ("jan@plain.example", "plain.example")])
def test_a_good_signature_of_the_beginning_of_a_body(shared, keys, author, domain):
    refused(shared, keys["kunde"].sign(letter(shared, author), domain, length=100), author)


@pytest.mark.parametrize("name", ATTACKS)
def test_espoofer(shared, keys, name):
    attack = ATTACKS[name]
    mail = attack.mail(shared.tagged)
    if not attack.login:
        # The attacker signs with a key of its own, which is all that it has.
        mail = keys["attack"].sign(mail, attack.domain, attack.selector)
    answer = shared.send(mail, [shared.tagged], attack.mail_from, attack.login)
    assert is_harmless(shared, answer), answer
