"""The sign-in as the owner sees it, as far as no X and no browser is needed for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from bot.account import Account
from tests.clockwork import jumping, now
from tests.front_desk import Room, room
from tests.post_office import token
from twitter_core.errors import Forbidden, Refusal, Unsent
from twitter_core.tokens import SignIn

HOUR = 3600.0


async def asks(at: Room, command: str) -> str:
    """The answer to `/status` or `/refresh`."""
    account = Account(
        cast(Any, at.x),
        at.keeper,
        cast(Any, at.vault),
        at.publisher,
        at.ways,
        at.messenger,
        clock=now,
        new_secret=lambda: "secret",
        hide=lambda secret: None,
        changed=lambda: None,
        version="1",
    )
    handler = {"/status": account.on_status, "/refresh": account.on_refresh}[command]
    await handler(at._update({"message": at.message(command)}), cast(Any, None))
    return at.bot.said[-1].text


@pytest.mark.parametrize("refusal", [Refusal.BAD_CLIENT, Refusal.INVALID, Refusal.CREDITS])
@jumping
async def test_a_refused_renewal_is_told_as_one(tmp_path: Path, refusal: Refusal) -> None:
    async with room(tmp_path) as at:
        at.x.fails("refresh", Forbidden(refusal, status=400, detail="No."))
        said = await asks(at, "/refresh")
        assert said.startswith("The sign-in could not be renewed: ")
        assert "press" not in said and "post" not in said


@jumping
async def test_a_renewal_says_until_when_the_sign_in_lasts_with_the_day(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        assert "until 24 November, 22:13 UTC" in await asks(at, "/refresh")
        at.x.fails("refresh", Unsent())
        assert "could not be reached" in await asks(at, "/refresh")


@jumping
async def test_status_tells_when_the_sign_in_is_renewed_next(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.vault.value = SignIn(token(life=HOUR))
        assert "Sign-in: good; next renewal 22:58 UTC" in await asks(at, "/status")


@pytest.mark.parametrize("why", ["no refresh token", "refused before"])
@jumping
async def test_status_tells_how_long_a_sign_in_lasts_that_cannot_be_renewed(
    tmp_path: Path, why: str
) -> None:
    async with room(tmp_path) as at:
        pair = token(life=HOUR)
        is_refused = why == "refused before"
        last = pair if is_refused else replace(pair, refresh_token="")
        at.vault.value = SignIn(last, dead=is_refused)
        said = await asks(at, "/status")
        assert "good until 23:13 UTC, and cannot be renewed" in said and "/auth" in said
        assert "next renewal" not in said
        await asyncio.sleep(2 * HOUR)
        assert "Sign-in: ended" in await asks(at, "/status")


@jumping
async def test_what_cannot_be_renewed_is_not_said_to_have_ended(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.vault.value = SignIn(replace(token(life=HOUR), refresh_token=""))
        said = await asks(at, "/refresh")
        assert "good until 23:13 UTC and cannot be renewed" in said
        assert at.x.calls("refresh") == []
