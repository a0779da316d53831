"""What the owner means, as a value."""

from __future__ import annotations

from twitter_core.post import Kind, Media, Post


def test_a_medium_has_its_own_alt_text_or_that_of_its_place_and_a_video_none() -> None:
    media = (Media("a"), Media("b", alt="mine"), Media("c", Kind.GIF), Media("d", Kind.VIDEO))
    post = Post("", media, alts=("first", "second", "", "fourth"))
    assert [post.alt(index) for index in range(4)] == ["first", "mine", "", ""]
