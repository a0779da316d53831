"""Reading posts and users on the local X; what is read is paid for."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox import x_fields as fields
from bot.sandbox import x_problems as problems
from bot.sandbox.x_gate import Caller, charge, guarded
from bot.sandbox.x_shapes import Id, check
from bot.sandbox.x_state import State
from bot.sandbox.x_world import Post

OWN_POST, OTHER_POST, USER = Decimal("0.001"), Decimal("0.005"), Decimal("0.010")
OLDEST = datetime(2010, 11, 6, tzinfo=UTC).timestamp()
PAGE = ("max_results", "pagination_token", "start_time", "end_time", "since_id", "until_id")


def routes(state: State) -> list[Route]:
    scopes = ("tweet.read", "users.read")
    return [
        Route("/2/tweets", guarded(state, "lookup", scopes, _several), methods=["GET"]),
        Route("/2/tweets/{id}", guarded(state, "lookup", scopes, _one), methods=["GET"]),
        Route("/2/users/me", guarded(state, "me", scopes, _me), methods=["GET"]),
        Route(
            "/2/users/{id}/tweets", guarded(state, "timeline", scopes, _of_user), methods=["GET"]
        ),
    ]


async def _me(state: State, caller: Caller, request: Request) -> Response:
    chosen, _ = fields.ask(request, fields.of_users(state))
    charge(state, caller, "user read", USER)
    return JSONResponse({"data": fields.person(caller.account, chosen["user.fields"])})


async def _one(state: State, caller: Caller, request: Request) -> Response:
    _readable(state)
    chosen, _ = fields.ask(request, fields.of_posts(state))
    wanted = request.path_params["id"]
    check(wanted, Id(), "id")
    post = _visible(state, wanted)
    if post is None:
        charge(state, caller, "post read", OWN_POST, 0)
        return JSONResponse({"errors": [problems.not_found("post", wanted)]})
    _pay(state, caller, [post])
    return JSONResponse(_page(state, [post], chosen) | {"data": fields.show(state, post, chosen)})


async def _several(state: State, caller: Caller, request: Request) -> Response:
    _readable(state)
    chosen, others = fields.ask(request, fields.of_posts(state), ("ids",))
    ids = others.get("ids", "").split(",")
    if not 1 <= len(ids) <= 100:
        raise problems.invalid("The number of `ids` is not between 1 and 100", {"ids": ids})
    for wanted in ids:
        check(wanted, Id(), "ids")
    found = {i: _visible(state, i) for i in ids}
    posts = [p for p in found.values() if p is not None]
    _pay(state, caller, posts)
    answer = _page(state, posts, chosen)
    missing = [problems.not_found("post", i, "ids") for i, p in found.items() if p is None]
    return JSONResponse(answer | ({"errors": missing} if missing else {}))


async def _of_user(state: State, caller: Caller, request: Request) -> Response:
    _readable(state)
    chosen, others = fields.ask(request, fields.of_posts(state), (*PAGE, "exclude"))
    wanted = request.path_params["id"]
    check(wanted, Id(), "id")
    if all(a.id != wanted for a in state.world.accounts):
        return JSONResponse({"errors": [problems.not_found("user", wanted)]})
    posts, following = _slice(state, wanted, others)
    _pay(state, caller, posts)
    answer = _page(state, posts, chosen)
    meta: dict[str, Any] = {"result_count": len(posts)}
    if posts:
        meta |= {"newest_id": posts[0].id, "oldest_id": posts[-1].id}
    if following is not None:
        meta["next_token"] = following
    return JSONResponse(answer | {"meta": meta})


def _readable(state: State) -> None:
    if state.lookup_refused:
        raise problems.forbidden()


def _visible(state: State, post_id: str) -> Post | None:
    post = state.world.post(post_id)
    return post if post is not None and _shown(state, post) else None


def _shown(state: State, post: Post) -> bool:
    return post.deleted is None and post.created + state.timeline_lag <= state.clock()


def _pay(state: State, caller: Caller, posts: Sequence[Post]) -> None:
    """One's own posts are cheaper; without a balance even an empty page is refused."""
    own = sum(p.account_id == caller.account.id for p in posts)
    charge(state, caller, "post read", OWN_POST, own)
    if own < len(posts):
        charge(state, caller, "post read", OTHER_POST, len(posts) - own)


def _page(
    state: State, posts: Sequence[Post], chosen: dict[str, tuple[str, ...]]
) -> dict[str, Any]:
    """`data` is left out where there is nothing, as X does."""
    page: dict[str, Any] = {}
    if posts:
        page["data"] = [fields.show(state, post, chosen) for post in posts]
    included = fields.includes(state, posts, chosen)
    return page | ({"includes": included} if included else {})


def _slice(state: State, user: str, asked: dict[str, str]) -> tuple[list[Post], str | None]:
    """The posts of one page, newest first, and the token of the next one."""
    size = _number(asked, "max_results", 10, 5, 100)
    since, until = _bound(asked, "since_id"), _bound(asked, "until_id")
    start, end = _time(state, asked, "start_time"), _time(state, asked, "end_time")
    if start is not None and end is not None and start >= end:
        raise problems.invalid("`start_time` must be earlier than `end_time`")
    excluded = asked["exclude"].split(",") if "exclude" in asked else []
    if set(excluded) - {"replies", "retweets"}:
        raise problems.invalid("The `exclude` query parameter is not valid", {"exclude": excluded})
    before = _from_token(asked["pagination_token"]) if "pagination_token" in asked else None
    fitting = [
        post
        for post in reversed(state.world.posts)
        if post.account_id == user
        and _shown(state, post)
        and (since is None or int(post.id) > since)
        and (until is None or int(post.id) < until)
        and (start is None or post.created >= start)
        and (end is None or post.created < end)
        and not ("replies" in excluded and post.reply_to is not None)
        and (before is None or int(post.id) < before)
    ]
    more = len(fitting) > size
    return fitting[:size], _to_token(fitting[size - 1].id) if more else None


def _number(asked: dict[str, str], name: str, usual: int, least: int, most: int) -> int:
    value = asked.get(name, str(usual))
    if not re.fullmatch(r"[0-9]+", value) or not least <= int(value) <= most:
        raise problems.invalid(
            f"The `{name}` query parameter value [{value}] is not between {least} and {most}",
            {name: [value]},
        )
    return int(value)


def _bound(asked: dict[str, str], name: str) -> int | None:
    if name not in asked:
        return None
    check(asked[name], Id(), name)
    return int(asked[name])


def _time(state: State, asked: dict[str, str], name: str) -> float | None:
    value = asked.get(name)
    if value is None:
        return None
    wrong = problems.invalid(
        f"Invalid '{name}':'{value}'. '{name}' must be a RFC3339 date-time on or after "
        "2010-11-06 and not in the future.",
        {name: [value]},
    )
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", value):
        raise wrong
    try:
        moment = datetime.fromisoformat(value).timestamp()
    except ValueError as error:
        raise wrong from error
    if not OLDEST <= moment <= state.clock():
        raise wrong
    return moment


def _to_token(post_id: str) -> str:
    return base64.b32hexencode(int(post_id).to_bytes(8, "big")).decode().lower().rstrip("=")


def _from_token(token: str) -> int:
    try:
        raw = base64.b32hexdecode(token.upper() + "=" * (-len(token) % 8))
    except (binascii.Error, ValueError) as error:
        raise problems.invalid("The pagination token is not valid.") from error
    return int.from_bytes(raw, "big")
