"""What `/queue` shows: a page of what waits and what has failed, with buttons. Pure.

A button's data is `queue.VERB.PAGE:KEY`, so that the page can be shown again after the press. One
that moves has `.SEQ` behind the page: whose place it takes, so that pressed twice it moves once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo

from twitter_core import schedule
from twitter_core.entry import ENDED, Entry, State

from .card import Button, View
from .words import overview

LISTED = 10  # entries a page


def sort(entries: Iterable[Entry]) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """What waits without a time, or has failed, in the order of the line; and what has a time."""
    alive = [entry for entry in entries if entry.state not in ENDED]
    timed = [entry for entry in alive if schedule.has_time(entry)]
    others = [entry for entry in alive if entry not in timed]
    return (
        tuple(sorted(others, key=lambda entry: entry.seq)),
        tuple(sorted(timed, key=schedule.order)),
    )


def page(entries: Iterable[Entry], number: int, now: float, zone: tzinfo) -> View:
    """The page `number` (from 0 on), or the last one where there are fewer."""
    waiting, timed = sort(entries)
    whole = (*waiting, *timed)
    if not whole:
        return View(overview.QUEUE_EMPTY)
    last = (len(whole) - 1) // LISTED
    number = max(0, min(number, last))
    lines = []
    rows: list[tuple[Button, ...]] = []
    for index in range(number * LISTED, min((number + 1) * LISTED, len(whole))):
        entry = whole[index]
        lines.append(f"{index + 1}. {overview.in_queue(entry, now, zone)}")
        if verbs := _verbs(entry, timed):
            rows.append(
                tuple(
                    Button(f"{index + 1}. {label}", f"queue.{verb}.{number}{more}:{entry.key}")
                    for verb, label, more in verbs
                )
            )
    if last:
        lines.append(overview.on_page(number + 1, last + 1))
        turns = [("Earlier", number - 1)] if number else []
        turns += [("More", number + 1)] if number < last else []
        rows.append(tuple(Button(label, f"queue.page.{to}:") for label, to in turns))
    return View("\n".join(lines), tuple(rows))


def _verbs(entry: Entry, timed: tuple[Entry, ...]) -> list[tuple[str, str, str]]:
    """The buttons of an entry: what they do, what stands on them, and whose place it takes."""
    if entry.state is State.FAILED:
        return [("again", "Try again", ""), ("discard", "Discard", "")]
    if entry.state not in (State.DRAFT, State.QUEUED):
        return []
    if entry not in timed:
        return [("cancel", "Cancel", "")]
    index = timed.index(entry)
    moves = [
        ("move", label, f".{timed[to].seq}")
        for label, to in (("↑", index - 1), ("↓", index + 1))
        if 0 <= to < len(timed)
    ]
    return [*moves, ("now", "Now", ""), ("cancel", "Cancel", "")]
