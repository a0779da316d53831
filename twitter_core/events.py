"""What may happen to an entry. Values only; `outbox.step` says what each makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from .entry import Attempt, Failure, Question, Upload, Words
from .post import Flags, Kind, Media


@dataclass(frozen=True, slots=True)
class Joined:
    """Another item of the album came; the album stays open until `open_until`."""

    media: Media
    text: str
    open_until: float
    alts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reopened:
    """After a restart the window of an open album begins anew, and at `at` the hold of a post."""

    open_until: float
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Closed:
    """The album is complete; once all its media are on X, the tweets are fixed."""


@dataclass(frozen=True, slots=True)
class Approved:
    """The owner said: post it. It goes to the end of the line, for the account given.

    It can be stopped for another `hold` seconds from `at` on; `unlinked` takes its links out. What
    has a time of its own keeps it, unless that is to be passed over (`at_once`): so the second of
    two taps on a draft with a time does not send it before that.
    """

    seq: int
    account: str = ""
    at: float = 0.0
    hold: float = 0.0
    unlinked: bool = False
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Stopped:
    """The owner took it back while it was held: it is a draft again."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The owner said when: `due` in epoch seconds. `wall` is the local time and zone behind it,
    where that is what counts.
    """

    due: float
    seq: int
    account: str = ""
    wall: str = ""


@dataclass(frozen=True, slots=True)
class Called:
    """Its time has come: it joins the line, at its end."""

    seq: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The owner took it back, or discarded what had failed.

    Not while the post whose place it takes is being deleted, or both would be gone; unless it is
    meant `for_both`.
    """

    at: float
    for_both: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """It cannot go on without the owner."""

    question: Question


@dataclass(frozen=True, slots=True)
class Uploaded:
    """One of its media has an id on X, and is of this kind by its bytes."""

    media: Media
    upload: Upload
    kind: Kind = Kind.PHOTO


@dataclass(frozen=True, slots=True)
class UploadFailed:
    """One of its media cannot be brought to X; where that is not told, any of them."""

    failure: Failure
    media: Media | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """It belongs to this account from now on."""

    account: str


@dataclass(frozen=True, slots=True)
class Began:
    """A tweet is about to be sent; saved before it is."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class NotSent:
    """The attempt did not reach X, or X put it off; nothing took effect."""

    not_before: float = 0.0


@dataclass(frozen=True, slots=True)
class Delayed:
    """Something of it has to be tried again, not before that time."""

    not_before: float


@dataclass(frozen=True, slots=True)
class Failed:
    """X said no to the attempt."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class CalledDuplicate:
    """X says that it has this text already: perhaps it is ours."""

    at: float


@dataclass(frozen=True, slots=True)
class Lost:
    """The attempt ended without a clear answer, or the process died with it."""

    at: float


@dataclass(frozen=True, slots=True)
class Found:
    """The tweet of the attempt is out, under this id."""

    tweet_id: str
    at: float


@dataclass(frozen=True, slots=True)
class Absent:
    """A complete look-up did not show it. `earlier` is an older post with the same text."""

    at: float
    earlier: str = ""


@dataclass(frozen=True, slots=True)
class ItIsThere:
    """The owner saw it on X."""

    at: float


@dataclass(frozen=True, slots=True)
class PostAgain:
    """The owner says that it is not on X, or that a failed one is to be tried again."""

    at: float = 0.0


@dataclass(frozen=True, slots=True)
class HeldUp:
    """It has held up others for too long, and steps aside."""


@dataclass(frozen=True, slots=True)
class Rechecked:
    """The first of `rechecks` was looked for: the ids of tweets that should not be there."""

    doubles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeletionAsked:
    """The owner wants these tweets gone; nothing more of the post goes out, if it had failed."""

    ids: tuple[str, ...]
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Deleted:
    """X confirmed that this tweet is gone."""

    tweet_id: str


@dataclass(frozen=True, slots=True)
class DeletionFailed:
    """X refused the deletion."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Recorded:
    """It stands in the history, as it was then."""

    posted: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    doubles: tuple[str, ...] = ()
    cost: Decimal = Decimal(0)
    words: tuple[Words, ...] = ()
    rewritten: bool = False
    heir: str = ""


@dataclass(frozen=True, slots=True)
class Charged:
    """X has charged so many dollars for what was read on its behalf."""

    cost: Decimal


@dataclass(frozen=True, slots=True)
class Shown:
    """Its card shows its end."""


@dataclass(frozen=True, slots=True)
class Continued:
    """The post whose thread it continues is out; its last tweet has this id."""

    reply_to: str


@dataclass(frozen=True, slots=True)
class MediaRefused:
    """X does not take the media ids of the attempt: upload them again."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Edited:
    """The owner changed a message behind it. `edited` as in `Words`."""

    order: int
    text: str
    edited: tuple[float, int]
    alts: tuple[str, ...] = ()
    media: Media | None = None


@dataclass(frozen=True, slots=True)
class Described:
    """The owner gave alt texts to the media at these positions."""

    alts: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Flagged:
    """The owner chose what the post says about itself."""

    flags: Flags


@dataclass(frozen=True, slots=True)
class LetBe:
    """X shows something else than the message by now, and the owner says: let it be."""


@dataclass(frozen=True, slots=True)
class Renewed:
    """The owner wants it deleted and posted again, as it is now, under the key of `heir`."""

    heir: str
    at: float


@dataclass(frozen=True, slots=True)
class RoomAsked:
    """It is ready, and the post whose place it takes is being deleted."""


@dataclass(frozen=True, slots=True)
class Released:
    """The heir is ready: now it may be deleted."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """X confirmed that the post whose place it takes is gone."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """X did not delete the post whose place it takes."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Kept:
    """The heir was taken back."""


@dataclass(frozen=True, slots=True)
class Rebound:
    """The post that it continues has an heir, and that is what it continues now."""

    follows: str


Revision = Edited | Described | Flagged | LetBe
Handover = Renewed | RoomAsked | Released | Cleared | Blocked | Kept | Rebound
Event = (
    Joined
    | Reopened
    | Closed
    | Approved
    | Stopped
    | Scheduled
    | Called
    | Cancelled
    | Asked
    | Uploaded
    | UploadFailed
    | Claimed
    | Continued
    | Began
    | NotSent
    | Delayed
    | Failed
    | MediaRefused
    | CalledDuplicate
    | Lost
    | Found
    | Absent
    | ItIsThere
    | PostAgain
    | HeldUp
    | Rechecked
    | DeletionAsked
    | Deleted
    | DeletionFailed
    | Recorded
    | Charged
    | Shown
    | Revision
    | Handover
)
