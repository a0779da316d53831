"""What the clock on the wall shows, as an instant, also where summer time begins or ends. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Fit:
    """An instant in epoch seconds. Where the clocks leave the local time out, it is the first
    minute after; where they show it twice, it is the first time, and `again` is the second.
    """

    at: float
    is_left_out: bool = False
    again: float | None = None


def fit(local: datetime, zone: tzinfo) -> Fit:
    """When a clock in `zone` shows `local` (which has no zone of its own)."""
    first = local.replace(tzinfo=zone, fold=0)
    second = local.replace(tzinfo=zone, fold=1)
    before, after = first.utcoffset(), second.utcoffset()
    if before is None or after is None or before == after:
        return Fit(first.timestamp())
    if before > after:
        return Fit(first.timestamp(), again=second.timestamp())
    return Fit(_first_minute_after(second.timestamp(), first.timestamp(), zone), is_left_out=True)


def _first_minute_after(low: float, high: float, zone: tzinfo) -> float:
    """The first minute behind the change of the clocks between two instants."""
    wanted = datetime.fromtimestamp(high, zone).utcoffset()
    one, other = int(low // 60), int(high // 60)
    while other - one > 1:
        middle = (one + other) // 2
        if datetime.fromtimestamp(middle * 60, zone).utcoffset() == wanted:
            other = middle
        else:
            one = middle
    return other * 60.0


def shown(at: float, zone: tzinfo) -> datetime:
    """What a clock in `zone` shows at `at` (epoch seconds)."""
    return datetime.fromtimestamp(at, UTC).astimezone(zone)
