"""An owner's message as a value, and as the post that it means. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from telegram import Message
from telegram import Poll as TelegramPoll

from twitter_core.post import Kind, Media, Poll, Post
from twitter_core.text import normalize

from . import alts, polls
from .entities import Entity, to_plain


class Sort(StrEnum):
    """What an owner's message is, as far as Telex treats it differently."""

    TEXT = "text"
    POST = "post"  # something with media, or a poll: posted at once
    OTHER = "other"
    SERVICE = "service"  # a pinned message and the like: nobody expects an answer


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message. `sent_at` is in epoch seconds; `name` tells what an OTHER is.

    `at` is the time that its first line gives, as it was typed; None where it gives none.
    """

    sort: Sort
    chat: int
    message_id: int
    sent_at: float
    text: str = ""
    media: Media | None = None
    poll: Poll | polls.Refused | None = None
    alts: tuple[str, ...] = ()
    group: str = ""
    name: str = ""
    reply_to: int | None = None
    at: str | None = None

    @property
    def key(self) -> str:
        """The natural key of the post that it begins or belongs to."""
        return f"{self.chat}:{self.group or self.message_id}"

    @property
    def post(self) -> Post:
        """The post that it means on its own."""
        poll = self.poll if isinstance(self.poll, Poll) else None
        media = () if self.media is None else (self.media,)
        return Post(self.text, media, poll, alts=self.alts)


def glance(update: Mapping[str, Any]) -> Media | None:
    """The medium of a raw update, so that it can be fetched before the update is parsed.

    A wrong guess costs a download: what the message means is told by `read`.
    """
    message = update.get("message")
    if not isinstance(message, dict):
        return None
    for name in _MEDIA:
        if not (found := message.get(name)):
            continue
        file = found[-1] if isinstance(found, list) else found
        if not isinstance(file, dict) or not _may_be_posted(name, file):
            return None
        return Media(
            ref=str(file.get("file_id", "")),
            order=int(message.get("message_id", 0)),
            size=file.get("file_size"),
            name=str(file.get("file_unique_id", "")),
        )
    return None


# What a message may hold, most telling first: an animation has a `document` as well, and a live
# photo a `photo`, which is its still.
_MEDIA = ("animation", "video", "video_note", "sticker", "photo", "document")
_VIDEOS = ("animation", "video", "video_note")
_OTHERS = (
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


def read(message: Message, *, names_as_links: bool = False) -> Incoming:
    """`message` as Telex sees it."""
    text = message.text or message.caption or ""
    entities = message.entities or message.caption_entities or ()
    plain = to_plain(
        text,
        [Entity(e.type, e.offset, e.length, e.url or "") for e in entities],
        names_as_links=names_as_links,
    )
    caption, described = alts.split(plain) if message.caption else (plain, ())
    timed = at(caption)
    typed, caption = timed if timed is not None else (None, caption)
    incoming = Incoming(
        sort=Sort.SERVICE,
        chat=message.chat_id,
        message_id=message.message_id,
        sent_at=message.date.timestamp(),
        text=normalize(caption),
        alts=described,
        at=typed,
        group=message.media_group_id or "",
        reply_to=message.reply_to_message.message_id if message.reply_to_message else None,
    )
    return _with_content(message, incoming)


def at(text: str) -> tuple[str, str] | None:
    """The time and the rest of a text that begins with `/at TIME`; None where it does not."""
    found = re.match(r"(?i)/at(?:@\w+)?(?:[ \t]+([^\n]*))?(?:\n|$)", text)
    return None if found is None else ((found[1] or "").strip(), text[found.end() :].strip())


def behind_command(text: str) -> str:
    """What stands behind a command, line breaks kept."""
    return re.sub(r"^/\S+\s*", "", text)


def behind_post(text: str) -> str | None:
    """What is behind `/post`, or all of a text without a command; None behind another one."""
    command = re.match(r"/(\w+)(?:@\w+)?(?=\s|$)", text)
    if command is None:
        return text
    return text[command.end() :] if command[1].lower() == "post" else None


def _with_content(message: Message, incoming: Incoming) -> Incoming:
    if message.poll is not None:
        return _with_poll(message.poll, incoming)
    other = next((name for name in _OTHERS if getattr(message, name, None)), None)
    if other is not None:
        return replace(incoming, sort=Sort.OTHER, name="location" if other == "venue" else other)
    for name in _MEDIA:
        found = getattr(message, name, None)
        if not found:
            continue
        # The last size of a photo is the largest (https://core.telegram.org/bots/api#photosize).
        file = found[-1] if isinstance(found, tuple) else found
        if not _may_be_posted(name, file.to_dict()):
            return replace(incoming, sort=Sort.OTHER, name=name)
        return replace(incoming, sort=Sort.POST, media=_media(name, file, incoming))
    if message.text:
        return replace(incoming, sort=Sort.TEXT)
    # What PTB does not know is newer than PTB: rather an answer too many than silence.
    is_content = bool(message.effective_attachment or message.api_kwargs)
    return replace(incoming, sort=Sort.OTHER if is_content else Sort.SERVICE)


def _with_poll(poll: TelegramPoll, incoming: Incoming) -> Incoming:
    options = tuple(option.text for option in poll.options)
    seconds = poll.open_period
    if isinstance(seconds, timedelta):
        seconds = int(seconds.total_seconds())
    if seconds is None and poll.close_date is not None:
        seconds = int(poll.close_date.timestamp() - incoming.sent_at)
    text = normalize(poll.question)
    return replace(incoming, sort=Sort.POST, text=text, poll=polls.read(options, seconds))


def _may_be_posted(name: str, file: Mapping[str, Any]) -> bool:
    """Whether a file may be something that X takes: what it is, its bytes tell later."""
    if name == "sticker":
        return not file.get("is_animated") and not file.get("is_video")
    mime = file.get("mime_type")
    if name != "document" or not mime or mime == "application/octet-stream":
        return True
    # The MIME type is the sender's word: only what is surely none is turned away here.
    return str(mime).startswith(("image/", "video/"))


def _media(name: str, file: Any, incoming: Incoming) -> Media:
    return Media(
        ref=file.file_id,
        kind=Kind.VIDEO if name in _VIDEOS else Kind.PHOTO,
        order=incoming.message_id,
        size=file.file_size,
        name=file.file_unique_id,
    )
