"""The card of a post: an entry as text and buttons. Pure; sends nothing."""

from __future__ import annotations

from dataclasses import dataclass

from twitter_core import limits, text, thread
from twitter_core.entry import THERE, Entry, Question, State
from twitter_core.errors import Refusal
from twitter_core.line import Line, Reason

from . import sentences

STUBBORN = 3  # failed tries after which the owner is told that it takes long


@dataclass(frozen=True, slots=True)
class Button:
    """A button: `data` comes back when it is pressed, `url` is opened."""

    label: str
    data: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """A message as it should look: plain text and rows of buttons.

    One that `asks` opens the owner's keyboard for a reply to it.
    """

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """What a card depends on beside its entry."""

    username: str  # of the entry's account, empty where it is not known
    line: Line
    signed_in: bool
    now: float
    ahead: int = 0  # posts that go out before it
    progress: float | None = None  # of a large file, 0..1
    menu: str = ""  # which buttons the owner has opened in place of the usual ones


def link(username: str, tweet_id: str) -> str:
    """The address of a post, also where the account's name is not known yet."""
    return f"https://x.com/{username}/status/{tweet_id}" if username else web_link(tweet_id)


def web_link(tweet_id: str) -> str:
    """The address of a post of whatever account."""
    return f"https://x.com/i/web/status/{tweet_id}"


def render(entry: Entry, scene: Scene) -> View:
    """What the card of `entry` shows."""
    match entry.state:
        case State.DRAFT:
            return _draft(entry)
        case State.QUEUED:
            return _queued(entry, scene)
        case State.POSTING:
            return View(sentences.POSTING)
        case State.UNCERTAIN:
            return _uncertain(entry, scene)
        case State.DONE:
            return _done(entry, scene)
        case State.FAILED:
            return _failed(entry, scene)
        case State.CANCELLED:
            return _cancelled(entry, scene)


def _button(label: str, verb: str, entry: Entry) -> Button:
    return Button(label, f"{verb}:{entry.key}")


def _draft(entry: Entry) -> View:
    parts = [] if entry.question is Question.PREVIEW else [_question(entry)]
    if entry.post.text:
        texts = [tweet.text for tweet in thread.split(entry.post) if tweet.text]
        weights = [text.weigh(part) for part in texts]
        parts.append(sentences.preview(tuple(zip(texts, weights, strict=True)), limits.TEXT_WEIGHT))
    yes = "Post as a reply" if entry.question is Question.LATE else "Post"
    no = "Discard" if entry.question is Question.LATE else "Cancel"
    return View(
        "\n\n".join(parts) or _question(entry),
        ((_button(yes, "post", entry), _button(no, "cancel", entry)),),
    )


def _question(entry: Entry) -> str:
    return sentences.QUESTIONS[entry.question or Question.OLD]


def _queued(entry: Entry, scene: Scene) -> View:
    cancel = _button("Cancel", "cancel", entry)
    parts = []
    if entry.posted:
        parts.append(_partly(entry, scene))
    line = scene.line
    if not scene.signed_in and not line.paused:
        parts.append(sentences.waiting(Reason.SIGN_IN, None, paused=False, now=scene.now))
    elif line.stands_still(scene.now):
        parts.append(_waiting(scene))
        if line.reason is Reason.CREDITS and not line.paused:
            release = Button("Try again", f"release:{entry.key}")
            return View("\n".join(parts), ((release, cancel),))
    elif entry.open_until is not None and len(entry.post.media) > 1:
        parts.append(sentences.uploading(_uploaded(entry), len(entry.post.media), scene.progress))
    elif _uploaded(entry) < len(entry.post.media):
        parts.append(sentences.uploading(_uploaded(entry), len(entry.post.media), scene.progress))
        if entry.held_up:
            parts.append(sentences.HELD_UP)
        elif entry.tries >= STUBBORN:
            parts.append(sentences.STUBBORN)
    elif entry.waits_for_parent:
        parts.append(sentences.WAITS_FOR_PARENT)
    else:
        parts.append(sentences.turn(scene.ahead))
    return View("\n".join(parts), ((cancel,),))


def _waiting(scene: Scene) -> str:
    line = scene.line
    return sentences.waiting(line.reason, line.until, paused=line.paused, now=scene.now)


def _uploaded(entry: Entry) -> int:
    return sum(upload is not None for upload in entry.uploads)


def _uncertain(entry: Entry, scene: Scene) -> View:
    if entry.question is None:
        return _looked_for(entry, scene)
    return View(
        sentences.lost(entry.attempt.text if entry.attempt is not None else ""),
        (
            (
                _button("It is there", "there", entry),
                _button("Post again", "repost", entry),
                _button("Discard", "discard", entry),
            ),
        ),
    )


def _looked_for(entry: Entry, scene: Scene) -> View:
    line = scene.line
    if not line.paused and (not scene.signed_in or line.waits_for_sign_in):
        return View(sentences.LOOK_SIGNED_IN)
    if line.stands_still(scene.now):
        release = Button("Try again", f"release:{entry.key}")
        is_short = line.reason is Reason.CREDITS and not line.paused
        text = f"{sentences.LOOK_LATER}\n{_waiting(scene)}"
        return View(text, ((release,),) if is_short else ())
    text = sentences.LOOKING
    return View(f"{text}\n{sentences.HELD_UP}" if entry.held_up else text)


def _done(entry: Entry, scene: Scene) -> View:
    if entry.deleting:
        return View(sentences.DELETING)
    left = _left(entry)
    if entry.deleted and not left:
        return View(sentences.DELETED)
    if not left:
        return View(sentences.THERE)
    parts = []
    buttons: list[tuple[Button, ...]] = []
    if entry.failure is not None:
        parts.append(sentences.not_deleted(entry.failure.refusal, entry.failure.detail))
    if entry.doubles:
        parts.append(sentences.doubled(link(scene.username, entry.doubles[0])))
        buttons.append((_button("Delete the second", "undouble", entry),))
    first = link(scene.username, left[0])
    parts.append(sentences.posted(first, len(entry.posted)))
    buttons.append((Button("Open", url=first), _button("Delete", "delete", entry)))
    return View("\n\n".join(parts), tuple(buttons))


def _failed(entry: Entry, scene: Scene) -> View:
    failure = entry.failure
    parts = []
    if failure is not None:
        earlier = link(scene.username, failure.earlier) if failure.earlier else ""
        parts.append(sentences.failed(failure.refusal, failure.detail, earlier))
    if entry.posted:
        parts.append(_partly(entry, scene))
    row: tuple[Button, ...] = (
        _button("Try again", "again", entry),
        _button("Discard", "discard", entry),
    )
    if failure is not None and failure.refusal in (Refusal.SIGN_IN, Refusal.MISSING_SCOPE):
        row = (Button(sentences.SIGN_IN, "auth:"), *row)
    return View("\n".join(parts), (row,))


def _cancelled(entry: Entry, scene: Scene) -> View:
    if entry.deleting:
        return View(sentences.DELETING)
    left = _left(entry)
    if left:
        first = link(scene.username, left[0])
        row = (Button("Open", url=first), _button("Delete", "delete", entry))
        parts = [_partly(entry, scene)]
        if entry.first_try_at is not None:
            parts.append(sentences.NEXT_UNSURE)
        if entry.failure is not None:
            # It may be the answer to a deletion, or the one for which the thread was given up.
            said = sentences.last_refusal(entry.failure.refusal, entry.failure.detail)
            parts.insert(0, said)
        return View("\n\n".join(parts), (row,))
    if entry.deleted:
        is_sure = entry.first_try_at is None
        return View(sentences.DELETED if is_sure else sentences.DELETED_UNSURE)
    if entry.first_try_at is not None:
        return View(sentences.DISCARDED_UNSURE)
    return View(sentences.CANCELLED if entry.failure is None else sentences.DISCARDED)


def _left(entry: Entry) -> tuple[str, ...]:
    return tuple(i for i in entry.posted if i != THERE and i not in entry.deleted)


def _partly(entry: Entry, scene: Scene) -> str:
    left = _left(entry)
    first = link(scene.username, left[0]) if left else ""
    return sentences.partly_posted(len(entry.posted), len(entry.tweets), first)
