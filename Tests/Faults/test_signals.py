"""Signals that do not ask for an end: a closed terminal, logrotate, a habit of other servers."""

import os
import pty
import shutil
import signal
import subprocess
import unittest

import neighbours  # noqa: F401

from client import Client
from shop import PROGRAM, Shop
from waiting import wait_until

OTHERS = (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE)


class SignalTests(unittest.TestCase):
    def test_only_term_and_int_end_a_server(self):
        with Shop() as shop, Client(shop.url) as ana:
            ana.hello(name="Ana")
            for number in OTHERS:
                shop.process.send_signal(number)
                ana.request("ping")
            for number in OTHERS[:3]:
                name = signal.Signals(number).name
                line = f"{name} is ignored"
                wait_until(lambda line=line: line in shop.last_log, line)
            self.assertTrue(shop.is_running)
            self.assertEqual(shop.stop(), 0)

    def test_a_closed_terminal_does_not_end_a_server(self):
        shop = Shop()
        self.addCleanup(shutil.rmtree, shop.directory)
        master, slave = pty.openpty()
        # A session of its own whose terminal this is.
        server = subprocess.Popen(
            ["setsid", "-c", "-w", PROGRAM, "serve", "--data", shop.data, "--listen", "127.0.0.1:0"],
            stdin=slave,
            stdout=subprocess.PIPE,
            stderr=slave,
            text=True,
        )
        self.addCleanup(server.kill)
        os.close(slave)
        port = int(server.stdout.readline().split("127.0.0.1:")[1].split("/")[0])
        os.close(master)
        process = int((shop.data / "lock").read_text())
        with Client(f"ws://127.0.0.1:{port}/v1/socket") as ana:
            ana.hello(name="Ana")
            ana.request("ping")
            os.kill(process, signal.SIGTERM)
            ana.notice("server.restarting")
        server.wait(20)
        server.stdout.close()


if __name__ == "__main__":
    unittest.main()
