"""Uploads, driven by hand: what they ask, and what they make of the answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from twitter_core import dialect, limits, upload
from twitter_core.call import Answer, Auth, FilePart, Request, Slice
from twitter_core.errors import (
    BadMedia,
    RateLimited,
    Refusal,
    Refused,
    Uncertain,
    Unsent,
    UploadGone,
    XError,
)

PICTURE = dialect.Source(b"\xff\xd8", "image/jpeg", 2)


V11 = dialect.V11("https://u")
V2 = dialect.V2("https://x")


def begin(words: dialect.Dialect, source: dialect.Source, category: str) -> upload.Calls:
    return upload.begin(words, source, category, 1000, lambda sent, total: None)


def first(words: dialect.Dialect, source: dialect.Source) -> Request:
    step = next(begin(words, source, "tweet_image"))
    assert isinstance(step, tuple)
    (request,) = step
    return request


def v11(answer: Answer) -> upload.Uploaded:
    return finish(begin(V11, PICTURE, "tweet_image"), answer)


def v2(answer: Answer) -> upload.Uploaded:
    return finish(begin(V2, PICTURE, "tweet_image"), answer)


def finish(calls: upload.Calls, answer: Answer) -> upload.Uploaded:
    next(calls)
    with pytest.raises(StopIteration) as done:
        calls.send((answer,))
    uploaded: upload.Uploaded = done.value.value
    return uploaded


def said(status: int, **body: object) -> Answer:
    return Answer(status, body=json.dumps(body).encode())


def test_v11_sends_the_category_in_the_body_and_is_signed_with_oauth_1() -> None:
    request = first(V11, PICTURE)
    assert (request.method, request.full_url) == ("POST", "https://u/1.1/media/upload.json")
    assert request.auth is Auth.OAUTH1
    assert request.form == (("media_category", "tweet_image"),)
    assert request.files == (FilePart("media", b"\xff\xd8", "image/jpeg"),)


def test_v2_sends_exactly_media_and_its_category_with_a_token() -> None:
    request = first(V2, PICTURE)
    assert (request.method, request.full_url) == ("POST", "https://x/2/media/upload")
    assert request.auth is Auth.BEARER
    assert [name for name, _ in request.form or ()] == ["media_category"]
    assert [part.name for part in request.files] == ["media"]


def test_a_large_file_has_more_time_than_a_small_one() -> None:
    source = dialect.Source(Path("big"), "image/png", 5_000_000)
    assert first(V2, source).timeout == 160


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


class Talk:
    """A chunked upload, step by step, with whatever X shall answer."""

    def __init__(self, words: dialect.Dialect, size: int) -> None:
        self.progress: list[tuple[int, int]] = []
        source = dialect.Source(Path("film.mp4"), "video/mp4", size)
        self.calls = upload.begin(
            words, source, "tweet_video", 1000, lambda *done: self.progress.append(done)
        )
        self.step = next(self.calls)

    def answers(self, *results: Answer | XError) -> None:
        self.step = self.calls.send(results)

    def requests(self) -> tuple[Request, ...]:
        return self.step if isinstance(self.step, tuple) else ()

    def urls(self) -> list[str]:
        return [request.full_url for request in self.requests()]

    def ends(self, *results: Answer | XError) -> upload.Uploaded:
        with pytest.raises(StopIteration) as done:
            self.calls.send(results)
        uploaded: upload.Uploaded = done.value.value
        return uploaded


MB = 1024 * 1024
STARTED = said(200, data={"id": "7", "media_key": "13_7"})
TAKEN = Answer(204)


def processing(state: str, **more: object) -> Answer:
    return said(200, data={"id": "7", "processing_info": {"state": state, **more}})


def test_a_video_goes_up_in_chunks_of_a_megabyte_several_at_once_and_is_finalized() -> None:
    talk = Talk(V2, 5 * MB + 1)
    assert talk.urls() == ["https://x/2/media/upload/initialize"]
    talk.answers(STARTED)
    assert [request.form for request in talk.requests()] == [
        (("segment_index", str(i)),) for i in range(4)
    ]
    assert talk.requests()[1].files[0].content == Slice(Path("film.mp4"), MB, MB)
    talk.answers(TAKEN, TAKEN, TAKEN, TAKEN)
    assert [request.files[0].content for request in talk.requests()] == [
        Slice(Path("film.mp4"), 4 * MB, MB),
        Slice(Path("film.mp4"), 5 * MB, 1),
    ]
    talk.answers(TAKEN, TAKEN)
    assert talk.progress == [(4 * MB, 5 * MB + 1), (5 * MB + 1, 5 * MB + 1)]
    assert talk.urls() == ["https://x/2/media/upload/7/finalize"]
    assert talk.ends(STARTED).media_id == "7"


def test_a_chunk_that_got_lost_is_sent_again_alone() -> None:
    talk = Talk(V2, 3 * MB)
    talk.answers(STARTED)
    talk.answers(TAKEN, Uncertain("ReadTimeout"), Answer(503))
    assert [request.form for request in talk.requests()] == [
        (("segment_index", "1"),),
        (("segment_index", "2"),),
    ]
    talk.answers(TAKEN, TAKEN)
    assert talk.urls() == ["https://x/2/media/upload/7/finalize"]


def test_a_chunk_that_gets_lost_three_times_ends_the_upload() -> None:
    talk = Talk(V2, MB)
    talk.answers(STARTED)
    talk.answers(Unsent("ConnectError"))
    talk.answers(Unsent("ConnectError"))
    with pytest.raises(Unsent):
        talk.answers(Unsent("ConnectError"))


def limited(reset: int) -> Answer:
    headers = {f"x-rate-limit-{k}": str(v) for k, v in (("limit", 500), ("remaining", 0))}
    return Answer(429, headers | {"x-rate-limit-reset": str(reset)}, b"{}")


def test_where_x_takes_no_more_chunks_for_now_the_upload_goes_on_later_where_it_was() -> None:
    """512 MB are more chunks than X takes in a window: begun anew each time, it would never end."""
    talk = Talk(V2, 6 * MB)
    talk.answers(STARTED)
    talk.answers(TAKEN, TAKEN, limited(1900), limited(1901))
    assert talk.step == upload.Until(1901)
    talk.answers()
    assert [request.form for request in talk.requests()] == [
        (("segment_index", str(index)),) for index in (2, 3, 4, 5)
    ]
    talk.answers(TAKEN, TAKEN, TAKEN, TAKEN)
    talk.answers(limited(2800))
    assert talk.step == upload.Until(2800)
    talk.answers()
    assert talk.urls() == ["https://x/2/media/upload/7/finalize"]
    assert talk.ends(STARTED).media_id == "7"


def test_an_upload_that_gets_nowhere_for_a_whole_window_after_window_is_given_up() -> None:
    talk = Talk(V2, MB)
    talk.answers(STARTED)
    for _ in range(upload.WINDOWS):
        talk.answers(limited(1900))
        talk.answers()
    with pytest.raises(RateLimited):
        talk.answers(limited(1900))


def test_a_limit_without_an_end_and_one_at_the_beginning_hold_the_line() -> None:
    for answers in ([STARTED, Answer(429, {}, b"{}")], [limited(1900)]):
        talk = Talk(V2, MB)
        *first, last = answers
        for answer in first:
            talk.answers(answer)
        with pytest.raises(RateLimited):
            talk.answers(last)


def test_a_chunk_that_x_refuses_ends_the_upload_at_once() -> None:
    talk = Talk(V11, MB)
    talk.answers(said(202, media_id_string="7"))
    with pytest.raises(BadMedia):
        talk.answers(said(400, errors=[{"code": 324, "message": "no"}]))


def test_the_processing_is_asked_after_at_the_pace_of_x() -> None:
    talk = Talk(V2, 1)
    talk.answers(STARTED)
    talk.answers(TAKEN)
    talk.answers(processing("pending", check_after_secs=5))
    assert talk.step == upload.Pause(5)
    talk.answers()
    assert talk.urls() == ["https://x/2/media/upload?command=STATUS&media_id=7"]
    talk.answers(processing("in_progress", check_after_secs=2))
    assert talk.step == upload.Pause(2)
    talk.answers()
    assert talk.ends(processing("succeeded")).media_id == "7"


def test_a_pause_of_x_is_believed_within_bounds() -> None:
    talk = Talk(V2, 1)
    talk.answers(STARTED)
    talk.answers(TAKEN)
    talk.answers(processing("pending", check_after_secs=86400))
    assert talk.step == upload.Pause(60)


def test_a_processing_that_never_ends_is_given_up() -> None:
    talk = Talk(V2, 1)
    talk.answers(STARTED)
    talk.answers(TAKEN)
    talk.answers(processing("pending", check_after_secs=60))
    pauses = upload.LONGEST_PROCESSING / 60
    for _ in range(int(pauses) - 1):
        talk.answers()
        talk.answers(processing("in_progress", check_after_secs=60))
    talk.answers()
    with pytest.raises(Uncertain):
        talk.answers(processing("in_progress", check_after_secs=60))


def test_a_video_that_x_cannot_read_is_bad_and_says_why() -> None:
    talk = Talk(V11, 1)
    talk.answers(said(202, media_id_string="7"))
    talk.answers(TAKEN)
    talk.answers(said(201, media_id_string="7", processing_info={"state": "pending"}))
    talk.answers()
    failed = {
        "state": "failed",
        "error": {"code": 1, "name": "InvalidMedia", "message": "No track"},
    }
    with pytest.raises(BadMedia) as refused:
        talk.answers(said(200, media_id_string="7", processing_info=failed))
    assert refused.value.detail == "No track"


@pytest.mark.parametrize("words", [V11, V2])
def test_the_alt_text_is_told_in_the_words_of_each_way(words: dialect.Dialect) -> None:
    step = next(upload.describe(words, "7", "A boat"))
    assert isinstance(step, tuple)
    body = json.dumps(step[0].json)
    assert "A boat" in body
    assert "7" in body
