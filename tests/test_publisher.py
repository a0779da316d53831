"""The worker: in order, once, and whatever fails is waited for, told, or asked about."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.clockwork import jumping, now
from tests.post_office import ME, OTHER, Office, Trouble, office
from twitter_core import oauth1
from twitter_core.entry import THERE, Question, State
from twitter_core.errors import (
    BadMedia,
    CreditsDepleted,
    Duplicate,
    Forbidden,
    RateLimited,
    Refusal,
    Refused,
    SignInNeeded,
    Uncertain,
    Unsent,
)
from twitter_core.events import (
    Approved,
    Cancelled,
    DeletionAsked,
    ItIsThere,
    Joined,
    PostAgain,
    Shown,
)
from twitter_core.line import Reason
from twitter_core.media import Unusable
from twitter_core.post import Media
from twitter_core.uploads import Later

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


def no(refusal: Refusal = Refusal.FORBIDDEN) -> Forbidden:
    return Forbidden(refusal, status=403, detail="No.")


def bad_media() -> BadMedia:
    return BadMedia(Refusal.BAD_MEDIA, status=400)


def duplicate() -> Duplicate:
    return Duplicate(Refusal.DUPLICATE, status=403)


def no_credits() -> CreditsDepleted:
    return CreditsDepleted(Refusal.CREDITS, status=402)


def on_disk(at: Office) -> dict[str, Any]:
    content = json.loads((at.folder / "data" / "telex.json").read_text())
    return {entry["key"]: entry for entry in content["outbox"].values()}


def history(at: Office) -> dict[str, dict[str, Any]]:
    return {line["key"]: line for line in reversed(list(at.store.history.read_back()))}


# --- the straight way


@jumping
async def test_a_text_goes_out_and_ends_in_the_history(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        key = at.send("hello")
        await asyncio.sleep(1)
        assert at.x.timeline == ["hello"]
        assert at.entry(key).posted == (at.x.posts[0].id,)
        assert at.screen.seen[key] == [State.QUEUED, State.POSTING, State.DONE]
        at.publisher.tell(key, Shown())
        await asyncio.sleep(2)
        assert history(at)[key]["posted"] == [at.x.posts[0].id]
        assert history(at)[key]["remark"] == {"seen": 3}


@jumping
async def test_a_post_that_has_ended_and_is_shown_leaves_the_store_but_is_still_known(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        key = at.send("hello")
        await asyncio.sleep(HOUR)
        assert at.publisher.entry(key) is not None
        at.publisher.tell(key, Shown())
        await asyncio.sleep(2)
        assert at.publisher.entry(key) is None
        assert at.screen.gone == [key]
        assert not at.publisher.submit(at.screen.last[key])
        await at.reopen()
        assert not at.publisher.submit(at.screen.last[key])
        await asyncio.sleep(MINUTE)
        assert at.x.timeline == ["hello"]


@jumping
async def test_the_attempt_is_on_the_disk_before_the_request_is_sent(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        gate = at.x.hangs("create")
        key = at.send("hello", "p1", "p2")
        while not at.x.calls("create"):
            await asyncio.sleep(0.01)
        kept = on_disk(at)[key]
        assert kept["state"] == "posting"
        attempt = kept["attempt"]
        assert attempt["text"] == "hello"
        assert attempt["account"] == ME.id
        assert sorted(attempt["media_ids"]) == ["m1", "m2"]
        assert attempt["started_at"] <= now()
        gate.set()


@jumping
async def test_what_cannot_be_saved_is_not_sent_until_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path) as at:
        with monkeypatch.context() as patch:

            def refuse(fd: int) -> None:
                raise OSError(28, "No space left on device")

            patch.setattr(os, "fsync", refuse)
            key = at.send("hello")
            await asyncio.sleep(5 * MINUTE)
            assert at.x.calls("create") == []
            assert at.state(key) is State.QUEUED
        await asyncio.sleep(2 * MINUTE)
        assert at.x.timeline == ["hello"]


@jumping
async def test_files_are_let_go_when_the_post_has_ended(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        key = at.send("hello", "p1")
        at.send("other", "p2", key="k2")
        at.publisher.tell("k2", Cancelled(now()))
        await asyncio.sleep(5)
        assert sorted(at.files.released) == sorted([key, "k2"])


# --- the order


@jumping
async def test_posts_appear_in_the_order_in_which_they_were_sent(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.send("one", "slow")
        for text in ("two", "three", "four"):
            at.send(text)
        at.files.delay = 20
        await asyncio.sleep(2)
        assert at.x.timeline == []
        await asyncio.sleep(MINUTE)
        assert at.x.timeline == ["one", "two", "three", "four"]


@jumping
async def test_uploads_of_different_posts_overlap_six_at_once(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.x.delay = 1.0
        for number in range(10):
            at.send(f"post {number}", f"p{number}")
        await asyncio.sleep(0.5)
        assert at.x.under_way["upload_v2"] == 6
        assert set(at.x.calls("upload_v2")) == {f"p{n}" for n in range(6)}
        await asyncio.sleep(MINUTE)
        assert at.x.most_at_once["upload_v2"] == 6
        assert at.x.most_at_once["create"] == 1
        assert at.x.timeline == [f"post {n}" for n in range(10)]


@jumping
async def test_the_media_of_an_album_are_uploaded_while_it_is_still_open(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        key = at.send("album", "p0", open_until=now() + 1)
        at.publisher.tell(key, Joined(Media("p1", order=1), "", now() + 1))
        await asyncio.sleep(0.9)
        assert len(at.x.calls("upload_v2")) == 2
        assert at.x.calls("create") == []
        await asyncio.sleep(0.3)
        assert at.x.times("create") == [pytest.approx(1.0, abs=0.05)]


@jumping
async def test_one_that_holds_up_the_others_for_a_minute_steps_aside(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.files.delay = 100
        slow = at.send("slow", "p1")
        at.send("two")
        at.send("three")
        await asyncio.sleep(59)
        assert at.x.timeline == []
        await asyncio.sleep(2)
        assert at.x.timeline == ["two", "three"]
        assert at.entry(slow).held_up
        await asyncio.sleep(MINUTE)
        assert at.x.timeline == ["two", "three", "slow"]


@jumping
async def test_one_that_holds_up_nobody_never_steps_aside(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.files.delay = 100
        slow = at.send("slow", "p1")
        await asyncio.sleep(90)
        assert not at.entry(slow).held_up


@jumping
async def test_one_whose_look_up_keeps_failing_steps_aside_too(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", Uncertain())
        at.x.fails("own_posts", *[Uncertain(status=503)] * 12)
        lost = at.send("lost")
        at.send("two")
        await asyncio.sleep(50)
        assert at.x.timeline == []
        await asyncio.sleep(20)
        assert at.x.timeline == ["two"]
        assert at.entry(lost).held_up
        await asyncio.sleep(HOUR)
        assert at.x.timeline == ["two", "lost"]


@jumping
async def test_what_needs_the_owner_holds_up_nobody(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", no())
        refused = at.send("refused")
        at.send("draft", state=State.DRAFT)
        at.send("two")
        await asyncio.sleep(5)
        assert at.x.timeline == ["two"]
        assert at.state(refused) is State.FAILED


@jumping
async def test_an_approved_draft_goes_to_the_end_of_the_line(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        draft = at.send("draft", state=State.DRAFT)
        at.files.delay = 5
        at.send("one", "p1")
        at.publisher.tell(draft, Approved(at.publisher.next_seq(), at.publisher.account))
        await asyncio.sleep(MINUTE)
        assert at.x.timeline == ["one", "draft"]


# --- threads


@jumping
async def test_ten_photos_are_a_thread_of_three_each_a_reply_to_the_one_before(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        key = at.send("album", *(f"p{n}" for n in range(10)))
        await asyncio.sleep(MINUTE)
        first, second, third = at.entry(key).posted
        assert at.x.replies_to == {first: "", second: first, third: second}
        assert [len(post.media_keys) for post in at.x.posts] == [4, 4, 2]


@jumping
async def test_a_thread_that_was_killed_in_its_middle_goes_on_where_it_was(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        key = at.send("album", *(f"p{n}" for n in range(10)))
        while len(at.x.calls("create")) < 2:
            await asyncio.sleep(0.01)
        await at.reopen(is_killed=True)
        await asyncio.sleep(MINUTE)
        assert len(at.x.posts) == 3
        first, second, third = at.entry(key).posted
        assert at.x.replies_to == {first: "", second: first, third: second}


@jumping
async def test_a_picture_that_cannot_go_out_keeps_its_whole_album_back(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.files.errors["p4"] = [Unusable(Refusal.NOT_A_PICTURE)] * 2
        at.files.delays["p4"] = 1
        key = at.send("album", *(f"p{n}" for n in range(5)))
        await asyncio.sleep(2)
        assert at.state(key) is State.FAILED
        assert at.x.posts == []
        at.files.errors.clear()
        at.publisher.tell(key, PostAgain())
        await asyncio.sleep(MINUTE)
        assert [post.text for post in at.x.posts] == ["album", ""]


@jumping
async def test_a_late_photo_waits_for_its_album_and_replies_to_it(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.files.delay = 3
        album = at.send("album", "p1")
        late = at.send("", "p2", follows=album)
        await asyncio.sleep(MINUTE)
        assert at.x.replies_to[at.entry(late).posted[0]] == at.entry(album).posted[0]


@pytest.mark.parametrize("after", [1.0, DAY])
@jumping
async def test_a_late_photo_that_is_approved_much_later_still_replies_to_it(
    tmp_path: Path, after: float
) -> None:
    async with office(tmp_path) as at:
        album = at.send("album", "p1")
        late = at.send("", "p2", follows=album, state=State.DRAFT, question=Question.LATE)
        await asyncio.sleep(5)
        at.publisher.tell(album, Shown())
        await asyncio.sleep(after)
        at.publisher.tell(late, Approved(at.publisher.next_seq(), ME.id))
        await asyncio.sleep(MINUTE)
        assert at.x.replies_to[at.entry(late).posted[0]] == at.screen.last[album].posted[0]


@jumping
async def test_where_the_album_did_not_go_out_the_owner_is_asked(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", no())
        album = at.send("album", "p1")
        late = at.send("", "p2", follows=album)
        await asyncio.sleep(5)
        assert at.question(late) is Question.PARENT
        at.publisher.tell(late, Approved(at.publisher.next_seq(), ME.id))
        await asyncio.sleep(5)
        assert at.x.replies_to[at.entry(late).posted[0]] == ""


@jumping
async def test_a_reply_to_a_post_that_was_deleted_is_asked_about(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        album = at.send("album", "p1")
        await asyncio.sleep(5)
        at.publisher.tell(album, DeletionAsked(at.entry(album).posted))
        await asyncio.sleep(5)
        at.publisher.tell(album, Shown())
        late = at.send("", "p2", follows=album)
        await asyncio.sleep(5)
        assert at.question(late) is Question.PARENT


# --- no clear answer


@pytest.mark.parametrize("error", [Uncertain(), Uncertain(status=503)])
@jumping
async def test_a_post_whose_answer_was_lost_is_found_and_not_sent_again(
    tmp_path: Path, error: Exception
) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", error, effect=True)
        key = at.send("hello", "p1")
        await asyncio.sleep(MINUTE)
        assert at.x.timeline == ["hello"]
        assert at.x.calls("create") == ["hello"]
        assert at.entry(key).posted == (at.x.posts[0].id,)
        lost_at = at.x.times("create")[0] + at.x.delay
        assert at.x.times("own_posts") == [pytest.approx(lost_at + 5, abs=0.1)]


@jumping
async def test_a_post_that_is_absent_twice_is_sent_once_more_with_the_same_media(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", Uncertain())
        key = at.send("hello", "p1", "p2")
        await asyncio.sleep(30)
        assert at.x.timeline == ["hello"]
        assert at.x.calls("create") == ["hello", "hello"]
        assert len(at.x.calls("upload_v2")) == 2
        lost_at = at.x.times("create")[0] + at.x.delay
        looked = [pytest.approx(lost_at + seconds, abs=0.1) for seconds in (5, 8)]
        assert at.x.times("own_posts") == looked
        assert at.state(key) is State.DONE


@jumping
async def test_a_post_that_shows_up_late_is_found_by_the_second_look_up(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", Uncertain())
        at.send("hello")
        await asyncio.sleep(7)
        at.x.add("hello")
        await asyncio.sleep(MINUTE)
        assert at.x.calls("create") == ["hello"]
        assert at.x.timeline == ["hello"]


@jumping
async def test_two_of_a_post_are_noticed_a_minute_later_and_told(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", Uncertain())
        key = at.send("hello")
        await asyncio.sleep(20)
        double = at.x.add("hello")  # X was slower than anybody thought
        await asyncio.sleep(MINUTE)
        assert at.entry(key).doubles == (double,)
        await asyncio.sleep(5)
        assert history(at)[key]["doubles"] == [double]
        at.publisher.tell(key, DeletionAsked((double,)))
        await asyncio.sleep(5)
        assert at.x.deleted == [double]
        assert at.entry(key).doubles == ()


@jumping
async def test_an_older_post_with_the_same_text_is_not_taken_for_the_lost_one(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.send("gm")
        await asyncio.sleep(30)
        old = at.x.posts[0].id
        at.x.fails("create", Uncertain())
        second = at.send("gm", key="second")
        await asyncio.sleep(30)
        assert at.entry(second).posted not in ((), (old,))
        assert len(at.x.calls("create")) == 3


@jumping
async def test_killed_with_a_request_on_its_way_it_is_looked_up_after_the_start(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.x.hangs("create")
        key = at.send("hello")
        await asyncio.sleep(10)
        at.x.add("hello")
        await at.reopen(is_killed=True)
        await asyncio.sleep(MINUTE)
        assert at.x.timeline == ["hello"]
        assert at.entry(key).posted == (at.x.posts[0].id,)
        assert at.x.times("own_posts") == [pytest.approx(15, abs=0.1)]


@jumping
async def test_killed_before_the_request_had_effect_it_is_sent_after_two_look_ups(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.x.hangs("create")
        at.send("hello")
        await asyncio.sleep(1)
        await at.reopen(is_killed=True)
        await asyncio.sleep(MINUTE)
        assert at.x.timeline == ["hello"]
        assert len(at.x.times("own_posts")) == 2


@jumping
async def test_told_to_stop_it_waits_a_moment_for_the_answer_to_a_post(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.x.delay = 3
        key = at.send("hello")
        await asyncio.sleep(0.5)
        await at.reopen()
        await asyncio.sleep(MINUTE)
        assert at.x.calls("create") == ["hello"]
        assert at.x.calls("own_posts") == []
        assert at.state(key) is State.DONE


@jumping
async def test_told_to_stop_in_the_moment_of_a_change_it_stops(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.send("hello")
        await asyncio.sleep(1)  # now it waits until it is time to record what has ended
        at.publisher.wake()
        at.work.cancel()
        await asyncio.wait([at.work], timeout=HOUR)
        assert at.work.done()


@jumping
async def test_a_look_up_that_gets_no_answer_is_repeated_until_it_does(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", Uncertain(), effect=True)
        at.x.fails("own_posts", *[Uncertain()] * 5)
        key = at.send("hello")
        await asyncio.sleep(3 * MINUTE)
        assert at.state(key) is State.DONE
        assert at.x.timeline == ["hello"]


@pytest.mark.parametrize(
    "error",
    [Unsent(), RateLimited(), SignInNeeded(Refusal.SIGN_IN, status=401)],
    ids=lambda error: type(error).__name__,
)
@jumping
async def test_a_look_up_that_is_blocked_waits_and_asks_nobody(
    tmp_path: Path, error: Exception
) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", Uncertain(), effect=True)
        at.x.fails("own_posts", *[error] * 4)
        key = at.send("hello")
        await asyncio.sleep(10 * MINUTE)
        assert State.DONE in at.screen.seen[key]
        assert at.x.timeline == ["hello"]


@jumping
async def test_where_x_does_not_let_us_look_the_owner_is_asked_and_believed(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.x.always["own_posts"] = Trouble(no())
        at.x.fails("create", Uncertain(), Uncertain())
        there, absent = at.send("there"), at.send("absent")
        await asyncio.sleep(MINUTE)
        assert at.question(there) is at.question(absent) is Question.LOST
        at.x.add("there")
        at.publisher.tell(there, ItIsThere(now()))
        at.publisher.tell(absent, PostAgain())
        await asyncio.sleep(MINUTE)
        assert at.x.timeline == ["there", "absent"]
        assert at.entry(there).posted == (THERE,)


@jumping
async def test_a_step_that_breaks_is_looked_up_like_a_lost_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", RuntimeError("a bug"), effect=True)
        key = at.send("hello")
        await asyncio.sleep(MINUTE)
        assert at.state(key) is State.DONE
        assert at.x.timeline == ["hello"]
        assert "a step of the publisher failed" in caplog.text


# --- duplicates


@jumping
async def test_called_a_duplicate_of_what_its_own_lost_request_made_it_is_done(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", Uncertain(), duplicate())
        key = at.send("hello")
        while len(at.x.calls("create")) < 2:
            await asyncio.sleep(0.01)
        mine = at.x.add("hello")
        await asyncio.sleep(5)
        assert at.entry(key).posted == (mine,)


@jumping
async def test_a_duplicate_of_an_older_post_fails_and_names_it(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        first = at.send("gm")
        await asyncio.sleep(5)
        at.publisher.tell(first, Shown())
        await asyncio.sleep(HOUR)
        at.x.fails("create", duplicate())
        second = at.send("gm", key="second")
        await asyncio.sleep(MINUTE)
        failure = at.entry(second).failure
        assert failure is not None
        assert (failure.refusal, failure.earlier) == (Refusal.DUPLICATE, at.x.posts[0].id)
        assert len(at.x.posts) == 1


@jumping
async def test_a_duplicate_of_a_post_that_telex_does_not_know_fails_too(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.x.add("gm")
        await asyncio.sleep(DAY)
        at.x.fails("create", duplicate())
        key = at.send("gm")
        await asyncio.sleep(MINUTE)
        failure = at.entry(key).failure
        assert failure is not None
        assert (failure.refusal, failure.earlier) == (Refusal.DUPLICATE, "")


# --- refusals and holds


@pytest.mark.parametrize("refusal", [Refusal.FORBIDDEN, Refusal.INVALID, Refusal.NOT_PERMITTED])
@jumping
async def test_a_refusal_is_not_repeated_until_the_owner_says_so(
    tmp_path: Path, refusal: Refusal
) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", Refused(refusal, status=400, detail="No."))
        key = at.send("hello")
        await asyncio.sleep(DAY)
        assert at.x.calls("create") == ["hello"]
        failure = at.entry(key).failure
        assert failure is not None and failure.refusal is refusal and failure.detail == "No."
        at.publisher.tell(key, PostAgain())
        await asyncio.sleep(5)
        assert at.x.timeline == ["hello"]


@jumping
async def test_without_a_sign_in_everything_waits_and_goes_out_by_itself_after_it(
    tmp_path: Path,
) -> None:
    async with office(tmp_path, account=None) as at:
        key = at.send("hello", "p1")
        await asyncio.sleep(HOUR)
        assert at.x.asked == []
        at.sign_in()
        await asyncio.sleep(5)
        assert at.x.timeline == ["hello"]
        assert at.entry(key).account == ME.id


@jumping
async def test_a_sign_in_that_x_refuses_is_renewed_and_the_post_sent_once(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", SignInNeeded(Refusal.SIGN_IN, status=401))
        at.send("hello")
        await asyncio.sleep(5)
        assert len(at.x.calls("refresh")) == 1
        assert at.x.timeline == ["hello"]


@jumping
async def test_a_sign_in_that_was_taken_for_over_during_its_renewal_goes_on_by_itself(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        assert at.vault.value is not None
        at.vault.value = replace(at.vault.value, renewal_begun=1)  # an answer was lost before
        at.x.fails("create", SignInNeeded(Refusal.SIGN_IN, status=401))
        renewed = at.x.hangs("refresh")
        at.files.delay = 1
        at.send("one")
        at.send("two", "p1")
        await asyncio.sleep(10)
        assert at.publisher.line.waits_for_sign_in
        renewed.set()
        await asyncio.sleep(10)
        assert at.x.timeline == ["one", "two"]


@jumping
async def test_valid_tokens_that_x_refuses_in_an_outage_are_tried_again(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", *[SignInNeeded(Refusal.SIGN_IN, status=401)] * 6)
        at.send("hello")
        await asyncio.sleep(1)
        assert at.publisher.line.reason is Reason.SIGN_IN
        assert at.publisher.line.until is not None
        await asyncio.sleep(5 * MINUTE)
        assert at.x.timeline == ["hello"]


@jumping
async def test_a_rate_limit_holds_the_line_until_its_reset_and_survives_a_restart(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", RateLimited(reset_at=now() + 600))
        at.send("one")
        at.send("two")
        await asyncio.sleep(100)
        assert at.publisher.line.reason is Reason.RATE_LIMIT
        await at.reopen()
        await asyncio.sleep(490)
        assert at.x.calls("create") == ["one"]
        await asyncio.sleep(20)
        assert at.x.timeline == ["one", "two"]
        assert at.publisher.line.hold is None


@jumping
async def test_credits_that_are_used_up_fail_the_post_and_hold_the_others(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", no_credits())
        first = at.send("one")
        at.send("two")
        await asyncio.sleep(DAY)
        assert at.x.calls("create") == ["one"]
        assert at.state(first) is State.FAILED
        await at.reopen()
        await asyncio.sleep(HOUR)
        assert at.x.calls("create") == ["one"]
        at.publisher.tell(first, PostAgain())
        at.publisher.release()
        await asyncio.sleep(5)
        assert at.x.timeline == ["one", "two"]


@jumping
async def test_a_dead_network_holds_the_line_and_is_probed_ever_more_rarely(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", *[Unsent()] * 9)
        at.send("one")
        at.send("two")
        await asyncio.sleep(2 * MINUTE)
        times = at.x.times("create")
        waits = [later - sooner for sooner, later in itertools.pairwise(times)]
        assert waits == sorted(waits)
        assert set(at.x.calls("create")) == {"one"}
        await asyncio.sleep(5 * MINUTE)
        assert at.x.timeline == ["one", "two"]
        assert at.publisher.line.hold is None


@jumping
async def test_a_hold_that_waits_for_the_owner_is_not_lifted_by_a_dead_network(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", no_credits())
        gate = at.x.hangs("upload_v2")
        at.x.troubles["upload_v2"][0].error = Unsent()
        at.send("one")
        at.send("two", "p1")
        at.send("three")
        await asyncio.sleep(1)
        gate.set()
        await asyncio.sleep(HOUR)
        assert at.x.calls("create") == ["one"]


@jumping
async def test_a_paused_line_sends_nothing_until_it_is_resumed_also_after_a_restart(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.publisher.pause()
        at.send("one", "p1")
        await asyncio.sleep(HOUR)
        await at.reopen()
        at.send("two")
        await asyncio.sleep(HOUR)
        assert at.x.asked == []
        at.publisher.resume()
        await asyncio.sleep(5)
        assert at.x.timeline == ["one", "two"]
        await at.reopen()
        assert not at.publisher.line.paused


@jumping
async def test_what_the_line_was_held_for_is_no_reason_to_go_on_while_it_is_paused(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", Unsent())
        at.send("one")
        await asyncio.sleep(1)
        at.publisher.pause()
        await asyncio.sleep(HOUR)
        at.publisher.release()
        await asyncio.sleep(HOUR)
        assert at.x.calls("create") == ["one"]
        at.publisher.resume()
        await asyncio.sleep(5)
        assert at.x.timeline == ["one"]


@jumping
async def test_an_album_closes_while_the_line_stands_still(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.publisher.pause()
        key = at.send("album", "p1", open_until=now() + 1)
        await asyncio.sleep(2)
        assert at.entry(key).open_until is None


@jumping
async def test_an_album_that_a_restart_found_open_waits_for_the_first_poll(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        key = at.send("album", "p0", open_until=now() + 1)
        await asyncio.sleep(0.5)
        await at.reopen()
        await asyncio.sleep(MINUTE)
        assert at.x.calls("create") == []
        at.publisher.reopen_albums(now() + 1)
        at.publisher.tell(key, Joined(Media("p1", order=1), "", now() + 1))
        await asyncio.sleep(5)
        assert [len(post.media_keys) for post in at.x.posts] == [2]


# --- uploads


@jumping
async def test_a_file_that_cannot_be_used_fails_its_post_alone(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.files.errors["p1"] = [Unusable(Refusal.FILE_TOO_LARGE, "21 MB")]
        key = at.send("hello", "p1")
        at.send("two", "p2")
        await asyncio.sleep(5)
        failure = at.entry(key).failure
        assert failure is not None
        assert (failure.refusal, failure.detail) == (Refusal.FILE_TOO_LARGE, "21 MB")
        assert at.x.timeline == ["two"]


@pytest.mark.parametrize(
    "error",
    [Uncertain(), Unsent(), RateLimited(), SignInNeeded(Refusal.SIGN_IN), RuntimeError("a bug")],
    ids=lambda error: type(error).__name__,
)
@jumping
async def test_an_upload_that_fails_is_repeated_at_a_walk_until_it_works(
    tmp_path: Path, error: Exception
) -> None:
    async with office(tmp_path) as at:
        at.x.always["upload_v2"] = Trouble(error)
        at.send("hello", "p1", "p2")
        await asyncio.sleep(30 * MINUTE)
        assert 20 <= len(at.x.calls("upload_v2")) <= 150
        at.x.always.clear()
        await asyncio.sleep(2 * MINUTE)
        assert at.x.timeline == ["hello"]


@pytest.mark.parametrize(
    "error", [Later("not now"), OSError(5, "I/O error")], ids=lambda error: type(error).__name__
)
@jumping
async def test_a_file_that_cannot_be_had_is_asked_for_at_a_walk_until_it_can(
    tmp_path: Path, error: Exception
) -> None:
    async with office(tmp_path) as at:
        at.files.errors["p1"] = [error] * 20
        at.send("hello", "p1")
        await asyncio.sleep(5 * MINUTE)
        assert 5 <= len(at.files.fetched) <= 15
        await asyncio.sleep(HOUR)
        assert at.x.timeline == ["hello"]


@jumping
async def test_a_media_id_that_has_grown_old_in_the_line_is_replaced_before_it_is_used(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", Unsent())
        at.send("hello", "p1")
        await asyncio.sleep(1)
        at.publisher.pause()
        await asyncio.sleep(DAY - 1800)
        at.publisher.resume()
        await asyncio.sleep(5)
        assert at.x.calls("upload_v2") == ["p1", "p1"]
        assert at.x.posts[0].media_keys == ("3_m2",)


@jumping
async def test_media_that_x_keeps_for_less_than_an_hour_are_not_uploaded_for_ever(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.x.lifetime = 1800
        at.send("hello", "p1")
        await asyncio.sleep(MINUTE)
        assert at.x.timeline == ["hello"]
        assert len(at.x.calls("upload_v2")) == 1


@jumping
async def test_media_ids_that_a_post_does_not_take_are_made_anew_once(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", bad_media())
        at.send("hello", "p1", "p2")
        await asyncio.sleep(5)
        assert len(at.x.calls("upload_v2")) == 4
        assert set(at.x.newest.values()) == {"m3", "m4"}  # whichever of the two was faster
        assert at.x.posts[0].media_keys == tuple(f"3_{at.x.newest[ref]}" for ref in ("p1", "p2"))


@jumping
async def test_media_ids_that_are_refused_twice_are_told_and_begin_anew_on_try_again(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", bad_media(), bad_media())
        key = at.send("hello", "p1")
        await asyncio.sleep(MINUTE)
        assert at.state(key) is State.FAILED
        at.publisher.tell(key, PostAgain())
        await asyncio.sleep(5)
        assert len(at.x.calls("upload_v2")) == 3
        assert at.x.posts[0].media_keys == ("3_m3",)


def keys_of(account: str) -> oauth1.Keys:
    return oauth1.Keys("key", "secret", f"{account}-token", "secret")


@jumping
async def test_ids_of_v11_that_a_post_does_not_take_are_made_anew_by_v2(tmp_path: Path) -> None:
    async with office(tmp_path, wanted="auto", keys=keys_of(ME.id)) as at:
        at.x.fails("create", bad_media())
        at.send("hello", "p1")
        await asyncio.sleep(5)
        assert at.x.calls("upload_v11") == at.x.calls("upload_v2") == ["p1"]
        assert at.x.timeline == ["hello"]


@pytest.mark.parametrize("wanted", ["auto", "v1.1"])
@jumping
async def test_keys_of_another_account_do_not_upload_for_ever(tmp_path: Path, wanted: str) -> None:
    async with office(tmp_path, wanted=wanted, keys=keys_of(OTHER.id)) as at:
        at.send("hello", "p1")
        await asyncio.sleep(MINUTE)
        assert len(at.x.calls("upload_v11")) + len(at.x.calls("upload_v2")) <= 2
        assert at.x.timeline == ["hello"]


# --- accounts


@jumping
async def test_a_post_for_another_account_than_the_one_signed_in_is_asked_about(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.publisher.pause()
        key = at.send("hello", "p1")
        at.publisher.resume()
        at.sign_in(OTHER)
        await asyncio.sleep(MINUTE)
        assert at.question(key) is Question.ACCOUNT
        assert at.x.calls("create") == []
        at.publisher.tell(key, Approved(at.publisher.next_seq(), OTHER.id))
        await asyncio.sleep(5)
        assert at.x.timeline == ["hello"]
        assert at.entry(key).account == OTHER.id


@jumping
async def test_media_of_the_account_before_are_uploaded_anew(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", Unsent())
        key = at.send("hello", "p1")
        await asyncio.sleep(0.5)
        at.sign_in(OTHER)
        await asyncio.sleep(MINUTE)
        at.publisher.tell(key, Approved(at.publisher.next_seq(), OTHER.id))
        await asyncio.sleep(5)
        assert at.x.calls("upload_v2") == ["p1", "p1"]
        assert at.x.timeline == ["hello"]


@jumping
async def test_a_lost_post_of_another_account_is_asked_about(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", Uncertain())
        key = at.send("hello")
        await asyncio.sleep(1)
        at.sign_in(OTHER)
        await asyncio.sleep(MINUTE)
        assert at.question(key) is Question.LOST
        assert at.x.calls("create") == ["hello"]


@jumping
async def test_a_post_of_an_account_whose_name_is_not_known_yet_is_looked_up_all_the_same(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.vault.value = at.vault.value and type(at.vault.value)(at.vault.value.token, None)
        at.x.fails("create", Uncertain(), effect=True)
        at.send("hello")
        await asyncio.sleep(MINUTE)
        assert at.x.calls("own_posts") == [ME.id]
        assert at.x.timeline == ["hello"]


# --- after the end


@jumping
async def test_a_deletion_is_repeated_until_x_confirms_it(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        key = at.send("hello")
        await asyncio.sleep(5)
        at.x.fails("delete", Uncertain(), Unsent(), Uncertain(status=503))
        at.publisher.tell(key, DeletionAsked(at.entry(key).posted))
        await asyncio.sleep(2 * MINUTE)
        assert at.x.timeline == []
        assert at.entry(key).deleted == at.entry(key).posted
        await asyncio.sleep(5)
        assert history(at)[key]["deleted"] == list(at.entry(key).posted)


@jumping
async def test_a_post_that_is_gone_already_counts_as_deleted(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        key = at.send("hello")
        await asyncio.sleep(5)
        at.x.fails("delete", Refused(Refusal.NOT_FOUND, status=404))
        at.publisher.tell(key, DeletionAsked(at.entry(key).posted))
        await asyncio.sleep(5)
        assert at.entry(key).deleted == at.entry(key).posted


@jumping
async def test_a_deletion_that_x_refuses_is_told_and_can_be_asked_for_again(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        key = at.send("hello")
        await asyncio.sleep(5)
        at.x.fails("delete", no())
        ids = at.entry(key).posted
        at.publisher.tell(key, DeletionAsked(ids))
        await asyncio.sleep(5)
        failure = at.entry(key).failure
        assert failure is not None and failure.refusal is Refusal.FORBIDDEN
        at.publisher.tell(key, DeletionAsked(ids))
        await asyncio.sleep(5)
        assert at.x.timeline == []


@jumping
async def test_a_post_of_another_account_than_the_one_signed_in_is_not_deleted_with_its_token(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        key = at.send("hello")
        await asyncio.sleep(0.5)
        at.sign_in(OTHER)
        posted = at.entry(key).posted
        at.publisher.tell(key, DeletionAsked(posted))
        await asyncio.sleep(0.5)
        failure = at.entry(key).failure
        assert failure is not None and failure.refusal is Refusal.OTHER_ACCOUNT
        assert at.x.calls("delete") == []
        at.sign_in(ME)
        at.publisher.tell(key, DeletionAsked(posted))
        await asyncio.sleep(5)
        assert at.x.timeline == []


@jumping
async def test_while_x_has_not_told_whose_sign_in_it_is_a_deletion_is_for_x_to_judge(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        key = at.send("hello")
        await asyncio.sleep(0.5)
        assert at.vault.value is not None
        at.vault.value = replace(at.vault.value, account=None)
        at.publisher.tell(key, DeletionAsked(at.entry(key).posted))
        await asyncio.sleep(5)
        assert at.x.timeline == []


@jumping
async def test_nor_where_the_other_one_was_signed_in_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path) as at:
        key = at.send("hello")
        await asyncio.sleep(0.5)
        save = at.store.save

        async def slow() -> None:
            await asyncio.sleep(1)
            await save()

        monkeypatch.setattr(at.store, "save", slow)
        at.publisher.tell(key, DeletionAsked(at.entry(key).posted))
        await asyncio.sleep(0.3)
        at.sign_in(OTHER)
        await asyncio.sleep(5)
        failure = at.entry(key).failure
        assert failure is not None and failure.refusal is Refusal.OTHER_ACCOUNT
        assert at.x.calls("delete") == []


@jumping
async def test_a_thread_is_deleted_as_a_whole_after_a_restart(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        key = at.send("album", *(f"p{n}" for n in range(5)))
        await asyncio.sleep(10)
        at.publisher.tell(key, DeletionAsked(tuple(reversed(at.entry(key).posted))))
        at.x.delay = 1
        await asyncio.sleep(1.5)
        await at.reopen()
        await asyncio.sleep(MINUTE)
        assert at.x.timeline == []


BLOCKED = [
    RateLimited(reset_at=None),
    no_credits(),
    SignInNeeded(Refusal.SIGN_IN, status=401),
    Unsent(),
    Uncertain(status=503),
    RuntimeError("a bug"),
]


@pytest.mark.parametrize("call", ["own_posts", "delete"])
@pytest.mark.parametrize("error", BLOCKED, ids=lambda error: type(error).__name__)
@jumping
async def test_what_is_left_to_do_about_an_ended_post_never_storms_x(
    tmp_path: Path, call: str, error: Exception
) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", Uncertain())
        key = at.send("hello")
        await asyncio.sleep(30)
        assert at.state(key) is State.DONE
        asked = len(at.x.calls(call))
        at.x.always[call] = Trouble(error)
        if call == "delete":
            at.publisher.tell(key, DeletionAsked(at.entry(key).posted))
        await asyncio.sleep(30 * MINUTE)
        assert 1 <= len(at.x.calls(call)) - asked <= 80
        at.x.always.clear()
        at.publisher.release()
        await asyncio.sleep(2 * MINUTE)
        assert at.entry(key).rechecks == ()
        assert at.x.timeline == (["hello"] if call == "own_posts" else [])


@jumping
async def test_where_reading_is_refused_for_good_doubles_are_not_looked_for(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", Uncertain())
        key = at.send("hello")
        await asyncio.sleep(30)
        at.x.always["own_posts"] = Trouble(no())
        await asyncio.sleep(DAY)
        assert at.entry(key).rechecks == ()
        assert at.entry(key).doubles == ()


@jumping
async def test_a_history_that_cannot_be_written_is_tried_again_and_nothing_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path) as at:
        with monkeypatch.context() as patch:
            tries: list[int] = []

            def refuse(lines: object) -> None:
                tries.append(1)
                raise OSError(28, "No space left on device")

            patch.setattr(at.store.history, "append", refuse)
            key = at.send("hello")
            await asyncio.sleep(5)
            at.publisher.tell(key, Shown())
            await asyncio.sleep(10 * MINUTE)
            assert at.publisher.entry(key) is not None
            assert 10 < len(tries) < 60
        await asyncio.sleep(MINUTE)
        assert at.publisher.entry(key) is None
        assert key in history(at)


@jumping
async def test_what_changes_while_it_is_being_recorded_is_recorded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path) as at:
        key = at.send("hello")
        await asyncio.sleep(0.5)
        append = at.store.history.append

        def slow(lines: Any) -> None:
            append(lines)
            asyncio.run_coroutine_threadsafe(meanwhile(), loop).result(10)

        async def meanwhile() -> None:
            if at.entry(key).deleted == ():
                at.publisher.tell(key, DeletionAsked(at.entry(key).posted))
                at.x.delay = 0
                while not at.entry(key).deleted:
                    await asyncio.sleep(0)

        loop = asyncio.get_running_loop()
        monkeypatch.setattr(at.store.history, "append", slow)
        await asyncio.sleep(MINUTE)
        assert history(at)[key]["deleted"] == list(at.entry(key).posted)


@jumping
async def test_a_post_of_the_archive_can_still_be_deleted(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        key = at.send("hello")
        await asyncio.sleep(1)
        at.publisher.tell(key, Shown())
        await asyncio.sleep(2)
        await at.reopen()
        record = at.publisher.archive.find(lambda line: line.get("key") == key)
        assert record is not None
        assert record.remark == {"seen": 3}
        at.publisher.recall(record.entry)
        at.publisher.tell(key, DeletionAsked(record.entry.posted))
        await asyncio.sleep(MINUTE)
        assert at.x.timeline == []
        assert history(at)[key]["deleted"] == list(record.entry.posted)


@jumping
async def test_an_old_post_that_is_deleted_makes_no_new_one_forgotten(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        old, new = at.send("old"), ""
        await asyncio.sleep(1)
        at.publisher.tell(old, Shown())
        await asyncio.sleep(7 * DAY)
        new = at.send("new")
        await asyncio.sleep(1)
        at.publisher.tell(new, Shown())
        await asyncio.sleep(5)
        at.publisher.recall(at.screen.last[old])
        at.publisher.tell(old, DeletionAsked(at.screen.last[old].posted))
        await asyncio.sleep(5)
        at.publisher.tell(old, Shown())
        await asyncio.sleep(5)
        assert at.screen.gone == [old, new, old]
        await at.reopen()
        assert at.publisher.knows(new)


@jumping
async def test_idle_it_does_nothing_at_all(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.send("hello")
        await asyncio.sleep(10)
        rounds: list[int] = []
        real = at.publisher._start_what_is_due

        def counted() -> float | None:
            rounds.append(1)
            return real()

        at.publisher._start_what_is_due = counted  # type: ignore[method-assign]
        asked = len(at.x.asked)
        await asyncio.sleep(DAY)
        assert len(at.x.asked) == asked
        assert len(rounds) <= 3
