"""scripts/bench fanout: what its report calls good, and what it says of memory. Nothing is measured."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts" / "benchmarks"))

import fanout_report  # noqa: E402

SIZE = 10_000
# Each as slow as the ratios ask when LiveShop makes three million a second.
OTHERS = {"NATS": 3e6 / 7, "nchan": 3e6 / 25, "floor, 8 per send": 3e6 / 2.5}


def matrix(liveshop=3e6, **others):
    def cell(rate):
        return {"w1": {"lost": 0}, "w32": {"per_second": rate, "lost": 0}, "rate": {"lost": 0}}

    rates = {"LiveShop": liveshop, **OTHERS, **others}
    return {name: {SIZE: [cell(rate), cell(rate)]} for name, rate in rates.items()}


class PackedBarTests(unittest.TestCase):
    """Messages that may be batched: 4 M/s on a machine like ours, on any other all three ratios."""

    def holds(self, found):
        return fanout_report.matrix_bars(found)[0].holds

    def test_four_million_a_second_are_enough(self):
        fast = {name: 4e6 for name in OTHERS}
        self.assertTrue(self.holds(matrix(liveshop=4e6, **fast)))
        self.assertFalse(self.holds(matrix(liveshop=3.9e6, **fast)))

    def test_on_a_slower_machine_all_three_ratios_are_needed(self):
        self.assertTrue(self.holds(matrix()))
        for name, rate in OTHERS.items():
            with self.subTest(missed=name):
                self.assertFalse(self.holds(matrix(**{name: rate * 1.01})))


class FloorTests(unittest.TestCase):
    """What the floor did stands beside the figures that are asked, and excuses nothing."""

    def test_upgrades(self):
        for rate, holds in ((25_000, True), (24_999, False)):
            herds = [{"viewers": SIZE, "upgraded_seconds": SIZE / rate, "joined_seconds": 1}]
            bar = fanout_report.herd_bars({"upgrades": herds, "floor": herds, "joins": herds})[0]
            self.assertEqual((bar.holds, bar.figure), (holds, f"{rate}/s; the floor {rate}/s"))

    def test_chat(self):
        run = {"lost": 0, "claims_unanswered": 0, "claims_refused": 0, "claim_ms": {"p99": 1}}
        for chat, holds in ((120, True), (121, False)):
            runs = [{**run, "latency_ms": {"p99": chat}}]
            shop = {1000: runs, SIZE: runs, "floor": [{"per_second": 50_000}]}
            bar = fanout_report.shop_bars(shop)[1]
            told = f"{chat} ms; the floor takes 200 ms to tell all one thing"
            self.assertEqual((bar.holds, bar.figure), (holds, told))


class MemoryTests(unittest.TestCase):
    def test_every_server_has_a_row(self):
        idle = {
            "viewers": SIZE,
            "quiet": {"resident_bytes_per_viewer": 3072},
            "peers": {name: 2048.0 * (place + 1) for place, name in enumerate(fanout_report.PEERS)},
        }
        self.assertEqual(
            fanout_report.memory_table(idle),
            "|  | 10,000 viewers |\n|---|---:|\n| LiveShop | 3.00 |\n| nchan | 2.00 |\n"
            "| NATS | 4.00 |\n| Node ws | 6.00 |\n| picows | 8.00 |\n",
        )

    def test_the_bar_tells_what_the_others_take(self):
        busy = {"resident_bytes_per_viewer": 3072, "cpu_seconds": 0.02, "seconds": 10}
        idle = {"viewers": SIZE, "quiet": busy, "pinged": busy, "peers": {"nchan": 10_240}}
        for size, holds in ((3584, True), (3585, False)):
            idle["quiet"] = {**busy, "resident_bytes_per_viewer": size}
            bar = fanout_report.idle_bars(idle)[0]
            self.assertEqual((bar.holds, bar.figure), (holds, "3.50 KiB (nchan 10.00)"))


if __name__ == "__main__":
    unittest.main()
