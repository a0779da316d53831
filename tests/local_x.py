"""A local X for tests of the library: clients and sessions on it, and a clock that waiting moves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot.sandbox.server import Exchange
from bot.sandbox.x import X
from bot.sandbox.x_world import Media
from twitter_core.client import Client, Endpoints
from twitter_core.oauth1 import Keys
from twitter_core.oauth2 import App, Token
from twitter_core.session import Pocket, Session
from twitter_core.sources import Bounds, Web


class Clock:
    """A time that only moves when somebody waits."""

    now = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now


class LocalX:
    """X on this machine, in a time of its own, and whatever calls it without Telegram."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.x = X(clock=self.clock)
        self.pauses: list[float] = []

    @property
    def app(self) -> App:
        app = self.x.app
        return App(app.client_id, app.client_secret or "", app.redirect_uris[0])

    @property
    def keys(self) -> Keys:
        app, token = self.x.app, self.x.oauth1
        return Keys(app.consumer_key, app.consumer_secret, token.token, token.secret)

    @property
    def token(self) -> Token:
        given = self.x.sign_in()
        return Token(given["access_token"], given["refresh_token"], self.clock() + 7200)

    @asynccontextmanager
    async def client(
        self, app: App | None = None, keys: Keys | None = None
    ) -> AsyncIterator[Client]:
        x = self.x
        endpoints = Endpoints(x.url, x.upload_url, f"{x.url}/i/oauth2/authorize")
        local = self

        class Waiting(Client):
            async def pause(self, seconds: float) -> None:
                local.pauses.append(seconds)
                local.clock.now += seconds

        async with Waiting(endpoints, app or self.app, keys, clock=self.clock) as client:
            yield client

    def session(self, client: Client, token: Token | None = None, **more: Any) -> Session:
        """Signed in with `token`; downloads from this machine are allowed."""
        given = {"vault": Pocket(token), "web": Web(Bounds(private=True)), **more}
        return Session(client, clock=self.clock, **given)

    @property
    def media(self) -> list[Media]:
        return [media for post in self.x.timeline() for media in post.media]

    @property
    def asked(self) -> list[Exchange]:
        """All that X was asked for, in its order."""
        exchanges = [one for service in self.x.services for one in service.exchanges]
        return sorted(exchanges, key=lambda one: one.number)

    def paths(self) -> list[str]:
        """The same, as `METHOD /path`."""
        return [f"{one.method} {one.path}" for one in self.asked]


@asynccontextmanager
async def started() -> AsyncIterator[LocalX]:
    """One that runs."""
    local = LocalX()
    await local.x.start()
    try:
        yield local
    finally:
        await local.x.stop()
