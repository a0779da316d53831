"""Plays the steps of a tour, each within its limit, and tells the first one that comes out wrong.

Knows the bot only through the chat and through what X was asked; never looks into its code.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.demo.stage import BotEnded, Stage
from bot.demo.transcript import Transcript
from bot.demo.witness import Witness
from bot.sandbox.telegram import Message, Person

NEVER = 3600.0  # each step has its limit; what waits inside it needs none of its own
TAIL = 15  # lines of the bot's log that are shown when something went wrong


class Wrong(Exception):
    """A step came out otherwise than it must."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(expected)
        self.expected = expected
        self.found = found


class Show(Protocol):
    """Where the steps tell what they do, and what came of it."""

    def person(self, text: str, who: str = "Owner") -> None:
        """What somebody says or does."""

    def telex(self, text: str, buttons: Iterable[str] = (), how: str = "Telex") -> None:
        """What the bot says."""

    def aside(self, text: str) -> None:
        """What a spectator is told."""

    def right(self, text: str) -> None:
        """A check that came out right."""

    def wrong(self, text: str) -> None:
        """… and one that did not."""

    def line(self, text: str = "", style: str = "") -> None:
        """Anything else."""


class Play:
    """What the steps act and look with. `expecting` is what they wait for at the moment."""

    def __init__(self, stage: Stage, show: Show) -> None:
        self.stage = stage
        self.show = show
        self.expecting = ""

    def says(self, text: str, who: Person | None = None) -> Message:
        """Somebody, the owner by default, writes a text."""
        person = who or self.stage.owner
        self.show.person(text, str(person.user["first_name"]))
        return person.sends_text(text)

    def presses(self, message: Message, label: str) -> None:
        """The owner presses a button."""
        self.show.person(f"presses [{label}]")
        try:
            self.stage.owner.presses(message, label)
        except LookupError as error:
            raise Wrong(f"a button [{label}]", str(error)) from None

    async def sees(self, text: str, after: Message) -> Message:
        """The bot's newest message behind `after` that has this text, once there is one.

        Raises Wrong as soon as the bot says that it could not post instead.
        """
        self.expecting = f"a message with “{text}”"
        message = await self.stage.owner.sees(
            lambda m: text in m.text or "Not posted" in m.text, timeout=NEVER, after=after
        )
        if text not in message.text:
            raise Wrong(self.expecting, message.text)
        return message

    async def until(self, sentence: str, condition: Callable[[], bool]) -> None:
        """Until the condition holds; looked at whenever the bot asks Telegram for something."""
        self.expecting = sentence
        await self.stage.telegram.service.until(condition, NEVER)

    def check(self, sentence: str, is_so: bool, found: str = "it is not so") -> None:
        """A tick, or Wrong."""
        if not is_so:
            raise Wrong(sentence, found)
        self.show.right(sentence)


@dataclass(frozen=True, slots=True)
class Step:
    """A scene of the tour, which must be over within `limit` seconds."""

    title: str
    act: Callable[[Play], Coroutine[Any, Any, None]]
    limit: float = 30.0


async def perform(stage: Stage, show: Transcript, steps: Sequence[Step]) -> bool:
    """Play the steps on a stage that is set up; False as soon as one of them comes out wrong."""
    play = Play(stage, show)
    Witness(stage, show)
    for number, step in enumerate(steps, 1):
        show.heading(number, step.title)
        if not await take(play, step):
            show.line()
            show.wrong(f"Step {number} of {len(steps)} failed: {step.title}.")
            return False
    return True


async def take(play: Play, step: Step) -> bool:
    """Play one step; False, and told why, if it comes out wrong."""
    stage = play.stage
    try:
        await stage.within(step.limit, step.act(play))
    except Wrong as wrong:
        _tell(play, wrong.expected, wrong.found)
    except TimeoutError:
        said = stage.owner.chat.from_bot
        last = f"the last message is: {said[-1].text}" if said else "Telex has said nothing"
        _tell(play, f"{play.expecting}, within {step.limit:g} s", last)
    except BotEnded as ended:
        _tell(play, play.expecting, f"Telex ended with status {ended.status}")
    else:
        return True
    return False


def _tell(play: Play, expected: str, found: str) -> None:
    play.show.wrong(f"Expected: {expected}")
    play.show.wrong(f"Found: {found}")
    tell_log(play.stage, play.show)


def tell_log(stage: Stage, show: Show) -> None:
    """The end of the bot's log."""
    lines = stage.logged(TAIL)
    show.line()
    show.line("The last lines of Telex's log:" if lines else "Telex has logged nothing.")
    for line in lines:
        show.line(f"  {line}")
