"""The page of the sandbox: the chat, the wire, the timeline, and what one can break.

Serves what is in `static`, tells what happens as it happens, and does what the page asks for.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.sandbox import page_actions as actions
from bot.sandbox import page_bodies, page_wire
from bot.sandbox.page_breaks import Breaks
from bot.sandbox.page_door import Door
from bot.sandbox.page_ledger import Ledger
from bot.sandbox.page_scene import Scene, Tour
from bot.sandbox.page_watch import Watch
from bot.sandbox.telegram_values import ApiError

STATIC = Path(__file__).with_name("static")
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
LARGEST = 60 * 1024 * 1024  # bytes of what is sent at once


class Page:
    """Shows one scene at a time, on a port of its own."""

    def __init__(self, scene: Scene, samples: Sequence[bytes] = ()) -> None:
        """`samples` are pictures for people who have none at hand."""
        self.ledger = Ledger()
        self.tour: Tour | None = None
        self._samples = samples
        self.door = Door("page", self._routes(), exception_handlers={actions.Refusal: _refused})
        self._set(scene)

    def _set(self, scene: Scene) -> None:
        self.scene = scene
        self.breaks = Breaks(scene.x)
        self.watch = Watch(scene, self.ledger, self.breaks)

    @property
    def url(self) -> str:
        return f"{self.door.url}/"

    async def start(self, port: int = 0) -> None:
        """Raises OSError where the port is not to be had."""
        await self.door.start(port)
        self.watch.begin()
        self.ledger.put("samples", "", len(self._samples))

    async def stop(self) -> None:
        self.watch.end()
        await self.door.stop()

    def show(self, scene: Scene) -> None:
        """Another scene from now on."""
        self.watch.end()
        self._set(scene)
        self.watch.begin()
        self.ledger.put("samples", "", len(self._samples))

    def _routes(self) -> list[Route]:
        return [
            Route("/", _static, methods=["GET"]),
            Route("/static/{name}", _static, methods=["GET"]),
            Route("/events", self._events, methods=["GET"]),
            Route("/lines/{number:int}", self._detail, methods=["GET"]),
            Route("/files/{id}", self._file, methods=["GET"]),
            Route("/media/{id}", self._medium, methods=["GET"]),
            Route("/samples/{number:int}", self._sample, methods=["GET"]),
            Route("/do/{act}", self._act, methods=["POST"]),
        ]

    # -- reading -------------------------------------------------------------------------------

    async def _events(self, request: Request) -> Response:
        seen = request.headers.get("last-event-id") or request.query_params.get("after", "")
        return StreamingResponse(self.ledger.follow(seen), media_type="text/event-stream")

    async def _detail(self, request: Request) -> Response:
        number, x = request.path_params["number"], self.scene.x
        services = (self.scene.telegram.service, *x.services)
        found = (e for service in services for e in service.exchanges if e.number == number)
        exchange = next(found, None)
        if exchange is None:
            return Response(status_code=404)
        cover = page_wire.masks(self.scene.telegram, x)
        return JSONResponse(asdict(page_wire.detail(exchange, x, cover)))

    async def _file(self, request: Request) -> Response:
        try:
            return _content(self.scene.telegram.file(request.path_params["id"]))
        except ApiError:
            return Response(status_code=404)

    async def _medium(self, request: Request) -> Response:
        medium = self.scene.x.world.media.get(request.path_params["id"])
        return Response(status_code=404) if medium is None else _content(medium.bytes)

    async def _sample(self, request: Request) -> Response:
        number = request.path_params["number"]
        known = number < len(self._samples)
        return _content(self._samples[number]) if known else Response(status_code=404)

    # -- acting --------------------------------------------------------------------------------

    async def _act(self, request: Request) -> Response:
        name = request.path_params["act"]
        if name == "files":
            await self._send(request)
            return JSONResponse({})
        try:
            given = await request.json()
        except ValueError:
            given = None
        if not isinstance(given, dict):
            raise actions.Refusal("That was not understood.")
        act = self._own().get(name) or _bound(self.scene, name)
        if act is None:
            return Response(status_code=404)
        done = act(given)
        answer = await done if inspect.isawaitable(done) else ""
        return JSONResponse({"text": answer or ""})

    async def _send(self, request: Request) -> None:
        if int(request.headers.get("content-length", "0")) > LARGEST:
            raise actions.Refusal("That is too much for the sandbox at once.")
        async with request.form() as form:
            words = {name: v for name, v in form.items() if isinstance(v, str)}
            uploads = [
                actions.Upload(
                    Path(file.filename or "file").name,
                    file.content_type or "",
                    await file.read(),
                    **_measures(str(note)),
                )
                for file, note in zip(form.getlist("file"), form.getlist("note"), strict=False)
                if isinstance(file, UploadFile)
            ]
        await actions.files(self.scene, words, uploads)

    def _own(self) -> Mapping[str, Callable[[dict[str, Any]], Awaitable[Any] | None]]:
        return {
            "break": self._break,
            "mend": self._mend,
            "bot": self._bot,
            "tour": self._tour,
        }

    def _break(self, given: dict[str, Any]) -> None:
        on = bool(given.get("on"))
        try:
            done = self.breaks.turn(str(given.get("name")), on)
        except LookupError:
            raise actions.Refusal("That cannot be broken.") from None
        what = f"{done.title}: {done.phrase}" if on else f"{done.title}: mended"
        self.watch.note(what, "bad" if on else "good")
        self.watch.broken()

    def _mend(self, given: dict[str, Any]) -> None:
        self.breaks.mend()
        self.watch.note("Everything is mended", "good")
        self.watch.broken()

    async def _bot(self, given: dict[str, Any]) -> None:
        if given.get("what") == "kill":
            if not self.scene.is_up:
                raise actions.Refusal("The bot does not run.")
            self.watch.note("kill -9: the bot is gone in the middle of whatever it did", "bad")
            await self.scene.kill()
        else:
            await self.scene.revive()

    async def _tour(self, given: dict[str, Any]) -> None:
        if self.tour is None:
            raise actions.Refusal("There is no tour here.")
        try:
            await self.tour.command(str(given.get("what")))
        except ValueError:
            raise actions.Refusal("The tour does not know that.") from None


def _bound(scene: Scene, name: str) -> Callable[[dict[str, Any]], Awaitable[str] | None] | None:
    act = actions.ACTS.get(name)
    return None if act is None else lambda given: act(scene, given)


def _measures(note: str) -> dict[str, int]:
    """`640x480x7`: width, height and seconds of a video."""
    numbers = note.split("x")
    if len(numbers) != 3 or not all(n.isdecimal() and len(n) < 6 for n in numbers):
        return {}
    return dict(zip(("width", "height", "seconds"), map(int, numbers), strict=True))


async def _static(request: Request) -> Response:
    name = request.path_params.get("name", "index.html")
    path = STATIC / name
    kind = _TYPES.get(path.suffix)
    if kind is None or path.parent != STATIC or not path.is_file():
        return Response(status_code=404)
    return Response(path.read_bytes(), media_type=kind)


def _content(data: bytes) -> Response:
    """What somebody sent: shown if it is a picture or a video, otherwise saved."""
    kind = page_bodies.sniff(data)
    if kind.startswith(("image/", "video/")):
        return Response(data, media_type=kind, headers={"cache-control": "max-age=3600"})
    headers = {"content-disposition": "attachment"}
    return Response(data, media_type="application/octet-stream", headers=headers)


async def _refused(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 400)
