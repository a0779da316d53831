"""What is counted: all that X charges for, once, whatever gets lost and whenever the bot dies."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.clockwork import jumping, now
from tests.post_office import FakeX, Office, Trouble, at_work, office, signed_in
from twitter_core.entry import Entry, Question, State
from twitter_core.errors import CreditsDepleted, Forbidden, Refusal, Uncertain, Unsent
from twitter_core.events import Approved, Cancelled, DeletionAsked, ItIsThere, Shown
from twitter_core.post import Media, Post
from twitter_core.prices import Month

LINK = "https://example.org"
MINUTE = 60.0


async def shown(at: Office, key: str) -> None:
    """Until the post under `key` has ended, been seen, and left the outbox."""
    await asyncio.sleep(5)
    at.publisher.tell(key, Shown())
    await asyncio.sleep(5)


def recorded(at: Office) -> dict[str, dict[str, Any]]:
    """The last line of each post in the history."""
    lines = list(at.store.history.read_back())
    return {line["key"]: line for line in reversed(lines)}


def month(at: Office) -> Month:
    return at.publisher.ledger.current


@jumping
async def test_a_post_its_deletion_and_the_sum_of_the_month(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        key = at.send(f"see {LINK}")
        await shown(at, key)
        assert recorded(at)[key]["cost"] == "0.200"
        assert month(at) == Month(Decimal("0.200"), 1)
        record = at.publisher.archive.find(lambda line: line["key"] == key)
        assert record is not None
        at.publisher.recall(record.entry)
        assert month(at).cost == Decimal("0.200"), "what is taken out of the archive is counted"
        at.publisher.tell(key, DeletionAsked(record.entry.posted))
        await shown(at, key)
        assert recorded(at)[key]["cost"] == "0.210"
        assert month(at) == Month(Decimal("0.210"), 1)


@jumping
async def test_what_x_refuses_or_never_sees_costs_nothing(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", Unsent(), CreditsDepleted(Refusal.CREDITS, status=402))
        at.x.fails("create", Forbidden(Refusal.FORBIDDEN, status=403))
        at.send("one")
        await asyncio.sleep(MINUTE)
        assert at.state("1:one") is State.FAILED
        assert month(at) == Month()


@jumping
async def test_a_post_whose_answer_got_lost_is_counted_with_what_the_look_up_read(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.x.add("somebody else's")
        at.x.fails("create", Uncertain("ReadTimeout"), effect=True)
        key = at.send("one")
        await asyncio.sleep(MINUTE)
        await shown(at, key)
        assert recorded(at)[key]["cost"] == "0.017"  # two of one's own posts were read
        assert month(at) == Month(Decimal("0.017"), 1)


@jumping
async def test_one_that_was_sent_twice_is_counted_twice(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.x.fails("create", Uncertain("ReadTimeout"))
        key = at.send("one")
        await asyncio.sleep(0.5)
        assert at.state(key) is State.UNCERTAIN
        at.x.posts.clear()
        await asyncio.sleep(30)
        assert at.state(key) is State.DONE
        at.x.add("one")  # the first one shows up at last
        await asyncio.sleep(2 * MINUTE)
        await shown(at, key)
        assert len(at.entry(key).doubles) == 1
        cost = Decimal(recorded(at)[key]["cost"])
        assert cost == month(at).cost == Decimal("0.032")  # the look afterwards read two
        assert month(at).posts == 2


@jumping
async def test_what_only_the_owner_saw_is_counted(tmp_path: Path) -> None:
    async with office(tmp_path) as at:
        at.x.always["own_posts"] = Trouble(Forbidden(Refusal.FORBIDDEN, status=403))
        at.x.fails("create", Uncertain("ReadTimeout"), effect=True)
        key = at.send("one")
        await asyncio.sleep(MINUTE)
        assert at.question(key) is Question.LOST
        assert month(at) == Month()
        at.publisher.tell(key, ItIsThere(at.publisher.now()))
        assert month(at) == Month(Decimal("0.015"), 1)


class _Alts(FakeX):
    async def describe_v2(self, access_token: str, media_id: str, alt: str) -> None:
        async with self._request("describe_v2", alt):
            pass


@jumping
async def test_alt_texts_are_counted_once_each(tmp_path: Path) -> None:
    async with at_work(Office(tmp_path, _Alts(), signed_in())) as at:
        post = Post("one", (Media("p", order=1), Media("q", order=2)), alts=("a cat", ""))
        at.publisher.submit(Entry("k", State.QUEUED, post, now()))
        await shown(at, "k")
        assert at.x.calls("describe_v2") == ["a cat"]
        assert month(at) == Month(Decimal("0.020"), 1)


@pytest.mark.parametrize("after", [0.05, 0.15, 0.5, 1.0, 1.3, 1.6, 2.0, 2.5, 3.2, 4.5, 7.0])
@jumping
async def test_killed_at_any_time_a_post_is_counted_once(tmp_path: Path, after: float) -> None:
    async with office(tmp_path) as at:
        key = at.send(f"see {LINK}")
        await at.store.save()
        asyncio.get_running_loop().call_later(0.8, lambda: at.publisher.tell(key, Shown()))
        await asyncio.sleep(after)
        await at.reopen(is_killed=True)
        await asyncio.sleep(2 * MINUTE)
        await shown(at, key)
        reads = len(at.x.calls("own_posts"))
        assert at.x.timeline == [f"see {LINK}"]
        assert at.publisher.entries() == ()
        cost = Decimal(recorded(at)[key]["cost"])
        assert cost == month(at).cost
        assert Decimal("0.200") <= cost <= Decimal("0.200") + reads * Decimal("0.001")
        assert month(at).posts == 1


@jumping
async def test_where_the_history_knows_more_than_the_store_the_sum_catches_up(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        key = at.send("one")
        await at.store.save()
        put = at.store._storage.put
        # A disk that is slow to take the store.
        at.store._storage.put = lambda content: None  # type: ignore[method-assign]
        await asyncio.sleep(0.5)
        at.publisher.tell(key, Shown())
        await asyncio.sleep(1.5)
        assert key in recorded(at)
        at.store._storage.put = put  # type: ignore[method-assign]
        await at.reopen(is_killed=True)
        await asyncio.sleep(1)
        assert month(at) == Month(Decimal("0.015"), 1)
        await shown(at, key)
        assert month(at) == Month(Decimal("0.015"), 1)


@jumping
async def test_what_would_pass_the_budget_is_asked_about_and_lets_others_go_first(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        at.budget = lambda: Decimal("0.05")  # type: ignore[method-assign]
        dear, cheap = at.send(f"see {LINK}"), at.send("cheap")
        await asyncio.sleep(MINUTE)
        assert at.question(dear) is Question.BUDGET
        assert at.state(cheap) is State.DONE
        at.publisher.tell(dear, Approved(9, "7"))
        await asyncio.sleep(MINUTE)
        assert at.state(dear) is State.DONE
        assert at.x.timeline == ["cheap", f"see {LINK}"]


@jumping
async def test_a_thread_that_was_given_up_is_looked_at_once_more_and_no_more(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as at:
        no = Forbidden(Refusal.FORBIDDEN, status=403)
        lost = Uncertain("ReadTimeout")
        at.x.troubles["create"] += [Trouble(lost), Trouble(effect=True), Trouble(no)]
        key = at.send("one\n---\ntwo")
        await asyncio.sleep(20)
        assert at.state(key) is State.FAILED
        at.publisher.tell(key, Cancelled(at.publisher.now()))
        looks = len(at.x.calls("own_posts"))
        at.x.add("one")  # the first try shows up at last
        await asyncio.sleep(10 * MINUTE)
        assert len(at.x.calls("own_posts")) == looks + 1, "each look costs money"
        assert len(at.entry(key).doubles) == 1
        await shown(at, key)
        assert at.publisher.entries() == ()
        assert month(at) == Month(Decimal("0.032"), 2)
