"""One HTTP service on loopback that can be slow, cold, wrong, or gone in the middle of an answer.

Knows nothing of what its routes do, and never listens on anything but 127.0.0.1.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
import socket
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from bot.sandbox.connection import Cold, Connection
from bot.sandbox.exchange import (
    BEGINNING,
    WHOLE,
    Answer,
    Exchange,
    at_work,
    gone,
    read,
    replay,
)
from bot.sandbox.faults import Fault, Faults

_numbers = itertools.count(
    1
)  # one row for all services, so that their exchanges can be interleaved


Follower = Callable[[Literal["start", "end"], Exchange], None]
Handlers = Mapping[Any, Callable[..., Any]]


class Service:
    """A set of routes on a port of this machine, served by the running loop."""

    def __init__(
        self,
        name: str,
        routes: Sequence[BaseRoute],
        *,
        clock: Callable[[], float] = time.time,
        exception_handlers: Handlers | None = None,
    ) -> None:
        self.name = name
        self.clock = clock
        self.port = 0
        self.delay = 0.0  # seconds, added to every request
        self.cold: Cold | None = None
        self.faults = Faults()
        self.exchanges: list[Exchange] = []
        self.on_exchange: list[Follower] = []
        self._routes = Starlette(routes=routes, exception_handlers=exception_handlers)
        self._routes.router.redirect_slashes = False
        self._state = ServerState()
        self._listening: asyncio.Server | None = None
        self._changed = asyncio.Event()
        self._large: deque[Exchange] = deque()
        self._remembered = 0  # bytes of the bodies and answers of these

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        return self._listening is not None

    async def start(self, port: int = 0) -> None:
        """Listens; without a port on the one it had before, or on a free one."""
        config = uvicorn.Config(
            self._app,
            http="h11",
            interface="asgi3",  # a bound method would be taken for the older interface
            proxy_headers=False,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_keep_alive=75,
            h11_max_incomplete_event_size=256 * 1024,
        )
        config.load()
        self._state = state = ServerState()
        self._listening = await asyncio.get_running_loop().create_server(
            lambda: Connection(self, config, state),
            host="127.0.0.1",
            port=port or self.port,
            family=socket.AF_INET,
            reuse_address=True,  # a restart finds the port although old connections linger on it
        )
        self.port = self._listening.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Closes everything at once; whoever waits for an answer sees the connection end."""
        if self._listening is None:
            return
        listening, self._listening = self._listening, None
        listening.close()
        for connection in list(self._state.connections):
            if isinstance(connection, Connection):
                connection.abort()
        tasks = [t for t in self._state.tasks if t is not asyncio.current_task()]
        await asyncio.sleep(0)  # lets the connections learn of their end
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=2)

    def seen(self, method: str, path: str) -> list[Exchange]:
        """The requests so far with this method and a path that matches the pattern entirely."""
        probe = Fault(method=method, path=path)
        return [e for e in self.exchanges if probe.matches(e)]

    async def until(self, condition: Callable[[], bool], seconds: float = 10.0) -> None:
        """Until the condition holds; looks again whenever a request begins or ends."""

        async def watch() -> None:
            while not condition():
                self._changed.clear()
                await self._changed.wait()

        await asyncio.wait_for(watch(), seconds)

    def _tell(self, what: Literal["start", "end"], exchange: Exchange) -> None:
        self._changed.set()
        for follower in list(self.on_exchange):
            follower(what, exchange)

    # -- one request ---------------------------------------------------------------------------

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection: Connection = scope["state"]["connection"]
        exchange = Exchange(
            number=next(_numbers),
            service=self.name,
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            headers={k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]},
            connection=connection.number,
            started=self.clock(),
            started_mono=time.monotonic(),
        )
        self.exchanges.append(exchange)
        at_work.set(exchange.number)
        try:
            await self._serve(exchange, connection, scope, receive, send)
        except asyncio.CancelledError:
            exchange.note = exchange.note or "service stopped"
            # Swallowed: uvicorn would write a traceback for a stop that is as it should be.
        finally:
            exchange.ended, exchange.ended_mono = self.clock(), time.monotonic()
            self._remember(exchange)
            self._tell("end", exchange)

    def _remember(self, exchange: Exchange) -> None:
        """Videos come in many requests: not all of what was said has room in memory."""
        if max(len(exchange.body), len(exchange.answer)) <= BEGINNING:
            return
        self._large.append(exchange)
        self._remembered += len(exchange.body) + len(exchange.answer)
        while self._remembered > WHOLE:
            oldest = self._large.popleft()
            self._remembered -= len(oldest.body) + len(oldest.answer)
            oldest.body, oldest.answer = oldest.body[:BEGINNING], oldest.answer[:BEGINNING]

    async def _serve(
        self,
        exchange: Exchange,
        connection: Connection,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        body = await read(receive)
        if body is None:
            exchange.note = "client left before its request was complete"
            return
        exchange.body = body
        self._tell("start", exchange)
        fault = self.faults.claim(exchange)
        await self._wait(connection, fault)
        answer = Answer(self.clock, exchange, send, through=fault is None or _only_slow(fault))

        if fault is not None and await self._strike(fault, "before", exchange, connection, answer):
            await gone(receive)
            return
        await self._routes(scope, replay(body, receive), answer.take)
        exchange.effect = True
        if fault is not None and await self._strike(fault, "after", exchange, connection, answer):
            await gone(receive)
            return
        await answer.release()

    async def _wait(self, connection: Connection, fault: Fault | None) -> None:
        wait = self.delay + (fault.delay if fault is not None else 0.0)
        if self.cold is not None:
            usable = connection.accepted + self.cold.delays * self.delay
            wait += max(0.0, usable - time.monotonic())
        if wait > 0:
            await asyncio.sleep(wait)

    async def _strike(
        self,
        fault: Fault,
        when: Literal["before", "after"],
        exchange: Exchange,
        connection: Connection,
        answer: Answer,
    ) -> bool:
        """Carries the fault out if its time has come; True: there is no more to be said."""
        if fault.call is not None:
            if fault.when != when:
                return False
            exchange.note = f"called {when}"
            done = fault.call(exchange)
            if inspect.isawaitable(done):
                await done
            connection.abort()
            return True
        if fault.drop == when or (fault.drop == "middle" and when == "after"):
            exchange.note = f"dropped {fault.drop}"
            if fault.drop == "middle":
                await answer.release(half=True)
            connection.abort()
            return True
        if fault.hang == when:
            exchange.note = f"hung {when}"
            return True
        if fault.drop is None and fault.hang is None and fault.status and fault.when == when:
            exchange.note = f"answered {fault.status} {when}"
            await answer.replace(fault)
            return when == "before"
        return False


def _only_slow(fault: Fault) -> bool:
    return not (fault.call or fault.drop or fault.hang or fault.status)


__all__ = ["Cold", "Exchange", "Fault", "Faults", "Service"]
