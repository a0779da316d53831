"""How X counts and reads a text: weighted length and addresses. Changes no text but for NFC."""

from __future__ import annotations

import importlib.resources
import sys
import unicodedata
from types import ModuleType
from typing import Any


def normalize(text: str) -> str:
    """`text` as X stores it: NFC, without white space around it."""
    return unicodedata.normalize("NFC", text).strip()


def weigh(text: str) -> int:
    """The weighted length of `text` by X's rules (an address 23, an emoji 2, most else 1 or 2).

    Source: https://docs.x.com/fundamentals/counting-characters
    """
    if text.isascii() and "." not in text:  # no address without a dot: spare the parser's import
        return len(text)
    return int(_parser().parse_tweet(unicodedata.normalize("NFC", text)).weightedLength)


def addresses(text: str) -> tuple[str, ...]:
    """What X takes for an address in `text`, in order (`README.md` is one): each costs money."""
    if "." not in text:
        return ()
    return tuple(str(found["url"]) for found in _parser().extract_urls_with_indices(text))


def _parser() -> Any:
    """twitter_text, imported only where it is needed: it takes 12 MB and 0.1 s.

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
