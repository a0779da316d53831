"""Starts the parts in their order, runs until a signal comes, and stops them in reverse."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from telegram.error import InvalidToken, TelegramError
from telegram.ext import Application

from twitter_core.client import Client
from twitter_core.publisher import Publisher
from twitter_core.store import Store
from twitter_core.tokens import Keeper

from . import gate, menu
from .account import Account
from .board import Board
from .config import Settings
from .disk import Disk
from .files import TelegramFiles
from .inbox import Inbox, Raw
from .jobs import Jobs
from .messenger import Messenger
from .request import BotRequest
from .timetable import Timetable

log = logging.getLogger(__name__)

T = TypeVar("T")

POLL = 30  # seconds that Telegram holds a poll open
GRACE = 6.0  # seconds for all that is under way at the end; a container is killed after 10
REACH_EVERY = 3.0  # seconds between two tries to reach Telegram at the start


@dataclass(frozen=True, slots=True)
class Parts:
    """What `app` has built."""

    settings: Settings
    store: Store
    client: Client
    keeper: Keeper
    publisher: Publisher
    files: TelegramFiles
    board: Board
    messenger: Messenger
    account: Account
    jobs: Jobs
    request: BotRequest
    application: Application[Any, Any, Any, Any, Any, Any]
    disk: Disk
    inbox: Inbox
    timetable: Timetable
    unfinished: tuple[Raw, ...]


class Lifecycle:
    """One run of Telex."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._stop = asyncio.Event()
        self._failed = False
        self._polls_at_outage = -1
        self._end_at = 0.0  # in the loop's time, once the end has begun

    async def run(self) -> bool:
        """Run until SIGTERM or SIGINT; False if a part of it failed. Raises InvalidToken."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._stop.set)
        tasks: list[asyncio.Task[Any]] = []
        try:
            if await self._reach_telegram():
                tasks = await self._unless_stopped(self._start()) or []
                await self._stop.wait()
        finally:
            await self._shut_down(tasks)
        return not self._failed

    async def _reach_telegram(self) -> bool:
        """However long that takes; False if Telex is to stop before."""
        told = False
        while not self._stop.is_set():
            try:
                await self._unless_stopped(self._parts.application.initialize())
            except InvalidToken:
                raise
            except TelegramError as error:  # a 429, a proxy's page, … pass as an outage does
                if not told:
                    log.warning(
                        "Telegram cannot be reached (%s); trying again", type(error).__name__
                    )
                    told = True
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), REACH_EVERY)
            else:
                return not self._stop.is_set()
        return False

    async def _unless_stopped(self, work: Coroutine[Any, Any, T]) -> T | None:
        """What `work` comes to; None if Telex is to stop before: PTB would try for ever."""
        task = asyncio.ensure_future(work)
        stop = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if task.done():
            return task.result()
        task.cancel()
        await asyncio.wait({task})
        return None

    async def _start(self) -> list[asyncio.Task[Any]]:
        parts = self._parts
        application = parts.application
        parts.files.keep_only(parts.publisher.entries())
        await application.start()
        if application.updater is None:
            raise RuntimeError("the application was built without an updater")
        for update in parts.inbox.parse(parts.unfinished, application.bot):
            await application.update_queue.put(update)
        await application.updater.start_polling(
            timeout=POLL,
            allowed_updates=list(gate.ALLOWED_UPDATES),
            bootstrap_retries=-1,
            error_callback=self._poll_failed,
        )
        parts.jobs.start()
        parts.timetable.settle()
        parts.board.begin()
        log.info("Telex runs; sign-in: %s", "none" if parts.keeper.ended else "good")
        return [
            self._task(parts.publisher.run()),
            self._task(self._reopen_albums()),
            self._task(self._show_menu()),
            self._task(self._serve_landing_page()),
        ]

    def _poll_failed(self, error: TelegramError) -> None:
        """PTB polls again by itself; an outage is logged once."""
        if self._parts.request.polls != self._polls_at_outage:
            self._polls_at_outage = self._parts.request.polls
            log.warning("Telegram cannot be polled (%s); trying again", type(error).__name__)

    def _task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(self._task_ended)
        return task

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.critical("a part of Telex ended; stopping", exc_info=error)
            self._failed = True
            self._stop.set()

    async def _reopen_albums(self) -> None:
        """Albums that a restart found open: their other items come with the first poll."""
        await self._parts.request.polled.wait()
        self._parts.publisher.reopen_albums(time.time() + self._parts.settings.album_window)

    async def _show_menu(self) -> None:
        for owner in self._parts.settings.telegram_owner_ids:
            await menu.show(self._parts.application.bot, owner)

    async def _serve_landing_page(self) -> None:
        settings = self._parts.settings
        if settings.listen_on is None:
            log.info("LISTEN is empty: the sign-in goes by pasting the address")
            return
        from . import callback  # only now, when the first poll is on its way

        try:
            sock = callback.bind(*settings.listen_on)
        except OSError as error:
            log.warning(
                "LISTEN: %s is not to be had (%s); the sign-in goes by pasting the address",
                settings.listen,
                error.strerror,
            )
            return
        page = callback.app(settings.x_redirect_uri, self._parts.account.on_page)
        await callback.Server(page).serve(sockets=[sock])

    async def _shut_down(self, tasks: list[asyncio.Task[Any]]) -> None:
        parts = self._parts
        application = parts.application
        self._end_at = asyncio.get_running_loop().time() + GRACE
        if application.updater is not None and application.updater.running:
            await self._in_time(application.updater.stop())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._in_time(parts.keeper.settle())
        await self._in_time(parts.board.stop())
        await self._in_time(parts.messenger.stop())
        if application.running:
            await self._in_time(application.stop())
        await self._in_time(parts.store.close())
        await self._in_time(application.shutdown())
        await self._in_time(parts.client.aclose())

    async def _in_time(self, work: Coroutine[Any, Any, None]) -> None:
        """Give up on what does not end in time, or not well: the next start takes it up."""
        try:
            async with asyncio.timeout_at(max(self._end_at, asyncio.get_running_loop().time() + 1)):
                await work
        except TimeoutError:
            log.info("something did not end in time; it goes on at the next start")
        except Exception as error:  # noqa: BLE001 - whatever it is, the other parts still have to end
            log.warning("something did not end well: %s", type(error).__name__)
