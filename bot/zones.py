"""Time zones: the name that a person means by what they type, and a name as a zone.

Pure, but for the files of the zones, which Python reads.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

SHOWN = 5  # of names that may be meant

# What people write of places that the database does not name.
_ALSO = {
    "utc": "UTC",
    "gmt": "UTC",
    "london": "Europe/London",
    "uk": "Europe/London",
    "england": "Europe/London",
    "germany": "Europe/Berlin",
    "munich": "Europe/Berlin",
    "hamburg": "Europe/Berlin",
    "frankfurt": "Europe/Berlin",
    "cologne": "Europe/Berlin",
    "france": "Europe/Paris",
    "spain": "Europe/Madrid",
    "barcelona": "Europe/Madrid",
    "italy": "Europe/Rome",
    "milan": "Europe/Rome",
    "netherlands": "Europe/Amsterdam",
    "switzerland": "Europe/Zurich",
    "geneva": "Europe/Zurich",
    "austria": "Europe/Vienna",
    "kyiv": "Europe/Kyiv",
    "kiev": "Europe/Kyiv",
    "nyc": "America/New_York",
    "boston": "America/New_York",
    "washington": "America/New_York",
    "miami": "America/New_York",
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
    "dallas": "America/Chicago",
    "houston": "America/Chicago",
    "san francisco": "America/Los_Angeles",
    "seattle": "America/Los_Angeles",
    "la": "America/Los_Angeles",
    "montreal": "America/Toronto",
    "ottawa": "America/Toronto",
    "calgary": "America/Edmonton",
    "rio": "America/Sao_Paulo",
    "rio de janeiro": "America/Sao_Paulo",
    "india": "Asia/Kolkata",
    "delhi": "Asia/Kolkata",
    "mumbai": "Asia/Kolkata",
    "bangalore": "Asia/Kolkata",
    "beijing": "Asia/Shanghai",
    "china": "Asia/Shanghai",
    "japan": "Asia/Tokyo",
    "osaka": "Asia/Tokyo",
    "korea": "Asia/Seoul",
    "abu dhabi": "Asia/Dubai",
    "hanoi": "Asia/Ho_Chi_Minh",
    "canberra": "Australia/Sydney",
    "istanbul": "Europe/Istanbul",
    "turkey": "Europe/Istanbul",
    "hawaii": "Pacific/Honolulu",
}
# Not places: offsets whose sign is the wrong way round for most people, and old names. Those
# without a `/` are of that sort too: EST knows no summer time.
_NO_PLACES = ("Etc/", "SystemV/", "US/", "posix/", "right/")


@dataclass(frozen=True, slots=True)
class NotOne:
    """No zone, or more than one: `candidates` are what may be meant."""

    candidates: tuple[str, ...] = ()


def find(typed: str, names: Collection[str] | None = None) -> str | NotOne:
    """The zone of the IANA database that `typed` means: `berlin` is Europe/Berlin.

    `names` are those of the database, if not all that this machine knows.
    """
    wanted = _plain(typed)
    if not wanted:
        return NotOne()
    known = _known() if names is None else frozenset(names)
    if wanted in _ALSO:
        return _ALSO[wanted]
    places = [name for name in sorted(known) if "/" in name and not name.startswith(_NO_PLACES)]
    by_plain = {_plain(name): name for name in places}
    if wanted in by_plain:
        return by_plain[wanted]
    for fits in (_is_its_city, _is_within):
        if found := tuple(name for name in places if fits(wanted, _plain(name))):
            return found[0] if len(found) == 1 else NotOne(found[:SHOWN])
    return NotOne()


def zone(name: str) -> tzinfo:
    """The zone of that name; UTC for an empty one, or one that this machine does not know."""
    if not name:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


@cache
def _known() -> frozenset[str]:
    return frozenset(available_timezones())


def _is_its_city(wanted: str, name: str) -> bool:
    return name.rpartition("/")[2] == wanted


def _is_within(wanted: str, name: str) -> bool:
    """Whether it has words that begin so."""
    return len(wanted) >= 3 and f" {wanted}" in f" {name.replace('/', ' ')}"


def _plain(name: str) -> str:
    """In small letters, without accents; `_` is a space."""
    bare = unicodedata.normalize("NFKD", name.strip().lower())
    letters = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return " ".join(letters.replace("_", " ").replace(" / ", "/").split())
