"""The life of one post as a pure state machine: what to do next, and what an event makes of it.

Performs no I/O and reads no clock. A move that does not fit the state changes nothing:
`step` then returns the very entry that it was given, so that a double tap is one tap.

    DRAFT --> QUEUED --> POSTING --> DONE              CANCELLED from DRAFT, QUEUED, FAILED
                 ^          |-- refused             -> FAILED
                 |          |-- not sent            -> QUEUED
                 |          '-- no clear answer     -> UNCERTAIN -- found  --> DONE
                 '------------------------- absent -----'      '-- cannot tell: the owner says
"""

from __future__ import annotations

from dataclasses import replace

from . import consent, handover, revision, schedule, thread
from .actions import Action, Close, Create, Delete, LookUp, MakeRoom, Recheck, Record, Wait
from .entry import ENDED, THERE, Attempt, Entry, Failure, Question, State, Upload
from .errors import Refusal
from .events import (
    Absent,
    Approved,
    Asked,
    Began,
    Called,
    CalledDuplicate,
    Cancelled,
    Charged,
    Claimed,
    Closed,
    Continued,
    Delayed,
    Deleted,
    DeletionAsked,
    DeletionFailed,
    Event,
    Failed,
    Found,
    Handover,
    HeldUp,
    ItIsThere,
    Joined,
    Lost,
    MediaRefused,
    NotSent,
    PostAgain,
    Rechecked,
    Recorded,
    Reopened,
    Revision,
    Scheduled,
    Shown,
    Stopped,
    Uploaded,
    UploadFailed,
)
from .post import Media

LOOKS = (5.0, 8.0)  # seconds after an attempt ended at which X is asked whether it is there
RECHECK = 60.0  # seconds after a repeated attempt at which doubles are looked for
REUPLOAD = 3600.0  # a media id with less than this left is not used
GATHER = 1.0  # seconds for which lines for the history are gathered
CARD = 30.0  # seconds for which a line waits for the post's card


def is_fresh(upload: Upload | None, account: str, now: float) -> bool:
    """Whether a media id may still be used by `account` (an empty name matches any)."""
    return (
        upload is not None
        and upload.expires_at - now >= REUPLOAD
        and (not account or not upload.uploader or upload.uploader == account)
    )


def _is_ready(entry: Entry, index: int, account: str, now: float) -> bool:
    """Whether the medium at `index` is on X, with its alt text, and may be used."""
    upload = entry.uploads[index]
    # Which alt text belongs to which picture is known once the album is complete.
    told = entry.open_until is not None or (
        upload is not None and upload.alt == entry.post.alt(index)
    )
    return told and is_fresh(upload, account, now)


def uploads_due(entry: Entry, account: str, now: float) -> tuple[int, ...]:
    """The positions of the media that should be on their way to X now, in order."""
    if entry.state is not State.QUEUED or entry.not_before > now:
        return ()
    if entry.account and not account:
        return ()  # X has not told yet whose sign-in it is
    if entry.due is not None and entry.due - schedule.AHEAD > now:
        return ()
    return tuple(
        index
        for index in range(len(entry.uploads))
        if not _is_ready(entry, index, account, now) and not revision.is_sent(entry, index)
    )


def next_action(entry: Entry, now: float) -> Action:
    """What is to be done about `entry` at the time `now`."""
    match entry.state:
        case State.QUEUED:
            return _next_of_queued(entry, now)
        case State.UNCERTAIN if entry.question is None and entry.attempt is not None:
            due = max(look_at(entry.attempt), entry.not_before)
            return LookUp() if now >= due else Wait(due)
        case State.DONE | State.CANCELLED:
            if entry.spared:
                # Not to be recorded before the store has the heir, and with it this.
                return Wait()
            if entry.deleting:
                return (
                    Wait(entry.not_before) if entry.not_before > now else Delete(entry.deleting[0])
                )
            if not entry.recorded:
                due = (entry.ended_at or 0.0) + (GATHER if entry.shown else CARD)
                return Record() if now >= due else Wait(due)
            if entry.rechecks:
                due = max(recheck_at(entry.rechecks[0]), entry.not_before)
                return Recheck() if now >= due else Wait(due)
            return Wait()
        case _:
            return Wait()


def _next_of_queued(entry: Entry, now: float) -> Action:
    if entry.open_until is not None:
        return Close() if now >= entry.open_until else Wait(entry.open_until)
    if entry.not_before > now:
        return Wait(entry.not_before)
    if not entry.tweets:
        # What a file is, its bytes tell: only then can the media be dealt out to tweets.
        return Close() if None not in entry.uploads else Wait(entry.due)
    if entry.due is not None:
        return Wait(entry.due)
    index = len(entry.posted)
    if entry.waits_for_parent or entry.clearing:
        return Wait()
    if entry.replaces:
        everything = range(len(entry.uploads))
        is_ready = all(_is_ready(entry, i, entry.account, now) for i in everything)
        return MakeRoom() if is_ready else Wait()
    media = entry.tweets[index].media
    if not all(_is_ready(entry, i, entry.account, now) for i in media):
        return Wait()
    if schedule.is_held(entry, now):
        return Wait(entry.held_until)
    uploads = [entry.uploads[i] for i in media]
    ids = tuple(upload.media_id for upload in uploads if upload is not None)
    return Create(index, ids, last_id(entry) or entry.reply_to)


def look_at(attempt: Attempt) -> float:
    """When X is to be asked next about `attempt`, in epoch seconds."""
    ended_at = attempt.ended_at if attempt.ended_at is not None else attempt.started_at
    if attempt.called_duplicate:
        return ended_at + (LOOKS[0] if attempt.absences else 0.0)
    return ended_at + LOOKS[min(len(attempt.absences), len(LOOKS) - 1)]


def recheck_at(attempt: Attempt) -> float:
    """When doubles of a repeated attempt are looked for, in epoch seconds."""
    return (attempt.ended_at or attempt.started_at) + RECHECK


def last_id(entry: Entry) -> str:
    """The id that the next tweet of the thread replies to, empty where there is none."""
    gone = (THERE, *entry.deleted)
    return next((tweet_id for tweet_id in reversed(entry.posted) if tweet_id not in gone), "")


def step(entry: Entry, event: Event) -> Entry:
    """What `event` makes of `entry`; the same object where it has no place in its state."""
    if isinstance(event, Revision):
        return revision.take(revision.step(entry, event))
    if isinstance(event, Handover):
        return handover.step(entry, event)
    return revision.take(_move(entry, event))


def _move(entry: Entry, event: Event) -> Entry:
    state = entry.state
    match event:
        case Joined():
            return revision.join(entry, event)
        case Reopened():
            return schedule.reopen(entry, event.open_until, event.at)
        case Closed() if state is State.QUEUED and consent.must_ask(entry):
            return consent.asked(entry)
        case Closed() if state is State.QUEUED and not entry.tweets:
            if None not in entry.uploads:
                return _close(entry)
            return entry if entry.open_until is None else replace(entry, open_until=None)
        case Approved() if consent.comes_early(entry, event):
            agreed = consent.given(entry, event)
            return schedule.step(agreed, event)
        case Approved() if state is State.DRAFT:
            return schedule.approve(consent.given(entry, event), event)
        case Approved() | Scheduled() | Called() | Stopped():
            return schedule.step(entry, event)
        case Cancelled() if entry.clearing and not event.for_both:
            return entry
        case Cancelled() if state in (State.DRAFT, State.QUEUED, State.FAILED) or (
            state is State.UNCERTAIN and entry.question is not None
        ):
            return _end(replace(entry, question=None, open_until=None), State.CANCELLED, event.at)
        case Asked(Question.OVERDUE) if state is State.QUEUED:
            return schedule.overdue(entry)
        case Asked() if state is State.QUEUED and event.question is not Question.LOST:
            return replace(entry, state=State.DRAFT, question=event.question)
        case Asked(Question.LOST) if state is State.UNCERTAIN and entry.question is None:
            return replace(entry, question=event.question)
        case Uploaded() if state not in ENDED:
            return _uploaded(entry, event)
        case Claimed() if not entry.account and state not in ENDED:
            return replace(entry, account=event.account)
        case Continued() if state is State.QUEUED and not entry.reply_to:
            return replace(entry, reply_to=event.reply_to)
        case Began() if state is State.QUEUED and _is_next(entry, event.attempt):
            first = entry.first_try_at
            return replace(
                entry,
                state=State.POSTING,
                attempt=event.attempt,
                first_try_at=event.attempt.started_at if first is None else first,
            )
        case NotSent() if state is State.POSTING:
            return replace(
                entry,
                state=State.QUEUED,
                attempt=None,
                first_try_at=_first_try_without(entry),
                not_before=event.not_before,
                tries=entry.tries + 1,
            )
        case Delayed() if state not in (State.DRAFT, State.FAILED):
            return replace(entry, not_before=event.not_before, tries=entry.tries + 1)
        case Failed() if state is State.POSTING:
            return _fail(entry, event.failure)
        case UploadFailed() if state is State.QUEUED and _has(entry, event.media):
            # Not while a tweet is out: of that only its own answer tells, and the upload is tried
            # again when its turn comes.
            return _fail(entry, event.failure)
        case MediaRefused() if state is State.POSTING and entry.attempt is not None:
            return _without_uploads(entry, entry.attempt, event.failure)
        case CalledDuplicate() if state is State.POSTING and entry.attempt is not None:
            attempt = replace(entry.attempt, ended_at=event.at, called_duplicate=True)
            return replace(entry, state=State.UNCERTAIN, attempt=attempt, not_before=0.0)
        case Lost() if state is State.POSTING and entry.attempt is not None:
            attempt = replace(entry.attempt, ended_at=event.at)
            return replace(entry, state=State.UNCERTAIN, attempt=attempt, not_before=0.0, tries=0)
        case Found() if state in (State.POSTING, State.UNCERTAIN):
            return _posted(entry, event.tweet_id, event.at)
        case ItIsThere() if state is State.UNCERTAIN and entry.question is not None:
            return _posted(entry, THERE, event.at)
        case Absent() if state is State.UNCERTAIN and entry.attempt is not None:
            return _absent(entry, entry.attempt, event)
        case PostAgain() if state is State.FAILED or (
            state is State.UNCERTAIN and entry.question is not None
        ):
            return replace(
                schedule.try_again(entry, event.at),
                state=State.QUEUED,
                question=None,
                attempt=None,
                failure=None,
                not_before=0.0,
                tries=0,
            )
        case HeldUp() if not entry.held_up:
            return replace(entry, held_up=True)
        case Rechecked() if state in ENDED:
            return replace(
                entry,
                rechecks=entry.rechecks[1:],
                doubles=(*entry.doubles, *event.doubles),
                tries=0,
                not_before=0.0,
                recorded=entry.recorded and not event.doubles,
                shown=entry.shown and not event.doubles,
            )
        case DeletionAsked() if state is State.FAILED and _is_to_go(entry, event):
            return _move(_end(entry, State.CANCELLED, event.at), event)
        case DeletionAsked() if state in ENDED and (entry.spared or not entry.deleting):
            ids = tuple(i for i in event.ids if i != THERE and i not in entry.deleted)
            if entry.spared and not set(entry.deleting) <= set(ids):
                return entry  # it goes with the others, and the heir waits for all of them
            changed = replace(entry, deleting=ids, failure=None, not_before=0.0, shown=False)
            changed = replace(changed, spared=False)
            return changed if ids else entry
        case Deleted() if event.tweet_id in entry.deleting:
            return replace(
                entry,
                deleting=tuple(i for i in entry.deleting if i != event.tweet_id),
                doubles=tuple(i for i in entry.doubles if i != event.tweet_id),
                deleted=(*entry.deleted, event.tweet_id),
                recorded=False,
                shown=False,
            )
        case DeletionFailed() if entry.deleting:
            return replace(entry, deleting=(), failure=event.failure, shown=False)
        case Charged() if event.cost:
            return consent.charge(entry, event)
        case Recorded() if state in ENDED:
            return replace(entry, recorded=True) if as_recorded(entry) == event else entry
        case Shown() if state in ENDED and not entry.shown:
            # Recorded anew, for only now it is known where the card is.
            return replace(entry, shown=True, recorded=False)
        case _:
            return entry


def as_recorded(entry: Entry) -> Recorded:
    """What a line of the history that is written now says of it."""
    it = entry
    return Recorded(it.posted, it.deleted, it.doubles, it.cost, it.words, it.rewritten, it.heir)


def _is_to_go(entry: Entry, event: DeletionAsked) -> bool:
    """Whether something of it is out that is wanted gone: then the rest is given up."""
    return any(i in entry.posted and i != THERE for i in event.ids)


def _is_next(entry: Entry, attempt: Attempt) -> bool:
    if attempt.index != len(entry.posted) or attempt.index >= len(entry.tweets):
        return False
    # Between the decision and this moment the owner may have changed it, or given it a time.
    if entry.due is not None or entry.waits_for_other or entry.replaces:
        return False
    tweet = entry.tweets[attempt.index]
    uploads = [(entry.uploads[index], index) for index in tweet.media]
    is_described = all(u is not None and u.alt == entry.post.alt(i) for u, i in uploads)
    return attempt.text == tweet.text and is_described


def _close(entry: Entry) -> Entry:
    """The tweets are fixed, unless the owner has to say what becomes of too long a text."""
    if thread.excess(entry.post):
        return replace(entry, open_until=None, state=State.DRAFT, question=Question.TOO_LONG)
    return replace(entry, open_until=None, tweets=thread.split(entry.post))


def _uploaded(entry: Entry, event: Uploaded) -> Entry:
    uploads = tuple(
        event.upload if revision.is_same(media, event.media) else upload
        for media, upload in zip(entry.post.media, entry.uploads, strict=True)
    )
    if uploads == entry.uploads:
        return entry
    media = tuple(
        replace(media, kind=event.kind) if revision.is_same(media, event.media) else media
        for media in entry.post.media
    )
    return replace(entry, uploads=uploads, tries=0, post=replace(entry.post, media=media))


def _has(entry: Entry, media: Media | None) -> bool:
    """Whether `media` is still one of its own: an edit may have put another in its place."""
    return media is None or any(revision.is_same(one, media) for one in entry.post.media)


def _posted(entry: Entry, tweet_id: str, at: float) -> Entry:
    rechecks = entry.rechecks
    is_told = tweet_id != THERE  # else the only one would be taken for a double of itself
    if is_told and entry.attempt is not None and not _is_first_try(entry):
        since = entry.first_try_at or entry.attempt.started_at
        rechecks = (*rechecks, replace(entry.attempt, started_at=since, ended_at=at))
    grown = replace(
        entry,
        posted=(*entry.posted, tweet_id),
        attempt=None,
        first_try_at=None,
        question=None,
        tries=0,
        not_before=0.0,
        rechecks=rechecks,
    )
    if len(grown.posted) < len(grown.tweets):
        return replace(grown, state=State.QUEUED)
    return _end(grown, State.DONE, at)


def _absent(entry: Entry, attempt: Attempt, event: Absent) -> Entry:
    # After an earlier try the duplicate may well be ours, and X's index lags: look twice.
    is_final = _is_first_try(entry) or bool(attempt.absences)
    if attempt.called_duplicate and is_final:
        # X refused it and shows no post of ours since the first try: the text is an older one's.
        failure = Failure(Refusal.DUPLICATE, earlier=event.earlier)
        return _fail(entry, failure)
    seen = replace(attempt, absences=(*attempt.absences, event.at))
    if len(seen.absences) < len(LOOKS):
        return replace(entry, attempt=seen, tries=0)
    return replace(entry, state=State.QUEUED, question=None, attempt=None, not_before=0.0, tries=0)


def _end(entry: Entry, state: State, at: float) -> Entry:
    return replace(
        entry, state=state, ended_at=at, held_up=False, recorded=False, shown=False, attempt=None
    )


def _without_uploads(entry: Entry, attempt: Attempt, failure: Failure) -> Entry:
    used = entry.tweets[attempt.index].media
    uploads = tuple(None if i in used else upload for i, upload in enumerate(entry.uploads))
    if entry.reuploaded:
        return _fail(replace(entry, uploads=uploads, reuploaded=False), failure)
    return replace(
        entry,
        state=State.QUEUED,
        attempt=None,
        first_try_at=_first_try_without(entry),
        uploads=uploads,
        reuploaded=True,
    )


def _fail(entry: Entry, failure: Failure) -> Entry:
    return replace(
        entry,
        state=State.FAILED,
        attempt=None,
        first_try_at=_first_try_without(entry),
        failure=failure,
        held_up=False,
    )


def _first_try_without(entry: Entry) -> float | None:
    """`first_try_at` once the attempt at hand is known to have had no effect."""
    return None if _is_first_try(entry) else entry.first_try_at


def _is_first_try(entry: Entry) -> bool:
    return entry.attempt is not None and entry.first_try_at == entry.attempt.started_at
