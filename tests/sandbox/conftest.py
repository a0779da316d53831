from __future__ import annotations

import base64
import io
import json
import os
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from bot.sandbox.x import X

SPEC = "x-openapi-2.167.json"


class Clock:
    """A time that only moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class Spec:
    """X's OpenAPI document, asked whether a value fits one of its schemas."""

    def __init__(self, document: dict[str, Any]) -> None:
        from referencing import Registry
        from referencing.jsonschema import DRAFT4

        self.document = document
        self.registry: Any = Registry().with_resource("urn:x", DRAFT4.create_resource(document))

    def check(self, value: Any, name: str) -> None:
        from openapi_schema_validator import OAS30Validator

        schema = {"$ref": f"urn:x#/components/schemas/{name}"}
        OAS30Validator(schema, registry=self.registry).validate(value)

    def answer(self, method: str, path: str, status: int) -> str:
        """The name of the schema of an answer."""
        operation = self.document["paths"][path][method.lower()]
        content = operation["responses"][str(status)]["content"]["application/json"]
        return cast(str, content["schema"]["$ref"]).rpartition("/")[2]

    def operation(self, method: str, path: str) -> tuple[str, int] | None:
        """The path of the document that fits, and the status of its success."""
        for known, operations in self.document["paths"].items():
            parts, wanted = known.split("/"), path.split("/")
            fits = len(parts) == len(wanted) and all(
                p == w or p.startswith("{") for p, w in zip(parts, wanted, strict=True)
            )
            exact = known == path
            if method.lower() in operations and (exact or (fits and path not in self.paths)):
                responses = operations[method.lower()]["responses"]
                return known, next(int(s) for s in responses if s.isdigit())
        return None

    @property
    def paths(self) -> dict[str, Any]:
        return cast("dict[str, Any]", self.document["paths"])


class Api:
    """Calls the local X with a bearer token, and holds each answer against X's own document."""

    def __init__(self, x: X, spec: Spec | None) -> None:
        self.x = x
        self.spec = spec
        self.http = httpx.AsyncClient(base_url=x.url, timeout=5, trust_env=False)
        self.token = x.sign_in()["access_token"]

    async def __call__(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}", **kwargs.pop("headers", {})}
        answer = await self.http.request(method, path, headers=headers, **kwargs)
        self._hold(method, path.partition("?")[0], answer)
        return answer

    def _hold(self, method: str, path: str, answer: httpx.Response) -> None:
        if self.spec is None or not answer.content:
            return
        found = self.spec.operation(method, path)
        assert found is not None, f"{method} {path} is not in the document"
        if answer.is_success:
            known, status = found
            assert answer.status_code == status
            self.spec.check(answer.json(), self.spec.answer(method, known, status))
        elif answer.json()["type"].startswith("https://api.x.com/2/problems/invalid-request"):
            self.spec.check(answer.json(), "Problem")

    async def post(self, text: str = "", **more: Any) -> httpx.Response:
        body = {"text": text, **more}
        answer = await self("POST", "/2/tweets", json=body)
        if self.spec is not None and answer.is_success:
            self.spec.check(body, "CreatePostsRequest")
        return answer

    async def photo(self, data: bytes | None = None, category: str = "tweet_image") -> str:
        answer = await self(
            "POST",
            "/2/media/upload",
            files={"media": data or png()},
            data={"media_category": category},
        )
        assert answer.status_code == 200, answer.text
        return cast(str, answer.json()["data"]["id"])


def png(width: int = 8, height: int = 8, *, padding: int = 0) -> bytes:
    """A true picture; `padding` makes it larger without making it different."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress((b"\0" + b"\x7f" * width) * height))
    filler = chunk(b"teXt", b"x" * padding) if padding else b""
    return b"\x89PNG\r\n\x1a\n" + header + filler + pixels + chunk(b"IEND", b"")


def picture(kind: str, frames: int = 1) -> bytes:
    from PIL import Image

    images = [Image.new("RGB", (16, 12), (40 * i, 90, 200)) for i in range(frames)]
    out = io.BytesIO()
    more: dict[str, Any] = {"save_all": True, "append_images": images[1:]} if frames > 1 else {}
    images[0].save(out, kind, **more)
    return out.getvalue()


MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + b"\0" * 4000


@pytest.fixture(scope="session")
def x_spec() -> Spec:
    root = Path(__file__).parents[2]
    folders = [Path(os.environ.get("TELEX_SPECS", "/nowhere")), root.parent / "shared" / "specs"]
    for folder in folders:
        if (folder / SPEC).exists():
            return Spec(json.loads((folder / SPEC).read_text("utf-8")))
    pytest.skip(f"{SPEC} is not here (TELEX_SPECS names its folder)")


@pytest.fixture(scope="session")
def x_spec_if_any(request: pytest.FixtureRequest) -> Spec | None:
    try:
        return cast("Spec", request.getfixturevalue("x_spec"))
    except pytest.skip.Exception:
        return None


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def x(clock: Clock) -> AsyncIterator[X]:
    x = X(clock=clock)
    await x.start()
    yield x
    await x.stop()


@pytest.fixture
async def real_x() -> AsyncIterator[X]:
    """On the true clock, for libraries that read it themselves."""
    x = X()
    await x.start()
    yield x
    await x.stop()


@pytest.fixture
async def api(x: X, x_spec_if_any: Spec | None) -> AsyncIterator[Api]:
    api = Api(x, x_spec_if_any)
    yield api
    await api.http.aclose()


@pytest.fixture
def mp4() -> bytes:
    return MP4


@pytest.fixture
def draw() -> Any:
    """`png` and `picture`, and base64 of what they draw, for the tests of this folder."""

    class Draw:
        png = staticmethod(png)
        picture = staticmethod(picture)

        @staticmethod
        def base64(data: bytes) -> str:
            return base64.b64encode(data).decode()

    return Draw
