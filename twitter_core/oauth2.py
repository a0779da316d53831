"""Sign-in with X by OAuth 2.0 (RFC 6749) and PKCE (RFC 7636, S256 always), as values.

Sends nothing, reads neither clock nor randomness, and never puts a secret in a repr or an error.
"""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from . import limits
from .call import Answer, Auth, Call, Request
from .errors import Uncertain
from .wire import Account as Account


@dataclass(frozen=True, slots=True)
class App:
    """The client as registered with X. With a secret it is a confidential one."""

    client_id: str
    client_secret: str = field(default="", repr=False)
    redirect_uri: str = "http://127.0.0.1:8080/callback"
    scope: str = "tweet.read tweet.write users.read media.write offline.access"


@dataclass(frozen=True, slots=True)
class Token:
    """A token pair. Times are in epoch seconds; without `offline.access` there is no refresh."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: float
    scope: str = ""
    issued_at: float = 0.0


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """A sign-in that waits for its landing until `ends_at`; `asked_by` is the owner's id."""

    state: str = field(repr=False)
    verifier: str = field(repr=False)
    ends_at: float
    asked_by: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """X's code: good for 30 seconds and for one use."""

    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Denied:
    """The owner said no, or X did; `reason` is X's word for it."""

    reason: str


@dataclass(frozen=True, slots=True)
class WrongState:
    """A landing of another sign-in, or a forged one: the pending sign-in stays as it is."""


@dataclass(frozen=True, slots=True)
class Expired:
    """The landing fits, but came too late."""


@dataclass(frozen=True, slots=True)
class NotPending:
    """No sign-in waits for a landing."""


@dataclass(frozen=True, slots=True)
class NoCode:
    """Not the address that the browser landed on."""


Landing = Code | Denied | WrongState | Expired | NotPending | NoCode

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636, 4.1


def begin(
    app: App, authorize_url: str, *, state: str, verifier: str, now: float, asked_by: str = ""
) -> tuple[str, PendingSignIn]:
    """The link to X's consent page, and what has to be kept until the browser lands.

    `verifier` has 43 to 128 characters, `state` at most 500; else ValueError.
    """
    if not _VERIFIER.fullmatch(verifier):
        raise ValueError("a verifier has 43 to 128 unreserved characters")
    if not 0 < len(state) <= limits.STATE_LENGTH:
        raise ValueError(f"a state has 1 to {limits.STATE_LENGTH} characters")
    link = prepare_grant_uri(
        authorize_url,
        app.client_id,
        "code",
        redirect_uri=app.redirect_uri,
        scope=app.scope,
        state=state,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
    )
    pending = PendingSignIn(state, verifier, now + limits.SIGN_IN_LIFETIME, asked_by)
    # Authlib writes a blank as "+", which is only sure to be a blank in forms; a "+" is "%2B".
    return str(link).replace("+", "%20"), pending


def landed(pending: PendingSignIn | None, url_or_query: str, now: float) -> Landing:
    """What the address that the browser landed on, or its query, comes to."""
    text = _unwrap(url_or_query).partition("#")[0]
    query = text.rpartition("?")[2]
    given = {name: values[0] for name, values in parse_qs(query).items() if len(values) == 1}
    if "code" not in given and "error" not in given:
        return NoCode()
    if pending is None:
        return NotPending()
    if not hmac.compare_digest(given.get("state", "").encode(), pending.state.encode()):
        return WrongState()
    if now >= pending.ends_at:
        return Expired()
    if "error" in given:
        return Denied(given["error"])
    return Code(given["code"])


def is_landing(app: App, text: str) -> bool:
    """Whether a text begins with the redirect URI (a browser may leave out its scheme)."""
    begun = _unwrap(text).lower()
    wanted = app.redirect_uri.lower()
    return begun.startswith((wanted, wanted.partition("://")[2]))


def exchange(app: App, base: str, code: str, verifier: str) -> Request:
    """POST /2/oauth2/token with a code."""
    form = (
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", app.redirect_uri),
        ("code_verifier", verifier),
    )
    return _request(app, Call.EXCHANGE, f"{base}/2/oauth2/token", form)


def refresh(app: App, base: str, refresh_token: str) -> Request:
    """POST /2/oauth2/token with a refresh token, which is good for one use."""
    form = (("grant_type", "refresh_token"), ("refresh_token", refresh_token))
    return _request(app, Call.REFRESH, f"{base}/2/oauth2/token", form)


def revoke(app: App, base: str, token: str) -> Request:
    """POST /2/oauth2/revoke with an access or a refresh token (RFC 7009)."""
    return _request(app, Call.REVOKE, f"{base}/2/oauth2/revoke", (("token", token),))


def basic(app: App) -> str:
    """The Authorization header of a confidential client (RFC 6749, 2.3.1)."""
    pair = f"{quote(app.client_id, safe='')}:{quote(app.client_secret, safe='')}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def read_token(answer: Answer, now: float, previous_refresh: str = "") -> Token:
    """The pair in a 2xx answer; Uncertain where there is none (it may have been given out).

    `now` is when the request was sent, so that the token ends rather too early than too late.
    `previous_refresh` is kept where X sends no new refresh token (RFC 6749, 6).
    """
    body = answer.fields()
    access, renewal, scope = (body.get(n) for n in ("access_token", "refresh_token", "scope"))
    if not isinstance(access, str) or not access:
        raise Uncertain(f"{answer.status}, no access token", status=answer.status)
    try:
        lifetime = float(str(body.get("expires_in", limits.TOKEN_LIFETIME)))
    except ValueError:
        lifetime = limits.TOKEN_LIFETIME
    return Token(
        access_token=access,
        refresh_token=renewal if isinstance(renewal, str) and renewal else previous_refresh,
        expires_at=now + lifetime,
        scope=scope if isinstance(scope, str) else "",
        issued_at=now,
    )


def _request(app: App, call: Call, url: str, form: tuple[tuple[str, str], ...]) -> Request:
    # The wrong way gets 401 "Missing valid authorization header" [seen 2026-11].
    if app.client_secret:
        return Request(call, "POST", url, auth=Auth.BASIC, form=form)
    return Request(call, "POST", url, auth=Auth.NONE, form=(*form, ("client_id", app.client_id)))


def _unwrap(text: str) -> str:
    return text.strip().removeprefix("<").removesuffix(">").strip()
