"""Posts that have ended: in the history for good, and the keys of the last two days in memory.

So what is alive is all that the store holds, and a late repeat is still recognised.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .entry import THERE, Entry
from .history import History

log = logging.getLogger(__name__)

KEPT = 48 * 3600.0  # seconds: Telegram keeps an update for 24 hours

# What a line raises whose fields are not what they should be: somebody's edit, or a later version.
_PUZZLING = (ValueError, TypeError, LookupError, AttributeError, OverflowError)


@dataclass(frozen=True, slots=True)
class Record:
    """A line of the history: the entry, and what its user wrote beside it."""

    entry: Entry
    remark: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Ended:
    at: float
    posted: tuple[str, ...]  # without what was deleted
    deleted: tuple[str, ...] = ()


class Archive:
    """The history, and what of it has to be known at once."""

    def __init__(
        self, history: History, load: Callable[[Mapping[str, Any]], Entry], now: float
    ) -> None:
        """`load` makes an entry of a line. Reads the lines of the last two days; raises OSError."""
        self._history = history
        self._load = load
        self._recent: dict[str, _Ended] = {}
        self._was_puzzled = False
        for line in history.read_back(since=now - KEPT):
            try:
                recorded_at, ended = _read(line)
            except _PUZZLING:
                self._puzzled()
                continue
            if recorded_at < now - KEPT - 3600:  # lines stand in the order of this, nearly
                break
            self._recent.setdefault(str(line.get("key")), ended)

    def knows(self, key: str) -> bool:
        """Whether the post under `key` ended within the last two days."""
        return key in self._recent

    def ids(self) -> Iterator[str]:
        """The ids of all tweets of the last two days."""
        # What was deleted X may still show for a moment.
        recent = self._recent.values()
        return (tweet_id for ended in recent for tweet_id in (*ended.posted, *ended.deleted))

    def last_id(self, key: str) -> str:
        """The id of the last tweet of the post under `key`; empty where that is not known."""
        ended = self._recent.get(key)
        known = [tweet_id for tweet_id in (ended.posted if ended else ()) if tweet_id != THERE]
        return known[-1] if known else ""

    def add(self, entry: Entry) -> None:
        """`entry` is in the history now."""
        left = tuple(tweet_id for tweet_id in entry.posted if tweet_id not in entry.deleted)
        ended_at = entry.ended_at or entry.came_at
        self._recent[entry.key] = _Ended(ended_at, left, entry.deleted)

    def sweep(self, now: float) -> None:
        """Forget what no repeat comes of any more."""
        for key, ended in list(self._recent.items()):
            if ended.at < now - KEPT:
                del self._recent[key]

    def find(
        self, is_it: Callable[[Mapping[str, Any]], bool], *, since: float | None = None
    ) -> Record | None:
        """The newest line for which `is_it` holds. Blocking: reads until it is found."""
        for line in self._history.read_back(since=since):
            try:
                found = is_it(line)
            except _PUZZLING:
                self._puzzled()
                continue
            if found:
                return Record(self._load(line), line.get("remark") or {})
        return None

    def _puzzled(self) -> None:
        if not self._was_puzzled:
            self._was_puzzled = True
            log.warning("the history has lines that cannot be made sense of; they are passed over")


def _read(line: Mapping[str, Any]) -> tuple[float, _Ended]:
    """When the line was written, and what is kept of it."""
    ended_at = float(line.get("ended_at") or line["recorded_at"])
    posted, deleted = line.get("posted", ()), line.get("deleted", ())
    left = tuple(str(tweet_id) for tweet_id in posted if tweet_id not in deleted)
    ended = _Ended(ended_at, left, tuple(str(tweet_id) for tweet_id in deleted))
    return float(line.get("recorded_at") or ended_at), ended
