"""The walk of a sign-in as values: link, landing, exchange, renewal."""

from __future__ import annotations

import base64
import hashlib
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from twitter_core import oauth2
from twitter_core.call import Answer, Auth
from twitter_core.errors import Uncertain

PUBLIC = oauth2.App("id:na")
CONFIDENTIAL = oauth2.App("id:ci", "s/ecr+et")
VERIFIER = "v" * 43
AUTHORIZE = "https://x.com/i/oauth2/authorize"


def begin() -> tuple[str, oauth2.PendingSignIn]:
    return oauth2.begin(
        PUBLIC, AUTHORIZE, state="st+ate", verifier=VERIFIER, now=1000, asked_by="7"
    )


def test_the_link_asks_for_a_code_with_an_s256_challenge_and_every_scope() -> None:
    link, pending = begin()
    query = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    assert query == {
        "response_type": "code",
        "client_id": "id:na",
        "redirect_uri": "http://127.0.0.1:8080/callback",
        "scope": "tweet.read tweet.write users.read media.write offline.access",
        "state": "st+ate",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    assert "+" not in link
    assert pending == oauth2.PendingSignIn("st+ate", VERIFIER, 1600, "7")


@pytest.mark.parametrize(
    ("state", "verifier"), [("s", "short"), ("", VERIFIER), ("s" * 501, VERIFIER)]
)
def test_a_weak_verifier_or_a_state_that_x_refuses_is_a_mistake_of_ours(
    state: str, verifier: str
) -> None:
    with pytest.raises(ValueError):
        oauth2.begin(PUBLIC, AUTHORIZE, state=state, verifier=verifier, now=0, asked_by="")


LANDED = "http://127.0.0.1:8080/callback?state=st%2Bate&code=c%3D1"


@pytest.mark.parametrize(
    ("address", "now", "landing"),
    [
        (LANDED, 1001, oauth2.Code("c=1")),
        (f"  <{LANDED}#_=_>\n", 1001, oauth2.Code("c=1")),
        ("127.0.0.1:8080/callback?state=st%2Bate&code=c", 1001, oauth2.Code("c")),
        ("state=st%2Bate&code=c", 1001, oauth2.Code("c")),
        (LANDED, 1600, oauth2.Expired()),
        (LANDED.replace("%2B", "-"), 1001, oauth2.WrongState()),
        (LANDED.replace("%2B", "-"), 1600, oauth2.WrongState()),
        ("http://127.0.0.1:8080/callback?code=c", 1001, oauth2.WrongState()),
        ("callback?state=é&code=c", 1001, oauth2.WrongState()),
        (f"{LANDED}&state=other", 1001, oauth2.WrongState()),
        ("callback?error=access_denied&state=st%2Bate", 1001, oauth2.Denied("access_denied")),
        ("callback?error=access_denied", 1001, oauth2.WrongState()),
        ("http://127.0.0.1:8080/callback", 1001, oauth2.NoCode()),
        ("callback?state=st%2Bate", 1001, oauth2.NoCode()),
    ],
)
def test_a_landing_is_told_apart(address: str, now: float, landing: oauth2.Landing) -> None:
    assert oauth2.landed(begin()[1], address, now) == landing


def test_a_landing_that_nobody_waits_for_is_not_pending() -> None:
    assert oauth2.landed(None, LANDED, 0) == oauth2.NotPending()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LANDED, True),
        (f" <{LANDED}>", True),
        ("HTTP://127.0.0.1:8080/callback?code=1", True),
        ("127.0.0.1:8080/callback?code=1", True),
        ("look: http://127.0.0.1:8080/callback", False),
        ("http://127.0.0.1:8080/", False),
    ],
)
def test_a_text_that_begins_with_the_redirect_uri_is_a_landing(text: str, expected: bool) -> None:
    assert oauth2.is_landing(PUBLIC, text) is expected


def test_a_public_client_names_itself_in_the_body() -> None:
    request = oauth2.exchange(PUBLIC, "https://x", "c", VERIFIER)
    assert (request.method, request.url, request.auth) == (
        "POST",
        "https://x/2/oauth2/token",
        Auth.NONE,
    )
    assert dict(request.form or ()) == {
        "grant_type": "authorization_code",
        "code": "c",
        "redirect_uri": PUBLIC.redirect_uri,
        "code_verifier": VERIFIER,
        "client_id": "id:na",
    }


def test_a_confidential_client_names_itself_in_the_header_only() -> None:
    request = oauth2.refresh(CONFIDENTIAL, "https://x", "r")
    assert request.auth is Auth.BASIC
    assert request.form == (("grant_type", "refresh_token"), ("refresh_token", "r"))
    assert base64.b64decode(oauth2.basic(CONFIDENTIAL)[6:]) == b"id%3Aci:s%2Fecr%2Bet"
    assert oauth2.revoke(CONFIDENTIAL, "https://x", "t").form == (("token", "t"),)


def answer(**body: object) -> Answer:
    return Answer(200, body=json.dumps(body).encode())


def test_a_token_ends_when_x_says_counted_from_the_sending() -> None:
    found = oauth2.read_token(
        answer(access_token="a", refresh_token="r", expires_in=8, scope="s"), 1000
    )
    assert found == oauth2.Token("a", "r", 1008, "s", 1000)


def test_the_old_refresh_token_stays_where_x_sends_no_new_one() -> None:
    found = oauth2.read_token(answer(access_token="a"), 1000, "old")
    assert found == oauth2.Token("a", "old", 8200, "", 1000)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"access_token": 1}'])
def test_an_answer_without_a_token_is_uncertain(body: bytes) -> None:
    with pytest.raises(Uncertain):
        oauth2.read_token(Answer(200, body=body), 0)


def test_no_secret_is_shown_in_a_repr() -> None:
    _, pending = begin()
    values = (
        CONFIDENTIAL,
        pending,
        oauth2.Code("c-secret"),
        oauth2.Token("a-secret", "r-secret", 1),
    )
    shown = repr((*values, oauth2.exchange(PUBLIC, "https://x", "c-secret", VERIFIER)))
    for secret in ("s/ecr", "st+ate", VERIFIER, "c-secret", "a-secret", "r-secret"):
        assert secret not in shown
