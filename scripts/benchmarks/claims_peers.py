"""Starts what claims.py measures: LiveShop and its peers, each with an empty store in a throw-away
directory on the same disk, on the server's core. Each says how to load it; none is measured here.
"""

import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import tempfile
import time

import machine

os.environ.setdefault("LIVESHOP_BIN", machine.PROGRAM)
sys.path.insert(0, str(machine.ROOT / "Tests" / "PythonClient"))

from shop import Shop  # noqa: E402

STOCK = 100_000_000
SETTINGS = ("request_rate=0", "active_holds=0", "limit_per_buyer=0", "claim_feed=off")
CATALOGUE = {
    "products": [
        {
            "id": "p1",
            "title": "Hot",
            "variants": [
                {"sku": "HOT", "title": "Hot", "price": 1990, "on_hand": STOCK},
                {"sku": "GONE", "title": "Gone", "price": 1990, "on_hand": 0},
            ],
        }
    ]
}
HELLO = '{"id":1,"type":"hello","data":{"show":"SHOW","name":"Buyer"}}'
PING = '{"id":%i,"type":"ping","data":{}}'
CLAIM = '{"id":%i,"type":"claim.create","data":{"sku":"HOT","key":"%k"}}'
LOSE = '{"id":%i,"type":"claim.create","data":{"sku":"GONE","key":"%k","waitlist":false}}'
HELD = '"outcome":"held"'


class LiveShop:
    """One server, two shows: `quiet` does not announce claims, `names` does, as by default."""

    SHOWS = ("quiet", "names")

    def __init__(self):
        flags = [word for setting in SETTINGS for word in ("--set", setting)]
        self.shop = Shop(*flags, catalogue=CATALOGUE, show="quiet")
        names = self.shop.directory / "names.yaml"
        names.write_text("claim_feed: names\n")
        where = ("--data", self.shop.data, "--show", "names")
        self.shop.run(
            "show", "create", *where, "--title", "Names", "--currency", "EUR", "--config", names
        )
        self.shop.run("import", *where, self.shop.directory / "catalogue.json")

    def __enter__(self):
        self.start()
        for show in self.SHOWS:
            where = ("--data", self.shop.data, "--server", self.shop.http, "--show", show)
            self.shop.run("host", *where, stdin="start\npin HOT\n")
        return self

    def __exit__(self, *_):
        # Its store goes when the run is over.
        self.shop.kill()

    def start(self):
        with machine.pinned(machine.SERVER_CORE):
            self.shop.start()

    def cpu_seconds(self):
        return machine.cpu_seconds(self.shop.process.pid)

    def load(self, request=CLAIM, expect=HELD, show="quiet"):
        hello = HELLO.replace("SHOW", show)
        return (
            "--protocol",
            "ws",
            "--port",
            self.shop.port,
            "--hello",
            hello,
            "--request",
            request,
            "--expect",
            expect,
        )


class Redis:
    """Redis with an append-only file that is never rewritten meanwhile, a script call per claim."""

    def __init__(self, folder, fsync):
        folder.mkdir()
        # The path of a socket has at most 107 bytes.
        self.sockets = tempfile.mkdtemp(prefix="liveshop-", dir="/tmp")
        self.socket = os.path.join(self.sockets, "redis")
        self.port = machine.free_port()
        command = [
            "redis-server",
            "--bind",
            "127.0.0.1",
            "--port",
            self.port,
            "--unixsocket",
            self.socket,
        ]
        command += ["--dir", folder, "--save", "", "--appendonly", "yes", "--appendfsync", fsync]
        command += ["--auto-aof-rewrite-percentage", "0"]
        self.process = machine.Process(command, machine.SERVER_CORE, folder / "log")
        self.process.wait_for_port(self.port)
        self.cli("SET", "stock:HOT", STOCK)
        self.sha = self.cli("SCRIPT", "LOAD", (machine.SOURCES / "peers" / "claim.lua").read_text())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stop()
        shutil.rmtree(self.sockets)

    def cli(self, *words):
        command = ["redis-cli", "-p", str(self.port), *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def cpu_seconds(self):
        return self.process.cpu_seconds()

    def load(self):
        words = ["EVALSHA", self.sha, "2", "stock:HOT", "holds:HOT", "%k", "buyer-1234", "1"]
        sizes = [36 if word == "%k" else len(word) for word in words]
        text = "".join(f"${size}\r\n{word}\r\n" for size, word in zip(sizes, words, strict=True))
        request = f"*{len(words)}\r\n{text}"
        return (
            "--protocol",
            "resp",
            "--port",
            self.port,
            "--request",
            request,
            "--expect",
            "held ",
        )


class Node:
    """Node's ws in front of a Redis, both on the server's core."""

    def __init__(self, folder, redis):
        self.redis = redis
        self.port = machine.free_port()
        script = machine.SOURCES / "peers" / "claims_node.js"
        self.process = machine.Process(
            ["node", script, self.port, redis.socket, redis.sha],
            machine.SERVER_CORE,
            folder / "node.log",
            # Where Debian's packages are, for a node that is not Debian's.
            env={**os.environ, "NODE_PATH": "/usr/share/nodejs", "NODE_ENV": "production"},
        )
        self.process.wait_for_port(self.port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stop()

    def cpu_seconds(self):
        return self.process.cpu_seconds() + self.redis.cpu_seconds()

    def load(self):
        request = CLAIM.replace('"HOT"', '"HOT","buyer":"buyer-1234"')
        return ("--protocol", "ws", "--port", self.port, "--request", request, "--expect", HELD)


class Postgres:
    """PostgreSQL, a transaction of one prepared statement per claim; loaded by its own pgbench."""

    BIN = pathlib.Path("/usr/lib/postgresql/15/bin")
    SCHEMA = f"""
        CREATE TABLE stock(sku text PRIMARY KEY, available integer NOT NULL CHECK (available >= 0));
        CREATE TABLE hold(id bigserial PRIMARY KEY, sku text NOT NULL, key text NOT NULL UNIQUE,
            buyer bigint NOT NULL);
        INSERT INTO stock VALUES ('HOT', {STOCK});
    """

    def __init__(self):
        # It does not run as root, and its own user must reach the directory.
        self.options = (
            {"user": "postgres", "group": "postgres", "extra_groups": []}
            if os.getuid() == 0
            else {}
        )
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="liveshop-", dir="/var/tmp"))
        machine.remove_when_done(self.folder)
        if self.folder.stat().st_dev != machine.BUILD.stat().st_dev:
            sys.exit(
                f"{self.folder} and {machine.BUILD} are on two disks: their figures say nothing"
            )
        if self.options:
            os.chown(self.folder, *pwd.getpwnam("postgres")[2:4])
        self.data, self.log = self.folder / "data", self.folder / "initdb.log"
        shutil.copy(machine.SOURCES / "peers" / "claim.sql", self.folder)
        self.run(
            "initdb", "-D", self.data, "-A", "trust", "-U", "postgres", "--no-locale", "-E", "UTF8"
        )
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": self.folder,
            "max_connections": 1100,
            "shared_buffers": "512MB",
            "max_wal_size": "4GB",
            "synchronous_commit": "on",
        }
        flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self.process = machine.Process(
            # SIGINT: a fast shutdown.
            [self.BIN / "postgres", "-D", self.data, *flags],
            machine.SERVER_CORE,
            machine.BUILD / "postgres.log",
            stop_signal=2,
            cwd="/",
            **self.options,
        )
        self.process.wait_for(
            lambda: self.run("pg_isready", "-h", self.folder, check=False).returncode == 0
        )
        self.sql(self.SCHEMA)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stop()

    def run(self, program, *arguments, check=True):
        command = [str(word) for word in (self.BIN / program, *arguments)]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd="/", **self.options
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{program} exits {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def sql(self, text):
        return self.run(
            "psql", "-h", self.folder, "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-Atc", text
        ).stdout.strip()

    def measure(self, clients, seconds):
        """Rate and latencies of so many clients; fails unless each transaction left its row."""
        prefix = self.folder / f"log{time.monotonic_ns()}"
        before = int(self.sql("SELECT count(*) FROM hold"))
        flags = (
            "-h",
            self.folder,
            "-U",
            "postgres",
            "-n",
            "-M",
            "prepared",
            "-c",
            clients,
            "-j",
            1,
            "-T",
            int(seconds),
        )
        files = ("-f", self.folder / "claim.sql", "--log", f"--log-prefix={prefix}")
        with machine.pinned(machine.CLIENT_CORE):
            self.run("pgbench", *flags, *files, "postgres")
        latencies, ends = [], []
        for file in self.folder.glob(f"{prefix.name}.*"):
            for line in file.read_text().splitlines():
                words = line.split()
                latencies.append(int(words[2]))
                ends.append(int(words[4]) * 1_000_000 + int(words[5]))
        rows = int(self.sql("SELECT count(*) FROM hold")) - before
        if not latencies or rows != len(latencies):
            raise AssertionError(f"pgbench saw {len(latencies)} claims, PostgreSQL has {rows}")
        return summary(latencies, (max(ends) - min(ends)) / 1e6)


def summary(microseconds, seconds):
    """What the load generator prints, from a list of latencies."""
    ordered = sorted(microseconds)
    places = {"p50_us": 0.5, "p99_us": 0.99, "p999_us": 0.999}
    found = {name: ordered[int(len(ordered) * share)] for name, share in places.items()}
    return {"rate": len(ordered) / seconds, "answers": len(ordered), **found, "max_us": ordered[-1]}


def synced_appends(folder, seconds):
    """The floor: appends of 4 KiB, each followed by fdatasync."""
    block, latencies = os.urandom(4096), []
    with machine.pinned(machine.SERVER_CORE), (folder / "appends").open("wb", buffering=0) as file:
        start = now = time.perf_counter()
        while now < start + seconds:
            file.write(block)
            os.fdatasync(file.fileno())
            before, now = now, time.perf_counter()
            latencies.append((now - before) * 1e6)
    return summary(latencies, now - start)
