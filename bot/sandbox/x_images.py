"""What a file is, from its own bytes: type, size in pixels, whether it moves, whether it is whole.

Reads headers and ends only; decodes no pixel.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    kind: str  # MIME type
    width: int = 0
    height: int = 0
    animated: bool = False


def look(data: bytes) -> Look | None:
    """None for what X does not take, or for a file that is cut short."""
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return _png(data)
        if data.startswith(b"\xff\xd8\xff"):
            return _jpeg(data)
        if data.startswith((b"GIF87a", b"GIF89a")):
            return _gif(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
        if data[4:8] == b"ftyp":
            return Look("video/quicktime" if data[8:12] == b"qt  " else "video/mp4")
        if data.startswith(b"\x1a\x45\xdf\xa3"):
            return Look("video/webm")
    except (struct.error, IndexError):
        return None
    return None


def _png(data: bytes) -> Look | None:
    width, height = struct.unpack(">II", data[16:24])
    whole = data[12:16] == b"IHDR" and b"IDAT" in data and b"IEND" in data[-64:]
    return Look("image/png", width, height) if whole else None


def _jpeg(data: bytes) -> Look | None:
    # The end may be followed by more (moving photos of phones); an EXIF thumbnail has its own end.
    if data.rfind(b"\xff\xd9") <= len(data) // 4:
        return None
    at = 2
    while at < len(data):
        if data[at] != 0xFF:
            return None
        mark = data[at + 1]
        if mark == 0xFF:  # padding
            at += 1
            continue
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        if 0xC0 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return Look("image/jpeg", width, height)
        at += 2 + length
    return None


def _gif(data: bytes) -> Look | None:
    width, height, flags = struct.unpack("<HHB", data[6:11])
    at, frames = 13 + _table(flags), 0
    while data[at] != 0x3B:
        if data[at] == 0x21:  # extension
            at += 2
        elif data[at] == 0x2C:  # a frame
            frames += 1
            at += 10 + _table(data[at + 9]) + 1
        else:
            return None
        while data[at]:  # blocks of data, each with its length before it
            at += data[at] + 1
        at += 1
    return Look("image/gif", width, height, frames > 1) if frames else None


def _table(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _webp(data: bytes) -> Look | None:
    (size,) = struct.unpack("<I", data[4:8])
    if len(data) < size + 8:
        return None
    form = data[12:16]
    if form == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return Look("image/webp", width & 0x3FFF, height & 0x3FFF)
    if form == b"VP8L":
        (bits,) = struct.unpack("<I", data[21:25])
        return Look("image/webp", (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1)
    if form == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        return Look("image/webp", width, height, bool(data[20] & 2))
    return None
