"""The connections to Telegram, against the local one."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.inbox import Inbox
from bot.request import BotRequest
from bot.sandbox.telegram import Telegram


async def test_what_was_asked_at_once_leaves_connections_for_all_of_it_next_time(
    tmp_path: Path,
) -> None:
    telegram = Telegram()
    await telegram.start()
    request = BotRequest(Inbox(tmp_path / "inbox", frozenset()))
    await request.initialize()
    url = f"{telegram.url}/bot{telegram.token}/getMe"
    try:
        telegram.service.delay = 0.5  # so that none of a round can use another one's connection
        for _ in range(2):
            await asyncio.gather(*(request.post(url) for _ in range(8)))
        asked = telegram.requests("getMe")
        first, second = ({e.connection for e in asked[i : i + 8]} for i in (0, 8))
        assert len(first) == 8
        assert second == first
    finally:
        await request.shutdown()
        await telegram.stop()
