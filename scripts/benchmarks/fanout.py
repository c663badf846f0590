"""Measures how LiveShop fans out, beside a plain C loop of send() and other servers, and writes the
section `fanout` of docs/BENCHMARKS.md with a plot: scripts/bench fanout [--quick].

Servers take turns in each round, so that what the machine does meanwhile meets all of them; ratios
are made within a round. Nothing here decides what is good: fanout_report.py has the bars.
"""

import argparse
import contextlib
import pathlib
import sys
import tempfile

import fanout_report
import fanout_servers as servers
import machine

FRAME = 200  # bytes on the wire, header included
CHAT_FRAME = 270  # what a guest's chat message of 40 characters makes

# At ten thousand viewers, until a server is overwhelmed.
CURVE = (2, 5, 10, 15, 20, 50, 100, 200, 300)
OVERWHELMED_MS = 1000


class Plan:
    def __init__(self, quick, only):
        self.quick = quick
        self.sizes = (1000, 10_000) if quick else (1000, 5000, 10_000)
        self.rounds = 1 if quick else 2
        self.seconds = 1.5 if quick else 2
        self.curve = (5, 15, 100) if quick else CURVE
        self.only = only

    def wants(self, name):
        return not self.only or name in self.only


def own(folder):
    return pathlib.Path(tempfile.mkdtemp(dir=folder))


def contestants(folder):
    """Name and how to start it, for those that are measured in every cell."""
    return {
        "floor": lambda: servers.floor(own(folder), 1),
        "floor, 8 per send": lambda: servers.floor(own(folder), 8),
        "floor, 32 per send": lambda: servers.floor(own(folder), 32),
        "LiveShop": lambda: servers.LiveShop(),
        "nchan": lambda: servers.nchan(own(folder)),
        "NATS": lambda: servers.nats(own(folder)),
        "Node ws": lambda: servers.node_ws(own(folder)),
        "picows": lambda: servers.picows(own(folder)),
    }


def run_cell(name, start, size, plan, viewers, with_curve):
    """One server with so many viewers: saturated, at a fixed rate, along the curve."""
    cell = {}
    with start() as server, server.viewers(viewers) as generator:
        cell["herd"] = generator.order("herd", size)
        if name == "LiveShop":
            generator.order("frame", FRAME)
        if " per send" not in name:
            cell["w1"] = generator.order("saturate", 1, plan.seconds)
            cell["rate"] = generator.order("rate", 50_000 / size, plan.seconds)
        if name != "floor":
            cell["w32"] = generator.order("saturate", 32, plan.seconds)
        if name == "LiveShop":
            generator.order("frame", CHAT_FRAME)
            cell["chat w1"] = generator.order("saturate", 1, plan.seconds)
            cell["chat w32"] = generator.order("saturate", 32, plan.seconds)
            generator.order("frame", FRAME)
        if with_curve and " per send" not in name:
            cell["curve"] = curve(generator, size, plan)
    return cell


def curve(generator, size, plan):
    points = []
    for rate in plan.curve:
        point = generator.order("rate", rate, plan.seconds)
        points.append(point)
        if point["lost"] or point["latency_ms"]["p99"] > OVERWHELMED_MS:
            break
    return points


def measure_matrix(plan, folder, viewers):
    cells = {}
    for round_number in range(plan.rounds):
        for size in plan.sizes:
            with_curve = round_number == 0 and size == max(plan.sizes)
            for name, start in contestants(folder).items():
                cell = run_cell(name, start, size, plan, viewers, with_curve)
                cells.setdefault(name, {}).setdefault(size, []).append(cell)
                report_cell(name, size, cell)
    return cells


def report_cell(name, size, cell):
    figures = [f"{name}, {size}:"]
    for key in ("w1", "w32", "rate", "chat w1", "chat w32"):
        if key in cell:
            result = cell[key]
            rate, cost = result["per_second"] / 1000, result["cpu_us_per_delivery"]
            figures.append(f"{key} {rate:.0f}k/s {cost:.2f} µs,")
    figures.append(f"herd {cell['herd']['upgraded_seconds']:.2f} s")
    print(*figures, file=sys.stderr, flush=True)


def measure_duel(plan, folder, viewers):
    """W=1, the largest room, all servers up at once and in turn: the closest comparison."""
    size, results = max(plan.sizes), {}
    with contextlib.ExitStack() as stack:
        generators = {}
        for name, start in contestants(folder).items():
            if " per send" not in name:
                server = stack.enter_context(start())
                generators[name] = stack.enter_context(server.viewers(viewers))
                generators[name].order("herd", size)
        generators["LiveShop"].order("frame", FRAME)
        for _ in range(3 if plan.quick else 6):
            for name, generator in generators.items():
                results.setdefault(name, []).append(generator.order("saturate", 1, 1.5))
    return results


def measure_herd(plan, folder, viewers):
    """Ten thousand connects at once: the upgrades alone, beside those of the floor, and with
    everybody joining."""
    results = {"upgrades": [], "floor": [], "joins": []}
    size = max(plan.sizes)
    for _ in range(plan.rounds + 1):
        with servers.floor(own(folder), 1) as server, server.viewers(viewers) as generator:
            results["floor"].append(generator.order("herd", size))
        with servers.LiveShop() as server:
            flags = ["--path", "/v1/socket", "--subprotocol", "liveshop.v1"]
            with server.viewers(viewers, flags) as generator:
                results["upgrades"].append(generator.order("herd", size))
        with servers.LiveShop() as server, server.viewers(viewers) as generator:
            results["joins"].append(generator.order("herd", size))
    return results


def measure_idle(plan, folder, viewers):
    """Memory per viewer, and what ten thousand that do nothing cost, without and with pings. Of the
    peers the memory only: they ping in other ways."""
    size = max(plan.sizes)
    results = {"viewers": size, "peers": {}}
    for name, settings in (("quiet", {"ping_seconds": 3600}), ("pinged", {})):
        with servers.LiveShop(**settings) as server, server.viewers(viewers) as generator:
            bytes_each = join_all(server, generator, size)
            idle = generator.order("idle", 4 if plan.quick else 10)
            results[name] = {**idle, "resident_bytes_per_viewer": bytes_each}
    starts = contestants(folder)
    for name in fanout_report.PEERS:
        with starts[name]() as server, server.viewers(viewers) as generator:
            results["peers"][name] = join_all(server, generator, size)
    return results


def join_all(server, generator, size):
    """Lets so many join; what each of them added to the server's resident memory, in bytes."""
    generator.order("idle", 0.2)
    before = server.resident_bytes()
    generator.order("herd", size)
    generator.order("idle", 2)
    return (server.resident_bytes() - before) / size


def measure_shop(plan, folder, viewers):
    """Chat, claims that are decided and committed, and everybody hears who got what; and how fast
    the floor tells ten thousand one thing after the other."""
    results = {1000: [], 10_000: [], "floor": []}
    for _ in range(1 if plan.quick else 3):
        for size in (1000, 10_000):
            results[size].append(shop_of(size, viewers))
        with servers.floor(own(folder), 1) as server, server.viewers(viewers) as generator:
            generator.order("herd", 10_000)
            generator.order("saturate", 1, 1)
            results["floor"].append(generator.order("saturate", 1, 2))
    return results


def shop_of(size, viewers):
    with servers.LiveShop() as server, server.viewers(viewers) as generator:
        generator.order("herd", size)
        generator.order("frame", FRAME)
        generator.order("shop", 100, 500, 1)
        return generator.order("shop", 100, 500, 5)


def measure_slow_reader(plan, folder, viewers):
    """One of a thousand reads nothing: what the others notice, and how it ends."""
    results = {"without": [], "with": []}
    with servers.LiveShop() as server, server.viewers(viewers) as generator:
        generator.order("herd", 1000)
        generator.order("frame", 600)
        for _ in range(1 if plan.quick else 3):
            results["without"].append(generator.order("rate", 500, 3))
            with servers.shop_client(server, max_queue=1) as slow:
                joined = slow.hello(show="f", name="slow")
                # Who reads nothing for 5 s after her close frame sees 1006.
                results["with"].append(generator.order("rate", 500, 6))
                results["close_code"] = slow.close_code()
                slow.connect()
                again = slow.hello(show="f")
                is_same = again["you"]["participant"] == joined["you"]["participant"]
                results["resumed"] = again["resumed"] and is_same
    return results


PARTS = {
    "herd": measure_herd,
    "idle": measure_idle,
    "shop": measure_shop,
    "slow": measure_slow_reader,
    "duel": measure_duel,
    "matrix": measure_matrix,
}


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench fanout", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about three minutes; says less")
    parser.add_argument("--only", action="append", choices=PARTS, help="these parts only; may be repeated")
    arguments = parser.parse_args()
    plan = Plan(arguments.quick, arguments.only)
    machine.prepare()
    viewers = machine.compile_c("viewers")
    machine.compile_c("floor")
    results = {"about": machine.describe(), "quick": plan.quick}
    with machine.scratch("fanout") as folder:
        for name, measure in PARTS.items():
            if plan.wants(name):
                results[name] = measure(plan, folder, viewers)
                print(name, "done", file=sys.stderr, flush=True)
    file = machine.save("fanout-quick" if plan.quick else "fanout", results)
    bars = fanout_report.bars(results)
    for bar in bars:
        print(bar)
    print(f"everything that was measured: {file}")
    # What a short run finds is not worth keeping.
    if not plan.quick and not plan.only:
        fanout_report.write(results, bars)
    sys.exit(0 if all(bar.holds for bar in bars) else 1)


if __name__ == "__main__":
    main()
