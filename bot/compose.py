"""An owner's message as a value, and as the post that it means. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from telegram import Document, Message, PhotoSize

from twitter_core.post import Kind, Media, Post
from twitter_core.text import normalize

from .entities import Entity, to_plain


class Sort(StrEnum):
    """What an owner's message is, as far as Telex treats it differently."""

    TEXT = "text"
    MEDIA = "media"
    OTHER = "other"
    SERVICE = "service"  # a pinned message and the like: nobody expects an answer


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message. `sent_at` is in epoch seconds; `name` tells what an OTHER is."""

    sort: Sort
    chat: int
    message_id: int
    sent_at: float
    text: str = ""
    media: Media | None = None
    group: str = ""
    name: str = ""

    @property
    def key(self) -> str:
        """The natural key of the post that it begins or belongs to."""
        return f"{self.chat}:{self.group or self.message_id}"

    @property
    def post(self) -> Post:
        """The post that it means on its own."""
        return Post(self.text, () if self.media is None else (self.media,))


def glance(update: Mapping[str, Any]) -> Media | None:
    """The picture of a raw update, so that it can be fetched before the update is parsed.

    A wrong guess costs a download: what the message means is told by `read`.
    """
    message = update.get("message", {})
    if any(name in message for name in _OTHERS):
        return None
    sizes = message.get("photo") or []
    file = sizes[-1] if sizes else message.get("document")
    if not isinstance(file, dict) or not _may_be_picture(file.get("mime_type")):
        return None
    return Media(
        ref=str(file.get("file_id", "")),
        order=int(message.get("message_id", 0)),
        size=file.get("file_size"),
        name=str(file.get("file_unique_id", "")),
    )


# What a message may hold beside a text or a picture, most telling first: an animation has a
# `document` as well, and a live photo a `photo`.
_OTHERS = (
    "animation",
    "video",
    "video_note",
    "sticker",
    "poll",
    "voice",
    "audio",
    "venue",
    "location",
    "contact",
    "dice",
    "game",
    "story",
    "paid_media",
    "invoice",
    "checklist",
    "giveaway",
)


def read(message: Message) -> Incoming:
    """`message` as Telex sees it."""
    text = message.text or message.caption or ""
    entities = message.entities or message.caption_entities or ()
    plain = to_plain(text, [Entity(e.type, e.offset, e.length, e.url or "") for e in entities])
    sort, media, name = _content(message)
    return Incoming(
        sort=sort,
        chat=message.chat_id,
        message_id=message.message_id,
        sent_at=message.date.timestamp(),
        text=normalize(plain),
        media=media,
        group=message.media_group_id or "",
        name=name,
    )


def _content(message: Message) -> tuple[Sort, Media | None, str]:
    other = next((name for name in _OTHERS if getattr(message, name, None)), None)
    if other is not None:
        return Sort.OTHER, None, "location" if other == "venue" else other
    if message.photo:
        # The last size is the largest (https://core.telegram.org/bots/api#photosize).
        photo = message.photo[-1]
        return Sort.MEDIA, _media(photo, message.message_id), ""
    if message.document is not None:
        document = message.document
        if _may_be_picture(document.mime_type):
            return Sort.MEDIA, _media(document, message.message_id), ""
        return Sort.OTHER, None, "document"
    if message.text:
        return Sort.TEXT, None, ""
    # What PTB does not know is newer than PTB: rather an answer too many than silence.
    is_content = bool(message.effective_attachment or message.api_kwargs)
    return (Sort.OTHER if is_content else Sort.SERVICE), None, ""


def _may_be_picture(mime: str | None) -> bool:
    # The MIME type is the sender's word: only what is surely no picture is turned away here.
    return not mime or mime.startswith("image/") or mime == "application/octet-stream"


def _media(file: PhotoSize | Document, order: int) -> Media:
    return Media(
        ref=file.file_id,
        kind=Kind.PHOTO,
        order=order,
        size=file.file_size,
        name=file.file_unique_id,
    )
