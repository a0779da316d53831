"""The clock and the switches of the local X, beside its world; every endpoint is given them."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Literal

from bot.sandbox.x_world import Charge, Limit, Processing, World


class State:
    """The world, the clock, and the switches that tests and the demo turn."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.world = World()
        self.v11: Literal["works", "404", "410", "453", "ids_refused"] = "works"
        self.lookup_refused = False  # reading posts is refused for good
        self.timeline_lag = 0.0  # seconds until a new post shows up in what is read
        self.threads_allowed = True  # whether one may reply to one's own posts is undocumented
        self.delete_missing: Literal["404", "true"] = "404"
        self.credits: Decimal | None = None  # dollars; None: unlimited
        self.expires_in = 7200
        self.refresh_lives = 183 * 86400.0
        self.forgiving_refresh = False
        self.refresh_ends_access = True  # the old access token ends when the pair is renewed
        self.old_fields = False  # `tweet.fields` and `note_tweet`, as before 2026
        self.processing = Processing()
        self.nonces: set[tuple[str, str, str]] = set()
        self.windows: dict[tuple[str, str], tuple[float, int]] = {}

    @property
    def bill(self) -> list[Charge]:
        return self.world.bill

    @property
    def limits(self) -> dict[str, Limit]:
        return self.world.limits
