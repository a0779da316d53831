"""One call to X as values: what is asked, how it is proved who asks, and what came back.

Sends nothing; knows no endpoint.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote, urlencode

from . import limits


class Auth(StrEnum):
    """How a request proves who sends it."""

    NONE = "none"
    BASIC = "basic"  # the client's id and secret
    BEARER = "bearer"  # an access token of OAuth 2.0
    OAUTH1 = "oauth1"


class Call(StrEnum):
    """What a request asks for. The rate limits are kept by these names."""

    CREATE = "create"
    DELETE = "delete"
    ME = "me"
    OWN_POSTS = "own_posts"
    UPLOAD_V11 = "upload_v11"
    UPLOAD_V2 = "upload_v2"
    ALT_TEXT = "alt_text"
    EXCHANGE = "exchange"
    REFRESH = "refresh"
    REVOKE = "revoke"


@dataclass(frozen=True, slots=True)
class Slice:
    """`size` bytes of a file, from `start` on: read when they are sent, not before."""

    path: Path
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class FilePart:
    """One file of a multipart body: its bytes, or where they are on the disk."""

    name: str
    content: bytes | Path | Slice = field(repr=False)
    mime: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Request:
    """One request, without its Authorization. `timeout` (seconds) is for the answer.

    `form` is url-encoded, or the text fields of a multipart body where there are `files`.
    """

    call: Call
    method: str
    url: str
    query: tuple[tuple[str, str], ...] = ()
    auth: Auth = Auth.BEARER
    json: Mapping[str, object] | None = None
    form: tuple[tuple[str, str], ...] | None = field(default=None, repr=False)
    files: tuple[FilePart, ...] = ()
    timeout: float = limits.ANSWER_TIMEOUT

    @property
    def full_url(self) -> str:
        """The URL with its query, just as it is sent (and signed)."""
        if not self.query:
            return self.url
        return f"{self.url}?{urlencode(self.query, safe=',', quote_via=quote)}"

    @property
    def is_reply(self) -> bool:
        return self.json is not None and "reply" in self.json


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. The names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def fields(self) -> dict[str, object]:
        """The body as a JSON object; empty where it is none (HTML, nothing, an array)."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}
