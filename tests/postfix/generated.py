"""Mails with known documents in them, attached or in what holds other files, made at random from a seed: every way to
write one that is allowed, and some that are not. What is made is told apart: `sound` mails have one reading, so every
document of theirs has to be filed.
"""

import base64
import dataclasses
import random
import string
import zipfile
from email.header import Header

import containers
from harness.mails import pdf_of, pdf_stream, png

BOUNDARY_SIGNS = string.ascii_letters + string.digits + "'()+_,-./:=?"
METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
WORDS = ["Rechnung", "faktura", "Zażółć", "gęślą", "Müller & Söhne", "№ 17", "2026-11", "a'b", "日本", "x%20y", "Ω"]


@dataclasses.dataclass(frozen=True)
class Attached:
    name: str  # as it is to be shown; "": none was given
    content: bytes


@dataclasses.dataclass(frozen=True)
class Mail:
    raw: bytes
    files: list[Attached]
    sound: bool
    tricks: list[str]  # what is odd about it


class Generator:
    def __init__(self, seed: int, smtp: bool = False):
        """smtp: nothing that a mail server may change on the way (bare line ends, NUL, lines of more than 998 bytes)."""
        self.random = random.Random(seed)
        self.smtp = smtp

    def mail(self) -> Mail:
        self.files: list[Attached] = []
        self.tricks: list[str] = []
        self.sound = True
        self.odd = self.random.random() < 0.4
        self.boundaries: list[str] = []
        body = self._tree(self.random.choice([0, 0, 1, 1, 2, 3, 5]))
        head = ["From: Lieferant <rechnung@lieferant.example>", "To: x@in.example.com", "Subject: Ihre Rechnung",
                "Date: Sat, 21 Nov 2026 10:00:00 +0100", f"Message-ID: <{self._word(12)}@lieferant.example>"]
        if self._chance(0.9):
            head.append(self._name("MIME-Version: ") + "1.0")
        self.random.shuffle(head)
        raw = b"".join(line.encode() + b"\r\n" for line in head) + body
        if not self.smtp and self._chance(0.2):
            raw = self._other_line_ends(raw)
        return Mail(raw, self.files, self.sound, self.tricks)

    # pieces

    def _chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def _word(self, size: int) -> str:
        return "".join(self.random.choices(string.ascii_lowercase + string.digits, k=size))

    def _name(self, name: str) -> str:
        return self.random.choice([name, name, name.upper(), name.lower()])

    def _trick(self, what: str, breaks: bool = True):
        self.tricks.append(what)
        self.sound = self.sound and not breaks

    def _other_line_ends(self, raw: bytes) -> bytes:
        """LF alone, as files have it: for `kwit check` that is CRLF."""
        self._trick("line ends are LF", breaks=False)
        return raw.replace(b"\r\n", b"\n")

    # structure

    def _tree(self, depth: int, inside: bool = False) -> bytes:
        """An entity: headers, empty line, content."""
        if depth == 0:
            return self._document(inside)
        children = [self._child(depth - 1) for _ in range(self.random.randint(1, 4))]
        return self._multipart(children)

    def _child(self, depth: int) -> bytes:
        kind = self.random.random()
        if kind < 0.25:
            return self._text()
        if kind < 0.32:
            return self._picture()
        if kind < 0.42:
            return self._holder()
        return self._tree(depth if kind < 0.7 else 0, inside=True)

    def _multipart(self, children: list[bytes]) -> bytes:
        boundary = self._boundary()
        subtype = self.random.choice(["mixed", "mixed", "mixed", "related", "alternative", "x-nobody", "MIXED"])
        delimiter = b"--" + boundary.encode()
        out = self._content_type(f"multipart/{subtype}", boundary)
        if self._chance(0.2):
            out += self._transfer_encoding(self.random.choice(["7bit", "8bit", "binary"]))
        out += b"\r\n"
        if self._chance(0.3):
            out += self.random.choice([b"This is a multi-part message in MIME format.\r\n", b"\r\n", b"-- \r\n--\r\n"])
        for child in children:
            out += delimiter + self._behind_delimiter() + b"\r\n" + child + b"\r\n"
        out += self._end(delimiter)
        return out

    def _content_type(self, media_type: str, boundary: str) -> bytes:
        plain = all(c in string.ascii_letters + string.digits + "'+_-." for c in boundary) and not boundary.startswith("'")
        written = boundary if plain and self._chance(0.3) else f'"{boundary}"'
        pieces = [f"boundary={written}"]
        if self._chance(0.3):
            pieces.insert(self.random.randint(0, 1), self.random.choice(["charset=utf-8", 'type="text/html"', "x=y"]))
        if self.odd and self._chance(0.08):
            self._trick("boundary twice")
            pieces.append(f'boundary="{self._word(5)}"')
        if self.odd and self._chance(0.05):
            self._trick("comment in the type")
            pieces[-1] += " (comment)"
        parting = self.random.choice(["; ", ";\r\n\t", ";\r\n ", ";"])
        line = self._name("Content-Type: ") + media_type + parting + parting.join(pieces)
        if self.odd and self._chance(0.05):
            self._trick("Content-Type twice")
            line += "\r\nContent-Type: text/plain"
        return line.encode() + b"\r\n"

    def _boundary(self) -> str:
        """Sometimes one that begins like another one."""
        while True:
            if self.boundaries and self._chance(0.2):
                boundary = (self.random.choice(self.boundaries) + self._word(2))[:70]
            else:
                boundary = "".join(self.random.choices(BOUNDARY_SIGNS, k=self.random.choice([1, 8, 24, 40, 70])))
            clash = any(boundary.startswith(other) and boundary[len(other):].strip("-") == "" or
                        other.startswith(boundary) and other[len(boundary):].strip("-") == ""
                        for other in self.boundaries)
            if not clash and len(boundary) > (0 if self.odd else 7) and not boundary.startswith("'"):
                self.boundaries.append(boundary)
                return boundary

    def _behind_delimiter(self) -> bytes:
        if self._chance(0.1):
            return self.random.choice([b" ", b"\t", b" \t "])
        if self.odd and self._chance(0.04):
            self._trick("junk behind a delimiter")
            return self.random.choice([b" junk", b"junk", b"\x0b", b";"])
        return b""

    def _end(self, delimiter: bytes) -> bytes:
        if self.odd and self._chance(0.06):
            self._trick("no end")
            return b""
        epilogue = self.random.choice([b"", b"\r\n", b"\r\nbye\r\n", b"\r\n\r\n"]) if self._chance(0.5) else b""
        return delimiter + b"--" + epilogue

    # leaves

    def _text(self) -> bytes:
        kind = self.random.choice(["plain", "html"])
        text = "W załączeniu.\r\n-- \r\nAnna\r\n" if kind == "plain" else "<p>Anbei.</p>\r\n"
        return (f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}").encode()

    def _picture(self) -> bytes:
        return (b"Content-Type: image/png; name=logo.png\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
                base64.encodebytes(png()).replace(b"\n", b"\r\n"))

    # what holds documents

    def _holder(self) -> bytes:
        """A leaf with documents in it, and with other holders."""
        kind = self.random.choice(["zip", "tnef", "mail", "mail", "text"])
        content = self._packed(kind, self.random.randint(0, 2))
        if kind in ("mail", "text") and self._chance(0.5):
            encoding, body = "8bit", content
        else:
            encoding, body = "base64", self._base64(content)
        declared = {"zip": ["application/zip", "application/octet-stream", "application/x-zip-compressed"],
                    "tnef": ["application/ms-tnef", "application/vnd.ms-tnef"],
                    "mail": ["message/rfc822", "Message/RFC822"], "text": ["text/plain; charset=utf-8"]}[kind]
        head = f"Content-Type: {self.random.choice(declared)}\r\n".encode() + self._transfer_encoding(encoding)
        return head + b"\r\n" + body

    def _packed(self, kind: str, depth: int) -> bytes:
        if kind == "mail":
            head = b"From: anna@kunde.example\r\nSubject: Rechnung\r\n"
            return head + self._tree(self.random.choice([0, 1, 1]), inside=True)
        if kind == "text":
            name, content = f"{self._word(6)}.pdf", self._pdf()
            self.files.append(Attached(name, content))
            return ("Anbei.\n" + containers.uuencoded(name, content) + "Gruss\n").replace("\n", "\r\n").encode()
        files = [self._member(depth) for _ in range(self.random.randint(1, 3))]
        if kind == "tnef":
            return containers.tnef(files)
        packed = containers.zipped([(self.random.choice(["", "a/", "../"]) + name, content) for name, content in files],
                                   self.random.choice(METHODS))
        if self.odd and self._chance(0.2):
            self._trick("a ZIP that is cut off")
            packed = packed[:-self.random.randint(1, 40)]
        return packed

    def _member(self, depth: int) -> tuple[str, bytes]:
        name = " ".join(self.random.sample(WORDS, self.random.randint(1, 2))) + f" {self._word(4)}"
        kind = self.random.choice(["zip", "tnef", "mail"])
        if depth > 0 and self._chance(0.3):
            return name + {"zip": ".zip", "tnef": ".dat", "mail": ".eml"}[kind], self._packed(kind, depth - 1)
        content = self._pdf()
        self.files.append(Attached(name + ".pdf", content))
        return name + ".pdf", content

    def _document(self, inside: bool) -> bytes:
        content = self._pdf()
        name, written = self._file_name()
        self.files.append(Attached(name, content))
        encoding, body = self._encoded(content)
        if encoding == "quoted-printable" and not inside:
            body += b"="  # or the line end that a mail has at its end would be part of it
        lines = [self._name("Content-Type: ").encode() + self.random.choice(
            [b"application/pdf", b"application/octet-stream", b"Application/PDF", b"application/x-nobody", b"image/jpeg"])]
        disposition = self._name("Content-Disposition: ").encode() + self.random.choice(
            [b"attachment", b"inline", b"ATTACHMENT", b"x-nobody"])
        place = self.random.choice(["disposition", "disposition", "type", "both"]) if written else "none"
        if place in ("type", "both"):
            lines[0] += b"; " + written.replace(b"filename", b"name", 1) if b"*1" not in written else b""
            if b"*1" in written:
                place = "disposition"
        if place in ("disposition", "both"):
            lines.append(disposition + b"; " + written)
        elif self._chance(0.5):
            lines.append(disposition)
        if encoding:
            lines.append(self._transfer_encoding(encoding).removesuffix(b"\r\n"))
        self.random.shuffle(lines)
        # At the top of a mail the MTA decides what such a line is.
        if inside and self.odd and self._chance(0.04):
            self._trick("a line that is no header")
            lines.insert(self.random.randint(0, len(lines)), b"junk")
        if self.odd and self._chance(0.04):
            self._trick("encoding twice")
            lines.append(b"Content-Transfer-Encoding: 7bit")
            lines.append(b"Content-Transfer-Encoding: base64")
        return b"\r\n".join(lines) + b"\r\n\r\n" + body

    def _transfer_encoding(self, encoding: str) -> bytes:
        written = self.random.choice([encoding, encoding, encoding.upper(), encoding.capitalize(), f"\r\n {encoding}",
                                      f"{encoding} (comment)" if encoding == "base64" else encoding])
        return self._name("Content-Transfer-Encoding: ").encode() + written.encode() + b"\r\n"

    def _pdf(self) -> bytes:
        """A PDF that can be opened, with lines in it that mean something elsewhere."""
        filler = [self.random.randbytes(self.random.choice([0, 10, 100, 3000, 20000]))]
        for boundary in self.boundaries:
            filler.append(b"\n --" + boundary.encode() + b"\n")
        filler += [b"\nFrom x\n.\n..\nbegin 644 x\n", b"= =3D =\n \t\n", b"\r", b"\0"]
        self.random.shuffle(filler)
        return pdf_of([
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
            pdf_stream(b"BT ET"),
            pdf_stream(b"".join(filler)),
        ])

    def _plain_pdf(self) -> bytes:
        """The same without anything that a transport could change."""
        text = pdf_of([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                       b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>",
                       pdf_stream(b"BT (%s) Tj ET" % self._word(30).encode())])
        return text.replace(b"\n", b"\r\n")

    # names

    def _file_name(self) -> tuple[str, bytes]:
        """What is to be shown, and the parameter filename as it stands in the header."""
        if self._chance(0.1):
            return "", b""
        name = " ".join(self.random.sample(WORDS, self.random.randint(1, 3))) + f" {self._word(4)}.pdf"
        forms = [self._extended, self._continued, self._encoded_word, self._raw]
        if name.isascii():
            forms += [lambda text: b'filename="' + text.encode() + b'"']
        return name, self.random.choice(forms)(name)

    def _percent(self, text: str, charset: str = "utf-8") -> str:
        safe = string.ascii_letters + string.digits + ".-_"
        return "".join(c if c in safe else "".join(f"%{byte:02X}" for byte in c.encode(charset)) for c in text)

    def _extended(self, name: str) -> bytes:
        charset = self.random.choice(["utf-8", "UTF-8", "iso-8859-2"])
        try:
            return f"filename*={charset}'de'{self._percent(name, charset)}".encode()
        except UnicodeEncodeError:
            return f"filename*=utf-8''{self._percent(name)}".encode()

    def _continued(self, name: str) -> bytes:
        text = self._percent(name)
        cut = sorted(self.random.sample(range(1, len(text)), 2))
        cut = [at - (text[at - 1] == "%") - 2 * (text[at - 2:at - 1] == "%") for at in cut]
        pieces = [text[:cut[0]], text[cut[0]:cut[1]], text[cut[1]:]]
        written = [f"filename*{i}*={piece}" for i, piece in enumerate(pieces)]
        written[0] = f"filename*0*=utf-8''{pieces[0]}"
        if self._chance(0.3):
            self.random.shuffle(written)
        return ";\r\n ".join(written).encode()

    def _encoded_word(self, name: str) -> bytes:
        """As Outlook writes it: encoded words inside of quotes."""
        return b'filename="' + Header(name, "utf-8", maxlinelen=60).encode(linesep="\r\n").encode() + b'"'

    def _raw(self, name: str) -> bytes:
        return b'filename="' + name.encode() + b'"'

    # encodings

    def _encoded(self, content: bytes) -> tuple[str, bytes]:
        choice = self.random.random()
        if choice < 0.55:
            return "base64", self._base64(content)
        if choice < 0.85:
            return "quoted-printable", self._quoted(content)
        content = self._plain_pdf()
        self.files[-1] = dataclasses.replace(self.files[-1], content=content)
        return self.random.choice(["binary", "8bit"]), content

    def _base64(self, content: bytes) -> bytes:
        """In groups of any size, each padded, in lines of any length."""
        if self._chance(0.15):
            size = self.random.choice([1, 2, 16, 57, 100])
            self._trick("padded groups", breaks=False)
            text = b"".join(base64.b64encode(content[at:at + size]) for at in range(0, len(content), size))
        else:
            text = base64.b64encode(content)
        if self.odd and self._chance(0.06):
            self._trick("no padding")
            text = text.rstrip(b"=")
        if self.odd and self._chance(0.06):
            self._trick("junk in base64")
            at = self.random.randrange(len(text))
            text = text[:at] + self.random.choice([b"*", b"-", b"\xe4", b"."]) + text[at:]
        line = self.random.choice([4, 19, 60, 72, 76, 76, 76, 200, 998])
        end = self.random.choice([b"\r\n"] * 6 + [b" \r\n", b"\r\n\r\n", b"\r\n\t"])
        return end.join(text[at:at + line] for at in range(0, len(text), line)) + self.random.choice([b"", b"\r\n"])

    def _quoted(self, content: bytes) -> bytes:
        """Escapes what has to be, and some of the rest; breaks lines softly anywhere."""
        more = self.random.random() * 0.5
        form = self.random.choice(["={:02X}", "={:02X}", "={:02x}"])
        out, column, most = [], 0, self.random.choice([20, 60, 75])
        for byte in content:
            must = byte < 33 or byte > 126 or byte == 61 or (column == 0 and byte in b".-F")
            piece = form.format(byte) if must or self._chance(more) else chr(byte)
            if column + len(piece) > most:
                out.append(self.random.choice(["=\r\n"] * 8 + ["= \r\n", "=\t \r\n"]))
                column = 0
                if byte in b".-F" and len(piece) == 1:
                    piece = form.format(byte)
            out.append(piece)
            column += len(piece)
        if self.odd and self._chance(0.05):
            self._trick("an escape that is none")
            out.insert(self.random.randrange(len(out)), "=X")
        return "".join(out).encode()
