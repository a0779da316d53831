"""What MP4 and MOV files tell besides the film: where and when it was taken, by whom, with what.

Finds it and changes nothing. It is blanked, not cut out: the film is found by its offsets, which
stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from . import Broken, Keeping, Parts, Source, boxes
from .boxes import Box

# At the outermost level, in the movie, and in a track. `udta` has the `©xyz` and `loci` of phones,
# `meta` Apple's keys (com.apple.quicktime.location.ISO6709 and others), `uuid` XMP.
_TELLING: Final = (b"udta", b"meta", b"uuid", b"gps ", b"GPMF")
# What may stand in these is the name of the program that wrote the file, as in almost every one.
_HARMLESS: Final = {
    b"udta": (b"meta",),
    b"meta": (b"hdlr", b"ilst"),
    b"ilst": (b"\xa9too",),
}
# The handlers of tracks that are written while the camera runs: the place for every moment, as
# samples (gpmd, camm, mebx) or as subtitles. X shows none of them.
_RUNNING: Final = (b"meta", b"text", b"sbtl", b"subt")
_SHORT: Final = 4  # bytes: a number, zero, by which QuickTime ends a list
_SAMPLES: Final = 200_000  # 140 seconds have some thousands

Range = tuple[int, int]


def without(source: Source, outermost: Sequence[Box]) -> Parts:
    """The whole file with its traces blanked. Raises Broken where a track contradicts itself."""
    keeping = Keeping()
    at = 0
    for start, behind, is_box in sorted(_blanks(source, outermost)):
        if start < at:  # some of it is blank already, which no camera's file comes to
            start, is_box = at, False  # noqa: PLW2901
        keeping.copy(at, start)
        at = _free(keeping, source, start) if is_box else start
        keeping.blank(behind - at)
        at = max(at, behind)
    keeping.copy(at, source.size)
    return keeping.parts


def _free(keeping: Keeping, source: Source, at: int) -> int:
    """Keep the header of the box at `at`, as one of a box that is skipped; returns its end."""
    keeping.copy(at, at + 4)
    keeping.write(b"free")
    if source.number(at, 4) != 1:
        return at + 8
    keeping.copy(at + 8, at + 16)  # the size, which needs more room
    return at + 16


Blank = tuple[int, int, bool]  # from, behind, and whether it is a box


def _blanks(source: Source, outermost: Iterable[Box]) -> Iterator[Blank]:
    yield from _telling(source, outermost)
    for movie in outermost:
        if movie.kind != b"moov":
            continue
        within = tuple(boxes.inside(source, movie.start, movie.behind))
        yield from _telling(source, within)
        for track in within:
            if track.kind != b"trak":
                continue
            if _handler(source, track) in _RUNNING:
                yield track.at, track.behind, True
                yield from ((start, behind, False) for start, behind in _samples(source, track))
            else:
                yield from _telling(source, boxes.inside(source, track.start, track.behind))


def _telling(source: Source, among: Iterable[Box]) -> Iterator[Blank]:
    for box in among:
        if box.kind in _TELLING and not (box.kind in _HARMLESS and _is_harmless(source, box)):
            yield box.at, box.behind, True


def _is_harmless(source: Source, box: Box) -> bool:
    """Whether nothing is in there but what may be."""
    if box.kind not in _HARMLESS:
        return True
    at = box.start
    if box.kind == b"meta" and source.upto(at + 4, 4) != b"hdlr":
        at += 4  # behind version and flags, which Apple's have not
    try:
        for each in boxes.inside(source, at, box.behind):
            if each.kind not in _HARMLESS[box.kind] or not _is_harmless(source, each):
                return False
            at = each.behind
    except Broken:  # something else than boxes
        return False
    rest = box.behind - at
    return rest <= _SHORT and not any(source.at(at, rest))


def _handler(source: Source, track: Box) -> bytes:
    """What kind of track it is; empty where it does not say."""
    found = boxes.first(source, track, b"mdia", b"hdlr")
    return source.at(found.start + 8, 4) if found is not None else b""


def _samples(source: Source, track: Box) -> Iterator[Range]:
    """Where the samples of a track stand, chunk by chunk."""
    table = boxes.first(source, track, b"mdia", b"minf", b"stbl")
    if table is None:
        return
    sizes = _sizes(source, table)
    chunks = _table(source, table, b"stco", 4) or _table(source, table, b"co64", 8)
    runs = _table(source, table, b"stsc", 12)  # first chunk, samples in each, description
    first = run = 0
    for number, chunk in enumerate(chunks, 1):
        while run + 1 < len(runs) and runs[run + 1] >> 64 <= number:
            run += 1
        count = (runs[run] >> 32) & 0xFFFFFFFF if runs else 1
        length = sum(sizes[first : first + count])
        first += count
        if chunk + length > source.size:
            raise Broken
        yield chunk, chunk + length


def _sizes(source: Source, table: Box) -> list[int]:
    """The size of each sample."""
    box = boxes.first(source, table, b"stsz")
    if box is None:
        return []
    same = source.number(box.start + 4, 4)
    count = source.number(box.start + 8, 4)
    if not same:
        return _numbers(source, box, 8, 4)
    if count > _SAMPLES:
        raise Broken
    return [same] * count


def _table(source: Source, table: Box, kind: bytes, width: int) -> list[int]:
    """The entries of a table of the track, each as one number."""
    box = boxes.first(source, table, kind)
    return _numbers(source, box, 4, width) if box is not None else []


def _numbers(source: Source, box: Box, at: int, width: int) -> list[int]:
    """The numbers of a box whose count stands `at` bytes behind version and flags."""
    count = source.number(box.start + at, 4)
    start = box.start + at + 4
    if count > _SAMPLES or start + count * width > box.behind:
        raise Broken
    content = source.at(start, count * width)
    return [int.from_bytes(content[i : i + width], "big") for i in range(0, len(content), width)]
