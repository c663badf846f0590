"""The long form of the tests of faults: scripts/faults calls, power and restart.

Several runs go side by side, since most of each is waiting. Exits 1 when anything broke.
"""

import argparse
import asyncio
import errno
import random
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from calls import Outcome, fail_call
from power import lose_power
from restart import restarts

ERRORS = {"EIO": errno.EIO, "ENOSPC": errno.ENOSPC}
# Some runs make fewer calls than others: only so many without a fault end the search.
CLEAN_RUNS = 5


def one_call(number, error, count):
    try:
        return asyncio.run(fail_call(number, error, count, seed=number))
    except AssertionError as failure:
        outcome = Outcome()
        outcome.faults = 1
        outcome.problems.append(str(failure))
        return outcome


def one_power(rounds, seed, buyers):
    lines = []
    try:
        found = asyncio.run(lose_power(rounds, seed, buyers, lines.append))
    except AssertionError as failure:
        found = [str(failure)]
    return seed, found, lines[-1] if lines else "nothing was sold"


def calls(options):
    """Each call in turn, with each error."""
    problems = 0
    with ProcessPoolExecutor(options.jobs) as pool:
        for name in options.error or ERRORS:
            ends, clean, number, hit = Counter(), 0, options.start, 0
            waiting = []
            while clean < CLEAN_RUNS and (options.end is None or number <= options.end or waiting):
                while len(waiting) < options.jobs and (
                    options.end is None or number <= options.end
                ):
                    run = pool.submit(one_call, number, ERRORS[name], options.count)
                    waiting.append((number, run))
                    number += 1
                done, run = waiting.pop(0)
                outcome = run.result()
                clean = 0 if outcome.faults else clean + 1
                hit += bool(outcome.faults)
                ends[kind_of(outcome)] += 1
                for problem in outcome.problems:
                    print(f"broken: {name} at call {done} ({outcome}): {problem}", flush=True)
                problems += len(outcome.problems)
            for _, run in waiting:
                run.cancel()
            print(f"{name}, {options.count} in a row: {hit} calls failed, one run each", flush=True)
            for end, times in ends.most_common():
                print(f"  {times:4} {end}", flush=True)
    return problems


def kind_of(outcome):
    """What happened without numbers and paths, to count it."""
    if not outcome.faults:
        return "met no fault"
    call = outcome.call.split(",")[0]
    words = " ".join(word for word in outcome.end.split() if "/" not in word)
    return f"{call}: ended: {words}" if words else f"{call}: went on"


def power(options):
    """Many sales, each with some losses of power."""
    problems = 0
    seeds = [options.seed + run for run in range(options.runs)]
    with ProcessPoolExecutor(options.jobs) as pool:
        runs = [pool.submit(one_power, options.rounds, seed, options.buyers) for seed in seeds]
        for run in runs:
            seed, found, summary = run.result()
            print(f"seed {seed}: {summary}", flush=True)
            for problem in found[:20]:
                print(f"broken: seed {seed}: {problem}", flush=True)
            problems += len(found)
    return problems


def restart(options):
    """The time of a start after kill -9 at so many claims."""
    claims, times, found = restarts(options.claims, options.rounds)
    shown = ", ".join(f"{seconds:.2f}" for seconds in times)
    print(f"{claims} claims in the store: ready {shown} s after exec")
    for problem in found:
        print(f"broken: {problem}")
    slow = [seconds for seconds in times if seconds > options.limit]
    return len(found) + len(slow)


def main():
    parser = argparse.ArgumentParser(
        prog="scripts/faults", description="Faults of the disk under a sale."
    )
    kinds = parser.add_subparsers(required=True)
    kind = kinds.add_parser(
        "calls",
        help="the n-th call to the disk fails, for n = 1, 2, 3 … until a run meets no fault",
    )
    kind.add_argument("--error", choices=ERRORS, action="append", help="default: each")
    kind.add_argument("--count", type=int, default=1, help="how many calls fail, from the n-th on")
    kind.add_argument("--start", type=int, default=1, help="the first n")
    kind.add_argument("--end", type=int, help="the last n")
    kind.set_defaults(run=calls)
    kind = kinds.add_parser("power", help="power is lost at random calls")
    kind.add_argument("--runs", type=int, default=20)
    kind.add_argument("--rounds", type=int, default=5, help="losses of power in each run")
    kind.add_argument("--buyers", type=int, default=10)
    kind.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    kind.set_defaults(run=power)
    for kind in kinds.choices.values():
        kind.add_argument("--jobs", type=int, default=4, help="runs side by side")
    kind = kinds.add_parser("restart", help="how long a start takes after kill -9")
    kind.add_argument("--claims", type=int, default=100_000, help="claims in the store")
    kind.add_argument("--rounds", type=int, default=5)
    kind.add_argument("--limit", type=float, default=2.0, help="seconds; slower is a problem")
    kind.set_defaults(run=restart)
    options = parser.parse_args()
    problems = options.run(options)
    print(f"{problems} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
