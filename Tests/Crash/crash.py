"""Kills a server in the middle of a sale, again and again; judges what its buyers saw (sale.py).

At random moments the process gets SIGKILL and is started again on the same directory and port.
Run by scripts/crash and, for a few rounds, by test_crash.py. A seed repeats the decisions; when
the network and the kernel do their part is theirs.
"""

import argparse
import asyncio
import random
import sys

from sale import FLAGS, Sale, audit, catalogue
from shop import Shop


async def crash(rounds, seed, buyers, say, meddle=lambda shop, number: None):
    """Runs the whole thing and gives the problems. `meddle` is called while the server is dead."""
    chance = random.Random(seed)
    found = []
    with Shop(*FLAGS, catalogue=catalogue()) as shop:
        shop.host("start\npin FEW\n")
        async with Sale(shop, chance.random(), buyers) as sale:
            for number in range(rounds):
                await sale.busy()
                await asyncio.sleep(chance.uniform(0, 0.5))
                shop.kill()
                found += audit(shop, f"after kill {number + 1}")
                meddle(shop, number)
                await asyncio.to_thread(shop.start)
                say(f"round {number + 1}: {sale.answered} answers so far")
            await sale.busy()
            await sale.close()
        found += await sale.verdict()
        found += audit(shop, "at the end")
        if (code := shop.stop()) != 0:
            found.append(f"the server exits {code} on SIGTERM")
    say(f"{rounds} kills, {sale.summary()}")
    return found


def main():
    parser = argparse.ArgumentParser(prog="scripts/crash", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="how often the server is killed")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument("--buyers", type=int, default=40)
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    found = asyncio.run(
        crash(options.rounds, options.seed, options.buyers, lambda line: print(line, flush=True))
    )
    for problem in found[:50]:
        print(f"broken: {problem}")
    print(f"{len(found)} problems")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
