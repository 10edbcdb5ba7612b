"""PDF files that are not quite what they should be."""

import zlib

from harness.mails import pdf_of, pdf_stream

INVOICE_XML = b"<?xml version='1.0'?><rsm:CrossIndustryInvoice xmlns:rsm='urn:x'/>"


def pages(count: int, catalog: bytes = b"", more: list[bytes] | None = None, title: str = "") -> bytes:
    """`count` pages; `catalog`: more in it; `more`: objects behind the others, the first is number 3 + 2 * count."""
    kids = b" ".join(b"%d 0 R" % (3 + 2 * i) for i in range(count))
    objects = [b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
               b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count)]
    for i in range(count):
        objects += [b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R >>" % (4 + 2 * i),
                    pdf_stream(b"BT 72 720 Td (page %d) Tj ET" % i)]
    objects += more or []
    trailer = b""
    if title:
        objects.append(b"<< /Title (%s) >>" % title.encode("ascii"))
        trailer = b"/Info %d 0 R" % len(objects)
    return pdf_of(objects, trailer)


def script() -> bytes:
    return pages(1, catalog=b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>")


def embedding(name: str, data: bytes) -> bytes:
    return pages(1, catalog=b"/Names << /EmbeddedFiles << /Names [(one) 5 0 R] >> >>", more=[
        b"<< /Type /Filespec /F (%s) /UF (%s) /EF << /F 6 0 R >> >>" % (name.encode(), name.encode()),
        pdf_stream(data, b"/Type /EmbeddedFile /Subtype /text#2Fxml /Params << /Size %d >>" % len(data))])


def cut_off() -> bytes:
    """Of three pages one is left."""
    whole = pages(3)
    return whole[:whole.index(b"\n6 0 obj")]


def moved() -> bytes:
    """No object is where the table says, but all of them are there."""
    return pages(2).replace(b"%PDF-1.4\n", b"%PDF-1.4\n% all has moved\n", 1)


def bomb(megabytes: int) -> bytes:
    """Objects in a stream that unpacks to this size, of a thousandth of it."""
    packer = zlib.compressobj()
    head = b"5 0 "
    piece = packer.compress(head + b" " * (2**20 - len(head))) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(b" " * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    data = piece + again * (megabytes - 1) + packer.flush()
    stream = pdf_stream(data, b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode")
    # Only a cross-reference stream can say that object 5 is in stream 6.
    objects = [b"<< /Type /Catalog /Pages 2 0 R /More 5 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>", pdf_stream(b"BT ET")]
    out = b"%PDF-1.5\n"
    rows = [(0, 0, 65535)]
    for number, body in enumerate(objects, 1):
        rows.append((1, len(out), 0))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    rows += [(2, 6, 0), (1, len(out), 0)]
    out += b"6 0 obj\n%s\nendobj\n" % stream
    rows.append((1, len(out), 0))
    table = b"".join(bytes([kind]) + place.to_bytes(4, "big") + last.to_bytes(2, "big") for kind, place, last in rows)
    xref = pdf_stream(table, b"/Type /XRef /Size %d /W [1 4 2] /Root 1 0 R" % len(rows))
    return out + b"7 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (xref, rows[7][1])
