"""The token in the data directory: found by commands, and sent to a server on this machine only."""

import unittest

from shop import ROOT, Shop

STRANGERS = ("http://shop.invalid:8080", "ws://127.evil.invalid/v1/socket", "http://127.0.0.1.invalid:80")
WARNING = "unencrypted"


class FoundTokenTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shop = cls.enterClassContext(Shop())

    def commands(self, server):
        place = ["--server", server, "--show", "spring", "--data", self.shop.data]
        yield ["host", *place]
        yield ["orders", *place]
        yield ["show", "start", *place]
        yield ["show", "end", *place]
        # A scenario with a host in it.
        yield ["load", *place, "--scenario", ROOT / "samples/load/evening.yaml", "--viewers", "1"]

    def test_it_does_not_go_to_a_stranger(self):
        for server in STRANGERS:
            for command in self.commands(server):
                with self.subTest(command=command):
                    done = self.shop.run(*command, check=False, stdin="")
                    self.assertEqual(done.returncode, 1)
                    self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                    self.assertIn("host.token is for a server on this machine only", done.stderr)
                    self.assertIn("--token-file", done.stderr)

    def test_it_goes_to_this_machine(self):
        for host in ("127.0.0.1", "localhost"):
            server = f"http://{host}:{self.shop.port}"
            done = self.shop.run(
                "host", "--server", server, "--show", "spring", "--data", self.shop.data, stdin="viewers\n"
            )
            self.assertNotIn(WARNING, done.stderr)

    def test_a_token_that_was_given_goes_where_it_is_told_with_a_warning(self):
        token = self.shop.data / "host.token"
        for command in self.commands("http://shop.invalid:8080"):
            with self.subTest(command=command):
                done = self.shop.run(*command, "--token-file", token, check=False, stdin="")
                self.assertEqual(done.returncode, 1)
                self.assertNotIn("on this machine only", done.stderr)
                self.assertEqual(done.stderr.count(WARNING), 1, done.stderr)


if __name__ == "__main__":
    unittest.main()
