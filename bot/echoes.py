"""Edits of a card that may still take effect after a later one did, and what mends that.

Telegram works on an edit whose sender has died or has given up waiting. Where it is slow, the
card's next edit overtakes it, and the card says "Posting…" for good. So a card with such an edit
behind it is shown once more when none can be under way.
"""

from __future__ import annotations

import asyncio
import logging
import math
import weakref
from dataclasses import dataclass

from telegram.error import BadRequest, TelegramError

from twitter_core.store import Store

from .card import View
from .messenger import Gone, Messenger

log = logging.getLogger(__name__)

# Seconds to wait before a card is shown once more, and once more after that. An edit whose sender
# died was seen to land within 5 (November 2026, a slow sandbox; Telegram promises nothing), and
# none is expected later than Telex itself would wait for its answer.
FADED = (5.0, 15.0)
RETRY = 60.0  # seconds at most between two tries, where Telegram does not take it
PATIENCE = 60  # seconds that a card waits for those which show something new


@dataclass(frozen=True, slots=True)
class Echo:
    """A card that an older edit may still change, and what it must look like."""

    chat: int
    card: int
    view: View


class Echoes:
    """The cards that an older edit may still change.

    They are kept on the disk, for the next life may be a short one too; and without their posts,
    which may be in the archive by then.
    """

    def __init__(self, store: Store, messenger: Messenger, inherited: frozenset[str]) -> None:
        """An edit of the `inherited` cards may be under way from the last life."""
        self._echoes = store.table("echoes", Echo)
        self._messenger = messenger
        self._tasks: dict[str, asyncio.Task[None]] = {}
        # Each lasts for as long as somebody holds it or waits for it.
        self._turns: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()
        self._inherited = inherited
        self._faded_at = math.inf
        self._stopping = False

    def begin(self) -> None:
        """After a start: nothing of the last life is under way any more once that is long ago."""
        self._faded_at = asyncio.get_running_loop().time() + sum(FADED)
        for key in dict(self._echoes.items()):
            self._listen(key)

    def turn(self, key: str) -> asyncio.Lock:
        """To be held from the edit of a card until `shown`: two at once may end either way."""
        if (turn := self._turns.get(key)) is None:
            turn = self._turns[key] = asyncio.Lock()
        return turn

    def shown(self, key: str, echo: Echo, *, is_clear: bool) -> None:
        """The card of `key` has been edited. `is_clear`: no try of it had an unknown end."""
        is_young = key in self._inherited and asyncio.get_running_loop().time() < self._faded_at
        if is_clear and not is_young and self._echoes.get(key) is None:
            return
        self._echoes.put(key, echo)
        self._listen(key)

    def _listen(self, key: str) -> None:
        if key not in self._tasks and not self._stopping:
            self._tasks[key] = asyncio.get_running_loop().create_task(self._mend(key))

    async def _mend(self, key: str) -> None:
        try:
            while (echo := self._echoes.get(key)) is not None:
                if await self._is_mended(key, echo):
                    self._echoes.drop(key)
        finally:
            del self._tasks[key]

    async def _is_mended(self, key: str, echo: Echo) -> bool:
        """Whether the card is sure to look so now, and is to: the board may have edited it."""
        for seconds in FADED:
            await asyncio.sleep(seconds)
            pause = seconds
            while not await self._is_shown(key, echo):
                if echo != self._echoes.get(key):
                    return False
                pause = min(2 * pause, RETRY)
                await asyncio.sleep(pause)
        return True

    async def _is_shown(self, key: str, echo: Echo) -> bool:
        for _ in range(PATIENCE):
            if self._messenger.has_room(echo.chat):
                break
            await asyncio.sleep(1)
        await self._messenger.pace(echo.chat)
        async with self.turn(key):
            if echo != self._echoes.get(key):
                return False
            try:
                return await self._messenger.edit(echo.chat, echo.card, echo.view, tries=1)
            except (Gone, BadRequest):
                return True  # it will not take an edit any more
            except TelegramError as error:
                log.info("a card could not be shown once more (%s)", type(error).__name__)
                return False

    def stop(self) -> None:
        """What is left is done at the next start."""
        self._stopping = True
        for task in self._tasks.values():
            task.cancel()
