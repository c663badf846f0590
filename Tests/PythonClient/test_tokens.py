"""Tokens made by another library: the right ones are let in, the wrong ones refused with 4500."""

import base64
import json
import time
import unittest

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from client import Client, Refused
from shop import Shop


def segment(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class TokenTests(unittest.TestCase):
    def setUp(self):
        self.shop = self.enterContext(Shop())

    def token(self, header=None, secret=None, **claims):
        content = {"sub": "u1", "exp": int(time.time()) + 600, **claims}
        content = {name: value for name, value in content.items() if value is not None}
        key = OctKey.import_key(secret or self.shop.secret)
        return jwt.encode({"alg": "HS256", **(header or {})}, content, key, algorithms=["HS256", "HS512"])

    def join(self, token):
        client = self.enterContext(Client(self.shop.url))
        return client, client.hello(token=token)

    def assert_refused(self, token):
        client = self.enterContext(Client(self.shop.url))
        with self.assertRaises(Refused) as refusal:
            client.hello(token=token)
        self.assertEqual(refusal.exception.code, "unauthorized")
        self.assertEqual(client.close_code(), 4500)
        self.assertNotIn(self.shop.secret.decode(), str(refusal.exception))

    def test_a_signed_token_says_who_somebody_is(self):
        _, reply = self.join(self.token(name="Ana", role="moderator", sub="ana"))
        you = reply["you"]
        self.assertEqual((you["participant"], you["name"], you["role"]), ("ana", "Ana", "moderator"))
        self.assertNotIn("token", you)
        _, reply = self.join(self.token())
        self.assertEqual(reply["you"]["role"], "viewer")
        self.join(self.token(show="spring"))
        self.join(self.token(header={"typ": "JWT"}))
        self.join(self.token(exp=int(time.time()) - 30))
        self.join(self.token(nbf=int(time.time()) + 30))

    def test_a_host_token_starts_the_show_and_a_viewer_token_does_not(self):
        viewer, _ = self.join(self.token(role="viewer"))
        with self.assertRaises(Refused) as refusal:
            viewer.request("show.start")
        self.assertEqual(refusal.exception.code, "forbidden")
        host, _ = self.join(self.token(role="host", sub="h"))
        self.assertEqual(host.request("show.start")["status"], "live")

    def test_a_token_without_the_capability_cannot_claim(self):
        client, reply = self.join(self.token(capabilities=["view", "chat"]))
        self.assertEqual(sorted(reply["you"]["capabilities"]), ["chat", "view"])
        with self.assertRaises(Refused) as refusal:
            client.request("claim.create", sku="TEE-S", key="k")
        self.assertEqual(refusal.exception.code, "forbidden")

    def test_wrong_times_and_shows_are_refused(self):
        now = int(time.time())
        for claims in (
            {"exp": now - 120},
            {"nbf": now + 120},
            {"exp": None},
            {"exp": "tomorrow"},
            {"show": "autumn"},
            {"sub": None},
            {"sub": ""},
            {"role": "emperor"},
        ):
            with self.subTest(claims=claims):
                self.assert_refused(self.token(**claims))

    def test_forged_and_odd_tokens_are_refused(self):
        good = self.token()
        head, body, signature = good.split(".")
        claims = {"sub": "u1", "exp": int(time.time()) + 600, "role": "host"}
        rsa = RSAKey.generate_key(2048)
        for name, token in {
            "another secret": self.token(secret=b"0123456789abcdef0123456789abcdef"),
            "other claims": f"{head}.{segment(claims)}.{signature}",
            "no signature": f"{head}.{body}.",
            "alg none": f"{segment({'alg': 'none'})}.{segment(claims)}.",
            "alg none with a signature": f"{segment({'alg': 'none'})}.{body}.{signature}",
            "alg None": f"{segment({'alg': 'None'})}.{body}.{signature}",
            "no alg": f"{segment({'typ': 'JWT'})}.{body}.{signature}",
            "HS512": self.token(header={"alg": "HS512"}),
            "RS256": jwt.encode({"alg": "RS256"}, claims, rsa, algorithms=["RS256"]),
            "unknown kid": self.token(header={"kid": "other"}),
            "crit": f"{segment({'alg': 'HS256', 'crit': ['x'], 'x': 1})}.{body}.{signature}",
            "over 8 KiB": self.token(name="x" * 8192),
            "two parts": f"{head}.{body}",
            "five parts": f"{good}.a.b",
            "a text": "let me in",
            "padded": f"{head}=.{body}.{signature}",
            "blank": f" {good}",
        }.items():
            with self.subTest(token=name):
                self.assert_refused(token)

    def test_a_token_that_is_no_text_is_a_bad_request(self):
        client = self.enterContext(Client(self.shop.url))
        for token in (5, {}, [], ""):
            with self.assertRaises(Refused) as refusal:
                client.hello(token=token)
            self.assertEqual(refusal.exception.code, "bad_request")
        client.hello(name="Cleo")

    def test_a_token_that_expires_ends_its_connection_within_five_seconds(self):
        client, reply = self.join(self.token(exp=int(time.time()) - 58))
        began = time.monotonic()
        self.assertEqual(client.close_code(), 4500)
        self.assertLess(time.monotonic() - began, 2 + 5)
        self.assertEqual(reply["you"]["participant"], "u1")

    def test_a_guest_comes_back_with_the_token_and_keeps_the_hold(self):
        host, _ = self.join(self.token(role="admin", sub="boss"))
        host.request("show.start")
        first = self.enterContext(Client(self.shop.url))
        you = first.hello(name="Ana")["you"]
        hold = first.request("claim.create", sku="TEE-M", key="k")["hold"]
        other, reply = self.join(you["token"])
        self.assertEqual(reply["you"]["participant"], you["participant"])
        self.assertEqual([mine["hold"] for mine in reply["you"]["holds"]], [hold["hold"]])
        self.assertEqual(other.request("claim.create", sku="TEE-M", key="k")["hold"], hold)


if __name__ == "__main__":
    unittest.main()
