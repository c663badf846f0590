"""What buyers saw of a server that was killed again and again, and whether it can be true.

Pure: no clock, no network. `crash.py` records a History, `problems` judges it; `test_history.py` shows the
judge histories that are right and wrong. Each buyer has one request unanswered at a time, so what she must
own at the end follows from her own answers alone.
"""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field


@dataclass
class Operation:
    """One request with its key. Unknown as long as it has neither answer nor refusal."""

    buyer: str
    kind: str
    key: str
    data: dict
    # The reply's data as text, of every reply that came: all must be the same.
    answers: list = field(default_factory=list)
    # The codes of errors that ended it.
    refusals: list = field(default_factory=list)

    @property
    def state(self):
        if self.answers:
            return "ok"
        return "fail" if self.refusals else "unknown"

    @property
    def answer(self):
        return json.loads(self.answers[0])


@dataclass
class History:
    """Everything that was seen, and what the server says at the end."""

    on_hand: dict
    epoch: str = ""
    operations: list = field(default_factory=list)
    # Each buyer's events in the order they came: (offset, text); the offset before the first of them.
    events: dict = field(default_factory=lambda: defaultdict(list))
    joined_at: dict = field(default_factory=dict)
    # Epochs that were named in any reply to hello, and joins that should have resumed and did not.
    epochs: set = field(default_factory=set)
    lost_places: list = field(default_factory=list)
    # At the end: `you` of each buyer, the whole event log as text, available units by SKU.
    final: dict = field(default_factory=dict)
    log: list = field(default_factory=list)
    available: dict = field(default_factory=dict)


def problems(history):
    """Every contradiction, one sentence each; empty when the history can be true."""
    found = []
    found += _answers(history)
    found += _belongings(history)
    found += _units(history)
    found += _places(history)
    found += _events(history)
    found += announcements(history)
    return found


def oversold(history):
    """Units that were given to more than one, over all SKUs."""
    return sum(max(0, units - history.on_hand[sku]) for sku, units in _given(history).items())


def _answers(history):
    """P3, P4: one key, one answer, one seq; nothing stays unknown."""
    seqs = {}
    for operation in history.operations:
        name = f"{operation.kind} {operation.key} of {operation.buyer}"
        if operation.state == "unknown":
            yield f"{name} was never answered"
        if len(set(operation.answers)) > 1:
            yield f"{name} got different answers: {operation.answers}"
        if operation.answers and operation.refusals:
            yield f"{name} was answered and refused ({operation.refusals})"
        seq = operation.answer.get("seq") if operation.answers else None
        if seq is None:
            continue
        other = seqs.setdefault(seq, operation)
        if other is not operation:
            yield f"{name} and {other.kind} {other.key} of {other.buyer} have the same seq {seq}"


def _grant(operation):
    return operation.answer.get("hold") if operation.state == "ok" and operation.kind in CLAIMS else None


CLAIMS = ("claim.create", "waitlist.accept")


@dataclass
class Belongings:
    """What a buyer must own, after her own answers."""

    holds: dict = field(default_factory=dict)
    orders: dict = field(default_factory=dict)
    waits_for: Counter = field(default_factory=Counter)
    # The seq of the claim that made the entry.
    waits_since: dict = field(default_factory=dict)

    def take(self, operation):
        answer = operation.answer
        if operation.kind in CLAIMS:
            if hold := answer.get("hold"):
                self.holds[hold["hold"]] = hold
                if operation.kind == "waitlist.accept":
                    self.waits_for[hold["sku"]] -= hold["quantity"]
            if operation.kind == "claim.create" and (entry := answer.get("waitlist")):
                # Claiming again while waiting returns the entry as it stands, in its old place.
                if self.waits_for[entry["sku"]] <= 0:
                    self.waits_since[entry["sku"]] = answer["seq"]
                self.waits_for[entry["sku"]] = entry["quantity"]
        elif operation.kind == "hold.release":
            self.holds.pop(operation.data["hold"], None)
        elif operation.kind == "order.place":
            for hold in operation.data["holds"]:
                self.holds.pop(hold, None)
            self.orders[answer["order"]["order"]] = "placed"
        elif operation.kind == "order.pay":
            self.orders[operation.data["order"]] = "paid"


def belongings(history):
    owned = defaultdict(Belongings)
    for operation in history.operations:
        if operation.state == "ok":
            owned[operation.buyer].take(operation)
    return owned


def _belongings(history):
    """P2, P6: what was acknowledged is there, once, with its old times; nothing else is."""
    owned = belongings(history)
    for buyer, you in history.final.items():
        mine = owned[buyer]
        there = {hold["hold"]: hold for hold in you["holds"]}
        for hold in mine.holds.keys() - there.keys():
            yield f"{buyer}: acknowledged hold {hold} is missing"
        for hold in there.keys() - mine.holds.keys():
            yield f"{buyer}: hold {hold} belongs to no acknowledged claim"
        for hold in there.keys() & mine.holds.keys():
            for name in ("sku", "quantity", "unit_price", "expires_at"):
                if there[hold][name] != mine.holds[hold][name]:
                    yield f"{buyer}: hold {hold} had {name} {mine.holds[hold][name]}, has {there[hold][name]}"
        orders = {order["order"]: order["status"] for order in you["orders"]}
        if orders != mine.orders:
            yield f"{buyer}: acknowledged orders {mine.orders}, there are {orders}"
        waits = {entry["sku"]: entry["quantity"] for entry in you["waitlist"]}
        expected = {sku: units for sku, units in mine.waits_for.items() if units > 0}
        if waits != expected:
            yield f"{buyer}: acknowledged waitlist places {expected}, there are {waits}"


def _given(history):
    """Units in holds, offers and orders at the end."""
    given = Counter()
    for you in history.final.values():
        for hold in you["holds"]:
            given[hold["sku"]] += hold["quantity"]
        for entry in you["waitlist"]:
            given[entry["sku"]] += entry.get("offer", {}).get("quantity", 0)
        for order in you["orders"]:
            for line in order["lines"]:
                given[line["sku"]] += line["quantity"]
    return given


def _units(history):
    """P1: no unit belongs to two, none is lost, and none lies there while somebody waits."""
    given = _given(history)
    for sku, on_hand in history.on_hand.items():
        if given[sku] + history.available[sku] != on_hand:
            yield f"{sku}: {on_hand} on hand, but {given[sku]} given and {history.available[sku]} available"
        waiting = sum(
            entry["quantity"] - entry.get("offer", {}).get("quantity", 0)
            for you in history.final.values()
            for entry in you["waitlist"]
            if entry["sku"] == sku
        )
        if waiting and history.available[sku]:
            yield f"{sku}: {history.available[sku]} available while {waiting} are waited for"


def _places(history):
    """P5: who waits stands in the order of seq."""
    owned = belongings(history)
    lines = defaultdict(list)
    for buyer, you in history.final.items():
        for entry in you["waitlist"]:
            lines[entry["sku"]].append((entry["place"], owned[buyer].waits_since.get(entry["sku"])))
    for sku, line in lines.items():
        line.sort()
        if [place for place, _ in line] != list(range(1, len(line) + 1)):
            yield f"{sku}: the places are {[place for place, _ in line]}"
        seqs = [seq for _, seq in line if seq is not None]
        if seqs != sorted(seqs):
            yield f"{sku}: the waitlist is not in the order of seq: {seqs}"


def _events(history):
    """P8, P9: each buyer saw every event since she joined, once, in the order and form of the log."""
    if history.epochs != {history.epoch}:
        yield f"the epoch changed: {sorted(history.epochs)}"
    for place in history.lost_places:
        yield place
    for index, text in enumerate(history.log):
        if json.loads(text)["offset"] != index + 1:
            yield f"the log has offset {json.loads(text)['offset']} in place {index + 1}"
    for buyer, seen in history.events.items():
        expected = history.joined_at[buyer]
        for offset, text in seen:
            expected += 1
            if offset != expected:
                yield f"{buyer} saw event {offset} where {expected} was due"
                break
            if offset > len(history.log) or history.log[offset - 1] != text:
                yield f"{buyer} saw an event {offset} that the log does not have: {text}"
                break
        else:
            if expected != len(history.log):
                yield f"{buyer} saw events up to {expected} of {len(history.log)}"


def announcements(history):
    """Every grant was announced, once: the log's running totals are the sum of the answers."""
    units, claims, granted = Counter(), Counter(), {}
    for operation in history.operations:
        if hold := _grant(operation):
            units[hold["sku"]] += hold["quantity"]
            claims[hold["sku"]] += 1
            granted[operation.answer["seq"]] = (hold["sku"], hold["quantity"])
    totals = {}
    for text in history.log:
        event = json.loads(text)
        if event["type"] != "claim.held":
            continue
        for total in event["data"]["totals"]:
            before = totals.get(total["sku"], (0, 0))
            totals[total["sku"]] = (total["claims"], total["units"])
            if totals[total["sku"]] <= before:
                yield f"event {event['offset']}: the totals of {total['sku']} do not grow"
        for claim in event["data"].get("claims", []):
            if granted.pop(claim["seq"], None) != (claim["sku"], claim["quantity"]):
                yield f"event {event['offset']} announces grant {claim['seq']}, which nobody got"
    for sku in claims.keys() | totals.keys():
        expected = (claims[sku], units[sku])
        if totals.get(sku, (0, 0)) != expected:
            yield f"{sku}: {expected} claims and units were granted, {totals.get(sku)} announced"
