"""GIF: its blocks, and how many frames it has. Keeps the pictures, the loop and a colour profile;
drops comments, XMP and other applications' blocks.
"""

from __future__ import annotations

from typing import Final

from . import Broken, Keeping, Picture, Source

MIME: Final = "image/gif"
SIGNATURES: Final = (b"GIF87a", b"GIF89a")
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_COMMENT, _APPLICATION = 0xFE, 0xFF
_APPLICATIONS: Final = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012")


def read(source: Source, most: int) -> Picture:
    """`parts` is None where an animation goes on behind `most` bytes: it is not read further."""
    width, height = source.number(6, 2, "little"), source.number(8, 2, "little")
    at = 13 + _table(source.number(10, 1))
    keeping = Keeping()
    keeping.copy(0, at)
    frames = 0
    while (block := source.number(at, 1)) != _TRAILER:
        if at > most and frames > 1:
            return Picture(MIME, width, height, frames)
        start = at
        kept = True
        if block == _EXTENSION:
            kept = _is_kept(source, at)
            at += 2
        elif block == _IMAGE:
            frames += 1
            at += 11 + _table(source.number(at + 9, 1))  # and a byte for the size of the codes
        else:
            raise Broken
        while step := source.number(at, 1):
            at += step + 1
        at += 1
        if kept:
            keeping.copy(start, at)
    keeping.copy(at, at + 1)
    if not frames or not width or not height:
        raise Broken
    return Picture(MIME, width, height, frames, parts=keeping.parts)


def _is_kept(source: Source, at: int) -> bool:
    label = source.number(at + 1, 1)
    if label == _APPLICATION:
        return source.number(at + 2, 1) == 11 and source.at(at + 3, 11) in _APPLICATIONS
    return label != _COMMENT


def _table(flags: int) -> int:
    """Bytes of a colour table."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0
