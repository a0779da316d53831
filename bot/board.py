"""Keeps the card of every post in step with its entry: one message each, edited in place."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from telegram.error import TelegramError

from twitter_core.entry import ENDED, THERE, Entry, State
from twitter_core.events import Shown
from twitter_core.line import Line
from twitter_core.publisher import Publisher
from twitter_core.store import Store

from . import card
from .card import Scene, View
from .echoes import Echo, Echoes
from .messenger import Gone, Messenger
from .places import Place, Places
from .words import sentences

log = logging.getLogger(__name__)

RETRY = 60.0  # seconds after which a card that Telegram did not take is tried again
CALM = 1.0  # seconds between two edits of a card that is not at its end

_PASSING = "~"  # begins the digest of a card that showed a mere step on the way
_UNMARKED = "-"  # the mark of a message that carries none any more


class Board:
    """All cards. Told of changes; brings each to the chat in a task of its own."""

    def __init__(
        self,
        store: Store,
        places: Places,
        messenger: Messenger,
        scene: Callable[[Entry], Scene],
        heard: Callable[[Line], None] = lambda line: None,
        *,
        is_quiet: Callable[[], bool] = lambda: False,
    ) -> None:
        """`scene` gives what a card depends on, `heard` is told of the line as well, and `is_quiet`
        tells whether cards leave out the steps on the way.
        """
        self._places = places
        self._messenger = messenger
        self._echoes = Echoes(store, messenger, inherited=places.with_cards())
        self._scene = scene
        self._heard = heard
        self._is_quiet = is_quiet
        self._marking: set[asyncio.Task[None]] = set()
        self._news: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._dirty: set[str] = set()
        self._menus: dict[str, str] = {}
        self._stopping = False
        self.publisher: Publisher  # set once, by whoever builds both

    def revive(self, entry: Entry, place: Place | None, chat: int, card_id: int) -> None:
        """A button of a post that is in the archive was pressed: its card is taken over again."""
        here = place or Place(chat, (card_id,))
        # What was shown last is not what the card holds now, so it is shown anew.
        self._places.adopt(entry.key, replace(here, card=card_id, shown=""))
        self.publisher.recall(entry)

    def open_menu(self, key: str, name: str) -> None:
        """Show other buttons on a card, or with an empty `name` the usual ones again.

        Kept in memory alone: after a restart the buttons that still stand there work all the same.
        """
        self._menus.pop(key, None)
        if name:
            self._menus[key] = name
        self._show_soon(key)

    def menu(self, key: str) -> str:
        """Which buttons are shown in place of the usual ones, empty where none are."""
        return self._menus.get(key, "")

    # --- the publisher's audience

    def changed(self, entry: Entry) -> None:
        """The card of `entry` may have to look different."""
        self._show_soon(entry.key)

    def line_changed(self, line: Line) -> None:
        """The cards of all that waits may have to look different."""
        self._heard(line)
        for entry in self.publisher.entries():
            if entry.state not in ENDED:
                self._show_soon(entry.key)

    def remark(self, key: str) -> dict[str, Any]:
        """Where the post came from and where its card is, for the history."""
        return self._places.dump(key)

    def settled(self, key: str) -> None:
        """The post has left the outbox; the history knows its place."""
        self._menus.pop(key, None)
        self._places.drop(key)

    def recalled(self, key: str, remark: Mapping[str, Any]) -> None:
        """The post is back in the outbox: its card is where the history says."""
        if (place := self._places.read(remark)) is not None:
            self._places.adopt(key, place)

    def begin(self) -> None:
        """After a start: bring every card up to date, and keep it so."""
        self._echoes.begin()
        self.show_all()

    def show_all(self) -> None:
        """Bring every card up to date."""
        for entry in self.publisher.entries():
            self._show_soon(entry.key)

    def _show_soon(self, key: str) -> None:
        self._dirty.add(key)
        if key in self._news:
            self._news[key].set()
        if key not in self._tasks:
            task = asyncio.get_running_loop().create_task(self._keep_up(key))
            self._tasks[key] = task
            task.add_done_callback(lambda done: self._ended(key, done))

    def _ended(self, key: str, task: asyncio.Task[None]) -> None:
        self._tasks.pop(key, None)
        if task.cancelled():
            return
        if (error := task.exception()) is not None:
            log.error("a card could not be shown", exc_info=error)
        if key in self._dirty:
            self._show_soon(key)

    async def _keep_up(self, key: str) -> None:
        while key in self._dirty:
            self._dirty.discard(key)
            try:
                is_at_its_end = await self._show(key)
            except TelegramError as error:
                log.warning("a card could not be shown (%s); trying again", type(error).__name__)
                await asyncio.sleep(RETRY)
                self._dirty.add(key)
            else:
                if not is_at_its_end:
                    await self._calm_down(key)

    async def _calm_down(self, key: str) -> None:
        """Wait a little, unless the post reaches its end: that is shown at once."""
        news = self._news[key] = asyncio.Event()
        try:
            async with asyncio.timeout(CALM):
                while not self._stopping:
                    entry = self.publisher.entry(key)
                    if entry is None or entry.state in ENDED or entry.needs_owner:
                        return
                    news.clear()
                    await news.wait()
        except TimeoutError:
            pass
        finally:
            del self._news[key]

    def _is_left_out(self, key: str, place: Place, view: View) -> bool:
        """Whether a mere step on the way is not shown: for quiet's sake, or for others'."""
        if not view.passing:
            return False
        if self._is_quiet() and place.card is not None and place.shown.startswith(_PASSING):
            return True
        if self._messenger.has_room(place.chat):
            return False
        if not self._stopping:
            self._dirty.add(key)  # later, if it still is so
        return True

    async def _show(self, key: str) -> bool:
        place = self._places.get(key)
        view = self._view(key)
        if place is None or view is None or _digest(view) == place.shown:
            return self._shown(key, view)
        if self._is_left_out(key, place, view):
            return False
        await self._messenger.pace(place.chat)
        # It may have gone on while this waited, so it is rendered once more for what is sent.
        try:
            if place.card is not None:
                async with self._echoes.turn(key):
                    view = self._view(key) or view
                    is_clear = await self._messenger.edit(place.chat, place.card, view)
                    self._echoes.shown(key, Echo(place.chat, place.card, view), is_clear=is_clear)
        except Gone:
            place = replace(place, card=None)
        if place.card is None:
            view = self._view(key) or view
            try:
                sent = await self._messenger.send(
                    place.chat, view, reply_to=place.messages[0], paced=True
                )
            except Gone:
                log.warning("the chat is closed to the bot; a card cannot be shown")
                sent = place.messages[0]
            place = replace(place, card=sent)
        current = self._places.get(key)
        if current is not None:
            self._places.put(key, replace(current, card=place.card, shown=_digest(view)))
        return self._shown(key, view)

    def _view(self, key: str) -> View | None:
        entry = self.publisher.entry(key)
        if entry is None:
            return None
        view = card.render(entry, self._scene(entry))
        # Buttons that were asked for are shown, whatever the card says.
        return replace(view, passing=False) if self.menu(key) else view

    def _shown(self, key: str, view: View | None) -> bool:
        """Tell the outbox where the card shows its entry's end; returns whether it does."""
        entry = self.publisher.entry(key)
        if entry is None or entry.state not in ENDED or view != self._view(key):
            return False
        self._mark(entry)
        if not entry.shown:
            self.publisher.tell(key, Shown())
        return True

    def _mark(self, entry: Entry) -> None:
        """Mark the first message of a post that is out, and unmark it where it is gone."""
        place = self._places.get(entry.key)
        mark = _mark(entry)
        if place is not None and mark and place.mark != mark and not self._stopping:
            # Noted at once, or a card that changes meanwhile would mark it once more.
            self._places.put(entry.key, replace(place, mark=mark))
            emoji = mark if mark != _UNMARKED else ""
            task = asyncio.get_running_loop().create_task(
                self._messenger.react(place.chat, place.messages[0], emoji)
            )
            self._marking.add(task)
            task.add_done_callback(self._marking.discard)

    async def stop(self) -> None:
        """Let cards that are under way arrive, for a moment; the others are shown at the start."""
        self._stopping = True
        self._echoes.stop()
        for news in self._news.values():
            news.set()
        if tasks := {*self._tasks.values(), *self._marking}:
            _, late = await asyncio.wait(tasks, timeout=3)
            for task in late:
                task.cancel()


def _digest(view: View) -> str:
    digest = hashlib.blake2b(repr(view).encode(), digest_size=8).hexdigest()
    return f"{_PASSING}{digest}" if view.passing else digest


def _mark(entry: Entry) -> str:
    """What is to be seen at the owner's message once the card shows the end."""
    left = [tweet_id for tweet_id in entry.posted if tweet_id not in entry.deleted]
    if entry.state is State.DONE and left:
        return sentences.MARK
    if entry.heir:
        return ""  # the message is that one's now
    return _UNMARKED if entry.deleted and set(left) <= {THERE} else ""
