"""The body of a request or an answer as something to read: JSON, fields, parts, or what it is.

Values in, values out; covers secrets, and leaves out what is no text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from typing import Any, Literal
from urllib.parse import parse_qsl

from bot.sandbox.page_masks import Masks

LONGEST = 20_000  # characters that are shown
_KINDS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
    (b"%PDF", "application/pdf"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
)


@dataclass(frozen=True, slots=True)
class Body:
    """`fields` are shown as a list of names and values, `text` as it is."""

    kind: Literal["none", "json", "fields", "text", "bytes"]
    size: int
    text: str = ""
    fields: tuple[tuple[str, str], ...] = ()


def sniff(data: bytes) -> str:
    """The type of some bytes, as far as a browser may be told; empty: it is unknown."""
    if data[4:8] == b"ftyp":
        return "video/mp4"
    return next((kind for start, kind in _KINDS if data.startswith(start)), "")


def size(number: int) -> str:
    """How large, for people."""
    if number < 1000:
        return f"{number} B"
    return f"{number / 1000:.0f} kB" if number < 1_000_000 else f"{number / 1_000_000:.1f} MB"


def read(data: bytes, content_type: str, masks: Masks) -> Body:
    """What stands in a body of this type."""
    kind = content_type.partition(";")[0].strip().lower()
    if not data:
        return Body("none", 0)
    if kind == "application/x-www-form-urlencoded":
        return Body("fields", len(data), fields=_form(data, masks))
    if kind == "multipart/form-data":
        return Body("fields", len(data), fields=parts(data, content_type, masks))
    if kind.endswith("json"):
        try:
            value = masks.data(json.loads(data))
        except ValueError:
            pass
        else:
            return Body("json", len(data), _cut(json.dumps(value, indent=2, ensure_ascii=False)))
    if kind.startswith("text/") or not kind or kind.endswith("json"):
        try:
            return Body("text", len(data), _cut(masks.text(data.decode())))
        except UnicodeDecodeError:
            pass
    return Body("bytes", len(data), _told(data))


def fields(data: bytes, content_type: str) -> dict[str, str]:
    """The fields of a form, of JSON, or of a multipart body, uncovered; files are left out."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind.endswith("json"):
        try:
            value = json.loads(data)
        except ValueError:
            return {}
        return {k: str(v) for k, v in value.items()} if isinstance(value, dict) else {}
    if kind == "multipart/form-data":
        return dict(parts(data, content_type, Masks(())))
    return dict(parse_qsl(data.decode("utf-8", "replace"))) if data else {}


def _form(data: bytes, masks: Masks) -> tuple[tuple[str, str], ...]:
    pairs = parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True)
    return tuple((name, _field(name, value, masks)) for name, value in pairs)


def _field(name: str, value: str, masks: Masks) -> str:
    if value[:1] in ("{", "["):  # the Bot API takes JSON inside of forms
        try:
            given: Any = json.loads(value)
        except ValueError:
            pass
        else:
            return _cut(json.dumps(masks.data(given), ensure_ascii=False))
    return _cut(masks.field(name, value))


def parts(data: bytes, content_type: str, masks: Masks) -> tuple[tuple[str, str], ...]:
    """The parts of a multipart body; of a file its name, type and size."""
    _, found, boundary = content_type.partition("boundary=")
    if not found:
        return ()
    line = b"--" + boundary.partition(";")[0].strip().strip('"').encode("latin-1")
    told = []
    for part in data.split(line)[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        headers = BytesHeaderParser().parsebytes(head.lstrip(b"\r\n"))
        name = str(headers.get_param("name", "", "content-disposition"))
        content = content.removesuffix(b"\r\n")
        filename = headers.get_filename()
        if filename is None and not sniff(content) and _is_text(content):
            told.append((name, _field(name, content.decode(), masks)))
        else:
            told.append((name, " · ".join(filter(None, (filename, _told(content))))))
    return tuple(told)


def _told(data: bytes) -> str:
    return " · ".join(filter(None, (sniff(data) or "bytes", size(len(data)))))


def _is_text(data: bytes) -> bool:
    try:
        return data.decode().isprintable() or b"\0" not in data
    except UnicodeDecodeError:
        return False


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "\n…"
