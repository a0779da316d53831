"""The right of the page: the account and its posts as X shows them. Values in, values out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from bot.sandbox.x import X
from bot.sandbox.x_world import Media, Post


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, a GIF or a video."""

    kind: str
    url: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """A piece of a text that X takes for an address; in characters, not in UTF-16 units."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll, and when it ends (Unix time)."""

    options: tuple[str, ...]
    ends: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One post."""

    id: str
    name: str
    handle: str
    text: str
    links: tuple[Anchor, ...]
    at: float
    media: tuple[Picture, ...]
    poll: Poll | None
    reply_to: str
    thread: str  # the id of its first post
    deleted: float | None


@dataclass(frozen=True, slots=True)
class Profile:
    """The account, and what the real X would have charged."""

    name: str
    handle: str
    posts: int
    spent: str  # dollars
    charges: tuple[tuple[str, int, str], ...]  # for what, how many times, dollars


def entry(post: Post, x: X) -> Entry:
    """A post as it is shown."""
    account = x.world.account(post.account_id)
    poll = post.poll
    return Entry(
        id=post.id,
        name=account.name,
        handle=account.username,
        text=post.text,
        links=tuple(Anchor(link.start, link.end) for link in post.links),
        at=post.created,
        media=tuple(_picture(medium) for medium in post.media),
        poll=Poll(tuple(poll["options"]), post.created + 60 * poll["duration_minutes"])
        if poll
        else None,
        reply_to=post.reply_to or "",
        thread=post.conversation,
        deleted=post.deleted,
    )


def profile(x: X) -> Profile:
    """The account that the scene begins with."""
    spent: dict[str, Decimal] = {}
    for charge in x.bill:
        spent[charge.kind] = spent.get(charge.kind, Decimal(0)) + charge.amount
    times = Counter(charge.kind for charge in x.bill)
    return Profile(
        name=x.account.name,
        handle=x.account.username,
        posts=len(x.timeline()),
        spent=f"{sum(spent.values(), Decimal(0)):.3f}",
        charges=tuple((kind, times[kind], f"{amount:.3f}") for kind, amount in spent.items()),
    )


def _picture(medium: Media) -> Picture:
    url = f"/media/{medium.id}"
    return Picture(medium.sort, url, medium.alt_text or "", medium.width, medium.height)
