"""Videos that a browser can play, made here."""

from __future__ import annotations

import io
from typing import Any

import av
from PIL import Image, ImageDraw


def film(width: int, height: int, frames: int = 12) -> bytes:
    """A ball that rolls, in H.264, as Telegram's own apps make it."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream: Any = container.add_stream("h264", rate=12)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            image = Image.new("RGB", (width, height), "#20335c")
            at = width * number // frames
            ImageDraw.Draw(image).ellipse((at, height // 3, at + 40, height // 3 + 40), "#ffd9b0")
            frame: Any = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return out.getvalue()
