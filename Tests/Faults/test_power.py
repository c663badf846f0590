"""Loss of power in the middle of a sale: what was acknowledged is there. And a disk that lies is found out."""

import asyncio
import random
import unittest

from power import lose_power

BUYERS = 10


class PowerTests(unittest.TestCase):
    def lose(self, rounds, seed, **options):
        lines = []
        found = asyncio.run(lose_power(rounds, seed, BUYERS, lines.append, **options))
        return found, f"seed {seed}\n" + "\n".join(lines + found)

    def test_what_was_acknowledged_survives_losses_of_power(self):
        found, report = self.lose(4, random.SystemRandom().randrange(1 << 31))
        self.assertEqual(found, [], report)
        self.assertIn("4 losses of power", report)
        self.assertIn("oversold: 0", report)

    def test_a_disk_that_forgets_what_it_said_it_had_is_found_out(self):
        found, report = self.lose(2, 1, sync_lies=True)
        self.assertTrue(any("missing" in line or "same seq" in line for line in found), report)


if __name__ == "__main__":
    unittest.main()
