"""Covers what must not be looked over somebody's shoulder: keys, tokens, codes.

Covers by name (`code=`, `Authorization`), by shape (a bot's token), and each secret it is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

COVER = "•••"
_FIELDS = (
    "access_token|refresh_token|token|client_secret|code|code_verifier|code_challenge|state"
    "|oauth_token|oauth_signature|oauth_nonce|oauth_consumer_key|oauth_callback"
)
_PAIR = re.compile(rf"\b({_FIELDS})(=|%3D)(\"?)[^&\s\"'<>,]+", re.IGNORECASE)
_INPUT = re.compile(rf"(\bname=\"(?:{_FIELDS})\" value=\")[^\"]*", re.IGNORECASE)  # in HTML
_FIELD = re.compile(_FIELDS, re.IGNORECASE)
# In JSON, `state` is that of a video, and `code` that of an error.
_NAME = re.compile("(access|refresh)_token|client_secret|code_verifier", re.IGNORECASE)
_BOT = re.compile(r"(?<!\d)(\d{5,12}):[\w-]{30,64}", re.ASCII)
_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
_SHORTEST = 8  # what is shorter is no secret, and would be found everywhere


class Masks:
    """Covers texts, headers, and what came out of JSON."""

    def __init__(self, secrets: Iterable[str | None]) -> None:
        known = sorted({s for s in secrets if s and len(s) >= _SHORTEST}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def text(self, text: str) -> str:
        """A text without its secrets."""
        text = _PAIR.sub(rf"\1\2\3{COVER}", text)
        text = _INPUT.sub(rf"\1{COVER}", text)
        text = _BOT.sub(rf"\1:{COVER}", text)
        return text if self._known is None else self._known.sub(COVER, text)

    def header(self, name: str, value: str) -> str:
        """The value of a header; of an `Authorization` only its scheme."""
        if name.lower() in _HEADERS:
            scheme, space, _ = value.partition(" ")
            return f"{scheme} {COVER}" if space else COVER
        return self.text(value)

    def field(self, name: str, value: str) -> str:
        """The value of a field of a form or a query."""
        return COVER if value and _FIELD.fullmatch(name) else self.text(value)

    def data(self, value: Any) -> Any:
        """A value as JSON knows them, at any depth."""
        match value:
            case dict():
                return {
                    name: COVER if _NAME.fullmatch(name) and isinstance(inner, str) else
                    self.data(inner)
                    for name, inner in value.items()
                }  # fmt: skip
            case list():
                return [self.data(inner) for inner in value]
            case str():
                return self.text(value)
            case _:
                return value
