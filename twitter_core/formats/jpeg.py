"""JPEG: its segments, down to the end of the picture. Keeps what is needed to show it (JFIF, ICC,
Adobe) and nothing that tells of the camera, the place or the owner.
"""

from __future__ import annotations

import re
from typing import Final

from . import Broken, Keeping, Picture, Source, tiff

MIME: Final = "image/jpeg"
_FRAMES: Final = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # SOF0 … SOF15
_START, _END, _SCAN, _COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
_APP0, _APP1, _APP2, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF
_COLOURS: Final = {_APP2: b"ICC_PROFILE\0", _APP14: b"Adobe"}  # what says how they are meant
_ALONE: Final = {0x01, *range(0xD0, 0xD8)}  # markers without a length
# Within a scan, 0xFF is a marker unless a zero or a restart follows it; more 0xFF are padding.
_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_STEP: Final = 256 * 1024


def read(source: Source, most: int) -> Picture:
    """`parts` is None where they would be more than `most` bytes, or where there is no end."""
    keeping = Keeping()
    keeping.copy(0, 2)
    frame: tuple[int, int, int] | None = None
    orientation = 1
    at = 2
    whole = False
    while keeping.size <= most:
        start, marker, at = _marker(source, at)
        if marker in _ALONE:
            keeping.copy(start, at)
            continue
        if marker == _END:
            keeping.copy(start, at)
            whole = True
            break
        behind = at + source.number(at, 2)
        if behind < at + 2 or behind > source.size:
            raise Broken
        if marker in _FRAMES:
            height, width = source.number(at + 3, 2), source.number(at + 5, 2)
            frame = (width, height, source.number(at + 7, 1))
        elif marker == _APP1 and source.upto(at + 2, 6) == b"Exif\0\0":
            orientation = tiff.orientation(source.exif(at + 8, behind - at - 8))
        _keep(keeping, source, marker, start, at, behind)
        at = behind
        if marker == _SCAN:
            if frame is None:
                raise Broken
            found = _scan_end(source, at, most - keeping.size)
            if found is None:
                break
            keeping.copy(at, found)
            at = found
    if frame is None or not frame[0] or not frame[1]:
        raise Broken
    return Picture(
        MIME,
        frame[0],
        frame[1],
        orientation=orientation,
        printed=frame[2] == 4,
        parts=keeping.parts if whole else None,
    )


def _marker(source: Source, at: int) -> tuple[int, int, int]:
    """Where it starts, which it is, and what is behind it."""
    start = at
    if source.number(at, 1) != 0xFF:
        raise Broken
    while (marker := source.number(at, 1)) == 0xFF:
        at += 1
    return start, marker, at + 1


def _keep(keeping: Keeping, source: Source, marker: int, start: int, at: int, behind: int) -> None:
    """Keep a segment if it is needed to show the picture; `at` is where its length stands."""
    if marker != _COMMENT and not _APP0 <= marker <= _APP15:
        keeping.copy(start, behind)
        return
    content = source.upto(at + 2, 12)
    if marker == _APP0 and content.startswith(b"JFIF\0"):
        if behind - at == 16:
            keeping.copy(start, behind)
        else:  # with a thumbnail, which may show what was cut off later
            jfif = source.at(at + 2, 12)
            keeping.write(b"\xff\xe0\0\x10" + jfif + b"\0\0")
    elif content.startswith(_COLOURS.get(marker, b"no colours")):
        keeping.copy(start, behind)


def _scan_end(source: Source, at: int, most: int) -> int | None:
    """Where the marker behind a scan stands; None if there is none within `most` bytes."""
    end = min(at + most, source.size)
    while at < end:
        found = _MARKER.search(source.upto(at, _STEP))
        if found is not None:
            return at + found.start()
        at += _STEP - 1  # a marker may stand across the border
    return None
