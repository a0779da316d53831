"""PNG: its chunks. Keeps the pixels, the colours and the animation; drops texts, dates, EXIF, what
is not known, and what stands behind the end (screenshots that were cropped had the rest there).
"""

from __future__ import annotations

from typing import Final

from . import Broken, Keeping, Picture, Source, tiff

MIME: Final = "image/png"
SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_KEPT: Final = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD pHYs hIST "
    b"acTL fcTL fdAT".split()
)


def read(source: Source) -> Picture:
    """Raises Broken where a chunk is cut short, or there is no end."""
    keeping = Keeping()
    keeping.copy(0, len(SIGNATURE))
    at = len(SIGNATURE)
    if source.at(at + 4, 4) != b"IHDR":
        raise Broken
    width, height = source.number(at + 8, 4), source.number(at + 12, 4)
    orientation = frames = 1
    pixels = False
    while True:
        size, kind = source.number(at, 4), source.at(at + 4, 4)
        behind = at + 12 + size
        if behind > source.size:
            raise Broken
        if kind in _KEPT:
            keeping.copy(at, behind)
        pixels |= kind == b"IDAT"
        if kind == b"acTL" and not pixels:  # behind the pixels it means nothing
            frames = source.number(at + 8, 4)
        if kind == b"eXIf":
            orientation = tiff.orientation(source.exif(at + 8, size))
        if kind == b"IEND":
            break
        at = behind
    if not pixels or not width or not height:
        raise Broken
    return Picture(MIME, width, height, max(1, frames), orientation, parts=keeping.parts)
