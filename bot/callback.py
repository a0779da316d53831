"""The landing page of the sign-in, and /healthz. Shows nothing that came with the request."""

from __future__ import annotations

import html
import socket
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from .addresses import HEALTH_PATH

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Telex</title>
<style>
  :root {{ color-scheme: light dark }}
  body {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem }}
  body {{ margin: 15vh auto; padding: 0 1rem }}
</style>
<h1>Telex</h1>
<p>{}</p>
<p>You can close this page.</p>
</html>
"""
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


def app(redirect_uri: str, land: Callable[[str], Awaitable[str]]) -> Starlette:
    """The web application; `land` completes the sign-in and returns the sentence to show."""

    async def callback(request: Request) -> Response:
        if request.method == "HEAD":  # asks about the page; it must not use the code up
            return HTMLResponse(headers=_HEADERS)
        answer = await land(f"{redirect_uri}?{request.url.query}")
        return HTMLResponse(_PAGE.format(html.escape(answer)), headers=_HEADERS)

    async def health(request: Request) -> Response:
        return PlainTextResponse("ok\n")

    path = urlsplit(redirect_uri).path or "/"
    application = Starlette(
        routes=[
            Route(path, callback, methods=["GET"]),
            Route(HEALTH_PATH, health, methods=["GET"]),
        ]
    )
    # It would send the code on to whatever host the request names.
    application.router.redirect_slashes = False
    return application


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens on `host`:`port`. Raises OSError where that is not to be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


class Server(uvicorn.Server):
    """uvicorn in a loop that is not its own: it leaves signals to whoever runs the loop."""

    def __init__(self, application: Starlette) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                log_config=None,
                access_log=False,  # the query holds the code
                lifespan="off",
                server_header=False,
                timeout_graceful_shutdown=2,
                limit_concurrency=50,
                timeout_keep_alive=5,
            )
        )

    def capture_signals(self) -> nullcontext[None]:  # type: ignore[override]
        """Leave the signals alone."""
        return nullcontext()
