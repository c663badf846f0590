"""Some seconds of scripts/soak, and servers that do not stay as they were, which have to be found out."""

import random
import unittest

from soak import ENTRY_BYTES, LOG_BYTES, SPARE_BYTES, Sample, judge, missed, soak

FLAT = Sample(0, 40_000_000, 8_000_000, 6, 100, 10_000, 1.0)


def samples(change):
    """Forty samples, a second apart, each changed by its number."""
    return [FLAT._replace(seconds=float(n), **change(n)) for n in range(40)]


class SoakTests(unittest.TestCase):
    def judge(self, change, entries=0):
        return judge(samples(change), entries, lambda line: None)

    def test_half_a_minute_changes_nothing(self):
        seed = random.SystemRandom().randrange(1 << 31)
        lines = []
        found = soak(0.4, 60, 5, seed, lines.append)
        self.assertEqual(found, [], f"seed {seed}\n" + "\n".join(lines))

    def test_memory_that_grows_is_found_out(self):
        self.assertEqual(self.judge(lambda n: {}), [])
        self.assertTrue(self.judge(lambda n: {"resident": 40_000_000 + n * SPARE_BYTES // 19}))
        self.assertTrue(self.judge(lambda n: {"own": 8_000_000 + n * SPARE_BYTES // 19}))

    def test_what_is_remembered_by_contract_is_no_leak(self):
        def change(n):
            return {"own": n * 40 * ENTRY_BYTES}

        def change_and_leak(n):
            return {"own": change(n)["own"] + n * SPARE_BYTES // 19}

        self.assertEqual(self.judge(change, entries=40 * 40), [])
        self.assertTrue(self.judge(change_and_leak, entries=40 * 40))

    def test_threads_descriptors_and_a_log_that_grow_are_found_out(self):
        self.assertTrue(self.judge(lambda n: {"threads": 6 + n // 30}))
        self.assertTrue(self.judge(lambda n: {"descriptors": 100 + n}))
        self.assertTrue(self.judge(lambda n: {"log": LOG_BYTES + 1 if n == 20 else 0}))

    def test_a_run_that_was_too_short_says_nothing(self):
        self.assertTrue(judge(samples(lambda n: {})[:7], 0, lambda line: None))

    def test_a_return_without_what_was_missed_is_found_out(self):
        self.assertEqual(missed({"reconnects": 9, "snapshots_on_return": 0}), [])
        self.assertTrue(missed({"reconnects": 9, "snapshots_on_return": 1}))
        self.assertTrue(missed({"reconnects": 0, "snapshots_on_return": 0}))


if __name__ == "__main__":
    unittest.main()
