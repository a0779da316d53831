"""The libraries that people use against the true X work against the local one."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from bot.sandbox.x import X
from bot.sandbox.x_world import Limit, Processing

tweepy = pytest.importorskip("tweepy")
xdk = pytest.importorskip("xdk")
# tweepy asks a module of the standard library that is on its way out.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


class Redirected(requests.Session):
    """Sends what is meant for X's hosts to the local X; rewritten before it is signed."""

    def __init__(self, x: X) -> None:
        super().__init__()
        self.trust_env = False
        self.roots = {
            "upload.twitter.com": x.upload_url,
            "api.twitter.com": x.url,
            "api.x.com": x.url,
        }

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(url)
        root = self.roots.get(parts.netloc)
        if root is not None:
            url = root + parts.path + (f"?{parts.query}" if parts.query else "")
        return super().request(method, url, *args, **kwargs)


@pytest.fixture
def tweepy_api(real_x: X) -> Iterator[Any]:
    auth = tweepy.OAuth1UserHandler(
        real_x.app.consumer_key,
        real_x.app.consumer_secret,
        real_x.oauth1.token,
        real_x.oauth1.secret,
    )
    api = tweepy.API(auth)
    api.session.close()
    api.session = Redirected(real_x)
    yield api
    api.session.close()


@pytest.fixture
def tweepy_client(real_x: X) -> Iterator[Any]:
    client = tweepy.Client(
        consumer_key=real_x.app.consumer_key,
        consumer_secret=real_x.app.consumer_secret,
        access_token=real_x.oauth1.token,
        access_token_secret=real_x.oauth1.secret,
    )
    client.session.close()
    client.session = Redirected(real_x)
    yield client
    client.session.close()


async def upload(api: Any, name: str, data: bytes, **kwargs: Any) -> Any:
    return await asyncio.to_thread(api.media_upload, name, file=io.BytesIO(data), **kwargs)


async def test_tweepy_uploads_a_photo_and_posts_it(
    real_x: X, tweepy_api: Any, tweepy_client: Any, draw: Any
) -> None:
    media = await upload(tweepy_api, "a.png", draw.png(), media_category="tweet_image")
    assert media.expires_after_secs == 86_400
    assert (media.image["w"], media.image["h"]) == (8, 8)
    await asyncio.to_thread(tweepy_api.create_media_metadata, media.media_id, "grey")
    made = await asyncio.to_thread(
        tweepy_client.create_tweet, text="by tweepy", media_ids=[media.media_id_string]
    )
    (post,) = real_x.timeline()
    assert made.data["id"] == post.id
    assert post.media[0].bytes == draw.png()
    assert post.media[0].alt_text == "grey"


@pytest.mark.parametrize("kind", ["png", "gif", "mp4"])
async def test_tweepy_uploads_in_chunks(
    real_x: X, tweepy_api: Any, tweepy_client: Any, draw: Any, mp4: bytes, kind: str
) -> None:
    real_x.processing = Processing(check_after_secs=0)
    comment = b"\x21\xfe" + (b"\xff" + b"c" * 255) * 10_000 + b"\0"
    gif = draw.picture("GIF", 3)
    data, category = {
        "png": (draw.png(padding=2_500_000), "tweet_image"),
        "gif": (gif[:-1] + comment + gif[-1:], "tweet_gif"),
        "mp4": (mp4 + bytes(2_500_000), "tweet_video"),
    }[kind]
    media = await upload(tweepy_api, f"a.{kind}", data, chunked=True, media_category=category)
    await asyncio.to_thread(
        tweepy_client.create_tweet, text="by tweepy", media_ids=[media.media_id_string]
    )
    (post,) = real_x.timeline()
    assert [(m.bytes, m.category) for m in post.media] == [(data, category)]
    # INIT, three times APPEND, FINALIZE; and STATUS by GET where X has something to process.
    sent = real_x.upload.seen("POST", "/1.1/media/upload.json")
    asked = real_x.upload.seen("GET", "/1.1/media/upload.json")
    assert (len(sent), bool(asked)) == (5, kind != "png")


async def test_tweepy_waits_for_a_video(
    real_x: X, tweepy_api: Any, tweepy_client: Any, mp4: bytes
) -> None:
    real_x.processing = Processing(check_after_secs=0)
    media = await upload(tweepy_api, "a.mp4", mp4, media_category="tweet_video")
    assert media.processing_info["state"] == "succeeded"
    made = await asyncio.to_thread(
        tweepy_client.create_tweet, text="moving", media_ids=[media.media_id]
    )
    assert made.data["text"].startswith("moving https://t.co/")


async def test_tweepy_learns_of_each_refusal(
    real_x: X, tweepy_api: Any, tweepy_client: Any, draw: Any
) -> None:
    with pytest.raises(tweepy.BadRequest) as refused:
        await upload(tweepy_api, "a.png", b"no picture", media_category="tweet_image")
    assert refused.value.api_codes == [324]
    real_x.v11 = "404"
    with pytest.raises(tweepy.NotFound):
        await upload(tweepy_api, "a.png", draw.png())
    real_x.v11 = "453"
    with pytest.raises(tweepy.Forbidden) as forbidden:
        await upload(tweepy_api, "a.png", draw.png())
    assert forbidden.value.api_codes == [453]
    real_x.v11 = "410"
    with pytest.raises(tweepy.HTTPException) as gone:
        await upload(tweepy_api, "a.png", draw.png())
    assert gone.value.response.status_code == 410
    real_x.v11 = "ids_refused"
    media = await upload(tweepy_api, "a.png", draw.png())
    with pytest.raises(tweepy.BadRequest, match="Your media IDs are invalid"):
        await asyncio.to_thread(
            tweepy_client.create_tweet, text="a", media_ids=[media.media_id_string]
        )


async def test_tweepy_meets_the_size_limit(tweepy_api: Any, draw: Any) -> None:
    with pytest.raises(tweepy.HTTPException) as refused:
        await upload(tweepy_api, "a.png", draw.png(padding=5 * 1024 * 1024 + 1))
    assert refused.value.response.status_code == 413
    assert refused.value.response.content == b""


async def test_tweepy_meets_the_rate_limit(real_x: X, tweepy_api: Any, draw: Any) -> None:
    real_x.limits["upload"] = Limit(1)
    await upload(tweepy_api, "a.png", draw.png())
    with pytest.raises(tweepy.TooManyRequests) as refused:
        await upload(tweepy_api, "a.png", draw.png())
    assert refused.value.api_codes == [88]


async def test_tweepy_deletes_and_reads(real_x: X, tweepy_client: Any) -> None:
    real_x.old_fields = True  # tweepy 4.17 knows nothing of `edit_history_post_ids`
    made = await asyncio.to_thread(tweepy_client.create_tweet, text="by tweepy")
    me = await asyncio.to_thread(tweepy_client.get_me)
    assert me.data.username == "sandbox"
    mine = await asyncio.to_thread(tweepy_client.get_users_tweets, me.data.id, user_auth=True)
    assert [t.text for t in mine.data] == ["by tweepy"]
    gone = await asyncio.to_thread(tweepy_client.delete_tweet, made.data["id"])
    assert gone.data["deleted"] is True


@pytest.fixture
def xdk_client(real_x: X, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Signed in, as its own documents say."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # loopback
    client = xdk.Client(
        base_url=real_x.url,
        authorization_base_url=f"{real_x.url}/i",
        client_id=real_x.app.client_id,
        client_secret=real_x.app.client_secret,
        redirect_uri=real_x.app.redirect_uris[0],
        scope="tweet.read tweet.write users.read media.write offline.access",
    )
    client.session.trust_env = False
    yield client
    client.session.close()


async def sign_in(real_x: X, client: Any) -> None:
    url = await asyncio.to_thread(client.get_authorization_url)
    landed = real_x.consent(url)
    code = dict(p.split("=") for p in urlsplit(landed).query.split("&"))["code"]
    await asyncio.to_thread(client.exchange_code, code)


async def test_xdk_signs_in_posts_and_reads(real_x: X, xdk_client: Any) -> None:
    from xdk.posts.models import CreateRequest

    client = xdk_client
    await sign_in(real_x, client)
    me = await asyncio.to_thread(client.users.get_me)
    assert me.data.username == "sandbox"
    made = await asyncio.to_thread(client.posts.create, CreateRequest(text="by xdk"))
    assert made.data.id == real_x.timeline()[0].id
    await asyncio.to_thread(client.refresh_token)
    shown = await asyncio.to_thread(
        client.posts.get_by_id, made.data.id, post_fields=["created_at", "note_post"]
    )
    assert shown.data.text == "by xdk"


async def test_xdk_posts_a_picture_a_video_a_poll_and_a_reply(
    real_x: X, xdk_client: Any, x_spec_if_any: Any, draw: Any, mp4: bytes
) -> None:
    from xdk import schemas
    from xdk.media import models as media
    from xdk.posts.models import CreateRequest

    real_x.processing = Processing(check_after_secs=0)
    client = xdk_client
    await sign_in(real_x, client)

    async def create(text: str, **fields: Any) -> str:
        made = await asyncio.to_thread(client.posts.create, CreateRequest(text=text, **fields))
        return str(made.data.id)

    def attached(media_id: str) -> Any:
        return schemas.CreatePostsMedia(media_ids=[media_id])

    one = media.UploadRequest(media=draw.base64(draw.png()), media_category="tweet_image")
    picture = (await asyncio.to_thread(client.media.upload, one)).data.id
    metadata = schemas.CreateMediaMetadataMetadata(
        alt_text=schemas.CreateMediaMetadataMetadataAltText(text="A grey square")
    )
    await asyncio.to_thread(
        client.media.create_metadata, media.CreateMetadataRequest(id=picture, metadata=metadata)
    )
    first = await create("a picture", media=attached(picture))

    film = mp4 + bytes(1_500_000)
    begin = media.InitializeUploadRequest(
        media_type="video/mp4", total_bytes=len(film), media_category="tweet_video"
    )
    video = (await asyncio.to_thread(client.media.initialize_upload, begin)).data.id
    for index, at in enumerate(range(0, len(film), 1024 * 1024)):
        part = draw.base64(film[at : at + 1024 * 1024])
        chunk = media.AppendUploadRequest(media=part, segment_index=index)
        await asyncio.to_thread(client.media.append_upload, video, chunk)
    await asyncio.to_thread(client.media.finalize_upload, video)
    state = "pending"
    while state != "succeeded":
        answer = await asyncio.to_thread(client.media.get_upload_status, video)
        state = answer.data.processing_info.state
    await create("a video", media=attached(video))

    poll = schemas.CreatePostsPoll(options=["Tea", "Coffee"], duration_minutes=60)
    await create("a poll", poll=poll)
    await create("a reply", reply=schemas.CreatePostsReply(in_reply_to_tweet_id=first))

    pictured, moving, asking, replying = real_x.timeline()
    assert [(m.bytes, m.alt_text) for m in pictured.media] == [(draw.png(), "A grey square")]
    assert [m.bytes for m in moving.media] == [film]
    assert asking.poll is not None and asking.request["poll"]["options"] == ["Tea", "Coffee"]
    assert replying.reply_to == first
    if x_spec_if_any is not None:
        for exchange in real_x.api.seen("POST", "/2/tweets"):
            x_spec_if_any.check(json.loads(exchange.body), "CreatePostsRequest")
