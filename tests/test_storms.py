"""Storms: X fails at random, the process is killed at random, and each post is out once, in order.

Hours of it pass in a second, on the jumping clock; a seed makes a storm come again.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.clockwork import jumping, now
from tests.post_office import FakeX, Office, at_work, signed_in
from twitter_core.entry import ENDED, Entry
from twitter_core.errors import (
    Duplicate,
    RateLimited,
    Refusal,
    SignInNeeded,
    Uncertain,
    Unsent,
    XError,
)
from twitter_core.events import Shown
from twitter_core.line import Line
from twitter_core.post import Tweet
from twitter_core.wire import Created, OwnPost

POSTS = 40
SEEN_AFTER = 7.0  # seconds that X may take to show what it has


class Storm(FakeX):
    """An X of which every third request goes wrong, before or after it took effect."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.random = random.Random(seed)
        self.is_over = False
        self.seen_at: dict[str, float] = {}

    async def create(
        self,
        access_token: str,
        tweet: Tweet,
        media_ids: Iterable[str] = (),
        reply_to: str | None = None,
    ) -> Created:
        is_repeat = tweet.text and tweet.text in [post.text for post in self.posts]
        if is_repeat and self.random.random() < 0.5:  # do not rely on it
            raise Duplicate(Refusal.DUPLICATE, status=403)
        return await super().create(access_token, tweet, media_ids, reply_to)

    def add(self, text: str, media_ids: Iterable[str] = (), post_id: str = "") -> str:
        post_id = super().add(text, media_ids, post_id)
        self.seen_at[post_id] = now() + (0 if self.is_over else self.random.uniform(0, SEEN_AFTER))
        return post_id

    async def own_posts(
        self,
        access_token: str,
        account_id: str,
        since: float,
        *,
        read: Callable[[int], None] = lambda posts: None,
    ) -> tuple[OwnPost, ...]:
        posts = await super().own_posts(access_token, account_id, since, read=read)
        return tuple(post for post in posts if now() >= self.seen_at[post.id])

    @asynccontextmanager
    async def _request(self, name: str, what: str) -> AsyncIterator[bool]:
        self.asked.append((asyncio.get_running_loop().time(), name, what))
        error = None if name == "refresh" else self.trouble()
        await asyncio.sleep(self.slowness())
        yield not isinstance(error, XError) or (
            isinstance(error, Uncertain) and self.random.random() < 0.5
        )
        await asyncio.sleep(self.slowness())  # killed here, X has it and nobody knows
        if error is not None:
            raise error

    def trouble(self) -> Exception | None:
        if self.is_over or self.random.random() > 0.35:
            return None
        return self.random.choice(
            [
                Unsent("ConnectError"),
                Uncertain("ReadTimeout"),
                Uncertain("503", status=503),
                Uncertain("ReadError"),
                RateLimited(reset_at=now() + self.random.uniform(1, 120)),
                SignInNeeded(Refusal.SIGN_IN, status=401),
            ]
        )

    def slowness(self) -> float:
        if self.is_over:
            return 0.05
        return self.random.choice([0.01, 0.05, 0.2, 1.0, 5.0])


@dataclass
class Ship(Office):
    """A publisher in the storm. `unsaved` is what the inbox would replay."""

    unsaved: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    stepped_aside: set[str] = field(default_factory=set)

    def audience(self) -> Ship:
        return self

    def changed(self, entry: Entry) -> None:
        self.screen.changed(entry)
        if entry.held_up:
            self.stepped_aside.add(entry.key)
        if entry.state in ENDED and not entry.shown:
            loop = asyncio.get_running_loop()
            loop.call_later(0.1, lambda: self.publisher.tell(entry.key, Shown()))

    def line_changed(self, line: Line) -> None:
        self.screen.line_changed(line)

    def remark(self, key: str) -> dict[str, int]:
        return {}

    def settled(self, key: str) -> None:
        self.screen.settled(key)

    def recalled(self, key: str, remark: Mapping[str, Any]) -> None:
        self.screen.recalled(key, remark)

    def begin(self) -> None:
        for entry in self.publisher.entries():
            self.changed(entry)
        for text, refs in tuple(self.unsaved):
            self.take(text, refs)

    def take(self, text: str, refs: tuple[str, ...]) -> None:
        if (text, refs) not in self.unsaved:
            self.unsaved.append((text, refs))
        self.send(text, *refs)
        mine = self.unsaved
        self.store.after_save(lambda: mine.remove((text, refs)) if (text, refs) in mine else None)


@pytest.mark.parametrize("seed", range(8))
@jumping
async def test_each_post_is_out_once_and_in_order_whatever_happens(
    tmp_path: Path, seed: int
) -> None:
    x = Storm(seed)
    chance = random.Random(seed + 1000)
    async with at_work(Ship(tmp_path, x, signed_in())) as at:
        sent = []
        for number in range(POSTS):
            photos = chance.choice([0, 0, 1, 2, 5])
            sent.append(f"post {number}")
            at.take(sent[-1], tuple(f"p{number}-{n}" for n in range(photos)))
            await asyncio.sleep(chance.choice([0.0, 0.1, 3.0, 30.0]))
            if chance.random() < 0.3:
                at.send(chance.choice(sent))  # delivered once more
            if chance.random() < 0.2:
                await at.reopen(is_killed=chance.random() < 0.7)
                if at.keeper.ended:
                    at.sign_in()
        for _ in range(10):
            await asyncio.sleep(60)
            await at.reopen(is_killed=True)
        x.is_over = True
        for _ in range(20):
            await asyncio.sleep(600)
            if at.keeper.ended:
                at.sign_in()
        assert at.publisher.entries() == ()
        texts = [text for text in x.timeline if text]
        assert sorted(texts) == sorted(sent)
        media = [key for post in x.posts for key in post.media_keys]
        assert len(media) == len(set(media))
        threads = [text for text in sent if len(at.entry(f"1:{text}").tweets) == 2]
        assert len(x.posts) == len(sent) + len(threads)
        in_order = [text for text in sent if f"1:{text}" not in at.stepped_aside]
        assert [text for text in texts if text in in_order] == in_order
