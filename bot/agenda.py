"""Later: /at, /slots, /timezone and /queue, the times to choose from on a card, and a typed one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

from telegram import Message, Update
from telegram.ext import ContextTypes

from twitter_core.entry import Entry, Question, State
from twitter_core.events import Approved, Asked, Cancelled, Event, PostAgain
from twitter_core.publisher import Publisher
from twitter_core.schedule import has_time, may_wait

from . import compose, listing, slots, times, walls, zones
from .board import Board
from .card import View
from .habits import Habits
from .messenger import Gone, Messenger, answer
from .places import Place, Places
from .prompts import Prompts
from .timetable import Timetable
from .words import later, sentences

Context = ContextTypes.DEFAULT_TYPE
Found = tuple[Entry, Place | None] | None

WHEN = "when"  # the purpose of the question for a time


class Agenda:
    """The handlers of all that is about times."""

    def __init__(
        self,
        publisher: Publisher,
        board: Board,
        places: Places,
        messenger: Messenger,
        prompts: Prompts,
        habits: Habits,
        timetable: Timetable,
        *,
        clock: Callable[[], float],
        recall: Callable[[str], Found],
        find_in_history: Callable[[int, int], Found],
        take: Callable[[Update, Context], Awaitable[None]],
    ) -> None:
        """`recall` finds a post in the history by its key, and `find_in_history` by chat and
        message id, both blocking; `take` takes in a message that is a post with a time.
        """
        self._publisher = publisher
        self._board = board
        self._places = places
        self._messenger = messenger
        self._habits = habits
        self._prompts = prompts
        self._timetable = timetable
        self._clock = clock
        self._recall = recall
        self._find_in_history = find_in_history
        self._take = take
        prompts.expect(WHEN, self._take_time)

    # --- /at

    async def on_at(self, update: Update, context: Context) -> None:
        """`/at TIME` as a reply to a post, or with the text of a new one in the lines below."""
        message = update.message
        if message is None:
            return
        told = compose.at(message.text or "")
        typed, text = told if told is not None else ("", "")
        if text:
            await self._take(update, context)
        elif message.reply_to_message is None:
            await self._say(message, later.AT_WHAT)
        else:
            await self._reschedule(message, message.reply_to_message.message_id, typed)

    async def _reschedule(self, message: Message, target: int, typed: str) -> None:
        key = self._places.find(message.chat_id, target)
        entry = self._publisher.entry(key) if key is not None else None
        if entry is None:
            found = await asyncio.to_thread(self._find_in_history, message.chat_id, target)
            over = later.UNKNOWN if found is None else _too_late(found[0])
            await self._say(message, over)
        elif not typed:
            await self._prompts.ask(message.chat_id, later.WHEN, WHEN, entry.key)
        else:
            await self._take_time(message, entry.key, typed)

    async def _take_time(self, message: Message, key: str, typed: str = "") -> None:
        """A time that was typed for the post under `key`."""
        await self._say(message, await self.give_time(message, key, typed or message.text or ""))

    async def give_time(self, message: Message, key: str, typed: str) -> str:
        """Give the post under `key` the time that `message` names; returns the answer."""
        # By when it was sent: `in 2 h` may have waited for the bot.
        sent = message.edit_date or message.date
        found = await self._timetable.read(typed, sent.timestamp())
        if isinstance(found, times.Misread):
            self._wait_for_time(key)
            return later.misread(typed, found, self._clock(), self._timetable.zone)
        answer = await self._schedule(key, found.at)
        note = f"\n\n{later.no_zone()}" if self._timetable.wants_zone() else ""
        return answer + note

    def _wait_for_time(self, key: str) -> None:
        """What was to go out at once, and now is not, asks when."""
        entry = self._publisher.entry(key)
        if entry is None or not may_wait(entry) or has_time(entry):
            return
        if entry.state is State.QUEUED:
            self._publisher.tell(key, Asked(Question.WHEN))

    async def _schedule(self, key: str, due: float, wall: str = "") -> str:
        """Give a post its time; returns the answer."""
        if self._timetable.schedule(key, due, wall) is None:
            entry = self._publisher.entry(key) or await self._recalled(key)
            return sentences.FORGOTTEN if entry is None else _too_late(entry)
        self._board.open_menu(key, "")
        return later.scheduled(due, self._clock(), self._timetable.zone)

    async def _recalled(self, key: str) -> Entry | None:
        found = await asyncio.to_thread(self._recall, key)
        return None if found is None else found[0]

    # --- the times to choose from on a card

    async def on_choice(self, update: Update, context: Context) -> None:
        """A press on one of the times, `later.CHOICE:KEY`."""
        query = update.callback_query
        if query is None or query.message is None:
            return
        told, _, key = (query.data or "").partition(":")
        await answer(query, await self._choose(told.partition(".")[2], key, query.message.chat.id))

    async def _choose(self, choice: str, key: str, chat: int) -> str:
        entry = self._publisher.entry(key) or await self._recalled(key)
        if entry is None:
            return sentences.FORGOTTEN
        if not may_wait(entry):
            return _too_late(entry)
        if choice == "type":
            self._board.open_menu(key, "")
            await self._prompts.ask(chat, later.WHEN, WHEN, key)
            return ""
        wall = ""
        if choice == "slot":
            if not self._habits.current.slots:
                return later.NO_SLOTS
            slot = self._timetable.next_free(key)
            if slot is None:
                return later.NONE_FREE
            due, wall = slot.at, slot.wall
        else:
            due = self._chosen(choice)
            if due <= self._clock():
                return later.TONIGHT_IS_PAST
        answer = await self._schedule(key, due, wall)
        if self._timetable.wants_zone():
            await self._messenger.send(chat, View(later.no_zone()))
        return answer

    def _chosen(self, choice: str) -> float:
        now, zone = self._clock(), self._timetable.zone
        today = walls.shown(now, zone).replace(tzinfo=None)
        match choice:
            case "tonight":
                local = today.combine(today, times.EVENING)
            case "morning":
                local = today.combine(today + timedelta(days=1), times.MORNING)
            case _:
                return now + 3600.0
        return walls.fit(local, zone).at

    # --- /slots and /timezone

    async def on_slots(self, update: Update, context: Context) -> None:
        """`/slots 09:00 18:00` makes a queue, `/slots off` ends it, `/slots` shows it."""
        message = update.message
        if message is None:
            return
        typed = compose.behind_command(message.text or "").strip()
        if typed.lower() == "off":
            self._habits.change(slots=())
            await self._say(message, later.SLOTS_OFF)
            return
        if typed:
            found = slots.read(typed)
            if isinstance(found, slots.Wrong):
                await self._say(message, later.slots_wrong(found))
                return
            self._habits.change(slots=found)
        slot, now = self._timetable.next_free(), self._clock()
        free = later.moment(slot.at, now, self._timetable.zone) if slot is not None else ""
        chosen = self._habits.current
        said = later.slots_shown(chosen.slots, chosen.zone, free)
        note = f"\n\n{later.no_zone()}" if free and self._timetable.wants_zone() else ""
        await self._say(message, said + note)

    async def on_timezone(self, update: Update, context: Context) -> None:
        """`/timezone CITY` chooses it, `/timezone` shows it."""
        message = update.message
        if message is None:
            return
        if typed := compose.behind_command(message.text or "").strip():
            found = await self._timetable.choose_zone(typed)
            if isinstance(found, zones.NotOne):
                await self._say(message, later.zone_unknown(typed, found))
                return
            self._board.show_all()  # for cards show times
        await self._say(message, later.zone_shown(self._habits.current.zone, self._clock()))

    # --- /queue

    async def on_queue(self, update: Update, context: Context) -> None:
        """`/queue`: what waits and what failed, with buttons."""
        if update.message is not None:
            await self._messenger.send(update.message.chat_id, self._page(0))

    async def on_queue_press(self, update: Update, context: Context) -> None:
        """A press on the list: done, answered, and shown in place. `listing` tells its data."""
        query = update.callback_query
        if query is None or query.message is None:
            return
        told, _, key = (query.data or "").partition(":")
        _, verb, number, place = (*told.split("."), "", "", "")[:4]
        await answer(query, "" if verb == "page" else await self._do(verb, key, place))
        view = self._page(int(number) if number.isdecimal() else 0)
        with contextlib.suppress(Gone):
            await self._messenger.edit(query.message.chat.id, query.message.message_id, view)

    def _page(self, number: int) -> View:
        entries = self._publisher.entries()
        return listing.page(entries, number, self._clock(), self._timetable.zone)

    async def _do(self, verb: str, key: str, place: str) -> str:
        """What a button of the list says; returns the answer."""
        entry = self._publisher.entry(key) or await self._recalled(key)
        if entry is None:
            return sentences.FORGOTTEN
        if verb == "move":
            return self._move(entry, place)
        event = self._event(verb, entry)
        if event is None or self._publisher.tell(key, event) is None:
            return _too_late(entry)
        if verb == "again" and self._publisher.line.until is None:
            self._publisher.release()
        return sentences.PRESSED["post" if verb == "now" else verb]

    def _event(self, verb: str, entry: Entry) -> Event | None:
        now, publisher = self._clock(), self._publisher
        match verb:
            case "now" if entry.state is State.QUEUED:
                hold = self._timetable.hold
                return Approved(publisher.next_seq(), publisher.account, now, hold, at_once=True)
            case "cancel" | "discard":
                return Cancelled(now)
            case "again" if entry.state is State.FAILED:
                return PostAgain(now)
            case _:
                return None

    def _move(self, entry: Entry, place: str) -> str:
        """Let it change its time with its neighbour, whose place is the one of that number."""
        if not has_time(entry):
            return later.NOT_COMING
        if str(entry.seq) == place:
            return later.MOVED  # by the first of two taps
        coming = self._timetable.coming()
        other = next((other for other in coming if str(other.seq) == place), None)
        is_moved = other is not None and self._timetable.swap(entry, other)
        return later.MOVED if is_moved else later.NOT_COMING

    async def _say(self, message: Message, text: str) -> None:
        await self._messenger.send(message.chat_id, View(text), reply_to=message.message_id)


def _too_late(entry: Entry) -> str:
    if has_time(entry):
        return later.AT_ITS_TIME
    if entry.state is State.QUEUED and entry.posted:
        return later.PARTLY_OUT
    return sentences.TOO_LATE[entry.state.value]
