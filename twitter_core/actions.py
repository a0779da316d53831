"""What is to be done about an entry. Values only; `outbox.next_action` says which is next."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Close:
    """Fix the tweets: nothing more joins."""


@dataclass(frozen=True, slots=True)
class Create:
    """Send the tweet at `index`."""

    index: int
    media_ids: tuple[str, ...]
    reply_to: str


@dataclass(frozen=True, slots=True)
class MakeRoom:
    """Have the post deleted whose place it takes: it is ready."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask X whether the attempt took effect."""


@dataclass(frozen=True, slots=True)
class Recheck:
    """Look once more whether a repeated attempt made two."""


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete this tweet."""

    tweet_id: str


@dataclass(frozen=True, slots=True)
class Record:
    """Append it to the history."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing before `until`; None: nothing before something happens."""

    until: float | None = None


Action = Close | Create | MakeRoom | LookUp | Recheck | Delete | Record | Wait
