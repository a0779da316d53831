"""Posts on the local X: what it takes, what it gives back, what it refuses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from jsonschema import ValidationError

from bot.sandbox.x import X
from bot.sandbox.x_world import Limit


async def test_a_post_stands_in_the_timeline(x: X, api: Any) -> None:
    answer = await api.post("hello")
    assert answer.status_code == 201
    (post,) = x.timeline()
    assert post.id == answer.json()["data"]["id"]
    assert (post.text, post.account_id) == ("hello", x.account.id)
    assert x.bill[-1].amount == Decimal("0.015")


def test_the_document_tells_right_from_wrong(x_spec: Any) -> None:
    x_spec.check({"data": {"id": "1", "text": ""}}, "CreatePostsResponse")
    for wrong in ({"data": {"id": 1, "text": ""}}, {"data": {"id": "1"}}):
        with pytest.raises(ValidationError):
            x_spec.check(wrong, "CreatePostsResponse")
    with pytest.raises(ValidationError):
        x_spec.check({"text": "a", "media_ids": ["1"]}, "CreatePostsRequest")


async def test_links_come_back_short_and_signs_escaped(x: X, api: Any) -> None:
    answer = await api.post("a & b < c https://example.com/x?a=1&b=2 README.md")
    text = answer.json()["data"]["text"]
    assert text.startswith("a &amp; b &lt; c https://t.co/")
    assert text.count("https://t.co/") == 2
    assert "example.com" not in text
    assert x.bill[-1].amount == Decimal("0.200")


async def test_a_photo_adds_one_more_short_link_at_the_end(x: X, api: Any, draw: Any) -> None:
    media = [await api.photo(draw.png(w)) for w in (8, 9)]
    answer = await api.post("two", media={"media_ids": media})
    assert answer.json()["data"]["text"].startswith("two https://t.co/")
    assert answer.json()["data"]["text"].count("t.co") == 1
    (post,) = x.timeline()
    assert [m.bytes for m in post.media] == [draw.png(8), draw.png(9)]
    assert x.bill[-1].amount == Decimal("0.015")


async def test_a_photo_needs_no_text(api: Any) -> None:
    first = await api.post(media={"media_ids": [await api.photo()]})
    second = await api.post(media={"media_ids": [await api.photo()]})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["data"]["text"].startswith("https://t.co/")


async def test_ids_grow_and_have_nineteen_digits(x: X, api: Any, clock: Any) -> None:
    ids = []
    for n in range(3):
        ids.append(int((await api.post(f"n{n}")).json()["data"]["id"]))
        clock.advance(n)
    assert ids == sorted(set(ids))
    assert {len(str(i)) for i in [*ids, int(x.account.id)]} == {19}


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"text": "a", "media_ids": ["1"]}, "media_ids"),
        ({"text": "a", "media": {"media_ids": []}}, "minimum"),
        ({"text": "a", "media": {"media_ids": ["1"] * 5}}, "maximum"),
        ({"text": "a", "media": {"media_ids": [1]}}, "media_ids"),
        ({"text": "a", "media": {"media_ids": ["3_123"]}}, "media_ids"),
        ({"text": "a", "media": {}}, "required"),
        ({"text": 1}, "string expected"),
        ({"text": None}, "null found"),
        ({"text": ""}, "text"),
        ({"text": "  \n"}, "text"),
        ({}, "text"),
        ({"text": "a", "reply": {"in_reply_to_status_id": "1"}}, "in_reply_to_status_id"),
        ({"text": "a", "reply_settings": "everyone"}, "enumeration"),
        ({"text": "a", "poll": {"options": ["x"], "duration_minutes": 5}}, "minimum"),
        ({"text": "a", "poll": {"options": ["x", "y" * 26], "duration_minutes": 5}}, "at most 25"),
        ({"text": "a", "poll": {"options": ["x", "y"], "duration_minutes": 4}}, "between"),
        ({"text": "a", "poll": {"options": ["x", "y"]}}, "duration_minutes"),
        (
            {
                "text": "a",
                "poll": {"options": ["x", "y"], "duration_minutes": 5},
                "media": {"media_ids": ["1"]},
            },
            "Only one",
        ),
        ({"text": "a", "made_with_ai": "yes"}, "boolean"),
    ],
)
async def test_a_body_that_is_not_as_documented_is_refused(
    x: X, api: Any, body: dict[str, Any], word: str
) -> None:
    answer = await api("POST", "/2/tweets", json=body)
    assert answer.status_code == 400
    assert answer.json()["title"] == "Invalid Request"
    assert word in answer.json()["errors"][0]["message"]
    assert x.timeline() == ()


@pytest.mark.parametrize(
    "sent", [{"content": b"text=a"}, {"data": {"text": "a"}}, {"content": b"[1]"}]
)
async def test_a_body_that_is_no_json_object_is_refused(api: Any, sent: dict[str, Any]) -> None:
    assert (await api("POST", "/2/tweets", **sent)).status_code == 400


async def test_the_whole_request_may_be_used(x: X, api: Any) -> None:
    answer = await api.post(
        "which?",
        poll={"options": ["one", "two"], "duration_minutes": 60},
        reply_settings="following",
        made_with_ai=False,
        paid_partnership=False,
    )
    assert answer.status_code == 201
    assert x.timeline()[0].poll == {"options": ["one", "two"], "duration_minutes": 60}


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("a" * 280, 201),
        ("a" * 281, 403),
        ("漢" * 140, 201),
        ("漢" * 141, 403),
        ("a" * 256 + " https://example.com/" + "b" * 300, 201),
        ("a" * 257 + " https://example.com/" + "b" * 300, 403),
        ("e\u0301" * 280, 201),  # weighed in NFC
    ],
)
async def test_the_weight_of_a_text_is_limited(api: Any, text: str, status: int) -> None:
    answer = await api.post(text)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["detail"] == "You are not permitted to perform this action."


async def test_premium_may_write_long_and_the_whole_is_in_the_note(
    x: X, api: Any, clock: Any
) -> None:
    x.account.premium = True
    text = "word " * 100 + "https://example.com/"
    made = (await api.post(text)).json()["data"]
    shown = await api("GET", f"/2/tweets/{made['id']}", params={"post.fields": "note_post"})
    assert len(shown.json()["data"]["text"]) <= 280
    note = shown.json()["data"]["note_post"]
    assert note["text"].startswith("word " * 100)
    assert note["entities"]["urls"][0]["expanded_url"] == "https://example.com/"


async def test_the_same_text_is_refused_for_a_day(api: Any, clock: Any, draw: Any) -> None:
    await api.post("gm")
    again = await api.post("gm ")
    assert again.status_code == 403
    assert again.json()["detail"].endswith("duplicate content.")
    with_photo = await api.post("gm", media={"media_ids": [await api.photo()]})
    assert with_photo.status_code == 403
    clock.advance(86_401)
    api.token = api.x.sign_in()["access_token"]
    assert (await api.post("gm")).status_code == 201


async def test_a_deleted_post_may_be_posted_again(x: X, api: Any) -> None:
    made = (await api.post("gm")).json()["data"]["id"]
    gone = await api("DELETE", f"/2/tweets/{made}")
    assert gone.json() == {"data": {"deleted": True}}
    assert x.timeline() == ()
    assert (await api.post("gm")).status_code == 201
    assert [c.kind for c in x.bill] == ["post", "delete", "post"]


async def test_only_ones_own_posts_can_be_deleted(x: X, api: Any, clock: Any) -> None:
    other = x.world.add_account("other", "Other", clock())
    mine = api.token
    api.token = x.sign_in(account=other)["access_token"]
    made = (await api.post("theirs")).json()["data"]["id"]
    api.token = mine
    assert (await api("DELETE", f"/2/tweets/{made}")).status_code == 403
    assert (await api("DELETE", "/2/tweets/1")).status_code == 404
    x.delete_missing = "true"
    assert (await api("DELETE", "/2/tweets/1")).json() == {"data": {"deleted": True}}


async def test_a_reply_needs_a_post_that_is_there(x: X, api: Any) -> None:
    first = (await api.post("one")).json()["data"]["id"]
    second = await api.post("two", reply={"in_reply_to_tweet_id": first})
    assert second.status_code == 201
    assert x.timeline()[1].reply_to == first
    lost = await api.post("three", reply={"in_reply_to_tweet_id": "123"})
    assert lost.status_code == 403
    assert "deleted or not visible" in lost.json()["detail"]
    x.threads_allowed = False
    assert (await api.post("x", reply={"in_reply_to_tweet_id": first})).status_code == 403


async def test_a_reply_to_another_needs_a_mention(x: X, api: Any, clock: Any) -> None:
    other = x.world.add_account("other", "Other", clock())
    mine, theirs = api.token, x.sign_in(account=other)["access_token"]
    api.token = theirs
    plain = (await api.post("nobody")).json()["data"]["id"]
    called = (await api.post("hey @Sandbox")).json()["data"]["id"]
    api.token = mine
    assert (await api.post("a", reply={"in_reply_to_tweet_id": plain})).status_code == 403
    assert (await api.post("b", reply={"in_reply_to_tweet_id": called})).status_code == 201


async def test_one_cashtag_is_the_most(api: Any) -> None:
    assert (await api.post("buy $ABC for $5")).status_code == 201
    answer = await api.post("buy $ABC and $DEF")
    assert answer.status_code == 403
    assert "maximum of one cashtag" in answer.json()["detail"]


async def test_quotes_and_edits_are_not_for_everyone(api: Any) -> None:
    first = (await api.post("one")).json()["data"]["id"]
    assert (await api.post("two", quote_tweet_id=first)).status_code == 403
    assert (await api.post("two", edit_options={"previous_post_id": first})).status_code == 403


async def test_media_must_be_ones_own_whole_and_alive(
    x: X, api: Any, clock: Any, draw: Any
) -> None:
    mine = await api.photo()
    token = api.token
    api.token = x.sign_in(account=x.world.add_account("other", "Other", clock()))["access_token"]
    stolen = await api.post("a", media={"media_ids": [mine]})
    api.token = token
    begun = await api(
        "POST",
        "/2/media/upload/initialize",
        json={"media_type": "image/png", "total_bytes": 10, "media_category": "tweet_image"},
    )
    torn = await api.post("a", media={"media_ids": [begun.json()["data"]["id"]]})
    clock.advance(86_401)
    api.token = x.sign_in()["access_token"]
    late = await api.post("a", media={"media_ids": [mine]})
    unknown = await api.post("a", media={"media_ids": ["12345"]})
    for answer in (stolen, torn, late, unknown):
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["message"] == "Your media IDs are invalid."
    assert x.timeline() == ()


async def test_without_credits_nothing_takes_effect(x: X, api: Any) -> None:
    x.credits = Decimal("0.020")
    assert (await api.post("one")).status_code == 201
    assert x.credits == Decimal("0.005")
    answer = await api.post("two")
    assert answer.status_code == 402
    assert answer.json()["title"] == "CreditsDepleted"
    assert answer.json()["type"].endswith("/credits")
    assert len(x.timeline()) == 1
    x.credits = Decimal(0)
    timeline = await api("GET", f"/2/users/{x.account.id}/tweets")
    assert timeline.status_code == 402


async def test_a_rate_limit_counts_per_account_and_comes_back(x: X, api: Any, clock: Any) -> None:
    x.limits["create"] = Limit(2)
    first = await api.post("1")
    assert first.headers["x-rate-limit-limit"] == "2"
    assert first.headers["x-rate-limit-remaining"] == "1"
    await api.post("1")  # a refusal counts as well
    refused = await api.post("3")
    assert refused.status_code == 429
    assert refused.json()["title"] == "Too Many Requests"
    assert refused.headers["x-rate-limit-remaining"] == "0"
    assert float(refused.headers["x-rate-limit-reset"]) == clock() + 900
    assert "retry-after" not in refused.headers
    clock.advance(900)
    assert (await api.post("3")).status_code == 201


async def test_accounts_and_apps_can_be_in_trouble(x: X, api: Any) -> None:
    x.account.locked = True
    assert "not permitted" in (await api.post("a")).json()["detail"]
    x.account.locked, x.account.suspended = False, True
    assert "suspended" in (await api.post("a")).json()["type"]
    x.account.suspended, x.app.enrolled = False, False
    assert (await api.post("a")).json()["reason"] == "client-not-enrolled"


async def test_scopes_are_asked_for(x: X, api: Any) -> None:
    api.token = x.sign_in("tweet.read users.read")["access_token"]
    answer = await api.post("a")
    assert answer.status_code == 403
    assert answer.json() == {
        "title": "Forbidden",
        "type": "about:blank",
        "status": 403,
        "detail": "Forbidden",
    }


async def test_an_unknown_path_is_a_problem_and_not_a_page(x: X, api: Any) -> None:
    answer = await api.http.get("/2/nothing")
    assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")
    answer = await api.http.get("/1.1/nothing.json")
    assert answer.json()["errors"][0]["code"] == 34
