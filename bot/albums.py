"""When an album is complete: Telegram sends no end mark, so quiet is the sign. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from twitter_core.entry import Entry
from twitter_core.events import Joined

from .compose import Incoming


@dataclass(frozen=True, slots=True)
class First:
    """It begins a post, which stays open until `open_until` (epoch seconds)."""

    open_until: float


@dataclass(frozen=True, slots=True)
class Next:
    """It joins the open album."""

    event: Joined


@dataclass(frozen=True, slots=True)
class Late:
    """Its album is closed."""


def sort_in(item: Incoming, album: Entry | None, now: float, window: float) -> First | Next | Late:
    """What becomes of an item of an album; `album` is the entry of its group, if there is one."""
    if album is None:
        return First(now + window)
    if album.open_until is None or item.media is None:
        return Late()
    return Next(Joined(item.media, item.text, now + window, item.post.alts))


def is_repeat(item: Incoming, album: Entry) -> bool:
    """Whether the item is in the album already: Telegram delivers some updates twice."""
    return any(media.order == item.message_id for media in album.post.media)
