"""kwit-milter under a service manager: what it tells, and how fast it ends."""

import grp
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import time

import pytest

from harness.postfix import free_ports, wait_for
from office import SUPPLIER, was_taken


class Manager:
    """The ear of a service manager: what sd_notify(3) says arrives here, as datagrams."""

    def __init__(self, path):
        self.path = path
        self.ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.ear.bind(str(path))
        path.chmod(0o777)  # as the service manager's own
        self.heard: list[dict[str, str]] = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ear.close()

    def hear(self, word: str, seconds: float = 10) -> dict[str, str]:
        """The first message with this word that comes from now on; all are kept in `heard`."""
        self.ear.settimeout(seconds)
        while True:
            message = dict(line.split("=", 1) for line in self.ear.recv(4096).decode().splitlines())
            self.heard.append(message)
            if word in message:
                return message


@pytest.fixture
def manager(postfix, monkeypatch):
    path = postfix.dir / "notify"
    path.unlink(missing_ok=True)
    monkeypatch.setenv("NOTIFY_SOCKET", str(path))
    with Manager(path) as manager:
        yield manager


def test_readiness_reload_and_the_end_are_told(manager, office):
    ready = manager.hear("READY")
    assert ready["STATUS"] == f"listens on unix:{office.kwit.postfix.socket}, archive {office.kwit.archive}"
    before = time.monotonic_ns() // 1000
    office.kwit.reload()
    reloading = manager.hear("RELOADING")
    assert before <= int(reloading["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000
    assert manager.hear("READY") == ready
    office.kwit.stop()
    assert manager.hear("STOPPING")["STOPPING"] == "1"


def test_the_user_that_kwit_becomes_can_call_its_own_socket(manager, make_kwit, monkeypatch):
    """For the watchdog and the nudge; the socket is made before, as root."""
    monkeypatch.setenv("WATCHDOG_USEC", "900000")
    kwit = make_kwit({"milter.user": '"nobody"'}, start=False)
    directory = kwit.postfix.socket.parent
    before = directory.stat()
    os.chown(directory, pwd.getpwnam("nobody").pw_uid, -1)
    try:
        kwit.start()
        manager.hear("WATCHDOG")
        assert kwit.stop() == 0
        assert not kwit.postfix.socket.exists()
    finally:
        os.chown(directory, before.st_uid, -1)


@pytest.mark.postfix_only("Sendmail connects as root: its socket needs no group")
def test_started_as_its_user_a_setgid_directory_gives_the_socket_to_postfix(manager, make_kwit):
    """As systemd does it: no root, no capability, not in Postfix's group."""
    kwit = make_kwit({"milter.user": '"nobody"'}, start=False)
    directory = kwit.postfix.socket.parent
    before = directory.stat()
    nobody = pwd.getpwnam("nobody")
    os.chown(directory, nobody.pw_uid, -1)
    kwit.postfix.socket.unlink(missing_ok=True)
    kwit.postfix.socket.with_name("kwit.sock.lock").unlink(missing_ok=True)
    # The tree may lie where only its owner comes, such as /root.
    program = shutil.copy2(kwit.milter_command()[0], kwit.dir / "kwit-milter")
    milter = subprocess.Popen([program, *kwit.milter_command()[1:]], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              env=kwit.environment(), user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[])
    try:
        manager.hear("READY")
        stat = kwit.postfix.socket.stat()
        assert (stat.st_uid, stat.st_gid) == (nobody.pw_uid, grp.getgrnam("postfix").gr_gid)
        assert stat.st_mode & 0o777 == 0o660
    finally:
        milter.terminate()
        assert milter.wait(10) == 0
        os.chown(directory, before.st_uid, -1)


def test_at_ready_the_socket_takes_connections(manager, make_kwit):
    kwit = make_kwit(start=False)
    milter = subprocess.Popen(kwit.milter_command(), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              env=kwit.environment())
    try:
        manager.hear("READY")
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(str(kwit.postfix.socket))
    finally:
        milter.terminate()
    assert milter.wait(10) == 0


def test_a_reload_of_a_wrong_configuration_ends_the_reload_and_says_so(manager, office):
    manager.hear("READY")
    office.kwit.configure({"limits.mesage": '"1MiB"'})
    office.kwit.reload()
    manager.hear("RELOADING")
    assert "the old one stays" in manager.hear("READY")["STATUS"]
    office.kwit.configure({})


def test_a_living_milter_answers_the_watchdog_again_and_again(manager, make_kwit, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "900000")
    kwit = make_kwit()
    manager.hear("READY")
    for _ in range(5):
        manager.hear("WATCHDOG", 0.9)
    assert "watchdog" not in kwit.log_text()


def test_a_milter_that_does_not_run_any_more_does_not_answer_the_watchdog(manager, make_kwit, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "900000")
    kwit = make_kwit()
    manager.hear("WATCHDOG")
    kwit.process.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(TimeoutError):
            for _ in range(3):  # one may be on its way
                manager.hear("WATCHDOG", 0.9)
    finally:
        kwit.process.send_signal(signal.SIGCONT)
    manager.hear("WATCHDOG")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_milter_that_is_idle_ends_at_once(office, connect, how):
    session = connect()
    session.ask("MAIL", f"FROM:<{SUPPLIER}>")
    assert was_taken(office.send_open())
    began = time.monotonic()
    office.kwit.process.send_signal(how)
    assert office.kwit.process.wait(10) == 0
    assert time.monotonic() - began < 4  # libmilter by itself looks every five seconds


def test_no_thread_but_the_main_one_waits_for_signals(office):
    """libmilter's own would have one first whenever the main thread is about something else, and take five seconds."""
    pid = office.kwit.process.pid
    for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
        status = (thread / "status").read_text()
        blocked = int(next(line for line in status.splitlines() if line.startswith("SigBlk:")).split()[1], 16)
        if thread.name != str(pid):
            assert all(blocked >> (number - 1) & 1 for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)), status


@pytest.mark.parametrize("after_ms", [0, 5, 20, 300])
def test_on_an_inet_socket_it_ends_at_once(make_kwit, after_ms):
    """In its first moments, too, when libmilter's own thread waits for the same signal."""
    port = free_ports(1)[0]
    kwit = make_kwit({"milter.socket": f'"inet:{port}@127.0.0.1"'}, start=False)
    milter = subprocess.Popen(kwit.milter_command(), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              env=kwit.environment())

    def listens() -> bool:
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", port)) == 0

    wait_for(listens, "kwit-milter to listen")
    time.sleep(after_ms / 1000)
    began = time.monotonic()
    milter.terminate()
    assert milter.wait(10) == 0
    assert time.monotonic() - began < 4  # libmilter by itself looks every five seconds
