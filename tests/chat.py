"""A made-up Telegram for what the bot says: it keeps the messages and fails as it is told."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from telegram import ForceReply, InlineKeyboardMarkup, ReplyParameters
from telegram.error import BadRequest


@dataclass
class Said:
    """A message of the bot's: its text as it is now, and all the texts that it had."""

    chat: int
    id: int
    text: str
    labels: list[str]
    data: list[str] = field(default_factory=list)
    reply_to: int | None = None
    texts: list[str] = field(default_factory=list)
    at: float = 0.0
    silent: bool = False


class FakeBot:
    """What the messenger knows of `telegram.Bot`. Every call takes `delay` seconds."""

    def __init__(self) -> None:
        self.delay = 0.05
        self.messages: dict[int, Said] = {}
        self.troubles: defaultdict[str, list[Exception]] = defaultdict(list)
        self.lost: set[str] = set()  # calls whose troubles come after they took effect
        self.answers: list[str] = []
        self.reactions: dict[int, list[str]] = {}  # what each message was marked with
        self.defaults = None
        self.times: defaultdict[str, list[float]] = defaultdict(list)

    def fails(self, call: str, *errors: Exception, effect: bool = False) -> None:
        """The next calls of this name end so; with `effect` they are done all the same."""
        self.troubles[call] += errors
        if effect:
            self.lost.add(call)

    @property
    def said(self) -> list[Said]:
        return list(self.messages.values())

    async def send_message(
        self,
        chat_id: int,
        text: str,
        *,
        reply_markup: InlineKeyboardMarkup | ForceReply | None,
        link_preview_options: Any,
        reply_parameters: ReplyParameters | None,
        disable_notification: bool = False,
    ) -> Any:
        assert link_preview_options.is_disabled
        trouble = await self._begin("send")
        if trouble is not None and "send" not in self.lost:
            raise trouble
        reply_to = reply_parameters.message_id if reply_parameters is not None else None
        number = 1000 + len(self.messages)
        self.messages[number] = Said(
            chat_id,
            number,
            text,
            labels(reply_markup),
            data(reply_markup),
            reply_to,
            [text],
            self._now(),
            disable_notification,
        )
        if trouble is not None:
            raise trouble
        return SimpleNamespace(message_id=number)

    async def edit_message_text(
        self,
        text: str,
        *,
        chat_id: int,
        message_id: int,
        reply_markup: InlineKeyboardMarkup | None,
        link_preview_options: Any,
    ) -> None:
        assert link_preview_options.is_disabled
        trouble = await self._begin("edit")
        if trouble is not None and "edit" not in self.lost:
            raise trouble
        message = self.messages.get(message_id)
        if message is None or message.chat != chat_id:
            raise BadRequest("Message to edit not found")
        if (message.text, message.labels) == (text, labels(reply_markup)):
            raise BadRequest("Message is not modified: specified new message content")
        message.text, message.labels = text, labels(reply_markup)
        message.data = data(reply_markup)
        message.texts.append(text)
        message.at = self._now()
        if trouble is not None:
            raise trouble

    def lands_late(self, message_id: int, text: str) -> None:
        """An edit whose sender has long stopped waiting takes effect."""
        self.messages[message_id].text = text

    async def set_message_reaction(
        self, chat_id: int, message_id: int, reaction: str | list[str]
    ) -> bool:
        trouble = await self._begin("react")
        if trouble is not None:
            raise trouble
        emoji = reaction if isinstance(reaction, str) else ""
        self.reactions.setdefault(message_id, []).append(emoji)
        return True

    async def answer_callback_query(
        self, callback_query_id: str, text: str = "", **more: Any
    ) -> bool:
        trouble = await self._begin("answer")
        if trouble is not None:
            raise trouble
        self.answers.append(text)
        return True

    async def _begin(self, call: str) -> Exception | None:
        self.times[call].append(self._now())
        await asyncio.sleep(self.delay)
        return self.troubles[call].pop(0) if self.troubles[call] else None

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def labels(markup: InlineKeyboardMarkup | ForceReply | None) -> list[str]:
    rows = markup.inline_keyboard if isinstance(markup, InlineKeyboardMarkup) else ()
    return [button.text for row in rows for button in row]


def data(markup: InlineKeyboardMarkup | ForceReply | None) -> list[str]:
    rows = markup.inline_keyboard if isinstance(markup, InlineKeyboardMarkup) else ()
    return [str(button.callback_data or button.url) for row in rows for button in row]
