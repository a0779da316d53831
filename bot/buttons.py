"""What the buttons of a card do. A press is answered always, and a late one in words."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from telegram import CallbackQuery, Update
from telegram.error import TelegramError
from telegram.ext import ContextTypes

from twitter_core.entry import Entry, State
from twitter_core.events import (
    Approved,
    Cancelled,
    DeletionAsked,
    Event,
    ItIsThere,
    PostAgain,
)
from twitter_core.publisher import Publisher

from . import sentences
from .board import Board, Place

log = logging.getLogger(__name__)

Recall = Callable[[str], tuple[Entry, Place | None] | None]


class Buttons:
    """The handler of presses."""

    def __init__(
        self, publisher: Publisher, board: Board, *, clock: Callable[[], float], recall: Recall
    ) -> None:
        """`recall` finds an entry in the history by its key; blocking."""
        self._publisher = publisher
        self._board = board
        self._clock = clock
        self._recall = recall

    async def on_press(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """A press on any button of ours."""
        query = update.callback_query
        if query is None:
            return
        told, _, key = (query.data or "").partition(":")
        verb, _, what = told.partition(".")
        await _answer(query, await self._press(verb, what, key, query))

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
        if verb == "menu":
            self._board.open_menu(key, what)
            return ""
        if self._board.menu(key):
            self._board.open_menu(key, "")
        event = self._event(verb, entry)
        if event is not None and self._publisher.tell(key, event) is not None:
            if verb == "again" and self._publisher.line.until is None:
                self._publisher.release()  # what has a time of its own is waited for all the same
            return sentences.PRESSED.get(verb, "")
        if verb in ("delete", "undouble"):
            if entry.deleting:
                return sentences.PRESSED[verb]
            if entry.deleted:
                return sentences.ALREADY_DELETED
        return sentences.TOO_LATE[entry.state.value]

    def _event(self, verb: str, entry: Entry) -> Event | None:
        now = self._clock()
        match verb:
            case "post":
                return Approved(self._publisher.next_seq(), self._publisher.account)
            case "cancel" | "discard":
                return Cancelled(now)
            case "again" if entry.state is State.FAILED:
                return PostAgain()
            case "repost" if entry.state is State.UNCERTAIN:
                return PostAgain()
            case "there":
                return ItIsThere(now)
            case "delete":
                return DeletionAsked((*entry.doubles, *reversed(entry.posted)))
            case "undouble":
                return DeletionAsked(entry.doubles)
            case _:
                return None

    def _revive(self, entry: Entry, place: Place | None, query: CallbackQuery) -> None:
        """A button of a post that is in the archive: its card is taken over again."""
        message = query.message
        if message is not None:
            here = Place(message.chat.id, (message.message_id,))
            # What was shown last is not what the card holds now, so it is shown anew.
            place = replace(place or here, card=message.message_id, shown="")
            self._board.adopt(entry.key, place)
            self._publisher.recall(entry)


async def _answer(query: CallbackQuery, text: str) -> None:
    try:
        await query.answer(text)
    except TelegramError as error:
        # Too old to be answered, or the network: the card shows what came of the press.
        log.info("a press could not be answered (%s)", type(error).__name__)
