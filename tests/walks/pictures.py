"""Pictures and other files to send: small, true to their kind, and each different from the others."""

from __future__ import annotations

import io
import itertools
from typing import Any

from PIL import Image

_shades = itertools.count(1)

MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + b"\0" * 4000


def picture(kind: str = "JPEG", *, width: int = 64, height: int = 48, frames: int = 1) -> bytes:
    """A picture as Pillow writes it; no two calls give the same bytes."""
    images = [
        Image.new("RGB", (width, height), (next(_shades) * 37 % 256, 90, 40 * i))
        for i in range(frames)
    ]
    for image in images:
        number = next(_shades)
        image.putpixel((0, 0), (number % 256, number // 256, 7))
    out = io.BytesIO()
    more: dict[str, Any] = {"save_all": True, "append_images": images[1:]} if frames > 1 else {}
    images[0].save(out, kind, **more)
    return out.getvalue()


def jpeg() -> bytes:
    """A photo as a phone sends one."""
    return picture("JPEG")
