"""Every refusal becomes a sentence with what helps, and with its number."""

from __future__ import annotations

import pytest

from bot.words import advice, sentences
from twitter_core.errors import Refusal

NUMBERS = {
    Refusal.FILE_TOO_LARGE: "31.0 MB",
    Refusal.ALT_TOO_LONG: "1001 characters",
    Refusal.MOVES: "WebP",
    Refusal.NOT_A_PICTURE: "a ZIP archive",
    Refusal.TOO_SMALL: "3 x 90 pixels",
    Refusal.TOO_MANY_PIXELS: "2500 megapixels",
    Refusal.GIF_SIZE: "17.1 MB",
    Refusal.GIF_SIDES: "1920 x 1080",
    Refusal.GIF_FRAMES: "351 frames",
    Refusal.GIF_PIXELS: "301 million pixels",
    Refusal.VIDEO_SIZE: "600.0 MB",
    Refusal.VIDEO_LENGTH: "200.0 seconds",
    Refusal.VIDEO_SHORT: "0.40 seconds",
    Refusal.VIDEO_SIDES: "1920 x 1080",
    Refusal.VIDEO_SHAPE: "1200 x 300",
    Refusal.VIDEO_FRAME_RATE: "120 frames a second",
}
OWN = list(Refusal)[list(Refusal).index(Refusal.FILE_GONE) :]


@pytest.mark.parametrize("refusal", OWN)
def test_whatever_telex_itself_refuses_is_a_whole_sentence(refusal: Refusal) -> None:
    for detail in ("", NUMBERS.get(refusal, "")):
        said = advice.on(refusal, detail)
        assert len(said) > 30 and said.endswith(".")
        assert said[0].islower() or said.startswith(("X ", "Telegram "))
        assert "{" not in said and "()" not in said and "  " not in said
        helps = any(word in said for word in ("Send", "send", "press Try again"))
        assert helps or refusal is Refusal.NO_VIDEO


@pytest.mark.parametrize(("refusal", "number"), NUMBERS.items())
def test_the_number_is_told(refusal: Refusal, number: str) -> None:
    assert f"({number})" in sentences.failed(refusal, number, "")


def test_what_x_says_is_never_taken_for_a_number() -> None:
    said = sentences.failed(Refusal.MEDIA_TOO_LARGE, "Request Entity Too Large", "")
    assert said == "Not posted: X finds the file too large. Send a smaller one."
