"""Takes the power away in the middle of a sale, again and again, and judges what its buyers saw.

At a random call to the disk the process is gone and so is whatever was not synced: all of it, or
all but some sectors. Sometimes power goes again while the server is recovering. Used by
scripts/faults and test_power.py.
"""

import random

import neighbours  # noqa: F401

from machine import Machine
from supervisor import Supervisor

from sale import FLAGS, Sale, audit, catalogue
from shop import Shop

# Calls to the disk between two losses; a start makes about fifty.
CALLS_MAX = 600
STARTING_CALLS = 50


async def lose_power(rounds, seed, buyers, say):
    """Runs the whole thing and gives the problems found."""
    chance = random.Random(seed)
    found = []
    shop = Shop(*FLAGS, catalogue=catalogue())
    machine = Machine(shop)
    losses = 0

    def next_loss():
        nonlocal losses
        losses += machine.power_lost
        found.extend(audit(shop, f"after loss {losses}"))
        machine.reset()
        machine.power_seed = chance.choice((0, chance.randrange(1, 1 << 40)))
        if losses < rounds:
            calls = STARTING_CALLS if chance.random() < 0.3 else CALLS_MAX
            machine.power_at = chance.randrange(1, calls)

    with shop:
        shop.host("start\npin FEW\n")
        shop.stop()
        next_loss()
        async with Supervisor(shop, next_loss) as supervisor:
            async with Sale(shop, chance.random(), buyers) as sale:
                while losses < rounds:
                    goal = losses + 1
                    await sale.busy(
                        answers=CALLS_MAX * buyers, until=lambda goal=goal: losses >= goal
                    )
                    say(f"loss {losses}: {sale.answered} answers so far")
                await sale.busy()
                await sale.close()
            found += await sale.verdict()
        found += supervisor.problems
        found += audit(shop, "at the end")
        if (code := shop.stop()) != 0:
            found.append(f"the server exits {code} on SIGTERM")
    say(f"{losses} losses of power, {sale.summary()}")
    return found
