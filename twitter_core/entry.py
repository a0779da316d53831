"""The entry: one post on its way, with all that has to survive a crash. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .errors import Refusal
from .post import Post, Tweet

THERE = "?"  # stands for the id of a tweet that is out, of which only the owner knows


class State(StrEnum):
    """Where an entry stands. The values are stored, so they are never renamed."""

    DRAFT = "draft"
    QUEUED = "queued"
    POSTING = "posting"
    UNCERTAIN = "uncertain"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = (State.DONE, State.CANCELLED)


class Question(StrEnum):
    """What the owner is asked before an entry goes on."""

    PREVIEW = "preview"  # a bare text: post it?
    OLD = "old"  # sent over an hour before it arrived: still post it?
    LATE = "late"  # came after its album was closed: post it as a reply?
    ACCOUNT = "account"  # written for another account than the one signed in
    LOST = "lost"  # perhaps out, and X does not let us look: is it there?
    PARENT = "parent"  # continues a post that did not go out: post it on its own?


@dataclass(frozen=True, slots=True)
class Upload:
    """A media id as X gave it. `way` is `v1.1` or `v2`; `expires_at` in epoch seconds."""

    media_id: str
    expires_at: float
    uploader: str = ""
    way: str = ""
    alt: str = ""  # the alt text that X was told


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one tweet, saved before it is sent, with all that a look-up needs."""

    index: int
    text: str
    media_ids: tuple[str, ...]
    account: str
    started_at: float
    reply_to: str = ""
    ended_at: float | None = None
    absences: tuple[float, ...] = ()
    called_duplicate: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """Why X (or Telex, before asking X) said no; `detail` is X's own sentence."""

    refusal: Refusal
    detail: str = ""
    earlier: str = ""  # for a duplicate: the id of the older post, where it was found


@dataclass(frozen=True, slots=True)
class Entry:
    """One post on its way, or a while after its end. Times are epoch seconds.

    `seq` is its place in the line; `uploads` runs parallel to `post.media`; `posted` holds the
    ids of the tweets that are out; `follows` is the key of the entry whose thread it continues.
    """

    key: str
    state: State
    post: Post
    came_at: float
    seq: int = 0
    question: Question | None = None
    open_until: float | None = None
    tweets: tuple[Tweet, ...] = ()
    uploads: tuple[Upload | None, ...] = ()
    posted: tuple[str, ...] = ()
    account: str = ""
    follows: str = ""
    reply_to: str = ""
    attempt: Attempt | None = None
    first_try_at: float | None = None
    reuploaded: bool = False
    not_before: float = 0.0
    tries: int = 0
    failure: Failure | None = None
    held_up: bool = False
    rechecks: tuple[Attempt, ...] = ()
    doubles: tuple[str, ...] = ()
    deleting: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    ended_at: float | None = None
    recorded: bool = False
    shown: bool = False

    @property
    def needs_owner(self) -> bool:
        """Whether nothing happens before the owner presses something."""
        return self.state in (State.DRAFT, State.FAILED) or (
            self.state is State.UNCERTAIN and self.question is not None
        )

    @property
    def waits_for_parent(self) -> bool:
        """Whether the post whose thread it continues has not gone out yet."""
        return bool(self.follows) and not self.reply_to and not self.posted

    @property
    def settled(self) -> bool:
        """Whether it has ended and nothing is left to be done about it, here or on X."""
        at_rest = self.state in ENDED and not self.rechecks and not self.deleting
        return at_rest and self.recorded and self.shown
