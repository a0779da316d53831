"""`/settings`: one message with buttons, which changes in place."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from telegram import Message, Update
from telegram.ext import ContextTypes

from twitter_core import text
from twitter_core.ways import Ways

from . import zones
from .card import View
from .habits import Habits
from .messenger import Gone, Messenger, answer
from .prompts import Prompts
from .timetable import Timetable
from .words import choices, later, sentences

Context = ContextTypes.DEFAULT_TYPE

FOOTER = 100  # the most that a footer may weigh: the post itself needs room


class Switches:
    """The handlers of /settings, of its buttons, and of what is typed for it."""

    def __init__(
        self,
        habits: Habits,
        ways: Ways,
        messenger: Messenger,
        prompts: Prompts,
        timetable: Timetable,
        *,
        zone_changed: Callable[[], None],
    ) -> None:
        """`zone_changed` hears that all times are to be shown anew."""
        self._habits = habits
        self._ways = ways
        self._messenger = messenger
        self._prompts = prompts
        self._timetable = timetable
        self._zone_changed = zone_changed
        prompts.expect("footer", self._take_footer)
        prompts.expect("zone", self._take_zone)

    async def on_settings(self, update: Update, context: Context) -> None:
        """`/settings`."""
        if update.message is not None:
            await self._messenger.send(update.message.chat_id, self._page("first"))

    async def on_press(self, update: Update, context: Context) -> None:
        """A button of the settings."""
        query = update.callback_query
        if query is None or query.message is None:
            return
        _, field, value = (query.data or "").split(":", 2)
        said = await self._press(field, value, query.message.chat.id, query.message.message_id)
        await answer(query, said)

    async def _press(self, field: str, value: str, chat: int, message_id: int) -> str:
        said = ""
        shown = "first"
        match field:
            case "page":
                shown = value
            case "ask" if value == "footer":
                await self._prompts.ask(chat, sentences.WHICH_FOOTER, "footer")
                return ""
            case "ask" if value == "zone":
                await self._prompts.ask(chat, later.ZONE_WHICH, "zone")
                return ""
            case "v11":
                self._ways.try_again()
                said = sentences.V11_AGAIN
            case _:
                changed = choices.change(field, value)
                if changed is None:
                    return sentences.SETTING_GONE
                self._habits.change(**changed)
                said = sentences.CHANGED
        with contextlib.suppress(Gone):
            await self._messenger.edit(chat, message_id, self._page(shown))
        return said

    async def _take_footer(self, message: Message, about: str) -> None:
        footer = text.normalize(message.text or "").strip()
        weight = text.weigh(footer)
        if weight > FOOTER:
            await self._prompts.ask(
                message.chat_id, sentences.footer_too_long(weight, FOOTER), "footer"
            )
            return
        self._habits.change(footer=footer)
        await self._messenger.send(message.chat_id, self._page("first"))

    async def _take_zone(self, message: Message, about: str) -> None:
        typed = message.text or ""
        found = await self._timetable.choose_zone(typed)
        if isinstance(found, zones.NotOne):
            unknown = later.zone_unknown(typed, found)
            await self._prompts.ask(message.chat_id, unknown, "zone")
            return
        self._zone_changed()
        await self._messenger.send(message.chat_id, self._page("first"))

    def _page(self, name: str) -> View:
        given_up = self._ways.may_change and self._ways.trust.given_up
        around = choices.Surroundings(v11_given_up=given_up and bool(self._ways.uploader))
        return choices.page(name, self._habits.current, around)
