"""A loop whose clock jumps to whatever comes next, so that hours pass in milliseconds.

Files are written by real threads, for which the clock stands still; nothing else is real.
"""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

P = ParamSpec("P")

EPOCH = 1_700_000_000.0  # what `now` gives at the start of a test
IDLE = 20.0  # real seconds without anything to happen after which a test has come to a standstill
BUSY = 50_000  # rounds of the loop without a step of the clock: somebody repeats for ever


class Loop(asyncio.SelectorEventLoop):
    """An event loop in a time of its own."""

    def __init__(self) -> None:
        self._selector_of_ours = _Selector(self)
        super().__init__(self._selector_of_ours)
        self.at = 0.0
        self.threads = 0

    def time(self) -> float:
        return self.at

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        self.threads += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._thread_ended)
        return future

    def _thread_ended(self, _: object) -> None:
        self.threads -= 1

    async def shutdown_default_executor(self, *args: Any) -> None:
        self.threads += 1
        await super().shutdown_default_executor(*args)


class _Selector(selectors.DefaultSelector):
    def __init__(self, loop: Loop) -> None:
        super().__init__()
        self._loop = loop
        self._rounds = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._rounds += 1
        if self._rounds > BUSY:
            raise RuntimeError("the loop is busy without getting anywhere")
        if timeout is not None and timeout <= 0:
            return super().select(0)
        if self._loop.threads:
            return self._really(IDLE)
        if events := super().select(0):
            return events
        if timeout is None:
            return self._really(IDLE)
        self._loop.at += timeout
        self._rounds = 0
        return []

    def _really(self, seconds: float) -> list[tuple[selectors.SelectorKey, int]]:
        if not (events := super().select(seconds)):
            raise RuntimeError("nothing is left that could happen")
        return events


def now() -> float:
    """Epoch seconds as they are on the running loop."""
    return EPOCH + asyncio.get_running_loop().time()


def jumping(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run an async test on a loop of its own whose clock jumps."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=Loop) as runner:
            runner.run(test(*args, **kwargs))

    return run


async def settle() -> None:
    """Let everything happen that can happen without the clock moving on."""
    await asyncio.sleep(1e-6)
