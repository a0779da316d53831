"""Slots: how they are written, and when they are."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

import pytest

from bot import slots, walls, zones
from bot.slots import Wrong

BERLIN = "Europe/Berlin"


def coming(groups: tuple[str, ...], since: str, count: int, zone: str = BERLIN) -> list[str]:
    """The next slots as the clock in the zone shows them."""
    found = islice(slots.coming(groups, instant(since, zone), zone), count)
    return [f"{walls.shown(slot.at, zones.zone(zone)):%a %d %H:%M%z}" for slot in found]


def instant(local: str, zone: str = BERLIN) -> float:
    return walls.fit(datetime.fromisoformat(local), zones.zone(zone)).at


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("09:00 13:00 18:00", ("09:00 13:00 18:00",)),
        ("18:00, 9:00", ("09:00 18:00",)),
        ("9am 6 pm 12pm", ("09:00 12:00 18:00",)),
        ("9.30 18h00", ("09:30 18:00",)),
        ("9:00 9:00", ("09:00",)),
        ("mon-fri 09:00 18:00; sat 11:00", ("mon-fri 09:00 18:00", "sat 11:00")),
        ("Mon – Fri 9:00", ("mon-fri 09:00",)),
        ("monday,wednesday 9:00", ("mon,wed 09:00",)),
        ("tuesdays 9:00", ("tue 09:00",)),
        ("fri-mon 12:00", ("mon,fri,sat,sun 12:00",)),
        ("weekdays 8:00\nweekend 10:00", ("mon-fri 08:00", "sat,sun 10:00")),
        ("daily 9:00", ("09:00",)),
        ("mon-sun 9:00", ("09:00",)),
    ],
)
def test_slots_are_read_and_kept_as_they_can_be_read_again(
    typed: str, kept: tuple[str, ...]
) -> None:
    assert slots.read(typed) == kept
    assert slots.read("; ".join(kept)) == kept


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("", Wrong()),
        (" ; ", Wrong()),
        ("mon", Wrong()),
        ("9", Wrong("9")),  # in the morning or in the evening?
        ("25:00", Wrong("25:00")),
        ("9:60", Wrong("9:60")),
        ("13pm", Wrong("13pm")),
        ("9:00 mon", Wrong("mon")),
        ("mon-tue-wed 9:00", Wrong("mon-tue-wed")),
        ("9:00; someday 10:00", Wrong("someday")),
        (" ".join(f"{n // 2}:{n % 2}5" for n in range(26)), Wrong(is_too_many=True)),
    ],
)
def test_what_is_no_slot_is_refused_with_the_word_that_is_wrong(typed: str, wrong: Wrong) -> None:
    assert slots.read(typed) == wrong


def test_slots_come_day_by_day_and_only_on_their_days() -> None:
    groups = ("mon-fri 09:00 18:00", "sat 11:00")
    assert coming(groups, "2026-11-27T17:00", 5) == [
        "Fri 27 18:00+0100",
        "Sat 28 11:00+0100",
        "Mon 30 09:00+0100",
        "Mon 30 18:00+0100",
        "Tue 01 09:00+0100",
    ]


def test_a_slot_that_is_just_now_is_not_to_come() -> None:
    assert coming(("09:00",), "2026-11-27T09:00", 1) == ["Sat 28 09:00+0100"]


def test_slots_keep_their_local_time_when_summer_time_begins_and_ends() -> None:
    assert coming(("09:00",), "2027-03-26T12:00", 3) == [
        "Sat 27 09:00+0100",
        "Sun 28 09:00+0200",
        "Mon 29 09:00+0200",
    ]
    assert coming(("09:00",), "2027-10-29T12:00", 3) == [
        "Sat 30 09:00+0200",
        "Sun 31 09:00+0100",
        "Mon 01 09:00+0100",
    ]


def test_slots_in_the_gap_are_one_at_the_first_minute_after_it() -> None:
    assert coming(("02:15 02:45 03:00 03:30",), "2027-03-27T12:00", 3) == [
        "Sun 28 03:00+0200",
        "Sun 28 03:30+0200",
        "Mon 29 02:15+0200",
    ]


@pytest.mark.parametrize("since", ["2027-10-30T12:00", "2027-10-31T02:20"])
def test_a_slot_in_the_overlap_is_there_once(since: str) -> None:
    found = coming(("02:30",), since, 2)
    assert found == ["Sun 31 02:30+0200", "Mon 01 02:30+0100"]


def test_between_the_two_passes_of_the_overlap_the_slot_is_over() -> None:
    between = instant("2027-10-31T02:30") + 1800  # 02:00 for the second time
    (slot,) = islice(slots.coming(("02:30",), between, BERLIN), 1)
    assert slot.wall == "2027-11-01T02:30 Europe/Berlin"


def test_a_leap_day_has_its_slots() -> None:
    assert coming(("tue 12:00",), "2028-02-23T12:00", 2) == [
        "Tue 29 12:00+0100",
        "Tue 07 12:00+0100",
    ]


def test_the_next_free_slot_is_the_first_at_which_nothing_goes_out() -> None:
    now = instant("2026-11-25T10:00")
    taken = {instant("2026-11-25T13:00"), instant("2026-11-25T18:00"), instant("2026-11-26T13:00")}
    groups = ("09:00 13:00 18:00",)
    found = slots.next_free(groups, taken, now, BERLIN)
    assert found is not None and found.wall == "2026-11-26T09:00 Europe/Berlin"
    assert slots.next_free((), (), now, BERLIN) is None


def test_where_all_slots_are_taken_there_is_none() -> None:
    now = instant("2026-11-25T10:00")
    taken = [slot.at for slot in slots.coming(("29:99",), now, BERLIN)]
    assert taken == []
    taken = [slot.at for slot in slots.coming(("mon 09:00",), now, BERLIN)]
    assert len(taken) == slots.WEEKS
    assert slots.next_free(("mon 09:00",), taken, now, BERLIN) is None


def test_the_local_time_of_a_slot_can_be_turned_into_an_instant_again() -> None:
    for since in ("2027-03-27T12:00", "2027-10-30T12:00"):
        for slot in islice(slots.coming(("02:30 09:00",), instant(since), BERLIN), 6):
            assert slots.instant(slot.wall) == slot.at
    assert slots.instant("nonsense") is None
    assert slots.instant("") is None


def test_without_a_zone_slots_are_in_utc() -> None:
    (slot,) = islice(slots.coming(("09:00",), 0.0, ""), 1)
    assert (slot.at, slot.wall) == (9 * 3600.0, "1970-01-01T09:00 UTC")
