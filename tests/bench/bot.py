"""One bot to be measured, with a Telegram and an X of its own: what it is sent, when it posts.

Measures only; what is sent how often, and on what network, is for others to say.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.sandbox.connection import Connection
from bot.sandbox.server import Cold, Exchange, Service
from bot.sandbox.x_world import Limit
from tests.bench import process
from tests.stage import RUN, Stage

ORDINARY = (sys.executable, "-m", "tests.bench.ordinary")
WINDOW = 1.0  # Telex's ALBUM_WINDOW, by default
PATIENCE = 90.0  # seconds for the slowest of what is sent
HANDSHAKE = 2  # round trips, for TCP and TLS
IDLE = 2.0  # seconds after which a connection is cold
CALM = IDLE + 0.3  # seconds of silence before something is sent: all earlier work is done


def launched(*, sync: float = 0.0, cards: float = 0.0) -> tuple[str, ...]:
    """The command for Telex on a slow disk, or with fast cards."""
    return (*RUN[:2], "tests.bench.launch", "--sync", str(sync), "--cards", str(cards))


@dataclass(frozen=True, slots=True)
class Network:
    """`delay` in seconds, for every request; `cold`: what was idle for 2 s has to be opened anew."""

    delay: float = 0.0
    cold: bool = False


class Bot:
    """A bot in a process of its own."""

    def __init__(self, stage: Stage, *, signs_in: bool) -> None:
        self.stage = stage
        self._signs_in = signs_in
        self._arrived: list[float] = []  # when each create could be read by X
        self._delivered: dict[int, float] = {}  # the end of the answer, by its last update
        self._under_way: set[int] = set()
        self._busy_at = 0.0

    @property
    def pid(self) -> int:
        """The process that was started last."""
        assert self.stage.bot is not None
        return self.stage.bot.pid

    @property
    def _services(self) -> tuple[Service, ...]:
        return (*self.stage.x.services, self.stage.telegram.service)

    def open(self) -> None:
        """Take off the limits that are X's and Telegram's, and look at what is asked of them."""
        self.stage.telegram.flood = None
        limits = self.stage.x.limits
        limits |= dict.fromkeys(limits, Limit(10_000_000))
        self.stage.x.api.on_exchange.append(self._at_x)
        for service in self._services:
            service.on_exchange.append(self._anywhere)
        self.stage.telegram.service.on_exchange.append(self._at_telegram)

    async def start(self) -> float:
        """Start it; returns the CPU that it took to its first poll, in seconds."""
        await self.stage.start()
        await self.stage.ready()
        return process.cpu(self.pid) if process.CAN_TELL else 0.0

    async def sign_in(self) -> None:
        """Only Telex has to."""
        if self._signs_in:
            await self.stage.sign_in()

    def travel(self, network: Network) -> None:
        """From now on the network is like that."""
        for service in self._services:
            service.delay = network.delay
            service.cold = Cold(idle=IDLE, delays=HANDSHAKE) if network.cold else None

    async def time(self, send: Callable[[], object], creates: int = 1) -> float:
        """Seconds from the delivery of what `send` sends to the arrival at X of the last create.

        Delivered is what the bot could read in full: the end of the getUpdates answer. Arrived is
        a create whose connection is open and whose body is read. Returns once X has answered.
        """
        x, wanted = self.stage.x, len(self._arrived) + creates
        send()
        update = self.stage.telegram.world.updates.next_id - 1
        try:
            await x.api.until(lambda: len(self._arrived) >= wanted, PATIENCE)
        except TimeoutError:
            raise TimeoutError(
                f"no post; the bot's log ends in\n{self.stage.logged()[-2000:]}"
            ) from None
        asked = self.stage.creates()[-creates:]
        await x.api.until(lambda: all(create.ended is not None for create in asked), PATIENCE)
        assert [create.status for create in asked] == [201] * creates, "a post was refused"
        return self._arrived[wanted - 1] - self._delivered[update]

    async def rest(self, seconds: float = CALM, most: float = 5.0) -> None:
        """Until nothing but a poll was under way for so long; at most for `most` seconds."""
        end = time.monotonic() + max(most, seconds)
        while (now := time.monotonic()) < end:
            left = self._busy_at + seconds - now
            if not self._under_way and left <= 0:
                return
            await asyncio.sleep(min(max(left, 0.05), end - now))

    def forget(self) -> None:
        """Let go of what the sandbox remembers and nobody asks for any more: bodies, pictures."""
        for service in self._services:
            service.exchanges[:] = [e for e in service.exchanges if e.ended is None]
        for medium in self.stage.x.world.media.values():
            medium.bytes = b""

    # --- what is seen of it

    def _at_x(self, what: Literal["start", "end"], exchange: Exchange) -> None:
        if what == "start" and (exchange.method, exchange.path) == ("POST", "/2/tweets"):
            self._arrived.append(max(time.monotonic(), self._usable(exchange)))

    def _usable(self, exchange: Exchange) -> float:
        """When its connection was open: the sandbox takes a request sooner, and lets it wait."""
        x = self.stage.x.api
        if x.cold is None:
            return 0.0
        usable = [
            c.accepted + x.cold.delays * x.delay
            for c in x._state.connections
            if isinstance(c, Connection) and c.number == exchange.connection
        ]
        return max(usable, default=0.0)

    def _at_telegram(self, what: Literal["start", "end"], exchange: Exchange) -> None:
        if what == "end" and exchange.path.endswith("/getUpdates") and exchange.status == 200:
            for update in json.loads(exchange.answer)["result"]:
                self._delivered.setdefault(update["update_id"], exchange.ended_mono or 0.0)

    def _anywhere(self, what: Literal["start", "end"], exchange: Exchange) -> None:
        if exchange.path.endswith("/getUpdates"):
            return
        self._busy_at = time.monotonic()
        if what == "start":
            self._under_way.add(exchange.number)
        else:
            self._under_way.discard(exchange.number)


@contextlib.asynccontextmanager
async def bot(folder: Path, command: Sequence[str] = RUN) -> AsyncIterator[Bot]:
    """A bot that is not started yet, with everything around it; stopped at the end."""
    stage = Stage(_made(folder))
    stage.command = command
    try:
        await stage.set_up()
        stage.settings |= {"ALBUM_WINDOW": str(WINDOW), "LOG_LEVEL": "INFO"}
        it = Bot(stage, signs_in=command is not ORDINARY)
        it.open()
        yield it
    finally:
        await stage.tear_down()


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
