"""A configuration that is wrong is told with file, line and what was expected, and nothing starts."""

import subprocess

import pytest

from harness.postfix import wait_for


def start(kwit, *options) -> subprocess.CompletedProcess:
    return subprocess.run(kwit.milter_command() + list(options), capture_output=True, text=True, timeout=30,
                          env=kwit.environment())


@pytest.mark.parametrize("changes, words", [
    ({"limits.mesage": '"1MiB"'}, ["mesage", "message"]),
    ({"limits.message": '"much"'}, ["message", "much"]),
    ({"limits.parts": '"ten"'}, ["parts"]),
    ({"milter.socket_mode": '"0999"'}, ["socket_mode"]),
    ({"milter.socket": '"inet:8893@192.0.2.1"'}, ["allow_remote"]),
    ({"milter.when_empty": '"drop"'}, ["when_empty", "discard"]),
    ({"policy.tagged.senders": '"anyone"'}, ["reply"]),
    ({"policy.open.formats": '["pfd"]'}, ["pfd", "pdf"]),
    ({"domain.timezone": '"Europe/Warszawa"'}, ["timezone"]),
])
@pytest.mark.parametrize("options", [[], ["--check"]])
def test_a_mistake_is_exit_2_with_file_line_and_key(make_kwit, changes, words, options):
    kwit = make_kwit(changes, start=False)
    done = start(kwit, *options)
    assert done.returncode == 2
    for word in (f"{kwit.config}:", *words):
        assert word in done.stderr
    assert kwit.run("client", "list").returncode == 2


@pytest.mark.parametrize("option, word", [("--help", "usage: kwit-milter"), ("--version", "kwit-milter 0.")])
def test_what_is_asked_for_is_told_without_a_configuration(make_kwit, option, word):
    kwit = make_kwit(start=False)
    kwit.config.unlink()
    done = start(kwit, option)
    assert done.returncode == 0 and done.stdout.startswith(word)


def test_a_file_that_is_not_there_is_exit_2(make_kwit):
    kwit = make_kwit(start=False)
    kwit.config.unlink()
    done = start(kwit)
    assert done.returncode == 2 and str(kwit.config) in done.stderr


def test_check_of_a_good_configuration_says_so_and_ends(make_kwit):
    kwit = make_kwit(start=False)
    kwit.text("client", "add", "10023", "--name", "The first command makes the archive")
    assert start(kwit, "--check").returncode == 0


def test_a_logo_that_is_away_stops_a_check_and_nothing_else(make_kwit, tmp_path):
    logo = tmp_path / "logo.png"
    kwit = make_kwit({"domain.logo": f'"{logo}"'})  # it serves
    told = f"domain.logo: cannot open {logo}: No such file or directory; put a readable file"
    wait_for(lambda: told in kwit.log_text(), "the warning")
    kwit.text("client", "add", "10023", "--name", "Commands run, too")
    done = start(kwit, "--check")
    assert done.returncode == 2 and f"domain.logo: cannot open {logo}" in done.stderr


def test_check_of_an_archive_that_cannot_be_opened_is_exit_3(make_kwit):
    kwit = make_kwit(start=False)
    kwit.archive.write_text("a file where the directory belongs")
    done = start(kwit, "--check")
    assert done.returncode == 3 and str(kwit.archive) in done.stderr
    assert kwit.run("client", "list").returncode == 3
