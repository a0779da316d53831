"""What the messages behind a post say, and what the owner changes of it: text, alt texts, flags.

Pure. What they say is kept beside what was made of it, so that a change that comes too late is
remembered: `differs` then tells that X shows something else than the chat.
"""

from __future__ import annotations

from dataclasses import replace

from . import schedule, thread
from .entry import ENDED, THERE, Entry, Question, State, Words
from .errors import Refusal
from .events import Described, Edited, Flagged, Joined, LetBe, Revision
from .post import Media, Post

# What X, or Telex before it, had against the text: with another one it goes out by itself.
_OF_THE_TEXT = (
    Refusal.TOO_LONG,
    Refusal.DUPLICATE,
    Refusal.CASHTAGS,
    Refusal.BAD_URL,
    Refusal.NOT_PERMITTED,
    Refusal.INVALID,
)


def is_free(entry: Entry) -> bool:
    """Whether it may still change: nothing of it is out, nor can be."""
    if entry.posted:
        return False
    if entry.state is State.FAILED:
        return True
    # After a try without a clear answer it may be on X as it was.
    return entry.state in (State.DRAFT, State.QUEUED) and entry.first_try_at is None


def is_described(entry: Entry, index: int) -> bool:
    """Whether the medium at `index` went out with a tweet: then its alt text is fixed."""
    if entry.state not in (State.DRAFT, State.QUEUED, State.FAILED):
        return True
    return is_sent(entry, index)


def is_sent(entry: Entry, index: int) -> bool:
    """Whether the medium at `index` went out with a tweet that is posted already."""
    return any(index in tweet.media for tweet in entry.tweets[: len(entry.posted)])


def is_out(entry: Entry) -> bool:
    """Whether something of it is on X."""
    return any(tweet_id not in entry.deleted for tweet_id in entry.posted)


def deletable(entry: Entry) -> tuple[str, ...]:
    """The ids of all of it that can be deleted on X: of a thread the last one first."""
    ids = (*entry.doubles, *reversed(entry.posted))
    return tuple(i for i in ids if i != THERE and i not in entry.deleted)


def wanted(entry: Entry) -> Post:
    """The post as the messages behind it say it now."""
    if not entry.rewritten:
        return entry.post
    post, words = entry.post, _in_order(entry.words)
    alts = _alts(words)
    media = [
        replace(medium, alt="") if _is_described_anew(post, alts, index) else medium
        for index, medium in enumerate(post.media)
    ]
    for one in words:
        # Where it is there already, it has its kind and its alt text by now.
        if one.media is not None and not any(is_same(m, one.media) for m in media):
            media = [medium for medium in media if medium.order != one.order]
            media.append(one.media)
    media.sort(key=lambda medium: medium.order)
    return replace(post, text=_text(words), alts=alts, media=tuple(media))


def _in_order(words: tuple[Words, ...]) -> list[Words]:
    return sorted(words, key=lambda one: one.order)


def _text(words: list[Words]) -> str:
    return "\n\n".join(one.text for one in words if one.text)


def _alts(words: list[Words]) -> tuple[str, ...]:
    return next((one.alts for one in words if one.alts), ())


def _is_described_anew(post: Post, alts: tuple[str, ...], index: int) -> bool:
    before = post.alts[index] if index < len(post.alts) else ""
    return index < len(alts) and bool(alts[index]) and alts[index] != before


def differs(entry: Entry) -> bool:
    """Whether the messages say something else by now than what is, or was, made of them."""
    return wanted(entry) != entry.post


def is_outdated(entry: Entry) -> bool:
    """Whether X shows something else than the chat, and the owner has not said: let it be."""
    is_known = entry.state in (*ENDED, State.FAILED)
    return is_known and is_out(entry) and differs(entry)


def changes(entry: Entry, event: Edited) -> bool:
    """Whether an edit changes what is said: Telegram tells of edits that one cannot see, too."""
    words = _words(entry, event.order)
    said = _said(entry, words, event)
    return said is not None and said != replace(words, edited=event.edited)


def join(entry: Entry, event: Joined) -> Entry:
    """Another item of an album, while it is open: its caption is one more paragraph."""
    if entry.open_until is None or any(is_same(m, event.media) for m in entry.post.media):
        return entry
    pairs = sorted(
        [*zip(entry.post.media, entry.uploads, strict=True), (event.media, None)],
        key=lambda pair: pair[0].order,
    )
    first = entry.post.media[0].order if entry.post.media else event.media.order
    said = entry.words or (Words(first, entry.post.text, entry.post.alts),)
    words = (*said, Words(event.media.order, event.text, event.alts))
    post = replace(
        entry.post,
        media=tuple(media for media, _ in pairs),
        text=_text(_in_order(words)),
        alts=entry.post.alts or event.alts,
    )
    uploads = tuple(upload for _, upload in pairs)
    joined = replace(entry, post=post, uploads=uploads, words=words)
    return schedule.reopen(joined, event.open_until)


def step(entry: Entry, event: Revision) -> Entry:
    """What `event` makes of `entry`; the same object where it has no place in its state."""
    match event:
        case Edited() if entry.post.poll is None:
            return _edited(entry, event)
        case Described():
            return _described(entry, event)
        case Flagged() if is_free(entry) and event.flags != entry.post.flags:
            return replace(entry, post=replace(entry.post, flags=event.flags), tweets=())
        case LetBe() if is_outdated(entry):
            return replace(entry, rewritten=False, recorded=False, shown=False)
        case _:
            return entry


def take(entry: Entry) -> Entry:
    """Let it say what its messages say by now, where it may still change."""
    if not is_free(entry) or not differs(entry):
        return entry
    post = wanted(entry)
    uploads = []
    for index, medium in enumerate(post.media):
        pairs = zip(entry.post.media, entry.uploads, strict=False)
        upload = next((upload for one, upload in pairs if is_same(one, medium)), None)
        # X takes no empty alt text, so one that it was told goes with its upload.
        is_silenced = upload is not None and upload.alt and not post.alt(index)
        uploads.append(None if is_silenced else upload)
    changed = replace(
        entry,
        post=post,
        tweets=(),
        uploads=tuple(uploads),
        rewritten=False,
        reuploaded=entry.reuploaded and post.media == entry.post.media,
    )
    failure = entry.failure
    was_to_blame = (
        failure is not None and failure.refusal in _OF_THE_TEXT and not failure.of_deletion
    )
    if entry.state is State.FAILED and was_to_blame and post.text != entry.post.text:
        return replace(changed, state=State.QUEUED, failure=None, not_before=0.0, tries=0)
    if entry.question is Question.TOO_LONG and not thread.excess(post):
        return replace(changed, state=State.QUEUED, question=None)
    return changed


def _edited(entry: Entry, event: Edited) -> Entry:
    words = _words(entry, event.order)
    said = _said(entry, words, event)
    if said is None:
        return entry
    others = tuple(one for one in entry.words if one.order != event.order)
    now = replace(entry, words=(*others, said))
    if said == replace(words, edited=event.edited):
        return now
    is_ended = entry.state in ENDED
    return replace(
        now,
        rewritten=True,
        recorded=entry.recorded and not is_ended,
        shown=entry.shown and not is_ended,
    )


def _words(entry: Entry, order: int) -> Words:
    """What a message is known to say."""
    found = next((words for words in entry.words if words.order == order), None)
    if found is None and not entry.words:
        return Words(order, entry.post.text, entry.post.alts)
    return found or Words(order)


def _said(entry: Entry, words: Words, event: Edited) -> Words | None:
    """What a message says after `event`; None where that comes too late to count."""
    if event.edited <= words.edited or (entry.state in ENDED and not is_out(entry)):
        return None  # delivered again, or after a later one; or nothing is there to be changed
    media = words.media
    if event.media is not None and _is_other(entry, words, event.media):
        media = event.media
    return Words(event.order, event.text, event.alts, event.edited, media)


def _is_other(entry: Entry, words: Words, media: Media) -> bool:
    """Whether a message holds another medium than before."""
    known = words.media or next((m for m in entry.post.media if m.order == media.order), None)
    return known is None or bool(known.name and media.name and known.name != media.name)


def _described(entry: Entry, event: Described) -> Entry:
    alts = {index: alt for index, alt in event.alts if not is_described(entry, index)}
    media = tuple(
        replace(medium, alt=alts.get(index, medium.alt))
        for index, medium in enumerate(entry.post.media)
    )
    if media == entry.post.media:
        return entry
    return replace(entry, post=replace(entry.post, media=media))


def is_same(one: Media, other: Media) -> bool:
    """Whether both are the medium of one message, whatever is known of it by now."""
    return (one.ref, one.order) == (other.ref, other.order)
