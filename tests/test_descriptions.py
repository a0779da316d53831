"""`/alt`: the pictures of what is not out get their alt texts, and everything is answered."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.clockwork import jumping
from tests.front_desk import Room, room
from twitter_core.errors import Forbidden, Refusal
from twitter_core.post import Kind, Media, Post

HOUR, DAY = 3600.0, 86_400.0


async def alt(at: Room, text: str, to: int | None = None) -> str:
    """The owner sends `/alt`, as a reply or not; returns the answer."""
    more: dict[str, Any] = {}
    if to is not None:
        more["reply_to_message"] = {**at.message("x"), "message_id": to}
    await at.sends(text, **more)
    return at.bot.said[-1].text


async def album(at: Room, photos: int = 3) -> list[int]:
    """An album that waits; returns the ids of its messages."""
    at.publisher.pause()
    sent = [await at.sends(photo=f"p{n}", media_group_id="g") for n in range(photos)]
    await asyncio.sleep(5)
    return sent


def alts(at: Room) -> list[str]:
    (entry,) = at.publisher.entries()
    return [entry.post.alt(index) for index in range(len(entry.post.media))]


@pytest.mark.parametrize("to", ["photo", "card"])
@jumping
async def test_a_picture_gets_its_alt_text_before_it_is_posted(tmp_path: Path, to: str) -> None:
    async with room(tmp_path) as at:
        at.publisher.pause()
        photo = await at.sends("hello", photo="p1")
        await asyncio.sleep(5)
        said = await alt(at, "/alt A quay\nin fog", photo if to == "photo" else at.card.id)
        assert said == "The alt text is set."
        at.publisher.resume()
        await asyncio.sleep(5)
        assert at.x.calls("describe_v2") == ["A quay\nin fog"]
        assert at.x.times("describe_v2")[0] < at.x.times("create")[0]


@jumping
async def test_one_that_is_too_long_is_told_with_its_number_and_can_be_mended(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        photo = await at.sends(f"hello\nalt: {'x' * 1001}", photo="p1")
        await asyncio.sleep(10)
        assert "(1001 characters) is longer than the 1000" in at.card.text
        assert at.x.asked == [], "nothing is uploaded that comes to nothing"
        assert at.x.calls("describe_v2") == at.x.timeline == []
        await alt(at, f"/alt {'y' * 1000}", photo)
        await at.presses("Try again", at.bot.said[0])
        await asyncio.sleep(10)
        assert at.x.calls("describe_v2") == ["y" * 1000]
        assert at.x.timeline == ["hello"]


@jumping
async def test_the_last_one_counts_also_for_what_x_was_told_already(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        gate = at.x.hangs("create")
        await at.sends("/post first")
        photo = await at.sends("hello\nalt: one", photo="p1")
        await asyncio.sleep(5)
        assert at.x.calls("describe_v2") == ["one"]
        await alt(at, "/alt two", photo)
        gate.set()
        await asyncio.sleep(10)
        assert at.x.calls("describe_v2") == ["one", "two"]
        assert at.x.timeline == ["first", "hello"]


@jumping
async def test_in_an_album_a_reply_to_a_picture_means_that_one(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        sent = await album(at)
        assert await alt(at, "/alt A gull", sent[1]) == "The alt text of picture 2 of 3 is set."
        assert alts(at) == ["", "A gull", ""]
        card = next(said.id for said in at.bot.said if said.reply_to == sent[0])
        assert await alt(at, "/alt 3: A crane", card) == "The alt text of picture 3 of 3 is set."
        assert await alt(at, "/alt A\nB", card) == "The alt text of picture 1, 2 of 3 is set."
        assert alts(at) == ["A", "B", "A crane"]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("/alt", "as a reply to the picture"),
        ("/alt 4: x", "There is no picture 4: the post has 3."),
        ("/alt 0: x", "There is no picture 0"),
        ("/alt a\nb\nc\nd", "These are 4 lines, and the post has 3 pictures."),
        (
            "/alt 2: " + "x" * 1001,
            "The alt text of picture 2 has 1001 characters, and X takes 1000",
        ),
    ],
)
@jumping
async def test_what_does_not_fit_is_said_and_changes_nothing(
    tmp_path: Path, text: str, answer: str
) -> None:
    async with room(tmp_path) as at:
        sent = await album(at)
        card = next(said.id for said in at.bot.said if said.reply_to == sent[0])
        assert answer in await alt(at, text, card)
        assert alts(at) == ["", "", ""]


@jumping
async def test_without_a_post_behind_it_it_says_how_it_is_done(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        assert "as a reply to the picture" in await alt(at, "/alt A quay")
        assert "I know of no post" in await alt(at, "/alt A quay", to=7000)
        text = await at.sends("hello")
        await asyncio.sleep(1)
        assert await alt(at, "/alt A quay", to=text) == "That post has no picture."


@pytest.mark.parametrize("after", [5.0, 3 * DAY])
@jumping
async def test_too_late_it_says_what_can_be_done(tmp_path: Path, after: float) -> None:
    async with room(tmp_path) as at:
        photo = await at.sends("hello", photo="p1")
        await asyncio.sleep(after)
        said = await alt(at, "/alt A quay", photo)
        assert "only before a post goes out" in said and "post it again" in said
        assert at.x.calls("describe_v2") == []


@jumping
async def test_a_video_has_no_alt_text(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.publisher.pause()
        post = Post("hello", (Media("v1", Kind.VIDEO, order=5),))
        key = at.post("hello", post=post)
        await asyncio.sleep(5)
        said = await alt(at, "/alt A quay", to=5)
        assert said == "X takes alt texts for pictures and GIFs, not for videos."
        assert at.entry(key).post.alt(0) == ""


@jumping
async def test_of_a_failed_thread_only_what_is_not_out_can_be_described(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        gate = at.x.hangs("create")
        sent = [await at.sends(photo=f"p{n}", media_group_id="g") for n in range(5)]
        await asyncio.sleep(3)
        at.x.fails("create", Forbidden(Refusal.REPLY, status=403))
        gate.set()
        await asyncio.sleep(10)
        assert "only before" in await alt(at, "/alt A quay", sent[0])
        assert "is set" in await alt(at, "/alt A gull", sent[4])
        await at.presses("Try again", at.bot.said[0])
        await asyncio.sleep(10)
        assert at.x.calls("describe_v2") == ["A gull"]
        assert len(at.x.posts) == 2
