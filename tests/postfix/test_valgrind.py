"""The command under valgrind: no byte is read that was not written, none outside, and nothing definite is lost."""

import subprocess

import pytest

from harness import mails
from harness.kwit import build_dir

pytestmark = pytest.mark.plain_build

BAD = 99


def valgrind(kwit, *command: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["valgrind", "-q", "--leak-check=full", "--errors-for-leak-kinds=definite", f"--error-exitcode={BAD}",
         str(build_dir() / "cli" / "kwit"), "--config", str(kwit.config), *command],
        stdin=subprocess.DEVNULL, capture_output=True)


def test_commands_that_read_and_commands_that_write_are_clean(office, tmp_path):
    office.send_open(files=mails.one_pdf() + [("agb.docx", mails.docx(), "application/octet-stream")])
    receipt, document = office.receipt(), office.document()
    mail = tmp_path / "mail.eml"
    mail.write_bytes(office.tagged_mail(border=[]).as_bytes())
    commands = {
        ("verify",): 0,
        ("--json", "receipt", "show", receipt["id"]): 0,
        ("receipt", "show", "01ARZ3NDEKTSV4RRFFQ69G5FAV"): 1,
        ("document", "get", document["id"]): 0,
        ("document", "list", "--no-such-option"): 2,
        ("sender", "add", "10023", "eva@kunde.example"): 0,
        ("check", str(mail), "--from", "anna@kunde.example", "--to", office.tagged): 1,
        ("report",): 0,
    }
    for command, expected in commands.items():
        done = valgrind(office.kwit, *command)
        assert done.returncode == expected, f"kwit {' '.join(command)}\n{done.stderr.decode()}"
