"""Edited messages: what waits takes the new text, what is out is told, and nothing is doubled."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.clockwork import jumping
from tests.front_desk import OWNER, Room, room
from tests.post_office import Trouble
from twitter_core.entry import State
from twitter_core.errors import Forbidden, Refusal, Uncertain
from twitter_core.media import Unusable

HOUR, DAY = 3600.0, 86_400.0
CHANGED = "You changed the message; X still shows the old text."


def no(refusal: Refusal = Refusal.FORBIDDEN) -> Forbidden:
    return Forbidden(refusal, status=403, detail="No.")


async def sent(at: Room, text: str = "", **how: Any) -> dict[str, Any]:
    """A message that has arrived, as Telegram would repeat it in an update of an edit."""
    message = at.message(text, **how)
    await at.receives(message)
    return message


# --- what waits


@jumping
async def test_a_draft_takes_the_new_text_and_shows_it(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message = await sent(at, "hello")
        await asyncio.sleep(5)
        await at.changes(message, text="goodbye")
        await asyncio.sleep(5)
        assert at.card.text.startswith("goodbye")
        await at.presses("Post")
        await asyncio.sleep(5)
        assert at.x.timeline == ["goodbye"]


@jumping
async def test_a_text_that_waits_behind_another_goes_out_as_it_is_now(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.publisher.pause()
        message = await sent(at, "/post hello")
        photo = await sent(at, "old caption", photo="p1")
        await asyncio.sleep(5)
        await at.changes(message, text="/post goodbye")
        await at.changes(photo, caption="new caption\nalt: a quay")
        at.publisher.resume()
        await asyncio.sleep(10)
        assert at.x.timeline == ["goodbye", "new caption"]
        assert at.x.calls("describe_v2") == ["a quay"]


@jumping
async def test_a_caption_that_is_taken_away_is_gone(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.publisher.pause()
        photo = await sent(at, "words", photo="p1")
        await at.changes(photo, caption=None)
        at.publisher.resume()
        await asyncio.sleep(10)
        assert at.x.timeline == [""]


@pytest.mark.parametrize(
    ("nth", "caption", "text"),
    [
        (0, "first!", "first!\n\nsecond"),
        (1, "second!", "first\n\nsecond!"),
        (2, "third", "first\n\nsecond\n\nthird"),
        (0, None, "second"),
    ],
)
@jumping
async def test_of_an_album_the_caption_of_any_item_may_change(
    tmp_path: Path, nth: int, caption: str | None, text: str
) -> None:
    async with room(tmp_path) as at:
        at.publisher.pause()
        items = [
            await sent(at, words, photo=f"p{number}", media_group_id="g")
            for number, words in enumerate(("first", "second", ""))
        ]
        await asyncio.sleep(5)
        await at.changes(items[nth], caption=caption)
        at.publisher.resume()
        await asyncio.sleep(10)
        assert at.x.timeline == [text]


@jumping
async def test_another_picture_in_its_place_is_the_one_that_goes_out(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.publisher.pause()
        photo = await sent(at, "words", photo="p1")
        await asyncio.sleep(5)
        size = {"file_id": "p2", "file_unique_id": "up2", "width": 9, "height": 9}
        await at.changes(photo, photo=[size])
        at.publisher.resume()
        await asyncio.sleep(10)
        assert at.x.timeline == ["words"]
        assert at.files.fetched[-1] == "p2"
        assert len(at.x.posts[0].media_keys) == 1


@jumping
async def test_the_entities_are_read_anew(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message = await sent(at, "see here")
        link = {"type": "text_link", "offset": 4, "length": 4, "url": "https://a.example/"}
        await at.changes(message, entities=[link])
        await asyncio.sleep(5)
        assert "see here https://a.example/" in at.card.text


@pytest.mark.parametrize("text", ["/status", "http://landing/?code=1", "/post"])
@jumping
async def test_what_is_no_text_of_a_post_changes_nothing(tmp_path: Path, text: str) -> None:
    async with room(tmp_path) as at:
        message = await sent(at, "hello")
        await asyncio.sleep(5)
        await at.changes(message, text=text)
        await asyncio.sleep(5)
        assert at.card.text.startswith("hello")


@jumping
async def test_an_edit_of_a_message_that_is_no_post_is_passed_over(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.changes(at.message("hello"), text="goodbye")
        await asyncio.sleep(5)
        assert (at.bot.said, at.publisher.entries()) == ([], ())


@jumping
async def test_a_poll_does_not_change(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.publisher.pause()
        poll = {
            "id": "1",
            "question": "Which?",
            "options": [{"text": t, "voter_count": 0, "persistent_id": t} for t in ("a", "b")],
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": False,
            "members_only": False,
        }
        message = at.message("")
        del message["text"]
        await at.receives({**message, "poll": poll})
        await at.changes({**message, "poll": {**poll, "question": "Who?"}})
        await asyncio.sleep(5)
        (entry,) = at.publisher.entries()
        assert entry.post.text == "Which?"


# --- what comes twice, or late


@jumping
async def test_an_older_edit_that_comes_late_or_again_brings_no_older_text_back(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        message = await sent(at, "one")
        await at.changes(message, text="three", after=20, number=702)
        await at.changes(message, text="two", after=10, number=701)
        await at.changes(message, text="two", after=10, number=701)
        await asyncio.sleep(5)
        assert at.card.text.startswith("three")


@jumping
async def test_of_two_edits_in_one_second_the_later_update_counts(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message = await sent(at, "one")
        await at.changes(message, text="two", number=701)
        await at.changes(message, text="three", number=702)
        await at.changes(message, text="two", number=701)
        await asyncio.sleep(5)
        assert at.card.text.startswith("three")


@pytest.mark.parametrize("after", [0.0, 30.0, 5 * DAY])
@jumping
async def test_an_edit_that_one_cannot_see_does_nothing(tmp_path: Path, after: float) -> None:
    async with room(tmp_path) as at:
        message = await sent(at, "hello @name", photo="p1")
        await asyncio.sleep(after)
        before = len(at.bot.times["edit"])
        alive = len(at.publisher.entries())
        at.habits.change(names_as_links=True)  # which would read the same text otherwise
        entity = [{"type": "mention", "offset": 6, "length": 5}]
        await at.changes(message, caption_entities=entity)
        await at.changes(message, caption_entities=entity)
        if after:
            await asyncio.sleep(30)
            assert len(at.bot.times["edit"]) == before
            assert len(at.publisher.entries()) == alive
        await asyncio.sleep(30)
        assert at.x.timeline == ["hello @name"]
        assert "You changed" not in at.card.text


# --- what failed


@pytest.mark.parametrize(
    ("refusal", "goes_by_itself"),
    [
        (Refusal.CASHTAGS, True),
        (Refusal.BAD_URL, True),
        (Refusal.NOT_PERMITTED, True),
        (Refusal.INVALID, True),
        (Refusal.READ_ONLY_APP, False),
        (Refusal.SUSPENDED, False),
    ],
)
@jumping
async def test_a_failed_post_goes_by_itself_if_its_text_was_the_fault(
    tmp_path: Path, refusal: Refusal, goes_by_itself: bool
) -> None:
    async with room(tmp_path) as at:
        at.x.fails("create", no(refusal))
        message = await sent(at, "/post hello")
        await asyncio.sleep(5)
        assert at.card.text.startswith("Not posted")
        await at.changes(message, text="/post goodbye")
        await asyncio.sleep(5)
        assert at.x.timeline == (["goodbye"] if goes_by_itself else [])
        if not goes_by_itself:
            assert at.card.text.endswith("goodbye")
            await at.presses("Try again")
            await asyncio.sleep(5)
            assert at.x.timeline == ["goodbye"]


@jumping
async def test_a_text_too_long_for_one_post_goes_out_once_it_is_short_enough(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        at.habits.change(threads=False)
        message = await sent(at, "/post " + "word " * 100)
        await asyncio.sleep(5)
        assert "too long" in at.card.text
        await at.changes(message, text="/post short")
        await asyncio.sleep(5)
        assert at.x.timeline == ["short"]


# --- what is going out


@jumping
async def test_an_edit_while_it_is_sent_is_told_once_it_is_out(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.x.delay = 5
        message = await sent(at, "/post hello")
        await asyncio.sleep(2)
        assert at.state(f"{OWNER}:{message['message_id']}") is State.POSTING
        await at.changes(message, text="/post goodbye")
        await asyncio.sleep(1)
        assert at.card.text == "Posting…"
        await asyncio.sleep(10)
        assert at.x.timeline == ["hello"]
        assert CHANGED in at.card.text
        assert at.card.labels == ["Delete and post again", "Leave it", "Open", "Delete"]


@jumping
async def test_an_edit_while_it_is_sent_is_taken_where_x_refuses_it(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.x.delay = 5
        at.x.fails("create", no(Refusal.CASHTAGS))
        message = await sent(at, "/post $A $B")
        await asyncio.sleep(2)
        await at.changes(message, text="/post $A")
        await asyncio.sleep(20)
        assert at.x.timeline == ["$A"]


@pytest.mark.parametrize("effect", [True, False])
@jumping
async def test_an_edit_while_it_is_looked_for_never_makes_two(tmp_path: Path, effect: bool) -> None:
    async with room(tmp_path) as at:
        at.x.fails("create", Uncertain(), effect=effect)
        message = await sent(at, "/post hello")
        await asyncio.sleep(3)
        assert at.state(f"{OWNER}:{message['message_id']}") is State.UNCERTAIN
        await at.changes(message, text="/post goodbye")
        await asyncio.sleep(HOUR)
        assert at.x.timeline == ["hello"]
        assert CHANGED in at.card.text


@jumping
async def test_a_thread_that_is_half_out_is_told_at_its_end(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        gate = at.x.hangs("create")
        at.x.fails("create")
        message = await sent(at, "/post one\n---\ntwo")
        await asyncio.sleep(2)
        gate.set()
        second = at.x.hangs("create")
        await asyncio.sleep(2)
        await at.changes(message, text="/post one\n---\nthree")
        second.set()
        await asyncio.sleep(10)
        assert at.x.timeline == ["one", "two"]
        assert CHANGED in at.card.text


# --- what is out


@pytest.mark.parametrize("after", [3.0, 30.0, DAY, 40 * DAY])
@pytest.mark.parametrize("restarts", [True, False])
@jumping
async def test_what_is_out_is_told_on_its_card_however_late(
    tmp_path: Path, after: float, restarts: bool
) -> None:
    async with room(tmp_path) as at:
        message = await sent(at, "hello", photo="p1")
        await asyncio.sleep(after)
        if restarts:
            await at.reopen()
        await at.changes(message, caption="goodbye")
        await asyncio.sleep(30)
        assert CHANGED in at.card.text
        assert at.card.text.startswith("Posted: https://x.com/me/status/")
        await at.reopen()
        await at.changes(message, caption="goodbye", number=3)  # again, and older
        await asyncio.sleep(DAY)
        assert CHANGED in at.card.text
        assert at.x.timeline == ["hello"]


@jumping
async def test_what_is_changed_back_is_told_no_more(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message = await sent(at, "hello", photo="p1")
        await asyncio.sleep(30)
        await at.changes(message, caption="goodbye")
        await asyncio.sleep(30)
        assert CHANGED in at.card.text
        await at.changes(message, after=60)
        await asyncio.sleep(30)
        assert at.card.labels == ["Open", "Delete"]


@jumping
async def test_another_picture_in_the_place_of_one_that_is_out_is_told(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message = await sent(at, "hello", photo="p1")
        await asyncio.sleep(30)
        size = {"file_id": "p2", "file_unique_id": "up2", "width": 9, "height": 9}
        await at.changes(message, photo=[size])
        await asyncio.sleep(30)
        assert "X still shows the old one." in at.card.text
        await at.presses("Delete and post again", at.card)
        await asyncio.sleep(30)
        assert at.x.timeline == ["hello"]
        assert at.files.fetched[-1] == "p2"


@pytest.mark.parametrize("label", ["Cancel", "Delete"])
@jumping
async def test_what_is_not_on_x_any_more_or_never_was_is_not_told(
    tmp_path: Path, label: str
) -> None:
    async with room(tmp_path) as at:
        if label == "Cancel":
            message = await sent(at, "hello")
        else:
            message = await sent(at, "/post hello")
        await asyncio.sleep(5)
        await at.presses(label, at.card)
        await asyncio.sleep(30)
        text = at.card.text
        await at.changes(message, text="/post goodbye")
        await asyncio.sleep(30)
        assert at.card.text == text
        assert at.publisher.entries() == ()


@jumping
async def test_what_only_the_owner_saw_on_x_cannot_be_deleted_and_posted_again(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        at.x.always["own_posts"] = Trouble(no())
        at.x.fails("create", Uncertain())
        message = await sent(at, "hello", photo="p1")
        await asyncio.sleep(30)
        await at.presses("It is there", at.card)
        await at.changes(message, caption="goodbye")
        await asyncio.sleep(30)
        assert "only you can delete it there" in at.card.text
        assert at.card.labels == ["Leave it"]
        await at.presses("Leave it", at.card)
        await asyncio.sleep(30)
        assert at.card.labels == []


@pytest.mark.parametrize("seconds", [0.01, 0.5, 1.0, 1.9, 2.5, 6.0, 9.0])
@jumping
async def test_killed_on_its_way_to_the_card_the_change_is_told_all_the_same(
    tmp_path: Path, seconds: float
) -> None:
    async with room(tmp_path) as at:
        message = await sent(at, "hello", photo="p1")
        await asyncio.sleep(DAY)
        at.bot.delay = 5
        await at.changes(message, caption="goodbye", number=9)
        await asyncio.sleep(seconds)
        await at.reopen(is_killed=True)
        await at.changes(message, caption="goodbye", number=9)  # not dealt with, so once more
        await asyncio.sleep(HOUR)
        assert CHANGED in at.card.text


@jumping
async def test_an_edit_on_the_heels_of_its_message_is_taken_after_it(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        first = await sent(at, "first", photo="p1")
        await asyncio.sleep(3 * DAY)
        replied = {**at.message("x"), "message_id": first["message_id"]}
        message = at.message("hello", photo="p2", reply_to_message=replied)  # a look into the past
        await asyncio.gather(at.receives(message), at.changes(message, caption="goodbye"))
        await asyncio.sleep(30)
        assert at.x.timeline == ["first", "goodbye"]


def another(photo: str) -> list[dict[str, Any]]:
    return [{"file_id": photo, "file_unique_id": f"u{photo}", "width": 9, "height": 9}]


@jumping
async def test_a_file_that_was_replaced_meanwhile_makes_no_post_fail(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.files.delays.update(bad=5, good=20)
        at.files.errors["bad"].append(Unusable(Refusal.FILE_UNREADABLE))
        message = await sent(at, "hello", photo="bad")
        await asyncio.sleep(1)
        await at.changes(message, photo=another("good"))
        await asyncio.sleep(60)
        assert at.x.timeline == ["hello"]
        assert at.x.calls("upload_v2") == ["good"]


@jumping
async def test_the_alt_text_of_a_replaced_picture_outlives_the_next_edit(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.publisher.pause()
        message = await sent(at, "hello", photo="p1")
        replaced = {**message, "photo": another("p2")}
        await at.changes(replaced, after=1)
        await at.sends("/alt a quay", reply_to_message=message)
        await at.changes(replaced, after=2, caption="goodbye")
        at.publisher.resume()
        await asyncio.sleep(30)
        assert at.x.timeline == ["goodbye"]
        assert at.x.calls("describe_v2") == ["a quay"]
