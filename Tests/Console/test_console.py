"""The consoles of hosts and viewers as their users see them: on a terminal, and through pipes."""

import json
import os
import pathlib
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "PythonClient"))

from shop import PROGRAM, Shop  # noqa: E402
from terminal import Terminal  # noqa: E402


class ConsoleTest(unittest.TestCase):
    def setUp(self):
        self.shop = Shop()
        self.shop.__enter__()
        self.addCleanup(self.shop.__exit__)
        self.home = self.shop.directory

    def host(self, *flags, **window):
        arguments = ["host", "--server", self.shop.http, "--show", "spring", "--data", str(self.shop.data)]
        terminal = Terminal([PROGRAM, *arguments, *flags], home=self.home, **window)
        self.addCleanup(terminal.__exit__)
        terminal.see("spring>")
        return terminal

    def watch(self, name, *flags, **window):
        arguments = ["watch", "--server", self.shop.http, "--show", "spring", "--name", name]
        terminal = Terminal([PROGRAM, *arguments, *flags], home=self.home, **window)
        self.addCleanup(terminal.__exit__)
        terminal.see("spring>")
        return terminal

    def say(self, *texts):
        self.shop.host("".join(f"say {text}\n" for text in texts))


class HostOnATerminal(ConsoleTest):
    def test_a_show_from_start_to_end(self):
        host = self.host()
        host.see("help lists the verbs")
        host.enter("help")
        host.see("help VERB shows how a verb is written")
        host.enter("start")
        host.see("The show has begun.")
        host.enter("pin MUG")
        host.see("On screen: Mug (MUG 9.00 EUR)")
        host.enter("flash MUG 5.00 60s countdown 0s")
        host.see("Flash sale: MUG for 5.00 EUR, only for 1:00!")
        with self.watch("Ana") as ana:
            ana.see("On screen: Mug (MUG 5.00 EUR)" if "5.00" in ana.screen.text() else "On screen: Mug")
            ana.enter("/claim MUG")
            ana.see("Held for you: 1 piece of MUG at 5.00 EUR")
            host.see("MUG is sold out.")
            ana.enter("/order")
            ana.see("5.00 EUR. Pay within")
            ana.enter("/pay")
            ana.see("is paid: 5.00 EUR. Thank you!")
            ana.enter("/quit")
            self.assertEqual(ana.wait(), 0)
        host.enter("stock MUG +2")
        host.see("MUG is back in stock.")
        host.enter("end")
        host.see("end the show? [y/N]")
        host.enter("")
        host.see("not done")
        host.enter("end")
        host.until(lambda shown: shown.count("[y/N]") == 2, "the question again")
        host.enter("y")
        host.see("The show is over.")
        host.enter("quit")
        self.assertEqual(host.wait(), 0)

    def test_what_is_typed_survives_what_arrives(self):
        host = self.host()
        host.type("say half of")
        host.see("spring> say half of")
        self.say(*(f"line {number}" for number in range(8)))
        shown = host.until(
            lambda shown: "line 7" in shown and "spring> say half of" in shown, "the line below the chat"
        )
        self.assertEqual(shown.count("spring>"), 1)
        self.assertLess(shown.index("line 7"), shown.index("spring> say half of"))
        host.enter(" it")
        host.see("Host: half of it")

    def test_a_line_that_wraps_is_not_torn(self):
        host = self.host(columns=20, rows=12)
        host.type("say " + "0123456789" * 3)
        host.see("spring> say 01234567\n89012345678901234567\n89")
        self.say("x")
        shown = host.until(lambda shown: "Host: x" in shown and shown.endswith("\n89"), "the line again")
        self.assertEqual(shown.count("spring>"), 1)
        host.type("\x01\x0b")
        host.until(lambda shown: shown.endswith("spring>"), "an empty line")

    def test_resizing_while_typing(self):
        host = self.host()
        host.type("say twenty columns are enough")
        host.see("spring> say twenty columns are enough")
        host.resize(20, 10)
        host.see("are enough")
        self.say("narrow")
        host.see("Host: na")
        host.resize(90, 24)
        host.enter(" for me")
        host.see("Host: twenty columns are enough for me")
        host.see("SCHEDULED")

    def test_ctrl_c_clears_and_ctrl_d_leaves(self):
        host = self.host()
        host.type("pin MUG and")
        host.see("pin MUG and")
        host.type("\x03")
        host.see("pin MUG and^C")
        host.type("\x03")
        host.see("quit or Ctrl-D leaves; the show goes on")
        host.type("\x04")
        self.assertEqual(host.wait(), 0)
        self.assertTrue(host.is_cooked())
        self.assertEqual((host.screen.top, host.screen.bottom), (0, 23))
        self.assertTrue(host.raw.endswith(b"\x1b[?2004l"), host.raw[-60:])

    def test_tab_and_history(self):
        host = self.host()
        host.type("pi\tTEE-S\t")
        host.see("spring> pin TEE-S")
        host.type("\r")
        host.see("On screen: Tee")
        host.enter("quit")
        self.assertEqual(host.wait(), 0)
        history = self.home / ".liveshop_history"
        self.assertEqual(stat.S_IMODE(os.stat(history).st_mode), 0o600)
        host = self.host()
        host.type("\x1b[A\x1b[A")
        host.see("spring> pin TEE-S")

    def test_a_killed_server(self):
        host = self.host()
        host.type("say kept")
        host.see("say kept")
        self.shop.kill()
        host.see("connection lost")
        host.see("spring> say kept")
        host.type("\r")
        host.see("not connected at the moment")
        self.shop.start()
        host.see("connected again")
        host.enter("pin MUG")
        host.see("On screen: Mug")

    def test_a_pasted_text_waits_for_enter(self):
        host = self.host()
        host.type("\x1b[200~say one\rsay two\x03\x1b[2J\x1b[201~")
        host.see("spring> say one say two")
        host.type("\r")
        host.see("Host: one say two")

    def test_a_file_runs_to_its_first_error(self):
        script = self.home / "run.txt"
        script.write_text("say one\nwait chat.message 10s\npin NOTHING\nsay three\n")
        host = self.host()
        host.enter(f"run {script}")
        host.see("> say one")
        host.see("the rest of the file was not carried out")
        self.assertNotIn("three", host.screen.text())
        host.enter("wait 1h")
        host.type("\x03")
        host.see("stopped")

    def test_a_dry_run_changes_nothing(self):
        host = self.host("--dry-run")
        host.enter("end")
        host.see("would send show.end {}")
        done = self.shop.run(
            "host", "--data", self.shop.data, "--server", self.shop.http, "--show", "spring", "--dry-run",
            stdin="start\nwait sold_out\nstock MUG =9\nviewers\n",
        )
        self.assertIn("would send show.start {}", done.stdout)
        self.assertIn("viewers=1", done.stdout)
        self.assertEqual(self.shop.host("viewers\n").stdout.split(" · ")[2], "scheduled")

    def test_a_signal_gives_the_terminal_back(self):
        host = self.host()
        os.kill(host.process, 15)
        self.assertEqual(host.wait(), 0)
        self.assertTrue(host.raw.endswith(b"\x1b[?2004l"))
        self.assertTrue(host.is_cooked())


class ViewerOnATerminal(ConsoleTest):
    def test_the_language_is_that_of_the_option(self):
        viewer = self.watch("Ana", "--language", "fi")
        viewer.see("Olet Ana lähetyksessä ”Spring” (ei vielä alkanut).")
        viewer.enter("/nope")
        viewer.see("Tuntematon komento /nope")

    def test_control_bytes_of_others_are_not_drawn(self):
        host = self.host()
        self.say("bad \x1b[2J\x1b]0;title\x07 \x9b31m \u202eevil")
        host.see("bad")
        # The terminal of this test refuses what is not drawn on purpose.
        host.enter("viewers")
        host.see("viewers=1")
        self.assertNotIn(b"\x1b[2J", host.raw)
        self.assertNotIn(b"\x1b]", host.raw)
        self.assertNotIn("\x9b".encode(), host.raw)
        self.assertNotIn("\u202e".encode(), host.raw)

    def test_a_ban_ends_it(self):
        viewer = self.watch("Ana")
        self.shop.host("ban Ana spam\n")
        self.assertEqual(viewer.wait(), 1)
        viewer.see("You are shut out of this show.")


class ThroughPipes(ConsoleTest):
    def arguments(self, *flags):
        return [PROGRAM, "watch", "--server", self.shop.http, "--show", "spring", *flags]

    def test_lines_without_colour(self):
        self.shop.host("start\n")
        done = subprocess.run(
            self.arguments("--name", "Ana", "--language", "en"), input="/claim MUG\n/holds\nhi\n/quit\n",
            capture_output=True, text=True, timeout=60, check=True,
        )
        self.assertIn("Held: 1 × MUG at 9.00 EUR", done.stdout)
        self.assertNotIn("\x1b", done.stdout)

    def test_json_is_one_object_a_line(self):
        done = subprocess.run(
            self.arguments("--name", "Ana", "--output", "json"), input="hi\n/calim X\n/claim NO\n/quit\n",
            capture_output=True, text=True, timeout=60, check=True,
        )
        types = [json.loads(line).get("type") for line in done.stdout.splitlines()]
        self.assertEqual(types[0], "reply")
        self.assertIn("error", types)

    def test_a_reader_that_goes_away(self):
        command = "(echo hi; sleep 5) | \"$0\" \"$@\" | head -1"
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command, *self.arguments("--name", "Ana")],
            capture_output=True, text=True, timeout=60, check=False,
        )
        self.assertIn("You are Ana", done.stdout)
        self.assertEqual(done.stderr, "")

    def test_wrong_use_is_one_line(self):
        for flags, part in [(("--name", "A", "--language", "xx"), "'xx' is no language"), ((), "who is watching?")]:
            done = subprocess.run(self.arguments(*flags), capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(part, done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1)


if __name__ == "__main__":
    unittest.main()
