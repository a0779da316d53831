"""Every button in every state: pressed twice, after a restart, and on a card of last month.

Whatever is pressed whenever has one effect at most, and an answer each time.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot import card
from bot.places import Place
from tests import test_card
from tests.clockwork import EPOCH, jumping
from tests.front_desk import OWNER, Room, room
from twitter_core.entry import ENDED, THERE, Attempt, Entry, Failure, Question, State
from twitter_core.errors import Refusal
from twitter_core.line import Hold, Line, Reason
from twitter_core.post import Media, Post, Tweet

HOUR, DAY = 3600.0, 86_400.0
KEY = f"{OWNER}:5"
TEXT = "hello https://example.com"
FAILURE = Failure(Refusal.FORBIDDEN, "No.")


def entry(state: State, **more: object) -> Entry:
    post = Post(TEXT, (Media("p", order=5),))
    it = Entry(KEY, state, post, EPOCH, seq=1, uploads=(None,), account="7")
    if state not in (State.DRAFT, State.QUEUED):
        it = replace(it, tweets=(Tweet(TEXT, (0,)),))
    if state in (State.POSTING, State.UNCERTAIN):
        it = replace(it, attempt=Attempt(0, TEXT, ("1",), "7", EPOCH), first_try_at=EPOCH)
    if state in ENDED:
        it = replace(it, ended_at=EPOCH)
    return replace(it, **more)  # type: ignore[arg-type]


THREAD = (Tweet(TEXT, (0,)), Tweet("two"))
STATES = {
    **{f"draft, {q.value}": entry(State.DRAFT, question=q) for q in Question},
    "waits": entry(State.QUEUED),
    "album still open": entry(State.QUEUED, open_until=EPOCH + 1e6),
    "can be stopped": entry(State.QUEUED, hold=30.0, held_until=EPOCH + 1e6),
    "scheduled": entry(State.QUEUED, due=EPOCH + DAY),
    "half a thread is out": entry(State.QUEUED, tweets=THREAD, posted=("11",)),
    "uncertain": entry(State.UNCERTAIN),
    "uncertain, asks": entry(State.UNCERTAIN, question=Question.LOST),
    "failed": entry(State.FAILED, failure=FAILURE),
    "failed in a thread": entry(State.FAILED, tweets=THREAD, posted=("11",), failure=FAILURE),
    "out": entry(State.DONE, posted=("11",)),
    "out, as the owner says": entry(State.DONE, posted=(THERE,)),
    "out twice": entry(State.DONE, posted=("11",), doubles=("12",)),
    "deleted": entry(State.DONE, posted=("11",), deleted=("11",)),
    "cancelled": entry(State.CANCELLED),
    "cancelled, half is out": entry(State.CANCELLED, tweets=THREAD, posted=("11",)),
}


NO_CREDITS = replace(test_card.SCENES[0], line=Line(hold=Hold(Reason.CREDITS)))


def _verbs() -> list[str]:
    """What stands before the colon in the data of all buttons that any card may have."""
    found: set[str] = set()
    for it in test_card.entries():
        for scene in (test_card.SCENES[0], NO_CREDITS, *test_card.MENUS):
            for row in card.render(it, scene).buttons:
                found |= {b.data.partition(":")[0] for b in row if b.data}
    return sorted(found - {"auth"})


VERBS = _verbs()


def mentioned_verbs() -> Iterator[str]:
    yield from ("post", "cancel", "again", "discard", "there", "repost", "delete", "undouble")
    yield from ("stop", "unlink", "release", "later.hour", "later.type", "menu.later", "menu.")
    yield from ("renew", "renew.sure", "letbe", "alt", "menu.more")


def test_the_table_has_every_button() -> None:
    assert set(mentioned_verbs()) <= set(VERBS)


async def _put(at: Room, it: Entry) -> int:
    """The entry as if it had come about here; returns the id of its card."""
    at.x.add(TEXT, (), "11") if "11" in it.posted else None
    at.x.add(TEXT, (), "12") if "12" in it.doubles else None
    at.places.put(KEY, Place(OWNER, (5,)))
    at.publisher._put(it)
    await asyncio.sleep(0.5)
    place = at.places.get(KEY)
    return place.card or 0 if place is not None else 0


async def _press(at: Room, verb: str, on: int) -> None:
    """A press, which is answered: in words, or by the menu that it opens."""
    before = len(at.bot.answers)
    await at.presses_data(f"{verb}:{KEY}", on)
    (answer,) = at.bot.answers[before:]
    opens = verb.startswith("menu.") or verb in ("renew", "alt", "later.type")
    assert answer or opens, f"{verb}: no answer"


def _one_effect(at: Room, it: Entry) -> None:
    """Nothing went out or was deleted more than once."""
    deleted = Counter(at.x.calls("delete"))
    assert all(count == 1 for count in deleted.values()), deleted
    creates = at.x.calls("create")
    assert len(creates) <= len(it.tweets or (TEXT,)), creates
    assert len(creates) == len(set(creates))


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", STATES)
@jumping
async def test_pressed_twice_and_after_a_restart_it_has_one_effect_and_an_answer_each_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, state: str, verb: str
) -> None:
    it = STATES[state]
    async with room(tmp_path) as at:
        at.publisher.pause()  # so that what a press does is all that happens
        on = await _put(at, it)
        await _press(at, verb, on)
        once = at.publisher.entry(KEY)
        await _press(at, verb, on)
        twice = at.publisher.entry(KEY)
        assert once is not None and twice is not None
        assert (once.state, once.question) == (twice.state, twice.question)
        await asyncio.sleep(5)
        await at.reopen()
        await _press(at, verb, on)
        at.publisher.resume()
        await asyncio.sleep(HOUR / 2)
        await _press(at, verb, on)
        await asyncio.sleep(HOUR / 2)
        _one_effect(at, it)
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", [name for name, it in STATES.items() if it.state in ENDED])
@jumping
async def test_on_a_card_of_last_month_it_has_one_effect_and_an_answer_each_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, state: str, verb: str
) -> None:
    it = STATES[state]
    async with room(tmp_path) as at:
        on = await _put(at, it)
        await asyncio.sleep(40 * DAY)
        assert at.publisher.entry(KEY) is None, "it is in the history"
        await at.reopen()
        for _ in range(2):
            await _press(at, verb, on)
            await asyncio.sleep(HOUR)
        _one_effect(at, it)
        is_new = verb == "renew.sure"  # a post that the owner wanted
        assert is_new or at.x.calls("create") == []
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]
