"""Commands about the bot as a whole and about the line. The sign-in has a room of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from telegram import Update
from telegram.ext import ContextTypes

from twitter_core import revision
from twitter_core.entry import ENDED, THERE, Entry, State
from twitter_core.events import Cancelled, DeletionAsked
from twitter_core.publisher import Publisher

from . import menu
from .card import View
from .messenger import Messenger
from .places import Place, Places
from .words import sentences

Context = ContextTypes.DEFAULT_TYPE


class Commands:
    """The handlers of /start, /help, /pause, /resume, /delete, and of unknown commands."""

    def __init__(
        self,
        publisher: Publisher,
        places: Places,
        messenger: Messenger,
        *,
        recall: Callable[[str], tuple[Entry, Place | None] | None],
        find_in_history: Callable[[int, int], tuple[Entry, Place | None] | None],
    ) -> None:
        """`recall` finds a post in the history by its key, and `find_in_history` by chat and
        message id; both are blocking.
        """
        self._publisher = publisher
        self._places = places
        self._messenger = messenger
        self._recall = recall
        self._find_in_history = find_in_history

    async def on_start(self, update: Update, context: Context) -> None:
        """`/start`: the first that an owner sends, so the menu comes along."""
        await self._say(update, View(sentences.START))
        if update.message is not None:
            await menu.show(context.bot, update.message.chat_id)

    async def on_help(self, update: Update, context: Context) -> None:
        """`/help`."""
        await self._say(update, View(sentences.HELP))

    async def on_unknown(self, update: Update, context: Context) -> None:
        """A command that is none of ours."""
        await self._say(update, View(sentences.UNKNOWN_COMMAND))

    async def on_pause(self, update: Update, context: Context) -> None:
        """`/pause`: nothing goes out until /resume, also after a restart."""
        self._publisher.pause()
        await self._say(update, View(sentences.PAUSED))

    async def on_resume(self, update: Update, context: Context) -> None:
        """`/resume`: go on, whatever the line was held for."""
        self._publisher.resume()
        await self._say(update, View(sentences.RESUMED))

    async def on_delete(self, update: Update, context: Context) -> None:
        """`/delete` as a reply: delete that post on X."""
        message = update.message
        if message is None:
            return
        target = message.reply_to_message
        if target is None:
            await self._say(update, View(sentences.DELETE_WHAT))
            return
        key = self._places.find(message.chat_id, target.message_id)
        entry = self._publisher.entry(key) if key is not None else None
        if entry is None:
            found = await asyncio.to_thread(
                self._find_in_history, message.chat_id, target.message_id
            )
            if found is None:
                await self._say(update, View(sentences.DELETE_UNKNOWN))
                return
            entry = self._take_back(found, message.chat_id, target.message_id)
        if entry.replaces and entry.state not in ENDED:
            # It was to be posted again: neither of the two is wanted any more.
            self._publisher.tell(entry.key, Cancelled(self._publisher.now(), for_both=True))
            old = self._publisher.entry(entry.replaces)
            if old is None and (found := await asyncio.to_thread(self._recall, entry.replaces)):
                old = self._take_back(found, message.chat_id, target.message_id)
            entry = old or entry
        if answer := self._delete(entry):
            await self._say(update, View(answer))

    def _take_back(self, found: tuple[Entry, Place | None], chat: int, message_id: int) -> Entry:
        """The post out of the archive."""
        entry, place = found
        self._places.adopt(entry.key, place or Place(chat, (message_id,)))
        self._publisher.recall(entry)
        return self._publisher.entry(entry.key) or entry

    def _delete(self, entry: Entry) -> str:
        """Delete what is out of `entry`, and let nothing more of it go out; returns why not.

        Where something is deleted the card tells, so nothing is returned.
        """
        if entry.state is State.UNCERTAIN and entry.question is not None:
            return sentences.DELETE_UNSURE
        if entry.state in (State.POSTING, State.UNCERTAIN):
            return sentences.DELETE_BUSY
        ids = revision.deletable(entry)
        if ids:
            self._publisher.tell(entry.key, Cancelled(self._publisher.now()))
        if self._publisher.tell(entry.key, DeletionAsked(ids)) is not None:
            return ""
        if entry.deleting:
            return sentences.PRESSED["delete"]
        if entry.deleted:
            return sentences.ALREADY_DELETED
        if THERE in entry.posted:
            return sentences.DELETE_NO_ADDRESS
        is_sure = entry.first_try_at is None
        return sentences.DELETE_NOT_OUT if is_sure else sentences.DELETE_NOT_KNOWN

    async def _say(self, update: Update, view: View) -> None:
        if update.message is not None:
            await self._messenger.send(update.message.chat_id, view)
