"""The ledger: exact sums by the month, which outlive the process and forget what is long past."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from twitter_core.actions import Close, Create, LookUp
from twitter_core.entry import Entry, State
from twitter_core.ledger import Ledger
from twitter_core.post import Post, Tweet
from twitter_core.prices import NO_MONTH, Month
from twitter_core.store import Store

CREATE = Create(0, (), "")


class Clock:
    def __init__(self) -> None:
        self.on(2026, 11, 30)

    def on(self, year: int, month: int, day: int) -> None:
        self.at = datetime(year, month, day, 23, 59, 59, tzinfo=UTC).timestamp()

    def __call__(self) -> float:
        return self.at


@contextmanager
def opened(folder: Path) -> Iterator[Store]:
    store = Store(folder)
    try:
        yield store
    finally:
        store._lock.release()


def entry(text: str = "a", **more: object) -> Entry:
    made = Entry("k", State.QUEUED, Post(text), 0.0, tweets=(Tweet(text),))
    return replace(made, **more)  # type: ignore[arg-type]


async def test_the_sum_of_a_month_outlives_the_process(tmp_path: Path) -> None:
    clock = Clock()
    with opened(tmp_path) as store:
        ledger = Ledger(store, clock)
        assert ledger.current == NO_MONTH
        ledger.add(Decimal("0.015"), 1)
        ledger.add(Decimal("0.2"), 1)
        ledger.add(Decimal("0.001"))
        await store.close()
    with opened(tmp_path) as store:
        assert Ledger(store, clock).current == Month(Decimal("0.216"), 2)


async def test_a_new_month_begins_with_nothing_and_the_one_before_the_last_is_forgotten(
    tmp_path: Path,
) -> None:
    clock = Clock()
    with opened(tmp_path) as store:
        ledger = Ledger(store, clock)
        ledger.add(Decimal(1), 1)
        clock.on(2026, 12, 1)
        assert ledger.current == NO_MONTH
        ledger.add(Decimal(2), 1)
        assert dict(ledger._months.items()).keys() == {"2026-11", "2026-12"}
        clock.on(2027, 1, 31)
        ledger.add(Decimal(3), 1)
        assert dict(ledger._months.items()).keys() == {"2026-12", "2027-01"}


async def test_what_costs_nothing_is_not_written(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        ledger = Ledger(store, Clock())
        version = store._version
        ledger.count(entry(), entry(held_up=True))
        assert store._version == version


async def test_what_an_entry_has_cost_more_is_counted_with_its_posts(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        ledger = Ledger(store, Clock())
        before = entry(cost=Decimal("0.002"))
        after = ledger.charge(before, replace(before, posted=("1",)))
        assert after.cost == Decimal("0.017")
        ledger.count(before, after)
        ledger.count(after, replace(after, shown=True))
        assert ledger.current == Month(Decimal("0.015"), 1)


@pytest.mark.parametrize(
    ("budget", "spent", "passed"),
    [
        (None, "100", False),
        ("1", "0.985", False),  # to the very end
        ("1", "0.9851", True),
        ("1", "2", True),
        ("0", "0", True),
    ],
)
async def test_a_budget_is_passed_by_what_would_bring_the_month_above_it(
    tmp_path: Path, budget: str | None, spent: str, passed: bool
) -> None:
    with opened(tmp_path) as store:
        most = None if budget is None else Decimal(budget)
        ledger = Ledger(store, Clock(), budget=lambda: most)
        ledger.add(Decimal(spent))
        assert ledger.is_passed_by(entry()) is passed
        assert ledger.objects(entry(), CREATE) is passed


async def test_nothing_is_asked_of_what_is_agreed_on_or_begun_or_only_looked_at(
    tmp_path: Path,
) -> None:
    with opened(tmp_path) as store:
        ledger = Ledger(store, Clock(), budget=lambda: Decimal(0))
        assert ledger.objects(entry(), CREATE)
        assert not ledger.objects(entry(over_budget=True), CREATE)
        assert not ledger.objects(entry(first_try_at=1.0), CREATE)
        assert not ledger.objects(entry(posted=("1",)), replace(CREATE, index=1))
        assert not ledger.objects(entry(), Close())
        assert not ledger.objects(entry(), LookUp())
