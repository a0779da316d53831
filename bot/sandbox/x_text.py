"""Texts as X sees them: their weight, their links, and how they look when they come back.

Counts with twitter-text-parser, the way X documents it.
"""

from __future__ import annotations

import re
import secrets
import string
import unicodedata
from collections.abc import Sequence

from bot.sandbox.x_world import Link

PLAIN, PREMIUM = 280, 25_000
CASHTAG = re.compile(r"(?<![\w$])\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?(?![\w$])")
_ALPHABET = string.ascii_letters + string.digits


def keep(text: str) -> str:
    """The text as X stores it."""
    return unicodedata.normalize("NFC", text).strip()


def weigh(text: str) -> int:
    from twitter_text import parse_tweet

    return int(parse_tweet(text).weightedLength)


def shorten() -> str:
    return "https://t.co/" + "".join(secrets.choice(_ALPHABET) for _ in range(10))


def links(text: str) -> tuple[Link, ...]:
    from twitter_text import extract_urls_with_indices

    return tuple(
        Link(found["indices"][0], found["indices"][1], found["url"], shorten())
        for found in extract_urls_with_indices(text)
    )


def cashtags(text: str) -> int:
    return len(CASHTAG.findall(text))


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def render(
    text: str, found: Sequence[Link], media_link: str | None
) -> tuple[str, list[tuple[int, int, Link]]]:
    """What X answers: escaped, each link as t.co, one more for the media; and where they stand."""
    out, places, at, length = [], [], 0, 0
    for link in found:
        before = escape(text[at : link.start])
        length += len(before)
        out += [before, link.short]
        places.append((length, length + len(link.short), link))
        length += len(link.short)
        at = link.end
    out.append(escape(text[at:]))
    whole = "".join(out)
    if media_link is not None:
        whole = f"{whole} {media_link}" if whole else media_link
    return whole, places


def cut(text: str) -> str:
    """The beginning of a long post, as it stands in `text` beside the full note."""
    return text if len(text) <= PLAIN else text[: PLAIN - 3].rstrip() + "…"
