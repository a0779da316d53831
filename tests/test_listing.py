"""The list of /queue: what waits, what has failed, and what is coming in the order of time."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.card import View
from bot.listing import LISTED, page
from twitter_core.entry import ENDED, Entry, State
from twitter_core.post import Media, Post

NOW = 1_700_000_000.0  # 14 November 2023, 22:13 UTC
HOUR, DAY = 3600.0, 86_400.0
BERLIN = ZoneInfo("Europe/Berlin")


def entry(state: State, number: int = 1, text: str = "hello", photos: int = 0) -> Entry:
    media = tuple(Media(f"p{n}") for n in range(photos))
    return Entry(f"{2**52 - 1}:{2**63 + number}#2", state, Post(text, media), 0, seq=number)


def at(hours: float, number: int = 1, text: str = "hello") -> Entry:
    return replace(entry(State.QUEUED, number, text), due=NOW + hours * HOUR)


def shown(*entries: Entry, number: int = 0) -> View:
    return page(entries, number, NOW, BERLIN)


def labels(view: View) -> list[list[str]]:
    return [[button.label for button in row] for row in view.buttons]


def test_an_empty_line_is_said_to_be() -> None:
    assert shown() == View("Nothing waits, and nothing has failed.")
    assert shown(*(entry(state) for state in ENDED)) == shown()


@pytest.mark.parametrize(
    ("state", "rows"),
    [
        (State.DRAFT, [["1. Cancel"]]),
        (State.QUEUED, [["1. Cancel"]]),
        (State.POSTING, []),
        (State.UNCERTAIN, []),
        (State.FAILED, [["1. Try again", "1. Discard"]]),
    ],
)
def test_what_waits_and_what_failed_has_its_buttons(state: State, rows: list[list[str]]) -> None:
    view = shown(entry(state))
    assert labels(view) == rows
    assert view.text.startswith("1. ")


def test_what_has_a_time_stands_in_the_order_of_time_behind_what_has_none() -> None:
    view = shown(
        at(50, 1, "third"),
        at(2, 2, "second"),
        entry(State.QUEUED, 3, "now"),
        at(1, 4, "first"),
        entry(State.FAILED, 5, "no"),
    )
    assert view.text.splitlines() == [
        "1. “now” – waits",
        "2. “no” – failed",
        "3. Wed 15 Nov 00:13: “first”",
        "4. Wed 15 Nov 01:13: “second”",
        "5. Fri 17 Nov 01:13: “third”",
    ]
    assert labels(view) == [
        ["1. Cancel"],
        ["2. Try again", "2. Discard"],
        ["3. ↓", "3. Now", "3. Cancel"],
        ["4. ↑", "4. ↓", "4. Now", "4. Cancel"],
        ["5. ↑", "5. Now", "5. Cancel"],
    ]


def test_the_day_is_left_out_where_it_is_today_and_the_year_is_told_where_it_is_another() -> None:
    assert shown(at(0.5)).text == "1. 23:43: “hello”"
    assert shown(at(24 * 60)).text == "1. Sat 13 Jan 2024 23:13: “hello”"


def test_of_many_a_page_is_shown_and_the_others_are_a_press_away() -> None:
    many = [at(n, n) for n in range(1, 2 * LISTED + 4)]
    first, second, third = (shown(*many, number=n) for n in range(3))
    assert first.text.splitlines()[-1] == "Page 1 of 3"
    assert [row[-1] for row in labels(first)][-1] == "More"
    assert labels(second)[-1] == ["Earlier", "More"]
    assert labels(third)[-1] == ["Earlier"]
    assert second.text.splitlines()[0].startswith("11. ")
    assert len(third.text.splitlines()) == 3 + 1
    assert [button.data for button in second.buttons[-1]] == ["queue.page.0:", "queue.page.2:"]


@pytest.mark.parametrize("number", [-1, 3, 99])
def test_a_page_that_is_not_there_any_more_is_the_nearest(number: int) -> None:
    many = [at(n, n) for n in range(1, 2 * LISTED + 4)]
    assert shown(*many, number=number) == shown(*many, number=max(0, min(2, number)))


def test_every_state_that_is_alive_can_be_listed_within_telegrams_limits() -> None:
    alive = [state for state in State if state not in ENDED]
    texts = ("", "x" * 4096, "👍" * 2000, "one\ntwo")
    entries = [
        entry(state, number, text, photos=0 if text else 2)
        for number, (state, text) in enumerate((s, t) for s in alive for t in texts)
    ]
    entries += [replace(entries[n], state=State.QUEUED, due=NOW + DAY * 400) for n in range(20)]
    for number in range(5):
        view = shown(*entries, number=number)
        assert len(view.text.encode("utf-16-le")) // 2 <= 4096
        assert len(view.buttons) <= LISTED + 1
        for row in view.buttons:
            for button in row:
                assert 0 < len(button.data.encode()) <= 64
