"""One thing that was looked at: what was seen, whether that is right, and how to mend it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What a finding comes to. A note is worth a look; Telex works all the same."""

    RIGHT = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """`seen` goes on from the topic; `mend` is one sentence, empty where there is nothing to do."""

    topic: str
    verdict: Verdict
    seen: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """Findings that belong together."""

    title: str
    findings: tuple[Finding, ...]


def right(topic: str, seen: str) -> Finding:
    return Finding(topic, Verdict.RIGHT, seen)


def note(topic: str, seen: str, mend: str = "") -> Finding:
    return Finding(topic, Verdict.NOTE, seen, mend)


def wrong(topic: str, seen: str, mend: str) -> Finding:
    return Finding(topic, Verdict.WRONG, seen, mend)
