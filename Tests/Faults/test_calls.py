"""One call to the disk fails: a few of what scripts/faults does for each of them."""

import asyncio
import errno
import random
import unittest

from calls import fail_call

# While it starts, and while it sells.
STARTING, SELLING = (1, 50), (51, 300)


class CallTests(unittest.TestCase):
    def check(self, error, span, count=1):
        number = random.SystemRandom().randint(*span)
        outcome = asyncio.run(fail_call(number, error, count))
        report = f"{errno.errorcode[error]} at call {number}: {outcome}"
        self.assertEqual(outcome.problems, [], report)
        self.assertGreater(outcome.faults, 0, report)

    def test_a_call_fails_while_the_server_starts(self):
        for error in (errno.EIO, errno.ENOSPC):
            with self.subTest(error=error):
                self.check(error, STARTING)

    def test_a_call_fails_while_the_server_sells(self):
        for error in (errno.EIO, errno.ENOSPC):
            with self.subTest(error=error):
                self.check(error, SELLING)

    def test_calls_fail_one_after_the_other(self):
        self.check(errno.EIO, SELLING, count=20)


if __name__ == "__main__":
    unittest.main()
