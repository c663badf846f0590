"""The packaged unit: what systemd thinks of its sandbox, and that the program lives within it."""

import re
import shutil
import subprocess
import unittest

import neighbours  # noqa: F401

from client import Client
from shop import ROOT, Shop
from waiting import wait_until

UNIT = ROOT / "packaging/liveshop.service"
EXPOSURE_MAX = 2.5
ANALYZE = shutil.which("systemd-analyze")


def analyze(*arguments):
    done = subprocess.run([ANALYZE, *map(str, arguments)], capture_output=True, text=True, check=True)
    return done.stdout


def system_calls_of(group):
    """The names in a group of systemd's filters and in the groups it is made of."""
    names = set()
    for line in analyze("syscall-filter", group).splitlines()[1:]:
        word = line.strip()
        if word.startswith("@"):
            names |= system_calls_of(word)
        elif word and not word.startswith("#"):
            names.add(word)
    return names


@unittest.skipUnless(ANALYZE, "systemd-analyze is not installed")
class ServiceTests(unittest.TestCase):
    def test_the_units_sandbox_is_tight(self):
        verdict = analyze("security", "--offline=yes", UNIT)
        level = float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", verdict)[1])
        self.assertLess(level, EXPOSURE_MAX)

    @unittest.skipUnless(shutil.which("strace"), "strace is not installed")
    def test_a_sale_makes_no_call_that_the_unit_forbids(self):
        with Shop() as shop:
            shop.kill()
            calls = shop.directory / "calls"
            self.serve(shop, calls)
            wait_until(lambda: "+++ exited with 0 +++" in calls.read_text(errors="replace"), "the trace is whole")
            made = calls.read_text(errors="replace")
        names = set(re.findall(r"^\d+ +([a-z_0-9]+)\(", made, re.MULTILINE))
        self.assertIn("fdatasync", names)
        self.assertEqual(names - system_calls_of("@system-service"), set())
        writable_code = [
            line for line in made.splitlines() if "PROT_WRITE" in line and "PROT_EXEC" in line
        ]
        self.assertEqual(writable_code, [])
        families = set(re.findall(r" socket\((AF_[A-Z0-9]+)", made))
        self.assertLessEqual(families, {"AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"})

    def serve(self, shop, calls):
        """A short sale under strace."""
        shop.wrapper = ["strace", "-D", "-f", "-o", str(calls)]
        shop.start(anew=True)
        shop.host("start\npin MUG\n")
        with Client(shop.url) as ana:
            ana.hello(name="Ana")
            ana.request("claim.create", sku="MUG", key="1")
            ana.request("chat.send", text="mine")
        self.assertEqual(shop.stop(), 0)


if __name__ == "__main__":
    unittest.main()
