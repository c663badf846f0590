"""What systemd is to a server in earnest.

Starts it again when it has ended, and keeps how it ended.
"""

import asyncio
import signal

import neighbours  # noqa: F401

from shop import NotStarted

POLL_SECONDS = 0.01
STARTS_MAX = 20


class End:
    """How a server ended: its exit code and the lines of its last life."""

    def __init__(self, code, log):
        self.code = code
        self.log = log

    @property
    def reason(self):
        """The last line that complains, without its time."""
        lines = [
            line
            for line in self.log.splitlines()
            if " critical " in line or line.startswith("liveshop:")
        ]
        return lines[-1].split(" critical ")[-1].strip() if lines else ""

    @property
    def problems(self):
        """A server that gives up ends with 1 and says why in one line; it never traps."""
        if self.code == -signal.SIGKILL:
            return
        if self.code != 1:
            yield f"the server ended with {self.code}: {self.log[-400:]}"
        if not self.reason:
            yield f"the server ended without a reason: {self.log[-400:]}"


class Supervisor:
    """Starts the shop's server and, while inside `async with`, starts it again whenever it ends.

    `repair` is called before each new start: the machine is as it is then.
    """

    def __init__(self, shop, repair=lambda: None):
        self.shop = shop
        self.repair = repair
        self.ends = []
        self.task = None

    async def __aenter__(self):
        await self.start()
        self.task = asyncio.create_task(self.watch())
        return self

    async def __aexit__(self, *_):
        self.task.cancel()
        (end,) = await asyncio.gather(self.task, return_exceptions=True)
        # Whatever else went wrong did so because there was no server any more.
        if isinstance(end, Exception):
            raise end

    async def start(self):
        for _ in range(STARTS_MAX):
            try:
                return await asyncio.to_thread(self.shop.start, anew=True)
            except NotStarted as end:
                self.ends.append(End(end.code, end.log))
                self.repair()
        raise AssertionError(f"the server does not start: {self.ends[-1].log}")

    async def watch(self):
        while True:
            await asyncio.sleep(POLL_SECONDS)
            if self.shop.process is None or self.shop.is_running:
                continue
            code = self.shop.ended()
            self.ends.append(End(code, self.shop.last_log))
            self.repair()
            await self.start()

    @property
    def problems(self):
        for end in self.ends:
            yield from end.problems
