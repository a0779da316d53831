"""Whether an attempt is among the posts of an account: never missed, never mistaken."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from twitter_core.entry import Attempt
from twitter_core.lookup import find, plain_text
from twitter_core.wire import OwnPost


def attempt(text: str = "hello", *media_ids: str) -> Attempt:
    return Attempt(0, text, media_ids, "7", 1000.0)


def post(
    text: str = "hello",
    *,
    post_id: str = "100",
    media: tuple[str, ...] = (),
    urls: tuple[tuple[str, str], ...] = (),
    note: str = "",
) -> OwnPost:
    return OwnPost(post_id, text, 1000.0, media, urls, note)


SHORT, OTHER = "https://t.co/abc123", "https://t.co/xyz789"
OF_MEDIA = (OTHER, "https://x.com/me/status/100/photo/1")

SAME = {
    "plain": ("hello", post("hello")),
    "escaped": ("a & b < c > d", post("a &amp; b &lt; c &gt; d")),
    "written escaped": ("use &amp; here", post("use &amp;amp; here")),
    "an address": (
        "see https://example.com/a?b=1&c=2",
        post(f"see {SHORT}", urls=((SHORT, "https://example.com/a?b=1&c=2"),)),
    ),
    "a bare domain": (
        "see example.com now",
        post(f"see {SHORT} now", urls=((SHORT, "http://example.com"),)),
    ),
    "an address to which x adds a slash": (
        "https://example.com",
        post(SHORT, urls=((SHORT, "https://example.com/"),)),
    ),
    "an address whose slash x drops": (
        "see https://example.com/",
        post(f"see {SHORT}", urls=((SHORT, "https://example.com"),)),
    ),
    "an address that stands for the beginning of another": (
        "example.com example.org",
        post(
            f"{SHORT} {SHORT}4",
            urls=((SHORT, "http://example.com"), (f"{SHORT}4", "http://example.org")),
        ),
    ),
    "line breaks": ("one\n\ntwo", post("one\n\ntwo")),
    "emoji": ("👩‍👩‍👧 🇪🇺 ok", post("👩‍👩‍👧 🇪🇺 ok")),
    "composed by x": ("cafe\u0301", post("caf\u00e9")),
    "trimmed by x": ("  hello \n", post("hello")),
    "a long post": ("x" * 400, post("x" * 270 + "…", note="x" * 400)),
    "an escaped long post": ("&" * 300, post("&amp;" * 54 + "…", note="&amp;" * 300)),
    "with a medium": ("hello", post(f"hello {OTHER}", media=("3_9",), urls=(OF_MEDIA,))),
    "with a medium whose link is told of nowhere": (
        "hello",
        post(f"hello {OTHER}", media=("3_9",)),
    ),
}


@pytest.mark.parametrize("what", SAME)
def test_the_same_text_is_found_however_x_gives_it_back(what: str) -> None:
    text, shown = SAME[what]
    ours = ("5",) if shown.media_keys else ()
    assert find(attempt(text, *ours), [shown], ()) == ("100",)


def test_a_text_alone_is_not_a_post_with_a_picture_under_the_same_words() -> None:
    assert find(attempt("hello"), [post("hello", media=("3_9",))], ()) == ()


def test_of_two_pictures_with_one_caption_each_is_found_by_its_own_id() -> None:
    one, two = post("same", post_id="1", media=("3_7",)), post("same", post_id="2", media=("3_8",))
    assert find(attempt("same", "8"), [one, two], (), {"7"}) == ("2",)
    assert find(attempt("same", "8"), [one], (), {"7"}) == ()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hello", post("hello!")),
        ("hello", post("Hello")),
        ("hello", post("hello hello")),
        ("see example.com", post(f"see {SHORT}", urls=((SHORT, "http://example.org"),))),
        ("", post("")),
        ("", post(OTHER, media=("3_9",))),
        ("hello", post(f"hello {OTHER}")),
        ("x" * 400, post("x" * 270 + "…", note="x" * 399)),
    ],
)
def test_another_text_is_not_found(text: str, shown: OwnPost) -> None:
    assert find(attempt(text), [shown], ()) == ()


@pytest.mark.parametrize("key", ["3_17", "16_17", "7_17", "13_17"])
def test_a_post_with_one_of_our_media_is_found_whatever_its_text(key: str) -> None:
    assert find(attempt("hello", "16", "17"), [post("?", media=("3_5", key))], ()) == ("100",)


@pytest.mark.parametrize("key", ["3_171", "17_3", "3_1"])
def test_a_media_id_is_compared_as_a_whole(key: str) -> None:
    assert find(attempt("", "17"), [post("", media=(key,))], ()) == ()


def test_posts_that_belong_to_something_else_never_count() -> None:
    posts = [post(post_id="5"), post(post_id="6", media=("3_17",))]
    assert find(attempt("hello", "17"), posts, {"5", "6"}) == ()
    assert find(attempt("hello", "17"), posts, {"5"}) == ("6",)


def test_the_oldest_comes_first_also_where_ids_grow_longer() -> None:
    posts = [post(post_id="1000"), post(post_id="999"), post(post_id="1001")]
    assert find(attempt(), posts, ()) == ("999", "1000", "1001")


def test_the_link_of_the_media_is_dropped_and_links_of_the_author_are_kept() -> None:
    shown = post(
        f"look: {SHORT} {OTHER}",
        media=("3_9",),
        urls=((SHORT, "https://example.com"), OF_MEDIA),
    )
    assert plain_text(shown) == "look: https://example.com"
    quoted = post(f"look: {SHORT}", urls=((SHORT, "https://x.com/you/status/5/photo/1"),))
    assert plain_text(quoted) == "look: https://x.com/you/status/5/photo/1"


@example("/")
@example("https://")
@example("a/ b/")
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_every_text_is_found_as_x_escapes_it(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert find(attempt(text), [post(escaped)], ()) == (("100",) if text.strip() else ())
