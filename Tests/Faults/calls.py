"""Makes one call to the disk fail in a small sale, and judges what its buyers saw.

The n-th call, or that and some after it, from the start of the server on: opening, reading,
writing, syncing, naming. Whatever fails, the server either goes on and is whole again by itself,
or ends with 1 and a reason and is whole after the next start. Used by scripts/faults (n = 1, 2, 3
… until a run meets no fault) and, for a few n, by test_calls.py.
"""

import errno

import neighbours  # noqa: F401

from machine import ALL, CUT, NAME, OPEN, SYNC, WRITE, Machine
from supervisor import Supervisor

from sale import FLAGS, Sale, audit, catalogue
from shop import Shop

BUYERS = 4
ANSWERS = 40
# Only these need room on the disk.
KINDS = {errno.EIO: ALL, errno.ENOSPC: OPEN | WRITE | CUT | SYNC | NAME}


class Outcome:
    """What came of one run."""

    def __init__(self):
        self.faults = 0
        self.calls = 0
        self.call = ""
        self.end = ""
        self.refusals = 0
        self.problems = []

    def __str__(self):
        if not self.faults:
            return "met no fault"
        end = f"ended: {self.end}" if self.end else "went on"
        return f"{self.call}: {end}, {self.refusals} refused for now"


async def fail_call(number, error, count=1, seed=1, kinds=None):
    """One sale in which `count` calls (of these kinds) from the n-th on fail."""
    outcome = Outcome()
    shop = Shop(*FLAGS, catalogue=catalogue())
    with shop:
        shop.host("start\npin FEW\n")
        # So that there is a log to recover from.
        shop.kill()
        machine = Machine(shop)

        def arm():
            machine.kinds = kinds or KINDS[error]
            machine.fail_error = error
            machine.fail_count = count
            machine.fail_at = number

        def note():
            outcome.faults += machine.faults
            outcome.call = machine.last or outcome.call
            outcome.calls = max(outcome.calls, machine.calls)
            machine.reset()

        arm()
        async with Supervisor(shop, note) as supervisor:
            async with Sale(shop, seed, BUYERS) as sale:
                await sale.busy(answers=ANSWERS)
                await sale.close()
            # Nothing fails while the server is asked how things stand; those calls do not count.
            machine.fail_at, at_close = 0, machine.calls
            outcome.problems += await sale.verdict()
        outcome.refusals = sum(buyer.refused_for_now for buyer in sale.crowd)
        outcome.problems += supervisor.problems
        if supervisor.ends:
            outcome.end = supervisor.ends[-1].reason
        outcome.problems += audit(shop, "at the end")
        faults_before = outcome.faults + machine.faults
        if not faults_before:
            machine.fail_at = number + machine.calls - at_close
        code = shop.stop()
        note()
        # A fault while it closes may cost the good ending, and nothing else.
        if code != 0 and (code != 1 or outcome.faults == faults_before):
            outcome.problems.append(f"the server exits {code} on SIGTERM")
        outcome.problems += audit(shop, "after the end")
    return outcome
