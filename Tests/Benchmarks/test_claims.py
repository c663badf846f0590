"""What scripts/bench claims says is only worth what its instruments are: the histogram, the load
generator that must notice a wrong answer, the report. No server is measured here.
"""

import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "benchmarks"))

import claims_report  # noqa: E402
import machine  # noqa: E402

HISTOGRAM = r"""
#include "histogram.h"

static struct histogram all;

int main(void) {
    for (uint64_t value = 0, before = 0; value < 1ull << 63; value += value / 100 + 1) {
        unsigned bucket = histogram_bucket(value);
        uint64_t told = histogram_value(bucket);
        if (bucket < before || bucket >= HISTOGRAM_BUCKETS) return printf("bucket %u\n", bucket);
        if (told < value || told - value > value / 100) return printf("%zu\n", (size_t)value);
        before = bucket;
    }
    if (histogram_bucket(UINT64_MAX) != HISTOGRAM_BUCKETS - 1) return printf("the last bucket\n");
    for (uint64_t value = 1; value <= 1000; value++) histogram_add(&all, value * 1000);
    histogram_print(&all);
    char key[KEY_BYTES + 1] = "";
    random_seed();
    random_key(key);
    printf(" %s", key);
    return 0;
}
"""


class FakeRedis:
    """Answers each request with the next of the given answers, the last one for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.keys = []
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        connection, _ = self.listener.accept()
        with connection, connection.makefile("rwb") as stream:
            while line := stream.readline():
                self.keys.append(line.split()[0])
                stream.write(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
                stream.flush()

    def close(self):
        self.listener.close()
        self.thread.join()


class LoadTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        machine.BUILD.mkdir(parents=True, exist_ok=True)
        cls.program = machine.compile_c("load")

    def load(self, *answers, depth=1, count=50):
        server = FakeRedis(*answers)
        self.addCleanup(server.close)
        flags = (
            "--protocol",
            "resp",
            "--port",
            server.port,
            "--request",
            "%k %i\r\n",
            "--expect",
            "held",
        )
        command = [self.program, *flags, "--depth", depth, "--count", count]
        done = subprocess.run(
            list(map(str, command)), capture_output=True, text=True, timeout=30, check=False
        )
        return done, server

    def test_counts_an_answer_for_each_request_and_uses_a_key_once(self):
        done, server = self.load(b"$4\r\nheld\r\n", depth=7)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn('"all":50,', done.stdout)
        self.assertEqual((len(server.keys), len(set(server.keys))), (50, 50))

    def test_one_refusal_among_grants_fails_the_run(self):
        done, _ = self.load(
            b"$4\r\nheld\r\n", b"$4\r\nheld\r\n", b"+sold_out\r\n", b"$4\r\nheld\r\n"
        )
        self.assertEqual(done.returncode, 1)
        self.assertIn("expected held, got sold_out", done.stderr)

    def test_an_answer_too_many_fails_the_run(self):
        done, _ = self.load(b"+held\r\n+held\r\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn("not open", done.stderr)


class HistogramTests(unittest.TestCase):
    def test_no_value_is_told_too_small_or_one_percent_too_large(self):
        with tempfile.TemporaryDirectory() as folder:
            source, program = pathlib.Path(folder, "test.c"), pathlib.Path(folder, "test")
            source.write_text(HISTOGRAM)
            flags = ("-std=gnu11", "-I", machine.SOURCES, "-o", program)
            subprocess.run([machine.compiler(), *flags, source], check=True)
            done = subprocess.run([program], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        figures, key = done.stdout.split(" ")
        self.assertRegex(
            figures, r'^"p50_us":50\d\.\d,"p99_us":99\d\.\d,"p999_us":1000\.0,"max_us":1000\.0$'
        )
        self.assertRegex(
            key, r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
        )


SHAPES = (*claims_report.COLUMNS, claims_report.TURNS)


def results(claim=70_000, gap_us=1000):
    def one(rate, **more):
        return {
            "rate": rate,
            "answers": 1,
            "all": 1,
            "seconds": 1,
            "p50_us": 100,
            "p99_us": 200,
            "p999_us": 300,
            "max_us": 400,
            "longest_gap_us": 1,
            "server_us": 1.5,
            "client_cpu": 0.3,
            "foreign": 0,
            **more,
        }

    found = {
        # The second round was slow for both: the ratio does not notice.
        "claim": {at: [one(claim), one(claim / 2), one(claim)] for at in SHAPES},
        "ping": {at: [one(100_000), one(50_000), one(100_000)] for at in SHAPES},
        "redis always": {
            at: [one(70_000), one(35_000), one(70_000)] for at in claims_report.COLUMNS
        },
        "sold out": {
            at: [one(90_000), one(45_000), one(90_000)] for at in ("1000", claims_report.TURNS)
        },
        "node + redis always": {"1000": [one(20_000), one(10_000), one(20_000)]},
        "postgresql": {
            "1": [one(4000), one(2000), one(4000)],
            "64": [one(1000), one(500), one(1000)],
        },
        "sqlite": {"1": [one(10_000), one(5_000), one(10_000)]},
        "claim, open loop": {"1000": [one(claim / 2, longest_gap_us=gap_us)]},
        "redis always, open loop": {"1000": [one(claim / 2)]},
    }
    about = {
        "date": "today",
        "commit": "abc",
        "cores": 2,
        "cpu": "C",
        "memory_gib": 1,
        "system": "D",
        "kernel": "6",
        "filesystem": "ext4",
        "peers": {},
    }
    restarts = {100_000: [{"listening_s": 0.1, "hello_s": 0.2}]}
    return {
        "about": about,
        "rounds": 3,
        "seconds": 4,
        "open_seconds": 60,
        "found": found,
        "restarts": restarts,
    }


class ReportTests(unittest.TestCase):
    def test_a_target_that_is_just_met_holds(self):
        text, missed = claims_report.report(results(), "scripts/bench claims")
        self.assertEqual(missed, [])
        self.assertIn("| claims, of its own pings, at 1,000 | ≥ 0.7 | 0.70 | yes |", text)
        self.assertNotIn("not quiet", text)

    def test_the_report_says_what_postgresql_does_alone(self):
        text, _ = claims_report.report(results(), "scripts/bench claims")
        words = " ".join(text.split())
        self.assertIn("at one connection, it makes 4,000 a second, 4.0 × what it makes at 64", words)
        self.assertIn("LiveShop at 64 makes 17.5 × that", words)

    def test_a_target_that_is_missed_is_named(self):
        text, missed = claims_report.report(
            results(claim=60_000, gap_us=60_000), "scripts/bench claims"
        )
        self.assertIn("| claims, of its own pings, at 1,000 | ≥ 0.7 | 0.60 | **no** |", text)
        self.assertIn("half the rate: longest stall", missed)

    def test_a_section_replaces_itself_and_nothing_else(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "BENCHMARKS.md")
            machine.write_section("claims", "one", file)
            machine.write_section("fanout", "two", file)
            machine.write_section("claims", "three", file)
            self.assertEqual(
                file.read_text(),
                "# Benchmarks\n\n<!-- claims -->\nthree\n<!-- /claims -->\n\n"
                "<!-- fanout -->\ntwo\n<!-- /fanout -->\n",
            )


if __name__ == "__main__":
    unittest.main()
