"""The shapes of what people send: photos in several sizes, videos, polls, stickers, ….

Makes fields of a Bot API message; looks into images as far as their size goes.
"""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Sequence
from functools import partial

from bot.sandbox.telegram_files import File, Files
from bot.sandbox.telegram_values import Json

_SIDES = (90, 320, 800, 1280)  # the longest sides of Telegram's smaller sizes
_BIGGEST = 2560


def measure(data: bytes) -> tuple[int, int] | None:
    """Width and height as one sees them, or None for what is no image."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as image:
            turned = image.getexif().get(0x0112, 1) >= 5
            return (image.height, image.width) if turned else (image.width, image.height)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def recompress(data: bytes, side: int = _BIGGEST) -> bytes:
    """As Telegram's apps send a photo: a JPEG of at most this side, without the camera's data."""
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(data)) as image:
        upright = ImageOps.exif_transpose(image).convert("RGB")
        upright.thumbnail((side, side))
        out = io.BytesIO()
        upright.save(out, "JPEG", quality=87)
        return out.getvalue()


def photo(files: Files, data: bytes, *, size: int | None, tells_size: bool) -> list[Json]:
    """The sizes of a photo, the largest (which is the bytes given) last."""
    known = measure(data)
    width, height = known or (1280, 960)
    digest = hashlib.sha256(data).hexdigest()
    sizes = []
    for side in (s for s in _SIDES if s < max(width, height)):
        scale = side / max(width, height)
        small = files.add(
            "photo",
            partial(recompress, data, side) if known else data,
            extension=".jpg",
            size=max(1, int(len(data) * scale * scale)),
            tells_size=tells_size,
            seed=f"{side} {digest}",
        )
        sizes.append(_sized(small, max(1, round(width * scale)), max(1, round(height * scale))))
    whole = files.add("photo", data, extension=".jpg", size=size, tells_size=tells_size)
    return [*sizes, _sized(whole, width, height)]


def _sized(file: File, width: int, height: int) -> Json:
    return file.fields() | {"width": width, "height": height}


def thumbnail(files: Files, width: int, height: int) -> Json:
    scale = 320 / max(width, height, 320)
    file = files.add("thumbnail", b"\xff\xd8\xff\xd9", extension=".jpg")
    return _sized(file, max(1, round(width * scale)), max(1, round(height * scale)))


def document(file: File, name: str | None, mime: str | None) -> Json:
    return file.fields() | _named(name, mime)


def _named(name: str | None, mime: str | None) -> Json:
    given = {"file_name": name, "mime_type": mime}
    return {field: value for field, value in given.items() if value is not None}


def moving(
    files: Files, file: File, size: tuple[int, int], seconds: int, name: str | None, mime: str
) -> Json:
    """A video or an animation."""
    return (
        file.fields()
        | {"width": size[0], "height": size[1], "duration": seconds}
        | {"thumbnail": thumbnail(files, *size)}
        | _named(name, mime)
    )


def sticker(files: Files, file: File, emoji: str) -> Json:
    return file.fields() | {
        "type": "regular",
        "width": 512,
        "height": 512,
        "is_animated": False,
        "is_video": False,
        "thumbnail": thumbnail(files, 512, 512),
        "emoji": emoji,
        "set_name": "Sandbox",
    }


def poll(question: str, options: Sequence[str], *, old: bool) -> Json:
    """A poll; `old`: as a Bot API server from before 9.6 sends it, which PTB 22.8 cannot read."""
    made: Json = {
        "id": str(secrets.randbits(62)),
        "question": question,
        "options": [
            {"persistent_id": secrets.token_urlsafe(6), "text": text, "voter_count": 0}
            for text in options
        ],
        "total_voter_count": 0,
        "is_closed": False,
        "is_anonymous": True,
        "type": "regular",
        "allows_multiple_answers": False,
        "allows_revoting": True,
        "members_only": False,
    }
    if old:
        del made["allows_revoting"], made["members_only"]
        for option in made["options"]:
            del option["persistent_id"]
    return made
