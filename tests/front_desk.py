"""A publisher whose posts are shown in a made-up chat, and an owner who writes and presses there."""

from __future__ import annotations

import asyncio
import re
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from telegram import Update

from bot.agenda import Agenda
from bot.amendments import PRESSES, Amendments
from bot.board import Board
from bot.buttons import Buttons
from bot.card import Scene
from bot.commands import Commands
from bot.descriptions import Descriptions
from bot.edits import Edits
from bot.habits import Habits
from bot.intake import Intake
from bot.messenger import Messenger
from bot.money import Money
from bot.past import Past
from bot.places import Place, Places
from bot.prompts import Prompts
from bot.timetable import Timetable
from bot.words.costs import Purse
from tests.chat import FakeBot, Said
from tests.clockwork import now
from tests.post_office import FakeX, Office, at_work, signed_in
from twitter_core.entry import Entry
from twitter_core.publisher import Audience

OWNER = 42
WINDOW = 1.0


@dataclass
class Room(Office):
    """A publisher whose posts are shown in a chat."""

    bot: FakeBot = field(default_factory=FakeBot)
    numbers: int = 10

    def audience(self) -> Audience:
        clock = asyncio.get_running_loop().time
        self.habits = Habits(self.store)
        bot = cast(Any, self.bot)
        self.messenger = Messenger(bot, (OWNER,), clock, is_quiet=self.is_quiet)
        self.places = Places(self.store, lambda key: self.publisher.entry(key))
        self.board = Board(
            self.store, self.places, self.messenger, self.scene, is_quiet=self.is_quiet
        )
        return self.board

    def is_quiet(self) -> bool:
        return self.habits.current.quiet

    def budget(self) -> Decimal | None:
        return self.habits.current.budget

    def begin(self) -> None:
        self.board.publisher = self.publisher
        past = Past(self.publisher.archive, self.places)
        self.prompts = Prompts(self.store, self.messenger, clock=now)
        self.timetable = Timetable(self.store, self.habits, self.publisher, clock=now)
        in_order = asyncio.Lock()
        self.intake = Intake(
            self.publisher,
            self.places,
            self.messenger,
            clock=now,
            window=WINDOW,
            is_recorded=past.has,
            recall=past.by_key,
            find_in_history=past.by_message,
            habits=self.habits,
            in_order=in_order,
            timetable=self.timetable,
        )
        self.descriptions = Descriptions(
            self.publisher,
            self.places,
            self.messenger,
            self.prompts,
            in_order=in_order,
            find_in_history=past.by_message,
        )
        self.amendments = Amendments(
            self.publisher,
            self.board,
            self.places,
            self.prompts,
            recall=past.by_key,
            is_continued=past.is_continued,
        )
        self.agenda = Agenda(
            self.publisher,
            self.board,
            self.places,
            self.messenger,
            self.prompts,
            self.habits,
            self.timetable,
            clock=now,
            recall=past.by_key,
            find_in_history=past.by_message,
            take=self.intake.on_timed,
        )
        self.edits = Edits(
            self.publisher,
            self.places,
            self.messenger,
            habits=self.habits,
            in_order=in_order,
            find_in_history=past.by_message,
            is_landing=lambda text: text.startswith("http://landing/"),
            give_time=self.agenda.give_time,
        )
        self.timetable.settle()
        self.commands = Commands(
            self.publisher,
            self.places,
            self.messenger,
            recall=past.by_key,
            find_in_history=past.by_message,
        )
        self.buttons = Buttons(
            self.publisher,
            self.board,
            clock=now,
            recall=past.by_key,
            hold=lambda: self.timetable.hold,
        )
        self.money = Money(self.publisher, self.board, self.habits, self.messenger, clock=now)
        self.board.begin()

    async def close(self, *, is_killed: bool = False) -> None:
        if is_killed:
            for task in (*self.board._tasks.values(), *self.board._echoes._tasks.values()):
                task.cancel()
        else:
            await self.board.stop()
        await super().close(is_killed=is_killed)

    def scene(self, entry: Entry) -> Scene:
        ledger = self.publisher.ledger
        return Scene(
            "me",
            self.publisher.line,
            signed_in=not self.keeper.ended,
            now=now(),
            ahead=self.publisher.ahead_of(entry),
            menu=self.board.menu(entry.key),
            purse=Purse(ledger.prices, ledger.current, ledger.budget),
            zone=self.timetable.zone,
            has_slots=bool(self.habits.current.slots),
        )

    def post(self, text: str, *refs: str, message: int = 5, **more: Any) -> str:
        key = f"{OWNER}:{message}"
        self.places.put(key, Place(OWNER, (message,)))
        return self.send(text, *refs, key=key, **more)

    def place(self, key: str) -> Place:
        """Where the post under `key` came from and where its card is."""
        place = self.places.get(key)
        assert place is not None
        return place

    @property
    def card(self) -> Said:
        """The one message that the bot has sent."""
        (card,) = self.bot.said
        return card

    # --- what the owner does

    async def sends(self, text: str = "", *, photo: str = "", ago: float = 0.0, **more: Any) -> int:
        """The owner sends a message; returns its id. `photo` is the id of a file."""
        return await self.receives(self.message(text, photo=photo, ago=ago, **more))

    def message(
        self, text: str = "", *, photo: str = "", ago: float = 0.0, **more: Any
    ) -> dict[str, Any]:
        """A raw message of the owner's, `ago` seconds old."""
        self.numbers += 1
        size = {"file_id": photo, "file_unique_id": f"u{photo}", "width": 9, "height": 9}
        content: dict[str, Any] = {"text": text}
        if photo:
            content = {"photo": [size], "caption": text}
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        return {
            "message_id": self.numbers,
            "date": int(now() - ago),
            "from": {"id": OWNER, "is_bot": False, "first_name": "O"},
            "chat": {"id": OWNER, "type": "private"},
            **content,
            **more,
        }

    async def receives(self, message: dict[str, Any]) -> int:
        """A message arrives, perhaps not for the first time."""
        update = self._update({"message": message})
        text = message.get("text", "")
        name = text.split()[0] if text.startswith("/") else ""
        handler = {
            "": self.intake.on_message,
            "/post": self.intake.on_post,
            "/queue": self.agenda.on_queue,
            "/at": self.agenda.on_at,
            "/slots": self.agenda.on_slots,
            "/timezone": self.agenda.on_timezone,
            "/pause": self.commands.on_pause,
            "/resume": self.commands.on_resume,
            "/delete": self.commands.on_delete,
            "/budget": self.money.on_budget,
            "/help": self.commands.on_help,
            "/alt": self.descriptions.on_alt,
        }.get(name, self.commands.on_unknown)
        if update.message is not None and not name and self.prompts.is_answer(update.message):
            handler = self.prompts.on_answer
        await handler(update, cast(Any, None))
        return int(message["message_id"])

    async def changes(
        self, message: dict[str, Any], *, number: int = 0, after: float = 0.0, **more: Any
    ) -> None:
        """The owner edits a message: `after` seconds from now, says Telegram. `number` is the
        update's.
        """
        edited = {**message, "edit_date": int(now() + after), **more}
        self.numbers += 1
        update = Update.de_json(
            {"update_id": number or self.numbers, "edited_message": edited},
            cast(Any, self.bot),
        )
        assert update is not None
        await self.edits.on_edit(update, cast(Any, None))

    async def presses(self, label: str, on: Said | None = None) -> str:
        """The owner presses a button of a card (the last one said); returns the answer."""
        card = on or self.bot.said[-1]
        await self.presses_data(card.data[card.labels.index(label)], card.id)
        return self.bot.answers[-1]

    async def presses_data(self, data: str, message_id: int) -> None:
        """A press arrives: of a button that may be gone by now."""
        message = {**self.message("card"), "message_id": message_id}
        query = {
            "id": str(self.numbers),
            "from": message["from"],
            "chat_instance": "1",
            "message": message,
            "data": data,
        }
        handler = {
            "later": self.agenda.on_choice,
            "queue": self.agenda.on_queue_press,
        }.get(data.partition(".")[0], self.buttons.on_press)
        if re.match(PRESSES, data):
            handler = self.amendments.on_press
        await handler(self._update({"callback_query": query}), cast(Any, None))

    def _update(self, content: dict[str, Any]) -> Update:
        update = Update.de_json({"update_id": self.numbers, **content}, cast(Any, self.bot))
        assert update is not None
        return update


def room(folder: Path) -> AbstractAsyncContextManager[Room]:
    """A room in which the owner is signed in to X."""
    return at_work(Room(folder, FakeX(), signed_in()))
