"""Makes the fixture of test_upgrade.py: a show in which everything happened that a journal can hold, and what the
program of that time answered. Run once with the program whose data later ones have to open:

    LIVESHOP_BIN=path/to/liveshop python Tests/Upgrade/make_fixture.py Tests/Upgrade/NAME

Writes NAME/liveshop.db (whole, no log beside it), NAME/secret.key and NAME/answers.json.
"""

import json
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "PythonClient"))

from client import Client, Refused  # noqa: E402
from shop import PROGRAM, Shop  # noqa: E402

# One of each request that has a key or may have one, by whom; `{…}` are answers of before.
HOST = [
    ("note.set", {"text": "Welcome, all of you", "seconds": 3600}),
    ("product.add", {"product": {"id": "cup", "title": "Cup", "description": "Two\nlines", "media": ["/cup.jpg"], "variants": [{"sku": "CUP", "price": 2500, "on_hand": 10, "limit": 3, "options": {"Glaze": "Blue"}}]}}),
    ("product.update", {"product": {"id": "cup", "title": "Cup, blue"}}),
    ("product.add", {"product": {"id": "gone", "title": "Gone soon", "variants": [{"sku": "GONE", "price": 100, "on_hand": 1}]}}),
    ("product.remove", {"product": "gone"}),
    ("room.configure", {"payment_seconds": 3, "hold_seconds": 259200, "chat_length": 300, "claim_feed": "names", "replay_sales": True}),
    ("show.start", {}),
    ("product.pin", {"product": "tee", "seconds": 3600}),
    ("product.unpin", {"product": "tee"}),
    ("queue.set", {"products": ["mug", "cup"]}),
    ("queue.next", {}),
    ("price.set", {"sku": "TEE-M", "price": 2000}),
    ("stock.adjust", {"sku": "TEE-M", "delta": 5}),
    ("stock.set", {"sku": "TEE-S", "on_hand": 4, "expected": 3}),
]


class Actor:
    """Somebody whose keyed requests and answers are kept."""

    def __init__(self, shop, name, kept, role="viewer"):
        self.client, self.name, self.kept = Client(shop.url), name, kept
        # A token can be made again when the test needs it; a guest's has run out by then.
        token = shop.run("token", "--data", shop.data, "--sub", name, "--role", role, "--name", name.title())
        self.client.hello(token=token.stdout.strip())

    def ask(self, kind, key=None, **data):
        """Sends the request with a key of its own and keeps the answer."""
        data = {**data, "key": key or f"{self.name}-{len(self.kept)}"}
        try:
            answer = self.client.request(kind, **data)
        except Refused as refused:
            raise AssertionError(f"{self.name} {kind} {data}: {refused}") from None
        self.kept.append({"by": self.name, "type": kind, "data": data, "answer": answer})
        return answer


def play(shop, kept):
    """Everything that makes a fact of its own."""
    host = Actor(shop, "ines", kept, role="host")
    for kind, data in HOST:
        host.ask(kind, **data)
    ana, ben, cyd = (Actor(shop, name, kept) for name in ("ana", "ben", "cyd"))
    with Client(shop.url) as guest:
        guest.hello(name="Dee")
        guest.request("chat.send", text="Only passing through")

    # Holds: granted, extended, released, partial with a place, an offer that is accepted, one that is passed.
    first = ana.ask("claim.create", sku="TEE-S", quantity=2, unit_price=1990)["hold"]["hold"]
    ana.ask("hold.extend", hold=first)
    ben.ask("claim.create", sku="TEE-S", quantity=3)
    cyd.ask("claim.create", sku="TEE-S")
    ana.ask("hold.release", hold=first)
    ben.ask("waitlist.accept", sku="TEE-S")
    cyd.ask("waitlist.leave", sku="TEE-S")
    # Orders: paid, cancelled by their buyer, run out, and free of charge.
    hold = ana.ask("claim.create", sku="TEE-M", quantity=2, partial=False)["hold"]["hold"]
    order = ana.ask("order.place", holds=[hold])["order"]["order"]
    ana.ask("order.pay", order=order, method="succeeded")
    hold = ana.ask("claim.create", sku="TEE-M", waitlist=False)["hold"]["hold"]
    order = ana.ask("order.place", holds=[hold])["order"]["order"]
    ana.ask("order.cancel", order=order)
    hold = ben.ask("claim.create", sku="CUP")["hold"]["hold"]
    ben.ask("order.place", holds=[hold])
    ben.client.notice("order.cancelled")
    # As that program decided it: paid late, from units that were there; and paid late for units that were not.
    ana.ask("order.pay", order=order, method="succeeded")
    late = cyd.ask("order.place", holds=[cyd.ask("claim.create", sku="MUG")["hold"]["hold"]])["order"]["order"]
    cyd.ask("order.cancel", order=late)
    ben.ask("claim.create", sku="MUG")
    cyd.ask("order.pay", order=late, method="succeeded")
    # A flash sale that sells and is stopped, and one that is announced only.
    sale = host.ask("flash.start", sku="TEE-M", price=1500, countdown_seconds=0, duration_seconds=600, per_buyer=2, quantity=10)
    cyd.ask("claim.create", sku="TEE-M", quantity=2)
    host.ask("flash.stop", flash=sale["flash"])
    host.ask("flash.start", sku="CUP", price=2000, countdown_seconds=300, duration_seconds=1200)
    # What people say, and what is done about it.
    said = ana.ask("chat.send", text="  Good\tevening, naïve Ünïcode 🎈 ")["message"]
    cyd.ask("chat.send", text="Rude", reply_to=said, product="cup")
    host.ask("chat.delete", message="m3")
    host.ask("participant.timeout", participant="cyd", seconds=86_400, reason="Be kind")
    host.ask("participant.restrict", participant="ben", reason="Unpaid")
    host.ask("participant.ban", participant="cyd", reason="Once too often")
    host.ask("participant.unban", participant="cyd")
    host.ask("participant.set_role", participant="ana", role="moderator")
    host.ask("note.clear")
    host.ask("note.set", text="Until tomorrow")
    host.ask("show.pause")
    host.ask("show.resume")
    host.ask("show.end")


def main(folder):
    kept = []
    folder = pathlib.Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with Shop() as shop:
        play(shop, kept)
        shop.stop()
        shop.run("backup", "--data", shop.data, "--to", folder / "liveshop.db")
        shutil.copy(shop.data / "secret.key", folder)
        where = ("--data", shop.data, "--show", shop.show)
        answers = {
            "program": subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout.strip(),
            "show": shop.show,
            "events": json.loads(shop.run("events", *where, "--format", "json").stdout),
            "orders": json.loads(shop.run("orders", *where, "--format", "json").stdout),
            "requests": kept,
        }
    (folder / "answers.json").write_text(json.dumps(answers, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
