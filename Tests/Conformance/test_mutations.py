"""No bytes from the network end the program, slow it down for others, or stay in its memory.

CONFORMANCE_SEED repeats a run, CONFORMANCE_ROUNDS makes it longer.
"""

import os
import pathlib
import random
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "PythonClient"))

from client import Client  # noqa: E402
from mutations import BUYER, HOST, play  # noqa: E402
from shop import Shop  # noqa: E402

SEED = int(os.environ.get("CONFORMANCE_SEED") or random.SystemRandom().randrange(1 << 31))
ROUNDS = int(os.environ.get("CONFORMANCE_ROUNDS") or 2000)
# What a damaged name or key may make the show remember, and what the allocator keeps for the next time.
MEMORY_BYTES = 8 << 20


class MutationTests(unittest.TestCase):
    def test_the_program_survives_and_serves_others(self):
        print(f"CONFORMANCE_SEED={SEED}")
        shop = Shop("--set", "request_rate=0")
        # A show of the host's own, which may end. Whoever watches the other one must not notice.
        autumn = ("--data", shop.data, "--show", "autumn")
        shop.run("show", "create", *autumn, "--title", "Autumn", "--currency", "EUR")
        shop.run("import", *autumn, shop.directory / "catalogue.json")
        self.enterContext(shop).host("start\n")
        witness = self.enterContext(Client(shop.url))
        witness.hello(name="Witness")
        buyer, host = (token(shop, role) for role in ("viewer", "host"))
        people = [(shop.show, buyer, BUYER), ("autumn", host, HOST)]
        kept = []
        for number in range(ROUNDS):
            with self.subTest(seed=SEED, round=number):
                play(shop.port, SEED, number, people)
                if number % 50 == 49:
                    self.assertIn("server_time", witness.request("ping"))
                    self.assertTrue(shop.is_running)
                    kept.append(memory(shop.process.pid))
        quarter = len(kept) // 4
        grown = kept[-1] - kept[quarter]
        self.assertLess(grown, MEMORY_BYTES, f"{kept}, seed {SEED}")
        self.assertEqual(shop.stop(), 0)
        audit = shop.audit()
        self.assertEqual(audit.returncode, 0, audit.stdout + audit.stderr)


def token(shop, role):
    return shop.run("token", "--data", shop.data, "--sub", role, "--role", role).stdout.strip()


def memory(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("RssAnon:")[1].split()[0]) * 1024


if __name__ == "__main__":
    unittest.main()
