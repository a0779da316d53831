"""What can be asked of X, over one abstract method that sends: every endpoint as a coroutine.

Knows no HTTP library and never repeats a request; it pauses only where X says for how long.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TypeVar

from . import dialect, limits, oauth2, problem, upload, wire
from .call import Answer, Request
from .errors import Uncertain, XError
from .post import Tweet
from .wire import Account, Created, OwnPost

T = TypeVar("T")
_NEARLY = 5.0  # seconds between two clocks that are not worth a second look


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where X is: roots without a trailing slash, and the consent page."""

    api: str = "https://api.x.com"
    upload: str = "https://upload.twitter.com"
    authorize: str = "https://x.com/i/oauth2/authorize"


class Api(ABC):
    """X for one app. All methods raise the errors of `errors`, and OSError for unreadable files.

    `clock` gives epoch seconds.
    """

    def __init__(
        self, endpoints: Endpoints, app: oauth2.App, *, clock: Callable[[], float]
    ) -> None:
        self.endpoints = endpoints
        self.app = app
        self._clock = clock
        self._fields = wire.FIELDS[0]
        self._ahead = 0.0  # seconds that our clock is ahead of X's, as last seen
        self._v11 = dialect.V11(endpoints.upload)
        self._v2 = dialect.V2(endpoints.api)

    @abstractmethod
    async def send(self, request: Request, access_token: str | None = None) -> Answer:
        """One request, one answer, whatever its status. Raises Unsent or Uncertain."""

    async def pause(self, seconds: float) -> None:
        """Wait for as long as X has said between two questions."""
        await asyncio.sleep(seconds)

    async def exchange(self, code: str, verifier: str) -> oauth2.Token:
        """A code for a token pair. SignInNeeded if X does not take the code (any more)."""
        now = self._clock()
        request = oauth2.exchange(self.app, self.endpoints.api, code, verifier)
        return oauth2.read_token(await self._call(request), now)

    async def refresh(self, refresh_token: str) -> oauth2.Token:
        """A new pair for a refresh token. SignInNeeded if X does not take it (any more)."""
        now = self._clock()
        request = oauth2.refresh(self.app, self.endpoints.api, refresh_token)
        return oauth2.read_token(await self._call(request), now, refresh_token)

    async def revoke(self, token: str) -> None:
        await self._call(oauth2.revoke(self.app, self.endpoints.api, token))

    async def me(self, access_token: str) -> Account:
        """Whose token it is (which has its price, see `prices`)."""
        return wire.read_account(await self._call(wire.me(self.endpoints.api), access_token))

    async def create(
        self,
        access_token: str,
        tweet: Tweet,
        media_ids: Iterable[str] = (),
        reply_to: str | None = None,
    ) -> Created:
        """A new post. After Uncertain it may be there or not."""
        request = wire.create(self.endpoints.api, tweet, tuple(media_ids), reply_to)
        return wire.read_created(await self._call(request, access_token))

    async def delete(self, access_token: str, post_id: str) -> None:
        """Returns once X has confirmed the deletion."""
        wire.read_deleted(await self._call(wire.delete(self.endpoints.api, post_id), access_token))

    async def own_posts(
        self,
        access_token: str,
        account_id: str,
        since: float,
        *,
        read: Callable[[int], None] = lambda posts: None,
    ) -> tuple[OwnPost, ...]:
        """All posts of the account since `since` (epoch seconds of ours): complete, or an error.

        Where our clock is ahead of X's, the window begins so much earlier: a post that is there
        must not be taken for absent. `read` hears of every page how many posts it held: X charges
        for them, also where the next page is an error.
        """
        ahead = self._ahead
        posts = await self._all_posts(access_token, account_id, since - ahead, read)
        if self._ahead > ahead + _NEARLY:  # the answer itself has told how wrong the clock is
            posts = await self._all_posts(access_token, account_id, since - self._ahead, read)
        return posts

    async def _all_posts(
        self, access_token: str, account_id: str, since: float, read: Callable[[int], None]
    ) -> tuple[OwnPost, ...]:
        posts: list[OwnPost] = []
        token: str | None = None
        for _ in range(limits.PAGES):
            page = await self._own_posts(access_token, account_id, since, token)
            read(len(page.posts))
            posts += page.posts
            if (token := page.next_token) is None:
                return tuple(posts)
        raise Uncertain(f"more than {limits.PAGES} pages of posts")

    async def upload_v11(
        self,
        data: bytes | Path,
        mime: str,
        category: str = "tweet_image",
        *,
        progress: upload.Progress = lambda sent, total: None,
    ) -> upload.Uploaded:
        """One medium by v1.1. ValueError without OAuth 1.0a keys."""
        return await self._upload(self._v11, None, data, mime, category, progress)

    async def upload_v2(
        self,
        access_token: str,
        data: bytes | Path,
        mime: str,
        category: str = "tweet_image",
        *,
        progress: upload.Progress = lambda sent, total: None,
    ) -> upload.Uploaded:
        """One medium by v2."""
        return await self._upload(self._v2, access_token, data, mime, category, progress)

    async def describe_v11(self, media_id: str, alt: str) -> None:
        """The alt text of a medium that v1.1 took, before it is posted."""
        await self._run(upload.describe(self._v11, media_id, alt))

    async def describe_v2(self, access_token: str, media_id: str, alt: str) -> None:
        """The alt text of a medium that v2 took, before it is posted."""
        await self._run(upload.describe(self._v2, media_id, alt), access_token)

    async def _upload(
        self,
        words: dialect.Dialect,
        access_token: str | None,
        data: bytes | Path,
        mime: str,
        category: str,
        progress: upload.Progress,
    ) -> upload.Uploaded:
        source = dialect.Source(data, mime, _size(data))
        calls = upload.begin(words, source, category, self._clock(), progress)
        return await self._run(calls, access_token)

    async def _call(self, request: Request, access_token: str | None = None) -> Answer:
        answer = await self.send(request, access_token)
        problem.check(answer, request)
        return answer

    async def _run(
        self,
        calls: Generator[upload.Step, upload.Results, T],
        access_token: str | None = None,
    ) -> T:
        results: upload.Results = ()
        try:
            step = next(calls)
            while True:
                if isinstance(step, upload.Pause):
                    await self.pause(step.seconds)
                    results = ()
                elif isinstance(step, upload.Until):
                    await self.pause(self._seconds_until(step.at))
                    results = ()
                else:
                    sends = [self._result(request, access_token) for request in step]
                    results = tuple(await asyncio.gather(*sends))
                step = calls.send(results)
        except StopIteration as done:
            value: T = done.value
            return value
        finally:
            calls.close()

    def _seconds_until(self, at: float) -> float:
        """Until X's clock shows `at`, as far as that is believed."""
        seconds = at - self._clock() + self._ahead
        return min(max(seconds, 0.0) + 1.0, limits.RATE_WINDOW)

    async def _result(self, request: Request, access_token: str | None) -> Answer | XError:
        try:
            return await self.send(request, access_token)
        except XError as error:
            return error

    def _compare_clocks(self, answer: Answer) -> None:
        """Note by how much our clock is ahead (https://www.rfc-editor.org/rfc/rfc9110#name-date)."""
        try:
            told = parsedate_to_datetime(answer.headers.get("date", ""))
        except ValueError:
            return
        self._ahead = max(0.0, self._clock() - told.timestamp())

    async def _own_posts(
        self, access_token: str, account_id: str, since: float, token: str | None
    ) -> wire.Page:
        while True:
            base = self.endpoints.api
            request = wire.own_posts(base, account_id, since, token, self._fields)
            answer = await self.send(request, access_token)
            self._compare_clocks(answer)
            if not (others := wire.other_fields(answer, self._fields)):
                problem.check(answer, request)
                return wire.read_posts(answer)
            self._fields = others[0]  # remembered: X's names do not change by the hour


def _size(data: bytes | Path) -> int:
    return len(data) if isinstance(data, bytes) else data.stat().st_size
