"""Who asks a person, as `interview` needs it. `terminal` has the one for people."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from bot.check.finding import Finding


class Asker(Protocol):
    """Asks, and tells. The questions raise KeyboardInterrupt where the person has had enough."""

    async def text(self, prompt: str, default: str) -> str:
        """A line that may be seen."""

    async def secret(self, prompt: str) -> str:
        """A line that is not shown."""

    async def choice(self, prompt: str, choices: tuple[str, ...], default: str) -> str:
        """One of several."""

    async def agrees(self, prompt: str, *, default: bool) -> bool:
        """Yes or no."""

    def head(self, title: str) -> None:
        """Begin a chapter."""

    def explain(self, text: str) -> None:
        """Tell what the next question is about."""

    def say(self, text: str) -> None:
        """Tell something by the way."""

    def complain(self, text: str) -> None:
        """Tell what is wrong with the last answer."""

    def tell(self, finding: Finding) -> None:
        """Tell what somebody has said to the last answers."""

    def waiting(self, text: str) -> AbstractContextManager[object]:
        """Show that somebody else is being asked."""
