"""The stage of the demo: a Telegram, an X, and Telex itself in a process of its own.

Lives on loopback and in one folder; the bot is given the sandbox's settings and no others.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

import bot
from bot.sandbox.telegram import Telegram
from bot.sandbox.x import X

T = TypeVar("T")

RUN = (sys.executable, "-m", "bot", "run")
CODE = Path(bot.__file__).parent.parent
# What a process needs to find its libraries. Nothing of this is a setting of Telex.
PASSED_ON = ("PATH", "HOME", "LD_LIBRARY_PATH")
GRACE = 5.0  # seconds that the bot is given to end by itself


class BotEnded(Exception):
    """The bot ended, although nobody asked it to."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Stage:
    """An owner, a stranger, both services, and the bot; set up and torn down by `async with`."""

    def __init__(self, folder: Path, command: Sequence[str] = RUN) -> None:
        """`folder` is empty, and whoever gives it removes it."""
        self._folder = folder
        self._command = command
        self.landing = _free_port()
        self.data = folder / "data"
        self.log = folder / "telex.log"
        self.x = X(redirect_uri=f"http://127.0.0.1:{self.landing}/callback")
        self.telegram = Telegram()
        self.owner = self.telegram.person()
        self.stranger = self.telegram.person(first_name="Stranger")
        self.bot: asyncio.subprocess.Process | None = None
        self.on_bot: list[Callable[[], None]] = []  # called when it was started, and when it ended
        self._ended: asyncio.Task[int] | None = None
        self._changing = asyncio.Lock()  # a bot that is started while all ends must end as well
        self._is_over = False

    async def __aenter__(self) -> Self:
        try:
            await self.x.start()
            await self.telegram.start()
            await self._start_bot()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        ending = asyncio.create_task(self._tear_down())
        try:
            await asyncio.shield(ending)
        except asyncio.CancelledError:  # whoever is in a hurry must not leave the bot running
            await ending
            raise

    async def _start_bot(self) -> None:
        settings = {
            **self.x.settings(),
            **self.telegram.settings(),
            "DATA_DIR": str(self.data),
            "LISTEN": f"127.0.0.1:{self.landing}",
        }
        passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        python = {"PYTHONPATH": str(CODE), "PYTHONUTF8": "1"}
        with self.log.open("ab") as log:
            self.bot = await asyncio.create_subprocess_exec(
                *self._command,
                cwd=self._folder,  # where there is no .env
                env=passed_on | python | settings,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._ended = asyncio.create_task(self.bot.wait())
        self._ended.add_done_callback(lambda _: self._tell())
        self._tell()

    def _tell(self) -> None:
        for follower in list(self.on_bot):
            follower()

    @property
    def is_up(self) -> bool:
        """Whether the bot's process runs."""
        return self._ended is not None and not self._ended.done()

    async def kill(self) -> None:
        """Kill -9, and wait for the end."""
        if self.bot is not None and self._ended is not None:
            with contextlib.suppress(ProcessLookupError):
                self.bot.kill()
            await asyncio.wait({self._ended})

    async def revive(self) -> None:
        """Start the bot again with the same data, unless it runs."""
        async with self._changing:
            if not self.is_up and not self._is_over:
                await self._start_bot()

    async def _tear_down(self) -> None:
        async with self._changing:
            self._is_over = True
        if self.bot is not None and self._ended is not None:
            for name, patience in ((signal.SIGTERM, GRACE), (signal.SIGKILL, None)):
                with contextlib.suppress(ProcessLookupError):
                    self.bot.send_signal(name)
                done, _ = await asyncio.wait({self._ended}, timeout=patience)
                if done:
                    break
        await self.telegram.stop()
        await self.x.stop()

    # -- playing ---------------------------------------------------------------------------------

    async def within(self, seconds: float | None, work: Coroutine[Any, Any, T]) -> T:
        """What `work` gives. Raises BotEnded, or TimeoutError after so many seconds."""
        task = asyncio.create_task(work)
        watched: set[asyncio.Task[Any]] = {task}
        if self._ended is not None:
            watched.add(self._ended)
        try:
            done, _ = await asyncio.wait(
                watched, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if task in done:
                return task.result()
            if self._ended is not None and self._ended in done:
                raise BotEnded(self._ended.result())
            raise TimeoutError
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def first_poll(self) -> None:
        """Until the bot asks Telegram for updates."""
        await self.telegram.service.until(lambda: bool(self.telegram.requests("getUpdates")), 3600)

    def logged(self, lines: int) -> list[str]:
        """The last lines of the bot's log, which holds no secrets."""
        try:
            return self.log.read_text(errors="replace").splitlines()[-lines:]
        except FileNotFoundError:
            return []


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
