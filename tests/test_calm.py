"""Calm: no more is said than helps, marks come and go with the posts, and quiet is quiet."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest
from telegram.error import BadRequest, RetryAfter

from bot.messenger import BURST, REACTIONS
from bot.sandbox.telegram_sending import REACTIONS as ALLOWED
from bot.words import sentences
from tests.clockwork import jumping
from tests.front_desk import room
from twitter_core.entry import Question, State
from twitter_core.errors import RateLimited

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")

MARK = sentences.MARK
MINUTE = 60.0


# --- the mark


def test_the_mark_is_one_that_telegram_allows() -> None:
    assert MARK in ALLOWED


@jumping
async def test_the_message_behind_a_post_is_marked_once_it_is_out_and_not_before(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        at.publisher.pause()
        sent = await at.sends("hello", photo="p1")
        await asyncio.sleep(MINUTE)
        assert at.bot.reactions == {}
        at.publisher.resume()
        await asyncio.sleep(5)
        assert "Posted" in at.card.text
        assert at.bot.reactions == {sent: [MARK]}
        await asyncio.sleep(MINUTE)
        await at.reopen()
        await asyncio.sleep(MINUTE)
        assert at.bot.reactions == {sent: [MARK]}, "once is enough"


@jumping
async def test_of_an_album_the_first_message_is_marked(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        first = await at.sends("", photo="p1", media_group_id="9")
        await at.sends("", photo="p2", media_group_id="9")
        await asyncio.sleep(MINUTE)
        assert at.bot.reactions == {first: [MARK]}


@pytest.mark.parametrize("wait", [5.0, 3 * 86_400.0], ids=["soon", "days later"])
@jumping
async def test_the_mark_goes_with_the_post(tmp_path: Path, wait: float) -> None:
    async with room(tmp_path) as at:
        sent = await at.sends("/post hello")
        await asyncio.sleep(wait)
        await at.presses("Delete")
        await asyncio.sleep(5)
        assert "Deleted" in at.card.text
        assert at.bot.reactions == {sent: [MARK, ""]}


@jumping
async def test_what_did_not_go_out_is_not_marked(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.sends("hello")
        await asyncio.sleep(5)
        await at.presses("Cancel")
        await asyncio.sleep(MINUTE)
        assert at.bot.reactions == {}


@jumping
async def test_a_mark_that_telegram_does_not_take_is_nobodys_business(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with room(tmp_path) as at:
        at.bot.fails("react", BadRequest("message to react not found"))
        await at.sends("/post hello")
        await asyncio.sleep(MINUTE)
        assert "Posted" in at.card.text
        assert len(at.bot.times["react"]) == 1
        assert not [record for record in caplog.records if record.levelname == "WARNING"]
        assert at.publisher.entries() == ()


@jumping
async def test_marks_come_slowly_and_hold_up_no_card(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        for number in range(30):
            at.post(f"post {number}", message=number + 1)
        await asyncio.sleep(10 * MINUTE)
        assert len(at.bot.reactions) == 30
        times = at.bot.times["react"]
        assert times[-1] - times[0] >= 30 - REACTIONS - 1


# --- quiet


@jumping
async def test_quiet_cards_make_no_sound_and_leave_out_the_steps(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(quiet=True)
        at.files.delay = 5
        at.post("hello", *(f"p{number}" for number in range(4)))
        await asyncio.sleep(MINUTE)
        assert at.card.silent
        first, last = at.card.texts
        assert first.startswith("Uploading") and "Posted" in last


@jumping
async def test_loud_cards_tell_the_steps(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.files.delays = {"p0": 2, "p1": 4}
        at.post("hello", "p0", "p1")
        await asyncio.sleep(MINUTE)
        assert not at.card.silent
        assert "Uploading 1/2…" in at.card.texts


@jumping
async def test_quiet_cards_still_say_what_holds_them_up_what_they_ask_and_how_it_went_on(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        at.habits.change(quiet=True)
        at.x.fails("create", RateLimited(reset_at=at.publisher.now() + 20))
        at.post("hello")
        await asyncio.sleep(10)
        assert "X takes no more posts" in at.card.text
        at.x.delay = 20
        await asyncio.sleep(18)
        assert at.card.text == "Posting…", "what is not true any more does not stay"
        await asyncio.sleep(MINUTE)
        assert "Posted" in at.card.text
        at.x.delay = 0.1
        at.post("a draft", message=6, state=State.DRAFT, question=Question.PREVIEW)
        await asyncio.sleep(5)
        assert "Post" in at.bot.said[-1].labels
        await at.presses("Post")
        at.x.delay = 5
        await asyncio.sleep(2)
        assert "Post" not in at.bot.said[-1].labels, "its buttons would do nothing any more"


@jumping
async def test_a_menu_opens_on_a_quiet_card_too(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(quiet=True)
        at.files.delay = 30
        key = at.post("hello", "p1")
        await asyncio.sleep(2)
        at.board.open_menu(key, "later")
        await asyncio.sleep(2)
        opened = at.card.labels
        at.board.open_menu(key, "")
        await asyncio.sleep(2)
        assert at.card.labels != opened and "Cancel" in at.card.labels


# --- bursts


@jumping
async def test_in_a_burst_steps_are_left_out_and_every_card_tells_its_end(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        for number in range(50):
            at.post(f"post {number}", message=number + 1)
        await asyncio.sleep(10 * MINUTE)
        assert len(at.bot.said) == 50
        assert all("Posted" in said.text for said in at.bot.said)
        messages = len(at.bot.times["send"]) + len(at.bot.times["edit"])
        assert messages <= 50 + 15
        took = max(said.at for said in at.bot.said)
        assert took <= 50 - BURST + 15


@jumping
async def test_a_step_that_lasts_is_told_once_there_is_room(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        for _ in range(30):
            await at.messenger.pace(42)
        at.files.delay = 60
        at.post("hello", "p1")
        await asyncio.sleep(5)
        assert at.bot.said == []
        await asyncio.sleep(30)
        assert "Uploading" in at.card.text


@jumping
async def test_a_question_is_not_kept_waiting_by_steps(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.files.delay = 60
        for number in range(30):
            at.post(f"post {number}", f"p{number}", message=number + 1)
        await asyncio.sleep(5)
        at.post("ask", message=99, state=State.DRAFT, question=Question.PREVIEW)
        await asyncio.sleep(0.5)
        assert "Post" in [label for said in at.bot.said for label in said.labels]


@jumping
async def test_after_a_429_nothing_is_said_in_that_chat_until_telegram_allows_it(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        at.bot.fails("send", RetryAfter(20))
        for number in range(5):
            at.post(f"post {number}", message=number + 1)
        await asyncio.sleep(5 * MINUTE)
        times = sorted(at.bot.times["send"] + at.bot.times["edit"])
        refused = times[0] + at.bot.delay
        later = [time for time in times if time > refused]
        assert later[0] >= refused + 20
        assert all(b - a >= 0.9 for a, b in itertools.pairwise(later)), "nor a burst after that"
        assert all("Posted" in said.text for said in at.bot.said)
