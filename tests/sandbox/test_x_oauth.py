"""Signing in to the local X: consent, codes, rotation, and OAuth 1.0a signatures."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from oauthlib import oauth1

from bot.sandbox.x import X
from bot.sandbox.x_consent import Unwilling

VERIFIER = "v" * 43
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
)
SCOPE = "tweet.read tweet.write users.read media.write offline.access"
Form = dict[str, str]


def link(x: X, **other: str | None) -> str:
    asked = {
        "response_type": "code",
        "client_id": x.app.client_id,
        "redirect_uri": x.app.redirect_uris[0],
        "scope": SCOPE,
        "state": "s-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **other,
    }
    query = {k: v for k, v in asked.items() if v is not None}
    return f"{x.url}/i/oauth2/authorize?{urlencode(query)}"


def code_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["code"][0]


class Signer:
    """What a bot does at the token endpoint."""

    def __init__(self, x: X, http: httpx.AsyncClient) -> None:
        self.x = x
        self.http = http

    async def send(self, path: str, form: Form, *, basic: bool = True) -> httpx.Response:
        auth = (self.x.app.client_id, self.x.app.client_secret or "") if basic else None
        return (
            await self.http.post(path, data=form, auth=auth)
            if auth
            else await self.http.post(path, data=form)
        )

    async def exchange(self, code: str, **other: str) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.x.app.redirect_uris[0],
            "code_verifier": VERIFIER,
            **other,
        }
        return await self.send("/2/oauth2/token", form)

    async def refresh(self, token: str) -> httpx.Response:
        return await self.send(
            "/2/oauth2/token", {"grant_type": "refresh_token", "refresh_token": token}
        )

    async def works(self, access: str) -> bool:
        answer = await self.http.get("/2/users/me", headers={"authorization": f"Bearer {access}"})
        if answer.status_code == 401:
            assert answer.json() == {
                "title": "Unauthorized",
                "type": "about:blank",
                "status": 401,
                "detail": "Unauthorized",
            }
        return answer.status_code == 200


@pytest.fixture
def signer(x: X, api: Any) -> Signer:
    return Signer(x, api.http)


async def test_a_browser_walks_from_consent_to_the_callback(x: X, signer: Signer) -> None:
    page = await signer.http.get(link(x, state='"><script>'))
    assert page.status_code == 200
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text
    form = {k: v[0] for k, v in parse_qs(urlsplit(link(x)).query).items()}
    form |= {"account": x.account.id, "decision": "allow"}
    answer = await signer.http.post("/i/oauth2/authorize", data=form)
    assert answer.status_code == 302
    landed = answer.headers["location"]
    assert landed.startswith(x.app.redirect_uris[0] + "?state=s-1&code=")
    pair = await signer.exchange(code_of(landed))
    assert pair.status_code == 200
    assert pair.json()["token_type"] == "bearer"
    assert pair.json()["expires_in"] == 7200
    assert pair.json()["scope"] == SCOPE
    assert await signer.works(pair.json()["access_token"])


async def test_a_refusal_comes_back_as_access_denied(x: X, signer: Signer) -> None:
    landed = x.consent(link(x), allow=False)
    assert landed == f"{x.app.redirect_uris[0]}?state=s-1&error=access_denied"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("response_type", "token"),
        ("client_id", "nobody"),
        ("redirect_uri", "http://127.0.0.1:8080/callback/"),
        ("redirect_uri", None),
        ("scope", "tweet.read everything"),
        ("scope", ""),
        ("state", "s" * 501),
        ("state", None),
        ("code_challenge", "short"),
        ("code_challenge_method", "plain"),
        ("code_challenge_method", None),
    ],
)
async def test_a_wrong_link_never_leads_back(
    x: X, signer: Signer, name: str, value: str | None
) -> None:
    url = link(x, **{name: value})
    page = await signer.http.get(url)
    assert page.status_code == 400
    assert "Something went wrong" in page.text
    with pytest.raises(Unwilling, match=name):
        x.consent(url)


async def test_a_code_lives_thirty_seconds(x: X, signer: Signer, clock: Any) -> None:
    code = code_of(x.consent(link(x)))
    clock.advance(29.9)
    assert (await signer.exchange(code)).status_code == 200
    late = code_of(x.consent(link(x)))
    clock.advance(30)
    answer = await signer.exchange(late)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


async def test_a_code_used_twice_ends_what_it_gave(x: X, signer: Signer) -> None:
    code = code_of(x.consent(link(x)))
    pair = (await signer.exchange(code)).json()
    assert (await signer.exchange(code)).status_code == 400
    assert not await signer.works(pair["access_token"])
    assert (await signer.refresh(pair["refresh_token"])).status_code == 400


@pytest.mark.parametrize(
    ("other", "word"),
    [
        ({"code_verifier": "w" * 43}, "code verifier"),
        ({"redirect_uri": "http://127.0.0.1:8080/other"}, "redirect uri"),
        ({"code": "unknown"}, "authorization code"),
        ({"code_verifier": ""}, "code_verifier"),
        ({"grant_type": "password"}, "grant type"),
    ],
)
async def test_an_exchange_must_fit_its_beginning(
    x: X, signer: Signer, other: Form, word: str
) -> None:
    answer = await signer.exchange(**{"code": code_of(x.consent(link(x))), **other})
    assert answer.status_code == 400
    assert word in answer.json()["error_description"]


async def test_a_confidential_client_must_say_its_secret(x: X, signer: Signer) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": x.app.client_id}
    answer = await signer.send("/2/oauth2/token", form, basic=False)
    assert answer.status_code == 401
    assert answer.json() == {
        "error": "unauthorized_client",
        "error_description": "Missing valid authorization header",
    }
    wrong = await signer.http.post("/2/oauth2/token", data=form, auth=(x.app.client_id, "wrong"))
    assert wrong.status_code == 401


async def test_a_public_client_says_its_id_and_has_no_secret(x: X, signer: Signer) -> None:
    secret = x.app.client_secret
    x.app = x.world.add_app(x.app.redirect_uris, public=True)
    assert base64.b64decode(x.app.client_id).endswith(b":na")
    form = {
        "grant_type": "authorization_code",
        "code": code_of(x.consent(link(x))),
        "redirect_uri": x.app.redirect_uris[0],
        "code_verifier": VERIFIER,
    }
    assert (await signer.send("/2/oauth2/token", form, basic=False)).status_code == 401
    refused = await signer.http.post(
        "/2/oauth2/token", data=form, auth=(x.app.client_id, secret or "")
    )
    assert refused.status_code == 401
    form["client_id"] = x.app.client_id
    assert (await signer.send("/2/oauth2/token", form, basic=False)).status_code == 200


async def test_the_token_endpoint_reads_forms_only(x: X, signer: Signer) -> None:
    answer = await signer.http.post("/2/oauth2/token", json={"grant_type": "refresh_token"})
    assert answer.status_code == 400


async def test_without_offline_access_there_is_no_refresh_token(x: X, signer: Signer) -> None:
    code = code_of(x.consent(link(x, scope="tweet.read users.read")))
    assert "refresh_token" not in (await signer.exchange(code)).json()


async def test_an_access_token_ends_when_it_said(x: X, signer: Signer, clock: Any) -> None:
    x.expires_in = 100
    pair = (await signer.exchange(code_of(x.consent(link(x))))).json()
    assert pair["expires_in"] == 100
    clock.advance(99)
    assert await signer.works(pair["access_token"])
    clock.advance(1)
    assert not await signer.works(pair["access_token"])


async def test_a_refresh_turns_the_pair_over(x: X, signer: Signer) -> None:
    first = x.sign_in()
    second = (await signer.refresh(first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert await signer.works(second["access_token"])
    assert not await signer.works(first["access_token"])


async def test_the_old_access_token_may_live_on(x: X, signer: Signer) -> None:
    x.refresh_ends_access = False
    first = x.sign_in()
    await signer.refresh(first["refresh_token"])
    assert await signer.works(first["access_token"])


async def test_a_refresh_token_used_twice_ends_the_family(x: X, signer: Signer) -> None:
    first = x.sign_in()
    second = (await signer.refresh(first["refresh_token"])).json()
    again = await signer.refresh(first["refresh_token"])
    assert again.status_code == 400
    assert again.json() == {
        "error": "invalid_request",
        "error_description": "Value passed for the token was invalid.",
    }
    assert not await signer.works(second["access_token"])
    assert (await signer.refresh(second["refresh_token"])).status_code == 400


async def test_a_forgiving_x_accepts_it_once_more_if_its_successor_was_never_used(
    x: X, signer: Signer
) -> None:
    x.forgiving_refresh = True
    first = x.sign_in()
    lost = (await signer.refresh(first["refresh_token"])).json()
    found = (await signer.refresh(first["refresh_token"])).json()
    assert await signer.works(found["access_token"])
    assert not await signer.works(lost["access_token"])
    assert (await signer.refresh(first["refresh_token"])).status_code == 400  # now it was used
    assert not await signer.works(found["access_token"])


@pytest.mark.parametrize(
    ("what", "refresh_lives"), [("access_token", True), ("refresh_token", False)]
)
async def test_a_revoked_token_is_gone(
    x: X, signer: Signer, what: str, refresh_lives: bool
) -> None:
    pair = x.sign_in()
    answer = await signer.send("/2/oauth2/revoke", {"token": pair[what]})
    assert answer.json() == {"revoked": True}
    assert not await signer.works(pair["access_token"])
    assert ((await signer.refresh(pair["refresh_token"])).status_code == 200) is refresh_lives


# -- OAuth 1.0a --------------------------------------------------------------------------------


def signed(
    x: X, clock: Any, method: str, url: str, *, form: Form | None = None, **other: Any
) -> Any:
    """Headers and body of a request that is signed as it should be, unless told otherwise."""
    client = oauth1.Client(
        other.get("key", x.app.consumer_key),
        other.get("secret", x.app.consumer_secret),
        other.get("token", x.oauth1.token),
        other.get("token_secret", x.oauth1.secret),
        timestamp=str(int(other.get("at", clock()))),
        nonce=other.get("nonce"),
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    _, headers, body = client.sign(url, method, urlencode(form) if form else None, headers)
    return {"headers": headers, "content": body or b""}


async def test_a_signed_request_is_let_in(x: X, api: Any, clock: Any) -> None:
    url = f"{x.url}/2/users/me?user.fields=name,verified"
    answer = await api.http.request("GET", url, **signed(x, clock, "GET", url))
    assert answer.json()["data"]["id"] == x.account.id
    assert x.oauth1.token.startswith(f"{x.account.id}-")


async def test_a_form_is_part_of_what_is_signed(x: X, api: Any, clock: Any) -> None:
    url = f"{x.upload_url}/1.1/media/upload.json"
    form = {"command": "INIT", "total_bytes": "100", "media_type": "image/jpeg"}
    sent = signed(x, clock, "POST", url, form=form)
    assert (await api.http.post(url, **sent)).status_code == 202
    sent = signed(x, clock, "POST", url, form=form)
    sent["content"] = sent["content"].replace("100", "101")
    assert (await api.http.post(url, **sent)).status_code == 401


@pytest.mark.parametrize(
    ("other", "status", "code"),
    [
        ({"secret": "wrong"}, 401, 32),
        ({"token_secret": "wrong"}, 401, 32),
        ({"key": "wrong"}, 401, 32),
        ({"token": "wrong"}, 401, 89),
        ({"at": 1_795_000_000 - 301}, 401, 135),
        ({"at": 1_795_000_000 + 301}, 401, 135),
    ],
)
async def test_a_wrong_signature_is_refused_each_in_its_way(
    x: X, api: Any, clock: Any, other: dict[str, Any], status: int, code: int
) -> None:
    url = f"{x.upload_url}/1.1/media/upload.json"
    answer = await api.http.post(url, **signed(x, clock, "POST", url, **other))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
    url = f"{x.url}/2/users/me"
    answer = await api.http.request("GET", url, **signed(x, clock, "GET", url, **other))
    assert (answer.status_code, answer.json()["title"]) == (401, "Unauthorized")


async def test_without_a_signature_v11_says_bad_data_and_v2_unauthorized(x: X, api: Any) -> None:
    answer = await api.http.post(f"{x.upload_url}/1.1/media/upload.json")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, 215)
    assert (await api.http.get("/2/users/me")).status_code == 401
    bearer = {"authorization": f"Bearer {api.token}"}
    answer = await api.http.post(f"{x.upload_url}/1.1/media/upload.json", headers=bearer)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, 32)


async def test_a_nonce_is_good_once(x: X, api: Any, clock: Any) -> None:
    url = f"{x.url}/2/users/me"
    sent = signed(x, clock, "GET", url, nonce="n")
    assert (await api.http.request("GET", url, **sent)).status_code == 200
    assert (await api.http.request("GET", url, **sent)).status_code == 401


async def test_a_read_only_app_may_only_read(x: X, api: Any, clock: Any) -> None:
    x.oauth1.read_write = False
    url = f"{x.url}/2/users/me"
    assert (await api.http.request("GET", url, **signed(x, clock, "GET", url))).status_code == 200
    url = f"{x.url}/2/tweets"
    answer = await api.http.post(url, **signed(x, clock, "POST", url))
    assert answer.status_code == 403
    assert answer.json()["type"].endswith("/oauth1-permissions")
    url = f"{x.upload_url}/1.1/media/upload.json"
    answer = await api.http.post(url, **signed(x, clock, "POST", url))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, 453)


async def test_what_an_app_may_do_stands_in_each_answer_by_oauth1(
    x: X, api: Any, clock: Any
) -> None:
    url = f"{x.url}/2/users/me"
    answer = await api.http.request("GET", url, **signed(x, clock, "GET", url))
    assert answer.headers["x-access-level"] == "read-write"
    x.oauth1.read_write = False
    answer = await api.http.request("GET", url, **signed(x, clock, "GET", url, nonce="other"))
    assert answer.headers["x-access-level"] == "read"
    bearer = {"authorization": f"Bearer {x.sign_in()['access_token']}"}
    assert "x-access-level" not in (await api.http.get(url, headers=bearer)).headers


async def test_the_settings_are_those_of_the_world(x: X) -> None:
    settings = x.settings()
    assert base64.b64decode(settings["X_CLIENT_ID"]).endswith(b":ci")
    assert settings["X_AUTHORIZE_URL"] == f"{x.url}/i/oauth2/authorize"
    assert settings["X_UPLOAD_URL"] != settings["X_API_URL"]
    assert all(settings.values())
