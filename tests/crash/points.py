"""The instants at which a run can be killed, and their names: one way to name, for all who do.

A point is named by what happens and where, and by how many-th of its kind it is, never by a time:
requests that are under way together change their order.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

Moment = Literal["before", "torn", "after"]
BOT = re.compile(r"/bot\d+:[\w-]+/")


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that can be counted: a request to a service, or a change of the data folder."""

    by: str  # "telegram", "x", "x upload", or "disk"
    what: str  # the method, or the operation
    where: str  # the path without what differs from run to run
    finished: bool = True  # False: a poll that still waited when the record ended


@dataclass(frozen=True, slots=True)
class Point:
    """Right before or right after a deed took effect, or in the middle of a write."""

    by: str
    what: str
    where: str
    nth: int
    moment: Moment

    def __str__(self) -> str:
        return f"{self.moment} {self.by} {self.what} {self.where} #{self.nth}"


def of(record: Iterable[Deed]) -> tuple[Point, ...]:
    """All points of a recorded run, in its order."""
    counts: Counter[tuple[str, str, str]] = Counter()
    points: list[Point] = []
    for deed in record:
        kind = (deed.by, deed.what, deed.where)
        counts[kind] += 1
        moments: list[Moment] = ["before"]
        if deed.by == "disk" and deed.what == "write":
            moments.append("torn")
        if deed.finished:
            moments.append("after")
        points += [Point(*kind, counts[kind], moment) for moment in moments]
    return tuple(points)


def request(path: str) -> str:
    """The path of a request without tokens, ids and names of files."""
    if path.startswith("/file/"):
        return "/file/*"
    return re.sub(r"/\d{5,}(?=/|$)", "/*", BOT.sub("/bot*/", path))


def file(path: PurePath) -> str:
    """The path of a file below the data folder, without the part that is a number or an id."""
    parts = path.parts
    if len(parts) < 2 or (not path.suffix and parts[-1] == "aside"):
        return path.as_posix()
    suffix = path.suffix if path.suffix in (".json", ".jsonl", ".part", ".new") else ""
    return "/".join((*parts[:-1], f"*{suffix}"))
