"""The consent page of the local X: a link in, the address of the callback out.

Stricter than the real one in one thing: PKCE only with S256.
"""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.sandbox import x_forms as forms
from bot.sandbox.x_oauth import bound
from bot.sandbox.x_state import State
from bot.sandbox.x_world import SCOPES, Account, Code

CODE_LIVES = 30.0
STATE_LENGTH = 500
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # base64url of a SHA-256
ASKED = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
)


def routes(state: State) -> list[Route]:
    return [
        Route("/i/oauth2/authorize", bound(state, _page), methods=["GET"]),
        Route("/i/oauth2/authorize", bound(state, _decide), methods=["POST"]),
    ]


class Unwilling(Exception):
    """The link is wrong; X shows that on its own page and never goes back to the app."""


def wrong(state: State, asked: Mapping[str, str]) -> str | None:
    """What is wrong with a consent link; None: it is right."""
    app = state.world.app(asked.get("client_id", ""))
    scope = asked.get("scope", "").split(" ")
    checks = {
        "response_type": asked.get("response_type") == "code",
        "client_id": app is not None,
        "redirect_uri": app is not None and asked.get("redirect_uri") in app.redirect_uris,
        "scope": bool(scope) and set(scope) <= SCOPES and len(set(scope)) == len(scope),
        "state": 0 < len(asked.get("state", "")) <= STATE_LENGTH,
        "code_challenge": bool(CHALLENGE.fullmatch(asked.get("code_challenge", ""))),
        "code_challenge_method": asked.get("code_challenge_method") == "S256",
    }
    return next((name for name, right in checks.items() if not right), None)


def decide(state: State, asked: Mapping[str, str], account: Account, allow: bool) -> str:
    """The address that the browser is sent to."""
    if (name := wrong(state, asked)) is not None:
        raise Unwilling(name)
    answer = {"state": asked["state"]}
    if allow:
        code = secrets.token_urlsafe(60)
        state.world.codes[code] = Code(
            code=code,
            client_id=asked["client_id"],
            account_id=account.id,
            redirect_uri=asked["redirect_uri"],
            scope=tuple(asked["scope"].split(" ")),
            challenge=asked["code_challenge"],
            ends=state.clock() + CODE_LIVES,
        )
        answer["code"] = code
    else:
        answer["error"] = "access_denied"
    glue = "&" if urlsplit(asked["redirect_uri"]).query else "?"
    return asked["redirect_uri"] + glue + urlencode(answer)


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


async def _page(state: State, request: Request) -> Response:
    asked = dict(request.query_params)
    if (name := wrong(state, asked)) is not None:
        return HTMLResponse(_html(f"<h1>Something went wrong</h1><p>{html.escape(name)}</p>"), 400)
    hidden = "".join(
        f'<input type="hidden" name="{html.escape(k)}" value="{html.escape(asked[k])}">'
        for k in ASKED
    )
    accounts = "".join(
        f'<option value="{html.escape(a.id)}">@{html.escape(a.username)}</option>'
        for a in state.world.accounts
    )
    scopes = "".join(f"<li>{html.escape(s)}</li>" for s in asked["scope"].split(" "))
    return HTMLResponse(
        _html(
            "<h1>Sandbox X</h1><p>An app wants to access your account. It will be able to:</p>"
            f'<ul>{scopes}</ul><form method="post" action="/i/oauth2/authorize">{hidden}'
            f'<p><label>Account <select name="account">{accounts}</select></label></p>'
            '<button name="decision" value="allow">Allow</button> '
            '<button name="decision" value="deny">Deny</button></form>'
        )
    )


async def _decide(state: State, request: Request) -> Response:
    given = {name: field.text for name, field in (await forms.form(request)).items()}
    account = next((a for a in state.world.accounts if a.id == given.get("account")), None)
    if account is None or given.get("decision") not in ("allow", "deny"):
        return HTMLResponse(_html("<h1>Something went wrong</h1>"), 400)
    try:
        target = decide(state, given, account, given["decision"] == "allow")
    except Unwilling as error:
        return HTMLResponse(
            _html(f"<h1>Something went wrong</h1><p>{html.escape(str(error))}</p>"), 400
        )
    return RedirectResponse(target, 302)


def _html(body: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox X</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,"><style>{_STYLE}</style>'
        f"<main>{body}</main></html>"
    )


_STYLE = (
    ":root{color-scheme:light dark;--ink:#0f1419;--dim:#536471;--desk:#f2f4f6;--paper:#fff;"
    "--line:#dfe4e8;font:16px/1.5 -apple-system,'Segoe UI',Roboto,Inter,'Liberation Sans',"
    "system-ui,sans-serif}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e7e9ea;--dim:#8b98a5;--desk:#000;"
    "--paper:#14181c;--line:#2b3238}}"
    "body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--desk);"
    "color:var(--ink)}"
    "main{box-sizing:border-box;width:min(440px,100vw - 2rem);padding:2rem;border-radius:20px;"
    "background:var(--paper);border:1px solid var(--line)}"
    "h1{margin:0 0 .75rem;font-size:1.5rem;letter-spacing:-.01em}p{margin:0 0 .75rem}"
    "ul{margin:0 0 1.25rem;padding:.5rem 0 .5rem 1.4rem;color:var(--dim)}"
    "select{font:inherit;color:inherit;background:var(--paper);padding:.4rem .7rem;"
    "border-radius:10px;border:1px solid var(--dim);margin-left:.4rem}"
    "button{font:inherit;font-weight:600;padding:.6rem 1.5rem;border-radius:99px;cursor:pointer;"
    "border:1px solid var(--line);background:none;color:inherit;margin:.5rem .4rem 0 0}"
    "button[value=allow]{background:var(--ink);color:var(--paper);border-color:var(--ink)}"
    "button:focus-visible,select:focus-visible{outline:3px solid #1d9bf0;outline-offset:2px}"
)
