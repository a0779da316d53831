"""Tells what a file is from its bytes, and what has to be done to it before X takes it.

Changes no file: `workshop` does what is said here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from . import limits, sniff
from .errors import Refusal
from .formats import Broken, Parts, Picture, gif, heif, length, png, webp
from .formats.mp4 import Video
from .post import Kind
from .upload import CATEGORIES

_MB: Final = 1024 * 1024
_NAMES: Final = {webp.MIME: "WebP", png.MIME: "PNG", heif.AVIF: "AVIF", heif.HEIC: "HEIC"}
_RATE_MARGIN: Final = 0.5  # frames a second: 60 a second come out as 60.02 now and then


class Unusable(Exception):
    """The file cannot go to X. `detail` is a number or name for the owner's sentence."""

    def __init__(self, refusal: Refusal, detail: str = "") -> None:
        super().__init__(refusal.value, detail)
        self.refusal = refusal
        self.detail = detail

    def __str__(self) -> str:
        return ": ".join(one for one in self.args if one)


@dataclass(frozen=True, slots=True)
class Fit:
    """A file as X will get it: where it is, its MIME type and X's media category.

    `made` says that the file was made from another one, for this upload alone.
    """

    path: Path
    mime: str
    category: str = CATEGORIES[Kind.PHOTO]
    made: bool = False

    def discard(self) -> None:
        """Delete the file, if it was made. Never the one that it was made from."""
        if self.made:
            self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Strip:
    """To be done: write `parts`, which are all of the picture or film and nothing else."""

    mime: str
    category: str
    parts: Parts


@dataclass(frozen=True, slots=True)
class Redraw:
    """To be done: decode the picture, and encode it so that it fits."""


Plan = Fit | Strip | Redraw


def plan(path: Path) -> Plan:
    """What has to be done to the file at `path`; a Fit: nothing.

    Blocking; of a photo it reads the segments and looks for their end. Raises Unusable, and OSError
    where the file cannot be read.
    """
    try:
        with path.open("rb", buffering=0) as file:
            seen = sniff.look(file)
    except Broken:
        raise Unusable(Refusal.BROKEN_FILE) from None
    size = path.stat().st_size
    if isinstance(seen, sniff.Other):
        raise Unusable(Refusal.NOT_A_PICTURE, seen.name)
    if isinstance(seen, Video):
        _check(_faults_of_video(seen, size))
        return _as_it_is(seen, path, size, Kind.VIDEO)
    _check(_faults_of_picture(seen))
    kind = Kind.PHOTO
    if seen.mime == gif.MIME and seen.frames > 1:
        _check(_faults_of_animation(seen, size))
        kind = Kind.GIF
    elif not fits(seen):
        return Redraw()
    return _as_it_is(seen, path, size, kind)


def _as_it_is(seen: Picture | Video, path: Path, size: int, kind: Kind) -> Fit | Strip:
    """The file itself, but for what tells of its maker."""
    if seen.parts is None or seen.parts == ((0, size),):
        return Fit(path, seen.mime, CATEGORIES[kind])
    return Strip(seen.mime, CATEGORIES[kind], seen.parts)


def fits(seen: Picture) -> bool:
    """Whether X takes a still as it is, once it is stripped, and shows it as it is meant.

    One that EXIF turns is not left to X: nothing of EXIF goes out, not even which way is up.
    """
    least, most = limits.PHOTO_SIDES
    return (
        seen.mime in limits.PHOTO_TYPES
        and all(least <= side <= most for side in (seen.width, seen.height))
        and seen.orientation == 1
        and not seen.printed
        and seen.frames == 1
        and seen.parts is not None
        and length(seen.parts) <= limits.PHOTO_SIZE
    )


Faults = Iterator[tuple[bool, Refusal, str]]  # whether it has the fault, which, and the number


def _check(faults: Faults) -> None:
    """Raises Unusable for the first fault that is there."""
    for there, refusal, detail in faults:
        if there:
            raise Unusable(refusal, detail)


def _faults_of_picture(seen: Picture) -> Faults:
    pixels = seen.width * seen.height
    yield pixels > limits.PIXELS, Refusal.TOO_MANY_PIXELS, f"{math.ceil(pixels / 1e6)} megapixels"
    moves = seen.frames > 1 and seen.mime != gif.MIME
    yield moves, Refusal.MOVES, _NAMES.get(seen.mime, "")
    sides = f"{seen.width} x {seen.height} pixels"
    yield min(seen.width, seen.height) < limits.PHOTO_SIDES[0], Refusal.TOO_SMALL, sides


def _faults_of_animation(seen: Picture, size: int) -> Faults:
    size = length(seen.parts) if seen.parts is not None else size
    yield size > limits.GIF_SIZE, Refusal.GIF_SIZE, _megabytes(size)
    sides = f"{seen.width} x {seen.height}"
    most = limits.GIF_SIDES
    yield seen.width > most[0] or seen.height > most[1], Refusal.GIF_SIDES, sides
    yield seen.frames > limits.GIF_FRAMES, Refusal.GIF_FRAMES, f"{seen.frames} frames"
    pixels = seen.width * seen.height * seen.frames
    yield pixels > limits.GIF_PIXELS, Refusal.GIF_PIXELS, f"{pixels / 1e6:.0f} million pixels"


def _faults_of_video(seen: Video, size: int) -> Faults:
    yield seen.tracks == 0, Refusal.NO_VIDEO, ""
    yield size > limits.VIDEO_SIZE, Refusal.VIDEO_SIZE, _megabytes(size)
    if seen.seconds:
        shortest, longest = limits.VIDEO_SECONDS
        too_long = round(seen.seconds, 1) > longest
        yield too_long, Refusal.VIDEO_LENGTH, f"{seen.seconds:.1f} seconds"
        yield seen.seconds < shortest, Refusal.VIDEO_SHORT, f"{seen.seconds:.2f} seconds"
    if seen.width:
        # X names the sides of a video that lies; one that stands is as good to it.
        sides = sorted((seen.width, seen.height))
        least, most = sorted(limits.VIDEO_SIDES_LEAST), sorted(limits.VIDEO_SIDES_MOST)
        within = all(a <= side <= b for a, side, b in zip(least, sides, most, strict=True))
        told = f"{seen.width} x {seen.height}"
        yield not within, Refusal.VIDEO_SIDES, told
        narrowest, widest = limits.VIDEO_ASPECT
        shape = seen.width / seen.height
        yield not narrowest <= shape <= widest, Refusal.VIDEO_SHAPE, told
    rate = seen.frame_rate
    too_fast = rate > limits.VIDEO_FRAME_RATE + _RATE_MARGIN
    yield too_fast, Refusal.VIDEO_FRAME_RATE, f"{rate:.0f} frames a second"


def _megabytes(size: int) -> str:
    return f"{size / _MB:.1f} MB"
