"""What an older program wrote, this one opens, replays, and answers for, word for word.

Each folder beside this file that has a liveshop.db was made by make_fixture.py with the program of that commit.
"""

import json
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "PythonClient"))

from client import Client  # noqa: E402
from shop import Shop  # noqa: E402


class OldShop(Shop):
    """A server on a copy of a fixture."""

    def __init__(self, folder):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="liveshop-"))
        self.data = self.directory / "data"
        self.data.mkdir(mode=0o700)
        for name in ("liveshop.db", "secret.key"):
            shutil.copyfile(folder / name, self.data / name)
            os.chmod(self.data / name, 0o600)
        self.answers = json.loads((folder / "answers.json").read_text())
        self.show = self.answers["show"]
        self.flags, self.wrapper, self.port, self.process, self.reader = [], [], 0, None, None
        self.log, self.lines_before, self.environment = [], 0, {}

    def __enter__(self):
        return self

    def export(self, command):
        done = self.run(command, "--data", self.data, "--show", self.show, "--format", "json")
        return json.loads(done.stdout)

    def somebody(self, name, **hello):
        role = "host" if name == "ines" else "viewer"
        token = self.run(
            "token", "--data", self.data, "--sub", name, "--role", role, "--name", name.title()
        )
        client = Client(self.url)
        client.hello(show=self.show, token=token.stdout.strip(), **hello)
        return client


def old_shops(test):
    """A server on a copy of each fixture, one after the other."""
    for file in sorted(HERE.glob("*/liveshop.db")):
        with test.subTest(file.parent.name), OldShop(file.parent) as shop:
            yield shop


class Upgrade(unittest.TestCase):
    def setUp(self):
        self.maxDiff = None

    def test_the_audit_finds_no_difference(self):
        for shop in old_shops(self):
            done = shop.audit()
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            shop.start()
            shop.stop()
            done = shop.audit()
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_events_and_orders_are_as_they_were(self):
        for shop in old_shops(self):
            self.assertEqual(shop.export("events"), shop.answers["events"])
            orders = shop.export("orders")
            self.assertEqual(len(orders), len(shop.answers["orders"]))
            for now, then in zip(orders, shop.answers["orders"], strict=True):
                # Columns may have come; none of the old ones may say something else.
                self.assertEqual({name: now[name] for name in then}, then)

    def test_each_key_gets_its_first_answer_word_for_word(self):
        for shop in old_shops(self):
            shop.start()
            people = {name: shop.somebody(name) for name in ("ines", "ana", "ben", "cyd")}
            for one in shop.answers["requests"]:
                # The same content has to have the same hash, or this is a key_conflict.
                again = people[one["by"]].request(one["type"], **one["data"])
                self.assertEqual(again, one["answer"], one)
            for client in people.values():
                client.__exit__(None, None, None)
            self.assertEqual(shop.stop(), 0)
            self.assertEqual(shop.export("events")[: len(shop.answers["events"])], shop.answers["events"])

    def test_somebody_who_resumes_gets_every_old_event(self):
        for shop in old_shops(self):
            shop.start()
            with shop.somebody("ana") as client:
                epoch = client.epoch
            with shop.somebody("ana", resume={"epoch": epoch, "offset": 0}) as client:
                client.offset = 0
                last = client.event("show.ended")
            # The client counts offsets and fails at a gap.
            self.assertEqual(last["offset"], shop.answers["events"][-2]["offset"])


if __name__ == "__main__":
    unittest.main()
