"""Reads the account's own posts, which X charges for. Decides nothing about them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from . import lookup
from .api import Api
from .prices import Prices
from .tokens import Keeper
from .wire import OwnPost


async def own_posts(
    client: Api,
    keeper: Keeper,
    account: str,
    since: float,
    *,
    prices: Prices,
    charge: Callable[[Decimal], object],
) -> tuple[OwnPost, ...]:
    """All posts of the account (empty: whose sign-in it is) from a minute before `since` on.

    `charge` hears of what each answer costs, also where the next one is an error. Raises XError.
    """

    async def read(token: str) -> tuple[OwnPost, ...]:
        account_id = account
        if not account_id:
            account_id = (await client.me(token)).id
            charge(prices.user)
        return await client.own_posts(token, account_id, since - lookup.SLACK, read=count)

    def count(posts: int) -> None:
        charge(posts * prices.own_post)

    return await keeper.use(read)
