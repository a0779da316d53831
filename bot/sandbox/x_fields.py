"""Which query parameters the reading endpoints take, and how posts and users look with them.

`State.old_fields` turns the clock back: `tweet.fields` and `note_tweet`, as before 2026.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request

from bot.sandbox import x_problems as problems
from bot.sandbox import x_text
from bot.sandbox.x_state import State
from bot.sandbox.x_world import Account, Media, Post

_SHARED = (
    *("attachments", "card_uri", "community_id", "context_annotations", "conversation_id"),
    *("created_at", "display_text_range", "edit_controls", "entities", "geo", "id", "lang"),
    *("media_metadata", "non_public_metrics", "organic_metrics", "possibly_sensitive"),
    *("promoted_metrics", "public_metrics", "reply_settings", "scopes", "source", "text"),
    *("withheld", "article"),
)
POST_FIELDS = frozenset(
    {
        *_SHARED,
        *("article_title", "matched_media_notes", "note_post", "note_request_suggestions"),
        *("paid_partnership", "suggested_source_links", "suggested_source_links_with_counts"),
    }
)
TWEET_FIELDS = frozenset(
    {*_SHARED, "author_id", "in_reply_to_user_id", "note_tweet", "referenced_tweets"}
)
_EXPANSIONS = (
    *("article.cover_media", "article.media_entities", "attachments.media_keys"),
    *("attachments.media_source_tweet", "attachments.poll_ids", "author_id"),
    *("entities.mentions.username", "geo.place_id", "in_reply_to_user_id"),
)
POST_EXPANSIONS = frozenset({*_EXPANSIONS, "edit_history_post_ids", "referenced_posts", "username"})
TWEET_EXPANSIONS = frozenset({*_EXPANSIONS, "edit_history_tweet_ids", "referenced_tweets.id"})
USER_FIELDS = frozenset(
    {
        *("confirmed_email", "connection_status", "created_at", "description", "entities", "id"),
        *("is_identity_verified", "location", "name", "parody", "profile_banner_url"),
        *("profile_image_url", "protected", "public_metrics", "receives_your_dm"),
        *("subscribes_to_you", "subscription", "subscription_type", "url", "username"),
        *("verified", "verified_followers_count", "verified_type", "withheld"),
    }
)
USER_EXPANSIONS = frozenset({"affiliation", "most_recent_post_id", "pinned_post_id"})
MEDIA_FIELDS = frozenset(
    {
        *("alt_text", "duration_ms", "height", "media_key", "non_public_metrics"),
        *("organic_metrics", "preview_image_url", "promoted_metrics", "public_metrics"),
        *("type", "url", "variants", "width"),
    }
)
POLL_FIELDS = frozenset({"duration_minutes", "end_datetime", "id", "options", "voting_status"})
PLACE_FIELDS = frozenset(
    {"contained_within", "country", "country_code", "full_name", "geo", "id", "name", "place_type"}
)


def of_posts(state: State) -> dict[str, frozenset[str]]:
    """The lists that an endpoint about posts takes, each with what may stand in it."""
    return {
        name_of_fields(state): TWEET_FIELDS if state.old_fields else POST_FIELDS,
        "expansions": TWEET_EXPANSIONS if state.old_fields else POST_EXPANSIONS,
        "user.fields": USER_FIELDS,
        "media.fields": MEDIA_FIELDS,
        "poll.fields": POLL_FIELDS,
        "place.fields": PLACE_FIELDS,
    }


def of_users(state: State) -> dict[str, frozenset[str]]:
    return {
        "user.fields": USER_FIELDS,
        "expansions": USER_EXPANSIONS,
        name_of_fields(state): TWEET_FIELDS if state.old_fields else POST_FIELDS,
    }


def name_of_fields(state: State) -> str:
    return "tweet.fields" if state.old_fields else "post.fields"


def ask(
    request: Request, lists: dict[str, frozenset[str]], others: Iterable[str] = ()
) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """The lists and the other parameters of the query; refuses what it does not know."""
    known = [*others, *lists]
    seen: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in known:
            raise problems.invalid(
                f"The query parameter [{name}] is not one of [{','.join(known)}]", {name: [value]}
            )
        if name in seen:
            raise problems.invalid(f"The query parameter [{name}] stands twice", {name: [value]})
        seen[name] = value
    chosen = {}
    for name, allowed in lists.items():
        values = tuple(seen.pop(name).split(",")) if name in seen else ()
        for value in values:
            if value not in allowed or values.count(value) > 1:
                raise problems.invalid(
                    f"The `{name}` query parameter value [{value}] is not one of "
                    f"[{','.join(sorted(allowed))}]",
                    {name: [value]},
                )
        chosen[name] = values
    return chosen, seen


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def show(state: State, post: Post, chosen: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """A post with the fields that were asked for; what it has not is left out."""
    old = state.old_fields
    history = "edit_history_tweet_ids" if old else "edit_history_post_ids"
    long = x_text.weigh(post.text) > x_text.PLAIN
    text, links = (x_text.cut(post.text), ()) if long else (post.text, post.links)
    rendered, places = x_text.render(text, links, post.media_link)
    shown: dict[str, Any] = {"id": post.id, "text": rendered, history: [post.id]}
    wanted = {*chosen[name_of_fields(state)], *chosen.get("expansions", ())}
    parent = next((p for p in state.world.posts if p.id == post.reply_to), None)
    if "author_id" in wanted:
        shown["author_id"] = post.account_id
    if "created_at" in wanted:
        shown["created_at"] = moment(post.created)
    if "conversation_id" in wanted:
        shown["conversation_id"] = post.conversation
    if post.media and wanted & {"attachments", "attachments.media_keys"}:
        shown["attachments"] = {"media_keys": [m.key for m in post.media]}
    if "entities" in wanted:
        entities = [_url(start, end, link.short, link.raw) for start, end, link in places]
        entities += _media_urls(state, post, rendered)
        if entities:
            shown["entities"] = {"urls": entities}
    if parent is not None and "in_reply_to_user_id" in wanted:
        shown["in_reply_to_user_id"] = parent.account_id
    if post.reply_to is not None and wanted & {"referenced_posts", "referenced_tweets"}:
        name = "referenced_tweets" if old else "referenced_posts"
        shown[name] = [{"type": "replied_to", "id": post.reply_to}]
    if long and wanted & {"note_post", "note_tweet"}:
        shown["note_tweet" if old else "note_post"] = _note(post)
    if "reply_settings" in wanted:
        shown["reply_settings"] = post.request.get("reply_settings", "everyone")
    if "lang" in wanted:
        shown["lang"] = "und"
    return shown


def includes(
    state: State, posts: Sequence[Post], chosen: dict[str, tuple[str, ...]]
) -> dict[str, Any]:
    wanted, result = chosen.get("expansions", ()), dict[str, Any]()
    media = {m.key: m for p in posts for m in p.media}
    if media and "attachments.media_keys" in wanted:
        result["media"] = [_medium(m, chosen["media.fields"]) for m in media.values()]
    if posts and "author_id" in wanted:
        authors = {p.account_id for p in posts}
        result["users"] = [person(state.world.account(a), ()) for a in sorted(authors)]
    return result


def person(account: Account, fields: Sequence[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": account.id, "name": account.name, "username": account.username}
    if "verified" in fields:
        shown["verified"] = account.premium
    if "subscription_type" in fields:
        shown["subscription_type"] = "Premium" if account.premium else "None"
    if "protected" in fields:
        shown["protected"] = False
    return shown


def _medium(media: Media, fields: Sequence[str]) -> dict[str, Any]:
    kind = {"photo": "photo", "gif": "animated_gif", "video": "video"}[media.sort]
    shown: dict[str, Any] = {"media_key": media.key, "type": kind}
    if "alt_text" in fields and media.alt_text is not None:
        shown["alt_text"] = media.alt_text
    if "width" in fields:
        shown["width"] = media.width
    if "height" in fields:
        shown["height"] = media.height
    return shown


def _url(start: int, end: int, short: str, raw: str) -> dict[str, Any]:
    expanded = raw if "://" in raw else f"http://{raw}"
    display = expanded.partition("://")[2]
    display = display if len(display) <= 27 else display[:26] + "…"
    return {
        "start": start,
        "end": end,
        "url": short,
        "expanded_url": expanded,
        "display_url": display,
    }


def _media_urls(state: State, post: Post, rendered: str) -> list[dict[str, Any]]:
    """X lists the one t.co link of the media once for every medium."""
    if post.media_link is None:
        return []
    name = state.world.account(post.account_id).username
    start = len(rendered) - len(post.media_link)
    return [
        {
            "start": start,
            "end": len(rendered),
            "url": post.media_link,
            "expanded_url": f"https://x.com/{name}/status/{post.id}/"
            f"{'video' if medium.sort == 'video' else 'photo'}/1",
            "display_url": "pic.x.com/" + post.media_link.rpartition("/")[2],
            "media_key": medium.key,
        }
        for medium in post.media
    ]


def _note(post: Post) -> dict[str, Any]:
    text, places = x_text.render(post.text, post.links, None)
    note: dict[str, Any] = {"text": text}
    if places:
        note["entities"] = {"urls": [_url(s, e, link.short, link.raw) for s, e, link in places]}
    return note
