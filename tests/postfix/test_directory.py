"""The office's records: clients, notification addresses, senders, addresses, and what the commands refuse."""

import re

import pytest

from office import ANNA, NUMBER, OPEN_NOTIFY, TAGGED_NOTIFY


@pytest.fixture
def run(office):
    """Runs a command; (exit code, standard output, standard error) as text."""
    def run_command(*args):
        done = office.kwit.run(*args)
        return done.returncode, done.stdout.decode(), done.stderr.decode()
    return run_command


def test_what_was_added_is_listed_and_shown(office):
    assert [c["id"] for c in office.kwit.rows("client", "list")] == ["10023", "20001"]
    client = office.kwit.rows("client", "show", "10023")[0]
    assert (client["name"], client["notify"]) == ("Kunde GmbH", [TAGGED_NOTIFY])
    assert client["senders"] == office.kwit.rows("sender", "list", "10023")
    assert [a["address"] for a in client["addresses"]] == [office.tagged]
    assert f"sender    {ANNA} (code 932498)" in office.kwit.text("client", "show", "10023")
    sender = office.kwit.rows("sender", "list", "10023")[0]
    assert (sender["email"], sender["code"]) == (ANNA, "932498")
    addresses = {a["address"]: a for a in office.kwit.rows("address", "list")}
    assert addresses.keys() == {office.tagged, office.open_address}
    shown = addresses[office.open_address]
    assert (shown["client"], shown["policy"], shown["symbol"], shown["extension"], shown["label"]) == (
        "20001", "open", "ER", "rechnungen", "Eingangsrechnungen")


def test_numbers_and_codes_that_are_not_given_are_made(run):
    assert re.fullmatch(r"faktury\+\d{10}@in\.example\.com\n", run("address", "add", "10023", "--policy", "tagged")[1])
    code, out, _ = run("sender", "add", "10023", "jan@kunde.example")
    assert code == 0 and re.search(r"^\d{6}$", out, re.M)


def test_an_open_address_of_a_client_without_notification_address_is_not_made(run):
    run("client", "add", "30003", "--name", "Nobody told")
    code, _, error = run("address", "add", "30003", "--policy", "open", "--symbol", "ER", "--extension", "x")
    assert code == 1
    assert "notify add" in error


def test_the_last_notification_address_of_a_client_with_an_open_address_stays(run):
    code, _, error = run("notify", "remove", "20001", OPEN_NOTIFY)
    assert code == 1 and error
    assert run("notify", "add", "20001", "zwei@logistik.example")[0] == 0
    assert run("notify", "remove", "20001", OPEN_NOTIFY)[0] == 0
    assert run("notify", "list", "20001")[1].split() == ["zwei@logistik.example"]


def test_nobody_is_told_at_an_address_of_an_intake_domain(office, run):
    own = "books@" + office.tagged.split("@")[1]
    for command in (("notify", "add", "20001", own), ("client", "add", "30003", "--name", "Loop", "--notify", own)):
        code, _, error = run(*command)
        assert code == 1 and "is in an intake domain" in error
    assert run("client", "show", "30003")[0] == 1


def test_a_notification_address_is_shown_as_it_was_set(run):
    assert run("notify", "add", "20001", "zwei@logistik.example", "--digest", "daily")[1].strip() == \
        "zwei@logistik.example (daily digest)"
    assert run("notify", "set", "20001", "zwei@logistik.example", "--digest", "daily")[1].splitlines() == \
        ["zwei@logistik.example (daily digest)", "nothing differs: nothing was written"]


def test_a_client_with_documents_is_not_removed(office, run):
    office.send_open()
    code, _, error = run("client", "remove", "20001")
    assert code == 1 and "document" in error


@pytest.mark.parametrize("again", [
    ("client", "add", "10023", "--name", "Twice"),
    ("address", "add", "10023", "--policy", "tagged", "--number", NUMBER),
    ("sender", "add", "20001", "eva@logistik.example", "--code", "932498"),
])
def test_what_exists_is_not_made_again(run, again):
    code, _, error = run(*again)
    assert code in (1, 2) and error


def test_a_code_is_never_used_again(run):
    assert run("sender", "remove", "10023", ANNA)[0] == 0
    assert run("sender", "add", "10023", "jan@kunde.example", "--code", "932498")[0] in (1, 2)


@pytest.mark.parametrize("wrong", [
    ("client",),
    ("client", "add"),
    ("nonsense",),
    ("address", "add", "10023", "--policy", "nonsense"),
    ("address", "add", "20001", "--policy", "open", "--symbol", "ER", "--extension", "Not Allowed"),
    ("sender", "add", "10023", "no address"),
    ("receipt", "list", "--limit", "many"),
])
def test_wrong_usage_is_exit_2_with_a_word_about_it(run, wrong):
    code, _, error = run(*wrong)
    assert code == 2
    assert error.strip()


def test_what_is_not_there_is_exit_1(run):
    for command in (("client", "show", "99999"), ("address", "disable", "x@in.example.com"), ("receipt", "show", "nothing")):
        assert run(*command)[0] in (1, 2), command


def test_global_options_stand_before_or_after_the_command(office, run):
    assert run("client", "list", "--json")[1] == run("--json", "client", "list")[1] != ""


def test_open_addresses_of_one_client_and_extension_differ(run):
    made = {run("address", "add", "20001", "--policy", "open", "--symbol", "ER", "--extension", "gleich")[1]
            for _ in range(3)}
    assert len(made) == 3
