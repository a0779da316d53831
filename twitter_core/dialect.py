"""X's two ways of taking media, as requests: v1.1 and v2 say the same in different words.

Sends nothing; the order of the requests is `upload`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from . import limits
from .call import Answer, Auth, Call, FilePart, Request


@dataclass(frozen=True, slots=True)
class Source:
    """What to upload: bytes or a file, its MIME type, and its size in bytes."""

    content: bytes | Path
    mime: str
    size: int


class V11:
    """`/1.1/media/…`, signed with OAuth 1.0a. X does not sign multipart bodies."""

    def __init__(self, base: str) -> None:
        self._url = f"{base}/1.1/media/upload.json"
        self._metadata = f"{base}/1.1/media/metadata/create.json"

    def one_shot(self, source: Source, category: str) -> Request:
        return self._request(
            form=(("media_category", category),),
            files=(FilePart("media", source.content, source.mime),),
            timeout=_time_for(source.size),
        )

    def initialize(self, source: Source, category: str) -> Request:
        return self._request(
            form=(
                ("command", "INIT"),
                ("total_bytes", str(source.size)),
                ("media_type", source.mime),
                ("media_category", category),
            )
        )

    def append(self, media_id: str, index: int, chunk: FilePart, size: int) -> Request:
        form = (("command", "APPEND"), ("media_id", media_id), ("segment_index", str(index)))
        return self._request(form=form, files=(chunk,), timeout=_time_for(size))

    def finalize(self, media_id: str) -> Request:
        return self._request(form=(("command", "FINALIZE"), ("media_id", media_id)))

    def status(self, media_id: str) -> Request:
        query = (("command", "STATUS"), ("media_id", media_id))
        return Request(Call.UPLOAD_V11, "GET", self._url, query=query, auth=Auth.OAUTH1)

    def describe(self, media_id: str, alt: str) -> Request:
        body = {"media_id": media_id, "alt_text": {"text": alt}}
        return Request(Call.ALT_TEXT, "POST", self._metadata, auth=Auth.OAUTH1, json=body)

    def read(self, answer: Answer) -> tuple[str, Mapping[str, object]]:
        """The media id, and all that X says of it."""
        body = answer.fields()
        # media_id itself is a number that JavaScript cannot hold; both say the same [seen 2026-11].
        return str(body.get("media_id_string") or body.get("media_id") or ""), body

    def _request(
        self,
        form: tuple[tuple[str, str], ...],
        files: tuple[FilePart, ...] = (),
        timeout: float = limits.ANSWER_TIMEOUT,
    ) -> Request:
        return Request(
            Call.UPLOAD_V11,
            "POST",
            self._url,
            auth=Auth.OAUTH1,
            form=form,
            files=files,
            timeout=timeout,
        )


class V2:
    """`/2/media/…`, with a token that has `media.write`. Unknown fields are refused."""

    def __init__(self, base: str) -> None:
        self._url = f"{base}/2/media/upload"
        self._metadata = f"{base}/2/media/metadata"

    def one_shot(self, source: Source, category: str) -> Request:
        return Request(
            Call.UPLOAD_V2,
            "POST",
            self._url,
            form=(("media_category", category),),
            files=(FilePart("media", source.content, source.mime),),
            timeout=_time_for(source.size),
        )

    def initialize(self, source: Source, category: str) -> Request:
        body = {
            "media_type": source.mime,
            "total_bytes": source.size,
            "media_category": category,
        }
        return Request(Call.UPLOAD_V2, "POST", f"{self._url}/initialize", json=body)

    def append(self, media_id: str, index: int, chunk: FilePart, size: int) -> Request:
        return Request(
            Call.UPLOAD_V2,
            "POST",
            f"{self._url}/{media_id}/append",
            form=(("segment_index", str(index)),),
            files=(chunk,),
            timeout=_time_for(size),
        )

    def finalize(self, media_id: str) -> Request:
        return Request(Call.UPLOAD_V2, "POST", f"{self._url}/{media_id}/finalize")

    def status(self, media_id: str) -> Request:
        query = (("command", "STATUS"), ("media_id", media_id))
        return Request(Call.UPLOAD_V2, "GET", self._url, query=query)

    def describe(self, media_id: str, alt: str) -> Request:
        body = {"id": media_id, "metadata": {"alt_text": {"text": alt}}}
        return Request(Call.ALT_TEXT, "POST", self._metadata, json=body)

    def read(self, answer: Answer) -> tuple[str, Mapping[str, object]]:
        """The media id, and all that X says of it."""
        data = answer.fields().get("data")
        body: Mapping[str, object] = data if isinstance(data, dict) else {}
        return str(body.get("id") or ""), body


Dialect = V11 | V2


def _time_for(size: int) -> float:
    return limits.UPLOAD_TIMEOUT + size / limits.UPLOAD_SPEED
