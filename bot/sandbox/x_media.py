"""Media on the local X: what is taken, what is refused, and what becomes of a video.

Knows neither v1.1 nor v2; refusals are `Bad`, and the two endpoints say them each in its own way.
"""

from __future__ import annotations

import hashlib
import math
import re
from typing import Any, Literal

from bot.sandbox.x_gate import Caller
from bot.sandbox.x_images import look
from bot.sandbox.x_state import State
from bot.sandbox.x_world import Media, Segment

LIVES = 86_400
LARGEST = {"photo": 5 * 1024 * 1024, "gif": 15 * 1024 * 1024, "video": 512 * 1024 * 1024}
KEPT = 64 * 1024 * 1024  # of what is larger, fingerprints are kept
SIDES = range(4, 8193)  # pixels of a photo
GIF_BOX = (1280, 1080)
SEGMENTS = range(1000)
CATEGORIES = frozenset(
    {
        *("amplify_video", "tweet_gif", "tweet_image", "tweet_video"),
        *("dm_gif", "dm_image", "dm_video", "subtitles"),
    }
)
TYPES = frozenset(
    {
        *("video/mp4", "video/webm", "video/mp2t", "video/quicktime", "text/srt", "text/vtt"),
        *("image/jpeg", "image/gif", "image/bmp", "image/png", "image/webp", "image/pjpeg"),
        *("image/tiff", "model/gltf-binary", "model/vnd.usdz+zip"),
    }
)


class Bad(Exception):
    """The file, or the way it is sent, is not acceptable."""


class TooLarge(Bad):
    """X answers it with an empty 413."""


def begin(
    state: State,
    caller: Caller,
    via: Literal["v1.1", "v2"],
    category: str | None,
    total: int | None = None,
    declared: str | None = None,
    owners: str = "",
) -> Media:
    """A place for a file that is yet to come."""
    if category is not None and category not in CATEGORIES:
        raise Bad(f"media_category {category!r} is not known")
    if declared is not None and declared not in TYPES:
        raise Bad(f"media type {declared!r} unrecognized")
    if total is not None and not 0 < total <= _largest(category, declared):
        raise Bad(f"File size exceeds {_largest(category, declared)} bytes.")
    now = state.clock()
    media = Media(
        id=state.world.new_id(now),
        account_id=caller.account.id,
        via=via,
        category=category,
        created=now,
        ends=now + LIVES,
        total=total,
        declared=declared,
        owners=tuple(re.findall(r"\d+", owners)),
    )
    state.world.media[media.id] = media
    return media


def append(media: Media, index: str, data: bytes, largest: int) -> None:
    if media.finalized or media.total is None:
        raise Bad("This media is complete already.")
    if not re.fullmatch(r"[0-9]+", index) or int(index) not in SEGMENTS:
        raise Bad("segment_index must be between 0 and 999")
    if len(data) > largest:
        raise TooLarge
    kept = media.total <= KEPT
    media.segments[int(index)] = Segment(
        len(data),
        data if kept or int(index) == 0 else b"",  # the beginning tells what it is
        "" if kept else hashlib.sha256(data).hexdigest(),
    )


def finish(state: State, media: Media, data: bytes | None = None) -> None:
    """Puts the file together and looks at it; a video begins to be processed."""
    if media.finalized:
        return
    chunked = data is None
    if data is None:
        order = sorted(media.segments)
        parts = [media.segments[i] for i in order]
        media.size = sum(part.size for part in parts)
        if not order or order != list(range(len(order))) or media.size != media.total:
            raise Bad("Segments do not add up to provided total file size.")
        data = b"".join(part.bytes for part in parts)
        media.prints = tuple(part.sha256 for part in parts if part.sha256)
    else:
        media.size = len(data)
    seen = look(data)
    if seen is None:
        raise Bad("media type unrecognized.")
    media.kind, media.width, media.height = seen.kind, seen.width, seen.height
    media.animated = seen.animated
    if media.declared is not None and _family(media.declared) != _family(media.kind):
        raise Bad(f"Invalid media: announced as {media.declared}, but it is {media.kind}.")
    _fits(media, media.size)
    media.bytes, media.finalized = b"" if media.prints else data, True
    media.segments.clear()
    if chunked and media.sort != "photo":
        media.steps = state.processing.steps
        media.stepped = state.clock()


def _fits(media: Media, size: int) -> None:
    wanted = (media.category or "").rpartition("_")[2]
    if wanted and wanted != {"photo": "image"}.get(media.sort, media.sort):
        raise Bad(f"Invalid media: {media.kind} does not fit {media.category}.")
    if size > LARGEST[media.sort]:
        raise TooLarge
    if media.sort == "photo" and not (media.width in SIDES and media.height in SIDES):
        raise Bad("Image dimensions must be >= 4x4 and <= 8192x8192")
    if media.sort == "gif" and (media.width > GIF_BOX[0] or media.height > GIF_BOX[1]):
        raise Bad("GIF dimensions must be <= 1280x1080")


def look_again(state: State, media: Media) -> None:
    """A question for the status: moves the processing by one step, if it is not too early."""
    now = state.clock()
    if (
        media.step + 1 < len(media.steps)
        and now - media.stepped >= state.processing.check_after_secs
    ):
        media.step += 1
        media.stepped = now


def owned(state: State, caller: Caller, media_id: str) -> Media | None:
    """The medium, if it lives and belongs to the caller."""
    media = state.world.media.get(media_id)
    if media is None or media.ends <= state.clock():
        return None
    return media if caller.account.id in (media.account_id, *media.owners) else None


def usable(state: State, caller: Caller, media_id: str) -> Media | None:
    """The medium, if a post may carry it."""
    media = owned(state, caller, media_id)
    if media is None or not media.finalized or media.state != "succeeded":
        return None
    if media.via == "v1.1" and state.v11 == "ids_refused":
        return None
    return None if (media.category or "tweet_").partition("_")[0] == "dm" else media


def describe(state: State, media: Media) -> dict[str, Any]:
    """What both versions say of a medium, under the names that they share."""
    told: dict[str, Any] = {
        "media_key": media.key,
        "expires_after_secs": max(0, math.ceil(media.ends - state.clock())),
    }
    if media.finalized:
        told["size"] = media.size
        if media.sort == "video":
            told["video"] = {"video_type": media.kind}
        else:
            told["image"] = {"image_type": media.kind, "w": media.width, "h": media.height}
    if media.steps:
        told["processing_info"] = _progress(state, media)
    return told


def _progress(state: State, media: Media) -> dict[str, Any]:
    info: dict[str, Any] = {"state": media.state}
    if media.state in ("pending", "in_progress"):
        info["check_after_secs"] = state.processing.check_after_secs
    if media.state != "pending":
        info["progress_percent"] = 100 * media.step // max(1, len(media.steps) - 1)
    return info


def _largest(category: str | None, declared: str | None) -> int:
    if (category or "").endswith("_video") or (declared or "").startswith("video/"):
        return LARGEST["video"]
    return LARGEST["gif" if (category or "").endswith("_gif") else "photo"]


def _family(kind: str) -> str:
    return kind.partition("/")[0] if kind.startswith("video/") else kind.replace("pjpeg", "jpeg")
