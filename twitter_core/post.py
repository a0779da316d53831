"""What the owner means (`Post`) and what X will get (`Tweet`). Pure values, no rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The three sorts of media that X tells apart (its media categories)."""

    PHOTO = "photo"
    GIF = "gif"
    VIDEO = "video"


class WhoMayReply(StrEnum):
    """X's `reply_settings`; leaving it out means everyone."""

    FOLLOWING = "following"
    MENTIONED = "mentionedUsers"
    SUBSCRIBERS = "subscribers"
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class Media:
    """One picture, GIF or video. `ref` is whatever finds its bytes again.

    `order` sorts the items of an album; `size` is in bytes, None where unknown.
    """

    ref: str
    kind: Kind = Kind.PHOTO
    alt: str = ""
    order: int = 0
    size: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Poll:
    """2 to 4 options of 1 to 25 characters; open for 5 to 10080 minutes."""

    options: tuple[str, ...]
    minutes: int = 1440


@dataclass(frozen=True, slots=True)
class Flags:
    """What a post says about itself on X."""

    made_with_ai: bool = False
    paid_partnership: bool = False
    who_may_reply: WhoMayReply | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """How a text that is too long becomes a thread: not at all, or with " (1/3)" at its parts."""

    threads: bool = True
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """What the owner means: a text of any length with any number of media, or a poll.

    `alts` are alt texts for the media in their order, where these have none of their own; `footer`
    stands at the end of the text, in a paragraph of its own. What is `unlinked` goes out without
    its links.
    """

    text: str = ""
    media: tuple[Media, ...] = ()
    poll: Poll | None = None
    flags: Flags = Flags()
    alts: tuple[str, ...] = ()
    cut: Cut = Cut()
    footer: str = ""
    unlinked: bool = False

    def alt(self, index: int) -> str:
        """The alt text of the medium at `index`; X takes none for videos."""
        if self.media[index].kind is Kind.VIDEO:
            return ""
        own = self.media[index].alt
        return own or (self.alts[index] if index < len(self.alts) else "")


@dataclass(frozen=True, slots=True)
class Tweet:
    """One post as X will get it. `media` are positions in the `media` of its `Post`."""

    text: str
    media: tuple[int, ...] = ()
    poll: Poll | None = None
    flags: Flags = Flags()
