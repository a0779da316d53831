"""What the local Telegram is made of: messages, buttons, errors and lengths in UTF-16 units.

Values only; nothing here changes or is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """An answer that is not ok, as the Bot API gives it."""

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def answer(self) -> Json:
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad(text: str) -> ApiError:
    return ApiError(400, f"Bad Request: {text}")


def utf16(text: str) -> int:
    """Length in UTF-16 units, in which Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, offset: int, length: int) -> str:
    """The piece of the text that an entity with this offset and length covers."""
    units = text.encode("utf-16-le", "surrogatepass")[2 * offset : 2 * (offset + length)]
    return units.decode("utf-16-le", "replace")


@dataclass(frozen=True, slots=True)
class Button:
    """A button below a message; it has either data for the bot or a link."""

    text: str
    callback_data: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """A piece of a text that is bold, a link, a command, …"""

    type: str
    text: str  # what it covers
    url: str | None = None
    offset: int = 0
    length: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was at one moment; an edit makes a new value with the same id."""

    chat_id: int
    id: int
    from_bot: bool
    raw: Json = field(repr=False, compare=False)  # as the Bot API shows it
    history: tuple[str, ...] = ()  # its texts so far, the present one last
    reactions: tuple[str, ...] = ()  # the bot's
    silent: bool = False  # sent with disable_notification
    edited: int = 0  # times

    def __str__(self) -> str:
        rows = " ".join(f"[{b.text}]" for row in self.buttons for b in row)
        return (
            f"{'bot' if self.from_bot else 'user'} #{self.id}: {self.text}{' ' * bool(rows)}{rows}"
        )

    @property
    def text(self) -> str:
        """Its text or its caption."""
        return str(self.raw.get("text", self.raw.get("caption", "")))

    @property
    def entities(self) -> tuple[Entity, ...]:
        raw = self.raw.get("entities") or self.raw.get("caption_entities") or []
        return tuple(
            Entity(
                e["type"],
                cut(self.text, e["offset"], e["length"]),
                e.get("url"),
                e["offset"],
                e["length"],
            )
            for e in raw
        )

    @property
    def links(self) -> tuple[str, ...]:
        """Where one can go from its text."""
        return tuple(e.url or e.text for e in self.entities if e.type in ("url", "text_link"))

    @property
    def buttons(self) -> tuple[tuple[Button, ...], ...]:
        markup: Mapping[str, Any] = self.raw.get("reply_markup", {})
        return tuple(
            tuple(Button(b["text"], b.get("callback_data"), b.get("url")) for b in row)
            for row in markup.get("inline_keyboard", [])
        )

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(button.text for row in self.buttons for button in row)

    @property
    def reply_to(self) -> int | None:
        replied = self.raw.get("reply_to_message")
        return None if replied is None else int(replied["message_id"])

    @property
    def date(self) -> int:
        return int(self.raw["date"])

    @property
    def media_group_id(self) -> str | None:
        return self.raw.get("media_group_id")

    def button(self, wanted: str) -> Button:
        """The button with this label or this callback data."""
        for row in self.buttons:
            for button in row:
                if wanted in (button.text, button.callback_data):
                    return button
        raise LookupError(f"no button {wanted!r} on {self}")
