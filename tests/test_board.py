"""Cards: one message a post, always true, edited in place, and shown at last whatever happens."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from telegram.error import BadRequest, Forbidden, NetworkError, TimedOut

from bot.board import CALM
from bot.card import View
from bot.messenger import BURST
from bot.places import Place
from tests.chat import Said
from tests.clockwork import jumping, now
from tests.front_desk import OWNER, Room, room
from twitter_core.entry import Question, State
from twitter_core.errors import Forbidden as XForbidden
from twitter_core.errors import Refusal, Unsent
from twitter_core.events import Approved, Cancelled, DeletionAsked

MINUTE = 60.0


@jumping
async def test_one_message_goes_from_uploading_to_the_link(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.files.delay = 5
        at.post("hello", "p1", "p2")
        await asyncio.sleep(MINUTE)
        assert at.card.reply_to == 5
        assert at.card.texts[0] == "Uploading 0/2…"
        link = f"https://x.com/me/status/{at.x.posts[0].id}"
        assert at.card.text == f"Posted: {link}\n$0.015"
        assert at.card.labels == ["Open", "Delete"]


@pytest.mark.parametrize("is_there", [True, False])
@jumping
async def test_a_card_that_waits_its_turn_says_what_is_so_by_then(
    tmp_path: Path, is_there: bool
) -> None:
    async with room(tmp_path) as at:
        if not is_there:
            await without_room(at)
        key = at.post("hello", state=State.DRAFT, question=Question.PREVIEW)
        if is_there:
            await asyncio.sleep(5)
            await without_room(at)
            at.board.open_menu(key, "later")
        await asyncio.sleep(0.1)
        at.publisher.tell(key, Cancelled(now()))
        await asyncio.sleep(MINUTE)
        (card,) = (said for said in at.bot.said if said.reply_to == 5)
        assert len(card.texts) == (2 if is_there else 1)
        assert "ancelled" in card.text


async def without_room(at: Room) -> None:
    """Telegram takes nothing more for the moment."""
    for _ in range(2 * BURST):
        await at.messenger.send(OWNER, View("an answer"))


@jumping
async def test_a_post_leaves_the_outbox_once_its_card_shows_the_end_and_not_before(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        at.bot.fails("send", *(NetworkError("gone") for _ in range(5)))
        key = at.post("hello")
        await asyncio.sleep(10)
        assert at.x.timeline == ["hello"]
        assert at.publisher.entry(key) is not None
        await asyncio.sleep(2 * MINUTE)
        assert "Posted" in at.card.text
        assert at.publisher.entry(key) is None
        assert at.places.get(key) is None


@jumping
async def test_the_history_knows_where_the_card_is(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        key = at.post("hello")
        await asyncio.sleep(MINUTE)
        record = at.publisher.archive.find(lambda line: line["key"] == key)
        assert record is not None
        place = at.places.read(record.remark)
        assert place is not None
        assert (place.chat, place.messages, place.card) == (OWNER, (5,), at.card.id)


@jumping
async def test_a_card_on_its_way_is_edited_once_a_second(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        for number in range(10):
            at.files.delays[f"p{number}"] = 0.3 * number
        at.post("hello", *(f"p{number}" for number in range(10)))
        await asyncio.sleep(MINUTE)
        assert 3 <= len(at.bot.times["edit"]) <= 3 / CALM + 3


@jumping
async def test_the_end_of_a_post_is_shown_at_once(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.post("hello")
        await asyncio.sleep(0.5)
        assert "Posted" in at.card.text


@jumping
async def test_what_changes_while_the_card_is_on_its_way_is_shown_in_the_end(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        key = at.post("hello")
        at.bot.delay = 3
        await asyncio.sleep(4)
        at.x.fails("delete", XForbidden(Refusal.FORBIDDEN, status=403))
        at.publisher.tell(key, DeletionAsked(at.entry(key).posted))
        await asyncio.sleep(MINUTE)
        assert "Not deleted" in at.card.text
        assert at.publisher.entry(key) is None


@jumping
async def test_what_waits_for_the_owner_is_asked_at_once(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.post("hello", state=State.DRAFT, question=Question.PREVIEW)
        await asyncio.sleep(0.2)
        assert at.card.labels[:3] == ["Post", "Later…", "Cancel"]


@jumping
async def test_a_card_that_has_not_changed_is_not_edited(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.post("hello", state=State.DRAFT, question=Question.PREVIEW)
        await asyncio.sleep(5)
        for _ in range(3):
            at.board.show_all()
            await asyncio.sleep(5)
        await at.reopen()
        await asyncio.sleep(5)
        assert at.bot.times["edit"] == []
        assert len(at.bot.said) == 1


@jumping
async def test_after_a_restart_the_same_card_is_brought_up_to_date(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.publisher.pause()
        at.post("hello")
        await asyncio.sleep(5)
        assert "/resume" in at.card.text
        await at.reopen(is_killed=True)
        at.publisher.resume()
        await asyncio.sleep(5)
        assert "Posted" in at.card.text


@jumping
async def test_killed_while_the_card_was_on_its_way_a_new_one_is_sent(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.bot.delay = 30
        key = at.post("hello", state=State.DRAFT, question=Question.PREVIEW)
        await asyncio.sleep(10)
        at.bot.delay = 0.05
        await at.reopen(is_killed=True)
        await asyncio.sleep(5)
        assert at.place(key).card == at.bot.said[-1].id


@jumping
async def test_a_card_that_the_owner_deleted_is_sent_anew(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        key = at.post("hello", state=State.DRAFT, question=Question.PREVIEW)
        await asyncio.sleep(5)
        gone = at.bot.messages.pop(at.card.id)
        at.bot.messages[1] = Said(0, 1, "", [])  # ids go on
        at.publisher.tell(key, Approved(9, "7"))
        await asyncio.sleep(5)
        card = at.bot.said[-1]
        assert "Posted" in card.text and "Posted" not in gone.text
        assert card.reply_to == 5


@jumping
async def test_a_chat_that_is_closed_to_the_bot_does_not_keep_the_post_for_ever(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        at.bot.fails("send", *(Forbidden("bot was blocked by the user") for _ in range(100)))
        at.bot.fails("edit", *(Forbidden("bot was blocked by the user") for _ in range(100)))
        key = at.post("hello")
        await asyncio.sleep(10 * MINUTE)
        assert at.x.timeline == ["hello"]
        assert at.publisher.entry(key) is None
        assert len(at.bot.times["send"]) + len(at.bot.times["edit"]) < 10


@jumping
async def test_a_dead_telegram_holds_up_no_post_and_every_card_comes_in_the_end(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        at.bot.fails("send", *(NetworkError("gone") for _ in range(60)))
        for number in range(5):
            at.post(f"post {number}", message=number + 1)
        await asyncio.sleep(10)
        assert len(at.x.timeline) == 5
        await asyncio.sleep(30 * MINUTE)
        assert len(at.bot.said) == 5
        assert all("Posted" in said.text for said in at.bot.said)


@jumping
async def test_a_card_that_telegram_does_not_take_is_tried_once_a_minute(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.bot.fails("send", *(BadRequest("Something else") for _ in range(100)))
        at.post("hello")
        await asyncio.sleep(20 * MINUTE)
        assert 10 <= len(at.bot.times["send"]) <= 25


@jumping
async def test_an_edit_whose_answer_was_lost_leaves_one_card_that_is_right(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.files.delay = 5
        at.post("hello", "p1")
        await asyncio.sleep(2)
        at.bot.fails("edit", TimedOut(), TimedOut(), effect=True)
        await asyncio.sleep(MINUTE)
        assert "Posted" in at.card.text


@jumping
async def test_what_holds_the_line_is_shown_on_all_that_wait_and_on_nothing_else(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        at.post("out", message=1)
        await asyncio.sleep(5)
        at.x.fails("create", *[Unsent()] * 4)
        at.post("two", message=2)
        at.post("three", message=3)
        await asyncio.sleep(3)
        out, two, three = at.bot.said
        assert "Posted" in out.text
        assert "cannot be reached" in two.text and "cannot be reached" in three.text
        await asyncio.sleep(2 * MINUTE)
        assert "Posted" in two.text and "Posted" in three.text


@jumping
async def test_a_refusal_is_shown_with_the_buttons_that_help(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.x.fails("create", XForbidden(Refusal.CASHTAGS, status=403))
        at.post("hello")
        await asyncio.sleep(5)
        assert "cashtag" in at.card.text
        assert at.card.labels == ["Try again", "Discard"]


@jumping
async def test_a_deletion_is_shown_on_the_same_card(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        key = at.post("hello")
        await asyncio.sleep(1)
        at.x.delay = 2
        at.publisher.tell(key, DeletionAsked(at.entry(key).posted))
        await asyncio.sleep(MINUTE)
        assert at.card.texts[-2:] == ["Deleting…", "Deleted on X.\nIt cost $0.025 in all."]
        assert at.card.labels == []


@jumping
async def test_a_burst_of_posts_stays_within_telegrams_limits(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        for number in range(40):
            at.post(f"post {number}", f"p{number}", message=number + 1)
        await asyncio.sleep(10 * MINUTE)
        assert all("Posted" in said.text for said in at.bot.said)
        assert len(at.bot.said) == 40
        assert len(at.bot.said[-1].texts) == 1  # what a card says is not old when its turn comes
        times = sorted(at.bot.times["send"] + at.bot.times["edit"])
        for first in range(len(times) - BURST):
            for count in (BURST, len(times) - first):
                among = times[first : first + count]
                assert len(among) <= BURST + (among[-1] - among[0]) + 2


@jumping
async def test_a_message_of_an_album_and_its_card_lead_to_the_post(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        key = at.post("hello", state=State.DRAFT, question=Question.PREVIEW)
        at.places.add_message(key, 6)
        at.places.add_message(key, 6)
        await asyncio.sleep(5)
        assert at.place(key).messages == (5, 6)
        for message in (5, 6, at.card.id):
            assert at.places.find(OWNER, message) == key
        assert at.places.find(OWNER, 7) is None
        assert at.places.find(43, 5) is None
        at.places.adopt(key, Place(OWNER, (9,)))
        assert at.place(key).messages == (5, 6)


@jumping
async def test_at_the_end_cards_are_given_a_moment_and_shown_after_the_next_start(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        key = at.post("hello", state=State.DRAFT, question=Question.PREVIEW)
        await asyncio.sleep(1)
        at.bot.fails("edit", *(NetworkError("gone") for _ in range(3)))
        at.publisher.tell(key, Cancelled(now()))
        begun = asyncio.get_running_loop().time()
        await at.reopen()
        assert asyncio.get_running_loop().time() - begun < 5
        await asyncio.sleep(2 * MINUTE)
        assert "Cancelled" in at.card.text
