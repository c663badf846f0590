"""Whose data it is: root and strangers on a directory of another user.

Only root can play this; others skip it.
"""

import os
import shutil
import subprocess
import unittest

import neighbours  # noqa: F401

from client import Client
from shop import PROGRAM, NotStarted, Shop

NOBODY = 65534


def owners(directory):
    return {path.name: path.stat().st_uid for path in [directory, *directory.iterdir()]}


def give(directory, user):
    for path in [directory, *directory.iterdir()]:
        os.chown(path, user, user)


@unittest.skipUnless(os.geteuid() == 0, "only root can give files away")
class OwnerTests(unittest.TestCase):
    """The data of a server that was killed, so that its log is still there."""

    def setUp(self):
        self.shop = Shop()
        self.addCleanup(shutil.rmtree, self.shop.directory)
        self.shop.directory.chmod(0o755)
        self.shop.start(anew=True)
        self.shop.host("start\n")
        with Client(self.shop.url) as ana:
            ana.hello(name="Ana")
            ana.request("claim.create", sku="MUG", key="1")
        self.shop.kill()

    def run_as(self, user, *arguments):
        return subprocess.run(
            [PROGRAM, *map(str, arguments)],
            capture_output=True,
            text=True,
            user=user,
            group=user,
            extra_groups=[],
            cwd="/",
            timeout=60,
            check=False,
        )

    def commands(self, name):
        """Reading and writing commands on the directory."""
        data = ["--data", self.shop.data]
        show = ["--show", "spring"]
        catalogue = self.shop.directory / "catalogue.json"
        return {
            "reading": [
                ["show", "list", *data],
                ["events", *data, *show],
                ["orders", *data, *show],
                ["import", *data, *show, "--dry-run", catalogue],
                ["audit", *data],
                ["token", *data, "--sub", "ana", "--role", "viewer"],
                ["token", *data, "--sub", "ines", "--role", "host", "--name", "Ines"],
                ["backup", *data, "--to", self.shop.directory / f"{name}.db"],
            ],
            "writing": [
                ["show", "create", *data, "--show", "two", "--title", "Two", "--currency", "EUR"],
                ["import", *data, *show, catalogue],
                ["show", "end", *data, *show],
                ["serve", *data, "--listen", "127.0.0.1:0"],
            ],
        }

    def test_root_reads_what_is_another_users_and_leaves_nothing_behind(self):
        give(self.shop.data, NOBODY)
        before = owners(self.shop.data)
        for command in self.commands("log")["reading"]:
            done = self.run_as(0, *command)
            self.assertEqual(done.returncode, 0, f"{command}: {done.stderr}")
        for missing in ("liveshop.db-shm",):
            (self.shop.data / missing).unlink(missing_ok=True)
            self.assertEqual(self.run_as(0, "audit", "--data", self.shop.data).returncode, 0)
        self.assertEqual(set(owners(self.shop.data).values()), {NOBODY})
        self.assertEqual(set(before) - set(owners(self.shop.data)), set())

    def test_root_writes_nothing_there(self):
        give(self.shop.data, NOBODY)
        before = owners(self.shop.data)
        content = (self.shop.data / "liveshop.db").read_bytes()
        commands = self.commands("x")["writing"]
        commands.append(["restore", "--data", self.shop.data, "--from", self.shop.data / "liveshop.db"])
        for command in commands:
            done = self.run_as(0, *command)
            self.assertEqual(done.returncode, 1, command)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertIn("belongs to nobody", done.stderr)
            self.assertIn("sudo -u nobody liveshop", done.stderr)
        self.assertEqual(owners(self.shop.data), before)
        self.assertEqual((self.shop.data / "liveshop.db").read_bytes(), content)
        # Its own user goes on as if nothing had been.
        done = self.run_as(NOBODY, *self.commands("x")["writing"][0])
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_stranger_is_told_that_he_may_not(self):
        for command in [kind for kinds in self.commands("x").values() for kind in kinds]:
            done = self.run_as(NOBODY, *command)
            self.assertEqual(done.returncode, 1, command)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertNotIn("there is no LiveShop data", done.stderr)
            said = done.stderr.lower()
            self.assertTrue("permission denied" in said or "belongs to root" in said, done.stderr)
        done = self.run_as(NOBODY, "host", "--data", self.shop.data, "--show", "spring")
        self.assertIn("permission denied", done.stderr.lower())

    def test_a_file_of_another_user_is_refused(self):
        os.chown(self.shop.data / "secret.key", NOBODY, NOBODY)
        with self.assertRaises(NotStarted) as refused:
            self.shop.start(anew=True)
        self.assertEqual(refused.exception.code, 1)
        self.assertIn("secret.key belongs to nobody: chown root", refused.exception.log)


if __name__ == "__main__":
    unittest.main()
