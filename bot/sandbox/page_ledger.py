"""What the page shows, row by row, and who has seen it up to where.

Keeps the newest value of each row; whoever comes back is given what changed meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram_signal import Signal

HEARTBEAT = 15.0  # seconds of quiet after which a line is sent, so that a dead connection is seen


@dataclass(frozen=True, slots=True)
class Row:
    """One thing on the page; `value` None: it is gone."""

    number: int  # grows with each change
    kind: str
    key: str
    value: Any


class Ledger:
    """The rows of one scene; `clear` begins another one."""

    def __init__(self) -> None:
        self.id = ""
        self._changed = Signal()
        self._rows: dict[tuple[str, str], Row] = {}
        self._last = 0
        self.clear()

    def clear(self) -> None:
        """Everything is gone, and whoever listens begins anew."""
        self.id = secrets.token_hex(4)
        self._rows.clear()
        self._changed.fire()

    def put(self, kind: str, key: str, value: Any) -> None:
        """A row has this value now; nothing happens if it had it before."""
        at = (kind, key)
        if self.get(kind, key) == value:
            return
        self._rows.pop(at, None)  # what changed last stands last
        self._last += 1
        self._rows[at] = Row(self._last, kind, key, value)
        self._changed.fire()

    def get(self, kind: str, key: str) -> Any:
        """The value of a row, None where there is none."""
        row = self._rows.get((kind, key))
        return None if row is None else row.value

    def since(self, number: int) -> list[Row]:
        """The rows that changed after that, in the order of their changes."""
        newer: list[Row] = []
        for row in reversed(self._rows.values()):
            if row.number <= number:
                break
            newer.append(row)
        return newer[::-1]

    async def follow(self, seen: str) -> AsyncIterator[str]:
        """Server-sent events, from what `seen` (an event's id) has not seen; without an end.

        https://html.spec.whatwg.org/multipage/server-sent-events.html
        """
        yield "retry: 1000\n\n"
        scene, number = _parse(seen)
        while True:
            if scene != self.id:
                scene, number = self.id, 0
                yield _event(f"{scene}.0", {"kind": "reset"})
            news = self._changed.next()
            rows = self.since(number)
            if rows:
                number = rows[-1].number
                yield "".join(_event(f"{scene}.{row.number}", _shown(row)) for row in rows)
                yield _event(f"{scene}.{number}", {"kind": "ready"})
            try:
                async with asyncio.timeout(HEARTBEAT):
                    await news
            except TimeoutError:
                yield ": still here\n\n"
            finally:
                news.cancel()


def _parse(seen: str) -> tuple[str, int]:
    scene, _, number = seen.partition(".")
    return (scene, int(number)) if number.isdecimal() and number.isascii() else ("", 0)


def _shown(row: Row) -> dict[str, Any]:
    return {"kind": row.kind, "key": row.key, "value": row.value}


def _event(name: str, data: dict[str, Any]) -> str:
    return f"id: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
