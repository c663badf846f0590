"""A sale that runs while the server is killed or its machine fails, recorded for the judge.

Buyers claim, order, pay, give back and accept offers without pause. When the server is gone they
come back, resume, and repeat what was not answered with the same key. Used by crash.py and by
Tests/Faults; what happens to the server is theirs.
"""

import asyncio
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "PythonClient"))

from websockets.asyncio.client import connect  # noqa: E402
from websockets.exceptions import WebSocketException  # noqa: E402

from history import History, Operation, announcements, oversold, problems  # noqa: E402

ANSWER_SECONDS = 30
SETTLE_SECONDS = 5
# Enough for a while, soon gone, gone at once: so that every kind of answer comes up.
STOCK = {"PLENTY": 100_000, "SOME": 300, "FEW": 20}
SETTINGS = {
    "hold_seconds": 86_400,
    "waitlist_offer_seconds": 86_400,
    "payment_seconds": 86_400,
    "active_holds": 0,
    "request_rate": 0,
}
FLAGS = [word for name, value in SETTINGS.items() for word in ("--set", f"{name}={value}")]


class Buyer:
    """One buyer with one connection at a time, and one request without answer."""

    def __init__(self, name, shop, history, seed):
        self.name = name
        self.shop = shop
        self.history = history
        self.random = random.Random(seed)
        self.socket = None
        self.token = None
        self.offset = None
        self.lines = []
        self.unanswered = 0
        self.operation = None
        self.keys = 0
        self.holds = []
        self.orders = []
        self.offers = set()
        self.answered = 0
        self.refused_for_now = 0
        self.you = None
        self.snapshot = None
        self.stopping = False

    async def run(self):
        """Buys until told to stop and until the last request is answered."""
        while not (self.stopping and self.operation is None):
            try:
                async with connect(
                    self.shop.url, compression=None, open_timeout=5, max_size=None
                ) as self.socket:
                    await self.join()
                    await self.buy()
            except (OSError, WebSocketException, TimeoutError, EOFError):
                await asyncio.sleep(self.random.uniform(0.01, 0.05))

    async def join(self):
        self.lines = []
        data = {"show": self.shop.show}
        data.update({"token": self.token} if self.token else {"name": self.name})
        if self.offset is not None:
            data["resume"] = {"epoch": self.history.epoch, "offset": self.offset}
        await self.send("hello", data)
        reply = json.loads(await self.answer("hello"))
        self.history.epochs.add(reply["epoch"])
        self.history.epoch = self.history.epoch or reply["epoch"]
        if "resume" in data and not reply["resumed"]:
            self.history.lost_places.append(f"{self.name} was not resumed at {self.offset}")
        if self.offset is None:
            self.offset = reply["offset"]
            self.history.joined_at[self.name] = self.offset
            self.history.events[self.name] = []
        self.you = reply["you"]
        self.snapshot = reply.get("snapshot")
        self.token = self.you.get("token", self.token)
        # A notice of an offer may have been lost with the connection; this has it.
        self.offers = {entry["sku"] for entry in self.you["waitlist"] if "offer" in entry}

    async def buy(self):
        while not (self.stopping and self.operation is None):
            if self.operation is None:
                self.operation = self.decide()
                self.history.operations.append(self.operation)
            operation = self.operation
            await self.send(
                operation.kind,
                {**operation.data, "key": operation.key},
                self.random.choice((1, 1, 2)),
            )
            answer = await self.answer(operation.kind)
            if answer is not None:
                self.operation = None
                self.answered += 1
                self.learn(operation)

    async def see(self, offset):
        """Stays until the event with this offset was seen."""
        while self.offset < offset:
            self.keep(await self.next())

    # What she wants.

    def decide(self):
        self.keys += 1
        kind, data = self.wish()
        return Operation(self.name, kind, f"k{self.keys}", data)

    def wish(self):
        chance = self.random.random()
        if self.offers:
            return "waitlist.accept", {"sku": self.offers.pop()}
        if self.orders and chance < 0.1:
            return "order.pay", {"order": self.orders.pop(), "method": "succeeded"}
        if self.holds and chance < 0.3:
            held = self.holds.pop(self.random.randrange(len(self.holds)))
            return (
                ("hold.release", {"hold": held})
                if chance < 0.2
                else ("order.place", {"holds": [held]})
            )
        sku = self.random.choice(list(STOCK))
        return "claim.create", {"sku": sku, "quantity": self.random.choice((1, 1, 1, 2, 3))}

    def learn(self, operation):
        if operation.state != "ok":
            return
        answer = operation.answer
        if "hold" in answer and isinstance(answer["hold"], dict):
            self.holds.append(answer["hold"]["hold"])
        if operation.kind == "order.place":
            self.orders.append(answer["order"]["order"])

    # The wire.

    async def send(self, kind, data, times=1):
        """`times` 2 sends the same request twice in one message, as an impatient client does."""
        ids = [f"{kind} {number}" for number in range(times)]
        await self.socket.send(
            "\n".join(json.dumps({"id": name, "type": kind, "data": data}) for name in ids)
        )
        self.unanswered = times

    async def answer(self, kind):
        """All answers to the request; the last one's data as text, None: to be sent again."""
        text, again = None, False
        while self.unanswered:
            line = await self.next()
            message = json.loads(line)
            if message["type"] not in ("reply", "error"):
                self.keep(line)
                continue
            self.unanswered -= 1
            if message["type"] == "reply":
                text = json.dumps(message["data"], sort_keys=True)
                if kind != "hello":
                    self.operation.answers.append(text)
            elif kind == "hello":
                if message["error"]["code"] != "storage_unavailable":
                    raise AssertionError(f"{self.name}: hello was refused: {line}")
                raise ConnectionError("nothing can be read")
            elif message["error"]["code"] in ("rate_limited", "overloaded", "storage_unavailable"):
                again = True
                self.refused_for_now += 1
                await asyncio.sleep(message["error"].get("retry_after_ms", 100) / 1000)
            else:
                self.operation.refusals.append(message["error"]["code"])
                text = ""
        return None if again and not text else text

    async def next(self):
        """The next object of any message, as text."""
        while not self.lines:
            message = await asyncio.wait_for(self.socket.recv(), ANSWER_SECONDS)
            self.lines = [line for line in message.split("\n") if line]
        return self.lines.pop(0)

    def keep(self, line):
        message = json.loads(line)
        if "offset" in message:
            self.offset = message["offset"]
            self.history.events[self.name].append((message["offset"], line))
        elif message["type"] == "waitlist.offered":
            self.offers.add(message["data"]["sku"])


class Host(Buyer):
    """Changes prices and pins without pause, so that there are events to miss."""

    def __init__(self, shop, history, seed):
        super().__init__("host", shop, history, seed)
        self.token = (shop.data / "host.token").read_text().strip()

    def wish(self):
        sku = self.random.choice(list(STOCK))
        if self.random.random() < 0.2:
            return "product.pin", {"sku": sku}
        return "price.set", {"sku": sku, "price": self.random.randrange(900, 1100)}


def catalogue():
    variants = [
        {"sku": sku, "title": sku, "price": 1000, "on_hand": units} for sku, units in STOCK.items()
    ]
    return {"products": [{"id": "p", "title": "Everything", "variants": variants}]}


class Sale:
    """Buyers and a host on one shop. Use it in an `async with`, then ask for `verdict`."""

    def __init__(self, shop, seed, buyers):
        self.shop = shop
        self.buyers = buyers
        self.history = History(on_hand=dict(STOCK))
        chance = random.Random(seed)
        self.crowd = [
            Buyer(f"buyer{n}", shop, self.history, chance.random()) for n in range(buyers)
        ]
        self.crowd.append(Host(shop, self.history, chance.random()))
        self.tasks = []

    async def __aenter__(self):
        self.tasks = [asyncio.create_task(buyer.run()) for buyer in self.crowd]
        return self

    async def __aexit__(self, *_):
        for task in self.tasks:
            task.cancel()

    @property
    def answered(self):
        return sum(buyer.answered for buyer in self.crowd)

    async def busy(self, answers=None, until=lambda: False):
        """Waits until the sale runs: as many answers as there are buyers, or `until` is true."""
        goal = self.answered + (self.buyers if answers is None else answers)
        for _ in range(ANSWER_SECONDS * 100):
            for task in self.tasks:
                if task.done():
                    task.result()
            if self.answered >= goal or until():
                return
            await asyncio.sleep(0.01)
        raise AssertionError("the sale does not go on")

    async def close(self):
        """Ends the sale: nothing new, and the last requests answered. Needs the server."""
        for buyer in self.crowd:
            buyer.stopping = True
        await asyncio.wait_for(asyncio.gather(*self.tasks), 2 * ANSWER_SECONDS)

    async def verdict(self):
        """What cannot be true of what everybody saw, after `close`; empty when all is well."""
        await self.finish()
        return list(problems(self.history))

    async def finish(self):
        """What the server says at the end, to everybody and to somebody new."""
        shop, history = self.shop, self.history
        log = []
        # Grants of the last 250 ms are announced when those have passed.
        for _ in range(SETTLE_SECONDS * 10):
            log = shop.run("events", "--data", shop.data, "--show", shop.show).stdout.splitlines()
            history.log = log
            if not list(announcements(history)):
                break
            await asyncio.sleep(0.1)
        for buyer in self.crowd:
            async with connect(shop.url, compression=None, max_size=None) as buyer.socket:
                await buyer.join()
                await buyer.see(len(log))
                history.final[buyer.name] = buyer.you
        somebody = Buyer("somebody", shop, history, 0)
        async with connect(shop.url, compression=None, max_size=None) as somebody.socket:
            await somebody.join()
        for product in somebody.snapshot["products"]:
            history.available.update(
                {variant["sku"]: variant["available"] for variant in product["variants"]}
            )

    def summary(self):
        states = [operation.state for operation in self.history.operations]
        return (
            f"{len(states)} requests ({states.count('ok')} granted, "
            f"{states.count('fail')} refused), {len(self.history.log)} events, "
            f"oversold: {oversold(self.history)}"
        )


def audit(shop, when):
    """The differences the audit finds, as sentences."""
    done = shop.audit()
    lines = (done.stdout + done.stderr).splitlines()
    return [] if done.returncode == 0 else [f"audit {when}: {line}" for line in lines]
