"""The processes of many bots at once, all forked from one that has imported everything."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

from tests.crash.dying import Order
from tests.stage import ROOT


class Life:
    """One process of the bot."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @property
    def is_over(self) -> bool:
        return self.ended.done()

    async def wait(self, seconds: float | None = None) -> int | None:
        """Its exit status (negative: the signal), None where it still lives after `seconds`."""
        done, _ = await asyncio.wait([self.ended], timeout=seconds)
        return self.ended.result() if done else None

    async def kill(self) -> None:
        """kill -9, and wait for the end."""
        if not self.is_over:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            await self.ended


class Nest:
    """Starts bots. An async context; at its end whatever still lives is killed."""

    def __init__(self) -> None:
        self._lives: dict[int, Life] = {}
        self._births: deque[asyncio.Future[Life]] = deque()
        self._server: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.crash.dying",
            cwd=ROOT,
            # The latter is what the bot tells python-telegram-bot before it imports it.
            env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "PTB_TIMEDELTA": "1"},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._server.stdout is not None
        if not await self._server.stdout.readline():
            raise RuntimeError("the nest could not be built; its standard error tells why")
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._server is not None and self._server.stdin is not None
        self._server.stdin.close()
        await self._server.wait()
        if self._reading is not None:
            await self._reading

    async def bear(self, order: Order) -> Life:
        """A new process."""
        assert self._server is not None and self._server.stdin is not None
        birth: asyncio.Future[Life] = asyncio.get_running_loop().create_future()
        self._births.append(birth)
        self._server.stdin.write(json.dumps(order).encode() + b"\n")
        return await birth

    async def _read(self) -> None:
        assert self._server is not None and self._server.stdout is not None
        async for line in self._server.stdout:
            told = json.loads(line)
            if "born" in told:
                pid = told["born"]
                life = self._lives[pid] = Life(pid)
                self._births.popleft().set_result(life)
            else:
                self._lives.pop(told["died"]).ended.set_result(told["status"])
        for birth in self._births:
            birth.set_exception(RuntimeError("the nest is gone"))


@contextlib.asynccontextmanager
async def nest() -> AsyncIterator[Nest]:
    async with Nest() as it:
        yield it
