"""Handshakes, frames and pages that a server must refuse, sent by another library."""

import contextlib
import http.client
import socket
import unittest

from websockets.exceptions import ConnectionClosed, InvalidStatus

from client import Client, Refused
from shop import Shop

LIMIT = 16_384


class HandshakeTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shop = cls.enterClassContext(Shop())

    def client(self, **options):
        return self.enterContext(Client(self.shop.url, **options))

    def status(self, url=None, **options):
        """The HTTP status of an upgrade: 101 when it is let in."""
        try:
            with Client(url or self.shop.url, **options):
                return 101
        except InvalidStatus as refusal:
            return refusal.response.status_code

    def test_origins(self):
        port = self.shop.port
        self.assertEqual(self.status(origin=f"http://127.0.0.1:{port}"), 101)
        for origin in (
            "http://evil.example",
            "null",
            f"http://127.0.0.1:{port}.evil.example",
            f"http://127.0.0.1:{port + 1}",
            "http://127.0.0.1",
        ):
            self.assertEqual(self.status(origin=origin), 403, origin)

    def test_only_unknown_subprotocols_are_refused(self):
        self.assertEqual(self.status(subprotocols=["liveshop.v9"]), 400)
        self.assertEqual(self.status(subprotocols=["liveshop.v9", "liveshop.v1"]), 101)

    def test_development_mode_refuses_proxies_and_foreign_hosts(self):
        port = self.shop.port
        for name in ("Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Via"):
            self.assertEqual(self.status(additional_headers={name: "203.0.113.1"}), 403, name)
            code, _, _ = self.shop.get("/healthz", method="POST", **{name: "203.0.113.1"})
            self.assertEqual(code, 403, name)
        # A name that an attacker rebinds to loopback.
        with socket.create_connection(("127.0.0.1", port)) as connection:
            status = self.status(url=f"ws://evil.example:{port}/v1/socket", sock=connection.dup())
        self.assertEqual(status, 403)
        self.assertTrue(any("--trusted-proxy" in line for line in self.shop.log))
        self.assertEqual(self.status(url=f"ws://localhost:{port}/v1/socket"), 101)

    def test_only_upgrades_by_get_with_version_13(self):
        headers = {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version": "13",
        }
        for method, changes in (
            ("POST", {"Content-Length": "0"}),
            ("GET", {"Sec-WebSocket-Version": "8"}),
            ("GET", {"Upgrade": "h2c"}),
            ("GET", {"Sec-WebSocket-Key": "short"}),
            ("GET", {"Sec-WebSocket-Key": None}),
        ):
            sent = {name: value for name, value in {**headers, **changes}.items() if value}
            connection = http.client.HTTPConnection("127.0.0.1", self.shop.port, timeout=20)
            connection.request(method, "/v1/socket", headers=sent)
            status = connection.getresponse().status
            connection.close()
            self.assertIn(status, range(400, 500), (method, changes))
        self.assertEqual(self.status(url=self.shop.url + "/else"), 404)

    def test_binary_is_closed_1003(self):
        client = self.client()
        client.socket.send(b"\x00\x01")
        self.assertEqual(client.close_code(), 1003)

    def test_bad_utf_8_is_closed_1007(self):
        client = self.client()
        client.socket.send(b"\xff\xfe", text=True)
        self.assertEqual(client.close_code(), 1007)

    def test_a_message_of_16384_bytes_is_taken_and_one_more_closes_1009(self):
        client = self.client()
        head, tail = '{"id":1,"type":"ping","data":{"x":"', '"}}'
        fits = head + "x" * (LIMIT - len(head) - len(tail)) + tail
        self.assertEqual(len(fits), LIMIT)
        client.socket.send(fits)
        with self.assertRaises(Refused) as answered:
            client.answer(1)
        self.assertEqual(answered.exception.code, "not_joined")
        client.socket.send(fits.replace("x", "xx", 1))
        self.assertEqual(client.close_code(), 1009)

    def test_a_message_too_large_in_fragments_is_closed_1009(self):
        client = self.client()
        # The server need not wait for the end of it.
        with contextlib.suppress(ConnectionClosed):
            client.socket.send(["x" * 10_000, "y" * 6_384, "z"])
        self.assertEqual(client.close_code(), 1009)

    def test_a_message_in_fragments_is_taken(self):
        client = self.client()
        client.hello(name="Ana")
        client.socket.send(['{"id":"f","ty', 'pe":"ping","da', 'ta":{}}'])
        self.assertIn("server_time", client.answer("f"))

    def test_pings_are_answered_with_their_payload(self):
        client = self.client()
        pong = client.socket.ping(b"still there?")
        self.assertTrue(pong.wait(20))

    def test_a_close_is_answered(self):
        client = self.client()
        client.socket.close(1000)
        self.assertEqual(client.socket.protocol.close_rcvd.code, 1000)

    def test_pages(self):
        for path, word in (("/healthz", b"ok"), ("/readyz", b"ready"), ("/v1/shows", b"spring")):
            status, headers, body = self.shop.get(path)
            self.assertEqual(status, 200)
            self.assertIn("application/json", headers["Content-Type"])
            self.assertIn(word, body)
        status, _, body = self.shop.get("/v1/shows/spring")
        self.assertEqual(status, 200)
        self.assertIn(self.shop.url.encode(), body)
        for path in ("/v1/shows/autumn", "/v1/nothing", "/v1/shows/"):
            self.assertEqual(self.shop.get(path)[0], 404, path)
        status, headers, _ = self.shop.get("/healthz", method="POST")
        self.assertEqual(status, 405)
        self.assertIn("GET", headers["Allow"])


if __name__ == "__main__":
    unittest.main()
