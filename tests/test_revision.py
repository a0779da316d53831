"""What the messages behind a post say, and what becomes of a change of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.test_outbox import ALBUM, BARE, DAY, DONE, FAILED, NOW, POSTING, QUEUED, after, attempt
from twitter_core import outbox, revision
from twitter_core.actions import Close, Create
from twitter_core.entry import THERE, Entry, Failure, Question, State, Upload
from twitter_core.errors import Refusal
from twitter_core.events import (
    Absent,
    Approved,
    Began,
    Closed,
    Described,
    Edited,
    Event,
    Failed,
    Flagged,
    Found,
    Joined,
    LetBe,
    Lost,
    NotSent,
    PostAgain,
    Recorded,
    Uploaded,
)
from twitter_core.outbox import step
from twitter_core.post import Cut, Flags, Media, Post

SECOND = Media("q", order=2)


def edit(text: str, at: float = 1, order: int = 1, **more: object) -> Edited:
    return Edited(order, text, (NOW + at, int(at)), **more)  # type: ignore[arg-type]


def uploaded(media: Media, alt: str = "") -> Uploaded:
    return Uploaded(media, Upload(f"m-{media.ref}", NOW + DAY, "7", "v2", alt))


def test_what_was_about_to_be_sent_is_not_sent_as_it_was() -> None:
    assert isinstance(outbox.next_action(QUEUED, NOW), Create)
    edited = step(QUEUED, edit("goodbye"))
    assert step(edited, Began(attempt())) is edited
    assert outbox.next_action(edited, NOW) == Close()
    again = step(edited, Closed())
    assert again.tweets[0].text == "goodbye"
    assert step(again, Began(attempt())) is again  # with the old text
    assert step(again, Began(replace(attempt(), text="goodbye"))).state is State.POSTING


def test_what_was_about_to_be_sent_waits_for_an_alt_text_that_comes_just_then() -> None:
    described = step(QUEUED, Described(((0, "a quay"),)))
    assert step(described, Began(attempt())) is described
    assert outbox.uploads_due(described, "7", NOW) == (0,)
    told = step(described, uploaded(described.post.media[0], "a quay"))
    assert step(told, Began(attempt())).state is State.POSTING


@pytest.mark.parametrize(
    ("then", "text", "outdated"),
    [
        ((NotSent(),), "goodbye", False),
        ((Failed(Failure(Refusal.SUSPENDED)),), "goodbye", False),
        ((Found("100", NOW),), "hello", True),
        ((Lost(NOW), Found("100", NOW)), "hello", True),
        # It may still come to be on X, so what goes out is the same once more.
        ((Lost(NOW), Absent(NOW + 5), Absent(NOW + 8)), "hello", False),
    ],
    ids=["not sent", "refused", "posted", "found", "absent"],
)
def test_a_change_while_it_is_sent_is_remembered_until_it_is_known_what_came_of_it(
    then: tuple[Event, ...], text: str, outdated: bool
) -> None:
    edited = step(POSTING, edit("goodbye"))
    assert edited.post.text == "hello"
    known = after(edited, *then)
    assert (known.post.text, revision.is_outdated(known)) == (text, outdated)


def test_after_a_try_that_may_have_had_an_effect_the_old_text_goes_and_the_new_one_is_told() -> (
    None
):
    absent = after(POSTING, Lost(NOW), edit("goodbye"), Absent(NOW + 5), Absent(NOW + 8))
    again = after(absent, Began(attempt(started_at=NOW + 9)), Found("100", NOW + 10))
    assert revision.is_outdated(again)
    assert step(again, LetBe()).rewritten is False


@pytest.mark.parametrize(
    ("refusal", "state"),
    [
        (Refusal.TOO_LONG, State.QUEUED),
        (Refusal.DUPLICATE, State.QUEUED),
        (Refusal.CASHTAGS, State.QUEUED),
        (Refusal.READ_ONLY_APP, State.FAILED),
        (Refusal.FILE_GONE, State.FAILED),
    ],
)
def test_a_refused_text_goes_by_itself_once_it_is_another_one(
    refusal: Refusal, state: State
) -> None:
    failed = replace(FAILED, failure=Failure(refusal))
    assert step(failed, edit("goodbye")).state is state
    other = replace(failed, failure=Failure(refusal, of_deletion=True))
    assert step(other, edit("goodbye")).state is State.FAILED  # not of this text
    # Another alt text is no other text.
    assert step(failed, edit("hello", alts=("a quay",))).state is State.FAILED


def test_too_long_a_text_where_threads_are_off_goes_once_it_fits() -> None:
    post = Post("word " * 100, cut=Cut(threads=False))
    asked = step(Entry("1:1", State.QUEUED, post, NOW), Closed())
    assert step(asked, edit("word " * 90)).question is Question.TOO_LONG
    shorter = step(asked, edit("short"))
    assert (shorter.state, shorter.question) == (State.QUEUED, None)


def test_what_was_approved_stays_a_thread_whatever_its_text_becomes() -> None:
    post = Post("word " * 100, cut=Cut(threads=False))
    asked = step(Entry("1:1", State.QUEUED, post, NOW), Closed())
    approved = after(asked, Approved(2), edit("other " * 100), Closed())
    assert len(approved.tweets) > 1


def test_the_captions_of_an_album_are_told_apart() -> None:
    joined = step(ALBUM, Joined(SECOND, "second", NOW + 2))
    assert joined.post.text == "hello\n\nsecond"
    assert step(joined, edit("other", order=2)).post.text == "hello\n\nother"
    assert step(joined, edit("", order=1)).post.text == "second"
    both = after(joined, edit("a", 2, order=1), edit("b", 1, order=2))
    assert both.post.text == "a\n\nb"


def test_uploads_are_kept_but_for_a_medium_that_is_another_one() -> None:
    entry = after(ALBUM, Joined(SECOND, "", NOW + 2), uploaded(Media("p", order=1)))
    entry = step(entry, uploaded(SECOND))
    assert step(entry, edit("other")).uploads == entry.uploads
    first = replace(entry.post.media[0], name="u1")
    entry = replace(entry, post=replace(entry.post, media=(first, SECOND)))
    new = Media("r", order=1, name="u2")
    changed = step(entry, edit("hello", media=new))
    assert changed.post.media == (new, SECOND)
    assert changed.uploads == (None, entry.uploads[1])


def test_a_picture_that_is_added_to_a_text_goes_out_with_it() -> None:
    picture = Media("r", order=1, name="u")
    changed = step(BARE, edit("hello", media=picture))
    assert changed.post.media == (picture,)
    assert changed.uploads == (None,)


def test_an_alt_text_that_is_taken_back_goes_with_the_upload_that_had_it() -> None:
    told = replace(QUEUED, post=replace(QUEUED.post, alts=("a quay",)))
    told = step(told, uploaded(told.post.media[0], "a quay"))
    assert step(told, edit("hello")).uploads == (None,)
    kept = step(told, edit("other", alts=("a quay",)))
    assert kept.uploads == told.uploads


def test_of_an_alt_text_by_command_and_one_in_the_caption_the_later_counts() -> None:
    mine = step(QUEUED, Described(((0, "mine"),)))
    assert step(mine, edit("other")).post.alt(0) == "mine"
    assert step(mine, edit("other", alts=("theirs",))).post.alt(0) == "theirs"
    both = after(mine, edit("other", alts=("theirs",)), Described(((0, "mine"),)))
    assert both.post.alt(0) == "mine"
    assert step(both, edit("third", 2, alts=("theirs",))).post.alt(0) == "mine"


def test_what_is_changed_back_is_as_it_was() -> None:
    edited = step(DONE, edit("goodbye"))
    assert revision.is_outdated(edited)
    assert not revision.is_outdated(step(edited, edit("hello", 2)))


def test_an_edit_that_changes_nothing_is_noted_without_a_line_in_the_history() -> None:
    recorded = after(DONE, Recorded(("100",)))
    same = step(recorded, edit("hello"))
    assert (same.recorded, same.rewritten) == (True, False)
    assert not revision.changes(recorded, edit("hello"))
    assert step(same, edit("older", 0.5)) is same
    assert step(recorded, edit("goodbye")).recorded is False


def test_flags_change_until_something_is_out() -> None:
    flags = Flags(paid_partnership=True)
    flagged = after(QUEUED, Flagged(flags), Closed())
    assert flagged.tweets[0].flags == flags
    assert step(POSTING, Flagged(flags)) is POSTING
    assert step(after(FAILED, Flagged(flags), PostAgain()), Closed()).tweets[0].flags == flags


def test_what_can_be_deleted_is_all_that_is_left_the_last_one_first() -> None:
    entry = replace(DONE, posted=("1", "2", THERE), doubles=("3", "4"), deleted=("2", "3"))
    assert revision.deletable(entry) == ("4", "1")
