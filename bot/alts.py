"""Alt texts as the owner writes them: behind `/alt`, or in the last lines of a caption. Pure.

Harbour at dawn
alt: Fishing boats at a stone quay, fog behind them
alt: A gull on a bollard
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from twitter_core.limits import ALT_TEXT_LENGTH
from twitter_core.text import normalize

_LINE = re.compile(r"alt\s*:\s*(?P<words>.*)", re.IGNORECASE)
_NUMBERED = re.compile(r"(?P<number>\d{1,3})\s*[:.)]\s*(?P<words>.*)")


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


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why it does not fit: an alt text of that `length`, a picture of a `number` that is not there,
    or more `lines` than pictures.
    """

    pictures: int
    number: int | None = None
    length: int = 0
    lines: int = 0


def read(words: str, pictures: int, at: int | None = None) -> tuple[tuple[int, str], ...] | Misfit:
    """Which picture (from 0 on) gets which alt text; empty where nothing is said.

    `at` is the picture that was meant, where that is known. Of several, `2: …` is the second one's,
    and else each line is the next one's; an empty line skips a picture.
    """
    words = normalize(words)
    if at is None and pictures == 1:
        at = 0
    if not words:
        return ()
    lines = [line.strip() for line in words.split("\n")]
    if at is not None:
        found = [(at, words)]
    elif found := _numbered(lines):
        for index, _ in found:
            if not 0 <= index < pictures:
                return Misfit(pictures, index + 1)
    else:
        found = list(enumerate(lines))
        if len(lines) > pictures:
            return Misfit(pictures, lines=len(lines))
    for index, alt in found:
        if len(alt) > ALT_TEXT_LENGTH:
            return Misfit(pictures, index + 1, len(alt))
    return tuple((index, alt) for index, alt in found if alt)


def _numbered(lines: list[str]) -> list[tuple[int, str]]:
    """Lines that begin with the number of a picture; one that does not goes on with the last."""
    found: dict[int, str] = {}
    index = None
    for line in lines:
        if begun := _NUMBERED.fullmatch(line):
            index = int(begun["number"]) - 1
            found[index] = begun["words"]
        elif index is None:
            return []
        else:
            found[index] = f"{found[index]}\n{line}".strip()
    return sorted(found.items())
