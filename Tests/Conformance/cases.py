"""The cases of the Autobahn test suite, groups 1 to 7, 9 and 10, for a server of liveshop.v1.

Autobahn talks to a server that echoes. This one answers requests in JSON: what is echoed is the id of a
`ping`, a message that is none gets `bad_json`, binary closes 1003, and a message beyond the limit 1009. Each
case keeps its number; see test_conformance.py for what a case is made of.
"""

import json
from typing import NamedTuple

from wire import BINARY, CLOSE, PING, PONG, TEXT, closing, frame

LIMIT = 16_384
KILO, MEGA = 1 << 10, 1 << 20


class Case(NamedTuple):
    """A connection's script: what is sent, and what has to come, one after the other."""

    number: str
    what: str
    steps: list


# Steps. What has to come comes next, with nothing before it.


def send(*frames, chop=None):
    return lambda connection: connection.send(b"".join(frames), chop)


def expect(*wanted):
    def step(connection):
        got = connection.next()
        if got != wanted:
            raise AssertionError(f"{got!r} instead of {wanted!r}")
        connection.is_closed = wanted == ("end",)

    return step


def answer(request_id="x"):
    """An answer that has the id: the message arrived whole."""

    def step(connection):
        kind, *rest = connection.next()
        if kind != "message" or rest[0].get("id") != request_id:
            raise AssertionError(f"{kind} {rest!r} instead of an answer to {request_id!r}")

    return step


def refused(code="bad_json"):
    def step(connection):
        kind, *rest = connection.next()
        if kind != "message" or "id" in rest[0] or rest[0]["error"]["code"] != code:
            raise AssertionError(f"{kind} {rest!r} instead of {code}")

    return step


def pong(payload=b""):
    return expect("pong", payload)


def answer_and_pong(payload):
    """Both, in either order: the answer is made on another thread."""

    def step(connection):
        got = [connection.next(), connection.next()]
        got.sort(key=lambda item: item[0])
        if got[0][0] != "message" or got[0][1].get("id") != "x" or got[1] != ("pong", payload):
            raise AssertionError(f"{got!r} instead of an answer and a pong")

    return step


def first_pong(payloads):
    """The pong of the first ping and perhaps of later ones; an answer before, between or after them."""

    def step(connection):
        got, answers = [], 0
        while not (got and answers):
            kind, payload = connection.next()
            answers += kind == "message"
            got += [payload] if kind == "pong" else []
        connection.send(closing(1000))
        while (item := connection.next())[0] == "pong":
            got.append(item[1])
        rest = iter(payloads)
        if got[0] != payloads[0] or not all(payload in rest for payload in got):
            raise AssertionError(f"pongs {got!r}")
        if item != ("close", 1000, b""):
            raise AssertionError(f"{item!r} instead of our close")
        expect("end")(connection)

    return step


def closed(*codes):
    """A close with one of the codes; the connection's end may be late."""

    def step(connection):
        kind, *rest = connection.next()
        if kind != "close" or rest[0] not in codes:
            raise AssertionError(f"{kind} {rest!r} instead of a close with {codes}")
        connection.is_closed = True

    return step


def failed(*codes):
    """As `closed`, or the end, as the RFC allows: so it may be when more follows the mistake at once."""

    def step(connection):
        kind, *rest = connection.next()
        if kind != "end" and (kind != "close" or rest[0] not in codes):
            raise AssertionError(f"{kind} {rest!r} instead of a close with {codes}, or the end")
        connection.is_closed = True

    return step


def echoed(code, reason=b""):
    """Our close is answered by the same, and that is the end."""

    def step(connection):
        expect("close", code, reason)(connection)
        expect("end")(connection)

    return step


# Messages.


def request(size=None, request_id="x"):
    """A `ping` of that many bytes. Its id is at the very end, so the answer shows that all of it was read."""
    head, tail = b'{"type":"ping","data":{"pad":"', b'"},"id":' + json.dumps(request_id).encode() + b"}"
    if size is None:
        return head + tail
    return head + b"*" * (size - len(head) - len(tail)) + tail


def echo(text):
    """A `ping` whose id is the text, in UTF-8."""
    return b'{"type":"ping","id":"' + text + b'"}'


def text(payload=None, **options):
    return frame(TEXT, request() if payload is None else payload, **options)


def more(payload, **options):
    return frame(0, payload, **options)


def fragments(payload, size, opcode=TEXT):
    """The message in frames of `size` bytes."""
    parts = [payload[start : start + size] for start in range(0, len(payload), size)] or [b""]
    last = len(parts) - 1
    return [frame(0 if n else opcode, part, final=n == last) for n, part in enumerate(parts)]


def pieces(count):
    """A request cut into that many parts."""
    whole = request()
    size = -(-len(whole) // count)
    return [whole[start : start + size] for start in range(0, len(whole), size)]


def sized(size, chop=None):
    """What has to happen to a text message of that size. Of one that is too large a beginning is enough."""
    if size > LIMIT:
        return [send(frame(TEXT, b"*" * LIMIT, announced=size), chop=chop), closed(1009)]
    if size < len(request()):
        return [send(text(b" " * size)), refused()]
    return [send(text(request(size)), chop=chop), answer()]


def framing():
    sizes = [0, 125, 126, 127, 128, 65_535, 65_536]
    for n, size in enumerate(sizes, 1):
        yield Case(f"1.1.{n}", f"text of {size} bytes", sized(size))
    yield Case("1.1.8", "text of 65536 bytes in chops of 997", sized(65_536, chop=997))
    for n, size in enumerate([*sizes, 65_536], 1):
        chop = 997 if n == 8 else None
        data = frame(BINARY, b"\xfe" * min(size, LIMIT), announced=size)
        yield Case(f"1.2.{n}", f"binary of {size} bytes", [send(data, chop=chop), closed(1003)])


def pings():
    yield Case("2.1", "ping without payload", [send(frame(PING)), pong()])
    for n, payload in enumerate([b"Hello, world!", b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff", b"\xfe" * 125], 2):
        yield Case(f"2.{n}", f"ping with {payload[:14]!r}", [send(frame(PING, payload)), pong(payload)])
    # Known deviation: control frames that are too long, and a close's bad UTF-8 (7.5.1), end without a close.
    yield Case("2.5", "ping of 126 bytes", [send(frame(PING, b"\xfe" * 126)), expect("end")])
    yield Case("2.6", "ping in single bytes", [send(frame(PING, b"\xfe" * 125), chop=1), pong(b"\xfe" * 125)])
    yield Case("2.7", "pong nobody asked for", [send(frame(PONG)), send(text()), answer()])
    yield Case("2.8", "the same with a payload", [send(frame(PONG, b"unsolicited")), send(text()), answer()])
    unasked = [send(frame(PONG, b"unsolicited")), send(frame(PING, b"real")), pong(b"real")]
    yield Case("2.9", "pong nobody asked for, then a ping", unasked)
    # Known deviation: of many at once libwebsockets answers the first, and others as they happen to come.
    ten = [b"payload-%d" % number for number in range(10)]
    for n, chop in (10, None), (11, 1):
        pings = [frame(PING, payload) for payload in ten]
        steps = [send(*pings, chop=chop), send(text()), first_pong(ten)]
        yield Case(f"2.{n}", f"ten pings, chop {chop}", steps)


def reserved_bits():
    good = [send(text()), answer()]
    yield Case("3.1", "RSV 1 on text", [send(text(reserved=1)), closed(1002)])
    for n, chop in (2, None), (3, None), (4, 1):
        bad = send(text(reserved=n), frame(PING), chop=chop)
        yield Case(f"3.{n}", f"good text, then RSV {n}, then a ping", [*good, bad, failed(1002)])
    yield Case("3.5", "RSV 5 on binary", [send(frame(BINARY, b"\x00\xff", reserved=5)), closed(1002)])
    yield Case("3.6", "RSV 6 on a ping", [send(frame(PING, b"x", reserved=6)), closed(1002)])
    yield Case("3.7", "RSV 7 on a close", [send(frame(CLOSE, reserved=7)), closed(1002)])


def opcodes():
    good = [send(text()), answer()]
    for group, first in (1, 3), (2, 11):
        for n in range(1, 6):
            payload = b"reserved opcode" if n in (2, 4, 5) else b""
            bad = frame(first + n - 1, payload)
            steps = [send(bad), closed(1002)]
            if n > 2:
                steps = [*good, send(bad + frame(PING), chop=1 if n == 5 else None), failed(1002)]
            yield Case(f"4.{group}.{n}", f"opcode {first + n - 1}", steps)


def fragmentation():
    broken = closed(1002)
    for n, opcode in (1, PING), (2, PONG):
        parts = frame(opcode, b"a", final=False) + more(b"b")
        yield Case(f"5.{n}", "control frame in two fragments", [send(parts), broken])
    halves = fragments(request(), 30)
    yield Case("5.3", "text in two fragments", [send(*halves), answer()])
    yield Case("5.4", "in single bytes", [send(*halves, chop=1), answer()])
    yield Case("5.5", "each in a write of its own", [*map(send, halves), answer()])
    ping = frame(PING, b"ping payload")
    parted = [halves[0], ping, halves[1]]
    both = answer_and_pong(b"ping payload")
    yield Case("5.6", "a ping between two fragments", [send(*parted), both])
    yield Case("5.7", "each in a write", [*map(send, parted), both])
    yield Case("5.8", "in single bytes", [send(*parted, chop=1), both])
    for first, final in (9, True), (12, False):
        bad = [more(b"nothing to continue", final=final), text()]
        yield Case(f"5.{first}", f"continues nothing, final {final}", [send(*bad), broken])
        yield Case(f"5.{first + 1}", "the text in a write of its own", [send(bad[0]), broken])
        yield Case(f"5.{first + 2}", "in single bytes", [send(*bad, chop=1), failed(1002)])
    after = [send(*halves), answer(), send(more(b"nothing", final=False), text()), broken]
    yield Case("5.15", "fragments, then continues nothing", after)
    for n, final in (16, False), (17, True):
        bad = [more(b"nothing", final=final), *halves]
        yield Case(f"5.{n}", f"twice: continues nothing, final {final}", [send(*bad, *bad), broken])
    two = [frame(TEXT, b"a", final=False), frame(TEXT, b"b")]
    yield Case("5.18", "both fragments say text", [send(*two), broken])
    five = pieces(5)
    early = [frame(TEXT, five[0], final=False), more(five[1], final=False), frame(PING, b"1")]
    late = [more(five[2], final=False), more(five[3], final=False), frame(PING, b"2"), more(five[4])]
    for n, together in (19, True), (20, False):
        before = [send(*early)] if together else map(send, early)
        after = [send(*late)] if together else map(send, late)
        steps = [*before, pong(b"1"), *after, answer_and_pong(b"2")]
        yield Case(f"5.{n}", "five fragments, two pings, the first is answered in between", steps)


GREEK = bytes.fromhex("cebae1bdb9cf83cebcceb5")
MIXED = "Hello-µ@ßöäüàáUTF-8!!".encode()
SURROGATE = GREEK + b"\xed\xa0\x80edited"
BEYOND = GREEK + b"\xf4\x90\x80\x80edited"


def text_encoding():
    yield Case("6.1.1", "empty text", [send(frame(TEXT)), refused()])
    yield Case("6.1.2", "three empty fragments", [send(*empty(b"")), refused()])
    yield Case("6.1.3", "only the one in the middle is not empty", [send(*empty(request())), answer()])
    good = echo(MIXED)
    cut = good.index("ö".encode())
    for n, size in (1, len(good)), (2, cut), (3, 1):
        yield Case(f"6.2.{n}", f"fragments of {size}", [send(*fragments(good, size)), answer(MIXED.decode())])
    yield Case("6.2.4", "Greek in single bytes", [send(*fragments(echo(GREEK), 1)), answer(GREEK.decode())])
    yield Case("6.3.1", "a surrogate", [send(text(SURROGATE)), closed(1007)])
    yield Case("6.3.2", "a surrogate in fragments of 1", [send(*fragments(SURROGATE, 1)), closed(1007)])
    # Refused as soon as it is wrong: the rest is never sent.
    first, to = len(GREEK), len(GREEK) + 4
    whole = text(BEYOND)
    head = len(whole) - len(BEYOND)
    begun = [send(frame(TEXT, BEYOND[:first], final=False)), send(frame(PING)), pong()]
    rest = more(BEYOND[first:to], final=False)
    yield Case("6.4.1", "wrong in the second fragment", [*begun, send(rest), closed(1007)])
    begun = [send(frame(TEXT, BEYOND[: first + 1], final=False)), send(frame(PING)), pong()]
    one = more(BEYOND[first + 1 : first + 2], final=False)
    yield Case("6.4.2", "the fragment ends where it is wrong", [*begun, send(one), closed(1007)])
    for n, cut, end in (3, first, to), (4, first + 1, first + 2):
        parts = [send(whole[: head + cut]), send(whole[head + cut : head + end])]
        yield Case(f"6.4.{n}", "wrong in a part of a frame", [*parts, closed(1007)])
    for group, texts in enumerate(ENCODINGS, 5):
        for n, payload in enumerate(texts, 1):
            yield Case(f"6.{group}.{n}", f"text {payload.hex()}", encoded(payload))


def empty(middle):
    return frame(TEXT, final=False), more(middle, final=False), more(b"")


def encoded(payload):
    """Good text comes back, bad text closes. Python's decoder is as strict as RFC 3629."""
    try:
        good = payload.decode()
    except UnicodeDecodeError:
        return [send(text(payload)), closed(1007)]
    # JSON has no raw control characters, so that one is good text and bad JSON.
    return [send(text(echo(payload))), refused() if payload < b" " else answer(good)]


def each(*texts):
    return [bytes.fromhex(one) for one in texts]


# After Markus Kuhn's UTF-8 stress test, in Autobahn's order.
LAST_MISSING = each(
    "c0", "e080", "f08080", "f8808080", "fc80808080", "df", "efbf", "f7bfbf", "fbbfbfbf", "fdbfbfbfbf"
)
ENCODINGS = [
    [b"hello$world", "hello¢world".encode(), "hello€world".encode(), "hello𤭢world".encode(), GREEK],
    [GREEK[:end] for end in range(1, len(GREEK) + 1)],
    # The first and the last of each length, then those that are none, and the edges in between.
    each("00", "c280", "e0a080", "f0908080"),
    each("f888808080", "fc8480808080"),
    each("7f", "dfbf", "efbfbf", "f48fbfbf"),
    each("f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf"),
    each("ed9fbf", "ee8080", "efbfbd", "f48fbfbf", "f4908080"),
    # Continuations of nothing, beginnings without continuation.
    [b"\x80", b"\xbf", *(b"\x80\xbf\x80\xbf\x80\xbf"[:end] for end in range(2, 7)), bytes(range(0x80, 0xBF))],
    [
        b"".join(bytes((byte, 0x20)) for byte in range(first, last))
        for first, last in ((0xC0, 0xDF), (0xE0, 0xEF), (0xF0, 0xF7), (0xF8, 0xFB), (0xFC, 0xFD))
    ],
    LAST_MISSING,
    [b"".join(LAST_MISSING)],
    each("fe", "ff", "fefeffff"),
    # Longer than they need to be: a slash, the largest of each length, NUL.
    each("c0af", "e080af", "f08080af", "f8808080af", "fc80808080af"),
    each("c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf"),
    each("c080", "e08080", "f0808080", "f880808080", "fc8080808080"),
    # Surrogates, alone and in pairs.
    each("eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf"),
    [high + low for high in each("eda080", "edadbf", "edae80", "edafbf") for low in each("edb080", "edbfbf")],
    # Code points that are no characters, and special ones: good text all the same.
    [chr(plane << 16 | low).encode() for plane in range(17) for low in (0xFFFE, 0xFFFF)],
    [chr(point).encode() for point in range(0xFFF9, 0x10000)],
]

GOOD_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
BAD_CODES = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999]


def closes():
    bye = closing(1000)
    half = frame(TEXT, b"half", final=False)
    yield Case("7.1.1", "a message, then a close", [send(text()), answer(), send(bye), echoed(1000)])
    yield Case("7.1.2", "two closes", [send(bye, bye), echoed(1000)])
    yield Case("7.1.3", "a ping after the close", [send(bye, frame(PING)), echoed(1000)])
    yield Case("7.1.4", "a message after the close", [send(bye, text()), echoed(1000)])
    yield Case("7.1.5", "a close between two fragments", [send(half, bye, more(b"rest")), echoed(1000)])
    large = frame(TEXT, b"*" * LIMIT, announced=256 * KILO)
    yield Case("7.1.6", "256 KiB, a message, a close, a ping", [send(large), closed(1009)])
    yield Case("7.3.1", "an empty close", [send(frame(CLOSE)), echoed(1005)])
    yield Case("7.3.2", "a close of one byte", [send(frame(CLOSE, b"a")), closed(1002)])
    for n, reason in enumerate([b"", b"Hello World!", b"*" * 123], 3):
        steps = [send(closing(1000, reason)), echoed(1000, reason)]
        yield Case(f"7.3.{n}", f"a reason of {len(reason)}", steps)
    yield Case("7.3.6", "a reason of 124", [send(closing(1000, b"*" * 124)), expect("end")])
    yield Case("7.5.1", "a reason that is no UTF-8", [send(closing(1000, SURROGATE)), expect("end")])
    for n, code in enumerate(GOOD_CODES, 1):
        yield Case(f"7.7.{n}", f"code {code}", [send(closing(code)), echoed(code)])
    for n, code in enumerate(BAD_CODES, 1):
        yield Case(f"7.9.{n}", f"code {code}", [send(closing(code)), closed(1002)])
    for n, code in (1, 5000), (2, 65_535):
        yield Case(f"7.13.{n}", f"code {code}", [send(closing(code)), closed(1002)])


def limits():
    binary = closed(1003)
    for n, size in enumerate([64 * KILO, 256 * KILO, MEGA, 4 * MEGA, 8 * MEGA, 16 * MEGA], 1):
        yield Case(f"9.1.{n}", f"text of {size} bytes", sized(size))
        yield Case(f"9.2.{n}", "binary", [send(frame(BINARY, b"\xfe" * LIMIT, announced=size)), binary])
    # Autobahn's 4 MiB become as much as is allowed, as long as the fragments are smaller than that.
    for n, size in enumerate([64, 256, KILO, 4 * KILO, 16 * KILO, 64 * KILO, 256 * KILO, MEGA, 4 * MEGA], 1):
        steps = [send(*fragments(request(LIMIT), size)), answer()]
        if size > LIMIT:
            steps = [send(frame(TEXT, b"*" * LIMIT, final=False, announced=size)), closed(1009)]
        yield Case(f"9.3.{n}", f"text in fragments of {size}", steps)
        first = frame(BINARY, b"\xfe" * min(size, LIMIT), final=False, announced=size)
        yield Case(f"9.4.{n}", f"binary in fragments of {size}", [send(first), binary])
    for n, chop in enumerate([64, 128, 256, 512, KILO, 2 * KILO], 1):
        yield Case(f"9.5.{n}", f"text in chops of {chop}", sized(LIMIT, chop))
        yield Case(f"9.6.{n}", "binary", [send(frame(BINARY, b"\xfe" * chop, announced=LIMIT)), binary])
    for n, size in enumerate([0, 16, 64, 256, KILO, 4 * KILO], 1):
        yield Case(f"9.7.{n}", f"a thousand texts of {size}, one after the other", sized(size) * 1000)
        yield Case(f"9.8.{n}", "binary", [send(frame(BINARY, b"\xfe" * size)), binary])
    parts = fragments(request(LIMIT), 1300)
    yield Case("10.1.1", "as much as is allowed in fragments of 1300", [send(*parts), answer()])


CASES = [
    case
    for group in (framing, pings, reserved_bits, opcodes, fragmentation, text_encoding, closes, limits)
    for case in group()
]
