"""The stage of the walks: both sandboxes in this process, and the real bot in one of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

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
            )

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
        self.owner.sends_text("/auth")
        link = await self.owner.sees("Sign in to X with this link")
        landed = self.x.consent(link.buttons[0][0].url or "")
        self.owner.sends_text(landed)
        return await self.owner.sees("Signed in as")

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
