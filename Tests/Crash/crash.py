"""Kills a server in the middle of a sale, again and again, and judges what its buyers saw.

Buyers claim, order, pay, give back and accept offers without pause; at random moments the process gets
SIGKILL and is started again on the same directory and port. Buyers come back, resume, and repeat what was not
answered with the same key. Run by scripts/crash and, for a few rounds, by test_crash.py. A seed repeats the
decisions; when the network and the kernel do their part is theirs.
"""

import argparse
import asyncio
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "PythonClient"))

from websockets.asyncio.client import connect  # noqa: E402
from websockets.exceptions import WebSocketException  # noqa: E402

from history import History, Operation, announcements, oversold, problems  # noqa: E402
from shop import Shop  # noqa: E402

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
        self.you = None
        self.snapshot = None
        self.stopping = False

    async def run(self):
        """Buys until told to stop and until the last request is answered."""
        while not (self.stopping and self.operation is None):
            try:
                async with connect(self.shop.url, compression=None, open_timeout=5, max_size=None) as self.socket:
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
            await self.send(operation.kind, {**operation.data, "key": operation.key}, self.random.choice((1, 1, 2)))
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
            return ("hold.release", {"hold": held}) if chance < 0.2 else ("order.place", {"holds": [held]})
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
        await self.socket.send("\n".join(json.dumps({"id": name, "type": kind, "data": data}) for name in ids))
        self.unanswered = times

    async def answer(self, kind):
        """All answers to the request; the last one's data as text, None when it has to be sent again."""
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
                raise AssertionError(f"{self.name}: hello was refused: {line}")
            elif message["error"]["code"] in ("rate_limited", "overloaded", "storage_unavailable"):
                again = True
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
    variants = [{"sku": sku, "title": sku, "price": 1000, "on_hand": units} for sku, units in STOCK.items()]
    return {"products": [{"id": "p", "title": "Everything", "variants": variants}]}


async def crash(rounds, seed, buyers, say, meddle=lambda shop, number: None):
    """Runs the whole thing and returns the problems found. `meddle` is called while the server is dead."""
    chance = random.Random(seed)
    history = History(on_hand=dict(STOCK))
    with Shop(*FLAGS, catalogue=catalogue()) as shop:
        shop.host("start\npin FEW\n")
        crowd = [Buyer(f"buyer{n}", shop, history, chance.random()) for n in range(buyers)]
        crowd.append(Host(shop, history, chance.random()))
        tasks = [asyncio.create_task(buyer.run()) for buyer in crowd]
        found = []
        try:
            for number in range(rounds):
                await busy(crowd, tasks, buyers)
                await asyncio.sleep(chance.uniform(0, 0.5))
                shop.kill()
                found += audit(shop, f"after kill {number + 1}")
                meddle(shop, number)
                await asyncio.to_thread(shop.start)
                say(f"round {number + 1}: {sum(buyer.answered for buyer in crowd)} answers so far")
            await busy(crowd, tasks, buyers)
            for buyer in crowd:
                buyer.stopping = True
            await asyncio.wait_for(asyncio.gather(*tasks), 2 * ANSWER_SECONDS)
        finally:
            for task in tasks:
                task.cancel()
        await finish(crowd, shop, history)
        found += audit(shop, "at the end")
        if (code := shop.stop()) != 0:
            found.append(f"the server exits {code} on SIGTERM")
    found += problems(history)
    states = [operation.state for operation in history.operations]
    say(
        f"{rounds} kills, {len(states)} requests ({states.count('ok')} granted, {states.count('fail')} refused), "
        f"{len(history.log)} events, oversold: {oversold(history)}"
    )
    return found


async def busy(crowd, tasks, buyers):
    """Waits until the sale runs again: as many answers as there are buyers."""
    goal = sum(buyer.answered for buyer in crowd) + buyers
    for _ in range(ANSWER_SECONDS * 100):
        for task in tasks:
            if task.done():
                task.result()
        if sum(buyer.answered for buyer in crowd) >= goal:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the sale does not go on")


async def finish(crowd, shop, history):
    """What the server says at the end, to everybody and to somebody new."""
    log = []
    # Grants of the last 250 ms are announced when those have passed.
    for _ in range(SETTLE_SECONDS * 10):
        log = shop.run("events", "--data", shop.data, "--show", shop.show).stdout.splitlines()
        history.log = log
        if not list(announcements(history)):
            break
        await asyncio.sleep(0.1)
    for buyer in crowd:
        async with connect(shop.url, compression=None, max_size=None) as buyer.socket:
            await buyer.join()
            await buyer.see(len(log))
            history.final[buyer.name] = buyer.you
    somebody = Buyer("somebody", shop, history, 0)
    async with connect(shop.url, compression=None, max_size=None) as somebody.socket:
        await somebody.join()
    for product in somebody.snapshot["products"]:
        history.available.update({variant["sku"]: variant["available"] for variant in product["variants"]})


def audit(shop, when):
    done = shop.audit()
    return [] if done.returncode == 0 else [f"audit {when}: {line}" for line in (done.stdout + done.stderr).splitlines()]


def main():
    parser = argparse.ArgumentParser(prog="scripts/crash", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="how often the server is killed")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument("--buyers", type=int, default=40)
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    found = asyncio.run(crash(options.rounds, options.seed, options.buyers, lambda line: print(line, flush=True)))
    for problem in found[:50]:
        print(f"broken: {problem}")
    print(f"{len(found)} problems")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
