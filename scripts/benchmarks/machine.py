"""What all of scripts/bench's measurements share: processes pinned to a core, throw-away
directories, small C programs, processor time, a description of the machine, and the sections of
docs/BENCHMARKS.md.

A server and its store run on SERVER_CORE, whatever makes the load on CLIENT_CORE. Nothing here
measures.
"""

import atexit
import contextlib
import datetime
import json
import os
import pathlib
import platform
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = pathlib.Path(__file__).resolve().parent
BUILD = ROOT / ".build" / "benchmarks"
REPORT = ROOT / "docs" / "BENCHMARKS.md"
PROGRAM = os.environ.get("LIVESHOP_BIN") or str(ROOT / ".build/release/liveshop")
SERVER_CORE, CLIENT_CORE = 0, 1
START_SECONDS = 30
STOP_SECONDS = 20


def prepare():
    """Descriptors for thousands of connections, and directories on a real disk. Call it first."""
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("two cores are needed: one for the server, one for the load")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    BUILD.mkdir(parents=True, exist_ok=True)
    if filesystem(BUILD) in ("tmpfs", "ramfs"):
        sys.exit(f"{BUILD} is in memory: what is synced there proves nothing")


@contextlib.contextmanager
def scratch(prefix):
    """A directory in .build/benchmarks; tempfile's own go there, too."""
    folder = tempfile.mkdtemp(prefix=prefix + "-", dir=BUILD)
    remove_when_done(folder)
    before, tempfile.tempdir = tempfile.tempdir, folder
    try:
        yield pathlib.Path(folder)
    finally:
        tempfile.tempdir = before


def remove_when_done(folder):
    """Removes it when the whole program ends. Where ext4 is mounted with `discard`, the journal's next
    commit hands the freed blocks to the disk, and syncs of what is measured then wait for up to 0.3 s.
    """
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


@contextlib.contextmanager
def pinned(core):
    """What is started in this block, by this thread, runs on this core and nowhere else."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, what, seconds=START_SECONDS):
    """Returns the condition's first true value; an AssertionError when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"{what}: not in {seconds} s")


class Process:
    """A peer on a core, its output in a file; ended by its id. Use it in a `with` statement."""

    def __init__(self, command, core, log, stop_signal=signal.SIGTERM, **options):
        self.command = list(map(str, command))
        self.log = pathlib.Path(log)
        self.stop_signal = stop_signal
        with pinned(core), self.log.open("wb") as output:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                **options,
            )
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def wait_for_port(self, port):
        self.wait_for(lambda: answers(("127.0.0.1", port)))
        return self

    def wait_for_socket(self, path):
        self.wait_for(lambda: answers(str(path)))
        return self

    def wait_for(self, condition):
        """Waits for the condition, or says what the process said instead."""

        def ready():
            if self.process.poll() is not None:
                raise AssertionError(
                    f"{self.command[0]} ended: {self.log.read_text(errors='replace')[-2000:]}"
                )
            return condition()

        wait_until(ready, f"{self.command[0]} answers")

    def cpu_seconds(self):
        return cpu_seconds(self.pid)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode


def answers(address):
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(address)
        except OSError:
            return False
    return True


def cpu_seconds(pid):
    """User and system time so far, of all threads of the process and of its children's."""
    total = 0.0
    for one in [pid, *children(pid)]:
        with contextlib.suppress(OSError):
            fields = pathlib.Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def all_cpu_seconds():
    """What all processes used so far, and what the hypervisor gave to other machines."""
    fields = pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:]
    user, nice, system, _, _, _, _, stolen = (
        int(field) / os.sysconf("SC_CLK_TCK") for field in fields[:8]
    )
    return user + nice + system, stolen


def resident_bytes(pid):
    fields = pathlib.Path(f"/proc/{pid}/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


def children(pid):
    found = []
    for file in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, file.read_text().split()):
                found += [child, *children(child)]
    return found


def compile_c(name, *libraries):
    """The program made from scripts/benchmarks/NAME.c, built again when that is newer."""
    source, program = SOURCES / f"{name}.c", BUILD / name
    headers = list(SOURCES.glob("*.h"))
    newest = max(file.stat().st_mtime for file in [source, *headers])
    if not program.exists() or program.stat().st_mtime < newest:
        flags = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror"]
        subprocess.run([compiler(), *flags, "-o", program, source, *libraries], check=True)
    return program


def compiler():
    """Debian's, or the one that comes with Swift."""
    return shutil.which("gcc") or "clang"


def median(values):
    return statistics.median(values)


# What the figures are worth: where they come from.


def describe():
    """Processor, cores, kernel, disk, commit: what must stand beside a figure."""
    model = "unknown"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "commit": commit(),
        "program": first_line([PROGRAM, "--version"]),
        "cpu": model,
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "kernel": platform.release(),
        "system": system_name(),
        "filesystem": filesystem(BUILD),
    }


def commit():
    done = subprocess.run(
        ["git", "-C", ROOT, "describe", "--always", "--dirty", "--exclude=*"],
        capture_output=True,
        text=True,
        check=False,
    )
    found = done.stdout.strip() or "not from a checkout"
    # A program that was built elsewhere says nothing about its commit.
    ours = pathlib.Path(PROGRAM).resolve().is_relative_to(ROOT)
    return found if ours else f"{found}, program given"


def system_name():
    for line in pathlib.Path("/etc/os-release").read_text().splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip('"')
    return platform.system()


def filesystem(path):
    done = subprocess.run(
        ["stat", "-f", "-c", "%T", path], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def package_version(package):
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", package],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "not installed"


def first_line(command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).strip().splitlines()[0]


# Where they go.


def save(name, results):
    """Keeps everything that was measured as .build/benchmarks/NAME.json."""
    file = BUILD / f"{name}.json"
    file.write_text(json.dumps(results, indent=1) + "\n")
    return file


def table(head, rows):
    """A Markdown table; every column but the first is set to the right."""
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def origin(about, command):
    """The line under a section's heading: when, where and how to do it again."""
    return (
        f"Measured {about['date']} at commit `{about['commit']}` by `{command}` on "
        f"{about['cores']} cores of {about['cpu']}, {about['memory_gib']} GiB, {about['system']}, "
        f"Linux {about['kernel']}, "
        f"{about['filesystem']}.\n"
    )


def write_section(name, text, file=REPORT):
    """Replaces what is between `<!-- NAME -->` and `<!-- /NAME -->`; or adds such a section."""
    opening, closing = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    before = file.read_text() if file.exists() else "# Benchmarks\n"
    section = opening + text.strip("\n") + "\n" + closing
    if opening in before and closing in before:
        head, _, rest = before.partition(opening)
        after = head + section + rest.partition(closing)[2]
    else:
        after = before.rstrip("\n") + "\n\n" + section
    file.write_text(after)
