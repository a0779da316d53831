"""The soak: a crowd of posts through bad weather and sudden deaths, each out once and in order."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.telegram import Person
from bot.sandbox.x_world import Charge, Limit
from tests.crash import scenes, weather
from tests.crash.nest import nest
from tests.crash.play import Performance, Wrong, needs_proc
from tests.crash.scenes import Scene, Wanted
from twitter_core.prices import APRIL_2026

pytestmark = needs_proc

SEED = 20261124
UNLIMITED = Limit(1_000_000)
CREATES = ("post", "post with URL")
UNSAVED = 4.0  # seconds after which what was counted is on the disk
WORDS = (
    "Fish & chips",
    "a < b > c",
    "see https://example.org/?a=1&b=2",
    "“quoted”",
    "naïve café 👍",
)


@dataclass(frozen=True, slots=True)
class Soak:
    """How much of everything. `owners` share the posts: Telegram takes a message a second from a
    bot in each chat, and every post has a card.
    """

    posts: int
    owners: int
    kills: int
    badness: float
    seconds: float  # within which all must be out and shown
    expires_in: int = 20  # seconds of a token's life
    limit: Limit = UNLIMITED  # of creates


class Run:
    """One soak under way."""

    def __init__(self, it: Performance, soak: Soak) -> None:
        self.it = it
        self.stage = it.stage
        self.soak = soak
        self.chance = random.Random(SEED)
        self.owners: list[Person] = [self.stage.owner]
        self.wanted: list[Wanted] = []
        self.sign_ins = 0
        self.killed_at: list[float] = []
        self.skies: list[weather.Weather] = []

    def set_up(self) -> None:
        stage, x, telegram = self.stage, self.stage.x, self.stage.telegram
        self.owners += [
            telegram.person(first_name=f"Owner {n}") for n in range(2, self.soak.owners + 1)
        ]
        stage.settings["TELEGRAM_OWNER_IDS"] = ",".join(str(owner.id) for owner in self.owners)
        stage.settings["LOG_LEVEL"] = "INFO"
        x.limits.update(dict.fromkeys(("upload", "timeline", "lookup", "me"), UNLIMITED))
        x.limits["create"] = self.soak.limit
        x.expires_in = self.soak.expires_in
        x.forgiving_refresh = True
        if self.soak.badness:
            x.timeline_lag = 1.0
            fronts = [
                (telegram.service, weather.telegram(self.soak.badness)),
                *((service, weather.x(self.soak.badness)) for service in x.services),
            ]
            for service, front in fronts:
                sky = weather.Weather(front, random.Random(self.chance.random()), time.time)
                service.faults = sky
                self.skies.append(sky)

    async def send(self) -> None:
        """Everything, in bursts with pauses."""
        while len(self.wanted) < self.soak.posts:
            for _ in range(min(self.chance.randint(1, 12), self.soak.posts - len(self.wanted))):
                self._send_one(len(self.wanted) + 1)
            await asyncio.sleep(self.chance.uniform(0.0, 1.0))

    def _send_one(self, number: int) -> None:
        owner = self.chance.choice(self.owners)
        text = f"{number}: {self.chance.choice(WORDS)}"
        if self.chance.random() < 0.5:
            sent = owner.sends_text(f"/post {text}")
            self.wanted.append(Wanted(text, (), (sent.id,)))
            return
        picture = scenes.picture(number)
        text = text if self.chance.random() < 0.7 else ""
        sent = owner.sends_photo(picture, text)
        self.wanted.append(Wanted(text, (picture,), (sent.id,)))

    async def kill(self) -> None:
        """kill -9 at some moments, the next at once after the last; and a new start."""
        moments = sorted(self.chance.sample(range(2, self.soak.posts), self.soak.kills))
        for moment in moments:
            await self.stage.x.api.until(self._are_out(moment), self.soak.seconds)
            await asyncio.sleep(self.chance.uniform(0.0, 0.3))
            assert self.it.life is not None
            self.killed_at.append(time.time())
            await self.it.life.kill()
            await self.it.start()

    def _are_out(self, count: int) -> Callable[[], bool]:
        return lambda: len(self.stage.x.timeline()) >= count

    # --- what must hold

    def gap(self) -> str:
        """What is not yet as it must be, empty where all is."""
        timeline = self.stage.x.timeline()
        if len(self.wanted) < self.soak.posts or len(timeline) < self.soak.posts:
            return f"{len(timeline)} posts of {len(self.wanted)}"
        said = "\n".join(
            message.text
            for owner in self.owners
            for message in owner.chat.messages
            if message.from_bot
        )
        ids = set(re.findall(r"/status/(\d+)", said))
        if dark := [post.text for post in timeline if post.id not in ids]:
            return f"{len(dark)} posts without a card that says so: {dark[:3]}"
        if alive := self.it.alive():
            return f"outbox: {Counter(alive)}"
        if self.it.inbox():
            return f"inbox: {len(self.it.inbox())} files"
        return ""

    def check(self) -> None:
        """Each once, in order, with the right pictures. Raises."""
        timeline = self.stage.x.timeline()
        out = [(post.text, tuple(medium.bytes for medium in post.media)) for post in timeline]
        if (wanted := [(want.text, want.pictures) for want in self.wanted]) != out:
            first = next(
                i for i, pair in enumerate(zip(wanted, out, strict=False)) if pair[0] != pair[1]
            )
            around = slice(max(0, first - 2), first + 4)
            raise Wrong(
                f"{len(out)} posts; the first that differs is #{first}\n"
                f"sent:     {[text for text, _ in wanted[around]]}\n"
                f"timeline: {[text for text, _ in out[around]]}"
            )
        self.it.check()

    async def check_money(self) -> None:
        """What Telex has counted is what X has charged for, to the last tenth of a cent. Raises.

        But for what was read in answers that never arrived: nobody can know how much that was.
        """
        assert self.it.life is not None
        self.killed_at.append(time.time())
        await self.it.life.kill()  # the disk has to be right at any instant
        posts = {row["key"]: row for row in [*self._lines(), *self.it.on_disk("outbox")]}
        counted = sum(Decimal(row["cost"]) for row in self.it.on_disk("spent"))
        if (of_posts := sum(Decimal(row.get("cost", 0)) for row in posts.values())) != counted:
            raise Wrong(f"the month's sum is ${counted}, and that of its posts ${of_posts}")
        created = sum(
            APRIL_2026.of_text(tweet.get("text", ""))
            for row in posts.values()
            for tweet, _ in zip(row.get("tweets", ()), row.get("posted", ()), strict=False)
        )
        bill = self.stage.x.bill
        if (charged := sum(c.amount for c in bill if c.kind in CREATES)) != created:
            raise Wrong(f"X charged ${charged} for posts, and we counted ${created}")
        reads = [c for c in bill if c.kind not in CREATES]
        lost = sum(c.amount for c in reads if self._may_be_lost(c))
        missing = sum(c.amount for c in reads) - (counted - created)
        if not 0 <= missing <= lost:
            raise Wrong(f"of what was read ${missing} is not counted; ${lost} may have got lost")
        print(f"counted ${counted}, charged ${sum(c.amount for c in bill)}, lost ${missing}")

    def _lines(self) -> list[dict[str, Any]]:
        """The lines of the history, the later ones of a post behind its earlier ones."""
        paths = sorted((self.stage.data / "history").glob("*.jsonl"))
        lines = [line for path in paths for line in path.read_bytes().split(b"\n")[:-1]]
        return [json.loads(line) for line in lines]

    def _may_be_lost(self, charge: Charge) -> bool:
        """Whether the answer that was charged for did not arrive, or its count died unsaved."""
        services = self.stage.x.services
        asked = next(e for s in services for e in s.exchanges if e.number == charge.exchange)
        ended = asked.ended or time.time()
        return bool(asked.note) or any(
            asked.started <= at <= ended + UNSAVED for at in self.killed_at
        )

    def report(self, seconds: float) -> str:
        faults = sum((sky.counts for sky in self.skies), Counter[str]())
        bill: Counter[str] = Counter()
        for charge in self.stage.x.bill:
            bill[charge.kind] += 1
        total = sum(charge.amount for charge in self.stage.x.bill)
        return (
            f"{self.soak.posts} posts in {seconds:.0f} s; faults {dict(faults)}; "
            f"{self.soak.kills} kills; {self.sign_ins} sign-ins; bill ${total} for {dict(bill)}; "
            f"{len(self.stage.creates())} creates asked for"
        )


@contextlib.asynccontextmanager
async def run(soak: Soak, folder: Path) -> AsyncIterator[Run]:
    """A soak to its end."""
    begun = time.monotonic()
    async with nest() as home:
        it = Performance(
            home, Scene("soak", scenes.nothing, renew_in=0.75 * soak.expires_in), folder
        )
        it.stage.x.expires_in = soak.expires_in
        await it.set_up()
        under_way = Run(it, soak)
        under_way.set_up()
        work: list[asyncio.Task[None]] = []
        try:
            await it.start()
            work = [asyncio.create_task(part) for part in (under_way.send(), under_way.kill())]
            while gap := under_way.gap():
                if time.monotonic() - begun > soak.seconds:
                    raise Wrong(
                        f"after {soak.seconds:.0f} s: {gap}\n{under_way.report(soak.seconds)}"
                    )
                for part in work:
                    if part.done():
                        part.result()
                await asyncio.sleep(0.5)
            under_way.check()
            await under_way.check_money()
            print(under_way.report(time.monotonic() - begun))
            yield under_way
        finally:
            for part in work:
                part.cancel()
            await it.tear_down()


async def test_posts_through_bad_weather_and_deaths_are_out_once_and_in_order(
    tmp_path: Path,
) -> None:
    async with run(Soak(posts=80, owners=5, kills=3, badness=1.0, seconds=150), tmp_path / "it"):
        pass


async def test_more_posts_than_x_takes_in_its_window_go_out_in_the_windows_after_it(
    tmp_path: Path,
) -> None:
    limit = Limit(100, 12.0)
    soak = Soak(posts=220, owners=12, kills=0, badness=0.0, seconds=120, limit=limit)
    async with run(soak, tmp_path / "it") as it:
        refused = [e for e in it.stage.creates() if e.status == 429]
        assert 1 <= len(refused) <= 4, "one refusal a window is enough to learn of it"


@pytest.mark.soak
async def test_five_hundred_posts_through_worse_weather(tmp_path: Path) -> None:
    async with run(Soak(posts=500, owners=10, kills=3, badness=2.0, seconds=1500), tmp_path / "it"):
        pass
