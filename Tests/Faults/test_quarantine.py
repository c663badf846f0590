"""Somebody changed the database behind the server's back.

The audit names it, and what is in doubt is not sold.
"""

import shutil
import sqlite3
import unittest


import neighbours  # noqa: F401

from client import Client, Refused
from shop import NotStarted, Shop

SKUS = ("TEE-S", "TEE-M", "MUG")
LAST_ENTRY = "key = (SELECT max(key) FROM journal)"
ENTRY_BEFORE = "key = (SELECT max(key) - 1 FROM journal)"


class QuarantineTests(unittest.TestCase):
    """Ana holds 2 of TEE-M, the only MUG and, as the last thing that happened, 1 of TEE-S."""

    @classmethod
    def setUpClass(cls):
        cls.shop = Shop()
        cls.addClassCleanup(shutil.rmtree, cls.shop.directory)
        cls.shop.start(anew=True)
        cls.shop.host("start\n")
        with Client(cls.shop.url) as ana:
            ana.hello(name="Ana")
            cls.holds = [
                ana.request("claim.create", sku=sku, quantity=quantity, key=sku)["hold"]
                for sku, quantity in (("TEE-M", 2), ("MUG", 1), ("TEE-S", 1))
            ]
            cls.token = ana.token
        cls.shop.stop()
        cls.kept = cls.shop.directory / "kept"
        shutil.copytree(cls.shop.data, cls.kept)

    def tamper(self, statement, rows=1):
        shutil.rmtree(self.shop.data)
        shutil.copytree(self.kept, self.shop.data)
        database = sqlite3.connect(self.shop.data / "liveshop.db")
        changed = database.execute(statement).rowcount
        database.commit()
        database.close()
        self.assertEqual(changed, rows, statement)

    def assert_audit_names(self, difference):
        done = self.shop.audit()
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(difference, done.stdout.splitlines())
        return done.stdout.splitlines()

    def claim(self, client, sku, key):
        try:
            return client.request("claim.create", sku=sku, key=key)["outcome"]
        except Refused as refused:
            return refused.code

    def assert_quarantined(self, sku, difference, also=()):
        self.shop.start(anew=True)
        self.addCleanup(self.shop.kill)
        with Client(self.shop.url) as bo:
            bo.hello(name="Bo")
            got = {other: self.claim(bo, other, other) for other in SKUS}
        expected = {"TEE-S": "held", "TEE-M": "held", "MUG": "waitlisted"}
        self.assertEqual(got, {**expected, sku: "internal"})
        with Client(self.shop.url) as ana:
            ana.token = self.token
            holds = {hold["sku"] for hold in ana.hello()["you"]["holds"]}
        self.assertTrue(holds >= set(SKUS) - {sku}, holds)
        alarms = self.alarms()
        expected = [*also, f"{difference}; {sku} is not sold"]
        self.assertEqual(len(alarms), len(expected), self.shop.last_log)
        for alarm, words in zip(alarms, expected):
            self.assertIn(words, alarm)
        self.assertEqual(self.shop.stop(), 0)

    def alarms(self):
        return [line for line in self.shop.last_log.splitlines() if " critical " in line]

    def test_a_stock_row_that_was_changed(self):
        changes = {
            "TEE-M": (
                "held = held + 1",
                "on hand 50, held 2, sold 0",
                "on hand 50, held 3, sold 0",
            ),
            "MUG": ("held = 0, sold = 1", "on hand 1, held 1, sold 0", "on hand 1, held 0, sold 1"),
            "TEE-S": ("on_hand = 99", "on hand 3, held 1, sold 0", "on hand 99, held 1, sold 0"),
        }
        for sku, (change, journal, table) in changes.items():
            with self.subTest(change=change):
                self.tamper(f"UPDATE stock SET {change} WHERE sku = '{sku}'")
                difference = (
                    f"show spring: stock of {sku}: the journal gives {journal}; "
                    f"the table has {table}"
                )
                self.assertEqual(self.assert_audit_names(difference), [difference])
                self.assert_quarantined(sku, difference)

    def test_a_stock_row_that_is_gone(self):
        self.tamper("DELETE FROM stock WHERE sku = 'TEE-M'")
        difference = (
            "show spring: stock of TEE-M: the journal gives on hand 50, held 2, sold 0; "
            "the table has no row"
        )
        self.assert_audit_names(difference)
        self.assert_quarantined("TEE-M", difference)

    def test_the_last_journal_entry_is_gone(self):
        self.tamper(f"DELETE FROM journal WHERE {LAST_ENTRY}")
        difference = (
            "show spring: stock of TEE-S: the journal gives on hand 3, held 0, sold 0; "
            "the table has on hand 3, held 1, sold 0"
        )
        lost = "show spring: journal entry 5 is missing, and all after it"
        self.assertIn(difference, self.assert_audit_names(lost))
        self.assert_quarantined("TEE-S", difference, also=[lost])

    def test_the_newest_events_are_gone(self):
        for gone, first in (("key >= (SELECT max(key) - 1 FROM event)", 4), ("true", 1)):
            with self.subTest(gone=gone):
                self.tamper(f"DELETE FROM event WHERE {gone}", rows=6 - first)
                lost = f"show spring: event {first} is missing, and all after it"
                self.assert_audit_names(lost)
                self.shop.start(anew=True)
                self.assertEqual([lost in alarm for alarm in self.alarms()], [True])
                # No offset is given twice, and nobody is told that nothing was missed.
                with Client(self.shop.url) as fresh, Client(self.shop.url) as behind:
                    welcome = fresh.hello(name="Bo")
                    epoch, last = welcome["epoch"], welcome["offset"]
                    self.assertGreaterEqual(last, 5)
                    self.assertFalse(
                        behind.hello(name="Cy", resume={"epoch": epoch, "offset": 2})["resumed"]
                    )
                    with Client(self.shop.url) as current:
                        welcome = current.hello(name="Di", resume={"epoch": epoch, "offset": last})
                        self.assertTrue(welcome["resumed"])
                    self.shop.host("pin MUG\n")
                    self.assertEqual(behind.event("product.pinned")["offset"], last + 1)
                self.assertEqual(self.shop.stop(), 0)
                self.assertIn(f"show spring: event {first} is missing", self.shop.audit().stdout)

    def test_an_event_in_the_middle_is_gone(self):
        self.tamper("DELETE FROM event WHERE key = (SELECT max(key) - 2 FROM event)")
        self.shop.start(anew=True)
        with Client(self.shop.url) as first:
            epoch = first.hello(name="Bo")["epoch"]
        for offset, resumes in ((1, False), (2, False), (3, True), (5, True)):
            with Client(self.shop.url) as other:
                welcome = other.hello(name="Cy", resume={"epoch": epoch, "offset": offset})
                self.assertEqual(welcome["resumed"], resumes, offset)
        self.assertEqual(self.shop.stop(), 0)

    def test_rows_of_nothing_are_named(self):
        self.tamper("DELETE FROM show")
        named = self.assert_audit_names("journal: 5 rows belong to nothing that is there")
        self.assertIn("event: 5 rows belong to nothing that is there", named)

    def assert_refused(self):
        """What cannot be read back is not guessed: nothing starts, nothing is changed."""
        before = (self.shop.data / "liveshop.db").read_bytes()
        with self.assertRaises(NotStarted) as refused:
            self.shop.start(anew=True)
        self.assertEqual(refused.exception.code, 1)
        self.assertIn("is damaged; it was left unchanged; restore a backup", refused.exception.log)
        self.assertEqual((self.shop.data / "liveshop.db").read_bytes(), before)

    def test_a_journal_entry_in_the_middle_is_gone(self):
        self.tamper(f"DELETE FROM journal WHERE {ENTRY_BEFORE}")
        self.assert_audit_names("show spring: journal entry 4 is missing")
        self.assert_refused()

    def test_a_journal_entry_was_overwritten(self):
        self.tamper(f"UPDATE journal SET facts = zeroblob(length(facts)) WHERE {LAST_ENTRY}")
        self.assert_audit_names("show spring: journal entry 5: journal: unknown fact 0 at byte 1")
        self.assert_refused()

    def test_somebody_with_units_is_gone(self):
        # Else the next who comes would get her number, and her holds.
        self.tamper("DELETE FROM participant WHERE name = 'Ana'")
        self.assert_audit_names("show spring: participant 1 has units, but no row")
        self.assert_refused()

    def test_an_event_is_gone_or_changed(self):
        for change, difference in (
            (
                "DELETE FROM event WHERE key = (SELECT max(key) - 1 FROM event)",
                "event 4 is missing",
            ),
            (
                "UPDATE event SET payload = x'7b7d' WHERE key = (SELECT max(key) FROM event)",
                "event 5 is damaged",
            ),
        ):
            with self.subTest(change=change):
                self.tamper(change)
                self.assert_audit_names(f"show spring: {difference}")

    def test_an_untouched_copy_has_no_differences(self):
        shutil.rmtree(self.shop.data)
        shutil.copytree(self.kept, self.shop.data)
        self.assertEqual(self.shop.audit().returncode, 0)


if __name__ == "__main__":
    unittest.main()
