"""Times as people write them: what is understood, and what is refused and how."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import times
from bot.times import FURTHEST, Misread, Understood, Why

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=BERLIN).timestamp()  # a Wednesday


def read(typed: str, now: float = NOW) -> str:
    """What is understood, as Berlin's clock shows it, or why it is refused."""
    found = times.read(typed, now, BERLIN)
    if isinstance(found, Understood):
        local = datetime.fromtimestamp(found.at, BERLIN)
        seconds = f":{local:%S}" if local.second else ""
        return f"{local:%a} {local.day} {local:%b %Y %H:%M}{seconds}"
    return found.why.value


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("18:30", "Wed 25 Nov 2026 18:30"),
        ("at 18:30", "Wed 25 Nov 2026 18:30"),
        ("18.30", "Wed 25 Nov 2026 18:30"),
        ("18h30", "Wed 25 Nov 2026 18:30"),
        ("6pm", "Wed 25 Nov 2026 18:00"),
        ("6:30 PM", "Wed 25 Nov 2026 18:30"),
        ("6 p.m.", "Wed 25 Nov 2026 18:00"),
        ("9:30", "Thu 26 Nov 2026 09:30"),  # which is past today, so the next time
        ("0:00", "Thu 26 Nov 2026 00:00"),
        ("12am", "Thu 26 Nov 2026 00:00"),
        ("12 pm", "Wed 25 Nov 2026 12:00"),
        ("at noon", "Wed 25 Nov 2026 12:00"),
        ("midnight", "Thu 26 Nov 2026 00:00"),
        ("tonight", "Wed 25 Nov 2026 20:00"),
        ("tonight at 9", "Wed 25 Nov 2026 21:00"),
        ("this evening", "Wed 25 Nov 2026 20:00"),
        ("tomorrow 9am", "Thu 26 Nov 2026 09:00"),
        ("Tomorrow, 9 AM!", "Thu 26 Nov 2026 09:00"),
        ("9:00 tomorrow", "Thu 26 Nov 2026 09:00"),
        ("tomorrow morning", "Thu 26 Nov 2026 09:00"),
        ("tomorrow noon", "Thu 26 Nov 2026 12:00"),
        ("tomorrow evening 8", "Thu 26 Nov 2026 20:00"),
        ("day after tomorrow 10:00", "Fri 27 Nov 2026 10:00"),
        ("in 2 h", "Wed 25 Nov 2026 12:00"),
        ("in 90 min", "Wed 25 Nov 2026 11:30"),
        ("in 1h30", "Wed 25 Nov 2026 11:30"),
        ("in 1 h 30 min", "Wed 25 Nov 2026 11:30"),
        ("in 1.5 hours", "Wed 25 Nov 2026 11:30"),
        ("in 1,5 h", "Wed 25 Nov 2026 11:30"),
        ("in half an hour", "Wed 25 Nov 2026 10:30"),
        ("in an hour and a half", "Wed 25 Nov 2026 11:30"),
        ("+30m", "Wed 25 Nov 2026 10:30"),
        ("5 minutes from now", "Wed 25 Nov 2026 10:05"),
        ("in 30 s", "Wed 25 Nov 2026 10:00:30"),
        ("in 36 hours", "Thu 26 Nov 2026 22:00"),
        ("in 3 days", "Sat 28 Nov 2026 10:00"),
        ("in 3 days at 9:00", "Sat 28 Nov 2026 09:00"),
        ("in a week", "Wed 2 Dec 2026 10:00"),
        ("fri 10:00", "Fri 27 Nov 2026 10:00"),
        ("on Friday at 22", "Fri 27 Nov 2026 22:00"),
        ("SAT 11:00", "Sat 28 Nov 2026 11:00"),
        ("10:00 on tuesday", "Tue 1 Dec 2026 10:00"),
        ("wed 11:00", "Wed 25 Nov 2026 11:00"),
        ("wed 9:00", "Wed 2 Dec 2026 09:00"),
        ("monday morning", "Mon 30 Nov 2026 09:00"),
        ("28.11. 18:00", "Sat 28 Nov 2026 18:00"),
        ("28.11 18.00", "Sat 28 Nov 2026 18:00"),
        ("28.11.2026 18:00", "Sat 28 Nov 2026 18:00"),
        ("sat, 28.11., 18:00", "Sat 28 Nov 2026 18:00"),
        ("1.3. 9:00", "Mon 1 Mar 2027 09:00"),
        ("28 nov 18:00", "Sat 28 Nov 2026 18:00"),
        ("nov 28 6pm", "Sat 28 Nov 2026 18:00"),
        ("the 28th of november at 6 p.m.", "Sat 28 Nov 2026 18:00"),
        ("november 28th, 2027 at noon", "Sun 28 Nov 2027 12:00"),
        ("jan 5 8am", "Tue 5 Jan 2027 08:00"),
        ("29 feb 12:00", "Tue 29 Feb 2028 12:00"),
        ("29.2. 12:00", "Tue 29 Feb 2028 12:00"),
        ("2026-12-01 09:00", "Tue 1 Dec 2026 09:00"),
        ("2026-12-01T09:00", "Tue 1 Dec 2026 09:00"),
        ("2026-12-01T09:00Z", "Tue 1 Dec 2026 10:00"),
        ("2026-12-01 09:00 +05:30", "Tue 1 Dec 2026 04:30"),
        ("18:30 utc", "Wed 25 Nov 2026 19:30"),
        ("24/12 18:00", "Thu 24 Dec 2026 18:00"),
        ("12/24 18:00", "Thu 24 Dec 2026 18:00"),
    ],
)
def test_a_time_is_read_as_a_person_writes_it(typed: str, meant: str) -> None:
    assert read(typed) == meant


@pytest.mark.parametrize(
    ("typed", "why", "ways"),
    [
        ("", Why.NOTHING, None),
        ("soon", Why.NOTHING, None),
        ("hello world", Why.NOTHING, None),
        ("18:30 Good morning", Why.NOTHING, None),
        ("18:30 18:45", Why.NOTHING, None),
        ("9am 10am", Why.NOTHING, None),
        ("1830", Why.NOTHING, None),
        ("18", Why.NOTHING, None),
        ("25:00", Why.NOTHING, None),
        ("18:60", Why.NOTHING, None),
        ("13pm", Why.NOTHING, None),
        ("31.11. 10:00", Why.NOTHING, None),
        ("31 nov 10:00", Why.NOTHING, None),
        ("29.2.2027 12:00", Why.NOTHING, None),
        ("18:30 CET", Why.NOTHING, None),
        ("28 nov 18:00 pst", Why.NOTHING, None),
        ("next week 9:00", Why.NOTHING, None),
        ("in 2", Why.NOTHING, None),
        ("in -2 h", Why.NOTHING, None),
        ("half past nine", Why.NOTHING, None),
        ("may 9:00", Why.NOTHING, None),
        ("tomorrow", Why.NO_TIME, None),
        ("sat", Why.NO_TIME, None),
        ("28.11.", Why.NO_TIME, None),
        ("dec 1", Why.NO_TIME, None),
        ("today 8:00", Why.PAST, None),
        ("yesterday 9:00", Why.PAST, None),
        ("24.11. 18:00", Why.PAST, None),
        ("nov 24 6pm", Why.PAST, None),
        ("1 dec 2025 9:00", Why.PAST, None),
        ("in 0 min", Why.PAST, None),
        ("1.1.2030 9:00", Why.FAR, None),
        ("in 99999 h", Why.FAR, None),
        ("tomorrow at 9", Why.HALF, ("9:00", "21:00")),
        ("fri 10", Why.HALF, ("10:00", "22:00")),
        ("9 o'clock", Why.HALF, ("9:00", "21:00")),
        ("2h", Why.HALF, ("in 2 h", "2:00")),
        ("12/01 09:00", Why.ORDER, ("12 January", "1 December")),
        ("1/12/2027 9:00", Why.ORDER, ("1 December", "12 January")),
        ("9.10", Why.DOT, ("9:10", "9 October 12:00")),
        ("next friday 10:00", Why.NEXT, ("27 November", "4 December")),
        ("fri midnight", Why.NIGHT, ("27 November 0:00", "28 November 0:00")),
        ("friday, 26 nov 18:00", Why.WEEKDAY, None),
        ("28.3.2027 02:30", Why.GAP, None),
        ("31.10.2027 02:30", Why.TWICE, None),
    ],
)
def test_what_is_ambiguous_or_past_or_no_time_is_refused_with_what_was_understood(
    typed: str, why: Why, ways: tuple[str, str] | None
) -> None:
    found = times.read(typed, NOW, BERLIN)
    assert isinstance(found, Misread)
    assert (found.why, found.ways) == (why, ways)
    tells_a_day = why in (Why.NO_TIME, Why.PAST, Why.FAR, Why.WEEKDAY, Why.GAP, Why.TWICE)
    assert (found.local is not None) == tells_a_day


@pytest.mark.parametrize("way", ["9:00", "21:00", "in 2 h", "27 November 0:00", "9 October 12:00"])
def test_what_is_offered_instead_of_an_ambiguous_time_can_be_read(way: str) -> None:
    assert read(way) not in [why.value for why in Why]


def test_a_time_that_the_clocks_show_twice_can_be_told_apart_by_its_offset() -> None:
    assert read("31.10.2027 02:30 +02:00") == "Sun 31 Oct 2027 02:30"
    first = times.read("31.10.2027 02:30 +02:00", NOW, BERLIN)
    second = times.read("31.10.2027 02:30 +01:00", NOW, BERLIN)
    assert isinstance(first, Understood) and isinstance(second, Understood)
    assert second.at - first.at == 3600


def test_days_keep_the_time_of_day_over_a_change_of_the_clocks_and_hours_do_not() -> None:
    friday = datetime(2027, 3, 26, 18, 0, tzinfo=BERLIN).timestamp()
    assert read("in 3 days", friday) == "Mon 29 Mar 2027 18:00"
    assert read("in 72 h", friday) == "Mon 29 Mar 2027 19:00"


def test_a_zone_is_the_owners_and_not_the_machines() -> None:
    for zone, at in ((UTC, 18.5), (BERLIN, 17.5), (ZoneInfo("Asia/Kolkata"), 13.0)):
        found = times.read("18:30", datetime(2026, 11, 25, tzinfo=UTC).timestamp(), zone)
        assert isinstance(found, Understood)
        assert found.at % 86_400 == at * 3600


@given(st.text(max_size=30), st.floats(0, 4e9))
def test_whatever_is_typed_it_is_a_time_to_come_or_refused(typed: str, now: float) -> None:
    found = times.read(typed, now, BERLIN)
    if isinstance(found, Understood):
        assert now < found.at <= now + FURTHEST


def test_the_library_for_dates_is_loaded_only_when_a_date_is_typed() -> None:
    code = "import sys, bot.app; sys.exit('dateparser' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
