"""Autobahn's cases against the built program, one connection each, and the deviations that are known.

After each case that must not end the connection, it is asked for an answer, and closed as the RFC says.
"""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "PythonClient"))

from cases import CASES, answer, closed, echoed, pong, send, text  # noqa: E402
from shop import Shop  # noqa: E402
from wire import PING, Connection, closing, frame  # noqa: E402


class Server(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shop = cls.enterClassContext(Shop("--set", "request_rate=0"))

    def connection(self):
        return self.enterContext(Connection(self.shop.port))

    def play(self, steps):
        connection = self.connection()
        for step in steps:
            step(connection)
        if not connection.is_closed:
            for step in (send(text()), answer(), send(closing(1000)), echoed(1000)):
                step(connection)


class AutobahnTests(Server):
    def test_all_cases_are_here(self):
        numbers = [case.number for case in CASES]
        self.assertEqual(len(set(numbers)), len(numbers))
        self.assertEqual(len(numbers), 301)


def test_of(case):
    def test(self):
        self.play(case.steps)

    test.__doc__ = f"{case.number}: {case.what}"
    return test


for one in CASES:
    setattr(AutobahnTests, "test_" + one.number.replace(".", "_"), test_of(one))


class ControlTests(Server):
    def test_pings_of_every_length_are_answered(self):
        lengths = [b"p" * length for length in range(126)]
        self.play([step for payload in lengths for step in (send(frame(PING, payload)), pong(payload))])


class DeviationTests(Server):
    """Where libwebsockets 4.1.6 is not as strict as the RFC; more of it is marked in cases.py.

    docs/PROTOCOL.md tells clients. A test that fails here may be good news.
    """

    def test_an_unmasked_frame_is_taken(self):
        self.play([send(text(masked=False)), answer()])

    def test_codes_1012_to_1014_are_answered_1002(self):
        for code in (1012, 1013, 1014):
            self.play([send(closing(code)), closed(1002)])

    def test_after_a_protocol_error_the_end_may_be_late_but_comes(self):
        numbers = ("3.1", "3.5", "3.6", "3.7", "4.1.1", "5.1", "7.3.2")
        late = [case for case in CASES if case.number in numbers]
        connections = []
        for case in late:
            connections.append(self.connection())
            for step in case.steps:
                step(connections[-1])
        for connection in connections:
            self.assertEqual(connection.next(), ("end",))


if __name__ == "__main__":
    unittest.main()
