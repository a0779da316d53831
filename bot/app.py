"""Builds everything, once: the only place that knows all the rooms."""

from __future__ import annotations

import asyncio
import importlib.metadata
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from authlib.common.security import generate_token
from telegram.error import InvalidToken
from telegram.ext import Application, ApplicationBuilder, ExtBot

from twitter_core.entry import Entry
from twitter_core.line import Line
from twitter_core.publisher import Publisher
from twitter_core.store import Store, StoreError
from twitter_core.tokens import Keeper
from twitter_core.vault import StoreVault
from twitter_core.ways import Way, Ways

from . import compose, credentials, logs, routes
from .account import Account
from .agenda import Agenda
from .amendments import Amendments
from .board import Board
from .buttons import Buttons
from .card import Scene, View
from .commands import Commands
from .config import Settings
from .descriptions import Descriptions
from .disk import Disk
from .edits import Edits
from .files import TelegramFiles
from .habits import Habits
from .inbox import Inbox, Raw
from .intake import Intake
from .jobs import Jobs
from .lifecycle import Lifecycle, Parts
from .messenger import Messenger
from .money import Money
from .past import Past
from .places import Places
from .prompts import Prompts
from .repeats import Repeats
from .request import BotRequest
from .switches import Switches
from .timetable import Timetable
from .updates import Updates
from .words import sentences
from .words.costs import Purse

WRONG_SETUP = 2
FAILED = 1  # so that a supervisor starts it again


def run(settings: Settings) -> int:
    """Run the bot until it is told to stop; returns the exit status."""
    redactor = logs.set_up(settings.log_level, settings.secrets())
    try:
        parts = Builder(settings, Store(settings.data_dir), redactor).build()
    except StoreError as error:
        return _stop(str(error))
    try:
        went_well = asyncio.run(_run(parts))
    except InvalidToken:
        return _stop(
            "TELEGRAM_BOT_TOKEN is not taken by Telegram: copy the token from @BotFather once more"
        )
    return 0 if went_well else FAILED


async def _run(parts: Parts) -> bool:
    loop = asyncio.get_running_loop()
    history_wrote = partial(parts.disk.wrote, "history")
    parts.store.history.failed = partial(loop.call_soon_threadsafe, history_wrote)
    return await Lifecycle(parts).run()


def _stop(line: str) -> int:
    sys.stderr.write(f"telex: {line}\n")
    return WRONG_SETUP


class Builder:
    """Builds the rooms in their order, and holds the wires between those that lie apart."""

    def __init__(self, settings: Settings, store: Store, redactor: logs.Redactor) -> None:
        """Raises StoreError where a part of the data folder cannot be used."""
        self._settings = settings
        self._store = store
        self._redactor = redactor
        keys = credentials.oauth1_keys(settings)
        self._client = credentials.client(settings, keys)
        self._vault = StoreVault(store, hide=redactor.add)
        self._habits = Habits(store)
        self._keeper = Keeper(self._client, self._vault)
        owners = settings.telegram_owner_ids
        self._inbox = Inbox(store.folder / "inbox", owners, arrived=self._arrived)
        self._request = BotRequest(self._inbox)
        self._bot = _bot(settings, self._request)
        self._messenger = Messenger(self._bot, owners, time.monotonic, is_quiet=self._is_quiet)
        self._prompts = Prompts(store, self._messenger, clock=time.time)
        self._places = Places(store, lambda key: self._publisher.entry(key))
        self._board = Board(
            store,
            self._places,
            self._messenger,
            self._scene,
            self._line_changed,
            is_quiet=self._is_quiet,
        )
        media = store.folder / "media"
        with _in_use(media):
            self._files = TelegramFiles(
                media, self._bot, self._request, settings.telegram_local_files
            )
        self._ways = Ways(store, settings.x_upload, keys, clock=time.time, told=self._v11_given_up)
        with _in_use(store.folder / "history"):
            self._publisher = Publisher(
                store,
                self._client,
                self._keeper,
                self._files,
                self._board,
                self._ways,
                clock=time.time,
                spread=random.random,
                prices=settings.x_prices,
                budget=lambda: self._habits.current.budget,
            )
        self._board.publisher = self._publisher
        self._timetable = Timetable(store, self._habits, self._publisher, clock=time.time)
        self._jobs: Jobs  # last, for it looks after the others

    def build(self) -> Parts:
        """All rooms. Raises StoreError."""
        settings, store = self._settings, self._store
        repeats = Repeats(store, time.time)
        timetable = self._timetable
        past = Past(self._publisher.archive, self._places)
        updates = Updates(store, self._inbox, repeats, self._messenger, settings.telegram_owner_ids)
        application = _application(self._bot, updates)
        account = Account(
            self._client,
            self._keeper,
            self._vault,
            self._publisher,
            self._ways,
            self._messenger,
            clock=time.time,
            new_secret=lambda: generate_token(64),
            hide=self._redactor.add,
            changed=self._sign_in_changed,
            version=importlib.metadata.version("telex"),
            zone=lambda: timetable.zone,
        )
        self._jobs = Jobs(
            _job_queue(application),
            self._keeper,
            self._vault,
            account,
            self._publisher,
            self._messenger,
            repeats,
            clock=time.time,
            spread=random.random,
        )
        in_order = asyncio.Lock()
        intake = Intake(
            self._publisher,
            self._places,
            self._messenger,
            clock=time.time,
            window=settings.album_window,
            is_recorded=past.has,
            recall=past.by_key,
            find_in_history=past.by_message,
            habits=self._habits,
            in_order=in_order,
            timetable=timetable,
        )
        agenda = Agenda(
            self._publisher,
            self._board,
            self._places,
            self._messenger,
            self._prompts,
            self._habits,
            timetable,
            clock=time.time,
            recall=past.by_key,
            find_in_history=past.by_message,
            take=intake.on_timed,
        )
        routes.connect(
            application,
            updates,
            account,
            Commands(
                self._publisher,
                self._places,
                self._messenger,
                recall=past.by_key,
                find_in_history=past.by_message,
            ),
            intake,
            Buttons(
                self._publisher,
                self._board,
                clock=time.time,
                recall=past.by_key,
                hold=lambda: timetable.hold,
            ),
            self._prompts,
            Switches(
                self._habits,
                self._ways,
                self._messenger,
                self._prompts,
                timetable,
                zone_changed=self._board.show_all,
            ),
            Money(self._publisher, self._board, self._habits, self._messenger, clock=time.time),
            agenda,
            Edits(
                self._publisher,
                self._places,
                self._messenger,
                habits=self._habits,
                in_order=in_order,
                find_in_history=past.by_message,
                is_landing=account.is_landing,
                give_time=agenda.give_time,
            ),
            Descriptions(
                self._publisher,
                self._places,
                self._messenger,
                self._prompts,
                in_order=in_order,
                find_in_history=past.by_message,
            ),
            Amendments(
                self._publisher,
                self._board,
                self._places,
                self._prompts,
                recall=past.by_key,
                is_continued=past.is_continued,
            ),
        )
        disk = Disk(self._messenger)
        store.failed = partial(disk.wrote, "store")
        self._inbox.failed = partial(disk.wrote, "inbox")
        self._inbox.set_aside = self._set_aside
        with _in_use(store.folder / "inbox"):
            unfinished = self._inbox.open()
        self._redactor.add(*self._vault.secrets())
        return Parts(
            settings=settings,
            store=store,
            client=self._client,
            keeper=self._keeper,
            publisher=self._publisher,
            files=self._files,
            board=self._board,
            messenger=self._messenger,
            account=account,
            jobs=self._jobs,
            request=self._request,
            application=application,
            disk=disk,
            inbox=self._inbox,
            timetable=timetable,
            unfinished=unfinished,
        )

    # --- the wires

    def _arrived(self, update: Raw) -> None:
        """An owner's update is being written: what it will need is begun at once."""
        media = compose.glance(update)
        if media is not None:
            self._files.begin(media)
            loop = asyncio.get_running_loop()
            self._warming = loop.create_task(self._client.open_connections())

    def _set_aside(self, chat: int) -> None:
        self._messenger.tell(chat, View(sentences.UNREADABLE))

    def _v11_given_up(self) -> None:
        self._messenger.notify(View(sentences.V11_GIVEN_UP))

    def _line_changed(self, line: Line) -> None:
        self._jobs.line_changed(line)

    def _sign_in_changed(self) -> None:
        self._jobs.plan_renewal()
        self._publisher.wake()
        self._board.line_changed(self._publisher.line)

    def _scene(self, entry: Entry) -> Scene:
        account = self._keeper.account
        is_same = account is not None and entry.account in ("", account.id)
        return Scene(
            username=account.username if account is not None and is_same else "",
            line=self._publisher.line,
            signed_in=not self._keeper.ended,
            now=time.time(),
            ahead=self._publisher.ahead_of(entry),
            progress=self._publisher.progress(entry.key),
            menu=self._board.menu(entry.key),
            zone=self._timetable.zone,
            has_slots=bool(self._habits.current.slots),
            purse=self._purse(),
        )

    def _purse(self) -> Purse:
        ledger, prices = self._publisher.ledger, self._settings.x_prices
        if self._ways.choose(self._publisher.account) is Way.V11:
            prices = replace(prices, alt_text=Decimal(0))  # for which X names no price
        return Purse(prices, ledger.current, ledger.budget)

    def _is_quiet(self) -> bool:
        return self._habits.current.quiet


@contextmanager
def _in_use(path: Path) -> Iterator[None]:
    """What goes wrong with `path` of the data folder, as the person who starts Telex needs it."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{error.filename or path} cannot be used ({error.strerror}); nothing was deleted. "
            "Make it usable for this user, put a back-up in its place, or move it away."
        ) from None


class _QuietBot(ExtBot[None]):
    """PTB's bot shows its token in its `repr`, and with it the application and the updater do."""

    def __repr__(self) -> str:
        return "Bot"


def _bot(settings: Settings, request: BotRequest) -> ExtBot[None]:
    root = settings.telegram_api_url
    return _QuietBot(
        settings.telegram_bot_token.get_secret_value(),
        base_url=f"{root}/bot",
        base_file_url=f"{root}/file/bot",
        request=request,
        get_updates_request=request,
        local_mode=settings.telegram_local_files is not None,
    )


def _application(bot: ExtBot[None], updates: Updates) -> Application[Any, Any, Any, Any, Any, Any]:
    return ApplicationBuilder().bot(bot).concurrent_updates(updates).build()


def _job_queue(application: Application[Any, Any, Any, Any, Any, Any]) -> Any:
    if application.job_queue is None:
        raise RuntimeError("python-telegram-bot was installed without its job-queue extra")
    return application.job_queue
