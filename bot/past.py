"""Finds posts that have ended long ago: by their key, or by a message of theirs. Blocking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from twitter_core import revision
from twitter_core.archive import Archive
from twitter_core.entry import Entry

from .places import Place, Places

Found = tuple[Entry, Place | None]


class Past:
    """The archive as the chat asks for it."""

    def __init__(self, archive: Archive, places: Places) -> None:
        self._archive = archive
        self._places = places

    def by_key(self, key: str) -> Found | None:
        """The post under `key`, with the place of its card."""
        return self._find(lambda line: line.get("key") == key)

    def by_message(self, chat: int, message_id: int, since: float | None = None) -> Found | None:
        """The post whose card, or whose message, that is; `since` is a time before its end."""

        def is_it(line: Mapping[str, Any]) -> bool:
            place = line.get("remark") or {}
            ids = (place.get("card"), *place.get("messages", ()))
            return place.get("chat") == chat and message_id in ids

        found = self._find(is_it, since)
        return self._that_counts(found) if found is not None else None

    def _that_counts(self, found: Found) -> Found:
        """Where a post was deleted and posted again, the one of which something is left."""
        entry = found[0]
        while not revision.is_out(entry) and entry.heir and (heir := self.by_key(entry.heir)):
            found, entry = heir, heir[0]
        if entry.replaces and not revision.is_out(entry):  # it was taken back
            old = self.by_key(entry.replaces)
            return old if old is not None and revision.is_out(old[0]) else found
        return found

    def is_continued(self, key: str, since: float) -> bool:
        """Whether something that continues the post under `key` is out, since that time."""

        def is_it(line: Mapping[str, Any]) -> bool:
            left = set(line.get("posted", ())) - set(line.get("deleted", ()))
            return line.get("follows") == key and bool(left)

        return self._archive.find(is_it, since=since) is not None

    def has(self, key: str, since: float) -> bool:
        """Whether the post under `key` ended since the month of that time (epoch seconds)."""
        return self._archive.find(lambda line: line.get("key") == key, since=since) is not None

    def _find(
        self, is_it: Callable[[Mapping[str, Any]], bool], since: float | None = None
    ) -> Found | None:
        record = self._archive.find(is_it, since=since)
        if record is None:
            return None
        return record.entry, self._places.read(record.remark)
