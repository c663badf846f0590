"""What claims.py found, as text: tables, the targets with yes or no, and what was compared how.
Pure: it measures nothing and writes nothing.
"""

import machine

PACKAGES = ("redis-server", "node-ws", "node-redis", "postgresql-15", "libsqlite3-0")
RATES = (
    "claim",
    "claim, announced",
    "ping",
    "sold out",
    "redis always",
    "redis everysec",
    "node + redis always",
    "postgresql",
    "sqlite",
    "fdatasync of 4 KiB",
)
COLUMNS = ("1", "64", "1000", "1000x16")
# At 1,000 connections, a second each, alternating.
TURNS = "turns"
# More than this share of a core taken by others: the figures are not worth much.
FOREIGN_MAX = 0.1


def shape(connections, depth):
    return str(connections) if depth == 1 else f"{connections}x{depth}"


class Found:
    """The measurements: NAME at SHAPE → a list of results, one per round."""

    def __init__(self, found):
        self.found = found

    def all(self, name, at):
        return self.found.get(name, {}).get(at, [])

    def median(self, name, at, field="rate"):
        values = [one[field] for one in self.all(name, at) if field in one]
        return machine.median(values) if values else None

    def ratio(self, one, other, field="rate"):
        """The median of the rounds' own ratios: a slow minute slows both."""
        pairs = zip(self.all(*one), self.all(*other), strict=False)
        return machine.median([mine[field] / theirs[field] for mine, theirs in pairs])


def targets(results):
    """What is asked of LiveShop: what, the bound in words, the value, whether it holds."""
    found = Found(results["found"])
    steady = found.all("claim, open loop", "1000")[0]
    at_least = [
        (
            "claims, of its own pings, at 1,000",
            0.7,
            found.ratio(("claim", TURNS), ("ping", TURNS)),
        ),
        (
            "sold out, of its own pings, at 1,000",
            0.85,
            found.ratio(("sold out", TURNS), ("ping", TURNS)),
        ),
        (
            "claims, of Redis always, at 1,000",
            0.85,
            found.ratio(("claim", "1000"), ("redis always", "1000")),
        ),
        (
            "16 in flight each, of Redis always with 16 in a pipeline",
            1.0,
            found.ratio(("claim", "1000x16"), ("redis always", "1000x16")),
        ),
        (
            "claims, of Node with Redis always, at 1,000",
            2.5,
            found.ratio(("claim", "1000"), ("node + redis always", "1000")),
        ),
        ("claims, of PostgreSQL, at 64", 50, found.ratio(("claim", "64"), ("postgresql", "64"))),
        ("claims at 1,000, of plain SQLite", 5, found.ratio(("claim", "1000"), ("sqlite", "1"))),
    ]
    at_most = [
        (
            "p99 at 64, of that of Redis always",
            "× 1.5",
            1.5,
            found.ratio(("claim", "64"), ("redis always", "64"), "p99_us"),
            "{:.2f}",
        ),
        (
            "half the rate: p99.9, of the median",
            "× 20",
            20,
            steady["p999_us"] / steady["p50_us"],
            "{:.1f}",
        ),
        ("half the rate: longest stall", "50 ms", 50, steady["longest_gap_us"] / 1e3, "{:.1f} ms"),
    ]
    for claims, seconds in ((100_000, 2), (1_000_000, 6)):
        runs = results["restarts"].get(claims)
        if runs:
            worst = max(one["hello_s"] for one in runs)
            at_most.append(
                (
                    f"kill -9 with {claims:,} claims: hello answered",
                    f"{seconds} s",
                    seconds,
                    worst,
                    "{:.2f} s",
                )
            )
    rows = [
        (what, f"≥ {bound:g}", f"{value:.2f}", value >= bound) for what, bound, value in at_least
    ]
    rows += [
        (what, f"≤ {words}", form.format(value), value <= bound)
        for what, words, bound, value, form in at_most
    ]
    return rows


def report(results, command):
    """The section of docs/BENCHMARKS.md, and the names of the targets that were missed."""
    rows = targets(results)
    parts = [
        "## Claims\n",
        machine.origin(results["about"], command),
        "### What is asked\n",
        machine.table(
            ["", "asked", "measured", "holds"],
            [(what, asked, got, "yes" if holds else "**no**") for what, asked, got, holds in rows],
        ),
        "### Per second\n",
        matrix(results, lambda found, name, at: count(found.median(name, at))),
        "### Latency: p50 / p99 / p99.9, ms\n",
        matrix(results, latency),
        "### Processor time of server and store, µs each\n",
        matrix(results, lambda found, name, at: decimal(found.median(name, at, "server_us"))),
        steady_text(results),
        restart_text(results),
        method_text(results),
    ]
    return "\n".join(part for part in parts if part), [
        what for what, _, _, holds in rows if not holds
    ]


def matrix(results, cell):
    found = Found(results["found"])
    rows = [(name, *(cell(found, name, at) for at in COLUMNS)) for name in RATES]
    head = ["", "1", "64", "1,000", "1,000 × 16"]
    return machine.table(head, [row for row in rows if any(row[1:])])


def count(value):
    return "" if value is None else f"{value:,.0f}"


def decimal(value):
    return "" if value is None else f"{value:.1f}"


def latency(found, name, at):
    values = [found.median(name, at, field) for field in ("p50_us", "p99_us", "p999_us")]
    return (
        ""
        if None in values
        else " / ".join(f"{value / 1000:.{2 if value < 10_000 else 0}f}" for value in values)
    )


def steady_text(results):
    found = Found(results["found"])
    steady = found.all("claim, open loop", "1000")[0]
    fields = ("p50_us", "p99_us", "p999_us", "max_us", "longest_gap_us")
    rows = []
    for name in ("claim", "redis always"):
        one = found.all(f"{name}, open loop", "1000")[0]
        rows.append(
            [name, f"{one['seconds']:.0f}", *(f"{one[field] / 1000:.2f}" for field in fields)]
        )
    return (
        "### At half the rate\n\n"
        f"{steady['rate']:,.0f} claims per second on a fixed schedule over 1,000 connections;\n"
        f"LiveShop from an empty store to one with {steady['all']:,} claims. A latency begins\n"
        "when the claim was due. Milliseconds:\n\n"
        + machine.table(
            ["", "seconds", "p50", "p99", "p99.9", "max", "longest time without any answer"], rows
        )
    )


def restart_text(results):
    rows = []
    for claims, runs in results["restarts"].items():
        cells = [
            " / ".join(f"{one[field]:.2f}" for one in runs) for field in ("listening_s", "hello_s")
        ]
        rows.append([f"{claims:,}", *cells])
    return "### Restart after kill -9\n\nSeconds from exec, three times each:\n\n" + machine.table(
        ["claims in the store", "listening", "first hello answered"], rows
    )


METHOD = """### How

Rounds: {rounds}, in each everything in turn for {seconds} s; figures are medians, ratios are
medians of the rounds' own ratios. The ratios to LiveShop's own pings are of more and shorter
measurements: a second of each in turn, {turns} times. Server and store share core 0, the load has
core 1. The columns are connections, each with one request without answer, and 1,000 with 16. Every
claim has a random UUID as its key, every answer is checked to be a grant, stores are on the same
disk. {peers}.

* **LiveShop**: JSON over WebSocket, limits per buyer off; each connection is a buyer of her own and
  also gets her `hold.created` and everybody's `stock.changed`. `announced` is with `claim_feed`
  `names`, the default; else `off`. `sold out` is refused without a waitlist.
* **Redis**: its own protocol over TCP, one script per claim (`scripts/benchmarks/peers/claim.lua`):
  key seen, stock, hold. It knows no expiry, buyers or limits, tells nobody, and its file is never
  rewritten meanwhile.
* **Node**: `ws` and `redis` in front of that script, the same messages as LiveShop, Redis on a Unix
  socket.
* **PostgreSQL**: pgbench, one prepared statement per claim (`scripts/benchmarks/peers/claim.sql`),
  Unix socket, `synchronous_commit` on; 1,000 clients once. It is compared at 64, as asked: a sale is
  many who want one SKU, whose row each transaction keeps locked until its commit is synced; alone,
  at one connection, it makes {alone} a second, {fewer} × what it makes at 64, and LiveShop at 64
  makes {more} × that.
* **SQLite**: in process, WAL, `synchronous=FULL`, one transaction per claim.
"""


def method_text(results):
    peers = ", ".join(f"{name} {version}" for name, version in results["about"]["peers"].items())
    found = Found(results["found"])
    alone = ("postgresql", "1")
    how = METHOD.format(
        rounds=results["rounds"],
        seconds=results["seconds"],
        turns=len(found.all("claim", TURNS)),
        peers=peers,
        alone=count(found.median(*alone)),
        fewer=decimal(found.ratio(alone, ("postgresql", "64"))),
        more=decimal(found.ratio(("claim", "64"), alone)),
    )
    return how + quietness(results)


def quietness(results):
    """What a reader must know first: who else was busy, and whether the load was the limit."""
    every = [
        (name, one)
        for name, shapes in results["found"].items()
        for runs in shapes.values()
        for one in runs
    ]
    foreign = [one["foreign"] for _, one in every if "foreign" in one]
    disturbed = [share for share in foreign if share > FOREIGN_MAX]
    # On a schedule it polls, and always takes all of its core.
    client = max(one.get("client_cpu", 0) for name, one in every if "open loop" not in name)
    text = f"\nThe load generator took at most {client:.0%} of its core. "
    if not disturbed:
        return text + f"Other processes never took more than {FOREIGN_MAX:.0%} of one meanwhile.\n"
    return text + (
        f"**The machine was not quiet**: in {len(disturbed)} of {len(foreign)} measurements other\n"
        f"processes took more than {FOREIGN_MAX:.0%} of a core, at most {max(disturbed):.0%},\n"
        "also when measured again.\n"
    )
