"""Alt texts that the owner gives in the chat: by `/alt`, or in answer to a question."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from telegram import Message, Update
from telegram.ext import ContextTypes

from twitter_core import revision
from twitter_core.entry import ENDED, Entry
from twitter_core.events import Described
from twitter_core.post import Kind
from twitter_core.publisher import Publisher

from . import alts, compose
from .card import View
from .messenger import Messenger
from .places import Place, Places
from .prompts import Prompts
from .words import changes


class Descriptions:
    """The handler of `/alt`, and of what is typed when a card's [Alt text] was pressed."""

    def __init__(
        self,
        publisher: Publisher,
        places: Places,
        messenger: Messenger,
        prompts: Prompts,
        *,
        in_order: asyncio.Lock,
        find_in_history: Callable[[int, int], tuple[Entry, Place | None] | None],
    ) -> None:
        """`in_order` is what messages are taken in with, for `/alt` may come on the heels of a
        picture; `find_in_history` finds a post by chat and message id, blocking.
        """
        self._publisher = publisher
        self._places = places
        self._messenger = messenger
        self._in_order = in_order
        self._find_in_history = find_in_history
        prompts.expect(changes.PURPOSE, self._on_answer)

    async def on_alt(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """`/alt TEXT` as a reply to a picture, or to the card of its post."""
        message = update.message
        if message is None:
            return
        words = compose.behind_command(message.text or "")
        target = message.reply_to_message
        if target is None:
            await self._say(message, changes.ALT_HOW)
            return
        async with self._in_order:
            key = self._places.find(message.chat_id, target.message_id)
        entry = self._publisher.entry(key) if key is not None else None
        if entry is None:
            is_known = await asyncio.to_thread(
                self._find_in_history, message.chat_id, target.message_id
            )
            await self._say(message, changes.ALT_TOO_LATE if is_known else changes.ALT_UNKNOWN)
            return
        orders = [medium.order for medium in entry.post.media]
        at = orders.index(target.message_id) if target.message_id in orders else None
        await self._say(message, self._describe(entry, words, at))

    async def _on_answer(self, message: Message, about: str) -> None:
        entry = self._publisher.entry(about)
        words = message.text or ""
        said = self._describe(entry, words, None) if entry is not None else changes.ALT_TOO_LATE
        await self._say(message, said)

    def _describe(self, entry: Entry, words: str, at: int | None) -> str:
        """Give the media of `entry` their alt texts; returns what is answered."""
        media = entry.post.media
        if not media:
            return changes.ALT_NO_PICTURE
        if entry.state in ENDED:
            return changes.ALT_TOO_LATE
        said = alts.read(words, len(media), at)
        if isinstance(said, alts.Misfit):
            return changes.alt_misfit(said)
        if not said:
            return changes.ALT_HOW
        if any(media[index].kind is Kind.VIDEO for index, _ in said):
            return changes.ALT_VIDEO
        if any(revision.is_described(entry, index) for index, _ in said):
            return changes.ALT_TOO_LATE
        self._publisher.tell(entry.key, Described(said))
        return changes.alt_set(tuple(index + 1 for index, _ in said), len(media))

    async def _say(self, message: Message, text: str) -> None:
        await self._messenger.send(message.chat_id, View(text), reply_to=message.message_id)
