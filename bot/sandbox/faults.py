"""What shall go wrong on a local service, and how often it did.

Decides only; the server carries it out. Knows nothing of X or Telegram.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from bot.sandbox.exchange import Exchange

Body = bytes | str | Mapping[str, Any] | list[Any] | None
Call = Callable[["Exchange"], Awaitable[None] | None]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong with the requests that match.

    "before" and "after" mean: before, or after the request took effect (its handler ran to the end
    and the answer is withheld). The strongest one named wins: call, drop, hang, status.
    """

    method: str | None = None
    path: str = ".*"  # regular expression, must match the whole path; the query is no part of it
    skip: int = 0  # lets this many matching requests pass first
    times: int | None = 1  # None: for ever
    delay: float = 0.0  # seconds, before the effect
    status: int | None = None  # answered instead of the true answer
    body: Body = None
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: Literal["before", "middle", "after"] | None = (
        None  # "middle": half of the answer gets out
    )
    hang: Literal["before", "after"] | None = None  # until the client goes away
    call: Call | None = None  # e.g. kills the bot; then the connection is dropped
    when: Literal["before", "after"] = "before"  # for `status` and `call`
    where: Callable[[Exchange], bool] | None = None  # a closer look at query, body or headers

    def matches(self, exchange: Exchange) -> bool:
        return (
            (self.method is None or self.method.upper() == exchange.method)
            and re.fullmatch(self.path, exchange.path) is not None
            and (self.where is None or self.where(exchange))
        )

    def content(self) -> tuple[bytes, str]:
        """The body to answer with, and its type."""
        if self.body is None:
            return b"", "text/plain"
        if isinstance(self.body, bytes):
            return self.body, "application/octet-stream"
        if isinstance(self.body, str):
            return self.body.encode(), "text/html; charset=utf-8"
        return json.dumps(self.body).encode(), "application/json; charset=utf-8"


class Planted:
    """A fault that was added; says how often it fired."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.passed = 0
        self.fired = 0
        self._happened = asyncio.Event()

    async def wait(self, seconds: float = 10.0) -> None:
        """Until it has fired at least once."""
        await asyncio.wait_for(self._happened.wait(), seconds)

    def claims(self, exchange: Exchange) -> bool:
        fault = self.fault
        if fault.times is not None and self.fired >= fault.times:
            return False
        if not fault.matches(exchange):
            return False
        if self.passed < fault.skip:
            self.passed += 1
            return False
        self.fired += 1
        self._happened.set()
        return True


class Faults:
    """The faults of one service. The oldest one that claims a request gets it alone."""

    def __init__(self) -> None:
        self.planted: list[Planted] = []

    def add(self, fault: Fault) -> Planted:
        planted = Planted(fault)
        self.planted.append(planted)
        return planted

    def remove(self, planted: Planted) -> None:
        if planted in self.planted:
            self.planted.remove(planted)

    def clear(self) -> None:
        self.planted.clear()

    def claim(self, exchange: Exchange) -> Fault | None:
        return next((p.fault for p in self.planted if p.claims(exchange)), None)
