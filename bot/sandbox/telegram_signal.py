"""Waiting for something to change, without looking again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Signal:
    """Whoever waits is woken by the next `fire`, which may be called from anywhere in the loop."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def fire(self) -> None:
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    def next(self) -> asyncio.Future[None]:
        """Done with the next `fire`, counted from this very call; to be cancelled if not needed."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        future.add_done_callback(self._waiting.discard)
        return future

    async def wait(self) -> None:
        await self.next()

    async def until(self, look: Callable[[], T | None], timeout: float) -> T:
        """What `look` gives as soon as it gives something true. Raises `TimeoutError`."""
        async with asyncio.timeout(timeout):
            while not (found := look()):
                await self.wait()
        return found
