"""What fails around kwit while it runs: the documented 4xx, one line in the log, and on it goes by itself.

docs/reliability.md has the table that these tests are behind.
"""

import errno
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import threading
import time

import pytest

from faulty import MAKE, META, OPEN, SYNC, WRITE, Faults, Mounts, can_mount, lines_with, the_error
from harness import mails
from harness.postfix import wait_for
from harness.smtp import HANG, Client, Sink
from office import OPEN_NOTIFY, SUPPLIER, Office, was_refused, was_taken

BOSS = "boss@example.com"
MIB = 1 << 20


@pytest.fixture
def faulty_office(make_kwit):
    """An office whose milter meets what `faults` says."""
    def make(changes=None, milter_prefix=()) -> Office:
        kwit = make_kwit(changes, start=False)
        kwit.milter_prefix = list(milter_prefix)
        faults = Faults(kwit)
        office = Office(kwit).open()
        kwit.start()
        wait_for(lambda: has_open(kwit, kwit.archive / "index" / "data.mdb"), "the archive to be opened")
        office.faults = faults
        return office
    return make


def has_open(kwit, path: pathlib.Path) -> bool:
    links = pathlib.Path(f"/proc/{kwit.process.pid}/fd").iterdir()
    return any(os.readlink(link) == str(path) for link in links if link.is_symlink())


@pytest.fixture
def on_own_disk(make_kwit):
    """An office whose archive is a small disk of its own."""
    if not can_mount():
        pytest.skip("this machine lets nobody mount")
    opened = []

    def make(size: str, changes=None, options: str = "rw", start: bool = True) -> Office:
        kwit = make_kwit({"archive.min_free": '"1MiB"', "archive.map_size": '"16MiB"'} | (changes or {}), start=False)
        mounts = Mounts(kwit)
        opened.append(mounts)
        mounts.disk(kwit.archive, size)
        office = Office(kwit).open()
        office.mounts = mounts
        if options != "rw":
            mounts.run("mount", "-o", f"remount,{options}", str(kwit.archive))
        if start:
            kwit.start()
        return office

    yield make
    for mounts in opened:
        mounts.close()


def put_off(office: Office, code: int, enhanced: str, reason: str, mail=None) -> bool:
    answer = office.send(mail or office.open_mail(), [office.open_address])
    return was_refused(answer, code, enhanced, reason)


def ordinary_mail_passes(office: Office, sink: Sink):
    before = len(sink.to(BOSS))
    assert was_taken(office.send(office.open_mail(), [BOSS]))
    sink.wait_to(BOSS, before + 1)


def comes_back(office: Office, mail):
    wait_for(lambda: was_taken(office.send(mail, [office.open_address])), "mail to be taken again", 20)


def check_filed_once(office: Office, count: int = 1):
    """So many mails, each filed once with its document, and nothing that is not whole."""
    receipts = office.receipts(count)
    assert [receipt["verdict"] for receipt in receipts] == ["imported"] * count
    assert len({document["sha256"] for document in office.documents()}) == len(office.documents()) == count
    done = office.kwit.run("verify")
    assert done.returncode == 0, done.stdout


# ── the disk ─────────────────────────────────────────────────────────────────────────────────────


def test_a_disk_that_fills_up_at_any_write_of_a_mail_costs_a_452_and_nothing_is_half_filed(faulty_office):
    """The nth write fails and all after it, for n = 1 and on, until a mail gets through."""
    office = faulty_office()
    failed = 0
    for passing in range(60):
        mail = office.open_mail(files=mails.one_pdf(mails.pdf(f"mail {passing}", size=200_000)))
        office.faults.strike(WRITE | MAKE, errno.ENOSPC, skip=passing)
        answer = office.send(mail, [office.open_address])
        office.faults.stop()
        if was_taken(answer):
            break
        # The mark of a notice may have met the full disk first: then the index is just being opened anew.
        full = was_refused(answer, 452, "4.3.1", "storage-full")
        assert full or was_refused(answer, 451, "4.3.0", "archive-unavailable"), answer
        failed += full
        assert len(office.kwit.rows("receipt", "list")) == passing
        comes_back(office, mail)
    assert failed >= 6, "the calls are not struck any more"
    check_filed_once(office, passing + 1)
    assert any("No space left on device; free some space" in line for line in lines_with(office.kwit, "error"))


def test_a_sync_that_fails_costs_a_451_and_is_never_tried_again_on_the_same_file(faulty_office):
    """The nth sync fails once: of a file, of a directory, of the index."""
    office = faulty_office()
    failed = 0
    for passing in range(60):
        mail = office.open_mail(files=mails.one_pdf(mails.pdf(f"mail {passing}")))
        office.faults.strike(SYNC, errno.EIO, skip=passing, count=1)
        answer = office.send(mail, [office.open_address])
        struck = office.faults.stop()
        if was_taken(answer):
            if struck == 0:
                break
            continue  # it hit the counters of what was refused before
        assert was_refused(answer, 451, "4.3.0", "archive-unavailable"), answer
        failed += 1
        comes_back(office, mail)
    assert failed >= 6, "the calls are not struck any more"
    check_filed_once(office, len(office.documents()))
    assert office.kwit.process.poll() is None


def test_an_index_that_breaks_in_a_failed_write_is_opened_again_by_itself(faulty_office, sink):
    """LMDB cannot go on after its last step failed (MDB_PANIC): it is closed and opened anew."""
    office = faulty_office()
    mail = office.open_mail()
    office.faults.strike(META, errno.EIO, count=1)
    assert put_off(office, 451, "4.3.0", "archive-unavailable", mail)
    assert office.faults.stop() == 1
    ordinary_mail_passes(office, sink)
    comes_back(office, mail)
    check_filed_once(office)
    office.arrived(sink, "import", OPEN_NOTIFY)
    assert "Input/output error; look at the disk" in the_error(office.kwit)
    warned = [line for line in lines_with(office.kwit, "warning") if "it is closed and opened again by itself" in line]
    assert len(warned) == 1
    assert office.kwit.log_text().count("is back") == 1


def test_a_sender_who_is_slow_does_not_keep_a_broken_index_from_being_opened_again(faulty_office, connect):
    office = faulty_office()
    slow = connect()
    slow.ask("MAIL", f"FROM:<{SUPPLIER}>")
    assert slow.ask("RCPT", f"TO:<{office.open_address}>").code == 250
    assert slow.ask("DATA").code == 354
    office.faults.strike(META, errno.EIO, count=1)
    assert put_off(office, 451, "4.3.0", "archive-unavailable")
    office.faults.stop()
    mail = office.open_mail(files=mails.one_pdf(mails.pdf("quick")))
    comes_back(office, mail)
    slow.send(office.open_mail().as_bytes() + b".\r\n")
    code, text = slow.getreply()
    assert code == 451 and b"archive-unavailable" in text
    check_filed_once(office)


def test_a_real_disk_that_is_full_in_the_middle_of_a_mail(on_own_disk, connect, sink):
    office = on_own_disk("48M")
    mail = office.open_mail(files=mails.one_pdf(mails.pdf(size=2 * MIB)))
    session = connect()
    session.ask("MAIL", f"FROM:<{SUPPLIER}>")
    assert session.ask("RCPT", f"TO:<{office.open_address}>").code == 250
    assert session.ask("DATA").code == 354
    filler = office.mounts.fill(office.kwit.archive)
    session.send(mail.as_bytes() + b".\r\n")
    code, text = session.getreply()
    assert code == 452 and b"4.3.1 storage-full" in text
    assert put_off(office, 452, "4.3.1", "storage-full", mail)  # and the next one hears it at RCPT
    ordinary_mail_passes(office, sink)
    errors = lines_with(office.kwit, "error")
    assert len(errors) <= 2 and all("; free some space" in line for line in errors), errors  # the mail's, and RCPT's
    office.mounts.run("rm", str(filler))
    comes_back(office, mail)
    check_filed_once(office)


def test_a_file_system_that_became_read_only(faulty_office, sink):
    office = faulty_office()
    mail = office.open_mail()
    with office.faults.lasting(WRITE | MAKE, errno.EROFS):
        assert put_off(office, 451, "4.3.0", "archive-unavailable", mail)
        ordinary_mail_passes(office, sink)
    assert "Read-only file system; mount the file system for writing" in the_error(office.kwit)
    comes_back(office, mail)
    check_filed_once(office)


def test_an_archive_that_is_mounted_read_only_is_opened_when_it_can_be_written(on_own_disk, sink):
    office = on_own_disk("32M", options="ro")
    mail = office.open_mail()
    assert put_off(office, 451, "4.3.0", "archive-unavailable", mail)
    ordinary_mail_passes(office, sink)
    assert "Read-only file system; mount the file system for writing" in the_error(office.kwit)
    office.mounts.run("mount", "-o", "remount,rw", str(office.kwit.archive))
    comes_back(office, mail)
    check_filed_once(office)
    assert "is back" in office.kwit.log_text()


# ── the archive's directory ──────────────────────────────────────────────────────────────────────


def test_an_archive_that_is_removed_and_put_back_from_a_copy(faulty_office, sink):
    office = faulty_office()
    archive, copy = office.kwit.archive, office.kwit.archive.with_name("copy")
    shutil.copytree(archive, copy)
    shutil.rmtree(archive)
    mail = office.open_mail()
    assert put_off(office, 451, "4.3.0", "archive-unavailable", mail)
    ordinary_mail_passes(office, sink)
    # Whoever opened it in the middle of that has a line of its own.
    error = lines_with(office.kwit, "error")[-1]
    assert "cannot find the index" in error and "mount its disk" in error
    assert not archive.exists()
    copy.rename(archive)
    comes_back(office, mail)
    check_filed_once(office)


def test_permissions_that_are_taken_away_and_given_back(make_kwit, sink):
    kwit = make_kwit({"milter.user": '"nobody"'}, start=False)
    nobody, directory = pwd.getpwnam("nobody").pw_uid, kwit.postfix.socket.parent
    before = directory.stat()
    os.chown(directory, nobody, -1)
    try:
        office = Office(kwit).open()
        for path in [kwit.archive, *kwit.archive.rglob("*")]:
            os.chown(path, nobody, -1)
        kwit.start()
        mail = office.open_mail()
        kwit.archive.chmod(0)
        assert put_off(office, 451, "4.3.0", "archive-unavailable", mail)
        ordinary_mail_passes(office, sink)
        assert "Permission denied; give the user that runs kwit the rights to it" in the_error(kwit)
        kwit.archive.chmod(0o750)
        comes_back(office, mail)
        check_filed_once(office)
        (kwit.archive / "objects" / "sha256").chmod(0o550)  # only what is new cannot be made
        other = office.open_mail(files=mails.one_pdf(mails.pdf("other")))
        assert put_off(office, 451, "4.3.0", "archive-unavailable", other)
        (kwit.archive / "objects" / "sha256").chmod(0o750)
        comes_back(office, other)
        check_filed_once(office, 2)
        kwit.stop()
    finally:
        os.chown(directory, before.st_uid, -1)


# ── the index ────────────────────────────────────────────────────────────────────────────────────


def bulky(office: Office, number: int):
    """A mail whose receipt takes much of the index."""
    files = [(f"{number}-{part}-{'x' * 180}.pdf", mails.pdf(f"{number} {part}"), "application/pdf") for part in range(30)]
    return office.open_mail(f"Rechnung {number}", files)


def test_an_index_that_is_full_takes_mail_again_after_a_reload_with_a_larger_map(faulty_office, sink):
    office = faulty_office({"archive.map_size": '"1MiB"', "outbox.submit": '"smtp://127.0.0.1:1"'})
    taken = 0
    while was_taken(answer := office.send(bulky(office, taken), [office.open_address])):
        taken += 1
        assert taken < 200
    assert was_refused(answer, 452, "4.3.1", "storage-full")
    ordinary_mail_passes(office, sink)
    assert "MDB_MAP_FULL" in the_error(office.kwit) and "raise map_size in the [archive] section" in the_error(office.kwit)
    assert len(office.kwit.rows("receipt", "list")) == taken
    office.kwit.configure({"archive.map_size": '"16MiB"', "outbox.submit": '"smtp://127.0.0.1:1"'})
    office.kwit.reload()
    comes_back(office, bulky(office, taken))
    assert len(office.receipts(taken + 1)) == taken + 1
    assert len(office.documents()) == (taken + 1) * 30
    assert office.kwit.run("verify").returncode == 0


READER = """
import ctypes, sys
lmdb = ctypes.CDLL("liblmdb.so.0")
env = ctypes.c_void_p()
lmdb.mdb_env_create(ctypes.byref(env))
lmdb.mdb_env_set_maxdbs(env, 64)
assert lmdb.mdb_env_open(env, sys.argv[1].encode(), 0x20000 | 0x200000, 0) == 0  # MDB_RDONLY, MDB_NOTLS
held = 0
while held < int(sys.argv[2]):
    txn = ctypes.c_void_p()
    if lmdb.mdb_txn_begin(env, None, 0x20000, ctypes.byref(txn)) != 0:
        break
    held += 1
print(held, flush=True)
sys.stdin.read()
"""


def hold_readers(office: Office, count: int) -> tuple[subprocess.Popen, int]:
    """A program that looks at so many moments of the index, and the number it got."""
    holder = subprocess.Popen(["/usr/bin/python3", "-c", READER, str(office.kwit.archive / "index"), str(count)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    office.kwit.postfix.keep_pid(holder.pid)
    return holder, int(holder.stdout.readline())


def end_by_force(office: Office, process: subprocess.Popen):
    process.kill()
    process.communicate()
    office.kwit.postfix.forget_pid(process.pid)


def test_a_table_of_readers_that_is_full_and_whose_owner_is_killed(faulty_office, sink):
    office = faulty_office()
    mail = office.open_mail()
    holder, held = hold_readers(office, 100_000)
    assert held > 1000
    assert put_off(office, 451, "4.3.0", "archive-unavailable", mail)
    ordinary_mail_passes(office, sink)
    assert "too many programs read the index at once: end some of them" in the_error(office.kwit)
    end_by_force(office, holder)  # no goodbye: the places stay taken until somebody looks
    comes_back(office, mail)
    check_filed_once(office)


def test_the_place_of_a_reader_that_was_killed_in_a_long_read_is_given_back(faulty_office):
    office = faulty_office()
    holder, held = hold_readers(office, 1)
    assert held == 1
    end_by_force(office, holder)
    office.faults["monotonic_ms"] = 61_000  # a minute later
    assert was_taken(office.send_open())
    assert "1 readers of the index had died" in office.kwit.log_text()


# ── descriptors, memory, the clock, time zones ───────────────────────────────────────────────────


def set_open_files(office: Office, soft: int):
    subprocess.run(["prlimit", "--pid", str(office.kwit.process.pid), f"--nofile={soft}:"], check=True)


def lowest_free_descriptor(office: Office) -> int:
    used = {int(name) for name in os.listdir(f"/proc/{office.kwit.process.pid}/fd")}
    return next(number for number in range(len(used) + 1) if number not in used)


def nothing_is_under_way(office: Office):
    """No notice is being sent, no session is being closed: what descriptors are in use stay so."""
    wait_for(lambda: not office.kwit.rows("outbox", "list"), "the outbox to be empty")
    counts = [-1]

    def settled() -> bool:
        time.sleep(0.3)
        counts.append(len(os.listdir(f"/proc/{office.kwit.process.pid}/fd")))
        return counts[-1] == counts[-2]

    wait_for(settled, "descriptors to stay as they are")


def test_when_descriptors_run_short_import_mail_is_put_off_at_rcpt_and_ordinary_mail_has_some(faulty_office, sink):
    office = faulty_office()
    mail = office.open_mail()
    nothing_is_under_way(office)
    set_open_files(office, lowest_free_descriptor(office) * 4 // 3 + 1)  # of which a quarter is left
    assert put_off(office, 451, "4.3.2", "busy", mail)
    ordinary_mail_passes(office, sink)
    assert "open files that the system allows" in the_error(office.kwit)
    assert "raise the limit of open files (LimitNOFILE= of the service)" in the_error(office.kwit)
    set_open_files(office, 1024)
    comes_back(office, mail)
    check_filed_once(office)


def test_descriptors_that_run_out_in_the_middle_of_a_mail_cost_a_451(faulty_office, sink):
    office = faulty_office()
    failed = 0
    for passing in range(60):
        mail = office.open_mail(files=mails.one_pdf(mails.pdf(f"mail {passing}")))
        office.faults.strike(OPEN, errno.EMFILE, skip=passing)
        answer = office.send(mail, [office.open_address])
        office.faults.stop()
        if was_taken(answer):
            break
        assert was_refused(answer, 451, "4.3.2", "busy"), answer
        failed += 1
        comes_back(office, mail)  # an index that could not be opened is tried again after a pause
    assert failed >= 4, "the calls are not struck any more"
    check_filed_once(office, passing + 1)
    assert "Too many open files; raise the limit of open files" in the_error(office.kwit)


def test_as_many_descriptors_as_the_system_allows_are_taken(make_kwit):
    kwit = make_kwit(start=False)
    kwit.milter_prefix = ["prlimit", "--nofile=128:4096", "--"]
    kwit.start()
    wait_for(lambda: "listens on" in kwit.log_text(), "kwit-milter to be ready")
    limits = pathlib.Path(f"/proc/{kwit.process.pid}/limits").read_text()
    assert next(line for line in limits.splitlines() if line.startswith("Max open files")).split()[3:5] == ["4096", "4096"]


def test_a_clock_that_goes_back_six_hours(faulty_office, postfix, tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:  # under a watchdog, too
        manager.bind(str(tmp_path / "notify"))
        threading.Thread(target=lambda: [None for _ in iter(lambda: manager.recv(4096), None)], daemon=True).start()
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "900000")
        office = faulty_office({"outbox.submit": '"smtp://127.0.0.1:1"'})
        check_clock_goes_back(office, postfix)
        office.kwit.stop()


def check_clock_goes_back(office: Office, postfix):
    assert was_taken(office.send_open())
    wait_for(lambda: all(row["attempts"] for row in office.kwit.rows("outbox", "list")), "an attempt")
    office.kwit.configure({"outbox.submit": f'"smtp://127.0.0.1:{postfix.submit_port}"'})
    office.kwit.reload()
    wait_for(lambda: "was read again" in office.kwit.log_text(), "the reload")
    office.faults["realtime_ms"] = -6 * 3600 * 1000
    # What was put off for a minute by the clock before is due now, and not in six hours.
    first = office.receipt()["id"]
    wait_for(lambda: office.show(first)["notices"][0]["state"] == "sent", "the notice", 10)
    assert was_taken(office.send_open(files=mails.one_pdf(mails.pdf("second"))))
    first, second = office.receipts(2)
    assert first["id"] < second["id"]
    assert first["received_at"] > second["received_at"]
    assert len({document["period"] for document in office.documents()}) == 1
    wait_for(lambda: office.show(second["id"])["notices"][0]["state"] == "sent", "the second notice", 10)
    assert lines_with(office.kwit, "error") == []
    assert office.kwit.run("verify").returncode == 0


def test_without_time_zone_data_mail_waits_instead_of_getting_the_wrong_month(make_kwit, sink):
    if not can_mount():
        pytest.skip("this machine lets nobody mount")
    kwit = make_kwit(start=False)
    office = Office(kwit).open()
    mounts = Mounts(kwit)
    empty = kwit.dir / "empty"
    empty.mkdir()
    mounts.run("mount", "--bind", str(empty), "/usr/share/zoneinfo")
    try:
        kwit.start()
        mail = office.open_mail()
        assert put_off(office, 451, "4.3.0", "archive-unavailable", mail)
        ordinary_mail_passes(office, sink)
        assert "there is no time zone data; install the package tzdata" in the_error(kwit)
        mounts.run("umount", "/usr/share/zoneinfo")
        comes_back(office, mail)
        check_filed_once(office)
    finally:
        mounts.close()


# ── the server that takes our notices ────────────────────────────────────────────────────────────


def test_a_mail_server_that_is_silent_does_not_keep_an_archive_from_being_replaced(make_office):
    """Import mail needs the archive anew while the submitter waits for an answer."""
    server = Sink()
    try:
        server.behave(DATA=HANG)
        office = make_office({"outbox.submit": f'"smtp://127.0.0.1:{server.port}"'})
        assert was_taken(office.send_open())
        wait_for(lambda: server.sessions, "the submitter to wait")
        archive, old = office.kwit.archive, office.kwit.archive.with_name("old")
        archive.rename(old)
        shutil.copytree(old, archive)
        other = office.open_mail(files=mails.one_pdf(mails.pdf("other")))
        began = time.monotonic()
        comes_back(office, other)
        assert time.monotonic() - began < 10  # its patience is a minute
        check_filed_once(office, 2)
    finally:
        server.close()


# ── the log ──────────────────────────────────────────────────────────────────────────────────────


def test_a_fault_that_lasts_for_hundreds_of_mails_is_told_once_a_minute_with_their_number(faulty_office, postfix):
    office = faulty_office({"archive.min_free": '"900000GiB"'})
    mails_put_off = 300
    for _ in range(mails_put_off // 15):  # Postfix ends a session of twenty errors
        with Client(postfix.port) as session:
            for _ in range(15):
                session.ask("MAIL", f"FROM:<{SUPPLIER}>")
                assert session.ask("RCPT", f"TO:<{office.open_address}>").code == 452
                session.ask("RSET")
    put_off_there = office.kwit.log_text().count("storage-full")
    assert put_off_there == mails_put_off
    assert "lower min_free in the [archive] section" in the_error(office.kwit)
    office.faults["monotonic_ms"] = 61_000  # a minute later
    assert put_off(office, 452, "4.3.1", "storage-full")
    errors = wait_for(lambda: len(e := lines_with(office.kwit, "error")) >= 2 and e, "the number of the others", 5)
    assert len(errors) <= 3 and f"({put_off_there - 1} " in errors[1]
