"""Bodies of requests into fields: form, multipart, JSON. Strict, and does not touch the disk."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Field:
    value: bytes
    filename: str | None = None

    @property
    def text(self) -> str:
        return self.value.decode("utf-8", "replace")


class Malformed(ValueError):
    """The body is not what its content type says."""


def kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def form(request: Request) -> dict[str, Field]:
    """Fields of an urlencoded or multipart body; nothing for another type."""
    body = await request.body()
    if kind(request) == "application/x-www-form-urlencoded":
        try:
            pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True)
        except UnicodeDecodeError as error:
            raise Malformed("the form is not ASCII") from error
        return _once([(name, Field(value.encode())) for name, value in pairs])
    if kind(request) == "multipart/form-data":
        return _once(_multipart(body, request.headers["content-type"]))
    return {}


async def json_object(request: Request) -> dict[str, Any]:
    if kind(request) != "application/json":
        raise Malformed("Content-Type must be application/json")
    try:
        value = json.loads(await request.body())
    except ValueError as error:
        raise Malformed(f"the body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Malformed("the body is not a JSON object")
    return value


def unbase64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("not base64") from error


def _once(pairs: list[tuple[str, Field]]) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for name, field in pairs:
        if name in fields:
            raise Malformed(f"field {name} stands twice")
        fields[name] = field
    return fields


def _multipart(body: bytes, content_type: str) -> list[tuple[str, Field]]:
    found = re.search(r'boundary=(?:"([^"]+)"|([^;\s]+))', content_type)
    if found is None:
        raise Malformed("multipart without a boundary")
    mark = b"\r\n--" + (found[1] or found[2]).encode()
    first, *parts = (b"\r\n" + body).split(mark)
    if first or not parts or not parts.pop().startswith(b"--"):
        raise Malformed("multipart is torn")
    fields = []
    for part in parts:
        head, gap, content = part.partition(b"\r\n\r\n")
        name = re.search(rb'(?i)content-disposition:[^\r\n]*?[; ]name="([^"]*)"', head)
        if not gap or name is None:
            raise Malformed("a part of the multipart has no name")
        filename = re.search(rb'[; ]filename="([^"]*)"', head)
        field = Field(content, filename[1].decode("utf-8", "replace") if filename else None)
        fields.append((name[1].decode("utf-8", "replace"), field))
    return fields
