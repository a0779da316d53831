"""What X charges, and what a post comes to. Pure; amounts are exact, in US dollars.

The prices are those of April 2026, pay per use, read in November 2026 [official]. They are few and
X changes them, so whoever uses this may bring others.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from decimal import Decimal, InvalidOperation
from typing import Final

from . import links, thread
from .entry import Entry
from .post import Post

NOTHING: Final = Decimal(0)
MOST: Final = 1000  # dollars; more for one request is a slip of the pen
_V2 = "v2"  # the way of uploading where an alt text has its price


@dataclass(frozen=True, slots=True)
class Prices:
    """What one of each costs."""

    create: Decimal = Decimal("0.015")
    create_with_url: Decimal = Decimal("0.200")  # a bare domain too, which X leaves open
    alt_text: Decimal = Decimal("0.005")  # by v2; for v1.1 X names no price
    delete: Decimal = Decimal("0.010")
    own_post: Decimal = Decimal("0.001")  # a post of one's own that is read, as in a look-up
    user: Decimal = Decimal("0.010")  # whose sign-in it is

    def of_text(self, text: str) -> Decimal:
        """What it costs to create a post with this text."""
        return self.create_with_url if links.find(text) else self.create


@dataclass(frozen=True, slots=True)
class Month:
    """What a month has cost, and how many posts were created on X (each of a thread)."""

    cost: Decimal = NOTHING
    posts: int = 0


APRIL_2026: Final = Prices()
NO_MONTH: Final = Month()
NAMES: Final = tuple(field.name for field in fields(Prices))


def read(text: str) -> Prices:
    """`text` like `create=0.02,delete=0` over the prices of April 2026. Raises ValueError."""
    found: dict[str, Decimal] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        name, equals, amount = (piece.strip() for piece in part.partition("="))
        if name not in NAMES or not equals:
            raise ValueError(f"has a price for what is none of {', '.join(NAMES)}")
        if name in found:
            raise ValueError(f"has two prices for {name}")
        found[name] = _amount(name, amount)
    return replace(APRIL_2026, **found)


def _amount(name: str, amount: str) -> Decimal:
    try:
        price = Decimal(amount)
    except InvalidOperation:
        price = Decimal(-1)
    if not (price.is_finite() and 0 <= price <= MOST):
        raise ValueError(f"has no price in dollars for {name}")
    return price


def of_post(post: Post, prices: Prices) -> Decimal:
    """What it will cost to post all of `post`."""
    texts = [tweet.text for tweet in thread.split(post)]
    alts = sum(bool(post.alt(index)) for index in range(len(post.media)))
    return sum(map(prices.of_text, texts), alts * prices.alt_text)


def left(entry: Entry, prices: Prices) -> Decimal:
    """What is still to be paid for `entry`, where all goes well."""
    if not entry.tweets and not any(entry.uploads):
        return of_post(entry.post, prices)
    tweets = (entry.tweets or thread.split(entry.post))[len(entry.posted) :]
    told = [upload.alt if upload is not None else "" for upload in entry.uploads]
    alts = sum(
        bool(alt := entry.post.alt(index)) and alt != told[index] for index in range(len(told))
    )
    return sum((prices.of_text(tweet.text) for tweet in tweets), alts * prices.alt_text)


def of_step(before: Entry, after: Entry, prices: Prices) -> Decimal:
    """What X has charged for, as an entry tells that came to be `after` from `before`.

    A post whose answer got lost is charged for once it is found; what is read is not told here.
    """
    if before is after:
        return NOTHING
    created = range(len(before.posted), len(after.posted))
    texts = [after.tweets[index].text for index in created]
    doubles = len(after.doubles) - len(before.doubles)
    if doubles > 0 and before.rechecks:  # what was looked for was there more than once
        texts += [before.rechecks[0].text] * doubles
    deleted = len(after.deleted) - len(before.deleted)
    cost = deleted * prices.delete + _described(before, after) * prices.alt_text
    return sum(map(prices.of_text, texts), cost)


def _described(before: Entry, after: Entry) -> int:
    """To how many media an alt text was told that costs something."""
    if before.uploads is after.uploads:
        return 0
    told = {upload.media_id: upload.alt for upload in before.uploads if upload is not None}
    return sum(
        bool(upload.alt) and upload.way == _V2 and told.get(upload.media_id, "") != upload.alt
        for upload in after.uploads
        if upload is not None
    )
