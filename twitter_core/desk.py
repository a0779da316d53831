"""What uploads and errands ask of the publisher. A Protocol, so that neither knows the worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from .entry import Entry
from .errors import XError
from .events import Event
from .line import Hold
from .wire import OwnPost


class Desk(Protocol):
    """The publisher as its own helpers see it."""

    @property
    def account(self) -> str:
        """The id of the account that is signed in, empty where that is not known."""

    def now(self) -> float:
        """The clock, in epoch seconds."""

    def entries(self) -> tuple[Entry, ...]:
        """All that is in the outbox, in the order of the line."""

    def entry(self, key: str) -> Entry | None:
        """The entry under `key` while it is in the outbox."""

    def tell(self, key: str, event: Event) -> Entry | None:
        """Let `event` happen to an entry; None where it changes nothing."""

    def make_room(self, key: str) -> None:
        """Let the post be deleted whose place that entry takes."""

    def hold(self, error: XError) -> Hold | None:
        """Hold the line where `error` concerns more than one post."""

    def answered(self) -> None:
        """X gave a clear answer: the network is there."""

    def retry_at(self, entry: Entry) -> float:
        """When something of `entry` that failed is to be tried again, in epoch seconds."""

    def progressed(self, key: str, share: float) -> None:
        """Of a large file of the entry, so much (0..1) is on X."""

    def remark(self, key: str) -> Mapping[str, Any]:
        """What stands beside an entry in the history."""

    def wake(self) -> None:
        """Look again at what is due."""

    def known_ids(self) -> frozenset[str]:
        """The ids of all tweets that are known to be one of ours."""

    def media_ids_beside(self, key: str) -> frozenset[str]:
        """The media ids of all entries but the one under `key`."""

    async def own_posts(self, key: str, account: str, since: float) -> tuple[OwnPost, ...]:
        """The account's posts from a minute before `since` on, on behalf of the entry under `key`.

        Raises XError.
        """
