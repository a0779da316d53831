"""MP4 and MOV: the video track's sides and frames, how long it takes, and what is kept of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from . import Broken, Parts, Source, boxes, traces
from .boxes import Box

MP4: Final = "video/mp4"
MOV: Final = "video/quicktime"
_BEGINNINGS: Final = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")  # of old MOV files


@dataclass(frozen=True, slots=True)
class Video:
    """What the container tells; 0 where it does not say (a live recording, for example).

    `parts`, one after the other, are the same film without what tells of its maker; None where that
    is not known.
    """

    mime: str
    width: int
    height: int
    seconds: float = 0.0
    frames: int = 0
    track_seconds: float = 0.0  # that `frames` take
    tracks: int = 1  # with pictures
    parts: Parts | None = None

    @property
    def frame_rate(self) -> float:
        """Frames a second, on average; 0 where that is not known."""
        return self.frames / self.track_seconds if self.track_seconds else 0.0


def mime(source: Source, brands: tuple[bytes, ...]) -> str | None:
    """The MIME type, None where the file is none of this family."""
    if brands:
        return MOV if brands[0] == b"qt  " else MP4
    return MOV if source.upto(4, 4) in _BEGINNINGS else None


def read(source: Source, kind: str) -> Video:
    """The first video track. Raises Broken where the file is cut short."""
    outermost = tuple(boxes.inside(source, 0, source.size))
    movie = next((box for box in outermost if box.kind == b"moov"), None)
    if movie is None:
        raise Broken
    film = _film(source, movie, kind)
    return replace(film, parts=traces.without(source, outermost)) if film.tracks else film


def _film(source: Source, movie: Box, kind: str) -> Video:
    header = boxes.first(source, movie, b"mvhd")
    seconds = _seconds(source, header) if header is not None else 0.0
    for track in boxes.inside(source, movie.start, movie.behind):
        if track.kind == b"trak" and (video := _video(source, track, kind, seconds)) is not None:
            return video
    return Video(kind, 0, 0, seconds, tracks=0)


def _video(source: Source, track: Box, kind: str, seconds: float) -> Video | None:
    """What a track is, if it is a video's."""
    handler = boxes.first(source, track, b"mdia", b"hdlr")
    if handler is None or source.at(handler.start + 8, 4) != b"vide":
        return None
    table = boxes.first(source, track, b"mdia", b"minf", b"stbl")
    header = boxes.first(source, track, b"mdia", b"mdhd")
    if table is None or header is None:
        raise Broken
    described = boxes.first(source, table, b"stsd")
    counted = boxes.first(source, table, b"stsz") or boxes.first(source, table, b"stz2")
    if described is None:
        raise Broken
    # Behind version, flags and count: the first entry, its size, its name, and 24 bytes more.
    width, height = (source.number(described.start + 8 + at, 2) for at in (32, 34))
    if not width or not height:
        raise Broken
    track_seconds = _seconds(source, header)
    frames = source.number(counted.start + 8, 4) if counted is not None else 0
    return Video(kind, width, height, seconds or track_seconds, frames, track_seconds)


def _seconds(source: Source, header: Box) -> float:
    """The duration of an `mvhd` or `mdhd` box; 0 where it is not known."""
    if source.number(header.start, 1) == 1:
        scale, at, size = source.number(header.start + 20, 4), header.start + 24, 8
    else:
        scale, at, size = source.number(header.start + 12, 4), header.start + 16, 4
    duration = source.number(at, size)
    unknown = (1 << 8 * size) - 1
    return duration / scale if scale and duration != unknown else 0.0
