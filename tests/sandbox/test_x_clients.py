"""The libraries that people use against the true X work against the local one."""

from __future__ import annotations

import asyncio
import io
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


async def test_tweepy_uploads_in_chunks(real_x: X, tweepy_api: Any, draw: Any) -> None:
    data = draw.png(padding=2_500_000)
    media = await upload(tweepy_api, "a.png", data, chunked=True, media_category="tweet_image")
    assert real_x.world.media[media.media_id_string].bytes == data


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


async def test_xdk_signs_in_posts_and_reads(real_x: X, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # loopback
    from xdk.posts.models import CreateRequest

    client = xdk.Client(
        base_url=real_x.url,
        authorization_base_url=f"{real_x.url}/i",
        client_id=real_x.app.client_id,
        client_secret=real_x.app.client_secret,
        redirect_uri=real_x.app.redirect_uris[0],
        scope="tweet.read tweet.write users.read media.write offline.access",
    )
    client.session.trust_env = False
    try:
        url = await asyncio.to_thread(client.get_authorization_url)
        landed = real_x.consent(url)
        code = dict(p.split("=") for p in urlsplit(landed).query.split("&"))["code"]
        await asyncio.to_thread(client.exchange_code, code)
        me = await asyncio.to_thread(client.users.get_me)
        assert me.data.username == "sandbox"
        made = await asyncio.to_thread(client.posts.create, CreateRequest(text="by xdk"))
        assert made.data.id == real_x.timeline()[0].id
        await asyncio.to_thread(client.refresh_token)
        shown = await asyncio.to_thread(
            client.posts.get_by_id, made.data.id, post_fields=["created_at", "note_post"]
        )
        assert shown.data.text == "by xdk"
    finally:
        client.session.close()
