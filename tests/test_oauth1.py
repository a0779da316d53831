"""Signatures against X's documented example and against oauthlib."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlencode

import pytest
from oauthlib import oauth1 as reference

from twitter_core import oauth1

KEYS = oauth1.Keys(
    consumer_key="xvz1evFS4wEEPTGEFPHBog",
    consumer_secret="kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
    token="370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
    token_secret="LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
)
NONCE = "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg"
TIME = 1318622958
UPLOAD = "https://upload.twitter.com/1.1/media/upload.json"


def signature(method: str, url: str, form: oauth1.Form | None = None) -> str:
    header = oauth1.authorization(KEYS, method, url, form=form, nonce=NONCE, timestamp=TIME)
    found = re.search(r'oauth_signature="([^"]+)"', header)
    assert found
    return unquote(found.group(1))


@pytest.mark.parametrize(
    ("url", "form", "expected"),
    [
        (
            "https://api.x.com/1.1/statuses/update.json?include_entities=true",
            (("status", "Hello Ladies + Gentlemen, a signed OAuth request!"),),
            "Ls93hJiZbQ3akF3HF3x1Bz8/zU4=",
        ),
        ("https://api.x.com/2/media/upload", None, "YZ5YwjPOf77chBwnCu/nWa4UK3U="),
        (UPLOAD, None, "NMzR2ONZg7LB8GenCn/47b0dz4A="),
        (
            UPLOAD,
            (("command", "INIT"), ("total_bytes", "10240"), ("media_type", "image/jpeg")),
            "ckXH+acfGR4qphxzz6iCrFouz7Y=",
        ),
    ],
)
def test_the_vectors_of_the_facts_are_reproduced(
    url: str, form: oauth1.Form | None, expected: str
) -> None:
    assert signature("POST", url, form) == expected


@pytest.mark.parametrize(
    ("method", "url", "form"),
    [
        ("GET", f"{UPLOAD}?command=STATUS&media_id=710511363345354753", None),
        ("GET", "https://api.x.com/2/users/1/tweets?post.fields=a%2Cb&q=%C3%A9%20%2B%7E", None),
        ("POST", "http://127.0.0.1:8099/1.1/media/upload.json", (("a", "é ü+&="), ("a", "2"))),
        ("DELETE", "https://api.x.com/2/tweets/1?empty=&b=1", None),
    ],
)
def test_oauthlib_comes_to_the_same_signature(
    method: str, url: str, form: oauth1.Form | None
) -> None:
    client = reference.Client(
        KEYS.consumer_key, KEYS.consumer_secret, KEYS.token, KEYS.token_secret,
        nonce=NONCE, timestamp=str(TIME),
    )  # fmt: skip
    body = urlencode(form) if form else None
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else None
    signed = client.sign(url, method, body=body, headers=headers)[1]["Authorization"]
    assert f'oauth_signature="{signature(method, url, form)}"' in unquote(signed)


def test_the_user_id_is_the_part_of_the_token_before_the_dash() -> None:
    assert KEYS.user_id == "370773112"
    assert oauth1.Keys("a", "b", "no id here", "d").user_id == ""


def test_no_key_is_shown_in_a_repr() -> None:
    assert all(secret not in repr(KEYS) for secret in (KEYS.consumer_secret, KEYS.token_secret))
    assert KEYS.token not in repr(KEYS)
