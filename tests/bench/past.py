"""A data folder in which many posts lie behind: a history as Telex itself would have written it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.places import Place
from twitter_core.archive import KEPT
from twitter_core.entry import Entry, State, Upload
from twitter_core.post import Media, Post
from twitter_core.store import Store
from twitter_core.thread import split

A_DAY = 86_400.0
RATE = 10  # posts a day, before the last two days
_FIRST_ID = 1_900_000_000_000_000_000


def finished(number: int, at: float, chat: int, account: str) -> Entry:
    """A photo with a caption that was posted at `at`, and whose card shows it."""
    text = f"Photo {number}, taken on the way to work, with a few words as people write them"
    media = Media(
        ref=f"AgACAgQAAxkBAAI{number:09d}aNd_fq3UzJmQ0pDkq8v2l4cVbN0AArq5MRu3nVlS",
        order=2 * number,
        size=183_204,
        name=f"AQADurkxG{number:07d}",
    )
    post = Post(text, (media,))
    return Entry(
        key=f"{chat}:{2 * number}",
        state=State.DONE,
        post=post,
        came_at=at - 1,
        seq=1,
        tweets=split(post),
        uploads=(Upload(str(_FIRST_ID + 10 * number), at + A_DAY, account, "v1.1"),),
        posted=(str(_FIRST_ID + 10 * number + 5),),
        account=account,
        first_try_at=at - 0.5,
        ended_at=at,
        shown=True,
    )


async def fill(
    folder: Path, *, behind: int, recent: int, chat: int, account: str, now: float
) -> None:
    """Put `behind` posts into a folder that no bot uses at the moment, the newest ones last.

    The last `recent` ended within the time for which repeats are recognised; the others are
    `RATE` a day, back into the years.
    """
    store = Store(folder)
    dump, beside = store.table("outbox", Entry).dump, store.table("cards", Place).dump

    def lines() -> Iterator[tuple[float, dict[str, Any]]]:
        for number in range(behind):
            older = behind - recent - number
            if older > 0:
                at = now - KEPT - older * A_DAY / RATE
            else:
                at = now - KEPT * (behind - number) / (recent + 1)
            entry = finished(number, at, chat, account)
            place = Place(chat, (2 * number,), 2 * number + 1, "0123456789abcdef")
            yield at, {"key": entry.key, **dump(entry), "remark": beside(place)}

    try:
        rest = lines()
        while batch := list(itertools.islice(rest, 1000)):
            store.history.append(batch)
    finally:
        await store.close()
