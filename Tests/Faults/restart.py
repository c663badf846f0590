"""How long a start takes after kill -9 in a sale that has granted many claims.

Used by scripts/faults restart.
"""

import sqlite3
import subprocess
import time

import neighbours  # noqa: F401

from sale import FLAGS, audit
from shop import PROGRAM, Shop

UNITS = 10_000_000
SKU = "PLENTY"
VIEWERS = 100
LOAD_SECONDS = 5
# A command that reads the whole journal of a big show may take its time.
RUN_SECONDS = 300


def granted(shop):
    """Units held, read beside the server."""
    database = sqlite3.connect(f"file:{shop.data / 'liveshop.db'}?mode=ro", uri=True)
    (held,) = database.execute("SELECT held FROM stock WHERE sku = ?", (SKU,)).fetchone()
    database.close()
    return held


def load(shop, seconds):
    return subprocess.Popen(
        [
            PROGRAM, "load", "--server", shop.http, "--show", shop.show, "--data", str(shop.data),
            "--scenario", "claims", "--viewers", str(VIEWERS), "--inflight", "8", "--sku", SKU,
            "--duration", str(seconds),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip


def restarts(claims, rounds):
    """Kills and starts a server that granted so many; their number, the times, the problems."""
    variants = [{"sku": SKU, "title": SKU, "price": 1000, "on_hand": UNITS}]
    shop = Shop(*FLAGS, catalogue={"products": [{"id": "p", "title": "P", "variants": variants}]})
    times, found = [], []
    with shop:
        shop.host("start\n")
        while granted(shop) < claims:
            done = load(shop, LOAD_SECONDS)
            output, _ = done.communicate(timeout=RUN_SECONDS)
            if done.returncode != 0:
                raise AssertionError(
                    f"the load ends with {done.returncode}: {output.decode()[-500:]}"
                )
        for _ in range(rounds):
            # In the middle of claims, so that there is a log to recover, too.
            running = load(shop, LOAD_SECONDS)
            before = granted(shop)
            while granted(shop) == before:
                time.sleep(0.01)
            shop.kill()
            running.kill()
            running.wait()
            start = time.monotonic()
            shop.start(anew=True)
            times.append(time.monotonic() - start)
        total = granted(shop)
        found += audit(shop, "at the end")
        if (code := shop.stop()) != 0:
            found.append(f"the server exits {code} on SIGTERM")
    return total, times, found
