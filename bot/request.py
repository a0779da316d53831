"""The way to Telegram: PTB's HTTPXRequest with the inbox in front of every batch of updates.

One object serves for polling and for everything else, so that a `getFile` goes out on the
connection that the poll has just freed. It never shows the bot token in an error.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
from telegram.error import NetworkError, TimedOut
from telegram.request import HTTPXRequest

from .inbox import Inbox

CONNECTIONS = 32
KEEPALIVE = 90.0  # seconds; the poll itself uses its connection without a pause
DOWNLOAD_TIMEOUT = 300.0
QUIET = 5.0  # seconds; Telegram answers a poll at once where it has something


class BotRequest(HTTPXRequest):
    """All requests to the Bot API."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(
            connection_pool_size=CONNECTIONS,
            read_timeout=20.0,
            write_timeout=20.0,
            connect_timeout=10.0,
            pool_timeout=10.0,
            httpx_kwargs={
                "limits": httpx.Limits(
                    max_connections=CONNECTIONS,
                    # All: httpcore counts the busy ones as idle, and closes what goes beyond.
                    max_keepalive_connections=CONNECTIONS,
                    keepalive_expiry=KEEPALIVE,
                )
            },
        )
        self._inbox = inbox
        self.polled = asyncio.Event()
        self.polls = 0
        self._spare: asyncio.Task[None] | None = None

    async def do_request(self, url: str, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """One request. A batch of updates is on the disk before it is handed on."""
        async with self._quiet_is_an_answer(url):
            status, payload = await super().do_request(url, *args, **kwargs)
        if status in (401, 404) and url.endswith("/getUpdates"):
            # PTB would end polling for good. At the start the token was right, so this may pass.
            raise NetworkError(f"the poll was answered with {status}")
        if status == 200 and url.endswith("/getUpdates"):
            payload = await self._inbox.admit(payload)
            self.polls += 1
            self.polled.set()
            # Not now: the next update's file is made while this one is on its way.
            asyncio.get_running_loop().call_later(3.0, self._make_spare)
        return status, payload

    @contextlib.asynccontextmanager
    async def _quiet_is_an_answer(self, url: str) -> AsyncIterator[None]:
        """A first poll that is held open says, too, that nothing has come while Telex was away."""
        if self.polled.is_set() or not url.endswith("/getUpdates"):
            yield
            return
        timer = asyncio.get_running_loop().call_later(QUIET, self.polled.set)
        try:
            yield
        finally:
            timer.cancel()

    def _make_spare(self) -> None:
        if self._spare is None or self._spare.done():
            self._spare = asyncio.get_running_loop().create_task(self._inbox.make_spare())

    async def download(self, url: str, path: Path) -> None:
        """Stream `url` into the file `path`. Raises NetworkError (404 included) and OSError."""
        try:
            async with asyncio.timeout(DOWNLOAD_TIMEOUT):
                async with self._client.stream("GET", url) as response:
                    if response.status_code != 200:
                        raise NetworkError(f"the download was answered with {response.status_code}")
                    with path.open("wb") as file:
                        async for chunk in response.aiter_bytes(65536):
                            file.write(chunk)
        except TimeoutError:
            raise TimedOut("the download took too long") from None
        except httpx.HTTPError as error:
            raise NetworkError(type(error).__name__) from None
