"""What holds other files is opened, within budgets: attached mails, ZIP, winmail.dat, S/MIME, uuencode."""

import base64
import io
import os
import pathlib
import struct
import zipfile

import pytest

import containers
import pdfs
from containers import zipped
from harness import mails
from office import OPEN_NOTIFY, SUPPLIER, dispositions, was_refused, was_taken

ZIP = "application/zip"
OCTETS = "application/octet-stream"
REJECT = {"policy.open.on_failure": '"reject"'}


def pdf(text: str = "Rechnung 4711") -> bytes:
    return mails.pdf(text)


def inner(files, text: str = "Siehe Anhang.\n") -> bytes:
    """A mail as somebody forwards it."""
    return mails.letter("kasse@lieferant.example", "anna@kunde.example", "Rechnung", text=text, files=files).as_bytes()


def paths(receipt: dict) -> dict[str, tuple[str, str | None]]:
    return {part["path"]: (part["disposition"], part["reason"]) for part in receipt["parts"]}


def by_path(receipt: dict, path: str) -> dict:
    return next(part for part in receipt["parts"] if part["path"] == path)


def filed(office) -> dict[str, bytes]:
    return {document["filename"]: office.content(document["id"]) for document in office.documents()}


# ── what is found ────────────────────────────────────────────────────────────────────────────────


def test_documents_in_a_zip_are_filed_bit_for_bit_and_the_rest_is_named(office):
    one, two = pdf("eins"), pdf("zwei")
    content = zipped([("a/", b""), ("a/eins.pdf", one), ("zwei.pdf", two), ("lies.txt", b"Hallo"),
                      ("__MACOSX/._eins.pdf", b"\0\5\x16\7"), ("Thumbs.db", b"x")])
    assert was_taken(office.send_open(files=[("re.zip", content, ZIP)]))
    receipt = office.receipt()
    assert (receipt["verdict"], receipt["reasons"]) == ("partial", ["part-not-accepted"])
    assert paths(receipt) == {
        "mail > part 1": ("body", None),
        "mail > re.zip": ("container", None),
        "mail > re.zip > eins.pdf": ("filed", None),
        "mail > re.zip > zwei.pdf": ("filed", None),
        "mail > re.zip > lies.txt": ("refused", "part-not-accepted"),
        "mail > re.zip > ._eins.pdf": ("ignored", None),
        "mail > re.zip > Thumbs.db": ("ignored", None),
    }
    assert filed(office) == {"eins.pdf": one, "zwei.pdf": two}
    assert by_path(receipt, "mail > re.zip > eins.pdf")["raw_name"] == "a/eins.pdf"
    assert "re.zip > eins.pdf" in office.kwit.text("receipt", "show", receipt["id"])


@pytest.mark.parametrize("content", [
    pytest.param(lambda one: zipped([("re.pdf", one)], zipfile.ZIP_STORED), id="stored"),
    pytest.param(lambda one: zipped([("re.pdf", one)], zipfile.ZIP_BZIP2), id="bzip2"),
    pytest.param(lambda one: zipped([("re.pdf", one)], zipfile.ZIP_LZMA), id="lzma"),
    pytest.param(lambda one: containers.streamed("re.pdf", one), id="data-descriptor"),
    pytest.param(lambda one: containers.zip64("re.pdf", one), id="zip64"),
])
def test_a_zip_of_any_usual_make_is_opened(office, content):
    one = pdf()
    assert was_taken(office.send_open(files=[("re.zip", content(one), OCTETS)]))
    assert filed(office) == {"re.pdf": one}
    assert office.receipt()["verdict"] == "imported"


def test_names_in_a_zip_are_read_as_they_were_written(office):
    one, two = pdf("eins"), pdf("zwei")
    unmarked = zipped([("Geb#hr.pdf", two)]).replace(b"Geb#hr", b"Geb\x81hr")  # CP437, as old programs write
    content = zipped([("Zażółć.pdf", one)])
    assert was_taken(office.send_open(files=[("a.zip", content, ZIP), ("b.zip", unmarked, ZIP)]))
    assert filed(office) == {"Zażółć.pdf": one, "Gebühr.pdf": two}


@pytest.mark.parametrize("encoding", ["8bit", "base64"])
def test_documents_in_an_attached_mail_are_filed_and_its_text_is_text(office, encoding):
    one = pdf()
    attached = inner([("rechnung.pdf", one, "application/pdf")])
    body = attached if encoding == "8bit" else base64.encodebytes(attached).replace(b"\n", b"\r\n")
    mail = office.open_mail()
    raw = (b"From: rechnung@lieferant.example\r\nTo: x@in.example.com\r\nSubject: WG: Rechnung\r\n"
           b"Date: " + mail["Date"].encode() + b"\r\nMessage-ID: <1.%s@lieferant.example>\r\nMIME-Version: 1.0\r\n" % encoding.encode() +
           b"Content-Type: multipart/mixed; boundary=outer\r\n\r\n--outer\r\nContent-Type: text/plain\r\n\r\nWG\r\n"
           b"--outer\r\nContent-Type: message/rfc822; name=\"weiter.eml\"\r\nContent-Transfer-Encoding: " + encoding.encode() +
           b"\r\n\r\n" + body + b"\r\n--outer--\r\n")
    assert was_taken(office.send(raw, [office.open_address]))
    receipt = office.receipt()
    assert receipt["verdict"] == "imported", receipt
    assert paths(receipt) == {
        "mail > part 1": ("body", None),
        "mail > weiter.eml": ("container", None),
        "mail > weiter.eml > part 3": ("body", None),
        "mail > weiter.eml > rechnung.pdf": ("filed", None),
    }
    assert filed(office) == {"rechnung.pdf": one}
    assert office.original(receipt["id"]).endswith(raw[raw.index(b"--outer"):])


def test_an_eml_file_in_a_zip_in_an_eml_file_is_followed_down(office):
    one = pdf()
    deepest = inner([("rechnung.pdf", one, "application/pdf")])
    packed = zipped([("alt.eml", b"From lieferant Mon Nov 16 10:00:00 2026\r\n" + deepest)])
    outer = inner([("re.zip", packed, ZIP)])
    assert was_taken(office.send_open(files=[("weiter.eml", outer, OCTETS)]))
    receipt = office.receipt()
    assert by_path(receipt, "mail > weiter.eml > re.zip > alt.eml > rechnung.pdf")["disposition"] == "filed"
    assert receipt["verdict"] == "imported"
    assert filed(office) == {"rechnung.pdf": one}


def test_a_mail_that_a_report_brings_back_is_not_opened(office):
    returned = inner([("rechnung.pdf", pdf(), "application/pdf")])
    raw = (b"From: mailer-daemon@lieferant.example\r\nSubject: Undelivered\r\nDate: " + office.open_mail()["Date"].encode() +
           b"\r\nMessage-ID: <3@lieferant.example>\r\nMIME-Version: 1.0\r\n"
           b"Content-Type: multipart/report; report-type=delivery-status; boundary=r\r\n\r\n--r\r\n\r\nIt came back.\r\n--r\r\n"
           b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.com\r\n\r\nAction: failed\r\n--r\r\n"
           b"Content-Type: message/rfc822\r\n\r\n" + returned + b"\r\n--r--\r\n")
    office.send(raw, [office.open_address, "boss@example.com"])
    receipt = office.receipt()
    assert receipt["verdict"] == "failed" and office.documents() == []
    assert paths(receipt)["mail > part 3"] == ("refused", "part-not-accepted")


def test_a_mail_of_the_null_sender_brings_back_mails_and_texts_but_its_files_are_its_own(office):
    one, two, three = pdf("eins"), pdf("zwei"), pdf("drei")
    files = [("weiter.eml", inner([("eins.pdf", one, "application/pdf")]), OCTETS), ("zwei.zip", zipped([("zwei.pdf", two)]), ZIP)]
    mail = office.open_mail(files=files, text="--- the mail:\n" + containers.uuencoded("drei.pdf", three))
    office.send(mail, [office.open_address, "boss@example.com"], sender="")
    assert filed(office) == {"zwei.pdf": two}
    assert dispositions(office.receipt())["weiter.eml"] == ("refused", "part-not-accepted")


def test_winmail_dat_gives_its_files_and_those_of_the_message_in_it(office):
    one, two = pdf("eins"), pdf("zwei")
    content = containers.tnef([("Rechnung Nr 4711 für November.pdf", one)], attached=containers.tnef([("zwei.pdf", two)]))
    assert was_taken(office.send_open(files=[("winmail.dat", content, "application/ms-tnef")]))
    receipt = office.receipt()
    assert receipt["verdict"] == "imported", receipt
    assert filed(office) == {"Rechnung Nr 4711 für November.pdf": one, "zwei.pdf": two}
    assert by_path(receipt, "mail > winmail.dat > Weitergeleitet > zwei.pdf")["disposition"] == "filed"


def test_a_mail_that_is_signed_as_a_whole_is_unwrapped(office):
    one = pdf()
    der = containers.signed(containers.entity([("rechnung.pdf", one, "application/pdf")]))
    raw = containers.smime(office.open_mail(files=[]), der, "signed-data")
    assert was_taken(office.send(raw, [office.open_address]))
    receipt = office.receipt()
    assert receipt["verdict"] == "imported", receipt
    assert filed(office) == {"rechnung.pdf": one}
    assert paths(receipt)["mail > smime.p7m"] == ("container", None)


def test_a_signed_file_is_taken_out_of_its_signature(office):
    one = pdf()
    assert was_taken(office.send_open(files=[("rechnung.pdf.p7m", containers.signed(one), OCTETS)]))
    assert filed(office) == {"rechnung.pdf": one}


def test_an_encrypted_mail_is_told_apart(make_office):
    office = make_office(REJECT)
    der = containers.enveloped(containers.entity(mails.one_pdf()))
    raw = containers.smime(office.open_mail(files=[]), der, "enveloped-data")
    assert was_refused(office.send(raw, [office.open_address]), 550, "5.6.0", "mail-encrypted")


def test_files_in_a_text_are_found_also_far_behind_its_beginning(office):
    one, two = pdf("eins"), pdf("zwei")
    text = "begin 100 words, which is no file\n" + "Guten Tag.\n" * 2000 + containers.uuencoded("rechnung.pdf", one)
    text += "und\n" + containers.uuencoded("zwei.pdf", two) + "Ende\n"
    assert was_taken(office.send_open(files=[], text=text))
    receipt = office.receipt()
    assert receipt["verdict"] == "imported", receipt
    assert paths(receipt)["mail > part 1"] == ("body", None)
    assert filed(office) == {"rechnung.pdf": one, "zwei.pdf": two}


@pytest.mark.parametrize("first", ["<div>", "#!x", "<?xml version='1.0'?>", "Hallo\x01"])
def test_files_in_a_text_are_found_whatever_it_looks_like(office, first):
    one = pdf()
    raw = (f"From: rechnung@lieferant.example\r\nSubject: Rechnung\r\nDate: {office.open_mail()['Date']}\r\n"
           "Message-ID: <4@lieferant.example>\r\n\r\n" + first + "\r\n" +
           containers.uuencoded("re.pdf", one).replace("\n", "\r\n")).encode()
    assert was_taken(office.send(raw, [office.open_address]))
    assert filed(office) == {"re.pdf": one}


def test_a_mailbox_of_several_mails_is_not_read_as_one(office):
    first, second = inner([]), inner([("a.pdf", pdf(), "application/pdf")])
    both = b"From anna Mon Nov 16 10:00:00 2026\r\n" + first + b"\r\n\r\nFrom anna Mon Nov 16 10:00:01 2026\r\n" + second
    office.send_open(files=[("mails.eml", both, OCTETS)])
    assert dispositions(office.receipt())["mails.eml"] == ("refused", "encoding-damaged")
    letter = b"From anna Mon Nov 16 10:00:00 2026\r\n" + inner([("a.pdf", pdf(), "application/pdf")],
                                                             text="Hallo,\n\n>From here on: nothing.\n\nFrom now on too.\n")
    assert was_taken(office.send_open(files=[("mail.eml", letter, OCTETS)]))
    assert set(filed(office)) == {"a.pdf"}


def test_documents_are_found_wherever_they_stand_and_whatever_they_are_called(office):
    one, two, three = pdf("eins"), pdf("zwei"), pdf("drei")
    def part(kind, content, more=""):
        return (f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n{more}\r\n"
                + base64.encodebytes(content).decode().replace("\n", "\r\n"))
    raw = ("From: rechnung@lieferant.example\r\nTo: x@in.example.com\r\nSubject: Rechnung\r\n"
           "Date: " + office.open_mail()["Date"] + "\r\nMessage-ID: <2@lieferant.example>\r\nMIME-Version: 1.0\r\n"
           "Content-Type: multipart/related; boundary=r\r\n\r\n--r\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n"
           "--a\r\nContent-Type: text/plain\r\n\r\nText\r\n--a\r\n" + part("application/pdf; name=eins.pdf", one) +
           "\r\n--a--\r\n--r\r\n" + part("application/octet-stream; name=zwei.dat", two, "Content-ID: <x>\r\n") +
           "\r\n--r\r\n" + part("image/jpeg; name=drei.jpg", three) + "\r\n--r--\r\n")
    assert was_taken(office.send(raw.encode(), [office.open_address]))
    assert filed(office) == {"eins.pdf": one, "zwei.dat": two, "drei.jpg": three}


def test_the_same_bytes_in_a_zip_and_beside_it_are_one_document(office):
    one = pdf()
    assert was_taken(office.send_open(files=[*mails.one_pdf(one), ("re.zip", zipped([("kopie.pdf", one)]), ZIP)]))
    receipt = office.receipt()
    assert paths(receipt)["mail > re.zip > kopie.pdf"] == ("duplicate", None)
    assert len(office.documents()) == 1


def test_many_copies_of_a_content_leave_room_for_the_next(office):
    terms = pdf("AGB")
    forwarded = [(f"{n}.eml", inner([("agb.pdf", terms, "application/pdf"), (f"{n}.pdf", pdf(str(n)), "application/pdf")]))
                 for n in range(60)]
    assert was_taken(office.send_open(files=[("weiter.zip", zipped(forwarded), ZIP)]))
    assert office.receipt()["verdict"] == "imported" and len(office.documents()) == 61


def test_more_containers_than_a_mail_may_have_documents_are_too_many(make_office):
    office = make_office(REJECT)
    many = zipped([(f"{n}.zip", zipped([("x.txt", str(n).encode())])) for n in range(102)])
    assert was_refused(office.send_open(files=[("re.zip", many, ZIP)]), 550, "5.6.0", "too-many-parts")


def test_an_office_document_is_no_container(office):
    assert was_taken(office.send_open(files=[("agb.docx", mails.docx(), OCTETS)]))
    assert dispositions(office.receipt())["agb.docx"] == ("refused", "part-not-accepted")


def test_a_zip_with_nothing_to_file_is_no_silent_miss(make_office):
    office = make_office(REJECT)
    assert was_refused(office.send_open(files=[("a.zip", zipped([("b.txt", b"x")]), ZIP)]), 550, "5.6.0", "part-not-accepted")
    assert was_refused(office.send_open(files=[("c.zip", zipped([("d/", b"")]), ZIP)]), 550, "5.6.0", "no-document")


# ── by hand ──────────────────────────────────────────────────────────────────────────────────────


def test_what_was_not_filed_is_taken_out_of_its_container_by_number(office):
    picture = mails.png()
    outer = inner([("bilder.zip", zipped([("scan.png", picture), ("b.txt", b"x")]), ZIP)])
    assert was_taken(office.send_open(files=[("weiter.eml", outer, OCTETS)]))
    receipt = office.receipt()
    part = by_path(receipt, "mail > weiter.eml > bilder.zip > scan.png")
    assert (part["disposition"], part["reason"]) == ("refused", "part-not-accepted")
    done = office.kwit.run("import", "--receipt", receipt["id"], "--part", str(part["number"]), "--category", "ER",
                           "--period", "2026-11", "--force", "part-not-accepted")
    assert done.returncode == 0, done.stderr
    assert filed(office) == {"scan.png": picture}


def test_a_part_is_taken_out_beside_many_others_where_a_shell_allows_few_open_files(office):
    files = [(f"{number}.txt", b"%d" % number, "text/plain") for number in range(90)]
    picture = mails.png()
    assert was_taken(office.send_open(files=[("weiter.eml", inner([*files, ("scan.png", picture, "image/png")]), OCTETS)]))
    receipt = office.receipt()
    part = by_path(receipt, "mail > weiter.eml > scan.png")
    office.kwit.prefix = ["prlimit", "--nofile=50:4096"]
    done = office.kwit.run("import", "--receipt", receipt["id"], "--part", str(part["number"]), "--category", "ER",
                           "--period", "2026-11", "--force", "part-not-accepted")
    assert done.returncode == 0, done.stderr
    assert filed(office) == {"scan.png": picture}


# ── what cannot be read ──────────────────────────────────────────────────────────────────────────


def test_an_encrypted_zip_and_an_encrypted_file_in_one_are_told_apart(office):
    one = pdf()
    whole = containers.locked([("a.pdf", pdf("a")), ("b.pdf", pdf("b"))])
    mixed = containers.locked([("c.pdf", pdf("c"))], [("d.pdf", one)])
    assert was_taken(office.send_open(files=[("whole.zip", whole, ZIP), ("mixed.zip", mixed, ZIP)]))
    receipt = office.receipt()
    assert paths(receipt) == {
        "mail > part 1": ("body", None),
        "mail > whole.zip": ("refused", "container-encrypted"),
        "mail > mixed.zip": ("container", None),
        "mail > mixed.zip > c.pdf": ("refused", "container-encrypted"),
        "mail > mixed.zip > d.pdf": ("filed", None),
    }
    assert receipt["reasons"] == ["container-encrypted"]


def damaged_member() -> bytes:
    content = bytearray(zipped([("a.pdf", pdf("a")), ("b.pdf", pdf("b"))], zipfile.ZIP_STORED))
    content[60] ^= 0xFF
    return bytes(content)


@pytest.mark.parametrize("name, content", [
    ("cut.zip", lambda: zipped([("a.pdf", pdf())])[:-30]),
    ("cut.dat", lambda: containers.tnef([("a.pdf", pdf())])[:-5]),
    ("sum.dat", lambda: containers.tnef([("a.pdf", pdf())])[:-1] + b"\xff"),
])
def test_a_container_that_cannot_be_opened_is_damaged(office, name, content):
    assert was_taken(office.send_open(files=[(name, content(), OCTETS)]))
    assert paths(office.receipt())["mail > " + name] == ("refused", "encoding-damaged")


def test_one_damaged_member_fails_alone(office):
    method = containers.raw_zip([("x.pdf", b"abc", 0, 3)], method=97)
    text = containers.uuencoded("halb.pdf", pdf()).rsplit("`", 1)[0]
    assert was_taken(office.send_open(files=[("d.zip", damaged_member(), ZIP), ("m.zip", method, ZIP)], text=text))
    receipt = office.receipt()
    assert paths(receipt)["mail > d.zip > a.pdf"] == ("refused", "encoding-damaged")
    assert paths(receipt)["mail > d.zip > b.pdf"] == ("filed", None)
    assert paths(receipt)["mail > m.zip > x.pdf"] == ("refused", "part-not-accepted")
    assert paths(receipt)["mail > part 1 > halb.pdf"] == ("refused", "encoding-damaged")
    assert receipt["verdict"] == "partial"


@pytest.mark.parametrize("name, attributes, reason", [
    pytest.param("re.pdf", 0o120777 << 16, "part-not-accepted", id="link"),
    pytest.param("re.pdf", 0o040755 << 16, "encoding-damaged", id="directory"),
    pytest.param("re.pdf", 0x10, "encoding-damaged", id="directory-of-dos"),
    pytest.param("re.pdf/", 0o100644 << 16, "encoding-damaged", id="name-of-a-directory"),
])
def test_no_document_hides_in_an_entry_that_is_called_otherwise(office, name, attributes, reason):
    one = pdf("zwei")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.create_system, info.external_attr = (3 if attributes >> 16 else 0), attributes
        archive.writestr(info, pdf("eins"))
        archive.writestr("zwei.pdf", one)
    assert was_taken(office.send_open(files=[("re.zip", content.getvalue(), ZIP)]))
    receipt = office.receipt()
    assert paths(receipt)["mail > re.zip > re.pdf"] == ("refused", reason)
    assert (receipt["verdict"], receipt["reasons"]) == ("partial", [reason])
    assert filed(office) == {"zwei.pdf": one}


def test_a_document_with_the_name_of_clutter_is_filed(office):
    one, two = pdf("eins"), pdf("zwei")
    raw = inner([("Thumbs.db", two, "application/octet-stream"), ("desktop.ini", b"[x]", "application/octet-stream")])
    content = zipped([("__MACOSX/re.pdf", one), ("__MACOSX/._re.pdf", b"\0\5\x16\7")])
    assert was_taken(office.send_open(files=[("re.zip", content, ZIP), ("weiter.eml", raw, OCTETS)]))
    receipt = office.receipt()
    assert filed(office) == {"re.pdf": one, "Thumbs.db": two}
    assert paths(receipt)["mail > re.zip > ._re.pdf"] == ("ignored", None)
    assert paths(receipt)["mail > weiter.eml > desktop.ini"] == ("ignored", None)
    assert receipt["verdict"] == "imported"


def test_what_is_ambiguous_in_an_attached_mail_makes_the_mail_ambiguous(make_office):
    office = make_office(REJECT)
    raw = inner([("rechnung.pdf", pdf(), "application/pdf")])
    twice = raw.replace(b"MIME-Version: 1.0", b"MIME-Version: 1.0\r\nContent-Type: text/plain", 1)
    dialogue = office.send_open(files=[("weiter.eml", twice, OCTETS)])
    assert was_refused(dialogue, 550, "5.6.0", "ambiguous-structure")


# ── budgets ──────────────────────────────────────────────────────────────────────────────────────


def nested(levels: int) -> bytes:
    content = pdf()
    for level in range(levels):
        content = zipped([(f"{level}.zip" if level else "re.pdf", content)])
    return content


@pytest.mark.parametrize("limits, fits, over, reason", [
    pytest.param({"limits.members": "3"}, lambda: zipped([(f"{i}.pdf", pdf(str(i))) for i in range(3)]),
                 lambda: zipped([(f"{i}.pdf", pdf(str(i))) for i in range(4)]), "container-over-budget", id="members"),
    pytest.param({"limits.unpacked": '"1MiB"', "limits.ratio": "100000"},
                 lambda: zipped([("a.pdf", sized(1 << 20))]), lambda: zipped([("a.pdf", sized((1 << 20) + 1))]),
                 "container-over-budget", id="unpacked"),
    pytest.param({"limits.depth": "3"}, lambda: nested(3), lambda: nested(4), "nesting-too-deep", id="depth"),
    pytest.param({"limits.documents": "2"}, lambda: zipped([("a.pdf", pdf("a")), ("b.pdf", pdf("b"))]),
                 lambda: zipped([(f"{i}.pdf", pdf(str(i))) for i in range(3)]), "too-many-parts", id="documents"),
])
def test_a_budget_holds_on_its_edge_and_not_one_past_it(make_office, limits, fits, over, reason):
    office = make_office(REJECT | limits)
    assert was_taken(office.send_open(files=[("re.zip", fits(), ZIP)]))
    assert office.receipts(1)[0]["verdict"] == "imported"
    assert was_refused(office.send_open(files=[("re.zip", over(), ZIP)]), 550, "5.6.0", reason)


def sized(size: int) -> bytes:
    """A PDF of exactly that size."""
    content = pdf()
    return content + b"%" * (size - len(content) - 1) + b"\n"


def test_the_ratio_holds_on_its_edge(make_office):
    office = make_office(REJECT | {"limits.ratio": "2"})
    def half_random(random: int, zeros: int) -> bytes:
        head = pdf()
        return head + b"%" + base64.b16encode(os.urandom(random)) + b"%" * zeros + b"\n%%EOF\n"
    assert was_taken(office.send_open(files=[("a.zip", zipped([("a.pdf", half_random(1 << 20, 0))]), ZIP)]))
    assert was_refused(office.send_open(files=[("b.zip", zipped([("a.pdf", half_random(1 << 19, 3 << 20))]), ZIP)]),
                       550, "5.6.0", "container-over-budget")


def busy(pid: int) -> float:
    """Seconds of processor time of a process, its running children and theirs that have ended."""
    seconds = 0.0
    for task in [pid, *(int(child) for children in pathlib.Path(f"/proc/{pid}/task").glob("*/children")
                        for child in children.read_text().split())]:
        fields = pathlib.Path(f"/proc/{task}/stat").read_text().rpartition(")")[2].split()
        seconds += sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")
    return seconds


@pytest.mark.parametrize("name, bomb", [
    ("zeros.zip", lambda: containers.zeros("a.pdf", 10_000)),
    ("nested.zip", lambda: zipped([(f"{i}.zip", containers.zeros("a.pdf", 100)) for i in range(10)], zipfile.ZIP_STORED)),
    ("overlapping.zip", lambda: containers.overlapping(900)),
    ("many.zip", lambda: containers.raw_zip([("a.pdf", b"", 0, 0)], overlapping=65_000, method=0)),
    ("liar.zip", lambda: containers.zeros("a.pdf", 500).replace(struct.pack("<I", 500 << 20), struct.pack("<I", 5000))),
])
def test_a_bomb_is_answered_soon_and_the_next_mail_is_filed(make_office, name, bomb):
    office = make_office(REJECT | {"inspector.timeout": '"60s"'})  # other work on the machine is not meant
    content = bomb()
    dialogue = office.send_open(files=[(name, content, ZIP)])
    assert was_refused(dialogue, 550, "5.6.0", "container-over-budget"), dialogue
    took = busy(office.kwit.process.pid)
    assert took < 5, took
    assert was_taken(office.send_open())
    memory = pathlib.Path(f"/proc/{office.kwit.process.pid}/status").read_text()
    peak = next(int(line.split()[1]) for line in memory.splitlines() if line.startswith("VmHWM"))
    assert peak < 150 * 1024, peak


# ── the inspector ────────────────────────────────────────────────────────────────────────────────


def test_without_an_inspector_a_zip_waits_and_an_attached_mail_with_a_picture_does_not(make_office):
    office = make_office({"policy.open.formats": '["png"]'})
    office.kwit.stop()
    gone = office.kwit.dir / "kwit-inspector"
    gone.symlink_to("/bin/true")
    office.kwit.configure({"inspector.program": f'"{gone}"', "policy.open.formats": '["png"]'})
    office.kwit.start()
    dialogue = office.send_open(files=[("re.zip", zipped([("a.png", mails.png())]), ZIP)])
    assert dialogue.last.code == 451, dialogue
    assert was_taken(office.send_open(files=[("w.eml", inner([("b.png", mails.png(), "image/png")]), OCTETS)]))
    assert list(filed(office)) == ["b.png"]
