"""The machine a server runs on, as far as it can be made to fail: its disk and its wall clock.

Builds faults.c once, puts it before the server's libc, and shares the control file with it: an
attribute that is set here works at the server's next call, one that is read is what the server
has counted.
"""

import atexit
import functools
import mmap
import pathlib
import shutil
import struct
import subprocess
import tempfile

# The kinds of calls.
OPEN, READ, WRITE, CUT, SYNC, NAME = (1 << bit for bit in range(6))
ALL = OPEN | READ | WRITE | CUT | SYNC | NAME

# In the order of `struct control` in faults.c.
SLOTS = (
    "calls", "faults", "kinds", "fail_at", "fail_count", "fail_error", "sync_error", "sync_lies",
    "full", "read_only", "power_at", "power_now", "power_exit", "power_seed", "power_lost",
    "wall_milliseconds",
)  # fmt: skip
OUTPUTS = ("calls", "faults", "power_lost")
SIZE = 4096


@functools.cache
def library():
    """The path of faults.so, made for this run of the tests."""
    compiler = shutil.which("cc") or shutil.which("clang") or shutil.which("gcc")
    if compiler is None:
        raise AssertionError("no C compiler (cc, clang, gcc) to build Tests/Faults/faults.c with")
    here = pathlib.Path(__file__).resolve().parent
    folder = tempfile.mkdtemp(prefix="faults-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = f"{folder}/faults.so"
    sources = [str(here / name) for name in ("faults.c", "disk.c")]
    flags = ["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared"]
    subprocess.run([compiler, *flags, "-o", path, *sources, "-ldl", "-lpthread"], check=True)
    return path


class Machine:
    """Set what is to fail before or while the server runs; `reset` makes everything whole again.

    `directory`: whose files fail, the shop's data unless told otherwise.
    """

    def __init__(self, shop, directory=None):
        path = shop.directory / "control"
        path.write_bytes(bytes(SIZE))
        with open(path, "r+b") as file:
            self._memory = mmap.mmap(file.fileno(), SIZE)
        self.reset()
        shop.environment.update(
            LD_PRELOAD=library(),
            FAULTS_CONTROL=str(path),
            FAULTS_DIRECTORY=str((directory or shop.data).resolve()),
        )

    def reset(self):
        """No faults, and all counters at nothing."""
        self._memory[:] = bytes(SIZE)
        self.kinds = ALL

    def __getattr__(self, name):
        if name not in SLOTS:
            raise AttributeError(name)
        return struct.unpack_from("<q", self._memory, 8 * SLOTS.index(name))[0]

    def __setattr__(self, name, value):
        if name in SLOTS:
            struct.pack_into("<q", self._memory, 8 * SLOTS.index(name), value)
        else:
            super().__setattr__(name, value)

    @property
    def last(self):
        """The call that failed last, in words."""
        start = 8 * len(SLOTS)
        return self._memory[start : start + 64].split(b"\0")[0].decode()
