"""Every document of a mail that a generator made comes back bit for bit, or with a reason; Python's reading of the same
mail is the second opinion. docs/hostile-mail.md has the counts of a long run.

KWIT_MAILS: how many mails (200); KWIT_SEED: another seed.
"""

import collections
import concurrent.futures
import email
import email.policy
import hashlib
import json
import os

import pytest

from generated import Generator, Mail
from harness.mails import PDF_HEAD
from office import SUPPLIER, was_taken

MAILS = int(os.environ.get("KWIT_MAILS", "200"))
SEED = int(os.environ.get("KWIT_SEED", "20261121"))
AT_ONCE = 100  # mails kept for a look when one of them fails
WHOLE_MAIL = {"ambiguous-structure", "too-many-parts", "nesting-too-deep", "headers-over-limit"}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def answer(office, number: int, mail: Mail) -> dict:
    path = office.kwit.dir / f"{number}.eml"
    path.write_bytes(mail.raw)
    done = office.kwit.run("--json", "check", str(path), "--from", SUPPLIER, "--to", office.open_address)
    assert done.returncode in (0, 1), done.stderr.decode()
    return json.loads(done.stdout)


def answers(office, mails: list[Mail]) -> list[dict]:
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as threads:
        return list(threads.map(lambda numbered: answer(office, *numbered), enumerate(mails)))


def by_python(raw: bytes) -> list[bytes]:
    """The PDFs that another program finds."""
    parsed = email.message_from_bytes(raw, policy=email.policy.compat32)
    contents = [part.get_payload(decode=True) or b"" for part in parsed.walk() if not part.is_multipart()]
    return [content for content in contents if content.startswith(PDF_HEAD)]


def became(content: bytes, row: dict) -> str:
    """"filed", the reason why not, or "missed": nobody would ever know of the document."""
    same = [part for part in row["parts"] if part["sha256"] == digest(content)]
    if any(part["disposition"] in ("filed", "duplicate", "annex") for part in same):
        return "filed"
    reasons = [part["reason"] for part in same if part["disposition"] == "refused"]
    if reasons:
        return reasons[0]
    whole = WHOLE_MAIL & set(row["reasons"])
    if whole:
        return min(whole)
    # What was damaged has other bytes than what was attached, or what held it cannot be opened: it is refused under the
    # place where it stands.
    damaged = [part for part in row["parts"] if part["reason"] in ("encoding-damaged", "type-mismatch") or
               part["reason"] == "part-not-accepted" and is_mail(part)]
    return damaged[0]["reason"] if damaged else "missed"


def is_mail(part: dict) -> bool:
    return part["media_type"] == "message/rfc822" or (part["name"] or "").endswith(".eml")


def shown(row: dict) -> str:
    return "\n".join(f"{part['path']}: {part['disposition']} {part['reason'] or ''}" for part in row["parts"])


def check(mail: Mail, row: dict, counts: collections.Counter):
    for attached in mail.files:
        what = became(attached.content, row)
        counts[what] += 1
        assert what != "missed", f"{mail.tricks} {attached.name} {row['reasons']}\n{shown(row)}"
        if mail.sound:
            assert what == "filed", f"{mail.tricks} {what} {row['reasons']}\n{shown(row)}"
            names = [part["name"] or "" for part in row["parts"] if part["sha256"] == digest(attached.content)]
            assert attached.name in names, (attached.name, names)
    # Python keeps soft line breaks with blanks behind them, ends base64 at the first padding and a line at a bare CR: it
    # may have other bytes, but no more documents.
    found = by_python(mail.raw)
    judged = [part for part in row["parts"] if part["disposition"] in ("filed", "duplicate", "annex", "refused")]
    assert len(found) <= len(judged) or WHOLE_MAIL & set(row["reasons"]), f"{mail.tricks} {len(found)}\n{shown(row)}"
    same = [content for content in found if became(content, row) == "filed"]
    counts["by Python: the same bytes"] += len(same)
    counts["by Python: other bytes"] += len(found) - len(same)
    counts["mails"] += 1
    counts["sound mails"] += mail.sound
    counts["documents"] += len(mail.files)
    counts["containers"] += sum(part["disposition"] == "container" for part in row["parts"])


PATIENT = {"inspector.timeout": '"60s"', "inspector.cpu": '"2s"'}  # on a busy machine


def test_every_document_comes_back_or_has_a_reason(make_office):
    office = make_office(PATIENT)
    generator = Generator(SEED)
    counts: collections.Counter = collections.Counter()
    for _ in range(0, MAILS, AT_ONCE):
        mails = [generator.mail() for _ in range(AT_ONCE)]
        for number, (mail, row) in enumerate(zip(mails, answers(office, mails))):
            try:
                check(mail, row, counts)
            except AssertionError:
                pytest.fail(f"seed {SEED}, {number} of these; the mail is in {office.kwit.dir}/{number}.eml", pytrace=True)
    print(dict(counts))
    # A generator that makes nothing odd, or nothing else, would prove nothing.
    assert counts["filed"] > counts["documents"] / 2 and counts["ambiguous-structure"] > 0
    assert counts["encoding-damaged"] > 0 and counts["containers"] > MAILS / 20 and counts["by Python: the same bytes"] > counts["filed"] / 5


def test_what_comes_in_by_smtp_is_stored_bit_for_bit(make_office):
    office = make_office(PATIENT)
    generator = Generator(SEED, smtp=True)
    mails = [mail for mail in (generator.mail() for _ in range(80)) if mail.sound][:30]
    for mail in mails:
        assert was_taken(office.send(mail.raw, [office.open_address]))
    stored = {digest(office.content(document["id"])) for document in office.documents()}
    wanted = {digest(attached.content) for mail in mails for attached in mail.files}
    assert wanted and wanted == stored
