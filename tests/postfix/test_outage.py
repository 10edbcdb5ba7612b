"""kwit or its archive away: the sender's server keeps the mail, nothing is lost, ordinary mail passes."""

import grp
import random
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

from harness import mails
from harness.postfix import wait_for
from harness.smtp import Client
from office import SUPPLIER, Office, check_killed_in_the_middle, was_refused, was_taken

BOSS = "boss@example.com"


def test_with_the_milter_killed_the_senders_server_keeps_the_mail(office):
    office.kwit.stop(signal.SIGKILL)
    answer = office.send_open()
    assert 400 <= answer.last.code < 500
    office.kwit.start()  # beside the stale socket
    assert was_taken(office.send_open())
    assert len(office.documents()) == 1


def test_a_milter_killed_in_the_middle_of_a_mail_answers_4xx_and_keeps_nothing(office, connect):
    check_killed_in_the_middle(office, connect())


def test_every_mail_that_was_taken_is_there_after_the_milter_was_killed_again_and_again(office):
    """Senders try again after 4xx, as servers do; the milter dies at random moments."""
    wanted, taken = 24, []

    def sender(number: int):
        mail = office.open_mail(files=mails.one_pdf(mails.pdf(f"mail {number}", size=50_000))).as_bytes()
        for _ in range(200):
            try:
                if was_taken(office.send(mail, [office.open_address])):
                    taken.append(number)
                    return
            except OSError:
                pass
            time.sleep(0.05)

    threads = [threading.Thread(target=sender, args=(number,)) for number in range(wanted)]
    for thread in threads:
        thread.start()
    dice = random.Random(17)
    for _ in range(4):
        time.sleep(dice.uniform(0.05, 0.3))
        office.kwit.stop(signal.SIGKILL)
        office.kwit.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(wanted))
    assert len(office.receipts(wanted)) == wanted
    assert len({d["sha256"] for d in office.documents()}) == wanted
    assert office.kwit.run("verify").returncode == 0


def test_mail_that_got_past_the_milter_flows_in_by_itself_when_it_is_back(office, postfix):
    office.kwit.stop()
    mail = office.open_mail()
    postfix.sendmail(SUPPLIER, [office.open_address], mail.as_bytes())
    waiting = wait_for(lambda: [m for m in postfix.queue() if m["queue_name"] == "deferred"], "the mail to wait")
    assert "451" in waiting[0]["recipients"][0]["delay_reason"]
    office.kwit.start()
    postfix.flush()
    wait_for(lambda: not postfix.queue(), "the queue to empty")
    assert office.receipt()["verdict"] == "imported"


def test_mail_that_got_past_and_is_refused_waits_in_the_queue_and_is_never_bounced(office, postfix, sink):
    postfix.sendmail("boss@example.com", ["nobody@in.example.com"], office.open_mail().as_bytes())
    waiting = wait_for(lambda: [m for m in postfix.queue() if m["queue_name"] == "deferred"], "the mail to wait")
    assert "address-unknown" in waiting[0]["recipients"][0]["delay_reason"]
    assert sink.arrived == []


def test_results_of_our_border_are_believed_one_received_line_further_down_at_the_re_entry(office, connect):
    head = (b"Received: from client.example by mx.example.com; Sat, 14 Nov 2026 10:00:00 +0100\r\n"
            b"Authentication-Results: mx.example.com; dkim=pass header.d=kunde.example\r\n")
    mail = head + office.tagged_mail(border=[]).as_bytes()
    again = connect(port=office.kwit.postfix.reentry_port, source="127.0.0.1")
    assert was_taken(again.deliver("anna@kunde.example", [office.tagged], mail))
    assert office.receipt()["authenticated_by"] == "dkim"


def test_with_the_archive_moved_away_import_mail_is_put_off_and_ordinary_mail_passes(office, sink):
    moved = office.kwit.archive.with_name("moved")
    office.kwit.archive.rename(moved)
    try:
        assert was_refused(office.send_open(), 451, "4.3.0", "archive-unavailable")
        assert was_taken(office.send(office.open_mail(), [BOSS]))
        assert sink.wait_to(BOSS)[0].recipients == [BOSS]
    finally:
        shutil.rmtree(office.kwit.archive, ignore_errors=True)
        moved.rename(office.kwit.archive)
    wait_for(lambda: was_taken(office.send_open()), "the archive to be noticed again", 30)
    assert len(office.documents()) >= 1


@pytest.mark.parametrize("replaced", [False, True], ids=["away", "another one in its place"])
def test_an_archive_that_leaves_between_data_and_the_end_of_a_mail_costs_a_451_and_nothing_else(office, connect, replaced):
    archive, moved, other = (office.kwit.archive.with_name(name) for name in ("archive", "moved", "other"))
    shutil.copytree(archive, other)
    mail = office.open_mail()
    session = connect()
    session.ask("MAIL", f"FROM:<{SUPPLIER}>")
    assert session.ask("RCPT", f"TO:<{office.open_address}>").code == 250
    assert session.ask("DATA").code == 354
    archive.rename(moved)
    if replaced:
        other.rename(archive)
    session.send(mail.as_bytes() + b".\r\n")
    code, text = session.getreply()
    assert code == 451 and b"archive-unavailable" in text
    if replaced:
        assert office.kwit.rows("receipt", "list") == []
        archive.rename(other)
    moved.rename(archive)
    wait_for(lambda: was_taken(office.send(mail, [office.open_address])), "the archive to be noticed again", 30)
    assert office.receipt()["verdict"] == "imported" and office.document()
    assert len(office.notices()) == 1
    assert office.kwit.run("verify").returncode == 0


def test_more_ends_of_mails_at_once_than_allowed_are_busy_and_nothing_is_lost(make_office):
    office = make_office({"limits.ends_at_once": "1"})

    def prepared(number: int) -> tuple[Client, bytes]:
        """A session whose mail lacks nothing but its end: whatever it hears then is about that."""
        session = Client(office.kwit.postfix.port)
        session.ask("MAIL", f"FROM:<{SUPPLIER}>")
        assert session.ask("RCPT", f"TO:<{office.open_address}>").code == 250
        assert session.ask("DATA").code == 354
        mail = office.open_mail(f"Rechnung {number}", mails.one_pdf(mails.pdf(f"mail {number}", size=6_000_000))).as_bytes()
        session.send(mail)
        return session, mail

    def end(session: Client, number: int):
        session.send(b".\r\n")
        answers[number] = session.getreply()

    sent, answers = {}, {}
    for _ in range(10):  # until two of them meet
        crowd = {len(sent) + n: prepared(len(sent) + n) for n in range(5)}
        sent |= {number: mail for number, (_, mail) in crowd.items()}
        threads = [threading.Thread(target=end, args=(session, number)) for number, (session, _) in crowd.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for session, _ in crowd.values():
            session.close()
        if any(code != 250 for code, _ in answers.values()):
            break
    busy = [number for number, (code, _) in answers.items() if code != 250]
    assert busy and len(busy) < len(answers)  # whoever came first was not put off
    assert all(answers[number][0] == 451 and b"4.3.2 busy: " in answers[number][1] for number in busy)
    assert len(office.receipts(len(sent) - len(busy))) == len(sent) - len(busy)
    counted = wait_for(lambda: office.kwit.rows("report")[0]["mail_refusals"]["by_reason"], "what was put off to be counted")
    assert {row["reason"]: row["count"] for row in counted} == {"busy": len(busy)}
    for number in busy:
        assert was_taken(office.send(sent[number], [office.open_address]))
    assert len(office.receipts(len(sent))) == len({d["sha256"] for d in office.documents()}) == len(sent)


def test_a_milter_without_an_archive_runs_and_finds_it_when_it_is_there(make_kwit, sink):
    """It never makes one itself: that would hide a disk that was not mounted (docs/decisions)."""
    office = Office(make_kwit())
    office.open_address = "aaaaaaaaaa-x@in.example.com"
    assert was_refused(office.send_open(), 451, "4.3.0", "archive-unavailable")
    assert was_taken(office.send(office.open_mail(), [BOSS]))
    assert sink.wait_to(BOSS)[0].recipients == [BOSS]
    assert not office.kwit.archive.exists()
    office.open()  # the first command makes it
    wait_for(lambda: was_taken(office.send_open()), "the archive to be opened", 10)


def test_when_the_disk_is_nearly_full_import_mail_is_put_off_at_rcpt(make_office, sink):
    office = make_office({"archive.min_free": '"900000GiB"'})
    answer = office.send_open()
    assert was_refused(answer, 452, "4.3.1", "storage-full")
    assert answer.end is None
    assert was_taken(office.send(office.open_mail(), [BOSS]))
    assert sink.wait()


def test_sigterm_ends_the_milter_with_an_idle_session_open(office, connect):
    session = connect()
    session.ask("MAIL", f"FROM:<{SUPPLIER}>")
    office.kwit.process.send_signal(signal.SIGTERM)
    assert office.kwit.process.wait(10) == 0
    assert 400 <= session.ask("RCPT", f"TO:<{office.open_address}>").code < 500


def test_a_commit_under_way_is_finished_at_sigterm(office):
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(office.send_open(
        files=mails.one_pdf(mails.pdf(size=2_000_000))))) for _ in range(6)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    assert office.kwit.stop(signal.SIGTERM) == 0
    for thread in threads:
        thread.join()
    taken = sum(was_taken(answer) for answer in answers)
    assert all(was_taken(answer) or 400 <= answer.last.code < 500 for answer in answers)
    assert len(office.kwit.rows("document", "list")) >= taken
    assert office.kwit.run("verify").returncode == 0


def test_a_second_instance_is_refused_with_a_clear_message_and_the_first_goes_on(office):
    second = subprocess.run(office.kwit.milter_command(), capture_output=True, text=True, timeout=30,
                            env=office.kwit.environment())
    assert second.returncode == 1  # 2 would keep a service manager from trying again
    assert "running" in second.stderr and str(office.kwit.postfix.socket) in second.stderr
    assert was_taken(office.send_open())


def test_connections_that_say_nothing_are_no_accident(office):
    for _ in range(20):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(str(office.kwit.postfix.socket))
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(office.kwit.postfix.socket))
        s.send(b"\0\0\0\x05junk")
    assert was_taken(office.send_open())


def test_the_socket_has_the_mode_and_group_of_the_configuration(office):
    stat = office.kwit.postfix.socket.stat()
    assert stat.st_mode & 0o777 == 0o660
    assert grp.getgrgid(stat.st_gid).gr_name == "postfix"


def test_sigusr1_reloads_and_open_connections_keep_what_they_began_with(office, connect):
    old = connect()
    assert old.noop()[0] == 250
    office.kwit.configure({"limits.message": '"100KiB"'})
    office.kwit.reload()

    def refused_anew() -> bool:
        answer = office.send(office.open_mail(), [office.open_address], options="SIZE=200000")
        return was_refused(answer, 552, "5.3.4", "message-too-large")

    wait_for(refused_anew, "the new limit", 10)
    assert was_taken(old.deliver(SUPPLIER, [office.open_address], office.open_mail().as_bytes(), "SIZE=200000"))


def test_a_reload_of_a_wrong_configuration_changes_nothing_and_is_logged(office):
    good = office.kwit.config.read_text()
    office.kwit.configure({"limits.mesage": '"1MiB"'})
    office.kwit.reload()
    wait_for(lambda: "mesage" in office.kwit.log_text(), "the mistake in the log", 10)
    assert was_taken(office.send_open())
    office.kwit.config.write_text(good)
    assert office.receipt()["verdict"] == "imported"
