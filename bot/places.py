"""Where each post came from, and where its card is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from twitter_core import handover, revision
from twitter_core.entry import ENDED, Entry
from twitter_core.store import Store


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post came from and where its card is.

    `shown` is a digest of the card's content, `mark` what the first message is marked with, and
    `at` the time that a message of it begins with, as it was typed: empty where there is nothing
    behind /at, None where there is no such line.
    """

    chat: int
    messages: tuple[int, ...]
    card: int | None = None
    shown: str = ""
    mark: str = ""
    at: str | None = None


class Places:
    """The places of all posts in the outbox, by their keys."""

    def __init__(self, store: Store, entry: Callable[[str], Entry | None]) -> None:
        """`entry` finds a post in the outbox."""
        self._places = store.table("cards", Place)
        self._entry = entry

    def get(self, key: str) -> Place | None:
        """Where the post under `key` came from."""
        return self._places.get(key)

    def put(self, key: str, place: Place) -> None:
        """Note where a post came from, before it is submitted."""
        self._places.put(key, place)

    def add_message(self, key: str, message_id: int, at: str | None = None) -> None:
        """Another message of the owner's belongs to the post (an album's)."""
        place = self._places.get(key)
        if place is not None and message_id not in place.messages:
            messages = (*place.messages, message_id)
            self._places.put(
                key, replace(place, messages=messages, at=place.at if at is None else at)
            )

    def retype(self, key: str, at: str | None) -> None:
        """A message of the post begins with that time now, or with none any more."""
        if (place := self._places.get(key)) is not None:
            self._places.put(key, replace(place, at=at))

    def find(self, chat: int, message_id: int) -> str | None:
        """The key of the post whose card, or whose message, that is."""
        for key, place in self._places.items():
            if place.chat == chat and place.card == message_id:
                return key
        return next(iter(self.family(chat, message_id)), None)

    def family(self, chat: int, message_id: int) -> list[str]:
        """The keys of the posts of that message: of several the newest of which something is left
        comes first.
        """
        keys = [
            key
            for key, place in self._places.items()
            if place.chat == chat and message_id in place.messages
        ]

        def rank(key: str) -> tuple[bool, int]:
            entry = self._entry(key)
            is_gone = entry is not None and entry.state in ENDED and not revision.is_out(entry)
            return is_gone, -handover.generation(key)

        return sorted(keys, key=rank)

    def adopt(self, key: str, place: Place) -> None:
        """Take over a card of long ago, whose button was pressed."""
        if self._places.get(key) is None:
            self._places.put(key, place)

    def drop(self, key: str) -> None:
        """The post has left the outbox."""
        self._places.drop(key)

    def with_cards(self) -> frozenset[str]:
        """The keys of the posts that have a card."""
        return frozenset(key for key, place in self._places.items() if place.card is not None)

    def dump(self, key: str) -> dict[str, Any]:
        """The place of a post for the history, empty where it has none."""
        place = self._places.get(key)
        return self._places.dump(place) if place is not None else {}

    def read(self, remark: Mapping[str, Any]) -> Place | None:
        """The place of which `remark` was made by `dump`."""
        return self._places.load(remark) if remark else None
