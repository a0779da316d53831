"""When a post may go out: the hold in which it can be stopped, and the time it is meant for.

Pure: what a scheduled post is told when its time has come, and what such events make of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from .entry import Entry, Question, State
from .events import Approved, Asked, Called, Event, Scheduled, Stopped

AHEAD = 600.0  # seconds before its time at which the media of a scheduled post are uploaded
LATE = 3600.0  # seconds after its time from which on the owner is asked first
MISSED = 120.0  # seconds after its time from which on nobody was there when it came


def has_time(entry: Entry) -> bool:
    """Whether it waits for its time to come."""
    return entry.state is State.QUEUED and entry.due is not None


def order(entry: Entry) -> tuple[float, int]:
    """Sorts what is scheduled as it will go out."""
    return (entry.due or 0.0, entry.seq)


def calls(
    entries: Iterable[Entry], now: float, next_seq: Callable[[], int]
) -> Iterator[tuple[str, Event]]:
    """What is to be told to whom at `now`, in the order of their times.

    `next_seq` is asked when each event is taken, so the one before has to be told first.
    """
    waiting = [entry for entry in entries if entry.state is State.QUEUED]
    due = sorted((e for e in waiting if e.due is not None and e.due <= now), key=order)
    missed = [entry for entry in due if now - (entry.due or now) > MISSED]
    for entry in due:
        late = now - (entry.due or now)
        # Of more than one that was slept through, none goes out by itself: that would be a burst.
        if late >= LATE or (len(missed) > 1 and entry in missed):
            yield entry.key, Asked(Question.OVERDUE)
        else:
            yield entry.key, Called(next_seq())
    for entry in waiting:
        if entry.stale_at is not None and now >= entry.stale_at and _is_untouched(entry):
            yield entry.key, Asked(Question.OVERDUE)


def next_call(entries: Iterable[Entry], now: float) -> float | None:
    """When the next hold ends, or `calls` will have something to say; None where never."""
    times = [
        at
        for entry in entries
        if entry.state is State.QUEUED
        for at in (entry.due, entry.stale_at, entry.held_until)
        if at is not None and at > now
    ]
    return min(times, default=None)


def approve(entry: Entry, event: Approved) -> Entry:
    """A draft goes on: at its time where that is still to come, else in the line."""
    on_its_way = replace(
        entry,
        state=State.QUEUED,
        question=None,
        seq=event.seq,
        account=event.account,
        follows="" if entry.question is Question.PARENT else entry.follows,
    )
    if entry.due is not None and entry.due > event.at and entry.question is not Question.OVERDUE:
        return on_its_way
    return _held(_off(on_its_way), event.at, event.hold)


def step(entry: Entry, event: Approved | Stopped | Scheduled | Called) -> Entry:
    """What `event` makes of `entry`; the same object where it has no place in its state."""
    match event:
        case Approved() if has_time(entry) and event.at_once:
            return _held(replace(_off(entry), seq=event.seq), event.at, event.hold)
        case Stopped() if _is_untouched(entry) and entry.held_until is not None:
            return replace(
                entry, state=State.DRAFT, question=Question.STOPPED, held_until=None, not_before=0.0
            )
        case Scheduled() if may_wait(entry):
            is_draft = entry.state is State.DRAFT
            return replace(
                _off(entry),
                state=State.QUEUED,
                question=None,
                seq=event.seq,
                account=event.account if is_draft else entry.account,
                follows="" if entry.question is Question.PARENT else entry.follows,
                due=event.due,
                wall=event.wall,
                ask=None,  # this was the answer
            )
        case Called() if entry.state is State.QUEUED and entry.due is not None:
            return replace(_off(entry), seq=event.seq, stale_at=entry.due + LATE)
        case _:
            return entry


def may_wait(entry: Entry) -> bool:
    """Whether it can be given a time: nothing of it is out, or may be."""
    is_waiting = entry.state in (State.DRAFT, State.QUEUED)
    return is_waiting and not entry.posted and entry.first_try_at is None


def is_held(entry: Entry, now: float) -> bool:
    """Whether it goes out by itself soon, and can be stopped until then."""
    return _is_untouched(entry) and entry.held_until is not None and entry.held_until > now


def overdue(entry: Entry) -> Entry:
    """`entry` as the owner is asked about it: when it was to go out is kept for that."""
    due = entry.due if entry.stale_at is None else entry.stale_at - LATE
    return replace(_off(entry), state=State.DRAFT, question=Question.OVERDUE, due=due)


def begin_hold(entry: Entry, at: float) -> Entry:
    """`entry` as it waits from `at` on in case that it is stopped."""
    if entry.state is not State.QUEUED or entry.due is not None:
        return entry
    return _held(entry, at, entry.hold)


def try_again(entry: Entry, at: float) -> Entry:
    """`entry` as the owner wants it to go on at `at`: if its time is past, that was the answer."""
    if entry.due is not None and entry.due <= at:
        return _off(entry)
    return replace(entry, stale_at=None)


def reopen(entry: Entry, open_until: float, at: float = 0.0) -> Entry:
    """An open album stays open until then; what is held is held from then, or from `at`, on."""
    if entry.open_until is not None:
        entry = replace(entry, open_until=open_until)
    if entry.held_until is not None and _is_untouched(entry):
        entry = _held(entry, at, entry.hold)
    return entry


def _held(entry: Entry, at: float, seconds: float) -> Entry:
    begins = max(at, entry.open_until or 0.0)
    return replace(entry, hold=seconds, held_until=begins + seconds if seconds else None)


def _off(entry: Entry) -> Entry:
    """`entry` without any time."""
    return replace(entry, due=None, wall="", stale_at=None, held_until=None)


def _is_untouched(entry: Entry) -> bool:
    """Whether it waits, and nothing of it is out or may be."""
    return entry.state is State.QUEUED and may_wait(entry)
