"""One performance of a scene: the bot dies at a point, is started again, and all must be well."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.habits import Habits
from bot.sandbox.server import Exchange, Fault, Service
from bot.sandbox.telegram import Message
from tests.crash import points, scenes
from tests.crash.nest import Life, Nest
from tests.crash.points import Deed, Point
from tests.crash.scenes import Scene, Wanted
from tests.stage import Stage
from tests.walks import promises
from twitter_core.oauth2 import Account, Token
from twitter_core.store import Store
from twitter_core.tokens import SignIn
from twitter_core.vault import StoreVault

AFTERWARDS = 4.5  # seconds for which a record goes on once all is out: the disk has its afterlife
PATIENCE = 75.0  # seconds; an entry that is stuck is passed by after 60


needs_proc = pytest.mark.skipif(
    not Path("/proc/self/fd").is_dir(), reason="which file is written is told by /proc/self/fd"
)


class Wrong(AssertionError):
    """What must hold does not."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a performance went. `lost_pair`: X had renewed the pair, the disk knew nothing of it,
    and the owner had to sign in.
    """

    reached: bool
    lost_pair: bool = False


class Performance:
    """A stage whose bot comes from a nest, is signed in from the start, and may be made to die."""

    def __init__(self, nest: Nest, scene: Scene, folder: Path) -> None:
        self.stage = Stage(folder)
        self.scene = scene
        self._nest = nest
        self._record = folder / "record"
        self.life: Life | None = None
        self.wanted: tuple[Wanted, ...] = ()
        self._last_connection = 0

    async def set_up(self) -> None:
        self.stage.folder.mkdir(parents=True)
        await self.stage.set_up()
        self.stage.settings["LISTEN"] = ""
        self.stage.settings["LOG_LEVEL"] = "INFO"
        # Not what is looked at here: many bots at once on a small machine may be slow to poll.
        self.stage.settings["ALBUM_WINDOW"] = "3"
        self.stage.telegram.world.updates.drop()  # the /start, which is not looked at here
        await self._sign_in()
        self.scene.before(self.stage)

    async def tear_down(self) -> None:
        if self.life is not None:
            await self.life.kill()
        await self.stage.telegram.stop()
        await self.stage.x.stop()

    async def _sign_in(self) -> None:
        """A data folder as a sign-in an hour ago would have left it."""
        x = self.stage.x
        pair = x.sign_in()
        now = time.time()
        # Renewed at three quarters of its life.
        due = now + self.scene.renew_in
        token = Token(
            pair["access_token"],
            pair["refresh_token"],
            expires_at=due + x.expires_in / 4,
            scope=pair["scope"],
            issued_at=due - x.expires_in * 3 / 4,
        )
        store = Store(self.stage.data)
        account = Account(id=x.account.id, name=x.account.name, username=x.account.username)
        await StoreVault(store).save_sign_in(SignIn(token, account))
        if self.scene.undo:
            Habits(store).change(undo=self.scene.undo)
        await store.close()

    async def start(self, *, strike: Point | None = None, record: bool = False) -> Life:
        on_disk = strike is not None and strike.by == "disk"
        self.life = await self._nest.bear(
            {
                "cwd": str(self.stage.folder),
                "env": self.stage.settings,
                "log": str(self.stage.log),
                "record": str(self._record) if record else None,
                "strike": (strike.what, strike.where, strike.nth, strike.moment)
                if strike is not None and on_disk
                else None,
            }
        )
        return self.life

    # --- the points

    @property
    def services(self) -> tuple[Service, ...]:
        return (self.stage.telegram.service, *self.stage.x.services)

    def plant(self, point: Point) -> None:
        """Kill the bot at this point, if it is a request: to its own writes it sees itself."""
        if point.by == "disk":
            return
        service = next(s for s in self.services if s.name == point.by)

        async def kill(_: Exchange) -> None:
            if self.life is not None:
                await self.life.kill()

        service.faults.add(
            Fault(
                method=point.what,
                where=lambda exchange: points.request(exchange.path) == point.where,
                skip=point.nth - 1,
                call=kill,
                when="before" if point.moment == "before" else "after",
            )
        )

    def forget_points(self) -> None:
        for service in self.services:
            service.faults.clear()

    def requests(self) -> list[Deed]:
        """All requests so far, in their order."""
        exchanges = [e for service in self.services for e in service.exchanges]
        return [
            Deed(e.service, e.method, points.request(e.path), e.effect)
            for e in sorted(exchanges, key=lambda e: e.number)
        ]

    def writes(self) -> list[Deed]:
        """All changes of the data folder so far, in their order. Raises where one was missed."""
        lines = [line.split("\t") for line in self._record.read_text().splitlines()]
        if missed := [line for line in lines if line[0] == "missed"]:
            raise Wrong(f"changes of the data folder that are not counted: {missed}")
        failed = {tuple(line[1:]) for line in lines if line[0] == "failed"}
        return [
            Deed("disk", what, where, (what, where, nth) not in failed)
            for kind, what, where, nth in lines
            if kind == "begun"
        ]

    # --- the owner

    async def act(self) -> None:
        """Once a bot listens, or has died before, the owner does what the scene says."""
        telegram = self.stage.telegram
        await telegram.service.until(
            lambda: (
                bool(telegram.requests("getUpdates"))
                or (self.life is not None and self.life.is_over)
            ),
            30,
        )
        self.wanted = await self.scene.act(self.stage)

    # --- what must hold

    def on_disk(self, table: str) -> list[dict[str, Any]]:
        """The rows of one table of the store."""
        path = self.stage.data / "telex.json"
        tables = json.loads(path.read_text()) if path.exists() else {}
        return list(tables.get(table, {}).values())

    def inbox(self) -> list[str]:
        """The names of batches that are not dealt with; an empty file is the next one's."""
        found = []
        for path in (self.stage.data / "inbox").glob("*.json"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_size:
                    found.append(path.name)
        return found

    def alive(self) -> list[str]:
        """The states of what still has to come to its end. A look for doubles may follow it."""
        rows = self.on_disk("outbox")
        return [row["state"] for row in rows if not (row.get("recorded") and row.get("shown"))]

    def history(self) -> dict[str, str]:
        """The state of each post in the history."""
        lines = [
            json.loads(line)
            for path in sorted((self.stage.data / "history").glob("*.jsonl"))
            for line in path.read_bytes().splitlines(keepends=True)
            if line.endswith(b"\n")
        ]
        return {line["key"]: line["state"] for line in lines}

    def pair_is_lost(self) -> bool:
        """Whether X's newest pair is another one than that on the disk."""
        stored = self.on_disk("sign_in")
        newest = self.stage.x.world.tokens[-1].refresh
        return [row["token"]["refresh_token"] for row in stored] != [newest]

    def unrest(self) -> str:
        """What is not yet as it must be in the end, empty where all is."""
        if not self.wanted:
            return "the owner is not through"
        if gap := scenes.missing(self.stage, self.wanted):
            return gap
        if alive := self.alive():
            return f"outbox: {alive}"
        states = list(self.history().values())
        posts = sum(not want.continues for want in self.wanted) + self.scene.replaced
        if states != ["done"] * posts:
            return f"history: {states}"
        if self.stage.telegram.pending:
            return "updates that were not acknowledged"
        if left := self.inbox():
            return f"inbox: {left}"
        return "the pair on the disk is not X's newest" if self.pair_is_lost() else ""

    async def comes_to_rest(self, seconds: float = PATIENCE) -> Message | None:
        """Until all is as it must be; the owner signs in where that is asked for, which is returned.

        Raises Wrong, also where it is asked for without need.
        """
        ends = time.monotonic() + seconds
        asked: Message | None = None
        while gap := self.unrest():
            if time.monotonic() > ends:
                raise Wrong(f"after {seconds:.0f} s: {gap}\n{self.stage.owner.chat}")
            if asked is None and (asked := scenes.asks_to_sign_in(self.stage)) is not None:
                if not self.pair_was_lost():
                    raise Wrong(f"a sign-in is asked for without need\n{self.stage.owner.chat}")
                await self.stage.sign_in()
            await asyncio.sleep(0.1)
        return asked

    def note_connections(self) -> None:
        """What comes on a connection that is not there yet comes from the next bot."""
        self._last_connection = max((e.connection for e in self.stage.x.api.exchanges), default=0)

    def pair_was_lost(self) -> bool:
        """Whether X took the refresh token that is on the disk from a bot that has died since.

        Then the new one cannot know. Had it got a pair itself, it would have been its own fault.
        """
        x = self.stage.x
        stored = {row["token"]["refresh_token"] for row in self.on_disk("sign_in")}
        is_spent = any(token.spent for token in x.world.tokens if token.refresh in stored)
        renewed = [
            e
            for e in x.api.seen("POST", "/2/oauth2/token")
            if e.connection > self._last_connection and e.status == 200
        ]
        return is_spent and not renewed and not x.forgiving_refresh

    async def has_ended(self, state: str, seconds: float = 20.0) -> None:
        """Until the one post of this scene has ended in `state`. Raises Wrong."""
        ends = time.monotonic() + seconds
        while self.alive() or list(self.history().values()) != [state]:
            if time.monotonic() > ends:
                raise Wrong(f"not {state}: {self.history()}\n{self.stage.owner.chat}")
            await asyncio.sleep(0.1)

    def check(self) -> None:
        """What must hold after every walk, and no error in the log. Raises."""
        log = self.stage.logged()
        if (at := log.find("Traceback")) >= 0:
            raise Wrong(log[max(0, at - 300) : at + 3000])
        promises.no_secret_got_out(self.stage)
        promises.data_is_private(self.stage)


async def record(nest: Nest, scene: Scene, folder: Path) -> tuple[list[Deed], list[Deed], float]:
    """The requests and writes of a run in which nothing goes wrong, and how long it took."""
    it = Performance(nest, scene, folder)
    await it.set_up()
    try:
        begun = time.monotonic()
        await it.start(record=True)
        await it.act()
        await it.comes_to_rest(20)
        await asyncio.sleep(AFTERWARDS)
        it.check()
        return it.requests(), it.writes(), time.monotonic() - begun
    finally:
        await it.tear_down()


Prepare = Callable[[Performance], None]


async def perform(
    nest: Nest,
    scene: Scene,
    deaths: Sequence[Point],
    folder: Path,
    seconds: float,
    prepare: Prepare = lambda _: None,
) -> Outcome:
    """The scene with a death at each of `deaths`, one after the other. Raises Wrong.

    Each must come within `seconds` after its start, or the bot is killed then.
    """
    it = Performance(nest, scene, folder)
    await it.set_up()
    acting: asyncio.Task[None] | None = None
    try:
        prepare(it)
        reached = True
        for point in deaths:
            it.plant(point)
            life = await it.start(strike=point)
            acting = acting or asyncio.create_task(it.act())
            reached = await life.wait(seconds) is not None and reached
            if life.is_over and life.ended.result() != -signal.SIGKILL:
                raise Wrong(f"ended by itself: {life.ended.result()}")
            await life.kill()
            it.forget_points()
        await asyncio.sleep(0.05)  # what the dead one had sent still arrives
        it.note_connections()
        await it.start()
        if acting is not None:
            await asyncio.wait_for(acting, 60)
        lost = await it.comes_to_rest() is not None
        it.check()
    finally:
        if acting is not None:
            acting.cancel()
        await it.tear_down()
    shutil.rmtree(folder)
    return Outcome(reached, lost)
