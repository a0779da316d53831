"""A Telegram poll as a poll on X, or why it cannot be one. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from twitter_core import limits
from twitter_core.post import Poll

A_DAY = 1440  # minutes, for a poll that does not say how long it is open


class Misfit(StrEnum):
    """What X does not take of a poll."""

    OPTIONS = "options"  # fewer than 2 or more than 4
    LENGTH = "length"  # an option of more than 25 characters
    DURATION = "duration"  # shorter than 5 minutes or longer than 7 days


@dataclass(frozen=True, slots=True)
class Refused:
    """Why, with what of it: the number of options, the option, or the minutes."""

    misfit: Misfit
    detail: str


def read(options: tuple[str, ...], seconds: int | None) -> Poll | Refused:
    """The poll of these options, open for so many seconds (None: Telegram does not end it)."""
    texts = tuple(unicodedata.normalize("NFC", option).strip() for option in options)
    least, most = limits.POLL_OPTIONS
    if not least <= len(texts) <= most:
        return Refused(Misfit.OPTIONS, str(len(texts)))
    for option in texts:
        if not 1 <= len(option) <= limits.POLL_OPTION_LENGTH:
            return Refused(Misfit.LENGTH, option)
    minutes = A_DAY if seconds is None else seconds // 60
    shortest, longest = limits.POLL_MINUTES
    if not shortest <= minutes <= longest:
        return Refused(Misfit.DURATION, str(minutes))
    return Poll(texts, minutes)
