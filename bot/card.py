"""The card of a post: an entry as text and buttons. Pure; sends nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, tzinfo

from twitter_core import limits, revision, schedule, text, thread
from twitter_core.entry import THERE, Entry, Failure, Question, State
from twitter_core.errors import Refusal
from twitter_core.line import Line, Reason
from twitter_core.post import Kind

from . import entities
from .words import changes, costs, later, sentences
from .words.costs import Purse

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

    One that `asks` opens the owner's keyboard for a reply to it. What is `passing` tells of a mere
    step on the way, and may be left out.
    """

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    asks: bool = False
    passing: bool = False


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
    zone: tzinfo = UTC  # the owner's
    has_slots: bool = False
    purse: Purse = costs.NO_LIMIT


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
            return _or_later(_with_more(_draft(entry, scene), entry, scene), entry, scene)
        case State.QUEUED:
            view = _queued(entry, scene) if entry.due is None else _scheduled(entry, scene)
            return _or_later(_with_more(view, entry, scene), entry, scene)
        case State.POSTING:
            return View(sentences.POSTING, passing=True)
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


def _or_later(view: View, entry: Entry, scene: Scene) -> View:
    """`view` with the times to choose from in place of its buttons, where these were asked for."""
    if scene.menu != "later":
        return view
    slot = (_button("Next free slot", "later.slot", entry),) if scene.has_slots else ()
    rows = (
        (_button("In an hour", "later.hour", entry), _button("Tonight", "later.tonight", entry)),
        (_button("Tomorrow morning", "later.morning", entry), *slot),
        (_button("Type a time", "later.type", entry), _button("Back", "menu.", entry)),
    )
    return replace(view, buttons=rows)


def _with_more(view: View, entry: Entry, scene: Scene) -> View:
    """`view` with what the post says about itself, and with the way to change that."""
    if not revision.is_free(entry) or scene.menu == "later":
        return view
    if told := changes.flags(entry.post.flags):
        view = replace(view, text=f"{view.text}\n\n{told}")
    if scene.menu == "more":
        rows = [
            tuple(_button(label, verb, entry) for label, verb in row)
            for row in changes.switches(entry.post.flags)
        ]
        return replace(view, buttons=(*rows, (_button("Back", "menu.", entry),)))
    if any(button.data.startswith("stop:") for row in view.buttons for button in row):
        return view
    more = _button(changes.MORE, "menu.more", entry)
    has_picture = any(medium.kind is not Kind.VIDEO for medium in entry.post.media)
    alt = (_button(changes.ALT, "alt", entry),) if has_picture else ()
    return replace(view, buttons=(*view.buttons, (*alt, more)))


def _draft(entry: Entry, scene: Scene) -> View:
    silent = (Question.PREVIEW, Question.TOO_LONG)  # the card says it without that
    parts = [] if entry.question in silent else [_question(entry)]
    if entry.due is not None:
        told = later.was_due if entry.due <= scene.now else later.meant
        parts.append(told(entry.due, scene.now, scene.zone))
    parts.append(_preview(entry, scene))
    too_long = thread.excess(entry.post)
    if too_long:
        parts.append(sentences.too_long(too_long))
    elif entry.question is Question.PREVIEW and (note := _names(entry)):
        parts.append(note)
    parts += costs.of_draft(entry, scene.purse)
    yes = "Post as a reply" if entry.question is Question.LATE else "Post"
    yes = f"{yes} as a thread" if too_long and yes == "Post" else yes
    yes = "Post now" if entry.question is Question.OVERDUE else yes
    no = "Discard" if entry.question is Question.LATE else "Cancel"
    wait = (_later(entry),) if schedule.may_wait(entry) else ()
    row = (_button(yes, "post", entry), *wait, *_cancel(entry, no))
    rows: list[tuple[Button, ...]] = [row]
    if costs.may_be_unlinked(entry.post):
        rows.append((_button("Post without the link", "unlink", entry),))
    return View("\n\n".join(parts), tuple(rows))


def _cancel(entry: Entry, label: str = "Cancel") -> tuple[Button, ...]:
    """Not while the old post is being deleted, or both might be gone."""
    return () if entry.clearing else (_button(label, "cancel", entry),)


def _later(entry: Entry) -> Button:
    return _button("Later…", "menu.later", entry)


def _preview(entry: Entry, scene: Scene) -> str:
    """The text as it would go out, how long it is, and what it will cost."""
    cost = costs.due(entry, scene.purse)
    texts = [tweet.text for tweet in thread.split(entry.post) if tweet.text]
    if not texts:
        return cost
    weights = [text.weigh(part) for part in texts]
    said = sentences.preview(tuple(zip(texts, weights, strict=True)), limits.TEXT_WEIGHT)
    return f"{said} · {cost}"


def _names(entry: Entry) -> str:
    """What is to be said of Telegram names in the text, if there are any."""
    found = entities.names(entry.post.text)
    return sentences.strangers(found) if found else ""


def _question(entry: Entry) -> str:
    return sentences.QUESTIONS[entry.question or Question.OLD]


def _queued(entry: Entry, scene: Scene) -> View:
    cancel = _cancel(entry)
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
            return View("\n".join(parts), ((release, *cancel),))
    elif entry.open_until is not None and len(entry.post.media) > 1:
        parts.append(sentences.uploading(_uploaded(entry), len(entry.post.media), scene.progress))
    elif _uploaded(entry) < len(entry.post.media):
        parts.append(sentences.uploading(_uploaded(entry), len(entry.post.media), scene.progress))
        if entry.held_up:
            parts.append(sentences.HELD_UP)
        elif entry.tries >= STUBBORN:
            parts.append(sentences.STUBBORN)
    elif entry.clearing:
        parts.append(changes.CLEARING)
    elif entry.waits_for_parent:
        parts.append(sentences.WAITS_FOR_PARENT)
    else:
        parts.append(sentences.turn(scene.ahead))
    if _is_held(entry, scene):
        return _held(entry, scene, parts)
    row = (_later(entry), *cancel) if schedule.may_wait(entry) else cancel
    return View("\n".join(parts), (row,) if row else (), passing=_goes_on(entry, scene))


def _goes_on(entry: Entry, scene: Scene) -> bool:
    """Whether nothing holds it up, so that the next step follows in a moment."""
    is_free = scene.signed_in and not scene.line.stands_still(scene.now)
    is_stuck = entry.held_up or entry.tries >= STUBBORN or entry.waits_for_parent
    return is_free and not is_stuck


def _is_held(entry: Entry, scene: Scene) -> bool:
    """Whether it goes out by itself in a moment, and can be stopped until then."""
    is_free = scene.signed_in and not scene.line.stands_still(scene.now)
    return is_free and schedule.is_held(entry, scene.now)


def _held(entry: Entry, scene: Scene, parts: list[str]) -> View:
    # After a restart it is held for longer: until the presses are in that came meanwhile.
    left = min((entry.held_until or 0.0) - scene.now, entry.hold)
    others = [part for part in parts if part != sentences.turn(scene.ahead)]
    text = "\n".join((*others, later.held(left)))
    return View(text, ((_button("Stop", "stop", entry),),))


def _scheduled(entry: Entry, scene: Scene) -> View:
    parts = [later.scheduled(entry.due or scene.now, scene.now, scene.zone)]
    parts.append(_preview(entry, scene))
    row = (
        _button("Post now", "now", entry),
        _later(entry),
        *_cancel(entry),
    )
    return View("\n\n".join(parts), (row,))


def _waiting(scene: Scene) -> str:
    line = scene.line
    return sentences.waiting(
        line.reason, line.until, paused=line.paused, now=scene.now, zone=scene.zone
    )


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
    if entry.deleting and not entry.spared:
        return View(sentences.DELETING)
    left = _left(entry)
    if entry.deleted and not left:
        return _deleted(entry)
    told, rows = _outdated(entry, scene)
    if not left:
        return View("\n\n".join((sentences.THERE, *told)), tuple(rows))
    parts = []
    buttons: list[tuple[Button, ...]] = []
    if entry.failure is not None:
        parts.append(sentences.not_deleted(entry.failure.refusal, entry.failure.detail))
    if entry.doubles:
        parts.append(sentences.doubled(link(scene.username, entry.doubles[0])))
        buttons.append((_button("Delete the second", "undouble", entry),))
    first = link(scene.username, left[0])
    out = sentences.posted(first, len(entry.posted))
    parts.append("\n".join(filter(None, (out, costs.paid(entry)))))
    if note := _names(entry):
        parts.append(note)
    buttons += [*rows, (Button("Open", url=first), _button("Delete", "delete", entry))]
    return View("\n\n".join((*parts, *told)), tuple(buttons))


def _deleted(entry: Entry) -> View:
    said = sentences.DELETED
    if entry.heir:
        said = changes.RENEWED
    elif entry.state is State.CANCELLED and entry.first_try_at is not None:
        said = sentences.DELETED_UNSURE
    return View("\n".join(filter(None, (said, costs.paid_in_all(entry)))))


def _outdated(entry: Entry, scene: Scene) -> tuple[list[str], list[tuple[Button, ...]]]:
    """What is to be said, and can be done, where X shows something else than the chat."""
    if entry.spared:
        return [changes.RENEWING], []
    if not revision.is_outdated(entry):
        return [], []
    let_be = _button(changes.LET_BE, "letbe", entry)
    if not changes.can_be_renewed(entry):
        return [changes.outdated(entry)], [(let_be,)]
    price = costs.of_renewal(entry, revision.wanted(entry), scene.purse)
    if scene.menu == "renew":
        sure = _button(changes.RENEW, "renew.sure", entry)
        return [changes.ORPHANS, price], [(sure, _button("Back", "menu.", entry))]
    told = f"{changes.outdated(entry)} {price}"
    return [told], [(_button(changes.RENEW, "renew", entry), let_be)]


def _failed(entry: Entry, scene: Scene) -> View:
    failure = entry.failure
    parts = []
    if failure is not None:
        parts.append(_why(entry, failure, scene))
    if entry.replaces and failure is not None and not failure.of_deletion:
        parts.append(changes.STAYS)
    if not entry.posted and any(words.edited[0] for words in entry.words) and entry.post.text:
        parts.append(f"\n{sentences.fit(entry.post.text, sentences.PREVIEW)}")
    told, rows = _outdated(entry, scene)
    parts += told
    if left := _left(entry):
        first = link(scene.username, left[0])
        rows.append((Button("Open", url=first), _button("Delete", "delete", entry)))
    row: tuple[Button, ...] = (
        _button("Try again", "again", entry),
        _button("Discard", "discard", entry),
    )
    if failure is not None and failure.refusal in (Refusal.SIGN_IN, Refusal.MISSING_SCOPE):
        row = (Button(sentences.SIGN_IN, "auth:"), *row)
    return View("\n".join(parts), (row, *rows))


def _why(entry: Entry, failure: Failure, scene: Scene) -> str:
    """Why it did not go out, or did so in part, and what helps."""
    if failure.of_deletion:
        return changes.blocked(failure.refusal, failure.detail)
    earlier = link(scene.username, failure.earlier) if failure.earlier else ""
    if not entry.posted:
        return sentences.failed(failure.refusal, failure.detail, earlier)
    if failure.refusal is Refusal.REPLY:
        return f"{_partly(entry, scene)}\n{changes.REPLY_REFUSED}"
    why = sentences.failed(failure.refusal, failure.detail, earlier)
    return f"{why}\n{_partly(entry, scene)}"


def _cancelled(entry: Entry, scene: Scene) -> View:
    if entry.deleting and not entry.spared:
        return View(sentences.DELETING)
    left = _left(entry)
    if left:
        first = link(scene.username, left[0])
        row = (Button("Open", url=first), _button("Delete", "delete", entry))
        parts = ["\n".join(filter(None, (_partly(entry, scene), costs.paid(entry))))]
        if entry.first_try_at is not None:
            parts.append(sentences.NEXT_UNSURE)
        if entry.failure is not None:
            # It may be the answer to a deletion, or the one for which the thread was given up.
            said = sentences.last_refusal(entry.failure.refusal, entry.failure.detail)
            parts.insert(0, said)
        told, rows = _outdated(entry, scene)
        if entry.doubles:
            parts.append(sentences.doubled(link(scene.username, entry.doubles[0])))
            rows = [(_button("Delete the second", "undouble", entry),), *rows]
        return View("\n\n".join((*parts, *told)), (*rows, row))
    if entry.deleted:
        return _deleted(entry)
    if entry.first_try_at is not None:
        return View(sentences.DISCARDED_UNSURE)
    return View(sentences.CANCELLED if entry.failure is None else sentences.DISCARDED)


def _left(entry: Entry) -> tuple[str, ...]:
    return tuple(i for i in entry.posted if i != THERE and i not in entry.deleted)


def _partly(entry: Entry, scene: Scene) -> str:
    left = _left(entry)
    first = link(scene.username, left[0]) if left else ""
    return sentences.partly_posted(len(entry.posted), len(entry.tweets), first)
