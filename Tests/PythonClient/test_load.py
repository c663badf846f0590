"""`liveshop load` against a server that goes away and comes back."""

import json
import socket
import subprocess
import unittest

from client import Client
from shop import ANSWER_SECONDS, PROGRAM, Shop

VIEWERS = 20


class LoadTests(unittest.TestCase):
    def test_attempts_that_fail_are_no_returns(self):
        with Shop() as shop, Client(shop.url) as watcher:
            watcher.hello(name="Watcher")
            shop.host("start\n")
            result = shop.directory / "result.json"
            command = [PROGRAM, "load", "--server", shop.http, "--show", "spring", "--viewers", VIEWERS]
            command += ["--scenario", "steady", "--duration", 5, "--reconnect", "--json", result]
            load = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True)
            watcher.until(lambda m: m["type"] == "viewers.count" and m["data"]["viewers"] > VIEWERS)
            shop.kill()
            with socket.create_server(("127.0.0.1", shop.port)) as door:
                for _ in range(2 * VIEWERS):
                    door.accept()[0].close()
            shop.start()
            output, _ = load.communicate(timeout=3 * ANSWER_SECONDS)
            self.assertEqual(load.returncode, 0, output)
            told = json.loads(result.read_text())
            self.assertGreaterEqual(told["reconnects"], VIEWERS)
            self.assertEqual(told["reconnects"], told["latency_ms"]["return"]["count"])


if __name__ == "__main__":
    unittest.main()
