"""An edit that takes effect after a later one did: the card says what is true all the same."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from telegram.error import BadRequest, RetryAfter, TelegramError, TimedOut

from bot.board import Board
from bot.card import View
from bot.echoes import FADED as PAUSES
from bot.messenger import BURST, ROOM, TRIES
from tests.clockwork import jumping
from tests.front_desk import OWNER, Room, room
from twitter_core.entry import Question, State

MOMENT = 2.0
FADED, LATE = PAUSES
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


async def many_in_the_next_life(at: Room) -> None:
    """Thirty posts that go out in a second life."""
    at.publisher.pause()
    for number in range(30):
        at.post(f"hello {number}", message=number)
    await asyncio.sleep(60)
    await at.store.save()
    await at.reopen(is_killed=True)
    at.publisher.resume()


async def with_a_failed_edit(at: Room, error: TelegramError) -> None:
    """A post that is on its way to its end; the next edit of its card fails."""
    at.publisher.pause()
    at.post("hello")
    await asyncio.sleep(MOMENT)
    at.bot.fails("edit", error)
    at.publisher.resume()


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
        await with_a_failed_edit(at, TimedOut())
        await asyncio.sleep(0.8 * FADED)
        assert "Posted" in at.card.text
        at.bot.lands_late(at.card.id, "Posting…")
        await asyncio.sleep(2 * FADED)
        assert "Posted" in at.card.text


@jumping
async def test_what_is_shown_once_more_is_what_the_card_says_by_then(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await with_a_failed_edit(at, TimedOut())
        await asyncio.sleep(MOMENT)
        await at.presses("Delete")
        await asyncio.sleep(0.5)
        at.bot.lands_late(at.card.id, "Posting…")
        await asyncio.sleep(2 * FADED)
        gone = "Deleted on X.\nIt cost $0.025 in all."
        assert at.card.text == gone
        after = at.card.texts[at.card.texts.index(gone) :]
        assert set(after) == {gone}, "nor did it say anything else in between"


@jumping
async def test_where_telegram_cannot_be_reached_it_is_tried_again(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await in_the_next_life(at)
        at.bot.lands_late(at.card.id, "Posting…")
        at.bot.fails("edit", *(TimedOut() for _ in range(TRIES + 1)))
        await asyncio.sleep(600)
        assert "Posted" in at.card.text


@pytest.mark.parametrize("why", ["Message to edit not found", "Bad Request: whatever it is"])
@jumping
async def test_a_card_that_takes_no_edit_any_more_is_let_go(tmp_path: Path, why: str) -> None:
    async with room(tmp_path) as at:
        await in_the_next_life(at)
        at.bot.fails("edit", *(BadRequest(why) for _ in range(20)))
        edits = len(at.bot.times["edit"])
        await asyncio.sleep(20 * FADED)
        assert len(at.bot.times["edit"]) == edits + 2
        assert len(at.bot.said) == 1


@jumping
async def test_it_makes_room_for_what_anybody_waits_for(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await in_the_next_life(at)
        card, edits = at.card, len(at.bot.times["edit"])
        at.bot.lands_late(card.id, "Posting…")
        for _ in range(BURST):
            await at.messenger.send(OWNER, View("an answer"))
        await asyncio.sleep(1.2 * FADED)
        assert len(at.bot.times["edit"]) == edits
        await asyncio.sleep(ROOM + FADED)
        assert "Posted" in card.text


@jumping
async def test_many_at_once_stay_within_telegrams_limits(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await many_in_the_next_life(at)
        await asyncio.sleep(120)
        times = at.bot.times["edit"]
        assert len(times) > 40, "some were shown once more"
        assert max(sum(first <= time < first + 1 for time in times) for first in times) <= BURST


@jumping
async def test_where_every_edit_was_answered_a_card_is_not_shown_once_more(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await with_a_failed_edit(at, RetryAfter(1))
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


@pytest.mark.parametrize("late", [0.6 * FADED, 2 * FADED, 3.5 * FADED])
@jumping
async def test_an_edit_that_lands_as_late_as_an_answer_may_come_is_mended(
    tmp_path: Path, late: float
) -> None:
    async with room(tmp_path) as at:
        await in_the_next_life(at)
        await asyncio.sleep(late)
        at.bot.lands_late(at.card.id, "Posting…")
        await asyncio.sleep(2 * LATE)
        assert "Posted" in at.card.text


@pytest.mark.parametrize("pressed", [n / 2 for n in range(36)])
@jumping
async def test_two_edits_of_a_card_are_never_under_way_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pressed: float
) -> None:
    async with room(tmp_path) as at:
        await with_a_failed_edit(at, TimedOut())
        await asyncio.sleep(MOMENT)
        edit = at.bot.edit_message_text

        async def slow(text: str, **more: Any) -> None:
            await edit(text, **more)
            if text.startswith("Deleted"):
                await asyncio.sleep(8)  # it took effect, but the answer takes its time

        monkeypatch.setattr(at.bot, "edit_message_text", slow)
        await asyncio.sleep(pressed)
        await at.presses("Delete")
        await asyncio.sleep(60)
        gone = next(n for n, text in enumerate(at.card.texts) if text.startswith("Deleted"))
        assert all(text.startswith("Deleted") for text in at.card.texts[gone:])


@jumping
async def test_what_waited_for_room_does_not_show_what_is_past(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await many_in_the_next_life(at)
        await asyncio.sleep(300)
        for card in at.bot.said:
            out = next(n for n, text in enumerate(card.texts) if "Posted" in text)
            assert all("Posted" in text for text in card.texts[out:])


@jumping
async def test_what_was_handled_before_the_cards_are_taken_up_again_counts_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with room(tmp_path) as at:
        at.publisher.pause()
        key = at.post("hello")
        await asyncio.sleep(MOMENT)
        await at.store.save()
        card = at.card
        await at.close(is_killed=True)
        with monkeypatch.context() as patched:
            patched.setattr(Board, "begin", lambda self: None)
            await at.open()
        await at.presses_data(f"cancel:{key}", card.id)  # replayed from the inbox
        await asyncio.sleep(MOMENT)
        at.board.begin()
        ended = card.text
        at.bot.lands_late(card.id, "Posting…")
        await asyncio.sleep(2 * FADED)
        assert card.text == ended != "Posting…"


@jumping
async def test_a_stop_leaves_the_rest_to_the_next_life(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await with_a_failed_edit(at, TimedOut())
        await asyncio.sleep(0.7)  # the second try comes in a moment
        await at.board.stop()
        edits = len(at.bot.times["edit"])
        await asyncio.sleep(10 * FADED)
        assert len(at.bot.times["edit"]) == edits


@jumping
async def test_a_card_that_is_refused_for_good_is_tried_ever_less_often(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await in_the_next_life(at)
        at.bot.fails("edit", *(TelegramError("whatever it is") for _ in range(1000)))
        edits = len(at.bot.times["edit"])
        await asyncio.sleep(3600)
        assert len(at.bot.times["edit"]) - edits < 70
