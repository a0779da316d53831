"""Money in the chat: the budget, the modes that ask, and posts that go out without their links."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from bot.money import read_amount
from bot.preferences import Mode
from tests.chat import Said
from tests.clockwork import jumping
from tests.front_desk import Room, room

LINK = "https://example.org/a"
MINUTE = 60.0


def card(at: Room) -> Said:
    return at.bot.said[-1]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("5", "5"),
        ("$5", "5"),
        ("$ 5.50", "5.5"),
        ("5,50", "5.5"),
        ("5 usd", "5"),
        ("5 USD", "5"),
        ("12.345 dollars", "12.345"),
        ("0", "0"),
        ("5$", "5"),
        ("five", None),
        ("-5", None),
        ("5 euro", None),
        ("1.2345", None),
        ("5 5", None),
        ("", None),
        ("1000000000", None),
        ("5.", None),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, amount: str | None) -> None:
    assert read_amount(text) == (None if amount is None else Decimal(amount))


@jumping
async def test_a_budget_is_set_shown_and_lifted_and_survives_a_restart(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.sends("/budget")
        assert "No budget" in card(at).text and "0 posts, $0.00" in card(at).text
        await at.sends("/budget 5,50")
        assert "above $5.50" in card(at).text
        await at.sends("/budget a lot")
        assert "/budget 5" in card(at).text
        await asyncio.sleep(5)
        await at.reopen(is_killed=True)
        await at.sends("/budget")
        assert "$0.00 of $5.50" in card(at).text
        await at.sends("/budget off")
        assert "No budget" in card(at).text


@jumping
async def test_posts_go_out_to_the_last_cent_and_the_next_one_asks_with_the_figures(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        await at.sends("/budget 0.03")
        for number in range(3):
            await at.sends(f"/post {number}")
        await asyncio.sleep(MINUTE)
        assert at.x.timeline == ["0", "1"]
        assert "This month so far: $0.03 of $0.03. This post: $0.015." in card(at).text
        assert await at.presses("Post") == "On its way"
        await asyncio.sleep(MINUTE)
        assert at.x.timeline == ["0", "1", "2"]
        assert "$0.015" in card(at).text
        await at.sends("/budget")
        assert "used up" in card(at).text and "3 posts, $0.045 of $0.03" in card(at).text


@jumping
async def test_fifty_at_once_do_not_slip_through_a_budget_of_ten(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.sends("/budget 0.15")
        for number in range(50):
            await at.sends(f"/post {number}")
        await asyncio.sleep(10 * MINUTE)
        assert at.x.timeline == [str(number) for number in range(10)]
        assert sum("so far" in said.text for said in at.bot.said) == 40


@jumping
async def test_a_text_over_the_budget_is_asked_about_once_not_twice(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.sends("/budget 0")
        await at.sends("hello")
        await asyncio.sleep(5)
        assert "budget" in card(at).text and "hello" in card(at).text
        await at.presses("Post")
        await asyncio.sleep(5)
        assert at.x.timeline == ["hello"]


@jumping
async def test_a_cheap_text_goes_out_where_a_dear_one_would_pass_the_budget(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.sends("/budget 0.10")
        await at.sends("/post see README.md")
        await asyncio.sleep(5)
        assert "README.md counts as a link" in card(at).text
        await at.presses("Post without the link")
        await asyncio.sleep(5)
        assert [text.replace("\u200c", "") for text in at.x.timeline] == ["see README.md"]
        assert "\u200c" in at.x.timeline[0]
        assert card(at).text.endswith("$0.015")


@jumping
async def test_a_raised_budget_is_seen_on_what_waits(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.sends("/budget 0")
        await at.sends("/post hello")
        await asyncio.sleep(5)
        asked = card(at)
        await at.sends("/budget 7")
        await asyncio.sleep(5)
        assert "of $7.00" in asked.text


@jumping
async def test_a_thread_is_never_asked_about_in_its_middle(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        await at.sends("/budget 0.045")
        await at.sends("/post one\n---\ntwo\n---\nthree")
        await asyncio.sleep(0.3)
        at.habits.change(budget=Decimal(0))
        await asyncio.sleep(MINUTE)
        assert at.x.timeline == ["one", "two", "three"]


@jumping
async def test_without_its_link_a_draft_goes_out_once_however_often_it_is_pressed(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        await at.sends(f"Read {LINK}")
        await asyncio.sleep(5)
        shown = card(at)
        data, number = shown.data[shown.labels.index("Post without the link")], shown.id
        answer = await at.presses("Post without the link")
        assert "without the link" in answer
        await at.presses_data(data, number)
        await asyncio.sleep(5)
        assert at.bot.answers[-1] != answer
        assert at.x.timeline == ["Read"]
        await at.reopen(is_killed=True)
        await at.presses_data(data, number)
        await asyncio.sleep(5)
        assert at.x.timeline == ["Read"]
        assert at.bot.answers[-1]


@jumping
async def test_with_confirm_always_a_photo_waits_for_a_press(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(mode=Mode.CONFIRM)
        at.files.delay = 3
        await at.sends("hello", photo="p1")
        await asyncio.sleep(1)  # the question does not wait for the upload
        assert "Post this?" in card(at).text and "$0.015" in card(at).text
        assert at.x.timeline == []
        await at.presses("Post")
        await asyncio.sleep(5)
        assert at.x.timeline == ["hello"]
        assert len(at.x.posts[0].media_ids) == 1


@jumping
async def test_with_confirm_always_a_command_is_still_at_once(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(mode=Mode.CONFIRM)
        await at.sends("/post hello")
        await asyncio.sleep(5)
        assert at.x.timeline == ["hello"]


@pytest.mark.parametrize(
    ("mode", "caption", "asked"),
    [
        (Mode.AT_ONCE, f"see {LINK}", False),
        (Mode.COSTLY, "no link", False),
        (Mode.COSTLY, f"see {LINK}", True),
        (Mode.CONFIRM, "", True),
    ],
)
@pytest.mark.parametrize("first", [True, False], ids=["caption first", "caption last"])
@jumping
async def test_an_album_is_asked_about_once_when_it_is_complete(
    tmp_path: Path, mode: Mode, caption: str, asked: bool, first: bool
) -> None:
    async with room(tmp_path) as at:
        at.habits.change(mode=mode)
        for number in range(3):
            has_caption = number == (0 if first else 2)
            text = caption if has_caption else ""
            await at.sends(text, photo=f"p{number}", media_group_id="9")
            await asyncio.sleep(0.2)
        assert "Post" not in [label for said in at.bot.said for label in said.labels]
        await asyncio.sleep(MINUTE)
        assert len(at.bot.said) == 1
        if asked:
            assert at.x.timeline == []
            await at.presses("Post")
            await asyncio.sleep(MINUTE)
        assert at.x.timeline == [caption]
        assert len(at.x.posts[0].media_ids) == 3


@jumping
async def test_what_waits_for_a_press_survives_a_kill_in_the_middle_of_its_album(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as at:
        at.habits.change(mode=Mode.COSTLY)
        await at.sends(f"see {LINK}", photo="p1", media_group_id="9")
        await at.store.save()
        await at.reopen(is_killed=True)
        at.publisher.reopen_albums(at.publisher.now() + 1)
        await asyncio.sleep(MINUTE)
        assert at.x.timeline == []
        assert "which costs more" in card(at).text
        await at.presses("Post without the link")
        await asyncio.sleep(MINUTE)
        assert at.x.timeline == ["see"]


@jumping
async def test_with_ask_where_it_costs_more_a_footer_counts(tmp_path: Path) -> None:
    async with room(tmp_path) as at:
        at.habits.change(mode=Mode.COSTLY, footer="more on example.org")
        await at.sends("hello", photo="p1")
        await asyncio.sleep(5)
        assert "example.org counts as a link" in card(at).text
        assert at.x.timeline == []
