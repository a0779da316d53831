"""What is still to be done about a post that has ended: record it, look for doubles, delete."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from . import lookup, outbox
from .actions import Delete, Recheck, Record, Wait
from .api import Api
from .desk import Desk
from .entry import ENDED, Entry, Failure
from .errors import Refusal, Refused, Uncertain, XError
from .events import Delayed, Deleted, DeletionFailed, Rechecked
from .line import Hold, Reason
from .store import Store, Table
from .tokens import Keeper

log = logging.getLogger(__name__)

LONG = 86_400.0  # seconds after which an errand is tried again that waits for the owner
RETRY = 30.0  # seconds after which the history is tried again when the disk refused it


class Errands:
    """The errands under way, one an entry; none of them holds up the line."""

    def __init__(
        self, desk: Desk, client: Api, keeper: Keeper, store: Store, table: Table[Entry]
    ) -> None:
        self._desk = desk
        self._client = client
        self._keeper = keeper
        self._store = store
        self._history = store.history
        self._table = table
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._record_after = 0.0

    def start_due(self, now: float) -> float | None:
        """Start what may start; returns when to look again."""
        times: list[float] = []
        to_record: list[Entry] = []
        for entry in self._desk.entries():
            if entry.state not in ENDED or entry.key in self._tasks:
                continue
            match outbox.next_action(entry, now):
                case Record():
                    to_record.append(entry)
                case Recheck():
                    self._start(entry.key, self._recheck(entry))
                case Delete() as action:
                    self._start(entry.key, self._delete(entry, action.tweet_id))
                case Wait(until) if until is not None:
                    times.append(until)
        if to_record and "" not in self._tasks:
            if now >= self._record_after:
                self._start("", self._record(to_record))
            else:
                times.append(self._record_after)
        return min(times, default=None)

    def stop(self) -> list[asyncio.Task[None]]:
        """Cancel what is under way; returns what has to be waited for."""
        for task in self._tasks.values():
            task.cancel()
        return list(self._tasks.values())

    def _start(self, name: str, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._ended(name))

    def _ended(self, name: str) -> None:
        task = self._tasks.pop(name)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("an errand failed", exc_info=error)
            again = self._desk.now() + RETRY
            if name:
                self._desk.tell(name, Delayed(again))
            else:
                self._record_after = again
        self._desk.wake()

    async def _record(self, entries: list[Entry]) -> None:
        lines = [(entry.ended_at or entry.came_at, self._line(entry)) for entry in entries]
        try:
            await asyncio.to_thread(self._history.append, lines)
        except OSError as error:
            log.warning("the history cannot be written: %s", error.strerror)
            self._record_after = self._desk.now() + RETRY
            return
        for entry in entries:
            self._desk.tell(entry.key, outbox.as_recorded(entry))

    def _line(self, entry: Entry) -> dict[str, Any]:
        remark = self._desk.remark(entry.key)
        return {
            "key": entry.key,
            "recorded_at": self._desk.now(),  # a post may be deleted long after its end
            **self._table.dump(entry),
            **({"remark": remark} if remark else {}),
        }

    async def _recheck(self, entry: Entry) -> None:
        attempt = entry.rechecks[0]
        try:
            posts = await self._desk.own_posts(entry.key, attempt.account, attempt.started_at)
        except Refused as error:
            if (hold := self._desk.hold(error)) is None:
                # Reading is refused for good: nothing can be told, so nothing is said.
                self._desk.tell(entry.key, Rechecked(()))
            else:
                self._later(entry, hold)
        except XError:
            self._desk.tell(entry.key, Delayed(self._desk.retry_at(entry)))
        else:
            ours = self._desk.known_ids()
            others = self._desk.media_ids_beside(entry.key)
            self._desk.tell(entry.key, Rechecked(lookup.find(attempt, posts, ours, others)))

    async def _delete(self, entry: Entry, tweet_id: str) -> None:
        async def delete(token: str) -> None:
            # Between the decision and this moment somebody else may have been signed in.
            if entry.account and self._desk.account and entry.account != self._desk.account:
                raise Refused(Refusal.OTHER_ACCOUNT)
            await self._client.delete(token, tweet_id)

        try:
            # What was done to X must not be forgotten, nor what is to take its place.
            await self._store.save()
            await self._keeper.use(delete)
        except Refused as error:
            if error.refusal is Refusal.NOT_FOUND:
                self._desk.tell(entry.key, Deleted(tweet_id))
                return
            hold = self._desk.hold(error)
            # Where something is to take its place, the owner may want to keep it after all.
            if hold is None or (hold.reason is Reason.CREDITS and entry.heir):
                self._desk.tell(entry.key, DeletionFailed(Failure(error.refusal, error.detail)))
            else:
                self._later(entry, hold)
        except (Uncertain, XError, OSError):
            # Deleting twice does no harm.
            self._desk.tell(entry.key, Delayed(self._desk.retry_at(entry)))
        else:
            self._desk.tell(entry.key, Deleted(tweet_id))

    def _later(self, entry: Entry, hold: Hold) -> None:
        # Without a time the owner has to do something first: `release` then calls it up.
        until = hold.until if hold.until is not None else self._desk.now() + LONG
        at = max(self._desk.retry_at(entry), until)
        self._desk.tell(entry.key, Delayed(at))
