"""What a post costs in CPU with many behind it, and what the bot costs when nothing happens."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench import past, process
from tests.bench.bot import ORDINARY, Bot, bot, launched
from tests.bench.pictures import photo

FAST_CARDS = 1000.0  # a second
SETTLED = 1.6  # seconds after which all that follows from a post was done, gathered saves included
PHOTO = (640, 480)  # pixels


@dataclass(frozen=True, slots=True)
class Behind:
    """How many posts lie behind, and how many of them are of the last 48 hours."""

    posts: int
    recent: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What one bot was seen to use. Seconds, megabytes; `idle` is a share of one core.

    `behind` is how many posts lay behind it, None for the ordinary bot, which keeps nothing.
    """

    name: str
    behind: int | None
    start: float  # CPU to the first poll, of a later start
    memory: float  # at rest after the start
    post: float  # CPU of one post, on its own
    idle: float


@dataclass(frozen=True, slots=True)
class Row:
    """1,000 posts one after the other: CPU of a post in each hundred, and memory at the end."""

    posts: tuple[float, ...]
    memory: float
    idle: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, and how often."""

    behind: tuple[Behind, ...]
    rounds: int
    starts: int
    row: int
    idle: float  # seconds


async def measure(plan: Plan, told: Callable[[str], None]) -> tuple[list[Cost], Row | None]:
    """Several bots at once, each with another past, and the ordinary one; posting in turns."""
    with tempfile.TemporaryDirectory(prefix="telex-bench-") as folder:
        async with contextlib.AsyncExitStack() as stack:
            return await _measure(plan, Path(folder), stack, told)


async def _measure(
    plan: Plan, folder: Path, stack: contextlib.AsyncExitStack, told: Callable[[str], None]
) -> tuple[list[Cost], Row | None]:
    bots: dict[str, Bot] = {}
    starts: dict[str, float] = {}
    for behind in plan.behind:
        name = _name(behind)
        it = await stack.enter_async_context(bot(folder / name, launched(cards=FAST_CARDS)))
        await it.start()
        await it.sign_in()
        await it.stage.stop()
        await _fill(it, behind)
        bots[name] = it
        starts[name] = await _second_start(it, plan.starts)
        told(f"{name}: start {1000 * starts[name]:.0f} ms")
    ordinary = await stack.enter_async_context(bot(folder / "ordinary", ORDINARY))
    bots["ordinary bot"] = ordinary
    starts["ordinary bot"] = await _second_start(ordinary, plan.starts)

    await asyncio.sleep(3)
    memory = {name: process.resident(it.pid) for name, it in bots.items()}
    posts = await _posts(bots, plan.rounds)
    for name in bots:
        told(f"{name}: {1000 * posts[name]:.1f} ms a post, {memory[name]:.0f} MB")
    row = None
    if plan.row:
        busy = await stack.enter_async_context(bot(folder / "row", launched(cards=FAST_CARDS)))
        row_posts = await _row(busy, plan.row, told)
        bots["row"] = busy
    idle = await _idle(bots, plan.idle)
    if plan.row:
        row = Row(row_posts, process.resident(busy.pid), idle.pop("row"))
    pasts = {_name(behind): behind.posts for behind in plan.behind}
    return [Cost(n, pasts.get(n), starts[n], memory[n], posts[n], idle[n]) for n in starts], row


def _name(behind: Behind) -> str:
    return f"Telex, {behind.posts:,} behind, {behind.recent:,} of them in 48 h"


async def _fill(it: Bot, behind: Behind) -> None:
    stage = it.stage
    await past.fill(
        stage.data,
        behind=behind.posts,
        recent=behind.recent,
        # No message of the sandbox has such numbers: the past is another chat's.
        chat=stage.owner.id + 1_000_000,
        account=stage.x.account.id,
        now=time.time(),
    )


async def _second_start(it: Bot, times: int) -> float:
    seen = []
    for number in range(times):
        if number:
            await it.stage.stop()
        seen.append(await it.start())
    return statistics.median(seen)


async def _posts(bots: dict[str, Bot], rounds: int) -> dict[str, float]:
    seen: dict[str, list[float]] = {name: [] for name in bots}
    for number in range(rounds + 2):
        before = {name: process.cpu(it.pid) for name, it in bots.items()}
        for it in bots.values():
            await it.time(lambda: it.stage.owner.sends_photo(photo(*PHOTO), f"cost {number}"))  # noqa: B023
            it.forget()
        await asyncio.sleep(SETTLED)
        for name, it in bots.items():
            if number >= 2:  # the first ones import what they need
                seen[name].append(process.cpu(it.pid) - before[name])
    return {name: statistics.median(times) for name, times in seen.items()}


async def _row(it: Bot, posts: int, told: Callable[[str], None]) -> tuple[float, ...]:
    await it.start()
    await it.sign_in()
    seen = []
    for hundred in range(posts // 100):
        before = process.cpu(it.pid)
        for number in range(100):
            caption = f"row {100 * hundred + number}"
            await it.time(lambda: it.stage.owner.sends_photo(photo(*PHOTO), caption))  # noqa: B023
            it.forget()
        await it.rest(1.5)
        seen.append((process.cpu(it.pid) - before) / 100)
    told("in a row, ms a post in each hundred: " + _list(seen))
    return tuple(seen)


async def _idle(bots: dict[str, Bot], seconds: float) -> dict[str, float]:
    for it in bots.values():
        await it.rest()
    before = {name: process.cpu(it.pid) for name, it in bots.items()}
    begun = time.monotonic()
    await asyncio.sleep(seconds)
    took = time.monotonic() - begun
    return {name: (process.cpu(it.pid) - before[name]) / took for name, it in bots.items()}


def _list(times: Sequence[float]) -> str:
    return " ".join(f"{1000 * seconds:.1f}" for seconds in times)
