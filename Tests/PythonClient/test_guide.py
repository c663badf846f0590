"""docs/PROTOCOL.md's own client, as it stands there, through a whole show with every kind of event."""

import re
import subprocess
import sys
import unittest

from client import Client
from shop import ROOT, Shop

GUIDE = (ROOT / "docs/PROTOCOL.md").read_text(encoding="utf-8")
ANSWER_SECONDS = 20
# Comes of a large import, which needs the server stopped.
NOT_PLAYED = {"catalogue.changed"}


def program():
    return GUIDE.split("```python\n", 1)[1].split("```", 1)[0]


def event_types():
    """The types in the guide's table of events."""
    table = GUIDE.split("\n## Events\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([a-z_.]+)`", row)}


class GuideTests(unittest.TestCase):
    def setUp(self):
        self.shop = self.enterContext(Shop("--set", "hold_seconds=2", "--set", "flash_hold_seconds=1"))
        file = self.shop.directory / "client.py"
        file.write_text(program(), encoding="utf-8")
        self.page = subprocess.Popen(
            [sys.executable, "-u", file, self.shop.url, self.shop.show],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(self.page.kill)
        self.seen = []
        self.wait_for("reply")

    def wait_for(self, kind):
        """Reads what the client prints until it has seen a message of the type."""
        while kind not in self.seen:
            line = self.page.stdout.readline()
            if not line:
                self.fail(f"the client ended before {kind}: {self.page.communicate()[1]}")
            self.seen.append(line.split()[0])

    def test_the_pages_client_survives_a_whole_show(self):
        with Client(self.shop.url) as host:
            host.token = (self.shop.data / "host.token").read_text().strip()
            host.hello()
            self.play(host)
            host.request("show.end")
        self.wait_for("show.ended")
        self.assertEqual(event_types() - NOT_PLAYED - set(self.seen), set())
        for notice in ("hold.created", "hold.expired", "stock.changed", "participant.timed_out"):
            self.assertIn(notice, self.seen)
        self.assertEqual(self.shop.stop(), 0)
        _, errors = self.page.communicate(timeout=ANSWER_SECONDS)
        self.assertEqual((self.page.returncode, errors), (0, ""))

    def play(self, host):
        host.request("show.start")
        host.request("queue.set", products=["tee", "mug"])
        host.request("queue.next")  # pins a product, not a SKU
        self.wait_for("claim.held")
        host.request("product.pin", sku="MUG", seconds=60)  # the only one
        self.wait_for("product.sold_out")
        host.request("stock.adjust", sku="MUG", delta=2)
        host.request("product.unpin")
        host.request("price.set", sku="MUG", price=800)
        host.request("flash.start", sku="TEE-M", price=1500, countdown_seconds=0)
        host.request("product.pin", sku="TEE-M")
        self.wait_for("flash.started")
        host.request("flash.stop", sku="TEE-M")
        cup = {"id": "cup", "title": "Cup", "variants": [{"sku": "CUP", "price": 500, "on_hand": 1}]}
        host.request("product.add", product=cup)
        host.request("product.update", product={"id": "cup", "title": "Large cup"})
        host.request("product.remove", product="cup")
        host.request("show.pause")
        host.request("show.resume")
        host.request("room.configure", slow_mode_seconds=3)
        host.request("note.set", text="Back in a minute")
        host.request("note.clear")
        said = host.request("chat.send", text="Hello!")
        host.request("chat.delete", message=said["message"])
        viewers = host.request("viewers.list")["viewers"]
        for viewer in viewers:
            if viewer["role"] == "viewer":
                host.request("participant.timeout", participant=viewer["participant"], seconds=1)
        self.wait_for("hold.expired")


if __name__ == "__main__":
    unittest.main()
