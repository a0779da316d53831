"""What one can break from the page, and mend again. Each says in a phrase what it does.

Turns the switches and plants the faults that the services have anyway.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from bot.sandbox.faults import Fault, Planted
from bot.sandbox.x import X
from bot.sandbox.x_world import Limit

SLOW = 1.5  # seconds
WAIT = 15.0  # seconds until X's limit is reset
_OVERLOADED = {
    "title": "Service Unavailable",
    "detail": "Service Unavailable",
    "type": "about:blank",
    "status": 503,
}
_API = r"/(?!i/oauth2/authorize).*"  # everything but the page on which people sign in
Undo = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Break:
    """One thing to break."""

    name: str
    title: str
    phrase: str  # what happens while it is on
    once: bool = False  # it mends itself after one post


BREAKS = (
    Break("slow", "X is slow", f"Each answer takes {SLOW:g} s longer."),
    Break("429", "Rate limit", f"429 to posts, for {WAIT:g} s at a time."),
    Break("503", "X is down", "503 to every request."),
    Break("v1.1", "v1.1 is gone", "410 to the old upload: v2 must do."),
    Break("credits", "No credits left", "402, until the account is topped up."),
    Break("before", "Lose the request", "The next post never reaches X.", once=True),
    Break("after", "Lose the answer", "The next post is made, unanswered.", once=True),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A break as the page shows it."""

    name: str
    title: str
    phrase: str
    once: bool
    on: bool
    fired: int  # how many requests it hit


class Breaks:
    """What is broken at the moment."""

    def __init__(self, x: X) -> None:
        self._x = x
        self._undo: dict[str, Undo] = {}
        self._planted: dict[str, Planted] = {}

    def turn(self, name: str, on: bool) -> Break:
        """Break something, or mend it. Raises LookupError for what cannot be broken."""
        found = next((b for b in BREAKS if b.name == name), None)
        if found is None:
            raise LookupError(name)
        if name in self._undo:
            self._undo.pop(name)()
            self._planted.pop(name, None)
        if on:
            self._undo[name] = self._make(name)
        return found

    def mend(self) -> None:
        """Mend everything."""
        for name in list(self._undo):
            self.turn(name, on=False)

    def settle(self) -> list[Break]:
        """What has mended itself since the last look."""
        done = [
            b for b in BREAKS if b.once and b.name in self._undo and self._planted[b.name].fired
        ]
        for one in done:
            self.turn(one.name, on=False)
        return done

    def shown(self) -> list[dict[str, Any]]:
        """All of them, in their order."""
        return [asdict(self._shown(b)) for b in BREAKS]

    def _shown(self, one: Break) -> Shown:
        planted = self._planted.get(one.name)
        fired = planted.fired if planted is not None else 0
        on = one.name in self._undo
        return Shown(one.name, one.title, one.phrase, one.once, on, fired)

    def _make(self, name: str) -> Undo:
        match name:
            case "slow":
                return self._slow()
            case "429":
                return self._limit()
            case "v1.1":
                return self._gone()
            case "credits":
                return self._credits()
            case "503":
                fault = Fault(path=_API, status=503, body=_OVERLOADED, times=None)
                return self._plant(name, fault, both=True)
            case "before":
                return self._plant(name, Fault(method="POST", path="/2/tweets", drop="before"))
            case _:
                return self._plant(name, Fault(method="POST", path="/2/tweets", drop="after"))

    def _plant(self, name: str, fault: Fault, *, both: bool = False) -> Undo:
        services = self._x.services if both else self._x.services[:1]
        planted = [(service, service.faults.add(fault)) for service in services]
        self._planted[name] = planted[0][1]

        def undo() -> None:
            for service, one in planted:
                service.faults.remove(one)

        return undo

    def _slow(self) -> Undo:
        before = [(service, service.delay) for service in self._x.services]
        for service, delay in before:
            service.delay = delay + SLOW

        def undo() -> None:
            for service, delay in before:
                service.delay = delay

        return undo

    def _limit(self) -> Undo:
        before = self._x.limits["create"]
        self._x.limits["create"] = Limit(0, WAIT)
        self._forget_windows()  # otherwise one that began long ago ends in this very moment

        def undo() -> None:
            self._x.limits["create"] = before
            self._forget_windows()

        return undo

    def _forget_windows(self) -> None:
        for at in [at for at in self._x.windows if at[1] == "create"]:
            del self._x.windows[at]

    def _gone(self) -> Undo:
        before = self._x.v11
        self._x.v11 = "410"

        def undo() -> None:
            self._x.v11 = before

        return undo

    def _credits(self) -> Undo:
        before = self._x.credits
        self._x.credits = Decimal(0)

        def undo() -> None:
            self._x.credits = before

        return undo
