"""Files that are foreign, newer, damaged, locked or read-only.

Each has its own message, and is left unchanged.
"""

import random
import shutil
import sqlite3
import subprocess
import sys
import unittest

import neighbours  # noqa: F401

from machine import Machine

from client import Client
from shop import NotStarted, Shop

PAGE = 4096
FOREIGN = "is not a LiveShop database; it was left unchanged"
DAMAGED = "is damaged; it was left unchanged"
# A program that holds a database locked until its input ends.
HOLD_DATABASE = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


def pragma(path, setting):
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA {setting}")
    database.close()


class FileTests(unittest.TestCase):
    """One shop that has sold a little: `closed` in good order, `killed` with its log."""

    @classmethod
    def setUpClass(cls):
        cls.shop = Shop()
        cls.addClassCleanup(shutil.rmtree, cls.shop.directory)
        cls.shop.start(anew=True)
        cls.shop.host("start\npin MUG\n")
        with Client(cls.shop.url) as ana:
            ana.hello(name="Ana")
            for number in range(5):
                ana.request("claim.create", sku="TEE-M", key=str(number))
                ana.request("chat.send", text="hello")
            cls.shop.kill()
        cls.killed = cls.shop.directory / "killed"
        shutil.copytree(cls.shop.data, cls.killed)
        cls.shop.start(anew=True)
        cls.shop.stop()
        cls.closed = cls.shop.directory / "closed"
        shutil.copytree(cls.shop.data, cls.closed)
        cls.database = cls.shop.data / "liveshop.db"
        cls.log = cls.shop.data / "liveshop.db-wal"

    def take(self, copy):
        shutil.rmtree(self.shop.data)
        shutil.copytree(copy, self.shop.data)

    def content(self):
        """What must not change: the database and its log; an empty log is none."""
        log = self.log.read_bytes() if self.log.exists() else b""
        return self.database.read_bytes(), log

    def assert_refused(self, message):
        before = self.content()
        with self.assertRaises(NotStarted) as refused:
            self.shop.start(anew=True)
        self.assertEqual(refused.exception.code, 1)
        reasons = [line for line in refused.exception.log.splitlines() if message in line]
        self.assertEqual(len(reasons), 1, refused.exception.log)
        self.assertTrue(self.content() == before, "the file was changed")

    def test_foreign_files(self):
        for content in (b"To whom it may concern,\n" * 500, b"\0" * 10_000):
            with self.subTest(content=content[:20]):
                self.take(self.closed)
                self.database.write_bytes(content)
                self.assert_refused(FOREIGN)
        with self.subTest("another program's database"):
            self.take(self.closed)
            pragma(self.database, "application_id = 1")
            self.assert_refused(FOREIGN)

    def test_a_newer_file(self):
        self.take(self.closed)
        pragma(self.database, "user_version = 99")
        self.assert_refused("was written by a newer LiveShop (format 99, this program knows")

    def test_files_that_were_cut_off(self):
        size = (self.closed / "liveshop.db").stat().st_size
        for length in (0, 50, 100, PAGE - 1, PAGE, PAGE + 1, size // 2, size - PAGE):
            with self.subTest(length=length):
                self.take(self.closed)
                self.database.write_bytes(self.database.read_bytes()[:length])
                self.assert_refused(DAMAGED)

    def test_random_bytes_over_each_page(self):
        """A start refuses what it reads; a page that it has no need of is found by the audit."""
        chance = random.Random(1)
        refused = 0
        for copy in (self.closed, self.killed):
            pages = (copy / "liveshop.db").stat().st_size // PAGE
            for page in range(1, pages):
                with self.subTest(copy=copy.name, page=page):
                    self.take(copy)
                    with open(self.database, "r+b") as file:
                        file.seek(page * PAGE)
                        file.write(chance.randbytes(PAGE))
                    before = self.content()
                    audit = self.shop.audit()
                    try:
                        self.shop.start(anew=True)
                        self.shop.kill()
                    except NotStarted as end:
                        refused += 1
                        self.assertEqual(end.code, 1)
                        self.assertIn(DAMAGED, end.log)
                        self.assertTrue(self.content() == before, "the file was changed")
                        self.assertEqual(audit.returncode, 1)
                    else:
                        # What the log holds anew does not matter in the file.
                        self.assertTrue(copy == self.killed or audit.returncode == 1, audit.stdout)
        self.assertGreater(refused, 3)

    def test_a_second_server_on_the_same_directory(self):
        self.take(self.closed)
        self.shop.start(anew=True)
        self.addCleanup(self.shop.kill)
        before = self.content()
        done = self.shop.run(
            "serve", "--data", self.shop.data, "--listen", "127.0.0.1:0", check=False
        )
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"is in use by process {self.shop.process.pid}", done.stderr)
        self.assertTrue(self.content() == before, "the file was changed")

    def test_a_database_that_another_program_has_locked(self):
        self.take(self.closed)
        # Not in this process, whose locks go whenever it closes the file after reading it.
        holder = [sys.executable, "-c", HOLD_DATABASE, str(self.database)]
        with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            self.assertEqual(other.stdout.readline(), b"held\n")
            self.assert_refused("another program holds the database")

    def test_a_read_only_file_system(self):
        self.take(self.killed)
        machine = Machine(self.shop)
        self.addCleanup(self.shop.environment.clear)
        machine.read_only = 1
        self.assert_refused("read-only file system")
        machine.read_only = 0
        self.shop.start(anew=True)
        self.assertEqual(self.shop.stop(), 0)


if __name__ == "__main__":
    unittest.main()
