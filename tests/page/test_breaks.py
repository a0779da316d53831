"""The switches of the page: what each breaks, what the card says of it, and that it heals."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from bot.demo import pictures
from bot.sandbox import page_breaks
from tests.page.visit import Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

BAY = [pictures.draw(hour) for hour in (pictures.DAWN, pictures.NOON, pictures.DUSK)]


async def stands(visit: Visit, text: str, seconds: float = 30) -> None:
    """Once, and for good."""
    await expect(visit.posts.filter(has_text=text)).to_be_visible(timeout=seconds * 1000)
    await visit.hears_of("Posted: ", seconds)
    assert [post.text for post in visit.timeline] == [text]


async def test_with_a_slow_x_the_card_says_what_it_does(
    signed_in: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_breaks, "SLOW", 0.8)
    await signed_in.breaks("X is slow")
    await signed_in.drops(("bay.jpg", "image/jpeg", BAY[0]))
    await signed_in.sends("Slowly")
    await signed_in.hears_of("Uploading…")
    waits = signed_in.page.get_by_role("button", name="X POST /1.1/media/upload.json").last
    await expect(waits).to_contain_text("waits")
    await signed_in.hears_of("Posting…")
    await stands(signed_in, "Slowly")


async def test_at_a_rate_limit_the_post_waits_until_x_takes_it_again(
    signed_in: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_breaks, "WAIT", 3.0)
    await signed_in.breaks("Rate limit")
    await signed_in.types("/post Later")
    await signed_in.hears_of("Waiting: X takes no more posts for now. I try again at")
    assert not signed_in.timeline
    await signed_in.mends()
    await stands(signed_in, "Later")


async def test_while_x_is_down_the_card_says_that_it_looks_before_it_posts_again(
    signed_in: Visit,
) -> None:
    await signed_in.breaks("X is down")
    await signed_in.types("/post Whatever happens")
    await signed_in.hears_of("X did not answer clearly. I look whether the post is there")
    failed = signed_in.page.get_by_role("button", name="X POST /2/tweets").first
    await expect(failed).to_contain_text("503")
    await expect(signed_in.page.locator("#break-says")).to_have_text("Broken: X is down")
    await signed_in.mends()
    await stands(signed_in, "Whatever happens", 60)


async def test_where_v11_is_gone_pictures_go_by_v2(signed_in: Visit) -> None:
    await signed_in.breaks("v1.1 is gone")
    await signed_in.drops(("bay.jpg", "image/jpeg", BAY[0]))
    await signed_in.sends("By v2")
    await stands(signed_in, "By v2")
    gone = signed_in.page.get_by_role("button", name="X POST /1.1/media/upload.json").first
    await expect(gone).to_contain_text("410")


async def test_without_credits_the_card_says_where_to_top_up_and_waits_for_a_press(
    signed_in: Visit,
) -> None:
    await signed_in.breaks("No credits left")
    await signed_in.types("/post Money first")
    card = await signed_in.hears_of("your X credits are used up. Top up at")
    await signed_in.mends()
    await card.get_by_role("button", name="Try again").click()
    await stands(signed_in, "Money first")


async def test_a_post_whose_answer_is_lost_is_found_and_not_made_again(signed_in: Visit) -> None:
    await signed_in.breaks("Lose the answer")
    await signed_in.types("/post Once")
    await signed_in.hears_of("X did not answer clearly. I look whether the post is there…")
    await stands(signed_in, "Once")
    lost = signed_in.page.get_by_role("button", name="X POST /2/tweets")
    await expect(lost).to_have_count(1)
    await expect(lost).to_contain_text("took effect, but the answer is lost")
    await expect(signed_in.page.get_by_text("Everything works.")).to_be_visible()


async def test_a_post_that_never_reached_x_is_made_after_a_look(signed_in: Visit) -> None:
    await signed_in.breaks("Lose the request")
    await signed_in.types("/post Once more")
    await signed_in.hears_of("X did not answer clearly. I look whether the post is there…")
    await expect(
        signed_in.page.get_by_role("button", name="X POST /2/tweets").first
    ).to_contain_text("lost on its way")
    await stands(signed_in, "Once more", 60)


async def test_a_bot_killed_in_the_middle_of_an_album_posts_it_once_all_the_same(
    signed_in: Visit,
) -> None:
    await signed_in.breaks("X is slow")
    await signed_in.drops(*((f"{n}.jpg", "image/jpeg", data) for n, data in enumerate(BAY)))
    await signed_in.sends("Three at once")
    uploads = signed_in.page.get_by_role("button", name="X POST /1.1/media/upload.json")
    await expect(uploads.first).to_contain_text("waits", timeout=20_000)
    await signed_in.page.get_by_role("button", name="kill -9").click()
    await signed_in.sees_bot("Telex is not running")
    await expect(signed_in.page.get_by_text("The bot is dead")).to_be_visible()
    assert signed_in.stage.bot is not None
    assert signed_in.stage.bot.returncode == -9

    await signed_in.mends()
    await signed_in.page.get_by_role("button", name="Start it again").click()
    await signed_in.sees_bot("Telex is running")
    await stands(signed_in, "Three at once", 60)
    (post,) = signed_in.timeline
    assert [m.bytes for m in post.media] == [
        signed_in.stage.telegram.file(m.raw["photo"][-1]["file_id"])
        for m in signed_in.stage.owner.chat.messages
        if "photo" in m.raw
    ]
