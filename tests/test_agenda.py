"""Later, as the owner meets it: /at, [Later…], /slots, /timezone, and what /queue lets one do."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.words import later
from tests.chat import Said
from tests.clockwork import EPOCH, jumping, now
from tests.front_desk import OWNER, Room, room
from tests.post_office import OTHER
from twitter_core.entry import Entry, Question, State
from twitter_core.errors import Forbidden, Refusal
from twitter_core.media import Unusable

# The clock begins on Tuesday, 14 November 2023, at 22:13:20 UTC.
HOUR, DAY = 3600.0, 86_400.0
MIDNIGHT = EPOCH - EPOCH % DAY


def at_hour(hours: float) -> float:
    """So many hours into that Tuesday (UTC)."""
    return MIDNIGHT + hours * HOUR


async def replies(at: Room, text: str, to: int) -> str:
    """The owner replies to a message; returns what the bot said last."""
    await at.sends(text, reply_to_message={**at.message("x"), "message_id": to})
    return at.bot.said[-1].text


def entry(at: Room, message: int) -> Entry:
    found = at.publisher.entry(f"{OWNER}:{message}")
    assert found is not None
    return found


async def draft(at: Room, text: str = "hello") -> tuple[int, Said]:
    message = await at.sends(text)
    await asyncio.sleep(1)
    return message, at.bot.said[-1]


# --- /at


@pytest.mark.parametrize("to", ["card", "message"])
@jumping
async def test_at_as_a_reply_gives_a_post_its_time_and_shows_it_with_weekday_and_zone(
    tmp_path: Path, to: str
) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="Europe/Berlin")
        message, card = await draft(at)
        said = await replies(at, "/at tomorrow 9am", message if to == "message" else card.id)
        assert said == "Goes out on Wednesday 15 November, 09:00 (Europe/Berlin)."
        await asyncio.sleep(2)
        assert card.text.startswith(said)
        assert card.labels[:3] == ["Post now", "Later…", "Cancel"]
        await asyncio.sleep(9 * HOUR)
        assert at.x.timeline == []
        await asyncio.sleep(2 * HOUR)
        assert at.x.timeline == ["hello"]
        assert at.x.times("create") == [at_hour(24 + 8) - EPOCH]


@jumping
async def test_at_with_a_text_below_makes_a_scheduled_post_of_it(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="Europe/Berlin")
        message = await at.sends("/at in 2 h\nGood morning\nall of you")
        await asyncio.sleep(1)
        assert at.card.text.startswith("Goes out on Wednesday 15 November, 01:13 (Europe/Berlin).")
        assert at.card.reply_to == message
        await asyncio.sleep(2 * HOUR)
        assert at.x.timeline == ["Good morning\nall of you"]


@jumping
async def test_at_in_a_caption_schedules_the_photo(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC")
        await at.sends("/at 23:30\nA photo", photo="p1")
        await asyncio.sleep(60)
        assert at.x.timeline == [] and at.x.calls("upload_v2") == []
        await asyncio.sleep(2 * HOUR)
        assert at.x.timeline == ["A photo"]


@pytest.mark.parametrize("first", [0, 2])
@jumping
async def test_at_in_any_caption_of_an_album_schedules_the_album(
    tmp_path: Path, first: int
) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC")
        for number in range(3):
            caption = "/at in 1 h\nAn album" if number == first else ""
            item = at.message(caption, photo=f"p{number}")
            await at.receives({**item, "media_group_id": "g"})
        await asyncio.sleep(60)
        assert at.x.timeline == []
        await asyncio.sleep(HOUR)
        assert at.x.timeline == ["An album"]
        assert len(at.x.posts[0].media_keys) == 3


@pytest.mark.parametrize("photo", ["", "p1"])
@pytest.mark.parametrize("typed", [" sometime", ""])
@jumping
async def test_a_time_that_cannot_be_read_posts_nothing_and_asks(
    tmp_path: Path, photo: str, typed: str
) -> None:
    async with room(tmp_path) as at:
        message = await at.sends(f"/at{typed}\nhello", photo=photo)
        await asyncio.sleep(60)
        assert at.bot.said[0].text.startswith("“sometime” is no" if typed else "There is no time")
        card = at.bot.said[-1]
        assert "When shall it go out?" in card.text and "hello" in card.text
        assert at.x.timeline == []
        await replies(at, "/at in 5 min", card.id)
        await asyncio.sleep(600)
        assert at.x.timeline == ["hello"]
        assert at.publisher.knows(f"{OWNER}:{message}")


@pytest.mark.parametrize("photo", ["", "p1"])
@jumping
async def test_another_time_in_an_edited_message_moves_its_post(tmp_path: Path, photo: str) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC")
        message = at.message("/at in 1 h\nhello", photo=photo)
        field = "caption" if photo else "text"
        moved: dict[str, Any] = {field: "/at in 2 h\nhello"}
        await at.receives(message)
        await asyncio.sleep(HOUR / 2)
        await at.changes(message, **moved)
        assert at.bot.said[-1].text == "Goes out on Wednesday 15 November, 00:43 (UTC)."
        await asyncio.sleep(1.9 * HOUR)
        assert at.x.timeline == []
        await asyncio.sleep(0.2 * HOUR)
        assert at.x.timeline == ["hello"]
        assert len(at.bot.said) == 2


@jumping
async def test_where_only_the_text_is_edited_a_time_that_was_moved_stays(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC")
        message = at.message("/at in 1 h\nhello")
        await at.receives(message)
        await asyncio.sleep(5)
        await at.changes(message, text="/at in 2 h\nhello")
        await replies(at, "/at in 5 h", message["message_id"])
        await at.changes(message, text="/at in 2 h\ngoodbye", after=30)
        await at.reopen()
        await at.changes(message, text="/at in 2 h\ngoodbye all", after=60)
        await asyncio.sleep(4 * HOUR)
        assert at.x.timeline == []
        await asyncio.sleep(2 * HOUR)
        assert at.x.timeline == ["goodbye all"]


@jumping
async def test_a_time_that_cannot_be_read_is_mended_by_an_edit(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC")
        message = at.message("/at sometime\nhello")
        await at.receives(message)
        await asyncio.sleep(5)
        await at.changes(message, text="/at anytime\nhello")
        assert "“anytime” is no" in at.bot.said[-1].text
        await at.changes(message, text="/at in 1 h\nhello", after=60)
        await asyncio.sleep(1.1 * HOUR)
        assert at.x.timeline == ["hello"]


@pytest.mark.parametrize("first", [True, False])
@jumping
async def test_a_typing_error_that_is_mended_leaves_the_time_alone(
    tmp_path: Path, first: bool
) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC")
        message = at.message("/at in 1 h\nhelo")
        await at.receives(message)
        await asyncio.sleep(HOUR / 2)
        if not first:
            await at.changes(message, text="/at in 1 h\nhell")
        await at.changes(message, text="/at in 1 h\nhello", after=10)
        await asyncio.sleep(0.6 * HOUR)
        assert at.x.timeline == ["hello"]
        assert len(at.bot.said) == 1


@jumping
async def test_an_older_edit_that_comes_again_moves_nothing(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC")
        message = at.message("/at in 1 h\none")
        await at.receives(message)
        await at.changes(message, text="/at in 2 h\ntwo", after=10, number=501)
        await at.changes(message, text="/at in 3 h\nthree", after=20, number=502)
        said = len(at.bot.said)
        await at.changes(message, text="/at in 2 h\ntwo", after=10, number=501)
        assert len(at.bot.said) == said
        await asyncio.sleep(2.5 * HOUR)
        assert at.x.timeline == []
        await asyncio.sleep(HOUR)
        assert at.x.timeline == ["three"]


@pytest.mark.parametrize("typed", [" sometime", ""])
@jumping
async def test_an_edit_to_a_time_that_cannot_be_read_keeps_the_post_back(
    tmp_path: Path, typed: str
) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC", undo=30)
        message = at.message("hello", photo="p1")
        await at.receives(message)
        await asyncio.sleep(5)
        await at.changes(message, caption=f"/at{typed}\nhello")
        await asyncio.sleep(DAY)
        assert at.x.timeline == []
        assert ("“sometime” is no" if typed else "no time behind /at") in at.bot.said[-1].text
        assert at.bot.said[-1].reply_to == message["message_id"]
        await at.changes(message, caption="/at in 1 h\nhello", after=2)
        await asyncio.sleep(1.1 * HOUR)
        assert at.x.timeline == ["hello"]


@pytest.mark.parametrize("line", ["/at", "/at sometime", "/at in 1 h"])
@jumping
async def test_an_edit_that_one_cannot_see_says_nothing_of_the_time_once_more(
    tmp_path: Path, line: str
) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC")
        message = at.message(f"{line}\nhello")
        await at.receives(message)
        await asyncio.sleep(5)
        said = len(at.bot.said)
        await at.changes(message, after=10)
        await asyncio.sleep(5)
        assert len(at.bot.said) == said


@jumping
async def test_a_line_that_is_taken_away_leaves_the_time_and_says_so(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC")
        message = at.message("/at in 1 h\nhello")
        await at.receives(message)
        await asyncio.sleep(5)
        await at.changes(message, text="hello", after=10)
        assert at.bot.said[-1].text == later.KEEPS_TIME
        await at.changes(message, text="hello you", after=20)
        assert len(at.bot.said) == 2
        await asyncio.sleep(1.1 * HOUR)
        assert at.x.timeline == ["hello you"]


@jumping
async def test_another_time_for_what_is_out_is_told_to_be_too_late(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC")
        message = at.message("/at in 1 min\nhello")
        await at.receives(message)
        await asyncio.sleep(DAY)
        await at.changes(message, text="/at in 2 h\nhello")
        assert "it is out" in at.bot.said[-1].text
        await asyncio.sleep(DAY)
        assert at.x.timeline == ["hello"]


@jumping
async def test_another_time_does_not_answer_whose_account_it_is_for(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC")
        message = at.message("/at in 2 h\nhello", photo="p1")
        await at.receives(message)
        await asyncio.sleep(5)
        at.sign_in(OTHER)
        await asyncio.sleep(5)
        await at.changes(message, caption="/at in 1 h\nhello")
        assert at.bot.said[-1].text == later.ANSWER_FIRST
        await asyncio.sleep(DAY)
        assert at.x.timeline == []


@pytest.mark.parametrize("question", [Question.ACCOUNT, Question.LATE, Question.PARENT])
@jumping
async def test_another_time_in_a_text_answers_no_other_question(
    tmp_path: Path, question: Question
) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC")
        key = at.post("hello", state=State.DRAFT, question=question)
        await asyncio.sleep(5)
        await at.changes({**at.message("hello"), "message_id": 5}, text="/at in 1 h\nhello")
        assert at.bot.said[-1].text == later.ANSWER_FIRST
        assert at.question(key) is question


@jumping
async def test_a_post_with_a_time_keeps_it_where_the_new_one_cannot_be_read(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC")
        message = at.message("/at in 1 h\nhello")
        await at.receives(message)
        await asyncio.sleep(5)
        await at.changes(message, text="/at sometime\nhello")
        assert "“sometime” is no" in at.bot.said[-1].text
        await asyncio.sleep(1.1 * HOUR)
        assert at.x.timeline == ["hello"]


@jumping
async def test_the_time_of_an_albums_first_item_stays_where_its_caption_is_edited(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC")
        items = [at.message("" if n else "/at in 1 h\nAn album", photo=f"p{n}") for n in range(2)]
        items = [{**item, "media_group_id": "g"} for item in items]
        for item in items:
            await at.receives(item)
        await asyncio.sleep(HOUR / 2)
        await at.changes(items[0], caption="/at in 1 h\nOur album")
        await asyncio.sleep(0.6 * HOUR)
        assert at.x.timeline == ["Our album"]


@jumping
async def test_the_time_of_an_album_stays_where_only_its_caption_is_edited(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC")
        items = [at.message("/at in 1 h\nAn album" if n else "", photo=f"p{n}") for n in range(2)]
        items = [{**item, "media_group_id": "g"} for item in items]
        for item in items:
            await at.receives(item)
        await asyncio.sleep(60)
        await at.changes(items[1], caption="/at in 1 h\nOur album")
        assert len(at.bot.said) == 1
        await asyncio.sleep(HOUR)
        assert at.x.timeline == ["Our album"]


@jumping
async def test_a_duration_counts_from_when_it_was_sent_not_from_when_it_arrives(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        await at.sends("/at in 2 h\nhello", ago=HOUR)
        await asyncio.sleep(HOUR - 60)
        assert at.x.timeline == []
        await asyncio.sleep(120)
        assert at.x.timeline == ["hello"]


@jumping
async def test_so_it_does_in_a_reply(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message, _ = await draft(at)
        await at.sends(
            "/at in 2 h", ago=HOUR, reply_to_message={**at.message("x"), "message_id": message}
        )
        assert entry(at, message).due == pytest.approx(now() + HOUR, abs=2)


@jumping
async def test_a_time_that_passed_while_the_bot_was_away_asks_first(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message = await at.sends("/at in 10 min\nhello", ago=5 * HOUR)
        await asyncio.sleep(60)
        assert entry(at, message).question is Question.OVERDUE
        assert "It was to go out on" in at.bot.said[-1].text
        assert await at.presses("Post now") == "On its way"
        await asyncio.sleep(5)
        assert at.x.timeline == ["hello"]


@jumping
async def test_a_scheduled_post_that_is_delivered_again_after_it_went_out_is_known(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        message = at.message("/at in 10 min\nhello")
        await at.receives(message)
        await asyncio.sleep(3 * DAY)
        await at.receives(message)
        await asyncio.sleep(HOUR)
        assert at.x.timeline == ["hello"]
        assert at.publisher.entries() == ()


@pytest.mark.parametrize("text", ["/at", "/at 18:30", "/at 18:30 Good morning"])
@jumping
async def test_at_about_nothing_says_how(tmp_path: Path, text: str) -> None:
    async with room(tmp_path) as at:
        await at.sends(text)
        assert at.card.text == later.AT_WHAT
        assert at.publisher.entries() == ()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("soon", "“soon” is no time that I can read."),
        ("tomorrow", "Wednesday 15 November: at what time?"),
        ("yesterday 9:00", "Monday 13 November, 09:00 (Europe/Berlin) is past"),
        ("tomorrow at 9", "“tomorrow at 9” may mean 9:00 or 21:00."),
        ("next friday 10:00", "may mean 17 November or 24 November."),
        ("friday, 16 nov 10:00", "16 November is a Thursday"),
        ("31.3.2024 02:30", "On Sunday 31 March 2024 the clocks go forward"),
        ("27.10.2024 02:30", "the first is 02:30 +02:00."),
        ("1.1.2030 9:00", "is more than two years away"),
    ],
)
@jumping
async def test_a_refused_time_is_told_with_what_was_understood_and_changes_nothing(
    tmp_path: Path, typed: str, said: str
) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="Europe/Berlin")
        message, _ = await draft(at)
        assert said in await replies(at, f"/at {typed}", message)
        assert entry(at, message).question is Question.PREVIEW


@jumping
async def test_at_without_a_time_asks_for_one_and_the_answer_is_no_post(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message, card = await draft(at)
        assert await replies(at, "/at", card.id) == later.WHEN
        question = at.bot.said[-1].id
        assert "no time" in await replies(at, "whenever", question)
        assert "Goes out on Wednesday" in await replies(at, "in 2 h", question)
        assert entry(at, message).due == pytest.approx(now() + 2 * HOUR, abs=5)
        assert len(at.publisher.entries()) == 1


@jumping
async def test_at_to_what_is_out_or_unknown_is_answered_in_words(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message = await at.sends("/post hello")
        await asyncio.sleep(30)
        for _ in range(2):
            assert "it is out" in await replies(at, "/at in 2 h", message)
            await asyncio.sleep(3 * DAY)  # and when it has left the outbox
        assert await replies(at, "/at in 2 h", 5000) == later.UNKNOWN


@jumping
async def test_until_a_zone_is_chosen_it_is_said_once_that_times_are_in_utc(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message, _ = await draft(at)
        for _ in range(3):
            await replies(at, "/at tomorrow 9am", message)
            await at.reopen()
        told = [said for said in at.bot.said if "/timezone" in said.text]
        assert len(told) == 1
        assert "(UTC)" in at.bot.said[-1].text


@jumping
async def test_a_post_can_be_moved_to_another_time_and_goes_out_once(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message, _ = await draft(at)
        await replies(at, "/at in 1 h", message)
        await asyncio.sleep(HOUR - 60)
        await replies(at, "/at in 1 h", message)
        await asyncio.sleep(HOUR - 60)
        assert at.x.timeline == []
        await asyncio.sleep(DAY)
        assert at.x.timeline == ["hello"]


# --- the undo


@jumping
async def test_a_post_can_be_stopped_and_posted_after_all(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(undo=10)
        await at.sends("hello", photo="p1")
        await asyncio.sleep(2)
        card = at.card
        assert card.text == "Goes out in 10 s, unless you press Stop."
        assert await at.presses("Stop") == "Stopped"
        await asyncio.sleep(60)
        assert at.x.timeline == []
        assert card.labels[:3] == ["Post", "Later…", "Cancel"]
        assert await at.presses("Post", card) == "On its way"
        await asyncio.sleep(5)
        assert at.x.timeline == [] and card.labels == ["Stop"]
        await asyncio.sleep(10)
        assert at.x.timeline == ["hello"]
        assert len(card.texts) <= 8  # and not an edit a second


@jumping
async def test_when_its_hold_is_over_the_card_of_one_that_waits_for_another_says_that(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        at.habits.change(undo=5)
        at.x.delay = 20
        for text in ("one", "two"):
            await at.sends(f"/post {text}")
        await asyncio.sleep(2)
        assert all(said.text == "Goes out in 5 s, unless you press Stop." for said in at.bot.said)
        await asyncio.sleep(5)
        assert [said.labels[:2] for said in at.bot.said] == [[], ["Later…", "Cancel"]]
        assert "1 post goes out before it" in at.bot.said[1].text


@jumping
async def test_stop_pressed_twice_or_too_late_is_answered_in_words(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(undo=5)
        at.x.delay = 3
        message = await at.sends("/post hello")
        await asyncio.sleep(6)
        data, card = f"stop:{OWNER}:{message}", at.card.id
        await at.presses_data(data, card)
        assert at.bot.answers[-1] == "Too late: it is going out now."
        await asyncio.sleep(30)
        await at.presses_data(data, card)
        assert at.bot.answers[-1] == "Too late: it is out."
        message = await at.sends("/post again")
        await asyncio.sleep(1)
        for answer in ("Stopped", "It still waits for your answer."):
            await at.presses_data(f"stop:{OWNER}:{message}", at.bot.said[-1].id)
            assert at.bot.answers[-1] == answer
        assert at.x.timeline == ["hello"]


@jumping
async def test_an_old_stop_on_a_post_that_has_a_time_is_answered_with_that(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message = await at.sends("/at in 2 h\nhello")
        await at.presses_data(f"stop:{OWNER}:{message}", 1000)
        assert at.bot.answers == [later.AT_ITS_TIME]
        assert entry(at, message).due is not None


@jumping
async def test_an_answer_on_the_way_keeps_the_time_and_says_so(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(threads=False)
        message = await at.sends("/at in 2 h\n" + "long " * 100)
        await asyncio.sleep(2)
        card = at.bot.said[-1]
        assert entry(at, message).question is Question.TOO_LONG
        assert "It is meant for Wednesday 15 November, 00:13 (UTC)." in card.text
        data = card.data[card.labels.index("Post as a thread")]
        for _ in range(2):  # a double tap
            await at.presses_data(data, card.id)
        assert at.bot.answers == [later.AT_ITS_TIME, later.AT_ITS_TIME]
        await asyncio.sleep(HOUR)
        assert at.x.timeline == []
        await asyncio.sleep(2 * HOUR)
        assert len(at.x.timeline) == 2


# --- [Later…] on a card


@pytest.mark.parametrize(
    ("label", "hours", "said"),
    [
        ("In an hour", 23.25, "Tuesday 14 November, 23:13"),
        ("Tomorrow morning", 24 + 9.0, "Wednesday 15 November, 09:00"),
        ("Next free slot", 24 + 18.0, "Wednesday 15 November, 18:00"),
    ],
)
@jumping
async def test_the_choices_of_later(tmp_path: Path, label: str, hours: float, said: str) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC", slots=("18:00",))
        message, card = await draft(at)
        assert await at.presses("Later…", card) == ""
        await asyncio.sleep(2)
        assert said in await at.presses(label, card)
        await asyncio.sleep(2)
        assert said in card.text and card.labels[:2] == ["Post now", "Later…"]
        assert entry(at, message).due == pytest.approx(at_hour(hours), abs=120)


@jumping
async def test_tonight_is_refused_when_it_is_past_and_taken_before(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC")
        message, card = await draft(at)
        await at.presses_data(f"later.tonight:{OWNER}:{message}", card.id)
        assert at.bot.answers[-1] == later.TONIGHT_IS_PAST
        at.habits.change(zone="America/Los_Angeles")
        await at.presses_data(f"later.tonight:{OWNER}:{message}", card.id)
        assert "Tuesday 14 November, 20:00 (America/Los_Angeles)" in at.bot.answers[-1]


@jumping
async def test_a_typed_time_is_asked_for_and_its_answer_is_found_after_a_restart(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        message, card = await draft(at)
        await at.presses("Later…", card)
        await asyncio.sleep(2)
        await at.presses("Type a time", card)
        question = at.bot.said[-1]
        assert question.text == later.WHEN
        await asyncio.sleep(3)
        assert card.labels[0] == "Post"
        await at.reopen()
        assert "Goes out on" in await replies(at, "tomorrow 9am", question.id)
        assert entry(at, message).due == at_hour(24 + 9)


@jumping
async def test_back_shows_the_usual_buttons_again(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        _, card = await draft(at)
        before = card.labels
        await at.presses("Later…", card)
        await asyncio.sleep(2)
        assert "Next free slot" not in card.labels
        await at.presses("Back", card)
        await asyncio.sleep(2)
        assert card.labels == before


@jumping
async def test_without_slots_none_is_free(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message, card = await draft(at)
        await at.presses_data(f"later.slot:{OWNER}:{message}", card.id)
        assert at.bot.answers == [later.NO_SLOTS]


@pytest.mark.parametrize("choice", ["hour", "tonight", "morning", "slot", "type", "", "nonsense"])
@pytest.mark.parametrize("after", [30.0, 60 * DAY])
@jumping
async def test_a_choice_for_what_is_out_is_answered_in_words(
    tmp_path: Path, choice: str, after: float
) -> None:
    async with room(tmp_path) as at:
        message = await at.sends("/post hello")
        await asyncio.sleep(after)
        await at.presses_data(f"later.{choice}:{OWNER}:{message}", at.card.id)
        await at.presses_data(f"later.{choice}:{OWNER}:4711", at.card.id)
        assert at.bot.answers == ["Too late: it is out.", "I do not know that post any more."]
        await asyncio.sleep(2 * DAY)
        assert at.x.timeline == ["hello"]


# --- /slots and /timezone


@jumping
async def test_posts_fill_the_slots_one_by_one_and_what_is_cancelled_frees_its_slot(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="Europe/Berlin")
        await at.sends("/slots 9:00 18:00")
        assert at.bot.said[-1].text == (
            "Slots: 09:00 18:00 (Europe/Berlin).\n"
            "The next free one: Wednesday 15 November, 09:00 (Europe/Berlin)"
        )
        cards = []
        for n in range(3):
            message, card = await draft(at, f"post {n}")
            cards.append(card)
            await at.presses_data(f"later.slot:{OWNER}:{message}", card.id)
        due = [e.due for e in at.timetable.coming()]
        assert due == [at_hour(24 + 8), at_hour(24 + 17), at_hour(48 + 8)]
        await asyncio.sleep(2)
        await at.presses("Cancel", cards[1])
        message, card = await draft(at, "post 3")
        await at.presses_data(f"later.slot:{OWNER}:{message}", card.id)
        assert entry(at, message).due == at_hour(24 + 17)
        await asyncio.sleep(3 * DAY)
        assert at.x.timeline == ["post 0", "post 3", "post 2"]


@jumping
async def test_a_double_tap_on_the_next_free_slot_takes_one(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC", slots=("09:00 18:00",))
        message, card = await draft(at)
        for _ in range(2):
            await at.presses_data(f"later.slot:{OWNER}:{message}", card.id)
            assert entry(at, message).due == at_hour(24 + 9)


@jumping
async def test_slots_are_shown_refused_and_ended(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.sends("/slots")
        assert at.bot.said[-1].text == f"There are no slots. {later.SLOTS_HOW}"
        await at.sends("/slots mon-fri 09:00; sat 25:00")
        assert "I cannot read “25:00” there, so nothing has changed." in at.bot.said[-1].text
        await at.sends("/slots mon-fri 09:00; sat 11:00")
        assert "mon-fri 09:00; sat 11:00 (UTC)" in at.bot.said[-1].text
        assert at.bot.said[-1].text.endswith(later.no_zone())
        await at.reopen()
        assert at.habits.current.slots == ("mon-fri 09:00", "sat 11:00")
        await at.sends("/slots off")
        assert at.bot.said[-1].text == later.SLOTS_OFF
        assert not at.habits.current.slots


@jumping
async def test_a_post_in_a_slot_keeps_its_local_time_where_the_rules_of_the_zone_change(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="Europe/Berlin", slots=("09:00",))
        message, card = await draft(at)
        await at.presses_data(f"later.slot:{OWNER}:{message}", card.id)
        right = entry(at, message)
        # As it would stand there if the zone had been an hour off when it was scheduled.
        at.timetable.schedule(right.key, (right.due or 0) + HOUR, right.wall)
        await at.reopen()
        assert entry(at, message).due == right.due


@pytest.mark.parametrize(
    ("typed", "zone", "said"),
    [
        ("berlin", "Europe/Berlin", "Time zone: Europe/Berlin, where it is 23:13 now."),
        ("New York", "America/New_York", "where it is 17:13 now."),
        ("nowhere", "", "I know of no time zone for “nowhere”."),
        ("kentucky", "", "may be America/Kentucky/Louisville, America/Kentucky/Monticello."),
        ("", "", "No time zone is chosen, so times are in UTC."),
    ],
)
@jumping
async def test_a_zone_is_chosen_by_a_city(tmp_path: Path, typed: str, zone: str, said: str) -> None:
    async with room(tmp_path) as at:
        await at.sends(f"/timezone {typed}".strip())
        assert said in at.card.text
        assert at.habits.current.zone == zone


@jumping
async def test_another_zone_changes_what_a_card_shows_and_not_when_it_goes_out(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC")
        message, card = await draft(at)
        await replies(at, "/at 23:30", message)
        await at.sends("/timezone tokyo")
        await asyncio.sleep(3)
        assert "Wednesday 15 November, 08:30 (Asia/Tokyo)" in card.text
        assert entry(at, message).due == at_hour(23.5)


# --- /queue


async def queue_of_three(at: Room) -> Said:
    at.habits.change(zone="UTC")
    for n in (1, 2, 3):
        await at.sends(f"/at in {n} h\npost {n}")
    await asyncio.sleep(1)
    await at.sends("/queue")
    return at.bot.said[-1]


def titles(said: Said) -> list[str]:
    return [line.partition("“")[2].partition("”")[0] for line in said.text.splitlines()]


@jumping
async def test_the_queue_moves_posts_up_and_down_by_changing_their_times(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        shown = await queue_of_three(at)
        assert titles(shown) == ["post 1", "post 2", "post 3"]
        times = [line.partition(" ")[2].partition(":")[0] for line in shown.text.splitlines()]
        assert await at.presses("3. ↑", shown) == later.MOVED
        assert titles(shown) == ["post 1", "post 3", "post 2"]
        up = shown.data[shown.labels.index("2. ↑")]
        for _ in range(2):
            await at.presses_data(up, shown.id)
            assert at.bot.answers[-1] == later.MOVED
            assert titles(shown) == ["post 3", "post 1", "post 2"]
        after = [line.partition(" ")[2].partition(":")[0] for line in shown.text.splitlines()]
        assert after == times
        await asyncio.sleep(DAY)
        assert at.x.timeline == ["post 3", "post 1", "post 2"]


@jumping
async def test_posts_of_the_same_time_change_places_too(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC")
        for n in (1, 2):
            await at.sends(f"/at 23:30\npost {n}")
        await at.sends("/queue")
        shown = at.bot.said[-1]
        await at.presses("2. ↑", shown)
        assert titles(shown) == ["post 2", "post 1"]
        await asyncio.sleep(DAY)
        assert at.x.timeline == ["post 2", "post 1"]


@jumping
async def test_the_queue_posts_now_and_cancels_and_shows_it_in_place(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        shown = await queue_of_three(at)
        assert await at.presses("2. Now", shown) == "On its way"
        await asyncio.sleep(5)
        assert at.x.timeline == ["post 2"]
        assert titles(shown) == ["post 2", "post 1", "post 3"]  # as it was in that moment
        assert await at.presses("2. Cancel", shown) == "Cancelled"
        assert titles(shown) == ["post 3"] and len(at.bot.said) == 4
        await asyncio.sleep(DAY)
        assert at.x.timeline == ["post 2", "post 3"]


@jumping
async def test_post_now_can_be_stopped_like_any_other(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        shown = await queue_of_three(at)
        at.habits.change(undo=10)
        await at.presses("1. Now", shown)
        await asyncio.sleep(3)
        assert await at.presses("Stop", at.bot.said[0]) == "Stopped"
        await asyncio.sleep(60)
        assert at.x.timeline == []


@jumping
async def test_buttons_of_an_old_queue_work_and_are_answered(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        shown = await queue_of_three(at)
        old = dict(zip(shown.labels, shown.data, strict=True))
        await asyncio.sleep(1.5 * HOUR)  # the first is out by now
        await at.reopen()
        for label, answer in [
            ("1. ↓", later.NOT_COMING),
            ("1. Now", "Too late: it is out."),
            ("1. Cancel", "Too late: it is out."),
            ("2. ↑", later.NOT_COMING),
            ("3. ↑", later.MOVED),
            ("3. ↑", later.MOVED),  # a double tap
            ("2. Cancel", "Cancelled"),
            ("2. Cancel", "It was cancelled already."),
            ("3. Now", "On its way"),
            ("3. Now", "Too late: it is out."),
        ]:
            await at.presses_data(old[label], shown.id)
            assert at.bot.answers[-1] == answer, label
        await asyncio.sleep(DAY)
        assert at.x.timeline == ["post 1", "post 3"]
        await at.presses_data(old["3. Cancel"], shown.id)
        assert at.bot.answers[-1] == "Too late: it is out."
        assert shown.text == "Nothing waits, and nothing has failed."


@jumping
async def test_a_page_can_be_turned_and_stays_turned_after_a_press(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(zone="UTC")
        for n in range(1, 13):
            await at.sends(f"/at in {n} h\npost {n}")
        await at.sends("/queue")
        shown = at.bot.said[-1]
        assert await at.presses("More", shown) == ""
        assert titles(shown) == ["post 11", "post 12", ""]
        await at.presses("12. Cancel", shown)
        assert titles(shown) == ["post 11", ""]
        await at.presses("11. Cancel", shown)
        assert titles(shown)[-1] == "post 10"


@jumping
async def test_what_failed_is_tried_again_or_discarded_from_the_queue(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        no = Forbidden(Refusal.FORBIDDEN, status=403)
        at.x.fails("create", no, no)
        for n in (1, 2):
            await at.sends(f"/post post {n}")
        await asyncio.sleep(5)
        await at.sends("/queue")
        shown = at.bot.said[-1]
        assert await at.presses("2. Discard", shown) == "Discarded"
        assert await at.presses("1. Try again", shown) == "Trying again"
        await asyncio.sleep(5)
        assert at.x.timeline == ["post 1"]


@pytest.mark.parametrize(
    "data", ["queue.", "queue.move", "queue.nonsense.0:42:11", "queue.page.x:"]
)
@jumping
async def test_a_button_of_nothing_is_answered(tmp_path: Path, data: str) -> None:
    async with room(tmp_path) as at:
        await at.sends("/queue")
        await at.presses_data(data, at.bot.said[-1].id)
        assert len(at.bot.answers) == 1


@jumping
async def test_a_scheduled_draft_state_is_never_lost_over_a_kill(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        shown = await queue_of_three(at)
        await at.presses("3. ↑", shown)
        await asyncio.sleep(3)
        await at.reopen(is_killed=True)
        assert [e.post.text for e in at.timetable.coming()] == ["post 1", "post 3", "post 2"]
        assert all(e.state is State.QUEUED for e in at.publisher.entries())


@pytest.mark.parametrize("fails", ["file", "create"])
@jumping
async def test_try_again_long_after_its_time_is_answer_enough(tmp_path: Path, fails: str) -> None:
    async with room(tmp_path) as at:
        if fails == "file":
            at.files.errors["p1"].append(Unusable(Refusal.FILE_UNREADABLE))
        else:
            at.x.fails("create", Forbidden(Refusal.FORBIDDEN, status=403))
        await at.sends("/at in 2 h\nhello", photo="p1")
        await asyncio.sleep(5 * HOUR)
        card = next(said for said in at.bot.said if "Try again" in said.labels)
        assert await at.presses("Try again", card) == "Trying again"
        await asyncio.sleep(60)
        assert at.x.timeline == ["hello"]
