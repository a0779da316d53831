"""The times of the week at which a queue of posts goes out: `09:00 13:00; sat 11:00`. Pure.

A slot is a local time: summer time does not move it. One that the clocks leave out is at the first
minute after; one that they show twice is there once.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from . import walls, zones

MOST = 24  # slots a day
WEEKS = 60  # that are looked through for a free one

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SHORT = {
    "daily": DAYS,
    "weekdays": DAYS[:5],
    "weekend": DAYS[5:],
    "weekends": DAYS[5:],
}
_DAY = r"(mon|tue|wed|thu|fri|sat|sun)(?:day|s|sday|nesday|r|rs|rsday|urday)?s?"
_TIME = r"(\d{1,2})(?:[:.h](\d{2}))?\s?(am|pm)?"


@dataclass(frozen=True, slots=True)
class Wrong:
    """What could not be read: `word` is the first of it, empty where times are missing."""

    word: str = ""
    is_too_many: bool = False


def read(typed: str) -> tuple[str, ...] | Wrong:
    """Groups as they are kept, each of days and times: `mon-fri 09:00 18:00`."""
    groups: list[str] = []
    for part in re.split(r"[;\n]+", typed.lower()):
        if part.strip():
            group = _group(part)
            if isinstance(group, Wrong):
                return group
            groups.append(group)
    if not groups:
        return Wrong()
    found = tuple(groups)
    is_too_many = any(len(_of_day(found, day)) > MOST for day in range(7))
    return Wrong(is_too_many=True) if is_too_many else found


def _group(part: str) -> str | Wrong:
    text = re.sub(r"\s*([,–-])\s*", lambda found: found[1].replace("–", "-"), part)
    text = re.sub(r"(\d)\s+([ap]m)\b", r"\1\2", text)
    days: set[int] = set()
    times: set[time] = set()
    for word in text.replace(",", " ").split():
        if not times and (found := _days(word)):
            days |= found
        elif (clock := _clock(word)) is not None:
            times.add(clock)
        else:
            return Wrong(word)
    if not times:
        return Wrong()
    clocks = " ".join(f"{clock:%H:%M}" for clock in sorted(times))
    return f"{_written(days)} {clocks}" if 0 < len(days) < 7 else clocks


def _days(word: str) -> set[int]:
    if word in _SHORT:
        return {DAYS.index(day) for day in _SHORT[word]}
    ends = [re.fullmatch(_DAY, part) for part in word.split("-")]
    if len(ends) > 2 or None in ends:
        return set()
    first, last = (DAYS.index(found[1]) for found in (ends[0], ends[-1]) if found is not None)
    return {(first + n) % 7 for n in range((last - first) % 7 + 1)}


def _clock(word: str) -> time | None:
    found = re.fullmatch(_TIME, word)
    if found is None or not (found[2] or found[3]):
        return None  # a bare number may be meant for morning or evening
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[3] == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _written(days: Collection[int]) -> str:
    """`mon-fri` where they follow each other, else `mon,wed`."""
    found = sorted(days)
    if len(found) > 2 and found[-1] - found[0] == len(found) - 1:
        return f"{DAYS[found[0]]}-{DAYS[found[-1]]}"
    return ",".join(DAYS[day] for day in found)


def _of_day(groups: tuple[str, ...], weekday: int) -> list[time]:
    times: set[time] = set()
    for group in groups:
        words = group.replace(",", " ").split()
        days = set().union(*(_days(word) for word in words))
        if not days or weekday in days:
            times |= {clock for word in words if (clock := _clock(word)) is not None}
    return sorted(times)


# --- as instants --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot to come: `at` in epoch seconds, `wall` as it is kept with a post."""

    at: float
    wall: str


def coming(groups: tuple[str, ...], now: float, zone: str) -> Iterator[Slot]:
    """The slots after `now`, in their order; each instant once. `zone` is the name of a zone."""
    where = zones.zone(zone)
    today = walls.shown(now, where).date()
    last = now
    for ahead in range(-1, 7 * WEEKS):
        day = today + timedelta(days=ahead)
        for clock in _of_day(groups, day.weekday()):
            at = _instant(day, clock, where)
            if at > last:
                last = at
                yield Slot(at, f"{day.isoformat()}T{clock:%H:%M} {zone or 'UTC'}")


def next_free(
    groups: tuple[str, ...], taken: Collection[float], now: float, zone: str
) -> Slot | None:
    """The next slot at which no post goes out yet; `taken` are the times of those that wait."""
    return next((slot for slot in coming(groups, now, zone) if slot.at not in taken), None)


def instant(wall: str) -> float | None:
    """When it is that local time, in epoch seconds, by the zone's rules as they are known now."""
    try:
        local, _, zone = wall.partition(" ")
        told = datetime.fromisoformat(local)
        return _instant(told.date(), told.time(), zones.zone(zone))
    except ValueError:
        return None


def _instant(day: date, clock: time, zone: tzinfo) -> float:
    return walls.fit(datetime.combine(day, clock), zone).at
