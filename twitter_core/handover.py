"""Delete and post again: an heir that goes out once the post whose place it takes is gone. Pure.

The heir is made ready first, with its media on X; only then is the old post deleted, and only when
X has confirmed that does the heir go out. So there are never two, and where something is in the way
there is still the old one.
"""

from __future__ import annotations

from dataclasses import replace

from . import revision
from .entry import ENDED, THERE, Entry, State
from .events import (
    Blocked,
    Cancelled,
    Cleared,
    Deleted,
    DeletionFailed,
    Event,
    Handover,
    Kept,
    Rebound,
    Released,
    Renewed,
    RoomAsked,
)
from .post import Post


def generation(key: str) -> int:
    """Which post of a message that is: 1, 2 for its first heir, and so on."""
    number = key.rpartition("#")[2]
    return int(number) if "#" in key and number.isdecimal() else 1


def key_after(*keys: str) -> str:
    """The key of the heir of a post, given all keys of its message so far."""
    number = 1 + max(generation(key) for key in keys if key)
    return f"{keys[0].partition('#')[0]}#{number}"


def is_possible(entry: Entry) -> bool:
    """Whether it can be deleted and posted again: all that is out of it has an address."""
    left = [tweet_id for tweet_id in entry.posted if tweet_id not in entry.deleted]
    is_known = entry.state in (*ENDED, State.FAILED)
    return is_known and bool(left) and THERE not in left and not entry.deleting


def make_heir(old: Entry, key: str, post: Post, now: float) -> Entry:
    """The post that takes the place of `old`."""
    return Entry(
        key,
        State.QUEUED,
        post,
        now,
        account=old.account,
        follows=old.follows,
        reply_to=old.reply_to,
        words=old.words,
        replaces=old.key,
    )


def news(entry: Entry, event: Event) -> tuple[str, Event] | None:
    """What the other one of the two hears of `event`, which made `entry` what it is."""
    match event:
        case Deleted() if entry.heir and not entry.deleting and not revision.is_out(entry):
            return entry.heir, Cleared()
        case DeletionFailed() if entry.heir:
            return entry.heir, Blocked(event.failure)
        case Cancelled() if entry.replaces:
            return entry.replaces, Kept()
        case _:
            return None


def step(entry: Entry, event: Handover) -> Entry:
    """What `event` makes of `entry`; the same object where it has no place in its state."""
    is_waiting = bool(entry.replaces) and entry.state not in ENDED
    match event:
        case Renewed() if is_possible(entry):
            return _renewed(entry, event)
        case Released() if entry.spared:
            return replace(entry, spared=False)
        case Kept() if entry.spared:
            return replace(entry, deleting=(), spared=False, recorded=False, shown=False)
        case RoomAsked() if is_waiting and entry.state is State.QUEUED and not entry.clearing:
            return replace(entry, clearing=True)
        case Cleared() if is_waiting:
            # The old one is gone, so it is too late to ask whether this one costs too much.
            return replace(entry, replaces="", clearing=False, over_budget=True)
        case Blocked() if is_waiting and entry.clearing:
            failure = replace(event.failure, of_deletion=True)
            return replace(entry, state=State.FAILED, failure=failure, clearing=False)
        case Rebound() if not entry.posted and entry.state not in (
            *ENDED,
            State.POSTING,
            State.UNCERTAIN,
        ):
            return replace(entry, follows=event.follows, reply_to="")
        case _:
            return entry


def _renewed(entry: Entry, event: Renewed) -> Entry:
    deleting = revision.deletable(entry)
    if entry.state not in ENDED:
        entry = replace(entry, state=State.CANCELLED, ended_at=event.at, held_up=False)
    return replace(
        entry,
        heir=event.heir,
        deleting=deleting,
        spared=True,
        failure=None,
        not_before=0.0,
        recorded=False,
        shown=False,
    )
