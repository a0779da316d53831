"""Delete and post again: there is one in the end, and never two."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from pydantic import TypeAdapter

from tests.test_outbox import CANCELLED, DONE, FAILED, NOW, QUEUED, REFUSED, after, upload
from twitter_core import handover, outbox, revision
from twitter_core.actions import Close, Create, Delete, MakeRoom, Wait
from twitter_core.entry import ENDED, THERE, Attempt, Entry, State
from twitter_core.events import (
    Began,
    Blocked,
    Cancelled,
    Cleared,
    Closed,
    Deleted,
    DeletionAsked,
    DeletionFailed,
    Edited,
    Event,
    Failed,
    Found,
    Kept,
    Lost,
    PostAgain,
    Released,
    Renewed,
    RoomAsked,
    Uploaded,
)
from twitter_core.outbox import step

OUTDATED = step(DONE, Edited(1, "goodbye", (NOW, 1)))
SPARED = step(OUTDATED, Renewed("7:g#2", NOW))


def heir(old: Entry = OUTDATED) -> Entry:
    it = handover.make_heir(old, "7:g#2", revision.wanted(old), NOW)
    return replace(it, seq=2, uploads=(None,) * len(it.post.media))


def ready(it: Entry) -> Entry:
    media = it.post.media
    return after(it, *(Uploaded(m, upload(f"new-{m.ref}")) for m in media), Closed())


@pytest.mark.parametrize(
    ("keys", "after_them"),
    [
        (("7:1",), "7:1#2"),
        (("7:1", ""), "7:1#2"),
        (("7:1#2",), "7:1#3"),
        (("7:1", "7:1#2"), "7:1#3"),
        (("7:1#9", "7:1#12"), "7:1#13"),
    ],
)
def test_the_key_tells_which_one_it_is(keys: tuple[str, ...], after_them: str) -> None:
    assert handover.key_after(*keys) == after_them
    assert handover.generation(after_them) == max(map(handover.generation, keys)) + 1


def test_the_old_one_stays_until_the_new_one_is_ready() -> None:
    assert SPARED.deleting == ("100",)
    assert outbox.next_action(SPARED, NOW + 9e9) == Wait()
    assert not SPARED.settled
    assert outbox.next_action(step(SPARED, Released()), NOW) == Delete("100")


def test_the_new_one_waits_for_room_once_all_its_media_are_there() -> None:
    assert outbox.next_action(heir(), NOW) == Wait()
    assert outbox.uploads_due(heir(), "7", NOW) == (0,)
    it = ready(heir())
    assert outbox.next_action(it, NOW) == MakeRoom()
    it = step(it, RoomAsked())
    assert outbox.next_action(it, NOW) == Wait()
    assert outbox.next_action(step(it, Cleared()), NOW) == Create(0, ("new-p",), "")


def test_the_new_one_hears_of_the_deletion_when_nothing_is_left() -> None:
    two = replace(SPARED, posted=("100", "101"), deleting=("101", "100"), spared=False)
    one = step(two, Deleted("101"))
    assert handover.news(one, Deleted("101")) is None
    none = step(one, Deleted("100"))
    assert handover.news(none, Deleted("100")) == ("7:g#2", Cleared())
    refused = step(one, DeletionFailed(REFUSED))
    assert handover.news(refused, DeletionFailed(REFUSED)) == ("7:g#2", Blocked(REFUSED))


def test_where_the_deletion_is_refused_the_new_one_has_failed_and_can_be_tried_again() -> None:
    it = after(ready(heir()), RoomAsked(), Blocked(REFUSED))
    assert it.state is State.FAILED
    assert it.failure is not None and it.failure.of_deletion
    assert outbox.next_action(step(it, PostAgain()), NOW) == MakeRoom()


def test_where_the_new_one_is_taken_back_the_old_one_is_kept() -> None:
    taken_back = step(heir(), Cancelled(NOW))
    assert handover.news(taken_back, Cancelled(NOW)) == ("7:g", Kept())
    kept = step(SPARED, Kept())
    assert (kept.deleting, kept.spared) == ((), False)
    assert revision.is_outdated(kept)
    under_way = step(SPARED, Released())
    assert step(under_way, Kept()) is under_way  # X may have done it already


def test_it_is_not_taken_back_while_the_old_one_may_be_gone_already() -> None:
    clearing = step(ready(heir()), RoomAsked())
    assert step(clearing, Cancelled(NOW)) is clearing
    assert step(clearing, Cancelled(NOW, for_both=True)).state is State.CANCELLED
    assert step(step(clearing, Cleared()), Cancelled(NOW)).state is State.CANCELLED
    assert step(step(clearing, Blocked(REFUSED)), Cancelled(NOW)).state is State.CANCELLED


def test_delete_while_the_new_one_is_made_ready_deletes_at_once() -> None:
    now = step(SPARED, DeletionAsked(("100",)))
    assert outbox.next_action(now, NOW) == Delete("100")


@pytest.mark.parametrize(
    "entry",
    [
        CANCELLED,
        QUEUED,
        FAILED,
        replace(DONE, posted=(THERE,)),
        replace(DONE, deleted=("100",)),
        replace(DONE, deleting=("100",)),
        SPARED,
    ],
)
def test_what_is_not_out_or_has_no_address_is_not_posted_again(entry: Entry) -> None:
    assert not handover.is_possible(entry)
    assert step(entry, Renewed("7:g#2", NOW)) is entry


def test_half_a_thread_is_given_up_for_the_new_one() -> None:
    half = replace(FAILED, posted=("100",))
    given_up = step(half, Renewed("7:g#2", NOW))
    assert (given_up.state, given_up.deleting) == (State.CANCELLED, ("100",))


# --- whatever happens


ADAPTER = TypeAdapter(Entry)


class Pair(RuleBasedStateMachine):
    """An old post, its heir, a publisher that dies at any moment, and an owner who presses."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.on_x = {"100"}
        self.numbers = iter(range(200, 10**9))
        self.entries: dict[str, Entry] = {"7:g": OUTDATED}
        self.sending: Create | None = None
        self.save()

    def tell(self, key: str, event: Event) -> bool:
        before = self.entries.get(key)
        if before is None:
            return False
        now = step(before, event)
        if now is before:
            return False
        self.entries[key] = now
        if (news := handover.news(now, event)) is not None:
            self.tell(*news)
        return True

    @property
    def heir(self) -> Entry | None:
        return self.entries.get(self.entries["7:g"].heir)

    @rule()
    def save(self) -> None:
        self.disk: dict[str, Any] = {
            key: ADAPTER.dump_python(it, mode="json", exclude_defaults=True)
            for key, it in self.entries.items()
        }

    @rule()
    def is_killed(self) -> None:
        self.sending = None
        self.entries = {key: ADAPTER.validate_python(it) for key, it in self.disk.items()}
        for key in self.entries:
            self.tell(key, Lost(self.now))

    @rule()
    def the_owner_wants_it_again(self) -> None:
        old = self.entries["7:g"]
        now = self.heir
        if now is not None and now.state not in ENDED:
            return
        key = handover.key_after(old.key, old.heir)
        it = heir(old)
        if self.tell("7:g", Renewed(key, self.now)):
            self.entries[key] = replace(it, key=key)

    @rule(verb=st.sampled_from(["cancel", "again", "delete"]))
    def the_owner_presses(self, verb: str) -> None:
        it = self.heir
        if verb == "delete":
            self.tell("7:g", DeletionAsked(("100",)))
            self.save()  # else the press is made once more
        elif it is not None:
            self.tell(it.key, Cancelled(self.now) if verb == "cancel" else PostAgain())

    @rule(fails=st.sampled_from([False, False, True]))
    def goes_on(self, fails: bool) -> None:
        for it in list(self.entries.values()):
            self.now += 1
            match outbox.next_action(it, self.now):
                case Wait() if outbox.uploads_due(it, "7", self.now):
                    for index in outbox.uploads_due(it, "7", self.now):
                        done = upload(str(next(self.numbers)), expires_at=self.now + 9e4)
                        self.tell(it.key, Uploaded(it.post.media[index], done))
                case Close():
                    self.tell(it.key, Closed())
                case MakeRoom():
                    self.make_room(it)
                case Delete(tweet_id):
                    self.save()
                    if fails and tweet_id in self.on_x:
                        self.tell(it.key, DeletionFailed(REFUSED))
                    else:
                        self.on_x.discard(tweet_id)
                        self.tell(it.key, Deleted(tweet_id))
                case Create() as create if self.sending is None:
                    self.send(it, create, fails=fails)

    def make_room(self, it: Entry) -> None:
        if self.tell(it.key, RoomAsked()):
            if not revision.is_out(self.entries[it.replaces]):
                self.tell(it.key, Cleared())
                return
            self.tell(it.replaces, Renewed(it.key, self.now))
            self.tell(it.replaces, Released())

    def send(self, it: Entry, create: Create, *, fails: bool) -> None:
        text = it.tweets[create.index].text
        begun = Attempt(create.index, text, create.media_ids, "7", self.now)
        if not self.tell(it.key, Began(begun)):
            return
        self.save()
        assert "100" not in self.on_x
        if fails:
            self.tell(it.key, Failed(REFUSED))
            self.save()  # of look-ups tells test_outbox
            return
        tweet_id = str(next(self.numbers))
        self.on_x.add(tweet_id)
        self.tell(it.key, Found(tweet_id, self.now))
        self.save()

    @invariant()
    def there_are_never_two(self) -> None:
        assert len(self.on_x) <= 1

    @invariant()
    def there_is_none_only_where_a_card_says_so(self) -> None:
        if self.on_x:
            return
        it = self.heir
        waits = it is not None and it.state not in ENDED
        assert waits or "100" in self.entries["7:g"].deleted or self.entries["7:g"].deleting

    def teardown(self) -> None:
        for _ in range(60):
            it = self.heir
            if it is not None and it.state is State.FAILED:
                self.tell(it.key, PostAgain())
            self.goes_on(False)
        it = self.heir
        if it is not None and it.state is not State.CANCELLED:
            assert it.state is State.DONE
            assert self.on_x == set(it.posted)


def test_whatever_happens_there_are_never_two_and_none_without_a_word() -> None:
    run_state_machine_as_test(
        Pair,
        settings=settings(
            max_examples=150,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
