"""A real Chromium in front of the page, and the real bot behind it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from bot.demo.house import House
from bot.demo.script import STEPS
from bot.demo.stage import Stage
from tests.page.visit import DESK, Visit

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((found for name in NAMES if (found := shutil.which(name))), None)
# Nothing of the browser's own may leave this machine.
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --force-color-profile=srgb"
).split()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine (Debian: apt install chromium)")
    async with async_playwright() as player:
        it = await player.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield it
        await it.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, tmp_path: Path) -> AsyncIterator[Visit]:
    """A page that is open on a desk, with a bot that runs, and nothing in the chat."""
    async with Stage(tmp_path) as stage:
        await stage.within(60, stage.first_poll())
        async with House(tmp_path, stage, STEPS, port=0) as house:
            context = await browser.new_context(viewport=DESK, color_scheme="light")
            context.set_default_timeout(15_000)
            it = Visit(house, context, await context.new_page())
            await it.opens()
            yield it
            await context.close()
            assert it.complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def signed_in(visit: Visit) -> Visit:
    await visit.signs_in()
    return visit
