"""One move in the line: send a tweet, or look whether an earlier try took effect.

The attempt is on the disk before it is sent; what came of it is told to the entry as an event.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from . import lookup
from .actions import Action, Close, Create, LookUp, MakeRoom
from .api import Api
from .archive import Archive
from .desk import Desk
from .entry import THERE, Attempt, Entry, Failure, Question
from .errors import BadMedia, Duplicate, Refused, Uncertain, XError
from .events import (
    Absent,
    Asked,
    Began,
    CalledDuplicate,
    Closed,
    Delayed,
    Event,
    Failed,
    Found,
    Lost,
    MediaRefused,
    NotSent,
)
from .line import Reason
from .store import Store
from .tokens import Keeper
from .ways import Way, Ways
from .wire import Created

log = logging.getLogger(__name__)


class _OtherAccount(Exception):
    """The token at hand is not that of the account that the post is for."""


class Posting:
    """Does what `line.take_turn` says, one thing at a time."""

    def __init__(
        self,
        desk: Desk,
        client: Api,
        keeper: Keeper,
        store: Store,
        archive: Archive,
        ways: Ways,
    ) -> None:
        self._desk = desk
        self._client = client
        self._keeper = keeper
        self._store = store
        self._archive = archive
        self._ways = ways

    async def do(self, entry: Entry, action: Action) -> None:
        """Carry out `action` for `entry`."""
        if isinstance(action, Close):
            self._desk.tell(entry.key, Closed())
        elif isinstance(action, Create):
            await self._create(entry, action)
        elif isinstance(action, MakeRoom):
            self._desk.make_room(entry.key)
        elif isinstance(action, LookUp) and entry.attempt is not None:
            await self._look_up(entry, entry.attempt)

    async def _create(self, entry: Entry, create: Create) -> None:
        attempt = Attempt(
            index=create.index,
            text=entry.tweets[create.index].text,
            media_ids=create.media_ids,
            account=entry.account,
            started_at=self._desk.now(),
            reply_to=create.reply_to,
        )
        if self._desk.tell(entry.key, Began(attempt)) is None:
            return
        try:
            await self._store.save()
        except OSError:
            # Not saved, so not sent. The store has told of it, and tries again by itself.
            self._desk.tell(entry.key, NotSent(self._desk.retry_at(entry)))
            return
        self._desk.tell(entry.key, await self._send(entry, create))

    async def _send(self, entry: Entry, create: Create) -> Event:
        """Send a tweet; returns what came of it."""
        tweet = entry.tweets[create.index]

        async def send(token: str) -> Created:
            # Between the decision and this moment somebody else may have been signed in.
            if entry.account and entry.account != self._desk.account:
                raise _OtherAccount
            reply_to = create.reply_to or None
            return await self._client.create(token, tweet, create.media_ids, reply_to)

        try:
            created = await self._keeper.use(send)
        except _OtherAccount:
            return NotSent()
        except Uncertain as error:
            log.warning("no clear answer to a post (%s); looking whether it is there", error)
            return Lost(self._desk.now())
        except Refused as error:
            return self._refused(entry, create, error)
        except XError as error:
            self._desk.hold(error)
            return NotSent()
        self._desk.answered()
        return Found(created.id, self._desk.now())

    def _refused(self, entry: Entry, create: Create, error: Refused) -> Event:
        """What follows from a no of X: the tweet is surely not out."""
        failure = Failure(error.refusal, error.detail)
        if isinstance(error, Duplicate):
            self._desk.answered()
            return CalledDuplicate(self._desk.now())
        if isinstance(error, BadMedia):
            used = [entry.uploads[index] for index in entry.tweets[create.index].media]
            if any(upload is not None and upload.way == Way.V11 for upload in used):
                self._ways.give_up()
            return MediaRefused(failure)
        hold = self._desk.hold(error)
        if hold is None or hold.reason is Reason.CREDITS:
            return Failed(failure)
        return NotSent()

    async def _look_up(self, entry: Entry, attempt: Attempt) -> None:
        since = min(entry.first_try_at or attempt.started_at, attempt.started_at)
        try:
            posts = await self._desk.own_posts(entry.key, attempt.account, since)
        except Uncertain:
            self._desk.tell(entry.key, Delayed(self._desk.retry_at(entry)))
        except XError as error:
            if self._desk.hold(error) is None:
                log.warning("X does not let us look for a post (%s); the owner is asked", error)
                self._desk.tell(entry.key, Asked(Question.LOST))
        else:
            self._desk.answered()
            others = self._desk.media_ids_beside(entry.key)
            found = lookup.find(attempt, posts, self._desk.known_ids(), others)
            if found:
                self._desk.tell(entry.key, Found(found[0], self._desk.now()))
            else:
                earlier = await self._same_text(attempt) if attempt.called_duplicate else ""
                self._desk.tell(entry.key, Absent(self._desk.now(), earlier))

    async def _same_text(self, attempt: Attempt) -> str:
        """The id of an older tweet of ours with the same text, empty where none is known."""
        for entry in self._desk.entries():  # not in the history yet
            if (tweet_id := _same_text(entry, attempt)) is not None:
                return tweet_id

        def is_it(line: Mapping[str, Any]) -> bool:
            texts = [tweet.get("text") for tweet in line.get("tweets", ())]
            return attempt.text in texts and line.get("account") == attempt.account

        record = await asyncio.to_thread(self._archive.find, is_it)
        return (_same_text(record.entry, attempt) if record is not None else None) or ""


def _same_text(entry: Entry, attempt: Attempt) -> str | None:
    """The id of the tweet of `entry` that has the text of `attempt` and is still there."""
    for tweet, tweet_id in zip(entry.tweets, entry.posted, strict=False):
        is_there = tweet_id not in (THERE, *entry.deleted)
        if is_there and tweet.text == attempt.text and entry.account == attempt.account:
            return tweet_id
    return None
