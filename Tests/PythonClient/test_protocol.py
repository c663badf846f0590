"""Joins, claims, is cut, resumes: a client of another make against the built program."""

import unittest

from client import Client, Refused
from shop import Shop


class ProtocolTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shop = cls.enterClassContext(Shop())
        cls.shop.host("start\npin TEE-S\n")

    def client(self, **options):
        return self.enterContext(Client(self.shop.url, **options))

    def viewer(self, name="Ana"):
        client = self.client()
        client.hello(name=name)
        return client

    def test_subprotocol_is_echoed_when_offered_and_not_needed(self):
        self.assertEqual(self.client().socket.subprotocol, "liveshop.v1")
        self.assertIsNone(self.client(subprotocols=None).socket.subprotocol)

    def test_a_guest_gets_a_snapshot_and_a_token(self):
        client = self.client()
        reply = client.hello(name="Ana")
        self.assertEqual(reply["protocol"], "liveshop.v1")
        self.assertFalse(reply["resumed"])
        self.assertEqual(reply["you"]["name"], "Ana")
        self.assertEqual(reply["you"]["role"], "viewer")
        self.assertEqual(reply["you"]["token"].count("."), 2)
        snapshot = reply["snapshot"]
        self.assertEqual(snapshot["show"]["status"], "live")
        self.assertEqual(snapshot["show"]["currency"], "EUR")
        self.assertEqual(snapshot["products_total"], 2)
        for name in (
            "pinned queue products flash auction giveaway poll quiz coupon note room viewers chat".split()
        ):
            self.assertIn(name, snapshot)

    def test_a_claim_is_held_and_repeated_word_for_word(self):
        client = self.viewer()
        claim = {"sku": "TEE-M", "key": "k1", "quantity": 2, "unit_price": 2100}
        first = client.request("claim.create", **claim)
        self.assertEqual(first["outcome"], "held")
        self.assertEqual(first["hold"]["sku"], "TEE-M")
        self.assertEqual(first["hold"]["quantity"], 2)
        self.assertEqual(first["hold"]["unit_price"], 2100)
        self.assertEqual(first["receipt"]["seq"], first["seq"])
        self.assertEqual(client.request("claim.create", **claim), first)
        with self.assertRaises(Refused) as other:
            client.request("claim.create", sku="TEE-M", key="k1", quantity=1)
        self.assertEqual(other.exception.code, "key_conflict")
        created = [notice["data"] for notice in client.notices if notice["type"] == "hold.created"]
        self.assertEqual([data["hold"] for data in created], [first["hold"]["hold"]])
        client.request("hold.release", hold=first["hold"]["hold"])

    def test_a_cut_client_resumes_and_sees_every_missed_event_once(self):
        client = self.viewer()
        mine = client.request("claim.create", sku="TEE-M", key="mine")
        client.event("claim.held")
        before = client.offset
        client.cut()
        self.shop.host("price TEE-M 22.00\npin MUG\nprice TEE-M 21.00\npin TEE-S\n")
        client.connect()
        reply = client.hello()
        self.assertTrue(reply["resumed"])
        self.assertNotIn("snapshot", reply)
        self.assertEqual([hold["hold"] for hold in reply["you"]["holds"]], [mine["hold"]["hold"]])
        self.assertEqual(client.request("claim.create", sku="TEE-M", key="mine"), mine)
        while client.offset < reply["offset"]:
            client.until(lambda message: "offset" in message)
        missed = [(event["offset"], event["type"]) for event in client.events if event["offset"] > before]
        self.assertEqual([offset for offset, _ in missed], list(range(before + 1, client.offset + 1)))
        kinds = [kind for _, kind in missed if kind.startswith("p")]
        self.assertEqual(kinds.count("price.changed"), 2)
        self.assertEqual(kinds.count("product.pinned"), 2)

    def test_a_wrong_epoch_or_a_future_offset_gives_a_snapshot(self):
        position = self.viewer()
        for resume in (
            {"epoch": "zzzz", "offset": 1},
            {"epoch": position.epoch, "offset": position.offset + 1000},
        ):
            reply = self.client().hello(name="Bo", resume=resume)
            self.assertFalse(reply["resumed"])
            self.assertIn("snapshot", reply)
        for offset in (-1, "1", 2**63, 1.5):
            client = self.client()
            with self.assertRaises(Refused) as wrong:
                client.hello(name="Bo", resume={"epoch": position.epoch, "offset": offset})
            self.assertEqual(wrong.exception.code, "bad_request")
            client.hello(name="Bo")

    def test_several_requests_in_one_message_are_answered_in_order(self):
        client = self.viewer()
        client.socket.send(
            '{"id":"a","type":"ping"}\n\n{"id":"b","type":"product.get","data":{"sku":"MUG"}}\n{"id":7,"type":"ping","data":{}}\n'
        )
        ids = [client.until(lambda m: m["type"] == "reply")["id"] for _ in range(3)]
        self.assertEqual(ids, ["a", "b", 7])

    def test_what_is_not_understood_gets_an_error_and_the_connection_is_kept(self):
        client = self.viewer()
        for text, code in (
            ("", "bad_json"),
            ("{", "bad_json"),
            ('{"id":1,"id":2,"type":"ping"}', "bad_json"),
            ("[1]", "bad_request"),
            ('{"id":0,"type":"ping"}', "bad_request"),
            ('{"id":1}', "bad_request"),
        ):
            with self.subTest(text=text):
                client.socket.send(text)
                self.assertIn(client.error()["code"], (code, "bad_json"))
        with self.assertRaises(Refused) as unknown:
            client.request("claim.make")
        self.assertEqual(unknown.exception.code, "unknown_type")
        with self.assertRaises(Refused) as again:
            client.request("hello", show="spring", name="Ana")
        self.assertEqual(again.exception.code, "already_joined")
        for wrong in ({"sku": "TEE-M"}, {"sku": "TEE-M", "key": "x", "quantity": 0}, {"sku": 5, "key": "x"}):
            with self.assertRaises(Refused) as missing:
                client.request("claim.create", **wrong)
            self.assertEqual(missing.exception.code, "bad_request")
        for request in ("show.end", "price.set", "stock.adjust", "holds.list"):
            with self.assertRaises(Refused) as role:
                client.request(request, sku="TEE-M", price=1, delta=1)
            self.assertEqual(role.exception.code, "forbidden")
        self.assertIn("server_time", client.request("ping"))

    def test_before_hello_everything_is_not_joined(self):
        client = self.client()
        for request in ("claim.create", "ping", "show.start"):
            with self.assertRaises(Refused) as early:
                client.request(request, sku="TEE-S", key="k")
            self.assertEqual(early.exception.code, "not_joined")
        client.hello(name="Ana")

    def test_an_unknown_show_is_refused_and_closed_4502(self):
        client = self.client()
        with self.assertRaises(Refused) as missing:
            client.hello(show="autumn", name="Ana")
        self.assertEqual(missing.exception.code, "not_found")
        self.assertEqual(client.close_code(), 4502)

    def test_a_name_of_the_staff_is_refused_and_another_may_follow(self):
        client = self.client()
        for name in ("Host", "HOST", "Hοst", "", "x" * 41):
            with self.assertRaises(Refused) as taken:
                client.hello(name=name)
            self.assertEqual(taken.exception.code, "bad_request", name)
        client.hello(name="Ana")


if __name__ == "__main__":
    unittest.main()
