"""Published attacks on the sender check, through the real Postfix: none files a document, none causes a mail."""

import pytest

from attacks import ATTACKS, is_harmless
from harness import mails
from harness.kwit import Kwit
from office import ANNA, DKIM, Office, running, was_refused, was_taken

D = "header.d=kunde.example"


def dkim_header(**changes) -> str:
    tags = {"v": "1", "a": "rsa-sha256", "d": "kunde.example", "s": "s1",
            "h": "from:to:subject:date:message-id:mime-version:content-type", "bh": "YWJj", "b": "AbCdEf0123456789"}
    return "; ".join(f"{name}={value}" for name, value in (tags | changes).items() if value is not None)


SIGNED = {"DKIM-Signature": dkim_header()}
SIGNATURES = {
    "a length": dkim_header(l="100"),
    "no From": dkim_header(h="to:subject:date:content-type"),
    "no Subject": dkim_header(h="from:to:date:content-type"),
    "no Date": dkim_header(h="from:to:subject:content-type"),
    "no Content-Type": dkim_header(h="from:to:subject:date"),
    "a tag twice": dkim_header() + "; h=from",
    "no list of headers": dkim_header(h=None),
    "another domain": dkim_header(d="provider.example"),
}


# First what goes in, each with a kwit of its own: while the shared one below runs there is room for no other.

def test_the_same_mail_goes_in_when_anna_sends_it(office):
    """What the attacks lack is not the subject or the document."""
    letter = mails.letter(ANNA, office.tagged, "[FZ] 11/2024 (932498)", files=mails.one_pdf(), border=[DKIM])
    assert was_taken(office.send(letter, [office.tagged], sender=ANNA))


def test_a_signature_that_covers_everything_counts(office):
    assert was_taken(office.send_tagged(headers=SIGNED))
    assert office.receipt()["authenticated_by"] == "dkim"


@pytest.fixture(scope="module")
def shared(session_postfix):
    """One office for all attacks: what one of them leaves behind the next would show."""
    with running(Kwit(session_postfix, "kwit-attacks")) as kwit:
        yield Office(kwit).open()


@pytest.mark.parametrize("name", ATTACKS)
def test_espoofer(shared, name):
    attack = ATTACKS[name]
    answer = shared.send(attack.mail(shared.tagged, border=True), [shared.tagged], attack.mail_from, attack.login)
    assert is_harmless(shared, answer), answer


GAMES = {
    "another host": [f"mx.attack.example; dkim=pass {D}"],
    "a host below ours": [f"sub.mx.example.com; dkim=pass {D}"],
    "our id and more": [f"mx.example.com.attack.example; dkim=pass {D}"],
    "our id as a beginning": [f"mx.example.comx; dkim=pass {D}"],
    "our id in a comment": [f"(mx.example.com) mx.attack.example; dkim=pass {D}"],
    "our id behind another one": [f"mx.attack.example mx.example.com; dkim=pass {D}"],
    "our id of another version": [f"mx.example.com 2; dkim=pass {D}"],
    "a pass in a comment": [f"mx.example.com; dkim=fail (dkim=pass {D}) {D}"],
    "a pass in a reason": [f'mx.example.com; dkim=fail reason="; dkim=pass {D}" {D}'],
    "a pass in a quoted value": [f'mx.example.com; dkim=fail header.x="a; dkim=pass {D}" {D}'],
    "a pass in an open quote": [f'mx.example.com; dkim=fail header.x="a; dkim=pass {D}'],
    "a pass behind an open comment": [f"mx.example.com; dkim=fail (x; dkim=pass {D}"],
    "a pass of another method": [f"mx.example.com; dkim-adsp=pass {D}; x-dkim=pass {D}; arc=pass {D}"],
    "several headers, none of them enough": [
        "mx.example.com; dkim=pass header.d=provider.example", f"mx.example.com; dkim=fail {D}", "mx.example.com; none"],
    "a pass beside a DMARC failure": [
        f"mx.example.com; dkim=pass {D}", "mx.example.com; dmarc=fail (p=none) header.from=kunde.example"],
    "SPF of HELO": ["mx.example.com; spf=pass smtp.helo=kunde.example"],
    "SPF alone": [f"mx.example.com; spf=pass smtp.mailfrom={ANNA}"],
    "DMARC that rests on SPF": [
        f"mx.example.com; dkim=none; spf=pass smtp.mailfrom={ANNA}; dmarc=pass header.from=kunde.example"],
    "DMARC of another author": ["mx.example.com; dmarc=pass header.from=attack.example"],
    "a public suffix": ["mx.example.com; dkim=pass header.d=example"],
    "a domain that looks like it": ["mx.example.com; dkim=pass header.d=kunde-example.test"],
    "a domain that ends like it": ["mx.example.com; dkim=pass header.d=notkunde.example"],
    "a domain that begins like it": ["mx.example.com; dkim=pass header.d=kunde.example.attack.test"],
    "a homograph": ["mx.example.com; dkim=pass header.d=xn--kund-y4d.example"],
    "a domain with a comment": ["mx.example.com; dkim=pass header.d=kunde.example(.attack.example)"],
    "a domain with an open comment": ["mx.example.com; dkim=pass header.d=kunde.example(.attack.example"],
    "a domain with a quote": ["mx.example.com; dkim=pass header.d=kunde.example\"x.attack.example"],
    "a domain with a single quote": ["mx.example.com; dkim=pass header.d=kunde.example'x.attack.example"],
    "a domain with a dot more": ["mx.example.com; dkim=pass header.d=kunde.example."],
    "two domains": ["mx.example.com; dkim=pass header.d=kunde.example header.d=attack.example"],
    "a domain that an identity contradicts": [
        "mx.example.com; dkim=pass header.d=attack.example header.i=@kunde.example"],
}


@pytest.mark.parametrize("name", GAMES)
def test_a_game_with_result_headers(shared, name):
    answer = shared.send_tagged(border=GAMES[name])
    assert was_refused(answer, 550, "5.7.1", "sender-not-authenticated")
    assert is_harmless(shared, answer)


def test_results_of_a_lower_hop_do_not_count(shared):
    """Our own id, in a header that stood there when the mail came in: stripped; and below a hop it would not count."""
    mail = shared.tagged_mail(border=[]).as_bytes()
    below = b"Received: from a by b; Mon, 16 Nov 2026 10:00:00 +0000\r\nAuthentication-Results: " + DKIM.encode()
    answer = shared.send(below + b"\r\n" + mail, [shared.tagged], sender=ANNA)
    assert was_refused(answer, 550, "5.7.1", "sender-not-authenticated")
    done = shared.kwit.run("--json", "check", "-", "--from", ANNA, "--to", shared.tagged, stdin=below + b"\r\n" + mail)
    assert done.returncode == 1 and b"sender-not-authenticated" in done.stdout
    assert is_harmless(shared, answer)


@pytest.mark.parametrize("author", ["anna@kund\u0435.example", "anna@xn--kund-y4d.example", "anna@kunde-example.test"])
def test_an_author_that_looks_like_anna_is_not_anna(shared, author):
    """Whom the attacker's own domain vouches for: another one, whom nobody registered."""
    mail = shared.tagged_mail(border=["mx.example.com; dkim=pass header.d=xn--kund-y4d.example",
                                      "mx.example.com; dkim=pass header.d=kunde-example.test"])
    del mail["From"]
    answer = shared.send(f"From: <{author}>\r\n".encode() + mail.as_bytes(), [shared.tagged], sender=ANNA)
    assert was_refused(answer, 550, "5.7.1", "sender-not-registered")
    assert is_harmless(shared, answer)


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_signature_counts_only_for_what_it_covers(shared, name):
    answer = shared.send_tagged(headers={"DKIM-Signature": SIGNATURES[name]})
    assert was_refused(answer, 550, "5.7.1", "sender-not-authenticated")
    answer = shared.send_tagged(headers={"DKIM-Signature": SIGNATURES[name]},
                                border=[DKIM, "mx.example.com; dmarc=pass header.from=kunde.example"])
    assert was_refused(answer, 550, "5.7.1", "sender-not-authenticated")
    assert is_harmless(shared, answer)


@pytest.mark.parametrize("line", ["Subject: [FZ] 11/2024 (932498)", "Date: Mon, 16 Nov 2026 10:00:00 +0000",
                                  'Content-Type: multipart/mixed; boundary="x"'])
def test_a_header_that_stands_there_twice_is_ambiguous(shared, line):
    mail = shared.tagged_mail(headers=SIGNED).as_bytes()
    answer = shared.send(line.encode() + b"\r\n" + mail, [shared.tagged], sender=ANNA)
    assert was_refused(answer, 550, "5.6.0", "ambiguous-structure")
    assert is_harmless(shared, answer)


def test_who_is_registered_cannot_be_told_from_the_replies(shared):
    """Whatever a stranger tries, the reply for Anna and for nobody differs in nothing but the address."""
    run = shared.kwit.text
    run("sender", "add", "10023", "@gross.example", "--via", "forwarder.example", "--arc", "yes")
    run("sender", "add", "10023", "eva@kunde.example", "--alignment", "strict", "--login", "eva", "--certificate", "Eva")
    tries = [[], ["mx.example.com; none"], ["mx.example.com; dkim=pass header.d=attack.example"],
             [f"mx.example.com; spf=pass smtp.mailfrom={ANNA}"], ["mx.example.com; dmarc=fail header.from=kunde.example"]]
    for border in tries:
        said = set()
        for author in (ANNA, "eva@kunde.example", "nobody@kunde.example", "jan@gross.example", "jan@klein.example"):
            answer = shared.send_tagged(border=border, sender=author)
            said.add((answer.last.code, answer.last.text.replace(author, "X")))
        assert len(said) == 1, said
