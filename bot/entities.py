"""A message's text with its entities as the plain text that X gets. Pure.

Telegram counts offsets in UTF-16 units (https://core.telegram.org/bots/api#messageentity).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entity:
    """A part of a text. `offset` and `length` count UTF-16 units; `url` is a text_link's."""

    type: str
    offset: int
    length: int
    url: str = ""


# What Telegram takes for a name (https://core.telegram.org/method/account.checkUsername).
_NAME = re.compile(r"(?<![\w@/])@[A-Za-z]\w{3,31}(?!\w)", re.ASCII)


def names(text: str) -> tuple[str, ...]:
    """The names with an @ in a text, each once."""
    return tuple(dict.fromkeys(_NAME.findall(text)))


def to_plain(text: str, entities: Iterable[Entity], *, names_as_links: bool = False) -> str:
    """`text` with the address of each hidden link behind its words, unless they are the same.

    With `names_as_links` a Telegram name becomes the address of who has it.
    """
    units = text.encode("utf-16-le", "surrogatepass")
    parts: list[bytes] = []
    at = 0
    for entity in sorted(entities, key=lambda entity: entity.offset):
        end = 2 * (entity.offset + entity.length)
        if entity.type == "mention" and names_as_links and 2 * entity.offset >= at:
            name = units[2 * entity.offset + 2 : end]  # without its @
            parts += [units[at : 2 * entity.offset], "https://t.me/".encode("utf-16-le"), name]
            at = end
            continue
        if entity.type != "text_link" or not entity.url or end < at:
            continue
        words = units[2 * entity.offset : end].decode("utf-16-le", "replace")
        parts.append(units[at:end])
        if not _is_same(words, entity.url):
            parts.append(f" {entity.url}".encode("utf-16-le"))
        at = end
    parts.append(units[at:])
    return b"".join(parts).decode("utf-16-le", "replace")


def _is_same(words: str, url: str) -> bool:
    return _bare(words) == _bare(url)


def _bare(url: str) -> str:
    return url.strip().lower().removeprefix("https://").removeprefix("http://").rstrip("/")
