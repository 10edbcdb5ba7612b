"""Signs mails as a sender's server does (RFC 6376, rsa-sha256, relaxed/relaxed), with openssl(1) and a key from a
file. It can sign badly, too: too few headers, a body with a length, anything as d= and s=.
"""

import base64
import hashlib
import pathlib
import re
import subprocess

HEADERS = ("from", "to", "subject", "date", "message-id", "mime-version", "content-type")


class Key:
    """An RSA key in a file of this directory."""

    def __init__(self, directory: pathlib.Path, name: str = "key"):
        self.file = directory / f"{name}.pem"
        _openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", str(self.file))

    def record(self) -> str:
        """What stands in DNS at SELECTOR._domainkey.DOMAIN."""
        public = _openssl("pkey", "-in", str(self.file), "-pubout", "-outform", "DER")
        return f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"

    def sign(self, mail: bytes, domain: str, selector: str = "s1", headers=HEADERS, length: int | None = None,
             more: str = "") -> bytes:
        """The mail with a DKIM-Signature on top."""
        head, _, body = mail.partition(b"\r\n\r\n")
        digest = hashlib.sha256(_relaxed_body(body)[:length]).digest()
        limit = "" if length is None else f" l={length};"
        signature = (f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s={selector};{limit}{more}\r\n"
                     f"\th={':'.join(headers)};\r\n\tbh={base64.b64encode(digest).decode()};\r\n\tb=")
        lines = [_relaxed_field(field) for name in headers if (field := _field(head, name))]
        signed = b"".join(line + b"\r\n" for line in lines) + _relaxed_field(signature.encode("latin-1"))
        b = base64.b64encode(_openssl("dgst", "-sha256", "-sign", str(self.file), stdin=signed)).decode()
        folded = "\r\n\t ".join(b[i:i + 70] for i in range(0, len(b), 70))
        return (signature + folded).encode("latin-1") + b"\r\n" + mail


def _openssl(*args: str, stdin: bytes = b"") -> bytes:
    return subprocess.run(["/usr/bin/openssl", *args], input=stdin, check=True, capture_output=True).stdout


def _field(head: bytes, name: str) -> bytes | None:
    """The last field of that name, which is the first that a signature means."""
    found = re.findall(rb"(?mis)^(%s[ \t]*:.*?)(?:\r\n(?![ \t])|\Z)" % re.escape(name.encode()), head)
    return found[-1] if found else None


def _relaxed_field(field: bytes) -> bytes:
    name, _, value = field.partition(b":")
    value = re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b"")).strip()
    return name.strip().lower() + b":" + value


def _relaxed_body(body: bytes) -> bytes:
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)
