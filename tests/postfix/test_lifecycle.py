"""kwit-milter's life: it ends in the middle of everything, reads its configuration under load, starts beside anything.

The rest of it: a killed milter and its stale socket, a second instance and the simple reload are in test_outage.py; what a
service manager is told (ready, reloading, stopping, watchdog) is in test_service.py.
"""

import signal
import socket
import subprocess
import threading
import time

import pytest

from harness import milter_wire as words
from harness.milter_wire import Hangup, Wire
from harness.postfix import wait_for
from harness.smtp import Client
from held import index_held
from office import SUPPLIER, Office, was_taken
from wire import is_kept, ready_to_end


def test_sigterm_in_the_middle_of_an_end_of_message_lets_the_sender_hear_250(office, connect):
    """The sender's server would send it again else; test_repeat.py is about that."""
    session = connect()
    session.ask("MAIL", f"FROM:<{SUPPLIER}>")
    session.ask("RCPT", f"TO:<{office.open_address}>")
    session.ask("DATA")
    objects = office.kwit.archive / "objects" / "sha256"
    before = len(list(objects.glob("*/*/*")))
    with index_held(office.kwit.archive):
        session.send(office.open_mail().as_bytes() + b".\r\n")
        wait_for(lambda: len(list(objects.glob("*/*/*"))) >= before + 2, "the document and the mail to be stored")
        office.kwit.process.send_signal(signal.SIGTERM)
        wait_for(lambda: "stopping" in office.kwit.log_text(), "the end to begin")
        time.sleep(0.5)
        assert office.kwit.process.poll() is None
    assert session.getreply()[0] == 250
    assert office.kwit.process.wait(10) == 0
    assert len(office.documents()) == 1 and office.receipt()["verdict"] == "imported"


def test_sigterm_answers_all_the_ends_of_message_that_it_has_begun(office):
    begun = [ready_to_end(office, f"begun {number}") for number in range(6)]
    idle, _ = ready_to_end(office, "never ended")
    with index_held(office.kwit.archive):
        for mta, mail in begun:
            mta.send(words.END)
            wait_for(lambda: is_kept(office, mail), "the end to come to its commit")
        office.kwit.process.send_signal(signal.SIGTERM)
        wait_for(lambda: "stopping" in office.kwit.log_text(), "the end to begin")
    assert [mta.read().command for mta, _ in begun] == ["d"] * len(begun)
    with pytest.raises(Hangup):
        idle.read()
    assert office.kwit.process.wait(10) == 0
    assert len(office.documents()) == len(begun)


def test_with_connections_that_stand_still_anywhere_it_ends_within_ten_seconds(make_kwit):
    office = Office(make_kwit(start=False)).open()
    office.kwit.start()
    mail = office.open_mail().as_bytes()
    stream = words.whole_session(SUPPLIER, [office.open_address], mail)
    lengths = [0, 3, 5, 16, 17, *range(40, len(stream), 97)]
    wires = [Wire(office.kwit.postfix.socket, timeout=10) for _ in lengths]
    for wire, length in zip(wires, lengths):
        wire.send(stream[:length])
    log = len(office.kwit.log_text())
    began = time.monotonic()
    office.kwit.process.send_signal(signal.SIGTERM)
    assert office.kwit.process.wait(20) == 0
    assert time.monotonic() - began < 10
    for wire in wires:
        assert "d" not in {reply.command for reply in wire.read_to_the_end()}
        wire.close()
    assert "error" not in office.kwit.log_text()[log:]
    assert office.kwit.rows("receipt", "list") == []


def test_a_reload_again_and_again_under_load_costs_no_mail(office, postfix):
    answers, over, log = [], threading.Event(), len(office.kwit.log_text())

    def send(number: int):
        with Client(postfix.port) as session:
            for mail in range(8):
                message = office.open_mail(f"mail {number} {mail}").as_bytes()
                answers.append(session.deliver(SUPPLIER, [office.open_address], message))

    good, new = office.kwit.config.read_text(), office.kwit.config.with_name("new.toml")

    def reload():
        number = 0
        while not over.is_set():
            number += 1
            new.write_text(good + f"# {number}\n")
            new.rename(office.kwit.config)  # as editors do: the file is never half
            office.kwit.reload()
            time.sleep(0.03)

    reloader, senders = threading.Thread(target=reload), [threading.Thread(target=send, args=(number,)) for number in range(6)]
    for thread in [reloader, *senders]:
        thread.start()
    for thread in senders:
        thread.join()
    over.set()
    reloader.join()
    assert len(answers) == 48 and all(map(was_taken, answers))
    assert len(office.receipts(48)) == len(office.documents()) == 48
    said = office.kwit.log_text()[log:]
    assert said.count("the configuration was read again") > 5 and "error" not in said


@pytest.mark.parametrize("wrong, named", [
    ("[limits\n", "kwit.toml:1"), ('[limits]\nmessage = "much"\n', "limits.message"), ('[archive]\npath = ""\n', "archive.path"),
    (None, "No such file"),
], ids=["not TOML", "no size", "no path", "no file"])
def test_a_wrong_configuration_is_not_taken_and_the_log_says_why(office, wrong, named):
    good, log = office.kwit.config.read_text(), len(office.kwit.log_text())
    if wrong is None:
        office.kwit.config.unlink()
    else:
        office.kwit.config.write_text(wrong)
    office.kwit.reload()
    wait_for(lambda: "the configuration is not taken, the old one stays" in (said := office.kwit.log_text()[log:]) and named in said,
             "the reason in the log", 10)
    office.kwit.config.write_text(good)
    assert was_taken(office.send_open())


@pytest.mark.parametrize("first", ["kwit", "the MTA"])
def test_it_does_not_matter_who_is_started_first(make_office, postfix, first):
    office = make_office()
    if first == "kwit":
        postfix.restart()
    else:
        office.kwit.stop()
        assert 400 <= office.send_open().last.code < 500
        office.kwit.start()
    assert was_taken(office.send_open())
    assert len(office.documents()) == 1


def test_a_socket_that_nobody_answers_at_is_replaced_and_other_files_are_not(make_kwit, postfix):
    with socket.socket(socket.AF_UNIX) as left:
        postfix.socket.unlink(missing_ok=True)
        left.bind(str(postfix.socket))
    kwit = make_kwit()
    wait_for(lambda: "listens on" in kwit.log_text(), "kwit-milter to say that it is ready")
    assert kwit.stop() == 0
    postfix.socket.unlink(missing_ok=True)
    postfix.socket.write_text("a file of somebody\n")
    kwit = make_kwit(start=False)
    refused = subprocess.run(kwit.milter_command(), capture_output=True, text=True, timeout=30, env=kwit.environment())
    assert refused.returncode == 1 and str(postfix.socket) in refused.stderr
    assert postfix.socket.read_text() == "a file of somebody\n"
    postfix.socket.unlink()
