"""Weights and addresses, as X counts and sees them."""

from __future__ import annotations

import subprocess
import sys
import time
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from twitter_core import atoms, text

# One word or character each, so that joining them makes the cases that nobody thought of.
BITS = """
    foo.com README.md t.co/abc https://x.com/a?b=c http://日本語.jp/ä https://t.co/AbC123?x=1
    example.みんな foo.com/a(b)c президент.рф foo.com@bar.org .. . 。 a 中 中文，中文 @ # $ - _ / // :
    https:// 8080 ? & ( ) é e\u0301 \u200d \u200e \ufe0f 1\ufe0f\u20e3 👍🏽 👨‍👩‍👧 🇺🇸 🇽 🐦‍🔥 ❤️ © ™ com
    www. xn--p1ai a. .рф “ ” … \ufeff ſ K ！ ！？
""".split()
MIXED = st.lists(
    st.sampled_from([*BITS, " ", "\n", "\r\n", "\u2028", "\x1c", "中" * 40, "a" * 70]), max_size=12
).map("".join)


def parser() -> Any:
    """twitter_text itself, as the second opinion."""
    return atoms._parser()


@pytest.mark.parametrize(
    ("written", "weight"),
    [
        # Latin: one each, with accents too, composed or not; the marks of print as well
        ("", 0),
        ("gm", 2),
        ("naïve café", 10),
        ("cafe\u0301", 4),
        ("“Don’t” – she said — no", 23),
        ("wait…", 6),  # the ellipsis is outside X's light ranges,
        ("• one", 6),  # and so is the bullet
        ("two\nlines", 9),
        ("two\r\nlines", 9),
        ("x\u0301\u0302\u0303", 4),  # marks that nothing is composed with count by themselves
        # Greek, Cyrillic, Arabic, Hebrew, Hindi, Thai: one each
        ("Καλημέρα", 8),
        ("Доброе утро, ёж и йод", 21),
        ("صباح الخير", 10),
        ("בוקר טוב", 8),
        ("सुप्रभात", 8),
        ("สวัสดี", 6),
        # Chinese, Japanese, Korean: two each, their punctuation too
        ("早上好", 6),
        ("早上好！", 8),
        ("おはよう。", 10),
        ("ｶﾀｶﾅ", 8),
        ("좋은 아침", 9),
        ("\u110c\u1169\u11c2", 2),  # a syllable in three parts is composed first
        # emoji: two, whatever they are made of
        ("😀", 2),
        ("👍🏽", 2),
        ("👨‍👩‍👧‍👦", 2),
        ("🇺🇸🇫🇷", 4),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 2),
        ("❤️", 2),
        ("1\ufe0f\u20e3", 2),
        ("#\ufe0f\u20e3#", 3),
        ("©", 2),
        ("™", 2),
        ("a😀b", 4),
        # the newest sequences are counted in pieces, which errs on the safe side
        ("🐦‍🔥", 5),
        ("🙂‍↔️", 5),
        ("🇽", 2),  # half a flag
        # addresses: 23, long or short
        ("https://x.com", 23),
        ("http://x.com/" + "a" * 500, 23),
        ("foo.com", 23),
        ("see README.md", 27),
        ("the end.It was", 4 + 23 + 4),
        ("http://日本語.jp", 23),
        ("президент.рф", 12),  # X wants ASCII before the dot where no https:// stands in front
        ("me@foo.com", 10),
        ("v1.2.3", 6),
        ("e.g. this", 9),
        # … next to punctuation, which is not theirs
        ("(foo.com)", 25),
        ("foo.com.", 24),
        ("foo.com, bar.org!", 49),
        ("“foo.com”", 25),
        ("foo.com/a(b)c", 23),
        ("https://x.com/a?b=c&d=e.", 24),
        ("https://x.com/a…", 25),
        ("日本語foo.comです", 33),
        ("foo.com。", 25),
        ("https://x.com/a，然后", 29),
        ("foo.com/1\ufe0f\u20e3", 27),  # the digit belongs to the address
        ("foo.com😀", 25),
    ],
)
def test_a_text_weighs_what_x_counts(written: str, weight: int) -> None:
    assert text.weigh(written) == weight


@pytest.mark.parametrize(
    ("written", "addresses"),
    [
        ("nothing. At all... really?!", ()),
        ("see README.md and https://x.com/a.", ("README.md", "https://x.com/a")),
        ("the end.It was foo.py", ("end.It", "foo.py")),
        ("(www.foo.co.uk)", ("www.foo.co.uk",)),
        ("me@foo.com #foo.com $foo.com -foo.com", ()),
        ("foo.com\nbar.org", ("foo.com", "bar.org")),
        ("到foo.com去，再到https://日本語.jp/去", ("foo.com", "https://日本語.jp/")),
        ("https://t.co/AbC/more", ("https://t.co/AbC",)),
        ("FOO.COM", ("FOO.COM",)),
        ("1.5, v2.0, 3.com", ("3.com",)),
        ("x" * 64 + ".com", ()),  # longer than a name may be
    ],
)
def test_x_finds_these_addresses(written: str, addresses: tuple[str, ...]) -> None:
    assert text.addresses(written) == addresses


@settings(max_examples=400, deadline=None)
@given(MIXED)
@example("foo.com/1\ufe0f\u20e3")
@example("。README.md")
@example("中" * 40 + "foo.com")
@example("foo.com中文.みんな/path")
def test_it_is_what_twitter_text_says_of_the_whole_text(written: str) -> None:
    assert text.weigh(written) == parser().parse_tweet(written).weightedLength
    plain = unicodedata.normalize("NFC", written).replace("\r\n", "\n").replace("\r", "\n")
    found = parser().extract_urls_with_indices(plain)
    assert text.addresses(written) == tuple(url["url"] for url in found)


@settings(deadline=None)
@given(st.text())
def test_no_text_is_too_strange_to_be_weighed(written: str) -> None:
    assert text.weigh(written) == parser().parse_tweet(written).weightedLength


def test_every_emoji_weighs_two() -> None:
    known = parser().regexp.emoji.emoji_dict
    assert len(known) > 3000
    assert [emoji for emoji in known if text.weigh(emoji) != 2] == []


@settings(deadline=None)
@given(MIXED)
def test_the_weights_of_its_characters_add_up(written: str) -> None:
    plain = text.normalize(written)
    each = text.weights(plain, atoms.find(plain))
    assert len(each) == len(plain)
    assert sum(each) == text.weigh(plain)


@settings(deadline=None)
@given(st.text() | MIXED)
def test_what_is_normalized_is_composed_and_trimmed_and_stays_so(written: str) -> None:
    plain = text.normalize(written)
    assert plain == unicodedata.normalize("NFC", plain).strip() == text.normalize(plain)
    assert "\r" not in plain


@pytest.mark.parametrize(
    "written",
    [
        "gm",
        "No. 1: it costs 3.50. Really...",
        "Привет. Как дела?",
        "早上好。“好”……",
        "a\u00a0b – c",
    ],
)
def test_a_common_text_imports_no_heavy_parser(written: str) -> None:
    script = (
        "import sys; from twitter_core import text, thread; from twitter_core.post import Post\n"
        "text.weigh(sys.argv[1]), text.addresses(sys.argv[1]), thread.split(Post(sys.argv[1]))\n"
        "print(*sorted({'twitter_text', 'regex', 'pkg_resources'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, written], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("unit", ["a.", "a.a.a.a._.com", "中文。", "foo.com/(a.", "_.com", "😀"])
def test_a_crafted_text_takes_no_minutes(unit: str) -> None:
    began = time.perf_counter()
    text.weigh((unit * 4096)[:4096])
    assert time.perf_counter() - began < 5  # parse_tweet takes 20 s for "a.a.a…"
