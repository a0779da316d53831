"""What X has charged for by our count: a running sum for each month, in the store.

It changes together with the entries that it counts, and so reaches the disk in the same write:
nothing is counted twice or lost, whenever the process dies. Touches neither disk nor X itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from . import prices as price_list
from .actions import Action, Create, MakeRoom
from .entry import Entry
from .prices import APRIL_2026, NO_MONTH, Month, Prices
from .store import Store


class Ledger:
    """The sums of this month and of the one before it, by UTC."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], float],
        prices: Prices = APRIL_2026,
        budget: Callable[[], Decimal | None] = lambda: None,
    ) -> None:
        """`clock` gives epoch seconds, `budget` what a month may cost (None: whatever)."""
        self._months = store.table("spent", Month)
        self._clock = clock
        self.prices = prices
        self._budget = budget

    @property
    def current(self) -> Month:
        """This month so far."""
        return self._months.get(self._name()) or NO_MONTH

    @property
    def budget(self) -> Decimal | None:
        """What a month may cost."""
        return self._budget()

    def add(self, cost: Decimal, posts: int = 0) -> None:
        """X has charged for something."""
        if not cost and not posts:
            return
        name, month = self._name(), self.current
        self._months.put(name, Month(month.cost + cost, month.posts + posts))
        last = self._name(months_ago=1)
        for other, _ in self._months.items():  # noqa: PERF102 - a table has no keys()
            if other not in (name, last):
                self._months.drop(other)

    def charge(self, before: Entry, after: Entry) -> Entry:
        """`after`, with what X has charged for since `before` in its cost."""
        cost = price_list.of_step(before, after, self.prices)
        return replace(after, cost=after.cost + cost) if cost else after

    def count(self, before: Entry, after: Entry) -> None:
        """An entry was `before` and is `after`: what it has cost meanwhile was paid now."""
        created = max(0, len(after.posted) - len(before.posted))
        doubled = max(0, len(after.doubles) - len(before.doubles))
        self.add(after.cost - before.cost, created + doubled)

    def is_passed_by(self, entry: Entry) -> bool:
        """Whether what is left of `entry` costs more than what is left of this month's budget."""
        budget = self._budget()
        if budget is None:
            return False
        return self.current.cost + price_list.left(entry, self.prices) > budget

    def objects(self, entry: Entry, action: Action) -> bool:
        """Whether the owner has to be asked for money: before anything of a post is out."""
        if entry.over_budget or not isinstance(action, Create | MakeRoom):
            return False
        is_begun = bool(entry.posted) or entry.first_try_at is not None
        return not is_begun and self.is_passed_by(entry)

    def _name(self, *, months_ago: int = 0) -> str:
        day = datetime.fromtimestamp(self._clock(), UTC)
        for _ in range(months_ago):
            day = day.replace(day=1) - timedelta(days=1)
        return day.strftime("%Y-%m")
