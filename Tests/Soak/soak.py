"""An ordinary evening for as long as you like: does the server stay as it was, and does nobody miss a thing?

Buyers chat, claim, order and pay at a steady rate while connections break, come back and resume
(`liveshop load --scenario steady`); a host pins, restocks and sells at flash prices; the server's memory,
threads, descriptors and write-ahead log are watched from outside. Run by scripts/soak for half an hour and,
for some seconds, by test_soak.py. A seed repeats what buyers and host do.
"""

import argparse
import json
import pathlib
import random
import re
import subprocess
import sys
import time
from typing import NamedTuple

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "PythonClient"))

from shop import PROGRAM, ROOT, Shop  # noqa: E402

# Short, so that holds, offers and payments lapse all the time.
SETTINGS = {
    "hold_seconds": 30,
    "hold_warning_seconds": 10,
    "waitlist_offer_seconds": 20,
    "payment_seconds": 60,
}
FLAGS = [word for name, value in SETTINGS.items() for word in ("--set", f"{name}={value}")]
RATES = ["--chat-rate", "2", "--churn-rate", "1"]
BUYERS = ["--order-share", "0.5", "--pay-share", "0.8", "--accept-share", "0.8", "--think", "5"]
SKUS = ("MOON-BOWL", "TIDE-MUG-SEA", "TIDE-MUG-SAND", "CAP-PEAT", "CAP-MOSS")
HOST_SECONDS = 15
SAMPLES = 240

# What may be added to memory from the second quarter to the last. SQLite's page cache (at most 4 MiB, chat
# is in it) and the window of events that clients resume from (at most 4 MiB) fill up and then stay.
SPARE_BYTES = 4 << 20
# By contract a show remembers its keys, claims, holds and orders as long as it lives. Measured over half an
# hour: 271 bytes per journal entry, some of it page cache, 200 when that is full; 0.6 KiB for a claim that is
# ordered and paid, which makes three entries.
ENTRY_BYTES = 500
# A connection that was cut and the one that takes its place may be open at once.
SPARE_DESCRIPTORS = 10
# A checkpoint is due every 512 KiB; one that runs lets the log grow a little more, and its file stays long.
LOG_BYTES = 4 << 20


class Sample(NamedTuple):
    """The server as the operating system sees it at one moment."""

    seconds: float
    resident: int
    own: int
    threads: int
    descriptors: int
    log: int
    processor: float

    def line(self):
        return (
            f"{self.seconds:7.0f} s  {self.resident / 1e6:7.1f} MB, {self.own / 1e6:.1f} of its own; "
            f"{self.threads} threads, {self.descriptors} descriptors, "
            f"log {self.log / 1e6:.2f} MB, {self.processor:.1f} s of processor time"
        )


def look(shop, began):
    process = pathlib.Path("/proc", str(shop.process.pid))
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    ticks = (process / "stat").read_text().rpartition(")")[2].split()[11:13]
    log = shop.data / "liveshop.db-wal"
    return Sample(
        seconds=time.monotonic() - began,
        resident=int(status["VmRSS"].split()[0]) * 1024,
        own=int(status["RssAnon"].split()[0]) * 1024,
        threads=int(status["Threads"]),
        descriptors=len(list((process / "fd").iterdir())),
        log=log.stat().st_size if log.exists() else 0,
        processor=sum(map(int, ticks)) / 100,
    )


class Host:
    """Plays one short script after the other, each decided by chance."""

    def __init__(self, shop, seed):
        self.shop = shop
        self.random = random.Random(seed)
        self.scripts = 0

    def play(self):
        """One script through the console; what went wrong."""
        path = self.shop.directory / "script.txt"
        path.write_text("\n".join(self.verbs()) + "\n")
        self.scripts += 1
        where = ("--data", self.shop.data, "--server", self.shop.http, "--show", self.shop.show)
        done = self.shop.run("host", *where, "--yes", "--script", path, check=False)
        if done.returncode == 0:
            return []
        return [f"the host's script {self.scripts}: {done.stdout}{done.stderr}"]

    def verbs(self):
        sku = self.random.choice(SKUS)
        # Sometimes more than is bought, sometimes less, so that it sells out and people wait. Buyers hear of
        # it before they claim: their report counts from what was on hand then.
        yield f"stock {sku} +{self.random.randrange(10, 90)}"
        yield "wait 1s"
        yield f"pin {sku}"
        chance = self.random.random()
        if chance < 0.3:
            # Over before the next script could want another one.
            yield f"flash {sku} 9.00 6s countdown 2s limit 2"
        elif chance < 0.6:
            yield f"price MITT-MOSS {self.random.randrange(20, 30)}.50"
        else:
            yield f"say {self.scripts} down, more to come"


def soak(minutes, viewers, claims, seed, say):
    """Runs the whole thing and returns the problems found."""
    began = time.monotonic()
    found = []
    shop = Shop(*FLAGS)
    shop.run("import", "--data", shop.data, "--show", shop.show, ROOT / "samples/catalogue.csv")
    with shop:
        shop.host("start\npin MOON-BOWL\n")
        host = Host(shop, seed)
        result = shop.directory / "load.json"
        load = subprocess.Popen(
            [PROGRAM, "load", "--server", shop.http, "--data", shop.data, "--show", shop.show]
            + ["--scenario", "steady", "--viewers", str(viewers), "--seed", str(seed)]
            + [*RATES, "--claim-rate", str(claims), *BUYERS]
            + ["--duration", str(minutes * 60), "--json", result],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            watched = watch(shop, load, host, minutes * 60, began, say)
            found += watched.problems
            say(load.stdout.read().rstrip())
        finally:
            load.kill()
            load.wait()
            load.stdout.close()
        found += [] if load.returncode == 0 else [f"the buyers: liveshop load exits {load.returncode}"]
        seen = json.loads(result.read_text()) if result.exists() else {}
        found += missed(seen)
        if (code := shop.stop()) != 0:
            found.append(f"the server exits {code} on SIGTERM")
        audit = shop.audit()
        say(audit.stdout.rstrip())
        if audit.returncode != 0:
            found.append(f"audit: {audit.stdout}{audit.stderr}")
        entries = int(re.search(r"(\d+) journal entries", audit.stdout)[1])
        say(f"{host.scripts} scripts of the host, {seen.get('reconnects', 0)} returns")
        found += judge(watched.kept, entries, say)
        alarms = [line for line in shop.log if re.search(r" (error|critical) ", line)]
        found += [f"the server said: {line.rstrip()}" for line in alarms]
    return found


class Watched(NamedTuple):
    kept: list
    problems: list


def watch(shop, load, host, seconds, began, say):
    """Looks at the server and lets the host play until the buyers have gone home."""
    watched = Watched([], [])
    told = played = time.monotonic()
    while load.poll() is None:
        try:
            load.wait(seconds / SAMPLES)
        except subprocess.TimeoutExpired:
            watched.kept.append(look(shop, began))
        now = time.monotonic()
        if now - played >= min(HOST_SECONDS, seconds / 2) and load.poll() is None:
            played = now
            watched.problems.extend(host.play())
        if now - told >= max(seconds / 30, 5) and watched.kept:
            told = now
            say(watched.kept[-1].line())
    return watched


def missed(seen):
    """What the buyers' own report says beyond its verdict."""
    if not seen.get("reconnects"):
        return ["no connection was cut and came back"]
    if seen["snapshots_on_return"]:
        return [f"{seen['snapshots_on_return']} returns got a snapshot instead of what they had missed"]
    return []


def judge(samples, entries, say):
    """Whether the server ended as it was, from samples at even distances; the problems."""
    if len(samples) < 8:
        return [f"only {len(samples)} samples"]
    quarter = len(samples) // 4
    early, late = samples[quarter : 2 * quarter], samples[-quarter:]

    def mean(part, name):
        return sum(getattr(sample, name) for sample in part) / len(part)

    # The middles of the two quarters are half of the run apart.
    bounds = {
        "resident": SPARE_BYTES + ENTRY_BYTES * entries / 2,
        "own": SPARE_BYTES + ENTRY_BYTES * entries / 2,
        "threads": 0,
        "descriptors": SPARE_DESCRIPTORS,
    }
    found = []
    for name, allowed in bounds.items():
        before, after = mean(early, name), mean(late, name)
        line = f"{name}: {before:.0f} in the second quarter, {after:.0f} in the last, "
        line += f"at most {allowed:.0f} more"
        say(line)
        if after - before > allowed:
            found.append(f"grows: {line}")
    log = max(sample.log for sample in samples)
    say(f"log: at most {log} bytes of {LOG_BYTES}")
    if log > LOG_BYTES:
        found.append(f"the write-ahead log grew to {log} bytes")
    if entries:
        growth = mean(late, "own") - mean(early, "own")
        say(f"memory per journal entry: {growth / (entries / 2):.0f} bytes ({entries} entries)")
    busy = (samples[-1].processor - samples[0].processor) / (samples[-1].seconds - samples[0].seconds)
    say(f"processor: {busy:.1%} of a core")
    return found


def main():
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--viewers", type=int, default=300)
    parser.add_argument("--claims", type=float, default=5, help="claims per second; 0: nothing to remember")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    options = parser.parse_args()

    def say(line):
        print(line, flush=True)

    say(f"seed {options.seed}, {options.viewers} viewers, {options.minutes:g} minutes")
    found = soak(options.minutes, options.viewers, options.claims, options.seed, say)
    for problem in found[:50]:
        print(f"broken: {problem}")
    print("verdict: " + (f"{len(found)} problems" if found else "as it was; nothing was missed"))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
