"""What is kept can be proved and looked into: verify, inspect, the journal's chain, file modes."""

import hashlib
import json
import pathlib
import pwd
import re

from harness import mails
from office import OPEN_NOTIFY, was_taken


def object_of(office, digest: str) -> pathlib.Path:
    return office.kwit.archive / "objects" / "sha256" / digest[:2] / digest[2:4] / digest


def test_verify_is_content_with_a_whole_archive(office):
    office.send_open()
    office.send_tagged()
    assert office.kwit.run("verify").returncode == 0


def test_verify_names_an_object_with_a_flipped_byte(office):
    office.send_open(files=mails.one_pdf(mails.pdf(size=10_000)))
    digest = office.document()["sha256"]
    path = object_of(office, digest)
    content = bytearray(path.read_bytes())
    content[500] ^= 1
    path.write_bytes(content)
    done = office.kwit.run("verify")
    assert done.returncode == 1
    assert digest.encode() in done.stdout + done.stderr


def test_verify_names_an_object_that_is_gone(office):
    office.send_open()
    digest = office.document()["sha256"]
    object_of(office, digest).unlink()
    done = office.kwit.run("verify")
    assert done.returncode == 1
    assert digest.encode() in done.stdout + done.stderr


def test_an_unreferenced_object_with_the_right_name_is_no_damage(office):
    content = b"left by a crash"
    digest = hashlib.sha256(content).hexdigest()
    path = object_of(office, digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    done = office.kwit.run("verify")
    assert done.returncode == 0
    assert digest.encode() in done.stdout


def test_inspect_shows_the_tables_one_table_and_one_record(office):
    office.send_open()
    tables = {row["table"]: row for row in office.kwit.rows("inspect")}
    assert {"clients", "addresses", "senders", "receipts", "documents", "outbox", "journal", "meta"} <= tables.keys()
    assert tables["documents"]["entries"] == 1
    assert tables["clients"]["entries"] == 2

    document = office.document()
    assert document["id"] in office.kwit.text("inspect", "documents")
    shown = json.loads(office.kwit.text("inspect", "documents", document["id"]))
    assert shown["sha256"] == document["sha256"]


def test_inspect_of_what_is_not_there_says_so(office):
    assert office.kwit.run("inspect", "nonsense").returncode in (1, 2)
    assert office.kwit.run("inspect", "documents", "01ARZ3NDEKTSV4RRFFQ69G5FAV").returncode == 1


def test_the_archive_is_for_its_owner_alone(office):
    office.send_open()
    mode = {path: path.stat().st_mode & 0o777 for path in
            (office.kwit.archive, office.kwit.archive / "index", object_of(office, office.document()["sha256"]))}
    assert list(mode.values()) == [0o750, 0o700, 0o440]


def test_what_is_owed_stands_in_the_outbox_with_the_receipt_it_is_for(make_office):
    office = make_office({"outbox.submit": '"smtp://127.0.0.1:9"'})  # nobody listens: it stays owed
    office.send_open()
    receipt = office.receipt()
    [row] = office.kwit.rows("outbox", "list")
    assert (row["kind"], row["to"], row["state"], row["receipt"]) == ("import", OPEN_NOTIFY, "queued", receipt["id"])
    assert [(n["kind"], n["state"], n["outbox"]) for n in receipt["notices"]] == [("import", "queued", row["id"])]


def test_commands_work_without_a_running_milter_and_after_a_restart(office):
    office.send_open()
    before = office.kwit.rows("document", "list")
    office.kwit.stop()
    assert office.kwit.rows("document", "list") == before
    office.kwit.start()
    assert was_taken(office.send_open())
    assert office.kwit.rows("document", "list")[:1] == before


def test_listings_are_oldest_first_newest_first_on_request_and_cut_by_limit(office):
    for number in range(3):
        office.send_open(files=mails.one_pdf(mails.pdf(str(number)), f"{number}.pdf"))
    def names(*options):
        return [row["filename"] for row in office.kwit.rows("document", "list", *options)]
    assert names() == ["0.pdf", "1.pdf", "2.pdf"]
    assert names("--newest", "--limit", "2") == ["2.pdf", "1.pdf"]


def test_times_are_utc_in_json(office):
    office.send_open()
    assert office.document()["received_at"].endswith("Z")


def test_hostile_names_and_subjects_are_shown_without_control_characters(office):
    office.send_open(subject="Rechnung \x1b[31m\u202e", files=mails.one_pdf(name="a\x1b]0;x\x07.pdf"))
    for command in (("document", "list"), ("receipt", "list"), ("receipt", "show", office.receipt()["id"])):
        shown = office.kwit.text(*command)
        assert "\x1b" not in shown and "\u202e" not in shown and "\x07" not in shown


def test_an_unknown_document_is_a_no(office):
    done = office.kwit.run("document", "get", "01ARZ3NDEKTSV4RRFFQ69G5FAV")
    assert (done.returncode, done.stdout) == (1, b"")


def test_milter_and_commands_started_as_root_become_the_user_of_the_configuration(make_office):
    office = make_office({"milter.user": '"nobody"'})
    assert was_taken(office.send_open())
    assert office.kwit.run("verify").returncode == 0
    nobody = pwd.getpwnam("nobody").pw_uid
    status = pathlib.Path(f"/proc/{office.kwit.process.pid}/status").read_text()
    assert re.search(r"^Uid:\s+(.*)$", status, re.M).group(1).split() == [str(nobody)] * 4
    assert {path.stat().st_uid for path in office.kwit.archive.rglob("*")} == {nobody}
