"""Everything that the local Telegram knows: chats, messages, presses, commands, waiting updates.

Knows no HTTP and no parameters; the methods and the people act on it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.sandbox.telegram_files import Files
from bot.sandbox.telegram_flood import Buckets, Flood
from bot.sandbox.telegram_signal import Signal
from bot.sandbox.telegram_updates import PRESS, Updates
from bot.sandbox.telegram_values import ApiError, Json, Message, bad


@dataclass(slots=True)
class Press:
    """A press of a button, and what the bot answered to it."""

    id: str
    data: str
    at: float
    changed: Signal = field(repr=False)
    answered: bool = False
    text: str = ""
    alert: bool = False
    url: str = ""

    async def answer(self, timeout: float = 10.0) -> str:
        """The text of the bot's answer, "" for one without a text. Raises `TimeoutError`."""
        await self.changed.until(lambda: self.answered, timeout)
        return self.text


@dataclass(slots=True)
class Chat:
    """A chat with all that stands in it."""

    raw: Json  # the Bot API's Chat
    known: bool = True  # False: a person who never wrote to the bot
    blocked: bool = False
    messages: list[Message] = field(default_factory=list)
    deleted: list[Message] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)  # "typing", "upload_photo", …
    instance: str = field(default_factory=lambda: str(secrets.randbits(62)))

    @property
    def id(self) -> int:
        return int(self.raw["id"])

    @property
    def kind(self) -> str:
        return str(self.raw["type"])

    @property
    def from_bot(self) -> list[Message]:
        return [m for m in self.messages if m.from_bot]

    @property
    def last(self) -> Message:
        return self.messages[-1]

    def find(self, message_id: int) -> Message | None:
        return next((m for m in reversed(self.messages) if m.id == message_id), None)

    def __str__(self) -> str:
        return "\n".join(str(m) for m in self.messages) or "(nothing in this chat)"


class World:
    def __init__(self, bot_id: int, clock: Callable[[], float], folder: Path | None = None) -> None:
        self.clock = clock
        self.changed = Signal()
        self.updates = Updates(clock, self.changed)
        self.files = Files(clock, folder)
        self.flood: Flood | None = Flood()
        self.buckets = Buckets()
        self.chats: dict[int, Chat] = {}
        self.users: dict[int, Json] = {}
        self.presses: dict[str, Press] = {}
        self.answers: list[str] = []
        self.commands: dict[str, list[Json]] = {}
        self.webhook = ""
        self.bot: Json = {
            "id": bot_id,
            "is_bot": True,
            "first_name": "Telex",
            "username": "telex_sandbox_bot",
        }
        self._last_ids: dict[int, int] = {}

    # -- chats ---------------------------------------------------------------------------------

    def chat(self, which: int | str) -> Chat:
        """The chat that a bot may write to. Raises "chat not found"."""
        for chat in self.chats.values():
            names = (chat.id, f"@{chat.raw['username']}" if "username" in chat.raw else None)
            if which in names and chat.known:
                return chat
        raise bad("chat not found")

    def writable(self, which: int | str) -> Chat:
        chat = self.chat(which)
        if chat.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        return chat

    def next_message_id(self, chat: Chat) -> int:
        # Private chats and small groups share the bot's own row, the others have one each.
        row = chat.id if chat.kind in ("supergroup", "channel") else 0
        self._last_ids[row] = self._last_ids.get(row, 0) + 1
        return self._last_ids[row]

    # -- messages ------------------------------------------------------------------------------

    def post(self, chat: Chat, raw: Json, *, from_bot: bool, silent: bool = False) -> Message:
        """Adds a message; `raw` is the whole Bot API message but its id."""
        raw = {"message_id": self.next_message_id(chat), **raw}
        message = Message(chat.id, raw["message_id"], from_bot, raw, silent=silent)
        message = replace(message, history=(message.text,))
        chat.messages.append(message)
        self.changed.fire()
        return message

    def rewrite(self, message: Message, raw: Json) -> Message:
        """The message with another content."""
        newer = replace(message, raw=raw, edited=message.edited + 1)
        if newer.text != message.text:
            newer = replace(newer, history=(*message.history, newer.text))
        return self._put(newer)

    def react(self, message: Message, reactions: tuple[str, ...]) -> Message:
        return self._put(replace(message, reactions=reactions))

    def remove(self, chat: Chat, message: Message) -> None:
        chat.messages.remove(message)
        chat.deleted.append(message)
        self.changed.fire()

    def _put(self, message: Message) -> Message:
        messages = self.chats[message.chat_id].messages
        messages[next(i for i, m in enumerate(messages) if m.id == message.id)] = message
        self.changed.fire()
        return message

    def quoted(self, message: Message) -> Json:
        """As another message shows it that replies to it: without what it replies to itself."""
        return {k: v for k, v in message.raw.items() if k != "reply_to_message"}

    # -- presses -------------------------------------------------------------------------------

    def press(self, data: str) -> Press:
        press = Press(str(secrets.randbits(62)), data, self.clock(), self.changed)
        self.presses[press.id] = press
        return press

    def answer(self, query_id: str, text: str, alert: bool, url: str) -> None:
        """Answers a press once, within 150 seconds."""
        press = self.presses.get(query_id)
        if press is None or press.answered or self.clock() - press.at > PRESS:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        press.answered, press.text, press.alert, press.url = True, text, alert, url
        self.answers.append(text)
        self.changed.fire()
