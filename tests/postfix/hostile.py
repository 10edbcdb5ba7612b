"""Mails that are to take kwit down: more of something than anybody sends, in as few bytes as possible."""

import io
import zlib

from harness.mails import pdf_stream

HEAD = b"From: rechnung@lieferant.example\r\nTo: x@in.example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\n"


def parts(count: int) -> bytes:
    return (HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * count + b"--b--\r\n")


def headers(count: int) -> bytes:
    return HEAD + b"X: y\r\n" * count + b"\r\nx\r\n"


def headers_of_a_part(count: int) -> bytes:
    """An MTA has limits for the headers at the top; those of a part are ours alone."""
    return (HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + b"X: y\r\n" * count + b"\r\nx\r\n--b--\r\n")


def depth(levels: int) -> bytes:
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=n%dx\r\n\r\n--n%dx\r\n" % (i, i) for i in range(levels))
    return HEAD + opened + b"\r\nx\r\n"


def mails_in_mails(levels: int) -> bytes:
    return HEAD + b"Content-Type: message/rfc822\r\n\r\n" * levels + b"\r\nx\r\n"


def groups(count: int) -> bytes:
    return HEAD + b"Cc: " + b"g:" * count + b"\r\n\r\nx\r\n"


def groups_of_an_attached_mail(count: int) -> bytes:
    """In one header line of pieces that no MTA cuts."""
    folded = b"\r\n ".join([b"g:" * 400] * (count // 400))
    return (HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
            b"To: " + folded + b"\r\n\r\nx\r\n--b--\r\n")


def encoded_words(count: int) -> bytes:
    return HEAD + b"X-A: " + b"\r\n ".join([b"=?u?q?" * 100] * (count // 100)) + b"\r\n\r\nx\r\n"


def zeros(size: int) -> bytes:
    """Packed by zlib, a thousandth of it; made of repeated pieces, so that ten gigabytes take a moment."""
    packer = zlib.compressobj(9)
    first = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    # What Adler-32 of so many zeros is: the first sum stays 1, the second is their number.
    check = ((size % 65521) << 16 | 1).to_bytes(4, "big")
    return first + again * (size // 2**20 - 1) + zlib.compressobj(9, zlib.DEFLATED, -15).flush() + check


def twice(packed: bytes) -> bytes:
    """A filter more: ten megabytes of packed zeros pack to some kilobytes."""
    return zlib.compress(packed, 9)


def pdf_bomb(size: int, where: str) -> bytes:
    """A PDF with so many zeros in a stream that reading it has to unpack: the page, or the table of the objects."""
    filters, data = b"/Filter [/FlateDecode /FlateDecode]", twice(zeros(size))
    objects = {"page": [b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>", pdf_stream(data, filters)],
               "objects": [b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 6 0 R >>",
                           pdf_stream(data, b"/Type /ObjStm /N 1 /First 4 " + filters)],
               "table": [b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>", pdf_stream(b"BT ET")]}
    return _with_table([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", *objects[where]],
                       data if where == "table" else b"", filters, in_stream=where == "objects")


def _with_table(objects: list[bytes], bomb: bytes, filters: bytes, in_stream: bool) -> bytes:
    """The objects with a cross-reference stream; object 6 is in stream 4 where that is asked for."""
    out = io.BytesIO()
    out.write(b"%PDF-1.5\n")
    rows = [(0, 0, 65535)]
    for number, body in enumerate(objects, 1):
        rows.append((1, out.tell(), 0))
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    xref = out.tell()
    rows.append((1, xref, 0))
    if in_stream:
        rows.append((2, 4, 0))
    table = b"".join(bytes([kind]) + place.to_bytes(4, "big") + last.to_bytes(2, "big") for kind, place, last in rows)
    entries = b"/Type /XRef /Size %d /W [1 4 2] /Root 1 0 R " % len(rows)
    stream = pdf_stream(bomb, entries + filters) if bomb else pdf_stream(table, entries)
    out.write(b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, stream, xref))
    return out.getvalue()


def nested_mails(levels: int, size: int) -> bytes:
    """Mails in one another, each nearly as large as all of it."""
    return b"From: a@b.example\r\nContent-Type: message/rfc822\r\n\r\n" * levels + b"From: a@b.example\r\n\r\n" + b"x\r\n" * (size // 3)
