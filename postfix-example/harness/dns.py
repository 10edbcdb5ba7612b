"""A name server for tests: a few names with TXT and A records on an address of loopback; nothing else exists."""

import contextlib
import random
import socket
import socketserver
import struct
import threading

A, TXT = 1, 16
NOERROR, NXDOMAIN = 0, 3


class NameServer(socketserver.ThreadingUDPServer):
    """Listens on port 53, which is where every resolver looks, of an address of its own."""

    daemon_threads = True

    def __init__(self, records: dict[str, list[str]]):
        """records: name -> texts (TXT) or IPv4 addresses (A)."""
        self.records = {name.lower(): values for name, values in records.items()}
        self.asked: list[str] = []
        for _ in range(100):  # others may have taken one
            self.address = f"127.{random.randint(1, 254)}.{random.randint(1, 254)}.{random.randint(1, 254)}"
            with contextlib.suppress(OSError):
                super().__init__((self.address, 53), _Question)
                break
        else:
            raise OSError("no address of loopback has a free port 53")
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()

    def answer(self, name: str, kind: int) -> tuple[int, list[bytes]]:
        """The response code and the records' data."""
        self.asked.append(name)
        if name not in self.records:
            below = any(other.endswith("." + name) for other in self.records)
            return (NOERROR if below else NXDOMAIN), []
        return NOERROR, [data for value in self.records[name] if (data := _data(value, kind))]


def _data(value: str, kind: int) -> bytes:
    with contextlib.suppress(OSError):
        address = socket.inet_aton(value)
        return address if kind == A else b""
    raw = value.encode()
    pieces = [raw[i:i + 255] for i in range(0, len(raw), 255)]
    return b"".join(bytes([len(piece)]) + piece for piece in pieces) if kind == TXT else b""


class _Question(socketserver.BaseRequestHandler):
    def handle(self):
        packet, sock = self.request
        end = packet.index(b"\0", 12) + 5  # the name, its type and class
        labels, at = [], 12
        while length := packet[at]:
            labels.append(packet[at + 1:at + 1 + length].decode("latin-1").lower())
            at += 1 + length
        kind = struct.unpack(">H", packet[end - 4:end - 2])[0]
        code, answers = self.server.answer(".".join(labels), kind)
        head = struct.pack(">HHHHHH", *struct.unpack(">H", packet[:2]), 0x8580 | code, 1, len(answers), 0, 0)
        records = b"".join(struct.pack(">HHHIH", 0xC00C, kind, 1, 60, len(data)) + data for data in answers)
        sock.sendto(head + packet[12:end] + records, self.client_address)
