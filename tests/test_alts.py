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
