"""Signing in, staying signed in, and signing out, as X and the owner see it."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections import Counter
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx
import pytest

from bot.sandbox.server import Exchange, Fault
from bot.sandbox.telegram import Message
from bot.sandbox.x_world import Limit
from tests.stage import Stage
from tests.walks.pictures import jpeg

TOKEN = "/2/oauth2/token"
REVOKE = "/2/oauth2/revoke"


def asked(link: str) -> dict[str, str]:
    """What a link to the consent page asks X for."""
    return {k: v[0] for k, v in parse_qs(urlsplit(link).query).items()}


def changed(address: str, **fields: str) -> str:
    """The address that the browser landed on, with some of its fields changed."""
    parts = urlsplit(address)
    query = {k: v[0] for k, v in parse_qs(parts.query).items()} | fields
    return f"{address.partition('?')[0]}?{urlencode(query)}"


async def auth(stage: Stage) -> str:
    """/auth; returns the link."""
    sent = stage.owner.sends_text("/auth")
    shown = await stage.owner.sees("Sign in to X with this link", after=sent)
    link = stage.owner.opens(shown, "Open X")
    assert link in shown.text, "as a button and as text"
    return link


async def pasted(stage: Stage, address: str) -> Message:
    """The answer to a pasted address."""
    sent = stage.owner.sends_text(address)
    return await stage.owner.sees(lambda m: bool(m.text), after=sent)


async def landed(stage: Stage, query: str) -> httpx.Response:
    """The landing page that the browser gets."""
    async with httpx.AsyncClient(trust_env=False) as http:
        return await http.get(f"http://127.0.0.1:{stage.landing}/callback?{query}")


async def page_is_there(stage: Stage) -> None:
    """Until the landing page answers."""
    async with httpx.AsyncClient(
        trust_env=False, transport=httpx.AsyncHTTPTransport(retries=8)
    ) as http:
        answer = await http.get(f"http://127.0.0.1:{stage.landing}/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def on_disk(stage: Stage) -> tuple[str, str]:
    """The token pair in telex.json."""
    token = stage.stored()["sign_in"]["x"]["token"]
    return token["access_token"], token["refresh_token"]


def newest(stage: Stage) -> tuple[str, str | None]:
    """The pair that X gave last."""
    token = stage.x.world.tokens[-1]
    return token.access, token.refresh


def refused_polls(stage: Stage) -> list[Exchange]:
    """The requests that X answered with 401."""
    return [e for e in stage.x.api.exchanges if e.status == 401]


def each_used_once(stage: Stage) -> None:
    """No refresh token went to X twice, and X never got a token that had ended with its family."""
    sent = Counter(form["refresh_token"] for form in stage.grants("refresh_token"))
    assert set(sent.values()) <= {1}
    assert not any(token.refresh_ended for token in stage.x.world.tokens)


async def is_signed_in(stage: Stage) -> None:
    """A photo goes out."""
    sent = stage.owner.sends_photo(jpeg(), f"at {time.time()}")
    await stage.owner.sees(lambda m: m.reply_to == sent.id and "Posted" in m.text)


@pytest.fixture
async def running(stage: Stage) -> Stage:
    """The bot runs, and nobody has signed in."""
    await stage.start()
    await stage.ready()
    return stage


async def test_the_sign_in_proves_itself_with_s256_and_a_client_secret_with_basic(
    running: Stage,
) -> None:
    first, second = await auth(running), await auth(running)
    for link in (first, second):
        given = asked(link)
        assert given["code_challenge_method"] == "S256"
        assert given["response_type"] == "code"
        assert given["redirect_uri"] == running.settings["X_REDIRECT_URI"]
        assert set(given["scope"].split()) == {
            *("tweet.read", "tweet.write", "users.read", "media.write", "offline.access")
        }
    for name in ("state", "code_challenge"):
        assert asked(first)[name] != asked(second)[name]
        assert len(asked(first)[name]) >= 43

    answer = await pasted(running, running.x.consent(second))
    assert answer.text.startswith("Signed in as @sandbox")
    (exchange,) = running.x.api.seen("POST", TOKEN)
    form = running.grants("authorization_code")[0]
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert challenge == asked(second)["code_challenge"]
    app = running.x.app
    pair = f"{quote(app.client_id, safe='')}:{quote(app.client_secret or '', safe='')}".encode()
    assert exchange.headers["authorization"] == f"Basic {base64.b64encode(pair).decode()}"
    assert "client_id" not in form and "client_secret" not in form
    assert on_disk(running) == newest(running)


async def test_without_a_client_secret_the_client_names_itself_in_the_body(stage: Stage) -> None:
    stage.x.app.client_secret = None
    stage.settings["X_CLIENT_SECRET"] = ""
    await stage.start()
    await stage.ready()
    await stage.sign_in()
    stage.owner.sends_text("/refresh")
    await stage.owner.sees("is renewed")
    stage.owner.sends_text("/logout")
    await stage.owner.sees("Signed out")
    sent = [*stage.x.api.seen("POST", TOKEN), *stage.x.api.seen("POST", REVOKE)]
    assert [e.status for e in sent] == [200] * 4
    for exchange in sent:
        assert "authorization" not in exchange.headers
        assert parse_qs(exchange.body.decode())["client_id"] == [stage.x.app.client_id]


async def test_a_state_that_does_not_fit_is_refused_in_words_and_spoils_nothing(
    running: Stage,
) -> None:
    old = running.x.consent(await auth(running))
    good = running.x.consent(await auth(running))
    for wrong in (old, changed(good, state="forged"), good.partition("state=")[0] + "code=abc"):
        answer = await pasted(running, wrong)
        assert "belongs to another sign-in" in answer.text
    assert (await pasted(running, good.partition("?")[0])).text.startswith("There is no code")
    assert running.x.api.exchanges == []

    assert (await pasted(running, good)).text.startswith("Signed in as @sandbox")
    pair = on_disk(running)
    reused = await pasted(running, good)
    assert "used already" in reused.text
    assert len(running.x.api.seen("POST", TOKEN)) == 1, "a code goes to X once"
    assert on_disk(running) == pair == newest(running)


async def test_a_sign_in_that_took_too_long_is_refused_in_words(running: Stage) -> None:
    for by_paste in (True, False):
        good = running.x.consent(await auth(running))
        await running.stop()
        # The clock is the bot's own, so the end is brought to it.
        path = running.data / "telex.json"
        content = json.loads(path.read_text())
        (row,) = content["pending_sign_in"].values()
        assert 590 < row["ends_at"] - time.time() <= 600
        row["ends_at"] = time.time() - 1
        path.write_text(json.dumps(content))
        await running.start()
        await running.ready()
        if by_paste:
            assert "longer than 10 minutes" in (await pasted(running, good)).text
        else:
            await page_is_there(running)
            before = running.owner.chat.messages[-1]
            assert "longer than 10 minutes" in (await landed(running, good.partition("?")[2])).text
            await running.owner.sees("longer than 10 minutes", after=before)  # told there, too
        assert "used already" in (await pasted(running, good)).text
    assert running.x.api.exchanges == []


async def test_the_landing_page_signs_in_once_and_tells_the_chat_too(running: Stage) -> None:
    await page_is_there(running)
    query = urlsplit(running.x.consent(await auth(running))).query
    wrong = await landed(running, urlencode({"code": "c", "state": "forged"}))
    assert "belongs to another sign-in" in wrong.text
    page = await landed(running, query)
    assert page.status_code == 200
    assert "Signed in as @sandbox" in page.text
    await running.owner.sees("Signed in as @sandbox")
    assert "used already" in (await landed(running, query)).text
    await is_signed_in(running)
    assert len(running.x.api.seen("POST", TOKEN)) == 1
    told = [m for m in running.owner.chat.messages if "Signed in as" in m.text]
    assert len(told) == 1


async def test_the_landing_page_shows_nothing_that_came_with_the_request(running: Stage) -> None:
    await page_is_there(running)
    link = await auth(running)
    evil = '"><script>alert(1)</script>'
    for query in (
        {"code": evil, "state": evil},
        {"error": evil, "state": asked(link)["state"][:-1]},
        {"error": evil, "error_description": evil, "state": asked(link)["state"]},
        {evil: evil},
    ):
        page = await landed(running, urlencode(query))
        assert page.headers["content-type"].startswith("text/html")
        assert "script" not in page.text and "alert" not in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-store"
    async with httpx.AsyncClient(trust_env=False) as http:
        root = f"http://127.0.0.1:{running.landing}"
        assert (await http.get(f"{root}/")).status_code == 404
        assert (await http.post(f"{root}/callback", data={"code": "c"})).status_code == 405
    assert running.x.api.exchanges == []


async def test_the_page_escapes_a_name_that_x_gives(running: Stage) -> None:
    running.x.account.username = "<b>&"
    await page_is_there(running)
    query = urlsplit(running.x.consent(await auth(running))).query
    page = await landed(running, query)
    assert "&lt;b&gt;&amp;" in page.text and "<b>" not in page.text


@pytest.mark.parametrize("by_paste", [True, False], ids=["pasted", "landing page"])
async def test_a_denied_consent_is_told_and_used_up(running: Stage, by_paste: bool) -> None:
    denied = running.x.consent(await auth(running), allow=False)
    if by_paste:
        assert "You did not allow it" in (await pasted(running, denied)).text
    else:
        await page_is_there(running)
        assert "You did not allow it" in (await landed(running, urlsplit(denied).query)).text
        await running.owner.sees("You did not allow it")
    assert running.x.api.exchanges == []
    assert "used already" in (await pasted(running, denied)).text
    await running.sign_in()


async def test_a_code_that_x_refuses_is_told(running: Stage) -> None:
    late = running.x.consent(await auth(running))
    for code in running.x.world.codes.values():
        code.ends = 0
    assert "X did not take the code" in (await pasted(running, late)).text
    await running.sign_in()


async def test_a_client_that_x_does_not_know_is_told_with_the_settings_to_look_at(
    running: Stage,
) -> None:
    address = running.x.consent(await auth(running))
    secret, running.x.app.client_secret = running.x.app.client_secret, "another one"
    answer = await pasted(running, address)
    assert "X_CLIENT_ID" in answer.text and "X_CLIENT_SECRET" in answer.text
    running.x.app.client_secret = secret
    await running.sign_in()


async def test_a_sign_in_without_an_answer_is_told_and_the_next_one_works(running: Stage) -> None:
    for drop in ("before", "after"):
        running.x.api.faults.add(Fault(method="POST", path=TOKEN, drop=drop))
        answer = await pasted(running, running.x.consent(await auth(running)))
        assert "could not be reached" in answer.text
    await running.sign_in()
    assert on_disk(running) == newest(running)


async def test_where_the_name_is_not_to_be_had_the_sign_in_is_kept(running: Stage) -> None:
    fault = Fault(method="GET", path="/2/users/me", status=503, body="<h1>down</h1>")
    running.x.api.faults.add(fault)
    answer = await pasted(running, running.x.consent(await auth(running)))
    assert answer.text.startswith("Signed in.")
    assert on_disk(running) == newest(running)
    sent = running.owner.sends_photo(jpeg(), "whoever I am")
    shown = await running.owner.sees(lambda m: m.reply_to == sent.id and "Posted" in m.text)
    (post,) = running.x.timeline()
    assert shown.text.endswith(f"/status/{post.id}\n$0.015")


async def test_another_account_than_that_of_the_upload_keys_is_told_and_uploads_as_itself(
    running: Stage,
) -> None:
    other = running.x.world.add_account("other", "Other", time.time())
    answer = await pasted(running, running.x.consent(await auth(running), account=other))
    assert answer.text.startswith("Signed in as @other") and "X_ACCESS_TOKEN" in answer.text
    photo = jpeg()
    sent = running.owner.sends_photo(photo, "mine")
    shown = await running.owner.sees(lambda m: m.reply_to == sent.id and "Posted" in m.text)
    (post,) = running.x.timeline(other)
    assert [m.bytes for m in post.media] == [photo]
    assert shown.text.endswith(f"https://x.com/other/status/{post.id}\n$0.015")
    assert running.uploads() == []


async def test_what_begins_with_the_redirect_uri_is_never_a_draft(signed_in: Stage) -> None:
    uri = signed_in.settings["X_REDIRECT_URI"]
    for text in (
        uri,
        uri.removeprefix("http://") + "?code=a&state=b",
        f"{uri}?code=a&state=b",
        f"  {uri}?code=a&state=b and some words",
        f"{uri}?error=access_denied",
        f"{uri}#x",
        uri.upper(),
    ):
        answer = await pasted(signed_in, text)
        assert answer.labels == (), f"{text!r} became {answer}"
    assert signed_in.stored().get("outbox", {}) == {}
    assert len(signed_in.x.api.seen("POST", TOKEN)) == 1


async def test_refresh_renews_now_and_the_disk_has_the_pair_before_x_sees_it(
    signed_in: Stage,
) -> None:
    seen = watch_disk(signed_in)
    first = newest(signed_in)
    for number in range(3):
        sent = signed_in.owner.sends_text("/refresh")
        await signed_in.owner.sees("is renewed", after=sent)
        assert on_disk(signed_in) == newest(signed_in) != first
        await is_signed_in(signed_in)
        assert len(signed_in.grants("refresh_token")) == number + 1
    each_used_once(signed_in)
    assert len(seen) >= 3 and all(seen)
    basic = [e.headers.get("authorization", "") for e in signed_in.x.api.seen("POST", TOKEN)]
    assert all(value.startswith("Basic ") for value in basic)


def watch_disk(stage: Stage) -> list[bool]:
    """For each request with a Bearer token from now on: whether that token stood on the disk."""
    seen: list[bool] = []

    def follow(what: str, exchange: Exchange) -> None:
        scheme, _, token = exchange.headers.get("authorization", "").partition(" ")
        if what == "start" and scheme == "Bearer":
            seen.append(on_disk(stage)[0] == token)

    stage.x.api.on_exchange.append(follow)
    return seen


async def test_with_fifty_posts_in_flight_at_the_end_of_a_pair_each_refresh_token_is_used_once(
    stage: Stage,
) -> None:
    stage.x.expires_in = 4
    stage.x.limits["create"] = Limit(1000)
    stage.x.api.delay = 0.08
    stage.telegram.flood = None
    await stage.start()
    await stage.ready()
    await stage.sign_in()
    for number in range(50):
        stage.owner.sends_text(f"/post {number}")
    await stage.x.api.until(lambda: len(stage.x.timeline()) >= 50, 30)
    assert [p.text for p in stage.x.timeline()] == [str(n) for n in range(50)]
    assert len(stage.creates()) - len(refused_polls(stage)) == 50
    assert stage.grants("refresh_token"), "no pair ended while the posts were in flight"
    each_used_once(stage)
    assert on_disk(stage) == newest(stage)


async def test_fifty_posts_that_find_the_pair_at_its_end_renew_it_once(signed_in: Stage) -> None:
    signed_in.x.limits["create"] = Limit(1000)
    signed_in.telegram.flood = None
    await signed_in.stop()
    signed_in.x.world.tokens[-1].ends = 0.0  # X has ended it early: a 401 is the first to tell
    for number in range(50):
        signed_in.owner.sends_photo(jpeg(), str(number))
    signed_in.settings["X_UPLOAD"] = "v2"  # so that the uploads, six at a time, meet the 401 too
    await signed_in.start()
    await signed_in.x.api.until(lambda: len(signed_in.x.timeline()) >= 50, 30)
    assert [p.text for p in signed_in.x.timeline()] == [str(n) for n in range(50)]
    assert refused_polls(signed_in), "the 401 was not seen"
    assert len(signed_in.grants("refresh_token")) == 1
    each_used_once(signed_in)
    assert on_disk(signed_in) == newest(signed_in)


async def test_a_renewal_whose_answer_is_lost_is_sent_once_more(signed_in: Stage) -> None:
    signed_in.x.forgiving_refresh = True
    lost = signed_in.x.api.faults.add(Fault(method="POST", path=TOKEN, drop="after"))
    signed_in.owner.sends_text("/refresh")
    await signed_in.owner.sees("is renewed")
    assert lost.fired == 1
    forms = signed_in.grants("refresh_token")
    assert len(forms) == 2 and forms[0]["refresh_token"] == forms[1]["refresh_token"]
    assert on_disk(signed_in) == newest(signed_in)
    await is_signed_in(signed_in)


async def test_where_x_does_not_forgive_a_lost_renewal_the_owner_signs_in_and_all_goes_out(
    signed_in: Stage,
) -> None:
    signed_in.x.api.faults.add(Fault(method="POST", path=TOKEN, drop="after"))
    signed_in.owner.sends_text("/refresh")
    ended = await signed_in.owner.sees("X has ended the sign-in")
    assert ended.labels == ("Sign in",)
    assert len(signed_in.grants("refresh_token")) == 2, "twice at most"
    sent = signed_in.owner.sends_photo(jpeg(), "it waits")
    await signed_in.owner.sees(lambda m: m.reply_to == sent.id and "not signed in" in m.text)
    assert signed_in.x.timeline() == ()
    await signed_in.sign_in()
    await signed_in.owner.sees(lambda m: m.reply_to == sent.id and "Posted" in m.text)
    assert len(signed_in.grants("refresh_token")) == 2
    assert on_disk(signed_in) == newest(signed_in)


async def test_with_a_life_of_8_seconds_the_bot_stays_signed_in_by_itself(stage: Stage) -> None:
    stage.x.expires_in = 8
    await stage.start()
    await stage.ready()
    await stage.sign_in()
    seen = watch_disk(stage)
    for number in range(1, 4):
        await stage.x.api.until(lambda n=number: len(stage.grants("refresh_token")) >= n, 8)  # type: ignore[misc]
    await is_signed_in(stage)
    each_used_once(stage)
    assert refused_polls(stage) == []
    assert on_disk(stage) == newest(stage)
    assert all(seen)


async def test_logout_revokes_at_x_and_forgets(signed_in: Stage) -> None:
    access, refresh = on_disk(signed_in)
    signed_in.owner.sends_text("/logout")
    await signed_in.owner.sees("Signed out")
    told = [parse_qs(e.body.decode())["token"][0] for e in signed_in.x.api.seen("POST", REVOKE)]
    assert set(told) == {access, refresh}
    assert all(t.access_ended and t.refresh_ended for t in signed_in.x.world.tokens)
    whole = b"".join(path.read_bytes() for path in signed_in.data.rglob("*") if path.is_file())
    assert access.encode() not in whole and (refresh or "").encode() not in whole
    before = signed_in.owner.sends_text("/status")
    assert "Sign-in: none" in (await signed_in.owner.sees("Sign-in", after=before)).text
    sent = signed_in.owner.sends_photo(jpeg(), "after the end")
    await signed_in.owner.sees(lambda m: m.reply_to == sent.id and "not signed in" in m.text)
    for command, answer in (("/logout", "not signed in"), ("/refresh", "not signed in")):
        before = signed_in.owner.sends_text(command)
        await signed_in.owner.sees(answer, after=before)
    assert signed_in.creates() == []


async def test_logout_while_x_is_away_forgets_all_the_same(signed_in: Stage) -> None:
    await signed_in.x.api.stop()
    signed_in.owner.sends_text("/logout")
    await signed_in.owner.sees("X could not be told")
    assert signed_in.stored().get("sign_in", {}) == {}


@pytest.mark.parametrize("listen", ["busy", ""])
async def test_without_a_landing_page_one_signs_in_by_pasting_and_the_log_says_so_once(
    stage: Stage, listen: str
) -> None:
    # The sandbox's own port is one that is surely taken.
    stage.settings["LISTEN"] = listen and stage.x.url.removeprefix("http://")
    await stage.start()
    await stage.ready()
    await stage.sign_in()
    await is_signed_in(stage)
    await stage.stop()
    said = [line for line in stage.logged().splitlines() if "LISTEN" in line]
    assert len(said) == 1 and "pasting" in said[0]


async def test_status_tells_of_the_sign_in(running: Stage) -> None:
    async def status() -> Any:
        sent = running.owner.sends_text("/status")
        return (await running.owner.sees("Sign-in", after=sent)).text

    assert "none" in await status()
    await running.sign_in()
    assert "@sandbox" in await status()
    assert "good" in await status()
