"""A server of the built program in a directory of its own, for tests and for scripts/crash.

LIVESHOP_BIN names the program; else the debug build of this checkout is taken.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("LIVESHOP_BIN") or str(ROOT / ".build/debug/liveshop")
ANSWER_SECONDS = 20

CATALOGUE = {
    "products": [
        {
            "id": "tee",
            "title": "Tee",
            "variants": [
                {"sku": "TEE-S", "title": "S", "options": {"Size": "S"}, "price": 1990, "on_hand": 3},
                {"sku": "TEE-M", "title": "M", "options": {"Size": "M"}, "price": 2100, "on_hand": 50},
            ],
        },
        {"id": "mug", "title": "Mug", "variants": [{"sku": "MUG", "title": "Mug", "price": 900, "on_hand": 1}]},
    ]
}


class NotStarted(AssertionError):
    """The server ended, or said something else, instead of saying that it is ready."""

    def __init__(self, code, line, log):
        super().__init__(f"no readiness line but {line!r}; exit code {code}; {log}")
        self.code = code
        self.log = log


class Shop:
    """A data directory with one show, and the server that runs on it. Use it in a `with` statement."""

    def __init__(self, *flags, catalogue=None, show="spring"):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="liveshop-"))
        self.data = self.directory / "data"
        self.show = show
        self.flags = list(flags)
        self.port = 0
        self.process = None
        self.reader = None
        self.log = []
        self.lines_before = 0
        # Put in front of the server's command line.
        self.wrapper = []
        # Added to the server's environment.
        self.environment = {}
        catalogue_file = self.directory / "catalogue.json"
        catalogue_file.write_text(json.dumps(catalogue or CATALOGUE))
        self.run("show", "create", "--data", self.data, "--show", show, "--title", "Spring", "--currency", "EUR")
        self.run("import", "--data", self.data, "--show", show, catalogue_file)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.directory)

    def run(self, *arguments, check=True, stdin=None):
        """Runs a command of the program to its end."""
        done = subprocess.run(
            [PROGRAM, *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=60, check=False
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{arguments[0]} exits {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def start(self, anew=False):
        """Starts the server and waits until it is ready.

        It listens on the port it had before if there was one, or, `anew`, on one that is free: another
        program may have taken the old one meanwhile.
        """
        if anew:
            self.port = 0
        self.lines_before = len(self.log)
        self.process = subprocess.Popen(
            [*self.wrapper, PROGRAM, "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.port}", *self.flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **self.environment},
        )
        self.reader = threading.Thread(target=self._keep_log, args=(self.process.stderr,), daemon=True)
        self.reader.start()
        line = self.process.stdout.readline()
        prefix = "liveshop: listening on ws://127.0.0.1:"
        if not line.startswith(prefix) or not line.endswith("/v1/socket\n"):
            code = self.ended()
            raise NotStarted(code, line, self.last_log)
        self.port = int(line[len(prefix) :].split("/")[0])

    def _keep_log(self, stream):
        with stream:
            for line in stream:
                self.log.append(line)

    def kill(self):
        """Ends the server as a power cut would end the process."""
        self._end(signal.SIGKILL)

    @property
    def last_log(self):
        """What the server has logged since it was started last."""
        return "".join(self.log[self.lines_before :])

    @property
    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def ended(self):
        """Waits until the server has ended by itself; its exit code."""
        code = self.process.wait(ANSWER_SECONDS)
        # Whoever looks at the log now sees all of it.
        self.reader.join(ANSWER_SECONDS)
        self.process.stdout.close()
        self.process = None
        return code

    def stop(self):
        """Ends the server as an operator does; the exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number):
        if self.process is None:
            return None
        self.process.send_signal(number)
        return self.ended()

    def host(self, script):
        """Runs verbs of the host's console."""
        return self.run(
            "host", "--data", self.data, "--server", self.http, "--show", self.show, stdin=script
        )

    def audit(self):
        return self.run("audit", "--data", self.data, check=False)

    @property
    def secret(self):
        """The HS256 key: the UTF-8 bytes of the file's one line, without its end."""
        return (self.data / "secret.key").read_bytes().rstrip(b"\n")

    @property
    def http(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self):
        return f"ws://127.0.0.1:{self.port}/v1/socket"

    def get(self, path, method="GET", **headers):
        """Status, headers and body of a page."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.http + path, method=method, headers=names)
        if method == "POST":
            request.data = b""
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()
