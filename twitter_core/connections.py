"""Opens connections ahead: a network backend for httpcore that keeps one spare stream a host.

Never sends a byte of HTTP. A spare that nobody took is closed after a while, and one that its peer
closed or wrote to is not handed out.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpcore

from . import limits

Key = tuple[str, int]

_PATIENCE = 0.002  # seconds; what there is to read has arrived already


class Spares(httpcore.AsyncNetworkBackend):
    """Connects like httpcore's own backend, unless a stream to that host was opened before.

    `tls` is the context of the pool that this backend serves; `lifetime` is in seconds.
    """

    def __init__(
        self,
        tls: ssl.SSLContext,
        *,
        network: httpcore.AsyncNetworkBackend | None = None,
        lifetime: float = limits.SPARE_LIFETIME,
    ) -> None:
        self._tls = tls
        self._network = network or httpcore.AnyIOBackend()
        self._lifetime = lifetime
        self._opening: dict[Key, asyncio.Task[None]] = {}
        self._spares: dict[Key, _Spare] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def open(self, url: httpcore.URL, timeout: float = limits.CONNECT_TIMEOUT) -> None:
        """Opens a spare stream to the host of `url`, unless there is one. Fails in silence."""
        origin = url.origin
        key = (origin.host.decode(), origin.port)
        if (task := self._opening.get(key)) is None:
            task = asyncio.create_task(self._open(key, origin.scheme == b"https", timeout))
            self._opening[key] = task
        await asyncio.wait([task])

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        key = (host, port)
        if task := self._opening.get(key):
            # It is nearer to its end than a new connection would be.
            await asyncio.wait([task], timeout=timeout)
        if (spare := self._spares.pop(key, None)) is not None:
            spare.timer.cancel()
            if await spare.is_usable():
                return spare.stream
            await spare.stream.aclose()
        return await self._network.connect_tcp(
            host, port, timeout, local_address=local_address, socket_options=socket_options
        )

    async def aclose(self) -> None:
        """Closes the spares; streams that were handed out are not touched."""
        for task in self._opening.values():
            task.cancel()
        if self._opening:
            await asyncio.wait(self._opening.values())
        for key in list(self._spares):
            await self._discard(key)
        if self._closing:
            await asyncio.wait(self._closing)

    async def _open(self, key: Key, tls: bool, timeout: float) -> None:
        stream: httpcore.AsyncNetworkStream | None = None
        try:
            if (spare := self._spares.get(key)) and await spare.is_usable():
                return
            await self._discard(key)
            async with asyncio.timeout(2 * timeout):
                stream = await self._network.connect_tcp(*key, timeout=timeout)
                if tls:
                    self._tls.set_alpn_protocols(["http/1.1"])
                    secure = await stream.start_tls(self._tls, key[0], timeout)
                    stream = _Handshaken(secure, key[0])
            timer = asyncio.get_running_loop().call_later(self._lifetime, self._expire, key)
            self._spares[key] = _Spare(stream, timer)
            stream = None
        except (httpcore.NetworkError, httpcore.TimeoutException, OSError):
            pass  # whoever needs the connection will meet the same error, and can report it
        finally:
            self._opening.pop(key, None)
            if stream is not None:
                await stream.aclose()

    def _expire(self, key: Key) -> None:
        task = asyncio.create_task(self._discard(key))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _discard(self, key: Key) -> None:
        if (spare := self._spares.pop(key, None)) is not None:
            spare.timer.cancel()
            await spare.stream.aclose()


@dataclass(frozen=True, slots=True)
class _Spare:
    stream: httpcore.AsyncNetworkStream
    timer: asyncio.TimerHandle

    async def is_usable(self) -> bool:
        """Whether the peer is still there and silent, as it should be before a request."""
        if not self._is_readable():
            return True
        # Either an end, or the session tickets that TLS 1.3 sends after its handshake. A read that
        # finds no data takes the tickets off the socket; an end stays readable.
        try:
            await self.stream.read(1, timeout=_PATIENCE)
        except httpcore.ReadTimeout:
            return not self._is_readable()
        except (httpcore.NetworkError, OSError):
            return False
        return False

    def _is_readable(self) -> bool:
        return bool(self.stream.get_extra_info("is_readable"))


class _Handshaken(httpcore.AsyncNetworkStream):
    """A stream whose TLS handshake is done, for a pool that still wants to begin it."""

    def __init__(self, stream: httpcore.AsyncNetworkStream, host: str) -> None:
        self._stream = stream
        self._host = host

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        if server_hostname != self._host:
            await self.aclose()
            raise httpcore.ConnectError("opened ahead for another host")
        return self

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
