"""Commands about the line: what waits and what failed, hold and go on, and delete."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.clockwork import jumping
from tests.front_desk import OWNER, Room, room
from tests.post_office import Trouble
from twitter_core.entry import Question
from twitter_core.errors import CreditsDepleted, Forbidden, Refusal, Uncertain

DAY = 86_400.0


# --- /pause and /resume


@jumping
async def test_pause_holds_everything_and_resume_lets_it_go(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.sends("/pause")
        await at.sends("hello", photo="p1")
        await asyncio.sleep(DAY)
        assert at.x.timeline == []
        assert "/resume" in at.bot.said[-1].text
        await at.sends("/resume")
        await asyncio.sleep(5)
        assert at.x.timeline == ["hello"]


# --- /delete


@pytest.mark.parametrize("to", ["card", "message"])
@pytest.mark.parametrize("after", [2.0, 30.0, 60 * DAY])
@jumping
async def test_delete_as_a_reply_deletes_the_post_and_its_card_says_so(
    tmp_path: Path, to: str, after: float
) -> None:
    async with room(tmp_path) as at:
        message = await at.sends("hello", photo="p1")
        await asyncio.sleep(after)
        target = message if to == "message" else at.card.id
        replied = {**at.message("x"), "message_id": target}
        await at.sends("/delete", reply_to_message=replied)
        await asyncio.sleep(60)
        assert at.x.timeline == []
        assert at.card.text == "Deleted on X.\nIt cost $0.025 in all."


@jumping
async def test_delete_alone_or_about_nothing_says_how(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.sends("/delete")
        assert "as a reply" in at.bot.said[-1].text
        await at.sends("/delete", reply_to_message={**at.message("x"), "message_id": 5000})
        assert "know of no post" in at.bot.said[-1].text


@jumping
async def test_what_is_not_on_x_cannot_be_deleted(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message = await at.sends("hello")
        await asyncio.sleep(1)
        await at.sends("/delete", reply_to_message={**at.message("x"), "message_id": message})
        assert "not on X" in at.bot.said[-1].text
        entry = at.publisher.entry(f"{OWNER}:{message}")
        assert entry is not None and entry.question is Question.PREVIEW


async def half_a_thread(at: Room, second: Exception) -> int:
    """A thread whose second tweet ends so; returns the message behind it."""
    gate = at.x.hangs("create")
    message = await at.sends("/post one\n---\ntwo")
    await asyncio.sleep(2)
    at.x.fails("create", second)
    gate.set()
    await asyncio.sleep(30)
    return message


async def deletes(at: Room, message: int) -> None:
    await at.sends("/delete", reply_to_message={**at.message("x"), "message_id": message})


@jumping
async def test_of_a_thread_that_failed_in_its_middle_delete_takes_away_what_is_out(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        message = await half_a_thread(at, Forbidden(Refusal.FORBIDDEN, status=403))
        assert "1 of 2 are out" in at.card.text
        await deletes(at, message)
        await asyncio.sleep(60)
        assert at.x.timeline == []
        assert (at.card.text, at.card.labels) == ("Deleted on X.\nIt cost $0.025 in all.", [])


@jumping
async def test_of_a_thread_that_still_waits_delete_takes_away_what_is_out_and_stops_the_rest(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        message = await half_a_thread(at, CreditsDepleted(Refusal.CREDITS, status=402))
        assert at.x.timeline == ["one"]
        await deletes(at, message)
        await at.sends("/resume")
        await asyncio.sleep(DAY)
        assert at.x.timeline == []
        assert at.x.calls("create") == ["one", "two"]
        assert "Deleted on X.\nIt cost $0.025 in all." in [said.text for said in at.bot.said]


@jumping
async def test_delete_of_what_may_be_out_first_wants_the_answer_on_its_card(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        at.x.always["own_posts"] = Trouble(Forbidden(Refusal.FORBIDDEN, status=403))
        message = await half_a_thread(at, Uncertain())
        card = at.card
        assert "It is there" in card.labels
        await deletes(at, message)
        assert "button of its card" in at.bot.said[-1].text
        assert at.x.timeline == ["one"]
        await at.presses("Discard", card)
        await asyncio.sleep(5)
        await deletes(at, message)
        await asyncio.sleep(60)
        assert at.x.timeline == []
        assert "may be there" in card.text


@jumping
async def test_delete_of_what_is_just_going_out_says_so(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.x.delay = 5
        message = await at.sends("/post hello")
        await asyncio.sleep(1)
        await deletes(at, message)
        assert "just going out" in at.bot.said[-1].text
        await asyncio.sleep(60)
        assert at.x.timeline == ["hello"]


@jumping
async def test_delete_is_answered_truly_where_there_is_nothing_more_to_delete(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        message = await at.sends("hello", photo="p1")
        await asyncio.sleep(5)
        at.x.delay = 5
        await deletes(at, message)
        await deletes(at, message)
        assert at.bot.said[-1].text == "Deleting"
        await asyncio.sleep(30)
        await deletes(at, message)
        assert at.bot.said[-1].text == "It is deleted already."


@pytest.mark.parametrize(
    ("press", "answer"), [("It is there", "do not know its address"), ("Discard", "do not know")]
)
@jumping
async def test_delete_of_what_only_the_owner_knows_of_does_not_say_that_it_is_not_on_x(
    tmp_path: Path, press: str, answer: str
) -> None:
    async with room(tmp_path) as at:
        at.x.always["own_posts"] = Trouble(Forbidden(Refusal.FORBIDDEN, status=403))
        at.x.fails("create", Uncertain())
        message = await at.sends("hello", photo="p1")
        await asyncio.sleep(30)
        await at.presses(press)
        await asyncio.sleep(5)
        await deletes(at, message)
        assert answer in at.bot.said[-1].text


@jumping
async def test_a_command_that_nobody_knows_is_answered(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.sends("/nonsense")
        assert "/help" in at.card.text
        assert at.publisher.entries() == ()
