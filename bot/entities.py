"""A message's text with its entities as the plain text that X gets. Pure.

Telegram counts offsets in UTF-16 units (https://core.telegram.org/bots/api#messageentity).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entity:
    """A part of a text. `offset` and `length` count UTF-16 units; `url` is a text_link's."""

    type: str
    offset: int
    length: int
    url: str = ""


def to_plain(text: str, entities: Iterable[Entity]) -> str:
    """`text` with the address of each hidden link behind its words, unless they are the same."""
    units = text.encode("utf-16-le", "surrogatepass")
    parts: list[bytes] = []
    at = 0
    for entity in sorted(entities, key=lambda entity: entity.offset):
        end = 2 * (entity.offset + entity.length)
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
