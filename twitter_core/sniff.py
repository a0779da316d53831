"""Tells what a file is from its bytes, whatever it is called. Decodes no pixel, changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Final

from .formats import Picture, Source, bmp, boxes, gif, heif, jpeg, mp4, png, tiff, webp
from .formats.mp4 import Video
from .limits import GIF_SIZE, PHOTO_SIZE

WEBM: Final = "video/webm"
_OTHERS: Final = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "a ZIP archive"),
    (b"%PDF", "a PDF"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"8BPS", "a Photoshop file"),
    (b"ID3", "a sound file"),
    (b"OggS", "a sound file"),
    (b"fLaC", "a sound file"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)
_SOUND_BRANDS: Final = (b"M4A ", b"M4B ", b"M4P ")
_RAW: Final = "a camera's raw file"


@dataclass(frozen=True, slots=True)
class Other:
    """A file that is neither picture nor video. `name` says what it is, as far as that is known."""

    name: str = ""


Seen = Picture | Video | Other


def look(file: BinaryIO) -> Seen:
    """What `file` is. Raises formats.Broken where it is of a known kind, but cut short."""
    source = Source(file)
    start = source.upto(0, 16)
    if not start:
        return Other("empty")
    if start.startswith(b"\xff\xd8\xff"):
        return jpeg.read(source, PHOTO_SIZE)
    if start.startswith(png.SIGNATURE):
        return png.read(source)
    if start.startswith(gif.SIGNATURES):
        return gif.read(source, GIF_SIZE)
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return webp.read(source)
    if start.startswith(tiff.SIGNATURES):
        try:
            return tiff.read(source)
        except tiff.Raw:
            return Other(_RAW)
    if start.startswith(b"BM") and not any(start[6:10]):
        return bmp.read(source)
    return _boxed(source, start)


def _boxed(source: Source, start: bytes) -> Seen:
    brands = boxes.brands(source)
    if brands and brands[0] in _SOUND_BRANDS:
        return Other("a sound file")
    if brands and brands[0] == b"crx ":
        return Other(_RAW)
    if (kind := heif.mime(brands)) is not None:
        return heif.read(source, kind)
    if (kind := mp4.mime(source, brands)) is not None:
        return mp4.read(source, kind)
    if start.startswith(b"\x1a\x45\xdf\xa3"):
        return Video(WEBM, 0, 0)
    return Other(_name(start))


def _name(start: bytes) -> str:
    named = next((name for magic, name in _OTHERS if start.startswith(magic)), "")
    if not named and all(32 <= byte < 127 or byte in b"\t\n\r" for byte in start):
        return "a text"
    return named
