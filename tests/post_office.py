"""A publisher with all around it made up: an X that remembers, files, an owner's screen.

Runs on the jumping clock of `clockwork`. What really took effect on X is in `x.posts`.
"""

from __future__ import annotations

import asyncio
import io
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from tests.clockwork import now
from twitter_core import limits, oauth1, oauth2, upload
from twitter_core.api import Api, Endpoints
from twitter_core.call import Answer, Request
from twitter_core.entry import Entry, Question, State
from twitter_core.line import Line
from twitter_core.oauth2 import Token
from twitter_core.post import Media, Post, Tweet
from twitter_core.publisher import Audience, Publisher
from twitter_core.store import Store
from twitter_core.tokens import Keeper, SignIn
from twitter_core.ways import Ways
from twitter_core.wire import Account, Created, OwnPost, RateLimit

ME = Account("7", "me", "Me")
OTHER = Account("8", "other", "Other")


def picture() -> bytes:
    """A small JPEG that X takes as it is."""
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(file, "JPEG")
    return file.getvalue()


PICTURE = picture()


@dataclass
class Trouble:
    """What comes of a request instead of an answer; `effect` tells whether X did it all the same.

    With a `gate`, the request hangs until that is opened.
    """

    error: Exception | None = None
    effect: bool = False
    gate: asyncio.Event | None = None


class FakeX(Api):
    """X, as far as the publisher knows it. Every request takes `delay` seconds."""

    def __init__(self) -> None:
        super().__init__(Endpoints(), oauth2.App("id"), clock=now)
        self.delay = 0.1
        self.posts: list[OwnPost] = []
        self.replies_to: dict[str, str] = {}
        self.deleted: list[str] = []
        self.asked: list[tuple[float, str, str]] = []  # when, which call, about what
        self.troubles: defaultdict[str, list[Trouble]] = defaultdict(list)
        self.always: dict[str, Trouble] = {}
        self.under_way: defaultdict[str, int] = defaultdict(int)
        self.most_at_once: defaultdict[str, int] = defaultdict(int)
        self.newest: dict[str, str] = {}  # the media id that each file got last
        self.lifetime: float = limits.MEDIA_LIFETIME
        self.account = ME
        self.rate_limits: dict[str, RateLimit] = {}
        self._ids = iter(range(1001, 10**9))
        self._media = iter(range(1, 10**9))

    @property
    def timeline(self) -> list[str]:
        """The texts that are on X, in their order."""
        return [post.text for post in self.posts if post.id not in self.deleted]

    def calls(self, name: str) -> list[str]:
        """What was asked of one call, in order."""
        return [what for _, call, what in self.asked if call == name]

    def times(self, name: str) -> list[float]:
        """When one call was asked, in seconds since the start of the test's clock."""
        return [at for at, call, _ in self.asked if call == name]

    def fails(self, name: str, *errors: Exception, effect: bool = False) -> None:
        """The next requests of this name end so."""
        self.troubles[name] += [Trouble(error, effect) for error in errors]

    def hangs(self, name: str) -> asyncio.Event:
        """The next request of this name hangs until the event that this returns is set."""
        gate = asyncio.Event()
        self.troubles[name].append(Trouble(gate=gate))
        return gate

    async def create(
        self,
        access_token: str,
        tweet: Tweet,
        media_ids: Iterable[str] = (),
        reply_to: str | None = None,
    ) -> Created:
        ids = tuple(media_ids)
        async with self._request("create", tweet.text) as has_effect:
            post_id = str(next(self._ids))
            if has_effect:
                self.add(tweet.text, ids, post_id)
                self.replies_to[post_id] = reply_to or ""
        return Created(post_id, tweet.text)

    def add(self, text: str, media_ids: Iterable[str] = (), post_id: str = "") -> str:
        """Something comes to be on X."""
        post_id = post_id or str(next(self._ids))
        keys = tuple(f"3_{media_id}" for media_id in media_ids)
        self.posts.append(OwnPost(post_id, text, now(), keys))
        return post_id

    async def own_posts(
        self,
        access_token: str,
        account_id: str,
        since: float,
        *,
        read: Callable[[int], None] = lambda posts: None,
    ) -> tuple[OwnPost, ...]:
        async with self._request("own_posts", account_id):
            shown = [post for post in self.posts if post.created_at >= int(since)]
            found = tuple(post for post in shown if post.id not in self.deleted)
        read(len(found))
        return found

    async def delete(self, access_token: str, post_id: str) -> None:
        async with self._request("delete", post_id) as has_effect:
            if has_effect:
                self.deleted.append(post_id)

    async def me(self, access_token: str) -> Account:
        async with self._request("me", ""):
            return self.account

    async def upload_v11(
        self,
        data: bytes | Path,
        mime: str,
        category: str = "tweet_image",
        *,
        progress: upload.Progress = lambda sent, total: None,
    ) -> upload.Uploaded:
        return await self._take("upload_v11", data)

    async def upload_v2(
        self,
        access_token: str,
        data: bytes | Path,
        mime: str,
        category: str = "tweet_image",
        *,
        progress: upload.Progress = lambda sent, total: None,
    ) -> upload.Uploaded:
        return await self._take("upload_v2", data)

    async def describe_v2(self, access_token: str, media_id: str, alt: str) -> None:
        async with self._request("describe_v2", alt):
            pass

    async def _take(self, name: str, data: bytes | Path) -> upload.Uploaded:
        file = data.name if isinstance(data, Path) else ""
        async with self._request(name, file):
            self.newest[file] = f"m{next(self._media)}"
            return upload.Uploaded(self.newest[file], now() + self.lifetime)

    @asynccontextmanager
    async def _request(self, name: str, what: str) -> AsyncIterator[bool]:
        self.asked.append((round(asyncio.get_running_loop().time(), 2), name, what))
        self.under_way[name] += 1
        self.most_at_once[name] = max(self.most_at_once[name], self.under_way[name])
        try:
            trouble = self.always.get(name) or Trouble(effect=True)
            if self.troubles[name]:
                trouble = self.troubles[name].pop(0)
            await asyncio.sleep(self.delay)
            if trouble.gate is not None:
                await trouble.gate.wait()
            yield trouble.effect or trouble.error is None
            if trouble.error is not None:
                raise trouble.error
        finally:
            self.under_way[name] -= 1

    async def send(self, request: Request, access_token: str | None = None) -> Answer:
        raise AssertionError(f"nobody answers {request.call}")

    async def refresh(self, refresh_token: str) -> Token:
        async with self._request("refresh", ""):
            return token()


_NUMBERS = itertools.count()


def token(life: float = 10 * 86_400.0) -> Token:
    """A pair that is like no other."""
    number = next(_NUMBERS)
    return Token(f"access {number}", f"refresh {number}", now() + life, "", now())


class FakeVault:
    """The sign-in, in memory."""

    def __init__(self, value: SignIn | None) -> None:
        self.value = value

    def sign_in(self) -> SignIn | None:
        return self.value

    async def save_sign_in(self, value: SignIn | None) -> None:
        self.value = value


class FakeFiles:
    """Files that are at hand after `delay` seconds, or one of the `delays`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.delay = 0.1
        self.delays: dict[str, float] = {}
        self.errors: defaultdict[str, list[Exception]] = defaultdict(list)
        self.fetched: list[str] = []
        self.released: list[str] = []

    async def fetch(self, media: Media) -> Path:
        self.fetched.append(media.ref)
        await asyncio.sleep(self.delays.get(media.ref, self.delay))
        if self.errors[media.ref]:
            raise self.errors[media.ref].pop(0)
        path = self.folder / media.ref
        path.write_bytes(PICTURE)
        return path

    def release(self, entry: Entry) -> None:
        self.released.append(entry.key)


class Screen:
    """Whoever shows entries to the owner: at once, and sees all their states."""

    def __init__(self) -> None:
        self.publisher: Publisher
        self.seen: defaultdict[str, list[State]] = defaultdict(list)
        self.last: dict[str, Entry] = {}
        self.lines: list[Line] = []
        self.gone: list[str] = []
        self.back: list[str] = []

    def changed(self, entry: Entry) -> None:
        self.last[entry.key] = entry
        if self.seen[entry.key][-1:] != [entry.state]:
            self.seen[entry.key].append(entry.state)

    def line_changed(self, line: Line) -> None:
        self.lines.append(line)

    def remark(self, key: str) -> Mapping[str, Any]:
        return {"seen": len(self.seen[key])}

    def settled(self, key: str) -> None:
        self.gone.append(key)

    def recalled(self, key: str, remark: Mapping[str, Any]) -> None:
        self.back.append(key)


@dataclass
class Office:
    """One publisher at work in a folder, which `reopen` makes anew as a restart would."""

    folder: Path
    x: FakeX
    vault: FakeVault
    wanted: str = "v2"
    keys: oauth1.Keys | None = None
    screen: Screen = field(default_factory=Screen)

    async def open(self) -> None:
        self.store = Store(self.folder / "data")
        self.keeper = Keeper(self.x, self.vault, clock=now)
        self.files = FakeFiles(self.folder)
        self.ways = Ways(self.store, self.wanted, self.keys, clock=now)
        self.publisher = Publisher(
            self.store,
            self.x,
            self.keeper,
            self.files,
            self.audience(),
            self.ways,
            clock=now,
            spread=lambda: 1.0,
            budget=lambda: self.budget(),
        )
        self.begin()
        self.work = asyncio.create_task(self.publisher.run())
        await asyncio.sleep(0)  # it looks at what an earlier run left before anything new comes

    def budget(self) -> Decimal | None:
        """What a month may cost."""
        return None

    def audience(self) -> Audience:
        """Who is told of changes."""
        return self.screen

    def begin(self) -> None:
        """What else is to happen at a start."""

    async def close(self, *, is_killed: bool = False) -> None:
        """Stop; a kill leaves on the disk what is there and waits for nothing."""
        self.work.cancel()
        if is_killed:
            for task in (self.work, self.publisher._act):
                if task is not None:
                    task.cancel()
        await asyncio.gather(self.work, return_exceptions=True)
        if is_killed:
            if self.store._timer is not None:
                self.store._timer.cancel()
            self.store._lock.release()
        else:
            await self.store.close()

    async def reopen(self, *, is_killed: bool = False) -> None:
        await self.close(is_killed=is_killed)
        await self.open()

    def sign_in(self, account: Account | None = ME) -> None:
        self.vault.value = None if account is None else SignIn(token(), account)
        self.x.account = account or ME
        self.publisher.release()

    def send(self, text: str = "", *refs: str, key: str = "", **more: Any) -> str:
        """Submit a post, which is to go out where nothing else is said; returns its key."""
        media = tuple(Media(ref, order=order) for order, ref in enumerate(refs))
        key = key or f"1:{text or refs[0]}"
        entry = Entry(key, State.QUEUED, Post(text, media), now())
        self.publisher.submit(replace(entry, **more))
        return key

    def entry(self, key: str) -> Entry:
        """The entry as the owner last saw it."""
        return self.publisher.entry(key) or self.screen.last[key]

    def state(self, key: str) -> State:
        return self.entry(key).state

    def question(self, key: str) -> Question | None:
        return self.entry(key).question


@asynccontextmanager
async def office(
    folder: Path,
    *,
    account: Account | None = ME,
    wanted: str = "v2",
    keys: oauth1.Keys | None = None,
) -> AsyncIterator[Office]:
    """A publisher at work, signed in as `account`."""
    async with at_work(Office(folder, FakeX(), signed_in(account), wanted, keys)) as it:
        yield it


def signed_in(account: Account | None = ME) -> FakeVault:
    return FakeVault(None if account is None else SignIn(token(), account))


AnOffice = TypeVar("AnOffice", bound=Office)


@asynccontextmanager
async def at_work(it: AnOffice) -> AsyncIterator[AnOffice]:
    """`it`, opened and closed again."""
    await it.open()
    try:
        yield it
    finally:
        await it.close()
