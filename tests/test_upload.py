"""Uploads, driven by hand: what they ask, and what they make of the answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from twitter_core import limits, upload
from twitter_core.call import Answer, Auth, FilePart
from twitter_core.errors import BadMedia, Refusal, Refused, Uncertain, UploadGone

PICTURE = upload.Source(b"\xff\xd8", "image/jpeg", 2)


def v11(answer: Answer) -> upload.Uploaded:
    return finish(upload.v11("https://u", PICTURE, "tweet_image", 1000), answer)


def v2(answer: Answer) -> upload.Uploaded:
    return finish(upload.v2("https://x", PICTURE, "tweet_image", 1000), answer)


def finish(calls: upload.Calls, answer: Answer) -> upload.Uploaded:
    next(calls)
    with pytest.raises(StopIteration) as done:
        calls.send(answer)
    uploaded: upload.Uploaded = done.value.value
    return uploaded


def said(status: int, **body: object) -> Answer:
    return Answer(status, body=json.dumps(body).encode())


def test_v11_sends_the_category_in_the_body_and_is_signed_with_oauth_1() -> None:
    request = next(upload.v11("https://u", PICTURE, "tweet_image", 0))
    assert (request.method, request.full_url) == ("POST", "https://u/1.1/media/upload.json")
    assert request.auth is Auth.OAUTH1
    assert request.form == (("media_category", "tweet_image"),)
    assert request.files == (FilePart("media", b"\xff\xd8", "image/jpeg"),)


def test_v2_sends_exactly_media_and_its_category_with_a_token() -> None:
    request = next(upload.v2("https://x", PICTURE, "tweet_image", 0))
    assert (request.method, request.full_url) == ("POST", "https://x/2/media/upload")
    assert request.auth is Auth.BEARER
    assert [name for name, _ in request.form or ()] == ["media_category"]
    assert [part.name for part in request.files] == ["media"]


def test_a_large_file_has_more_time_than_a_small_one() -> None:
    source = upload.Source(Path("big"), "image/png", 5_000_000)
    assert next(upload.v2("https://x", source, "tweet_image", 0)).timeout == 160


def test_v11_takes_the_id_that_is_a_string() -> None:
    answer = said(
        200,
        media_id=710511363345354753,
        media_id_string="710511363345354753",
        expires_after_secs=60,
    )
    assert v11(answer) == upload.Uploaded("710511363345354753", 1060)


def test_v2_takes_the_id_its_key_and_its_expiry() -> None:
    answer = said(200, data={"id": "1", "media_key": "3_1", "expires_after_secs": 60})
    assert v2(answer) == upload.Uploaded("1", 1060, "3_1")


def test_media_live_a_day_where_x_does_not_say() -> None:
    assert v2(said(200, data={"id": "1"})).expires_at == 1000 + limits.MEDIA_LIFETIME


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"data":{}}', b'{"media_id_string":""}'])
def test_a_2xx_without_an_id_is_uncertain(body: bytes) -> None:
    for run in (v11, v2):
        with pytest.raises(Uncertain):
            run(Answer(200, body=body))


def test_a_medium_that_x_could_not_process_is_bad() -> None:
    info = {"state": "failed", "error": {"code": 1, "name": "InvalidMedia", "message": "broken"}}
    with pytest.raises(BadMedia) as error:
        v2(said(200, data={"id": "1", "processing_info": info}))
    assert error.value.detail == "broken"


def test_refusals_are_raised_out_of_the_generator() -> None:
    with pytest.raises(UploadGone):
        v11(Answer(410))
    with pytest.raises(BadMedia) as error:
        v2(Answer(413))
    assert error.value.refusal is Refusal.MEDIA_TOO_LARGE
    with pytest.raises(Refused) as refused:
        v11(Answer(401))
    assert refused.value.refusal is Refusal.BAD_OAUTH1
