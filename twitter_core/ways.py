"""Which of X's two ways of uploading is taken. Sends nothing."""

from __future__ import annotations

from enum import StrEnum

from . import oauth1


class Way(StrEnum):
    """v1.1 signs with OAuth 1.0a; v2 needs the scope `media.write`."""

    V11 = "v1.1"
    V2 = "v2"


class Ways:
    """The choice, which a v1.1 that is gone changes until the next start."""

    def __init__(self, wanted: str, keys: oauth1.Keys | None) -> None:
        """`wanted` is `v1.1`, `v2` or `auto`: v1.1 while its keys are set and it works."""
        self._wanted = wanted
        self._keys = keys
        self._gone = False

    @property
    def uploader(self) -> str:
        """The id of the account that uploads by v1.1, empty without keys."""
        return self._keys.user_id if self._keys is not None else ""

    def choose(self, account: str) -> Way:
        """The way for the account that is signed in (an empty name: not known yet)."""
        if self._wanted != "auto":
            return Way(self._wanted)
        # Media belong to their uploader, so the keys of another account are of no use.
        is_other = bool(account) and self.uploader != account
        return Way.V2 if self._keys is None or self._gone or is_other else Way.V11

    def give_up_v11(self) -> bool:
        """v1.1 does not work: take the other way, if that may be chosen."""
        self._gone = True
        return self._wanted == "auto"
