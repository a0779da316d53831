"""Looks whether the address that X sends the browser to leads to Telex.

Serves the landing page itself while it looks, unless a Telex that is running does.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx

from bot import addresses, callback

from . import seen

LIMIT = 6.0  # seconds for one question
_OURS = "<h1>Telex</h1>"
_CHECKED = "This is where the sign-in ends. It is being looked at by telex check."


async def look(listen: str, redirect_uri: str) -> seen.Landing:
    """Who is behind LISTEN, and behind the redirect address."""
    if not listen:
        return seen.Landing(listen, redirect_uri, None)
    host, port = addresses.host_and_port(listen)
    try:
        sock = callback.bind(host, port)
        sock.listen()
    except OSError as error:
        is_telex = error.errno == errno.EADDRINUSE and await _is_telex(
            f"http://{_reach(host)}:{port}{urlsplit(redirect_uri).path}"
        )
        why = os.strerror(error.errno) if error.errno else str(error)
        door = seen.Door(is_telex=is_telex, why=why.lower())
        return await _through(listen, redirect_uri, door)
    async with _served(sock, redirect_uri):
        return await _through(listen, redirect_uri, seen.Door(is_free=True))


async def _through(listen: str, redirect_uri: str, door: seen.Door) -> seen.Landing:
    is_telex, told = await _ask(redirect_uri)
    is_answered = told.isdecimal()
    return seen.Landing(listen, redirect_uri, door, is_telex, is_answered, told)


async def _is_telex(url: str) -> bool:
    return (await _ask(url))[0]


async def _ask(url: str) -> tuple[bool, str]:
    """Whether Telex's page is there; and the status, or the name of what went wrong.

    Without a code in it, the question changes nothing for a sign-in that is under way.
    """
    is_here = addresses.is_loopback(urlsplit(url).hostname or "")
    try:
        async with httpx.AsyncClient(timeout=LIMIT, trust_env=not is_here) as http:
            async with asyncio.timeout(LIMIT):
                answer = await http.get(url)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return False, type(error).__name__
    return answer.status_code == 200 and _OURS in answer.text, str(answer.status_code)


@contextlib.asynccontextmanager
async def _served(sock: socket.socket, redirect_uri: str) -> AsyncIterator[None]:
    async def land(address: str) -> str:
        return _CHECKED

    server = callback.Server(callback.app(redirect_uri, land))
    task = asyncio.get_running_loop().create_task(server.serve(sockets=[sock]))
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.wait({task}, timeout=3)
        task.cancel()


def _reach(host: str) -> str:
    """A host to ask, for one that stands for all of this machine's."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"[{near}]" if ":" in near else near
