"""The landing page: shows nothing of the request, and hands the code to nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from bot import callback

REDIRECT_URI = "http://127.0.0.1:8080/callback"


class Landing:
    """The addresses on which somebody landed."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.answer = "Signed in."

    async def land(self, address: str) -> str:
        self.addresses.append(address)
        return self.answer


@pytest.fixture
def landing() -> Landing:
    return Landing()


@pytest.fixture
async def browser(landing: Landing) -> AsyncIterator[httpx.AsyncClient]:
    page = callback.app(REDIRECT_URI, landing.land)
    transport = httpx.ASGITransport(page)
    async with httpx.AsyncClient(transport=transport, base_url="http://elsewhere.example") as it:
        yield it


async def test_whoever_lands_reads_how_it_went(
    browser: httpx.AsyncClient, landing: Landing
) -> None:
    landing.answer = "<b> & so on"
    shown = await browser.get("/callback?code=secret&state=s")
    assert landing.addresses == [f"{REDIRECT_URI}?code=secret&state=s"]
    assert "&lt;b&gt; &amp; so on" in shown.text and "secret" not in shown.text
    assert shown.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/callback/", "/callback/x", "/healthz/", "/"])
async def test_no_other_path_is_served_or_sent_on_to_the_host_of_the_request(
    browser: httpx.AsyncClient, landing: Landing, path: str
) -> None:
    answer = await browser.get(f"{path}?code=secret&state=s")
    assert answer.status_code == 404
    assert "location" not in answer.headers
    assert landing.addresses == []


async def test_a_look_at_the_head_alone_leaves_the_code_unused(
    browser: httpx.AsyncClient, landing: Landing
) -> None:
    answer = await browser.head("/callback?code=secret&state=s")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert landing.addresses == []


async def test_it_says_that_it_is_well(browser: httpx.AsyncClient, landing: Landing) -> None:
    assert (await browser.get("/healthz")).text == "ok\n"
    assert (await browser.post("/callback?code=secret")).status_code == 405
    assert landing.addresses == []
