"""Waiting for something to become true, with a deadline instead of a sleep of a guessed length."""

import time

DEADLINE_SECONDS = 30
POLL_SECONDS = 0.02


def wait_until(condition, what):
    """Asks again and again; gives what `condition` gives once that is true."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"never happened: {what}")
        time.sleep(POLL_SECONDS)
    return result
