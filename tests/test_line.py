"""The line: whose turn it is, who may step aside, and what holds everybody."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitter_core.actions import Close, Create, LookUp, MakeRoom, Wait
from twitter_core.entry import Attempt, Entry, Question, State, Upload
from twitter_core.errors import (
    BadMedia,
    CreditsDepleted,
    Duplicate,
    Forbidden,
    RateLimited,
    Refusal,
    SignInNeeded,
    Uncertain,
    Unsent,
    XError,
)
from twitter_core.line import Hold, Line, Reason, Turn, backoff, hold_for, take_turn
from twitter_core.post import Media, Post, Tweet

NOW = 1000.0


def ready(seq: int) -> Entry:
    return Entry(f"k{seq}", State.QUEUED, Post("a"), 0, seq=seq, tweets=(Tweet("a"),))


def uploading(seq: int) -> Entry:
    post = Post("a", (Media("p"),))
    tweets = (Tweet("a", (0,)),)
    return Entry(f"k{seq}", State.QUEUED, post, 0, seq=seq, tweets=tweets, uploads=(None,))


def uploaded(seq: int) -> Entry:
    return replace(uploading(seq), uploads=(Upload("m", NOW + 86_400),))


def unsplit(seq: int, open_until: float | None = None) -> Entry:
    return replace(ready(seq), tweets=(), open_until=open_until)


def lost(seq: int, ended_at: float) -> Entry:
    attempt = Attempt(0, "a", (), "", ended_at, ended_at=ended_at)
    return replace(ready(seq), state=State.UNCERTAIN, attempt=attempt)


CREATE = Create(0, (), "")


def test_posts_go_out_in_the_order_of_the_line_whatever_order_they_are_kept_in() -> None:
    turn = take_turn([ready(3), ready(1), ready(2)], NOW)
    assert turn == Turn(ready(1), CREATE)


def test_an_empty_line_waits_for_nothing() -> None:
    assert take_turn([], NOW) == Turn(action=Wait())


def test_a_post_that_still_uploads_holds_up_those_behind_it() -> None:
    turn = take_turn([uploading(1), ready(2)], NOW)
    assert (turn.entry, turn.action, turn.blocks) == (None, Wait(), uploading(1))


def test_one_that_is_ready_for_the_place_of_another_is_held_up_too() -> None:
    heir = replace(ready(2), replaces="k0")
    assert take_turn([uploading(1), heir], NOW).blocks == uploading(1)
    assert take_turn([uploading(1), heir], NOW, {"k1"}) == Turn(heir, MakeRoom())


def test_a_post_that_holds_up_nobody_is_not_said_to() -> None:
    assert take_turn([uploading(1)], NOW).blocks is None
    assert take_turn([uploading(1), uploading(2)], NOW).blocks is None


def test_one_that_has_stepped_aside_is_passed_by_and_goes_first_once_it_is_ready() -> None:
    assert take_turn([uploading(1), ready(2)], NOW, {"k1"}) == Turn(ready(2), CREATE)
    turn = take_turn([uploaded(1), ready(2)], NOW, {"k1"})
    assert turn.entry == uploaded(1)


@pytest.mark.parametrize(
    "entry",
    [
        replace(ready(1), state=State.DRAFT, question=Question.PREVIEW),
        replace(ready(1), state=State.FAILED),
        replace(lost(1, NOW), question=Question.LOST),
        replace(ready(1), state=State.DONE),
        replace(ready(1), state=State.CANCELLED),
    ],
    ids=lambda entry: entry.state.value,
)
def test_what_needs_the_owner_or_has_ended_holds_up_nobody(entry: Entry) -> None:
    assert take_turn([entry, ready(2)], NOW) == Turn(ready(2), CREATE)


def test_a_lost_post_holds_the_line_and_says_when_it_is_looked_up() -> None:
    turn = take_turn([lost(1, NOW), ready(2)], NOW)
    assert (turn.entry, turn.action, turn.blocks) == (None, Wait(NOW + 5), lost(1, NOW))
    assert take_turn([lost(1, NOW), ready(2)], NOW + 5) == Turn(lost(1, NOW), LookUp())


def test_what_changes_nothing_on_x_need_not_wait_for_its_turn() -> None:
    assert take_turn([uploading(1), unsplit(2)], NOW).action == Close()
    assert take_turn([uploading(1), lost(2, NOW - 9)], NOW).action == LookUp()


def test_an_open_album_is_waited_for() -> None:
    turn = take_turn([unsplit(1, open_until=NOW + 1), ready(2)], NOW)
    assert (turn.action, turn.blocks) == (Wait(NOW + 1), unsplit(1, open_until=NOW + 1))


@pytest.mark.parametrize(("first", "second"), [(9, 4), (4, 9)])
def test_the_soonest_of_all_waits_wakes_the_line(first: float, second: float) -> None:
    waits = [replace(ready(n), not_before=NOW + s) for n, s in ((1, first), (2, second))]
    assert take_turn(waits, NOW).action == Wait(NOW + 4)


# --- what holds everybody


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Unsent(), Reason.NETWORK),
        (RateLimited(), Reason.RATE_LIMIT),
        (SignInNeeded(Refusal.SIGN_IN), Reason.SIGN_IN),
        (CreditsDepleted(Refusal.CREDITS), Reason.CREDITS),
        (CreditsDepleted(Refusal.SPEND_CAP), Reason.CREDITS),
        (Uncertain(), None),
        (Duplicate(Refusal.DUPLICATE), None),
        (BadMedia(Refusal.BAD_MEDIA), None),
        (Forbidden(Refusal.FORBIDDEN), None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_only_what_concerns_every_post_holds_the_line(error: XError, reason: Reason | None) -> None:
    hold = hold_for(error, NOW, 0, 0.5, ended=False)
    assert (hold.reason if hold is not None else None) is reason


def test_a_rate_limit_is_waited_for_a_second_longer_than_x_says() -> None:
    hold = hold_for(RateLimited(reset_at=NOW + 600), NOW, 0, 0.5, ended=False)
    assert hold is not None and hold.until == NOW + 601


def test_a_reset_that_is_over_already_does_not_make_a_busy_loop() -> None:
    hold = hold_for(RateLimited(reset_at=NOW - 600), NOW, 3, 0.5, ended=False)
    assert hold is not None and hold.until is not None and hold.until > NOW + 1


def test_only_a_sign_in_that_is_over_waits_for_the_owner() -> None:
    refused = SignInNeeded(Refusal.SIGN_IN)
    once, ended = (hold_for(refused, NOW, 0, 0.5, ended=ended) for ended in (False, True))
    assert once is not None and once.until is not None
    assert ended is not None and ended.until is None


def test_credits_wait_for_the_owner() -> None:
    assert hold_for(CreditsDepleted(Refusal.CREDITS), NOW, 0, 0.5, ended=False) == Hold(
        Reason.CREDITS
    )


@given(tries=st.integers(0, 1000), spread=st.floats(0, 1))
def test_waits_grow_to_a_minute_and_are_spread(tries: int, spread: float) -> None:
    assert 0.5 <= backoff(tries, spread) <= 60
    assert backoff(tries, 0) == backoff(tries, 1) / 2
    assert backoff(tries, spread) <= backoff(tries + 1, spread)


@pytest.mark.parametrize(
    ("line", "stands"),
    [
        (Line(), False),
        (Line(paused=True), True),
        (Line(hold=Hold(Reason.CREDITS)), True),
        (Line(hold=Hold(Reason.NETWORK, NOW + 1)), True),
        (Line(hold=Hold(Reason.NETWORK, NOW)), False),
        (Line(paused=True, hold=Hold(Reason.NETWORK, NOW)), True),
    ],
)
def test_the_line_stands_still_while_it_is_paused_or_held(line: Line, stands: bool) -> None:
    assert line.stands_still(NOW) is stands


@pytest.mark.parametrize(
    ("line", "waits"),
    [
        (Line(hold=Hold(Reason.SIGN_IN)), True),
        (Line(hold=Hold(Reason.SIGN_IN, NOW)), False),
        (Line(hold=Hold(Reason.CREDITS)), False),
        (Line(), False),
    ],
)
def test_only_a_sign_in_that_is_over_waits_for_a_new_one(line: Line, waits: bool) -> None:
    assert line.waits_for_sign_in is waits


@pytest.mark.parametrize(
    ("before", "after", "outlasts"),
    [
        (None, NOW, True),
        (None, None, False),
        (NOW, None, False),
        (NOW + 1, NOW, True),
        (NOW, NOW, False),
        (NOW, NOW + 1, False),
    ],
)
def test_a_shorter_hold_does_not_take_the_place_of_a_longer_one(
    before: float | None, after: float | None, outlasts: bool
) -> None:
    assert Hold(Reason.CREDITS, before).outlasts(Hold(Reason.NETWORK, after)) is outlasts


def test_a_free_line_has_neither_reason_nor_time() -> None:
    assert (Line().reason, Line().until) == (None, None)
    held = Line(hold=Hold(Reason.NETWORK, NOW))
    assert (held.reason, held.until) == (Reason.NETWORK, NOW)
