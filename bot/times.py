"""Reads times as people write them: `18:30`, `tomorrow 9am`, `in 2 h`, `fri 10:00`, `28.11. 18:00`.

Pure: the clock and the zone are arguments. What can be understood in two ways, or is past, is
refused with what was understood of it; nothing is guessed. Dates with the name of a month are read
by `dateparser`, which is loaded only then.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum
from typing import Any

from . import walls

FURTHEST = 2 * 366 * 86_400.0  # seconds ahead; further is a slip of the pen
JUST_PAST = timedelta(days=31)  # a date without a year that is past by less is that day, and past

MORNING, NOON, AFTERNOON, EVENING = time(9), time(12), time(15), time(20)


class Why(StrEnum):
    """Why a time was not taken."""

    NOTHING = "nothing"  # not a time
    NO_TIME = "no_time"  # a day without a time of day
    PAST = "past"
    FAR = "far"
    HALF = "half"  # morning or evening? an hour, or the hours until then?
    ORDER = "order"  # day or month first?
    DOT = "dot"  # 9.10: a time of day or a date?
    NEXT = "next"  # "next friday": the coming one, or the one after it?
    NIGHT = "night"  # midnight at the beginning of that day, or at its end?
    WEEKDAY = "weekday"  # the date is another day of the week
    GAP = "gap"  # the clocks leave it out
    TWICE = "twice"  # the clocks show it twice


@dataclass(frozen=True, slots=True)
class Understood:
    """A time to come, in epoch seconds."""

    at: float


@dataclass(frozen=True, slots=True)
class Misread:
    """No time that can be used: `local` is what was understood, `ways` what may be meant."""

    why: Why
    local: datetime | None = None
    ways: tuple[str, str] | None = None


class _RefusedError(Exception):
    def __init__(
        self, why: Why, *, local: datetime | None = None, ways: tuple[str, str] | None = None
    ) -> None:
        super().__init__(why)
        self.misread = Misread(why, local, ways)


def read(typed: str, now: float, zone: tzinfo) -> Understood | Misread:
    """What `typed` means at `now` (epoch seconds), for somebody whose clock shows `zone`."""
    text = _plain(typed)
    try:
        seconds = _duration(text)
        at = now + seconds if seconds is not None else _Reader(text, now, zone).read()
        if at <= now:
            return Misread(Why.PAST, walls.shown(at, zone))
        if at - now > FURTHEST:
            return Misread(Why.FAR, walls.shown(at, zone))
        return Understood(at)
    except _RefusedError as refused:
        return refused.misread
    except (ValueError, OverflowError):
        return Misread(Why.NOTHING)


def _plain(typed: str) -> str:
    text = re.sub(r"(?<!\d),|,(?!\d)", " ", typed.lower().replace("’", "'"))
    text = " ".join(text.split()).rstrip("!?")
    text = re.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", text)
    text = re.sub(r"(?:at )?\b(\d{1,2}) ?o'? ?clock\b", r"at \1", text)
    return re.sub(r"(?<=\d)t(?=\d)", " ", text)  # between a date and a time of day


# --- "in 2 h" -----------------------------------------------------------------------------------

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_COUNTS = {"a": 1.0, "an": 1.0, "half an": 0.5, "quarter of an": 0.25}
_PART = (
    r"(\d+(?:[.,]\d+)?|half an|quarter of an|an?)\s*"
    r"(s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)(?![a-z])\.?\s*(?:and\s+)?"
)


def _duration(text: str) -> float | None:
    """The seconds of `in 1 h 30 min`, `+30m`, `in half an hour`; None where it is none of these."""
    found = re.fullmatch(r"(?:in\s+|\+\s*)(.+)|(.+)\s+from now", text)
    if found is None:
        return None
    rest = found[1] or found[2]
    if rest in ("an hour and a half", "one and a half hours"):
        return 5400.0
    if short := re.fullmatch(r"(\d+)h(\d{1,2})", rest):
        return int(short[1]) * 3600.0 + int(short[2]) * 60.0
    total = 0.0
    while rest:
        if (part := re.match(_PART, rest)) is None:
            return None
        count = _COUNTS.get(part[1])
        total += _UNITS[part[2][0]] * (float(part[1].replace(",", ".")) if count is None else count)
        rest = rest[part.end() :]
    return total


# --- a day and a time of day --------------------------------------------------------------------

_PARTS_OF_DAY = {
    "noon": NOON,
    "midday": NOON,
    "morning": MORNING,
    "afternoon": AFTERNOON,
    "evening": EVENING,
    "tonight": EVENING,
    "night": EVENING,
}
_AFTER_NOON = ("afternoon", "evening", "tonight", "night")
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NEAR = {"today": 0, "tomorrow": 1, "tmr": 1, "tmrw": 1, "day after tomorrow": 2, "yesterday": -1}
_APART = r"(?<![\w.:/-])(?:at\s+)?"

# Compiled when the first time is typed, not at the start.
_WEEKDAY = (
    r"\b(?:on\s+)?(?:this\s+|(next)\s+)?"
    r"(mon|tue|wed|thu|fri|sat|sun)(?:day|s|sday|nesday|r|rs|rsday|urday)?\b\.?"
)
_OFFSET = r"(?<=:\d\d|.[ap]m)\s*(?:(?:utc|gmt)\s*)?([+-])(\d{1,2})(?::?(\d{2}))?$"
_UTC = r"(?:(?<=\d)|(?<=m)|(?<=noon))\s*(?:utc|gmt|z)$"
_COLON = _APART + r"(\d{1,2})[:h](\d{2})(?::(\d{2}))?\s*([ap]m)?\b(?![:.]\d)"
_HALF = _APART + r"(\d{1,2})(?:\.(\d{2}))?\s*([ap]m)\b"
_HOUR = _APART + r"(\d{1,2})\s?h\b"
_DOT = r"(?<![\w.:/-])(at\s+)?(\d{1,2})\.(\d{2})(?![\d.])"
_PART_OF_DAY = rf"\b(?:at\s+|in the\s+|(this)\s+)?({'|'.join(_PARTS_OF_DAY)})\b"
_MIDNIGHT = r"\b(?:at\s+)?midnight\b"
_LONE = r"(?:^|\s)(at\s+)?(\d{1,2})$"
_AHEAD = r"in\s+(\d+|an?)\s*(d|days?|w|weeks?)"
_ISO = r"(\d{4})-(\d{1,2})-(\d{1,2})"
_DOTS = r"(\d{1,2})\.\s?(\d{1,2})(?:\.\s?(\d{4}|\d{2})?)?"
_SLASHES = r"(\d{1,2})[/-](\d{1,2})(?:[/-](\d{4}|\d{2}))?"


class _Reader:
    """Takes a text apart: a zone, a time of day, a weekday; what is left is the date."""

    def __init__(self, text: str, now: float, zone: tzinfo) -> None:
        self._text = text
        self._now = now
        self._zone = zone

    def read(self) -> float:
        """Epoch seconds. Raises _RefusedError, and ValueError where there is no such time."""
        self._take_zone()
        self._today = walls.shown(self._now, self._zone).date()
        midnight = self._take(_MIDNIGHT)
        part = self._take(_PART_OF_DAY)
        name = part[2] if part is not None else ""
        clock = self._take_clock(name)
        weekday = self._take(_WEEKDAY)
        if clock is None and midnight is None:
            clock = self._take_lone_hour(name, is_near=weekday is not None)
        is_today = part is not None and (part[1] is not None or name == "tonight")
        day = self._day(weekday) or (self._today if is_today else None)
        if midnight is not None:
            is_plain = clock is None and name in ("", "tonight")
            return self._midnight(None if name else day, is_plain=is_plain)
        if clock is None and part is not None:
            clock = _PARTS_OF_DAY[name]
        if clock is None:
            clock = self._time_of(day)
        if day is None:
            at = walls.fit(datetime.combine(self._today, clock), self._zone)
            day = self._today if at.at > self._now else self._today + timedelta(days=1)
        at = self._fit(day, clock)
        if weekday is not None and at.at <= self._now and day == self._today:
            at = self._fit(day + timedelta(days=7), clock)
        return self._only(at)

    def _take(self, pattern: str) -> re.Match[str] | None:
        found = re.search(pattern, self._text)
        if found is not None:
            self._cut(found)
        return found

    def _cut(self, found: re.Match[str]) -> None:
        rest = f"{self._text[: found.start()]} {self._text[found.end() :]}"
        self._text = " ".join(rest.split())

    def _take_zone(self) -> None:
        """A zone at the end holds for this time alone."""
        if found := self._take(_OFFSET):
            offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
            self._zone = timezone(offset if found[1] == "+" else -offset)
        elif self._take(_UTC):
            self._zone = UTC

    # --- the time of day

    def _take_clock(self, part: str) -> time | None:
        if found := self._take(_COLON):
            seconds = int(found[3] or 0)
            return time(_hour(int(found[1]), found[4] or "", part), int(found[2]), seconds)
        if found := self._take(_HALF):
            return time(_hour(int(found[1]), found[3], part), int(found[2] or 0))
        if found := self._take(_HOUR):
            if not self._text and found[0].startswith(found[1]):
                ways = (f"in {found[1]} h", f"{found[1]}:00")
                raise _RefusedError(Why.HALF, ways=ways)
            return time(int(found[1]))
        for found in re.finditer(_DOT, self._text):
            hour, minute = int(found[2]), int(found[3])
            may_be_a_date = not found[1] and 1 <= hour <= 31 and 1 <= minute <= 12
            if may_be_a_date and hour < 24 and found[0] == self._text:
                ways = (f"{hour}:{minute:02}", f"{_named(minute, hour)} 12:00")
                raise _RefusedError(Why.DOT, ways=ways)
            if not may_be_a_date:
                self._cut(found)
                return time(_hour(hour, "", part), minute)
        return None

    def _take_lone_hour(self, part: str, *, is_near: bool) -> time | None:
        """`at 9`, or a number behind a weekday or `tomorrow`."""
        found = re.search(_LONE, self._text)
        if found is None:
            return None
        before = self._text[: found.start()].strip()
        if not found[1] and not (before in _NEAR or (not before and (is_near or part))):
            return None  # a number of a date
        self._text = before
        hour = int(found[2])
        if not part and 1 <= hour <= 11:
            raise _RefusedError(Why.HALF, ways=(f"{hour}:00", f"{hour + 12}:00"))
        return time(_hour(hour, "", part))

    def _time_of(self, day: date | None) -> time:
        """The time of day where none is told: that of now behind `in 3 days`, else none."""
        if day is None:
            raise _RefusedError(Why.NOTHING)
        if re.fullmatch(_AHEAD, self._text):
            return walls.shown(self._now, self._zone).time()
        raise _RefusedError(Why.NO_TIME, local=datetime.combine(day, NOON, self._zone))

    # --- the day

    def _day(self, weekday: re.Match[str] | None) -> date | None:
        """The day that is meant, None where none is told."""
        if weekday is not None and weekday[1]:
            raise self._next(weekday[2])
        text = re.sub(r"^(?:on\s+)?(?:the\s+)?|(?:^|\s)(?:at|on)$", "", self._text).strip(" -")
        if not text:
            return None if weekday is None else self._coming(weekday[2])
        told = self._date(text)
        if weekday is not None and _WEEK[told.weekday()] != weekday[2]:
            local = datetime.combine(told, NOON, self._zone)
            raise _RefusedError(Why.WEEKDAY, local=local)
        return told

    def _date(self, text: str) -> date:
        if text in _NEAR:
            return self._today + timedelta(days=_NEAR[text])
        if found := re.fullmatch(_AHEAD, text):
            count = 1 if found[1] in ("a", "an") else int(found[1])
            return self._today + timedelta(days=count * (7 if found[2][0] == "w" else 1))
        if found := re.fullmatch(_ISO, text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := re.fullmatch(_DOTS, text):
            return self._of(int(found[1]), int(found[2]), found[3])
        if found := re.fullmatch(_SLASHES, text):
            one, two = int(found[1]), int(found[2])
            if one <= 12 and two <= 12 and one != two:
                raise _RefusedError(Why.ORDER, ways=(_named(two, one), _named(one, two)))
            return self._of(*((two, one) if two > 12 else (one, two)), found[3])
        return self._by_name(text)

    def _of(self, day: int, month: int, year: str | None) -> date:
        if year:
            return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
        return self._coming_of(_each_year(self._today.year, month, day))

    def _coming_of(self, days: Iterable[date]) -> date:
        """The first of `days` that is not past, or that is past by so little that it is meant."""
        for day in days:
            if day >= self._today or self._today - day < JUST_PAST:
                return day
        raise _RefusedError(Why.NOTHING)

    def _by_name(self, text: str) -> date:
        """Such as `28 nov` or `november 28th, 2027`."""
        if not re.search(r"\d", text):
            raise _RefusedError(Why.NOTHING)
        import dateparser

        settings: Any = {
            "RELATIVE_BASE": datetime.combine(self._today, NOON),
            "REQUIRE_PARTS": ["day", "month"],
            "PARSERS": ["absolute-time"],
        }
        found: datetime | None = dateparser.parse(text, languages=["en"], settings=settings)
        if found is None or found.tzinfo is not None or found.time() != time(0):
            raise _RefusedError(Why.NOTHING)
        if re.search(r"\d{4}", text):
            return found.date()
        return self._coming_of(_each_year(self._today.year, found.month, found.day))

    def _coming(self, name: str) -> date:
        return self._today + timedelta(days=(_WEEK.index(name) - self._today.weekday()) % 7)

    def _next(self, name: str) -> _RefusedError:
        first = self._coming(name)
        if first == self._today:
            first += timedelta(days=7)
        second = first + timedelta(days=7)
        ways = (_named(first.month, first.day), _named(second.month, second.day))
        return _RefusedError(Why.NEXT, ways=ways)

    # --- both together

    def _fit(self, day: date, clock: time) -> walls.Fit:
        return walls.fit(datetime.combine(day, clock), self._zone)

    def _only(self, found: walls.Fit) -> float:
        local = walls.shown(found.at, self._zone)
        if found.is_left_out:
            raise _RefusedError(Why.GAP, local=local)
        if found.again is not None:
            raise _RefusedError(Why.TWICE, local=local)
        return found.at

    def _midnight(self, day: date | None, *, is_plain: bool) -> float:
        if not is_plain:
            raise _RefusedError(Why.NOTHING)
        after = (day or self._today) + timedelta(days=1)
        if day is not None:
            ways = (f"{_named(day.month, day.day)} 0:00", f"{_named(after.month, after.day)} 0:00")
            raise _RefusedError(Why.NIGHT, ways=ways)
        return self._only(self._fit(after, time(0)))


def _hour(hour: int, half: str, part: str) -> int:
    """An hour of the day. Raises ValueError."""
    if half:
        if not 1 <= hour <= 12:
            raise ValueError
        return hour % 12 + (12 if half == "pm" else 0)
    if part in _AFTER_NOON and hour < 12:
        if hour < (1 if part == "afternoon" else 5):
            raise ValueError  # the small hours belong to the next day
        return hour + 12
    return hour


def _each_year(first: int, month: int, day: int) -> Iterable[date]:
    """That day of nine years: a leap day may be as far away."""
    for year in range(first, first + 9):
        try:
            yield date(year, month, day)
        except ValueError:
            continue


def _named(month: int, day: int) -> str:
    return f"{day} {date(2000, month, 1):%B}"
