"""Albums: quiet is their only end mark, and what comes late is never thrown away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.albums import First, Late, Next, is_repeat, sort_in
from bot.compose import Incoming, Sort
from twitter_core.entry import Entry, State
from twitter_core.events import Closed, Joined
from twitter_core.outbox import step
from twitter_core.post import Media, Post

NOW = 1000.0


def item(number: int, text: str = "") -> Incoming:
    media = Media(f"f{number}", order=number)
    return Incoming(Sort.POST, 7, number, NOW, text, media, group="g")


def album(*numbers: int, open_until: float | None = NOW + 1) -> Entry:
    media = tuple(Media(f"f{number}", order=number) for number in numbers)
    uploads = (None,) * len(media)
    return Entry("7:g", State.QUEUED, Post("", media), NOW, open_until=open_until, uploads=uploads)


def test_the_first_item_opens_the_album_for_its_window() -> None:
    assert sort_in(item(1), None, NOW, 1.5) == First(NOW + 1.5)


def test_every_item_begins_the_window_anew() -> None:
    sorted_in = sort_in(item(2, "words"), album(1), NOW + 0.9, 1.0)
    assert sorted_in == Next(Joined(Media("f2", order=2), "words", NOW + 1.9))


@pytest.mark.parametrize("state", State)
def test_what_comes_after_the_album_was_closed_is_late_whatever_became_of_it(state: State) -> None:
    assert sort_in(item(2), replace(album(1, open_until=None), state=state), NOW, 1.0) == Late()


def test_an_item_that_is_no_picture_never_joins() -> None:
    assert sort_in(replace(item(2), media=None), album(1), NOW, 1.0) == Late()


def test_an_item_that_comes_in_the_last_moment_still_joins() -> None:
    # The window is over but nobody has closed the album yet.
    assert isinstance(sort_in(item(2), album(1, open_until=NOW - 1), NOW, 1.0), Next)


def test_a_repeat_is_known_by_its_message_also_when_the_album_is_closed() -> None:
    for it in (album(1, 2), step(album(1, 2), Closed())):
        assert is_repeat(item(1), it) and is_repeat(item(2), it)
        assert not is_repeat(item(3), it)


def test_ten_items_in_any_order_are_one_album_in_the_order_of_their_messages() -> None:
    it = album(5)
    for number in (3, 9, 1, 10, 2, 8, 4, 7, 6):
        joined = sort_in(item(number), it, NOW, 1.0)
        assert isinstance(joined, Next)
        it = step(it, joined.event)
    assert [media.order for media in it.post.media] == list(range(1, 11))
    assert len(it.uploads) == 10
