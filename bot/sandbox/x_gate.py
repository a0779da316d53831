"""Who is calling, may they, how often, and what it costs: the same for every endpoint."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Literal
from urllib.parse import unquote

from oauthlib.oauth1.rfc5849 import signature
from starlette.requests import Request
from starlette.responses import Response

from bot.sandbox import x_forms as forms
from bot.sandbox import x_problems as problems
from bot.sandbox.exchange import at_work
from bot.sandbox.x_state import State
from bot.sandbox.x_world import Account, App, Charge, OAuth1Token

REQUIRED = (
    "oauth_consumer_key",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
    "oauth_timestamp",
    "oauth_token",
)
TIMESTAMP_WINDOW = 300.0


@dataclass(frozen=True, slots=True)
class Caller:
    account: Account
    app: App
    by: Literal["oauth1", "oauth2"]
    level: str = ""  # what the app may do, as X tells a caller by OAuth 1.0a


Handler = Callable[[State, Caller, Request], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def guarded(
    state: State,
    limit: str | None,
    scopes: tuple[str, ...],
    handler: Handler,
    *,
    writes: bool = False,
    v1: bool = False,
) -> Endpoint:
    """The handler behind sign-in, permission and rate limit, as an endpoint for a route."""

    async def endpoint(request: Request) -> Response:
        headers: dict[str, str] = {}
        try:
            caller = await identify(state, request, scopes, writes=writes, v1=v1)
            if caller.level:
                headers["x-access-level"] = caller.level
            if limit is not None:
                headers |= count(state, caller.account, limit, v1=v1)
            response = await handler(state, caller, request)
        except problems.Problem as problem:
            response = problem.response()
        except forms.Malformed as error:
            malformed = problems.v1_media(str(error)) if v1 else problems.invalid(str(error))
            response = malformed.response()
        response.headers.update(headers)
        return response

    return endpoint


# -- who ---------------------------------------------------------------------------------------


async def identify(
    state: State, request: Request, scopes: tuple[str, ...], *, writes: bool, v1: bool
) -> Caller:
    header = request.headers.get("authorization", "")
    scheme = header.partition(" ")[0].lower()
    if scheme == "oauth":
        try:
            app, token = await _oauth1(state, request, header)
        except problems.Problem as problem:
            raise problem if v1 else problems.unauthorized() from problem
        account = state.world.account(token.account_id)
        may_write = token.read_write and app.read_write
        if writes and not may_write:
            raise problems.v1_no_access() if v1 else problems.oauth1_permissions()
        caller = Caller(account, app, "oauth1", "read-write" if may_write else "read")
    elif v1:  # OAuth 1.0a user context only
        raise problems.v1_unauthenticated() if scheme else problems.v1_no_auth()
    elif scheme == "bearer":
        caller = _bearer(state, header.partition(" ")[2].strip(), scopes)
    else:
        raise problems.unauthorized()
    if not caller.app.enrolled and not v1:
        raise problems.not_enrolled(caller.app.client_id)
    if caller.account.suspended:
        raise problems.v1(403, 64, "Your account is suspended.") if v1 else problems.suspended()
    if caller.account.locked and writes:
        raise problems.v1(403, 326, "This account is locked.") if v1 else problems.not_permitted()
    return caller


def _bearer(state: State, value: str, scopes: tuple[str, ...]) -> Caller:
    token = next((t for t in state.world.tokens if t.access == value), None)
    app = state.world.app(token.client_id) if token is not None else None
    if token is None or app is None or token.access_ended or token.ends <= state.clock():
        raise problems.unauthorized()
    token.used = True
    if not set(scopes) <= set(token.scope):
        raise problems.forbidden()
    return Caller(state.world.account(token.account_id), app, "oauth2")


async def _oauth1(state: State, request: Request, header: str) -> tuple[App, OAuth1Token]:
    given = {
        name: unquote(value)
        for name, value in re.findall(r'(oauth_\w+)="([^"]*)"', header.partition(" ")[2])
    }
    if any(not given.get(name) for name in REQUIRED):
        raise problems.v1_no_auth()
    if given["oauth_signature_method"] != "HMAC-SHA1" or given.get("oauth_version", "1.0") != "1.0":
        raise problems.v1_unauthenticated()
    world = state.world
    app = next((a for a in world.apps if a.consumer_key == given["oauth_consumer_key"]), None)
    if app is None:
        raise problems.v1_unauthenticated()
    token = next((t for t in world.oauth1 if t.token == given["oauth_token"]), None)
    if token is None or token.revoked or token.consumer_key != app.consumer_key:
        raise problems.v1_token()
    if not given["oauth_timestamp"].isdigit():
        raise problems.v1_unauthenticated()
    if abs(int(given["oauth_timestamp"]) - state.clock()) > TIMESTAMP_WINDOW:
        raise problems.v1_timestamp()
    if not await _signed(
        request, header, given["oauth_signature"], app.consumer_secret, token.secret
    ):
        raise problems.v1_unauthenticated()
    nonce = (token.token, given["oauth_timestamp"], given["oauth_nonce"])
    if nonce in state.nonces:
        raise problems.v1_unauthenticated()
    state.nonces.add(nonce)
    return app, token


async def _signed(
    request: Request, header: str, given: str, consumer_secret: str, token_secret: str
) -> bool:
    is_form = forms.kind(request) == "application/x-www-form-urlencoded"
    try:
        parameters: Any = signature.collect_parameters(
            uri_query=request.url.query,
            body=(await request.body()).decode() if is_form else None,
            headers={"Authorization": header},
        )
        raw_path = request.scope["raw_path"].decode("ascii")
        claim = SimpleNamespace(
            params=parameters,
            uri=f"http://{request.headers['host']}{raw_path}",
            http_method=request.method,
            signature=given,
        )
        return bool(signature.verify_hmac_sha1(claim, consumer_secret, token_secret))
    except ValueError:
        return False


# -- how often ---------------------------------------------------------------------------------


def count(state: State, account: Account, name: str, *, v1: bool = False) -> dict[str, str]:
    """Counts the request in its window; the headers that say how many are left."""
    limit = state.limits[name]
    now = state.clock()
    begun, used = state.windows.get((account.id, name), (now, 0))
    if now >= begun + limit.seconds:
        begun, used = now, 0
    state.windows[account.id, name] = (begun, used + 1)
    headers = {
        "x-rate-limit-limit": str(limit.count),
        "x-rate-limit-remaining": str(max(0, limit.count - used - 1)),
        "x-rate-limit-reset": str(int(begun + limit.seconds)),
    }
    if used >= limit.count:
        raise problems.v1_too_many(headers) if v1 else problems.too_many(headers)
    return headers


# -- for how much ------------------------------------------------------------------------------


def charge(state: State, caller: Caller, kind: str, price: Decimal, times: int = 1) -> None:
    """Takes the price from the balance, or refuses before anything took effect."""
    amount = price * times
    if state.credits is not None:
        if state.credits <= 0 or state.credits < amount:
            raise problems.credits_depleted(caller.account.id)
        state.credits -= amount
    if times:
        state.bill.append(Charge(kind, amount, state.clock(), at_work.get()))
