"""HTML is read as Telegram reads it, and refused in Telegram's words."""

from __future__ import annotations

import pytest

from bot.sandbox import telegram_html
from bot.sandbox.telegram_values import ApiError, cut


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("plain &amp; &lt;b&gt; &copy; &#33;", "plain & <b> &copy; !", []),
        ("<b>a<i>b</i></b>", "ab", [("bold", "ab"), ("italic", "b")]),
        ("😀<u>x</u>", "😀x", [("underline", "x")]),
        ("<a href='https://x.com/?a=1&amp;b'>x</a>", "x", [("text_link", "x")]),
        ("<a href=nowhere>x</a>", "x", []),
        ("<a>https://x.com</a>", "https://x.com", [("text_link", "https://x.com")]),
        ("<STRONG>a</STRONG><b></b>", "a", [("bold", "a")]),
        ('<pre><code class="language-py">x</code></pre>', "x", [("pre", "x")]),
        ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", "q")]),
        ('<span class="tg-spoiler">s</span>', "s", [("spoiler", "s")]),
        ('<tg-emoji emoji-id="5">👍</tg-emoji>', "👍", [("custom_emoji", "👍")]),
    ],
)
def test_tags_become_entities(source: str, text: str, entities: list[tuple[str, str]]) -> None:
    read, found = telegram_html.parse(source)
    assert read == text
    assert [(e["type"], cut(read, e["offset"], e["length"])) for e in found] == entities


def test_links_and_languages_are_kept() -> None:
    _, found = telegram_html.parse('<a href="https://x.com/?a&amp;b">x</a>')
    assert found[0]["url"] == "https://x.com/?a&b"
    _, found = telegram_html.parse('<pre><code class="language-py">x</code></pre>')
    assert found[0]["language"] == "py"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("é<p>", 'Unsupported start tag "p" at byte offset 2'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<a href>x</a>", 'Expected equal sign in declaration of an attribute of the tag "a"'),
        ("<a =x>x</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href='x>", "Unclosed start tag at byte offset 0"),
        ("<a href=(>x</a>", "Unexpected end of name token at byte offset 8"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler"'),
        ("<tg-emoji>x</tg-emoji>", "Invalid custom emoji identifier"),
        ("<b ", 'Unclosed start tag "b" at byte offset 0'),
    ],
)
def test_what_is_no_html_is_refused_with_its_place(source: str, says: str) -> None:
    with pytest.raises(ApiError) as refused:
        telegram_html.parse(source)
    assert refused.value.description.startswith("Bad Request: can't parse entities: ")
    assert says in refused.value.description
