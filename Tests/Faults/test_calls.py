"""One call to the disk fails: a few of what scripts/faults does for each of them."""

import asyncio
import errno
import random
import unittest

from calls import fail_call
from machine import OPEN

# While it starts, and while it sells.
STARTING, SELLING = (1, 50), (51, 150)
# Which files a start opens: the lock, the database twice to look at it, then SQLite opens the two.
DATABASE_OPENED, LOG_OPENED = 4, 5


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

    def test_a_file_that_cannot_be_opened_for_writing_just_then(self):
        # SQLite would go on with it for reading, and never write again.
        for number in (DATABASE_OPENED, LOG_OPENED):
            with self.subTest(number=number):
                outcome = asyncio.run(fail_call(number, errno.EIO, kinds=OPEN))
                self.assertEqual(outcome.problems, [], outcome)
                self.assertIn("cannot be written", outcome.end)

    def test_calls_fail_one_after_the_other(self):
        self.check(errno.EIO, SELLING, count=20)


if __name__ == "__main__":
    unittest.main()
