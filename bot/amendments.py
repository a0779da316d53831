"""Presses that change a post: its flags, its alt texts, and deleting it to post it again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from telegram import CallbackQuery, Update
from telegram.ext import ContextTypes

from twitter_core import handover, revision
from twitter_core.entry import ENDED, Entry, State
from twitter_core.events import Flagged, LetBe, PostAgain, Renewed
from twitter_core.publisher import Publisher

from .board import Board
from .messenger import answer
from .places import Place, Places
from .prompts import Prompts
from .words import changes, sentences

PRESSES = r"^(alt|ai|paid|who|renew|letbe)[.:]"


class Amendments:
    """The handler of these presses. Each is answered, and a late one in words."""

    def __init__(
        self,
        publisher: Publisher,
        board: Board,
        places: Places,
        prompts: Prompts,
        *,
        recall: Callable[[str], tuple[Entry, Place | None] | None],
        is_continued: Callable[[str, float], bool],
    ) -> None:
        """`recall` finds a post in the history by its key, and `is_continued` tells whether one is
        there that continues it; both are blocking.
        """
        self._publisher = publisher
        self._board = board
        self._places = places
        self._prompts = prompts
        self._recall = recall
        self._is_continued = is_continued

    async def on_press(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """A press on a button whose data fits `PRESSES`."""
        query = update.callback_query
        if query is None or query.message is None:
            return
        told, _, key = (query.data or "").partition(":")
        verb, _, what = told.partition(".")
        await answer(query, await self._press(verb, what, key, query))

    async def _press(self, verb: str, what: str, key: str, query: CallbackQuery) -> str:
        entry = self._publisher.entry(key) or await self._in_history(key)
        if entry is None:
            return sentences.FORGOTTEN
        if verb == "alt":
            return await self._ask_alt(entry, query)
        if verb == "renew":
            return await self._renew(entry, query, is_sure=what == "sure")
        if verb == "letbe":
            await self._take_back(key, query)
            if self._board.menu(key):
                self._board.open_menu(key, "")
            is_told = self._publisher.tell(key, LetBe()) is not None
            return sentences.PRESSED["there"] if is_told else changes.NO_LONGER
        return self._switch(entry, verb, what)

    async def _in_history(self, key: str) -> Entry | None:
        found = await asyncio.to_thread(self._recall, key)
        return found[0] if found is not None else None

    async def _take_back(self, key: str, query: CallbackQuery) -> Entry | None:
        """The post under `key`, out of the archive where it is there; it stays until the next
        `await`, and with it what is told to it by then.
        """
        if self._publisher.entry(key) is None:
            found = await asyncio.to_thread(self._recall, key)
            if found is not None and query.message is not None:
                place = query.message.chat.id, query.message.message_id
                self._board.revive(*found, *place)
        return self._publisher.entry(key)

    async def _ask_alt(self, entry: Entry, query: CallbackQuery) -> str:
        media = range(len(entry.post.media))
        if all(revision.is_described(entry, index) for index in media):
            return changes.ALT_TOO_LATE
        if query.message is not None:
            question = changes.ask_alt(len(media))
            await self._prompts.ask(query.message.chat.id, question, changes.PURPOSE, entry.key)
        return ""

    def _switch(self, entry: Entry, verb: str, what: str) -> str:
        flags = changes.choose(entry.post.flags, verb, what)
        if flags is None:
            return sentences.SETTING_GONE
        if self._publisher.tell(entry.key, Flagged(flags)) is not None:
            return changes.SET
        return changes.SO_ALREADY if revision.is_free(entry) else _too_late(entry)

    async def _renew(self, entry: Entry, query: CallbackQuery, *, is_sure: bool) -> str:
        """Have a post deleted and posted again, as its message says it now."""
        key = entry.key
        is_asked = False
        follows = reply_to = ""
        if changes.can_be_renewed(entry):
            is_asked = not is_sure and await self._leaves_orphans(entry)
            follows, reply_to = await self._parent_of(entry)
        # It may have left the outbox meanwhile.
        now = await self._take_back(key, query)
        if now is None:
            return sentences.FORGOTTEN
        if is_asked:
            self._board.open_menu(key, "renew")
            return changes.ASKED
        if self._board.menu(key):
            self._board.open_menu(key, "")
        if changes.can_be_renewed(now) and self._begin(now, follows, reply_to):
            return changes.UNDER_WAY
        heir = self._publisher.entry(now.heir)
        if heir is not None and heir.state not in ENDED:
            if heir.state is State.FAILED:
                self._publisher.tell(heir.key, PostAgain(self._publisher.now()))
            return changes.UNDER_WAY
        if now.deleted and not revision.is_out(now):
            return sentences.ALREADY_DELETED
        return sentences.PRESSED["delete"] if now.deleting else changes.NO_LONGER

    def _begin(self, old: Entry, follows: str, reply_to: str) -> bool:
        """Both posts are told, and so saved, in one go."""
        key = handover.key_after(old.key, old.heir)
        while self._publisher.knows(key):
            key = handover.key_after(key)
        now = self._publisher.now()
        heir = handover.make_heir(old, key, revision.wanted(old), now)
        place = self._places.get(old.key)
        if place is None or self._publisher.tell(old.key, Renewed(key, now)) is None:
            return False
        self._places.put(key, Place(place.chat, place.messages, at=place.at))
        self._publisher.submit(replace(heir, follows=follows, reply_to=reply_to))
        return True

    async def _leaves_orphans(self, entry: Entry) -> bool:
        """Whether something that continues it is out, or on its way there."""
        for other in self._publisher.entries():
            is_sent = other.state in (State.POSTING, State.UNCERTAIN) or revision.is_out(other)
            if other.follows == entry.key and is_sent:
                return True
        return await asyncio.to_thread(self._is_continued, entry.key, entry.came_at)

    async def _parent_of(self, entry: Entry) -> tuple[str, str]:
        """What it continues: where that was posted again, what is there now."""
        follows = entry.follows
        while follows:
            parent = self._publisher.entry(follows)
            if parent is None:
                found = await asyncio.to_thread(self._recall, follows)
                parent = found[0] if found is not None else None
            if parent is None or not parent.heir or revision.is_out(parent):
                break
            follows = parent.heir
        return follows, entry.reply_to if follows == entry.follows else ""


def _too_late(entry: Entry) -> str:
    return sentences.TOO_LATE[entry.state.value]
