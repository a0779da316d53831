"""The client at its edge: what goes over HTTP, and what its failures come to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from oauthlib import oauth1 as reference

from twitter_core import client as module
from twitter_core import limits, wire
from twitter_core.client import Client, Endpoints
from twitter_core.errors import Duplicate, SignInNeeded, Uncertain, Unsent
from twitter_core.oauth1 import Keys
from twitter_core.oauth2 import App
from twitter_core.post import Tweet
from twitter_core.wire import Account, Created, RateLimit

HTTP = Endpoints("https://api.test", "https://upload.test", "https://x.test")
APP = App("id:ci", "app-secret")
KEYS = Keys("ck", "cs", "7-token", "ts")


class Wire:
    """An httpx transport that notes what it is asked and gives the answers it was told."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.bodies: list[bytes] = []
        self.answers: list[httpx.Response | Exception] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.bodies.append(await request.aread())
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def x() -> Wire:
    return Wire()


@pytest.fixture
async def client(x: Wire) -> AsyncIterator[Client]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(x)) as http:
        yield Client(HTTP, APP, KEYS, clock=lambda: 1000.5, nonce=lambda: "nonce", http=http)


def said(status: int, body: object = None, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=body, headers=names)


async def test_a_post_is_sent_as_json_with_the_token(x: Wire, client: Client) -> None:
    x.answers = [said(201, {"data": {"id": "1", "text": "é"}})]
    assert await client.create("at", Tweet("é"), ["5"], "9") == Created("1", "é")
    request = x.requests[0]
    assert (request.method, str(request.url)) == ("POST", "https://api.test/2/tweets")
    assert request.headers["authorization"] == "Bearer at"
    assert request.headers["content-type"] == "application/json"
    assert json.loads(x.bodies[0]) == {
        "text": "é",
        "media": {"media_ids": ["5"]},
        "reply": {"in_reply_to_tweet_id": "9"},
    }


async def test_a_code_is_exchanged_by_form_with_basic_authorization(
    x: Wire, client: Client
) -> None:
    x.answers = [said(200, {"access_token": "a", "refresh_token": "r", "expires_in": 8})]
    token = await client.exchange("c", "v")
    assert (token.access_token, token.expires_at, token.issued_at) == ("a", 1008.5, 1000.5)
    assert x.requests[0].headers["authorization"].startswith("Basic ")
    assert x.requests[0].headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(x.bodies[0].decode())["code_verifier"] == ["v"]


async def test_a_refresh_keeps_the_old_refresh_token_where_there_is_no_new_one(
    x: Wire, client: Client
) -> None:
    x.answers = [said(200, {"access_token": "a"})]
    assert (await client.refresh("old")).refresh_token == "old"


async def test_a_revocation_sends_the_token(x: Wire, client: Client) -> None:
    x.answers = [said(200, {"revoked": True})]
    await client.revoke("t")
    assert (x.requests[0].url.path, x.bodies[0]) == ("/2/oauth2/revoke", b"token=t")


async def test_reading_the_account_and_deleting_a_post(x: Wire, client: Client) -> None:
    x.answers = [
        said(200, {"data": {"id": "7", "username": "me", "name": "Me"}}),
        said(200, {"data": {"deleted": True}}),
    ]
    assert await client.me("at") == Account("7", "me", "Me")
    await client.delete("at", "1")
    assert [(r.method, r.url.path) for r in x.requests] == [
        ("GET", "/2/users/me"),
        ("DELETE", "/2/tweets/1"),
    ]


async def test_a_v11_upload_is_multipart_and_signed_without_its_body(
    x: Wire, client: Client, tmp_path: Path
) -> None:
    x.answers = [said(200, {"media_id_string": "5"})]
    file = tmp_path / "private name.jpg"
    file.write_bytes(b"\xff\xd8picture")
    uploaded = await client.upload_v11(file, "image/jpeg")
    assert (uploaded.media_id, uploaded.expires_at) == ("5", 1000.5 + limits.MEDIA_LIFETIME)
    body = x.bodies[0]
    assert b"\xff\xd8picture" in body and b"tweet_image" in body and b"private" not in body
    assert x.requests[0].headers["content-length"] == str(len(body))
    signer = reference.Client("ck", "cs", "7-token", "ts", nonce="nonce", timestamp="1000")
    url = str(x.requests[0].url)
    signed: str = signer.sign(url, "POST")[1]["Authorization"]
    assert (
        signed.split("oauth_signature=")[1]
        == (x.requests[0].headers["authorization"].split("oauth_signature=")[1])
    )


async def test_a_v2_upload_has_two_fields_and_a_bearer(x: Wire, client: Client) -> None:
    x.answers = [said(200, {"data": {"id": "5", "media_key": "3_5"}})]
    assert (await client.upload_v2("at", b"picture", "image/png")).media_key == "3_5"
    assert x.requests[0].headers["authorization"] == "Bearer at"
    assert x.bodies[0].count(b"Content-Disposition: form-data") == 2
    assert b'name="media_category"\r\n\r\ntweet_image' in x.bodies[0]
    assert (
        b'name="media"; filename="media"\r\nContent-Type: image/png\r\n\r\npicture' in x.bodies[0]
    )


async def test_an_upload_of_a_file_that_is_gone_is_an_os_error(x: Wire, client: Client) -> None:
    with pytest.raises(FileNotFoundError):
        await client.upload_v2("at", Path("/nowhere/at/all"), "image/png")
    assert x.requests == []


async def test_what_is_needed_to_sign_is_asked_for_before_anything_is_sent(x: Wire) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(x)) as http:
        bare = Client(HTTP, APP, http=http)
        with pytest.raises(ValueError, match="keys"):
            await bare.upload_v11(b"", "image/png")
        with pytest.raises(ValueError, match="access token"):
            await bare.me("")
    assert x.requests == []


REQUEST = httpx.Request("GET", "https://api.test/?secret")


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (httpx.ConnectError("m", request=REQUEST), Unsent),
        (httpx.ConnectTimeout("m", request=REQUEST), Unsent),
        (httpx.PoolTimeout("m", request=REQUEST), Unsent),
        (httpx.ProxyError("m", request=REQUEST), Unsent),
        (httpx.UnsupportedProtocol("m", request=REQUEST), Unsent),
        (httpx.ReadTimeout("m", request=REQUEST), Uncertain),
        (httpx.WriteTimeout("m", request=REQUEST), Uncertain),
        (httpx.ReadError("m", request=REQUEST), Uncertain),
        (httpx.WriteError("m", request=REQUEST), Uncertain),
        (httpx.CloseError("m", request=REQUEST), Uncertain),
        (httpx.RemoteProtocolError("m", request=REQUEST), Uncertain),
        (httpx.LocalProtocolError("m", request=REQUEST), Uncertain),
        (httpx.DecodingError("m", request=REQUEST), Uncertain),
        (ConnectionResetError("m"), Uncertain),
    ],
)
async def test_a_failure_says_whether_the_request_left_and_nothing_else(
    x: Wire, client: Client, failure: Exception, kind: type[Exception]
) -> None:
    x.answers = [failure]
    with pytest.raises((Unsent, Uncertain)) as error:
        await client.create("secret", Tweet("t"))
    assert type(error.value) is kind
    assert str(error.value) == type(failure).__name__
    assert len(x.requests) == 1


async def test_refusals_are_raised_and_redirects_are_not_followed(x: Wire, client: Client) -> None:
    x.answers = [
        said(403, {"detail": "You are not allowed to create a Tweet with duplicate content."}),
        said(401, {"title": "Unauthorized"}),
        said(307, location="https://evil.test/"),
    ]
    for kind in (Duplicate, SignInNeeded, Uncertain):
        with pytest.raises(kind):
            await client.create("at", Tweet("t"))
    assert len(x.requests) == 3


async def test_rate_limits_are_kept_as_last_seen_even_from_a_refusal(
    x: Wire, client: Client
) -> None:
    def window(left: str) -> dict[str, str]:
        return {
            "x_rate_limit_limit": "9",
            "x_rate_limit_remaining": left,
            "x_rate_limit_reset": "5",
        }

    x.answers = [
        said(201, {"data": {"id": "1"}}, **window("8")),
        said(401, {}, **window("7")),
    ]
    await client.create("at", Tweet("t"))
    with pytest.raises(SignInNeeded):
        await client.create("at", Tweet("t"))
    assert client.rate_limits == {"create": RateLimit(9, 7, 5)}


def page(*ids: str, token: str | None = None) -> httpx.Response:
    posts = [{"id": i, "text": i, "created_at": "2026-01-01T00:00:00Z"} for i in ids]
    return said(200, {"data": posts, "meta": {"next_token": token} if token else {}})


async def test_own_posts_are_read_to_the_last_page(x: Wire, client: Client) -> None:
    x.answers = [page("3", "2", token="n"), page("1")]
    assert [post.id for post in await client.own_posts("at", "7", 0)] == ["3", "2", "1"]
    assert x.requests[1].url.params["pagination_token"] == "n"


async def test_what_x_charges_for_is_told_by_the_page_also_where_the_next_one_fails(
    x: Wire, client: Client
) -> None:
    charged: list[int] = []
    x.answers = [page("3", "2", token="n"), said(503)]
    with pytest.raises(Uncertain):
        await client.own_posts("at", "7", 0, read=charged.append)
    assert charged == [2]


async def test_own_posts_are_complete_or_an_error(x: Wire, client: Client) -> None:
    x.answers = [page("3", token="n"), said(503)]
    with pytest.raises(Uncertain):
        await client.own_posts("at", "7", 0)
    x.answers = [page("3", token="n") for _ in range(limits.PAGES)]
    with pytest.raises(Uncertain, match="pages"):
        await client.own_posts("at", "7", 0)


async def test_the_names_of_the_fields_that_x_takes_are_found_and_remembered(
    x: Wire, client: Client
) -> None:
    x.answers = [
        said(400, {"errors": [{"message": "The query parameter [post.fields] is not one of …"}]}),
        page(),
        page(),
    ]
    await client.own_posts("at", "7", 0)
    await client.own_posts("at", "7", 0)
    asked = [next(name for name in r.url.params if name.endswith(".fields")) for r in x.requests]
    assert asked == ["post.fields", "tweet.fields", "tweet.fields"]
    assert x.requests[2].url.params["tweet.fields"].endswith(f",{wire.FIELDS[2].note}")


# ------------------------------------------------------------------ over real sockets on loopback


class Server:
    """Counts the connections that it accepts and the requests that it reads."""

    def __init__(self) -> None:
        self.accepted = 0
        self.asked: list[bytes] = []
        self.answer: bytes | None = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
        self.writers: list[asyncio.StreamWriter] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        self.writers.append(writer)
        try:
            while True:
                self.asked.append(await reader.readuntil(b"\r\n\r\n"))
                if self.answer is None:
                    break
                writer.write(self.answer)
        except asyncio.IncompleteReadError:
            pass
        writer.close()


@pytest.fixture
async def served() -> AsyncIterator[tuple[Server, str]]:
    server = Server()
    listener = await asyncio.start_server(server, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    yield server, f"http://127.0.0.1:{port}"
    listener.close()
    for writer in server.writers:
        writer.close()


def real(root: str) -> Client:
    return Client(Endpoints(root, root), APP, KEYS)


async def test_a_connection_opened_ahead_serves_the_next_request(
    served: tuple[Server, str],
) -> None:
    server, root = served
    async with real(root) as client:
        await client.open_connections()
        await client.open_connections()
        assert (server.accepted, server.asked) == (1, [])
        await client.send(wire.me(root), "at")
        await client.open_connections()  # the pool has an idle one
        await client.send(wire.me(root), "at")
        assert server.accepted == 1
    assert len(server.asked) == 2
    assert b"user-agent: telex" in server.asked[0].lower()


async def test_opening_ahead_never_raises() -> None:
    async with real("http://127.0.0.1:9") as client:
        await client.open_connections()
        with pytest.raises(Unsent):
            await client.me("at")


async def test_a_connection_that_is_dropped_without_an_answer_is_uncertain(
    served: tuple[Server, str],
) -> None:
    server, root = served
    server.answer = None
    async with real(root) as client:
        with pytest.raises(Uncertain):
            await client.create("at", Tweet("t"))
    assert len(server.asked) == 1


async def test_an_answer_that_trickles_is_not_waited_for_for_ever(
    served: tuple[Server, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, root = served
    server.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"
    monkeypatch.setattr(limits, "CONNECT_TIMEOUT", 0.5)
    request = wire.Request(wire.Call.ME, "GET", root, timeout=0.05)
    async with real(root) as client:
        with pytest.raises(Uncertain):
            await client.send(request, "at")


async def test_a_proxy_of_the_environment_is_used_but_never_for_loopback(
    served: tuple[Server, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, root = served
    for name in ("no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", root)
    async with real("http://127.0.0.1:9") as client:
        with pytest.raises(Unsent):
            await client.send(wire.me("http://127.0.0.1:9"), "at")
    async with real("http://somewhere.test") as client:
        await client.open_connections()
        assert server.accepted == 0
        await client.send(wire.me("http://somewhere.test"), "at")
    assert server.asked[0].startswith(b"GET http://somewhere.test/2/users/me ")


async def test_cookies_of_x_are_not_kept(served: tuple[Server, str]) -> None:
    server, root = served
    server.answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: guest=1\r\nContent-Length: 2\r\n\r\n{}"
    async with real(root) as client:
        for _ in range(2):
            await client.send(wire.me(root), "at")
    assert b"cookie" not in server.asked[1].lower()


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("api.x.com", False),
        ("8.8.8.8", False),
    ],
)
def test_loopback_is_told_from_the_rest(host: str, expected: bool) -> None:
    assert module._is_loopback(host) is expected


def test_no_secret_is_shown_in_a_repr() -> None:
    shown: Callable[[Any], str] = repr
    assert "secret" not in shown(Client(HTTP, APP, KEYS, http=httpx.AsyncClient()))
