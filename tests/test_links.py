"""Links: found as X counts them, and taken out so that none is left and the words still read well."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from twitter_core import links, text

BROKEN = "README\u200c.md"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("nothing here, e.g. 1.5", "nothing here, e.g. 1.5"),
        ("See README.md", f"See {BROKEN}"),
        ("README.md and foo.co.uk", f"{BROKEN} and foo\u200c.co\u200c.uk"),
        ("Read https://example.org/a?b=c#d now", "Read now"),
        ("Read HTTPS://EXAMPLE.ORG now", "Read now"),
        ("Read this: https://example.org", "Read this:"),
        ("https://example.org", ""),
        ("our site (https://example.org) is up", "our site is up"),
        ("“https://example.org” is up", "is up"),
        ("one\n\nhttps://example.org\n\ntwo", "one\n\ntwo"),
        ("example.org/news is up", "is up"),
        ("two  spaces stay  without a link", "two  spaces stay  without a link"),
        ("two  spaces README.md", f"two  spaces {BROKEN}"),
        ("me@example.org", "me@example.org"),
        ("part https://a.de/x\n---\nother b.de", "part\n---\nother b\u200c.de"),
    ],
)
def test_addresses_go_and_words_stay(before: str, after: str) -> None:
    assert links.without(before) == after
    assert text.addresses(after) == ()


def test_a_word_reads_as_before_and_weighs_next_to_nothing_more() -> None:
    assert BROKEN.replace(links.BREAK, "") == "README.md"
    assert text.weigh(BROKEN) == len("README.md") + 1


@pytest.mark.parametrize(
    ("link", "stays"),
    [("README.md", True), ("a.co.uk", True), ("http://a.de", False), ("a.de/b", False)],
)
def test_only_a_bare_word_is_kept(link: str, stays: bool) -> None:
    assert links.stays(link) is stays


WORDS = "https:// http:// www. a.de README.md /x?y=z.de . .. com - @ # ( ) é 中.中国 t.co/a a.b.c.com _ :"
PIECES = some.sampled_from([*WORDS.split(), " ", "\n", "👍", "\u200c"])


@given(some.lists(PIECES, max_size=12).map("".join))
def test_whatever_the_text_no_link_is_left(content: str) -> None:
    assert links.find(links.without(content)) == ()
