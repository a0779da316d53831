"""WebP: its chunks, and how many frames it has. Keeps the pictures and the colour profile; drops
EXIF, XMP, what is not known, and what stands behind the end.
"""

from __future__ import annotations

from typing import Final

from . import Broken, Keeping, Picture, Source, tiff

MIME: Final = "image/webp"
_KEPT: Final = (b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP")
_EXIF, _XMP = 0x08, 0x04  # flags of VP8X


def read(source: Source) -> Picture:
    """Raises Broken where a chunk is cut short."""
    end = 8 + source.number(4, 4, "little")
    if end > source.size:
        raise Broken
    width, height = _sides(source)
    keeping = Keeping()
    size, frames, orientation = 4, 0, 1
    clean = end == source.size
    at = 12
    while at + 8 <= end:
        kind, length = source.at(at, 4), source.number(at + 4, 4, "little")
        behind = at + 8 + length + length % 2
        if at + 8 + length > end:
            raise Broken
        behind = min(behind, end)
        if kind == b"EXIF":
            orientation = tiff.orientation(source.exif(at + 8, length).removeprefix(b"Exif\0\0"))
        frames += kind == b"ANMF"
        if kind in _KEPT:
            size += behind - at
            if kind == b"VP8X":
                flags = source.number(at + 8, 1)
                keeping.copy(at, at + 8)
                keeping.write(bytes([flags & ~(_EXIF | _XMP)]))
                keeping.copy(at + 9, behind)
            else:
                keeping.copy(at, behind)
        else:
            clean = False
        at = behind
    parts = (b"RIFF" + size.to_bytes(4, "little") + b"WEBP", *keeping.parts)
    return Picture(
        MIME,
        width,
        height,
        frames or 1,
        orientation,
        parts=((0, source.size),) if clean else parts,
    )


def _sides(source: Source) -> tuple[int, int]:
    kind = source.at(12, 4)
    if kind == b"VP8X":
        return source.number(24, 3, "little") + 1, source.number(27, 3, "little") + 1
    if kind == b"VP8L" and source.number(20, 1) == 0x2F:
        bits = source.number(21, 4, "little")
        return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    if kind == b"VP8 " and source.at(23, 3) == b"\x9d\x01\x2a":
        return source.number(26, 2, "little") & 0x3FFF, source.number(28, 2, "little") & 0x3FFF
    raise Broken
