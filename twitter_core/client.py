"""Sends requests to X over HTTP: signs them, bounds them in time, maps what may go wrong.

The only importer of httpx in this package. Never sleeps, never repeats a request, and puts neither
a URL nor a secret into an error.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import PackageNotFoundError, version
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx
from authlib.common.security import generate_token

from . import limits, oauth1, oauth2, wire
from .api import Api
from .api import Endpoints as Endpoints
from .call import Answer, Auth, Request, Slice
from .connections import Spares
from .errors import Uncertain, Unsent
from .wire import RateLimit

# What surely happened before the first byte of the request was sent. A ProxyError is a proxy's
# refusal to connect; once it has connected, its errors are answers.
_UNSENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
_CONNECTIONS = 20  # at most, to both hosts together


class Client(Api):
    """`Api` over httpx. To be closed, or used as a context manager.

    `http` replaces the client's own connections (then nothing is opened ahead); `clock` gives epoch
    seconds, `nonce` a new string for every OAuth 1.0a signature.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        app: oauth2.App,
        keys: oauth1.Keys | None = None,
        *,
        clock: Callable[[], float] = time.time,
        nonce: Callable[[], str] = generate_token,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        super().__init__(endpoints, app, clock=clock)
        self.keys = keys
        self._nonce = nonce
        self._rate_limits: dict[str, RateLimit] = {}
        self._direct: _Direct | None = None
        self._proxied: dict[str, httpx.AsyncBaseTransport] = {}
        self._http = http or self._build()

    @property
    def rate_limits(self) -> Mapping[str, RateLimit]:
        """X's counts as last seen, by the name of the call (`create`, `upload_v2`, …)."""
        return self._rate_limits

    async def send(self, request: Request, access_token: str | None = None) -> Answer:
        """One request, one answer, whatever its status. Raises Unsent or Uncertain."""
        url = request.full_url
        headers = self._authorization(request, url, access_token)
        body: dict[str, Any] = {}
        with ExitStack() as files:
            if request.files:
                body["data"] = dict(request.form or ())
                body["files"] = [
                    (part.name, (part.name, _open(part.content, files), part.mime))
                    for part in request.files
                ]
            elif request.form is not None:
                body["content"] = urlencode(request.form).encode()
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            elif request.json is not None:
                body["json"] = request.json
            timeout = httpx.Timeout(request.timeout, connect=limits.CONNECT_TIMEOUT)
            timeout.pool = limits.CONNECT_TIMEOUT
            try:
                # httpx counts between two bytes: a peer that trickles would be waited for for ever.
                async with asyncio.timeout(2 * limits.CONNECT_TIMEOUT + request.timeout):
                    response = await self._http.request(
                        request.method,
                        url,
                        headers=headers,
                        timeout=timeout,
                        follow_redirects=False,
                        **body,
                    )
            except _UNSENT as error:
                raise Unsent(type(error).__name__) from None
            except (httpx.RequestError, OSError) as error:  # TimeoutError is an OSError
                raise Uncertain(type(error).__name__) from None
        answer = Answer(response.status_code, dict(response.headers), response.content)
        if (seen := wire.read_rate_limit(answer)) is not None:
            self._rate_limits[request.call.value] = seen
        return answer

    async def open_connections(self, urls: Iterable[str] | None = None) -> None:
        """Opens a connection to each host (by default: both of X's) for the next request to it.

        Sends no request. Does nothing where one is idle or a proxy is used, and never raises.
        """
        if self._direct is not None:
            roots = urls or (self.endpoints.api, self.endpoints.upload)
            wanted = [httpcore.URL(url) for url in roots if self._is_cold(url)]
            await asyncio.gather(*map(self._direct.spares.open, wanted))

    async def aclose(self) -> None:
        """Closes the connections, but not those of an `http` that was brought along."""
        if self._direct is not None:
            await self._direct.spares.aclose()
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def _build(self) -> httpx.AsyncClient:
        # A transport that is handed in switches off httpx's own look into the environment.
        tls = httpx.create_ssl_context()
        self._direct = _Direct(tls, Spares(tls))
        for root in (self.endpoints.api, self.endpoints.upload):
            if proxy := _proxy(url := httpx.URL(root)):
                self._proxied[f"{url.scheme}://{url.host}"] = httpx.AsyncHTTPTransport(
                    verify=tls, proxy=proxy
                )
        return httpx.AsyncClient(
            transport=self._direct,
            mounts=self._proxied,
            headers={"User-Agent": user_agent()},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )

    def _is_cold(self, root: str) -> bool:
        url = httpx.URL(root)
        if self._direct is None or f"{url.scheme}://{url.host}" in self._proxied:
            return False
        origin = httpcore.URL(root).origin
        return not any(
            connection.can_handle_request(origin)
            and connection.is_idle()
            and not connection.has_expired()
            for connection in self._direct.pool.connections
        )

    def _authorization(
        self, request: Request, url: str, access_token: str | None
    ) -> dict[str, str]:
        match request.auth:
            case Auth.BEARER:
                if not access_token:
                    raise ValueError("an access token is needed")
                return {"Authorization": f"Bearer {access_token}"}
            case Auth.BASIC:
                return {"Authorization": oauth2.basic(self.app)}
            case Auth.OAUTH1:
                if self.keys is None:
                    raise ValueError("OAuth 1.0a keys are needed")
                value = oauth1.authorization(
                    self.keys,
                    request.method,
                    url,
                    form=None if request.files else request.form,
                    nonce=self._nonce(),
                    timestamp=int(self._clock()),
                )
                return {"Authorization": value}
            case Auth.NONE:
                return {}


def _open(content: bytes | Path | Slice, files: ExitStack) -> Any:
    if isinstance(content, Slice):
        with content.path.open("rb") as file:
            file.seek(content.start)
            return file.read(content.size)
    return content if isinstance(content, bytes) else files.enter_context(content.open("rb"))


def user_agent() -> str:
    """What we call ourselves."""
    try:
        return f"telex/{version('telex')}"
    except PackageNotFoundError:
        return "telex"


class _Direct(httpx.AsyncHTTPTransport):
    """httpx's transport over our pool, for httpx itself takes no network backend."""

    def __init__(self, tls: ssl.SSLContext, spares: Spares) -> None:
        super().__init__(verify=tls)
        self.spares = spares
        self._pool = self.pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=_CONNECTIONS,
            max_keepalive_connections=_CONNECTIONS,
            keepalive_expiry=limits.KEEPALIVE,
            network_backend=spares,
        )


def _proxy(url: httpx.URL) -> str | None:
    """The proxy that the environment names for this host; loopback is never asked of a proxy."""
    if _is_loopback(url.host) or proxy_bypass(url.host):
        return None
    proxies = getproxies()
    found = proxies.get(url.scheme) or proxies.get("all")
    return found if not found or "://" in found else f"http://{found}"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
