"""How X counts and reads a text: weighted length and addresses. Changes no text but for NFC."""

from __future__ import annotations

import re
import unicodedata

from . import atoms

# These weigh 2, all others 1. Source: https://docs.x.com/fundamentals/counting-characters
_HEAVY = re.compile("[^\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
_LINE_END = re.compile("\r\n?")


def normalize(text: str) -> str:
    """`text` as X stores it: NFC, lines ended by a line feed, without white space around it."""
    return _compose(text).strip()


def weigh(text: str) -> int:
    """The weighted length of `text` by X's rules (an address 23, an emoji 2, most else 1 or 2).

    Source: https://docs.x.com/fundamentals/counting-characters
    """
    text = _compose(text)
    found = atoms.find(text)
    weight = _plain(text)
    return weight + sum(atom.weight - _plain(text[atom.start : atom.end]) for atom in found)


def addresses(text: str) -> tuple[str, ...]:
    """What X takes for an address in `text`, in order (`README.md` is one): each costs money."""
    return tuple(url for _, url in atoms.addresses(_compose(text)))


def weights(text: str, found: list[atoms.Atom]) -> list[int]:
    """What each character of `text` (in NFC) adds to its weight; `found` are its atoms.

    An atom's whole weight stands at its first character.
    """
    each = [1] * len(text)
    for heavy in _HEAVY.finditer(text):
        each[heavy.start()] = 2
    for atom in found:
        each[atom.start : atom.end] = [atom.weight] + [0] * (atom.end - atom.start - 1)
    return each


def _compose(text: str) -> str:
    return _LINE_END.sub("\n", unicodedata.normalize("NFC", text))


def _plain(text: str) -> int:
    return len(text) if text.isascii() else len(text) + len(_HEAVY.findall(text))
