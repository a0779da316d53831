"""Polls of Telegram that fit X, and those that do not."""

from __future__ import annotations

import pytest

from bot import polls
from bot.polls import Misfit, Refused
from twitter_core.post import Poll


def test_a_poll_that_fits_keeps_its_options_and_its_time() -> None:
    assert polls.read(("Tea", " Coffee "), 3600) == Poll(("Tea", "Coffee"), 60)


def test_a_poll_without_an_end_is_open_for_a_day() -> None:
    assert polls.read(("Tea", "Coffee"), None) == Poll(("Tea", "Coffee"), 1440)


@pytest.mark.parametrize(
    ("options", "seconds", "misfit", "detail"),
    [
        (("Tea",), None, Misfit.OPTIONS, "1"),
        (tuple("abcdefghijkl"), None, Misfit.OPTIONS, "12"),
        (("Tea", "x" * 26), None, Misfit.LENGTH, "x" * 26),
        (("Tea", "  "), None, Misfit.LENGTH, ""),
        (("Tea", "Coffee"), 299, Misfit.DURATION, "4"),
        (("Tea", "Coffee"), 8 * 86400, Misfit.DURATION, "11520"),
    ],
)
def test_what_does_not_fit_is_told_with_what_of_it(
    options: tuple[str, ...], seconds: int | None, misfit: Misfit, detail: str
) -> None:
    assert polls.read(options, seconds) == Refused(misfit, detail)


def test_the_bounds_themselves_fit() -> None:
    four = ("x" * 25, "b", "c", "d")
    assert polls.read(four, 300) == Poll(four, 5)
    assert polls.read(four, 7 * 86400) == Poll(four, 10080)
