"""Any number and any text in any column: the program refuses it in a sentence, or lives with it.

A database may have been changed by hand or by a failing disk. Whatever stands in it, no start, claim or audit
ends by a signal, and a start takes the time and memory of the rows there are.
"""

import pathlib
import random
import re
import shutil
import sqlite3
import unittest

import neighbours  # noqa: F401

from client import Client, Refused
from shop import NotStarted, Shop
from websockets.exceptions import ConnectionClosed

NUMBERS = (-1, 0, 2**31, 2**53, 2**63 - 1)
TEXTS = ("", "\u202e\x1b]0;x\x07" * 3, "x" * 100_000, b"\xff\xfe\x00A")
KEYS = {
    "show": ["key"],
    "journal": ["key"],
    "event": ["key"],
    "event_participant": ["event", "participant"],
    "chat": ["key"],
    "participant": ["show", "number"],
    "stock": ["show", "sku"],
    "extent": ["show"],
    "meta": ["key"],
}
SEEDS = 60


class RowTests(unittest.TestCase):
    """A show with people, stock, events, chat, an order and a hold of a flash sale."""

    @classmethod
    def setUpClass(cls):
        cls.shop = Shop()
        cls.addClassCleanup(shutil.rmtree, cls.shop.directory)
        cls.shop.start(anew=True)
        cls.shop.host("start\npin MUG\nflash TEE-M 15.00 60s\nnote soon\nroom slow 3s\n")
        with Client(cls.shop.url) as ana:
            ana.hello(name="Ana")
            hold = ana.request("claim.create", sku="TEE-S", key="1")["hold"]["hold"]
            order = ana.request("order.place", holds=[hold], key="2")["order"]["order"]
            ana.request("order.pay", order=order, key="3", method="succeeded")
            ana.request("claim.create", sku="MUG", key="4")
            ana.request("chat.send", text="hello")
        cls.shop.stop()
        cls.shop.start(anew=True)
        with Client(cls.shop.url) as bo:
            bo.hello(name="Bo")
            bo.request("claim.create", sku="MUG", quantity=1, key="1")
        cls.shop.stop()
        cls.kept = cls.shop.directory / "kept"
        shutil.copytree(cls.shop.data, cls.kept)
        with sqlite3.connect(cls.kept / "liveshop.db") as database:
            database.execute("INSERT INTO meta VALUES('probe', '1')")
        database.close()

    def change(self, act):
        """A fresh copy, changed behind the program's back."""
        shutil.rmtree(self.shop.data)
        shutil.copytree(self.kept, self.shop.data)
        with sqlite3.connect(self.shop.data / "liveshop.db") as database:
            database.execute("PRAGMA ignore_check_constraints = ON")
            act(database)
        database.close()

    def set(self, table, column, value):
        """Sets one column of the table's last row."""

        def act(database):
            keys = KEYS[table]
            order = ", ".join(f"{key} DESC" for key in keys)
            row = database.execute(f"SELECT {', '.join(keys)} FROM {table} ORDER BY {order}").fetchone()
            where = " AND ".join(f"{key} = ?" for key in keys)
            new = "CAST(? AS TEXT)" if isinstance(value, bytes) else "?"
            database.execute(f"UPDATE {table} SET {column} = {new} WHERE {where}", (value, *row))

        self.change(act)

    def columns(self, kind):
        database = sqlite3.connect(self.kept / "liveshop.db")
        for table in KEYS:
            for row in database.execute(f"PRAGMA table_info({table})").fetchall():
                if row[2] == kind:
                    yield table, row[1]
        database.close()

    def live_through_it(self):
        """Audits, starts, and does what touches every table; what the start says when it refuses."""
        audit = self.shop.audit()
        self.assertIn(audit.returncode, (0, 1), audit.stderr)
        try:
            self.shop.start(anew=True)
        except NotStarted as end:
            self.assertEqual(end.code, 1, end.log)
            self.assertEqual(audit.returncode, 1, f"the audit finds nothing: {end.log}")
            reasons = [line for line in end.log.splitlines() if "liveshop: " in line]
            self.assertEqual(len(reasons), 1, end.log)
            return reasons[0]
        try:
            with Client(self.shop.url) as client:
                self.buy(client)
            self.assertTrue(self.shop.is_running)
            self.assertEqual(self.shop.stop(), 0, self.shop.last_log)
        finally:
            self.shop.kill()
        return None

    def buy(self, client):
        try:
            client.hello(name="Cy")
        except (Refused, ConnectionClosed):
            return  # the show is not there any more, or cannot be read
        for request, data in (
            ("claim.create", {"sku": "TEE-M", "key": "1"}),
            ("claim.create", {"sku": "MUG", "key": "2"}),
            ("chat.send", {"text": "hi"}),
            ("product.get", {"sku": "TEE-S"}),
        ):
            try:
                client.request(request, **data)
            except Refused as refused:
                self.assertNotEqual(refused.code, "bad_json")

    def test_any_number_in_any_column(self):
        for table, column in self.columns("INTEGER"):
            for value in NUMBERS:
                with self.subTest(table=table, column=column, value=value):
                    try:
                        self.set(table, column, value)
                    except sqlite3.IntegrityError:
                        continue
                    self.live_through_it()

    def test_any_text_in_any_column(self):
        for table, column in self.columns("TEXT"):
            for value in TEXTS:
                with self.subTest(table=table, column=column, value=value[:10]):
                    self.set(table, column, value)
                    refusal = self.live_through_it()
                    self.assertTrue(refusal is None or refusal.isprintable(), refusal)

    def test_what_counts_on_is_refused_by_table_and_row(self):
        for table, column, value, row in (
            ("participant", "number", -1, "1/-1"),
            ("participant", "number", 10**8, "1/100000000"),
            ("participant", "role", "king", "1/2"),
            ("extent", "event", 2**63 - 1, "1"),
            ("extent", "journal", -7, "1"),
            ("chat", "time", -1, "1/1"),
            ("chat", "participant", 2**40, "1/1"),
            ("event", "time", 2**60, "1/"),
            ("journal", "time", -5, "1/"),
            ("show", "currency", "euro", "1"),
            ("show", "status", "over", "1"),
            ("show", "epoch", "", "1"),
        ):
            with self.subTest(table=table, column=column, value=value):
                self.set(table, column, value)
                refusal = self.live_through_it() or ""
                self.assertIn(f"is damaged; it was left unchanged; restore a backup; table {table}", refusal)
                self.assertIn(f"row {row}", refusal)
                named = [line for line in self.shop.audit().stdout.splitlines() if f"table {table}" in line]
                self.assertGreaterEqual(len(named), 1)

    def test_a_gap_in_the_numbers_of_people_costs_nothing(self):
        def act(database):
            row = "SELECT show, 99999998, 'sub', 'Di', 0, NULL, 'viewer' FROM participant LIMIT 1"
            database.execute(f"INSERT INTO participant {row}")

        self.change(act)
        self.shop.start(anew=True)
        status = pathlib.Path(f"/proc/{self.shop.process.pid}/status").read_text()
        resident = int(re.search(r"VmRSS:\s+(\d+) kB", status)[1])
        self.assertLess(resident, 200 * 1024)
        with Client(self.shop.url) as last, Client(self.shop.url) as none:
            last.hello(name="Ed")
            last.request("claim.create", sku="TEE-M", key="1")
            with self.assertRaises(Refused) as refused:
                none.hello(name="Fay")
            self.assertEqual(refused.exception.code, "overloaded")
        self.shop.stop()
        # What was decided for the last one is read back.
        self.assertEqual(self.shop.audit().returncode, 0)

    def test_facts_with_any_number(self):
        """Numbers of journal entries take the place of others, whatever they mean there."""
        for seed in range(SEEDS):
            with self.subTest(seed=seed):
                chance = random.Random(seed)
                self.change(lambda database, chance=chance: damage_facts(database, chance))
                self.live_through_it()


def damage_facts(database, chance):
    key, facts = chance.choice(database.execute("SELECT key, facts FROM journal").fetchall())
    place = chance.randrange(len(facts))
    end = place
    while end < len(facts) - 1 and facts[end] >= 0x80:
        end += 1
    number = chance.choice([*NUMBERS, -(2**63), 10**8, 10**12, chance.getrandbits(62)])
    new = facts[:place] + leb128(number) + facts[end + 1 :]
    database.execute("UPDATE journal SET facts = ? WHERE key = ?", (new, key))


def leb128(number):
    """A signed number as the journal writes it: zigzag, seven bits to a byte."""
    rest = (number << 1 ^ number >> 63) & (2**64 - 1)
    out = bytearray()
    while rest >= 0x80:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes(out + bytes([rest]))


if __name__ == "__main__":
    unittest.main()
