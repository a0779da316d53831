"""Where the sign-in is kept: the token pair, and a sign-in that waits for its landing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from pydantic import TypeAdapter

from .oauth2 import PendingSignIn
from .store import Store
from .tokens import SignIn

_KEY = "x"
_TABLE = "sign_in"


def peek(folder: Path) -> SignIn | None:
    """The sign-in stored in `folder`, read beside whoever has the folder's lock; never writes.

    Raises OSError, and ValueError where the file cannot be understood.
    """
    try:
        text = (folder / "telex.json").read_text("utf-8")  # which is swapped whole, so never torn
    except FileNotFoundError:
        return None
    try:
        rows = json.loads(text).get(_TABLE, {}).values()
        found = next((row for row in rows if row["key"] == _KEY), None)
    except (AttributeError, KeyError, TypeError):
        raise ValueError("not a file of Telex") from None
    return None if found is None else TypeAdapter(SignIn).validate_python(found)


class StoreVault:
    """`tokens.Vault` over the store.

    `hide` hears of every token before it is used, so that it can be kept out of the log.
    """

    def __init__(self, store: Store, *, hide: Callable[..., None] = lambda *_: None) -> None:
        self._store = store
        self._hide = hide
        self._sign_in = store.table(_TABLE, SignIn)
        self._pending = store.table("pending_sign_in", PendingSignIn)

    def sign_in(self) -> SignIn | None:
        """What is stored now."""
        return self._sign_in.get(_KEY)

    async def save_sign_in(self, value: SignIn | None) -> None:
        """Returns once it is on the disk; OSError if it could not be written."""
        before = self._sign_in.get(_KEY)
        self._set(value)
        try:
            await self._store.save()
        except OSError:
            # What is in memory goes to the disk with the next save, so it must not stay.
            self._set(before)
            raise

    def _set(self, value: SignIn | None) -> None:
        if value is None:
            self._sign_in.drop(_KEY)
        else:
            self._hide(value.token.access_token, value.token.refresh_token)
            self._sign_in.put(_KEY, value)

    def pending(self) -> PendingSignIn | None:
        """The sign-in that waits for its landing."""
        return self._pending.get(_KEY)

    async def save_pending(self, value: PendingSignIn | None) -> None:
        """Returns once it is on the disk; OSError if it could not be written."""
        if value is None:
            self._pending.drop(_KEY)
        else:
            self._pending.put(_KEY, value)
        await self._store.save()

    def secrets(self) -> tuple[str, ...]:
        """What must not be logged."""
        current, pending = self.sign_in(), self.pending()
        tokens = (
            () if current is None else (current.token.access_token, current.token.refresh_token)
        )
        return tokens if pending is None else (*tokens, pending.state, pending.verifier)
