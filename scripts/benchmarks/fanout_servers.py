"""The servers of scripts/bench fanout, each started the same way: on a port of its own, pinned to
the server's core, in a scratch directory. What differs between them for the generator (viewers.c)
is its flags.
"""

import contextlib
import json
import os
import subprocess
import sys
import time

import machine

sys.path.insert(0, str(machine.ROOT / "Tests" / "PythonClient"))
os.environ.setdefault("LIVESHOP_BIN", machine.PROGRAM)
import client  # noqa: E402
import shop  # noqa: E402

PEERS = machine.SOURCES / "peers"
SKU = "S0-Peat"
CLAIM = '{"id":%lu,"type":"claim.create","data":{"sku":"' + SKU + '","key":"k%lu"}}'
# It serves ten thousand from one address and never says no: limits are not what is measured here.
SETTINGS = {
    "chat_rate": 0,
    "slow_mode_seconds": 0,
    "request_rate": 0,
    "active_holds": 0,
    "chat_length": 500,
    "chat_per_second": 0,
    "claim_feed": "names",
}


class Generator:
    """viewers.c at work against one server. Orders go in, a dict comes out."""

    def __init__(self, program, port, pids, flags, core=machine.CLIENT_CORE):
        command = [program, "--port", port, *flags]
        for pid in pids:
            command += ["--process", pid]
        self.pids = pids
        with machine.pinned(core):
            self.process = subprocess.Popen(
                list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(machine.STOP_SECONDS)
        self.process.stdout.close()

    def order(self, *words):
        before = self.others_seconds()
        print(*words, file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the generator ended at {words}")
        now = self.others_seconds()
        foreign = (now[0] - before[0]) / (now[1] - before[1])
        return {**json.loads(line), "foreign": max(0, foreign)}

    def others_seconds(self):
        """Processor time of whatever is neither server nor generator, and the time of day."""
        used, stolen = machine.all_cpu_seconds()
        own = sum(map(machine.cpu_seconds, [self.process.pid, *self.pids]))
        return used + stolen - own, time.monotonic()


class Running:
    """A server that listens: its port, its processes, and how the generator speaks to it."""

    def __init__(self, port, pids, flags):
        self.port, self.pids, self.flags = port, pids, flags

    def resident_bytes(self):
        """Of all its processes."""
        return sum(map(machine.resident_bytes, self.pids))

    def viewers(self, program, flags=None):
        return Generator(program, self.port, self.pids, self.flags if flags is None else flags)


@contextlib.contextmanager
def floor(folder, together):
    port = machine.free_port()
    command = [machine.BUILD / "floor", port, together]
    with machine.Process(command, machine.SERVER_CORE, folder / "floor.log") as server:
        server.wait_for(lambda: b"ready" in server.log.read_bytes())
        yield Running(port, [server.pid], ["--publisher-path", "/publish"])


@contextlib.contextmanager
def peer(folder, command, port, *flags):
    with machine.Process(command, machine.SERVER_CORE, folder / "peer.log") as server:
        server.wait_for_port(port)
        yield Running(port, [server.pid, *machine.children(server.pid)], flags)


def configured(folder, name, port):
    """The peer's configuration with its blanks filled in."""
    text = (PEERS / name).read_text().replace("PORT", str(port)).replace("FOLDER", str(folder))
    (folder / name).write_text(text)
    return folder / name


def nchan(folder):
    port = machine.free_port()
    file = configured(folder, "nchan.conf", port)
    return peer(folder, ["nginx", "-p", folder, "-c", file], port, "--publisher-path", "/publish")


def nats(folder):
    port = machine.free_port()
    text_bytes = 200 - 4 - len("MSG x 1 181\r\n") - len("\r\n")
    flags = ["--opcode", 2, "--joined", "PONG", "--text-bytes", text_bytes]
    flags += ["--join", 'CONNECT {"verbose":false,"echo":false}\r\nSUB x 1\r\nPING\r\n']
    flags += ["--publisher-join", 'CONNECT {"verbose":false,"echo":false}\r\nPING\r\n']
    flags += ["--before", f"PUB x {text_bytes}\r\n", "--after", "\r\n"]
    return peer(folder, ["nats-server", "-c", configured(folder, "nats.conf", port)], port, *flags)


def node_ws(folder):
    port = machine.free_port()
    return peer(folder, ["node", PEERS / "node_ws.js", port], port, "--publisher-path", "/publish")


def picows(folder):
    port = machine.free_port()
    command = [sys.executable, PEERS / "picows_room.py", port]
    return peer(folder, command, port, "--publisher-path", "/publish")


class LiveShop:
    """The real program with one live show of 20 products, the first of them pinned."""

    def __init__(self, **settings):
        catalogue = {"products": [product(number) for number in range(20)]}
        known = subprocess.run(
            [machine.PROGRAM, "serve", "--print-config"], capture_output=True, text=True, check=True
        ).stdout
        flags = ["--max-connections", "19000"]
        flags += ["--set", "max_connections_per_address=100000"]
        for name, value in {**SETTINGS, **settings}.items():
            if f"\n{name}: " in known:
                flags += ["--set", f"{name}={value}"]
        self.shop = shop.Shop(*flags, catalogue=catalogue, show="f")

    def __enter__(self):
        with machine.pinned(machine.SERVER_CORE):
            self.shop.start()
        self.shop.host(f"start\npin {SKU}\n")
        command = ["token", "--data", self.shop.data, "--sub", "h", "--role", "host", "--show", "f"]
        self.token = self.shop.run(*command).stdout.strip()
        return Running(self.shop.port, [self.shop.process.pid], self.flags())

    def __exit__(self, *_):
        # Its store goes when the run is over.
        self.shop.kill()

    def flags(self):
        hello = '{"id":1,"type":"hello","data":{"show":"f",'
        return [
            *("--path", "/v1/socket", "--subprotocol", "liveshop.v1", "--joined", '"snapshot"'),
            *("--join", hello + '"name":"v%d"}}'),
            *("--publisher-join", hello + f'"token":"{self.token}"}}}}'),
            *("--before", '{"type":"chat.send","data":{"text":"'),
            *("--after", '"}}', "--text-bytes", 50, "--claim", CLAIM),
        ]


def shop_client(server, **options):
    """One more viewer, in Python."""
    return client.Client(f"ws://127.0.0.1:{server.port}/v1/socket", **options)


def product(number):
    return {
        "id": f"p{number}",
        "title": f"Product {number} of the show",
        "description": "Thrown by hand, glazed twice.",
        "media": [f"https://shop.example/pictures/p{number}.jpg"],
        "variants": [
            {
                "sku": f"S{number}-{colour}",
                "title": colour,
                "options": {"Colour": colour},
                "price": 1990,
                "on_hand": 1_000_000,
            }
            for colour in ("Peat", "Moss")
        ],
    }
