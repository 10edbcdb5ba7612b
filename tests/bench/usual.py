#!/usr/bin/python3
"""What people write instead of kwit: the same duties in Python, durable and honest. For comparison only.

    usual.py milter SOCKET DIRECTORY     a pymilter
    usual.py pipe DIRECTORY              behind pipe(8): one mail on standard input

The mail as it came and its PDFs are hashed, synced and linked under their digests; a row goes to SQLite.
"""

import email
import email.policy
import hashlib
import os
import sqlite3
import sys
import tempfile


def sync_directory(path: str):
    fd = os.open(path, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)


def publish(directory: str, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    shard = os.path.join(directory, digest[:2])
    os.makedirs(shard, exist_ok=True)
    fd, temporary = tempfile.mkstemp(dir=shard)
    with os.fdopen(fd, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(fd)
    os.rename(temporary, os.path.join(shard, digest))
    sync_directory(shard)
    sync_directory(directory)
    return digest


def open_database(directory: str) -> sqlite3.Connection:
    database = sqlite3.connect(os.path.join(directory, "index.sqlite"), timeout=60)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE IF NOT EXISTS mails (original TEXT, documents TEXT, subject TEXT)")
    return database


def take(directory: str, raw: bytes):
    message = email.message_from_bytes(raw, policy=email.policy.SMTP)
    documents = [publish(directory, part.get_payload(decode=True)) for part in message.walk()
                 if part.get_content_type() == "application/pdf"]
    original = publish(directory, raw)
    database = open_database(directory)
    with database:
        database.execute("INSERT INTO mails VALUES (?, ?, ?)", (original, ",".join(documents), message["Subject"]))
    database.close()


def serve(socket: str, directory: str):
    import Milter

    class Intake(Milter.Base):
        @Milter.noreply
        def envfrom(self, _sender, *_args):
            self.pieces = []
            return Milter.CONTINUE

        @Milter.noreply
        @Milter.decode("bytes")
        def header(self, name, value):
            self.pieces.append(name.encode() + b": " + value + b"\r\n")
            return Milter.CONTINUE

        def eoh(self):
            self.pieces.append(b"\r\n")
            return Milter.CONTINUE

        @Milter.noreply
        def body(self, chunk):
            self.pieces.append(bytes(chunk))
            return Milter.CONTINUE

        def eom(self):
            take(directory, b"".join(self.pieces))
            return Milter.DISCARD

    os.umask(0)
    Milter.factory = Intake
    Milter.runmilter("usual", socket, 60)


if __name__ == "__main__":
    if sys.argv[1] == "milter":
        serve(f"unix:{sys.argv[2]}", sys.argv[3])
    else:
        os.umask(0o002)
        take(sys.argv[2], sys.stdin.buffer.read())
