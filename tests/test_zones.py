"""Time zones by what a person types."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from bot import zones
from bot.zones import NotOne


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("berlin", "Europe/Berlin"),
        (" Berlin ", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("new_york", "America/New_York"),
        ("nyc", "America/New_York"),
        ("San Francisco", "America/Los_Angeles"),
        ("São Paulo", "America/Sao_Paulo"),
        ("zürich", "Europe/Zurich"),
        ("Munich", "Europe/Berlin"),
        ("kathmandu", "Asia/Kathmandu"),
        ("Kyiv", "Europe/Kyiv"),
        ("delhi", "Asia/Kolkata"),
        ("singapore", "Asia/Singapore"),
        ("knox", "America/Indiana/Knox"),
        ("utc", "UTC"),
        ("gmt", "UTC"),
    ],
)
def test_a_zone_is_found_by_its_name_or_by_a_city(typed: str, name: str) -> None:
    assert zones.find(typed) == name


@pytest.mark.parametrize("typed", ["", "  ", "xx", "nowhere", "+02:00", "GMT+2", "EST", "CET", "/"])
def test_what_is_no_place_is_no_zone(typed: str) -> None:
    assert zones.find(typed) == NotOne()


def test_of_several_that_may_be_meant_some_are_named() -> None:
    found = zones.find("kentucky")
    assert found == NotOne(("America/Kentucky/Louisville", "America/Kentucky/Monticello"))
    found = zones.find("europe")
    assert isinstance(found, NotOne) and len(found.candidates) == zones.SHOWN


def test_every_zone_that_is_found_by_another_name_exists() -> None:
    assert set(zones._ALSO.values()) <= available_timezones()


def test_a_name_is_a_zone_and_what_is_none_is_utc() -> None:
    assert zones.zone("Europe/Berlin") == ZoneInfo("Europe/Berlin")
    for name in ("", "Nowhere/At_All", "../../etc/passwd", "Europe", "\0"):
        assert zones.zone(name).utcoffset(datetime(2026, 7, 1)) == timedelta(0)  # noqa: DTZ001
    assert zones.zone("") is UTC
