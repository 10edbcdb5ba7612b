"""PDF files are looked into, by a program of its own: what is in them counts, and what it does to the inspector."""

import os
import pathlib
import signal
import subprocess
import threading

import pytest

import pdfs
from harness import mails
from harness.kwit import build_dir
from harness.postfix import wait_for
from office import OPEN_NOTIFY, SUPPLIER, Office, dispositions, text_of, was_refused, was_taken

BOSS = "boss@example.com"
REJECT = {"policy.open.on_failure": '"reject"'}


def one(content: bytes, name: str = "rechnung.pdf") -> list[tuple[str, bytes, str]]:
    return mails.one_pdf(content, name)


def fake(kwit, mode: str) -> pathlib.Path:
    """A program in the inspector's place that behaves as it is called (tests/unit/inspect/fake_inspector.cc)."""
    program = kwit.dir / mode
    if not program.exists():
        program.symlink_to(build_dir() / "tests/unit/inspect/fake-inspector")
    return program


def asked(program: pathlib.Path) -> int:
    """How many times the fake was asked."""
    count = program.with_name(program.name + ".asked")
    return count.stat().st_size if count.exists() else 0


def inspectors(kwit) -> list[int]:
    """The inspectors of this kwit-milter."""
    tasks = pathlib.Path(f"/proc/{kwit.process.pid}/task")
    return [int(pid) for children in tasks.glob("*/children") for pid in children.read_text().split()]


@pytest.fixture
def with_fake(make_office):
    """An office whose inspector is the fake that is called so."""
    def make(mode: str, **changes):
        office = make_office()
        program = fake(office.kwit, mode)
        office.kwit.stop()
        office.kwit.configure({"inspector.program": f'"{program}"'} | changes)
        office.kwit.start()
        return office, program
    return make


# what is in the documents

def test_pages_and_title_of_a_pdf_stand_with_the_document(office):
    assert was_taken(office.send_open(files=one(pdfs.pages(3, title="Rechnung 4711"))))
    document = office.document()
    assert (document["pages"], document["title"], document["flags"], document["embedded"], document["active"]) == (
        3, "Rechnung 4711", [], [], [])
    shown = office.kwit.text("document", "show", document["id"])
    assert "Rechnung 4711" in shown


def test_a_pdf_that_needs_a_password_is_forwarded_with_that_reason(office, sink):
    assert was_taken(office.send_open(files=one(mails.encrypted(pdfs.pages(2), "secret", "boss"))))
    receipt = office.receipt()
    assert (receipt["verdict"], receipt["reasons"]) == ("failed", ["pdf-encrypted"])
    assert dispositions(receipt) == {"rechnung.pdf": ("refused", "pdf-encrypted")}
    assert office.owed() == {("failure", OPEN_NOTIFY)}
    assert office.documents() == []


def test_a_pdf_with_an_owners_password_alone_is_taken(office):
    assert was_taken(office.send_open(files=one(mails.encrypted(pdfs.pages(2), "", "boss"))))
    document = office.document()
    assert (document["pages"], document["flags"]) == (2, ["owner-password"])


def test_a_damaged_pdf_is_told_with_what_the_inspector_said(make_office):
    office = make_office(REJECT)
    answer = office.send_open(files=one(pdfs.cut_off()))
    assert was_refused(answer, 550, "5.6.0", "pdf-damaged")
    assert "rechnung.pdf" in answer.last.text
    assert "unable to find trailer dictionary" in answer.last.text


def test_a_pdf_out_of_order_with_all_its_pages_is_taken_and_flagged(office):
    assert was_taken(office.send_open(files=one(pdfs.moved())))
    document = office.document()
    assert (document["pages"], document["flags"]) == (2, ["repaired"])
    assert office.content(document["id"]) == pdfs.moved()


@pytest.mark.parametrize("choice, flags", [(None, ["active-content"]), ('"flag"', ["active-content"]), ('"ignore"', [])])
def test_a_pdf_with_a_script_is_taken_unless_the_policy_refuses(make_office, choice, flags):
    office = make_office({"policy.open.active_content": choice} if choice else {})
    assert was_taken(office.send_open(files=one(pdfs.script())))
    document = office.document()
    assert (document["flags"], document["active"]) == (flags, ["javascript"])


def test_with_active_content_refused_the_others_of_the_mail_are_filed(make_office):
    office = make_office({"policy.open.active_content": '"refuse"'})
    files = one(pdfs.script(), "aktiv.pdf") + one(mails.pdf(), "gut.pdf") + one(
        pdfs.embedding("setup.exe", b"MZ\x90\0"), "programm.pdf")
    assert was_taken(office.send_open(files=files))
    receipt = office.receipt()
    assert receipt["verdict"] == "partial"
    assert dispositions(receipt) == {
        "aktiv.pdf": ("refused", "pdf-active-content"), "gut.pdf": ("filed", ""), "programm.pdf": ("refused", "pdf-active-content")}
    found = [finding["values"]["found"] for finding in receipt["findings"]]
    assert found == ["javascript"]  # of each reason the first


def test_an_electronic_invoice_inside_a_pdf_is_known(office):
    assert was_taken(office.send_open(files=one(pdfs.embedding("factur-x.xml", pdfs.INVOICE_XML))))
    assert office.document()["embedded"] == [
        {"name": "factur-x.xml", "media_type": "text/xml", "size": len(pdfs.INVOICE_XML), "kind": "factur-x"}]


def test_a_tagged_sender_is_asked_for_a_pdf_without_password(office, sink):
    files = one(mails.encrypted(pdfs.pages(2), "secret", "boss"), "faktura.pdf")
    assert was_taken(office.send_tagged(files=files))
    receipt = office.receipt()
    assert (receipt["verdict"], receipt["reasons"]) == ("failed", ["pdf-encrypted"])
    correction = office.arrived(sink, "correction", "anna@kunde.example")
    assert "faktura.pdf" in text_of(correction)


def test_the_same_bytes_twice_in_a_mail_are_looked_into_once_and_judged_alike(office):
    files = one(pdfs.cut_off(), "eins.pdf") + one(pdfs.cut_off(), "zwei.pdf")
    assert was_taken(office.send_open(files=files))
    assert dispositions(office.receipt()) == {
        "eins.pdf": ("refused", "pdf-damaged"), "zwei.pdf": ("refused", "pdf-damaged")}


@pytest.mark.plain_build
def test_a_bomb_is_uninspectable_and_mail_goes_on(make_office):
    """Under a sanitizer there is no limit of memory."""
    office = make_office({"inspector.memory": '"128MiB"', "inspector.timeout": '"60s"'})
    bomb = pdfs.bomb(1000)
    assert was_taken(office.send_open(files=one(bomb)))
    receipt = office.receipt()
    assert (receipt["verdict"], receipt["reasons"]) == ("failed", ["uninspectable"])
    assert office.kwit.log_text().count("cannot be looked into") == 1
    assert was_taken(office.send_open(files=one(bomb), subject="Again"))
    assert office.kwit.log_text().count("cannot be looked into") == 1, "what is known was looked into again"
    assert was_taken(office.send_open())
    assert len(office.documents()) == 1


# the inspector and its troubles

def test_one_that_makes_the_inspector_crash_twice_is_uninspectable_and_remembered(with_fake):
    office, program = with_fake("crashes")
    assert was_taken(office.send_open())
    assert office.receipt()["reasons"] == ["uninspectable"]
    assert asked(program) == 2
    assert was_taken(office.send_open(subject="The same file in another mail", files=one(mails.pdf())))
    assert asked(program) == 2


def test_without_an_inspector_mail_waits_and_other_mail_passes_until_it_is_there(make_kwit, monkeypatch, sink):
    kwit = make_kwit(start=False)
    program = kwit.dir / "plain"
    monkeypatch.setenv("KWIT_INSPECTOR", str(program))
    office = Office(kwit.start()).open()

    assert was_refused(office.send_open(), 451, "4.3.0", "inspector-unavailable")
    assert was_taken(office.send_open(files=[("notiz.txt", b"hello", "text/plain")])), "there is no PDF in it"
    assert was_taken(office.send(mails.letter(SUPPLIER, BOSS, "Lunch?"), [BOSS]))
    checked = subprocess.run(kwit.milter_command() + ["--check"], capture_output=True, text=True, env=kwit.environment())
    assert checked.returncode == 1
    assert f"there is no kwit-inspector at {program}" in checked.stderr

    fake(kwit, "plain")
    assert was_taken(office.send_open())
    assert "kwit-inspector works again" in kwit.log_text()


@pytest.mark.postfix_only("kwit doctor reads Postfix's configuration")
def test_the_doctor_names_an_inspector_that_is_not_there(make_kwit, monkeypatch):
    kwit = make_kwit(start=False)
    monkeypatch.setenv("KWIT_INSPECTOR", str(kwit.dir / "plain"))
    doctor = kwit.run("doctor", "--json", "--postfix", str(kwit.postfix.etc))
    assert b'"inspector-unusable"' in doctor.stdout


def test_an_inspector_that_was_killed_is_started_again(office):
    assert was_taken(office.send_open())
    [before] = inspectors(office.kwit)
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: pathlib.Path(f"/proc/{before}/stat").read_text().split()[2] == "Z", "the inspector to die")
    assert was_taken(office.send_open(files=one(pdfs.pages(2))))
    assert inspectors(office.kwit) != [before]
    assert len(office.documents()) == 2


def test_one_that_hangs_is_451_for_its_mail_and_nobody_elses(with_fake, connect):
    office, program = with_fake("slow", **{"inspector.timeout": '"3s"'})
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(office.send_open()))
    waiting.start()
    wait_for(lambda: asked(program) == 1, "the inspector to be asked")
    session = connect()
    session.ask("MAIL", f"FROM:<{SUPPLIER}>")
    assert session.ask("RCPT", f"TO:<{office.open_address}>").code == 250
    assert was_taken(office.send(mails.letter(SUPPLIER, BOSS, "Lunch?"), [BOSS]))
    assert was_taken(office.send_open(files=[("notiz.txt", b"hello", "text/plain")]))
    assert not answers, "the others had to wait for it"
    waiting.join()
    assert was_refused(answers[0], 451, "4.3.2", "busy")

    office.kwit.configure({"inspector.program": f'"{fake(office.kwit, "plain")}"'})
    office.kwit.reload()
    wait_for(lambda: "was read again" in office.kwit.log_text(), "the reload")
    assert was_taken(office.send_open()), "nothing was remembered"


def test_the_inspector_ends_with_the_milter_however_that_ends(office):
    assert was_taken(office.send_open())
    [inspector] = inspectors(office.kwit)
    office.kwit.stop(signal.SIGKILL)

    def is_gone() -> bool:
        stat = pathlib.Path(f"/proc/{inspector}/stat")
        return not stat.exists() or stat.read_text().split()[2] == "Z"

    wait_for(is_gone, "the inspector to end")


# by hand

def test_a_dry_run_looks_into_documents_too(office, tmp_path):
    mail = tmp_path / "mail.eml"
    mail.write_bytes(office.open_mail(files=one(pdfs.cut_off())).as_bytes())
    done = office.kwit.run("check", str(mail), "--from", SUPPLIER, "--to", office.open_address, "--json")
    assert done.returncode == 1
    assert b'"pdf-damaged"' in done.stdout


def test_a_damaged_pdf_is_imported_by_hand_only_with_its_reason_named(office, tmp_path):
    file = tmp_path / "rechnung.pdf"
    file.write_bytes(pdfs.cut_off())
    command = ["import", str(file), "--client", "20001", "--category", "ER", "--period", "2026-11"]
    done = office.kwit.run(*command)
    assert done.returncode == 1
    assert b"pdf-damaged: rechnung.pdf: it is damaged (unable to find trailer dictionary" in done.stderr
    assert b"--force pdf-damaged" in done.stderr
    office.kwit.first_line(*command, "--force", "pdf-damaged")
    assert office.content(office.document()["id"]) == pdfs.cut_off()


def test_what_the_archive_knows_is_not_looked_into_again(office, monkeypatch):
    assert was_taken(office.send_open(files=one(pdfs.script())))
    monkeypatch.setenv("KWIT_INSPECTOR", str(office.kwit.dir / "nowhere"))
    office.kwit.stop()
    office.kwit.start()
    assert was_taken(office.send_open(files=one(pdfs.script()), subject="The same file in another mail"))
    first, second = office.documents()
    assert first["sha256"] == second["sha256"]
    assert (first["flags"], first["active"]) == (second["flags"], second["active"]) == (["active-content"], ["javascript"])
