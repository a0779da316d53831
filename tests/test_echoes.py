"""An edit that takes effect after a later one did: the card says what is true all the same."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from telegram.error import RetryAfter, TimedOut

from bot.echoes import FADED
from tests.clockwork import jumping
from tests.front_desk import Room, room
from twitter_core.entry import Question, State

MOMENT = 2.0
# The library warns of a change to come in RetryAfter wherever it makes one.
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")


async def in_the_next_life(at: Room) -> str:
    """A post whose card is at its end in a second life; the first may have left an edit behind."""
    at.publisher.pause()
    key = at.post("hello")
    await asyncio.sleep(MOMENT)
    await at.store.save()
    await at.reopen(is_killed=True)
    at.publisher.resume()
    await asyncio.sleep(MOMENT)
    assert "Posted" in at.card.text
    await at.store.save()
    return key


@jumping
async def test_an_edit_of_the_last_life_that_lands_late_is_mended(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        key = await in_the_next_life(at)
        at.bot.lands_late(at.card.id, "Posting…")
        await asyncio.sleep(2 * FADED)
        assert "Posted" in at.card.text
        assert at.publisher.entry(key) is None, "nothing waits for it"


@jumping
async def test_it_is_mended_though_the_second_life_was_short_too(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        key = await in_the_next_life(at)
        await at.reopen(is_killed=True)
        assert at.publisher.entry(key) is None, "its post is in the history"
        at.bot.lands_late(at.card.id, "Posting…")
        await asyncio.sleep(2 * FADED)
        assert "Posted" in at.card.text


@jumping
async def test_an_edit_that_timed_out_and_lands_late_is_mended(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.publisher.pause()
        at.post("hello")
        await asyncio.sleep(MOMENT)
        at.bot.fails("edit", TimedOut())
        at.publisher.resume()
        await asyncio.sleep(0.8 * FADED)
        assert "Posted" in at.card.text
        at.bot.lands_late(at.card.id, "Posting…")
        await asyncio.sleep(2 * FADED)
        assert "Posted" in at.card.text


@jumping
async def test_what_is_shown_once_more_is_what_the_card_says_by_then(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.publisher.pause()
        at.post("hello")
        await asyncio.sleep(MOMENT)
        at.bot.fails("edit", TimedOut())
        at.publisher.resume()
        await asyncio.sleep(MOMENT)
        await at.presses("Delete")
        await asyncio.sleep(0.5)
        at.bot.lands_late(at.card.id, "Posting…")
        await asyncio.sleep(2 * FADED)
        assert "Delete" in at.card.text


@jumping
async def test_where_telegram_cannot_be_reached_it_is_tried_again(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await in_the_next_life(at)
        at.bot.lands_late(at.card.id, "Posting…")
        at.bot.fails("edit", *(TimedOut() for _ in range(3)))
        await asyncio.sleep(10 * FADED)
        assert "Posted" in at.card.text


@jumping
async def test_a_card_that_the_owner_has_deleted_meanwhile_is_let_go(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await in_the_next_life(at)
        at.bot.messages.clear()
        edits = len(at.bot.times["edit"])
        await asyncio.sleep(10 * FADED)
        assert len(at.bot.times["edit"]) == edits + 1
        assert at.bot.said == []


@jumping
async def test_where_every_edit_was_answered_a_card_is_not_shown_once_more(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.publisher.pause()
        at.post("hello")
        await asyncio.sleep(MOMENT)
        at.bot.fails("edit", RetryAfter(1))
        at.publisher.resume()
        await asyncio.sleep(0.9 * FADED)
        assert "Posted" in at.card.text
        edits = len(at.bot.times["edit"])
        await asyncio.sleep(10 * FADED)
        assert len(at.bot.times["edit"]) == edits


@jumping
async def test_a_card_at_rest_over_a_restart_is_not_shown_once_more(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.post("hello", state=State.DRAFT, question=Question.PREVIEW)
        await asyncio.sleep(MOMENT)
        await at.store.save()
        await at.reopen(is_killed=True)
        await asyncio.sleep(10 * FADED)
        assert at.bot.times["edit"] == []
