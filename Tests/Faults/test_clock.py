"""The wall clock is set while holds run, and the process is stopped and goes on: no hold notices.

Times are compared with the server's own stamps; that the server's clock itself did not jump is
measured from outside, between the moments around a request.
"""

import datetime
import signal
import time
import unittest

import neighbours  # noqa: F401

from machine import Machine
from waiting import wait_until

from client import Client
from shop import Shop

HOLD_SECONDS = 1
LATE_SECONDS = 1
HOUR, DAY = 3_600_000, 86_400_000
JUMPS = (HOUR, -HOUR, DAY, -DAY)


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Reading:
    """The server's clock, and ours before and after it was read."""

    def __init__(self, client):
        self.before = time.monotonic()
        self.server = moment(client.request("ping")["server_time"])
        self.after = time.monotonic()


class ClockTests(unittest.TestCase):
    def assert_no_jump(self, first, second):
        """The server's clock went on as ours did, as far as milliseconds tell."""
        passed = second.server - first.server
        self.assertGreaterEqual(passed, second.before - first.after - 0.002)
        self.assertLessEqual(passed, second.after - first.before + 0.002)

    def assert_in_time(self, hold, notice):
        late = moment(notice["time"]) - moment(hold["expires_at"])
        self.assertGreaterEqual(late, 0)
        self.assertLessEqual(late, LATE_SECONDS)

    def test_the_wall_clock_is_set_while_holds_run(self):
        shop = Shop("--set", f"hold_seconds={HOLD_SECONDS}")
        machine = Machine(shop)
        with shop:
            shop.host("start\n")
            with Client(shop.url) as ana:
                ana.hello(name="Ana")
                for jump in JUMPS:
                    with self.subTest(jump=jump):
                        start = Reading(ana)
                        hold = ana.request("claim.create", sku="MUG", key=f"{jump}")["hold"]
                        machine.wall_milliseconds = jump
                        self.assert_no_jump(start, Reading(ana))
                        ended = ana.notice("hold.expired")
                        end = Reading(ana)
                        self.assertEqual(ended["data"]["hold"], hold["hold"])
                        self.assert_in_time(hold, ended)
                        self.assert_no_jump(start, end)
                        self.assertGreaterEqual(end.after - start.before, HOLD_SECONDS)
                        # Who comes while the clock is wrong is let in, and finds what is hers.
                        with Client(shop.url) as again:
                            again.token = ana.token
                            self.assertEqual(again.hello()["you"]["holds"], [])
                        machine.wall_milliseconds = 0
            self.assertEqual(shop.audit().returncode, 0)
            self.assertEqual(shop.stop(), 0)
            self.assertIn("the wall clock was set and is 3600 s ahead", shop.last_log)

    def test_a_start_with_another_wall_clock_ends_what_is_overdue_by_it(self):
        shop = Shop("--set", "hold_seconds=600")
        machine = Machine(shop)
        with shop:
            shop.host("start\n")
            with Client(shop.url) as ana:
                ana.hello(name="Ana")
                ana.request("claim.create", sku="MUG", key="1")
            shop.stop()
            machine.wall_milliseconds = HOUR
            shop.start(anew=True)
            with Client(shop.url) as bo:
                bo.hello(name="Bo")
                self.assertEqual(bo.request("claim.create", sku="MUG", key="1")["outcome"], "held")

    def test_a_process_that_was_stopped_ends_what_is_overdue_and_keeps_what_is_not(self):
        with Shop("--set", f"hold_seconds={HOLD_SECONDS}") as shop:
            shop.host("start\n")
            with Client(shop.url) as ana, Client(shop.url) as bo:
                ana.hello(name="Ana")
                bo.hello(name="Bo")
                short = ana.request("claim.create", sku="MUG", key="short")["hold"]
                shop.host("room hold_seconds 600\n")
                long = ana.request("claim.create", sku="TEE-M", key="long")["hold"]
                shop.process.send_signal(signal.SIGSTOP)
                wait_until(lambda: time.time() > moment(short["expires_at"]), "the end of the hold")
                # It lies in the socket until the process goes on: the hold must end first.
                claim = bo.send("claim.create", {"sku": "MUG", "key": "1"})
                shop.process.send_signal(signal.SIGCONT)
                self.assertEqual(bo.answer(claim)["outcome"], "held")
                self.assertEqual(ana.notice("hold.expired")["data"]["hold"], short["hold"])
                with Client(shop.url) as again:
                    again.token = ana.token
                    self.assertEqual(
                        [
                            (hold["hold"], hold["expires_at"])
                            for hold in again.hello()["you"]["holds"]
                        ],
                        [(long["hold"], long["expires_at"])],
                    )
            self.assertEqual(shop.audit().returncode, 0)

    def test_a_process_that_was_stopped_for_a_moment_ends_nothing_early(self):
        with Shop("--set", f"hold_seconds={HOLD_SECONDS}") as shop:
            shop.host("start\n")
            with Client(shop.url) as ana:
                ana.hello(name="Ana")
                start = time.monotonic()
                hold = ana.request("claim.create", sku="MUG", key="1")["hold"]
                shop.process.send_signal(signal.SIGSTOP)
                wait_until(lambda: time.monotonic() > start + HOLD_SECONDS / 2, "half of the hold")
                shop.process.send_signal(signal.SIGCONT)
                ended = ana.notice("hold.expired")
                self.assertGreaterEqual(time.monotonic() - start, HOLD_SECONDS)
                self.assert_in_time(hold, ended)


if __name__ == "__main__":
    unittest.main()
