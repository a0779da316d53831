"""The entry: one post on its way, with all that has to survive a crash. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from .errors import Refusal
from .post import Media, Post, Tweet

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
    TOO_LONG = "too_long"  # does not fit one post, and threads are off: a thread all the same?
    PARENT = "parent"  # continues a post that did not go out: post it on its own?
    CONFIRM = "confirm"  # the owner wants to be asked about every post
    COSTLY = "costly"  # has a link, and the owner wants to be asked about these
    BUDGET = "budget"  # the month would cost more than the owner's budget
    STOPPED = "stopped"  # taken back while it was held: post it after all?
    OVERDUE = "overdue"  # its time is long past: still post it?
    WHEN = "when"  # its time could not be read: when shall it go out?


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
    of_deletion: bool = False  # it is the post whose place this one takes that X did not delete


@dataclass(frozen=True, slots=True)
class Words:
    """What one message behind a post says, as far as is known; an album has several.

    `edited` is when it was changed last, and the number of that change; `media` is what stands
    there by now in place of what came first.
    """

    order: int
    text: str = ""
    alts: tuple[str, ...] = ()
    edited: tuple[float, int] = (0.0, 0)
    media: Media | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One post on its way, or a while after its end. Times are epoch seconds.

    `seq` is its place in the line; `uploads` runs parallel to `post.media`; `posted` holds the
    ids of the tweets that are out; `follows` is the key of the entry whose thread it continues.
    `ask` is what the owner is to be asked once it is complete, `cost` what X has charged for it by
    our count, in US dollars.
    `hold` are the seconds for which it can be stopped before it is sent, and `held_until` is their
    end. `due` is the time it is scheduled for, `wall` the local time and zone behind that where it
    is the local time that counts, and `stale_at` when it is too late to post it without asking.
    `words` are what its messages say, and `rewritten` tells that they were changed since it was
    made of them. `heir` is the key of the post that takes its place, and while it is `spared` it is
    deleted only once that is ready; `replaces` is the key of the one whose place it takes, which is
    deleted while it is `clearing`.
    """

    key: str
    state: State
    post: Post
    came_at: float
    seq: int = 0
    question: Question | None = None
    ask: Question | None = None
    over_budget: bool = False  # the owner has said that it may be
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
    hold: float = 0.0
    held_until: float | None = None
    due: float | None = None
    wall: str = ""
    stale_at: float | None = None
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
    cost: Decimal = Decimal(0)
    words: tuple[Words, ...] = ()
    rewritten: bool = False
    heir: str = ""
    spared: bool = False
    replaces: str = ""
    clearing: bool = False

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
    def waits_for_other(self) -> bool:
        """Whether another post has to go out, or has to go, before it can."""
        return self.waits_for_parent or self.clearing

    @property
    def settled(self) -> bool:
        """Whether it has ended and nothing is left to be done about it, here or on X."""
        at_rest = self.state in ENDED and not self.rechecks and not self.deleting
        return at_rest and self.recorded and self.shown
