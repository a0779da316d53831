"""Where a file comes from: a path, bytes, or a URL, as a file on this disk.

Asks no address but public ones, unless told otherwise, and only the very address that it looked
at. Not for the chat: nothing that the bot is sent may make it ask somebody.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import tempfile
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from socket import SOCK_STREAM
from typing import Final

import httpcore
import httpx

from . import hosts, limits
from .client import user_agent
from .errors import Unsent, XError

# A text is always a URL, and a path never one: what a visitor of a web page may fill in as the
# address of a picture must not name a file on this machine.
Source = str | bytes | os.PathLike[str]

_REDIRECTS: Final = (301, 302, 303, 307, 308)
_PASSING: Final = (408, 425, 429)  # and all of 5xx: another time it may be there
_TRIES: Final = 4  # addresses of one name
_STEP: Final = 1024 * 1024


class Why(StrEnum):
    """What is wrong with a URL, or with what it led to."""

    URL = "url"  # not http or https, not whole, or not readable
    CREDENTIALS = "credentials"  # a user name or a password in it
    ADDRESS = "address"  # not public
    REDIRECT = "redirect"  # to nowhere, or from https to http
    REDIRECTS = "redirects"  # too many
    STATUS = "status"  # 404 and its like
    SIZE = "size"
    ENCODING = "encoding"  # unknown, or broken


class Barred(XError):
    """The file behind a URL is not fetched; asking again does not help. X was not asked at all.

    `detail` is an address, a host or a number, never the URL: it may hold a secret.
    """

    def __init__(self, why: Why, detail: str = "") -> None:
        super().__init__(why.value, detail)
        self.why = why
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a download goes: bytes (on the wire, and unpacked), seconds in all, redirects.

    `private` lets it ask addresses that are not public: only where the URLs are all your own.
    """

    size: int = limits.VIDEO_SIZE
    seconds: float = 300.0
    redirects: int = 3
    private: bool = False


Resolve = Callable[[str, int], Awaitable[list[str]]]


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system knows them. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


class Web:
    """Downloads from URLs that somebody else may have chosen.

    Uses no proxy (which would look the name up again by itself), no cookies, and no credentials.
    """

    def __init__(
        self,
        bounds: Bounds = Bounds(),
        *,
        resolve: Resolve = resolve,
        network: httpcore.AsyncNetworkBackend | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`resolve` finds a host's addresses, `network` connects to one."""
        self.bounds = bounds
        self._border = _Border(resolve, network or httpcore.AnyIOBackend(), bounds.private)
        self._tls = tls

    async def fetch(self, url: str, path: Path) -> None:
        """What is behind `url`, into the file `path`.

        Raises Barred, Unsent where it may be there another time, and OSError of the disk.
        """
        try:
            async with asyncio.timeout(self.bounds.seconds), self._open() as http:
                await self._follow(http, _target(url), path)
        except TimeoutError:
            raise Unsent(f"no whole file within {self.bounds.seconds:g} s") from None
        except httpx.RequestError as error:
            raise Unsent(type(error).__name__) from None

    def _open(self) -> httpx.AsyncClient:
        if self._tls is None:
            self._tls = httpx.create_ssl_context()
        return httpx.AsyncClient(
            # As it is handed in, httpx does not look for proxies in the environment.
            transport=_Transport(self._tls, self._border),
            timeout=httpx.Timeout(limits.ANSWER_TIMEOUT, connect=limits.CONNECT_TIMEOUT),
            # Packed is of no use to media, and what is not packed cannot blow up.
            headers={"User-Agent": user_agent(), "Accept-Encoding": "identity"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )

    async def _follow(self, http: httpx.AsyncClient, url: httpx.URL, path: Path) -> None:
        for _ in range(self.bounds.redirects + 1):
            async with http.stream("GET", url, follow_redirects=False) as answer:
                if answer.status_code not in _REDIRECTS:
                    await self._save(answer, path)
                    return
                url = _next(url, answer.headers.get("location", ""))
        raise Barred(Why.REDIRECTS, str(self.bounds.redirects))

    async def _save(self, answer: httpx.Response, path: Path) -> None:
        status = answer.status_code
        if status in _PASSING or status >= 500:
            raise Unsent(f"status {status}")
        if status != 200:
            raise Barred(Why.STATUS, str(status))
        announced = answer.headers.get("content-length", "")
        if announced.isdecimal():
            self._weigh(int(announced))
        packing = _packing(answer.headers.get("content-encoding", ""))
        arrived = written = 0
        with path.open("wb") as file:
            async for raw in answer.aiter_raw():
                arrived += len(raw)
                self._weigh(arrived)
                for piece in packing.unpack(raw):
                    written += len(piece)
                    self._weigh(written)
                    file.write(piece)
        packing.end()

    def _weigh(self, size: int) -> None:
        if size > self.bounds.size:
            raise Barred(Why.SIZE, f"more than {self.bounds.size} bytes")


@asynccontextmanager
async def local(source: Source, web: Web) -> AsyncIterator[Path]:
    """The file of `source` on this disk, as long as it is needed.

    One at a path is used where it is. Raises what `Web.fetch` does.
    """
    if isinstance(source, os.PathLike):
        yield Path(source)
        return
    with tempfile.TemporaryDirectory(prefix="telex-") as folder:
        path = Path(folder) / "file"
        if isinstance(source, str):
            await web.fetch(source, path)
        else:
            await asyncio.to_thread(path.write_bytes, source)
        yield path


def _target(text: str) -> httpx.URL:
    """A URL that may be asked, as far as that can be told from itself."""
    if len(text) > limits.URL_LENGTH or "\\" in text:
        raise Barred(Why.URL)
    try:
        url = httpx.URL(text)
        host = url.host  # decodes it
    except (httpx.InvalidURL, ValueError):
        raise Barred(Why.URL) from None
    if url.scheme not in ("http", "https"):
        raise Barred(Why.URL, url.scheme)
    if not host or not (url.port is None or 0 < url.port < 65536):
        raise Barred(Why.URL)
    if url.userinfo:
        raise Barred(Why.CREDENTIALS)
    return url


def _next(url: httpx.URL, location: str) -> httpx.URL:
    """Where a redirect leads to; checked like the first one."""
    if not location or "\\" in location:  # which `join` would hide
        raise Barred(Why.REDIRECT)
    try:
        target = _target(str(url.join(location)))
    except (httpx.InvalidURL, ValueError):
        raise Barred(Why.REDIRECT) from None
    if (url.scheme, target.scheme) == ("https", "http"):
        raise Barred(Why.REDIRECT, "http")
    return target


class _Border(httpcore.AsyncNetworkBackend):
    """Where every connection passes: looks names up, and connects to what it has looked at.

    Between a look here and another one elsewhere a name could change its address.
    """

    def __init__(
        self, resolve: Resolve, network: httpcore.AsyncNetworkBackend, private: bool
    ) -> None:
        self._resolve = resolve
        self._network = network
        self._private = private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await self._resolve(host, port)
        except UnicodeError:  # no name could be written so
            raise Barred(Why.URL) from None
        except OSError:
            raise httpcore.ConnectError("no address") from None
        for address in addresses:
            # One that is not is enough: nobody's host lives in both worlds without a purpose.
            if not (self._private or hosts.is_public(address)):
                raise Barred(Why.ADDRESS, address)
        failed: Exception = httpcore.ConnectError("no address")
        for address in addresses[:_TRIES]:
            try:
                return await self._network.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed


class _Transport(httpx.AsyncHTTPTransport):
    """httpx's transport over our border, for httpx itself takes no network backend."""

    def __init__(self, tls: ssl.SSLContext, border: _Border) -> None:
        super().__init__(verify=tls)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls, max_keepalive_connections=0, network_backend=border
        )


class _Plain:
    """Not packed."""

    def unpack(self, raw: bytes) -> Iterator[bytes]:
        yield raw

    def end(self) -> None:
        """Nothing more comes."""


class _Zipped:
    """Packed all the same, as some servers do; unpacked a little at a time, however much it is."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=47)  # of gzip or zlib, as its start says

    def unpack(self, raw: bytes) -> Iterator[bytes]:
        more = raw
        while not self._zlib.eof:
            try:
                piece = self._zlib.decompress(more, _STEP)
            except zlib.error:
                raise Barred(Why.ENCODING) from None
            more = self._zlib.unconsumed_tail
            yield piece
            if not more and len(piece) < _STEP:
                return

    def end(self) -> None:
        """Nothing more comes."""
        if not self._zlib.eof:
            raise Unsent("cut short")


def _packing(encoding: str) -> _Plain | _Zipped:
    match encoding.strip().lower():
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip" | "deflate":
            return _Zipped()
        case other:
            raise Barred(Why.ENCODING, other[:40])
