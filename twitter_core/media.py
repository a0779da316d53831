"""Tells what a file is from its bytes, and whether X takes it. Changes no file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .errors import Refusal
from .limits import PHOTO_SIZE

_SIGNATURES = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"GIF87a", 0, "image/gif"),
    (b"GIF89a", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
)


class Unusable(Exception):
    """The file cannot go to X. `detail` is a number or name for the owner's sentence."""

    def __init__(self, refusal: Refusal, detail: str = "") -> None:
        super().__init__(refusal.value, detail)
        self.refusal = refusal
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Fit:
    """A file as X will get it: where it is, its MIME type and X's media category."""

    path: Path
    mime: str
    category: str = "tweet_image"


def fit(path: Path) -> Fit:
    """The file at `path` as X takes it. Raises Unusable, and OSError where it cannot be read."""
    with path.open("rb") as file:
        start = file.read(16)
    mime = next((m for magic, at, m in _SIGNATURES if start[at:].startswith(magic)), None)
    if mime is None:
        raise Unusable(Refusal.NOT_A_PICTURE)
    size = path.stat().st_size
    if size > PHOTO_SIZE:
        raise Unusable(Refusal.MEDIA_TOO_LARGE, f"{size / 1e6:.1f} MB")
    return Fit(path, mime)
