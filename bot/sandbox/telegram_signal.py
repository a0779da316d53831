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

    async def wait(self) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await future
        finally:
            self._waiting.discard(future)

    async def until(self, look: Callable[[], T | None], timeout: float) -> T:
        """What `look` gives as soon as it gives something true. Raises `TimeoutError`."""
        async with asyncio.timeout(timeout):
            while not (found := look()):
                await self.wait()
        return found
