"""Alt texts in a caption: lines `alt: …` at its end, one a picture in order. Pure.

Harbour at dawn
alt: Fishing boats at a stone quay, fog behind them
alt: A gull on a bollard
"""

from __future__ import annotations

import re

_LINE = re.compile(r"alt\s*:\s*(?P<words>.*)", re.IGNORECASE)


def split(caption: str) -> tuple[str, tuple[str, ...]]:
    """The caption without the lines, and the alt texts. A line without words skips a picture."""
    lines = caption.rstrip().split("\n")
    alts: list[str] = []
    while lines and (found := _LINE.fullmatch(lines[-1].strip())):
        alts.insert(0, found["words"].strip())
        lines.pop()
        while lines and not lines[-1].strip() and alts:
            lines.pop()
    return "\n".join(lines).rstrip(), tuple(alts)
