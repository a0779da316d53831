"""Builds everything, once, and runs it: the only place that knows all the rooms."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
import logging
import random
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from authlib.common.security import generate_token
from telegram import BotCommand, BotCommandScopeChat, Update
from telegram.error import InvalidToken, NetworkError, TelegramError
from telegram.ext import (
    Application,
    ApplicationBuilder,
    ApplicationHandlerStop,
    BaseUpdateProcessor,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ExtBot,
    MessageHandler,
    TypeHandler,
    filters,
)

from twitter_core import oauth1, oauth2
from twitter_core.client import Client, Endpoints
from twitter_core.entry import Entry
from twitter_core.line import Line
from twitter_core.publisher import Publisher
from twitter_core.store import Store, StoreError
from twitter_core.tokens import Keeper
from twitter_core.vault import StoreVault
from twitter_core.ways import Ways

from . import compose, gate, logs, sentences
from .account import Account
from .board import Board, Place
from .buttons import Buttons
from .card import Scene, View
from .commands import Commands
from .config import Settings
from .files import TelegramFiles
from .inbox import Inbox, Raw
from .intake import Intake
from .jobs import Jobs
from .messenger import Messenger
from .repeats import Repeats
from .request import BotRequest

log = logging.getLogger(__name__)

WRONG_SETUP = 2
POLL = 30  # seconds that Telegram holds a poll open
Context = ContextTypes.DEFAULT_TYPE


def run(settings: Settings) -> int:
    """Run the bot until it is told to stop; returns the exit status."""
    redactor = logs.set_up(settings.log_level, settings.secrets())
    try:
        store = Store(settings.data_dir)
        telex = Telex(settings, store, redactor)
    except StoreError as error:
        sys.stderr.write(f"{error}\n")
        return WRONG_SETUP
    try:
        return asyncio.run(telex.run())
    except InvalidToken:
        sys.stderr.write(
            "TELEGRAM_BOT_TOKEN is not taken by Telegram: "
            "copy the token from @BotFather once more\n"
        )
        return WRONG_SETUP


class Processor(BaseUpdateProcessor):
    """Handles updates side by side, and tells the inbox when each is dealt with.

    Each handler does what has to keep its order before its first `await`.
    """

    def __init__(self, telex: Telex) -> None:
        super().__init__(max_concurrent_updates=64)
        self._telex = telex

    async def do_process_update(self, update: object, coroutine: Any) -> None:
        """Handle one update."""
        if isinstance(update, Update) and self._telex.is_repeat(update):
            coroutine.close()
        else:
            await coroutine
        if isinstance(update, Update):
            self._telex.finish(update)

    async def initialize(self) -> None:
        """Nothing to set up."""

    async def shutdown(self) -> None:
        """Nothing to let go of."""


class Telex:
    """The bot with all its rooms, built from settings and an open store."""

    def __init__(self, settings: Settings, store: Store, redactor: logs.Redactor) -> None:
        self._settings = settings
        self._store = store
        self._owners = settings.telegram_owner_ids
        keys = _oauth1_keys(settings)
        self._client = Client(
            Endpoints(settings.x_api_url, settings.x_upload_url, settings.x_authorize_url),
            oauth2.App(
                settings.x_client_id,
                _value(settings.x_client_secret),
                settings.x_redirect_uri,
                settings.x_scope,
            ),
            keys,
        )
        self._vault = StoreVault(store, hide=redactor.add)
        self._keeper = Keeper(self._client, self._vault)
        self._inbox = Inbox(store.folder / "inbox", self._owners, arrived=self._arrived)
        self._replayed = self._inbox.open()
        self._request = BotRequest(self._inbox)
        self._application = self._build_application()
        bot = self._application.bot
        self._messenger = Messenger(lambda: bot, self._owners, time.monotonic)
        self._board = Board(store, self._messenger, self._scene, self._line_changed)
        self._files = TelegramFiles(
            store.folder / "media",
            lambda: bot,
            lambda: self._request,
            settings.telegram_local_files,
        )
        ways = Ways(
            store,
            settings.x_upload,
            keys,
            clock=time.time,
            told=lambda: self._messenger.notify(View(sentences.V11_GIVEN_UP)),
        )
        self._publisher = Publisher(
            store,
            self._client,
            self._keeper,
            self._files,
            self._board,
            ways,
            clock=time.time,
            spread=random.random,
        )
        self._board.publisher = self._publisher
        self._account = Account(
            self._client,
            self._keeper,
            self._vault,
            self._publisher,
            ways,
            self._messenger,
            clock=time.time,
            new_secret=lambda: generate_token(64),
            hide=redactor.add,
            changed=self._sign_in_changed,
            version=importlib.metadata.version("telex"),
        )
        self._intake = Intake(
            self._publisher,
            self._board,
            self._messenger,
            clock=time.time,
            window=settings.album_window,
            is_recorded=self._is_recorded,
        )
        self._repeats = Repeats(store, time.time)
        job_queue = self._application.job_queue
        if job_queue is None:
            raise RuntimeError("python-telegram-bot was installed without its job-queue extra")
        self._jobs = Jobs(
            job_queue,
            self._keeper,
            self._vault,
            self._account,
            self._publisher,
            self._board,
            self._messenger,
            self._repeats,
            clock=time.time,
            spread=random.random,
            hide=redactor.add,
        )
        self._register()
        self._stop = asyncio.Event()
        self._disk_failed = False
        self._polls_at_outage = -1
        self._broken: set[int] = set()
        store.failed = self._disk_told
        self._inbox.failed = self._disk_told
        self._inbox.set_aside = lambda chat: self._messenger.tell(chat, View(sentences.UNREADABLE))
        for secret in self._vault.secrets():
            redactor.add(secret)

    # --- building

    def _build_application(self) -> Application[Any, Any, Any, Any, Any, Any]:
        root = self._settings.telegram_api_url
        bot = _QuietBot(
            self._settings.telegram_bot_token.get_secret_value(),
            base_url=f"{root}/bot",
            base_file_url=f"{root}/file/bot",
            request=self._request,
            get_updates_request=self._request,
            local_mode=self._settings.telegram_local_files is not None,
        )
        return ApplicationBuilder().bot(bot).concurrent_updates(Processor(self)).build()

    def _register(self) -> None:
        add = self._application.add_handler
        is_landing = _Landing(self._account)
        new = filters.UpdateType.MESSAGE
        commands = Commands(
            self._publisher,
            self._board,
            self._messenger,
            find_in_history=self._find_by_message,
        )
        buttons = Buttons(self._publisher, self._board, clock=time.time, recall=self._recall)
        add(TypeHandler(Update, self._gate), group=-1)
        add(MessageHandler(new & is_landing, self._account.on_landing))
        for name, handler in (
            ("start", commands.on_start),
            ("help", commands.on_help),
            ("auth", self._account.on_auth),
            ("status", self._account.on_status),
            ("refresh", self._account.on_refresh),
            ("logout", self._account.on_logout),
            ("post", self._intake.on_post),
            ("queue", commands.on_queue),
            ("pause", commands.on_pause),
            ("resume", commands.on_resume),
            ("delete", commands.on_delete),
        ):
            add(CommandHandler(name, handler, filters=new))
        add(MessageHandler(new & filters.COMMAND, commands.on_unknown))
        add(MessageHandler(new, self._intake.on_message))
        add(MessageHandler(filters.UpdateType.EDITED_MESSAGE, self._intake.on_edit))
        add(CallbackQueryHandler(self._account.on_auth, pattern="^auth:"))
        add(CallbackQueryHandler(buttons.on_press))
        self._application.add_error_handler(self._on_error)

    # --- running

    async def run(self) -> int:
        """Run until SIGTERM or SIGINT. Raises InvalidToken."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._stop.set)
        tasks: list[asyncio.Task[Any]] = []
        try:
            if await self._initialize():
                tasks = await self._start()
                await self._stop.wait()
        finally:
            await self._shut_down(tasks)
        return 0

    async def _initialize(self) -> bool:
        """Reach Telegram, however long that takes; False if Telex is to stop before."""
        told = False
        while not self._stop.is_set():
            try:
                await self._application.initialize()
            except InvalidToken:
                raise
            except NetworkError as error:
                if not told:
                    log.warning(
                        "Telegram cannot be reached (%s); trying again", type(error).__name__
                    )
                    told = True
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), 3)
            else:
                return True
        return False

    async def _start(self) -> list[asyncio.Task[Any]]:
        application = self._application
        self._files.keep_only(self._publisher.entries())
        await application.start()
        updater = application.updater
        if updater is None:
            raise RuntimeError("the application was built without an updater")
        for update in self._replayed:
            await application.update_queue.put(Update.de_json(dict(update), application.bot))
        await updater.start_polling(
            timeout=POLL,
            allowed_updates=list(gate.ALLOWED_UPDATES),
            bootstrap_retries=-1,
            error_callback=self._poll_failed,
        )
        self._jobs.start()
        self._board.show_all()
        log.info("Telex runs; sign-in: %s", "none" if self._keeper.ended else "good")
        return [
            self._task(self._publisher.run()),
            self._task(self._reopen_albums()),
            self._task(self._set_commands()),
            self._task(self._serve_landing_page()),
        ]

    def _poll_failed(self, error: TelegramError) -> None:
        """PTB polls again by itself; an outage is logged once."""
        if self._request.polls != self._polls_at_outage:
            self._polls_at_outage = self._request.polls
            log.warning("Telegram cannot be polled (%s); trying again", type(error).__name__)

    def _task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(self._task_ended)
        return task

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.critical("a part of Telex ended; stopping", exc_info=error)
            self._stop.set()

    async def _reopen_albums(self) -> None:
        """Albums that a restart found open: their other items come with the first poll."""
        await self._request.polled.wait()
        self._publisher.reopen_albums(time.time() + self._settings.album_window)

    async def _set_commands(self) -> None:
        commands = [BotCommand(name, about) for name, about in sentences.COMMANDS]
        for owner in self._owners:
            try:
                await self._application.bot.set_my_commands(
                    commands, scope=BotCommandScopeChat(owner)
                )
            except TelegramError as error:
                # An owner who has not written to the bot yet has no chat with it.
                log.info("the commands could not be set for an owner (%s)", error.message)

    async def _serve_landing_page(self) -> None:
        where = self._settings.listen_on
        if where is None:
            log.info("LISTEN is empty: the sign-in goes by pasting the address")
            return
        from . import callback  # after the first poll is on its way

        try:
            sock = callback.bind(*where)
        except OSError as error:
            log.warning(
                "LISTEN: %s is not to be had (%s); the sign-in goes by pasting the address",
                self._settings.listen,
                error.strerror,
            )
            return
        page = callback.app(self._settings.x_redirect_uri, self._land)
        await callback.Server(page).serve(sockets=[sock])

    async def _land(self, address: str) -> str:
        pending = self._vault.pending()
        answer = await self._account.land(address)
        if pending is not None and self._vault.pending() is None:
            self._messenger.tell(int(pending.asked_by), View(answer))
        return answer

    async def _shut_down(self, tasks: list[asyncio.Task[Any]]) -> None:
        application = self._application
        if application.updater is not None and application.updater.running:
            await application.updater.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._keeper.settle()
        await self._board.stop()
        await self._messenger.stop()
        if application.running:
            await application.stop()
        with contextlib.suppress(OSError):
            await self._store.close()
        await application.shutdown()
        await self._client.aclose()

    # --- what the rooms are given

    async def _gate(self, update: Update, context: Context) -> None:
        """The second gate: whatever came past the first one is not an owner's either."""
        if not gate.is_owners(update.to_dict(), self._owners):
            raise ApplicationHandlerStop

    def is_repeat(self, update: Update) -> bool:
        """Whether Telegram delivered that command or press before."""
        return self._repeats.is_repeat(update)

    def finish(self, update: Update) -> None:
        """An update is dealt with once what it changed is on the disk."""
        self._repeats.note(update)
        number = update.update_id
        if number in self._broken:
            self._broken.discard(number)
            self._put_aside(update)
        self._store.after_save(lambda: self._inbox.finish(number))

    def _put_aside(self, update: Update) -> None:
        try:
            self._inbox.put_aside(update.to_dict())
        except OSError as error:
            log.warning("an update could not be kept: %s", error.strerror)
        if update.effective_chat is not None:
            self._messenger.tell(update.effective_chat.id, View(sentences.BROKEN))

    async def _on_error(self, update: object, context: Context) -> None:
        log.error("an update could not be handled", exc_info=context.error)
        if isinstance(update, Update) and not isinstance(context.error, TelegramError):
            self._broken.add(update.update_id)

    def _arrived(self, update: Raw) -> None:
        """An owner's update is being written: what it will need is begun at once."""
        media = compose.glance(update)
        if media is not None:
            self._files.begin(media)
            loop = asyncio.get_running_loop()
            self._warming = loop.create_task(self._client.open_connections())

    def _disk_told(self, error: OSError | None) -> None:
        failed = error is not None
        if failed != self._disk_failed:
            self._disk_failed = failed
            if failed:
                log.error("the disk refuses writes: %s", error and error.strerror)
            self._messenger.notify(View(sentences.DISK_REFUSES if failed else sentences.DISK_WORKS))

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
        )

    def _recall(self, key: str) -> tuple[Entry, Place | None] | None:
        return self._find(lambda line: line.get("key") == key)

    def _is_recorded(self, key: str, since: float) -> bool:
        found = self._publisher.archive.find(lambda line: line.get("key") == key, since=since)
        return found is not None

    def _find_by_message(self, chat: int, message_id: int) -> tuple[Entry, Place | None] | None:
        def is_it(line: Mapping[str, Any]) -> bool:
            place = line.get("remark") or {}
            ids = (place.get("card"), *place.get("messages", ()))
            return place.get("chat") == chat and message_id in ids

        return self._find(is_it)

    def _find(
        self, is_it: Callable[[Mapping[str, Any]], bool]
    ) -> tuple[Entry, Place | None] | None:
        record = self._publisher.archive.find(is_it)
        if record is None:
            return None
        return record.entry, self._board.read_place(record.remark)


class _QuietBot(ExtBot[None]):
    """PTB's bot shows its token in its `repr`, and with it the application and the updater do."""

    def __repr__(self) -> str:
        return "Bot"


class _Landing(filters.MessageFilter):
    """Texts that are the address a browser landed on."""

    def __init__(self, account: Account) -> None:
        super().__init__("landing")
        self._account = account

    def filter(self, message: Any) -> bool:
        return bool(message.text) and self._account.is_landing(message.text)


def _oauth1_keys(settings: Settings) -> oauth1.Keys | None:
    if not settings.has_oauth1:
        return None
    return oauth1.Keys(
        _value(settings.x_api_key),
        _value(settings.x_api_secret),
        _value(settings.x_access_token),
        _value(settings.x_access_token_secret),
    )


def _value(secret: Any) -> str:
    return "" if secret is None else str(secret.get_secret_value())
