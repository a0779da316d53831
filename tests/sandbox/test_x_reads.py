"""Reading the local X: pages, fields, prices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bot.sandbox.x import X
from bot.sandbox.x_fields import moment

FIELDS = "attachments,entities,created_at,note_post"


async def timeline(api: Any, **params: str) -> Any:
    path = f"/2/users/{api.x.account.id}/tweets"
    return await api("GET", path, params={k.replace("__", "."): v for k, v in params.items()})


async def test_who_am_i_says_name_and_number(x: X, api: Any) -> None:
    answer = await api("GET", "/2/users/me")
    assert answer.json() == {"data": {"id": x.account.id, "name": "Sandbox", "username": "sandbox"}}
    assert x.bill[-1].amount == Decimal("0.010")


async def test_a_timeline_is_read_page_by_page(x: X, api: Any, clock: Any) -> None:
    for n in range(12):
        await api.post(f"n{n}")
        clock.advance(1)
    seen: list[str] = []
    params = {"max_results": "5"}
    while True:
        page = (await timeline(api, **params)).json()
        seen += [p["text"] for p in page["data"]]
        assert page["meta"]["result_count"] == len(page["data"])
        if "next_token" not in page["meta"]:
            break
        params["pagination_token"] = page["meta"]["next_token"]
    assert seen == [f"n{n}" for n in reversed(range(12))]
    assert sum(c.amount for c in x.bill if c.kind == "post read") == Decimal("0.012")


async def test_an_empty_timeline_has_no_data(api: Any) -> None:
    assert (await timeline(api)).json() == {"meta": {"result_count": 0}}


async def test_bounds_cut_the_timeline(x: X, api: Any, clock: Any) -> None:
    ids = []
    for n in range(4):
        ids.append((await api.post(f"n{n}")).json()["data"]["id"])
        clock.advance(10)

    def texts(answer: Any) -> list[str]:
        return [p["text"] for p in answer.json().get("data", [])]

    assert texts(await timeline(api, since_id=ids[1])) == ["n3", "n2"]
    assert texts(await timeline(api, until_id=ids[1])) == ["n0"]
    second = x.timeline()[1].created
    assert texts(await timeline(api, start_time=moment(second))) == ["n3", "n2", "n1"]
    assert texts(await timeline(api, end_time=moment(second))) == ["n0"]


async def test_replies_are_there_unless_left_out(api: Any) -> None:
    first = (await api.post("one")).json()["data"]["id"]
    await api.post("two", reply={"in_reply_to_tweet_id": first})
    assert (await timeline(api)).json()["meta"]["result_count"] == 2
    assert (await timeline(api, exclude="replies")).json()["meta"]["result_count"] == 1


async def test_a_post_shows_what_was_asked_for(x: X, api: Any) -> None:
    media = await api.photo()
    await api.post("see example.com & more", media={"media_ids": [media]})
    answer = await timeline(
        api,
        post__fields=FIELDS,
        expansions="author_id,attachments.media_keys",
        media__fields="width",
    )
    (post,) = answer.json()["data"]
    assert post["attachments"] == {"media_keys": [f"3_{media}"]}
    assert post["created_at"].endswith("Z")
    assert post["author_id"] == x.account.id
    link, picture = post["entities"]["urls"]
    assert link["expanded_url"] == "http://example.com"
    assert post["text"][link["start"] : link["end"]] == link["url"]
    assert post["text"].endswith(picture["url"])
    assert picture["media_key"] == f"3_{media}"
    assert answer.json()["includes"]["media"] == [
        {"media_key": f"3_{media}", "type": "photo", "width": 8}
    ]
    assert answer.json()["includes"]["users"][0]["username"] == "sandbox"


@pytest.mark.parametrize(
    ("params", "word"),
    [
        ({"max_results": "4"}, "max_results"),
        ({"max_results": "101"}, "max_results"),
        ({"tweet.fields": "created_at"}, "tweet.fields"),
        ({"post.fields": "note_tweet"}, "post.fields"),
        ({"post.fields": "attachments,nothing"}, "nothing"),
        ({"expansions": "nothing"}, "nothing"),
        ({"start_time": "yesterday"}, "start_time"),
        ({"start_time": "2040-01-01T00:00:00Z"}, "start_time"),
        ({"end_time": "2009-01-01T00:00:00Z"}, "end_time"),
        ({"pagination_token": "!"}, "token"),
        ({"since_id": "x"}, "since_id"),
        ({"exclude": "all"}, "exclude"),
        ({"count": "5"}, "count"),
    ],
)
async def test_a_wrong_parameter_is_named(api: Any, params: dict[str, str], word: str) -> None:
    answer = await timeline(api, **params)
    assert answer.status_code == 400
    assert word in answer.json()["errors"][0]["message"]


async def test_before_2026_the_fields_had_other_names(x: X, api: Any) -> None:
    x.old_fields = True
    api.spec = None
    made = await api.post("one")
    assert "edit_history_tweet_ids" in made.json()["data"]
    assert (await timeline(api, tweet__fields="created_at,note_tweet")).status_code == 200
    refused = await timeline(api, post__fields="created_at")
    assert (refused.status_code, "post.fields" in refused.text) == (400, True)


async def test_posts_are_found_by_id_and_what_is_missing_is_listed(api: Any) -> None:
    made = (await api.post("one")).json()["data"]["id"]
    one = await api("GET", f"/2/tweets/{made}")
    assert one.json()["data"]["text"] == "one"
    several = (await api("GET", "/2/tweets", params={"ids": f"{made},77"})).json()
    assert [p["id"] for p in several["data"]] == [made]
    assert several["errors"][0]["resource_id"] == "77"
    missing = await api("GET", "/2/tweets/77")
    assert missing.status_code == 200
    assert missing.json()["errors"][0]["title"] == "Not Found Error"


async def test_reading_can_be_refused_for_good(x: X, api: Any) -> None:
    x.lookup_refused = True
    assert (await timeline(api)).status_code == 403
    assert (await api("GET", "/2/tweets/77")).status_code == 403
    assert (await api("GET", "/2/users/me")).status_code == 200


async def test_a_post_may_show_up_late(x: X, api: Any, clock: Any) -> None:
    x.timeline_lag = 3
    await api.post("one")
    assert (await timeline(api)).json()["meta"]["result_count"] == 0
    clock.advance(3)
    assert (await timeline(api)).json()["meta"]["result_count"] == 1
