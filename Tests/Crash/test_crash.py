"""A few rounds of scripts/crash, and a server that forgets, which has to be found out."""

import asyncio
import random
import shutil
import unittest

from crash import crash

BUYERS = 20


class CrashTests(unittest.TestCase):
    def crash(self, rounds, seed, meddle=lambda shop, number: None):
        lines = []
        found = asyncio.run(crash(rounds, seed, BUYERS, lines.append, meddle))
        return found, f"seed {seed}\n" + "\n".join(lines + found)

    def test_what_was_acknowledged_survives_three_kills(self):
        found, report = self.crash(3, random.SystemRandom().randrange(1 << 31))
        self.assertEqual(found, [], report)
        self.assertIn("oversold: 0", report)

    def test_a_server_that_forgets_is_found_out(self):
        def go_back(shop, number):
            kept = shop.directory / "kept"
            if number == 0:
                shutil.copytree(shop.data, kept)
            if number == 1:
                shutil.rmtree(shop.data)
                shutil.move(kept, shop.data)

        found, report = self.crash(2, 1, go_back)
        self.assertTrue(any("was not resumed" in line for line in found), report)
        self.assertTrue(any("missing" in line or "acknowledged" in line for line in found), report)


if __name__ == "__main__":
    unittest.main()
