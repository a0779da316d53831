"""How long it takes from Telegram's update to X's post: Telex and the ordinary bot in turns."""

from __future__ import annotations

import contextlib
import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.bench.bot import ORDINARY, WINDOW, Bot, Network, bot, launched
from tests.bench.pictures import photo
from tests.stage import RUN

ALBUM = 4
BURST = 20
SYNC = 0.020  # seconds that are added to each sync of a slow disk


class What(StrEnum):
    """What is sent."""

    PHOTO = "1 photo"
    ALBUM = f"album of {ALBUM}"
    BURST = f"burst of {BURST}"

    @property
    def creates(self) -> int:
        """How many posts it becomes."""
        return BURST if self is What.BURST else 1

    def critical(self, delay: float) -> float:
        """Seconds that no bot can do without: the round trips of which each needs the one before.

        getFile, download, upload; for a burst also the creates before the last, for posts appear
        in order; for an album its window, behind which the rest can be hidden.
        """
        match self:
            case What.PHOTO:
                return 3 * delay
            case What.ALBUM:
                return max(WINDOW, 3 * delay)
            case What.BURST:
                return (3 + BURST - 1) * delay


class Who(StrEnum):
    """Who is measured."""

    TELEX = "Telex"
    SLOW_DISK = "Telex, slow disk"
    ORDINARY = "ordinary bot"


COMMANDS: Mapping[Who, Sequence[str]] = {
    Who.TELEX: RUN,
    Who.SLOW_DISK: launched(sync=SYNC),
    Who.ORDINARY: ORDINARY,
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What was seen of one bot, with one thing, on one network. In seconds."""

    who: Who
    what: What
    network: Network
    times: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.times)

    @property
    def worst(self) -> float:
        """The slowest one."""
        return max(self.times)

    @property
    def ratio(self) -> float | None:
        """The median to the critical path, None where that is nothing."""
        critical = self.what.critical(self.network.delay)
        return self.median / critical if critical else None


@dataclass(frozen=True, slots=True)
class Round:
    """What is to be measured on one network: who, and how often what is sent."""

    network: Network
    who: tuple[Who, ...]
    times: Mapping[What, int]


def send(it: Bot, what: What, caption: str) -> None:
    """Let the owner send it, all at once."""
    owner = it.stage.owner
    match what:
        case What.PHOTO:
            owner.sends_photo(photo(), caption)
        case What.ALBUM:
            owner.sends_album([photo() for _ in range(ALBUM)], caption)
        case What.BURST:
            for number in range(BURST):
                owner.sends_photo(photo(), f"{caption}, {number}")


async def measure(plan: Round, told: Callable[[str], None]) -> list[Cell]:
    """One round, with bots that were started for it."""
    with tempfile.TemporaryDirectory(prefix="telex-bench-") as folder:
        return await _measure(plan, Path(folder), told)


async def _measure(plan: Round, folder: Path, told: Callable[[str], None]) -> list[Cell]:
    network = plan.network
    seen: dict[tuple[Who, What], list[float]] = {}
    async with contextlib.AsyncExitStack() as stack:
        bots = {
            who: await stack.enter_async_context(bot(folder / who.name, COMMANDS[who]))
            for who in plan.who
        }
        for it in bots.values():
            await it.start()
            await it.sign_in()
            it.travel(network)
            await it.time(lambda: send(it, What.PHOTO, "warming up"))  # noqa: B023 - used at once
        for what, times in plan.times.items():
            for number in range(times):
                for who, it in bots.items():
                    await it.rest()
                    it.forget()
                    caption = f"{what} {number}"
                    took = await it.time(lambda: send(it, what, caption), what.creates)  # noqa: B023
                    seen.setdefault((who, what), []).append(took)
            told(f"{what}: " + ", ".join(f"{who} {_list(seen[who, what])}" for who in bots))
    return [Cell(who, what, network, tuple(times)) for (who, what), times in seen.items()]


def _list(times: Sequence[float]) -> str:
    return " ".join(f"{1000 * seconds:.0f}" for seconds in times)
