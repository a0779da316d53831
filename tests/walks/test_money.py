"""Money through the real process: what the card says, what is counted, and what X charges."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.sandbox.faults import Fault
from bot.sandbox.telegram import Message
from tests.stage import Stage
from tests.walks.cards import card, texts
from tests.walks.pictures import jpeg

LINK = "https://example.org/news?page=1"
A_MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
async def _month() -> None:
    """Costs are counted by the month, so no walk goes over the end of one."""
    now = datetime.now(UTC)
    if (now + A_MINUTE).month != now.month:
        await asyncio.sleep(A_MINUTE.total_seconds())


def charged(stage: Stage) -> Decimal:
    """What the sandbox's X has charged for."""
    return sum((charge.amount for charge in stage.x.bill), Decimal(0))


def counted(stage: Stage) -> Decimal:
    """What Telex has counted, as it stands on the disk."""
    months = stage.stored().get("spent", {}).values()
    return sum((Decimal(month["cost"]) for month in months), Decimal(0))


async def answer(stage: Stage, text: str, shows: str) -> Message:
    sent = stage.owner.sends_text(text)
    return await stage.owner.sees(shows, after=sent)


async def choose(stage: Stage, page: str, option: str) -> None:
    """Press through /settings."""
    shown = await answer(stage, "/settings", "Settings")
    await stage.owner.presses(shown, page).answer()
    wanted: Callable[[Message], Any] = lambda m: m.id == shown.id and option in str(m.buttons)  # noqa: E731
    shown = await stage.owner.sees(wanted)
    labels = [button.text for row in shown.buttons for button in row]
    label = next(label for label in labels if option == label.removeprefix("✓ "))
    await stage.owner.presses(shown, label).answer()


async def test_a_word_that_counts_as_a_link_is_named_and_posted_as_a_plain_word_for_less(
    signed_in: Stage,
) -> None:
    owner = signed_in.owner
    before = charged(signed_in)
    sent = owner.sends_text("See README.md")
    shown = await card(signed_in, sent, "README.md counts as a link: $0.20 instead of $0.015")
    await owner.presses(shown, "Post without the link").answer()
    done = await card(signed_in, sent)
    assert done.text.endswith("$0.015")
    (text,) = texts(signed_in)
    assert text.replace("\u200c", "") == "See README.md"
    assert charged(signed_in) - before == Decimal("0.015"), "X takes it for no link either"


async def test_what_is_counted_is_what_x_charges_over_deaths_lost_answers_and_deletions(
    signed_in: Stage,
) -> None:
    owner, x = signed_in.owner, signed_in.x
    first = owner.sends_text(f"/post Read {LINK}")
    shown = await card(signed_in, first)
    x.api.faults.add(Fault(method="POST", path="/2/tweets", drop="after", times=1))
    second = owner.sends_photo(jpeg(), "A photo")
    await card(signed_in, second)
    await owner.presses(shown, "Delete").answer()
    await card(signed_in, first, "Deleted")
    await signed_in.eventually(lambda: counted(signed_in) == charged(signed_in))
    assert counted(signed_in) > Decimal("0.235"), "the sign-in and the look-up cost something too"
    await signed_in.kill()
    await signed_in.start()
    await signed_in.ready()
    status = await answer(signed_in, "/status", "posts, $")
    assert f": 2 posts, ${counted(signed_in)}" in status.text
    assert counted(signed_in) == charged(signed_in)


async def test_the_status_tells_how_things_stand_in_short_lines(signed_in: Stage) -> None:
    await answer(signed_in, "/budget 5", "above $5.00")
    sent = signed_in.owner.sends_photo(jpeg(), "A photo")
    await card(signed_in, sent)
    said = (await answer(signed_in, "/status", "Account")).text
    lines = said.splitlines()
    assert lines[0] == f"Account: @{signed_in.x.account.username}"
    assert lines[1].startswith("Sign-in: good; next renewal ")
    assert "Uploads by: v1.1" in lines
    assert "Waiting: 0, scheduled: 0, failed: 0" in lines
    assert any(line.endswith(": 1 post, $0.025 of $5.00") for line in lines)
    assert any(line.startswith("Posts left on X: 99 of 100, until ") for line in lines)
    assert any(line.startswith("Uploads (v1.1) left on X: ") for line in lines)
    assert lines[-1].startswith("Telex ")
    assert max(map(len, lines)) <= 60


async def test_an_album_that_asks_first_asks_once_when_it_is_complete(signed_in: Stage) -> None:
    await choose(signed_in, "Ask first", "shown first where it has a link, which costs more")
    plain = signed_in.owner.sends_photo(jpeg(), "No link")
    await card(signed_in, plain)
    pictures = [jpeg(), jpeg(), jpeg()]
    sent = signed_in.owner.sends_album(pictures, ["", "", f"Read {LINK}"])
    shown = await card(signed_in, sent[0], "counts as a link")
    assert texts(signed_in) == ["No link"]
    await signed_in.kill()
    await signed_in.start()
    await signed_in.ready()
    await signed_in.owner.presses(shown, "Post").answer()
    done = await card(signed_in, sent[0])
    assert done.text.endswith("$0.20")
    assert texts(signed_in) == ["No link", f"Read {LINK}"]
    assert len(signed_in.x.timeline()[-1].media) == 3


async def test_a_post_over_the_budget_asks_with_the_figures_and_goes_out_after_a_press(
    signed_in: Stage,
) -> None:
    await answer(signed_in, "/budget 0.05", "above $0.05")
    first = signed_in.owner.sends_text("/post One")
    await card(signed_in, first)
    second = signed_in.owner.sends_text(f"/post Two {LINK}")
    shown = await card(signed_in, second, "$0.025 of $0.05. This post: $0.20.")
    assert texts(signed_in) == ["One"]
    await signed_in.owner.presses(shown, "Post").answer()
    await card(signed_in, second)
    assert texts(signed_in) == ["One", f"Two {LINK}"]


async def test_other_prices_are_reckoned_with(stage: Stage) -> None:
    stage.settings["X_PRICES"] = "create=0.02, create_with_url=0.5"
    await stage.start()
    await stage.ready()
    await stage.sign_in()
    sent = stage.owner.sends_text("See README.md")
    await card(stage, sent, "README.md counts as a link: $0.50 instead of $0.02.")


async def test_a_price_list_that_is_none_stops_the_start_with_one_line(stage: Stage) -> None:
    stage.settings["X_PRICES"] = "create=cheap"
    await stage.start()
    assert stage.bot is not None
    assert await stage.bot.wait() == 2
    (line,) = stage.logged().splitlines()
    assert line.startswith("telex: X_PRICES has no price in dollars for create: list prices")
    assert "cheap" not in line


async def test_a_message_behind_a_post_is_marked_and_unmarked(signed_in: Stage) -> None:
    owner = signed_in.owner

    def reactions(of: Message) -> tuple[str, ...]:
        return next(m.reactions for m in owner.chat.messages if m.id == of.id)

    sent = owner.sends_photo(jpeg(), "A photo")
    shown = await card(signed_in, sent)
    await signed_in.telegram.until(lambda: reactions(sent) == ("👍",))
    await owner.presses(shown, "Delete").answer()
    await signed_in.telegram.until(lambda: reactions(sent) == ())
