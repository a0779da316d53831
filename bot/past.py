"""Finds posts that have ended long ago: by their key, or by a message of theirs. Blocking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from twitter_core.archive import Archive
from twitter_core.entry import Entry

from .board import Board, Place

Found = tuple[Entry, Place | None]


class Past:
    """The archive as the chat asks for it."""

    def __init__(self, archive: Archive, board: Board) -> None:
        self._archive = archive
        self._board = board

    def by_key(self, key: str) -> Found | None:
        """The post under `key`, with the place of its card."""
        return self._find(lambda line: line.get("key") == key)

    def by_message(self, chat: int, message_id: int) -> Found | None:
        """The post whose card, or whose message, that is."""

        def is_it(line: Mapping[str, Any]) -> bool:
            place = line.get("remark") or {}
            ids = (place.get("card"), *place.get("messages", ()))
            return place.get("chat") == chat and message_id in ids

        return self._find(is_it)

    def has(self, key: str, since: float) -> bool:
        """Whether the post under `key` ended since the month of that time (epoch seconds)."""
        return self._archive.find(lambda line: line.get("key") == key, since=since) is not None

    def _find(self, is_it: Callable[[Mapping[str, Any]], bool]) -> Found | None:
        record = self._archive.find(is_it)
        if record is None:
            return None
        return record.entry, self._board.read_place(record.remark)
