"""The door of the page: this machine only, and of its browsers only the page itself.

Another site that is open in the same browser may neither read what goes on here nor act on it.
"""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from bot.sandbox.server import Service

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob:",  # blob: what was picked and is not sent yet
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
}
HEADERS = {
    "content-security-policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items()),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}


class Door(Service):
    """A service that looks at who comes, and records nothing."""

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            if reason := refusal(scope, self.port):
                await PlainTextResponse(f"{reason}\n", 403)(scope, receive, dressed)
            else:
                await self._routes(scope, receive, dressed)
        except asyncio.CancelledError:
            pass  # a stop is as it should be, and uvicorn would write a traceback


def refusal(scope: Scope, port: int) -> str:
    """Why this request is none of the page's own; empty: it is one."""
    headers = Headers(scope=scope)
    hosts = headers.getlist("host")
    if len(hosts) != 1 or hosts[0] not in (f"127.0.0.1:{port}", f"localhost:{port}"):
        return "This page is served to 127.0.0.1 and localhost only."
    reads = scope["method"] in ("GET", "HEAD")
    origins = headers.getlist("origin")
    if origins != [f"http://{hosts[0]}"] and not (reads and not origins):
        return "Only the page itself may do that."
    is_visit = reads and scope["path"] == "/" and headers.get("sec-fetch-mode") == "navigate"
    # Browsers tell it for every request; a page of another port is "same-site", not "same-origin".
    if headers.get("sec-fetch-site", "none") not in ("same-origin", "none") and not is_visit:
        return "Another site may not look into this page."
    return ""
