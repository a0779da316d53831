"""Where a text may be cut: from the end of a paragraph down to a place between two code points.

Knows scripts with and without spaces between words, but no dictionary of any.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from .atoms import Atom


class Rank(IntEnum):
    """What ends at a break; the lower, the better the place."""

    PARAGRAPH = 0
    LINE = 1
    SENTENCE = 2
    CLAUSE = 3
    WORD = 4
    GRAPHEME = 5
    CODE_POINT = 6  # inside a grapheme: for one that is longer than a tweet
    NONE = 7


@dataclass(frozen=True, slots=True)
class Breaks:
    """`ends[rank]`: where a part may end, at places of that rank and of better ones."""

    ends: tuple[tuple[int, ...], ...]
    spaces: dict[int, int]  # from where to where there is white space

    def resume(self, end: int) -> int:
        """Where the part begins that follows the one that ends at `end`."""
        return self.spaces.get(end, end)


_SPACE = re.compile(r"\s+")
_NO_BREAK = re.compile("[\u00a0\u2007\u202f]+")  # spaces that hold together what is around them
_TAG = re.compile(r"[#＃]\w+")


def find(text: str, atoms: Iterable[Atom]) -> Breaks:
    """All places where `text`, in NFC and without white space around it, may be cut.

    None is inside an atom, and white space at a break belongs to neither part.
    """
    patterns = _patterns()
    ranks = [Rank.CODE_POINT] * (len(text) + 1)
    for grapheme in patterns.grapheme.finditer(text):
        ranks[grapheme.end()] = Rank.GRAPHEME

    better = dict.fromkeys((found.end() for found in patterns.clause.finditer(text)), Rank.CLAUSE)
    better |= dict.fromkeys(
        (found.end() for found in patterns.sentence.finditer(text)), Rank.SENTENCE
    )
    tags = {at for tag in _TAG.finditer(text) for at in range(tag.start() + 1, tag.end())}
    for found in patterns.unspaced.finditer(text):
        at = found.start()
        if ranks[at] is Rank.GRAPHEME and at not in tags:
            ranks[at] = better.get(at, Rank.WORD)

    spaces = {}
    for found in _SPACE.finditer(text):
        start, end = found.span()
        lines = found[0].count("\n")
        if Rank.CODE_POINT not in (ranks[start], ranks[end]):  # else a mark stands on the space
            if lines:
                ranks[start] = Rank.LINE if lines == 1 else Rank.PARAGRAPH
            elif not _NO_BREAK.fullmatch(found[0]):
                ranks[start] = better.get(start, Rank.WORD)
        else:
            ranks[start] = Rank.CODE_POINT
        ranks[start + 1 : end + 1] = [Rank.NONE] * (end - start)
        spaces[start] = end

    for atom in atoms:
        ranks[atom.start + 1 : atom.end] = [Rank.NONE] * (atom.end - atom.start - 1)
    inner = range(1, len(text))
    return Breaks(
        tuple(tuple(at for at in inner if ranks[at] <= rank) for rank in Rank if rank < Rank.NONE),
        spaces,
    )


@dataclass(frozen=True, slots=True)
class _Patterns:
    grapheme: Any
    clause: Any
    sentence: Any
    unspaced: Any


@functools.cache
def _patterns() -> _Patterns:
    import regex  # 10 ms, for texts that need cutting only

    close = r"[\p{SB=CL}--\p{lb=OP}]*+"
    wide = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}"
    never_first = r"\p{lb=CL}\p{lb=CP}\p{lb=EX}\p{lb=NS}\p{lb=CJ}\p{lb=IS}\p{lb=IN}\p{lb=PO}"
    together = r"\s\p{lb=QU}\p{lb=GL}\p{lb=WJ}\p{lb=CM}\p{lb=ZWJ}"
    return _Patterns(
        # In Thai and Lao some vowels stand before their consonant, and some behind it.
        grapheme=regex.compile(
            "[\u0e40-\u0e44\u0ec0-\u0ec4]*"
            r"\X"
            "[\u0e2f\u0e30\u0e32\u0e33\u0e45\u0e46\u0eaf\u0eb0\u0eb2\u0eb3\u0ec6]*"
        ),
        clause=regex.compile(rf"(?V1)[,;:،؛、，；：—–]{close}"),
        # A short word before a dot may be an abbreviation, a single letter an initial.
        sentence=regex.compile(
            rf"""(?V1x)
              \p{{SB=ST}} {close}
            | (?<! \b (?: Mr | Mrs | Ms | Dr | St | Prof ) )
              (?: (?<= \w{{4}} ) \. (?! \.) {close}
                | (?: (?<= \p{{L}}{{2}} | [^\w\s] ) \. (?! \.) | (?<! \.) \.{{2,}}+ | … )
                  {close} (?! \s* \p{{Ll}} )
              )
            """
        ),
        # Between words that no space parts: Chinese and Japanese, and where there is a mark for
        # it. Punctuation stays with what it belongs to, and so do a number and its unit.
        unspaced=regex.compile(
            rf"""(?V1x)
              (?<= [{wide}、。，．！？：；\u200b\u0f0b] )
              (?! [{never_first}{together}\p{{Extended_Pictographic}}] )
              (?! (?<= [\p{{Katakana}}ー] ) \p{{Katakana}} )
            | (?<! [\p{{lb=OP}}\p{{lb=PR}}\d{together}] )
              (?= [[{wide}]--[{never_first}]] )
              (?! (?<= [\p{{Katakana}}ー] ) \p{{Katakana}} )
            """
        ),
    )
