"""What the bot says about money: what a post will cost or has cost, and the budget. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from twitter_core import links, revision, thread
from twitter_core import prices as price_list
from twitter_core.entry import Entry, Question
from twitter_core.post import Post
from twitter_core.prices import APRIL_2026, NO_MONTH, Month, Prices

from .sentences import fit

NAMED = 3  # links that are named; the others are counted
LINK = 60  # UTF-16 units of a link's name
UNLINKED = 300  # and of a text as it is without its links

BUDGET_WHAT = (
    "Send /budget with what a month may cost in dollars, such as /budget 5, or /budget off."
)
NO_BUDGET = "No budget: nothing is asked, whatever a month costs."
USED_UP = "The budget is used up: I ask before each post."


@dataclass(frozen=True, slots=True)
class Purse:
    """What a post costs, what this month has cost, and what it may cost (None: whatever)."""

    prices: Prices = APRIL_2026
    month: Month = NO_MONTH
    budget: Decimal | None = None


NO_LIMIT = Purse()


def dollars(amount: Decimal) -> str:
    """An amount as one reads it: $0.015, $0.20, $12.50."""
    exact = amount.quantize(Decimal("0.001"), ROUND_HALF_UP)
    cents = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"${cents if cents == exact else exact}"


def due(entry: Entry, purse: Purse) -> str:
    """What is still to be paid for a post."""
    return dollars(price_list.left(entry, purse.prices))


def paid(entry: Entry) -> str:
    """What a post has cost, empty where it has cost nothing."""
    return dollars(entry.cost) if entry.cost else ""


def paid_in_all(entry: Entry) -> str:
    """What a post has cost that is no more, empty where it has cost nothing."""
    return f"It cost {dollars(entry.cost)} in all." if entry.cost else ""


def found_links(post: Post) -> tuple[str, ...]:
    """What X will take for a link in a post, each once."""
    texts = [tweet.text for tweet in thread.split(post)]
    return tuple(dict.fromkeys(link for text in texts for link in links.find(text)))


def may_be_unlinked(post: Post) -> bool:
    """Whether there are links in a post, and something is left of it without them."""
    if not found_links(post):
        return False
    plain = thread.split(replace(post, unlinked=True))
    return bool(post.media or post.poll) or any(tweet.text for tweet in plain)


def of_links(entry: Entry, purse: Purse) -> str:
    """Which words of a post make it dear, and what is left without them; empty where none do."""
    found = found_links(entry.post)
    plain = replace(entry.post, unlinked=True)
    cheap = price_list.left(replace(entry, post=plain, tweets=()), purse.prices)
    if not found or cheap >= price_list.left(entry, purse.prices):
        return ""
    told = f"{_named(found)}: {due(entry, purse)} instead of {dollars(cheap)}."
    if not may_be_unlinked(entry.post):
        return told
    if all(map(links.stays, found)):
        stay = "it stays as a plain word" if len(found) == 1 else "they stay as plain words"
        return f"{told} Without the link {stay}."
    text = "\n\n".join(tweet.text for tweet in thread.split(plain) if tweet.text)
    if not text:
        return f"{told} Without the link there is no text."
    return f"{told}\n\nWithout the link: {fit(text, UNLINKED)}"


def of_renewal(old: Entry, post: Post, purse: Purse) -> str:
    """What it costs to delete `old` and to post it again as `post`, and which words do that."""
    deletions = len(revision.deletable(old)) * purse.prices.delete
    cost = price_list.of_post(post, purse.prices) + deletions
    told = f"To delete it and post it again costs {dollars(cost)}"
    found = found_links(post)
    if not found:
        return f"{told}."
    return f"{told}: {_named(found)}."


def _named(found: tuple[str, ...]) -> str:
    return f"{_listed(found)} {'counts as a link' if len(found) == 1 else 'count as links'}"


def _listed(found: tuple[str, ...]) -> str:
    names = [fit(link, LINK) for link in found[:NAMED]]
    if len(found) > NAMED:
        return f"{', '.join(names)} and {len(found) - NAMED} more"
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]


def of_draft(entry: Entry, purse: Purse) -> tuple[str, ...]:
    """What a draft says about money beside its cost."""
    parts = [of_links(entry, purse)]
    if entry.question is Question.BUDGET and purse.budget is not None:
        cost = due(entry, purse)
        spent = f"{dollars(purse.month.cost)} of {dollars(purse.budget)}"
        parts.append(f"This month so far: {spent}. This post: {cost}.")
    return tuple(filter(None, parts))


def month(purse: Purse, now: float) -> str:
    """What a month has cost by our count, as one line of /status."""
    posts = purse.month.posts
    spent = dollars(purse.month.cost)
    of = f" of {dollars(purse.budget)}" if purse.budget is not None else ""
    name = datetime.fromtimestamp(now, UTC).strftime("%B")
    return f"{name}: {posts} {'post' if posts == 1 else 'posts'}, {spent}{of}"


def budget(purse: Purse, now: float) -> str:
    """What `/budget` answers with."""
    if purse.budget is None:
        rule = NO_BUDGET
    elif purse.month.cost >= purse.budget:
        rule = USED_UP
    else:
        rule = f"I ask before a post would bring a month above {dollars(purse.budget)}."
    return f"{month(purse, now)}\n{rule}\n\n{BUDGET_WHAT}"
