"""The real kwit-milter dies inside of a mail: the mail stays with who has it, comes again, and is filed once.

Each call of a mail's way is a crash point in tests/crash; here are a handful behind a real Postfix.
"""

import signal

import pytest

from harness.kwit import build_dir
from harness.postfix import wait_for
from harness.smtp import Client
from office import SUPPLIER, was_taken

# The first commit is the mail's own part of a transaction, the second one the transaction.
POINTS = ["mkdir 1 after", "link 1 before", "link 2 after", "commit 1 after", "commit 2 before", "commit 2 after"]


def ask_rcpt(office):
    with Client(office.kwit.postfix.port) as session:
        session.ask("MAIL", f"FROM:<{SUPPLIER}>")
        assert session.ask("RCPT", f"TO:<{office.open_address}>").code == 250


@pytest.fixture
def mortal(make_office):
    """An office whose milter dies at the point that die_at() is told."""
    office = make_office()
    point = office.kwit.dir / "crash-point"

    def die_at(where: str):
        point.write_text(where)

    def revive():
        wait_for(lambda: office.kwit.process.poll() is not None, "kwit-milter to die")
        assert office.kwit.process.returncode == -signal.SIGKILL
        office.kwit.stop()
        point.unlink()
        office.kwit.start()

    office.kwit.stop()
    office.kwit.extra_environment = {
        "LD_PRELOAD": str(build_dir() / "tests" / "crash" / "libcrashpoints.so"), "KWIT_CRASH_FILE": str(point)}
    office.kwit.start()
    ask_rcpt(office)  # opens the archive, which has commits of its own
    office.die_at, office.revive = die_at, revive
    return office


def is_filed_once(office) -> bool:
    assert office.receipt()["verdict"] == "imported"
    assert office.document()
    assert len(office.notices()) == 1
    return office.kwit.run("verify").returncode == 0


@pytest.mark.parametrize("point", POINTS)
def test_a_milter_that_dies_before_its_answer_costs_a_4xx_and_the_same_mail_is_filed_once(mortal, point):
    mail = mortal.open_mail().as_bytes()
    mortal.die_at(point)
    assert 400 <= mortal.send(mail, [mortal.open_address]).last.code < 500
    mortal.revive()
    known = len(mortal.kwit.rows("receipt", "list"))
    assert known == (1 if point == "commit 2 after" else 0)
    assert was_taken(mortal.send(mail, [mortal.open_address]))
    assert is_filed_once(mortal)


def test_a_mail_in_postfixs_queue_waits_there_when_the_milter_dies_and_flows_in_later(mortal, postfix):
    mortal.die_at("commit 2 after")
    postfix.sendmail(SUPPLIER, [mortal.open_address], mortal.open_mail().as_bytes())
    wait_for(lambda: [m for m in postfix.queue() if m["queue_name"] == "deferred"], "the mail to wait")
    mortal.revive()
    postfix.flush()
    wait_for(lambda: not postfix.queue(), "the queue to empty")
    assert is_filed_once(mortal)
