"""What the clock on the wall shows, where summer time begins and ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot import walls

BERLIN = ZoneInfo("Europe/Berlin")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("zone", "told", "shown"),
    [
        ("Europe/Berlin", "2027-03-28T02:00", "2027-03-28T03:00:00+02:00"),
        ("Europe/Berlin", "2027-03-28T02:59", "2027-03-28T03:00:00+02:00"),
        ("America/New_York", "2027-03-14T02:30", "2027-03-14T03:00:00-04:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-04T02:30:00+11:00"),  # half an hour
        ("America/Sao_Paulo", "2018-11-04T00:30", "2018-11-04T01:00:00-02:00"),  # at midnight
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-31T00:00:00+14:00"),  # a whole day
    ],
)
def test_a_time_that_the_clocks_leave_out_is_the_first_minute_after(
    zone: str, told: str, shown: str
) -> None:
    found = walls.fit(local(told), ZoneInfo(zone))
    assert found.is_left_out and found.again is None
    assert walls.shown(found.at, ZoneInfo(zone)).isoformat() == shown


def test_a_time_that_the_clocks_show_twice_is_the_first_and_tells_of_the_second() -> None:
    found = walls.fit(local("2027-10-31T02:30"), BERLIN)
    assert walls.shown(found.at, BERLIN).isoformat() == "2027-10-31T02:30:00+02:00"
    assert found.again == found.at + 3600 and not found.is_left_out


def test_every_other_time_of_these_days_is_itself() -> None:
    for day in ("2027-03-28", "2027-10-31", "2028-02-29"):
        for minutes in range(0, 24 * 60, 30):
            told = local(day) + timedelta(minutes=minutes)
            if told.hour == 2 and day != "2028-02-29":
                continue
            found = walls.fit(told, BERLIN)
            assert walls.shown(found.at, BERLIN).replace(tzinfo=None) == told
            assert not found.is_left_out and found.again is None
