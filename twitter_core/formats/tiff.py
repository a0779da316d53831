"""TIFF, and EXIF, which is a TIFF without a picture: the entries of its first directory.

Raw files of cameras are TIFFs too; what they hold first is a small preview, so they are told apart.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Final

from . import Broken, Order, Picture, Source

MIME: Final = "image/tiff"
SIGNATURES: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_REDUCED, _WIDTH, _HEIGHT, _COLOURS, _ORIENTATION, _DNG = 254, 256, 257, 262, 274, 50706
_CMYK: Final = 5
_NUMBERS: Final = {1: 1, 3: 2, 4: 4, 16: 8}  # the types that are unsigned numbers: their bytes
_MOST: Final = 4096  # entries of a directory


class Raw(Exception):
    """A camera's raw file."""


def read(source: Source) -> Picture:
    """Raises Raw for a camera's raw file."""
    entries = dict(_entries(source))
    if _DNG in entries or entries.get(_REDUCED, 0) & 1 or source.upto(8, 2) == b"CR":
        raise Raw
    width, height = entries.get(_WIDTH, 0), entries.get(_HEIGHT, 0)
    if not width or not height:
        raise Broken
    return Picture(
        MIME,
        width,
        height,
        orientation=_upright_unless_known(entries),
        printed=entries.get(_COLOURS) == _CMYK,
    )


def orientation(exif: bytes) -> int:
    """EXIF's orientation, 1..8; 1 where it is not said, or cannot be read."""
    try:
        return _upright_unless_known(dict(_entries(Source(io.BytesIO(exif)))))
    except Broken:
        return 1


def _upright_unless_known(entries: dict[int, int]) -> int:
    found = entries.get(_ORIENTATION, 1)
    return found if 1 <= found <= 8 else 1


def _entries(source: Source) -> Iterator[tuple[int, int]]:
    """The tags of the first directory whose value is a number, with it."""
    start = source.at(0, 4)
    if start not in SIGNATURES:
        raise Broken
    order: Order = "little" if start.startswith(b"II") else "big"
    big = b"+" in start
    field = 8 if big else 4  # bytes of an offset, and of a count
    at = source.number(8 if big else 4, field, order)
    count = source.number(at, 8 if big else 2, order)
    at += 8 if big else 2
    for _ in range(min(count, _MOST)):
        tag, kind = source.number(at, 2, order), source.number(at + 2, 2, order)
        value = at + 4 + field
        if kind in _NUMBERS and _NUMBERS[kind] <= field:
            yield tag, source.number(value, _NUMBERS[kind], order)
        at = value + field
