"""The people of scripts/bench crowd: an honest buyer, and crowds that send the worst they can.

Raw sockets and frames made by hand: a crowd has to be cheaper than the server it presses on. Each crowd and
the buyers run in a process of their own: `python crowd_client.py NAME ARGUMENTS-AS-JSON`. The buyers print
what they measured as JSON.
"""

import asyncio
import base64
import json
import os
import struct
import sys
import time
import uuid

HANDSHAKE = (
    "GET /v1/socket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
MESSAGE_BYTES_MAX = 16_384
# A viewer's default limit: a bucket of 120 requests that is filled again with ten a second.
BURST, PER_SECOND = 120, 10


def frame(text):
    """A text frame of a client. The mask is zero, so the bytes stand in it as they are."""
    size = len(text)
    if size < 126:
        head = bytes([0x81, 0x80 | size])
    else:
        head = bytes([0x81, 0xFE]) + struct.pack(">H", size)
    return head + bytes(4) + text


class Viewer:
    """One WebSocket connection."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port, address="127.0.0.1", receive_bytes=None):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, local_addr=(address, 0), limit=receive_bytes or 1 << 20
        )
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(HANDSHAKE.format(port=port, key=key).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head:
            raise ConnectionError(head.split(b"\r\n")[0].decode())
        return cls(reader, writer)

    def send(self, text):
        self.writer.write(frame(text if isinstance(text, bytes) else text.encode()))

    def request(self, number, kind, **data):
        self.send(json.dumps({"id": number, "type": kind, "data": data}))

    async def objects(self):
        """The JSON objects of the next message."""
        head = await self.reader.readexactly(2)
        size = head[1] & 0x7F
        if size == 126:
            size = struct.unpack(">H", await self.reader.readexactly(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", await self.reader.readexactly(8))[0]
        payload = await self.reader.readexactly(size)
        kind = head[0] & 0x0F
        if kind == 8:
            raise ConnectionError(f"closed {struct.unpack('>H', payload[:2])[0]}")
        if kind == 9:
            self.writer.write(bytes([0x8A, 0x80 | size]) + bytes(4) + payload)
        return [json.loads(line) for line in payload.split(b"\n") if line] if kind == 1 else []

    async def answer(self, number):
        while True:
            for found in await self.objects():
                if found.get("id") == number:
                    return found

    async def hello(self, show, **data):
        self.request(1, "hello", show=show, **data)
        found = await self.answer(1)
        if found["type"] == "error":
            raise ConnectionError(found["error"]["code"])
        return found["data"]

    async def discard(self):
        """Reads and forgets, so that the server is never the one that waits."""
        while await self.reader.read(1 << 16):
            pass

    def close(self):
        self.writer.transport.abort()


# The worst messages: each as large as may be, and each another kind of work.


def padded(start, filler, end):
    room = MESSAGE_BYTES_MAX - len(start) - len(end)
    return start + filler * (room // len(filler)) + end


def escaped_names():
    """Objects of sixteen names, each with an escape: a name has to be decoded to be compared."""
    names = ",".join(f'"\\u006eame{place:02d}":0' for place in range(16))
    return padded(b'{"id":9,"type":"ping","data":[', f"{{{names}}},".encode(), b"{}]}")


def many_names():
    members = ",".join(f'"n{place:04d}":0' for place in range(1500))
    return f'{{"id":9,"type":"ping","data":{{{members}}}}}'.encode()


WORST = {
    "chat that ends in a space": padded(
        b'{"id":9,"type":"chat.send","data":{"text":"', "\u00e4".encode(), b' "}}'
    ),
    "chat of spaces": padded(
        b'{"id":9,"type":"chat.send","data":{"text":"', "\u2003".encode(), b'"}}'
    ),
    "names with escapes": escaped_names(),
    "fifteen hundred names": many_names(),
    "escapes": padded(b'{"id":9,"type":"chat.send","data":{"text":"', b"\\u00e9", b'"}}'),
    "small objects": (b"{}\n" * 5461)[:MESSAGE_BYTES_MAX],
    "empty lines": b"\n" * MESSAGE_BYTES_MAX,
    "a long number": padded(b'{"id":9,"type":"ping","data":{"n":1', b"0", b"}}"),
    "a long SKU": padded(b'{"id":9,"type":"product.get","data":{"sku":"', "\u00e9".encode(), b'"}}'),
    "a hundred holds": json.dumps(
        {
            "id": 9,
            "type": "order.place",
            "data": {"holds": [f"h{n:0100d}" for n in range(100)], "key": "k" * 128},
        }
    ).encode(),
    "nested arrays": padded(
        b'{"id":9,"type":"ping","data":[', b"[" * 28 + b"]" * 28 + b",", b"0]}"
    ),
}


async def press(port, show, until, messages, address):
    """A viewer who sends as much as the default limits allow, in turns of all these messages."""
    place = 0
    while time.monotonic() < until:
        try:
            viewer = await Viewer.open(port, address)
            await viewer.hello(show, name="Worst")
        except (ConnectionError, asyncio.IncompleteReadError):
            await asyncio.sleep(0.2)
            continue
        reading = asyncio.create_task(viewer.discard())
        try:
            for _ in range(BURST - 2):
                viewer.send(messages[place % len(messages)])
                place += 1
            await viewer.writer.drain()
            while time.monotonic() < until and not reading.done():
                viewer.send(messages[place % len(messages)])
                place += 1
                await viewer.writer.drain()
                await asyncio.sleep(1 / PER_SECOND)
        except ConnectionError:
            pass
        finally:
            reading.cancel()
            viewer.close()


def worst_hellos(show):
    """What a stranger may say first, as large as may be."""
    token = "e30." + "A" * 8_000 + "." + "B" * 43
    data = [
        {"show": show, "token": token},
        {"show": show, "name": "\u00e4" * 7_000 + " "},
        {"show": show, "name": "A", "resume": {"epoch": "e" * 9_000, "offset": 0}},
        {"show": show, "name": "A", "attribution": {"source": "s" * 15_000}},
        {"show": show, "name": "\u0430\u0301\u0302\u0303" * 10},
    ]
    plain = [json.dumps({"id": 1, "type": "hello", "data": one}, ensure_ascii=False) for one in data]
    names = ",".join(f'"\\u006eame{place:02d}":0' for place in range(16))
    start = f'{{"id":1,"type":"hello","data":{{"show":"{show}","name":"A","junk":['.encode()
    return [one.encode()[:MESSAGE_BYTES_MAX] for one in plain] + [
        padded(start, f"{{{names}}},".encode(), b"0]}}")
    ]


async def knock(port, until, hellos, address):
    """A stranger who comes, says a hello, hears the answer, and comes again."""
    place = 0
    while time.monotonic() < until:
        try:
            viewer = await Viewer.open(port, address)
            viewer.send(hellos[place % len(hellos)])
            place += 1
            await asyncio.wait_for(viewer.objects(), 5)
            viewer.close()
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            await asyncio.sleep(0.05)


async def resume_silently(port, show, epoch, offset, until, address, reads):
    """Comes back after many events; takes them all, or nothing ever."""
    while time.monotonic() < until:
        try:
            viewer = await Viewer.open(port, address, receive_bytes=1 << 16)
            viewer.request(
                1, "hello", show=show, name="Back", resume={"epoch": epoch, "offset": offset}
            )
            if reads:
                # What was missed has come when nothing more does.
                while await asyncio.wait_for(viewer.reader.read(1 << 16), 1):
                    pass
            else:
                viewer.writer.transport.pause_reading()
                await asyncio.sleep(max(0, until - time.monotonic()))
            viewer.close()
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            await asyncio.sleep(0.2)


async def post_body(port, until, size, address):
    """A body that nobody asked for, without a token."""
    head = (
        f"POST /v1/shows HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {size}\r\n\r\n"
    )
    block = bytes(1 << 16)
    while time.monotonic() < until:
        try:
            _, writer = await asyncio.open_connection(
                "127.0.0.1", port, local_addr=(address, 0)
            )
            writer.write(head.encode())
            sent = 0
            while sent < size and time.monotonic() < until:
                writer.write(block)
                await writer.drain()
                sent += len(block)
            writer.transport.abort()
        except ConnectionError:
            await asyncio.sleep(0.05)


# The honest buyer.


async def buy(port, show, sku, seconds, address, number):
    """Claims a unit and gives it back, eight times a second; how long each claim took, in seconds."""
    viewer = await Viewer.open(port, address)
    await viewer.hello(show, name=f"Honest {number}")
    waiting, times, refused = {}, [], []

    async def listen():
        while True:
            for found in await viewer.objects():
                sent = waiting.pop(found.get("id"), None)
                if sent is None:
                    continue
                times.append(time.monotonic() - sent)
                if found["type"] == "error":
                    refused.append(found["error"]["code"])
                elif "hold" in found["data"] and "outcome" in found["data"]:
                    viewer.request(
                        0x4000_0000 + found["id"], "hold.release", hold=found["data"]["hold"]["hold"]
                    )

    listening = asyncio.create_task(listen())
    start = time.monotonic()
    for place in range(int(seconds * 4)):
        # From when it was meant to be sent: a stall counts for all that fell into it.
        due = start + place / 4
        await asyncio.sleep(max(0, due - time.monotonic()))
        waiting[place + 2] = due
        viewer.request(place + 2, "claim.create", sku=sku, key=str(uuid.uuid4()), unit_price=1990)
        if listening.done():
            break
    await asyncio.sleep(1)
    listening.cancel()
    viewer.close()
    return times, refused, len(waiting)


async def buyers(port, show, sku, seconds, count, address):
    found = await asyncio.gather(
        *(buy(port, show, sku, seconds, address, number) for number in range(count))
    )
    times = sorted(time for times, _, _ in found for time in times)
    if not times:
        sys.exit("the honest buyers got no answer at all")
    print(
        json.dumps(
            {
                "answers": len(times),
                "p50_ms": 1000 * times[len(times) // 2],
                "p99_ms": 1000 * times[min(len(times) - 1, len(times) * 99 // 100)],
                "max_ms": 1000 * times[-1],
                "refused": [code for _, refused, _ in found for code in refused],
                "unanswered": sum(missing for _, _, missing in found),
            }
        )
    )


async def all_of(people):
    await asyncio.gather(*people)


# Who a crowd may be. Each takes port, show, until when (seconds of the monotonic clock) and how many come
# from which addresses.


def pressing(port, show, until, count, address):
    messages = list(WORST.values())
    return [press(port, show, until, messages[n:] + messages[:n], address) for n in range(count)]


def knocking(port, show, until, count, address):
    return [knock(port, until, worst_hellos(show), address) for _ in range(count)]


def resuming(port, show, until, count, address, epoch, offset, reads):
    return [
        resume_silently(port, show, epoch, offset, until, address, reads) for _ in range(count)
    ]


def posting(port, show, until, count, address, size):
    del show
    return [post_body(port, until, size, address) for _ in range(count)]


CROWDS = {"press": pressing, "knock": knocking, "resume": resuming, "post": posting}


if __name__ == "__main__":
    name, arguments = sys.argv[1], json.loads(sys.argv[2])
    if name == "buyers":
        asyncio.run(buyers(**arguments))
    else:
        asyncio.run(all_of(CROWDS[name](**arguments)))
