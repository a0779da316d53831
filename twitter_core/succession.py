"""Carries what happens to one of two posts to the other, where one takes the other's place.

What each makes of it is decided in `handover`; both are told in one go, and so saved in one go.
"""

from __future__ import annotations

from collections.abc import Callable

from . import handover, outbox, revision
from .actions import MakeRoom
from .desk import Desk
from .entry import Entry, Failure
from .errors import Refusal
from .events import Blocked, Cleared, Event, Kept, Rebound, Released, Renewed, RoomAsked


class Succession:
    """The go-between of old posts and their heirs."""

    def __init__(self, desk: Desk, recall: Callable[[str], None]) -> None:
        """`recall` takes an entry of the archive back in, by its key."""
        self._desk = desk
        self._recall = recall

    def pass_on(self, entry: Entry, event: Event) -> None:
        """`event` made `entry` what it is: what does the other one hear of it?"""
        if isinstance(event, Renewed):
            self._rebind(entry.key, entry.heir)
        news = handover.news(entry, event)
        if news is None:
            return
        other, told = news
        self._desk.tell(other, told)
        if isinstance(told, Kept):
            self._rebind(entry.key, other)

    def _rebind(self, before: str, after: str) -> None:
        """What waits to continue one of the two continues the other."""
        for follower in self._desk.entries():
            if follower.follows == before:
                self._desk.tell(follower.key, Rebound(after))

    def make_room(self, key: str) -> None:
        """The heir under `key` is ready: let the post be deleted whose place it takes."""
        heir = self._desk.entry(key)
        is_ready = heir is not None and isinstance(
            outbox.next_action(heir, self._desk.now()), MakeRoom
        )
        if heir is None or not is_ready:
            return
        if self._desk.entry(heir.replaces) is None:
            self._recall(heir.replaces)  # first: where that fails, it is tried again
        if self._desk.tell(key, RoomAsked()) is None:
            return
        old = self._desk.entry(heir.replaces)
        if old is None or not revision.is_out(old):
            self._desk.tell(key, Cleared())
            return
        self._desk.tell(old.key, Renewed(key, self._desk.now()))  # anew, if X refused it before
        if self._desk.tell(old.key, Released()) is None and not old.deleting:
            self._desk.tell(key, Blocked(Failure(Refusal.NOT_FOUND)))
