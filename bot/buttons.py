"""What the buttons of a card do. A press is answered always, and a late one in words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from telegram import CallbackQuery, Update
from telegram.ext import ContextTypes

from twitter_core import revision
from twitter_core.entry import Entry, State
from twitter_core.events import (
    Approved,
    Cancelled,
    DeletionAsked,
    Event,
    ItIsThere,
    PostAgain,
    Stopped,
)
from twitter_core.publisher import Publisher
from twitter_core.schedule import has_time

from .board import Board
from .messenger import answer
from .places import Place
from .words import changes, later, sentences

Recall = Callable[[str], tuple[Entry, Place | None] | None]


class Buttons:
    """The handler of presses."""

    def __init__(
        self,
        publisher: Publisher,
        board: Board,
        *,
        clock: Callable[[], float],
        recall: Recall,
        hold: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """`recall` finds an entry in the history by its key, blocking; `hold` gives the seconds
        for which a post can be stopped before it is sent.
        """
        self._publisher = publisher
        self._board = board
        self._clock = clock
        self._recall = recall
        self._hold = hold

    async def on_press(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """A press on any button of ours."""
        query = update.callback_query
        if query is None:
            return
        told, _, key = (query.data or "").partition(":")
        verb, _, what = told.partition(".")
        await answer(query, await self._press(verb, what, key, query))

    async def _press(self, verb: str, what: str, key: str, query: CallbackQuery) -> str:
        """Do what the button says, `what` being the choice it stands for; returns the answer."""
        if verb == "release":
            self._publisher.release()
            return sentences.PRESSED["resume"]
        entry = self._publisher.entry(key)
        if entry is None:
            found = await asyncio.to_thread(self._recall, key)
            if found is None:
                return sentences.FORGOTTEN
            entry, place = found
            self._revive(entry, place, query)
            entry = self._publisher.entry(key) or entry  # another press may have been faster
        if verb == "menu":
            self._board.open_menu(key, what)
            return ""
        if self._board.menu(key):
            self._board.open_menu(key, "")
        event = self._event(verb, entry)
        after = self._publisher.tell(key, event) if event is not None else None
        if after is not None:
            if verb == "again" and self._publisher.line.until is None:
                self._publisher.release()  # what has a time of its own is waited for all the same
            said = sentences.PRESSED.get("post" if verb == "now" else verb, "")
            return later.AT_ITS_TIME if has_time(after) else said
        if verb in ("delete", "undouble"):
            if entry.deleting:
                return sentences.PRESSED[verb]
            if entry.deleted:
                return sentences.ALREADY_DELETED
        if entry.clearing and isinstance(event, Cancelled):
            return changes.TOO_LATE_TO_KEEP
        return later.AT_ITS_TIME if has_time(entry) else sentences.TOO_LATE[entry.state.value]

    def _event(self, verb: str, entry: Entry) -> Event | None:
        now = self._clock()
        match verb:
            case "post" | "unlink":
                return replace(self._yes(now), unlinked=verb == "unlink")
            case "now" if entry.state is State.QUEUED:
                return replace(self._yes(now), at_once=True)
            case "stop":
                return Stopped()
            case "cancel" | "discard":
                return Cancelled(now)
            case "again" if entry.state is State.FAILED:
                return PostAgain(now)
            case "repost" if entry.state is State.UNCERTAIN:
                return PostAgain(now)
            case "there":
                return ItIsThere(now)
            case "delete":
                return DeletionAsked(revision.deletable(entry), now)
            case "undouble":
                return DeletionAsked(entry.doubles)
            case _:
                return None

    def _yes(self, now: float) -> Approved:
        publisher = self._publisher
        return Approved(publisher.next_seq(), publisher.account, now, self._hold())

    def _revive(self, entry: Entry, place: Place | None, query: CallbackQuery) -> None:
        """A button of a post that is in the archive: its card is taken over again."""
        message = query.message
        if message is not None:
            self._board.revive(entry, place, message.chat.id, message.message_id)
