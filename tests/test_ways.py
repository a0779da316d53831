"""Which way a file goes: v1.1 while it works for the account, and v2 where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from twitter_core.errors import Refusal, UploadGone
from twitter_core.oauth1 import Keys
from twitter_core.store import Store
from twitter_core.ways import APART, Trust, Way, Ways, after_miss

ME, OTHER = "7", "8"
NOW = 1000.0
KEYS = Keys("key", "secret", f"{ME}-token", "secret")


def gone(status: int) -> UploadGone:
    return UploadGone(Refusal.UPLOAD_GONE, status=status)


class House:
    """A way of uploading over a store that can be opened again."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder)
        self.now = NOW
        self.told = 0

    def ways(self, wanted: str = "auto", keys: Keys | None = KEYS) -> Ways:
        return Ways(self.store, wanted, keys, clock=lambda: self.now, told=self.tell)

    def tell(self) -> None:
        self.told += 1


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.mark.parametrize(
    ("wanted", "keys", "account", "way"),
    [
        ("auto", KEYS, ME, Way.V11),
        ("auto", KEYS, "", Way.V11),
        ("auto", KEYS, OTHER, Way.V2),
        ("auto", None, ME, Way.V2),
        ("v1.1", KEYS, ME, Way.V11),
        ("v1.1", KEYS, OTHER, Way.V2),  # what another account uploads no post of this one takes
        ("v1.1", None, ME, Way.V2),
        ("v2", KEYS, ME, Way.V2),
        ("v2", None, "", Way.V2),
    ],
)
def test_the_way_is_the_one_that_works_for_the_account(
    house: House, wanted: str, keys: Keys | None, account: str, way: Way
) -> None:
    assert house.ways(wanted, keys).choose(account) is way


@pytest.mark.parametrize(
    ("trust", "status", "at", "after"),
    [
        (Trust(), 403, NOW, Trust(given_up=True)),
        (Trust(), 404, NOW, Trust(missed_at=NOW)),
        (Trust(missed_at=NOW), 404, NOW + APART - 1, Trust(missed_at=NOW)),
        (Trust(missed_at=NOW), 410, NOW + APART, Trust(given_up=True, missed_at=NOW)),
    ],
)
def test_one_hiccup_is_not_the_end_of_v11(
    trust: Trust, status: int, at: float, after: Trust
) -> None:
    assert after_miss(trust, gone(status), at) == after


async def test_given_up_it_stays_so_after_a_restart_and_is_told_once(
    house: House, tmp_path: Path
) -> None:
    ways = house.ways()
    ways.missed(gone(403))
    ways.missed(gone(403))
    ways.give_up()
    assert ways.choose(ME) is Way.V2
    assert house.told == 1
    await house.store.close()
    assert House(tmp_path).ways().choose(ME) is Way.V2


def test_a_file_that_it_takes_makes_up_for_a_miss(house: House) -> None:
    ways = house.ways()
    ways.missed(gone(404))
    ways.worked()
    house.now += 10 * APART
    ways.missed(gone(404))
    assert ways.choose(ME) is Way.V11


def test_where_v11_alone_is_asked_for_it_is_not_given_up(house: House) -> None:
    ways = house.ways("v1.1")
    ways.missed(gone(403))
    ways.give_up()
    assert ways.choose(ME) is Way.V11
    assert not ways.may_change


def test_the_owner_may_want_it_back(house: House) -> None:
    ways = house.ways()
    ways.give_up()
    ways.try_again()
    assert ways.choose(ME) is Way.V11


def test_without_keys_there_is_no_uploader(house: House) -> None:
    assert (house.ways().uploader, house.ways(keys=None).uploader) == (ME, "")
