"""What Telegram marks by itself, what it takes from a bot, and what it cuts off."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox import telegram_entities
from bot.sandbox.telegram_values import ApiError, cut


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("/post hello", [("bot_command", "/post")]),
        ("/post@telex_bot hi", [("bot_command", "/post@telex_bot")]),
        ("and/or 1/2 /tmp/x", []),
        ("see https://example.com/a_(b)?c=1#d.", [("url", "https://example.com/a_(b)?c=1#d")]),
        (
            "(http://127.0.0.1:8080/callback?code=a&b)",
            [("url", "http://127.0.0.1:8080/callback?code=a&b")],
        ),
        ("go to example.com/x, now", [("url", "example.com/x")]),
        ("a@example.com", [("email", "a@example.com")]),
        (
            "😀 @somebody #tag #1 $TSLA",
            [("mention", "@somebody"), ("hashtag", "#tag"), ("cashtag", "$TSLA")],
        ),
        ("nothing. here at all", []),
    ],
)
def test_texts_are_marked_as_telegram_marks_them(text: str, marks: list[tuple[str, str]]) -> None:
    found = telegram_entities.detect(text)
    assert [(e["type"], cut(text, e["offset"], e["length"])) for e in found] == marks


def test_white_space_around_a_text_is_cut_off_and_the_marks_move_along() -> None:
    text, marks = telegram_entities.trim(
        "  \n bold  ", [{"type": "bold", "offset": 2, "length": 8}]
    )
    assert (text, marks) == ("bold", [{"type": "bold", "offset": 0, "length": 4}])


@pytest.mark.parametrize(
    ("entity", "says"),
    [
        ("bold", "expected an Object"),
        ({"type": "bold", "offset": 0}, '"length" is missing'),
        ({"type": "bold", "offset": "0", "length": 1}, '"offset" is unknown or has a wrong type'),
        ({"type": "loud", "offset": 0, "length": 1}, "unsupported"),
        ({"type": "text_link", "offset": 0, "length": 1}, '"url" is missing'),
        ({"type": "bold", "offset": -1, "length": 1}, "incorrect offset"),
        ({"type": "bold", "offset": 2, "length": 9}, "ends after the end of the text"),
        ({"type": "bold", "offset": 1, "length": 1}, "in a middle of a UTF-16 symbol"),
    ],
)
def test_entities_that_do_not_fit_the_text_are_refused(entity: Any, says: str) -> None:
    with pytest.raises(ApiError) as refused:
        telegram_entities.read("😀 text", None, [entity], 4096, empty=False)
    assert says in refused.value.description


def test_lengths_are_counted_in_utf16_units() -> None:
    telegram_entities.read("😀" * 2048, None, None, 4096, empty=False)
    with pytest.raises(ApiError, match="message is too long"):
        telegram_entities.read("😀" * 2048 + "x", None, None, 4096, empty=False)
