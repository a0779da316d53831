"""`make bench`: measures, prints the tables, and writes docs/BENCHMARKS.md.

`--quick` takes a minute and a half instead of seven, and writes nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import cost, machine, process, report, speed
from tests.bench.bot import Network
from tests.bench.cost import Behind, Cost, Row
from tests.bench.speed import Cell, Round, What, Who

DOCUMENT = Path(__file__).parents[2] / "docs" / "BENCHMARKS.md"
BOTH = (Who.TELEX, Who.ORDINARY)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run consists of."""

    rounds: tuple[Round, ...]
    cost: cost.Plan


FULL = Plan(
    rounds=(
        Round(Network(0.0), BOTH, {What.PHOTO: 7, What.ALBUM: 2, What.BURST: 1}),
        Round(Network(0.05), BOTH, {What.PHOTO: 7, What.ALBUM: 2, What.BURST: 1}),
        Round(Network(0.15), BOTH, {What.PHOTO: 11, What.ALBUM: 3, What.BURST: 2}),
        # Without a delay the handshakes cost nothing either: the same once more, nearly.
        Round(Network(0.0, cold=True), BOTH, {What.PHOTO: 3}),
        Round(Network(0.05, cold=True), BOTH, {What.PHOTO: 5, What.ALBUM: 2, What.BURST: 1}),
        Round(Network(0.15, cold=True), BOTH, {What.PHOTO: 5, What.ALBUM: 2, What.BURST: 1}),
        Round(Network(0.0), (Who.SLOW_DISK,), {What.PHOTO: 5}),
        Round(Network(0.15), (Who.SLOW_DISK,), {What.PHOTO: 7, What.ALBUM: 2, What.BURST: 1}),
    ),
    cost=cost.Plan(
        behind=(Behind(10, 10), Behind(1_000, 10), Behind(100_000, 10), Behind(1_000, 1_000)),
        rounds=10,
        starts=3,
        row=1_000,
        idle=20.0,
    ),
)
QUICK = Plan(
    rounds=(
        Round(Network(0.15), BOTH, {What.PHOTO: 5, What.ALBUM: 1, What.BURST: 1}),
        Round(Network(0.15, cold=True), BOTH, {What.PHOTO: 2}),
        Round(Network(0.15), (Who.SLOW_DISK,), {What.PHOTO: 3}),
    ),
    cost=cost.Plan(
        behind=(Behind(10, 10), Behind(100_000, 10)), rounds=3, starts=1, row=100, idle=4.0
    ),
)


@dataclass(frozen=True, slots=True)
class Findings:
    """All that a run has seen."""

    cells: tuple[Cell, ...]
    costs: tuple[Cost, ...]
    row: Row | None

    def tables(self) -> str:
        """The body of the document."""
        speeds = report.Speeds(self.cells)
        found = speeds.targets() + report.cost_targets(self.costs, self.row)
        parts = ["## Targets\n", report.targets(found), "## From the update to the post\n"]
        parts += [speeds.table(), "## On a slow disk\n", speeds.slow_disk()]
        if self.costs:
            parts += ["## What it costs\n", report.COST, report.costs(self.costs)]
        if self.row is not None:
            parts += [report.in_a_row(self.row)]
        return "\n".join(parts)


async def run(plan: Plan) -> Findings:
    """Everything that the plan asks for; says on stderr how it goes."""
    cells: list[Cell] = []
    for part in plan.rounds:
        network = part.network
        tell(
            f"- {' and '.join(part.who)}, {1000 * network.delay:.0f} ms, "
            f"{'cold' if network.cold else 'warm'}"
        )
        cells += await speed.measure(part, tell)
    costs: Sequence[Cost] = ()
    row = None
    if process.CAN_TELL:
        tell("- what it costs")
        costs, row = await cost.measure(plan.cost, tell)
    else:
        tell("- what it costs: can be told on Linux only")
    return Findings(tuple(cells), tuple(costs), row)


def tell(line: str) -> None:
    """How it goes."""
    print(line, file=sys.stderr, flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, write; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer and shorter; writes nothing")
    parser.add_argument("--to", type=Path, metavar="FILE", help="write the report there")
    wanted = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="telex-bench-") as folder:
        about = machine.describe(Path(folder))
    begun = time.monotonic()
    findings = asyncio.run(run(QUICK if wanted.quick else FULL))
    took = round(time.monotonic() - begun)
    about = f"{datetime.now(UTC):%Y-%m-%d}, {took // 60} min {took % 60} s. {about}."
    tables = findings.tables()
    print(f"\n{about}\n\n{tables}")
    to = wanted.to or (None if wanted.quick else DOCUMENT)
    if to is not None:
        to.parent.mkdir(exist_ok=True)
        head = f"# Benchmarks\n\nWritten by `make bench`: {about}\n\n{report.INTRODUCTION}\n"
        to.write_text(head + tables, "utf-8")
        tell(f"written to {to}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
