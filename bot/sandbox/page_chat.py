"""The left of the page: messages as a phone shows them. Values in, values out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram_values import Message

_MEDIA = ("animation", "video", "document", "sticker", "voice", "audio", "video_note")


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of the text that is more than text."""

    type: str
    offset: int  # UTF-16 units, as scripts count too
    length: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """What hangs on a message, and where the page finds it."""

    kind: str  # "photo", or as the Bot API calls it
    url: str
    width: int = 0
    height: int = 0
    name: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Key:
    """A button: one presses it, or follows it."""

    text: str
    row: int
    data: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """What a message replies to."""

    id: int
    bot: bool
    text: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message."""

    id: int
    chat: int
    bot: bool
    at: int
    edited: bool
    text: str
    marks: tuple[Mark, ...]
    keys: tuple[Key, ...]
    reactions: tuple[str, ...]
    media: Media | None
    album: str
    reply: Quote | None
    poll: tuple[str, ...]  # the question, and the options
    forwarded: str  # from whom


def bubble(message: Message) -> Bubble:
    """A message as it is shown."""
    raw = message.raw
    poll = raw.get("poll")
    return Bubble(
        id=message.id,
        chat=message.chat_id,
        bot=message.from_bot,
        at=message.date,
        edited="edit_date" in raw and not message.from_bot,
        text=message.text,
        marks=tuple(Mark(e.type, e.offset, e.length, e.url or "") for e in message.entities),
        keys=tuple(
            Key(b.text, number, b.callback_data or "", b.url or "")
            for number, row in enumerate(message.buttons)
            for b in row
        ),
        reactions=message.reactions,
        media=_media(raw),
        album=message.media_group_id or "",
        reply=_quote(raw.get("reply_to_message")),
        poll=(poll["question"], *(o["text"] for o in poll["options"])) if poll else (),
        forwarded=_origin(raw.get("forward_origin")),
    )


def _media(raw: dict[str, Any]) -> Media | None:
    if sizes := raw.get("photo"):
        return _file("photo", sizes[-1])
    for kind in _MEDIA:
        if kind in raw:
            return _file(kind, raw[kind])
    return None


def _file(kind: str, given: dict[str, Any]) -> Media:
    return Media(
        kind=kind,
        url=f"/files/{given['file_id']}",
        width=given.get("width", 0),
        height=given.get("height", 0),
        name=given.get("file_name", ""),
        size=given.get("file_size", 0),
    )


def _quote(raw: dict[str, Any] | None) -> Quote | None:
    if raw is None:
        return None
    text = raw.get("text") or raw.get("caption")
    named = {
        "photo": "Photo",
        "video": "Video",
        "animation": "GIF",
        "poll": "Poll",
        "document": "File",
    }
    text = text or next((name for kind, name in named.items() if kind in raw), "Message")
    return Quote(raw["message_id"], bool(raw.get("from", {}).get("is_bot")), " ".join(text.split()))


def _origin(origin: dict[str, Any] | None) -> str:
    if origin is None:
        return ""
    who = origin.get("sender_user") or origin.get("sender_chat") or origin.get("chat") or {}
    return str(origin.get("sender_user_name") or who.get("title") or who.get("first_name", ""))
