"""The tour on the page: the same steps as in the terminal, one after the other or press by press.

Begins on a stage where nothing has happened yet; what it tells stands above the page.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence

from bot.demo.stage import Stage
from bot.demo.tour import Play, Step, take
from bot.sandbox.page_ledger import Ledger

PAUSE = 1.6  # seconds between two steps, to look at what came of the last one


class PageTour:
    """Plays in the background, and obeys the buttons."""

    def __init__(
        self,
        ledger: Ledger,
        fresh: Callable[[], Awaitable[Stage]],
        steps: Sequence[Step],
        pause: float = PAUSE,
    ) -> None:
        """`fresh` brings a stage on which nothing has happened yet."""
        self._ledger = ledger
        self._fresh = fresh
        self._steps = steps
        self.pause = pause
        self._task: asyncio.Task[None] | None = None
        self._go = asyncio.Event()
        self._is_paused = False
        self._number = 0
        self._told: list[dict[str, str]] = []
        self._state = ""

    async def command(self, what: str) -> None:
        """`start`, `pause`, `go`, `next` or `end`. Raises ValueError for anything else."""
        match what:
            case "start":
                await self.end()
                self._is_paused, self._number, self._told = False, 0, []
                self._task = asyncio.create_task(self._play())
            case "pause":
                self._is_paused = True
                self._go.clear()
                self._show()
            case "go" | "next":
                self._is_paused = what == "next"
                self._go.set()
                self._show()
            case "end":
                await self.end()
            case _:
                raise ValueError(what)

    async def end(self) -> None:
        """Stop where it is, and take it off the page."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._ledger.put("tour", "", None)

    async def _play(self) -> None:
        self._state = "preparing"
        self._show()
        try:
            stage = await self._fresh()
        except OSError as error:  # no memory, no ports, no disk
            self._state = "wrong"
            self._tell("wrong", f"A fresh stage could not be set up: {error.strerror or error}")
            return
        play = Play(stage, Telling(self._tell))
        self._state = "playing"
        for number, step in enumerate(self._steps, 1):
            self._number, self._told = number, []
            self._go.clear()
            self._show()
            if not await take(play, step):
                self._state = "wrong"
                self._show()
                return
            if self._number < len(self._steps):
                await self._rest()
        self._state = "right"
        self._show()

    async def _rest(self) -> None:
        self._state = "between"
        self._show()
        with contextlib.suppress(TimeoutError):
            # A pause may begin while this one lasts, and then it lasts until a button ends it.
            async with asyncio.timeout(None if self._is_paused else self.pause):
                await self._go.wait()
        if self._is_paused and not self._go.is_set():
            await self._go.wait()
        self._state = "playing"

    def _tell(self, sort: str, text: str) -> None:
        self._told = [*self._told, {"sort": sort, "text": text}]
        self._show()

    def _show(self) -> None:
        if self._state:
            self._ledger.put(
                "tour",
                "",
                {
                    "state": self._state,
                    "paused": self._is_paused,
                    "number": self._number,
                    "titles": [step.title for step in self._steps],
                    "told": self._told,
                },
            )


class Telling:
    """What the steps tell, as lines above the page; what stands in the chat is not told again."""

    def __init__(self, tell: Callable[[str, str], None]) -> None:
        self._tell = tell

    def person(self, text: str, who: str = "Owner") -> None:
        """What somebody says or does."""
        self._tell("act", f"{who}: {text}")

    def telex(self, text: str, buttons: Iterable[str] = (), how: str = "Telex") -> None:
        """What the bot says elsewhere than in the chat."""
        if how == "page":
            self._tell("aside", f"The page says: {text}")

    def aside(self, text: str) -> None:
        """What a spectator is told."""
        self._tell("aside", text)

    def right(self, text: str) -> None:
        """A check that came out right."""
        self._tell("right", text)

    def wrong(self, text: str) -> None:
        """… and one that did not."""
        self._tell("wrong", text)

    def line(self, text: str = "", style: str = "") -> None:
        """Lines of the log."""
        if text.strip():
            self._tell("log", text)
