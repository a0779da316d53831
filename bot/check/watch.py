"""By how much a clock is ahead of the one that an answer was stamped by. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime


def ahead_of(headers: Mapping[str, str], now: float, before: float | None) -> float | None:
    """Seconds by which `now` is ahead of the answer's Date; `before` where it has none.

    https://www.rfc-editor.org/rfc/rfc9110#name-date
    """
    try:
        told = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return before
    # Of several answers the one that says the least: what is over was also the answer's way here.
    found = now - told.timestamp()
    return found if before is None else min(found, before, key=abs)
