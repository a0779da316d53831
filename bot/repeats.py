"""Which commands and presses were dealt with already: Telegram delivers some updates twice.

Posts need no such memory: their key finds them in the outbox or in the history.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from telegram import Update

from twitter_core.archive import KEPT
from twitter_core.store import Store


@dataclass(frozen=True, slots=True)
class Seen:
    """When it was dealt with, in epoch seconds."""

    at: float


class Repeats:
    """The natural keys of the last two days."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._seen = store.table("seen", Seen)
        self._clock = clock

    def is_repeat(self, update: Update) -> bool:
        """Whether that very command or press was dealt with before."""
        key = _key(update)
        return key is not None and self._seen.get(key) is not None

    def note(self, update: Update) -> None:
        """It is dealt with."""
        key = _key(update)
        if key is not None:
            self._seen.put(key, Seen(self._clock()))

    def sweep(self) -> None:
        """Forget what is too old to come again."""
        old = self._clock() - KEPT
        for key, seen in self._seen.items():
            if seen.at < old:
                self._seen.drop(key)


def _key(update: Update) -> str | None:
    if update.callback_query is not None:
        return f"press:{update.callback_query.id}"
    message = update.message
    if message is not None and (message.text or "").startswith("/"):
        return f"command:{message.chat_id}:{message.message_id}"
    return None
