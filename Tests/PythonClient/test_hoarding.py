"""One address with any number of guests has its share of the stock, and no more; an honest guest of another
address gets theirs, after a restart, too.
"""

import collections
import unittest

from client import Client, Refused
from shop import Shop

# As the settings are when nobody sets them.
GUEST_UNITS, ADDRESS_UNITS, NEW_GUESTS = 20, 100, 300
HOARDER, HONEST = "127.0.0.3", "127.0.0.2"


def catalogue(units):
    variants = [{"sku": f"S{n}", "title": f"S{n}", "price": 1000, "on_hand": units} for n in range(3)]
    return {"products": [{"id": "p", "title": "P", "variants": variants}]}


class HoardingTests(unittest.TestCase):
    def setUp(self):
        # Limits per address hold outside development mode.
        self.shop = self.enterContext(
            Shop(
                *("--no-dev", "--guests", "claim", "--payment", "test"),
                *("--set", "joins_per_second_per_address=100000"),
                catalogue=catalogue(1000),
            )
        )
        self.shop.host("start\n")
        self.keys = 0

    def guest(self, address, name="Guest", token=None):
        client = self.enterContext(Client(self.shop.url, source_address=(address, 0)))
        client.token = token
        client.hello(name=name)
        return client

    def claim(self, client, sku, quantity=1, **more):
        """Units granted and waited for, or the code of the refusal."""
        self.keys += 1
        try:
            answer = client.request(
                "claim.create", sku=sku, quantity=quantity, key=f"k{self.keys}", **more
            )
        except Refused as refused:
            return refused.error
        held = answer.get("hold", {}).get("quantity", 0)
        return held + answer.get("waitlist", {}).get("quantity", 0)

    def test_many_guests_of_one_address_share_its_units(self):
        granted = 0
        guests = [self.guest(HOARDER, f"Guest {n}") for n in range(12)]
        for guest in guests:
            for sku in ("S0", "S1"):
                got = self.claim(guest, sku, 10)
                granted += got if isinstance(got, int) else 0
        self.assertEqual(granted, ADDRESS_UNITS)
        error = self.claim(guests[-1], "S2")
        self.assertEqual((error["code"], error["limit"], error["remaining"]), ("limit_reached", ADDRESS_UNITS, 0))
        # Waiting counts, too: a place in a line is worth a unit.
        self.assertEqual(self.claim(guests[-1], "S2", 5, waitlist=True)["code"], "limit_reached")
        self.assertEqual(self.claim(self.guest(HONEST), "S0", GUEST_UNITS), GUEST_UNITS)

        # Neither a kill nor coming back makes the share larger.
        tokens = [guest.token for guest in guests]
        self.shop.kill()
        self.shop.start()
        again = self.guest(HOARDER, token=tokens[0])
        self.assertEqual(self.claim(again, "S2")["code"], "limit_reached")
        self.assertEqual(self.claim(self.guest(HOARDER, "Another"), "S2")["code"], "limit_reached")
        self.assertEqual(self.claim(self.guest(HONEST, "Second"), "S2", GUEST_UNITS), GUEST_UNITS)

        # What is given back may be had again, by anybody of the address.
        with Client(self.shop.url, source_address=(HOARDER, 0)) as returned:
            returned.token = tokens[1]
            you = returned.hello()["you"]
            returned.request("hold.release", hold=you["holds"][0]["hold"])
            freed = you["holds"][0]["quantity"]
            self.assertEqual(self.claim(returned, "S2", freed), freed)
        self.assertEqual(self.shop.stop(), 0)
        self.assertEqual(self.shop.audit().returncode, 0)

    def test_one_guest_has_so_many_units_over_all_skus(self):
        guest = self.guest(HONEST)
        self.assertEqual(self.claim(guest, "S0", 15), 15)
        error = self.claim(guest, "S1", 6)
        self.assertEqual((error["code"], error["limit"], error["remaining"]), ("limit_reached", GUEST_UNITS, 5))
        self.assertEqual(self.claim(guest, "S1", 5), 5)
        # What is paid is no longer hoarded.
        self.assertEqual(self.claim(guest, "S2")["code"], "limit_reached")
        with Client(self.shop.url, source_address=(HONEST, 0)) as again:
            again.token = guest.token
            holds = [hold["hold"] for hold in again.hello()["you"]["holds"]]
            order = again.request("order.place", holds=holds, key="place")["order"]["order"]
            self.assertEqual(self.claim(again, "S2")["code"], "limit_reached")
            again.request("order.pay", order=order, key="pay", method="succeeded")
            self.assertEqual(self.claim(again, "S2", GUEST_UNITS), GUEST_UNITS)

    def test_new_identities_of_one_address_are_counted(self):
        codes = collections.Counter()
        for number in range(NEW_GUESTS + 20):
            with Client(self.shop.url, source_address=(HOARDER, 0)) as client:
                try:
                    client.hello(name=f"Guest {number}")
                    codes["in"] += 1
                except Refused as refused:
                    codes[refused.code] += 1
                    self.assertGreater(refused.error["retry_after_ms"], 0)
        # The bucket fills again with one every two seconds.
        self.assertGreaterEqual(codes["rate_limited"], 10)
        self.assertGreaterEqual(codes["in"], NEW_GUESTS)
        self.guest(HONEST)


if __name__ == "__main__":
    unittest.main()
