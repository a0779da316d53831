"""The worker: asks the outbox what is next, does it, and saves what came of it.

It decides nothing about a post (that is `outbox` and `line`) and knows nothing of Telegram: where
the bytes of a medium are, and whom to tell that an entry changed, it is given.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Protocol

from . import binding, outbox, reading, schedule
from .actions import Close, LookUp, Wait
from .api import Api
from .archive import Archive
from .entry import ENDED, Entry, Question, State
from .errands import Errands
from .errors import XError
from .events import Asked, Charged, Closed, Delayed, Event, HeldUp, Lost, Reopened
from .ledger import Ledger
from .line import PATIENCE, Hold, Line, Reason, Turn, backoff, hold_for, take_turn
from .posting import Posting
from .prices import APRIL_2026, Prices
from .store import Store
from .succession import Succession
from .tokens import Keeper
from .uploads import Files, Uploads
from .ways import Ways
from .wire import OwnPost
from .workshop import Workshop

log = logging.getLogger(__name__)

LAST_ANSWER = 5.0  # seconds for which a tweet on its way is waited for at the end
LOOK = 60.0  # seconds between two looks at the clock while something is scheduled
AWHILE = 3600.0  # the window of an album that a restart found open, until it begins anew


class Audience(Protocol):
    """Whoever shows the owner how things stand. Neither call may block or raise."""

    def changed(self, entry: Entry) -> None:
        """`entry` is not what it was."""

    def line_changed(self, line: Line) -> None:
        """The line as a whole was held or released."""

    def remark(self, key: str) -> Mapping[str, Any]:
        """What shall stand beside the entry in the history, as plain data."""

    def settled(self, key: str) -> None:
        """The entry has left the outbox for the archive."""

    def recalled(self, key: str, remark: Mapping[str, Any]) -> None:
        """The entry is back from the archive, where this stood beside it."""


class Publisher:
    """Brings what is submitted to X: once, in order, or with a question to the owner."""

    def __init__(
        self,
        store: Store,
        client: Api,
        keeper: Keeper,
        files: Files,
        audience: Audience,
        ways: Ways,
        *,
        clock: Callable[[], float],
        spread: Callable[[], float],
        prices: Prices = APRIL_2026,
        budget: Callable[[], Decimal | None] = lambda: None,
    ) -> None:
        """`clock` gives epoch seconds, `spread` a random number in 0..1, `budget` what a month may
        cost in US dollars (None: whatever).
        """
        self._store = store
        self._client = client
        self._keeper = keeper
        self._files = files
        self._audience = audience
        self._clock = clock
        self._spread = spread
        self.ledger = Ledger(store, clock, prices, budget)
        self._entries = store.table("outbox", Entry)
        self.archive = Archive(store.history, self._entries.load, clock())
        self._line = store.table("line", Line)
        self._wake = asyncio.Event()
        self._is_away = False  # X, as was told to the log
        self._act: asyncio.Task[None] | None = None
        self._aside: set[str] = set()
        self._held: set[str] = set()
        self._progress: dict[str, float] = {}
        self._blocks: tuple[str, float] | None = None
        self._posting = Posting(self, client, keeper, store, self.archive, ways)
        workshop = Workshop(store.folder / "media")
        self._uploads = Uploads(self, client, keeper, files, ways, workshop)
        self._succession = Succession(self, self._recall_recorded)
        self._errands = Errands(self, client, keeper, store, self._entries)

    # --- what others ask of it

    @property
    def line(self) -> Line:
        """Whether the line is paused or held."""
        return self._line.get("line") or Line()

    @property
    def account(self) -> str:
        """The id of the account that is signed in, empty where that is not known."""
        account = self._keeper.account
        return account.id if account is not None else ""

    def entry(self, key: str) -> Entry | None:
        """The entry under `key` while it is in the outbox."""
        return self._entries.get(key)

    def entries(self) -> tuple[Entry, ...]:
        """All that is alive, in the order of the line."""
        return tuple(sorted(self._entries.values(), key=lambda entry: entry.seq))

    def submit(self, entry: Entry) -> bool:
        """Take `entry` in, at the end of the line. False if its key is known already."""
        if self.knows(entry.key):
            return False
        account = entry.account or self.account
        uploads = entry.uploads or (None,) * len(entry.post.media)
        taken = replace(entry, seq=self.next_seq(), account=account, uploads=uploads)
        self._put(schedule.begin_hold(taken, self.now()))
        return True

    def knows(self, key: str) -> bool:
        """Whether the post under `key` is on its way, or ended within the last two days."""
        return self._entries.get(key) is not None or self.archive.knows(key)

    def ahead_of(self, entry: Entry) -> int:
        """How many posts go out before `entry`."""
        return sum(
            other.seq < entry.seq
            and other.state not in ENDED
            and not other.needs_owner
            and other.due is None
            for other in self._entries.values()
        )

    def next_seq(self) -> int:
        """The number behind the last one of the line."""
        return 1 + max((entry.seq for entry in self._entries.values()), default=0)

    def tell(self, key: str, event: Event) -> Entry | None:
        """Let `event` happen to an entry; None where it changes nothing or there is none."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        after = outbox.step(entry, event)
        if after is entry:
            return None
        after = self.ledger.charge(entry, after)
        self._put(after)
        self._succession.pass_on(after, event)
        return after

    def make_room(self, key: str) -> None:
        """Let the post be deleted whose place the entry takes, and that one go out then."""
        self._succession.make_room(key)

    def recall(self, entry: Entry) -> None:
        """Take an entry of the archive back in, for something that is still to be done to it."""
        if self._entries.get(entry.key) is None:
            # What was to be looked for then is long past.
            self._put(replace(entry, recorded=True, shown=False, rechecks=()))

    def progressed(self, key: str, share: float) -> None:
        """Of a large file of the entry, so much (0..1) is on X. Kept in memory alone."""
        self._progress[key] = share
        if (entry := self._entries.get(key)) is not None:
            self._audience.changed(entry)

    def progress(self, key: str) -> float | None:
        """How much of a large file is on X (0..1), None where there is none under way."""
        return self._progress.get(key)

    def remark(self, key: str) -> Mapping[str, Any]:
        """What stands beside an entry in the history."""
        return self._audience.remark(key)

    def pause(self) -> None:
        """Send nothing more until `resume`; survives a restart."""
        self.set_line(replace(self.line, paused=True))

    def resume(self) -> None:
        """Go on, whatever the line was held for."""
        self.set_line(Line())
        self._call_up_errands()

    def release(self) -> None:
        """What the line was held for is mended: go on, unless it is paused."""
        self.set_line(replace(self.line, hold=None))
        self._call_up_errands()

    def _call_up_errands(self) -> None:
        for entry in self.entries():
            if entry.state in ENDED and entry.not_before > self.now():
                self.tell(entry.key, Delayed(0.0))

    def set_line(self, line: Line) -> None:
        """Change what holds for the line as a whole."""
        if line != self.line:
            self._line.put("line", line)
            self._audience.line_changed(line)
        self._wake.set()

    def hold(self, error: XError) -> Hold | None:
        """Hold the line where `error` concerns more than one post."""
        before = self.line.hold
        hold = hold_for(
            error,
            self.now(),
            before.tries if before is not None else 0,
            self._spread(),
            ended=self._keeper.ended,
        )
        if hold is not None and hold.reason is Reason.NETWORK and not self._is_away:
            self._is_away = True
            log.warning("X cannot be reached (%s); trying again", error)
        if hold is not None and not (before is not None and before.outlasts(hold)):
            self.set_line(replace(self.line, hold=hold))
        return hold

    def answered(self) -> None:
        """X did what was asked: what the line was held for until now is over."""
        self._is_away = False
        hold = self.line.hold
        if hold is None or hold.until is None:
            return
        if hold.reason is Reason.NETWORK or self.now() >= hold.until:
            self.release()

    def retry_at(self, entry: Entry) -> float:
        """When something of `entry` that failed is to be tried again, in epoch seconds."""
        return self.now() + backoff(entry.tries, self._spread())

    def now(self) -> float:
        """The clock, in epoch seconds."""
        return self._clock()

    def reopen_albums(self, open_until: float) -> None:
        """Begin the windows of open albums anew: their other items may only come now.

        And what can still be stopped can be so for a while longer, from then on.
        """
        for entry in self.entries():
            self.tell(entry.key, Reopened(open_until, self.now()))

    # --- the loop

    async def run(self) -> None:
        """Work until cancelled; then what is under way is stopped where it stands."""
        self._recover()
        try:
            while True:
                self._wake.clear()
                until = self._start_what_is_due()
                timeout = None if until is None else max(0.0, until - self.now())
                try:
                    # Not wait_for: until Python 3.12 it may swallow the cancellation of this task.
                    async with asyncio.timeout(timeout):
                        await self._wake.wait()
                except TimeoutError:
                    pass
        finally:
            tasks = [*self._uploads.stop(), *self._errands.stop()]
            if self._act is not None:
                # A tweet that is on its way may still get its answer: that spares a look-up.
                await asyncio.wait([self._act], timeout=LAST_ANSWER)
                self._act.cancel()
                tasks.append(self._act)
            await asyncio.gather(*tasks, return_exceptions=True)

    def wake(self) -> None:
        """Look again at what is due."""
        self._wake.set()

    def _recover(self) -> None:
        now = self.now()
        for entry in self.entries():
            if entry.state not in ENDED and self.archive.knows(entry.key):
                # It died between the history and the store, and the history knows more.
                self._recall_recorded(entry.key)
                continue
            # Nobody knows when the process died; it cannot have been later than now.
            self.tell(entry.key, Lost(now))
            self.tell(entry.key, Reopened(now + AWHILE, now + AWHILE))

    def _recall_recorded(self, key: str) -> None:
        record = self.archive.find(lambda line: line.get("key") == key)
        if record is not None:
            self._audience.recalled(key, record.remark)
            self._put(replace(record.entry, recorded=True, shown=False))

    def _start_what_is_due(self) -> float | None:
        """Start all that may start now; returns when to look again."""
        now = self.now()
        if self._act is not None and self._act.done():
            self._act = None
        times = [self._call(now), self._errands.start_due(now)]
        if self.line.waits_for_sign_in and not self._keeper.ended:
            self.release()  # it was not over after all: a renewal that was under way brought a pair
        line = self.line
        if self._keeper.ended or line.stands_still(now):
            self._blocks = None
            # An album closes all the same: its card then shows what will go out.
            hold = None if line.hold is None or self._keeper.ended else line.hold.until
            times += [self._close_albums(now), None if line.paused else hold]
            return min((at for at in times if at is not None), default=None)
        self._bind()
        times.append(self._uploads.start_due(now))
        if self._act is None:
            turn = take_turn(self._sendable(), now, self._aside)
            times.append(self._watch_patience(turn, now))
            if turn.entry is not None and self.ledger.objects(turn.entry, turn.action):
                self.tell(turn.entry.key, Asked(Question.BUDGET))
            elif turn.entry is not None:
                key = turn.entry.key
                self._act = asyncio.create_task(self._posting.do(turn.entry, turn.action))
                self._act.add_done_callback(lambda done: self._did(key, done))
            elif isinstance(turn.action, Wait):
                times.append(turn.action.until)
        return min((at for at in times if at is not None), default=None)

    def _call(self, now: float) -> float | None:
        """Let the times of scheduled posts come; returns when to look again."""
        entries = self.entries()
        for key, event in schedule.calls(entries, now, self.next_seq):
            self.tell(key, event)
        held = {entry.key for entry in entries if schedule.is_held(entry, now)}
        for key in self._held - held:
            if (entry := self._entries.get(key)) is not None:
                self._audience.changed(entry)  # it cannot be said to go out in a moment any more
        self._held = held
        due = schedule.next_call(entries, now)
        # A machine that slept wakes up with all its timers late.
        return None if due is None else min(due, now + LOOK)

    def _did(self, key: str, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a step of the publisher failed", exc_info=error)
            self.tell(key, Lost(self.now()))
            if (entry := self._entries.get(key)) is not None:
                self.tell(key, Delayed(self.retry_at(entry)))
        self._wake.set()

    def _close_albums(self, now: float) -> float | None:
        open_until = [
            (entry.key, entry.open_until)
            for entry in self._entries.values()
            if entry.state is State.QUEUED and entry.open_until is not None
        ]
        for key, until in open_until:
            if until <= now:
                self.tell(key, Closed())
        return min((until for _, until in open_until if until > now), default=None)

    def _sendable(self) -> Iterable[Entry]:
        """What may go out: while X has not told whose sign-in it is, only what is for any."""
        if self.account:
            return self._entries.values()
        return (entry for entry in self._entries.values() if not entry.account)

    def _bind(self) -> None:
        """Tell entries which account they are for, and which tweet they reply to."""
        account = self.account
        for entry in self.entries():
            event = binding.to_account(entry, account) if account else None
            if event is not None:
                self.tell(entry.key, event)
        for entry in self.entries():
            if entry.state is State.QUEUED and entry.waits_for_parent:
                parent, last = self._parent(entry.follows)
                if (event := binding.to_thread(parent, last)) is not None:
                    self.tell(entry.key, event)

    def _parent(self, key: str) -> tuple[Entry | None, str]:
        """The post under `key`, or, where that is enough, the id of its last tweet."""
        parent = self._entries.get(key)
        if parent is None and not self.archive.knows(key):
            record = self.archive.find(lambda line: line.get("key") == key)
            parent = record.entry if record is not None else None
        return parent, self.archive.last_id(key)

    def _watch_patience(self, turn: Turn, now: float) -> float | None:
        blocks = turn.blocks
        if blocks is None:
            if not isinstance(turn.action, LookUp | Close):
                self._blocks = None  # whereas these do not tell whether anybody is held up
            return None
        if self._blocks is None or self._blocks[0] != blocks.key:
            self._blocks = (blocks.key, now)
        due = self._blocks[1] + PATIENCE
        if now < due:
            return due
        self._aside.add(blocks.key)
        self._blocks = None
        self.tell(blocks.key, HeldUp())
        return now

    def _put(self, entry: Entry) -> None:
        if entry.state in ENDED or entry.needs_owner:
            self._aside.discard(entry.key)
            self._progress.pop(entry.key, None)
        before = self._entries.get(entry.key)
        self._wake.set()
        if before is not None:
            self.ledger.count(before, entry)
        if entry.settled:
            # Its line in the history is on the disk, so it may leave the store.
            self._entries.drop(entry.key)
            self.archive.add(entry)
            self._audience.settled(entry.key)
        else:
            self._entries.put(entry.key, entry)
            self._audience.changed(entry)
        if entry.state in ENDED and before is not None and before.state not in ENDED:
            self._files.release(entry)

    async def own_posts(self, key: str, account: str, since: float) -> tuple[OwnPost, ...]:
        """The account's posts from a minute before `since` on, all of them. Raises XError."""
        return await reading.own_posts(
            self._client,
            self._keeper,
            account,
            since,
            prices=self.ledger.prices,
            charge=lambda cost: self.tell(key, Charged(cost)),
        )

    def media_ids_beside(self, key: str) -> frozenset[str]:
        """The media ids of all entries but the one under `key`."""
        uploads = (u for e in self._entries.values() if e.key != key for u in e.uploads)
        return frozenset(upload.media_id for upload in uploads if upload is not None)

    def known_ids(self) -> frozenset[str]:
        """The ids of all tweets that are known to be one of ours."""
        alive = (i for entry in self._entries.values() for i in entry.posted)
        return frozenset((*alive, *self.archive.ids()))
