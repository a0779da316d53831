"""What must not be mixed up: accounts, posts that look alike, an old post and a new one, clocks."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx

from tests.clockwork import jumping, now
from tests.post_office import OTHER, Office, Trouble, office, token
from twitter_core.archive import Record
from twitter_core.client import Client, Endpoints
from twitter_core.entry import Entry, Question, State
from twitter_core.errors import Refusal, SignInNeeded, Uncertain
from twitter_core.events import Approved, DeletionAsked, ItIsThere, Shown
from twitter_core.oauth2 import App, Token
from twitter_core.post import Post
from twitter_core.tokens import SignIn

DAY = 86_400.0


async def settled(at: Office) -> None:
    """Every card shows its post's end, and the history knows it."""
    await asyncio.sleep(3)
    for entry in at.publisher.entries():
        at.publisher.tell(entry.key, Shown())
    await asyncio.sleep(100)


def recorded(at: Office, key: str) -> Record:
    record = at.publisher.archive.find(lambda line: line.get("key") == key)
    assert record is not None
    return record


@jumping
async def test_a_post_for_an_account_goes_to_no_sign_in_whose_name_is_not_known(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.publisher.pause()
        key = at.send("for the first")
        at.vault.value = SignIn(token(), None)
        at.publisher.resume()
        await asyncio.sleep(5)
        assert at.x.timeline == []
        at.vault.value = SignIn(token(), OTHER)
        at.publisher.wake()
        await asyncio.sleep(5)
        assert at.x.timeline == []
        assert at.question(key) is Question.ACCOUNT


@jumping
async def test_a_sign_in_as_another_account_in_the_middle_of_a_create_does_not_get_the_post(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        gate = at.x.hangs("create")
        at.x.troubles["create"][0].error = SignInNeeded(Refusal.SIGN_IN, status=401)
        key = at.send("for the first")
        await asyncio.sleep(1)
        at.vault.value = SignIn(Token("other", "refresh", now() + 9999, "", now()), OTHER)
        at.x.account = OTHER
        gate.set()
        await asyncio.sleep(5)
        assert at.x.timeline == []
        assert at.question(key) is Question.ACCOUNT


@jumping
async def test_two_uncertain_pictures_with_one_caption_keep_their_own_addresses(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", Uncertain("x"), Uncertain("x"), effect=True)
        at.x.fails("own_posts", *[Uncertain("y")] * 12)
        first = at.send("same", "p1", key="1:1")
        second = at.send("same", "p2", key="1:2")
        await asyncio.sleep(600)
        assert len(at.x.posts) == 2
        media = {post.id: post.media_ids for post in at.x.posts}
        for key in (first, second):
            entry = at.entry(key)
            upload = entry.uploads[0]
            assert upload is not None
            assert media[entry.posted[0]] == (upload.media_id,)


@jumping
async def test_a_button_of_an_old_card_looks_for_no_doubles(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", Uncertain("x"))
        old = at.send("gm")
        await asyncio.sleep(15)
        await settled(at)
        await asyncio.sleep(DAY)
        at.send("gm", key="1:2")
        await settled(at)
        await asyncio.sleep(5 * DAY)
        at.publisher.archive.sweep(now())
        looked = len(at.x.calls("own_posts"))
        at.publisher.recall(recorded(at, old).entry)
        await asyncio.sleep(5)
        assert at.entry(old).doubles == ()
        assert len(at.x.calls("own_posts")) == looked


@jumping
async def test_a_press_on_an_old_card_makes_nothing_new_forgotten_over_a_restart(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        old = at.send("old one")
        await settled(at)
        await asyncio.sleep(5 * DAY)
        new = at.send("new one")
        await settled(at)
        entry = recorded(at, old).entry
        at.publisher.recall(entry)
        at.publisher.tell(old, DeletionAsked(entry.posted))
        await settled(at)
        await at.reopen()
        assert at.publisher.knows(new)


@jumping
async def test_a_post_may_continue_one_of_over_two_days_ago(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        parent = at.send("parent")
        await settled(at)
        late = Entry(
            "1:9", State.DRAFT, Post("late"), now(), question=Question.LATE, follows=parent
        )
        at.publisher.submit(late)
        await asyncio.sleep(3 * DAY)
        at.publisher.archive.sweep(now())
        at.publisher.tell("1:9", Approved(5, "7"))
        await asyncio.sleep(5)
        assert at.state("1:9") is State.DONE
        assert at.x.replies_to[at.entry("1:9").posted[0]] == at.x.posts[0].id


@jumping
async def test_the_address_of_a_duplicate_is_one_that_is_known(tmp_path: Path) -> None:
    from twitter_core.errors import Duplicate, Forbidden

    async with office(tmp_path) as at:
        at.x.fails("create", Uncertain("x"), effect=True)
        at.x.always["own_posts"] = Trouble(Forbidden(Refusal.FORBIDDEN, status=403))
        first = at.send("gm")
        await asyncio.sleep(20)
        at.publisher.tell(first, ItIsThere(now()))
        await settled(at)
        del at.x.always["own_posts"]
        await asyncio.sleep(3600)
        at.x.fails("create", Duplicate(Refusal.DUPLICATE, status=403))
        second = at.send("gm", key="1:2")
        await asyncio.sleep(5)
        failure = at.entry(second).failure
        assert failure is not None
        assert failure.earlier == ""


@jumping
async def test_an_error_that_nobody_foresaw_repeats_a_paid_look_up_at_a_walk(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", Uncertain("x"))
        at.x.always["own_posts"] = Trouble(ValueError("odd answer"))
        at.send("x")
        await asyncio.sleep(60)
        assert 1 <= len(at.x.calls("own_posts")) < 12


async def test_a_clock_that_is_ahead_does_not_hide_what_is_there() -> None:
    x_time = 1_700_000_000.0  # X's; ours is ten minutes ahead
    starts: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        starts.append(request.url.params["start_time"])
        date = format_datetime(datetime.fromtimestamp(x_time, UTC), usegmt=True)
        empty: dict[str, Any] = {"meta": {"result_count": 0}}
        return httpx.Response(200, json=empty, headers={"Date": date})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
        client = Client(Endpoints(), App("id"), clock=lambda: x_time + 600, http=http)
        await client.own_posts("at", "7", x_time + 600 - 60)
        await client.own_posts("at", "7", x_time + 600 - 60)
    at = datetime.fromtimestamp(x_time - 60, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert starts[1:] == [at, at]  # the first answer told how wrong the clock is
