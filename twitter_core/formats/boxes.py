"""The boxes that HEIC, AVIF, MP4 and MOV files are made of (ISO base media, 14496-12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from . import Broken, Source

_DEEPEST: Final = 10_000  # boxes beside each other


@dataclass(frozen=True, slots=True)
class Box:
    """`kind`, and where its content stands; its header begins `at`."""

    kind: bytes
    start: int
    behind: int
    at: int


def inside(source: Source, start: int, behind: int) -> Iterator[Box]:
    """The boxes within a range. Raises Broken where one goes beyond it.

    What stands behind the last one and is none (some phones leave such things) ends them.
    """
    at = start
    for _ in range(_DEEPEST):
        if at + 8 > behind:
            return
        size, kind = source.number(at, 4), source.at(at + 4, 4)
        content = at + 8
        if size == 1:
            size = source.number(at + 8, 8)
            content = at + 16
        elif size == 0:  # to the end
            size = behind - at
        if size < content - at or at + size > behind:
            if not kind.isalnum():
                return
            raise Broken
        yield Box(kind, content, at + size, at)
        at += size


def first(source: Source, box: Box, *path: bytes) -> Box | None:
    """The first box at `path` below `box`."""
    for kind in path:
        found = next((b for b in inside(source, box.start, box.behind) if b.kind == kind), None)
        if found is None:
            return None
        box = found
    return box


def brands(source: Source) -> tuple[bytes, ...]:
    """The brands of the `ftyp` box at the start: the major one, then those it is compatible with.

    Empty where the file does not begin with one.
    """
    if source.upto(4, 4) != b"ftyp":
        return ()
    size = min(source.number(0, 4), 512)
    words = source.upto(8, size - 8)
    names = [words[i : i + 4] for i in range(0, len(words) - 3, 4)]
    return (*names[:1], *names[2:])
