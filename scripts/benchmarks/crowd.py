"""What a hostile crowd costs an honest buyer: answers beside it, and answers without it, in turns.

Run by scripts/bench crowd. The server runs on one core with its default limits (--no-dev, guests may claim);
crowds and buyers share the other, the buyers with precedence. Each crowd presses a server of its own, started
on a copy of the same shop: a quiet run, then the same run beside the crowd. Writes .build/benchmarks/crowd.json
and the section `crowd` of docs/BENCHMARKS.md, and ends 1 when a bar is missed.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

import machine

os.environ.setdefault("LIVESHOP_BIN", machine.PROGRAM)
sys.path.insert(0, str(machine.ROOT / "Tests" / "PythonClient"))

from client import Client  # noqa: E402
from shop import Shop  # noqa: E402

EVENTS = 20_000
BUYERS, BUYERS_ADDRESS, CROWD_ADDRESS = 10, "127.0.0.2", "127.0.0.3"
BODY_BYTES = 16 << 20
# The most that a crowd may add to the buyers' p99, in milliseconds.
MORE_MS_MAX = 50
# What PROMISES allows: a send limit of 1 MiB for each connection that reads nothing, a snapshot or a page
# each, and 64 MiB of bodies for each loop.
MEMORY_MIB_MAX = {"read nothing": 256, "others": 96}


def crowds(epoch):
    """NAME → which kind of crowd_client.py, with what, and the memory it may take."""
    plenty, silent = MEMORY_MIB_MAX["others"], MEMORY_MIB_MAX["read nothing"]
    old = {"epoch": epoch, "offset": 0}
    recent = {"epoch": epoch, "offset": EVENTS - 9_000}
    return {
        "10 viewers, the worst messages within the limits": ("press", 10, {}, plenty),
        "10 strangers, the worst hellos": ("knock", 10, {}, plenty),
        "200 resumes of 20,000 events": ("resume", 200, {**old, "reads": True}, plenty),
        "200 resumes of 9,000 events": ("resume", 200, {**recent, "reads": True}, plenty),
        "200 resumes of 9,000 events, nothing read": (
            "resume",
            200,
            {**recent, "reads": False},
            silent,
        ),
        "200 bodies of 16 MiB without a token": ("post", 200, {"size": BODY_BYTES}, plenty),
    }


class Prepared:
    """A shop whose show has 20,000 events behind it; each measurement gets a copy."""

    FLAGS = ("--no-dev", "--guests", "claim")

    def __init__(self):
        catalogue = {
            "products": [
                {
                    "id": "p1",
                    "title": "Hot",
                    "variants": [
                        {"sku": "HOT", "title": "Hot", "price": 1990, "on_hand": 100_000}
                    ],
                }
            ]
        }
        self.shop = Shop(*self.FLAGS, catalogue=catalogue, show="quiet")
        with machine.pinned(machine.SERVER_CORE):
            self.shop.start()
        token = self.shop.run(
            "token", "--data", self.shop.data, "--sub", "host", "--role", "host"
        ).stdout.strip()
        with Client(self.shop.url) as host:
            host.hello(show="quiet", token=token)
            host.request("show.start")
            # Each line of a message is a request; a note is an event of some 250 bytes.
            for first in range(0, EVENTS, 50):
                lines = [
                    json.dumps({"type": "note.set", "data": {"text": f"Note {first + n} " + "x" * 150}})
                    for n in range(50)
                ]
                host.socket.send("\n".join(lines))
                # Read what comes back, or the connection is too slow.
                host.request("ping")
            self.epoch = host.epoch
        self.shop.stop()

    def copy(self):
        """A server on a copy; the caller ends it."""
        copied = Shop.__new__(Shop)
        copied.__dict__.update(self.shop.__dict__)
        copied.directory = pathlib.Path(machine.tempfile.mkdtemp(prefix="crowd-"))
        copied.data = copied.directory / "data"
        shutil.copytree(self.shop.data, copied.data)
        copied.port, copied.log, copied.process = 0, [], None
        with machine.pinned(machine.SERVER_CORE):
            copied.start()
        return copied


def client(name, arguments, nice):
    """One process of crowd_client.py on the clients' core."""
    program = machine.SOURCES / "crowd_client.py"
    with machine.pinned(machine.CLIENT_CORE):
        return subprocess.Popen(
            [sys.executable, program, name, json.dumps(arguments)],
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: os.nice(nice),
        )


def buyers(port, seconds):
    arguments = {
        "port": port,
        "show": "quiet",
        "sku": "HOT",
        "seconds": seconds,
        "count": BUYERS,
        "address": BUYERS_ADDRESS,
    }
    return client("buyers", arguments, 0)


def result_of(process):
    output, _ = process.communicate(timeout=120)
    if process.returncode != 0:
        raise AssertionError("the honest buyers could not buy")
    return json.loads(output)


def peak_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0


def measure(prepared, seconds, kind, count, more):
    """A quiet run, then the same run beside the crowd."""
    shop = prepared.copy()
    try:
        quiet = result_of(buyers(shop.port, seconds))
        pid = shop.process.pid
        pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")
        before, cpu = machine.resident_bytes(pid) / 2**20, machine.cpu_seconds(pid)
        arguments = {
            "port": shop.port,
            "show": "quiet",
            "until": time.monotonic() + seconds + 2,
            "count": count,
            "address": CROWD_ADDRESS,
            **more,
        }
        crowd = client(kind, arguments, 15)
        time.sleep(0.5)
        beside = result_of(buyers(shop.port, seconds))
        if crowd.poll() not in (None, 0):
            raise AssertionError(f"the crowd {kind} ended early")
        crowd.wait(60)
        return {
            "quiet": quiet,
            "beside": beside,
            "more_ms": beside["p99_ms"] - quiet["p99_ms"],
            "memory_mib": peak_mib(pid) - before,
            "cpu_seconds": machine.cpu_seconds(pid) - cpu,
            "alive": shop.is_running,
        }
    finally:
        shop.kill()
        machine.remove_when_done(shop.directory)


def holds(rounds, memory_max):
    """Whether the crowd is harmless: judged by the median round, and nothing may be lost in any."""
    return (
        machine.median([one["more_ms"] for one in rounds]) <= MORE_MS_MAX
        and max(one["memory_mib"] for one in rounds) <= memory_max
        and all(one["alive"] and not one["beside"]["unanswered"] for one in rounds)
        and not any(one["beside"]["refused"] for one in rounds)
    )


def report(results, about, command):
    rows = []
    for name, (rounds, memory_max) in results.items():
        middle = sorted(rounds, key=lambda one: one["more_ms"])[len(rounds) // 2]
        rows.append(
            [
                name,
                f"{middle['quiet']['p99_ms']:.1f}",
                f"{middle['beside']['p99_ms']:.1f}",
                f"{middle['more_ms']:+.1f}",
                f"{max(one['beside']['max_ms'] for one in rounds):.1f}",
                f"{max(one['memory_mib'] for one in rounds):.0f} of {memory_max}",
                "yes" if holds(rounds, memory_max) else "NO",
            ]
        )
    head = [
        "crowd",
        "p99 without, ms",
        "p99 beside, ms",
        "more",
        "slowest, ms",
        "memory, MiB",
        "holds",
    ]
    return (
        "## An honest buyer beside a hostile crowd\n\n"
        + machine.origin(about, command)
        + f"\n{BUYERS} buyers of one address claim a unit and give it back, four times a second each, without "
        "and beside a crowd of another address, with the default limits (`--no-dev --guests claim`). Times are "
        "from when a claim was meant to be sent to its answer. The figures are those of the middle round of "
        f"{len(next(iter(results.values()))[0])}; the slowest answer and the memory that the server took more "
        f"are of all rounds. A crowd may add {MORE_MS_MAX} ms to the p99.\n\n"
        + machine.table(head, rows)
    )


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench crowd", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round; says less")
    parser.add_argument("--only", action="append", metavar="WORDS", help="crowds whose name has them")
    options = parser.parse_args()
    machine.prepare()
    rounds, seconds = (1, 4) if options.quick else (3, 10)
    results = {}
    with machine.scratch("crowd"):
        prepared = Prepared()
        chosen = crowds(prepared.epoch)
        if options.only:
            chosen = {n: c for n, c in chosen.items() if any(words in n for words in options.only)}
            if not chosen:
                parser.error(f"no such crowd; there are: {', '.join(crowds(''))}")
        for _ in range(rounds):
            for name, (kind, count, more, memory_max) in chosen.items():
                found = measure(prepared, seconds, kind, count, more)
                results.setdefault(name, ([], memory_max))[0].append(found)
                print(
                    f"{name}: p99 {found['quiet']['p99_ms']:.1f} → {found['beside']['p99_ms']:.1f} ms, "
                    f"slowest {found['beside']['max_ms']:.1f} ms, {found['memory_mib']:.0f} MiB, "
                    f"{found['cpu_seconds']:.1f} s of CPU, refused {len(found['beside']['refused'])}, "
                    f"unanswered {found['beside']['unanswered']}",
                    flush=True,
                )
        machine.remove_when_done(prepared.shop.directory)
    about = machine.describe()
    machine.save("crowd-quick" if options.quick else "crowd", {"about": about, "results": results})
    if not options.quick and not options.only:
        machine.write_section("crowd", report(results, about, "scripts/bench crowd"))
    missed = [name for name, (found, most) in results.items() if not holds(found, most)]
    for name in missed:
        print(f"NO   {name}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
