"""What an entry is bound to: the account that it is for, and the post whose thread it continues.

Pure: says which event follows, None where nothing does.
"""

from __future__ import annotations

from .entry import ENDED, Entry, Question, State
from .events import Asked, Claimed, Continued, Event
from .outbox import last_id


def to_account(entry: Entry, account: str) -> Event | None:
    """Gives `entry` to the account signed in, or asks where it is for another one."""
    if entry.state in ENDED or entry.needs_owner or entry.account == account:
        return None
    if not entry.account:
        return Claimed(account)
    if entry.state is State.QUEUED:
        return Asked(Question.ACCOUNT)
    return Asked(Question.LOST) if entry.state is State.UNCERTAIN else None


def to_thread(parent: Entry | None, last: str) -> Event | None:
    """What follows for an entry that continues `parent`.

    Without a `parent` it is known by the id of its `last` tweet alone, if at all.
    """
    if parent is None:
        return Continued(last) if last else Asked(Question.PARENT)
    if parent.state is State.FAILED:
        return Asked(Question.PARENT)
    if parent.state not in ENDED or parent.deleting:
        return None  # it is on its way, or waits for the owner, and so does what continues it
    out = last_id(parent)
    return Continued(out) if out else Asked(Question.PARENT)
