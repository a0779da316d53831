"""Tells whether an attempt is among the posts of an account. Pure: it is given the posts."""

from __future__ import annotations

import html
import re
from collections.abc import Container, Iterable, Set

from .entry import Attempt
from .text import normalize
from .wire import OwnPost

SLACK = 60.0  # seconds before an attempt's start from which posts count: clocks differ


def find(
    attempt: Attempt,
    posts: Iterable[OwnPost],
    known: Container[str],
    others: Set[str] = frozenset(),
) -> tuple[str, ...]:
    """The ids of the posts that are this attempt, the oldest first.

    A post is ours if it carries one of our media ids, or else if it has the same text. Posts that
    are `known` to be something else never count, nor do those with media ids of `others`.
    """
    unknown = [post for post in posts if post.id not in known]
    found = [post for post in unknown if set(post.media_ids) & set(attempt.media_ids)]
    if not found:
        found = [
            post
            for post in unknown
            if not set(post.media_ids) & others and _has_same_text(attempt, post)
        ]
    return tuple(sorted((post.id for post in found), key=int))


def _has_same_text(attempt: Attempt, post: OwnPost) -> bool:
    if post.media_keys and not attempt.media_ids:
        return False  # a picture of somebody else's hand, under the same words
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
