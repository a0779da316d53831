"""Alt texts in captions."""

from __future__ import annotations

import pytest

from bot import alts


@pytest.mark.parametrize(
    ("caption", "text", "found"),
    [
        ("Harbour", "Harbour", ()),
        ("", "", ()),
        ("Harbour\nalt: Boats", "Harbour", ("Boats",)),
        ("alt: Boats", "", ("Boats",)),
        ("Harbour\n\nALT : Boats\nalt:A gull", "Harbour", ("Boats", "A gull")),
        ("Harbour\nalt: Boats\n\nalt: A gull\n", "Harbour", ("Boats", "A gull")),
        ("Harbour\nalt:\nalt: A gull", "Harbour", ("", "A gull")),
        ("alt: no\nHarbour", "alt: no\nHarbour", ()),
        ("Say alt: no", "Say alt: no", ()),
        ("Salt: no", "Salt: no", ()),
    ],
)
def test_lines_at_the_end_are_alt_texts_in_the_order_of_the_pictures(
    caption: str, text: str, found: tuple[str, ...]
) -> None:
    assert alts.split(caption) == (text, found)


@pytest.mark.parametrize(
    ("words", "pictures", "at", "read"),
    [
        ("A quay", 1, None, ((0, "A quay"),)),
        ("A quay\nin fog", 1, None, ((0, "A quay\nin fog"),)),
        ("2: of 3", 1, None, ((0, "2: of 3"),)),  # there is one, so it is no number of a picture
        ("A gull", 3, 2, ((2, "A gull"),)),
        ("1: A\n2: B", 3, 1, ((1, "1: A\n2: B"),)),
        ("A\nB\nC", 3, None, ((0, "A"), (1, "B"), (2, "C"))),
        ("A\n\nC", 3, None, ((0, "A"), (2, "C"))),
        ("A", 3, None, ((0, "A"),)),
        ("2: B", 3, None, ((1, "B"),)),
        ("3. C\n1) A", 3, None, ((0, "A"), (2, "C"))),
        ("2: B\nand more\n3: C", 3, None, ((1, "B\nand more"), (2, "C"))),
        ("A\n2: B", 2, None, ((0, "A"), (1, "2: B"))),
        ("", 2, None, ()),
        (" \n ", 1, None, ()),
        ("2:", 2, None, ()),
        ("x" * 1000, 1, None, ((0, "x" * 1000),)),
        ("x" * 1001, 1, None, alts.Misfit(1, 1, length=1001)),
        ("1: A\n2: " + "x" * 1200, 2, None, alts.Misfit(2, 2, length=1200)),
        ("4: D", 3, None, alts.Misfit(3, 4)),
        ("0: D", 3, None, alts.Misfit(3, 0)),
        ("A\nB\nC", 2, None, alts.Misfit(2, lines=3)),
    ],
)
def test_which_picture_gets_which_alt_text(
    words: str, pictures: int, at: int | None, read: tuple[tuple[int, str], ...] | alts.Misfit
) -> None:
    assert alts.read(words, pictures, at) == read
