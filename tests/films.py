"""Films for tests, made here and looked at again: small, and true to their kind."""

from __future__ import annotations

import io
import itertools
import struct
import tempfile
from pathlib import Path
from typing import Any

import av
from PIL import Image

from tests import makers

RATE = 10  # frames a second
PLACE = "+48.8577+002.2950+035.0/"
_shades = itertools.count()


def film(
    seconds: float = 1.0,
    width: int = 320,
    height: int = 240,
    *,
    kind: str = "mp4",
    metadata: dict[str, str] | None = None,
    options: dict[str, str] | None = None,
) -> bytes:
    """A silent MP4 or MOV with H.264, as Telegram's own apps make; no two calls give the same."""
    with tempfile.TemporaryDirectory() as folder:  # FFmpeg reads it again to put `moov` in front
        path = Path(folder) / "film"
        _write(path, int(seconds * RATE), (width, height), kind, metadata or {}, options or {})
        return path.read_bytes()


def _write(
    path: Path,
    count: int,
    size: tuple[int, int],
    kind: str,
    metadata: dict[str, str],
    options: dict[str, str],
) -> None:
    with av.open(path, "w", format=kind, options=options) as container:
        container.metadata.update(metadata)
        stream: Any = container.add_stream("h264", rate=RATE)
        (stream.width, stream.height), stream.pix_fmt = size, "yuv420p"
        for n in range(count):
            image = Image.new("RGB", size, (n * 9 % 256, 80, next(_shades) % 256))
            frame: Any = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def sound(seconds: float = 1.0) -> bytes:
    """An MP4 with nothing to see."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream: Any = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame("s16", "stereo", int(44100 * seconds))
        frame.sample_rate = 44100
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return out.getvalue()


def frames(content: bytes | Path) -> list[bytes]:
    """The pixels of every frame: what is seen when it plays. Raises where it does not."""
    source = content if isinstance(content, Path) else io.BytesIO(content)
    with av.open(source, "r") as container:
        return [b"".join(map(bytes, frame.planes)) for frame in container.decode(video=0)]


def told(content: bytes) -> dict[str, str]:
    """What the file says of itself, as FFmpeg reads it."""
    with av.open(io.BytesIO(content)) as container:
        return dict(container.metadata)


def with_place_of_a_phone(kind: str = "mp4") -> bytes:
    """As Android writes it: `©xyz` in a MOV, `loci` in an MP4."""
    return film(kind=kind, metadata={"location": PLACE})


def with_place_of_an_iphone() -> bytes:
    """As Apple writes it: keys, among them the place, the camera and the day."""
    return film(
        kind="mov",
        metadata={
            "com.apple.quicktime.location.ISO6709": PLACE,
            "com.apple.quicktime.make": makers.SECRET.decode(),
            "com.apple.quicktime.creationdate": "2026-11-24T18:30:00+0100",
        },
        options={"movflags": "use_metadata_tags"},
    )


def with_track(
    content: bytes, handler: bytes, *chunks: tuple[bytes, ...], wide: bool = False
) -> bytes:
    """`content`, which ends with its `moov`, with one more track; `wide`: with 64-bit offsets."""
    at = content.rindex(b"moov") - 4
    head, movie = content[:at], content[at:]
    joined = [b"".join(chunk) for chunk in chunks]
    starts = list(itertools.accumulate([len(head) + 8, *map(len, joined)]))[:-1]
    sizes = [len(sample) for chunk in chunks for sample in chunk]
    runs: list[int] = []
    for number, chunk in enumerate(chunks, 1):
        if not runs or runs[-2] != len(chunk):
            runs += [number, len(chunk), 1]

    def table(kind: bytes, *numbers: int, width: str = "I") -> bytes:
        first, *rest = numbers
        return makers.box(kind, struct.pack(f">4xI{len(rest)}{width}", first, *rest))

    is_same = len(set(sizes)) == 1
    tables = [
        makers.box(b"stsd", struct.pack(">4xI", 1), makers.box(b"gpmd", bytes(8))),
        table(b"stts", 1, len(sizes), 1000),
        table(b"stsz", sizes[0], len(sizes)) if is_same else table(b"stsz", 0, len(sizes), *sizes),
        table(b"stsc", len(runs) // 3, *runs),
        table(b"co64" if wide else b"stco", len(starts), *starts, width="Q" if wide else "I"),
    ]
    media = [
        makers.box(b"mdhd", struct.pack(">4xIIII4x", 0, 0, 1000, 1000)),
        makers.box(b"hdlr", bytes(8) + handler + bytes(13)),
        makers.box(b"minf", makers.box(b"stbl", *tables)),
    ]
    track = makers.box(
        b"trak",
        makers.box(b"tkhd", struct.pack(">4xIII", 0, 0, 9), bytes(68)),
        makers.box(b"mdia", *media),
    )
    data = makers.box(b"mdat", *joined)
    return head + data + makers.box(b"moov", movie[8:], track)


def large(path: Path, size: int, content: bytes | None = None) -> Path:
    """A film of `size` bytes that takes no room on the disk: most of it is a box to be skipped."""
    whole = film() if content is None else content
    with path.open("wb") as file:
        file.write(whole)
        file.write((size - len(whole)).to_bytes(4, "big") + b"free")
        file.truncate(size)
    return path
