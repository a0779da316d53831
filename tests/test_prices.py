"""Prices: read from a setting, and what a post will cost, still costs, and has cost."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal

import pytest

from twitter_core import prices
from twitter_core.entry import THERE, Attempt, Entry, State, Upload
from twitter_core.post import Media, Post, Tweet
from twitter_core.prices import APRIL_2026, Prices

LINK = "https://example.org"


def dollars(*amounts: str) -> Decimal:
    return sum(map(Decimal, amounts), Decimal(0))


# --- the setting


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("", {}),
        (" , ,", {}),
        ("create=0.02", {"create": "0.02"}),
        (" create = 0.02 , delete = 0 ,", {"create": "0.02", "delete": "0"}),
        ("own_post=1e-4", {"own_post": "0.0001"}),
        (
            "create=1,create_with_url=2,alt_text=3,delete=4,own_post=5,user=6",
            dict(zip((f.name for f in fields(Prices)), "123456", strict=True)),
        ),
    ],
)
def test_a_setting_changes_the_prices_that_it_names(text: str, changed: dict[str, str]) -> None:
    amounts = {name: Decimal(amount) for name, amount in changed.items()}
    assert prices.read(text) == replace(APRIL_2026, **amounts)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("post=0.02", "none of create, create_with_url, alt_text, delete, own_post, user"),
        ("create", "none of create"),
        ("0.02", "none of create"),
        ("create=", "no price in dollars for create"),
        ("create=cheap", "no price in dollars for create"),
        ("create=-1", "no price in dollars for create"),
        ("create=nan", "no price in dollars for create"),
        ("create=inf", "no price in dollars for create"),
        ("create=1001", "no price in dollars for create"),
        ("create=0,02", "none of create"),
        ("create=$0.02", "no price in dollars for create"),
        ("create=1,create=2", "two prices for create"),
    ],
)
def test_a_setting_that_is_no_price_list_says_why(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        prices.read(text)


# --- before


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("hello", "0.015"),
        ("", "0.015"),
        (f"see {LINK}", "0.2"),
        ("see README.md", "0.2"),
        (f"{LINK} {LINK}", "0.2"),
        ("1.5 percent, e.g. a lot", "0.015"),
        ("me@example.org", "0.015"),
        ("one\n---\ntwo", "0.030"),
        (f"one\n---\ntwo {LINK}\n---\nthree", "0.230"),
    ],
)
def test_each_tweet_of_a_post_is_paid_for_by_its_own_text(text: str, cost: str) -> None:
    assert prices.of_post(Post(text), APRIL_2026) == Decimal(cost)


def test_media_cost_nothing_but_their_alt_texts_do() -> None:
    media = tuple(Media(f"p{number}") for number in range(3))
    assert prices.of_post(Post("a", media), APRIL_2026) == dollars("0.015")
    described = Post("a", media, alts=("a cat", "", "a dog"))
    assert prices.of_post(described, APRIL_2026) == dollars("0.015", "0.005", "0.005")


def test_a_footer_and_what_has_lost_its_links_count_as_they_go_out() -> None:
    assert prices.of_post(Post("a", footer=LINK), APRIL_2026) == dollars("0.2")
    assert prices.of_post(Post(f"a {LINK}", unlinked=True), APRIL_2026) == dollars("0.015")


def test_more_photos_than_one_tweet_takes_are_two_tweets() -> None:
    media = tuple(Media(f"p{number}") for number in range(5))
    assert prices.of_post(Post("a", media), APRIL_2026) == dollars("0.030")


def entry(text: str = "one\n---\ntwo\n---\nthree", **more: object) -> Entry:
    tweets = tuple(Tweet(part) for part in text.split("\n---\n"))
    made = Entry("k", State.QUEUED, Post(text), 0.0, tweets=tweets)
    return replace(made, **more)  # type: ignore[arg-type]


def test_what_is_out_is_not_to_be_paid_for_any_more() -> None:
    assert prices.left(entry(), APRIL_2026) == dollars("0.045")
    assert prices.left(entry(posted=("1", "2")), APRIL_2026) == dollars("0.015")
    assert prices.left(entry(posted=("1", "2", "3")), APRIL_2026) == 0


def test_an_alt_text_that_x_was_told_is_not_to_be_paid_for_any_more() -> None:
    post = Post("a", (Media("p"), Media("q")), alts=("a cat", "a dog"))
    it = Entry("k", State.QUEUED, post, 0.0, uploads=(None, None))
    assert prices.left(it, APRIL_2026) == dollars("0.025")
    told = replace(it, uploads=(Upload("m", 1.0, alt="a cat"), Upload("n", 1.0)))
    assert prices.left(told, APRIL_2026) == dollars("0.020")


# --- after


def test_each_tweet_is_charged_for_once_it_is_known_to_be_out() -> None:
    before = entry(f"one\n---\ntwo {LINK}")
    first = replace(before, posted=("1",))
    both = replace(before, posted=("1", "2"))
    assert prices.of_step(before, first, APRIL_2026) == dollars("0.015")
    assert prices.of_step(first, both, APRIL_2026) == dollars("0.2")
    assert prices.of_step(both, both, APRIL_2026) == 0
    assert prices.of_step(before, before, APRIL_2026) == 0


def test_what_only_the_owner_saw_was_charged_for_as_well() -> None:
    before = entry("one")
    assert prices.of_step(before, replace(before, posted=(THERE,)), APRIL_2026) == dollars("0.015")


def test_a_double_costs_what_the_post_cost_and_a_deletion_its_own_price() -> None:
    attempt = Attempt(0, f"one {LINK}", (), "7", 0.0)
    before = entry(f"one {LINK}", posted=("1",), rechecks=(attempt,))
    doubled = replace(before, doubles=("2",), rechecks=())
    assert prices.of_step(before, doubled, APRIL_2026) == dollars("0.2")
    undoubled = replace(doubled, doubles=(), deleted=("2",))
    assert prices.of_step(doubled, undoubled, APRIL_2026) == dollars("0.010")
    gone = replace(undoubled, deleted=("2", "1"))
    assert prices.of_step(undoubled, gone, APRIL_2026) == dollars("0.010")


@pytest.mark.parametrize(("way", "cost"), [("v2", "0.005"), ("v1.1", "0")])
def test_an_alt_text_costs_something_by_v2_alone(way: str, cost: str) -> None:
    before = entry("one", uploads=(Upload("m", 1.0, way=way), None))
    told = replace(before, uploads=(Upload("m", 1.0, way=way, alt="a cat"), None))
    assert prices.of_step(before, told, APRIL_2026) == Decimal(cost)
    moved = replace(told, uploads=(None, *told.uploads[:1]))
    assert prices.of_step(told, moved, APRIL_2026) == 0


def test_amounts_are_exact() -> None:
    total = sum((APRIL_2026.create for _ in range(1000)), Decimal(0))
    assert str(total) == "15.000"
