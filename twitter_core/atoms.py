"""What X counts as one thing in a text, however long it is written: addresses and emoji.

Leaves the judgement to twitter_text, but shows it only the few characters that matter: a whole
text takes it long, and a crafted one ("a.a.a.a…") minutes.
"""

from __future__ import annotations

import functools
import importlib.resources
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

from .limits import EMOJI_WEIGHT, URL_LENGTH, URL_WEIGHT

DOMAIN_LENGTH: Final = 253  # RFC 1035, and so is the next
LABEL_LENGTH: Final = 63

# An address holds a dot with a letter behind it, and an emoji one of these characters. A text
# without them is spared the parser's import: 10 MB and 0.1 s.
_DOT = re.compile(r"\.[^\W\d_]")
_EMOJI_RUN = re.compile(
    "[#*0-9]?[\u00a9\u00ae\u200d\u203c\u2049\u20e3\u2122-\u2bff\u3030\u303d\u3297\u3299\ufe0f"
    "\U0001f000-\U0001faff\U000e0020-\U000e007f]+"
)


@dataclass(frozen=True, slots=True)
class Atom:
    """`text[start:end]`, which X counts as `weight`."""

    start: int
    end: int
    weight: int


def find(text: str) -> list[Atom]:
    """The addresses and emoji of `text` (in NFC), in order; none overlaps another."""
    found = [Atom(start, start + len(url), URL_WEIGHT) for start, url in addresses(text)]
    found += [Atom(start, end, EMOJI_WEIGHT) for start, end in _emoji(text)]
    found.sort(key=lambda atom: atom.start)  # where both begin, the address stays in front
    atoms: list[Atom] = []
    for atom in found:
        if not atoms or atom.start >= atoms[-1].end:
            atoms.append(atom)
    return atoms


def addresses(text: str) -> Iterator[tuple[int, str]]:
    """What X takes for an address in `text`, in order, each with the position where it begins."""
    if not _DOT.search(text):
        return
    parser, patterns = _parser(), _patterns()
    done = 0
    while dot := patterns.dot.search(text, done):
        # The pattern for an address takes long where there is none: it sees one domain at a time.
        begin = max(done, dot.start() - DOMAIN_LENGTH - len(" https://"))
        end = patterns.domain.match(text, dot.start(), dot.start() + DOMAIN_LENGTH).end()
        if found := patterns.address.search(text, begin, end + 1):
            found = patterns.address.match(text, found.start(), found.start() + 2 * URL_LENGTH)
            done = dot.end()
        else:  # nor is there one at any other dot so far
            done = max(dot.end(), end - LABEL_LENGTH)
        if found:
            for url in parser.extract_urls_with_indices(found[0]):
                yield found.start() + url["indices"][0], url["url"]
            done = max(done, found.end())


def _emoji(text: str) -> Iterator[tuple[int, int]]:
    for run in _EMOJI_RUN.finditer(text):
        for emoji in _parser().regexp.emoji.emoji.finditer(text, *run.span()):
            yield emoji.span()


@dataclass(frozen=True, slots=True)
class _Patterns:
    address: re.Pattern[str]
    domain: Any  # what the name of a domain is made of, whether or not there is one
    dot: re.Pattern[str]  # the last one of a domain: ".com", ".みんな"


@functools.cache
def _patterns() -> _Patterns:
    parts = _parser().regexp
    tops = (
        parts.valid_gtld.valid_gtld,
        parts.valid_cctld.valid_cctld,
        parts.valid_punycode.valid_punycode,
    )
    return _Patterns(
        address=parts.extract_url.extract_url,
        domain=re.compile(f"(?:{_source(parts.valid_domain_chars.valid_domain_chars)}|[-_.])+"),
        dot=re.compile(rf"\.(?:{'|'.join(map(_source, tops))})", re.IGNORECASE),
    )


def _source(pattern: str | re.Pattern[str]) -> str:
    return pattern if isinstance(pattern, str) else pattern.pattern


def _parser() -> Any:
    """twitter_text, imported only where it is needed.

    It wants `pkg_resources` for one file of its own; that is gone from newer Pythons, and heavy
    where it is not.
    """
    if "twitter_text" not in sys.modules:
        before = sys.modules.get("pkg_resources")
        ours: Any = ModuleType("pkg_resources")
        ours.resource_string = _read_resource
        sys.modules["pkg_resources"] = ours
        try:
            import twitter_text  # noqa: F401 - found in sys.modules below
        finally:
            if before is None:
                del sys.modules["pkg_resources"]
            else:
                sys.modules["pkg_resources"] = before
    return sys.modules["twitter_text"]


def _read_resource(module: str, name: str) -> bytes:
    return importlib.resources.files(module.rpartition(".")[0]).joinpath(name).read_bytes()
