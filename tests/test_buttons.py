"""Buttons: a press does what it says, once, for ever, and a late one is answered in words."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from telegram.error import BadRequest, TimedOut

from tests.clockwork import jumping, now
from tests.front_desk import OWNER, Room, room
from tests.post_office import Trouble
from twitter_core.entry import State
from twitter_core.errors import CreditsDepleted, Forbidden, RateLimited, Refusal, Uncertain

HOUR, DAY = 3600.0, 86_400.0


def no() -> Forbidden:
    return Forbidden(Refusal.FORBIDDEN, status=403, detail="No.")


async def lost(at: Room) -> str:
    """A post of which only the owner can tell whether it is out."""
    at.x.always["own_posts"] = Trouble(no())
    at.x.fails("create", Uncertain())
    message = await at.sends("hello", photo="p1")
    await asyncio.sleep(30)
    assert at.card.labels == ["It is there", "Post again", "Discard"]
    return f"{OWNER}:{message}"


@jumping
async def test_post_posts_the_draft(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.sends("hello")
        await asyncio.sleep(1)
        assert await at.presses("Post") == "On its way"
        await asyncio.sleep(5)
        assert at.x.timeline == ["hello"]
        assert at.card.labels == ["Open", "Delete"]


@jumping
async def test_cancel_cancels_it(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.sends("hello")
        await asyncio.sleep(1)
        assert await at.presses("Cancel") == "Cancelled"
        await asyncio.sleep(5)
        assert at.x.timeline == []
        assert (at.card.text, at.card.labels) == ("Cancelled. Nothing was posted.", [])


@jumping
async def test_a_double_tap_is_one_tap(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message = await at.sends("hello")
        await asyncio.sleep(1)
        data = f"post:{OWNER}:{message}"
        await asyncio.gather(*(at.presses_data(data, at.card.id) for _ in range(3)))
        await asyncio.sleep(30)
        assert at.x.timeline == ["hello"]
        assert len(at.bot.answers) == 3
        assert at.bot.answers.count("On its way") == 1


@jumping
async def test_cancel_and_post_at_once_do_one_of_the_two(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message = await at.sends("hello")
        await asyncio.sleep(1)
        await at.presses_data(f"cancel:{OWNER}:{message}", at.card.id)
        await at.presses_data(f"post:{OWNER}:{message}", at.card.id)
        await asyncio.sleep(30)
        assert at.x.timeline == []
        assert "cancelled" in at.bot.answers[-1]


@jumping
async def test_cancel_while_it_goes_out_is_answered_in_words(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.x.delay = 5
        message = await at.sends("/post hello")
        await asyncio.sleep(1)
        await at.presses_data(f"cancel:{OWNER}:{message}", at.card.id)
        assert "going out" in at.bot.answers[-1]
        await asyncio.sleep(30)
        assert at.x.timeline == ["hello"]


@pytest.mark.parametrize("after", [10.0, DAY, 60 * DAY])
@jumping
async def test_delete_works_for_ever(tmp_path: Path, after: float) -> None:
    async with room(tmp_path) as at:
        await at.sends("hello", photo="p1")
        await asyncio.sleep(after)
        await at.reopen()
        assert await at.presses("Delete", at.card) == "Deleting"
        await asyncio.sleep(60)
        assert at.x.timeline == []
        assert at.card.text == "Deleted on X.\nIt cost $0.025 in all."


@pytest.mark.parametrize("after", [0.05, 30.0, DAY])
@jumping
async def test_delete_pressed_twice_deletes_once_and_says_so(tmp_path: Path, after: float) -> None:
    async with room(tmp_path) as at:
        message = await at.sends("hello", photo="p1")
        await asyncio.sleep(30)
        data, card = f"delete:{OWNER}:{message}", at.card.id
        await at.presses_data(data, card)
        await asyncio.sleep(after)
        await at.presses_data(data, card)
        await asyncio.sleep(60)
        assert len(at.x.calls("delete")) == 1
        assert at.card.text == "Deleted on X.\nIt cost $0.025 in all."
        assert "elet" in at.bot.answers[-1]


@jumping
async def test_a_second_tap_while_it_is_being_deleted_is_answered_with_that(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message = await at.sends("hello", photo="p1")
        await asyncio.sleep(30)
        data, card = f"delete:{OWNER}:{message}", at.card.id
        at.x.delay = 5
        for _ in range(2):
            await at.presses_data(data, card)
            await asyncio.sleep(1)
        assert at.bot.answers == ["Deleting", "Deleting"]
        await asyncio.sleep(60)
        assert len(at.x.calls("delete")) == 1


@jumping
async def test_two_taps_at_once_on_a_card_of_the_past_are_both_answered_truly(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        await at.sends("hello", photo="p1")
        await asyncio.sleep(DAY)
        await asyncio.gather(at.presses("Delete"), at.presses("Delete"))
        assert at.bot.answers == ["Deleting", "Deleting"]
        await asyncio.sleep(30)
        assert len(at.x.calls("delete")) == 1


@jumping
async def test_a_thread_is_deleted_from_its_end(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        for number in range(5):
            item = at.message("words" if number == 0 else "", photo=f"p{number}")
            await at.receives({**item, "media_group_id": "g"})
        await asyncio.sleep(30)
        first, second = (post.id for post in at.x.posts)
        await at.presses("Delete")
        await asyncio.sleep(30)
        assert at.x.deleted == [second, first]


@jumping
async def test_a_double_is_deleted_and_the_post_stays(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.x.fails("create", Uncertain())
        await at.sends("hello", photo="p1")
        await asyncio.sleep(20)
        double = at.x.add("hello")
        await asyncio.sleep(120)
        assert at.card.labels[0] == "Delete the second"
        await at.presses("Delete the second")
        await asyncio.sleep(60)
        assert at.x.deleted == [double]
        assert "Posted" in at.card.text and at.card.labels == ["Open", "Delete"]


# --- what has failed


@jumping
async def test_try_again_sends_it_once_more(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.x.fails("create", no())
        await at.sends("hello", photo="p1")
        await asyncio.sleep(5)
        await at.presses("Try again")
        await asyncio.sleep(5)
        assert at.x.timeline == ["hello"]


@jumping
async def test_try_again_after_the_credits_were_topped_up_frees_the_whole_line(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        at.x.fails("create", CreditsDepleted(Refusal.CREDITS, status=402))
        await at.sends("one", photo="p1")
        await at.sends("two", photo="p2")
        await asyncio.sleep(HOUR)
        assert at.x.timeline == []
        failed, waiting = at.bot.said
        assert "Try again" in failed.labels and "Try again" in waiting.labels
        await at.presses("Try again", failed)
        await asyncio.sleep(5)
        assert sorted(at.x.timeline) == ["one", "two"]


@jumping
async def test_try_again_waits_for_a_rate_limit_like_all_others(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.x.fails("create", no(), RateLimited(reset_at=now() + HOUR))
        await at.sends("failed", photo="p1")
        await asyncio.sleep(5)
        failed = at.card
        await at.sends("limited", photo="p2")
        await asyncio.sleep(5)
        await at.presses("Try again", failed)
        await asyncio.sleep(60)
        assert len(at.x.calls("create")) == 2
        await asyncio.sleep(HOUR)
        assert at.x.timeline == ["failed", "limited"]


@jumping
async def test_try_again_on_one_that_waits_frees_the_line_too(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.x.fails("create", CreditsDepleted(Refusal.CREDITS, status=402))
        await at.sends("one", photo="p1")
        await at.sends("two", photo="p2")
        await asyncio.sleep(HOUR)
        await at.presses("Try again", at.bot.said[1])
        await asyncio.sleep(5)
        assert at.x.timeline == ["two"]


@jumping
async def test_discard_lets_it_go(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.x.fails("create", no())
        await at.sends("hello", photo="p1")
        await asyncio.sleep(5)
        assert await at.presses("Discard") == "Discarded"
        await asyncio.sleep(5)
        assert at.card.text == "Discarded. Nothing was posted."
        assert at.publisher.entries() == ()


# --- what is uncertain


@jumping
async def test_it_is_there_believes_the_owner(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await lost(at)
        at.x.add("hello")
        await at.presses("It is there")
        await asyncio.sleep(HOUR)
        assert at.x.timeline == ["hello"]
        assert at.card.text == "Posted, as you say."


@jumping
async def test_post_again_sends_it_once_more(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await lost(at)
        await at.presses("Post again")
        await asyncio.sleep(HOUR)
        assert at.x.timeline == ["hello"]
        assert "Posted" in at.card.text


@jumping
async def test_discard_of_an_uncertain_one_says_that_it_may_be_there(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await lost(at)
        await at.presses("Discard")
        await asyncio.sleep(5)
        assert "may be on X" in at.card.text


@jumping
async def test_the_buttons_of_a_failed_card_do_nothing_to_an_uncertain_one(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        key = await lost(at)
        await at.presses_data(f"again:{key}", at.card.id)
        await asyncio.sleep(30)
        assert at.x.calls("create") == ["hello"]
        assert at.publisher.entry(key) is not None


# --- presses that are odd


@pytest.mark.parametrize(
    "data", ["post:42:9999", "post:", "", ":", "nonsense", "nonsense:42:11", "delete:" + "x" * 57]
)
@jumping
async def test_a_button_of_nothing_is_answered(tmp_path: Path, data: str) -> None:
    async with room(tmp_path) as at:
        await at.sends("hello")
        await asyncio.sleep(1)
        await at.presses_data(data, 5000)
        assert len(at.bot.answers) == 1 and at.bot.answers[0]
        assert at.x.timeline == []


@pytest.mark.parametrize("error", [BadRequest("Query is too old"), TimedOut()], ids=["old", "lost"])
@jumping
async def test_a_press_that_cannot_be_answered_is_done_all_the_same(
    tmp_path: Path, error: Exception
) -> None:
    async with room(tmp_path) as at:
        message = await at.sends("hello")
        await asyncio.sleep(1)
        at.bot.fails("answer", error)
        await at.presses_data(f"post:{OWNER}:{message}", at.card.id)
        await asyncio.sleep(5)
        assert at.x.timeline == ["hello"]


@pytest.mark.parametrize("verb", ["post", "cancel", "again", "repost", "there", "discard"])
@jumping
async def test_a_press_on_a_post_that_has_ended_long_ago_changes_nothing_and_is_answered(
    tmp_path: Path, verb: str
) -> None:
    async with room(tmp_path) as at:
        message = await at.sends("hello", photo="p1")
        await asyncio.sleep(3 * DAY)
        await at.presses_data(f"{verb}:{OWNER}:{message}", at.card.id)
        await asyncio.sleep(60)
        assert at.x.timeline == ["hello"]
        assert "it is out" in at.bot.answers[-1]
        assert at.publisher.entries() == ()
        assert at.card.labels == ["Open", "Delete"]


@jumping
async def test_a_press_is_on_the_disk_soon(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.publisher.pause()
        message = await at.sends("hello")
        await asyncio.sleep(1)
        await at.presses("Post")
        await asyncio.sleep(1.5)
        await at.reopen(is_killed=True)
        entry = at.publisher.entry(f"{OWNER}:{message}")
        assert entry is not None and entry.state is State.QUEUED
