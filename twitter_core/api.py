"""What can be asked of X, over one abstract method that sends: every endpoint as a coroutine.

Knows no HTTP library, never sleeps, and never repeats a request.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from . import limits, oauth2, problem, upload, wire
from .call import Answer, Request
from .errors import Uncertain
from .post import Tweet
from .wire import Account, Created, OwnPost


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

    @abstractmethod
    async def send(self, request: Request, access_token: str | None = None) -> Answer:
        """One request, one answer, whatever its status. Raises Unsent or Uncertain."""

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
        """Whose token it is (costs `limits.PRICE_USER_READ`)."""
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
        self, access_token: str, account_id: str, since: float
    ) -> tuple[OwnPost, ...]:
        """All posts of the account since `since` (epoch seconds): complete, or an error."""
        posts: list[OwnPost] = []
        token: str | None = None
        for _ in range(limits.PAGES):
            page = await self._own_posts(access_token, account_id, since, token)
            posts += page.posts
            if (token := page.next_token) is None:
                return tuple(posts)
        raise Uncertain(f"more than {limits.PAGES} pages of posts")

    async def upload_v11(
        self, data: bytes | Path, mime: str, category: str = "tweet_image"
    ) -> upload.Uploaded:
        """One image by v1.1. ValueError without OAuth 1.0a keys."""
        source = upload.Source(data, mime, _size(data))
        return await self._run(upload.v11(self.endpoints.upload, source, category, self._clock()))

    async def upload_v2(
        self, access_token: str, data: bytes | Path, mime: str, category: str = "tweet_image"
    ) -> upload.Uploaded:
        """One image by v2."""
        source = upload.Source(data, mime, _size(data))
        calls = upload.v2(self.endpoints.api, source, category, self._clock())
        return await self._run(calls, access_token)

    async def _call(self, request: Request, access_token: str | None = None) -> Answer:
        answer = await self.send(request, access_token)
        problem.check(answer, request)
        return answer

    async def _run(self, calls: upload.Calls, access_token: str | None = None) -> upload.Uploaded:
        try:
            request = next(calls)
            while True:
                request = calls.send(await self.send(request, access_token))
        except StopIteration as done:
            uploaded: upload.Uploaded = done.value
            return uploaded
        finally:
            calls.close()

    async def _own_posts(
        self, access_token: str, account_id: str, since: float, token: str | None
    ) -> wire.Page:
        while True:
            base = self.endpoints.api
            request = wire.own_posts(base, account_id, since, token, self._fields)
            answer = await self.send(request, access_token)
            if not (others := wire.other_fields(answer, self._fields)):
                problem.check(answer, request)
                return wire.read_posts(answer)
            self._fields = others[0]  # remembered: X's names do not change by the hour


def _size(data: bytes | Path) -> int:
    return len(data) if isinstance(data, bytes) else data.stat().st_size
