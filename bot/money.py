"""`/budget`: what a month may cost before the owner is asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from telegram import Update
from telegram.ext import ContextTypes

from twitter_core.entry import Question
from twitter_core.publisher import Publisher

from . import compose
from .board import Board
from .card import View
from .habits import Habits
from .messenger import Messenger
from .words import costs
from .words.costs import Purse

Context = ContextTypes.DEFAULT_TYPE

_OFF = ("off", "none", "no")
_AMOUNT = re.compile(r"\$?\s*(\d{1,6})(?:[.,](\d{1,3}))?\s*(?:\$|usd|dollars?)?", re.IGNORECASE)


class Money:
    """The handler of /budget."""

    def __init__(
        self,
        publisher: Publisher,
        board: Board,
        habits: Habits,
        messenger: Messenger,
        *,
        clock: Callable[[], float],
    ) -> None:
        self._publisher = publisher
        self._board = board
        self._habits = habits
        self._messenger = messenger
        self._clock = clock

    async def on_budget(self, update: Update, context: Context) -> None:
        """`/budget`, `/budget AMOUNT`, `/budget off`."""
        message = update.message
        if message is None:
            return
        wanted = compose.behind_command(message.text or "").strip()
        await self._messenger.send(message.chat_id, View(self._budget(wanted)))

    def _budget(self, wanted: str) -> str:
        if wanted:
            amount = read_amount(wanted)
            if amount is None and wanted.lower() not in _OFF:
                return costs.BUDGET_WHAT
            self._habits.change(budget=amount)
            for entry in self._publisher.entries():
                if entry.question is Question.BUDGET:
                    self._board.changed(entry)  # the card shows the figures
        ledger = self._publisher.ledger
        purse = Purse(ledger.prices, ledger.current, ledger.budget)
        return costs.budget(purse, self._clock())


def read_amount(text: str) -> Decimal | None:
    """Dollars as people write them; None where it is no amount."""
    found = _AMOUNT.fullmatch(text.strip())
    return Decimal(f"{found[1]}.{found[2] or 0}") if found else None
