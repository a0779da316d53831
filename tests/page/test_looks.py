"""How the page looks: nothing that axe finds, at both widths, in the light and in the dark.

With TELEX_PICTURES=folder the pictures of the documentation are taken anew.
"""

from __future__ import annotations

import io
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from PIL import Image
from playwright.async_api import Page, expect

from bot.demo import pictures
from tests.page.films import film
from tests.page.visit import DESK, PHONE, Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")

PICTURES = os.environ.get("TELEX_PICTURES", "")
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


async def finds_nothing(page: Page, where: str) -> None:
    found = await Axe().run(page)
    told = [
        f"{one['id']}: {node['html'][:140]} {node.get('any', [{}])[:1]}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]
    assert told == [], where


async def settle(page: Page) -> None:
    """Until nothing moves and every picture is there; axe would see half-faded colours."""
    await page.evaluate(
        """async () => {
            await Promise.all(document.getAnimations().map(a => a.finished.catch(() => null)));
            await Promise.all([...document.images].filter(i => i.checkVisibility()).map(i => i.decode().catch(() => null)));
        }"""
    )


@pytest_asyncio.fixture(loop_scope="session")
async def lived_in(signed_in: Visit) -> AsyncIterator[Visit]:
    """A page on which something of every kind has happened."""
    owner = signed_in.stage.owner
    bay = [pictures.draw(hour) for hour in (pictures.DUSK, pictures.DAWN, pictures.NOON)]
    done = "Posted: https://x.com/"
    signed_in.stage.stranger.sends_text("Let me post, too!")
    await owner.sees(
        done, after=owner.sends_text("/post Good morning from the harbour."), timeout=20
    )
    gone = await owner.sees(done, after=owner.sends_text("/post gm"), timeout=20)
    press = owner.presses(gone, "Delete")
    await press.answer()
    await owner.sees("Deleted on X", timeout=20)
    sent = owner.sends_poll("Which hour next?", ["Dawn", "Noon", "Dusk"])
    await owner.sees(done, after=sent, timeout=20)
    sent = owner.sends_video(film(320, 180), "The tide, in a second", width=320, height=180)
    await owner.sees(done, after=sent, timeout=30)
    words = "The last ferry has gone.\nalt: A bay at dusk, the sun on the water"
    first = await owner.sees(done, after=owner.sends_photo(bay[0], words), timeout=20)
    answer = owner.sends_text("Nobody stays behind.", reply_to=first)
    preview = await owner.sees("of 280", after=answer, timeout=20)
    owner.presses(preview, "Post")
    await owner.sees(done, after=answer, timeout=20)
    album = owner.sends_album(bay, "One bay, three times.")
    await owner.sees(done, after=album[-1], timeout=20)
    await expect(signed_in.posts).to_have_count(7, timeout=20_000)
    yield signed_in


async def picture(visit: Visit, name: str) -> None:
    if PICTURES:
        await visit.page.mouse.move(0, 0)
        await settle(visit.page)
        shot = Image.open(io.BytesIO(await visit.page.screenshot()))
        shot.convert("RGB").save(Path(PICTURES) / f"{name}.png", optimize=True)


async def ends_in_sight(visit: Visit) -> None:
    await visit.page.evaluate(
        """() => { for (const id of ["log", "lines"]) {
            const box = document.getElementById(id); box.scrollTop = box.scrollHeight; } }"""
    )


async def test_on_a_desk_axe_finds_nothing(lived_in: Visit) -> None:
    page = lived_in.page
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        await settle(page)
        await finds_nothing(page, f"desk, {scheme}")
        if scheme == "light":
            await ends_in_sight(lived_in)
            await picture(lived_in, "page")
    await lived_in.breaks("Lose the answer")
    await lived_in.types("/post Once is enough.")
    await expect(lived_in.cards.last).to_contain_text("Posted: ", timeout=20_000)
    await lived_in.breaks("X is slow")
    await lived_in.posts.get_by_role("button", name="Image description").first.click()
    line = page.get_by_role("button", name="X POST /2/tweets").last
    await line.click()
    await expect(page.locator(".detail:visible pre").first).to_be_visible()
    await line.evaluate("node => node.scrollIntoView({ block: 'start' })")
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        await settle(page)
        await finds_nothing(page, f"desk, broken, {scheme}")
    await picture(lived_in, "page-dark")


async def test_on_a_phone_axe_finds_nothing_and_nothing_sticks_out(lived_in: Visit) -> None:
    page = lived_in.page
    await page.set_viewport_size(PHONE)
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        for tab in ("chat", "wire", "x", "break"):
            await page.locator(f"#tab-{tab}").click()
            await settle(page)
            await finds_nothing(page, f"phone, {tab}, {scheme}")
            assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
            if (tab, scheme) in (("chat", "light"), ("x", "dark")):
                await ends_in_sight(lived_in)
                await picture(lived_in, "phone-chat" if tab == "chat" else "phone-timeline-dark")


async def test_on_the_sheets_and_on_xs_own_page_axe_finds_nothing(visit: Visit) -> None:
    page = visit.page
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        await settle(page)
        await finds_nothing(page, f"empty, {scheme}")
        await page.get_by_role("button", name="Attach").click()
        await settle(page)
        await finds_nothing(page, f"what can be attached, {scheme}")
        await page.get_by_role("button", name="Three of them, as an album").click()
        await expect(page.get_by_role("dialog", name="Send 3 photos")).to_be_visible()
        await settle(page)
        await finds_nothing(page, f"three photos to send, {scheme}")
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Attach").click()
        await page.get_by_role("button", name="Poll", exact=True).click()
        await settle(page)
        await finds_nothing(page, f"a poll to send, {scheme}")
        await page.keyboard.press("Escape")
    await page.get_by_role("button", name="/auth", exact=True).click()
    card = await visit.hears_of("Sign in to X with this link")
    async with visit.context.expect_page() as opened:
        await card.get_by_role("link", name="Open X").click()
    consent = await opened.value
    for scheme in SCHEMES:
        await consent.emulate_media(color_scheme=scheme)
        await finds_nothing(consent, f"X's page, {scheme}")


async def test_during_the_tour_axe_finds_nothing(visit: Visit) -> None:
    page = visit.page
    visit.house.tour.pause = 30
    await page.get_by_role("button", name="Play the tour").click()
    await page.get_by_role("button", name="Pause").click()
    step = page.get_by_role("button", name="Next step")
    titles = page.locator("#tour-steps .done")
    for played in range(5 if PICTURES else 1):
        await expect(titles).to_have_count(played, timeout=20_000)
        await expect(step).to_be_enabled(timeout=20_000)
        await step.click()
    await expect(step).to_be_enabled(timeout=20_000)
    await settle(page)
    await picture(visit, "tour")
    for size in (DESK, PHONE):
        await page.set_viewport_size(size)
        await settle(page)
        await finds_nothing(page, f"the tour, {size['width']}")


async def test_who_wants_no_motion_gets_none(visit: Visit) -> None:
    await visit.page.emulate_media(reduced_motion="reduce")
    await visit.types("/start")
    await visit.hears_of("This is Telex.")
    lasts = await visit.page.evaluate(
        "getComputedStyle(document.querySelector('.bubble')).animationDuration"
    )
    assert float(lasts.removesuffix("s")) < 0.001
