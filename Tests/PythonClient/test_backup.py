"""`liveshop backup` and `restore`: a copy made while buyers claim has what they were promised, and a
directory made from it serves."""

import pathlib
import shutil
import sqlite3
import stat
import threading
import unittest

from client import Client, Refused
from shop import Shop

BUYERS = 4
# Each meets the log at another length.
COPIES = 3
# How many claims are acknowledged before each copy, and once more after the last.
CLAIMS = 60
# How many more they may make during one: the list of all holds must fit a message on a fast machine, too.
CLAIMS_MEANWHILE = 400
WAIT_SECONDS = 60
CATALOGUE = {
    "products": [
        {
            "id": "mug",
            "title": "Mug",
            "variants": [{"sku": "MUG", "title": "Mug", "price": 900, "on_hand": 1_000_000}],
        }
    ]
}
FLAGS = ["--set", "active_holds=0", "--set", "request_rate=0"]


def units_held(file):
    """What the stock of a copy says; that it is what the journal says is the audit's word."""
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        return database.execute("SELECT sum(held) FROM stock").fetchone()[0]
    finally:
        database.close()


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


class Crowd:
    """Buyers who claim without pause, each on a connection of her own. Use it in a `with` statement."""

    def __init__(self, shop):
        self.shop = shop
        # (buyer, key) → the reply, in the order in which the replies came.
        self.acknowledged = {}
        self.tokens = {}
        self.participants = {}
        self.failures = []
        self.claims_max = 0
        self.changed = threading.Condition()
        self.stopping = False
        self.threads = [threading.Thread(target=self.buy, args=(f"b{n}",)) for n in range(BUYERS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        with self.changed:
            self.stopping = True
            self.changed.notify_all()
        for thread in self.threads:
            thread.join(WAIT_SECONDS)

    def buy(self, name):
        try:
            with Client(self.shop.url) as client:
                you = client.hello(name=name)["you"]
                self.tokens[name], self.participants[name] = you["token"], you["participant"]
                number = 0
                while self.may_claim():
                    number += 1
                    key = f"k{number}"
                    reply = client.request("claim.create", sku="MUG", key=key)
                    with self.changed:
                        self.acknowledged[name, key] = reply
                        self.changed.notify_all()
        except BaseException as failure:
            with self.changed:
                self.failures.append(failure)
                self.changed.notify_all()
            raise

    def may_claim(self):
        """Waits until there may be more claims. False: the sale is over."""
        with self.changed:
            self.changed.wait_for(
                lambda: self.stopping or len(self.acknowledged) < self.claims_max, WAIT_SECONDS
            )
            return not self.stopping

    def so_far(self, at_least):
        """What was acknowledged until now, once it is that much; the sale goes on."""
        with self.changed:
            self.claims_max = at_least + CLAIMS_MEANWHILE
            self.changed.notify_all()
            self.changed.wait_for(
                lambda: len(self.acknowledged) >= at_least or self.failures, timeout=WAIT_SECONDS
            )
            if self.failures or len(self.acknowledged) < at_least:
                raise AssertionError(f"only {len(self.acknowledged)} claims: {self.failures}")
            return dict(self.acknowledged)


def every(host, what):
    """A whole list, page by page."""
    page = host.request(f"{what}.list", limit=100)
    found = page[what]
    while page["next"] is not None:
        page = host.request(f"{what}.list", limit=100, after=page["next"])
        found += page[what]
    return found


class BackupTests(unittest.TestCase):
    def setUp(self):
        self.shop = self.enterContext(Shop(*FLAGS, catalogue=CATALOGUE))
        self.shop.host("start\n")
        self.copy = self.shop.directory / "copy.db"
        self.new = self.shop.directory / "new"

    def back_up(self, check=True):
        return self.shop.run("backup", "--data", self.shop.data, "--to", self.copy, check=check)

    def restore(self, to, check=True):
        return self.shop.run("restore", "--from", self.copy, "--data", to, check=check)

    def serve_restored(self, with_secret=True):
        """Ends the first server and starts one on the directory made from the backup."""
        self.shop.kill()
        self.restore(self.new)
        if with_secret:
            shutil.copy(self.shop.data / "secret.key", self.new)
        self.shop.data = self.new
        self.shop.start(anew=True)

    def join(self, **hello):
        client = self.enterContext(Client(self.shop.url))
        return client, client.hello(**hello)

    def host(self):
        token = (pathlib.Path(self.shop.data) / "host.token").read_text().strip()
        return self.join(token=token)[0]

    def assert_refused(self, done, reason):
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(reason, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_a_copy_made_while_buyers_claim_has_all_they_were_promised(self):
        promised = {}
        with Crowd(self.shop) as crowd:
            for number in range(COPIES):
                self.copy = self.shop.directory / f"copy{number}.db"
                promised = crowd.so_far(len(promised) + CLAIMS)
                self.back_up()
                audit = self.shop.run("audit", "--data", self.copy)
                self.assertIn("no differences", audit.stdout)
                self.assertGreaterEqual(units_held(self.copy), len(promised))
            crowd.so_far(len(crowd.acknowledged) + CLAIMS)
        self.assertEqual(crowd.failures, [])
        self.assertEqual(mode(self.copy), 0o600)

        self.serve_restored()
        self.assertEqual((mode(self.new), mode(self.new / "liveshop.db")), (0o700, 0o600))
        holds = every(self.host(), "holds")
        held = {(hold["participant"], hold["hold"]) for hold in holds}
        for (name, _), reply in promised.items():
            self.assertIn((crowd.participants[name], reply["hold"]["hold"]), held)
        # The sale went on behind the copy, or nothing was tried here.
        self.assertLess(len(held), len(crowd.acknowledged))

        clients = {name: self.join(token=token)[0] for name, token in crowd.tokens.items()}
        for (name, key), reply in promised.items():
            self.assertEqual(clients[name].request("claim.create", sku="MUG", key=key), reply)
        more = clients["b0"].request("claim.create", sku="MUG", key="after")
        self.assertEqual(more["outcome"], "held")
        self.assertNotIn(more["hold"]["hold"], {hold for _, hold in held})
        self.assertIn("no differences", self.shop.audit().stdout)

    def test_nobody_resumes_in_what_was_restored(self):
        client, first = self.join(name="Ana")
        self.back_up()
        # The log goes on without the copy: an offset then means something else in each.
        self.shop.host("pin MUG\n")
        client.event("product.pinned")
        place = {"epoch": client.epoch, "offset": first["offset"]}
        ahead = {"epoch": client.epoch, "offset": client.offset}
        self.assertTrue(self.join(token=client.token, resume=place)[1]["resumed"])

        self.serve_restored()
        for resume in (place, ahead):
            reply = self.join(token=client.token, resume=resume)[1]
            self.assertFalse(reply["resumed"])
            self.assertNotEqual(reply["epoch"], client.epoch)
            self.assertEqual(reply["snapshot"]["pinned"], [])
            self.assertEqual(reply["you"]["participant"], first["you"]["participant"])

    def test_without_its_secret_all_tokens_are_refused_and_guests_begin_anew(self):
        client, first = self.join(name="Ana")
        client.request("claim.create", sku="MUG", key="k")
        host_token = (self.shop.data / "host.token").read_text().strip()
        self.back_up()
        self.serve_restored(with_secret=False)
        for token in (client.token, host_token):
            stranger = self.enterContext(Client(self.shop.url))
            with self.assertRaises(Refused) as refusal:
                stranger.hello(token=token)
            self.assertEqual(refusal.exception.code, "unauthorized")
            self.assertEqual(stranger.close_code(), 4500)
        you = self.join(name="Ana")[1]["you"]
        self.assertNotEqual(you["participant"], first["you"]["participant"])
        self.assertEqual(you["holds"], [])
        self.assertEqual(len(self.host().request("holds.list")["holds"]), 1)

    def test_a_backup_never_replaces_a_file(self):
        self.copy.write_text("mine")
        self.assert_refused(self.back_up(check=False), "it exists")
        self.assertEqual(self.copy.read_text(), "mine")
        self.assertEqual([file.name for file in self.shop.directory.glob("copy.db*")], ["copy.db"])

    def test_restore_refuses_a_directory_in_use_and_one_that_has_a_database(self):
        self.back_up()
        self.assert_refused(
            self.restore(self.shop.data, check=False), f"is in use by process {self.shop.process.pid}"
        )
        self.assertTrue(self.shop.is_running)
        self.assertEqual(self.shop.stop(), 0)
        before = (self.shop.data / "liveshop.db").read_bytes()
        names = sorted(file.name for file in self.shop.data.iterdir())
        self.assert_refused(self.restore(self.shop.data, check=False), "it exists; move it away first")
        self.assertEqual((self.shop.data / "liveshop.db").read_bytes(), before)
        self.assertEqual(sorted(file.name for file in self.shop.data.iterdir()), names)

    def test_what_is_no_backup_is_not_restored(self):
        self.copy.write_bytes(b"To whom it may concern,\n" * 500)
        self.assert_refused(self.restore(self.new, check=False), "is not a LiveShop database")
        self.assertFalse((self.new / "liveshop.db").exists())


if __name__ == "__main__":
    unittest.main()
