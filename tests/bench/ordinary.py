"""The bot that people write today, to be measured beside Telex: python-telegram-bot and tweepy.

Everything in memory, one photo after the other, tweepy called as its examples call it. It takes
its settings from the same environment as Telex, and X's hosts are turned to the sandbox.
"""

from __future__ import annotations

import io
import os
from typing import Any
from urllib.parse import urlsplit

import requests
import tweepy
from telegram import Bot, Message, Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

ALBUM = 2.0  # seconds after an album's first item at which it is taken to be complete
Context = ContextTypes.DEFAULT_TYPE


class Redirected(requests.Session):
    """tweepy's hosts are fixed: they are rewritten here, before the request is signed."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self._roots = {
            "upload.twitter.com": os.environ["X_UPLOAD_URL"],
            "api.twitter.com": os.environ["X_API_URL"],
            "api.x.com": os.environ["X_API_URL"],
        }

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        url = self._roots[parts.netloc] + parts.path + query
        return super().request(method, url, *args, **kwargs)


KEYS = [
    os.environ.get(name, "")
    for name in ("X_API_KEY", "X_API_SECRET", "X_ACCESS_TOKEN", "X_ACCESS_TOKEN_SECRET")
]
api = tweepy.API(tweepy.OAuth1UserHandler(*KEYS))
client = tweepy.Client(
    consumer_key=KEYS[0],
    consumer_secret=KEYS[1],
    access_token=KEYS[2],
    access_token_secret=KEYS[3],
)


async def on_photo(update: Update, context: Context) -> None:
    """One photo is posted at once; the items of an album are gathered by a timer."""
    message = update.message
    if message is None or context.job_queue is None:
        return
    if message.media_group_id is None:
        await post(context.bot, [message])
        return
    jobs = context.job_queue.get_jobs_by_name(message.media_group_id)
    if jobs:
        jobs[0].data.append(message)  # type: ignore[attr-defined]
    else:
        context.job_queue.run_once(on_album, ALBUM, data=[message], name=message.media_group_id)


async def on_album(context: Context) -> None:
    """The album is taken to be complete."""
    assert context.job is not None
    await post(context.bot, context.job.data)  # type: ignore[arg-type]


async def post(bot: Bot, messages: list[Message]) -> None:
    """Fetch, upload, create, reply."""
    media_ids = []
    for message in messages:
        file = await bot.get_file(message.photo[-1].file_id)
        data = await file.download_as_bytearray()
        media = api.media_upload(filename="photo.jpg", file=io.BytesIO(data))
        media_ids.append(media.media_id)
    text = next((message.caption for message in messages if message.caption), None)
    made = client.create_tweet(text=text, media_ids=media_ids)
    await messages[0].reply_text(f"Posted: https://x.com/i/web/status/{made.data['id']}")


def main() -> None:
    """Run until killed."""
    api.session = Redirected()
    client.session = Redirected()
    root = os.environ["TELEGRAM_API_URL"]
    application = (
        Application.builder()
        .token(os.environ["TELEGRAM_BOT_TOKEN"])
        .base_url(f"{root}/bot")
        .base_file_url(f"{root}/file/bot")
        .build()
    )
    owner = int(os.environ["TELEGRAM_OWNER_IDS"])
    application.add_handler(MessageHandler(filters.PHOTO & filters.User(owner), on_photo))
    application.run_polling()


if __name__ == "__main__":
    main()
