"""Work by hand: documents are changed afterwards, and what a mail could not file is imported by a person."""

import os
import pathlib
import pwd
import re

import pytest

from harness import mails
from office import ANNA, CODE, dispositions, was_taken

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORCE = ("--force", "part-not-accepted")


@pytest.fixture
def run(office):
    """Runs a command; (exit code, lines of standard output, standard error)."""
    def run_command(*args, stdin=None):
        done = office.kwit.run(*args, stdin=stdin)
        return done.returncode, done.stdout.decode().splitlines(), done.stderr.decode()
    return run_command


@pytest.fixture
def partial(office):
    """A receipt of two PDFs, which are filed, and a spreadsheet, which is not."""
    files = [("eins.pdf", mails.pdf("eins"), "application/pdf"), ("zwei.pdf", mails.pdf("zwei"), "application/pdf"),
             ("kosten.xlsx", mails.docx(), XLSX)]
    assert was_taken(office.send_open(files=files))
    receipt = office.receipt()
    assert receipt["verdict"] == "partial"
    return receipt


def entries(office, what: str) -> list[dict]:
    return [entry for entry in office.kwit.rows("journal", "list") if entry["what"] == what]


def changes(office) -> list[dict]:
    """The journal without the notices that may be on their way meanwhile."""
    return [entry for entry in office.kwit.rows("journal", "list") if not entry["what"].startswith("notice-")]


def whole(office) -> bool:
    done = office.kwit.run("verify")
    return done.returncode == 0 and b"unreferenced" not in done.stdout


def import_command(office, receipt: str, part: int) -> list[str]:
    """The command that `receipt show` gives for a part, as words."""
    shown = office.kwit.text("receipt", "show", receipt)
    [line] = [line for line in shown.splitlines() if re.search(rf"kwit import .*--part {part}\b", line)]
    return line.split()[1:]


# what a mail could not file

def test_a_spreadsheet_is_imported_from_its_mail_with_the_command_that_the_receipt_shows(office, partial, run):
    part = next(part for part in partial["parts"] if part["name"] == "kosten.xlsx")
    command = import_command(office, partial["id"], part["number"])
    assert command[-2:] == list(FORCE)
    assert run(*[word for word in command if word not in FORCE])[0] == 1

    code, lines, _ = run(*command)
    assert code == 0
    document = office.kwit.rows("document", "show", lines[0])[0]
    assert office.content(document["id"]) == mails.docx()
    others = office.kwit.rows("document", "show", partial["documents"][0])[0]
    same = ("receipt", "client", "address", "sender", "category", "period", "received_at", "status")
    assert {field: document[field] for field in same} == {field: others[field] for field in same}
    assert (document["filename"], document["media_type"]) == ("kosten.xlsx", XLSX)

    receipt = office.show(partial["id"])
    assert dispositions(receipt)["kosten.xlsx"] == ("filed", "part-not-accepted")
    assert receipt["documents"] == [*partial["documents"], document["id"]]
    assert receipt["resolved_at"] is None and f"kwit receipt resolve {receipt['id']}" in lines[1]
    [entry] = entries(office, "document-imported")
    assert entry["by"] and entry["about"] | {"overrode": ["part-not-accepted"], "part": part["number"], "receipt": receipt["id"],
                                             "sha256": document["sha256"], "document": document["id"]} == entry["about"]

    assert run("receipt", "resolve", receipt["id"])[0] == 0
    assert office.kwit.rows("receipt", "list", "--unresolved") == []
    assert whole(office)


def test_the_part_of_a_mail_with_a_wrong_subject_is_imported_and_settles_it(office, run):
    invoice = mails.pdf("Faktura 99")
    assert was_taken(office.send_tagged(subject="faktura listopad", files=mails.one_pdf(invoice)))
    [row] = office.kwit.rows("receipt", "list", "--unresolved")
    assert (row["verdict"], row["reasons"]) == ("failed", ["subject-malformed"])
    command = import_command(office, row["id"], 2)
    assert "--force" not in command and command[-2:] == ["--code", CODE]
    words = {"CATEGORY": "FK", "YYYY-MM": "2026-10"}
    code, lines, _ = run(*[words.get(word, word) for word in command], "--resolve")
    assert code == 0 and lines[1] == f"receipt {row['id']} is resolved"

    document = office.document()
    assert {field: document[field] for field in ("id", "category", "period", "code", "user", "sender", "receipt")} == {
        "id": lines[0], "category": "FK", "period": "2026-10", "code": CODE, "user": ANNA, "sender": ANNA, "receipt": row["id"]}
    assert office.content(document["id"]) == invoice
    receipt = office.receipt()
    assert receipt["resolved_by"] == entries(office, "receipt-resolved")[0]["by"]
    assert receipt["verdict"] == "failed"
    assert office.kwit.rows("receipt", "list", "--unresolved") == []
    assert whole(office)


def test_the_same_import_again_makes_no_second_document(office, partial, run):
    command = import_command(office, partial["id"], 4)
    first = run(*command)
    journal = changes(office)
    again = run(*command)
    assert first[0] == again[0] == 0
    assert again[1][0] == first[1][0] and again[1][1].startswith(f"duplicate: {first[1][0]} ")
    assert changes(office) == journal
    other = run("import", "--receipt", partial["id"], "--part", "4", "--category", "other", "--period", "2026-01", *FORCE)
    assert other[0] == 1 and f"kwit document set {first[1][0]}" in other[2]
    assert len(office.documents()) == 3


def test_the_file_that_came_with_the_mail_settles_its_part_too(office, partial, run, tmp_path):
    saved = tmp_path / "saved.xlsx"
    saved.write_bytes(mails.docx())
    code, lines, _ = run("import", str(saved), "--receipt", partial["id"], "--category", "ER", "--period", "2026-11", *FORCE)
    assert code == 0
    part = office.show(partial["id"])["parts"][3]
    assert (part["disposition"], part["document"]) == ("filed", lines[0])


@pytest.mark.parametrize("part, code", [("99", 1), ("0", 2), ("two", 2)])
def test_a_part_that_is_not_there_is_told(partial, run, part, code):
    done = run("import", "--receipt", partial["id"], "--part", part, "--category", "ER", "--period", "2026-11")
    assert done[0] == code and f"kwit receipt show {partial['id']}" in done[2]


def test_a_refused_mail_has_nothing_to_import(office, run):
    office.send_tagged(border=())
    receipt = office.receipt()
    assert receipt["verdict"] == "refused"
    assert "kwit import" not in office.kwit.text("receipt", "show", receipt["id"])
    assert run("import", "--receipt", receipt["id"], "--part", "1", "--category", "FK", "--period", "2026-10")[0] == 1


# files of a person

def test_a_file_is_filed_with_what_is_said_about_it(office, run, tmp_path):
    (tmp_path / "beleg 7.pdf").write_bytes(mails.pdf("Beleg"))
    code, lines, _ = run("import", str(tmp_path / "beleg 7.pdf"), "--client", "10023", "--category", "umowa najmu",
                         "--period", "2025-03", "--code", CODE)
    assert code == 0 and len(lines) == 1
    document = office.document()
    assert document | {"id": lines[0], "receipt": None, "address": None, "sender": None, "client": "10023", "status": "filed",
                       "category": "umowa najmu", "period": "2025-03", "code": CODE, "user": ANNA, "filename": "beleg 7.pdf",
                       "media_type": "application/pdf"} == document
    assert office.content(lines[0]) == mails.pdf("Beleg")
    assert run("client", "remove", "10023")[0] == 1
    assert whole(office)


def test_standard_input_is_a_file_as_well(office, run):
    code, lines, _ = run("import", "-", "--client", "10023", "--category", "FK", "--period", "2025-03",
                         "--filename", "scan.pdf", "--json", stdin=mails.pdf("stdin"))
    assert code == 0 and '"filename":"scan.pdf"' in lines[0].replace(" ", "")
    assert office.content(office.document()["id"]) == mails.pdf("stdin")


def test_of_several_files_all_are_filed_or_none(office, run, tmp_path):
    good, bad = tmp_path / "a.pdf", tmp_path / "b.pdf"
    good.write_bytes(mails.pdf("a"))
    bad.write_bytes(mails.exe())
    into = ("--client", "20001", "--category", "ER", "--period", "2026-11")
    code, _, error = run("import", str(good), str(bad), *into)
    assert code == 1 and "type-mismatch: b.pdf" in error and "--force type-mismatch" in error
    assert office.documents() == [] and whole(office)
    code, lines, _ = run("import", str(good), str(bad), *into, "--force", "type-mismatch")
    assert code == 0 and [document["id"] for document in office.documents()] == lines
    assert [entry["about"]["overrode"] for entry in entries(office, "document-imported")] == [[], ["type-mismatch"]]


def test_the_formats_are_those_of_the_clients_addresses(office, run, tmp_path):
    photo = tmp_path / "foto.jpg"
    photo.write_bytes(mails.jpeg())
    into = ("--category", "FK", "--period", "2026-11")
    assert run("import", str(photo), "--client", "20001", *into)[0] == 1
    assert run("import", str(photo), "--client", "10023", *into)[0] == 0
    assert run("import", str(photo), "--client", "20001", *into, *FORCE)[0] == 0


def test_a_file_may_be_as_large_as_a_mail_and_no_larger(make_office, tmp_path):
    office = make_office({"limits.message": '"64KiB"'})
    into = ("--client", "20001", "--category", "ER", "--period", "2026-11")
    file = tmp_path / "a.pdf"
    file.write_bytes(mails.pdf("a").ljust(65536, b"\n"))
    assert office.kwit.run("import", str(file), *into).returncode == 0
    file.write_bytes(mails.pdf("b").ljust(65537, b"\n"))
    done = office.kwit.run("import", str(file), *into)
    assert done.returncode == 1 and b"message-too-large" in done.stderr and b"65536" in done.stderr
    assert len(office.documents()) == 1


@pytest.mark.parametrize("wrong, code", [
    (("--client", "10023", "--category", "FK", "--period", "2026-13"), 2),
    (("--client", "10023", "--category", "FK", "--period", "1999-12"), 1),
    (("--client", "10023", "--category", "", "--period", "2026-11"), 2),
    (("--client", "10023", "--category", "x" * 201, "--period", "2026-11"), 2),
    (("--client", "99999", "--category", "FK", "--period", "2026-11"), 1),
    (("--client", "20001", "--category", "FK", "--period", "2026-11", "--code", CODE), 1),
    (("--client", "10023", "--category", "FK", "--period", "2026-11", "--status", "lost"), 2),
    (("--client", "10023", "--category", "FK", "--period", "2026-11", "--force", "everything"), 2),
    (("--client", "10023", "--category", "FK", "--period", "2026-11", "--part", "1"), 2),
    (("--category", "FK", "--period", "2026-11"), 2),
])
def test_what_cannot_be_is_said_and_nothing_is_filed(office, run, tmp_path, wrong, code):
    (tmp_path / "a.pdf").write_bytes(mails.pdf())
    done = run("import", str(tmp_path / "a.pdf"), *wrong)
    assert done[0] == code and done[2].strip()
    assert office.documents() == []


def test_a_file_of_root_is_read_before_its_rights_are_given_up(make_office, tmp_path):
    office = make_office({"milter.user": '"nobody"'})
    secret = tmp_path / "a.pdf"
    secret.write_bytes(mails.pdf())
    os.chmod(secret, 0o600)
    into = ("--client", "20001", "--category", "ER", "--period", "2026-11")
    assert office.kwit.run("import", str(secret), *into).returncode == 0
    assert {path.stat().st_uid for path in office.kwit.archive.rglob("*")} == {pwd.getpwnam("nobody").pw_uid}
    missing = office.kwit.run("import", str(tmp_path / "b.pdf"), *into)
    assert missing.returncode == 2 and b"b.pdf" in missing.stderr


def test_no_archive_is_made_for_an_import(make_kwit, tmp_path):
    kwit = make_kwit(start=False)
    (tmp_path / "a.pdf").write_bytes(mails.pdf())
    for command in (("import", str(tmp_path / "a.pdf"), "--client", "1", "--category", "FK", "--period", "2026-11"),
                    ("document", "set", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "--category", "FK")):
        assert kwit.run(*command).returncode == 3
    assert not pathlib.Path(kwit.archive).exists()


# documents that are filed

def test_every_parameter_is_changed_afterwards_and_the_journal_has_old_and_new(office, run):
    office.send_open()
    before = office.document()
    wanted = {"client": "10023", "category": "FK", "period": "2025-12", "code": CODE, "filename": "Rechnung (Kopie).pdf",
              "status": "annex", "sender": "eva@lieferant.example", "address": office.tagged}
    options = [word for field, value in wanted.items() for word in (f"--{field}", value)]
    code, lines, _ = run("document", "set", before["id"], *options)
    assert (code, lines) == (0, [before["id"]])
    after = office.document()
    assert after == before | wanted | {"user": ANNA}

    [entry] = entries(office, "document-changed")
    changed = wanted | {"user": ANNA}
    assert entry["about"] == {"document": before["id"], "before": {field: before[field] for field in changed}, "after": changed}
    assert entry["by"] == pwd.getpwuid(os.geteuid()).pw_name
    assert office.kwit.rows("document", "list", "--client", "20001") == []
    assert office.kwit.rows("document", "list", "--client", "10023", "--period", "2025-12") == [after]
    assert run("client", "remove", "20001")[0] == 0
    assert run("client", "remove", "10023")[0] == 1
    assert whole(office)


def test_where_nothing_differs_nothing_is_written(office, run):
    office.send_open()
    document = office.document()
    journal = changes(office)
    for command in (("document", "set", document["id"], "--category", document["category"]),
                    ("client", "set", "10023", "--name", "Kunde GmbH"),
                    ("sender", "set", "10023", ANNA, "--code", CODE),
                    ("address", "set", office.tagged, "--policy", "tagged"),
                    ("address", "enable", office.tagged)):
        code, lines, _ = run(*command)
        assert code == 0 and "nothing differs" in lines[1], command
    assert changes(office) == journal


def test_several_documents_are_changed_at_once_or_not_at_all(office, run, partial):
    ids = partial["documents"]
    assert run("document", "set", *ids, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "--period", "2025-01")[0] == 1
    assert "2025-01" not in [document["period"] for document in office.documents()]
    code, lines, _ = run("document", "set", *ids, "--period", "2025-01")
    assert (code, lines) == (0, ids)
    assert [document["period"] for document in office.documents()] == ["2025-01", "2025-01"]


@pytest.mark.parametrize("wrong, code", [
    ((), 2),
    (("--period", "2026-1"), 2),
    (("--period", "1999-12"), 1),
    (("--category", ""), 2),
    (("--status", "gone"), 2),
    (("--filename", "/"), 2),
    (("--sender", "nobody"), 2),
    (("--client", "99999"), 1),
    (("--client", "20001"), 1),  # its code is of a sender of 10023
    (("--code", "000000"), 1),
    (("--user", "jan@kunde.example"), 1),
    (("--address", "other@in.example.com"), 1),
    (("--sha256", "0" * 64), 2),
])
def test_what_a_document_cannot_be_is_said_and_nothing_is_changed(office, run, wrong, code):
    office.send_tagged()
    before = office.document()
    done = run("document", "set", before["id"], *wrong)
    assert done[0] == code and done[2].strip()
    assert office.document() == before
    assert run("document", "set", before["id"], "--client", "20001", "--code", "")[0] == 0
