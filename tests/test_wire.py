"""Requests as X's OpenAPI document wants them, and what its answers come to."""

from __future__ import annotations

import json

import pytest

from twitter_core import problem, wire
from twitter_core.call import Answer, Auth, Call, Request
from twitter_core.errors import (
    BadMedia,
    CreditsDepleted,
    Duplicate,
    Forbidden,
    RateLimited,
    Refusal,
    Refused,
    SignInNeeded,
    Uncertain,
    UploadGone,
    XError,
)
from twitter_core.post import Flags, Poll, Tweet, WhoMayReply

BASE = "https://api.x.com"


def test_a_plain_post_holds_its_text_and_nothing_else() -> None:
    request = wire.create(BASE, Tweet("hi"))
    assert (request.method, request.url, request.auth) == ("POST", f"{BASE}/2/tweets", Auth.BEARER)
    assert request.json == {"text": "hi"}


def test_text_is_sent_even_where_it_is_empty_and_everything_else_only_where_it_is_meant() -> None:
    flags = Flags(made_with_ai=True, paid_partnership=True, who_may_reply=WhoMayReply.MENTIONED)
    tweet = Tweet("", poll=Poll(("a", "b"), 60), flags=flags)
    assert wire.create(BASE, tweet, ["1", "2"], "9").json == {
        "text": "",
        "media": {"media_ids": ["1", "2"]},
        "poll": {"options": ["a", "b"], "duration_minutes": 60},
        "reply": {"in_reply_to_tweet_id": "9"},
        "reply_settings": "mentionedUsers",
        "made_with_ai": True,
        "paid_partnership": True,
    }


def test_own_posts_are_asked_for_by_time_with_what_the_look_up_needs() -> None:
    request = wire.own_posts(BASE, "7", 1767225599.9, "next")
    assert request.full_url == (
        f"{BASE}/2/users/7/tweets?max_results=100&start_time=2025-12-31T23%3A59%3A59Z"
        "&post.fields=attachments,entities,created_at,note_post&pagination_token=next"
    )


def bad(message: str) -> Answer:
    return said(400, errors=[{"message": message}])


def test_other_names_are_tried_only_where_the_names_are_blamed() -> None:
    first, second, third = wire.FIELDS
    assert wire.other_fields(bad("value [note_post] is not one of …"), first) == (second, third)
    assert wire.other_fields(bad("unknown parameter [post.fields]"), first) == (third,)
    assert wire.other_fields(bad("start_time"), first) == ()
    assert wire.other_fields(bad("tweet.fields"), third) == ()
    assert wire.other_fields(Answer(403, body=b"post.fields"), first) == ()


def said(status: int, **body: object) -> Answer:
    return Answer(status, body=json.dumps(body).encode())


def test_a_created_post_is_read() -> None:
    assert wire.read_created(said(201, data={"id": "1", "text": "t"})) == wire.Created("1", "t")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"data":{"id":""}}', b"[" * 9999])
def test_a_2xx_without_what_was_asked_for_is_uncertain(body: bytes) -> None:
    for reader in (wire.read_created, wire.read_account, wire.read_posts, wire.read_deleted):
        with pytest.raises(Uncertain):
            reader(Answer(200, body=body))


def test_a_deletion_counts_only_if_x_confirms_it() -> None:
    wire.read_deleted(said(200, data={"deleted": True}))
    with pytest.raises(Forbidden, match="not deleted"):
        wire.read_deleted(said(200, data={"deleted": False}))


def test_an_account_is_read() -> None:
    found = wire.read_account(said(200, data={"id": "7", "username": "me", "name": "Me"}))
    assert found == wire.Account("7", "me", "Me")


def test_a_page_of_posts_is_read_with_media_links_and_the_long_text() -> None:
    post = {
        "id": "1",
        "text": "a &amp; b https://t.co/x",
        "created_at": "2026-01-01T00:00:00.000Z",
        "attachments": {"media_keys": ["3_42"]},
        "entities": {"urls": [{"url": "https://t.co/x", "expanded_url": "https://e.org"}]},
        "note_post": {
            "text": "long",
            "entities": {"urls": [{"url": "https://t.co/y", "expanded_url": "https://f.org"}]},
        },
    }
    page = wire.read_posts(said(200, data=[post], meta={"next_token": "n", "result_count": 1}))
    links = (("https://t.co/x", "https://e.org"), ("https://t.co/y", "https://f.org"))
    expected = wire.OwnPost("1", "a &amp; b https://t.co/x", 1767225600, ("3_42",), links, "long")
    assert page == wire.Page((expected,), "n")
    assert expected.media_ids == ("42",)


def test_no_posts_are_an_empty_last_page() -> None:
    assert wire.read_posts(said(200, meta={"result_count": 0})) == wire.Page(())


@pytest.mark.parametrize(
    "body",
    [
        {"data": [{"id": "1", "text": "t"}], "meta": {}},
        {"data": [{"text": "t", "created_at": "2026-01-01T00:00:00Z"}], "meta": {}},
        {"data": [], "meta": {}, "errors": [{"title": "Field Hydration Failure"}]},
    ],
)
def test_a_page_that_may_lack_a_post_is_uncertain(body: dict[str, object]) -> None:
    with pytest.raises(Uncertain):
        wire.read_posts(said(200, **body))


def test_rate_limits_are_read_and_a_used_up_day_goes_first() -> None:
    headers = {
        "x-rate-limit-limit": "100",
        "x-rate-limit-remaining": "99",
        "x-rate-limit-reset": "5",
    }
    assert wire.read_rate_limit(Answer(200, headers)) == wire.RateLimit(100, 99, 5)
    day = {
        f"x-user-limit-24hour-{k}": v
        for k, v in (("limit", "9"), ("remaining", "0"), ("reset", "8"))
    }
    assert wire.read_rate_limit(Answer(429, headers | day)) == wire.RateLimit(9, 0, 8)
    assert wire.read_rate_limit(Answer(200, {"x-rate-limit-limit": "?"})) is None


CREATE = wire.create(BASE, Tweet("t"))
REPLY = wire.create(BASE, Tweet("t"), reply_to="1")
READ = wire.own_posts(BASE, "1", 0)
DELETE = wire.delete(BASE, "1")
V11 = Request(Call.UPLOAD_V11, "POST", BASE, auth=Auth.OAUTH1)
V2 = Request(Call.UPLOAD_V2, "POST", BASE)
EXCHANGE = Request(Call.EXCHANGE, "POST", BASE, auth=Auth.BASIC)
REFRESH = Request(Call.REFRESH, "POST", BASE, auth=Auth.NONE)
REVOKE = Request(Call.REVOKE, "POST", BASE, auth=Auth.NONE)
HTML = b"<html><body>Over capacity</body></html>"
P = "https://api.twitter.com/2/problems/"


def no(detail: str = "", **body: object) -> dict[str, object]:
    return {"title": "Forbidden", "type": "about:blank", "status": 403, "detail": detail, **body}


def code(number: int, message: str = "m") -> dict[str, object]:
    return {"errors": [{"code": number, "message": message}]}


REFUSALS: list[tuple[Request, int, object, type[XError], Refusal | None]] = [
    (CREATE, 400, {"title": "Invalid Request", "errors": [{"message": "Your media IDs are invalid."}]}, BadMedia, Refusal.BAD_MEDIA),
    (CREATE, 400, {"title": "Invalid Request", "detail": "One or more parameters"}, Refused, Refusal.INVALID),
    (CREATE, 401, {"title": "Unauthorized", "status": 401}, SignInNeeded, Refusal.SIGN_IN),
    (READ, 401, b"", SignInNeeded, Refusal.SIGN_IN),
    (CREATE, 402, {"title": "CreditsDepleted", "type": P + "credits"}, CreditsDepleted, Refusal.CREDITS),
    (CREATE, 403, no("You are not allowed to create a Tweet with duplicate content."), Duplicate, Refusal.DUPLICATE),
    (CREATE, 403, no("You are not permitted to perform this action."), Forbidden, Refusal.NOT_PERMITTED),
    (CREATE, 403, no("x", type="https://elsewhere/oauth1-permissions"), Forbidden, Refusal.READ_ONLY_APP),
    (CREATE, 403, no("x", reason="client-not-enrolled"), Forbidden, Refusal.NOT_ENROLLED),
    (CREATE, 403, no("x", type=P + "user-suspended/"), Forbidden, Refusal.SUSPENDED),
    (CREATE, 403, no("A maximum of one cashtag is allowed."), Forbidden, Refusal.CASHTAGS),
    (CREATE, 403, no("You cannot post a video longer than 2 minutes."), Forbidden, Refusal.VIDEO_TOO_LONG),
    (CREATE, 403, no("The Tweet contains an invalid URL."), Forbidden, Refusal.BAD_URL),
    (CREATE, 403, no("Monthly spend cap reached"), CreditsDepleted, Refusal.SPEND_CAP),
    (CREATE, 402, no("Monthly spend cap reached"), CreditsDepleted, Refusal.SPEND_CAP),
    (REPLY, 403, no("You cannot reply to this conversation."), Forbidden, Refusal.REPLY),
    (CREATE, 403, no("You cannot reply to this conversation."), Forbidden, Refusal.FORBIDDEN),
    (CREATE, 403, no("Forbidden"), Forbidden, Refusal.FORBIDDEN),
    (V2, 403, no("Forbidden"), Forbidden, Refusal.MISSING_SCOPE),
    (V2, 403, no("Something else"), Forbidden, Refusal.FORBIDDEN),
    (CREATE, 403, HTML, Forbidden, Refusal.FORBIDDEN),
    (DELETE, 404, {"title": "Not Found"}, Refused, Refusal.NOT_FOUND),
    (CREATE, 429, {"title": "Too Many Requests"}, RateLimited, Refusal.RATE_LIMIT),
    (CREATE, 429, b"", RateLimited, Refusal.RATE_LIMIT),
    (CREATE, 400, code(88), RateLimited, Refusal.RATE_LIMIT),
    (CREATE, 429, {"type": P + "usage-capped"}, RateLimited, Refusal.MONTHLY_CAP),
    (CREATE, 418, b"", Refused, Refusal.INVALID),
    (CREATE, 500, HTML, Uncertain, None),
    (CREATE, 503, b"", Uncertain, None),
    (CREATE, 408, b"", Uncertain, None),
    (CREATE, 425, b"", Uncertain, None),
    (CREATE, 302, b"", Uncertain, None),
    (V11, 401, code(32, "Could not authenticate you."), Refused, Refusal.BAD_OAUTH1),
    (V11, 401, b"", Refused, Refusal.BAD_OAUTH1),
    (V11, 403, code(89), Refused, Refusal.BAD_OAUTH1),
    (V11, 400, code(215), Refused, Refusal.BAD_OAUTH1),
    (V11, 400, code(324), BadMedia, Refusal.BAD_MEDIA),
    (V11, 403, code(453), UploadGone, Refusal.UPLOAD_GONE),
    (V11, 404, b"", UploadGone, Refusal.UPLOAD_GONE),
    (V11, 410, HTML, UploadGone, Refusal.UPLOAD_GONE),
    (V11, 413, b"", BadMedia, Refusal.MEDIA_TOO_LARGE),
    (V2, 413, b"", BadMedia, Refusal.MEDIA_TOO_LARGE),
    (V2, 400, {"title": "Invalid Request"}, BadMedia, Refusal.BAD_MEDIA),
    (V2, 404, b"", Uncertain, None),
    (V2, 401, b"", SignInNeeded, Refusal.SIGN_IN),
    (REFRESH, 400, {"error": "invalid_request", "error_description": "Value passed for the token was invalid."}, SignInNeeded, Refusal.SIGN_IN),
    (REFRESH, 400, {"error": "invalid_grant"}, SignInNeeded, Refusal.SIGN_IN),
    (REFRESH, 400, {"error": "invalid_request", "error_description": "Missing required parameter [client_id]."}, Refused, Refusal.INVALID),
    (REFRESH, 401, {"error": "unauthorized_client", "error_description": "Missing valid authorization header"}, Forbidden, Refusal.BAD_CLIENT),
    (REFRESH, 400, {"error": "invalid_client"}, Forbidden, Refusal.BAD_CLIENT),
    (REFRESH, 401, b"", Forbidden, Refusal.BAD_CLIENT),
    (REFRESH, 403, no("x", reason="client-not-enrolled"), Forbidden, Refusal.NOT_ENROLLED),
    (REFRESH, 429, b"", RateLimited, Refusal.RATE_LIMIT),
    (REFRESH, 503, HTML, Uncertain, None),
    (EXCHANGE, 400, {"error": "invalid_request", "error_description": "Value passed for the authorization code was invalid."}, SignInNeeded, Refusal.SIGN_IN),
    (REVOKE, 400, {"error": "invalid_request"}, Refused, Refusal.INVALID),
    (CREATE, 403, {"errors": "odd", "detail": None, "type": 3, "reason": []}, Forbidden, Refusal.FORBIDDEN),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "status", "body", "kind", "refusal"), REFUSALS)
def test_a_refusal_is_told_apart(
    request_: Request, status: int, body: object, kind: type[XError], refusal: Refusal | None
) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    error = problem.read(Answer(status, body=raw), request_)
    assert type(error) is kind
    assert getattr(error, "status", None) == status
    if refusal:
        assert isinstance(error, Refused) and error.refusal is refusal


def test_a_rate_limit_says_when_it_ends_but_the_monthly_cap_does_not() -> None:
    headers = {f"x-rate-limit-{k}": "77" for k in ("limit", "remaining", "reset")}
    limited = problem.read(Answer(429, headers, b"{}"), CREATE)
    capped = problem.read(
        Answer(429, headers, json.dumps({"type": P + "usage-capped"}).encode()), CREATE
    )
    assert isinstance(limited, RateLimited) and limited.reset_at == 77
    assert isinstance(capped, RateLimited) and capped.reset_at is None


def test_the_detail_is_x_s_most_telling_sentence_and_bounded() -> None:
    body = {"title": "Invalid Request", "detail": "One or more", "errors": [{"message": "m" * 999}]}
    error = problem.read(said(400, **body), CREATE)
    assert isinstance(error, Refused) and error.detail == "m" * 300
