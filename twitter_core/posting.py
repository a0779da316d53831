"""One move in the line: send a tweet, or look whether an earlier try took effect.

The attempt is on the disk before it is sent; what came of it is told to the entry as an event.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from . import lookup
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
    Failed,
    Found,
    Lost,
    MediaRefused,
    NotSent,
)
from .line import Reason
from .outbox import Action, Close, Create, LookUp
from .store import Store
from .tokens import Keeper
from .ways import Way, Ways

log = logging.getLogger(__name__)


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
        elif isinstance(action, LookUp) and entry.attempt is not None:
            await self._look_up(entry, entry.attempt)

    async def _create(self, entry: Entry, create: Create) -> None:
        tweet = entry.tweets[create.index]
        attempt = Attempt(
            index=create.index,
            text=tweet.text,
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
        try:
            created = await self._keeper.use(
                lambda token: self._client.create(
                    token, tweet, create.media_ids, create.reply_to or None
                )
            )
        except Duplicate:
            self._desk.tell(entry.key, CalledDuplicate(self._desk.now()))
            self._desk.answered()
        except BadMedia as error:
            if any(upload is not None and upload.way == Way.V11 for upload in entry.uploads):
                self._ways.give_up()
            self._desk.tell(entry.key, MediaRefused(Failure(error.refusal, error.detail)))
        except Uncertain as error:
            log.warning("no clear answer to a post (%s); looking whether it is there", error)
            self._desk.tell(entry.key, Lost(self._desk.now()))
        except Refused as error:
            hold = self._desk.hold(error)
            if hold is None or hold.reason is Reason.CREDITS:
                self._desk.tell(entry.key, Failed(Failure(error.refusal, error.detail)))
            else:
                self._desk.tell(entry.key, NotSent())
        except XError as error:
            self._desk.hold(error)
            self._desk.tell(entry.key, NotSent())
        else:
            self._desk.tell(entry.key, Found(created.id, self._desk.now()))
            self._desk.answered()

    async def _look_up(self, entry: Entry, attempt: Attempt) -> None:
        since = min(entry.first_try_at or attempt.started_at, attempt.started_at)
        try:
            posts = await self._desk.own_posts(attempt.account, since)
        except Uncertain:
            self._desk.tell(entry.key, Delayed(self._desk.retry_at(entry)))
        except XError as error:
            if self._desk.hold(error) is None:
                log.warning("X does not let us look for a post (%s); the owner is asked", error)
                self._desk.tell(entry.key, Asked(Question.LOST))
        else:
            self._desk.answered()
            found = lookup.find(attempt, posts, self._desk.known_ids())
            if found:
                self._desk.tell(entry.key, Found(found[0], self._desk.now()))
            else:
                earlier = await self._same_text(attempt) if attempt.called_duplicate else ""
                self._desk.tell(entry.key, Absent(self._desk.now(), earlier))

    async def _same_text(self, attempt: Attempt) -> str:
        """The id of an older tweet of ours with the same text, empty where none is known."""

        def is_it(line: Mapping[str, Any]) -> bool:
            texts = [tweet.get("text") for tweet in line.get("tweets", ())]
            return attempt.text in texts and bool(line.get("posted")) and not line.get("deleted")

        for entry in self._desk.entries():  # not in the history yet
            for tweet, tweet_id in zip(entry.tweets, entry.posted, strict=False):
                if tweet.text == attempt.text and tweet_id not in (THERE, *entry.deleted):
                    return tweet_id
        record = await asyncio.to_thread(self._archive.find, is_it)
        return record.entry.posted[0] if record is not None else ""
