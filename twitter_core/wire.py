"""X's HTTP interface as values: requests out of what Telex means, values out of X's answers.

Sends nothing and reads no clock. What a refusal means is told by `problem`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple
from urllib.parse import quote

from . import limits
from .call import Answer as Answer
from .call import Auth as Auth
from .call import Call as Call
from .call import FilePart as FilePart
from .call import Request as Request
from .errors import Forbidden, Refusal, Uncertain
from .post import Tweet


@dataclass(frozen=True, slots=True)
class Account:
    """An account on X. `username` is without the @."""

    id: str
    username: str
    name: str


@dataclass(frozen=True, slots=True)
class Created:
    """A new post; `text` is as X shows it (t.co links, HTML escaped)."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class OwnPost:
    """A post of the account's own, as X gives it: HTML escaped, with t.co links.

    `created_at` is in epoch seconds; `urls` are pairs (t.co link, what it stands for), the link
    of the media among them; `note_text` is the whole text of a long post, else "".
    """

    id: str
    text: str
    created_at: float
    media_keys: tuple[str, ...] = ()
    urls: tuple[tuple[str, str], ...] = ()
    note_text: str = ""

    @property
    def media_ids(self) -> tuple[str, ...]:
        """The part of each key behind the `_` is the media id [seen 2026-11]."""
        return tuple(key.rpartition("_")[2] for key in self.media_keys)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of own posts; `next_token` is None on the last one."""

    posts: tuple[OwnPost, ...]
    next_token: str | None = None


@dataclass(frozen=True, slots=True)
class RateLimit:
    """X's own count of a window; `reset_at` is in epoch seconds."""

    limit: int
    remaining: int
    reset_at: float


class Fields(NamedTuple):
    """How X names the parameter that asks for a post's fields, and the field of long posts."""

    parameter: str
    note: str


# OpenAPI 2.167 and xdk 0.10.6 say post.fields with note_post; X's older documents say tweet.fields
# with note_tweet. Which of them the live API takes is open, so the client tries them in turn.
FIELDS: Final = (
    Fields("post.fields", "note_post"),
    Fields("post.fields", "note_tweet"),
    Fields("tweet.fields", "note_tweet"),
)


def create(
    base: str, tweet: Tweet, media_ids: Sequence[str] = (), reply_to: str | None = None
) -> Request:
    """POST /2/tweets. X refuses properties that it does not know, and wants `text` always."""
    body: dict[str, object] = {"text": tweet.text}
    if media_ids:
        body["media"] = {"media_ids": list(media_ids)}
    if tweet.poll:
        body["poll"] = {
            "options": list(tweet.poll.options),
            "duration_minutes": tweet.poll.minutes,
        }
    if reply_to:
        body["reply"] = {"in_reply_to_tweet_id": reply_to}
    if tweet.flags.who_may_reply:
        body["reply_settings"] = tweet.flags.who_may_reply.value
    if tweet.flags.made_with_ai:
        body["made_with_ai"] = True
    if tweet.flags.paid_partnership:
        body["paid_partnership"] = True
    return Request(Call.CREATE, "POST", f"{base}/2/tweets", json=body)


def delete(base: str, post_id: str) -> Request:
    return Request(Call.DELETE, "DELETE", f"{base}/2/tweets/{quote(post_id, safe='')}")


def me(base: str) -> Request:
    return Request(Call.ME, "GET", f"{base}/2/users/me")


def own_posts(
    base: str, account_id: str, since: float, page: str | None = None, fields: Fields = FIELDS[0]
) -> Request:
    """One page of the account's posts, replies included, since `since` (epoch seconds)."""
    start = datetime.fromtimestamp(int(since), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    query = [
        ("max_results", str(limits.PAGE_SIZE)),
        ("start_time", start),
        (fields.parameter, f"attachments,entities,created_at,{fields.note}"),
    ]
    if page:
        query.append(("pagination_token", page))
    url = f"{base}/2/users/{quote(account_id, safe='')}/tweets"
    return Request(Call.OWN_POSTS, "GET", url, query=tuple(query))


def other_fields(answer: Answer, tried: Fields) -> tuple[Fields, ...]:
    """The names that are left to try if a 400 is about these, else none."""
    if answer.status != 400:
        return ()
    body = answer.body.decode(errors="replace")
    left = FIELDS[FIELDS.index(tried) + 1 :]
    if tried.note in body:
        return left
    if tried.parameter in body:
        return tuple(fields for fields in left if fields.parameter != tried.parameter)
    return ()


def read_created(answer: Answer) -> Created:
    """Uncertain if there is no id: the post may be there all the same."""
    data = _object(answer.fields().get("data"))
    post_id, text = data.get("id"), data.get("text")
    if not isinstance(post_id, str) or not post_id:
        raise _unclear(answer, "no id of a post")
    return Created(post_id, text if isinstance(text, str) else "")


def read_deleted(answer: Answer) -> None:
    """Returns only if X says that the post is deleted; Forbidden if it says that it is not, and
    Uncertain if it says neither.
    """
    told = _object(answer.fields().get("data")).get("deleted")
    if told is False:
        raise Forbidden(Refusal.FORBIDDEN, status=answer.status, detail="The post is not deleted.")
    if told is not True:
        raise _unclear(answer, "not said to be deleted")


def read_account(answer: Answer) -> Account:
    """Uncertain if the answer holds no account."""
    data = _object(answer.fields().get("data"))
    found = [data.get(name) for name in ("id", "username", "name")]
    if not isinstance(found[0], str) or not isinstance(found[1], str) or not found[0]:
        raise _unclear(answer, "no account")
    return Account(found[0], found[1], found[2] if isinstance(found[2], str) else "")


def read_posts(answer: Answer) -> Page:
    """Uncertain unless the page is whole: a post that is missed would be posted twice."""
    body = answer.fields()
    data, meta = body.get("data"), _object(body.get("meta"))
    if body.get("errors") or not (isinstance(data, list) or (data is None and "meta" in body)):
        raise _unclear(answer, "no complete page of posts")
    token = meta.get("next_token")
    try:
        posts = tuple(_own_post(_object(item)) for item in _list(data))
    except (KeyError, ValueError):
        raise _unclear(answer, "a post without id or time") from None
    return Page(posts, token if isinstance(token, str) and token else None)


def read_rate_limit(answer: Answer) -> RateLimit | None:
    """X's count, None where it gave none. A daily window that is used up goes first."""
    for window in ("x-user-limit-24hour", "x-app-limit-24hour", "x-rate-limit"):
        values = [
            answer.headers.get(f"{window}-{part}") for part in ("limit", "remaining", "reset")
        ]
        try:
            found = RateLimit(*(int(value or "") for value in values))
        except ValueError:
            continue
        if found.remaining <= 0 or window == "x-rate-limit":
            return found
    return None


def _own_post(item: dict[str, object]) -> OwnPost:
    note = _object(item.get("note_post") or item.get("note_tweet"))
    urls = []
    for entities in (_object(item.get("entities")), _object(note.get("entities"))):
        for url in map(_object, _list(entities.get("urls"))):
            pair = (url.get("url"), url.get("expanded_url"))
            if all(pair) and pair not in urls:
                urls.append(pair)
    return OwnPost(
        id=str(item["id"]),
        text=str(item.get("text") or ""),
        created_at=_seconds(str(item["created_at"])),
        media_keys=tuple(map(str, _list(_object(item.get("attachments")).get("media_keys")))),
        urls=tuple((str(short), str(long)) for short, long in urls),
        note_text=str(note.get("text") or ""),
    )


def _seconds(iso: str) -> float:
    when = datetime.fromisoformat(iso)
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _unclear(answer: Answer, what: str) -> Uncertain:
    return Uncertain(f"{answer.status}, {what}", status=answer.status)
