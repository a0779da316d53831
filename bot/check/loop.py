"""The loop of commands that have to end soon: a silent name server does not hold up their end."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """What `work` comes to; Ctrl-C ends it as it ends `asyncio.run`."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(work)


class Loop(asyncio.SelectorEventLoop):
    """asyncio's own loop, but for the look-up of names.

    asyncio does that in threads that it waits for at its end, however long they take.
    """

    async def getaddrinfo(
        self,
        host: Any,
        port: Any,
        *,
        family: int = 0,
        type: int = 0,  # noqa: A002 - as asyncio calls it
        proto: int = 0,
        flags: int = 0,
    ) -> Any:
        """As `socket.getaddrinfo`."""
        found: asyncio.Future[Any] = self.create_future()

        def tell(result: Any, error: OSError | UnicodeError | None) -> None:
            if found.done():
                return
            if error is None:
                found.set_result(result)
            else:
                found.set_exception(error)

        def look() -> None:
            result, trouble = None, None
            try:
                result = socket.getaddrinfo(host, port, family, type, proto, flags)
            except (OSError, UnicodeError) as error:
                trouble = error
            if not self.is_closed():
                self.call_soon_threadsafe(tell, result, trouble)

        threading.Thread(target=look, daemon=True).start()
        return await found
