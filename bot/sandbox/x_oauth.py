"""The token endpoint of the local X: codes into pairs, pairs into new ones, and revocation."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import unquote_plus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox import x_forms as forms
from bot.sandbox import x_problems as problems
from bot.sandbox.x_state import State
from bot.sandbox.x_world import Account, App, Token

VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
BAD_TOKEN = "Value passed for the token was invalid."


def routes(state: State) -> list[Route]:
    return [
        Route("/2/oauth2/token", bound(state, _token), methods=["POST"]),
        Route("/2/oauth2/revoke", bound(state, _revoke), methods=["POST"]),
    ]


def bound(
    state: State, handler: Callable[[State, Request], Awaitable[Response]]
) -> Callable[[Request], Awaitable[Response]]:
    """A handler as an endpoint; refusals in the form of OAuth 2.0."""

    async def endpoint(request: Request) -> Response:
        try:
            return await handler(state, request)
        except problems.Problem as problem:
            return problem.response()
        except forms.Malformed as error:
            return problems.oauth(400, "invalid_request", str(error)).response()

    return endpoint


def grant(state: State, app: App, account: Account, scope: str) -> dict[str, str]:
    """A pair without the walk through consent."""
    token = _issue(state, app, account.id, tuple(scope.split(" ")), secrets.token_hex(8))
    pair = {"access_token": token.access, "scope": scope}
    return pair | ({"refresh_token": token.refresh} if token.refresh is not None else {})


async def _token(state: State, request: Request) -> Response:
    given = await _given(request)
    app = _client(state, request, given)
    grant = _needed(given, "grant_type")
    if grant == "authorization_code":
        token = _exchange(state, app, given)
    elif grant == "refresh_token":
        token = _refresh(state, app, _needed(given, "refresh_token"))
    else:
        raise problems.oauth(400, "unsupported_grant_type", "Value passed for the grant type.")
    answer: dict[str, object] = {
        "token_type": "bearer",
        "expires_in": state.expires_in,
        "access_token": token.access,
        "scope": " ".join(token.scope),
    }
    if token.refresh is not None:
        answer["refresh_token"] = token.refresh
    return JSONResponse(answer, headers={"cache-control": "no-store"})


async def _revoke(state: State, request: Request) -> Response:
    given = await _given(request)
    app = _client(state, request, given)
    value = _needed(given, "token")
    for token in state.world.tokens:
        if token.client_id != app.client_id:
            continue
        if token.access == value:
            token.access_ended = True
        if token.refresh == value:
            end_family(state, token.family)
    return JSONResponse({"revoked": True})


async def _given(request: Request) -> dict[str, str]:
    if forms.kind(request) != "application/x-www-form-urlencoded":
        raise forms.Malformed("Content-Type must be application/x-www-form-urlencoded")
    return {name: field.text for name, field in (await forms.form(request)).items()}


def _needed(given: Mapping[str, str], name: str) -> str:
    if not given.get(name):
        raise problems.oauth(400, "invalid_request", f"Missing required parameter [{name}].")
    return given[name]


def _client(state: State, request: Request, given: Mapping[str, str]) -> App:
    refused = problems.oauth(401, "unauthorized_client", "Missing valid authorization header")
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "basic":
            raise refused
        try:
            name, _, secret = forms.unbase64(value.strip()).decode().partition(":")
        except ValueError as error:
            raise refused from error
        app = state.world.app(unquote_plus(name))
        if app is None or app.client_secret is None:
            raise refused
        if not hmac.compare_digest(unquote_plus(secret).encode(), app.client_secret.encode()):
            raise refused
        if given.get("client_id", app.client_id) != app.client_id:
            raise refused
        return app
    app = state.world.app(given.get("client_id", ""))
    if app is None or app.client_secret is not None:
        raise refused
    return app


def _exchange(state: State, app: App, given: Mapping[str, str]) -> Token:
    code = state.world.codes.get(_needed(given, "code"))
    redirect, verifier = _needed(given, "redirect_uri"), _needed(given, "code_verifier")
    bad_code = "Value passed for the authorization code was invalid."
    if code is None or code.client_id != app.client_id:
        raise problems.oauth(400, "invalid_request", bad_code)
    if code.family is not None:
        end_family(state, code.family)
        raise problems.oauth(400, "invalid_request", bad_code)
    code.family = secrets.token_hex(8)  # used up, whatever comes of it
    if code.ends <= state.clock():
        raise problems.oauth(400, "invalid_request", bad_code)
    if redirect != code.redirect_uri:
        detail = (
            "Value passed for the redirect uri did not match the uri of the authorization code."
        )
        raise problems.oauth(400, "invalid_request", detail)
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    if not VERIFIER.fullmatch(verifier) or challenge != code.challenge:
        detail = "Value passed for the code verifier did not match the code challenge."
        raise problems.oauth(400, "invalid_request", detail)
    return _issue(state, app, code.account_id, code.scope, code.family)


def _refresh(state: State, app: App, value: str) -> Token:
    refused = problems.oauth(400, "invalid_request", BAD_TOKEN)
    token = next((t for t in state.world.tokens if t.refresh == value), None)
    if token is None or token.client_id != app.client_id or token.refresh_ended:
        raise refused
    if token.refresh_ends <= state.clock():
        raise refused
    if token.spent:
        successor = next(
            t
            for t in state.world.tokens[state.world.tokens.index(token) + 1 :]
            if t.family == token.family
        )
        if not state.forgiving_refresh or successor.used or successor.spent:
            end_family(state, token.family)
            raise refused
        successor.access_ended = successor.refresh_ended = True
        state.world.tokens.remove(successor)
    token.spent = True
    if state.refresh_ends_access:
        token.access_ended = True
    return _issue(state, app, token.account_id, token.scope, token.family)


def _issue(state: State, app: App, account: str, scope: tuple[str, ...], family: str) -> Token:
    now = state.clock()
    token = Token(
        access=secrets.token_urlsafe(68),
        refresh=secrets.token_urlsafe(68) if "offline.access" in scope else None,
        family=family,
        client_id=app.client_id,
        account_id=account,
        scope=scope,
        ends=now + state.expires_in,
        refresh_ends=now + state.refresh_lives,
    )
    state.world.tokens.append(token)
    return token


def end_family(state: State, family: str) -> None:
    for token in state.world.tokens:
        if token.family == family:
            token.access_ended = token.refresh_ended = True
