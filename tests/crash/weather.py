"""Bad weather between the bot and its services: faults drawn by chance, from a seed.

Never the same call more than twice in a row: what is tried here is that faults pass, not that a
post which fails for a minute lets others go first.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.sandbox.server import Exchange, Fault, Faults
from tests.crash import points

HTML = "<!DOCTYPE html><html><body><h1>Over capacity</h1></body></html>"
IN_A_ROW = 2

Make = Callable[[random.Random, float], Fault]


def _x_429(chance: random.Random, now: float) -> Fault:
    headers = {
        "x-rate-limit-limit": "100",
        "x-rate-limit-remaining": "0",
        "x-rate-limit-reset": str(int(now) + chance.choice((0, 1))),
    }
    return Fault(status=429, headers=headers, body={"title": "Too Many Requests", "status": 429})


def _telegram_429(chance: random.Random, now: float) -> Fault:
    description = "Too Many Requests: retry after 1"
    body = {
        "ok": False,
        "error_code": 429,
        "description": description,
        "parameters": {"retry_after": 1},
    }
    return Fault(status=429, body=body)


# What may befall any call, and in which nothing, or everything, took effect.
_ANY: Sequence[Make] = (
    lambda chance, now: Fault(drop="before"),
    lambda chance, now: Fault(drop="after"),
    lambda chance, now: Fault(drop="middle"),
    lambda chance, now: Fault(status=503),
    lambda chance, now: Fault(status=502, body=HTML),
    lambda chance, now: Fault(status=502, body=HTML, when="after"),
    lambda chance, now: Fault(delay=chance.uniform(0.1, 1.0)),
    lambda chance, now: Fault(delay=chance.uniform(0.1, 1.0)),
    lambda chance, now: Fault(delay=chance.uniform(0.1, 1.0)),
)


@dataclass(frozen=True, slots=True)
class Front:
    """How bad it is for the calls whose path fits: the chance of a fault, and of which."""

    path: str
    chance: float
    makes: Sequence[Make] = _ANY
    in_a_row: int = IN_A_ROW


def x(badness: float) -> Sequence[Front]:
    """Over X; `badness` scales it."""
    return (
        Front("/2/tweets", 0.04 * badness, (*_ANY, _x_429, _x_429)),
        # Two lost answers in a row end a sign-in: that is as it should be, and tried elsewhere.
        Front("/2/oauth2/token", 0.2 * badness, in_a_row=1),
        Front("/1.1/media/upload.json|/2/media/.*", 0.10 * badness, (*_ANY, _x_429)),
        Front("/2/users/.*", 0.10 * badness, (*_ANY, _x_429)),
    )


def telegram(badness: float) -> Sequence[Front]:
    """Over Telegram."""
    return (
        Front(".*/getUpdates", 0.03 * badness),
        Front(".*", 0.03 * badness, (*_ANY, _telegram_429)),
    )


class Weather(Faults):
    """In place of a service's planned faults."""

    def __init__(
        self, fronts: Sequence[Front], chance: random.Random, clock: Callable[[], float]
    ) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        self._fronts = fronts
        self._chance = chance
        self._clock = clock
        self._row: Counter[str] = Counter()

    def claim(self, exchange: Exchange) -> Fault | None:
        """The fault that befalls this request, if one does."""
        kind = points.request(exchange.path)
        front = next((f for f in self._fronts if re.fullmatch(f.path, exchange.path)), None)
        if (
            front is None
            or self._row[kind] >= front.in_a_row
            or self._chance.random() >= front.chance
        ):
            self._row[kind] = 0
            return None
        fault = self._chance.choice(front.makes)(self._chance, self._clock())
        self._row[kind] += 0 if fault.delay else 1
        self.counts[_name(fault)] += 1
        return fault


def _name(fault: Fault) -> str:
    if fault.drop is not None:
        return f"dropped {fault.drop}"
    if fault.status is not None:
        return f"answered {fault.status} {fault.when}"
    return "delayed"
