"""What the page is shown of: two people, both services, and the bot, whose process it may end.

Only says what must be there; the demo and the tests bring it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bot.sandbox.telegram import Person, Telegram
from bot.sandbox.x import X


class Scene(Protocol):
    """One bot between a Telegram and an X."""

    telegram: Telegram
    x: X
    owner: Person
    stranger: Person
    on_bot: list[Callable[[], None]]  # called when the bot was started, and when it ended

    @property
    def is_up(self) -> bool:
        """Whether the bot's process runs."""

    async def kill(self) -> None:
        """Kill -9, and wait for the end."""

    async def revive(self) -> None:
        """Start the bot again, with the same data."""


class Tour(Protocol):
    """A conversation that plays by itself; what it shows goes into the ledger as `tour`."""

    async def command(self, what: str) -> None:
        """`start`, `pause`, `go`, `next` or `end`. Raises ValueError for anything else."""
