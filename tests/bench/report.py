"""What was seen, as tables that read well on a terminal and in docs/BENCHMARKS.md. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.bench.bot import WINDOW, Network
from tests.bench.cost import Cost, Row
from tests.bench.speed import SYNC, Cell, What, Who

SLOW = 0.150  # seconds; the delay for which most targets are set
INTRODUCTION = f"""\
The real bot, and beside it an ordinary one (python-telegram-bot and tweepy: `media_upload` one after the other, then `create_tweet`; an album is complete 2 s after its first item), each in a process of its own, against a local Telegram and a local X. They take turns, in one run, so that the ratios hold where the figures do not.

* **Time** runs from the end of the answer to `getUpdates` that carried the message (an album and a burst come in one answer) to the arrival of the request that creates the post; for the burst to the arrival of the 20th.
* **Delay** is added to every request, to both services. **Cold**: connections that were idle for 2 s are closed, and a new one is usable two delays after it was opened, as after the handshakes of TCP and TLS. Warm: a new connection costs nothing.
* The **critical path** is what no bot can do without: the round trips of which each needs the answer of the one before. One photo: `getFile`, download, upload, so three delays. An album: its window ({WINDOW:g} s of quiet, for Telegram sends no end mark), behind which the three are hidden. A burst of 20: three, and the 19 posts before the last, for posts appear in order. It is the same for cold connections, since they can be opened while the file is still fetched.
* Medians, the worst in brackets; everything is sent after two seconds of silence. **Slow disk**: {1000 * SYNC:g} ms are added to each sync of Telex, as on an SD card.

What Telex does on the way and the ordinary bot does not: the message is on the disk before Telegram hears that it arrived (behind the first round trip), and the attempt is on the disk before the post is sent (two syncs, behind nothing), so that nothing is lost or posted twice whenever the process dies.
"""

COST = """\
CPU is user and system time of the process. A post: one photo on its own, with all that follows from it (card, history, gathered saves). A start: until the first poll, not the first one on that folder. Idle: the share of one core while nothing happens. The cards of these bots need not keep Telegram's pace of one a second, which 1,000 posts would take half an hour for.
"""


@dataclass(frozen=True, slots=True)
class Target:
    """Something that should hold, what was seen of it, and whether it does."""

    what: str
    wanted: str
    seen: str
    is_met: bool


class Speeds:
    """The cells, found by what they are about."""

    def __init__(self, cells: Iterable[Cell]) -> None:
        self._cells = {(cell.who, cell.what, cell.network): cell for cell in cells}

    def find(self, who: Who, what: What, network: Network) -> Cell | None:
        """None where that was not measured."""
        return self._cells.get((who, what, network))

    def times_as_fast(self, what: What, network: Network, who: Who = Who.TELEX) -> float | None:
        """How many times as long the ordinary bot takes."""
        ours, theirs = self.find(who, what, network), self.find(Who.ORDINARY, what, network)
        return theirs.median / ours.median if ours and theirs else None

    def table(self) -> str:
        """Everything, a line for each thing sent on each network."""
        places = dict.fromkeys((what, network) for _, what, network in self._cells)
        rows = []
        for what, network in sorted(places, key=lambda p: (list(What).index(p[0]), p[1].cold)):
            rows.append(self._row(what, network))
        head = ("", "delay", "connections", "critical path", "Telex", "×", "ordinary bot", "×")
        return table((*head, "Telex is"), rows)

    def _row(self, what: What, network: Network) -> Sequence[str]:
        ours, theirs = (self.find(w, what, network) for w in (Who.TELEX, Who.ORDINARY))
        critical = what.critical(network.delay)
        faster = self.times_as_fast(what, network)
        return (
            what,
            f"{1000 * network.delay:.0f} ms",
            "cold" if network.cold else "warm",
            f"{1000 * critical:,.0f} ms",
            *_figures(ours),
            *_figures(theirs),
            "" if faster is None else f"{faster:.2f} × as fast",
        )

    def slow_disk(self) -> str:
        """Telex on a slow disk, beside itself on this machine's."""
        rows = []
        for (who, what, network), slow in self._cells.items():
            if who is Who.SLOW_DISK:
                usual = self.find(Who.TELEX, what, network)
                later = f"{1000 * (slow.median - usual.median):.0f} ms" if usual else ""
                delay = f"{1000 * network.delay:.0f} ms"
                rows.append((what, delay, *_figures(usual), *_figures(slow), later))
        return table(("", "delay", "Telex", "×", "slow disk", "×", "later by"), rows)

    def targets(self) -> list[Target]:
        """What should hold at the delay that most targets are set for."""
        warm, cold = Network(SLOW), Network(SLOW, cold=True)
        found = []
        at = f"at {1000 * SLOW:.0f} ms"
        if (cell := self.find(Who.TELEX, What.PHOTO, warm)) and cell.ratio:
            text = f"1 photo {at}, warm, to the critical path"
            found.append(Target(text, "≤ 1.10 ×", f"{cell.ratio:.3f} ×", cell.ratio <= 1.10))
        if cell := self.find(Who.TELEX, What.ALBUM, warm):
            most = WINDOW + 0.1 + SLOW
            text = f"{What.ALBUM} {at}, warm: the window, 0.1 s, one round trip"
            seen = f"{1000 * cell.median:,.0f} ms"
            found.append(Target(text, f"≤ {1000 * most:,.0f} ms", seen, cell.median <= most))
        for what, network, least in (
            (What.PHOTO, warm, 1.0),
            (What.ALBUM, warm, 3.0),
            (What.BURST, warm, 3.0),
            (What.PHOTO, cold, 2.2),
        ):
            if (faster := self.times_as_fast(what, network)) is not None:
                text = f"{what} {at}, {'cold' if network.cold else 'warm'}, to the ordinary bot"
                seen = f"{faster:.2f} × as fast"
                found.append(
                    Target(text, f"≥ {least:.1f} × as fast", seen, round(faster, 2) >= least)
                )
        slow = self.find(Who.SLOW_DISK, What.PHOTO, warm)
        usual = self.find(Who.TELEX, What.PHOTO, warm)
        if slow and usual:
            syncs = (slow.median - usual.median) / SYNC
            text = f"1 photo {at}, slow disk: syncs on the way"
            found.append(Target(text, "≤ 3", f"{syncs:.1f}", syncs < 3.25))
        return found


def costs(seen: Sequence[Cost]) -> str:
    """What a post costs, a start, and doing nothing."""
    head = ("", "CPU of a post", "CPU of a start", "memory at rest", "idle")
    rows = [
        (
            cost.name,
            f"{1000 * cost.post:.1f} ms",
            f"{1000 * cost.start:.0f} ms",
            f"{cost.memory:.0f} MB",
            _share(cost.idle),
        )
        for cost in seen
    ]
    return table(head, rows)


def in_a_row(row: Row) -> str:
    """How the cost of a post went while hundreds followed each other."""
    hundreds = " · ".join(f"{1000 * post:.1f}" for post in row.posts)
    return (
        f"{100 * len(row.posts):,} posts one after the other, CPU of a post in ms, hundred by "
        f"hundred: {hundreds}. After them {row.memory:.0f} MB, and idle {_share(row.idle)} of a "
        "core.\n"
    )


def cost_targets(seen: Sequence[Cost], row: Row | None) -> list[Target]:
    """What should hold of the cost."""
    ours = [cost for cost in seen if cost.behind is not None]
    found = []
    if len(ours) > 1:
        few, many = min(ours, key=_behind), max(ours, key=_behind)
        ratio = many.post / few.post
        text = f"a post with {_behind(many):,} behind it, to one with {_behind(few):,}"
        found.append(Target(text, "≤ 1.10 × the CPU", f"{ratio:.2f} ×", ratio <= 1.10))
    if ours:
        idle = max(cost.idle for cost in ours)
        found.append(Target("idle", "< 0.5 % of a core", _share(idle), idle < 0.005))
    if row is not None:
        text = f"resident memory after {100 * len(row.posts):,} posts"
        found.append(Target(text, "< 100 MB", f"{row.memory:.0f} MB", row.memory < 100))
        part = max(1, len(row.posts) // 3)  # single hundreds differ by a tenth
        last = statistics.median(row.posts[-part:]) / statistics.median(row.posts[:part])
        text = f"a post of the last {100 * part} of them, to one of the first"
        found.append(Target(text, "≤ 1.10 × the CPU", f"{last:.2f} ×", last <= 1.10))
    return found


def targets(found: Sequence[Target]) -> str:
    """The targets, and which of them were missed."""
    rows = [(t.what, t.wanted, t.seen, "yes" if t.is_met else "**missed**") for t in found]
    return table(("", "target", "seen", "met"), rows)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown, its columns aligned."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    rule = ["-" * width for width in widths]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in (head, rule, *rows)
    ]
    return "\n".join(lines) + "\n"


def _figures(cell: Cell | None) -> tuple[str, str]:
    if cell is None:
        return "", ""
    ratio = "" if cell.ratio is None else f"{cell.ratio:.2f}"
    return f"{1000 * cell.median:,.0f} ({1000 * cell.worst:,.0f}) ms", ratio


def _share(idle: float) -> str:
    return f"{100 * idle:.2f} %"


def _behind(cost: Cost) -> int:
    return cost.behind or 0
