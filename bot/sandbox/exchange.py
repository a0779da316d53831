"""One request and its answer on their way through a local service.

Reads, keeps, withholds and sends; decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from starlette.types import Message, Receive, Send

from bot.sandbox.faults import Fault

WHOLE = 64 * 1024 * 1024  # bytes of bodies and answers that are remembered; then the beginnings
BEGINNING = 64 * 1024

# The number of the exchange that the running task serves; 0 outside of one.
at_work: ContextVar[int] = ContextVar("at_work", default=0)


@dataclass(slots=True)
class Exchange:
    """One request and what became of it."""

    number: int
    service: str
    method: str
    path: str
    query: str
    headers: dict[str, str]  # names in lower case
    connection: int
    started: float  # wall clock of the service
    started_mono: float
    body: bytes = b""  # of a large one, once `WHOLE` more have come, the beginning
    status: int | None = None  # None: no answer was sent (yet)
    answer: bytes = b""  # of a large one, as with `body`
    answer_headers: dict[str, str] = field(default_factory=dict)  # names in lower case
    ended: float | None = None
    ended_mono: float | None = None
    effect: bool = False  # the handler ran to its end
    note: str = ""


class Answer:
    """What the handler sends; passed through, or withheld until it is known what becomes of it."""

    def __init__(
        self, clock: Callable[[], float], exchange: Exchange, send: Send, through: bool
    ) -> None:
        self.clock = clock
        self.exchange = exchange
        self.send = send
        self.through = through
        self.held: list[Message] = []

    async def take(self, message: Message) -> None:
        if self.through:
            await self._out(message)
        else:
            self.held.append(message)

    async def replace(self, fault: Fault) -> None:
        content, kind = fault.content()
        headers = {"content-type": kind, **{k.lower(): v for k, v in fault.headers.items()}}
        headers["content-length"] = str(len(content))
        self.held = []
        await self._out(
            {
                "type": "http.response.start",
                "status": fault.status,
                "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
            }
        )
        await self._out({"type": "http.response.body", "body": content})

    async def release(self, half: bool = False) -> None:
        held, self.held = self.held, []
        for message in held:
            if half and message["type"] == "http.response.body":
                body = message.get("body", b"")
                await self._out({**message, "body": body[: len(body) // 2], "more_body": True})
                return
            await self._out(message)

    async def _out(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.exchange.status = message["status"]
            date = formatdate(self.clock(), usegmt=True).encode()
            message = {**message, "headers": [*message.get("headers", []), (b"date", date)]}
            self.exchange.answer_headers = {
                k.decode("latin-1").lower(): v.decode("latin-1") for k, v in message["headers"]
            }
        elif message["type"] == "http.response.body":
            self.exchange.answer += message.get("body", b"")
        await self.send(message)


async def read(receive: Receive) -> bytes | None:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def replay(body: bytes, receive: Receive) -> Receive:
    first = True

    async def again() -> MutableMapping[str, Any]:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()  # the end of the connection, for long polls that want to know

    return again


async def gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
