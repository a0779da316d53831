"""Creating and deleting posts on the local X, with every refusal that is known."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox import x_forms as forms
from bot.sandbox import x_media, x_text
from bot.sandbox import x_problems as problems
from bot.sandbox.x_gate import Caller, charge, guarded
from bot.sandbox.x_shapes import Flag, Id, Items, Number, Text, Things, check
from bot.sandbox.x_state import State
from bot.sandbox.x_world import Media, Post

PRICE, PRICE_WITH_URL = Decimal("0.015"), Decimal("0.200")
DELETE_PRICE = Decimal("0.010")
DUPLICATE_FOR = 86_400.0
SETTINGS = Text(choice=("following", "mentionedUsers", "subscribers", "verified"))
SITE = Things({"url": Text()}, needed=("url",))
INSTALL = {k: Text() for k in ("app_store_id", "ipad_app_store_id", "play_store_id")}

CREATE = Things(
    {
        "text": Text(),
        "card_uri": Text(),
        "community_id": Id(),
        "direct_message_deep_link": Text(),
        "edit_options": Things({"previous_post_id": Id()}, needed=("previous_post_id",)),
        "for_super_followers_only": Flag(),
        "geo": Things({"place_id": Text()}, needed=("place_id",)),
        "made_with_ai": Flag(),
        "media": Things(
            {
                "media_ids": Items(Id(), 1, 4),
                "tagged_user_ids": Items(Id(), 0, 10),
                "call_to_actions": Things(
                    {"visit_site": SITE, "watch_now": SITE, "app_install": Things(INSTALL)}
                ),
                "description": Text(),
                "embeddable": Flag(),
                "preview_media_id": Id(),
                "title": Text(),
            },
            needed=("media_ids",),
        ),
        "nullcast": Flag(),
        "paid_partnership": Flag(),
        "poll": Things(
            {
                "options": Items(Text(1, 25), 2, 4),
                "duration_minutes": Number(5, 10_080),
                "reply_settings": SETTINGS,
            },
            needed=("options", "duration_minutes"),
        ),
        "quote_tweet_id": Id(),
        "reply": Things(
            {
                "in_reply_to_tweet_id": Id(),
                "auto_populate_reply_metadata": Flag(),
                "exclude_reply_user_ids": Items(Text()),
            },
            needed=("in_reply_to_tweet_id",),
        ),
        "reply_settings": SETTINGS,
        "share_with_followers": Flag(),
    }
)


def routes(state: State) -> list[Route]:
    scopes = ("tweet.read", "tweet.write", "users.read")
    return [
        Route(
            "/2/tweets",
            guarded(state, "create", scopes, _create, writes=True),
            methods=["POST"],
        ),
        Route(
            "/2/tweets/{id}",
            guarded(state, "delete", scopes, _delete, writes=True),
            methods=["DELETE"],
        ),
    ]


async def _create(state: State, caller: Caller, request: Request) -> Response:
    given = await forms.json_object(request)
    check(given, CREATE)
    text = x_text.keep(given.get("text", ""))
    _consistent(given, text)
    media = _media(state, caller, given)
    links = x_text.links(text)
    _allowed(state, caller, given, text)
    parent = _parent(state, caller, given)
    if text and is_duplicate(state, caller, text):
        raise problems.duplicate()
    charge(
        state,
        caller,
        "post with URL" if links else "post",
        PRICE_WITH_URL if links else PRICE,
    )
    now = state.clock()
    post = Post(
        id=state.world.new_id(now),
        account_id=caller.account.id,
        text=text,
        created=now,
        media=media,
        links=links,
        media_link=x_text.shorten() if media else None,
        reply_to=parent.id if parent is not None else None,
        poll=given.get("poll"),
        request=given,
    )
    post.conversation = parent.conversation if parent is not None else post.id
    state.world.posts.append(post)
    shown, _ = x_text.render(post.text, post.links, post.media_link)
    history = "edit_history_tweet_ids" if state.old_fields else "edit_history_post_ids"
    return JSONResponse({"data": {"id": post.id, "text": shown, history: [post.id]}}, 201)


def _consistent(given: dict[str, Any], text: str) -> None:
    if sum(name in given for name in ("poll", "media", "quote_tweet_id")) > 1:
        raise problems.invalid("Only one of poll, media and quote_tweet_id may be given.")
    if not text and "media" not in given:
        raise problems.invalid("$.text: must not be empty without media", {"text": [""]})


def _media(state: State, caller: Caller, given: dict[str, Any]) -> tuple[Media, ...]:
    ids: list[str] = given.get("media", {}).get("media_ids", [])
    found = [m for i in ids if (m := x_media.usable(state, caller, i)) is not None]
    if len(found) != len(ids) or len(set(ids)) != len(ids):
        raise problems.media_ids(ids)
    if len(found) > 1 and any(m.sort != "photo" for m in found):
        raise problems.invalid("A post carries up to 4 photos, or 1 animated GIF, or 1 video.")
    return tuple(found)


def _allowed(state: State, caller: Caller, given: dict[str, Any], text: str) -> None:
    most = x_text.PREMIUM if caller.account.premium else x_text.PLAIN
    if x_text.weigh(text) > most:
        raise problems.not_permitted()
    if x_text.cashtags(text) > 1:
        raise problems.forbidden("Posts are limited to a maximum of one cashtag.")
    if "quote_tweet_id" in given:
        raise problems.forbidden("Quoting posts is available to Enterprise customers only.")
    edited = given.get("edit_options", {}).get("previous_post_id")
    if edited is not None:
        before = state.world.post(edited)
        fresh = before is not None and state.clock() - before.created <= 3600
        own = before is not None and before.account_id == caller.account.id
        if not (caller.account.premium and fresh and own):
            raise problems.forbidden("You are not permitted to edit this Tweet.")


def _parent(state: State, caller: Caller, given: dict[str, Any]) -> Post | None:
    wanted = given.get("reply", {}).get("in_reply_to_tweet_id")
    if wanted is None:
        return None
    parent = state.world.post(wanted)
    if parent is None:
        detail = "You attempted to reply to a Tweet that is deleted or not visible to you."
        raise problems.forbidden(detail)
    own = parent.account_id == caller.account.id
    mentioned = f"@{caller.account.username}".casefold() in parent.text.casefold()
    if not (state.threads_allowed if own else mentioned):
        detail = (
            "Reply to this conversation is not allowed because you have not been mentioned or "
            "otherwise engaged by the author of the post you are replying to."
        )
        raise problems.forbidden(detail)
    return parent


def is_duplicate(state: State, caller: Caller, text: str) -> bool:
    since = state.clock() - DUPLICATE_FOR
    return any(
        p.text == text
        for p in state.world.posts
        if p.account_id == caller.account.id and p.deleted is None and p.created > since
    )


async def _delete(state: State, caller: Caller, request: Request) -> Response:
    wanted = request.path_params["id"]
    check(wanted, Id(), "id")
    post = state.world.post(wanted)
    if post is not None and post.account_id != caller.account.id:
        raise problems.forbidden("You are not authorized to delete this Tweet.")
    if post is None and state.delete_missing == "404":
        raise problems.Problem(404, {**problems.not_found("post", wanted), "status": 404})
    charge(state, caller, "delete", DELETE_PRICE)
    if post is not None:
        post.deleted = state.clock()
    return JSONResponse({"data": {"deleted": True}})
