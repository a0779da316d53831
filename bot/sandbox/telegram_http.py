"""How the Bot API's requests come over HTTP, and how its answers go.

Knows nothing of what the methods do.
"""

from __future__ import annotations

import json
from typing import Any

import anyio
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.sandbox import telegram_methods
from bot.sandbox.telegram_params import Upload
from bot.sandbox.telegram_values import ApiError, Json, bad
from bot.sandbox.telegram_world import World


async def read(request: Request) -> tuple[dict[str, Any], dict[str, Upload]]:
    """Parameters may come in the query, as a form with or without files, or as JSON."""
    raw: dict[str, Any] = dict(request.query_params)
    files: dict[str, Upload] = {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        try:
            given = json.loads(await request.body() or b"{}")
        except ValueError:
            given = None
        if not isinstance(given, dict):
            raise bad("can't parse JSON object")
        raw |= given
    elif kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        async with request.form() as form:
            for name, value in form.items():
                if isinstance(value, UploadFile):
                    mime = value.content_type or "application/octet-stream"
                    files[name] = Upload(value.filename or "file", mime, await value.read())
                else:
                    raw[name] = value
    return raw, files


async def poll(request: Request, world: World, params: Json) -> Response:
    """A poll that ends when the bot hangs up: then nothing was handed out."""
    answer: Response = Response(status_code=499)
    async with anyio.create_task_group() as tasks:

        async def leave() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass
            tasks.cancel_scope.cancel()

        async def serve() -> None:
            nonlocal answer
            try:
                answer = JSONResponse(
                    {"ok": True, "result": await telegram_methods.get_updates(world, params)}
                )
            except ApiError as error:
                answer = refusal(error)
            tasks.cancel_scope.cancel()

        tasks.start_soon(serve)
        tasks.start_soon(leave)
    return answer


def refusal(error: ApiError) -> Response:
    wait = (error.parameters or {}).get("retry_after")
    headers = {"retry-after": str(wait)} if wait else None
    return JSONResponse(error.answer(), status_code=error.code, headers=headers)
