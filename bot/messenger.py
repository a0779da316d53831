"""What the bot says, on its way to Telegram: paced, and repeated where Telegram did not take it.

Every wait has a limit; nothing here decides what is said.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

from telegram import (
    Bot,
    CallbackQuery,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from .card import View

log = logging.getLogger(__name__)

BURST = 20  # messages and edits at once in one chat
ROOM = 10  # of these are kept for what the owner waits for
REACTIONS = 5  # at once in one chat; they are nothing that anybody waits for
PER_SECOND = 1.0  # and after that (https://core.telegram.org/bots/faq#broadcasting-to-users)
TRIES = 8
LONGEST_WAIT = 60.0

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
# What an edit is answered with where there is nothing to edit (any more).
_GONE = ("not found", "can't be edited", "message_id_invalid")


async def answer(query: CallbackQuery, text: str = "") -> None:
    """Answer a press. Where Telegram takes no answer (any more), what was pressed shows it."""
    try:
        await query.answer(text)
    except TelegramError as error:
        log.info("a press could not be answered (%s)", type(error).__name__)


class Gone(Exception):
    """The message is not there any more, or the chat is closed to the bot."""


class Pace:
    """A bucket of tokens: `burst` of them, refilled at `PER_SECOND`."""

    def __init__(self, clock: Callable[[], float], burst: int = BURST) -> None:
        self._clock = clock
        self._burst = float(burst)
        self._tokens = self._burst
        self._at = clock()

    def wait(self) -> float:
        """Take a token; returns the seconds to wait before using it."""
        self._refill()
        self._tokens -= 1
        return max(0.0, -self._tokens / PER_SECOND)

    def has(self, tokens: int) -> bool:
        """Whether so many could be taken at once."""
        self._refill()
        return self._tokens >= tokens

    def halt(self, seconds: float) -> None:
        """Telegram has had enough: nothing for so long, and no burst after that."""
        self._refill()
        self._tokens = min(self._tokens, -seconds * PER_SECOND)

    def _refill(self) -> None:
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * PER_SECOND)
        self._at = now


class Messenger:
    """Sends and edits messages in the owners' chats."""

    def __init__(
        self,
        bot: Bot,
        owners: Iterable[int],
        clock: Callable[[], float],
        *,
        is_quiet: Callable[[], bool] = lambda: False,
    ) -> None:
        """`is_quiet` tells whether messages come without a sound."""
        self._bot = bot
        self._owners = tuple(sorted(owners))
        self._clock = clock
        self._is_quiet = is_quiet
        self._paces: dict[int, Pace] = {}
        self._reactions: dict[int, Pace] = {}
        self._notices: set[asyncio.Task[object]] = set()

    async def pace(self, chat: int) -> None:
        """Wait until another message to `chat` is within Telegram's limits."""
        if (seconds := self._pace(chat).wait()) > 0:
            await asyncio.sleep(seconds)

    def has_room(self, chat: int) -> bool:
        """Whether a message to `chat` keeps none waiting that matters more."""
        return self._pace(chat).has(ROOM + 1)

    def _pace(self, chat: int) -> Pace:
        return self._paces.setdefault(chat, Pace(self._clock))

    async def react(self, chat: int, message_id: int, emoji: str) -> None:
        """Mark a message of the owner's, with an empty `emoji` no more. Tried once, and quietly."""
        pace = self._reactions.setdefault(chat, Pace(self._clock, REACTIONS))
        if (seconds := pace.wait()) > 0:
            await asyncio.sleep(seconds)
        try:
            await self._bot.set_message_reaction(chat, message_id, emoji or [])
        except TelegramError as error:
            log.info("a message could not be marked (%s)", type(error).__name__)

    def notify(self, view: View) -> None:
        """Tell something that belongs to no post to every owner, in the background."""
        for owner in self._owners:
            self.tell(owner, view)

    def tell(self, chat: int, view: View) -> None:
        """Send `view` to one chat in the background."""
        task = asyncio.get_running_loop().create_task(self._tell(chat, view))
        self._notices.add(task)
        task.add_done_callback(self._notices.discard)

    async def _tell(self, chat: int, view: View) -> None:
        try:
            await self.send(chat, view)
        except (Gone, TelegramError) as error:
            log.warning("a notice could not be sent (%s)", type(error).__name__)

    async def send(
        self, chat: int, view: View, *, reply_to: int | None = None, paced: bool = False
    ) -> int:
        """Send a message; returns its id. Raises Gone, or TelegramError after many tries.

        After a time-out it is sent anew: twice is better than never. Answers go out at once, ahead
        of cards: whoever sends cards calls `pace` first, and says so with `paced`.
        """
        reply = None
        if not paced:
            self._pace(chat).wait()  # counts, so that cards make room
        if reply_to is not None:
            reply = ReplyParameters(reply_to, allow_sending_without_reply=True)
        for attempt in range(TRIES):
            try:
                message = await self._bot.send_message(
                    chat,
                    view.text,
                    reply_markup=markup(view),
                    disable_notification=self._is_quiet(),
                    link_preview_options=_NO_PREVIEW,
                    reply_parameters=reply,
                )
            except Forbidden:
                raise Gone from None
            except TelegramError as error:
                if "chat not found" in error.message.lower():
                    raise Gone from None
                await self._wait_after(error, attempt, TRIES, chat)
                await self.pace(chat)
            else:
                return message.message_id
        raise AssertionError("unreachable")

    async def edit(self, chat: int, message_id: int, view: View, *, tries: int = TRIES) -> bool:
        """Make a message look like `view`. Raises Gone, or TelegramError after so many tries.

        Returns whether the end of every try is known: one that is not may take effect later.
        """
        is_clear = True
        for attempt in range(tries):
            try:
                await self._bot.edit_message_text(
                    view.text,
                    chat_id=chat,
                    message_id=message_id,
                    reply_markup=keyboard(view),
                    link_preview_options=_NO_PREVIEW,
                )
            except Forbidden:
                raise Gone from None
            except BadRequest as error:
                said = error.message.lower()
                if "not modified" in said:
                    return is_clear
                if any(words in said for words in _GONE):
                    raise Gone from None
                raise
            except TelegramError as error:
                is_clear = is_clear and isinstance(error, RetryAfter)
                await self._wait_after(error, attempt, tries, chat)
                await self.pace(chat)
            else:
                return is_clear
        raise AssertionError("unreachable")

    async def _wait_after(self, error: TelegramError, attempt: int, tries: int, chat: int) -> None:
        """Wait before the next of so many tries; raises `error` where there is none."""
        if isinstance(error, RetryAfter):
            seconds = error.retry_after
            wait = seconds.total_seconds() if isinstance(seconds, timedelta) else seconds
            # For all that is said in this chat; `pace` does the waiting.
            self._pace(chat).halt(min(wait, LONGEST_WAIT))
        if attempt + 1 >= tries or isinstance(error, BadRequest):
            raise error
        if isinstance(error, NetworkError):
            await asyncio.sleep(min(2.0**attempt, LONGEST_WAIT))
        elif not isinstance(error, RetryAfter):
            raise error

    async def stop(self) -> None:
        """Give what is being said a moment, then drop it."""
        if self._notices:
            _, late = await asyncio.wait(self._notices, timeout=3)
            for task in late:
                task.cancel()


def markup(view: View) -> InlineKeyboardMarkup | ForceReply | None:
    """What stands below a new message."""
    return ForceReply() if view.asks else keyboard(view)


def keyboard(view: View) -> InlineKeyboardMarkup | None:
    """The buttons of `view` as Telegram takes them."""
    if not view.buttons:
        return None
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(
                    button.label, callback_data=button.data or None, url=button.url or None
                )
                for button in row
            ]
            for row in view.buttons
        ]
    )
