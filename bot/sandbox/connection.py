"""A connection to a local service: known to its requests, cold at first, closed when idle.

The only place that leans on the inside of uvicorn.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

if TYPE_CHECKING:
    from bot.sandbox.server import Service

_connections = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Cold:
    """What a fresh connection costs, as TCP and TLS handshakes do.

    A connection is closed after `idle` seconds without traffic, and a new one is usable only
    `delays` * `Service.delay` seconds after it was accepted: opened early and left alone, it is
    warm by the time it is needed; a request sent at once waits the rest.
    """

    idle: float = 2.0
    delays: int = 2


class Connection(H11Protocol):
    """Uvicorn's connection, known to the requests that arrive on it through `scope["state"]`."""

    def __init__(self, service: Service, config: uvicorn.Config, state: ServerState) -> None:
        super().__init__(config, state, {"connection": self})
        self.service = service
        self.number = next(_connections)
        self.accepted = time.monotonic()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.accepted = time.monotonic()
        if self.service.cold is not None:  # one that is opened and never used grows old as well
            self.timeout_keep_alive_task = self.loop.call_later(
                self.service.cold.idle, self.timeout_keep_alive_handler
            )

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.service.cold is not None and self.timeout_keep_alive_task is not None:
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.service.cold.idle, self.timeout_keep_alive_handler
            )

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()
