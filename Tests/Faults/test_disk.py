"""A disk that fills, turns read-only or fails to sync under a server; another program's lock."""

import asyncio
import errno
import sqlite3
import time
import unittest

import neighbours  # noqa: F401

from machine import SYNC, Machine
from supervisor import Supervisor
from waiting import wait_until

from client import Client, Refused
from sale import FLAGS, Sale, audit, catalogue
from shop import Shop

BUYERS = 10
# Each would take this long if it waited for another program's lock.
WORDS, WAIT_SECONDS = 4, 2


def join(shop, name):
    client = Client(shop.url)
    client.hello(name=name)
    return client


class StorageTests(unittest.TestCase):
    """Nothing can be written for a while."""

    def expect_refusals(self, buyer, key):
        """What has to be stored is refused, as something to try again; all is answered."""
        requests = [
            ("claim.create", {"sku": "TEE-M", "key": key}),
            ("hold.release", {"hold": "h1"}),
            ("order.place", {"holds": ["h1"], "key": key + "-order"}),
        ]
        for kind, data in requests:
            with self.assertRaises(Refused) as refused:
                buyer.request(kind, **data)
            self.assertEqual(refused.exception.code, "storage_unavailable")
            self.assertIs(refused.exception.error["retryable"], True)

    def succeeds(self, buyer, key):
        try:
            return buyer.request("claim.create", sku="TEE-M", key=key)
        except Refused as refused:
            self.assertEqual(refused.code, "storage_unavailable")
            return None

    def go_through(self, fault, complaint):
        """The whole story of one outage."""
        shop = Shop()
        machine = Machine(shop)
        with shop:
            shop.host("start\n")
            with join(shop, "Ana") as ana, join(shop, "Bo") as bo:
                kept = ana.request("claim.create", sku="MUG", key="before")
                setattr(machine, fault, 1)
                self.expect_refusals(ana, "during")

                # Reading and talking go on, for those who are there and for those who come.
                said = ana.request("chat.send", text="is it still open?")
                heard = bo.notice("chat.message")
                self.assertEqual(heard["data"]["message"], said["message"])
                with Client(shop.url) as somebody:
                    reply = somebody.hello(name="Cleo")
                    self.assertEqual(reply["snapshot"]["show"]["status"], "live")
                    self.assertEqual(
                        somebody.request("product.get", sku="MUG")["product"]["id"], "mug"
                    )
                self.assertEqual(shop.get("/readyz")[0], 503)
                self.assertEqual(shop.get("/healthz")[0], 200)
                self.assertEqual(shop.get("/v1/shows/spring")[0], 200)
                self.expect_refusals(bo, "during, too")

                # It is over by itself, and the key that was refused may still have its effect.
                setattr(machine, fault, 0)
                granted = wait_until(
                    lambda: self.succeeds(ana, "during"), "a claim after the outage"
                )
                self.assertEqual(granted["outcome"], "held")
                self.assertEqual(self.succeeds(ana, "during"), granted)
                self.assertEqual(self.succeeds(ana, "during")["seq"], granted["seq"])
                self.assertEqual(shop.get("/readyz")[0], 200)
            with Client(shop.url) as ana_again:
                ana_again.token = ana.token
                mine = {hold["hold"] for hold in ana_again.hello()["you"]["holds"]}
                self.assertEqual(mine, {kept["hold"]["hold"], granted["hold"]["hold"]})
            self.assertEqual(audit(shop, "after the outage"), [])
            self.assertEqual(shop.stop(), 0)
            self.assertEqual(shop.last_log.count(complaint), 1, shop.last_log)
            self.assertIn("storage: works again", shop.last_log)

    def test_a_full_disk_and_back(self):
        self.go_through("full", "storage: no space is left on the disk")

    def test_a_disk_that_turns_read_only_and_back(self):
        self.go_through("read_only", "read-only file system")

    def test_a_hold_that_runs_out_while_the_disk_is_full_ends_when_it_is_not(self):
        shop = Shop("--set", "hold_seconds=1")
        machine = Machine(shop)
        with shop:
            shop.host("start\n")
            with join(shop, "Ana") as ana, join(shop, "Bo") as bo:
                hold = ana.request("claim.create", sku="MUG", key="1")["hold"]
                machine.full = 1
                wait_until(
                    lambda: bo.request("ping")["server_time"] > hold["expires_at"],
                    "the end of the hold",
                )
                self.assertEqual(
                    [notice["type"] for notice in ana.notices if notice["type"] == "hold.expired"],
                    [],
                )
                machine.full = 0
                self.assertEqual(ana.notice("hold.expired")["data"]["hold"], hold["hold"])
                self.assertEqual(bo.request("claim.create", sku="MUG", key="1")["outcome"], "held")
            self.assertEqual(audit(shop, "after"), [])

    def test_outages_in_the_middle_of_a_sale(self):
        async def story():
            shop = Shop(*FLAGS, catalogue=catalogue())
            machine = Machine(shop)
            with shop:
                shop.host("start\npin FEW\n")
                async with Sale(shop, 1, BUYERS) as sale:
                    for fault in ("full", "read_only", "full"):
                        await sale.busy()
                        before = machine.faults
                        setattr(machine, fault, 1)
                        # The outage and one probe that failed, too.
                        await sale.busy(
                            answers=1 << 30, until=lambda before=before: machine.faults > before + 1
                        )
                        setattr(machine, fault, 0)
                    await sale.busy()
                    await sale.close()
                found = await sale.verdict() + audit(shop, "at the end")
                self.assertEqual(shop.stop(), 0)
            refusals = sum(buyer.refused_for_now for buyer in sale.crowd)
            return found, refusals

        found, refusals = asyncio.run(story())
        self.assertEqual(found, [])
        self.assertGreater(refusals, 0)


class SyncTests(unittest.TestCase):
    """A sync fails: what is on disk is unknown, so the process ends, to start from that."""

    def sell_on_a_disk_that_does_not_sync(self, break_it):
        async def story():
            shop = Shop(*FLAGS, catalogue=catalogue())
            machine = Machine(shop)
            with shop:
                shop.host("start\npin FEW\n")
                shop.stop()
                async with Supervisor(shop, machine.reset) as supervisor:
                    async with Sale(shop, 1, BUYERS) as sale:
                        await sale.busy()
                        # What the failed sync did not write is lost, as a kernel drops such pages.
                        machine.power_exit = 1
                        break_it(machine)
                        await sale.busy(answers=1 << 30, until=lambda: supervisor.ends)
                        await sale.busy()
                        await sale.close()
                    found = await sale.verdict()
                found += audit(shop, "at the end")
                return found, supervisor.ends

        found, ends = asyncio.run(story())
        self.assertEqual(found, [])
        self.assertEqual([end.code for end in ends], [1])
        self.assertEqual(
            ends[0].reason,
            "the disk did not confirm a write; stopping, to recover from what is on it",
        )

    def test_a_disk_that_does_not_sync_any_more(self):
        self.sell_on_a_disk_that_does_not_sync(
            lambda machine: setattr(machine, "sync_error", errno.EIO)
        )

    def test_a_sync_that_fails_once_and_would_then_seem_to_work(self):
        def break_it(machine):
            machine.kinds = SYNC
            machine.fail_error = errno.EIO
            machine.fail_count = 1
            machine.fail_at = machine.calls + 1

        self.sell_on_a_disk_that_does_not_sync(break_it)


class LockTests(unittest.TestCase):
    def test_another_program_holds_the_database_for_a_while(self):
        with Shop() as shop:
            shop.host("start\n")
            with join(shop, "Ana") as ana:
                other = sqlite3.connect(shop.data / "liveshop.db", isolation_level=None)
                other.execute("BEGIN IMMEDIATE")
                with self.assertRaises(Refused) as refused:
                    ana.request("claim.create", sku="MUG", key="1")
                self.assertEqual(refused.exception.code, "storage_unavailable")
                # Whoever does not need the disk does not wait for the other program.
                start = time.monotonic()
                for _ in range(WORDS):
                    ana.request("chat.send", text="still here")
                self.assertLess(time.monotonic() - start, WORDS * WAIT_SECONDS)
                other.execute("ROLLBACK")
                other.close()

                def claim():
                    try:
                        return ana.request("claim.create", sku="MUG", key="1")
                    except Refused:
                        return None

                self.assertEqual(wait_until(claim, "a claim after the lock")["outcome"], "held")
            self.assertEqual(audit(shop, "after"), [])
            self.assertIn("another program holds the database", "".join(shop.log))


if __name__ == "__main__":
    unittest.main()
