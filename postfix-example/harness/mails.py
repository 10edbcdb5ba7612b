"""Mails and tiny documents, made here so that everything runs wherever the tree is."""

import base64
import email.utils
import io
import os
import pathlib
import struct
import subprocess
import tempfile
import zipfile
import zlib
from email.message import EmailMessage
from email.policy import SMTP

TAG = "[FZ] 11/2024 (932498)"


PDF_HEAD = b"%PDF-1.4\n"


def pdf(text: str = "Faktura 17", size: int = 0, head: bytes = PDF_HEAD) -> bytes:
    """A PDF of one page with this text; padded to about `size` bytes with a stream nobody shows."""
    page = f"BT /F1 18 Tf 72 720 Td ({text}) Tj ET".encode()
    filler = os.urandom(size // 2).hex().encode() if size else b""
    return pdf_of([
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        pdf_stream(page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        pdf_stream(filler),
    ], head=head)


def pdf_of(objects: list[bytes], trailer: bytes = b"", head: bytes = PDF_HEAD) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalog."""
    out = io.BytesIO()
    out.write(head)
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    xref = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    out.write(b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, xref))
    return out.getvalue()


def pdf_stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), entries, data)


def encrypted(content: bytes, user: str, owner: str) -> bytes:
    """The PDF as qpdf encrypts it; an empty user password lets everybody open it."""
    with tempfile.TemporaryDirectory() as there:
        plain = pathlib.Path(there, "plain.pdf")
        plain.write_bytes(content)
        done = subprocess.run(["qpdf", "--encrypt", user, owner, "256", "--", plain, "-"], capture_output=True, check=True)
    return done.stdout


def png(size: int = 0, width: int = 1, height: int = 1) -> bytes:
    """A black PNG of these pixels, padded to at least `size` bytes by a text chunk."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    parts = [chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
             chunk(b"tEXt", b"Comment\0" + b"x" * size),
             chunk(b"IDAT", zlib.compress(bytes(width + 1) * height)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def jpeg(size: int = 0) -> bytes:
    """A JPEG of one pixel, padded to at least `size` bytes by comments."""
    comments = b"".join(b"\xff\xfe\x40\x02" + b"x" * 0x4000 for _ in range(-(-size // 0x4000)))
    pixel = bytes.fromhex(
        "ffdb004300030202020202030202020303030304060404040404080606050609080a0a090809090a0c0f0c0a0b0e0b09090d110d"
        "0e0f101011100a0c12131210130f101010ffc9000b080001000101011100ffcc000600101005ffda0008010100003f00d2cf20ffd9")
    return b"\xff\xd8" + comments + pixel


def tiff() -> bytes:
    """A TIFF of one white pixel."""
    fields = [(256, 3, 1), (257, 3, 1), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1),
              (278, 3, 1), (279, 4, 1)]
    directory = struct.pack("<H", len(fields)) + b"".join(
        struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in fields) + bytes(4)
    return b"II*\0" + struct.pack("<I", 10) + b"\xff\0" + directory


def gif() -> bytes:
    return base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


def docx() -> bytes:
    types = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    return zipped(**{"[Content_Types].xml": types, "word/document.xml": b"<w:document/>"})


def zipped(**files: bytes) -> bytes:
    """The same bytes at every call: no time of day in them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def xml_invoice(number: str) -> bytes:
    """A UBL invoice, or what is recognised as one."""
    return (b'<?xml version="1.0" encoding="UTF-8"?>\n<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" '
            b'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"><cbc:ID>' + number.encode() +
            b"</cbc:ID></Invoice>")


def exe() -> bytes:
    return b"MZ\x90\0" + bytes(56) + struct.pack("<I", 64) + b"PE\0\0" + bytes(200)


def letter(sender: str, recipient: str, subject: str | None, *, text: str = "W zalaczeniu.\n",
           files: list[tuple[str, bytes, str]] | None = None, border: list[str] | None = None,
           headers: dict[str, str] | None = None) -> EmailMessage:
    """A mail with files: (name, content, media type). `border`: the results our border shall write."""
    mail = EmailMessage(policy=SMTP)
    for result in border or []:
        mail["X-Test-Border"] = result
    mail["From"] = sender
    mail["To"] = recipient
    if subject is not None:
        mail["Subject"] = subject
    mail["Date"] = email.utils.format_datetime(email.utils.localtime())
    mail["Message-ID"] = email.utils.make_msgid(domain="client.example")
    for name, value in (headers or {}).items():
        del mail[name]
        if value:
            mail[name] = value
    mail.set_content(text)
    for name, content, media_type in files or []:
        main, _, sub = media_type.partition("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return mail


def one_pdf(content: bytes | None = None, name: str = "faktura 17.pdf") -> list[tuple[str, bytes, str]]:
    return [(name, content or pdf(), "application/pdf")]
