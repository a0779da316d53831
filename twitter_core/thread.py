"""Splits a post into what X takes: short texts, and four photos, a GIF or a video in each tweet."""

from __future__ import annotations

import functools
import re

from . import links, parts, text
from .limits import PHOTOS, TEXT_WEIGHT
from .post import Kind, Post, Tweet

# Three hyphens; some keyboards make a dash of the first two.
_HAND_CUT = re.compile(r"^[^\S\n]*(?:---|—-)[^\S\n]*$", re.MULTILINE)


@functools.lru_cache(maxsize=64)  # a card and the line ask again and again about the same few
def split(post: Post, *, room: int = TEXT_WEIGHT) -> tuple[Tweet, ...]:
    """The tweets of `post`, in order; each after the first is a reply to the one before it.

    A text heavier than `room` is cut, and so is any at a line that holds only `---`, unless
    `post.cut` says otherwise: without threads a text stays in one, too long as it may be.

    Photos that follow each other share a tweet, four at most; a GIF or a video has one of its own.
    Texts and media are dealt out from the first tweet on, side by side. Nothing is dropped.
    """
    whole = text.normalize("\n\n".join(part for part in (post.text, post.footer) if part))
    whole = links.without(whole) if post.unlinked else whole
    texts = _cut(whole, post.cut.numbered, room) if post.cut.threads else [whole]
    groups = _group(post)
    count = max(len(texts), len(groups), 1)
    texts += [""] * (count - len(texts))
    groups += [()] * (count - len(groups))
    first, *others = (
        Tweet(part, media, flags=post.flags) for part, media in zip(texts, groups, strict=True)
    )
    return (Tweet(first.text, first.media, post.poll, post.flags), *others)


def excess(post: Post, *, room: int = TEXT_WEIGHT) -> int:
    """By how much the heaviest tweet of `post` is too heavy for X; 0 where all fit."""
    if post.cut.threads:
        return 0
    return max(0, *(text.weigh(tweet.text) - room for tweet in split(post, room=room)))


def _cut(whole: str, numbered: bool, room: int) -> list[str]:
    pieces = [piece for found in _HAND_CUT.split(whole) if (piece := found.strip())]
    pieces = pieces or [whole]  # nothing but such lines: then they are what is meant
    texts = _fit(pieces, room)
    if not numbered or len(texts) < 2:
        return texts
    digits = 0
    while len(str(len(texts))) > digits:  # the counter takes room, so there may be more parts
        digits = len(str(len(texts)))
        texts = _fit(pieces, room - len(" (/)") - 2 * digits)
    return [f"{part} ({number}/{len(texts)})" for number, part in enumerate(texts, 1)]


def _fit(pieces: list[str], room: int) -> list[str]:
    return [part for piece in pieces for part in parts.cut(piece, room)]


def _group(post: Post) -> list[tuple[int, ...]]:
    groups: list[tuple[int, ...]] = []
    for index, media in enumerate(post.media):
        joins = (
            groups
            and media.kind is Kind.PHOTO
            and post.media[groups[-1][-1]].kind is Kind.PHOTO
            and len(groups[-1]) < PHOTOS
        )
        if joins:
            groups[-1] = (*groups[-1], index)
        else:
            groups.append((index,))
    return groups
