"""The stage that every walk begins on, and the promises that every walk ends with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.stage import Stage
from tests.stage import stage as set_stage
from tests.walks import promises


@pytest.fixture(scope="session")
def x_document() -> promises.Document | None:
    """X's OpenAPI document, where it is to be had."""
    return promises.x_document()


@pytest.fixture
async def stage(
    tmp_path: Path, x_document: promises.Document | None, request: pytest.FixtureRequest
) -> AsyncIterator[Stage]:
    """Both services run; the bot does not yet."""
    async with set_stage(tmp_path) as it:
        yield it
        await it.stop()
        # Shown where the walk failed.
        request.node.add_report_section("teardown", "log", it.logged()[-10_000:])
        promises.no_secret_got_out(it)
        promises.data_is_private(it)
        promises.x_would_understand(it, x_document)


@pytest.fixture
async def signed_in(stage: Stage) -> Stage:
    """The bot runs and is signed in."""
    await stage.start()
    await stage.ready()
    await stage.sign_in()
    return stage
