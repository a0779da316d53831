"""Commands about the line: what waits and what failed, hold and go on, and delete."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.commands import LISTED, queue
from tests.clockwork import jumping
from tests.front_desk import OWNER, room
from twitter_core.entry import Entry, Question, State
from twitter_core.errors import Forbidden, Refusal
from twitter_core.post import Media, Post

DAY = 86_400.0


def entry(state: State, number: int = 1, text: str = "hello", photos: int = 0) -> Entry:
    media = tuple(Media(f"p{n}") for n in range(photos))
    return Entry(f"{2**52 - 1}:{2**63 + number}#2", state, Post(text, media), 0, seq=number)


# --- /queue


def test_an_empty_line_is_said_to_be() -> None:
    assert queue(()).text == "Nothing waits, and nothing has failed."
    assert queue(()).buttons == ()


@pytest.mark.parametrize(
    ("state", "labels"),
    [
        (State.DRAFT, ["1. Cancel"]),
        (State.QUEUED, ["1. Cancel"]),
        (State.POSTING, []),
        (State.FAILED, ["1. Try again", "1. Discard"]),
    ],
)
def test_what_waits_and_what_failed_has_its_buttons(state: State, labels: list[str]) -> None:
    view = queue((entry(state),))
    assert [button.label for row in view.buttons for button in row] == labels
    assert view.text.startswith("1. ")


def test_every_state_that_is_alive_can_be_listed_within_telegrams_limits() -> None:
    alive = [state for state in State if state not in (State.DONE, State.CANCELLED)]
    texts = ("", "x" * 4096, "👍" * 2000, "one\ntwo")
    entries = tuple(
        entry(state, number, text, photos=0 if text else 2)
        for number, (state, text) in enumerate((s, t) for s in alive for t in texts)
    )
    for first in range(len(entries)):
        view = queue(entries[first:])
        assert len(view.text.encode("utf-16-le")) // 2 <= 4096
        assert len(view.buttons) <= LISTED
        for row in view.buttons:
            for button in row:
                assert len(button.data.encode()) <= 64


def test_of_many_the_first_are_listed_and_the_others_counted() -> None:
    view = queue(tuple(entry(State.QUEUED, number) for number in range(1, LISTED + 4)))
    assert view.text.splitlines()[-1] == "… and 3 more."
    assert len(view.text.splitlines()) == LISTED + 1


@jumping
async def test_the_queue_shows_what_is_alive_in_its_order_and_its_buttons_work(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        await at.sends("out", photo="p0")
        await asyncio.sleep(30)
        at.x.fails("create", Forbidden(Refusal.FORBIDDEN, status=403))
        await at.sends("failed", photo="p1")
        await asyncio.sleep(5)
        await at.sends("/pause")
        await at.sends("waits", photo="p2")
        await at.sends("draft")
        await asyncio.sleep(5)
        await at.sends("/queue")
        listed = at.bot.said[-1]
        assert [line[:2] for line in listed.text.splitlines()] == ["1.", "2.", "3."]
        assert "failed" in listed.text and "out" not in listed.text.replace("without", "")
        await at.presses("2. Cancel", listed)
        await at.presses("1. Try again", listed)
        await at.sends("/resume")
        await asyncio.sleep(5)
        assert at.x.timeline == ["out", "failed"]


# --- /pause and /resume


@jumping
async def test_pause_holds_everything_and_resume_lets_it_go(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.sends("/pause")
        await at.sends("hello", photo="p1")
        await asyncio.sleep(DAY)
        assert at.x.timeline == []
        assert "/resume" in at.bot.said[-1].text
        await at.sends("/resume")
        await asyncio.sleep(5)
        assert at.x.timeline == ["hello"]


# --- /delete


@pytest.mark.parametrize("to", ["card", "message"])
@pytest.mark.parametrize("after", [2.0, 30.0, 60 * DAY])
@jumping
async def test_delete_as_a_reply_deletes_the_post_and_its_card_says_so(
    tmp_path: Path, to: str, after: float
) -> None:
    async with room(tmp_path) as at:
        message = await at.sends("hello", photo="p1")
        await asyncio.sleep(after)
        target = message if to == "message" else at.card.id
        replied = {**at.message("x"), "message_id": target}
        await at.sends("/delete", reply_to_message=replied)
        await asyncio.sleep(60)
        assert at.x.timeline == []
        assert at.card.text == "Deleted on X."


@jumping
async def test_delete_alone_or_about_nothing_says_how(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.sends("/delete")
        assert "as a reply" in at.bot.said[-1].text
        await at.sends("/delete", reply_to_message={**at.message("x"), "message_id": 5000})
        assert "know of no post" in at.bot.said[-1].text


@jumping
async def test_what_is_not_on_x_cannot_be_deleted(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        message = await at.sends("hello")
        await asyncio.sleep(1)
        await at.sends("/delete", reply_to_message={**at.message("x"), "message_id": message})
        assert "not on X" in at.bot.said[-1].text
        entry = at.publisher.entry(f"{OWNER}:{message}")
        assert entry is not None and entry.question is Question.PREVIEW


@jumping
async def test_a_command_that_nobody_knows_is_answered(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.sends("/nonsense")
        assert "/help" in at.card.text
        assert at.publisher.entries() == ()
