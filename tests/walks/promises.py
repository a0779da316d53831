"""What must hold at the end of every walk, whatever it was about: each function raises if not."""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote

import pytest

from tests.stage import Stage

SPEC = "x-openapi-2.167.json"


def secrets(stage: Stage) -> set[str]:
    """Every secret that was in play: the settings', and whatever X gave or was shown."""
    x = stage.x
    found = {
        stage.telegram.token,
        x.app.consumer_secret,
        x.oauth1.token,
        x.oauth1.secret,
        *x.world.codes,
        *(value for t in x.world.tokens for value in (t.access, t.refresh) if value),
    }
    found |= {x.app.client_secret} if x.app.client_secret else set()
    for exchange in x.api.exchanges:
        if exchange.path.startswith("/2/oauth2/"):
            form = parse_qs(exchange.body.decode())
            for name in ("code", "code_verifier", "refresh_token", "token"):
                found |= set(form.get(name, []))
            found |= set(exchange.headers.get("authorization", "").split(" ")[1:])
            found |= set(_strings(exchange.answer, ("access_token", "refresh_token")))
    return found


def _strings(answer: bytes, names: tuple[str, ...]) -> Iterator[str]:
    try:
        content = json.loads(answer)
    except ValueError:
        return
    if isinstance(content, dict):
        yield from (content[name] for name in names if isinstance(content.get(name), str))


def leaked(text: str, wanted: set[str]) -> list[str]:
    """The beginnings of the secrets that stand in `text`, in whatever spelling."""
    found = []
    for secret in wanted:
        forms = {secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()}
        if any(form in text for form in forms):
            found.append(secret[:6] + "…")
    return found


def no_secret_got_out(stage: Stage) -> None:
    """Neither the log, nor what the bot says, nor the name of a file holds a secret."""
    wanted = secrets(stage)
    states = set(stage.states)
    assert not leaked(stage.logged(), wanted | states), "in the log"
    said = [m for chat in stage.telegram.world.chats.values() for m in chat.messages if m.from_bot]
    for message in said:
        spoken = "\n".join([*message.history, json.dumps(message.raw.get("reply_markup", ""))])
        assert not leaked(spoken, wanted), f"in the chat: {message}"
    assert not leaked("\n".join(stage.telegram.answers), wanted | states), "in an answer"
    names = "\n".join(str(path.relative_to(stage.folder)) for path in stage.data.rglob("*"))
    assert not leaked(names, wanted | states), "in a file's name"


def data_is_private(stage: Stage) -> None:
    """Folders 0700, files 0600, all of them."""
    if stage.data.is_dir():
        assert modes(stage.data) == {}


def modes(folder: Path) -> dict[str, str]:
    """What below `folder`, or it itself, is open to others, with its mode."""
    found = {}
    for path in [folder, *folder.rglob("*")]:
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:  # gone in the meantime
            continue
        if stat.S_IMODE(mode) != (0o700 if stat.S_ISDIR(mode) else 0o600):
            found[str(path)] = oct(stat.S_IMODE(mode))
    return found


class Document:
    """X's OpenAPI document, asked whether X would understand a request."""

    def __init__(self, document: dict[str, Any]) -> None:
        from referencing import Registry
        from referencing.jsonschema import DRAFT4

        self.document = document
        self.registry: Any = Registry().with_resource("urn:x", DRAFT4.create_resource(document))

    def check(self, method: str, path: str, query: str, body: bytes | None) -> None:
        """Raises where the call, a parameter, or the JSON body is not as X says it should be."""
        from openapi_schema_validator import OAS30Validator

        known, operation = self.operation(method, path)
        named = {self._resolve(p)["name"] for p in operation.get("parameters", [])}
        unknown = set(parse_qs(query, keep_blank_values=True)) - named
        assert not unknown, f"{method} {known} has no {unknown}"
        if body is not None:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            absolute = _absolute(schema)
            OAS30Validator(absolute, registry=self.registry).validate(json.loads(body))

    def operation(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        """The path as the document writes it, and what it says about the method."""
        paths: dict[str, Any] = self.document["paths"]
        for known in sorted(paths, key=lambda p: p.count("{")):  # the most literal one first
            parts, wanted = known.split("/"), path.split("/")
            if len(parts) != len(wanted) or method.lower() not in paths[known]:
                continue
            if all(p == w or p.startswith("{") for p, w in zip(parts, wanted, strict=True)):
                return known, paths[known][method.lower()]
        raise AssertionError(f"X has no {method} {path}")

    def _resolve(self, parameter: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in parameter:
            return parameter
        name = parameter["$ref"].rpartition("/")[2]
        found: dict[str, Any] = self.document["components"]["parameters"][name]
        return found


def _absolute(schema: Any) -> Any:
    """The schema with references that are good outside of its document too."""
    if isinstance(schema, dict):
        return {
            k: f"urn:x{v}" if k == "$ref" and v.startswith("#") else _absolute(v)
            for k, v in schema.items()
        }
    return [_absolute(part) for part in schema] if isinstance(schema, list) else schema


def x_document() -> Document | None:
    """X's own document, None where it is not on this machine."""
    root = Path(__file__).parents[2]
    folders = [Path(os.environ.get("TELEX_SPECS", "/nowhere")), root.parent / "shared" / "specs"]
    for folder in folders:
        if (folder / SPEC).exists():
            return Document(json.loads((folder / SPEC).read_text("utf-8")))
    return None


def x_would_understand(stage: Stage, document: Document | None) -> int:
    """Every request to `/2/…` is one that X's document knows; returns how many had a JSON body."""
    if document is None:
        return 0
    bodies = 0
    for exchange in stage.x.api.exchanges:
        if not exchange.path.startswith("/2/") or exchange.path.startswith("/2/oauth2/"):
            continue
        is_json = exchange.headers.get("content-type", "").startswith("application/json")
        bodies += is_json
        body = exchange.body if is_json else None
        document.check(exchange.method, exchange.path, exchange.query, body)
    return bodies


needs_document = pytest.mark.skipif(
    x_document() is None, reason=f"{SPEC} is not here (TELEX_SPECS names its folder)"
)
