"""What the figures of scripts/bench fanout must show, and how they are told: bars with yes or no,
the section of docs/BENCHMARKS.md, the plot. Used by fanout.py only.
"""

import machine

PLOT = machine.ROOT / "docs" / "fanout-latency.png"
PEERS = ("nchan", "NATS", "Node ws", "picows")


def median_of(cells, *keys):
    values = []
    for cell in cells:
        for key in keys:
            cell = cell[key]
        values.append(cell)
    return machine.median(values)


def ratios(matrix, size, phase, field, other):
    """Median over the rounds of LiveShop's figure divided by the other's of the same round."""
    pairs = zip(matrix["LiveShop"][size], matrix[other][size], strict=True)
    return machine.median([ours[phase][field] / its[phase][field] for ours, its in pairs])


class Bar:
    """One thing that must hold."""

    def __init__(self, holds, what, figure):
        self.holds, self.what, self.figure = bool(holds), what, figure

    def __str__(self):
        return f"{'yes' if self.holds else 'NO '}  {self.what}: {self.figure}"


def bars(results):
    found = []
    if "duel" in results:
        found += duel_bars(results["duel"])
    if "matrix" in results:
        found += matrix_bars(results["matrix"])
    if "shop" in results:
        found += shop_bars(results["shop"])
    if "herd" in results:
        found += herd_bars(results["herd"])
    if "idle" in results:
        found += idle_bars(results["idle"])
    if "slow" in results:
        found += slow_bars(results["slow"])
    return found


def duel_bars(duel):
    """Each server's figures of one round stand beside LiveShop's of the same round."""

    def ratio(field, over, under):
        pairs = zip(duel[under], duel[over], strict=True)
        return machine.median([a[field] / b[field] for a, b in pairs])

    cost = ratio("cpu_us_per_delivery", "LiveShop", "floor")
    rates = {name: ratio("per_second", name, "LiveShop") for name in ("floor", *PEERS)}
    told = ", ".join(f"{value:.2f} × {name}" for name, value in rates.items())
    return [
        Bar(cost >= 0.8, "W=1, 10,000: at least 0.80 of the floor per delivery", f"{cost:.2f}"),
        Bar(min(rates[name] for name in PEERS) > 1, "W=1, 10,000: ahead of the peers", told),
    ]


def matrix_bars(matrix):
    size = max(matrix["LiveShop"])
    packed = median_of(matrix["LiveShop"][size], "w32", "per_second")
    asked = {"NATS": 7, "nchan": 25, "floor, 8 per send": 2.5}
    times = {name: ratios(matrix, size, "w32", "per_second", name) for name in asked}
    told = ", ".join(f"{value:.1f} × {name}" for name, value in times.items())
    # Another machine gives another rate; there all the ratios have to say that it is fast.
    holds = packed >= 4e6 or all(times[name] >= least for name, least in asked.items())
    cells = [cell for cells in matrix["LiveShop"].values() for cell in cells]
    lost = sum(cell[phase]["lost"] for cell in cells for phase in ("w1", "w32", "rate"))
    return [
        Bar(
            holds,
            "W=32, 10,000: 4 M/s, or all of 7 × NATS, 25 × nchan, 2.5 × the floor with 8 per send",
            f"{packed / 1e6:.2f} M/s, {told}",
        ),
        Bar(lost == 0, "nothing lost in any cell", f"{lost} deliveries"),
    ]


def shop_bars(shop):
    runs = shop[1000] + shop[10_000]
    lost = sum(abs(one["lost"]) + one["claims_unanswered"] + one["claims_refused"] for one in runs)
    chat = median_of(shop[10_000], "latency_ms", "p99")
    claim, near = (median_of(shop[size], "claim_ms", "p99") for size in (10_000, 1000))
    sweep = 10_000 / median_of(shop["floor"], "per_second") * 1000
    return [
        Bar(lost == 0, "100 messages, 500 claims a second: nothing lost, all answered", lost),
        Bar(
            chat <= 120,
            "the same, 10,000: chat p99 at most 120 ms",
            f"{chat:.0f} ms; the floor takes {sweep:.0f} ms to tell all one thing",
        ),
        Bar(claim <= 40, "the same, 10,000: claim p99 at most 40 ms", f"{claim:.1f} ms"),
        Bar(near <= 5, "the same, 1,000: claim p99 at most 5 ms", f"{near:.1f} ms"),
    ]


def upgrades_per_second(herds):
    return machine.median([one["viewers"] / one["upgraded_seconds"] for one in herds])


def herd_bars(herd):
    rate, floor = (upgrades_per_second(herd[name]) for name in ("upgrades", "floor"))
    joined = machine.median([one["joined_seconds"] for one in herd["joins"]])
    return [
        Bar(
            rate >= 25_000,
            "10,000 connects at once: at least 25,000 upgraded a second",
            f"{rate:.0f}/s; the floor {floor:.0f}/s",
        ),
        Bar(
            joined <= 2, "the same, and all joined with the snapshot within 2 s", f"{joined:.2f} s"
        ),
    ]


def idle_bars(idle):
    each = idle["quiet"]["resident_bytes_per_viewer"]
    peers = [f"{name} {count / 1024:.2f}" for name, count in idle["peers"].items()]
    share, pinged = (
        100 * idle[name]["cpu_seconds"] / idle[name]["seconds"] for name in ("quiet", "pinged")
    )
    return [
        Bar(
            each <= 3584,
            "at most 3.5 KiB resident per joined viewer",
            f"{each / 1024:.2f} KiB (" + ", ".join(peers) + ")",
        ),
        Bar(
            share < 0.5,
            "10,000 idle viewers: under 0.5 % of a core besides pings",
            f"{share:.2f} %, with pings {pinged:.2f} %",
        ),
    ]


def slow_bars(slow):
    without, beside = (median_of(slow[name], "latency_ms", "p99") for name in ("without", "with"))
    return [
        Bar(
            beside <= without * 1.25 + 1,
            "one of 1,000 reads nothing: the p99 of the others stays",
            f"{without:.1f} ms without, {beside:.1f} ms with",
        ),
        Bar(
            slow["close_code"] == 4008 and slow["resumed"],
            "it is closed 4008 and resumes",
            f"{slow['close_code']}, resumed: {slow['resumed']}",
        ),
    ]


# MARK: The section


def foreign_shares(results):
    """What others took of the machine during each order."""
    if isinstance(results, dict):
        if "foreign" in results:
            yield results["foreign"]
        results = list(results.values())
    if isinstance(results, list):
        for one in results:
            yield from foreign_shares(one)


def thousands(value):
    return f"{value / 1000:,.0f}"


def write(results, found):
    matrix = results["matrix"]
    sizes = sorted(matrix["LiveShop"])
    text = "## Fan-out\n\n" + machine.origin(results["about"], "scripts/bench fanout")
    rounds = len(matrix["LiveShop"][sizes[0]])
    foreign = sorted(foreign_shares(results))
    text += (
        "\nOne server on core 0, the viewers and one publisher (`scripts/benchmarks/viewers.c`, "
        "the same for all) on core 1, loopback. A frame has 200 bytes on the wire; *LiveShop* is "
        "the whole program: a host's `chat.send` is decided, committed and synced before anybody "
        "hears it, the others keep nothing. *chat* is the frame that a guest's message of 40 "
        "characters makes (270 bytes). W is how many messages are outstanding: with 1 nothing can "
        "be batched, with 32 a server may. The floor is a C loop of `send()` that does nothing "
        f"else; medians of {rounds} interleaved rounds. Meanwhile other processes and the "
        f"hypervisor's other guests took {100 * machine.median(foreign):.0f} % of a core at the "
        f"median, {100 * foreign[int(len(foreign) * 0.9)]:.0f} % in the worst tenth of the "
        "measurements: trust ratios more than figures.\n\n### What must hold\n\n"
    )
    text += machine.table(
        ["", "measured", "holds"],
        [(bar.what, bar.figure, "yes" if bar.holds else "**no**") for bar in found],
    )
    text += (
        "\nThe first two with all servers up at once, in turn every 1.5 s. 100 messages and 500 "
        "claims a second: `claim_feed` is `names`, every claim is granted, the answer counts when "
        "it is there, its commit and sync included.\n\n### Figures\n\nEach server by itself. W=1 "
        "comes first, right after everybody joined, when new connections still cost more; the "
        "chat frames come seconds later.\n\n"
    )
    text += "Thousand deliveries a second:\n\n" + rate_table(matrix, sizes)
    text += "\nProcessor time of the server per delivery, µs:\n\n" + cost_table(matrix, sizes)
    text += "\nDelivery latency at 50,000 deliveries a second, p50 / p99 ms:\n\n"
    text += latency_table(matrix, sizes)
    text += "\n![Latency against rate](fanout-latency.png)\n\n"
    text += "Upgrades of 10,000 connects at once, thousand a second (where a backlog overflows, "
    text += "TCP sends again after a second):\n\n"
    text += herd_table(matrix, max(sizes), results["herd"])
    text += "\nResident memory per joined viewer, of all processes of a server, KiB (with LiveShop she "
    text += "is a participant who may claim, with the others a connection that listens):\n\n"
    text += memory_table(results["idle"])
    machine.write_section("fanout", text)
    plot(matrix, max(sizes))


def rate_table(matrix, sizes):
    rows = []
    for name, phases in rows_of(matrix):
        cells = [
            thousands(median_of(matrix[name][size], phase, "per_second")) if phase else "–"
            for phase in phases
            for size in sizes
        ]
        rows.append([label(name, phases), *cells])
    return machine.table(["", *(f"W={w}, {size:,}" for w in (1, 32) for size in sizes)], rows)


def rows_of(matrix):
    """Which phases stand in a row: for W=1 and for W=32."""
    for name in matrix:
        if name == "floor":
            yield name, ("w1", None)
        elif " per send" in name:
            yield name, (None, "w32")
        else:
            yield name, ("w1", "w32")
            if name == "LiveShop":
                yield name, ("chat w1", "chat w32")


def label(name, phases):
    return name + (" (chat)" if "chat w1" in phases else "")


def cost_table(matrix, sizes):
    rows = []
    for name, phases in rows_of(matrix):
        cells = [
            f"{median_of(matrix[name][size], phase, 'cpu_us_per_delivery'):.2f}" if phase else "–"
            for phase in phases
            for size in sizes
        ]
        rows.append([label(name, phases), *cells])
    return machine.table(["", *(f"W={w}, {size:,}" for w in (1, 32) for size in sizes)], rows)


def latency_table(matrix, sizes):
    rows = []
    for name, cells in matrix.items():
        if " per send" in name:
            continue
        row = [name]
        for size in sizes:
            p50, p99 = (median_of(cells[size], "rate", "latency_ms", key) for key in ("p50", "p99"))
            row.append(f"{p50:.1f} / {p99:.1f}")
        rows.append(row)
    return machine.table(["", *(f"{size:,} viewers" for size in sizes)], rows)


def herd_table(matrix, size, herd):
    rows = [
        [name, f"{upgrades_per_second(herd[part]) / 1000:.1f}"]
        for name, part in (("LiveShop", "upgrades"), ("floor", "floor"))
    ]
    for name in PEERS:
        seconds = median_of(matrix[name][size], "herd", "upgraded_seconds")
        rows.append([name, f"{size / seconds / 1000:.1f}"])
    return machine.table(["", "upgrades"], rows)


def memory_table(idle):
    """What each of so many viewers added, once all had joined."""
    each = {"LiveShop": idle["quiet"]["resident_bytes_per_viewer"], **idle["peers"]}
    rows = [[name, f"{count / 1024:.2f}"] for name, count in each.items()]
    return machine.table(["", f"{idle['viewers']:,} viewers"], rows)


def plot(matrix, size):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 4.5), dpi=120)
    for number, (name, cells) in enumerate(matrix.items()):
        points = cells[size][0].get("curve")
        if not points:
            continue
        rates = [point["per_second"] / 1000 for point in points]
        style = {"color": f"C{number}"}
        axes.plot(
            rates,
            [point["latency_ms"]["p99"] for point in points],
            marker="o",
            ms=3,
            label=name,
            **style,
        )
        axes.plot(rates, [point["latency_ms"]["p50"] for point in points], linestyle=":", **style)
    axes.set(
        xscale="log", yscale="log", xlabel="thousand deliveries a second", ylabel="latency, ms"
    )
    axes.set_title(f"{size:,} viewers, 200-byte frames: p99 (lines), p50 (dots)", fontsize=10)
    axes.grid(True, which="both", alpha=0.25)
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(PLOT)
