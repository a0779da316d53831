"""When posts go out: reads times by the owner's clock, finds free slots, gives posts their time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from twitter_core.entry import Entry
from twitter_core.events import Scheduled
from twitter_core.publisher import Publisher
from twitter_core.schedule import has_time, order
from twitter_core.store import Store

from . import slots, times, zones
from .habits import Habits

_ZONE = "zone"


@dataclass(frozen=True, slots=True)
class Told:
    """Something that is said once, and when it was."""

    at: float


class Timetable:
    """The times of all posts, by the owner's clock."""

    def __init__(
        self, store: Store, habits: Habits, publisher: Publisher, *, clock: Callable[[], float]
    ) -> None:
        self._told = store.table("told", Told)
        self._habits = habits
        self._publisher = publisher
        self._clock = clock

    @property
    def zone(self) -> tzinfo:
        """The owner's zone; UTC until one was chosen."""
        return zones.zone(self._habits.current.zone)

    @property
    def hold(self) -> float:
        """For how many seconds a post can be stopped before it is sent."""
        return float(self._habits.current.undo)

    async def choose_zone(self, typed: str) -> str | zones.NotOne:
        """Let the clock of that place count from now on, unless it is not clear which one it is."""
        found = await asyncio.to_thread(zones.find, typed)
        if isinstance(found, str):
            self._habits.change(zone=found)
        return found

    async def read(self, typed: str, at: float) -> times.Understood | times.Misread:
        """What the owner means by a time typed at `at` (epoch seconds)."""
        # In a thread: the first date loads a library.
        return await asyncio.to_thread(times.read, typed, at, self.zone)

    def schedule(self, key: str, due: float, wall: str = "") -> Entry | None:
        """Let the post under `key` go out at `due`; None where that is not possible (any more)."""
        publisher = self._publisher
        event = Scheduled(due, publisher.next_seq(), publisher.account, wall)
        return publisher.tell(key, event)

    def coming(self) -> tuple[Entry, ...]:
        """All posts with a time to come, in the order of their times."""
        found = [entry for entry in self._publisher.entries() if has_time(entry)]
        return tuple(sorted(found, key=order))

    def next_free(self, key: str = "") -> slots.Slot | None:
        """The next slot at which nothing goes out yet but perhaps the post under `key`."""
        chosen = self._habits.current
        others = [entry for entry in self.coming() if entry.key != key]
        taken = {entry.due for entry in others if entry.due is not None}
        return slots.next_free(chosen.slots, taken, self._clock(), chosen.zone)

    def swap(self, one: Entry, other: Entry) -> bool:
        """Let two posts change their times; both, or none of them."""
        if one.due is None or other.due is None or not (has_time(one) and has_time(other)):
            return False
        tell = self._publisher.tell
        # Their places in the line as well, for where their times are the same these decide.
        tell(one.key, Scheduled(other.due, other.seq, wall=other.wall))
        tell(other.key, Scheduled(one.due, one.seq, wall=one.wall))
        return True

    def settle(self) -> None:
        """Keep the local times of slots where the rules of a zone have changed since."""
        for entry in self.coming():
            due = slots.instant(entry.wall) if entry.wall else None
            if due is not None and due != entry.due:
                self.schedule(entry.key, due, entry.wall)

    def wants_zone(self) -> bool:
        """Whether it is still to be said that times are in UTC; true once."""
        if self._habits.current.zone or self._told.get(_ZONE) is not None:
            return False
        self._told.put(_ZONE, Told(self._clock()))
        return True
