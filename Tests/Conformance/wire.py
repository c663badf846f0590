"""One WebSocket connection by hand: bytes out as a test wants them, frames in as they must be.

No library in between, for a library would refuse to send what has to be tested. For the tests of this
folder only.
"""

import contextlib
import json
import os
import socket
import struct

ANSWER_SECONDS = 20
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10

UPGRADE = (
    b"GET /v1/socket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: liveshop.v1\r\n\r\n"
)


def frame(opcode, payload=b"", *, final=True, reserved=0, masked=True, announced=None):
    """A frame as a client sends it. `announced` is a length that need not be true."""
    length = len(payload) if announced is None else announced
    first = (0x80 if final else 0) | reserved << 4 | opcode
    mask = 0x80 if masked else 0
    if length < 126:
        head = struct.pack("!BB", first, mask | length)
    elif length < 1 << 16:
        head = struct.pack("!BBH", first, mask | 126, length)
    else:
        head = struct.pack("!BBQ", first, mask | 127, length)
    if not masked:
        return head + payload
    key = os.urandom(4)
    repeated = key * (len(payload) // 4 + 1)
    wide = int.from_bytes(payload, "big") ^ int.from_bytes(repeated[: len(payload)], "big")
    return head + key + wide.to_bytes(len(payload), "big")


def closing(code, reason=b""):
    return frame(CLOSE, struct.pack("!H", code) + reason)


class Connection:
    """A client that has been let in, or refuses to go on."""

    def __init__(self, port, upgrade=UPGRADE):
        self.is_closed = False
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.bytes = b""
        self.lines = []
        if upgrade:
            self.send(upgrade)
            head = self.take_until(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 101 "):
                raise AssertionError(f"not let in: {head!r}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data, chop=None):
        """Sends, in writes of `chop` bytes if that is given."""
        # Whether the server has had enough is what it says, or its end, which is read next.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for start in range(0, len(data), chop or max(len(data), 1)):
                self.socket.sendall(data[start : start + chop] if chop else data)

    def drain(self):
        """Ends our side and reads whatever the server has to say, so that it has read what was sent."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
            while self.socket.recv(65_536):
                pass

    def next(self):
        """What comes next: ("message", object), ("pong", payload), ("close", code, reason) or ("end",).

        Pings of the server are left out: they come when they come.
        """
        if self.lines:
            return "message", json.loads(self.lines.pop(0))
        try:
            first, second = self.take(2)
        except (EOFError, ConnectionResetError):
            return ("end",)
        if first & 0x70 or second & 0x80 or not first & 0x80:
            raise AssertionError(f"a server's frame begins {first:02x} {second:02x}")
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self.take(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self.take(8))
        payload = self.take(length)
        opcode = first & 15
        if opcode == PING:
            return self.next()
        if opcode == PONG:
            return "pong", payload
        if opcode == CLOSE:
            code = struct.unpack("!H", payload[:2])[0] if payload else 1005
            return "close", code, payload[2:]
        if opcode != TEXT:
            raise AssertionError(f"a server's frame has opcode {opcode}")
        self.lines = [line for line in payload.decode().split("\n") if line]
        return self.next()

    def take(self, count):
        while len(self.bytes) < count:
            self.more()
        taken, self.bytes = self.bytes[:count], self.bytes[count:]
        return taken

    def take_until(self, end):
        while end not in self.bytes:
            self.more()
        taken, _, self.bytes = self.bytes.partition(end)
        return taken

    def more(self):
        data = self.socket.recv(65_536)
        if not data:
            raise EOFError
        self.bytes += data
