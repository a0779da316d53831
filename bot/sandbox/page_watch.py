"""Looks at a scene and writes into the ledger what has changed there. Never acts on it."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Literal

from bot.sandbox import page_chat, page_timeline, page_wire
from bot.sandbox.exchange import Exchange
from bot.sandbox.page_breaks import Breaks
from bot.sandbox.page_ledger import Ledger
from bot.sandbox.page_scene import Scene
from bot.sandbox.telegram import Message, Person

LINES = 400  # requests that are shown; older ones are left out


class Watch:
    """From `begin` to `end`, the ledger shows this scene."""

    def __init__(self, scene: Scene, ledger: Ledger, breaks: Breaks) -> None:
        self.scene = scene
        self._ledger = ledger
        self._breaks = breaks
        self._seen: dict[tuple[int, int], Message] = {}
        self._lines: list[str] = []
        self._notes = itertools.count(1)
        self._task: asyncio.Task[None] | None = None
        self._is_up: bool | None = None
        self._polled = 0
        self._services = (scene.telegram.service, *scene.x.services)

    def begin(self) -> None:
        """Show all that is there, and go on."""
        self._ledger.clear()
        exchanges = [e for service in self._services for e in service.exchanges]
        for exchange in sorted(exchanges, key=lambda e: e.number):
            self._exchange("end" if exchange.ended is not None else "start", exchange)
        for service in self._services:
            service.on_exchange.append(self._exchange)
        self.scene.on_bot.append(self._bot)
        self._bot()
        self._chats()
        self._posts()
        self.broken()
        self._task = asyncio.create_task(self._follow())

    def end(self) -> None:
        """Look away."""
        if self._task is not None:
            self._task.cancel()
        for service in self._services:
            _drop(service.on_exchange, self._exchange)
        _drop(self.scene.on_bot, self._bot)

    def note(self, text: str, tone: Literal["", "good", "bad"] = "") -> None:
        """Tell in the middle what was done to the scene."""
        number = next(self._notes)
        line = page_wire.Line(number, "note", time.time(), path=text, tone=tone)
        self._line(f"note {number}", line)

    def broken(self) -> None:
        """Show what is broken."""
        self._ledger.put("breaks", "", self._breaks.shown())

    # -- what may have changed -----------------------------------------------------------------

    async def _follow(self) -> None:
        while True:
            await self.scene.telegram.changed.next()
            self._chats()

    def _exchange(self, what: Literal["start", "end"], exchange: Exchange) -> None:
        cover = page_wire.masks(self.scene.telegram, self.scene.x)
        self._line(str(exchange.number), page_wire.line(exchange, self.scene.x, cover))
        if exchange.service == "telegram":
            if exchange.path.endswith("/getUpdates"):
                self._bot()
        elif what == "end":
            for one in self._breaks.settle():
                self.note(f"{one.title}: done, and mended again", "good")
            self.broken()
            self._posts()

    def _line(self, key: str, line: page_wire.Line) -> None:
        if self._ledger.get("line", key) is None:
            self._lines.append(key)
        self._ledger.put("line", key, asdict(line))
        while len(self._lines) > LINES:
            self._ledger.put("line", self._lines.pop(0), None)

    def _bot(self) -> None:
        is_up, polls = self.scene.is_up, len(self.scene.telegram.requests("getUpdates"))
        if is_up != self._is_up:
            if self._is_up is not None:
                text = "The bot was started" if is_up else "The bot's process has ended"
                self.note(text, "good" if is_up else "bad")
                self._polled = polls
            self._is_up = is_up
        state = "down" if not is_up else "starting" if polls <= self._polled else "up"
        self._ledger.put("bot", "", state)

    def _chats(self) -> None:
        for name, person in (("owner", self.scene.owner), ("stranger", self.scene.stranger)):
            self._chat(name, person)

    def _chat(self, name: str, person: Person) -> None:
        chat = person.chat
        there = set()
        for message in chat.messages:
            at = (chat.id, message.id)
            there.add(at)
            if self._seen.get(at) is not message:
                self._seen[at] = message
                self._ledger.put("message", _key(at), asdict(page_chat.bubble(message)))
        for at in [at for at in self._seen if at[0] == chat.id and at not in there]:
            del self._seen[at]
            self._ledger.put("message", _key(at), None)
        commands = self.scene.telegram.commands.get(f"chat:{chat.id}", [])
        self._ledger.put(
            "chat",
            name,
            {
                "id": chat.id,
                "name": person.user["first_name"],
                "acts": len(chat.actions),
                "act": chat.actions[-1] if chat.actions else "",
                "commands": commands,
            },
        )

    def _posts(self) -> None:
        x = self.scene.x
        for post in x.world.posts:
            self._ledger.put("post", post.id, asdict(page_timeline.entry(post, x)))
        self._ledger.put("profile", "", asdict(page_timeline.profile(x)))


def _key(at: tuple[int, int]) -> str:
    return f"{at[0]}:{at[1]}"


def _drop(followers: list[Callable[..., None]], one: Callable[..., None]) -> None:
    if one in followers:
        followers.remove(one)
