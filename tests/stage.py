"""The stage of the walks: both sandboxes in this process, and the real bot in one of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bot.sandbox.server import Exchange
from bot.sandbox.telegram import Message, Person, Telegram
from bot.sandbox.x import X

ROOT = Path(__file__).parent.parent
RUN = (sys.executable, "-m", "bot", "run")


class Stage:
    """One owner, one stranger, one bot."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.x = X()
        self.telegram = Telegram()
        self.owner: Person = self.telegram.person()
        self.stranger: Person = self.telegram.person(first_name="Stranger")
        self.settings: dict[str, str] = {}
        self.command: Sequence[str] = RUN
        self.bot: asyncio.subprocess.Process | None = None
        self.log = folder / "log"
        self.umask = -1  # the bot's; -1: this process's

    async def set_up(self) -> None:
        """Start the sandboxes and write the settings; the bot is started by `start`."""
        await self.x.start()
        await self.telegram.start()
        self.landing = free_port()
        self.settings = {
            **self.x.settings(),
            **self.telegram.settings(),
            "DATA_DIR": str(self.data),
            "LISTEN": f"127.0.0.1:{self.landing}",
            "X_REDIRECT_URI": "http://127.0.0.1:8080/callback",
            "ALBUM_WINDOW": "0.3",
            "LOG_LEVEL": "DEBUG",
        }
        self.owner.starts()

    async def tear_down(self) -> None:
        """Stop everything."""
        await self.stop()
        await self.telegram.stop()
        await self.x.stop()

    async def start(self) -> None:
        """Start the bot in an environment that holds its settings and nothing else."""
        with self.log.open("ab") as log:
            self.bot = await asyncio.create_subprocess_exec(
                *self.command,
                cwd=self.folder,
                env={**self.settings, "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
                stdout=log,
                stderr=log,
                umask=self.umask,
            )

    async def ready(self, seconds: float = 30.0) -> None:
        """Until the bot that was started last has asked for updates. Raises where it ended."""
        bot, before = self.bot, len(self.telegram.requests("getUpdates"))
        assert bot is not None, "the bot was not started"
        polled = asyncio.ensure_future(
            self.telegram.service.until(
                lambda: len(self.telegram.requests("getUpdates")) > before, seconds
            )
        )
        ended = asyncio.ensure_future(bot.wait())
        await asyncio.wait({polled, ended}, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if not polled.done():
            polled.cancel()
            raise AssertionError(f"the bot ended with {bot.returncode}\n{self.logged()}")
        await polled

    async def kill(self) -> None:
        """kill -9, and wait for the end."""
        if self.bot is not None:
            with contextlib.suppress(ProcessLookupError):
                self.bot.kill()
            await self.bot.wait()

    async def stop(self) -> int:
        """SIGTERM; returns the exit status."""
        if self.bot is None:
            return 0
        if self.bot.returncode is None:
            self.bot.send_signal(signal.SIGTERM)
        try:
            return await asyncio.wait_for(self.bot.wait(), 15)
        except TimeoutError:
            await self.kill()
            raise

    async def sign_in(self) -> Message:
        """/auth, consent, and the pasted address."""
        sent = self.owner.sends_text("/auth")
        link = await self.owner.sees("Sign in to X with this link", after=sent)
        landed = self.x.consent(link.buttons[0][0].url or "")
        sent = self.owner.sends_text(landed)
        return await self.owner.sees("Signed in as", after=sent)

    async def eventually(self, condition: Callable[[], object], seconds: float = 10.0) -> None:
        """Until the condition holds; for what only looking again can tell, such as the disk."""
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.02)

    def stored(self) -> dict[str, Any]:
        """What stands in telex.json: table by table, the rows by their keys."""
        tables = json.loads((self.data / "telex.json").read_text("utf-8"))
        return {name: {row["key"]: row for row in t.values()} for name, t in tables.items()}

    def uploads(self) -> list[Exchange]:
        """The v1.1 uploads that X was asked for."""
        asked = [e for service in self.x.services for e in service.exchanges]
        return [e for e in asked if e.path == "/1.1/media/upload.json"]

    def creates(self) -> list[Exchange]:
        """The posts that X was asked for."""
        return self.x.api.seen("POST", "/2/tweets")

    @property
    def states(self) -> list[str]:
        """The `state` of every sign-in that was begun, oldest first."""
        said = [m for person in self.telegram.people for m in person.chat.messages]
        links = [b.url for m in said for row in m.buttons for b in row if b.url]
        queries = [parse_qs(urlsplit(link).query) for link in links]
        return [query["state"][0] for query in queries if "state" in query]

    def grants(self, kind: str) -> list[dict[str, str]]:
        """What was sent to the token endpoint for grants of a kind, field by field."""
        sent = self.x.api.seen("POST", "/2/oauth2/token")
        forms = [{k: v[0] for k, v in parse_qs(e.body.decode()).items()} for e in sent]
        return [form for form in forms if form["grant_type"] == kind]

    def logged(self) -> str:
        """All that the bot wrote to its log."""
        return self.log.read_text(errors="replace")


def free_port() -> int:
    """A port that nothing listens on at the moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextlib.asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    """A stage that is set up, and torn down again."""
    it = Stage(folder)
    await it.set_up()
    try:
        yield it
    finally:
        await it.tear_down()
