"""Asks X whom the credentials are of, and what they are good for.

Never posts, and never uses or renews a refresh token: that is good for one use, and the bot's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from authlib.common.security import generate_token

from twitter_core import dialect, oauth2, problem, wire
from twitter_core.call import Answer, Auth, Request
from twitter_core.client import Client
from twitter_core.errors import Forbidden, Refusal, Refused, SignInNeeded, Uncertain, XError
from twitter_core.tokens import SignIn, is_last, is_stale
from twitter_core.vault import peek
from twitter_core.wire import Account

from . import seen
from .watch import ahead_of

LIMIT = 6.0  # seconds for one question
_LEVEL = "x-access-level"  # "read", "read-write" or "read-write-directmessages" [old]
# X keeps room for it for a day; nothing is sent into it.
_UPLOAD = dialect.Source(b"", "image/jpeg", 1024)


class X:
    """X for one app, and the clock that its answers tell."""

    def __init__(self, client: Client, *, clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._clock = clock
        self.host = urlsplit(client.endpoints.api).netloc
        self.ahead: float | None = None
        self.questions = 0

    async def look(self, folder: Path, scope: str, way: str) -> seen.X:
        """All of it at once."""
        app, keys, stored = await asyncio.gather(
            self.app(), self.keys(upload=way != "v2"), self.stored(folder)
        )
        return seen.X(self.host, app, scope, way, keys, stored, self.ahead, self.questions)

    async def app(self) -> seen.App:
        """Whether X knows the client id and the secret.

        A code that nobody was given is refused in one way by an app that is right, and in another
        to one that is not; it uses nothing up.
        """
        app = self._client.app
        base = self._client.endpoints.api
        request = oauth2.exchange(app, base, generate_token(48), generate_token(64))
        answer = await self._send(request)
        error = answer if isinstance(answer, XError) else _problem(answer, request)
        return seen.App(app.client_id, bool(app.client_secret), _about_app(error))

    async def keys(self, *, upload: bool) -> seen.Keys | None:
        """Whose the OAuth 1.0a keys are; None where none are set."""
        if self._client.keys is None:
            return None
        request = replace(wire.me(self._client.endpoints.api), auth=Auth.OAUTH1)
        begin = dialect.V11(self._client.endpoints.upload).initialize(_UPLOAD, "tweet_image")
        me, begun = await asyncio.gather(
            self._send(request), self._send(begin) if upload else _nothing()
        )
        answers = [one for one in (me, begun) if isinstance(one, Answer)]
        return seen.Keys(
            self._account(me, request),
            self._client.keys.user_id,
            next((a.headers[_LEVEL] for a in answers if a.headers.get(_LEVEL)), ""),
            _problem(begun, begin) if isinstance(begun, Answer) else begun,
            upload_asked=upload,
        )

    async def stored(self, folder: Path) -> seen.Stored | seen.Unreadable | None:
        """The sign-in of the data folder, read beside a bot that may be running, and asked for."""
        asked: Account | XError | None = None
        tried = ""
        while True:
            sign_in = _peek(folder)
            if not isinstance(sign_in, SignIn):
                return sign_in
            token = sign_in.token.access_token
            # A pair that was renewed between the look and the question is looked for once more.
            if token == tried or is_stale(sign_in.token, self._clock()):
                return self._told(sign_in, asked)
            asked = await self._who(token)
            if not isinstance(asked, SignInNeeded) or tried:
                return self._told(sign_in, asked)
            tried = token

    def kept(self, folder: Path) -> seen.Stored | seen.Unreadable | None:
        """The sign-in of the data folder, without a question to X."""
        sign_in = _peek(folder)
        return self._told(sign_in, None) if isinstance(sign_in, SignIn) else sign_in

    async def _who(self, token: str) -> Account | XError:
        request = wire.me(self._client.endpoints.api)
        return self._account(await self._send(request, token), request)

    def _told(self, sign_in: SignIn, asked: Account | XError | None) -> seen.Stored:
        is_over = self._clock() >= sign_in.token.expires_at
        return seen.Stored(
            account=sign_in.account,
            scope=sign_in.token.scope,
            is_last=is_last(sign_in),
            is_over=is_last(sign_in) and is_over,
            asked=asked,
        )

    def _account(self, answer: Answer | XError, request: Request) -> Account | XError:
        if isinstance(answer, XError):
            return answer
        if (error := _problem(answer, request)) is not None:
            return error
        self.questions += 1
        try:
            account: Account | XError = wire.read_account(answer)
        except XError as unclear:
            account = unclear
        return account

    async def _send(self, request: Request, token: str | None = None) -> Answer | XError:
        try:
            async with asyncio.timeout(LIMIT):
                answer = await self._client.send(request, token)
        except XError as error:
            return error
        except TimeoutError as error:
            return Uncertain(type(error).__name__)
        self.ahead = ahead_of(answer.headers, self._clock(), self.ahead)
        return answer


def _about_app(error: XError | None) -> XError | None:
    """What is left of an answer to a code that is none: None where it is about the code alone."""
    if not isinstance(error, Refused) or error.refusal not in (Refusal.SIGN_IN, Refusal.INVALID):
        return error
    # How X refuses the client id of a public client is documented nowhere.
    if "client" in error.detail.lower():
        return Forbidden(Refusal.BAD_CLIENT, status=error.status, detail=error.detail)
    return None


def _peek(folder: Path) -> SignIn | seen.Unreadable | None:
    try:
        return peek(folder)
    except OSError as error:
        return seen.Unreadable(error.strerror or type(error).__name__)
    except ValueError as error:  # whose text may hold what stands in the file
        return seen.Unreadable(type(error).__name__)


async def _nothing() -> None:
    return None


def _problem(answer: Answer, request: Request) -> XError | None:
    return None if answer.ok else problem.read(answer, request)
