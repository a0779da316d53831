"""Tells whether an attempt is among the posts of an account. Pure: it is given the posts."""

from __future__ import annotations

import html
import re
from collections.abc import Container, Iterable

from .entry import Attempt
from .text import normalize
from .wire import OwnPost

SLACK = 60.0  # seconds before an attempt's start from which posts count: clocks differ


def find(attempt: Attempt, posts: Iterable[OwnPost], known: Container[str]) -> tuple[str, ...]:
    """The ids of the posts that are this attempt, the oldest first.

    A post is ours if it carries one of our media ids (the part of a media key behind the `_`) or
    has the same text. Posts that are `known` to belong to something else never count.
    """
    found = [post.id for post in posts if post.id not in known and _is_same(attempt, post)]
    return tuple(sorted(found, key=int))


def _is_same(attempt: Attempt, post: OwnPost) -> bool:
    ids = {key.rpartition("_")[2] for key in post.media_keys}
    if ids & set(attempt.media_ids):
        return True
    wanted, shown = normalize(attempt.text), plain_text(post)
    return bool(wanted and shown) and _comparable(wanted) == _comparable(shown)


def plain_text(post: OwnPost) -> str:
    """The text as its author wrote it: unescaped, t.co links expanded, media's link dropped."""
    text = _expand(html.unescape(post.note_text or post.text), post)
    if post.media_keys:
        text = _TRAILING_LINK.sub("", text)
    return normalize(text)


def _expand(text: str, post: OwnPost) -> str:
    links = {
        short: "" if post.media_keys and _MEDIA_LINK.search(expanded) else expanded
        for short, expanded in post.urls
    }
    if not links:
        return text
    shorts = sorted(links, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, shorts)), lambda found: links[found[0]], text)


_MEDIA_LINK = re.compile(r"/status/\d+/(photo|video)/\d+$")
_TRAILING_LINK = re.compile(r"(^|\s)https://t\.co/\w+\s*$")
_SCHEME = re.compile(r"\bhttps?://", re.IGNORECASE)
_SLASH = re.compile(r"(?<=\w)/(?=\s|$)")


def _comparable(text: str) -> str:
    # X gives a bare domain back with a scheme, and may end an address with a slash or not: neither
    # says anything.
    return _SLASH.sub("", _SCHEME.sub("", text))
