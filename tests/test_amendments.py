"""Delete and post again, alt texts and flags by button: one effect each, and always an answer."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.chat import Said
from tests.clockwork import jumping
from tests.front_desk import OWNER, Room, room
from tests.post_office import OTHER
from twitter_core.entry import Entry
from twitter_core.errors import CreditsDepleted, Forbidden, RateLimited, Refusal, Uncertain, Unsent
from twitter_core.media import Unusable
from twitter_core.post import Flags, WhoMayReply
from twitter_core.wire import OwnPost

HOUR, DAY = 3600.0, 86_400.0
RENEW = "Delete and post again"


def no(refusal: Refusal = Refusal.FORBIDDEN) -> Forbidden:
    return Forbidden(refusal, status=403, detail="No.")


async def changed(at: Room, *, after: float = 30.0, text: str = "hello") -> dict[str, Any]:
    """A photo that is out, and whose caption was changed then."""
    message = at.message(text, photo="p1")
    await at.receives(message)
    await asyncio.sleep(after)
    await at.changes(message, caption="goodbye")
    await asyncio.sleep(5)
    assert RENEW in at.card.labels
    return message


def recorded(at: Room, key: str) -> Entry:
    """A post as the history knows it."""
    record = at.publisher.archive.find(lambda line: line.get("key") == key)
    assert record is not None
    return record.entry


# --- delete and post again


@pytest.mark.parametrize("after", [5.0, 30.0, DAY, 40 * DAY])
@jumping
async def test_the_new_one_goes_out_once_the_old_one_is_deleted(
    tmp_path: Path, after: float
) -> None:
    async with room(tmp_path) as at:
        message = await changed(at, after=after)
        old = at.card
        await at.presses(RENEW, old)
        await asyncio.sleep(30)
        assert at.x.timeline == ["goodbye"]
        assert len(at.x.posts[1].media_keys) == 1
        assert at.x.times("delete")[0] < at.x.times("create")[1]
        assert "Deleted on X" in old.text and old.labels == []
        new = at.bot.said[-1]
        assert new is not old
        assert (new.reply_to, new.labels) == (message["message_id"], ["Open", "Delete"])
        assert f"/status/{at.x.posts[1].id}" in new.text


@jumping
async def test_its_key_tells_which_one_it_is_and_a_third_one_may_follow(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message = await changed(at)
        key = f"{OWNER}:{message['message_id']}"
        await at.presses(RENEW, at.card)
        await asyncio.sleep(30)
        assert at.publisher.knows(f"{key}#2")
        await at.changes(message, caption="third", after=100)
        await asyncio.sleep(30)
        await at.presses(RENEW, at.bot.said[-1])
        await asyncio.sleep(30)
        assert at.publisher.knows(f"{key}#3")
        assert at.x.timeline == ["third"]


@pytest.mark.parametrize("pause", [0.0, 0.3, 3.0, DAY])
@jumping
async def test_pressed_twice_it_is_posted_again_once(tmp_path: Path, pause: float) -> None:
    async with room(tmp_path) as at:
        message = await changed(at)
        card, data = at.card.id, f"renew:{OWNER}:{message['message_id']}"
        await at.presses_data(data, card)
        await asyncio.sleep(pause)
        await at.presses_data(data, card)
        await asyncio.sleep(DAY)
        await at.presses_data(data, card)
        await asyncio.sleep(30)
        assert at.x.timeline == ["goodbye"]
        assert len(at.x.calls("create")) == 2
        assert all(at.bot.answers)


@pytest.mark.parametrize("at_second", [0.05, 0.15, 0.25, 0.35, 0.45, 0.6, 1.0, 3.0])
@jumping
async def test_killed_on_the_way_there_is_one_in_the_end(tmp_path: Path, at_second: float) -> None:
    async with room(tmp_path) as at:
        at.bot.delay = 0.01
        await changed(at)
        press = at.card.data[0]
        await at.presses_data(press, at.card.id)
        await asyncio.sleep(at_second)
        await at.reopen(is_killed=True)
        await at.presses_data(press, at.bot.said[0].id)  # as a press that was not dealt with is
        await asyncio.sleep(5 * 60)
        assert at.x.timeline == ["goodbye"]
        assert any(f"/status/{at.x.posts[-1].id}" in said.text for said in at.bot.said)


@pytest.mark.parametrize(
    ("error", "words"),
    [(no(Refusal.NOT_PERMITTED), "open x.com"), (no(Refusal.FORBIDDEN), "“No.”")],
)
@jumping
async def test_where_x_does_not_delete_the_old_one_the_new_one_waits_for_the_owner(
    tmp_path: Path, error: Forbidden, words: str
) -> None:
    async with room(tmp_path) as at:
        await changed(at)
        old = at.card
        at.x.fails("delete", error)
        await at.presses(RENEW, old)
        await asyncio.sleep(HOUR)
        assert at.x.timeline == ["hello"]
        new = at.bot.said[-1]
        assert new.text.startswith("Not posted, for the old post is still on X: ")
        assert words in new.text
        assert new.labels == ["Try again", "Discard"]
        await at.reopen()
        await at.presses("Try again", new)
        await asyncio.sleep(30)
        assert at.x.timeline == ["goodbye"]
        assert "Deleted on X" in old.text


async def blocked(at: Room) -> Said:
    """A post that X did not delete, so that the changed one waits; returns the card of the old."""
    await changed(at)
    old = at.card
    at.x.fails("delete", no())
    await at.presses(RENEW, old)
    await asyncio.sleep(HOUR)
    assert [entry.key.partition("#")[2] for entry in at.publisher.entries()] == ["2"]
    return old


@jumping
async def test_tried_again_from_the_queue_the_card_of_the_old_one_tells_what_came_of_it(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        old = await blocked(at)
        await at.sends("/queue")
        await at.presses("1. Try again")
        await asyncio.sleep(30)
        assert at.x.timeline == ["goodbye"]
        assert "Deleted on X" in old.text


@jumping
async def test_a_history_that_cannot_be_read_for_a_moment_only_delays_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with room(tmp_path) as at:
        await blocked(at)
        await at.sends("/queue")
        with monkeypatch.context() as patch:

            def refuse(*args: Any, **more: Any) -> None:
                raise OSError(5, "Input/output error")

            patch.setattr(at.publisher.archive, "find", refuse)
            await at.presses("1. Try again")
            await asyncio.sleep(1)
        await asyncio.sleep(60)
        assert at.x.timeline == ["goodbye"]


@jumping
async def test_delete_takes_back_both_also_where_the_old_one_is_in_the_archive(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        old = await blocked(at)
        new = {**at.message("x"), "message_id": at.bot.said[-1].id}
        await at.sends("/delete", reply_to_message=new)
        await asyncio.sleep(30)
        assert at.x.timeline == []
        assert "Deleted on X" in old.text


@jumping
async def test_a_thread_of_which_a_part_was_deleted_goes_on_where_it_stopped(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        message = at.message("/post one\n---\ntwo\n---\nthree")
        await at.receives(message)
        await asyncio.sleep(30)
        await at.changes(message, text="/post four")
        await asyncio.sleep(5)
        gate = at.x.hangs("delete")
        await at.presses(RENEW, at.card)
        await asyncio.sleep(5)
        at.x.fails("delete", no())
        gate.set()
        await asyncio.sleep(HOUR)
        assert at.x.timeline == ["one", "two"]
        await at.presses("Try again", at.bot.said[-1])
        await asyncio.sleep(30)
        assert at.x.timeline == ["four"]


@jumping
async def test_discarding_the_new_one_leaves_the_old_one_with_its_choice(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await changed(at)
        old = at.card
        at.x.fails("delete", no())
        await at.presses(RENEW, old)
        await asyncio.sleep(30)
        await at.presses("Discard", at.bot.said[-1])
        await asyncio.sleep(DAY)
        assert at.x.timeline == ["hello"]
        assert RENEW in old.labels
        await at.presses(RENEW, old)
        await asyncio.sleep(30)
        assert at.x.timeline == ["goodbye"]


@pytest.mark.parametrize("error", [CreditsDepleted(Refusal.CREDITS), Unsent(), RateLimited()])
@jumping
async def test_a_deletion_that_has_to_wait_is_waited_for(tmp_path: Path, error: Exception) -> None:
    async with room(tmp_path) as at:
        await changed(at)
        at.x.fails("delete", error)
        await at.presses(RENEW, at.card)
        await asyncio.sleep(HOUR)
        if isinstance(error, CreditsDepleted):
            assert at.x.timeline == ["hello"]
            await at.presses("Try again", at.bot.said[-1])
            await asyncio.sleep(HOUR)
        assert at.x.timeline == ["goodbye"]


@jumping
async def test_a_deletion_without_a_clear_answer_is_asked_for_until_there_is_one(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        await changed(at)
        at.x.fails("delete", Uncertain(), Uncertain(), effect=True)
        await at.presses(RENEW, at.card)
        await asyncio.sleep(1)
        assert len(at.x.calls("create")) == 1
        await asyncio.sleep(HOUR)
        assert at.x.timeline == ["goodbye"]
        assert len(at.x.calls("create")) == 2


@jumping
async def test_a_picture_that_is_not_to_be_had_any_more_leaves_the_old_one_in_its_place(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        await changed(at, after=20 * DAY)
        old = at.card
        at.files.errors["p1"].append(Unusable(Refusal.FILE_GONE))
        await at.presses(RENEW, old)
        await asyncio.sleep(HOUR)
        assert at.x.timeline == ["hello"]
        assert at.x.calls("delete") == []
        new = at.bot.said[-1]
        assert "does not have the file any more" in new.text
        assert "The old post stays" in new.text
        await at.presses("Discard", new)
        await asyncio.sleep(30)
        assert RENEW in old.labels


@jumping
async def test_nothing_is_deleted_while_nothing_can_go_out(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await changed(at)
        at.publisher.pause()
        await at.presses(RENEW, at.card)
        await asyncio.sleep(DAY)
        assert at.x.timeline == ["hello"]
        await at.presses("Cancel", at.bot.said[-1])
        await asyncio.sleep(30)
        assert RENEW in at.bot.said[0].labels
        at.publisher.resume()
        await asyncio.sleep(DAY)
        assert at.x.timeline == ["hello"]


@jumping
async def test_an_edit_while_it_waits_is_what_goes_out(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message = await changed(at)
        at.publisher.pause()
        await at.presses(RENEW, at.card)
        await asyncio.sleep(5)
        await at.changes(message, caption="third", after=100)
        at.publisher.resume()
        await asyncio.sleep(30)
        assert at.x.timeline == ["third"]
        assert at.bot.said[-1].labels == ["Open", "Delete"]


@jumping
async def test_its_flags_and_alt_texts_are_those_of_the_old_one(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(made_with_ai=True)
        message = at.message("hello\nalt: a quay", photo="p1")
        await at.receives(message)
        await asyncio.sleep(30)
        at.habits.change(made_with_ai=False)
        await at.changes(message, caption="goodbye\nalt: a quay")
        await asyncio.sleep(5)
        await at.presses(RENEW, at.card)
        await asyncio.sleep(5)
        entry = recorded(at, f"{OWNER}:{message['message_id']}#2")
        assert entry.tweets[0].flags == Flags(made_with_ai=True)
        assert at.x.calls("describe_v2") == ["a quay", "a quay"]


@jumping
async def test_leave_it_leaves_it_until_the_next_change(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message = await changed(at)
        press = at.card.data[at.card.labels.index("Leave it")]
        await at.presses_data(press, at.card.id)
        await asyncio.sleep(DAY)
        assert at.card.labels == ["Open", "Delete"]
        await at.presses_data(press, at.card.id)
        assert at.bot.answers[-1] == "The message says what X shows."
        await at.changes(message, caption="goodbye", after=1000)  # nothing new
        await asyncio.sleep(30)
        assert at.card.labels == ["Open", "Delete"]
        await at.changes(message, caption="third", after=2000)
        await asyncio.sleep(30)
        assert RENEW in at.card.labels


@jumping
async def test_the_new_one_does_not_wait_for_the_time_that_the_old_one_had(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC")
        message = at.message("/at in 1 min\nhello", photo="p1")
        await at.receives(message)
        await asyncio.sleep(90)
        assert at.x.timeline == ["hello"]
        await at.changes(message, caption="/at in 1 min\ngoodbye")
        await asyncio.sleep(5)
        at.publisher.pause()
        await at.presses(RENEW, at.bot.said[0])
        await asyncio.sleep(5)
        await at.changes(message, caption="/at in 1 min\ngoodbye all", after=60)
        at.publisher.resume()
        await asyncio.sleep(10)
        assert at.x.timeline == ["goodbye all"]


async def being_replaced(at: Room) -> dict[str, Any]:
    """The old post is being deleted, and X takes its time; returns the message."""
    message = await changed(at)
    at.x.delay = 5.0
    await at.presses(RENEW, at.card)
    for _ in range(100):
        await asyncio.sleep(0.5)
        if at.x.calls("delete"):
            return message
    raise AssertionError("nothing was deleted")


@jumping
async def test_cancel_while_the_old_one_is_being_deleted_is_too_late(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await being_replaced(at)
        await asyncio.sleep(2)
        new = at.bot.said[-1]
        assert new.text == "Waiting until the old post is deleted."
        assert "Cancel" not in new.labels
        await at.presses_data("cancel:42:11#2", new.id)
        assert at.bot.answers[-1].startswith("Too late: the old post is being deleted.")
        await asyncio.sleep(HOUR)
        assert at.x.timeline == ["goodbye"]


@jumping
async def test_no_card_of_the_new_one_offers_to_cancel_it_meanwhile(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC")
        await changed(at)
        gate = at.x.hangs("delete")
        await at.presses(RENEW, at.card)
        await asyncio.sleep(5)
        new = at.bot.said[-1]
        await at.presses("Later…", new)
        await asyncio.sleep(2)
        await at.presses("In an hour", new)
        await asyncio.sleep(2)
        assert "Post now" in new.labels and "Cancel" not in new.labels
        await at.presses_data("cancel:42:11#2", new.id)
        assert at.bot.answers[-1].startswith("Too late: the old post is being deleted.")
        gate.set()
        await asyncio.sleep(1.2 * HOUR)
        assert at.x.timeline == ["goodbye"]


@jumping
async def test_nor_does_the_card_that_asks_for_which_account_it_is(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await changed(at)
        at.x.hangs("delete")
        await at.presses(RENEW, at.card)
        await asyncio.sleep(5)
        at.sign_in(OTHER)
        await asyncio.sleep(5)
        new = at.bot.said[-1]
        assert "Post" in new.labels and "Cancel" not in new.labels


async def without_credits(at: Room) -> Said:
    """X does not delete the old post, for the credits are used up; returns its card."""
    await changed(at)
    old = at.card
    at.x.fails("delete", CreditsDepleted(Refusal.CREDITS, status=402))
    await at.presses(RENEW, old)
    await asyncio.sleep(30)
    return old


@jumping
async def test_credits_used_up_before_the_old_one_is_deleted_leave_the_choice(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        await without_credits(at)
        new = at.bot.said[-1]
        assert "still on X: your X credits are used up" in new.text
        assert new.labels == ["Try again", "Discard"]
        await at.reopen()
        await at.presses("Try again", new)
        await asyncio.sleep(60)
        assert at.x.timeline == ["goodbye"]


@jumping
async def test_credits_used_up_before_the_old_one_is_deleted_let_it_be_kept(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        old = await without_credits(at)
        await at.presses("Discard", at.bot.said[-1])
        await asyncio.sleep(HOUR)
        assert at.x.timeline == ["hello"]
        assert RENEW in old.labels


@jumping
async def test_delete_while_the_old_one_is_being_deleted_leaves_neither(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message = await being_replaced(at)
        replied = {**at.message("x"), "message_id": message["message_id"]}
        await at.sends("/delete", reply_to_message=replied)
        await asyncio.sleep(HOUR)
        assert at.x.timeline == []


@jumping
async def test_delete_while_the_new_one_waits_leaves_neither(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message = await changed(at)
        at.publisher.pause()
        await at.presses(RENEW, at.card)
        await asyncio.sleep(5)
        replied = {**at.message("x"), "message_id": message["message_id"]}
        await at.sends("/delete", reply_to_message=replied)
        at.publisher.resume()
        await asyncio.sleep(HOUR)
        assert at.x.timeline == []
        assert len(at.x.calls("create")) == 1


# --- what continues a post


async def reply(at: Room, to: int, text: str) -> int:
    return await at.sends(text, photo="p9", reply_to_message={**at.message("x"), "message_id": to})


@pytest.mark.parametrize("after", [0.0, 3 * DAY])
@jumping
async def test_where_others_continue_it_the_owner_is_told_first(
    tmp_path: Path, after: float
) -> None:
    async with room(tmp_path) as at:
        message = at.message("hello", photo="p1")
        await at.receives(message)
        await asyncio.sleep(10)
        old = at.card
        await reply(at, old.id, "and more")
        await asyncio.sleep(10 + after)
        await at.changes(message, caption="goodbye")
        await asyncio.sleep(5)
        await at.presses(RENEW, old)
        await asyncio.sleep(5)
        assert "would hang below a deleted post" in old.text
        assert at.x.timeline == ["hello", "and more"]
        await at.presses("Back", old)
        await asyncio.sleep(5)
        assert "You changed" in old.text
        await at.presses(RENEW, old)
        await asyncio.sleep(5)
        await at.presses(RENEW, old)
        await asyncio.sleep(30)
        assert at.x.timeline == ["and more", "goodbye"]


@jumping
async def test_what_waits_to_continue_it_continues_the_new_one(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await changed(at)
        old = at.card
        at.files.delays["p9"] = 60
        await reply(at, old.id, "and more")
        await asyncio.sleep(5)
        await at.presses(RENEW, old)
        await asyncio.sleep(5 * 60)
        assert at.x.timeline == ["goodbye", "and more"]
        new, follower = at.x.posts[1:]
        assert at.x.replies_to[follower.id] == new.id


@pytest.mark.parametrize("to", ["card", "message"])
@pytest.mark.parametrize("after", [10.0, 3 * DAY])
@jumping
async def test_a_reply_to_the_old_card_or_the_message_continues_the_new_one(
    tmp_path: Path, to: str, after: float
) -> None:
    async with room(tmp_path) as at:
        message = await changed(at)
        old = at.card
        await at.presses(RENEW, old)
        await asyncio.sleep(30 + after)
        await reply(at, old.id if to == "card" else message["message_id"], "and more")
        await asyncio.sleep(30)
        new, follower = at.x.posts[1:]
        assert at.x.replies_to[follower.id] == new.id


@jumping
async def test_a_reply_that_is_posted_again_is_a_reply_to_what_is_there_now(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        message = at.message("hello", photo="p1")
        await at.receives(message)
        await asyncio.sleep(10)
        card = at.card
        replied = {**at.message("x"), "message_id": card.id}
        second = at.message("second", photo="p2", reply_to_message=replied)
        await at.receives(second)
        await asyncio.sleep(10)
        await at.changes(message, caption="goodbye")
        await asyncio.sleep(5)
        for _ in range(2):
            await at.presses(RENEW, card)
            await asyncio.sleep(30)
        await at.changes(second, caption="second again")
        await asyncio.sleep(5)
        await at.presses(RENEW, at.bot.said[1])
        await asyncio.sleep(30)
        assert at.x.timeline == ["goodbye", "second again"]
        first, again = at.x.posts[2:]
        assert at.x.replies_to[again.id] == first.id


# --- a thread that came to a stop


@jumping
async def test_a_thread_whose_second_part_is_refused_goes_on_or_is_taken_back(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        gate = at.x.hangs("create")
        await at.sends("/post one\n---\ntwo\n---\nthree")
        await asyncio.sleep(1)
        at.x.fails("create", no(Refusal.REPLY), no(Refusal.REPLY))
        gate.set()
        await asyncio.sleep(10)
        assert at.card.text.startswith("1 of 3 are out: https://x.com/me/status/")
        assert "does not let this app reply" in at.card.text
        assert at.card.labels == ["Try again", "Discard", "Open", "Delete"]
        await at.presses("Try again")
        await asyncio.sleep(10)
        assert at.card.labels == ["Try again", "Discard", "Open", "Delete"]
        press = at.card.data[-1]
        await at.presses("Delete")
        await asyncio.sleep(10)
        await at.presses_data(press, at.card.id)
        await asyncio.sleep(10)
        assert at.x.timeline == []
        assert len(at.x.calls("delete")) == 1
        assert (at.card.text, at.card.labels) == ("Deleted on X.\nIt cost $0.025 in all.", [])
        assert at.bot.answers[-1] == "It is deleted already."


@jumping
async def test_what_is_out_of_a_thread_that_came_to_a_stop_can_be_left(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        gate = at.x.hangs("create")
        await at.sends("/post one\n---\ntwo")
        await asyncio.sleep(1)
        at.x.fails("create", no(Refusal.REPLY))
        gate.set()
        await asyncio.sleep(10)
        await at.presses("Discard")
        await asyncio.sleep(10)
        assert at.x.timeline == ["one"]
        assert at.card.labels == ["Open", "Delete"]


@jumping
async def test_a_thread_that_came_to_a_stop_and_was_changed_is_posted_again_as_a_whole(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        message = at.message("/post one\n---\ntwo")
        gate = at.x.hangs("create")
        await at.receives(message)
        await asyncio.sleep(1)
        at.x.fails("create", no(Refusal.REPLY))
        gate.set()
        await asyncio.sleep(10)
        await at.changes(message, text="/post one and two")
        await asyncio.sleep(5)
        await at.presses(RENEW)
        await asyncio.sleep(30)
        assert at.x.timeline == ["one and two"]


# --- flags and alt texts on a card


@pytest.mark.parametrize("waits", [True, False])
@jumping
async def test_flags_are_chosen_on_the_card_and_shown_there(tmp_path: Path, waits: bool) -> None:
    async with room(tmp_path) as at:
        at.publisher.pause()
        message = await at.sends("hello", photo="p1" if waits else "")
        key = f"{OWNER}:{message}"
        await asyncio.sleep(5)
        await at.presses("More…")
        await asyncio.sleep(5)
        assert await at.presses("Made with AI: off") == "Set"
        await asyncio.sleep(5)
        assert await at.presses("Paid: off") == "Set"
        await asyncio.sleep(5)
        for label in ("everyone", "people you follow"):
            assert await at.presses(f"Replies: {label}") == "Set"
            await asyncio.sleep(5)
        await at.presses("Back")
        await asyncio.sleep(5)
        assert at.card.text.endswith(
            "Made with AI · paid partnership · replies: people you mention"
        )
        if not waits:
            await at.presses("Post")
        at.publisher.resume()
        await asyncio.sleep(5)
        assert recorded(at, key).tweets[0].flags == Flags(True, True, WhoMayReply.MENTIONED)


@jumping
async def test_a_flag_pressed_twice_is_set_once_and_too_late_it_says_so(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message = await at.sends("hello")
        data = f"ai.on:{OWNER}:{message}"
        await asyncio.sleep(1)
        await at.presses_data(data, at.card.id)
        await at.presses_data(data, at.card.id)
        assert at.bot.answers == ["Set", "It is so already"]
        await at.presses("Post", at.card)
        for after in (5.0, 3 * DAY):
            await asyncio.sleep(after)
            await at.presses_data(f"ai.off:{OWNER}:{message}", at.card.id)
            assert "it is out" in at.bot.answers[-1]
        await at.presses_data("ai.on:1:1", at.card.id)
        assert "do not know that post" in at.bot.answers[-1]


@jumping
async def test_a_menu_from_before_a_restart_works_all_the_same(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.sends("hello")
        await asyncio.sleep(5)
        await at.presses("More…")
        await asyncio.sleep(5)
        data = at.card.data[0]
        await at.reopen()
        await at.presses_data(data, at.card.id)
        await asyncio.sleep(5)
        assert "Made with AI" in at.card.text


@jumping
async def test_the_alt_text_button_asks_and_the_answer_is_the_alt_text(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.publisher.pause()
        await at.sends("hello", photo="p1")
        await asyncio.sleep(5)
        card = at.card
        await at.presses("Alt text")
        question = at.bot.said[-1]
        assert "What does the picture show?" in question.text
        await at.reopen()
        replied = {**at.message("x"), "message_id": question.id}
        await at.sends("a quay in fog", reply_to_message=replied)
        assert at.bot.said[-1].text == "The alt text is set."
        at.publisher.resume()
        await asyncio.sleep(10)
        assert at.x.calls("describe_v2") == ["a quay in fog"]
        assert card.labels == ["Open", "Delete"]
        assert at.x.timeline == ["hello"]


@jumping
async def test_nothing_is_deleted_before_the_new_one_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with room(tmp_path) as at:
        await changed(at)
        put = at.store._storage.put

        def refuse(content: bytes) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(at.store._storage, "put", refuse)
        await at.presses(RENEW, at.card)
        await asyncio.sleep(HOUR)
        assert at.x.calls("delete") == []
        monkeypatch.setattr(at.store._storage, "put", put)
        await asyncio.sleep(HOUR)
        assert at.x.timeline == ["goodbye"]


@jumping
async def test_one_of_two_is_not_deleted_alone_while_both_are_to_make_room(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        look = at.x.own_posts
        is_blind = True

        async def sees(*args: Any, **more: Any) -> tuple[OwnPost, ...]:
            found = await look(*args, **more)
            return () if is_blind else found

        at.x.own_posts = sees  # type: ignore[method-assign]
        at.x.fails("create", Uncertain(), effect=True)
        message = at.message("hello", photo="p1")
        await at.receives(message)
        await asyncio.sleep(30)
        is_blind = False
        await asyncio.sleep(90)
        await at.changes(message, caption="goodbye")
        await asyncio.sleep(5)
        card = at.card
        at.files.delays["p1"] = 4
        await at.presses(RENEW, card)
        await asyncio.sleep(1)
        gate = at.x.hangs("delete")
        assert await at.presses("Delete the second", card) == "Deleting"
        await asyncio.sleep(10)
        gate.set()
        await asyncio.sleep(60)
        assert at.x.timeline == ["goodbye"]
