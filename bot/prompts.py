"""Questions that the owner answers by typing: messages whose replies are no posts.

Kept in the store, so that an answer finds its question after a restart as well.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from telegram import Message, Update
from telegram.ext import ContextTypes

from twitter_core.store import Store

from .card import View
from .messenger import Messenger

KEPT = 7 * 86400.0  # seconds for which a question may be answered

Answered = Callable[[Message, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question: `purpose` says who takes the answer, `about` which post it is about."""

    purpose: str
    about: str
    asked_at: float


class Prompts:
    """All questions that wait for a typed answer."""

    def __init__(self, store: Store, messenger: Messenger, *, clock: Callable[[], float]) -> None:
        self._table = store.table("prompts", Prompt)
        self._messenger = messenger
        self._clock = clock
        self._takers: dict[str, Answered] = {}

    def expect(self, purpose: str, taker: Answered) -> None:
        """`taker` gets the answers to questions of this purpose: the message, and what about.

        A question may be answered more than once: the last answer counts.
        """
        self._takers[purpose] = taker

    async def ask(self, chat: int, text: str, purpose: str, about: str = "") -> None:
        """Send a question whose reply goes to the taker of `purpose`."""
        now = self._clock()
        for key, prompt in self._table.items():
            if now - prompt.asked_at > KEPT:
                self._table.drop(key)
        sent = await self._messenger.send(chat, View(text, asks=True))
        self._table.put(f"{chat}:{sent}", Prompt(purpose, about, now))

    def is_answer(self, message: Message) -> bool:
        """Whether a message answers a question, and so is no post."""
        return bool(message.text) and self._prompt(message) is not None

    async def on_answer(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """A message for which `is_answer` holds."""
        message = update.message
        prompt = self._prompt(message) if message is not None else None
        if message is not None and prompt is not None:
            await self._takers[prompt.purpose](message, prompt.about)

    def _prompt(self, message: Message) -> Prompt | None:
        question = message.reply_to_message
        if question is None:
            return None
        prompt = self._table.get(f"{message.chat_id}:{question.message_id}")
        return prompt if prompt is not None and prompt.purpose in self._takers else None
