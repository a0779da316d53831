"""The sign-in as the owner sees it, as far as no X and no browser is needed for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from bot.account import Account
from tests.clockwork import jumping, now
from tests.front_desk import Room, room
from tests.post_office import token
from twitter_core.entry import Failure, Question, State
from twitter_core.errors import Forbidden, Refusal, Unsent
from twitter_core.line import Hold, Line, Reason
from twitter_core.oauth1 import Keys
from twitter_core.prices import Month
from twitter_core.tokens import SignIn
from twitter_core.ways import Ways
from twitter_core.wire import RateLimit

HOUR, DAY = 3600.0, 86_400.0


def make(at: Room) -> Account:
    return Account(
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


async def asks(at: Room, command: str) -> str:
    """The answer to `/status` or `/refresh`."""
    account = make(at)
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
async def test_status_tells_what_x_still_takes_as_last_seen_and_until_when(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.x.rate_limits["create"] = RateLimit(100, 97, now() + 600)
        at.x.rate_limits["delete"] = RateLimit(50, 0, now() + DAY)
        at.x.rate_limits["upload_v2"] = RateLimit(500, 9, now() - 1)
        at.x.rate_limits["refresh"] = RateLimit(9, 9, now() + 600)
        lines = (await asks(at, "/status")).splitlines()
        assert "Posts left on X: 97 of 100, until 22:23 UTC" in lines
        assert "Deletions left on X: 0 of 50, until 15 November, 22:13 UTC" in lines
        assert sum("left on X" in line for line in lines) == 2, "not those of a window that is past"


@jumping
async def test_status_names_the_command_that_goes_on_for_it_has_no_button(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.publisher.set_line(Line(hold=Hold(Reason.CREDITS)))
        said = await asks(at, "/status")
        assert "then send /resume." in said and "Try again" not in said


@jumping
async def test_status_tells_what_waits_what_is_scheduled_and_what_failed(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.publisher.pause()
        at.send("one")
        at.send("two", state=State.DRAFT, question=Question.PREVIEW)
        at.send("three", due=now() + DAY)
        at.send("four", state=State.FAILED, failure=Failure(Refusal.FORBIDDEN))
        said = await asks(at, "/status")
        assert "Waiting: 2, scheduled: 1, failed: 1" in said
        assert "paused, until /resume" in said


@jumping
async def test_status_tells_the_posts_and_the_cost_of_the_month_and_the_budget(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        assert "November: 0 posts, $0.00" in (await asks(at, "/status")).splitlines()
        at.publisher.ledger.add(Decimal("0.215"), 2)
        at.habits.change(budget=Decimal(5))
        assert "November: 2 posts, $0.215 of $5.00" in (await asks(at, "/status")).splitlines()


@pytest.mark.parametrize(("owner", "told"), [("7", False), ("8", True)])
@jumping
async def test_status_says_so_where_the_keys_are_another_accounts(
    tmp_path: Path, owner: str, told: bool
) -> None:
    async with room(tmp_path) as at:
        keys = Keys("k", "s", f"{owner}-token", "t")
        at.ways = Ways(at.store, "auto", keys, clock=now)
        said = (await asks(at, "/status")).splitlines()
        assert ("Uploads by: v2" in said) is told
        assert any("another account's" in line for line in said) is told


@jumping
async def test_asking_whose_sign_in_it_is_is_paid_for_once(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.vault.value = SignIn(token())
        account = make(at)
        at.x.fails("me", Unsent())
        assert await account.learn_name() == ""
        assert await account.learn_name() == "me"
        assert await account.learn_name() == "me"
        assert at.publisher.ledger.current == Month(Decimal("0.010"))


@jumping
async def test_what_cannot_be_renewed_is_not_said_to_have_ended(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.vault.value = SignIn(replace(token(life=HOUR), refresh_token=""))
        said = await asks(at, "/refresh")
        assert "good until 23:13 UTC and cannot be renewed" in said
        assert at.x.calls("refresh") == []
