"""The mail as it came: kept without its documents where they encode back, and given back to the byte always."""

import base64
import dataclasses
import hashlib
import os
import pathlib
import re
import time

import pytest

from harness import mails
from harness.postfix import wait_for
from office import parts_of, was_taken

BIG = mails.pdf("Faktura 17", size=60_000)
OTHER = mails.pdf("Faktura 18", size=40_000)


def object_in(archive: pathlib.Path, digest: str) -> pathlib.Path:
    return archive / "objects" / "sha256" / digest[:2] / digest[2:4] / digest


def stored(archive: pathlib.Path) -> int:
    """Bytes of all objects."""
    return sum(path.stat().st_size for path in (archive / "objects").rglob("*") if path.is_file())


def in_lines(content: bytes, length: int = 76, end: bytes = b"\r\n") -> bytes:
    text = base64.b64encode(content)
    return b"".join(text[at:at + length] + end for at in range(0, len(text), length))


def part(encoded: bytes, name: str = "faktura.pdf", media_type: str = "application/pdf", encoding: str = "base64") -> bytes:
    return (f"Content-Type: {media_type}; name={name}\r\nContent-Transfer-Encoding: {encoding}\r\n"
            f"Content-Disposition: attachment; filename={name}\r\n\r\n").encode() + encoded


def mail_of(office, *parts: bytes, ends_with: bytes = b"\r\n--b--\r\n") -> bytes:
    head = (f"From: rechnung@lieferant.example\r\nTo: {office.open_address}\r\nSubject: Rechnung\r\n"
            "Date: Sat, 21 Nov 2026 10:00:00 +0100\r\nMessage-ID: <17@lieferant.example>\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nanbei\r\n--b\r\n")
    return head.encode() + b"\r\n--b\r\n".join(parts) + ends_with


def recipes(office) -> dict[str, dict]:
    """Of each original that is made: its row."""
    keys = [row["key"] for row in office.kwit.rows("inspect", "recipes")]
    return {key: office.kwit.rows("inspect", "recipes", key)[0] for key in keys}


def made_without_kwit(archive: pathlib.Path, recipe: bytes) -> bytes:
    """As docs/format.md says it is done."""
    head, _, literals = recipe.partition(b"\n\n")
    mail = b""
    for line in head.decode().split("\n")[2:]:
        what, *words = line.split(" ")
        if what == "bytes":
            mail, literals = mail + literals[:int(words[0])], literals[int(words[0]):]
            continue
        content = object_in(archive, words[0]).read_bytes()
        mail += content if what == "object" else in_lines(content, int(words[2])).removesuffix(b"\r\n")
    return mail


@dataclasses.dataclass
class Case:
    parts: list[bytes]
    recipe: bool  # whether it is kept as one
    ends_with: bytes = b"\r\n--b--\r\n"


CASES = {
    "the usual": Case([part(in_lines(BIG))], True),
    "short lines": Case([part(in_lines(BIG, 60))], True),
    "the longest lines": Case([part(in_lines(BIG, 996))], True),
    "no line end behind the last line": Case([part(in_lines(BIG).removesuffix(b"\r\n"))], True),
    "empty lines behind it": Case([part(in_lines(BIG) + b"\r\n\r\n")], True),
    "something behind the end": Case([part(in_lines(BIG))], True, b"\r\n--b--\r\nno line end at the end"),
    "two documents": Case([part(in_lines(BIG)), part(in_lines(OTHER, 72), "zwei.pdf")], True),
    "the same document twice": Case([part(in_lines(BIG)), part(in_lines(BIG), "zwei.pdf")], True),
    "one of two that does not encode back": Case([part(in_lines(BIG, 75)), part(in_lines(OTHER), "zwei.pdf")], True),
    "not encoded at all": Case([part(BIG.replace(b"\n", b"\r\n"), encoding="7bit")], True),
    "a picture that is not filed": Case(
        [part(in_lines(BIG)), part(in_lines(os.urandom(50_000)), "x.bin", "application/octet-stream")], True),
    "lines that are no groups": Case([part(in_lines(BIG, 75))], False),
    "lines of two lengths": Case([part(in_lines(BIG[:5700]) + in_lines(BIG[5700:], 72))], False),
    "blanks before line ends": Case([part(in_lines(BIG, 76, b" \r\n"))], False),
    "nothing that is filed": Case([part(in_lines(os.urandom(50_000)), "x.tar", "application/x-tar")], False),
    "a small one": Case([part(in_lines(mails.pdf("Faktura 19", size=5000)))], False),
}


@pytest.mark.parametrize("name", CASES)
def test_a_mail_comes_back_to_the_byte_however_it_is_kept(office, name):
    case = CASES[name]
    mail = mail_of(office, *case.parts, ends_with=case.ends_with)
    assert was_taken(office.send(mail, [office.open_address]))
    receipt = office.receipt()
    original = office.original(receipt["id"])
    sent = mail if mail.endswith(b"\r\n") else mail + b"\r\n"
    assert original == sent or original.endswith(sent)
    assert hashlib.sha256(original).hexdigest() == receipt["original"]

    archive = office.kwit.archive
    made = recipes(office)
    assert list(made) == ([receipt["original"]] if case.recipe else [])
    assert object_in(archive, receipt["original"]).exists() is not case.recipe
    documents = {document["sha256"]: document["size"] for document in office.documents()}
    if case.recipe:
        row = made[receipt["original"]]
        assert row["size"] == len(original) and set(row["objects"][1:]) <= documents.keys()
        recipe = object_in(archive, row["objects"][0]).read_bytes()
        assert hashlib.sha256(recipe).hexdigest() == row["objects"][0]
        assert made_without_kwit(archive, recipe) == original
        assert stored(archive) == len(recipe) + sum(documents.values())
    else:
        assert stored(archive) == len(original) + sum(documents.values())
    [summary] = office.kwit.rows("verify")
    assert (summary["recipes"], summary["faults"]) == (len(made), 0)


def test_bare_line_feeds_make_no_difference(office):
    """Postfix takes them for line ends, so that kwit sees none."""
    mail = mail_of(office, part(in_lines(BIG, 76, b"\n")))
    office.send(mail, [office.open_address])
    for receipt in office.kwit.rows("receipt", "list"):
        if receipt["original"]:
            assert hashlib.sha256(office.original(receipt["id"])).hexdigest() == receipt["original"]
    assert office.kwit.run("verify").returncode == 0


def test_the_python_in_the_documentation_makes_a_mail(office):
    text = (pathlib.Path(__file__).parents[2] / "docs" / "format.md").read_text()
    [code] = [code for code in re.findall(r"```python\n(.*?)```", text, re.S) if "kwit recipe" in code]
    mail = mail_of(office, part(in_lines(BIG)), part(in_lines(OTHER, 72), "zwei.pdf"))
    assert was_taken(office.send(mail, [office.open_address]))
    receipt = office.receipt()
    names = {"objects": office.kwit.archive / "objects", "mails": {}}
    exec(code.replace("/var/lib/kwit", str(office.kwit.archive)), names)  # noqa: S102
    assert names["mails"] == {receipt["original"]: office.original(receipt["id"])}


def test_what_is_forwarded_is_made_of_its_documents(office, sink):
    tar = part(in_lines(os.urandom(3000)), "mehr.tar", "application/x-tar")
    mail = mail_of(office, part(in_lines(BIG)), tar)
    assert was_taken(office.send(mail, [office.open_address]))
    receipt = office.receipt()
    assert receipt["verdict"] == "partial" and list(recipes(office)) == [receipt["original"]]
    told = office.arrived(sink, "failure", receipt["notices"][0]["to"])
    assert parts_of(told)[1][1] == office.original(receipt["id"])


def test_a_part_is_filed_by_hand_out_of_a_mail_that_is_made(office):
    picture = mails.png(3000)
    mail = mail_of(office, part(in_lines(BIG)), part(in_lines(picture), "bild.png", "image/png"))
    assert was_taken(office.send(mail, [office.open_address]))
    receipt = office.receipt()
    assert receipt["original"] in recipes(office)
    number = next(part["number"] for part in receipt["parts"] if part["name"] == "bild.png")
    done = office.kwit.run("import", "--receipt", receipt["id"], "--part", str(number), "--category", "ER",
                           "--period", "2026-11", "--force", "part-not-accepted")
    assert done.returncode == 0, done.stderr
    assert office.content(done.stdout.split()[0].decode()) == picture


def test_nothing_comes_out_of_a_mail_that_cannot_be_made(office):
    assert was_taken(office.send(mail_of(office, part(in_lines(BIG))), [office.open_address]))
    receipt = office.receipt()
    path = object_in(office.kwit.archive, office.document()["sha256"])
    content = bytearray(path.read_bytes())
    content[30_000] ^= 1
    path.write_bytes(content)
    done = office.kwit.run("receipt", "original", receipt["id"])
    assert done.returncode != 0 and done.stdout == b""
    assert receipt["original"] in done.stderr.decode()
    verified = office.kwit.run("verify")
    assert verified.returncode == 1
    assert f"original-lost: {receipt['original']}" in verified.stdout.decode()


def test_with_an_original_its_recipe_is_swept_and_the_document_stays(make_office):
    office = make_office({"archive.keep_originals": '"1s"'})
    assert was_taken(office.send(mail_of(office, part(in_lines(BIG))), [office.open_address]))
    wait_for(lambda: not office.kwit.rows("outbox", "list"), "the notices to be sent")
    time.sleep(1.1)  # the second that they are kept
    receipt = office.receipt()
    summary = office.kwit.rows("sweep", "--delete")[-1]
    assert summary["originals"] == 1 and summary["originals_bytes"] < 2000
    assert recipes(office) == {}
    assert stored(office.kwit.archive) == len(BIG)
    assert office.content(office.document()["id"]) == BIG
    assert office.kwit.run("receipt", "original", receipt["id"]).returncode == 1
    assert office.kwit.run("verify").returncode == 0


def test_a_backup_brings_mails_back_that_are_made(office, tmp_path):
    assert was_taken(office.send(mail_of(office, part(in_lines(BIG))), [office.open_address]))
    original = office.original(office.receipt()["id"])
    backup = tmp_path / "backup"
    assert office.kwit.run("backup", str(backup), "--copy").returncode == 0
    assert office.kwit.run("restore", "--check", str(backup)).returncode == 0
    [recipe] = [row["objects"][0] for row in recipes(office).values()]
    assert made_without_kwit(backup, object_in(backup, recipe).read_bytes()) == original
