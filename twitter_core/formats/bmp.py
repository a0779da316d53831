"""BMP: the sides of the picture."""

from __future__ import annotations

from typing import Final

from . import Broken, Picture, Source

MIME: Final = "image/bmp"
_OLDEST: Final = 12  # bytes of the first header there was, with sides of 16 bits


def read(source: Source) -> Picture:
    """Raises Broken where there are no sides."""
    if source.number(14, 4, "little") == _OLDEST:
        width, height = source.number(18, 2, "little"), source.number(20, 2, "little")
    else:
        width, height = (int.from_bytes(source.at(at, 4), "little", signed=True) for at in (18, 22))
    if width <= 0 or not height:
        raise Broken
    return Picture(MIME, width, abs(height))  # below zero: stored from the top
