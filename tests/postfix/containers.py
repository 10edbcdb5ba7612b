"""What holds other files, made here byte by byte or by the programs people use."""

import base64
import binascii
import io
import pathlib
import struct
import subprocess
import tempfile
import zipfile
import zlib
from email.message import EmailMessage
from email.policy import SMTP


def zipped(files: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def streamed(name: str, content: bytes) -> bytes:
    """A ZIP written to a pipe: its sizes stand behind the data."""
    class Pipe(io.BytesIO):
        def seekable(self):
            return False

        def tell(self):
            raise OSError

        def seek(self, *_):
            raise OSError
    out = Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(name, "w") as member:
            member.write(content)
    return out.getvalue()


def zip64(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        with archive.open(name, "w", force_zip64=True) as member:
            member.write(content)
    return out.getvalue()


def locked(files: list[tuple[str, bytes]], free: list[tuple[str, bytes]] | None = None) -> bytes:
    """As zip(1) encrypts it; `free` files stand in it without a password."""
    with tempfile.TemporaryDirectory() as there:
        for password, some in ((["-P", "geheim"], files), ([], free or [])):
            for name, content in some:
                pathlib.Path(there, name).write_bytes(content)
                subprocess.run(["zip", "-q", *password, "x.zip", name], cwd=there, check=True)
        return pathlib.Path(there, "x.zip").read_bytes()


def zeros(name: str, megabytes: int) -> bytes:
    """A ZIP with that many zeros, made without having them: the packed form of one piece, again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = bytes(1 << 20)
    packer.compress(piece)
    packer.flush(zlib.Z_FULL_FLUSH)
    packed = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    crc = zlib.crc32(piece) if megabytes == 1 else 0  # nobody gets as far as the sum
    return raw_zip([(name, packed * megabytes + packer.flush(), crc, megabytes << 20)])


def raw_zip(entries: list[tuple[str, bytes, int, int]], overlapping: int = 0, flags: int = 0, method: int = 8) -> bytes:
    """A ZIP of (name, packed, crc, size) as it says itself; overlapping: so many names for the first data."""
    def header(name, packed, crc, size, at=None):
        fields = struct.pack("<HHHHHIIIHH", 20, flags, method, 0, 0x21, crc, len(packed), min(size, 0xFFFFFFFE),
                             len(name.encode()), 0)
        if at is None:
            return b"PK\3\4" + fields + name.encode()
        return b"PK\1\2" + struct.pack("<H", 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, at) + name.encode()
    out, directory = b"", b""
    for entry in entries:
        at = len(out)
        out += header(*entry) + entry[1]
        directory += header(*entry, at)
    for _ in range(overlapping):
        directory += header(*entries[0], 0)
    count = len(entries) + overlapping
    return out + directory + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(out), 0)


def overlapping(count: int) -> bytes:
    """Files that hold one another: the data of each begins with the header of the next and goes on with its data."""
    def fields(name, packed, size):
        return struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0x21, 0, packed, size, len(name), 0)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data, size, headers = packer.compress(bytes(1 << 20)) + packer.flush(), 1 << 20, []
    body = b""
    for number in reversed(range(count)):
        name = b"%04d.pdf" % number
        local = b"PK\3\4" + fields(name, len(data), size) + name
        headers.insert(0, (name, len(data), size, len(local) + len(data)))
        body = local + data
        data = b"\0" + struct.pack("<HH", len(local), len(local) ^ 0xFFFF) + body  # a block as it is, and on with the next
        size += len(local)
    directory = b"".join(
        b"PK\1\2" + struct.pack("<H", 20) + fields(name, packed, size) +
        struct.pack("<HHHII", 0, 0, 0, 0, len(body) - behind) + name for name, packed, size, behind in headers)
    return body + directory + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)


def attribute(level: int, number: int, data: bytes) -> bytes:
    return struct.pack("<BII", level, number, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def unicode_property(number: int, text: str) -> bytes:
    value = text.encode("utf-16-le") + b"\0\0"
    return struct.pack("<HHII", 0x1F, number, 1, len(value)) + value + bytes(-len(value) % 4)


def tnef(files: list[tuple[str, bytes]], attached: bytes | None = None) -> bytes:
    """A winmail.dat with these files as Outlook packs them (short title, long name as a property)."""
    out = struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00069007, struct.pack("<II", 1250, 0))
    for name, content in files:
        properties = struct.pack("<I", 2) + unicode_property(0x3707, name) + struct.pack("<HHI", 3, 0x3705, 1)
        out += attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00018010, b"RECHNU~1.PDF\0")
        out += attribute(2, 0x0006800F, content) + attribute(2, 0x00069005, properties)
    if attached is not None:
        value = bytes(16) + attached
        properties = struct.pack("<I", 2) + unicode_property(0x3001, "Weitergeleitet") + struct.pack(
            "<HHII", 0x0D, 0x3701, 1, len(value)) + value + bytes(-len(value) % 4)
        out += attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00069005, properties)
    return out


def uuencoded(name: str, content: bytes) -> str:
    lines = [binascii.b2a_uu(content[at:at + 45], backtick=True).decode() for at in range(0, len(content), 45)]
    return f"begin 644 {name}\n{''.join(lines)}`\nend\n"


def openssl(*arguments: str, content: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as there:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem",
                        "-days", "2", "-subj", "/CN=rechnung@lieferant.example"], cwd=there, check=True, capture_output=True)
        done = subprocess.run(["openssl", "cms", "-binary", *arguments], cwd=there, input=content, check=True,
                              capture_output=True)
    return done.stdout


def signed(content: bytes) -> bytes:
    """DER of CMS signed data around the content, indefinite lengths as OpenSSL streams them."""
    return openssl("-sign", "-signer", "cert.pem", "-inkey", "key.pem", "-nodetach", "-outform", "DER", content=content)


def enveloped(content: bytes) -> bytes:
    return openssl("-encrypt", "-outform", "DER", "cert.pem", content=content)


def smime(outer: EmailMessage, der: bytes, kind: str) -> bytes:
    """The mail whose whole content is this CMS message."""
    headers = [f"{name}: {value}" for name, value in outer.items()
               if not name.lower().startswith(("content-", "mime-version"))]
    headers += ["MIME-Version: 1.0", f'Content-Type: application/pkcs7-mime; smime-type={kind}; name="smime.p7m"',
                "Content-Transfer-Encoding: base64", 'Content-Disposition: attachment; filename="smime.p7m"']
    return ("\r\n".join(headers) + "\r\n\r\n").encode() + base64.encodebytes(der).replace(b"\n", b"\r\n")


def entity(files: list[tuple[str, bytes, str]]) -> bytes:
    """What S/MIME signs: a MIME entity."""
    mail = EmailMessage(policy=SMTP)
    mail.set_content("Anbei.\n")
    for name, content, media_type in files:
        main, _, sub = media_type.partition("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes()
