"""The updates that wait for the bot: long polling with true acknowledgement.

An update stays until a later call names a higher offset, or until it is too old.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.sandbox.telegram_signal import Signal
from bot.sandbox.telegram_values import ApiError, Json

# https://core.telegram.org/bots/api#getting-updates: "not longer than 24 hours".
DAY = 24 * 3600.0
# A press is kept for 150 s; measured by others, not documented.
PRESS = 150.0
KINDS = (
    "message edited_message channel_post edited_channel_post business_connection "
    "business_message edited_business_message deleted_business_messages guest_message "
    "message_reaction message_reaction_count inline_query chosen_inline_result callback_query "
    "shipping_query pre_checkout_query purchased_paid_media poll poll_answer my_chat_member "
    "chat_member chat_join_request chat_boost removed_chat_boost managed_bot"
).split()
# Come only to a bot that names them, https://core.telegram.org/bots/api#getupdates.
ON_REQUEST = ("chat_member", "message_reaction", "message_reaction_count")
CONFLICT = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)


@dataclass(slots=True)
class _Kept:
    update: Json
    ends: float
    opens: bool  # begins an answer of its own
    repeat: bool = False
    handed_out: bool = False

    @property
    def id(self) -> int:
        return int(self.update["update_id"])


class Updates:
    """The queue of one bot."""

    def __init__(self, clock: Callable[[], float], changed: Signal) -> None:
        self._clock = clock
        self._changed = changed
        self._kept: list[_Kept] = []
        self._poll: asyncio.Future[str] | None = None
        self.next_id = random.randint(100_000_000, 900_000_000)
        self.allowed: tuple[str, ...] = ()  # as the bot last named them; empty: the usual ones
        self.everything = False  # True: kinds that the bot did not ask for come as well
        self.sent: dict[int, Json] = {}

    @property
    def pending(self) -> list[Json]:
        """What was not acknowledged, oldest first."""
        self._forget_old()
        return [kept.update for kept in self._kept]

    def wanted(self, kind: str) -> bool:
        if self.everything:
            return True
        return kind in self.allowed if self.allowed else kind not in ON_REQUEST

    def add(self, kind: str, content: Json, *, opens: bool = False) -> Json | None:
        """A new update, or None where the bot did not ask for its kind."""
        if not self.wanted(kind):
            return None
        update = {"update_id": self.next_id, kind: content}
        self.inject(update, opens=opens)
        return update

    def inject(self, update: Json, *, opens: bool = False) -> None:
        """An update as it is, whatever the bot asked for."""
        self.next_id = max(self.next_id, int(update["update_id"]) + 1)
        lives = PRESS if "callback_query" in update else DAY
        self._kept.append(_Kept(update, self._clock() + lives, opens))
        self.sent[update["update_id"]] = update
        self._changed.fire()

    def again(self, update_id: int) -> None:
        """Delivers an update once more, acknowledged or not."""
        kept = _Kept(self.sent[update_id], self._clock() + DAY, opens=False, repeat=True)
        self._kept.insert(0, kept)
        self._changed.fire()

    def jump(self, next_id: int | None = None) -> None:
        """Numbers go on elsewhere, as they do after a week without updates."""
        self.next_id = random.randint(1, 100_000_000) if next_id is None else next_id

    def drop(self) -> None:
        self._kept.clear()
        self._changed.fire()

    def stop_polls(self, reason: str = CONFLICT) -> None:
        """Ends the call that waits at this moment with 409."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(reason)

    async def get(
        self, offset: int, limit: int, timeout: float, allowed: Sequence[str] | None
    ) -> list[Json]:
        """`getUpdates`. Raises `ApiError` 409 if another call comes while this one waits."""
        self.stop_polls()
        if allowed is not None:
            self.allowed = tuple(kind for kind in allowed if kind in KINDS)
        self._acknowledge(offset)
        limit = limit if 1 <= limit <= 100 else 100
        poll = self._poll = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(min(max(timeout, 0), 50) or None):
                while not (batch := self._batch(limit)) and timeout > 0:
                    news = self._changed.next()
                    try:
                        await asyncio.wait({poll, news}, return_when=asyncio.FIRST_COMPLETED)
                    finally:
                        news.cancel()
                    if poll.done():
                        raise ApiError(409, poll.result())
            return batch
        except TimeoutError:
            return []
        finally:
            if self._poll is poll:
                self._poll = None

    def _acknowledge(self, offset: int) -> None:
        self._forget_old()
        before = len(self._kept)
        if offset < 0:  # counted from the end, and what is older is forgotten
            self._kept = self._kept[offset:]
        elif offset <= self.next_id + 10:  # one from before a jump of the numbers means nothing
            self._kept = [
                k for k in self._kept if k.id >= offset or (k.repeat and not k.handed_out)
            ]
        if len(self._kept) != before:
            self._changed.fire()

    def _batch(self, limit: int) -> list[Json]:
        self._forget_old()
        batch: list[Json] = []
        for kept in self._kept[:limit]:
            if kept.opens and batch and not kept.handed_out:
                break
            kept.handed_out = True
            batch.append(kept.update)
        return batch

    def _forget_old(self) -> None:
        now = self._clock()
        self._kept = [kept for kept in self._kept if kept.ends > now]
