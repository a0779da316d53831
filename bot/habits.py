"""Keeps what the owner has chosen in the chat, over restarts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from twitter_core.store import Store

from .preferences import Preferences

_KEY = "chosen"


class Habits:
    """The choices, one set for the one X account."""

    def __init__(self, store: Store) -> None:
        self._table = store.table("preferences", Preferences)

    @property
    def current(self) -> Preferences:
        """What holds now."""
        return self._table.get(_KEY) or Preferences()

    def change(self, **chosen: Any) -> Preferences:
        """Change some of the fields of `Preferences`; on the disk within moments."""
        self._table.put(_KEY, replace(self.current, **chosen))
        return self.current
