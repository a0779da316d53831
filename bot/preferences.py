"""How the owner wants things done, as chosen in the chat. Values only; `habits` keeps them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from twitter_core.entry import Question
from twitter_core.post import Cut, Flags, Post, WhoMayReply

UNDO = (0, 5, 10, 30)  # seconds to choose from


class Mode(StrEnum):
    """When the owner is asked before a post with media goes out. The values are stored."""

    AT_ONCE = "at_once"
    CONFIRM = "confirm"
    COSTLY = "costly"  # ask where it costs more: a post with a link


@dataclass(frozen=True, slots=True)
class Preferences:
    """All choices, with what holds where none was made.

    `undo` is in seconds, `zone` a name of the IANA time zone database (empty: not chosen),
    `budget` in US dollars a month, `slots` are what `/slots` was given.
    """

    mode: Mode = Mode.AT_ONCE
    undo: int = 0
    threads: bool = True
    numbered: bool = False
    names_as_links: bool = False
    footer: str = ""
    made_with_ai: bool = False
    paid_partnership: bool = False
    who_may_reply: WhoMayReply | None = None
    quiet: bool = False
    zone: str = ""
    slots: tuple[str, ...] = ()
    budget: Decimal | None = None

    @property
    def ask(self) -> Question | None:
        """What is asked before a post with media or a poll goes out."""
        return {Mode.CONFIRM: Question.CONFIRM, Mode.COSTLY: Question.COSTLY}.get(self.mode)

    def shape(self, post: Post) -> Post:
        """`post` with what holds for every post."""
        return replace(
            post,
            flags=Flags(self.made_with_ai, self.paid_partnership, self.who_may_reply),
            cut=Cut(self.threads, self.numbered),
            footer=self.footer,
        )
