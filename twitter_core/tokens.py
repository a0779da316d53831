"""Keeps the token pair: renews it under one lock, saves it, and only then lets it be used.

Never throws a pair away, never sends a refresh token that X has exchanged already, and touches no
disk itself: that is the vault's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from . import limits
from .errors import Refusal, SignInNeeded, Uncertain, Unsent, XError
from .oauth2 import Account, Token

T = TypeVar("T")

_NO_TOKEN = ""  # seen by nobody, so that a renewal for its sake only writes what was not written


@dataclass(frozen=True, slots=True)
class SignIn:
    """What is stored of a sign-in. `account` is None until its name was fetched.

    `renewal_begun` counts the renewals that were sent without a known answer; `dead` says that X
    takes the refresh token no more (the access token may still have its time).
    """

    token: Token
    account: Account | None = None
    renewal_begun: int = 0
    dead: bool = False


class Vault(Protocol):
    """Where the sign-in is kept."""

    def sign_in(self) -> SignIn | None:
        """What is stored now."""

    async def save_sign_in(self, value: SignIn | None) -> None:
        """Returns once it is on the disk; OSError if it could not be written."""


class Renewer(Protocol):
    """Who exchanges a refresh token for a new pair (`client.Client` does)."""

    async def refresh(self, refresh_token: str) -> Token: ...


def renew_at(sign_in: SignIn) -> float:
    """When the pair is to be renewed without being asked (epoch seconds): at 3/4 of its life."""
    return sign_in.token.expires_at - _lifetime(sign_in.token) / 4


def is_stale(token: Token, now: float) -> bool:
    """Whether too little is left to begin a call with it."""
    margin = min(limits.TOKEN_MARGIN, _lifetime(token) / 4)
    return now >= token.expires_at - margin


def is_last(sign_in: SignIn) -> bool:
    """Whether no other access token will come after this one, so that the owner is needed."""
    return (
        sign_in.dead
        or not sign_in.token.refresh_token
        or sign_in.renewal_begun >= limits.RENEWALS_LOST
    )


class Keeper:
    """The one place that renews.

    `renew`, `adopt`, `name` and `forget` raise OSError where the vault cannot write.
    """

    def __init__(
        self, client: Renewer, vault: Vault, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._vault = vault
        self._clock = clock
        self._lock = asyncio.Lock()
        self._renewal: asyncio.Task[None] | None = None
        # A pair that X gave but the disk did not take, and the refresh token that it stands for.
        self._unsaved: tuple[str, SignIn] | None = None
        self._refused = ""  # the access token that met the last 401

    @property
    def account(self) -> Account | None:
        """Whose sign-in it is, where that is known."""
        current = self._vault.sign_in()
        return current.account if current is not None else None

    @property
    def ended(self) -> bool:
        """Whether there is no token to use, nor any to come: the owner has to sign in."""
        current = self._vault.sign_in()
        return current is None or self._is_used_up(current)

    async def access_token(self) -> str:
        """A token to use now, renewed first where it is stale.

        SignInNeeded if there is none. A renewal without a clear answer, or one that the vault could
        not write, is Unsent here: the call that the token was wanted for never left.
        """
        current = self._current()
        if self._unsaved is not None:
            # The vault may show the new pair already: it must be written, not renewed once more.
            await self._renew_for_call(_NO_TOKEN)
            current = self._current()
        elif is_stale(current.token, self._clock()) and not is_last(current):
            await self._renew_for_call(current.token.access_token)
            current = self._current()
        if self._is_used_up(current):
            raise _sign_in_needed()
        return current.token.access_token

    async def use(self, call: Callable[[str], Awaitable[T]]) -> T:
        """Runs `call` with a token; at a 401 once more with a new one (a 401 is a clear no)."""
        token = await self.access_token()
        try:
            return await call(token)
        except SignInNeeded:
            self._refused = token
            await self._renew_for_call(token)
        return await call(await self.access_token())

    async def renew(self, seen: str | None = None) -> None:
        """Renews the pair now, unless the access token is no longer the one that was `seen`.

        Callers share one renewal, and it goes on where they are cancelled. Raises what X says,
        Unsent, Uncertain, or OSError.
        """
        if self._renewal is not None and not self._renewal.done():
            await asyncio.shield(self._renewal)
            if seen is None or self._current().token.access_token != seen:
                return
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew(seen))
        await asyncio.shield(self._renewal)

    async def adopt(self, token: Token, account: Account | None = None) -> SignIn:
        """Saves the pair of a new sign-in in place of whatever was there."""
        async with self._lock:
            self._unsaved = None
            value = SignIn(token, account)
            await self._vault.save_sign_in(value)
            return value

    async def name(self, account: Account) -> None:
        """Saves whose sign-in it is; nothing if there is none."""
        async with self._lock:
            if (current := self._vault.sign_in()) is not None:
                await self._vault.save_sign_in(replace(current, account=account))
            if self._unsaved is not None:
                self._unsaved = (self._unsaved[0], replace(self._unsaved[1], account=account))

    async def forget(self) -> SignIn | None:
        """Removes the sign-in, and returns it so that its tokens can be revoked."""
        async with self._lock:
            current = self._unsaved[1] if self._unsaved is not None else self._vault.sign_in()
            await self._vault.save_sign_in(None)
            self._unsaved = None
            return current

    async def settle(self) -> None:
        """Waits for a renewal that is under way; to be called before the loop ends."""
        if self._renewal is not None:
            await asyncio.wait([self._renewal])

    def _current(self) -> SignIn:
        if (current := self._vault.sign_in()) is None:
            raise _sign_in_needed()
        return current

    def _is_used_up(self, sign_in: SignIn) -> bool:
        token = sign_in.token
        is_over = self._clock() >= token.expires_at or token.access_token == self._refused
        return is_over and is_last(sign_in)

    async def _renew_for_call(self, seen: str) -> None:
        try:
            await self.renew(seen)
        except Uncertain as lost:
            raise Unsent(f"renewal: {lost}") from None
        except OSError as error:
            raise Unsent(f"renewal: {error}") from error

    async def _renew(self, seen: str | None) -> None:
        async with self._lock:
            if await self._save_unsaved():
                return
            current = self._current()
            if seen is not None and current.token.access_token != seen:
                return
            try:
                await self._send(current)
            except Uncertain:
                current = self._current()
                if is_last(current):
                    raise
                await self._send(current)  # the old token, once more

    async def _send(self, current: SignIn) -> None:
        if is_last(current):
            if not current.dead:
                await self._vault.save_sign_in(replace(current, dead=True))
            raise _sign_in_needed()
        tried = current.token.refresh_token
        begun = replace(current, renewal_begun=current.renewal_begun + 1)
        await self._vault.save_sign_in(begun)
        try:
            token = await self._client.refresh(tried)
        except SignInNeeded:
            stored = self._vault.sign_in()
            if stored is not None and stored.token.refresh_token != tried:
                return  # somebody else has renewed: theirs is the pair to use
            with suppress(OSError):
                await self._vault.save_sign_in(replace(begun, dead=True))
            raise
        except XError as error:
            # Only a lost answer counts; a refusal or a failure that X told of does not.
            if not isinstance(error, Uncertain) or error.status is not None:
                with suppress(OSError):  # then it counts, which is on the safe side
                    await self._vault.save_sign_in(current)
            raise
        self._unsaved = (tried, replace(current, token=token, renewal_begun=0))
        await self._save_unsaved()

    async def _save_unsaved(self) -> bool:
        """Saves a pair that waits for it, unless the vault has got another sign-in meanwhile."""
        if self._unsaved is None:
            return False
        tried, value = self._unsaved
        stored = self._vault.sign_in()
        if stored is None or stored.token.refresh_token != tried:
            self._unsaved = None
            return False
        await self._vault.save_sign_in(value)
        self._unsaved = None
        return True


def _lifetime(token: Token) -> float:
    lifetime = token.expires_at - token.issued_at
    # A pair without a time of issue, or with an odd one, was not made by `oauth2.read_token`.
    return lifetime if token.issued_at > 0 and lifetime > 0 else limits.TOKEN_LIFETIME


def _sign_in_needed() -> SignInNeeded:
    return SignInNeeded(Refusal.SIGN_IN, status=401)
