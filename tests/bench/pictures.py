"""Photos of the size that Telegram sends, each different from the others. Draws one, once."""

from __future__ import annotations

import functools
import io
import itertools

from PIL import Image

_numbers = itertools.count(1)


@functools.cache
def _drawn(width: int, height: int) -> bytes:
    grain = Image.effect_noise((width // 4, height // 4), 40).resize((width, height))
    out = io.BytesIO()
    Image.merge("RGB", (grain, grain.rotate(180), grain)).save(out, "JPEG", quality=80)
    return out.getvalue()


def photo(width: int = 1280, height: int = 960) -> bytes:
    """About 200 kB by default."""
    drawn = _drawn(width, height)
    comment = f"photo {next(_numbers):09d}".encode()
    return drawn[:2] + b"\xff\xfe" + (2 + len(comment)).to_bytes(2) + comment + drawn[2:]
