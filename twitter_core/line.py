"""The line of one account: whose turn it is. Posts go out in the order in which they were sent."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from enum import StrEnum

from .actions import Action, Close, Create, LookUp, MakeRoom, Wait
from .entry import ENDED, Entry
from .errors import CreditsDepleted, RateLimited, Refusal, SignInNeeded, Unsent, XError
from .outbox import next_action

CAPPED = 3600.0  # seconds between two tries while a monthly cap is reached
PATIENCE = 60.0  # seconds for which an entry may hold up the ones behind it


class Reason(StrEnum):
    """What holds the whole line. The values are stored, so they are never renamed."""

    SIGN_IN = "sign_in"
    CREDITS = "credits"
    RATE_LIMIT = "rate_limit"
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class Hold:
    """The line stands still until `until` (epoch seconds), or, where that is None, until the
    owner has done something about it. `tries` counts the probes that failed.
    """

    reason: Reason
    until: float | None = None
    tries: int = 0

    def outlasts(self, other: Hold) -> bool:
        """Whether it holds the line for longer than `other`, which then changes nothing."""
        if other.until is None:
            return False
        return self.until is None or self.until > other.until


@dataclass(frozen=True, slots=True)
class Line:
    """What holds for the line as a whole, and survives a restart."""

    paused: bool = False
    hold: Hold | None = None

    @property
    def reason(self) -> Reason | None:
        """What it is held for."""
        return self.hold.reason if self.hold is not None else None

    @property
    def until(self) -> float | None:
        """Until when it is held, where that is known."""
        return self.hold.until if self.hold is not None else None

    @property
    def waits_for_sign_in(self) -> bool:
        """Whether the owner has to sign in before anything goes out."""
        return self.reason is Reason.SIGN_IN and self.until is None

    def stands_still(self, now: float) -> bool:
        """Whether nothing may be sent at `now`."""
        hold = self.hold
        return self.paused or (hold is not None and (hold.until is None or now < hold.until))


def backoff(tries: int, spread: float) -> float:
    """Seconds to wait after `tries` failures: doubling up to a minute; `spread` is in 0..1."""
    return min(60.0, 2.0 ** min(tries, 6)) * (0.5 + spread / 2)


def hold_for(error: XError, now: float, tries: int, spread: float, *, ended: bool) -> Hold | None:
    """What `error` means for the whole line; None: it concerns the one post alone.

    `ended` tells whether the sign-in is over for good, rather than refused this once (in an
    outage X refuses valid tokens too).
    """
    soon = now + backoff(tries, spread)
    match error:
        case Unsent():
            return Hold(Reason.NETWORK, soon, tries + 1)
        case RateLimited():
            # A second more than X says: clocks differ.
            until = soon if error.reset_at is None else max(soon, error.reset_at + 1)
            if error.refusal is Refusal.MONTHLY_CAP:
                until = now + CAPPED
            return Hold(Reason.RATE_LIMIT, until, tries + 1)
        case SignInNeeded():
            return Hold(Reason.SIGN_IN, None if ended else soon, tries + 1)
        case CreditsDepleted():
            return Hold(Reason.CREDITS)
        case _:
            return None


_NOTHING = Wait()


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is. `blocks` is the entry that holds up others which would be ready."""

    entry: Entry | None = None
    action: Action = _NOTHING
    blocks: Entry | None = None


def take_turn(entries: Iterable[Entry], now: float, aside: Container[str] = ()) -> Turn:
    """The next thing to do in the line of one account: strictly in the order of `seq`.

    An entry that needs the owner is passed by, and one that is scheduled; so is one in `aside`,
    which has held up others for too long. What an entry of the line waits for, those behind it
    wait for too.
    """
    wake: float | None = None
    head: Entry | None = None
    alive = [entry for entry in entries if entry.state not in ENDED and not entry.needs_owner]
    for entry in sorted(alive, key=lambda entry: entry.seq):
        action = next_action(entry, now)
        is_ready = not isinstance(action, Wait)
        if head is not None:
            # What changes nothing on X need not wait for its turn.
            if isinstance(action, Close | LookUp):
                return Turn(entry, action)
            if is_ready and isinstance(action, Create | MakeRoom):
                return Turn(action=Wait(wake), blocks=head)
        elif is_ready:
            return Turn(entry, action)
        elif entry.key not in aside and not entry.waits_for_other and entry.due is None:
            head = entry
        if isinstance(action, Wait) and action.until is not None:
            wake = action.until if wake is None else min(wake, action.until)
    return Turn(action=Wait(wake))
