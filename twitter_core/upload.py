"""Uploads to X, each a generator of calls: it yields a Request, is sent its Answer, and returns
what was Uploaded.

Sends nothing and never waits. So far still images, in one call, by v1.1 or v2; an upload in chunks
(GIF, video) will be one more generator of the same type.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from . import limits, problem
from .call import Answer, Auth, Call, FilePart, Request
from .errors import BadMedia, Refusal, Uncertain
from .post import Kind

CATEGORIES: Final = {Kind.PHOTO: "tweet_image", Kind.GIF: "tweet_gif", Kind.VIDEO: "tweet_video"}


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A medium on X, known until `expires_at` (epoch seconds). It belongs to its uploader."""

    media_id: str
    expires_at: float
    media_key: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """What to upload: bytes or a file, its MIME type, and its size in bytes."""

    content: bytes | Path
    mime: str
    size: int


Calls = Generator[Request, Answer, Uploaded]


def v11(base: str, source: Source, category: str, now: float) -> Calls:
    """One image by `POST /1.1/media/upload.json`, signed with OAuth 1.0a.

    `base` is the host of uploads, `now` is in epoch seconds. Raises what `problem.read` says.
    """
    # X does not sign multipart bodies, so the category stands in the body, not in the query.
    request = _one_shot(Call.UPLOAD_V11, f"{base}/1.1/media/upload.json", source, category)
    answer = yield request
    problem.check(answer, request)
    body = answer.fields()
    # media_id itself is a number that JavaScript cannot hold; both say the same [seen 2026-11].
    return _uploaded(answer, body, body.get("media_id_string") or body.get("media_id"), now)


def v2(base: str, source: Source, category: str, now: float) -> Calls:
    """One image by `POST /2/media/upload`, with a token that has `media.write`.

    X takes exactly the fields `media` and `media_category` (OpenAPI 2.167).
    """
    request = _one_shot(Call.UPLOAD_V2, f"{base}/2/media/upload", source, category)
    answer = yield request
    problem.check(answer, request)
    data = answer.fields().get("data")
    body: Mapping[str, object] = data if isinstance(data, dict) else {}
    return _uploaded(answer, body, body.get("id"), now)


def _one_shot(call: Call, url: str, source: Source, category: str) -> Request:
    return Request(
        call,
        "POST",
        url,
        auth=Auth.OAUTH1 if call is Call.UPLOAD_V11 else Auth.BEARER,
        form=(("media_category", category),),
        files=(FilePart("media", source.content, source.mime),),
        timeout=limits.UPLOAD_TIMEOUT + source.size / limits.UPLOAD_SPEED,
    )


def _uploaded(answer: Answer, body: Mapping[str, object], found: object, now: float) -> Uploaded:
    if not isinstance(found, str | int) or not found:
        raise Uncertain(f"{answer.status}, no media id", status=answer.status)
    processing = body.get("processing_info")
    if isinstance(processing, dict) and processing.get("state") == "failed":
        detail = processing.get("error")
        words = str(detail.get("message") or "") if isinstance(detail, dict) else ""
        raise BadMedia(Refusal.BAD_MEDIA, status=answer.status, detail=words)
    lifetime = body.get("expires_after_secs")
    key = body.get("media_key")
    return Uploaded(
        media_id=str(found),
        expires_at=now + (lifetime if isinstance(lifetime, int) else limits.MEDIA_LIFETIME),
        media_key=key if isinstance(key, str) else "",
    )
