"""Sees what goes on between the bot and both services, and writes it down as it happens.

Takes no part in it. The code, tokens and queries of requests are not shown.
"""

from __future__ import annotations

from typing import Literal

from bot.demo.stage import Stage
from bot.demo.transcript import Transcript
from bot.sandbox.server import Exchange

# Housekeeping: the poll comes again and again, the others once at the start.
LEFT_OUT = frozenset({"getUpdates", "getMe", "deleteWebhook", "setMyCommands"})


class Witness:
    """Writes requests to Telegram and X, and what the owner sees in the chat."""

    def __init__(self, stage: Stage, show: Transcript) -> None:
        self._stage = stage
        self._show = show
        self._seen: dict[int, tuple[str, tuple[str, ...]]] = {}
        self._toasts = 0
        stage.telegram.service.on_exchange.append(self._telegram)
        for service in stage.x.services:
            service.on_exchange.append(self._x)

    def _telegram(self, what: Literal["start", "end"], exchange: Exchange) -> None:
        if what == "end":
            path = exchange.path.split("/", 2)[-1]
            if exchange.path.startswith("/file/"):
                path = f"file {exchange.path.split('/', 3)[-1]}"
            if path not in LEFT_OUT:
                self._show.traffic("Telegram", path, _came(exchange))
            self._look()

    def _x(self, what: Literal["start", "end"], exchange: Exchange) -> None:
        if what == "end":
            self._show.traffic("X", f"{exchange.method} {exchange.path}", _came(exchange))

    def _look(self) -> None:
        for message in self._stage.owner.chat.from_bot:
            now = (message.text, message.labels)
            before = self._seen.get(message.id)
            if now != before:
                self._seen[message.id] = now
                how = "Telex" if before is None else "edits"
                self._show.telex(message.text, message.labels, how)
        for text in self._stage.telegram.answers[self._toasts :]:
            if text:
                self._show.telex(text, how="popup")
        self._toasts = len(self._stage.telegram.answers)


def _came(exchange: Exchange) -> str:
    return str(exchange.status) if exchange.status is not None else "answer lost"
