"""A local X: the API and the upload host, each on its own port, over one world.

As strict as the real one where its behaviour is known; never talks to anything but its callers.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.sandbox import (
    x_consent,
    x_oauth,
    x_posts,
    x_reads,
    x_upload_v1,
    x_upload_v2,
)
from bot.sandbox import x_problems as problems
from bot.sandbox.server import Service
from bot.sandbox.x_state import State
from bot.sandbox.x_world import Account, App, OAuth1Token, Post

CALLBACK = "http://127.0.0.1:8080/callback"


class X(State):
    """One account, one app, and everything that Telex, tweepy and xdk call."""

    def __init__(
        self, *, clock: Callable[[], float] = time.time, redirect_uri: str = CALLBACK
    ) -> None:
        super().__init__(clock)
        self.account: Account = self.world.add_account("sandbox", "Sandbox", clock())
        self.app: App = self.world.add_app([redirect_uri])
        self.oauth1: OAuth1Token = self.world.add_oauth1(self.account, self.app)
        uploads = x_upload_v1.routes(self)
        everything = [
            *x_consent.routes(self),
            *x_oauth.routes(self),
            *x_posts.routes(self),
            *x_reads.routes(self),
            *x_upload_v2.routes(self),
            *uploads,
        ]
        strange = {HTTPException: _strange}
        self.api = Service("x", everything, clock=clock, exception_handlers=strange)
        self.upload = Service("x upload", uploads, clock=clock, exception_handlers=strange)

    @property
    def services(self) -> tuple[Service, Service]:
        return self.api, self.upload

    @property
    def url(self) -> str:
        return self.api.url

    @property
    def upload_url(self) -> str:
        return self.upload.url

    async def start(self, port: int = 0, upload_port: int = 0) -> None:
        await self.api.start(port)
        await self.upload.start(upload_port)

    async def stop(self) -> None:
        await self.api.stop()
        await self.upload.stop()

    def settings(self) -> dict[str, str]:
        """The settings of a bot that shall use this X with the account that it begins with."""
        return {
            "X_CLIENT_ID": self.app.client_id,
            "X_CLIENT_SECRET": self.app.client_secret or "",
            "X_REDIRECT_URI": self.app.redirect_uris[0],
            "X_API_KEY": self.app.consumer_key,
            "X_API_SECRET": self.app.consumer_secret,
            "X_ACCESS_TOKEN": self.oauth1.token,
            "X_ACCESS_TOKEN_SECRET": self.oauth1.secret,
            "X_API_URL": self.url,
            "X_UPLOAD_URL": self.upload_url,
            "X_AUTHORIZE_URL": f"{self.url}/i/oauth2/authorize",
        }

    def consent(self, url: str, *, allow: bool = True, account: Account | None = None) -> str:
        """The address that the browser lands on after the consent page; no browser needed.

        Raises `Unwilling` where X would show an error on its own page.
        """
        asked = x_consent.query_of(url)
        return x_consent.decide(self, asked, account or self.account, allow)

    def sign_in(
        self,
        scope: str = "tweet.read tweet.write users.read media.write offline.access",
        account: Account | None = None,
    ) -> dict[str, str]:
        """A token pair as the token endpoint would have given it, for tests of what comes after."""
        return x_oauth.grant(self, self.app, account or self.account, scope)

    def timeline(self, account: Account | None = None) -> tuple[Post, ...]:
        """The account's posts that are not deleted, oldest first, with the bytes of their media."""
        wanted = (account or self.account).id
        posts = self.world.posts
        return tuple(p for p in posts if p.account_id == wanted and p.deleted is None)


async def _strange(request: Request, error: Exception) -> Response:
    """Unknown paths and methods get a problem, not Starlette's plain text."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if request.url.path.startswith("/1.1/"):
        return problems.v1(status, 34, "Sorry, that page does not exist.").response()
    return problems.titled(status, "Not Found" if status == 404 else "Refused").response()
