"""The page over time: it goes on after a restart, plays the tour, and shows what was said."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from bot.demo.script import STEPS
from tests.page.visit import PHONE, Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_it_goes_on_by_itself_when_the_server_is_restarted(signed_in: Visit) -> None:
    await signed_in.types("/post Before")
    await signed_in.hears_of("Posted: ")
    door = signed_in.house.page.door
    await door.stop()
    await signed_in.sees_bot("Reconnecting…")
    sent = signed_in.stage.owner.sends_text("/post Meanwhile")
    await signed_in.stage.owner.sees("Posted: ", after=sent, timeout=20)
    await door.start()
    await signed_in.sees_bot("Telex is running")
    await expect(signed_in.posts).to_have_count(2)
    await expect(signed_in.posts.first).to_contain_text("Meanwhile")
    await expect(signed_in.log.locator(".message.mine", has_text="Before")).to_have_count(1)


async def test_it_begins_anew_when_another_sandbox_is_served_there(signed_in: Visit) -> None:
    await signed_in.types("/post Of the first one")
    await signed_in.hears_of("Posted: ")
    await signed_in.house.fresh()
    await expect(signed_in.page.get_by_text("Nothing on X yet")).to_be_visible()
    await expect(signed_in.log).to_contain_text("You are the owner of the bot.")
    await signed_in.sees_bot("Telex is running")


async def test_the_tour_plays_on_the_page_and_comes_out_right(visit: Visit) -> None:
    visit.house.tour.pause = 0.05
    await visit.page.get_by_role("button", name="Play the tour").click()
    await expect(visit.page.get_by_text(f"All {len(STEPS)} steps came out right.")).to_be_visible(
        timeout=60_000
    )
    assert len(visit.timeline) >= 4
    await expect(visit.posts).to_have_count(len(visit.timeline))
    await visit.page.get_by_role("button", name="Close").click()
    await expect(visit.page.get_by_role("button", name="Play the tour")).to_be_visible()


async def test_the_tour_waits_where_it_is_held(signed_in: Visit) -> None:
    page = signed_in.page
    signed_in.house.tour.pause = 0.5
    await page.get_by_role("button", name="Play the tour").click()
    await page.get_by_role("button", name="Pause").click()
    next_step = page.get_by_role("button", name="Next step")
    await expect(next_step).to_be_enabled(timeout=20_000)
    title = page.locator("#tour-title")
    held = await title.inner_text()
    await asyncio.sleep(0.8)  # more than the pause that it would make by itself
    await expect(title).to_have_text(held)
    await next_step.click()
    await expect(title).not_to_have_text(held)
    await page.get_by_role("button", name="End", exact=True).click()
    await expect(page.get_by_role("button", name="Play the tour")).to_be_visible()


async def test_a_press_on_a_request_shows_headers_and_bodies_without_secrets(visit: Visit) -> None:
    await visit.page.get_by_role("button", name="/auth", exact=True).click()
    card = await visit.hears_of("Sign in to X with this link")
    async with visit.context.expect_page() as opened:
        await card.get_by_role("link", name="Open X").click()
    await (await opened.value).get_by_role("button", name="Allow").click()
    await visit.hears_of("Signed in as @sandbox")

    for name in ("X POST /2/oauth2/token", "X GET /2/users/me", "Browser to X POST", "sendMessage"):
        for line in await visit.page.get_by_role("button", name=name).all():
            await line.click()
    details = visit.page.locator(".detail:visible")
    await expect(details.filter(has_text="authorization_code")).to_contain_text("code_verifier")
    await expect(details.filter(has_text="GET /2/users/me")).to_contain_text("Bearer •••")
    shown = await visit.page.locator("#wire").inner_text()
    x, telegram = visit.stage.x, visit.stage.telegram
    secrets = [telegram.token.partition(":")[2], x.app.client_secret, x.app.consumer_secret]
    secrets += [secret for token in x.world.tokens for secret in (token.access, token.refresh)]
    secrets += list(x.world.codes)
    assert secrets
    assert [secret for secret in secrets if secret and secret in shown] == []
    assert "state=•••" in shown


async def test_on_a_phone_the_parts_are_tabs_that_the_arrows_move(signed_in: Visit) -> None:
    page = signed_in.page
    await page.set_viewport_size(PHONE)
    await expect(page.get_by_role("tab", name="Chat")).to_have_attribute("aria-selected", "true")
    await expect(signed_in.posts).to_have_count(0)
    await signed_in.types("/post From a phone")
    await signed_in.hears_of("Posted: ")
    await expect(page.locator("#news-x")).to_have_text("1")
    await page.get_by_role("tab", name="Chat").focus()
    for panel in ("Wire", "Sandbox", "Break things", "Telex"):
        await page.keyboard.press("ArrowRight")
        await expect(page.get_by_role("tabpanel", name=panel)).to_be_visible()
        await expect(page.get_by_role("tabpanel")).to_have_count(1)
    assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


async def test_everything_can_be_reached_by_the_keyboard_alone(signed_in: Visit) -> None:
    page = signed_in.page
    await page.get_by_role("textbox", name="Message").focus()
    await page.keyboard.type("Typed")
    await page.keyboard.press("Enter")
    card = await signed_in.hears_of("of 280 characters")
    await card.get_by_role("button", name="Post").focus()
    await page.keyboard.press("Enter")
    await expect(signed_in.posts.filter(has_text="Typed")).to_be_visible(timeout=20_000)
    # The card was edited under the keyboard: one stands on it still.
    assert await page.evaluate("document.activeElement.closest('.message') !== null")
    seen = set()
    for _ in range(80):
        await page.keyboard.press("Tab")
        seen.add(
            await page.evaluate(
                "document.activeElement.id || document.activeElement.textContent.trim()"
            )
        )
    assert {"lines", "posts", "tour-start", "kill", "words", "attach-open", "Owner"} <= seen
