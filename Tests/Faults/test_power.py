"""Loss of power in the middle of a sale.

What was acknowledged is there; what a disk only said it had is not.
"""

import asyncio
import os
import random
import shutil
import subprocess
import unittest

import neighbours  # noqa: F401

from machine import Machine
from power import lose_power

from client import Client
from shop import PROGRAM, Shop

BUYERS = 10


class PowerTests(unittest.TestCase):
    def lose(self, rounds, seed):
        lines = []
        found = asyncio.run(lose_power(rounds, seed, BUYERS, lines.append))
        return found, f"seed {seed}\n" + "\n".join(lines + found)

    def test_what_was_acknowledged_survives_losses_of_power(self):
        found, report = self.lose(4, random.SystemRandom().randrange(1 << 31))
        self.assertEqual(found, [], report)
        self.assertIn("4 losses of power", report)
        self.assertIn("oversold: 0", report)

    def test_a_disk_that_forgets_what_it_said_it_had_loses_it(self):
        """What is taken away is really gone: a claim is, if the syncs before it were lies."""
        for lies in (0, 1):
            with self.subTest(lies=lies):
                shop = Shop()
                with shop:
                    shop.host("start\n")
                    shop.stop()
                    machine = Machine(shop)
                    machine.sync_lies = lies
                    shop.start(anew=True)
                    with Client(shop.url) as ana:
                        ana.hello(name="Ana")
                        hold = ana.request("claim.create", sku="MUG", key="1")["hold"]["hold"]
                        machine.power_now = 1
                        ana.send("claim.create", {"sku": "TEE-M", "key": "2"})
                        shop.ended()
                    self.assertEqual(machine.power_lost, 1)
                    machine.reset()
                    shop.start(anew=True)
                    with Client(shop.url) as again:
                        again.token = ana.token
                        holds = [held["hold"] for held in again.hello()["you"]["holds"]]
                    self.assertEqual(holds, [] if lies else [hold])


class CommandTests(unittest.TestCase):
    """What a command said it did is there, though power goes the moment it ends."""

    def test_a_new_directory_with_a_show(self):
        shop = Shop()
        self.addCleanup(shutil.rmtree, shop.directory)
        parent = shop.directory / "shops"
        parent.mkdir()
        for place in ("in the directory", "around it"):
            with self.subTest(place):
                data = parent / place.replace(" ", "-")
                machine = Machine(shop, directory=parent if place == "around it" else data)
                machine.power_exit = 1
                create = [
                    PROGRAM,
                    "show",
                    "create",
                    "--data",
                    str(data),
                    "--show",
                    "s",
                    "--title",
                    "T",
                ]
                subprocess.run(
                    [*create, "--currency", "EUR"],
                    env={**os.environ, **shop.environment},
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
                self.assertEqual(machine.power_lost, 1)
                self.assertIn("s", shop.run("show", "list", "--data", data).stdout)


if __name__ == "__main__":
    unittest.main()
