"""Owners' messages become posts: each exactly one, or an answer that says why not."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest
from telegram.error import Forbidden, NetworkError, TelegramError

from bot.messenger import TRIES, Gone
from tests.clockwork import Loop, jumping
from tests.front_desk import Room, room
from twitter_core.entry import Question, State

HOUR, DAY = 3600.0, 86_400.0


def album_item(at: Room, photo: str, text: str = "", ago: float = 0.0) -> dict[str, Any]:
    return at.message(text, photo=photo, ago=ago, media_group_id="g")


@jumping
async def test_a_photo_is_posted_at_once(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message = await at.sends("look", photo="p1")
        await asyncio.sleep(5)
        assert at.x.timeline == ["look"]
        assert at.card.reply_to == message


@jumping
async def test_a_bare_text_is_shown_first(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.sends("hello")
        await asyncio.sleep(HOUR)
        assert at.x.timeline == []
        assert at.card.labels[:3] == ["Post", "Later…", "Cancel"]


@pytest.mark.parametrize(
    ("text", "posted"),
    [("/post hello", "hello"), ("/post one\ntwo", "one\ntwo"), ("/post   spaced  ", "spaced")],
)
@jumping
async def test_a_text_behind_the_command_is_posted_at_once(
    tmp_path: Path, text: str, posted: str
) -> None:
    async with room(tmp_path) as at:
        await at.sends(text)
        await asyncio.sleep(5)
        assert at.x.timeline == [posted]


@jumping
async def test_the_command_alone_asks_for_a_text(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.sends("/post")
        await asyncio.sleep(5)
        assert "/post TEXT" in at.card.text
        assert at.publisher.entries() == ()


@jumping
async def test_five_separate_photos_are_five_posts_in_their_order(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        for number in range(5):
            await at.sends(f"photo {number}", photo=f"p{number}")
        await asyncio.sleep(30)
        assert at.x.timeline == [f"photo {number}" for number in range(5)]


@jumping
async def test_a_message_that_cannot_be_posted_is_answered(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        voice = {"file_id": "v", "file_unique_id": "u", "duration": 1}
        await at.receives({**at.message("x"), "text": "", "voice": voice})
        await asyncio.sleep(5)
        assert "voice" in at.card.text
        assert at.publisher.entries() == ()


@jumping
async def test_nothing_is_said_to_a_service_message(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.receives({**at.message("x"), "text": "", "new_chat_title": "t"})
        await asyncio.sleep(5)
        assert at.bot.said == []


# --- albums


@jumping
async def test_an_album_is_one_post_with_one_card(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        items = [album_item(at, f"p{number}") for number in range(4)]
        items[2]["caption"] = "words"
        for item in reversed(items):
            await at.receives(item)
            await asyncio.sleep(0.8)
        await asyncio.sleep(5)
        assert at.x.timeline == ["words"]
        assert len(at.x.posts[0].media_keys) == 4
        assert at.card.reply_to == items[-1]["message_id"]


@pytest.mark.parametrize("after", [2.0, 30.0, HOUR / 2, DAY])
@jumping
async def test_a_late_item_gets_a_card_of_its_own_and_is_never_posted_by_itself(
    tmp_path: Path, after: float
) -> None:
    async with room(tmp_path) as at:
        await at.receives(album_item(at, "p1", "album"))
        await asyncio.sleep(after)
        await at.receives(album_item(at, "p2"))
        await asyncio.sleep(5)
        assert at.x.timeline == ["album"]
        assert at.bot.said[-1].labels[:3] == ["Post as a reply", "Later…", "Discard"]
        await at.presses("Post as a reply")
        await asyncio.sleep(5)
        first, second = at.x.posts
        assert at.x.replies_to[second.id] == first.id


@pytest.mark.parametrize("after", [0.5, 2.0, 30.0, DAY])
@jumping
async def test_an_item_that_is_delivered_twice_counts_once(tmp_path: Path, after: float) -> None:
    async with room(tmp_path) as at:
        items = [album_item(at, "p1", "album"), album_item(at, "p2")]
        for item in items:
            await at.receives(item)
        await asyncio.sleep(after)
        for item in items:
            await at.receives(item)
        await asyncio.sleep(5)
        assert at.x.timeline == ["album"]
        assert len(at.x.posts[0].media_keys) == 2
        assert len(at.bot.said) == 1


@jumping
async def test_items_of_an_album_over_an_hour_old_are_asked_about_as_one(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await asyncio.gather(
            *(at.receives(album_item(at, f"p{number}", ago=2 * HOUR)) for number in range(3))
        )
        await asyncio.sleep(5)
        assert at.x.posts == []
        assert at.card.labels[:3] == ["Post", "Later…", "Cancel"]
        await at.presses("Post")
        await asyncio.sleep(5)
        assert [len(post.media_keys) for post in at.x.posts] == [3]


@jumping
async def test_a_late_item_of_an_old_album_is_not_thrown_away(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.receives(album_item(at, "p1", ago=2 * HOUR))
        await asyncio.sleep(5)
        await at.presses("Post")
        await asyncio.sleep(30)
        await at.receives(album_item(at, "p2", ago=2 * HOUR))
        await asyncio.sleep(5)
        assert at.bot.said[-1].labels[:3] == ["Post as a reply", "Later…", "Discard"]


# --- what comes late, or again


@pytest.mark.parametrize("how", [{"photo": "p1"}, {}])
@jumping
async def test_a_message_sent_over_an_hour_before_it_arrives_is_asked_about(
    tmp_path: Path, how: dict[str, str]
) -> None:
    async with room(tmp_path) as at:
        await at.sends("hello", ago=HOUR + 60, **how)
        await asyncio.sleep(HOUR)
        assert at.x.timeline == []
        assert "over an hour" in at.card.text
        await at.presses("Post")
        await asyncio.sleep(5)
        assert at.x.timeline == ["hello"]


@jumping
async def test_a_command_that_is_an_hour_old_is_asked_about_too(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.sends("/post hello", ago=2 * HOUR)
        await asyncio.sleep(5)
        assert at.x.timeline == []
        (entry,) = at.publisher.entries()
        assert (entry.state, entry.question) == (State.DRAFT, Question.OLD)


@pytest.mark.parametrize("after", [0.01, 5.0, HOUR / 2, 2 * HOUR, DAY, 1.9 * DAY, 20 * DAY])
@pytest.mark.parametrize("restarts", [True, False])
@jumping
async def test_a_message_that_is_delivered_again_is_posted_once(
    tmp_path: Path, after: float, restarts: bool
) -> None:
    async with room(tmp_path) as at:
        message = at.message("hello", photo="p1")
        await at.receives(message)
        await asyncio.sleep(after)
        if restarts:
            await at.reopen()
        await at.receives(message)
        await asyncio.sleep(HOUR)
        assert at.x.timeline == ["hello"]
        assert len(at.bot.said) == 1


@jumping
async def test_a_message_that_was_cancelled_and_comes_again_stays_cancelled(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message = at.message("hello")
        await at.receives(message)
        await asyncio.sleep(1)
        await at.presses("Cancel")
        await asyncio.sleep(30)
        await at.receives(message)
        await asyncio.sleep(30)
        assert len(at.bot.said) == 1
        assert at.publisher.entries() == ()


# --- replies


@pytest.mark.parametrize("to", ["card", "message"])
@pytest.mark.parametrize("after", [0.0, 30.0, DAY])
@jumping
async def test_a_reply_to_a_post_continues_it(tmp_path: Path, to: str, after: float) -> None:
    async with room(tmp_path) as at:
        first = await at.sends("first", photo="p1")
        await asyncio.sleep(after + 1)
        target = first if to == "message" else at.card.id
        replied = {**at.message("x"), "message_id": target}
        await at.sends("second", photo="p2", reply_to_message=replied)
        await asyncio.sleep(30)
        assert at.x.timeline == ["first", "second"]
        assert at.x.replies_to[at.x.posts[1].id] == at.x.posts[0].id


@pytest.mark.parametrize("nth", [0, 1, 2])
@pytest.mark.parametrize("after", [0.0, DAY])
@jumping
async def test_a_reply_to_any_item_of_an_album_continues_it(
    tmp_path: Path, nth: int, after: float
) -> None:
    async with room(tmp_path) as at:
        items = [album_item(at, f"p{number}") for number in range(3)]
        for item in items:
            await at.receives(item)
        await asyncio.sleep(5 + after)
        await at.sends("next", photo="p9", reply_to_message=items[nth])
        await asyncio.sleep(30)
        album, reply = at.x.posts
        assert at.x.replies_to[reply.id] == album.id


@jumping
async def test_a_reply_to_some_other_message_is_a_post_of_its_own(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        replied = {**at.message("x"), "message_id": 5000}
        await at.sends("hello", photo="p1", reply_to_message=replied)
        await asyncio.sleep(30)
        assert at.x.replies_to == {at.x.posts[0].id: ""}


@jumping
async def test_what_holds_for_every_post_is_put_to_it(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(footer="#telex", numbered=True)
        await at.sends("look", photo="p1")
        await at.sends("/post " + "word " * 80)
        await asyncio.sleep(10)
        assert at.x.timeline[0] == "look\n\n#telex"
        assert at.x.timeline[1].endswith("(1/2)")
        assert at.x.timeline[2].endswith("#telex (2/2)")


@jumping
async def test_with_threads_off_an_album_with_too_long_a_caption_waits_for_the_owner(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        at.habits.change(threads=False)
        await at.receives(album_item(at, "p1", "word " * 100))
        await at.receives(album_item(at, "p2"))
        await asyncio.sleep(HOUR)
        assert at.x.timeline == []
        assert "characters too long" in at.card.text
        await at.presses("Post as a thread")
        await asyncio.sleep(60)
        assert len(at.x.timeline) == 2


@pytest.mark.parametrize("first_line", ["/at in 2 h", "/at whenever"])
@pytest.mark.parametrize("error", [Forbidden("blocked"), NetworkError("gone")])
@jumping
async def test_a_post_is_taken_in_also_where_its_time_cannot_be_talked_about(
    tmp_path: Path, first_line: str, error: TelegramError
) -> None:
    async with room(tmp_path) as at:
        at.bot.fails("send", *[error] * TRIES)
        with contextlib.suppress(TelegramError, Gone):
            await at.sends(f"{first_line}\nhello", photo="p1")
        assert [entry.post.text for entry in at.publisher.entries()] == ["hello"]


@jumping
async def test_what_is_said_about_a_time_holds_up_no_other_message(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.bot.fails("send", NetworkError("gone"))
        at.bot.delay = 60
        timed = asyncio.create_task(at.sends("/at whenever\nhello", photo="p1"))
        await asyncio.sleep(0.5)
        await at.sends("look", photo="p2")
        await asyncio.sleep(5)
        assert at.x.timeline == ["look"]
        await timed


@jumping
async def test_an_album_stays_one_however_long_the_look_into_the_history_takes(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Loop)

        def slow(chat: int, message_id: int) -> None:
            loop.at += 3.0

        at.intake._find_in_history = slow
        replied = {**at.message("x"), "message_id": 5000}
        items = [{**album_item(at, f"p{n}"), "reply_to_message": replied} for n in range(3)]
        await asyncio.gather(*(at.receives(item) for item in items))
        await asyncio.sleep(30)
        assert [len(post.media_keys) for post in at.x.posts] == [3]


@jumping
async def test_a_reply_to_a_post_that_is_about_to_be_replaced_continues_what_takes_its_place(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        message = at.message("first", photo="p1")
        await at.receives(message)
        await asyncio.sleep(5)
        await at.changes(message, caption="changed", after=1)
        await asyncio.sleep(5)
        at.files.delays["p1"] = 30
        old = at.card
        await at.presses("Delete and post again", old)
        replied = {**at.message("x"), "message_id": old.id}
        await at.sends("second", photo="p2", reply_to_message=replied)
        await asyncio.sleep(90)
        assert at.x.timeline == ["changed", "second"]
        assert at.x.replies_to[at.x.posts[-1].id] == at.x.posts[-2].id


@jumping
async def test_a_late_item_of_an_album_that_was_posted_again_replies_to_what_is_there_now(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        items = [album_item(at, f"p{n}", "look" if n == 0 else "") for n in range(3)]
        for item in items[:2]:
            await at.receives(item)
        await asyncio.sleep(5)
        await at.changes(items[0], caption="changed", after=1)
        await asyncio.sleep(5)
        await at.presses("Delete and post again", at.card)
        await asyncio.sleep(30)
        await at.receives(items[2])
        await asyncio.sleep(5)
        await at.presses("Post as a reply")
        await asyncio.sleep(30)
        assert at.x.timeline == ["changed", ""]
        assert at.x.replies_to[at.x.posts[-1].id] == at.x.posts[-2].id


@jumping
async def test_a_reply_to_a_post_that_is_being_deleted_waits_for_what_comes_of_that(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        message = await at.sends("first", photo="p1")
        await asyncio.sleep(5)
        gate = at.x.hangs("delete")
        await at.presses("Delete")
        await at.sends(
            "second", photo="p2", reply_to_message={**at.message(), "message_id": message}
        )
        await asyncio.sleep(30)
        assert at.x.timeline == ["first"]
        gate.set()
        await asyncio.sleep(30)
        assert at.bot.said[-1].text.startswith("The post that this one continues did not go out")
