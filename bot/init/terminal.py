"""Asks a person in a terminal, with questionary and rich. Echoes no secret."""

from __future__ import annotations

import sys
import termios
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import questionary
from rich.console import Console
from rich.text import Text

from bot.check import report
from bot.check.finding import Finding


@contextmanager
def unechoed() -> Iterator[None]:
    """What is typed between two questions, before the next one is there, is not shown either."""
    before = termios.tcgetattr(sys.stdin)
    silent = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    termios.tcsetattr(sys.stdin, termios.TCSADRAIN, silent)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


class Terminal:
    """An `Asker` for people."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def text(self, prompt: str, default: str) -> str:
        return str(await questionary.text(prompt, default=default).unsafe_ask_async())

    async def secret(self, prompt: str) -> str:
        return str(await questionary.password(prompt).unsafe_ask_async())

    async def choice(self, prompt: str, choices: tuple[str, ...], default: str) -> str:
        chosen = default if default in choices else None
        question = questionary.select(prompt, choices=list(choices), default=chosen)
        return str(await question.unsafe_ask_async())

    async def agrees(self, prompt: str, *, default: bool) -> bool:
        return bool(await questionary.confirm(prompt, default=default).unsafe_ask_async())

    def head(self, title: str) -> None:
        self._console.print()
        self._console.rule(Text(title, style="bold"), align="left", style="dim")

    def explain(self, text: str) -> None:
        self._console.print()
        self._console.print(Text(text, style="dim"))

    def say(self, text: str) -> None:
        self._console.print(Text(text, style="dim"))

    def complain(self, text: str) -> None:
        self._console.print(Text(text, style="bold red"))

    def tell(self, finding: Finding) -> None:
        self._console.print(report.marked(finding))

    def waiting(self, text: str) -> AbstractContextManager[object]:
        return self._console.status(text)
