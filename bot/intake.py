"""Owners' messages become posts: drafts for bare texts, at once for what has a picture.

Messages are taken in the order in which they came.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from telegram import Message, Update
from telegram.ext import ContextTypes

from twitter_core import consent, outbox, revision
from twitter_core.entry import Entry, Question, State, Words
from twitter_core.events import Asked
from twitter_core.post import Post
from twitter_core.publisher import Publisher
from twitter_core.text import normalize

from . import albums, compose, polls, times
from .card import View
from .compose import Incoming, Sort
from .habits import Habits
from .messenger import Messenger
from .places import Place, Places
from .timetable import Timetable
from .words import later, sentences

OLD = 3600.0  # seconds between sending and arrival after which the owner is asked first
_ABOUT_ITSELF = (Question.PREVIEW, Question.CONFIRM, Question.COSTLY)

Context = ContextTypes.DEFAULT_TYPE


class Intake:
    """The handlers of messages and of `/post`."""

    def __init__(
        self,
        publisher: Publisher,
        places: Places,
        messenger: Messenger,
        *,
        clock: Callable[[], float],
        window: float,
        is_recorded: Callable[[str, float], bool],
        recall: Callable[[str], tuple[Entry, Place | None] | None],
        find_in_history: Callable[[int, int], tuple[Entry, Place | None] | None],
        habits: Habits,
        in_order: asyncio.Lock,
        timetable: Timetable,
    ) -> None:
        """`is_recorded` tells whether the history has a key since a time, `recall` finds a post
        there by its key, and `find_in_history` by chat and message id; all are blocking. `in_order`
        is what messages are taken with, one by one.
        """
        self._publisher = publisher
        self._places = places
        self._messenger = messenger
        self._clock = clock
        self._window = window
        self._is_recorded = is_recorded
        self._recall = recall
        self._find_in_history = find_in_history
        self._habits = habits
        self._timetable = timetable
        self._in_order = in_order

    async def on_message(self, update: Update, context: Context) -> None:
        """A message that is no command."""
        message = update.message
        if message is None:
            return
        incoming = self._read(message)
        match incoming.sort:
            case Sort.TEXT:
                await self._take(incoming, State.DRAFT, Question.PREVIEW)
            case Sort.POST if isinstance(incoming.poll, polls.Refused):
                await self._answer(incoming, sentences.poll_refused(incoming.poll))
            case Sort.POST:
                await self._take(incoming, State.QUEUED, ask=self._habits.current.ask)
            case Sort.OTHER:
                await self._answer(
                    incoming, sentences.UNPOSTABLE.get(incoming.name, sentences.NOT_UNDERSTOOD)
                )
            case Sort.SERVICE:
                pass

    def _read(self, message: Message) -> Incoming:
        return compose.read(message, names_as_links=self._habits.current.names_as_links)

    async def _answer(self, incoming: Incoming, sentence: str) -> None:
        await self._messenger.send(incoming.chat, View(sentence), reply_to=incoming.message_id)

    async def on_post(self, update: Update, context: Context) -> None:
        """`/post TEXT`: posted at once."""
        message = update.message
        if message is None:
            return
        incoming = self._read(message)
        text = normalize(compose.behind_command(incoming.text))
        if not text:
            await self._messenger.send(incoming.chat, View(sentences.POST_WHAT))
            return
        await self._take(incoming, State.QUEUED, post=Post(text))

    async def on_timed(self, update: Update, context: Context) -> None:
        """`/at TIME` with a text in the lines below."""
        if update.message is not None:
            await self._take(self._read(update.message), State.QUEUED)

    async def _time(self, incoming: Incoming, entry: Entry) -> tuple[Entry, str]:
        """`entry` with the time that its message begins with; where that is none, it asks.

        With it comes what is to be said about the time, empty where nothing is.
        """
        # By when it was sent: `in 2 h` may have waited for the bot.
        typed = incoming.at or ""
        found = await self._timetable.read(typed, incoming.sent_at)
        if isinstance(found, times.Misread):
            zone = self._timetable.zone
            why = later.misread(typed, found, self._clock(), zone)
            return replace(entry, state=State.DRAFT, question=Question.WHEN, ask=None), why
        note = later.no_zone() if self._timetable.wants_zone() else ""
        return replace(entry, state=State.QUEUED, question=None, due=found.at, ask=None), note

    async def _take(
        self,
        incoming: Incoming,
        state: State,
        question: Question | None = None,
        *,
        ask: Question | None = None,
        post: Post | None = None,
    ) -> None:
        now = self._clock()
        said = post or incoming.post
        entry = Entry(
            key=incoming.key,
            state=state,
            question=question,
            ask=ask,
            post=self._habits.current.shape(said),
            words=(Words(incoming.message_id, said.text, said.alts),),
            came_at=now,
            hold=float(self._habits.current.undo),
        )
        # A look into the history takes a while; what came later waits for its turn.
        async with self._in_order:
            note = await self._take_in_turn(incoming, entry)
        if note:
            # Only now: the post is taken in, whatever Telegram makes of the answer.
            await self._answer(incoming, note)

    async def _take_in_turn(self, incoming: Incoming, entry: Entry) -> str:
        """Returns what is to be said about its time, empty where nothing is."""
        has_joined = self._join(incoming)  # first, for an open album waits for nobody
        note = ""
        if incoming.at is not None:
            entry, note = await self._time(incoming, entry)
        if has_joined:
            if entry.due is not None:
                self._timetable.schedule(incoming.key, entry.due)
            elif incoming.at is not None:
                self._publisher.tell(incoming.key, Asked(Question.WHEN))
            return note
        if incoming.reply_to is not None:
            entry = await self._continue(incoming.chat, incoming.reply_to, entry)
        if entry.came_at - incoming.sent_at > OLD:
            await self._take_old(incoming, entry)
        elif incoming.group:
            await self._take_album(incoming, entry)
        else:
            self._submit(incoming, consent.asked(entry))
        return note

    async def _continue(self, chat: int, replied_to: int, entry: Entry) -> Entry:
        """A reply to a card, or to the message behind it, continues that post's thread."""
        key = self._places.find(chat, replied_to)
        if key is not None:
            return replace(entry, follows=await self._heir_of(key))
        found = await asyncio.to_thread(self._find_in_history, chat, replied_to)
        if found is None:
            return entry  # a reply to some other message of the chat
        if last := outbox.last_id(found[0]):
            return replace(entry, follows=found[0].key, reply_to=last)
        # Where nothing is left on X, the owner is asked.
        return replace(entry, follows=await self._heir_of(found[0].key))

    async def _heir_of(self, key: str) -> str:
        """Where a post was deleted and posted again, the key of what was posted then."""
        entry = await self._known(key)
        # Also where it is still there, but about to go.
        while entry is not None and entry.heir and (entry.deleting or not revision.is_out(entry)):
            key = entry.heir
            entry = await self._known(key)
        return key

    async def _take_old(self, incoming: Incoming, entry: Entry) -> None:
        """Ask first, unless it is known: Telegram may deliver it again days later."""
        if not self._publisher.knows(incoming.key) and await asyncio.to_thread(
            self._is_recorded, incoming.key, incoming.sent_at
        ):
            return
        if incoming.group:
            question = Question.OLD if incoming.at is None else None
            await self._take_album(incoming, entry, question=question)
        else:
            old = replace(entry, state=State.DRAFT, question=Question.OLD)
            # One that was given a time asks by itself where that is long past.
            self._submit(incoming, old if incoming.at is None else entry)

    async def _known(self, key: str) -> Entry | None:
        """The post under `key`, also where it has ended of late and left the outbox."""
        entry = self._publisher.entry(key)
        if entry is None and self._publisher.knows(key):
            found = await asyncio.to_thread(self._recall, key)
            entry = found[0] if found is not None else None
        return entry

    def _join(self, item: Incoming) -> bool:
        """Whether it has joined its album, which is still open."""
        album = self._publisher.entry(item.key) if item.group else None
        if album is None or albums.is_repeat(item, album):
            return False
        match albums.sort_in(item, album, self._clock(), self._window):
            case albums.Next(event):
                self._places.add_message(item.key, item.message_id, item.at)
                self._publisher.tell(item.key, event)
                return True
        return False

    async def _take_album(
        self, item: Incoming, entry: Entry, *, question: Question | None = None
    ) -> None:
        """An item that begins its album, or comes after the end of that."""
        album = await self._known(item.key)
        if album is not None and albums.is_repeat(item, album):
            return
        # What it took to get here is no part of the window.
        match albums.sort_in(item, album, self._clock(), self._window):
            case albums.First(open_until):
                first = replace(entry, open_until=open_until)
                self._submit(
                    item,
                    first
                    if question is None
                    else replace(first, state=State.DRAFT, question=question),
                )
            case albums.Late():
                late = replace(
                    entry,
                    key=f"{item.chat}:{item.message_id}",
                    state=State.DRAFT,
                    question=Question.LATE,
                    follows=await self._heir_of(item.key),
                    reply_to="",
                )
                self._submit(item, late)

    def _submit(self, incoming: Incoming, entry: Entry) -> None:
        if entry.question in _ABOUT_ITSELF and self._publisher.ledger.is_passed_by(entry):
            entry = replace(entry, question=Question.BUDGET)  # one question for both
        if not self._publisher.knows(entry.key):
            place = Place(incoming.chat, (incoming.message_id,), at=incoming.at)
            self._places.put(entry.key, place)
            self._publisher.submit(entry)
