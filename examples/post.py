"""Posts a picture, a GIF, a video and a poll to X, without Telegram.

    X_CLIENT_ID=… X_CLIENT_SECRET=… python examples/post.py \\
        --picture harbour.jpg --gif moves.gif --video film.mp4 --poll "Tea or coffee?" Tea Coffee

The first time it asks you to sign in; the sign-in is kept in a folder. Files may also be URLs.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from twitter_core.client import Client, Endpoints
from twitter_core.errors import Uncertain, XError
from twitter_core.media import Unusable
from twitter_core.oauth2 import App
from twitter_core.post import Kind, Poll
from twitter_core.session import NotLanded, Session
from twitter_core.sources import Source
from twitter_core.store import Store, StoreError
from twitter_core.vault import StoreVault
from twitter_core.wire import Created

FOLDER = Path(__file__).parent / "data"  # yours alone: whoever can read it can post


async def main(wanted: argparse.Namespace) -> None:
    """Sign in where that is needed, then post whatever was asked for."""
    store = Store(wanted.folder)
    vault = StoreVault(store)
    try:
        async with Client(endpoints(), app()) as client:
            session = Session(client, vault)
            if vault.sign_in() is None:
                await sign_in(session)
            print(f"Signed in as @{(await session.account()).username}")
            await post(session, wanted)
    finally:
        await store.close()


async def sign_in(session: Session) -> None:
    """With the address that the browser lands on; no server is needed for that."""
    link, pending = session.begin()
    print("Open this page and allow the app; then paste the address that you land on, within 30 s:")
    print(link, flush=True)
    while True:
        try:
            await session.land(ask(), pending)
        except NotLanded as error:
            print(f"That is not it ({error.detail}). Once more:", flush=True)
        else:
            return


def ask() -> str:
    """A line that is typed or pasted. Nothing else goes on meanwhile, so it may block."""
    return input()


async def post(session: Session, wanted: argparse.Namespace) -> None:
    """One post for each that was asked for."""
    if wanted.picture:
        show(await session.post_files("A picture", wanted.picture, Kind.PHOTO))
    if wanted.gif:
        show(await session.post_files("A GIF", wanted.gif, Kind.GIF))
    if wanted.video:
        show(await session.post_files("A video", wanted.video, Kind.VIDEO))
    if wanted.poll:
        question, *options = wanted.poll
        show(await session.post(question, poll=Poll(tuple(options))))


def show(created: Created) -> None:
    """Where the post is."""
    print(f"https://x.com/i/web/status/{created.id}", flush=True)


def source(text: str) -> Source:
    """What was typed here may be a path: it was typed by whose files they are."""
    return text if text.startswith(("http://", "https://")) else Path(text)


def app() -> App:
    """The app as it is registered with X."""
    given = {"redirect_uri": os.environ.get("X_REDIRECT_URI", "")}
    secret = os.environ.get("X_CLIENT_SECRET", "")
    return App(os.environ["X_CLIENT_ID"], secret, **{k: v for k, v in given.items() if v})


def endpoints() -> Endpoints:
    """Where X is; another place is for trying."""
    usual = Endpoints()
    return Endpoints(
        os.environ.get("X_API_URL", usual.api),
        os.environ.get("X_UPLOAD_URL", usual.upload),
        os.environ.get("X_AUTHORIZE_URL", usual.authorize),
    )


def arguments() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(description="Post to X.")
    parser.add_argument("--picture", nargs="+", type=source, help="up to four")
    parser.add_argument("--gif", type=source)
    parser.add_argument("--video", type=source)
    parser.add_argument("--poll", nargs="+", help="the question, and two to four answers")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the sign-in is kept")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        asyncio.run(main(arguments()))
    except Uncertain:
        sys.exit("X gave no clear answer: look whether the post is there before you try again.")
    except (XError, Unusable, StoreError, OSError, ValueError, EOFError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    except KeyError as error:
        sys.exit(f"{error} is not set")
