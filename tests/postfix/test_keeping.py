"""Keeping the archive: sweep, backup, restore and verify through the real commands, beside a running milter."""

import contextlib
import hashlib
import json
import os
import pathlib
import pwd
import shutil
import subprocess
import threading
import time

import pytest

from harness import mails
from harness.postfix import wait_for
from office import was_refused, was_taken

DAY = 24 * 3600


def object_in(place: pathlib.Path, digest: str) -> pathlib.Path:
    return place / "objects" / "sha256" / digest[:2] / digest[2:4] / digest


def orphan(office, content: bytes, days: float) -> str:
    """An object that no row names, published so many days ago; its digest."""
    digest = hashlib.sha256(content).hexdigest()
    path = object_in(office.kwit.archive, digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    changed = time.time() - days * DAY
    os.utime(path, (changed, changed))
    return digest


def nothing_owed(office):
    wait_for(lambda: not office.kwit.rows("outbox", "list"), "the notices to be sent")


def sweep(office, *options: str) -> tuple[list[dict], dict]:
    """What it told, and its summary."""
    *told, summary = office.kwit.rows("sweep", *options)
    assert summary["what"] == "summary"
    return told, summary


def entries(office, what: str) -> list[dict]:
    return [entry["about"] for entry in office.kwit.rows("journal", "list") if entry["what"] == what]


def is_whole(office) -> bool:
    done = office.kwit.run("verify")
    return done.returncode == 0 and b"all is whole" in done.stdout


def refused(done: subprocess.CompletedProcess, code: int, *words: str) -> bool:
    said = done.stderr.decode()
    assert done.returncode == code, (done.returncode, done.stdout, said)
    assert all(word in said for word in words), said
    return True


@pytest.fixture
def hasty(make_office):
    """An office that keeps originals for a second, with one mail of which nothing more is to be done since then."""
    office = make_office({"archive.keep_originals": '"1s"'})
    assert was_taken(office.send_open())
    nothing_owed(office)
    time.sleep(1.1)  # the second that they are kept
    return office


@pytest.fixture
def backup(office):
    """A backup of an office with a mail of each policy; its directory."""
    office.send_open()
    office.send_tagged(files=mails.one_pdf(mails.pdf("Faktura 18")))
    nothing_owed(office)
    directory = office.kwit.dir / "backup"
    office.kwit.text("backup", str(directory))
    return directory


def check(office, directory: pathlib.Path) -> tuple[int, list[dict]]:
    done = office.kwit.run("--json", "restore", "--check", str(directory))
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@contextlib.contextmanager
def mails_flowing(office):
    """Sends mails until the block ends; the replies to them, in order, and what was in them."""
    stop, sent = threading.Event(), []

    def send():
        while not stop.is_set():
            content = mails.pdf(f"flowing {len(sent)}")
            sent.append((content, office.send_open(files=mails.one_pdf(content))))

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield sent
        wait_for(lambda: len(sent) >= 3, "some mails to be sent")
    finally:
        stop.set()
        thread.join()


# sweep

def test_a_dry_run_shows_what_goes_and_why_and_changes_nothing(hasty):
    old, young = orphan(hasty, b"left by a crash", 2), orphan(hasty, b"on its way in", 0.5)
    notes = hasty.kwit.archive / "objects" / "notes.txt"
    notes.write_text("x")
    receipt = hasty.receipt()
    head = hasty.kwit.text("journal", "head")

    told, summary = sweep(hasty)
    by_name = {row["name"]: row for row in told}
    assert by_name.keys() == {receipt["original"], old, str(notes)}
    assert by_name[receipt["original"]]["what"] == "original"
    assert by_name[receipt["original"]]["receipts"] == [receipt["id"]]
    assert by_name[old]["what"] == "unreferenced"
    assert by_name[str(notes)]["what"] == "foreign"
    assert not summary["removed"]
    assert (summary["originals"], summary["unreferenced"], summary["young"], summary["foreign"]) == (1, 1, 1, 1)
    assert summary["originals_bytes"] == receipt["size"]
    text = hasty.kwit.text("sweep")
    assert f"of receipt {receipt['id']}" in text and "kwit sweep --delete" in text

    assert hasty.kwit.text("journal", "head") == head
    assert all(object_in(hasty.kwit.archive, digest).exists() for digest in (receipt["original"], old, young))


def test_a_sweep_removes_what_the_dry_run_showed_and_the_receipt_says_so(hasty):
    old, young = orphan(hasty, b"left by a crash", 2), orphan(hasty, b"on its way in", 0.5)
    receipt, document = hasty.receipt(), hasty.document()
    shown, _ = sweep(hasty)
    told, summary = sweep(hasty, "--delete")
    assert told == shown and summary["removed"]
    for digest, there in ((receipt["original"], False), (old, False), (young, True), (document["sha256"], True)):
        assert object_in(hasty.kwit.archive, digest).exists() == there

    after = hasty.receipt()
    assert after["original"] == receipt["original"] and after["original_removed_at"]
    assert "keep_originals was over" in hasty.kwit.text("receipt", "show", receipt["id"])
    assert refused(hasty.kwit.run("receipt", "original", receipt["id"]), 1,
                   f"the mail of receipt {receipt['id']} was removed on", "keep_originals was over")
    assert refused(hasty.kwit.run("import", "--receipt", receipt["id"], "--part", "1", "--category", "ER", "--period",
                                  "2026-11"), 1, "was removed on", "kwit import FILE --receipt")
    assert hasty.content(document["id"]) == mails.pdf()

    [removed] = entries(hasty, "original-removed")
    assert (removed["receipt"], removed["sha256"], removed["keep_originals"]) == (receipt["id"], receipt["original"], 1)
    assert entries(hasty, "objects-removed") == [{"objects": [{"sha256": old, "size": 15}]}]
    assert is_whole(hasty)
    assert sweep(hasty, "--delete")[0] == []


def test_what_a_person_has_to_settle_keeps_its_mail_until_then(make_office):
    office = make_office({"archive.keep_originals": '"1s"'})
    assert was_taken(office.send_tagged(subject="faktura listopad"))
    nothing_owed(office)
    time.sleep(1.1)
    assert office.receipt()["verdict"] == "failed"
    assert sweep(office, "--delete")[1]["originals"] == 0

    office.kwit.text("receipt", "resolve", office.receipt()["id"])
    assert sweep(office, "--delete")[1]["originals"] == 0  # its time begins when it was settled
    time.sleep(1.1)
    assert sweep(office, "--delete")[1]["originals"] == 1
    assert is_whole(office)


def test_mail_that_is_owed_keeps_the_mail_that_it_is_about(make_office):
    office = make_office({"archive.keep_originals": '"1s"', "outbox.submit": '"smtp://127.0.0.1:9"'})
    assert was_taken(office.send_open())
    time.sleep(1.1)
    assert sweep(office, "--delete")[1]["originals"] == 0


def test_mails_come_in_while_sweeps_run(make_office):
    office = make_office({"archive.keep_originals": '"1s"'})
    with mails_flowing(office) as sent:
        for number in range(6):
            orphan(office, f"orphan {number}".encode(), 2)
            assert office.kwit.run("sweep", "--delete").returncode == 0
            time.sleep(0.3)
    taken = {hashlib.sha256(content).hexdigest() for content, said in sent if was_taken(said)}
    assert all(said.last.code in (250, 451) for _, said in sent)
    assert taken == {document["sha256"] for document in office.documents()}
    assert is_whole(office)


# backup

def test_a_backup_is_whole_and_the_next_one_brings_only_what_is_new(office, backup):
    assert check(office, backup)[0] == 0
    assert backup.stat().st_mode & 0o777 == 0o700
    office.send_open(files=mails.one_pdf(mails.pdf("another")))
    nothing_owed(office)
    [summary] = office.kwit.rows("backup", str(backup))
    assert (summary["objects"], summary["linked"], summary["present"], summary["faults"]) == (6, 2, 4, 0)
    assert f"{summary['n']} {summary['sha256']}\n" == office.kwit.text("journal", "head")
    code, [checked] = check(office, backup)
    assert (code, checked["objects"], checked["receipts"], checked["unreferenced"]) == (0, 6, 3, 0)


def test_backups_beside_mails_that_come_in_are_each_whole(office):
    directory = office.kwit.dir / "backup"
    with mails_flowing(office) as sent:
        for options in ((), (), ("--copy",), ("--prune",)):
            before = sum(was_taken(said) for _, said in list(sent))
            office.kwit.text("backup", *options, str(directory))
            code, [checked] = check(office, directory)
            assert code == 0
            assert checked["receipts"] >= before  # all that was answered before is in it
    assert is_whole(office)


def test_a_backup_in_another_file_system_is_a_copy_and_a_full_one_keeps_the_earlier(office, backup):
    disk = office.kwit.dir / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3M,mode=0700", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode()}")
    try:
        [summary] = office.kwit.rows("backup", str(disk / "kwit"))
        assert (summary["copied"], summary["linked"]) == (4, 0)
        index = (disk / "kwit" / "index" / "data.mdb").read_bytes()

        office.send_open(files=mails.one_pdf(mails.pdf(size=4_000_000)))
        done = office.kwit.run("backup", str(disk / "kwit"))
        assert refused(done, 1, "No space left on device", "free some space")
        assert (disk / "kwit" / "index" / "data.mdb").read_bytes() == index
        assert not (disk / "kwit" / "new").exists()
        assert check(office, disk / "kwit")[0] == 0
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_damaged_and_a_missing_object_of_the_backup_are_named(office, backup):
    one, two = (document["sha256"] for document in office.documents())
    path = object_in(backup, one)
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.unlink()  # it is linked
    path.write_bytes(content)
    object_in(backup, two).unlink()
    code, rows = check(office, backup)
    assert code == 1
    assert {(row["what"], row["name"]) for row in rows[:-1]} == {("object-damaged", one), ("object-missing", two)}
    # Backing up again brings what is missing; what is damaged is brought when it was taken out.
    path.unlink()
    office.kwit.text("backup", str(backup))
    assert check(office, backup)[0] == 0


def test_what_the_archive_has_lost_makes_the_backup_say_no(office):
    office.send_open()
    lost = office.document()["sha256"]
    object_in(office.kwit.archive, lost).unlink()
    done = office.kwit.run("backup", str(office.kwit.dir / "backup"))
    assert done.returncode == 1
    assert f"object-missing: {lost}" in done.stdout.decode()


def test_a_backup_is_not_made_where_it_would_do_harm(office):
    office.send_open()
    foreign = office.kwit.dir / "foreign"
    foreign.mkdir()
    (foreign / "letter.txt").write_text("x")
    assert refused(office.kwit.run("backup", str(foreign)), 1, "is not empty, and no backup of kwit")
    assert refused(office.kwit.run("backup", str(office.kwit.archive / "backup")), 1, "would lie in the archive")
    assert refused(office.kwit.run("backup", str(office.kwit.dir / "no" / "disk")), 1, "cannot make directory")
    assert sorted(path.name for path in foreign.iterdir()) == ["letter.txt"]
    assert office.kwit.run("backup").returncode == 2


def test_as_root_the_archives_owner_makes_the_backup_or_is_told_that_it_cannot(make_office):
    office = make_office({"milter.user": '"nobody"'})
    assert was_taken(office.send_open())
    closed = office.kwit.dir / "closed"
    closed.mkdir(mode=0o700)
    assert refused(office.kwit.run("backup", str(closed)), 1, "install -d -m 0700 -o nobody")
    assert refused(office.kwit.run("backup", str(office.kwit.dir / "mine")), 1, "install -d -m 0700 -o nobody")

    nobody = pwd.getpwnam("nobody").pw_uid
    os.chown(closed, nobody, -1)
    office.kwit.text("backup", str(closed))
    assert {path.stat().st_uid for path in closed.rglob("*")} == {nobody}
    assert check(office, closed)[0] == 0


# restore

def test_a_lost_archive_is_restored_beside_the_milter_which_takes_mail_again(office, backup):
    documents = office.documents()
    after = office.send_open(files=mails.one_pdf(mails.pdf("after the backup")))
    assert was_taken(after)
    shutil.move(office.kwit.archive, office.kwit.dir / "broken")
    assert was_refused(office.send_open(), 451, "4.3.0", "archive-unavailable")

    text = office.kwit.text("restore", str(backup))
    assert text.startswith(f"restored {office.kwit.archive}: 4 objects")
    assert is_whole(office)
    assert office.documents() == documents
    for document in documents:
        assert hashlib.sha256(office.content(document["id"])).hexdigest() == document["sha256"]
    [restored] = entries(office, "archive-restored")
    assert restored["backup"] == str(backup)

    wait_for(lambda: was_taken(office.send_open(files=mails.one_pdf(mails.pdf("new")))), "the milter to take mail again", 10)
    nothing_owed(office)
    assert is_whole(office)
    assert office.kwit.rows("backup", str(backup))[0]["faults"] == 0


def test_a_restored_archive_has_its_owner_and_the_rights_of_an_archive(make_office):
    office = make_office({"milter.user": '"nobody"'})
    assert was_taken(office.send_open())
    nobody = pwd.getpwnam("nobody")
    backup = office.kwit.dir / "backup"
    backup.mkdir()
    os.chown(backup, nobody.pw_uid, -1)
    office.kwit.text("backup", str(backup))
    shutil.rmtree(office.kwit.archive)
    office.kwit.text("restore", str(backup))

    archive = office.kwit.archive
    assert {path.stat().st_uid for path in (archive, *archive.rglob("*"))} == {nobody.pw_uid}
    mode = [path.stat().st_mode & 0o777 for path in
            (archive, archive / "index", archive / "index" / "data.mdb", object_in(archive, office.document()["sha256"]))]
    assert mode == [0o750, 0o700, 0o600, 0o440]
    wait_for(lambda: was_taken(office.send_open()), "the milter to take mail again", 10)


def test_a_restore_never_touches_an_archive_that_is_there(office, backup):
    assert refused(office.kwit.run("restore", str(backup)), 1, f"there is an archive at {office.kwit.archive}")
    assert refused(office.kwit.run("restore", "--force", str(backup)), 1, "there is an archive at")
    assert is_whole(office) and len(office.documents()) == 2


def test_a_damaged_backup_is_restored_only_by_force(office, backup):
    lost = office.documents()[0]["sha256"]
    object_in(backup, lost).unlink()
    shutil.rmtree(office.kwit.archive)
    done = office.kwit.run("restore", str(backup))
    assert done.returncode == 1
    assert lost in done.stdout.decode() and "--force" in done.stdout.decode()
    assert not (office.kwit.archive / "index").exists()

    assert office.kwit.run("restore", "--force", str(backup)).returncode == 1
    done = office.kwit.run("verify")
    assert done.returncode == 1 and f"object-missing: {lost}" in done.stdout.decode()
    assert len(office.documents()) == 2


def test_what_is_no_backup_is_said_to_be_none(office):
    nothing = office.kwit.dir / "nothing"
    for options in ((), ("--check",)):
        assert refused(office.kwit.run("restore", *options, str(nothing)), 2, "cannot open the backup", "kwit backup")


# verify

def test_verify_hashes_a_part_of_the_objects_and_says_how_many(office):
    for number in range(3):
        office.send_open(files=mails.one_pdf(mails.pdf(str(number)), f"{number}.pdf"))
    [whole] = office.kwit.rows("verify")
    assert (whole["objects"], whole["objects_known"], whole["faults"]) == (6, 6, 0)
    [sample] = office.kwit.rows("verify", "--sample", "1%", "--jobs", "2")
    assert (sample["objects"], sample["objects_known"], sample["receipts"]) == (1, 6, 3)
    assert office.kwit.text("verify", "--sample", "50%").startswith("3 of 6 objects (")
    assert office.kwit.text("verify", "--since", "1h").startswith("6 objects (")
    assert office.kwit.text("verify", "--since", "2099-01-01", "--sample", "100%").startswith("0 of 6 objects (")
    later = office.receipts(3)[2]["received_at"]
    [since] = office.kwit.rows("verify", "--since", later)
    assert since["objects"] == 2


def test_verify_tells_how_far_it_is_to_who_wants_it(office):
    office.send_open()
    wait_for(lambda: not office.kwit.rows("outbox", "list"), "the notice to be sent")
    quiet, told = office.kwit.run("verify"), office.kwit.run("verify", "--progress")
    assert quiet.stderr == b""
    assert b" of " in told.stderr and told.stdout == quiet.stdout


@pytest.mark.parametrize("options", [("--sample", "1"), ("--sample", "0%"), ("--sample", "100.1%"), ("--sample", "x%"),
                                     ("--since", "soon"), ("--jobs", "0"), ("--jobs", "257")])
def test_what_verify_does_not_understand_it_says(office, options):
    assert refused(office.kwit.run("verify", *options), 2, options[0])
