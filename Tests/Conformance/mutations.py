"""Requests, frames and messages, damaged from a seed: what test_mutations.py throws at the program.

A round is decided by the seed and its number alone, so that one of them can be played again.
"""

import json
import random

from wire import BINARY, CLOSE, PING, PONG, TEXT, UPGRADE, Connection, frame

HEADS = [
    UPGRADE,
    UPGRADE.replace(b"liveshop.v1\r\n", b"a, liveshop.v1, b\r\nOrigin: http://localhost\r\n"),
    UPGRADE.replace(b"\r\n\r\n", b"\r\nSec-WebSocket-Extensions: permessage-deflate\r\nCookie: a=b\r\n\r\n"),
    UPGRADE.replace(b"Upgrade: websocket", b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__"),
    b"GET /v1/shows/spring?a=b&c=%20 HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n",
    b"POST /v1/shows HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n01234567890123456789",
]

FRAMES = [
    frame(TEXT, b'{"id":1,"type":"ping"}'),
    frame(TEXT, b'{"id":', final=False) + frame(PING, b"?") + frame(0, '"€","type":"ping"}'.encode()),
    frame(CLOSE, b"\x03\xe8bye"),
    frame(TEXT, b" " * 700 + b"{}"),
    frame(PONG) + frame(BINARY, b"\x00\x01"),
]

# One of each kind of request. A participant and a message are named who do not exist: nobody is banned.
BUYER = {
    "ping": {},
    "claim.create": {"sku": "TEE-M", "key": "k1", "quantity": 2, "unit_price": 2100, "partial": True},
    "hold.release": {"hold": "h1"},
    "hold.extend": {"hold": "h1"},
    "waitlist.accept": {"sku": "MUG", "key": "k2"},
    "waitlist.leave": {"sku": "MUG"},
    "order.place": {"holds": ["h1", "h2"], "key": "k3"},
    "order.pay": {"order": "o_1", "key": "k4", "method": "succeeded"},
    "order.cancel": {"order": "o_1", "key": "k5"},
    "chat.send": {"text": "Is it \\ \"dishwasher\" safe? 🛒", "product": "tee", "key": "k6"},
    "product.get": {"sku": "TEE-S"},
    "reaction.send": {"kind": "heart", "count": 50},
}
HOST = {
    "show.start": {},
    "show.pause": {},
    "show.resume": {},
    "product.add": {"product": {"title": "Cap", "variants": [{"sku": "CAP", "price": 100, "on_hand": 1}]}},
    "product.update": {"product": {"id": "tee", "title": "Shirt", "media": ["https://images.example/t.jpg"]}},
    "product.remove": {"product": "mug"},
    "product.pin": {"sku": "TEE-S", "seconds": 5},
    "product.unpin": {},
    "queue.set": {"products": ["tee", "mug"]},
    "queue.next": {},
    "stock.adjust": {"sku": "TEE-M", "delta": 5},
    "stock.set": {"sku": "TEE-M", "on_hand": 5, "expected": 50},
    "price.set": {"sku": "TEE-M", "price": 1000},
    "flash.start": {"sku": "TEE-S", "price": 900, "countdown_seconds": 0, "duration_seconds": 1},
    "flash.stop": {"sku": "TEE-S"},
    "note.set": {"text": "Hello", "seconds": 5},
    "note.clear": {},
    "chat.delete": {"message": "m999999"},
    "participant.timeout": {"participant": "g_nobody", "seconds": 300, "reason": "x"},
    "participant.untimeout": {"participant": "g_nobody", "reason": "x"},
    "participant.ban": {"participant": "g_nobody", "seconds": 60, "reason": "x"},
    "participant.unban": {"participant": "g_nobody"},
    "participant.restrict": {"participant": "g_nobody", "seconds": 60, "reason": "x"},
    "participant.unrestrict": {"participant": "g_nobody"},
    "participant.set_role": {"participant": "g_nobody", "role": "moderator"},
    "room.configure": {"chat_length": 100, "hold_seconds": 60},
    "viewers.list": {},
    "orders.list": {},
}
# What a reader of JSON may stumble over, to be put in the place of any value.
AWKWARD = [
    *("null", "true", "-0", "01", "1.0", "1e400", "NaN"),
    *("9223372036854775808", "-9223372036854775809", "18446744073709551616"),
    *('""', '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"\u202e"', '"' + "x" * 5000 + '"'),
    *("[]", "{}", '{"a":1,"a":2}', "[" * 40 + "]" * 40, "[" + "1," * 2000 + "1]"),
]


def damaged(data, chance):
    """A few bytes changed, lost, added, repeated, or the end cut off."""
    data = bytearray(data)
    for _ in range(chance.randrange(5)):
        if not data:
            break
        place = chance.randrange(len(data))
        match chance.randrange(6):
            case 0:
                data[place] = chance.randrange(256)
            case 1:
                data[place] ^= 1 << chance.randrange(8)
            case 2:
                del data[place]
            case 3:
                data.insert(place, chance.randrange(256))
            case 4:
                del data[place:]
            case _:
                data += data[place : place + chance.randrange(64)]
    return bytes(data)


def message(kind, data, chance):
    """A request, in which a value may have become an awkward one, and then a few bytes damaged."""
    data = dict(data)
    mark = "\x01"
    if data and chance.random() < 0.5:
        data[chance.choice(list(data))] = mark
    said = json.dumps({"id": chance.randrange(1, 1000), "type": kind, "data": data}, ensure_ascii=False)
    said = said.replace(json.dumps(mark), chance.choice(AWKWARD)).encode()
    return damaged(said, chance) if chance.random() < 0.5 else said


def play(port, seed, number, people):
    """One round. `people` are shows with a token and the requests that its owner sends."""
    chance = random.Random(f"{seed}/{number}")
    kind = chance.randrange(4)
    with Connection(port, upgrade=None if kind == 0 else UPGRADE) as connection:
        if kind == 0:
            connection.send(damaged(chance.choice(HEADS), chance))
        elif kind == 1:
            for sent in chance.choices(FRAMES, k=chance.randrange(1, 6)):
                connection.send(damaged(sent, chance))
        elif kind == 2:
            for _ in range(chance.randrange(1, 6)):
                connection.send(any_frame(chance))
        else:
            for sent in messages(chance, *chance.choice(people)):
                connection.send(sent)
            wait_for_answer(connection)
        connection.drain()


def wait_for_answer(connection):
    """Until all that was said is answered, or the connection was closed for it."""
    connection.send(frame(TEXT, b'{"id":"end","type":"ping"}'))
    while (item := connection.next())[0] not in ("close", "end"):
        if item[0] == "message" and item[1].get("id") == "end":
            return


def any_frame(chance):
    """A frame of any kind and length, and not always the length it says."""
    return frame(
        chance.choice((0, TEXT, TEXT, BINARY, CLOSE, PING, PONG, chance.randrange(16))),
        chance.randbytes(chance.choice((0, 1, 2, 125, 126, 1000, 17_000))),
        final=chance.random() < 0.8,
        reserved=chance.choice((0, 0, 0, 0, 1, 4)),
        masked=chance.random() < 0.9,
        announced=chance.choice((None, None, None, 125, 65_535, 1 << 40, (1 << 63) - 1, (1 << 64) - 1)),
    )


def messages(chance, show, token, requests):
    """A `hello` and some requests behind it, mostly still text, one frame each."""
    said = json.dumps({"id": 1, "type": "hello", "data": {"show": show, "token": token}}).encode()
    yield frame(TEXT, damaged(said, chance) if chance.random() < 0.1 else said)
    for _ in range(chance.randrange(1, 12)):
        name = chance.choice(list(requests))
        said = message(name, requests[name], chance)
        yield frame(TEXT, said if chance.random() < 0.1 else said.decode(errors="ignore").encode())
