"""This program beside another build of it: durable claims, refusals and pings of both, in turns.

Run by scripts/bench compare --with PROGRAM. Both servers are up, each with an empty store, on one core; one
generator loads one of them at a time, for seconds that alternate, so that a machine that slows down does so for
both. Prints the median of the ratios of neighbouring turns with their quartiles, and ends 1 when one is below the
bar. Writes nothing.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys

import machine
from claims_peers import LOSE, PING, LiveShop

import shop as shops

SHAPES = [(64, 1), (1000, 1)]
# As fast as the other within so much.
BAR = 0.98


def started(program):
    """A server of this build."""
    before, shops.PROGRAM = shops.PROGRAM, program
    try:
        server = LiveShop()
        return server.__enter__()
    finally:
        shops.PROGRAM = before


def rate(generator, flags, connections, depth, seconds):
    """Answers per second."""
    shape = ("--connections", connections, "--depth", depth, "--warmup", 0.5, "--seconds", seconds)
    command = [str(word) for word in (generator, *flags, *shape)]
    with machine.pinned(machine.CLIENT_CORE):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr.strip())
    return json.loads(done.stdout)["rate"]


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench compare", description=__doc__)
    parser.add_argument("--with", dest="other", required=True, metavar="PROGRAM")
    parser.add_argument("--only", choices=("claim", "sold out", "ping"), help="this row only")
    parser.add_argument("--turns", type=int, default=20, help="pairs of turns for each row (20)")
    parser.add_argument("--seconds", type=float, default=1, help="of a turn (1)")
    options = parser.parse_args()
    machine.prepare()
    generator = machine.compile_c("load")
    missed = []
    with machine.scratch("compare"):
        servers = {"this": started(machine.PROGRAM), "other": started(os.path.abspath(options.other))}
        try:
            for name, words in {
                "claim": (),
                "sold out": (LOSE, '"code":"sold_out"'),
                "ping": (PING, '"server_time"'),
            }.items():
                if options.only not in (None, name):
                    continue
                for connections, depth in SHAPES:
                    ratios = []
                    for turn in range(options.turns):
                        found = {}
                        for which in ("this", "other") if turn % 2 else ("other", "this"):
                            flags = servers[which].load(*words)
                            found[which] = rate(generator, flags, connections, depth, options.seconds)
                        ratios.append(found["this"] / found["other"])
                    low, middle, high = statistics.quantiles(ratios, n=4)
                    holds = middle >= BAR
                    if not holds:
                        missed.append(f"{name} at {connections}")
                    print(
                        f"{'yes' if holds else 'NO '}  {name:9} {connections:>5} connections: "
                        f"{middle:.3f} of the other ({low:.3f} to {high:.3f}), {found['this']:,.0f}/s now",
                        flush=True,
                    )
        finally:
            for server in servers.values():
                server.__exit__()
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
