"""Uploads to the local X, by v2 and by v1.1."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

import pytest

from bot.sandbox import x_media
from bot.sandbox.x import X
from bot.sandbox.x_images import look
from bot.sandbox.x_world import Processing

UPLOAD = "/2/media/upload"
MB = 1024 * 1024


async def begin(api: Any, kind: str, size: int, category: str) -> Any:
    body = {"media_type": kind, "total_bytes": size, "media_category": category}
    if api.spec is not None:
        api.spec.check(body, "InitializeMediaUploadRequest")
    return await api("POST", f"{UPLOAD}/initialize", json=body)


async def send(api: Any, media_id: str, index: int, data: bytes) -> Any:
    return await api(
        "POST",
        f"{UPLOAD}/{media_id}/append",
        data={"segment_index": str(index)},
        files={"media": ("blob", data)},
    )


async def chunked(api: Any, data: bytes, kind: str, category: str) -> Any:
    made = (await begin(api, kind, len(data), category)).json()["data"]["id"]
    for index, at in enumerate(range(0, len(data), MB)):
        assert (await send(api, made, index, data[at : at + MB])).status_code == 200
    return await api("POST", f"{UPLOAD}/{made}/finalize")


async def test_one_shot_keeps_the_very_bytes(x: X, api: Any, draw: Any) -> None:
    data = draw.png(40, 30)
    answer = await api(
        "POST", UPLOAD, files={"media": ("a.png", data)}, data={"media_category": "tweet_image"}
    )
    told = answer.json()["data"]
    assert told["media_key"] == f"3_{told['id']}"
    assert (told["size"], told["expires_after_secs"]) == (len(data), 86_400)
    assert told["image"] == {"image_type": "image/png", "w": 40, "h": 30}
    assert "processing_info" not in told
    media = x.world.media[told["id"]]
    assert media.bytes == data
    assert media.sha256 == hashlib.sha256(data).hexdigest()


async def test_one_shot_takes_base64_in_json(x: X, api: Any, draw: Any) -> None:
    body = {"media": draw.base64(draw.png()), "media_category": "tweet_image"}
    made = (await api("POST", UPLOAD, json=body)).json()["data"]["id"]
    assert x.world.media[made].bytes == draw.png()


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"media_category": "tweet_image", "media_type": "image/png"}, "media_type"),
        ({"media_category": "tweet_image", "command": "INIT"}, "command"),
        ({}, "media_category"),
        ({"media_category": "photo"}, "photo"),
        ({"media_category": "tweet_video"}, "chunks"),
    ],
)
async def test_one_shot_takes_exactly_its_fields(
    api: Any, draw: Any, fields: dict[str, str], word: str
) -> None:
    answer = await api("POST", UPLOAD, files={"media": draw.png()}, data=fields)
    assert answer.status_code == 400
    assert word in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("data", [b"hello", b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0cut"])
async def test_what_is_no_picture_is_refused(api: Any, data: bytes) -> None:
    answer = await api(
        "POST", UPLOAD, files={"media": ("a", data)}, data={"media_category": "tweet_image"}
    )
    assert answer.status_code == 400


@pytest.mark.parametrize(("width", "height"), [(3, 8), (8, 8193)])
async def test_a_picture_must_have_decent_sides(
    api: Any, draw: Any, width: int, height: int
) -> None:
    answer = await api(
        "POST",
        UPLOAD,
        files={"media": draw.png(width, height)},
        data={"media_category": "tweet_image"},
    )
    assert answer.status_code == 400


async def test_a_picture_of_more_than_five_megabytes_gets_an_empty_413(api: Any, draw: Any) -> None:
    fits = draw.png(padding=5 * MB - 200)
    await api.photo(fits)
    answer = await api(
        "POST",
        UPLOAD,
        files={"media": draw.png(padding=5 * MB)},
        data={"media_category": "tweet_image"},
    )
    assert (answer.status_code, answer.content) == (413, b"")


async def test_without_media_write_nothing_is_uploaded(x: X, api: Any, draw: Any) -> None:
    api.token = x.sign_in("tweet.read tweet.write users.read")["access_token"]
    answer = await api(
        "POST", UPLOAD, files={"media": draw.png()}, data={"media_category": "tweet_image"}
    )
    assert answer.status_code == 403
    assert answer.json()["detail"] == "Forbidden"


async def test_a_picture_may_come_in_chunks(x: X, api: Any, draw: Any) -> None:
    data = draw.png(padding=2 * MB)
    done = await chunked(api, data, "image/png", "tweet_image")
    told = done.json()["data"]
    assert "processing_info" not in told
    assert x.world.media[told["id"]].bytes == data
    assert (await api.post("a", media={"media_ids": [told["id"]]})).status_code == 201


async def test_chunks_are_at_most_one_megabyte(api: Any, draw: Any) -> None:
    made = (await begin(api, "image/png", 3 * MB, "tweet_image")).json()["data"]["id"]
    answer = await send(api, made, 0, b"x" * (MB + 1))
    assert (answer.status_code, answer.content) == (413, b"")
    assert (await send(api, made, 1000, b"x")).status_code == 400


async def test_chunks_must_add_up(api: Any, draw: Any) -> None:
    made = (await begin(api, "image/png", 100, "tweet_image")).json()["data"]["id"]
    assert (await api("POST", f"{UPLOAD}/{made}/finalize")).status_code == 400
    await send(api, made, 1, b"x" * 100)
    assert (await api("POST", f"{UPLOAD}/{made}/finalize")).status_code == 400


async def test_of_a_large_file_only_fingerprints_are_kept(
    x: X, api: Any, mp4: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(x_media, "KEPT", 2 * MB)
    data = mp4 + bytes(2 * MB)
    made = (await chunked(api, data, "video/mp4", "tweet_video")).json()["data"]
    media = x.world.media[made["id"]]
    assert (media.bytes, media.size, made["size"]) == (b"", len(data), len(data))
    parts = [data[at : at + MB] for at in range(0, len(data), MB)]
    assert media.prints == tuple(hashlib.sha256(part).hexdigest() for part in parts)


async def test_what_was_announced_must_come(api: Any, draw: Any, mp4: bytes) -> None:
    answer = await chunked(api, mp4, "image/png", "tweet_image")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {"media_type": "image/png"},
        {"media_type": "image/heic", "total_bytes": 5},
        {"media_type": "image/png", "total_bytes": "5"},
        {"media_type": "image/png", "total_bytes": 5, "name": "a.png"},
        {"media_type": "image/png", "total_bytes": 6 * MB, "media_category": "tweet_image"},
    ],
)
async def test_an_announcement_must_be_right(api: Any, body: dict[str, Any]) -> None:
    assert (await api("POST", f"{UPLOAD}/initialize", json=body)).status_code == 400


async def test_a_video_is_processed_step_by_step(x: X, api: Any, clock: Any, mp4: bytes) -> None:
    x.processing = Processing(check_after_secs=5)
    done = (await chunked(api, mp4, "video/mp4", "tweet_video")).json()["data"]
    assert done["media_key"] == f"13_{done['id']}"
    assert done["processing_info"] == {"state": "pending", "check_after_secs": 5}

    async def status() -> Any:
        params = {"command": "STATUS", "media_id": done["id"]}
        return (await api("GET", UPLOAD, params=params)).json()["data"]["processing_info"]["state"]

    early = await api.post("early", media={"media_ids": [done["id"]]})
    assert early.status_code == 400
    assert await status() == "pending"  # asked too early
    clock.advance(5)
    assert await status() == "in_progress"
    clock.advance(5)
    assert await status() == "succeeded"
    assert (await api.post("now", media={"media_ids": [done["id"]]})).status_code == 201


async def test_a_video_may_fail(x: X, api: Any, mp4: bytes) -> None:
    x.processing = Processing(steps=("pending", "failed"), check_after_secs=0)
    done = (await chunked(api, mp4, "video/mp4", "tweet_video")).json()["data"]["id"]
    answer = await api("GET", UPLOAD, params={"media_id": done})
    assert answer.json()["data"]["processing_info"]["state"] == "failed"
    assert (await api.post("a", media={"media_ids": [done]})).status_code == 400


async def test_a_gif_is_one_of_its_kind(x: X, api: Any, draw: Any) -> None:
    x.processing = Processing(steps=("succeeded",))
    data = draw.picture("GIF", 3)
    done = (await chunked(api, data, "image/gif", "tweet_gif")).json()["data"]
    assert done["media_key"] == f"16_{done['id']}"
    two = await api.post("a", media={"media_ids": [done["id"], await api.photo()]})
    assert two.status_code == 400
    assert (await api.post("a", media={"media_ids": [done["id"]]})).status_code == 201


async def test_alt_text_is_kept_and_paid_for(x: X, api: Any) -> None:
    media = await api.photo()
    body = {"id": media, "metadata": {"alt_text": {"text": "a grey square"}}}
    answer = await api("POST", "/2/media/metadata", json=body)
    assert answer.status_code == 200
    assert x.world.media[media].alt_text == "a grey square"
    assert x.bill[-1].amount == Decimal("0.005")
    for wrong in (
        {"id": media, "metadata": {"alt_text": {"text": "a" * 1001}}},
        {"id": media, "metadata": {"alt_text": "a"}},
        {"media_id": media, "alt_text": {"text": "a"}},
        {"id": "123", "metadata": {"alt_text": {"text": "a"}}},
    ):
        assert (await api("POST", "/2/media/metadata", json=wrong)).status_code == 400


@pytest.mark.parametrize(
    ("kind", "mime"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("GIF", "image/gif"), ("WEBP", "image/webp")],
)
def test_a_file_is_known_by_its_bytes(draw: Any, kind: str, mime: str) -> None:
    data = draw.picture(kind)
    seen = look(data)
    assert seen is not None
    assert (seen.kind, seen.width, seen.height, seen.animated) == (mime, 16, 12, False)
    assert look(data[:-20]) is None
    assert look(data[:9]) is None


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_a_moving_picture_is_seen_to_move(draw: Any, kind: str) -> None:
    seen = look(draw.picture(kind, 3))
    assert seen is not None
    assert seen.animated
