"""The hold in which a post can be stopped, and the time that it is meant for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.clockwork import jumping, now
from tests.post_office import OTHER, Office, Trouble, office
from twitter_core import outbox, schedule
from twitter_core.actions import Close, Create, Wait
from twitter_core.entry import Attempt, Entry, Question, State, Upload
from twitter_core.errors import Forbidden, RateLimited, Refusal, Uncertain, Unsent
from twitter_core.events import (
    Approved,
    Asked,
    Began,
    Called,
    Cancelled,
    Event,
    Found,
    Joined,
    NotSent,
    Reopened,
    Scheduled,
    Stopped,
)
from twitter_core.line import take_turn
from twitter_core.post import Media, Post, Tweet
from twitter_core.schedule import AHEAD, LATE, MISSED

NOW = 1_700_000_000.0
HOUR, DAY = 3600.0, 86_400.0

READY = Entry("7:1", State.QUEUED, Post("hello"), NOW, seq=1, tweets=(Tweet("hello"),))
HELD = replace(READY, hold=10.0, held_until=NOW + 10)
SCHEDULED = replace(READY, due=NOW + DAY)
DRAFT = replace(READY, state=State.DRAFT, question=Question.PREVIEW, tweets=())


def after(entry: Entry, *events: Event) -> Entry:
    for event in events:
        moved = outbox.step(entry, event)
        assert moved is not entry, event
        entry = moved
    return entry


def begun(entry: Entry) -> Entry:
    return after(entry, Began(Attempt(0, entry.tweets[0].text, (), "", NOW)))


# --- the hold


def test_a_held_post_is_sent_when_its_hold_is_over() -> None:
    assert outbox.next_action(HELD, NOW + 9.9) == Wait(NOW + 10)
    assert outbox.next_action(HELD, NOW + 10) == Create(0, (), "")


def test_uploads_run_while_a_post_is_held() -> None:
    photo = Media("p")
    held = replace(HELD, post=Post("", (photo,)), uploads=(None,), tweets=())
    assert outbox.uploads_due(held, "7", NOW) == (0,)
    there = replace(held, uploads=(Upload("m", NOW + DAY),))
    assert outbox.next_action(there, NOW) == Close()


def test_what_was_sent_after_a_held_post_does_not_pass_it() -> None:
    behind = replace(READY, key="7:2", seq=2)
    turn = take_turn([HELD, behind], NOW)
    assert (turn.entry, turn.action) == (None, Wait(NOW + 10))
    assert take_turn([HELD, behind], NOW + 10).entry == HELD


def test_the_hold_of_an_album_begins_when_its_last_item_is_there() -> None:
    album = replace(READY, post=Post("", (Media("p", order=1),)), tweets=(), uploads=(None,))
    album = schedule.begin_hold(replace(album, open_until=NOW + 1, hold=10.0), NOW)
    assert album.held_until == NOW + 11
    assert after(album, Joined(Media("q", order=2), "", NOW + 3)).held_until == NOW + 13


def test_stop_makes_a_draft_of_it_that_loses_nothing() -> None:
    stopped = after(HELD, Stopped())
    assert (stopped.state, stopped.question) == (State.DRAFT, Question.STOPPED)
    assert (stopped.post, stopped.uploads) == (HELD.post, HELD.uploads)
    assert outbox.step(stopped, Stopped()) is stopped
    again = after(stopped, Approved(9, "7", NOW + 60, 10.0))
    assert (again.held_until, again.seq) == (NOW + 70, 9)


def test_what_is_going_out_or_is_out_cannot_be_stopped() -> None:
    posting = begun(HELD)
    for entry in (posting, after(posting, Found("1", NOW)), READY, SCHEDULED, DRAFT):
        assert outbox.step(entry, Stopped()) is entry


def test_what_was_given_a_time_in_the_moment_of_its_sending_is_not_sent() -> None:
    timed = after(READY, Scheduled(NOW + HOUR, 2))
    began = Began(Attempt(0, "hello", (), "", NOW))
    assert outbox.step(timed, began) is timed


def test_what_x_has_put_off_can_be_stopped_after_all() -> None:
    put_off = after(begun(HELD), NotSent(NOW + 600))
    assert after(put_off, Stopped()).state is State.DRAFT


def test_a_thread_is_held_before_its_first_post_alone() -> None:
    thread = replace(HELD, tweets=(Tweet("one"), Tweet("two")), hold=10.0)
    thread = after(begun(replace(thread, held_until=NOW)), Found("1", NOW + 1))
    assert outbox.next_action(thread, NOW + 1) == Create(1, (), "1")
    assert outbox.step(thread, Stopped()) is thread


def test_after_a_restart_a_hold_begins_anew_but_not_that_of_what_may_be_out() -> None:
    assert after(HELD, Reopened(NOW + 200, NOW + 100)).held_until == NOW + 110
    assert outbox.step(READY, Reopened(NOW + 200, NOW + 100)) is READY
    lost = replace(HELD, first_try_at=NOW)
    assert outbox.step(lost, Reopened(NOW + 200, NOW + 100)) is lost


# --- the schedule


@pytest.mark.parametrize(
    "entry", [DRAFT, READY, HELD, SCHEDULED], ids=["draft", "ready", "held", "scheduled"]
)
def test_whatever_has_not_begun_can_be_given_a_time(entry: Entry) -> None:
    moved = after(entry, Scheduled(NOW + HOUR, 9, "7", "wall"))
    assert (moved.state, moved.due, moved.wall, moved.seq) == (State.QUEUED, NOW + HOUR, "wall", 9)
    assert (moved.question, moved.held_until) == (None, None)
    assert outbox.next_action(moved, NOW + HOUR - 1) in (Wait(NOW + HOUR), Close())


def test_what_is_under_way_out_failed_or_over_cannot() -> None:
    posting = begun(READY)
    lost = replace(READY, first_try_at=NOW)
    half = replace(READY, posted=("1",), tweets=(Tweet("a"), Tweet("b")))
    over = [after(posting, Found("1", NOW)), after(READY, Cancelled(NOW))]
    for entry in (posting, lost, half, replace(READY, state=State.FAILED), *over):
        assert outbox.step(entry, Scheduled(NOW + HOUR, 9)) is entry


def test_a_scheduled_post_holds_up_nobody_and_its_turn_comes_at_its_time() -> None:
    behind = replace(READY, key="7:2", seq=2)
    assert take_turn([SCHEDULED, behind], NOW).entry == behind
    assert take_turn([SCHEDULED], NOW).action == Wait(NOW + DAY)


def test_its_media_go_to_x_ten_minutes_before() -> None:
    entry = replace(SCHEDULED, post=Post("", (Media("p"),)), uploads=(None,), tweets=())
    assert outbox.uploads_due(entry, "7", NOW + DAY - AHEAD - 1) == ()
    assert outbox.uploads_due(entry, "7", NOW + DAY - AHEAD) == (0,)


def test_media_that_are_stale_by_then_go_there_again() -> None:
    old = Upload("m", NOW + DAY, "7")
    entry = replace(SCHEDULED, post=Post("", (Media("p"),)), uploads=(old,))
    assert outbox.uploads_due(entry, "7", NOW + DAY - AHEAD) == (0,)


def test_post_now_takes_its_time_away_and_holds_it() -> None:
    entry = after(SCHEDULED, Approved(9, "7", NOW, 5.0, at_once=True))
    assert (entry.due, entry.seq, entry.held_until) == (None, 9, NOW + 5)
    assert outbox.step(entry, Approved(10, "7", NOW, 5.0, at_once=True)) is entry


def test_any_other_yes_leaves_what_has_its_time_alone() -> None:
    assert outbox.step(SCHEDULED, Approved(9, "7", NOW, 5.0)) is SCHEDULED


@pytest.mark.parametrize("question", [Question.ACCOUNT, Question.TOO_LONG, Question.PARENT])
def test_a_question_on_the_way_leaves_it_its_time(question: Question) -> None:
    asked = replace(SCHEDULED, state=State.DRAFT, question=question, wall="wall")
    answered = after(asked, Approved(9, "7", NOW, 5.0))
    assert (answered.due, answered.wall, answered.held_until) == (NOW + DAY, "wall", None)
    too_late = after(asked, Approved(9, "7", NOW + 2 * DAY, 5.0))
    assert (too_late.due, too_late.wall) == (None, "")


# --- when times come


def told(*entries: Entry, at: float) -> list[tuple[str, Event]]:
    numbers = iter(range(50, 99))
    return list(schedule.calls(entries, at, lambda: next(numbers)))


def due(*seconds: float) -> Iterator[Entry]:
    for number, at in enumerate(seconds):
        yield replace(READY, key=f"7:{number}", seq=number, due=NOW + at)


def test_at_its_time_a_post_is_called_into_the_line_and_not_before() -> None:
    (entry,) = due(HOUR)
    assert told(entry, at=NOW + HOUR - 1) == []
    assert told(entry, at=NOW + HOUR) == [("7:0", Called(50))]
    called = after(entry, Called(50))
    assert (called.due, called.seq, called.stale_at) == (None, 50, NOW + HOUR + LATE)
    assert outbox.next_action(called, NOW + HOUR) == Create(0, (), "")
    assert told(called, at=NOW + HOUR) == []


def test_of_several_the_earlier_time_goes_first_whichever_was_scheduled_first() -> None:
    late, early = due(20.0, 10.0)
    assert told(late, early, at=NOW + 30) == [("7:1", Called(50)), ("7:0", Called(51))]


def test_one_that_is_over_an_hour_late_asks_first() -> None:
    (entry,) = due(0.0)
    assert told(entry, at=NOW + LATE - 1) == [("7:0", Called(50))]
    assert told(entry, at=NOW + LATE) == [("7:0", Asked(Question.OVERDUE))]
    asked = after(entry, Asked(Question.OVERDUE))
    assert (asked.state, asked.due, asked.needs_owner) == (State.DRAFT, NOW, True)
    assert after(asked, Approved(9, "7", NOW + LATE)).due is None


def test_one_that_was_called_and_held_up_for_an_hour_asks_as_well() -> None:
    (entry,) = due(0.0)
    called = after(entry, Called(50))
    assert told(called, at=NOW + LATE - 1) == []
    assert schedule.next_call([called], NOW) == NOW + LATE
    assert told(called, at=NOW + LATE) == [("7:0", Asked(Question.OVERDUE))]
    assert after(called, Asked(Question.OVERDUE)).due == NOW
    may_be_out = replace(called, first_try_at=NOW)
    assert told(may_be_out, at=NOW + LATE) == []


def test_of_several_that_were_slept_through_none_goes_out_by_itself() -> None:
    slept = list(due(*(600.0 * n for n in range(5))))
    found = told(*slept, at=NOW + 600 * 4 + MISSED + 1)
    assert found == [(entry.key, Asked(Question.OVERDUE)) for entry in slept]
    just_now = told(*slept, at=NOW + 600 * 4)
    assert just_now[-1] == ("7:4", Called(50)) and len(just_now) == 5


def test_two_of_the_same_minute_both_go_out() -> None:
    first, second = due(0.0, 0.0)
    assert told(first, second, at=NOW + 1) == [("7:0", Called(50)), ("7:1", Called(51))]


def test_it_is_known_when_to_look_again() -> None:
    entries = list(due(HOUR, DAY))
    assert schedule.next_call(entries, NOW) == NOW + HOUR
    assert schedule.next_call(entries, NOW + HOUR) == NOW + DAY
    assert schedule.next_call([READY, DRAFT], NOW) is None


# --- at work


@jumping
async def test_a_hold_delays_each_post_and_keeps_their_order(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.send("one", "p1", hold=10.0)
        await asyncio.sleep(3)
        at.send("two", hold=10.0)
        await asyncio.sleep(30)
        assert at.x.timeline == ["one", "two"]
        assert at.x.times("create") == [10.0, 13.0]
        assert at.x.times("upload_v2")[0] < 1


@jumping
async def test_a_stopped_post_does_not_go_out_and_those_behind_it_do(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        key = at.send("one", hold=10.0)
        at.send("two", hold=10.0)
        await asyncio.sleep(9.9)
        assert at.publisher.tell(key, Stopped()) is not None
        await asyncio.sleep(30)
        assert at.x.timeline == ["two"]
        assert at.question(key) is Question.STOPPED
        at.publisher.tell(key, Approved(at.publisher.next_seq(), "7", now(), 5.0))
        await asyncio.sleep(10)
        assert at.x.timeline == ["two", "one"]


@jumping
async def test_stop_in_the_very_instant_in_which_it_goes_out_is_one_or_the_other(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        keys = [at.send(f"post {n}", hold=10.0) for n in range(30)]
        stopped = set()
        for key in keys:  # one after the other, around the instant at which the first goes out
            await asyncio.sleep(10.0 - now() % 10 if key == keys[0] else 0.05)
            if at.publisher.tell(key, Stopped()) is not None:
                stopped.add(key)
        await asyncio.sleep(120)
        out = {f"1:{text}" for text in at.x.timeline}
        assert out | stopped == set(keys) and not out & stopped


@jumping
async def test_a_hold_survives_a_restart_and_can_be_stopped_for_its_time_from_then_on(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        key = at.send("one", hold=10.0)
        await asyncio.sleep(5)
        await at.reopen(is_killed=True)
        await asyncio.sleep(60)  # Telegram is not heard of yet: perhaps [Stop] was pressed
        assert at.x.timeline == []
        at.publisher.reopen_albums(now() + 1)
        await asyncio.sleep(9.9)
        assert at.state(key) is State.QUEUED
        await asyncio.sleep(0.5)
        assert at.x.timeline == ["one"]


@jumping
async def test_a_scheduled_post_goes_out_at_its_time_and_once(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.send("later", "p1", due=now() + 3 * DAY)
        at.send("at once")
        await asyncio.sleep(3 * DAY - AHEAD - 5)
        assert at.x.timeline == ["at once"]
        assert at.x.times("upload_v2") == []
        await asyncio.sleep(AHEAD + 65)
        assert at.x.timeline == ["at once", "later"]
        assert at.x.times("create")[1] == 3 * DAY
        assert at.x.times("upload_v2")[0] == pytest.approx(3 * DAY - AHEAD, abs=1)


@pytest.mark.parametrize("off", [-0.5, -0.05, 0.0, 0.05, 0.5])
@jumping
async def test_a_restart_at_the_very_moment_posts_once(tmp_path: Path, off: float) -> None:
    async with office(tmp_path) as at:
        at.send("later", due=now() + 100)
        await asyncio.sleep(100 + off)
        await at.reopen(is_killed=True)
        await asyncio.sleep(200)
        assert at.x.timeline == ["later"]


@jumping
async def test_a_machine_that_slept_through_ten_slots_asks_for_each(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        keys = [at.send(f"post {n}", due=now() + HOUR + n * 600) for n in range(10)]
        await asyncio.sleep(1)
        await at.close()
        await asyncio.sleep(HOUR + 9 * 600 + MISSED + 1)
        await at.open()
        await asyncio.sleep(10 * DAY)
        assert at.x.timeline == []
        assert {at.question(key) for key in keys} == {Question.OVERDUE}


@jumping
async def test_a_machine_that_slept_with_the_process_alive_looks_at_the_clock(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        key = at.send("post", due=now() + 8 * HOUR)
        await asyncio.sleep(1)
        # While it sleeps no timer runs, but the clock on the wall goes on.
        at.publisher._clock = lambda: now() + 9.5 * HOUR
        await asyncio.sleep(61)
        assert at.question(key) is Question.OVERDUE
        assert at.x.timeline == []


@jumping
async def test_a_single_post_that_is_a_little_late_goes_out_by_itself(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.send("post", due=now() + HOUR)
        await at.close()
        await asyncio.sleep(HOUR + 1800)
        await at.open()
        await asyncio.sleep(5)
        assert at.x.timeline == ["post"]


@jumping
async def test_without_a_sign_in_a_scheduled_post_waits_and_after_an_hour_asks(
    tmp_path: Path,
) -> None:
    async with office(tmp_path, account=None) as at:
        soon = at.send("soon", due=now() + 60)
        await asyncio.sleep(600)
        assert at.x.timeline == [] and at.state(soon) is State.QUEUED
        at.sign_in()
        await asyncio.sleep(5)
        assert at.x.timeline == ["soon"]
        at.sign_in(None)
        late = at.send("late", due=now() + 60)
        await asyncio.sleep(2 * HOUR)
        at.sign_in()
        await asyncio.sleep(60)
        assert at.question(late) is Question.OVERDUE
        assert at.x.timeline == ["soon"]


@jumping
async def test_a_pause_and_an_outage_of_the_network_hold_a_scheduled_post_too(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.publisher.pause()
        at.send("paused", due=now() + 60)
        await asyncio.sleep(600)
        assert at.x.timeline == []
        at.publisher.resume()
        await asyncio.sleep(5)
        assert at.x.timeline == ["paused"]
        at.x.always["create"] = Trouble(Unsent())
        key = at.send("away", due=now() + 60)
        await asyncio.sleep(90 * 60)
        assert at.question(key) is Question.OVERDUE


@jumping
async def test_a_scheduled_post_for_another_account_asks(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        key = at.send("for me", due=now() + HOUR)
        await asyncio.sleep(1)
        at.sign_in(OTHER)
        await asyncio.sleep(5)
        assert at.question(key) is Question.ACCOUNT
        at.publisher.tell(key, Approved(at.publisher.next_seq(), OTHER.id, now()))
        await asyncio.sleep(60)
        assert at.x.timeline == []
        await asyncio.sleep(HOUR)
        assert at.x.timeline == ["for me"]


@jumping
async def test_a_scheduled_post_that_ends_without_a_clear_answer_is_looked_for_as_any_other(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", Uncertain(), effect=True)
        at.send("later", due=now() + 60)
        await asyncio.sleep(200)
        assert at.x.timeline == ["later"]
        assert len(at.x.calls("create")) == 1


@jumping
async def test_a_scheduled_post_that_x_refuses_or_puts_off_is_one_in_the_line(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", Forbidden(Refusal.FORBIDDEN, status=403))
        no = at.send("no", due=now() + 60)
        await asyncio.sleep(90)
        assert at.state(no) is State.FAILED
        at.x.fails("create", RateLimited(reset_at=now() + 300))
        at.send("limited", due=now() + 60)
        await asyncio.sleep(600)
        assert at.x.timeline == ["limited"]


@jumping
async def test_what_continues_a_scheduled_post_waits_for_it(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        first = at.send("first", due=now() + HOUR)
        at.send("second", follows=first)
        at.send("other")
        await asyncio.sleep(60)
        assert at.x.timeline == ["other"]
        await asyncio.sleep(HOUR)
        assert at.x.timeline == ["other", "first", "second"]
        assert at.x.replies_to[at.x.posts[2].id] == at.x.posts[1].id


async def _send_all(at: Office) -> list[str]:
    keys = [at.send(f"s{n}", f"p{n}", due=now() + HOUR + n) for n in range(3)]
    return [*keys, at.send("held", hold=30.0)]


@jumping
async def test_scheduled_posts_and_holds_are_on_the_disk_soon(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        keys = await _send_all(at)
        await asyncio.sleep(3)
        before = [at.publisher.entry(key) for key in keys]
        await at.reopen(is_killed=True)
        after_it = [at.publisher.entry(key) for key in keys]
        assert [e and (e.due, e.hold) for e in after_it] == [e and (e.due, e.hold) for e in before]
