"""The links in a text, as X counts them, and the text without them. Pure.

X takes `README.md` for a link as well, and a post with a link costs more than ten times as much.
"""

from __future__ import annotations

import functools
import re

from . import atoms, text

# The zero width non-joiner before a dot: what is read stays the same and is no address any more.
# Of the characters that nobody sees it is the one that X keeps for sure, for Persian needs it.
BREAK = "\u200c"

_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_EMPTY = re.compile(r"\(\s*\)|\[\s*\]|<\s*>|“\s*”")
_SPACES = re.compile(r"[^\S\n]{2,}")
_AROUND_LINE_END = re.compile(r"[^\S\n]*\n[^\S\n]*")
_GAP = re.compile(r"\n{3,}")
_ROUNDS = 3


@functools.lru_cache(maxsize=256)
def find(content: str) -> tuple[str, ...]:
    """What X takes for a link in a text, in order."""
    return text.addresses(content)


def stays(link: str) -> bool:
    """Whether a link is rather a word, which is kept as such where links are taken out."""
    return not _SCHEME.match(link) and "/" not in link


def without(content: str) -> str:
    """A text without links: addresses are left out, and words that count as one are kept.

    Empty where there was nothing else.
    """
    content = text.normalize(content)
    for _ in range(_ROUNDS):
        if not (found := list(atoms.addresses(content))):
            return content
        content = _take_out(content, found)
    return content.replace(".", f"{BREAK}.")  # whatever is left: nothing with a broken dot is one


def _take_out(content: str, found: list[tuple[int, str]]) -> str:
    has_gone = False
    for start, link in reversed(found):
        is_word = stays(link)
        instead = link.replace(".", f"{BREAK}.") if is_word else ""
        content = content[:start] + instead + content[start + len(link) :]
        has_gone |= not is_word
    if has_gone:
        content = _SPACES.sub(" ", _EMPTY.sub("", content))
        content = _GAP.sub("\n\n", _AROUND_LINE_END.sub("\n", content)).strip()
    return content
