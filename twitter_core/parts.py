"""Cuts a text that is too long for one tweet, at the best places that fill the tweets well."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from . import atoms, breaks, text
from .breaks import Rank

# How full a tweet must be to end at a place of that rank, as a share of the room.
FILL: Final = {
    Rank.PARAGRAPH: 1 / 2,
    Rank.LINE: 1 / 2,
    Rank.SENTENCE: 1 / 3,
    Rank.CLAUSE: 1 / 2,
    Rank.WORD: 1 / 4,
    Rank.GRAPHEME: 0,
    Rank.CODE_POINT: 0,
}
WIDOW: Final = 1 / 6  # the last tweet is to be fuller than this


def cut(whole: str, room: int) -> tuple[str, ...]:
    """The parts of `whole` (normalized), none empty, each at most `room` by `text.weigh`.

    Joined again they are `whole`, but for white space at the cuts. An address or an emoji is never
    cut, and a grapheme only where it alone is heavier than `room`.
    """
    found = atoms.find(whole)
    upto = list(accumulate(text.weights(whole, found), initial=0))
    if upto[-1] <= room:
        return (whole,) if whole else ()
    sheet = _Sheet(whole, upto, breaks.find(whole, found))
    parts = []
    start = 0
    while sheet.add(start, len(whole)) > room or sheet.weigh(start, len(whole)) > room:
        end = _end(sheet, start, room)
        parts.append(whole[start:end])
        start = sheet.breaks.resume(end)
    return (*parts, whole[start:])


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A text with its weights and breaks."""

    text: str
    upto: list[int]  # what text[:n] weighs
    breaks: breaks.Breaks

    def add(self, start: int, end: int) -> int:
        """What is between two breaks weighs as a piece of the whole."""
        return self.upto[end] - self.upto[start]

    def weigh(self, start: int, end: int) -> int:
        """What it weighs by itself: a cut can make an address of what was none.

        Not if it is made at a space or at a line's end: there every address ends, too. (But in
        front of one, the first character of a text counts for more if it is not of ASCII.)
        """
        part = self.text[start:end]
        alike = "." not in part or (
            (start == 0 or (self.text[start - 1] in " \n" and part[0].isascii()))
            and self.text[end : end + 1] in " \n"
        )
        return self.add(start, end) if alike else text.weigh(part)

    def ends(self, rank: Rank, start: int, least: float, most: float) -> tuple[int, ...]:
        """The breaks that make a part from `start` on of a weight between `least` and `most`."""
        ends = self.breaks.ends[rank]
        before = self.upto[start]
        first = bisect_left(ends, before + max(least, 1), key=self.upto.__getitem__)
        return ends[first : bisect_right(ends, before + most, first, key=self.upto.__getitem__)]


def _end(sheet: _Sheet, start: int, room: int) -> int:
    """Where the part ends that begins at `start`."""
    tried = room
    while end := _choose(sheet, start, tried):
        weight = sheet.weigh(start, end)
        if weight <= room:
            return end
        added = sheet.add(start, end)
        tried = min(added - 1, added * room // weight)
    return sheet.ends(Rank.CODE_POINT, start, 0, math.inf)[0]  # nothing is so small


def _choose(sheet: _Sheet, start: int, room: int) -> int | None:
    """The best break that leaves a part of at most `room`, None where there is none.

    It has the best rank. If all the rest goes into two parts, it makes them most alike; else it
    fills this one most.
    """
    rest = sheet.add(start, len(sheet.text))
    middle = sheet.upto[start] + rest / 2
    for rank, share in FILL.items():
        widow = WIDOW * room if share else 0
        most = min(room, rest - widow)
        if rest <= 2 * room and (ends := sheet.ends(rank, start, max(rest - room, widow), most)):
            return min(ends, key=lambda end: abs(sheet.upto[end] - middle))
        if ends := sheet.ends(rank, start, share * room, most):
            return ends[-1]
    return None
