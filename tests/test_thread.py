"""A post becomes tweets: whole words, whole media, nothing lost."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from twitter_core import atoms, text, thread
from twitter_core.post import Cut, Flags, Kind, Media, Poll, Post, Tweet

LATIN = "When the sun rose, nobody expected the ships to be gone. Mr. Smith blamed the wind. "
CYRILLIC = "Когда взошло солнце, никто не ждал, что кораблей не будет. Смит винил ветер! "
ARABIC = "عندما أشرقت الشمس، لم يتوقع أحد أن تختفي السفن. هل كانت هناك عاصفة؟ "
CHINESE = "今天早上太阳升起的时候，没有人想到船会不见了。史密斯先生说那是风！“很安静，”她写道。"
JAPANESE = (
    "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。ニャーニャー泣いていた。"
)
THAI = "เมื่อพระอาทิตย์ขึ้นเหนือท่าเรือ ไม่มีใครคาดคิดว่าเรือจะหายไป คุณสมิธบอกว่าเป็นเพราะลม "
PIECES = [
    *(LATIN, CYRILLIC, ARABIC, CHINESE, JAPANESE, THAI, THAI.replace(" ", "")),
    *(
        "https://x.com/a?b=c",
        "https://example.com/" + "a" * 400,
        "README.md",
        "foo.com",
        "。foo.com",
    ),
    *(
        "😀",
        "👨‍👩‍👧‍👦",
        "👍🏽",
        "🇺🇸",
        "🇽",
        "❤️",
        "1\ufe0f\u20e3",
        "🐦‍🔥",
        "e\u0301",
        "क्षि",
        "กำ",
        "\u0301",
    ),
    *(
        " ",
        " ",
        " ",
        "\n",
        "\n\n",
        "\t",
        "\u00a0",
        "\u200b",
        "\x1c",
        ".",
        "。",
        "!",
        "...",
        "“",
        "@",
        "#タグ",
    ),
    *("a" * 300, "中" * 150, "Word ", "word, ", "é\u0302\u0303"),
]
LONG = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=40).map("".join)
GRAPHEME = regex.compile(r"\X")


def texts(written: str, **how: bool) -> list[str]:
    return [tweet.text for tweet in thread.split(Post(written, cut=Cut(**how)))]


def cuts(whole: str, parts: list[str]) -> list[tuple[int, int]]:
    """Where each part ends in `whole`, and where the next one begins: only white space between."""
    spans = []
    at = 0
    for part in parts:
        start = at + len(whole[at:]) - len(whole[at:].lstrip())
        assert whole.startswith(part, start)
        spans.append((start, start + len(part)))
        at = start + len(part)
    assert not whole[at:].strip()
    return [(end, start) for (_, end), (start, _) in pairwise(spans)]


# ------------------------------------------------------------------------ what always holds


@settings(max_examples=300, deadline=None)
@given(LONG)
@example("a" * 280)
@example("a" * 281)
# What is no address for X may become one where it is cut: then it weighs more.
@example("ก" * 300 + "a.co" + "ก" * 250)
@example("a" * 283 + ".co" + " word" * 54)
@example("y" * 265 + "(x.co" + "y" * 270)
@example("README.md\n。" * 100)
@example("a" + " \u0301" * 400)
@example("é" + "\u0301" * 900)
@example("🇽" * 300)
def test_each_part_fits_and_nothing_is_lost_but_white_space(written: str) -> None:
    parts = texts(written)
    assert all(text.weigh(part) <= 280 for part in parts)
    assert all(part.strip() == part and (part or len(parts) == 1) for part in parts)
    cuts(text.normalize(written), parts)


@settings(max_examples=300, deadline=None)
@given(LONG)
@example("a" * 275 + "https://x.com/" + "b" * 400)
@example("ก" * 130 + "https://x.com/bbb" + "ก" * 140)
@example("x" * 270 + " \u0301" + "x" * 270)
@example("字\u0600" * 150)  # a sign that holds on to what follows
@example("x" * 279 + "👨‍👩‍👧‍👦" * 2)
@example(("x" * 279 + "e\u0302\u0301") * 2)
def test_no_address_emoji_or_grapheme_is_cut(written: str) -> None:
    whole = text.normalize(written)
    parser = atoms._parser()
    spans = [found["indices"] for found in parser.extract_urls_with_indices(whole)]
    spans += [found["indices"] for found in parser.extract_emojis_with_indices(whole)]
    spans += [  # one that is heavier than a tweet has to be cut
        found.span() for found in GRAPHEME.finditer(whole) if text.weigh(found[0]) <= 280
    ]
    ends = {at for cut in cuts(whole, texts(written)) for at in cut}
    assert [(start, end) for start, end in spans if any(start < at < end for at in ends)] == []


@settings(deadline=None)
@given(LONG.filter(lambda written: "-" not in written))
def test_a_part_is_not_cut_again_and_the_same_post_always_the_same_way(written: str) -> None:
    parts = texts(written)
    assert texts(written) == parts
    assert [texts(part) for part in parts] == [[part] for part in parts]


@settings(deadline=None)
@given(LONG)
def test_what_fits_is_one_tweet(written: str) -> None:
    whole = text.normalize(written)
    assert (len(texts(written)) == 1) == (text.weigh(whole) <= 280)
    if text.weigh(whole) <= 280:
        assert texts(written) == [whole]


@settings(max_examples=100, deadline=None)
@given(LONG)
def test_with_a_counter_each_part_still_fits_and_tells_its_place(written: str) -> None:
    parts = texts(written, numbered=True)
    assert all(text.weigh(part) <= 280 for part in parts)
    if len(parts) > 1:
        endings = [f" ({number}/{len(parts)})" for number in range(1, len(parts) + 1)]
        assert all(part.endswith(end) for part, end in zip(parts, endings, strict=True))
        bare = [part.removesuffix(end) for part, end in zip(parts, endings, strict=True)]
        cuts(text.normalize(written), bare)


# ------------------------------------------------------------------------ the best places


def test_a_paragraph_is_kept_together_where_that_fills_a_tweet_well() -> None:
    first, second, third = LATIN * 2, CYRILLIC * 3, LATIN * 2
    assert texts(f"{first}\n\n{second}\n\n{third}") == [p.strip() for p in (first, second, third)]


def test_a_paragraph_goes_before_a_line() -> None:
    lines = f"{LATIN.strip()}\n" * 3
    assert texts(f"{lines}\n{LATIN * 2}\n{LATIN * 2}\n{LATIN * 2}")[0] == lines.strip()
    lines = f"{LATIN * 2}\n\n{LATIN[:56]}\n{LATIN * 4}\n\n{LATIN * 2}"
    assert texts(lines)[0] == (LATIN * 2).strip()


def test_a_heading_stays_with_what_follows() -> None:
    parts = texts("The title of all this\n\n" + LATIN * 6)
    assert parts[0].startswith("The title of all this\n\nWhen the sun")
    assert all(part.endswith(".") for part in parts)


@pytest.mark.parametrize("written", [LATIN, CYRILLIC, ARABIC, CHINESE, JAPANESE])
def test_a_sentence_is_kept_together(written: str) -> None:
    parts = texts(written * 12)
    assert len(parts) > 2
    assert all(part[-1] in ".!?؟。！”" for part in parts)
    assert not any(part.endswith("Mr.") for part in parts)
    assert all(text.weigh(part) > 100 for part in parts)


@pytest.mark.parametrize(
    "stop",
    [
        "e.g. one",
        "i.e. one",
        "etc. one",
        "J. K. Rowling",
        "Mr. Who",
        "Prof. Who",
        "1. One",
        "3.5 One",
    ],
)
def test_no_sentence_ends_at_the_dot_of(stop: str) -> None:
    head = stop.rpartition(" ")[0]
    parts = texts("word " * 47 + stop + " word" * 30 + ".")
    assert not parts[0].endswith(head)


@pytest.mark.parametrize(
    "end", ["gone.", "gone!", "gone?!", "gone…", "gone...", "(gone).", "“gone.”", "U.N.O. gone!"]
)
def test_a_sentence_ends_at(end: str) -> None:
    parts = texts("word " * 40 + end + " Next" + " word" * 30)
    assert parts[0].endswith(end)


def test_words_are_whole_where_no_sentence_ends() -> None:
    written = "nevertheless " * 60
    parts = texts(written)
    assert {word for part in parts for word in part.split()} == {"nevertheless"}
    assert all(text.weigh(part) > 250 for part in parts[:-2])


def test_half_a_sentence_ends_rather_at_a_comma() -> None:
    assert texts("word " * 35 + "word, " + "word " * 60)[0].endswith("word,")


def test_what_a_no_break_space_holds_together_is_not_parted() -> None:
    for shift in range(12):
        parts = texts("x" * shift + " 10\u00a0km" * 80)
        assert not any(part.endswith("10") for part in parts)


@pytest.mark.parametrize("written", [CHINESE, JAPANESE])
def test_without_spaces_and_sentences_punctuation_stays_where_it_belongs(written: str) -> None:
    running = written.translate(str.maketrans("。！", "、、"))
    for shift in range(30):
        parts = texts("字" * shift + running * 8)
        assert not any(part[0] in "、，。”ーャァ" or part[-1] in "“（" for part in parts)
        assert all(text.weigh(part) > 130 for part in parts)


def test_small_kana_and_repeat_marks_do_not_begin_a_tweet() -> None:
    for shift in range(12):
        parts = texts("字" * shift + "きゃっきゃと日々ょっ" * 40)
        assert not any(part[0] in "ゃっょ々" for part in parts)


def test_a_word_in_katakana_and_a_hashtag_are_kept_together() -> None:
    for shift in range(12):
        parts = texts("字" * shift + "猫とコンピューター" * 40)
        assert sum(part.count("コンピューター") for part in parts) == 40
        parts = texts("字" * shift + "日本語 #日本語タグ " * 30)
        assert all(part.count("#日本語タグ") == part.count("#") for part in parts)


def test_thai_is_cut_at_its_spaces_or_at_least_not_inside_a_syllable() -> None:
    words = set(THAI.split())
    assert {word for part in texts(THAI * 6) for word in part.split()} == words
    for shift in range(40):
        parts = texts("ก" * shift + THAI.replace(" ", "") * 8)
        assert not any(part[0] in "ะาำๆฯ\u0e31\u0e34" or part[-1] in "เแโใไ" for part in parts)


def test_the_last_tweet_is_no_single_word() -> None:
    parts = texts("word " * 57)  # 284: a greedy cut would leave one word
    assert [text.weigh(part) for part in parts] == [144, 139]
    parts = texts(LATIN * 3 + "And so it was as it is.\n\nEnjoy!")
    assert len(parts) == 2
    assert len(parts[1].split()) > 5


def test_no_tweet_more_than_needed_for_the_sake_of_a_short_paragraph() -> None:
    assert len(texts(LATIN + "\n\n" + (LATIN * 4)[:300])) == 2


def test_two_paragraphs_become_two_tweets_even_where_they_are_unlike() -> None:
    assert texts(LATIN * 3 + "\n\n" + LATIN) == [(LATIN * 3).strip(), LATIN.strip()]


def test_a_monstrous_grapheme_is_cut_as_the_last_resort() -> None:
    parts = texts("a" + "\u0301" * 1000)
    assert "".join(parts) == text.normalize("a" + "\u0301" * 1000)
    assert len(parts) == 4


def test_a_long_word_is_cut_but_what_is_around_it_is_not() -> None:
    parts = texts("Look: " + "a" * 300 + " https://x.com/" + "b" * 300 + " fine")
    assert "".join(parts).count("a") == 300
    assert parts[-1].endswith("https://x.com/" + "b" * 300 + " fine")


# ------------------------------------------------------------------------ by hand


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("one\n---\ntwo", ["one", "two"]),
        ("one\n\n---\n\ntwo\n---\nthree", ["one", "two", "three"]),
        ("one\n  --- \ntwo", ["one", "two"]),
        ("one\r\n---\r\ntwo", ["one", "two"]),
        ("one\n—-\ntwo", ["one", "two"]),  # what a phone's keyboard may make of it
        ("---\none\n---\n---\n\n---\ntwo\n---", ["one", "two"]),
        ("one --- two", ["one --- two"]),
        ("one\n----\ntwo", ["one\n----\ntwo"]),
        ("one\n--- two", ["one\n--- two"]),
        ("---", ["---"]),  # where there is nothing to cut, it is the text
        ("", [""]),
        (" \n ", [""]),
    ],
)
def test_a_line_of_three_hyphens_cuts_and_is_dropped(written: str, parts: list[str]) -> None:
    assert texts(written) == parts


def test_what_is_too_long_between_two_cuts_by_hand_is_cut_further() -> None:
    parts = texts(f"one\n---\n{LATIN * 5}\n---\nthree")
    assert (parts[0], parts[-1]) == ("one", "three")
    assert len(parts) == 4


@pytest.mark.parametrize("written", ["\n---" * 300, "---\n" * 2, "- - -\n" * 200])
def test_nothing_but_cuts_is_still_a_text_that_fits(written: str) -> None:
    assert all(0 < text.weigh(part) <= 280 for part in texts(written))


# ------------------------------------------------------------------------ settings


def test_the_counter_counts_and_only_where_there_is_more_than_one() -> None:
    assert texts("gm", numbered=True) == ["gm"]
    assert texts("one\n---\ntwo", numbered=True) == ["one (1/2)", "two (2/2)"]


@pytest.mark.parametrize("count", [9, 10, 11, 99, 100, 101])
def test_the_counter_grows_with_the_thread(count: int) -> None:
    parts = texts("x" * 280 * count, numbered=True)
    assert len(parts) > count  # the counter takes room
    assert parts[-1].endswith(f" ({len(parts)}/{len(parts)})")
    assert all(text.weigh(part) <= 280 for part in parts)


def test_without_threads_a_text_stays_one_too_long_as_it_is() -> None:
    written = (LATIN * 5 + "\n---\n" + LATIN).strip()
    assert texts(written, threads=False) == [written]
    post = Post(written, tuple(Media(str(n)) for n in range(5)))
    assert [tweet.text for tweet in thread.split(replace(post, cut=Cut(threads=False)))] == [
        written,
        "",
    ]


def test_an_account_with_more_room_uses_it() -> None:
    (tweet,) = thread.split(Post(LATIN * 20), room=25_000)
    assert tweet.text == (LATIN * 20).strip()
    assert len(thread.split(Post(LATIN * 400), room=25_000)) == 2


# ------------------------------------------------------------------------ media, poll, flags


def post(written: str, kinds: str) -> Post:
    """`kinds`: p for a photo, g for a GIF, v for a video."""
    names = {"p": Kind.PHOTO, "g": Kind.GIF, "v": Kind.VIDEO}
    return Post(written, tuple(Media(str(n), names[kind]) for n, kind in enumerate(kinds)))


@pytest.mark.parametrize(
    ("written", "kinds", "tweets"),
    [
        ("a", "", [("a", ())]),
        ("a", "pppp", [("a", (0, 1, 2, 3))]),
        ("a", "ppppp", [("a", (0, 1, 2, 3)), ("", (4,))]),
        ("", "ppppp", [("", (0, 1, 2, 3)), ("", (4,))]),
        ("a", "gv", [("a", (0,)), ("", (1,))]),
        ("a", "ppvpg", [("a", (0, 1)), ("", (2,)), ("", (3,)), ("", (4,))]),
        ("a\n---\nb\n---\nc", "p", [("a", (0,)), ("b", ()), ("c", ())]),
        ("a\n---\nb\n---\nc", "ppvg", [("a", (0, 1)), ("b", (2,)), ("c", (3,))]),
        ("a\n---\nb", "vvv", [("a", (0,)), ("b", (1,)), ("", (2,))]),
        ("", "", [("", ())]),
    ],
)
def test_media_go_with_the_texts_in_order(
    written: str, kinds: str, tweets: list[tuple[str, tuple[int, ...]]]
) -> None:
    split = thread.split(post(written, kinds))
    assert [(tweet.text, tweet.media) for tweet in split] == tweets


@settings(deadline=None)
@given(LONG, st.text("pgv", max_size=12), st.booleans())
def test_every_medium_is_in_one_tweet_and_no_tweet_is_empty(
    written: str, kinds: str, numbered: bool
) -> None:
    whole = post(written, kinds)
    split = thread.split(replace(whole, cut=Cut(numbered=numbered)))
    assert [index for tweet in split for index in tweet.media] == list(range(len(kinds)))
    assert all(tweet.text or tweet.media for tweet in split) or split == (Tweet(""),)
    for tweet in split:
        assert "".join(kinds[index] for index in tweet.media) in {
            "",
            "p",
            "pp",
            "ppp",
            "pppp",
            "g",
            "v",
        }


def test_the_poll_is_on_the_first_and_the_flags_are_on_all() -> None:
    poll, flags = Poll(("yes", "no")), Flags(made_with_ai=True)
    first, second = thread.split(Post("a\n---\nb", poll=poll, flags=flags))
    assert (first, second) == (Tweet("a", poll=poll, flags=flags), Tweet("b", flags=flags))


# ------------------------------------------------------------------------ time


@pytest.mark.parametrize(
    "written", [LATIN, CHINESE, THAI, "a", "😀", "foo.com ", "中foo.com中", "🇽"]
)
def test_the_longest_text_is_split_in_no_time(written: str) -> None:
    began = time.perf_counter()
    thread.split(Post((written * 25_000)[:25_000]))
    assert time.perf_counter() - began < 10  # it is far below one second


@pytest.mark.bench
@pytest.mark.parametrize("length", [4096, 25_000])
@pytest.mark.parametrize(
    "written", [LATIN, CYRILLIC, ARABIC, CHINESE, JAPANESE, THAI, "😀", "foo.com "]
)
def test_how_long_a_split_takes(written: str, length: int) -> None:
    whole = (written * length)[:length]
    thread.split(Post(whole))
    began = time.perf_counter()
    parts = thread.split(Post(whole, cut=Cut(numbered=True)))
    print(f"{length:6} characters, {len(parts):3} tweets: {time.perf_counter() - began:.3f} s")
