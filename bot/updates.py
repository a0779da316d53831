"""One update at a time on its way through the handlers: past the gate, and out of the inbox.

Never handles a message itself. What could not be handled is set aside and told, not lost.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any

from telegram import Update
from telegram.error import TelegramError
from telegram.ext import ApplicationHandlerStop, BaseUpdateProcessor, ContextTypes

from twitter_core.store import Store

from . import gate
from .card import View
from .inbox import Inbox
from .messenger import Messenger
from .repeats import Repeats
from .words import sentences

log = logging.getLogger(__name__)

Context = ContextTypes.DEFAULT_TYPE
SIDE_BY_SIDE = 64


class Updates(BaseUpdateProcessor):
    """Runs the handlers side by side, and tells the inbox when each update is dealt with.

    Each handler does what has to keep its order before its first `await`.
    """

    def __init__(
        self,
        store: Store,
        inbox: Inbox,
        repeats: Repeats,
        messenger: Messenger,
        owners: Collection[int],
    ) -> None:
        super().__init__(max_concurrent_updates=SIDE_BY_SIDE)
        self._store = store
        self._inbox = inbox
        self._repeats = repeats
        self._messenger = messenger
        self._owners = owners
        self._broken: set[int] = set()

    async def do_process_update(self, update: object, coroutine: Any) -> None:
        """Handle one update, unless it is a command or press that was dealt with before."""
        if not isinstance(update, Update):
            await coroutine
            return
        if self._repeats.is_repeat(update):
            coroutine.close()
        else:
            await coroutine
        self._finish(update)

    async def initialize(self) -> None:
        """Nothing to set up."""

    async def shutdown(self) -> None:
        """Nothing to let go of."""

    async def check_owner(self, update: Update, context: Context) -> None:
        """The second gate: whatever came past the first one is not an owner's either."""
        if not gate.is_owners(update.to_dict(), self._owners):
            raise ApplicationHandlerStop

    async def on_error(self, update: object, context: Context) -> None:
        """A handler failed: at Telegram, which is told in the log, or by a mistake of ours."""
        log.error("an update could not be handled", exc_info=context.error)
        if isinstance(update, Update) and not isinstance(context.error, TelegramError):
            self._broken.add(update.update_id)

    def _finish(self, update: Update) -> None:
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
