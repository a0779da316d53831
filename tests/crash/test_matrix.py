"""The crash matrix: killed at any request and any write, the bot posts once and says so."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.crash import play, points
from tests.crash.nest import Nest, nest
from tests.crash.play import Outcome, Performance, Prepare, needs_proc
from tests.crash.points import Point
from tests.crash.scenes import SCENES, Scene

AT_ONCE = 20
REACHED = 0.9  # what the disk does at the end differs a little from run to run

pytestmark = needs_proc


async def _perform_all(
    nest: Nest,
    scene: Scene,
    wanted: Iterable[Point],
    folder: Path,
    seconds: float,
    prepare: Prepare = lambda _: None,
) -> dict[Point, Outcome]:
    """All points, some at once. Raises what went wrong, each by the name of its point."""
    gate = asyncio.Semaphore(AT_ONCE)
    outcomes: dict[Point, Outcome] = {}
    wrong: list[Exception] = []

    async def one(number: int, point: Point) -> None:
        async with gate:
            try:
                outcomes[point] = await play.perform(
                    nest, scene, point, folder / str(number), seconds, prepare
                )
            except Exception as error:  # noqa: BLE001 - all of them are raised in the end
                error.add_note(f"{scene.name}, killed {point} (in {folder / str(number)})")
                wrong.append(error)

    every = list(wanted)
    await asyncio.gather(*(one(number, point) for number, point in enumerate(every)))
    if wrong:
        raise ExceptionGroup(f"{len(wrong)} of {len(every)} points of {scene.name}", wrong)
    reached = sum(outcome.reached for outcome in outcomes.values())
    missed = [str(point) for point, outcome in outcomes.items() if not outcome.reached]
    print(f"{scene.name}: {reached} of {len(every)} points reached; not: {missed}")
    assert reached >= REACHED * len(every), missed
    return outcomes


@pytest.mark.parametrize("kind", ["requests", "writes"])
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_killed_at_any_point_the_bot_posts_once_and_says_so(
    scene: Scene, kind: str, tmp_path: Path
) -> None:
    async with nest() as it:
        requests, writes, seconds = await play.record(it, scene, tmp_path / "record")
        wanted = points.of(requests if kind == "requests" else writes)
        outcomes = await _perform_all(it, scene, wanted, tmp_path, seconds + 3)
        # An X that takes the old token once more spares the owner the sign-in.
        lost = [point for point, outcome in outcomes.items() if outcome.lost_pair]
        if scene.renews:
            assert lost, "no point lies between the renewal and its save"
            await _perform_all(it, scene, lost, tmp_path / "again", seconds + 3, _forgiving)
        else:
            assert not lost


def _forgiving(it: Performance) -> None:
    it.stage.x.forgiving_refresh = True
