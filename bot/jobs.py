"""The JobQueue's tasks: renew the token pair, learn the account's name, sweep the outbox."""

from __future__ import annotations

import logging
from collections.abc import Callable

from telegram.ext import ContextTypes, Job, JobQueue

from twitter_core.errors import Refused, SignInNeeded, XError
from twitter_core.line import Line, Reason, backoff
from twitter_core.publisher import Publisher
from twitter_core.tokens import Keeper, renew_at
from twitter_core.vault import StoreVault

from .account import Account
from .card import Button, View
from .messenger import Messenger
from .repeats import Repeats
from .words import sentences

log = logging.getLogger(__name__)

Context = ContextTypes.DEFAULT_TYPE
SWEEP_EVERY = 3600.0
NAME_EVERY = 60.0
SOONEST = 0.5  # seconds; a token that lives for seconds must not make a busy loop
# A loop that was blocked for a second would silently skip a job: never.
_NEVER_MISS = {"misfire_grace_time": None}


class Jobs:
    """What the clock does for the owner."""

    def __init__(
        self,
        queue: JobQueue[Context],
        keeper: Keeper,
        vault: StoreVault,
        account: Account,
        publisher: Publisher,
        messenger: Messenger,
        repeats: Repeats,
        *,
        clock: Callable[[], float],
        spread: Callable[[], float],
    ) -> None:
        self._queue = queue
        self._keeper = keeper
        self._vault = vault
        self._account = account
        self._publisher = publisher
        self._messenger = messenger
        self._repeats = repeats
        self._clock = clock
        self._spread = spread
        self._renewal: Job[Context] | None = None
        self._failures = 0
        self._told_ended = False

    def start(self) -> None:
        """Plan everything."""
        self._queue.run_repeating(self._sweep, SWEEP_EVERY, first=60, job_kwargs=_NEVER_MISS)
        self._queue.run_repeating(self._learn_name, NAME_EVERY, first=5, job_kwargs=_NEVER_MISS)
        self.plan_renewal()

    def plan_renewal(self) -> None:
        """Plan the next renewal anew: the sign-in is another one, or the pair is."""
        self._failures = 0
        sign_in = self._vault.sign_in()
        if not self._keeper.ended:
            self._told_ended = False
        self._plan(None if sign_in is None else renew_at(sign_in) - self._clock())

    def _plan(self, seconds: float | None) -> None:
        if self._renewal is not None:
            self._renewal.schedule_removal()
            self._renewal = None
        if seconds is not None:
            self._renewal = self._queue.run_once(
                self._renew, max(SOONEST, seconds), job_kwargs=_NEVER_MISS
            )

    async def _renew(self, context: Context) -> None:
        self._renewal = None
        sign_in = self._vault.sign_in()
        if sign_in is None:
            return
        try:
            if self._clock() >= renew_at(sign_in):
                await self._keeper.renew(sign_in.token.access_token)
        except SignInNeeded:
            self.tell_ended()
            return
        except (XError, OSError) as error:
            self._failures += 1
            again = backoff(self._failures, self._spread())
            is_refused = isinstance(error, Refused)
            log.warning("the sign-in could not be renewed (%s); trying again", error)
            self._plan(60 * again if is_refused else again)
            return
        self.plan_renewal()
        self._publisher.wake()

    def line_changed(self, line: Line) -> None:
        """The line stands still: if it is for the sign-in, say so."""
        if line.reason is Reason.SIGN_IN and line.until is None:
            self.tell_ended()

    def tell_ended(self) -> None:
        """X has ended the sign-in: say so once, with the way out."""
        self._publisher.wake()
        if self._vault.sign_in() is not None and not self._told_ended:
            self._told_ended = True
            row = (Button(sentences.SIGN_IN, "auth:"),)
            self._messenger.notify(View(sentences.SIGN_IN_ENDED, (row,)))

    async def _learn_name(self, context: Context) -> None:
        if self._vault.sign_in() is not None and self._keeper.account is None:
            await self._account.learn_name()

    async def _sweep(self, context: Context) -> None:
        self._publisher.archive.sweep(self._clock())
        self._repeats.sweep()
