"""Edited messages: what waits takes the new text, and what is out is told on its card."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from telegram import Message, Update
from telegram.ext import ContextTypes

from twitter_core import revision
from twitter_core.entry import Entry, Question
from twitter_core.events import Edited
from twitter_core.publisher import Publisher
from twitter_core.schedule import has_time
from twitter_core.text import normalize

from . import compose
from .card import View
from .compose import Sort
from .habits import Habits
from .messenger import Messenger
from .places import Place, Places
from .words import later

Context = ContextTypes.DEFAULT_TYPE

# What such a question asks is not answered by a time in the text.
_OF_MORE_THAN_TIME = (Question.ACCOUNT, Question.LATE, Question.PARENT)
A_DAY = 86_400.0  # seconds: by more than that no two clocks differ


class Edits:
    """The handler of edited messages. Telegram tells of edits that one cannot see, too."""

    def __init__(
        self,
        publisher: Publisher,
        places: Places,
        messenger: Messenger,
        *,
        habits: Habits,
        in_order: asyncio.Lock,
        find_in_history: Callable[[int, int, float], tuple[Entry, Place | None] | None],
        is_landing: Callable[[str], bool],
        give_time: Callable[[Message, str, str], Awaitable[str]],
    ) -> None:
        """`in_order` is what new messages are taken in one by one with, for an edit may come on
        their heels; `find_in_history` finds a post by chat, message id and a time before its end,
        blocking; `is_landing` tells the addresses that a sign-in ends at; `give_time` gives a post,
        by its key, the time that was typed for it, and returns the answer.
        """
        self._publisher = publisher
        self._places = places
        self._messenger = messenger
        self._habits = habits
        self._in_order = in_order
        self._find_in_history = find_in_history
        self._is_landing = is_landing
        self._give_time = give_time

    async def on_edit(self, update: Update, context: Context) -> None:
        """An edited message of the owner's."""
        message = update.edited_message
        if message is None or message.edit_date is None or self._is_landing(message.text or ""):
            return
        events = [
            event
            for names_as_links in (False, True)
            if (event := _read(message, update.update_id, names_as_links)) is not None
        ]
        if not events:
            return
        if self._habits.current.names_as_links:
            events.reverse()
        typed = compose.read(message).at
        async with self._in_order:
            entries = await self._find(message, events, typed)
            for entry in entries:
                self._publisher.tell(entry.key, _as_before(entry, events))
            answer = ""
            if entries and self._is_newest(entries[0].key, events[0]):
                answer = await self._move(message, entries[0].key, typed)
        if answer:
            await self._messenger.send(message.chat_id, View(answer), reply_to=message.message_id)

    def _is_newest(self, key: str, event: Edited) -> bool:
        """Whether no later edit of that message has come before this one."""
        entry = self._publisher.entry(key)
        words = entry.words if entry is not None else ()
        return any(one.order == event.order and one.edited == event.edited for one in words)

    async def _move(self, message: Message, key: str, typed: str | None) -> str:
        """Where the message begins with another time now, its post gets that; returns the answer.

        A time that the owner has given it otherwise stays where only the text is edited.
        """
        entry, place = self._publisher.entry(key), self._places.get(key)
        if entry is None or place is None or typed == place.at:
            return ""
        if typed is None:
            self._places.retype(key, None)
            return later.KEEPS_TIME if has_time(entry) else ""
        if entry.question in _OF_MORE_THAN_TIME:
            return later.ANSWER_FIRST
        answer = await self._give_time(message, key, typed)
        self._places.retype(key, typed)
        return answer

    async def _find(self, message: Message, events: list[Edited], typed: str | None) -> list[Entry]:
        """The posts of that message: more than one where it was deleted and posted again."""
        chat, message_id = message.chat_id, message.message_id
        keys = self._places.family(chat, message_id)
        if keys:
            return [e for key in keys if (e := self._publisher.entry(key)) is not None]
        # Most edits are of messages that are no posts, so as little as can be is read for them.
        since = message.date.timestamp() - A_DAY
        found = await asyncio.to_thread(self._find_in_history, chat, message_id, since)
        if found is None:
            return []
        entry, place = found
        is_untold = revision.is_outdated(entry) and not entry.shown
        is_moved = place is not None and typed not in (None, place.at)
        is_same = not revision.changes(entry, _as_before(entry, events))
        if is_same and not is_untold and not is_moved:
            return []  # nothing is taken out of the archive for that
        self._places.adopt(entry.key, place or Place(chat, (message_id,)))
        self._publisher.recall(entry)
        return [entry]


def _as_before(entry: Entry, events: list[Edited]) -> Edited:
    """The reading of an edit that changes nothing, or else the one that is preferred now."""
    return next((event for event in events if not revision.changes(entry, event)), events[0])


def _read(message: Message, number: int, names_as_links: bool) -> Edited | None:
    """What an edited message says; None where that is nothing that could be posted."""
    incoming = compose.read(message, names_as_links=names_as_links)
    if incoming.sort not in (Sort.TEXT, Sort.POST) or incoming.poll is not None:
        return None
    text = incoming.text
    if message.text and not incoming.at:
        said = compose.behind_post(text)
        if said is None:
            return None
        text = normalize(said)
    if not text and incoming.media is None:
        return None
    edited_at = message.edit_date.timestamp() if message.edit_date is not None else 0.0
    return Edited(
        incoming.message_id, text, (edited_at, number), alts=incoming.alts, media=incoming.media
    )
