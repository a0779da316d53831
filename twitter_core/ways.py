"""Which of X's two ways of uploading is taken, and when v1.1 is given up. Sends nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from . import oauth1
from .errors import UploadGone
from .store import Store

APART = 30.0  # seconds between two misses that are not one hiccup


class Way(StrEnum):
    """v1.1 signs with OAuth 1.0a; v2 needs the scope `media.write`."""

    V11 = "v1.1"
    V2 = "v2"


@dataclass(frozen=True, slots=True)
class Trust:
    """What experience says of v1.1: given up for good, or missed once, at that time."""

    given_up: bool = False
    missed_at: float | None = None


def after_miss(trust: Trust, error: UploadGone, now: float) -> Trust:
    """v1.1 is not there. 403 says so for good; 404 and 410 once more, half a minute later."""
    if error.status == 403:
        return replace(trust, given_up=True)
    if trust.missed_at is None:
        return replace(trust, missed_at=now)
    return replace(trust, given_up=now - trust.missed_at >= APART)


class Ways:
    """The choice between the two, which outlives a restart."""

    def __init__(
        self,
        store: Store,
        wanted: str,
        keys: oauth1.Keys | None,
        *,
        clock: Callable[[], float],
        told: Callable[[], None] = lambda: None,
    ) -> None:
        """`wanted` is `v1.1`, `v2` or `auto`: v1.1 while its keys are set and it works.

        `told` is called once, when v1.1 is given up.
        """
        self._wanted = wanted
        self._keys = keys
        self._clock = clock
        self._told = told
        self._table = store.table("ways", Trust)

    @property
    def trust(self) -> Trust:
        """What experience says of v1.1."""
        return self._table.get(Way.V11) or Trust()

    @property
    def uploader(self) -> str:
        """The id of the account that uploads by v1.1, empty without keys."""
        return self._keys.user_id if self._keys is not None else ""

    @property
    def may_change(self) -> bool:
        """Whether the other way may be taken where v1.1 does not work."""
        return self._wanted == "auto"

    def choose(self, account: str) -> Way:
        """The way for the account that is signed in (an empty name: not known yet)."""
        # Media belong to their uploader, so the keys of another account are of no use, even where
        # v1.1 is asked for: no post would ever take what they upload.
        is_other = bool(account) and self.uploader != account
        if self._keys is None or is_other:
            return Way.V2
        if not self.may_change:
            return Way(self._wanted)
        return Way.V2 if self.trust.given_up else Way.V11

    def missed(self, error: UploadGone) -> None:
        """v1.1 answered that it is not there."""
        self._set(after_miss(self.trust, error, self._clock()))

    def worked(self) -> None:
        """v1.1 took a file."""
        if self.trust.missed_at is not None:
            self._set(Trust())

    def give_up(self) -> None:
        """A post did not take the ids that v1.1 had given."""
        if self.may_change:
            self._set(replace(self.trust, given_up=True))

    def try_again(self) -> None:
        """The owner wants v1.1 back."""
        self._set(Trust())

    def _set(self, trust: Trust) -> None:
        is_new = trust.given_up and not self.trust.given_up
        self._table.put(Way.V11, trust)
        if is_new:
            self._told()
