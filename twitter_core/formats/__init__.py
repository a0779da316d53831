"""What image and video files are made of, read from their own bytes.

Decodes no pixel and writes nothing; a file that ends too early or contradicts itself is `Broken`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import BinaryIO, Final, Literal

_WINDOW: Final = 64 * 1024  # what is read at once, for formats that are made of small pieces
_NOTHING: Final = bytes(64 * 1024)


class Broken(Exception):
    """The file ends too early, or contradicts itself."""


Order = Literal["big", "little"]
Part = bytes | tuple[int, int]  # bytes to write, or the range (from, behind) of the file to copy
Parts = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """What a picture's header tells.

    `parts`, one after the other, are the same picture without anything else (place, camera, words,
    whatever stands behind its end); None where that is not known.
    """

    mime: str
    width: int  # in pixels, as stored: before `orientation`
    height: int
    frames: int = 1
    orientation: int = 1  # EXIF: 1 is upright
    printed: bool = False  # in a printer's colours (CMYK), which screens show as they like
    parts: Parts | None = None


class Source:
    """A file that is read by position, in windows."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = file.seek(0, os.SEEK_END)
        self._start = 0
        self._window = b""

    def at(self, start: int, count: int) -> bytes:
        """Exactly `count` bytes. Raises Broken where there are fewer."""
        if start + count > self.size:
            raise Broken
        begin = start - self._start
        if begin < 0 or begin + count > len(self._window):
            self._file.seek(start)
            self._window = self._file.read(max(count, min(_WINDOW, self.size - start)))
            self._start, begin = start, 0
        return self._window[begin : begin + count]

    def exif(self, start: int, count: int) -> bytes:
        """The beginning of an EXIF block: what is read of it stands there."""
        return self.at(start, min(count, _WINDOW))

    def upto(self, start: int, count: int) -> bytes:
        """As many of `count` bytes as there are."""
        return self.at(start, max(0, min(count, self.size - start)))

    def number(self, start: int, count: int, order: Order = "big") -> int:
        """An unsigned number of `count` bytes."""
        return int.from_bytes(self.at(start, count), order)


class Keeping:
    """Collects the parts of a file that are kept, in their order; `size` is that of all of them."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self.size = 0

    def copy(self, start: int, behind: int) -> None:
        """Keep a range of the file."""
        self.size += behind - start
        last = self._parts[-1] if self._parts else b""
        if isinstance(last, tuple) and last[1] == start:
            self._parts[-1] = (last[0], behind)
        else:
            self._parts.append((start, behind))

    def write(self, content: bytes) -> None:
        """Put bytes of ours in."""
        self.size += len(content)
        self._parts.append(content)

    def blank(self, count: int) -> None:
        """Put so many zeros in, which take no memory however many they are."""
        for at in range(0, count, len(_NOTHING)):
            self.write(_NOTHING[: count - at])

    @property
    def parts(self) -> Parts:
        """All that is kept."""
        return tuple(self._parts)


def length(parts: Parts) -> int:
    """Bytes of the file that `parts` make up."""
    return sum(len(part) if isinstance(part, bytes) else part[1] - part[0] for part in parts)
