"""How fast a bot may write into one chat before it is answered 429.

The clock is an argument; nothing sleeps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bot.sandbox.telegram_values import ApiError


@dataclass(frozen=True, slots=True)
class Flood:
    """A bucket of `burst` messages that fills with `per_second`.

    Telegram publishes "about one message a second" in a chat and lets bursts pass
    (https://core.telegram.org/bots/faq, 2026-11); the size of the burst is a guess.
    """

    burst: int = 30
    per_second: float = 1.0


class Buckets:
    """One bucket for each chat."""

    def __init__(self) -> None:
        self._left: dict[int, tuple[float, float]] = {}  # chat: (tokens, when counted)

    def take(self, flood: Flood | None, chat: int, now: float) -> None:
        """Takes one message out; raises 429 with the whole seconds until there is one again."""
        if flood is None:
            return
        tokens, then = self._left.get(chat, (float(flood.burst), now))
        tokens = min(float(flood.burst), tokens + max(0.0, now - then) * flood.per_second)
        if tokens < 1:
            self._left[chat] = (tokens, now)
            wait = max(1, math.ceil((1 - tokens) / flood.per_second))
            raise ApiError(429, f"Too Many Requests: retry after {wait}", {"retry_after": wait})
        self._left[chat] = (tokens - 1, now)
