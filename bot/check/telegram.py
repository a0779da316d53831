"""Asks Telegram which bot the token is of, and what stands in its way.

Never polls and never writes: a bot that is running with the same token notices nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from . import seen
from .watch import ahead_of

LIMIT = 6.0  # seconds for one question


class Telegram:
    """The Bot API under one token. To be used as a context manager."""

    def __init__(self, root: str, token: str) -> None:
        self._root = f"{root}/bot{token}"
        self.host = urlsplit(root).netloc
        self._http = httpx.AsyncClient(timeout=LIMIT)
        self.ahead: float | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def look(self, owners: Iterable[int]) -> seen.Telegram:
        """All of it at once."""
        ids = sorted(owners)
        asked = asyncio.gather(*(self.chat(one) for one in ids))
        bot, webhook, chats = await asyncio.gather(self.bot(), self.webhook(), asked)
        whose = tuple(zip(ids, chats, strict=True))
        return seen.Telegram(self.host, bot, webhook, whose, self.ahead)

    async def bot(self) -> seen.Bot | seen.No | seen.Silence:
        """Whose token it is."""
        said = await self._ask("getMe")
        if isinstance(said, seen.No | seen.Silence):
            return said
        return seen.Bot(str(said.get("username", "")), str(said.get("first_name", "")))

    async def webhook(self) -> str | seen.No | seen.Silence:
        """The host that messages are sent to: the rest of a webhook's address may be a secret."""
        said = await self._ask("getWebhookInfo")
        if isinstance(said, seen.No | seen.Silence):
            return said
        url = str(said.get("url") or "")
        return (urlsplit(url).hostname or "somewhere else") if url else ""

    async def chat(self, owner: int) -> seen.Chat | seen.No | seen.Silence:
        """Who an owner is, if they have written to the bot before."""
        said = await self._ask("getChat", chat_id=owner)
        if isinstance(said, seen.No | seen.Silence):
            return said
        username = said.get("username")
        name = said.get("first_name") or "somebody without a name"
        return seen.Chat(f"{name} (@{username})" if username else str(name))

    async def _ask(
        self, method: str, **params: object
    ) -> Mapping[str, Any] | seen.No | seen.Silence:
        # No error goes on from here: httpx's may hold the URL, and the token with it.
        try:
            async with asyncio.timeout(LIMIT):
                answer = await self._http.post(f"{self._root}/{method}", json=params)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return seen.Silence(type(error).__name__)
        self.ahead = ahead_of(answer.headers, time.time(), self.ahead)
        try:
            said = answer.json()
        except ValueError:
            said = None
        if not isinstance(said, dict):
            return seen.Silence(f"status {answer.status_code}")
        if said.get("ok") is True and isinstance(said.get("result"), dict):
            result: dict[str, Any] = said["result"]
            return result
        return seen.No(answer.status_code, str(said.get("description", ""))[:200])
