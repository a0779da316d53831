"""The demo with its page: one stage at a time, each in a folder of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from bot.demo import pictures
from bot.demo.page_tour import PageTour
from bot.demo.stage import Stage
from bot.demo.tour import Step
from bot.sandbox.page import Page

PORT = 8090  # where the page is served, unless somebody else is there


class House:
    """A page, and the stage that it shows; set up and torn down by `async with`."""

    def __init__(self, folder: Path, stage: Stage, steps: Sequence[Step], port: int = PORT) -> None:
        """`stage` is set up, and torn down here once another one follows, or at the end."""
        self._folder = folder
        self._port = port
        self._count = 0
        self._doors = contextlib.AsyncExitStack()
        self._doors.push_async_exit(stage)
        self.stage = stage
        self.on_stage: list[Callable[[Stage], None]] = []
        hours = (pictures.DUSK, pictures.DAWN, pictures.NOON)
        self.page = Page(stage, [pictures.draw(hour) for hour in hours])
        self.tour = PageTour(self.page.ledger, self.fresh, steps)
        self.page.tour = self.tour

    async def __aenter__(self) -> Self:
        try:
            await self.page.start(self._port)
        except OSError:
            await self.page.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.tour.end()
        await self.page.stop()
        await self._doors.aclose()

    async def fresh(self) -> Stage:
        """A stage on which nothing has happened yet, shown on the page."""
        if _is_untouched(self.stage) and self.stage.is_up:
            self.page.breaks.mend()
            self.page.watch.broken()
            return self.stage
        self._count += 1
        folder = self._folder / f"stage-{self._count}"
        folder.mkdir()
        stage = Stage(folder)
        doors = contextlib.AsyncExitStack()
        await doors.enter_async_context(stage)
        before, self._doors = self._doors, doors
        self.stage = stage
        self.page.show(stage)
        for follower in self.on_stage:
            follower(stage)
        await before.aclose()
        return stage


def _is_untouched(stage: Stage) -> bool:
    chats = (stage.owner.chat, stage.stranger.chat)
    asked = any(service.exchanges for service in stage.x.services)
    return not asked and not any(chat.messages or chat.deleted for chat in chats)
