"""A web server on this machine that says what it is told, byte for byte."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

Page = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


def answer(body: bytes = b"", status: str = "200 OK", **headers: object) -> bytes:
    """One answer as it goes over the wire."""
    given = {"content_length": len(body), **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in given.items() if value != ""]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + body


def redirect(to: str, status: str = "302 Found", **headers: object) -> bytes:
    return answer(b"gone", status, location=to, **headers)


class Site:
    """A web server that says what it is told, byte for byte, and notes what it is asked."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.heads: list[str] = []
        self.connections = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task: Any = asyncio.current_task()
        self._open.add(task)
        self.connections += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.heads.append(head)
            page = self.pages[head.split()[1]]
            if isinstance(page, bytes):
                writer.write(page)
                await writer.drain()
            else:
                await page(writer)
        except (OSError, EOFError, asyncio.CancelledError):
            pass  # the other side has had enough, or the test is over
        finally:
            writer.transport.abort() if writer.transport.is_closing() else writer.close()
            self._open.discard(task)
