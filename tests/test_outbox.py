"""The life of a post: what every event makes of every state, and what is next."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pydantic import TypeAdapter

from twitter_core import lookup, outbox, schedule
from twitter_core.actions import Close, Create, Delete, LookUp, Recheck, Record, Wait
from twitter_core.entry import ENDED, THERE, Attempt, Entry, Failure, Question, State, Upload
from twitter_core.errors import Refusal
from twitter_core.events import (
    Absent,
    Approved,
    Asked,
    Began,
    Blocked,
    Called,
    CalledDuplicate,
    Cancelled,
    Charged,
    Claimed,
    Cleared,
    Closed,
    Continued,
    Delayed,
    Deleted,
    DeletionAsked,
    DeletionFailed,
    Described,
    Edited,
    Event,
    Failed,
    Flagged,
    Found,
    HeldUp,
    ItIsThere,
    Joined,
    Kept,
    LetBe,
    Lost,
    MediaRefused,
    NotSent,
    PostAgain,
    Rebound,
    Rechecked,
    Recorded,
    Released,
    Renewed,
    Reopened,
    RoomAsked,
    Scheduled,
    Shown,
    Stopped,
    Uploaded,
    UploadFailed,
)
from twitter_core.outbox import step
from twitter_core.post import Cut, Flags, Kind, Media, Post
from twitter_core.wire import OwnPost

NOW = 1_700_000_000.0
DAY = 86_400.0
PICTURE = Media("p", order=1)
RECORDED = Recorded(("100",))
REFUSED = Failure(Refusal.FORBIDDEN, "No.")
NO_MEDIA = Failure(Refusal.BAD_MEDIA)


def upload(media_id: str = "m1", *, expires_at: float = NOW + DAY, uploader: str = "7") -> Upload:
    return Upload(media_id, expires_at, uploader, "v2")


def attempt(index: int = 0, started_at: float = NOW) -> Attempt:
    return Attempt(index, "hello", ("m1",), "7", started_at)


def after(entry: Entry, *events: Event) -> Entry:
    for event in events:
        entry = step(entry, event)
    return entry


BARE = Entry("7:1", State.DRAFT, Post("hello"), NOW, question=Question.PREVIEW)
ALBUM = Entry(
    "7:g", State.QUEUED, Post("hello", (PICTURE,)), NOW, seq=1, open_until=NOW + 1, uploads=(None,)
)
QUEUED = after(ALBUM, Claimed("7"), Uploaded(PICTURE, upload()), Closed())
POSTING = after(QUEUED, Began(attempt()))
UNCERTAIN = after(POSTING, Lost(NOW))
ASKED = after(UNCERTAIN, Asked(Question.LOST))
FAILED = after(POSTING, Failed(REFUSED))
DONE = after(POSTING, Found("100", NOW))
CANCELLED = after(QUEUED, Cancelled(NOW))

PLACES = {
    "draft": BARE,
    "album": ALBUM,
    "queued": QUEUED,
    "posting": POSTING,
    "uncertain": UNCERTAIN,
    "asked": ASKED,
    "failed": FAILED,
    "done": DONE,
    "cancelled": CANCELLED,
}

# Where an event has a place, and the state that it leads to. Everywhere else it changes nothing.
MOVES: list[tuple[Event, dict[str, State]]] = [
    (Joined(Media("q", order=2), "", NOW + 2), {"album": State.QUEUED}),
    (Reopened(NOW + 9), {"album": State.QUEUED}),
    (Closed(), {"album": State.QUEUED}),
    (Approved(5, "7"), {"draft": State.QUEUED}),
    (Scheduled(NOW + 9, 5, "7"), dict.fromkeys(("draft", "album", "queued"), State.QUEUED)),
    (Called(5), {}),  # for these two see test_schedule
    (Stopped(), {}),
    (
        Cancelled(NOW),
        dict.fromkeys(("draft", "album", "queued", "failed", "asked"), State.CANCELLED),
    ),
    (Asked(Question.ACCOUNT), {"album": State.DRAFT, "queued": State.DRAFT}),
    (Asked(Question.LOST), {"uncertain": State.UNCERTAIN}),
    (
        Uploaded(PICTURE, upload("m2")),
        {
            "album": State.QUEUED,
            "queued": State.QUEUED,
            "posting": State.POSTING,
            "uncertain": State.UNCERTAIN,
            "asked": State.UNCERTAIN,
            "failed": State.FAILED,
        },
    ),
    (UploadFailed(REFUSED), {"album": State.FAILED, "queued": State.FAILED}),
    (Claimed("7"), {"draft": State.DRAFT, "album": State.QUEUED}),
    (Continued("99"), {"album": State.QUEUED, "queued": State.QUEUED}),
    (Began(attempt()), {"queued": State.POSTING}),
    (Began(attempt(index=1)), {}),
    (NotSent(NOW + 5), {"posting": State.QUEUED}),
    (
        Delayed(NOW + 5),
        {
            "album": State.QUEUED,
            "queued": State.QUEUED,
            "posting": State.POSTING,
            "uncertain": State.UNCERTAIN,
            "asked": State.UNCERTAIN,
            "done": State.DONE,
            "cancelled": State.CANCELLED,
        },
    ),
    (Failed(REFUSED), {"posting": State.FAILED}),
    (MediaRefused(NO_MEDIA), {"posting": State.QUEUED}),
    (CalledDuplicate(NOW), {"posting": State.UNCERTAIN}),
    (Lost(NOW), {"posting": State.UNCERTAIN}),
    (
        Found("100", NOW),
        {"posting": State.DONE, "uncertain": State.DONE, "asked": State.DONE},
    ),
    (ItIsThere(NOW), {"asked": State.DONE}),
    (Absent(NOW), {"uncertain": State.UNCERTAIN, "asked": State.UNCERTAIN}),
    (PostAgain(), {"failed": State.QUEUED, "asked": State.QUEUED}),
    (Rechecked(("101",)), {"done": State.DONE, "cancelled": State.CANCELLED}),
    (DeletionAsked(("100",)), {"done": State.DONE, "cancelled": State.CANCELLED}),
    (Deleted("100"), {}),
    (DeletionFailed(REFUSED), {}),
    (RECORDED, {"done": State.DONE}),
    (Recorded(), {"cancelled": State.CANCELLED}),
    (Shown(), {"done": State.DONE, "cancelled": State.CANCELLED}),
    (
        Edited(1, "goodbye", (NOW, 1)),
        {place: entry.state for place, entry in PLACES.items() if place != "cancelled"},
    ),
    (Edited(1, "goodbye", (0.0, 0)), {}),  # as old as what is known
    (
        Described(((0, "a quay"),)),
        {"album": State.QUEUED, "queued": State.QUEUED, "failed": State.FAILED},
    ),
    (
        Flagged(Flags(made_with_ai=True)),
        {
            "draft": State.DRAFT,
            "album": State.QUEUED,
            "queued": State.QUEUED,
            "failed": State.FAILED,
        },
    ),
    (LetBe(), {}),
    (Renewed("7:1#2", NOW), {"done": State.DONE}),
    (RoomAsked(), {}),
    (Released(), {}),
    (Cleared(), {}),
    (Blocked(REFUSED), {}),
    (Kept(), {}),
    (
        Rebound("7:0#2"),
        {
            "draft": State.DRAFT,
            "album": State.QUEUED,
            "queued": State.QUEUED,
            "failed": State.FAILED,
        },
    ),
    (Charged(Decimal("0.001")), {place: PLACES[place].state for place in PLACES}),
    (HeldUp(), {place: entry.state for place, entry in PLACES.items()}),
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("event", "leads_to"), MOVES, ids=[repr(e)[:30] for e, _ in MOVES])
def test_an_event_moves_where_it_has_a_place_and_nowhere_else(
    place: str, event: Event, leads_to: dict[str, State]
) -> None:
    entry = PLACES[place]
    moved = step(entry, event)
    if place not in leads_to:
        assert moved is entry
    else:
        assert moved != entry
        assert moved.state is leads_to[place]


def test_the_table_names_every_event() -> None:
    assert {type(event) for event, _ in MOVES} == set(Event.__args__)


@pytest.mark.parametrize("place", PLACES)
def test_a_double_tap_is_one_tap(place: str) -> None:
    presses: list[Event] = [Approved(5, "7"), Cancelled(NOW), ItIsThere(NOW), PostAgain()]
    for press in presses:
        once = step(PLACES[place], press)
        assert step(once, press) is once


def test_ended_is_ended() -> None:
    for entry in (DONE, CANCELLED):
        for event, _ in MOVES:
            assert step(entry, event).state is entry.state


# --- albums


def test_an_album_is_in_the_order_of_its_messages_with_the_caption_of_any_of_them() -> None:
    third, second = Media("r", order=3), Media("q", order=2)
    first = replace(ALBUM, post=Post("", (third,)))
    entry = after(first, Uploaded(third, upload("m3")), Joined(second, "Words", NOW + 2))
    entry = after(entry, Joined(PICTURE, "", NOW + 3))
    assert entry.post == Post("Words", (PICTURE, second, third))
    assert entry.uploads == (None, None, upload("m3"))
    assert entry.open_until == NOW + 3


def test_an_item_that_comes_twice_is_in_the_album_once() -> None:
    assert step(ALBUM, Joined(PICTURE, "", NOW + 9)) is ALBUM


def test_the_same_picture_twice_in_an_album_is_two_pictures() -> None:
    again = replace(PICTURE, order=2)
    entry = after(ALBUM, Joined(again, "", NOW + 2), Uploaded(PICTURE, upload("m1")))
    entry = after(entry, Uploaded(again, upload("m2")), Closed())
    assert entry.tweets[0].media == (0, 1)


def test_an_upload_that_ends_after_the_album_was_reordered_is_kept_with_its_picture() -> None:
    second = Media("q", order=0)
    entry = after(ALBUM, Joined(second, "", NOW + 2), Uploaded(PICTURE, upload("m1")))
    assert entry.post.media == (second, PICTURE)
    assert entry.uploads == (None, upload("m1"))


def test_an_open_album_closes_when_its_window_is_over_and_uploads_meanwhile() -> None:
    assert outbox.next_action(ALBUM, NOW) == Wait(NOW + 1)
    assert outbox.uploads_due(ALBUM, "7", NOW) == (0,)
    assert outbox.next_action(ALBUM, NOW + 1) == Close()


# --- the attempt


def test_nothing_goes_out_before_all_media_of_the_post_are_on_x() -> None:
    media = tuple(Media(f"p{n}", order=n) for n in range(5))
    entry = after(replace(ALBUM, post=Post("", media), uploads=(None,) * 5), Closed())
    assert entry.open_until is None
    for n in range(5):
        assert outbox.next_action(entry, NOW) == Wait()
        assert step(entry, Closed()) is entry
        entry = step(entry, Uploaded(media[n], upload(f"m{n}")))
    assert outbox.next_action(entry, NOW) == Close()
    entry = step(entry, Closed())
    assert outbox.next_action(entry, NOW) == Create(0, ("m0", "m1", "m2", "m3"), "")


def test_media_are_dealt_out_by_what_their_bytes_say_they_are() -> None:
    media = tuple(Media(f"p{n}", order=n) for n in range(3))
    entry = replace(ALBUM, post=Post("", media), uploads=(None,) * 3)
    entry = after(entry, Uploaded(media[0], upload()), Uploaded(media[1], upload(), Kind.VIDEO))
    entry = after(entry, Uploaded(media[2], upload(), Kind.PHOTO), Closed())
    assert [tweet.media for tweet in entry.tweets] == [(0,), (1,), (2,)]


@pytest.mark.parametrize(
    ("old", "is_due"),
    [
        (None, True),
        (upload(expires_at=NOW + 3600), False),
        (upload(expires_at=NOW + 3599), True),
        (upload(uploader="8"), True),
        (upload(uploader=""), False),
    ],
)
def test_a_media_id_is_used_while_it_has_an_hour_left_and_is_ones_own(
    old: Upload | None, is_due: bool
) -> None:
    entry = replace(QUEUED, uploads=(old,))
    assert outbox.uploads_due(entry, "7", NOW) == ((0,) if is_due else ())
    assert isinstance(outbox.next_action(entry, NOW), Wait if is_due else Create)


def test_an_upload_that_fails_while_a_tweet_is_out_does_not_make_it_fail() -> None:
    # The create is on its way, so "failed, try again" would be a lie: it may be out already.
    assert step(POSTING, UploadFailed(REFUSED)) is POSTING
    assert after(POSTING, UploadFailed(REFUSED), Found("100", NOW)).posted == ("100",)


def test_a_thread_goes_on_behind_its_last_tweet() -> None:
    media = tuple(Media(f"p{n}", order=n) for n in range(5))
    entry = replace(ALBUM, post=Post("", media), uploads=(None,) * 5)
    entry = after(entry, *(Uploaded(m, upload(m.ref)) for m in media), Closed())
    first = replace(attempt(), text="")
    entry = after(entry, Began(first), Found("100", NOW))
    assert entry.state is State.QUEUED
    assert outbox.next_action(entry, NOW) == Create(1, ("p4",), "100")
    assert outbox.uploads_due(replace(entry, uploads=(None,) * 5), "7", NOW) == (4,)
    second = replace(attempt(1), text="")
    assert after(entry, Began(second), Found("101", NOW)).posted == ("100", "101")


def test_a_post_that_continues_another_waits_for_it_and_replies_to_it() -> None:
    entry = replace(QUEUED, follows="7:0")
    assert outbox.next_action(entry, NOW) == Wait()
    assert outbox.next_action(step(entry, Continued("50")), NOW) == Create(0, ("m1",), "50")


def test_a_parent_that_did_not_go_out_makes_it_a_post_of_its_own_once_approved() -> None:
    entry = after(replace(QUEUED, follows="7:0"), Asked(Question.PARENT), Approved(9, "7"))
    assert outbox.next_action(entry, NOW) == Create(0, ("m1",), "")


def test_an_approved_post_goes_to_the_end_of_the_line_for_the_account_signed_in() -> None:
    entry = after(QUEUED, Asked(Question.ACCOUNT), Approved(9, "8"))
    assert (entry.seq, entry.account, entry.question) == (9, "8", None)
    assert outbox.uploads_due(entry, "8", NOW) == (0,)  # media belong to their uploader


# --- the look-up


def test_a_lost_attempt_is_looked_up_after_5_and_8_seconds_and_only_then_repeated() -> None:
    entry = after(POSTING, Lost(NOW + 30))
    assert outbox.next_action(entry, NOW + 34.9) == Wait(NOW + 35)
    assert outbox.next_action(entry, NOW + 35) == LookUp()
    entry = step(entry, Absent(NOW + 35.5))
    assert outbox.next_action(entry, NOW + 37.9) == Wait(NOW + 38)
    assert outbox.next_action(entry, NOW + 38) == LookUp()
    entry = step(entry, Absent(NOW + 38.5))
    assert outbox.next_action(entry, NOW + 38.5) == Create(0, ("m1",), "")


def test_a_repeated_attempt_is_looked_for_once_more_a_minute_later_from_the_first_try_on() -> None:
    entry = after(POSTING, Lost(NOW), Absent(NOW + 5), Absent(NOW + 8))
    entry = after(entry, Began(attempt(started_at=NOW + 9)), Found("100", NOW + 10))
    entry = after(entry, Shown(), RECORDED)
    assert outbox.next_action(entry, NOW + 69.9) == Wait(NOW + 70)
    assert outbox.next_action(entry, NOW + 70) == Recheck()
    assert entry.rechecks[0].started_at == NOW
    assert not entry.settled
    entry = step(entry, Rechecked(("99",)))
    assert (entry.doubles, entry.recorded) == (("99",), False)
    assert after(entry, Shown(), Recorded(("100",), (), ("99",))).settled


def test_an_attempt_that_succeeded_at_once_is_not_looked_for_again() -> None:
    assert DONE.rechecks == ()
    entry = after(POSTING, NotSent(), Began(attempt(started_at=NOW + 5)), Found("1", NOW))
    assert entry.rechecks == ()


def test_what_the_owner_saw_on_x_is_not_taken_for_a_double_of_itself() -> None:
    entry = after(POSTING, Lost(NOW), Absent(NOW + 5), Absent(NOW + 8))
    entry = after(entry, Began(attempt(started_at=NOW + 9)), Lost(NOW + 10), Asked(Question.LOST))
    entry = step(entry, ItIsThere(NOW + 60))
    assert (entry.posted, entry.rechecks) == ((THERE,), ())


def test_an_answer_of_x_takes_the_question_back() -> None:
    entry = after(ASKED, Absent(NOW + 5), Absent(NOW + 8))
    assert (entry.state, entry.question) == (State.QUEUED, None)
    assert step(ASKED, Found("100", NOW)).question is None


def test_duplicate_is_looked_up_at_once_and_is_a_refusal_where_nothing_new_is_there() -> None:
    entry = step(POSTING, CalledDuplicate(NOW + 1))
    assert outbox.next_action(entry, NOW + 1) == LookUp()
    assert step(entry, Found("100", NOW + 2)).state is State.DONE
    entry = step(entry, Absent(NOW + 2, earlier="55"))
    assert entry.state is State.FAILED
    assert entry.failure == Failure(Refusal.DUPLICATE, earlier="55")


# --- refusals


def test_media_that_x_does_not_take_are_uploaded_once_more_before_the_owner_is_told() -> None:
    entry = step(POSTING, MediaRefused(NO_MEDIA))
    assert outbox.uploads_due(entry, "7", NOW) == (0,)
    again = (Uploaded(PICTURE, upload("m2")), Began(attempt(started_at=NOW + 5)))
    entry = after(entry, *again, MediaRefused(NO_MEDIA))
    assert (entry.state, entry.failure) == (State.FAILED, NO_MEDIA)


def test_try_again_after_refused_media_uploads_them_anew() -> None:
    entry = after(POSTING, MediaRefused(NO_MEDIA), Uploaded(PICTURE, upload("m2")))
    entry = after(entry, Began(attempt(started_at=NOW + 5)), MediaRefused(NO_MEDIA), PostAgain())
    assert outbox.uploads_due(entry, "7", NOW) == (0,)
    entry = after(entry, Uploaded(PICTURE, upload("m3")), Began(attempt(started_at=NOW + 9)))
    assert step(entry, MediaRefused(NO_MEDIA)).state is State.QUEUED


def test_a_delay_holds_back_the_create_and_the_uploads_until_it_is_over() -> None:
    entry = step(replace(QUEUED, uploads=(None,)), Delayed(NOW + 4))
    assert outbox.uploads_due(entry, "7", NOW + 3.9) == ()
    assert outbox.next_action(entry, NOW + 3.9) == Wait(NOW + 4)
    assert outbox.uploads_due(entry, "7", NOW + 4) == (0,)


# --- after the end


def test_a_deletion_is_tried_until_x_confirms_it_and_then_recorded_anew() -> None:
    entry = after(DONE, RECORDED, DeletionAsked(("100", THERE)))
    assert entry.deleting == ("100",)
    assert outbox.next_action(entry, NOW) == Delete("100")
    assert outbox.next_action(step(entry, Delayed(NOW + 3)), NOW) == Wait(NOW + 3)
    entry = step(entry, Deleted("100"))
    assert (entry.deleted, entry.deleting, entry.recorded) == (("100",), (), False)
    assert step(entry, DeletionAsked(("100",))) is entry


def test_what_is_recorded_counts_only_as_long_as_nothing_has_changed() -> None:
    changed = after(DONE, Shown(), DeletionAsked(("100",)), Deleted("100"))
    assert step(changed, RECORDED) is changed
    assert after(changed, Shown(), Recorded(("100",), ("100",))).settled


def test_a_post_of_which_only_the_owner_knows_cannot_be_deleted() -> None:
    entry = step(ASKED, ItIsThere(NOW))
    assert step(entry, DeletionAsked(entry.posted)) is entry


def test_an_end_is_recorded_soon_after_it_is_shown_or_without_that_after_a_while() -> None:
    shown = step(DONE, Shown())
    assert outbox.next_action(shown, NOW) == Wait(NOW + outbox.GATHER)
    assert outbox.next_action(shown, NOW + outbox.GATHER) == Record()
    assert outbox.next_action(DONE, NOW + outbox.GATHER) == Wait(NOW + outbox.CARD)
    assert outbox.next_action(DONE, NOW + outbox.CARD) == Record()
    assert outbox.next_action(step(DONE, RECORDED), NOW + 9) == Wait()


# --- everything that may happen, in any order

SEEN_AFTER = 8.0  # seconds after which X shows what it has: what the look-ups rely on
ADAPTER = TypeAdapter(Entry)


@dataclass(frozen=True)
class OnX:
    """What really took effect. Other posts of the account have no index."""

    id: str
    index: int | None
    text: str
    media_ids: tuple[str, ...]
    reply_to: str
    at: float
    seen_at: float

    def as_x_shows_it(self) -> OwnPost:
        keys = tuple(f"3_{media_id}" for media_id in self.media_ids)
        return OwnPost(self.id, self.text, self.at, keys)


@dataclass(frozen=True)
class Underway:
    """A create that X has not answered yet."""

    create: Create
    text: str


class Life(RuleBasedStateMachine):
    """One post, a publisher that may die at any moment, an X that may do anything to a request,
    and an owner who presses at any time, but tells the truth.

    What is saved and what is in memory are kept apart; a crash goes back to what was saved.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.x: list[OnX] = []
        self.deleted_on_x: set[str] = set()
        self.numbers = iter(range(1000, 10**9))
        self.underway: Underway | None = None
        self.looking: tuple[OnX, ...] | None = None
        self.uploading: set[int] = set()
        self.x_has_it_already = False
        self.entry = BARE
        self.disk: object = None

    @initialize(
        photos=st.integers(0, 6),
        text=st.sampled_from(["", "hello"]),
        start=st.sampled_from(["draft", "queued", "open", "late"]),
        is_repeat=st.booleans(),
        gif_at=st.none() | st.integers(0, 5),
    )
    def arrives(
        self, photos: int, text: str, start: str, is_repeat: bool, gif_at: int | None
    ) -> None:
        media = tuple(
            Media(f"p{n}", Kind.GIF if n == gif_at else Kind.PHOTO, order=n) for n in range(photos)
        )
        text = text if media else "hello"
        self.x_has_it_already = is_repeat and bool(text)
        self.entry = Entry(
            "7:1",
            State.DRAFT if start == "draft" else State.QUEUED,
            Post(text, media),
            self.now,
            seq=1,
            question=Question.OLD if start == "draft" else None,
            open_until=self.now + 1 if start == "open" else None,
            uploads=(None,) * photos,
            account="7",
            follows="7:0" if start == "late" else "",
        )
        self.save()

    # --- the publisher

    def tell(self, event: Event) -> None:
        self.entry = step(self.entry, event)

    @property
    def is_busy(self) -> bool:
        return self.underway is not None or self.looking is not None

    @rule()
    def save(self) -> None:
        self.disk = ADAPTER.dump_python(self.entry, mode="json", exclude_defaults=True)

    @rule(seconds=st.sampled_from([0.1, 1.0, 3.0, 5.0, 8.0, 60.0, 3600.0, DAY]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(fails=st.booleans())
    def does_what_is_next(self, fails: bool) -> None:
        action = outbox.next_action(self.entry, self.now)
        match action:
            case Close():
                self.tell(Closed())
            case Create() if not self.is_busy:
                self.begin(action, is_saved=not fails)
            case LookUp() if not self.is_busy:
                self.look(self.entry)
            case Recheck():
                self.recheck(fails=fails)
            case Delete(tweet_id):
                self.delete(tweet_id, fails=fails)
            case Record():
                self.tell(outbox.as_recorded(self.entry))
            case Wait(until) if until is not None and not self.is_busy:
                self.now = max(self.now, until)
            case _:
                pass

    def begin(self, create: Create, *, is_saved: bool) -> None:
        tweet = self.entry.tweets[create.index]
        begun = Attempt(
            create.index, tweet.text, create.media_ids, "7", self.now, reply_to=create.reply_to
        )
        self.tell(Began(begun))
        if not is_saved:
            self.tell(NotSent(self.now + 1))
            return
        self.save()
        self.sends(create, tweet.text)

    def sends(self, create: Create, text: str) -> None:
        """The heart of it: nothing is sent of which X has one, and everything is sent in order."""
        assert [one.index for one in self.x if one.index == create.index] == []
        assert create.index == len(self.entry.posted)
        assert len(create.media_ids) == len(self.entry.tweets[create.index].media)
        known = [i for i in self.entry.posted if i != THERE]
        assert create.reply_to == (known[-1] if known else self.entry.reply_to)
        assert create.reply_to or not self.entry.follows or self.entry.posted
        self.underway = Underway(create, text)

    def takes_effect(self, seen_after: float) -> OnX:
        assert self.underway is not None
        create = self.underway.create
        one = OnX(
            str(next(self.numbers)),
            create.index,
            self.underway.text,
            create.media_ids,
            create.reply_to,
            self.now,
            self.now + seen_after,
        )
        self.x.append(one)
        return one

    @precondition(lambda self: self.underway is not None)
    @rule(
        how=st.sampled_from(
            ["answered", "answered", "lost", "unsent", "refused", "media", "duplicate", "limited"]
        ),
        had_effect=st.booleans(),
        seen_after=st.floats(0, SEEN_AFTER),
    )
    def x_answers(self, how: str, had_effect: bool, seen_after: float) -> None:
        assert self.underway is not None
        if self.x_has_it_already and self.underway.text and how == "answered":
            how = "duplicate"
        match how:
            case "answered":
                self.tell(Found(self.takes_effect(seen_after).id, self.now))
            case "lost":
                if had_effect and not (self.x_has_it_already and self.underway.text):
                    self.takes_effect(seen_after)
                self.tell(Lost(self.now))
            case "duplicate":
                self.tell(CalledDuplicate(self.now))
            case "unsent" | "limited":
                self.tell(NotSent(self.now + 2 if how == "limited" else 0))
            case "refused":
                self.tell(Failed(REFUSED))
            case "media":
                self.tell(MediaRefused(NO_MEDIA))
        self.underway = None

    def look(self, entry: Entry) -> None:
        assert entry.attempt is not None
        since = min(entry.first_try_at or entry.attempt.started_at, entry.attempt.started_at)
        self.looking = self.shown_by_x(since)

    def shown_by_x(self, since: float) -> tuple[OnX, ...]:
        return tuple(
            one
            for one in self.x
            if one.at >= since - lookup.SLACK
            and self.now >= one.seen_at
            and one.id not in self.deleted_on_x
        )

    @precondition(lambda self: self.looking is not None)
    @rule(how=st.sampled_from(["complete", "complete", "complete", "unclear", "refused", "held"]))
    def x_answers_the_look_up(self, how: str) -> None:
        shown, self.looking = self.looking or (), None
        attempt = self.entry.attempt
        if attempt is None:
            return
        match how:
            case "complete":
                found = lookup.find(
                    attempt, [one.as_x_shows_it() for one in shown], self.entry.posted
                )
                self.tell(Found(found[0], self.now) if found else Absent(self.now))
            case "unclear":
                self.tell(Delayed(self.now + 2))
            case "refused":
                self.tell(Asked(Question.LOST))

    def recheck(self, *, fails: bool) -> None:
        if fails:
            self.tell(Delayed(self.now + 2))
            return
        attempt = self.entry.rechecks[0]
        posts = [one.as_x_shows_it() for one in self.shown_by_x(attempt.started_at)]
        doubles = lookup.find(attempt, posts, self.entry.posted)
        assert doubles == ()
        self.tell(Rechecked(doubles))

    def delete(self, tweet_id: str, *, fails: bool) -> None:
        if fails:
            self.tell(DeletionFailed(REFUSED))
        else:
            self.deleted_on_x.add(tweet_id)
            self.tell(Deleted(tweet_id))

    @rule(had_effect=st.booleans(), seen_after=st.floats(0, SEEN_AFTER), down_for=st.floats(0, 9))
    def is_killed_and_starts_again(
        self, had_effect: bool, seen_after: float, down_for: float
    ) -> None:
        if self.underway is not None and had_effect and not self.x_has_it_already:
            self.takes_effect(seen_after)
        self.underway = self.looking = None
        self.uploading.clear()
        self.now += down_for
        self.entry = ADAPTER.validate_python(self.disk)
        self.tell(Lost(self.now))
        self.tell(Reopened(self.now + 3600))
        self.tell(Reopened(self.now + 1))

    # --- uploads, beside everything else

    @rule(random=st.randoms())
    def an_upload_begins(self, random: random.Random) -> None:
        due = [i for i in outbox.uploads_due(self.entry, "7", self.now) if i not in self.uploading]
        if due:
            self.uploading.add(random.choice(due))

    @precondition(lambda self: bool(self.uploading))
    @rule(how=st.sampled_from(["done", "done", "done", "failed", "later", "short"]))
    def an_upload_ends(self, how: str) -> None:
        index = self.uploading.pop()
        match how:
            case "done" | "short":
                until = self.now + (DAY if how == "done" else 4000)
                medium = self.entry.post.media[index]
                done = upload(str(next(self.numbers)), expires_at=until)
                done = replace(done, alt=self.entry.post.alt(index))
                self.tell(Uploaded(medium, done))
            case "failed":
                self.tell(UploadFailed(REFUSED))
            case "later":
                self.tell(Delayed(self.now + 2))

    # --- what else happens to a post

    @rule(tweet_id=st.sampled_from(["50"]))
    def the_post_before_it_goes_out(self, tweet_id: str) -> None:
        if self.entry.follows:
            self.tell(Continued(tweet_id))

    @rule(question=st.sampled_from([Question.ACCOUNT, Question.LOST, Question.PARENT]))
    def another_account_is_signed_in(self, question: Question) -> None:
        if question is not Question.PARENT or self.entry.follows:
            self.tell(Asked(question))

    @rule()
    def it_holds_up_others(self) -> None:
        self.tell(HeldUp())

    # --- the owner

    @rule(hold=st.sampled_from([0.0, 10.0]))
    def the_owner_says_post(self, hold: float) -> None:
        self.tell(Approved(2, "7", self.now, hold))

    @rule()
    def the_owner_says_stop(self) -> None:
        self.tell(Stopped())

    @rule(seconds=st.sampled_from([1.0, 900.0, DAY]))
    def the_owner_says_when(self, seconds: float) -> None:
        self.tell(Scheduled(self.now + seconds, 3, "7"))

    @rule()
    def the_clock_is_looked_at(self) -> None:
        for _, event in schedule.calls([self.entry], self.now, lambda: 4):
            self.tell(event)

    @rule()
    def the_owner_cancels(self) -> None:
        self.tell(Cancelled(self.now))

    @rule()
    def the_owner_looks_on_x_and_answers(self) -> None:
        entry = self.entry
        if entry.state is State.FAILED:
            self.tell(PostAgain())
        elif entry.question is Question.LOST and self.underway is None:
            self.now = max([self.now, *(one.seen_at for one in self.x)])
            is_there = any(one.index == len(entry.posted) for one in self.x)
            self.tell(ItIsThere(self.now) if is_there else PostAgain())

    @rule()
    def the_owner_deletes(self) -> None:
        self.tell(DeletionAsked(self.entry.posted))

    @rule(text=st.sampled_from(["hello", "goodbye", "word " * 100]))
    def the_owner_edits(self, text: str) -> None:
        self.tell(Edited(0, text, (self.now, next(self.numbers))))

    @rule(alt=st.sampled_from(["a quay", "a gull"]), ai=st.booleans())
    def the_owner_describes(self, alt: str, ai: bool) -> None:
        self.tell(Described(((0, alt),)))
        self.tell(Flagged(Flags(made_with_ai=ai)))

    # --- what always holds

    @invariant()
    def nothing_is_on_x_twice(self) -> None:
        ours = [one.index for one in self.x]
        assert len(ours) == len(set(ours))

    @invariant()
    def what_counts_as_posted_is_on_x_in_order(self) -> None:
        on_x = {one.id: one for one in self.x}
        for index, tweet_id in enumerate(self.entry.posted):
            assert tweet_id == THERE or on_x[tweet_id].index == index
        if self.entry.state is State.DONE:
            assert len(self.entry.posted) == len(self.entry.tweets)
            assert {one.index for one in self.x} == set(range(len(self.entry.tweets)))

    @invariant()
    def something_goes_on_or_the_owner_is_asked(self) -> None:
        entry = self.entry
        action = outbox.next_action(entry, self.now)
        assert (
            action != Wait()
            or entry.needs_owner
            or (entry.state in ENDED and entry.recorded and not entry.rechecks)
            or self.is_busy
            or self.uploading
            or outbox.uploads_due(entry, "7", self.now)
            or (entry.follows and not entry.reply_to)
        )
        assert (entry.state is State.POSTING) == (self.underway is not None)

    @invariant()
    def the_store_gives_back_what_it_got(self) -> None:
        plain = ADAPTER.dump_python(self.entry, mode="json", exclude_defaults=True)
        assert ADAPTER.validate_python(plain) == self.entry

    def teardown(self) -> None:
        """From wherever it stands, a kind world brings it to its end."""
        for _ in range(200):
            self.goes_well()
            if self.entry.settled:
                break
        else:
            raise AssertionError(f"no end is reached from {self.entry.state}")
        self.nothing_is_on_x_twice()
        self.what_counts_as_posted_is_on_x_in_order()

    def goes_well(self) -> None:
        self.now += 1
        if self.underway is not None:
            self.x_answers("answered", True, 0)
        if self.looking is not None:
            self.x_answers_the_look_up("complete")
        if self.entry.state is State.DRAFT:
            self.the_owner_says_post(0.0)
        self.the_clock_is_looked_at()
        if self.entry.state is State.FAILED and self.x_has_it_already:
            self.the_owner_cancels()
        self.the_owner_looks_on_x_and_answers()
        self.the_post_before_it_goes_out("50")
        self.an_upload_begins(random.Random(1))
        if self.uploading:
            self.an_upload_ends("done")
        self.does_what_is_next(False)
        self.tell(Shown())


@pytest.mark.parametrize("steps", [30, 80])
def test_whatever_happens_in_whatever_order_it_is_posted_once_or_the_owner_is_asked(
    steps: int,
) -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=150,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_duplicate_after_an_earlier_try_is_looked_for_twice_for_it_may_be_ours() -> None:
    absent = after(UNCERTAIN, Absent(NOW + 5), Absent(NOW + 8))
    again = after(absent, Began(attempt(started_at=NOW + 9)), CalledDuplicate(NOW + 10))
    assert outbox.next_action(again, NOW + 10) == LookUp()
    once = step(again, Absent(NOW + 10))
    assert once.state is State.UNCERTAIN
    assert outbox.next_action(once, NOW + 10) == Wait(NOW + 15)
    assert step(once, Found("100", NOW + 15)).state is State.DONE
    assert step(once, Absent(NOW + 15)).state is State.FAILED


@pytest.mark.parametrize(("order", "text"), [(2, "hello\n\nagain"), (0, "again\n\nhello")])
def test_two_captions_of_one_album_both_go_out_in_the_order_of_their_items(
    order: int, text: str
) -> None:
    entry = step(ALBUM, Joined(Media("q", order=order), "again", NOW + 2))
    assert entry.post.text == text


def test_where_threads_are_off_too_long_a_text_asks_and_goes_out_as_a_thread_when_told() -> None:
    post = Post("word " * 100, cut=Cut(threads=False))
    queued = Entry("1:1", State.QUEUED, post, NOW)
    asked = step(queued, Closed())
    assert (asked.state, asked.question, asked.tweets) == (State.DRAFT, Question.TOO_LONG, ())
    approved = after(asked, Approved(7), Closed())
    assert approved.state is State.QUEUED
    assert len(approved.tweets) == 2


def test_where_threads_are_off_a_text_that_fits_is_one_post() -> None:
    queued = Entry("1:1", State.QUEUED, Post("a\n---\nb", cut=Cut(threads=False)), NOW)
    assert [tweet.text for tweet in step(queued, Closed()).tweets] == ["a\n---\nb"]
