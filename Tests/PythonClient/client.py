"""A client of another make: it knows docs/PROTOCOL.md and nothing of the server's code.

Blocking, for one connection, on the WebSocket library of PyPI. Keeps what a careful client keeps: the place
in the event log, and the guest's token.
"""

import json
import socket
import struct
import time

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

ANSWER_SECONDS = 20


class Refused(Exception):
    """The server answered with an error."""

    def __init__(self, error):
        super().__init__(f"{error['code']}: {error['message']}")
        self.code = error["code"]
        self.error = error


class Gap(Exception):
    """An event came out of order, twice, or one was left out."""


class Client:
    """Joins one show. Events and notices gather in `events` and `notices`."""

    def __init__(self, url, **options):
        options.setdefault("subprotocols", ["liveshop.v1"])
        options.setdefault("compression", None)
        self.url = url
        self.options = options
        self.opened = None
        self.socket = None
        self.token = None
        self.epoch = None
        self.offset = None
        self.events = []
        self.notices = []
        self.waiting = []
        self.last_id = 0
        self.connect()

    def connect(self):
        self.opened = connect(self.url, open_timeout=ANSWER_SECONDS, **self.options)
        self.socket = self.opened.__enter__()
        self.waiting = []

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.opened.__exit__(*error)

    # What goes out.

    def send(self, request_type, data, request_id=None):
        """Sends a request and returns its id."""
        if request_id is None:
            self.last_id += 1
            request_id = self.last_id
        self.socket.send(json.dumps({"id": request_id, "type": request_type, "data": data}))
        return request_id

    def request(self, request_type, **data):
        """Sends a request and returns the data of its reply."""
        return self.answer(self.send(request_type, data))

    def hello(self, show="spring", **data):
        """Joins, and resumes where this client was before."""
        if self.token and "token" not in data:
            data["token"] = self.token
            data.pop("name", None)
        if self.epoch and "resume" not in data:
            data["resume"] = {"epoch": self.epoch, "offset": self.offset}
        reply = self.request("hello", show=show, **data)
        if not reply["resumed"]:
            self.offset = reply["offset"]
        self.epoch = reply["epoch"]
        self.token = reply["you"].get("token", self.token)
        return reply

    def cut(self):
        """Breaks the TCP connection with a reset, without a close frame."""
        raw = self.socket.socket
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # The library's reader keeps the descriptor open until it has noticed.
        raw.shutdown(socket.SHUT_RDWR)
        raw.close()

    # What comes in.

    def answer(self, request_id):
        """The data of the reply to a request; whatever comes before it is kept."""
        message = self.until(lambda m: m.get("id") == request_id and m["type"] in ("reply", "error"))
        if message["type"] == "error":
            raise Refused(message["error"])
        return message["data"]

    def error(self):
        """The next error that belongs to no request."""
        return self.until(lambda m: m["type"] == "error" and "id" not in m)["error"]

    def event(self, event_type):
        return self.until(lambda m: m["type"] == event_type and "offset" in m)

    def notice(self, notice_type):
        return self.until(lambda m: m["type"] == notice_type and "offset" not in m)

    def until(self, wanted):
        """The next message that is wanted; what came before it is kept where it belongs."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            while self.waiting:
                message = self.waiting.pop(0)
                self.keep(message)
                if wanted(message):
                    return message
            text = self.socket.recv(timeout=max(0.001, deadline - time.monotonic()))
            if not isinstance(text, str):
                raise AssertionError("the server sent a binary message")
            self.waiting = [json.loads(line) for line in text.split("\n") if line]

    def keep(self, message):
        if message["type"] in ("reply", "error"):
            return
        if "offset" not in message:
            self.notices.append(message)
            return
        if message["offset"] != self.offset + 1:
            raise Gap(f"event {message['offset']} after {self.offset}")
        self.offset = message["offset"]
        self.events.append(message)

    def close_code(self):
        """Reads to the end; the code of the server's close frame, 1006 without one."""
        try:
            while True:
                self.socket.recv(timeout=ANSWER_SECONDS)
        except ConnectionClosed as end:
            return end.rcvd.code if end.rcvd else 1006
