"""What the owner is asked before a post goes out, and what a yes makes of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from twitter_core import consent, outbox
from twitter_core.entry import Entry, Question, State, Upload
from twitter_core.events import Approved, Charged, Cleared, Closed, Joined, Recorded
from twitter_core.post import Cut, Media, Post, Tweet

LINK = "https://example.org"


def entry(text: str = "a", ask: Question | None = None, **more: object) -> Entry:
    made = Entry("k", State.QUEUED, Post(text, (Media("p"),)), 0.0, ask=ask, uploads=(None,))
    return replace(made, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ask", "post", "asked"),
    [
        (None, Post(LINK), False),
        (Question.CONFIRM, Post(""), True),
        (Question.COSTLY, Post("no link"), False),
        (Question.COSTLY, Post(LINK), True),
        (Question.COSTLY, Post("README.md"), True),
        (Question.COSTLY, Post("", footer=LINK), True),
        (Question.COSTLY, Post(LINK, unlinked=True), False),
    ],
)
def test_a_post_is_asked_about_as_the_owner_wants(
    ask: Question | None, post: Post, asked: bool
) -> None:
    it = consent.asked(entry(ask=ask, post=post))
    assert (it.state, it.question) == ((State.DRAFT, ask) if asked else (State.QUEUED, None))


def test_an_album_is_asked_about_once_it_is_complete_and_by_what_came_last() -> None:
    album = entry("", Question.COSTLY, open_until=1.0)
    grown = outbox.step(album, Joined(Media("q", order=1), f"see {LINK}", 2.0))
    assert grown.state is State.QUEUED
    closed = outbox.step(grown, Closed())
    assert (closed.state, closed.question) == (State.DRAFT, Question.COSTLY)
    assert closed.open_until is None
    assert outbox.step(closed, Joined(Media("r", order=2), "", 3.0)) is closed
    approved = outbox.step(closed, Approved(5, "7"))
    assert (approved.state, approved.ask) == (State.QUEUED, None)
    uploads = (Upload("m", 9e9), Upload("n", 9e9))
    assert outbox.step(replace(approved, uploads=uploads), Closed()).state is State.QUEUED


def test_a_yes_that_comes_before_the_question_counts() -> None:
    album = entry(f"see {LINK}", Question.COSTLY, open_until=1.0, uploads=(Upload("m", 9e9),))
    approved = outbox.step(album, Approved(5, "7", unlinked=True))
    assert (approved.state, approved.open_until) == (State.QUEUED, 1.0)
    closed = outbox.step(approved, Closed())
    assert (closed.state, closed.tweets[0].text) == (State.QUEUED, "see")
    whole = outbox.step(outbox.step(album, Approved(5, "7")), Closed())
    assert (whole.state, whole.tweets[0].text) == (State.QUEUED, f"see {LINK}")


def test_a_button_of_a_draft_that_has_its_time_by_now_leaves_it_that() -> None:
    waits = entry(f"see {LINK}", due=99.0)
    plain = outbox.step(waits, Approved(5, "7", at=1.0, unlinked=True))
    assert (plain.due, plain.post.unlinked) == (99.0, True)
    assert outbox.step(waits, Approved(5, "7", at=1.0)) is waits
    whole = outbox.step(waits, Approved(5, "7", at=1.0, at_once=True))
    assert (whole.due, whole.post.unlinked) == (None, False)
    album = entry(f"see {LINK}", Question.CONFIRM, due=99.0)
    assert outbox.step(album, Approved(5, "7", at=1.0)).ask is None
    on_its_way = entry(f"see {LINK}")
    assert outbox.step(on_its_way, Approved(5, "7", at=1.0, unlinked=True)) is on_its_way


def test_what_takes_the_place_of_a_post_that_is_gone_is_not_asked_about_any_more() -> None:
    heir = entry(replaces="old", clearing=True)
    assert not heir.over_budget
    assert outbox.step(heir, Cleared()).over_budget


def test_an_album_without_what_is_asked_about_goes_on() -> None:
    closed = outbox.step(entry("hello", Question.COSTLY, open_until=1.0), Closed())
    assert (closed.state, closed.question, closed.open_until) == (State.QUEUED, None, None)


def test_a_yes_without_links_takes_them_out_of_tweets_that_were_fixed() -> None:
    fixed = entry(
        f"see {LINK}",
        state=State.DRAFT,
        question=Question.BUDGET,
        tweets=(Tweet(f"see {LINK}"),),
        uploads=(Upload("m", 9e9),),
    )
    assert outbox.step(fixed, Approved(5, "7")).tweets == fixed.tweets
    plain = outbox.step(fixed, Approved(5, "7", unlinked=True))
    assert plain.tweets == ()
    assert outbox.step(plain, Closed()).tweets[0].text == "see"
    assert plain.post.text == f"see {LINK}", "the owner's own words are kept"


def test_only_a_yes_to_the_budget_lets_a_post_pass_it() -> None:
    for question in (Question.PREVIEW, Question.CONFIRM, Question.BUDGET):
        draft = entry(state=State.DRAFT, question=question)
        approved = outbox.step(draft, Approved(5, "7"))
        assert approved.over_budget is (question is Question.BUDGET)


def test_a_yes_to_too_long_a_text_makes_a_thread_of_it() -> None:
    post = Post("word " * 100, cut=Cut(threads=False))
    draft = Entry("k", State.DRAFT, post, 0.0, question=Question.CONFIRM)
    assert outbox.step(draft, Approved(5, "7")).post.cut.threads


def test_what_is_read_for_a_post_is_its_cost_and_one_that_has_ended_is_recorded_anew() -> None:
    it = outbox.step(entry(state=State.UNCERTAIN), Charged(Decimal("0.003")))
    assert it.cost == Decimal("0.003")
    done = entry(state=State.DONE, cost=Decimal("0.015"), recorded=True, shown=True)
    charged = outbox.step(done, Charged(Decimal("0.001")))
    assert (charged.cost, charged.recorded, charged.shown) == (Decimal("0.016"), False, False)
    assert not outbox.step(charged, Recorded(cost=Decimal("0.015"))).recorded
    assert outbox.step(charged, Recorded(cost=Decimal("0.016"))).recorded
    assert outbox.step(done, Charged(Decimal(0))) is done
