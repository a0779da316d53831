"""The crash matrix: killed at any request and any write, the bot posts once and says so."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.crash import play, points
from tests.crash.nest import Nest, nest
from tests.crash.play import Outcome, Performance, Prepare, needs_proc
from tests.crash.points import Point
from tests.crash.scenes import SCENES, Scene

AT_ONCE = 16
MORE_TRIES = 1
PAIRS = 200
SEED = 20261124
REACHED = 0.8  # how many saves share one write differs from run to run, and so the last ones do

pytestmark = needs_proc


Deaths = tuple[Point, ...]


class Matrix:
    """One scene with many deaths, some at once."""

    def __init__(self, nest: Nest, scene: Scene, folder: Path, seconds: float) -> None:
        self._nest = nest
        self._scene = scene
        self._folder = folder
        self._seconds = seconds
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._numbers = itertools.count(1)
        self.outcomes: dict[Deaths, Outcome] = {}
        self.wrong: list[Exception] = []

    async def perform(self, every: Iterable[Deaths], prepare: Prepare = lambda _: None) -> None:
        """Perform with each of these. Raises what went wrong, each by the names of its points."""
        await asyncio.gather(*(self._perform(deaths, prepare) for deaths in every))
        if self.wrong:
            title = f"{len(self.wrong)} of {len(self.outcomes) + len(self.wrong)}"
            raise ExceptionGroup(f"{title} in the scene {self._scene.name}", self.wrong)

    async def _perform(self, deaths: Deaths, prepare: Prepare) -> None:
        async with self._gate:
            folder = self._folder / str(next(self._numbers))
            try:
                self.outcomes[deaths] = await play.perform(
                    self._nest, self._scene, deaths, folder, self._seconds, prepare
                )
            except Exception as error:  # noqa: BLE001 - all of them are raised in the end
                names = ", then ".join(str(point) for point in deaths)
                error.add_note(f"{self._scene.name}, killed {names} (in {folder})")
                self.wrong.append(error)

    @property
    def not_reached(self) -> list[Deaths]:
        return [deaths for deaths, outcome in self.outcomes.items() if not outcome.reached]


def _matrix() -> list[Any]:
    found = []
    for scene, kind in itertools.product(SCENES, ("requests", "writes")):
        is_long = scene.like_another and kind == "writes"
        marks = (pytest.mark.soak,) if is_long else ()
        found.append(pytest.param(scene, kind, id=f"{scene.name}-{kind}", marks=marks))
    return found


@pytest.mark.parametrize(("scene", "kind"), _matrix())
async def test_killed_at_any_point_the_bot_posts_once_and_says_so(
    scene: Scene, kind: str, tmp_path: Path
) -> None:
    async with nest() as it:
        requests, writes, seconds = await play.record(it, scene, tmp_path / "record")
        every = [(point,) for point in points.of(requests if kind == "requests" else writes)]
        matrix = Matrix(it, scene, tmp_path, seconds + 3)
        await matrix.perform(every)
        for _ in range(MORE_TRIES):
            # What is under way together ends in another order each time, and some of it together.
            await matrix.perform(matrix.not_reached)
        missed = [str(deaths[0]) for deaths in matrix.not_reached]
        print(f"{scene.name}: {len(every)} points, {len(missed)} not reached: {missed}")
        assert len(missed) <= len(every) * (1 - REACHED)
        await _try_a_forgiving_x(matrix, scene)


async def _try_a_forgiving_x(matrix: Matrix, scene: Scene) -> None:
    """An X that takes the old token once more spares the owner the sign-in."""
    lost = [deaths for deaths, outcome in matrix.outcomes.items() if outcome.lost_pair]
    assert bool(lost) == scene.renews, "deaths between the renewal and its save"
    await matrix.perform(lost, _forgiving)


def _forgiving(it: Performance) -> None:
    it.stage.x.forgiving_refresh = True


@pytest.mark.soak
@pytest.mark.parametrize("scene", [s for s in SCENES if not s.renews], ids=lambda scene: scene.name)
async def test_killed_twice_the_bot_posts_once_and_says_so(scene: Scene, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    async with nest() as it:
        requests, writes, seconds = await play.record(it, scene, tmp_path / "record")
        every = points.of((*requests, *writes))
        matrix = Matrix(it, scene, tmp_path, seconds + 3)
        await matrix.perform([(chance.choice(every), chance.choice(every)) for _ in range(PAIRS)])
        print(f"{scene.name}: {PAIRS} pairs, {len(matrix.not_reached)} not reached in full")
