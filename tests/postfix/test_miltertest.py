"""The ordinary stories once more, told by an MTA of other hands: the scripts of tests/milter, run by miltertest(8)."""

import subprocess

import pytest

from harness import mails
from harness.kwit import TREE, Kwit
from harness.postfix import Place
from office import TAG, Office, running
from wire import QUIET

SCRIPTS = TREE / "tests" / "milter"
# What each leaves behind: subjects, verdicts and reasons of its receipts.
LEAVES = {
    "taken": [("taken", "imported", [])],
    "login": [(TAG, "imported", [])],
    "stranger": [(TAG, "refused", ["sender-not-authenticated"])],
    "unknown": [],
    "mixed": [("mixed", "imported", [])],
    "no_document": [(TAG, "refused", ["no-document"])],
    "again": [("again", "imported", [])],
    "abrupt": [],
}


@pytest.fixture
def office(session_sink):
    with Place(session_sink.port) as place, running(Kwit(place, "kwit-lua", QUIET | {"policy.tagged.on_failure": '"reject"'})) as kwit:
        yield Office(kwit).open()


def test_every_script_is_run():
    assert {path.stem for path in SCRIPTS.glob("*.lua")} == LEAVES.keys() | {"story"}


@pytest.mark.parametrize("script", LEAVES)
def test_the_story_goes_as_it_is_told(office, tmp_path, script):
    pdf = tmp_path / "faktura.pdf"
    pdf.write_bytes(mails.pdf(size=30_000))
    told = {"library": SCRIPTS / "story.lua", "socket": f"unix:{office.kwit.postfix.socket}", "pdf": pdf, "open": office.open_address,
            "tagged": office.tagged}
    defines = [word for name, value in told.items() for word in ("-D", f"{name}={value}")]
    done = subprocess.run(["/usr/bin/miltertest", *defines, "-s", SCRIPTS / f"{script}.lua"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    receipts = office.receipts(len(LEAVES[script])) if LEAVES[script] else office.kwit.rows("receipt", "list")
    assert [(receipt["subject"], receipt["verdict"], receipt["reasons"]) for receipt in receipts] == LEAVES[script]
    imported = sum(verdict == "imported" for _, verdict, _ in LEAVES[script])
    assert [office.content(document["id"]) for document in office.documents()] == [pdf.read_bytes()] * imported
