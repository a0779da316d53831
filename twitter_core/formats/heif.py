"""HEIC, HEIF and AVIF: the sides of the largest picture inside, and whether it moves."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from . import Broken, Picture, Source, boxes

HEIC: Final = "image/heic"
AVIF: Final = "image/avif"
_AVIF: Final = (b"avif", b"avis")
_HEIC: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs")
_ANY: Final = (b"mif1", b"mif2", b"msf1")
_MOVING: Final = (b"avis", b"hevc", b"hevx", b"hevm", b"hevs", b"msf1")  # a sequence, like a film


def mime(brands: tuple[bytes, ...]) -> str | None:
    """The MIME type of a file with these brands, None where it is none of this family."""
    if not brands or brands[0] not in (*_AVIF, *_HEIC, *_ANY):
        return None
    named = next((brand for brand in brands if brand in (*_AVIF, *_HEIC)), b"")
    return AVIF if named in _AVIF else HEIC


def read(source: Source, kind: str) -> Picture:
    """Raises Broken where the file has no picture, or is cut short.

    The parts of a grid, thumbnails and the depth have sides as well: the largest are the picture's.
    """
    sides = [(0, 0)]
    frames = 2 if boxes.brands(source)[0] in _MOVING else 1  # how many, no one asks
    for box in boxes.inside(source, 0, source.size):
        if box.kind != b"meta":
            continue
        within = replace(box, start=box.start + 4)  # behind version and flags
        container = boxes.first(source, within, b"iprp", b"ipco")
        if container is not None:
            sides += [
                (source.number(found.start + 4, 4), source.number(found.start + 8, 4))
                for found in boxes.inside(source, container.start, container.behind)
                if found.kind == b"ispe"
            ]
    width, height = max(sides, key=lambda pair: pair[0] * pair[1])
    if not width or not height:
        raise Broken
    return Picture(kind, width, height, frames)
