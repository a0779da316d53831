"""The conversation as text for a terminal of 80 columns: who said what, and what the services saw.

Only writes; knows neither the services nor the bot.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from typing import TextIO

WIDTH = 80
GUTTER = 11
STYLES = {"dim": "\x1b[2m", "bold": "\x1b[1m", "green": "\x1b[32m", "red": "\x1b[31m"}


class Transcript:
    """Writes lines at once, until nobody reads them any more: then `gone` is called."""

    def __init__(
        self,
        out: TextIO,
        *,
        colour: bool,
        whole: bool = False,
        gone: Callable[[], None] = lambda: None,
    ) -> None:
        """`whole`: long addresses are not cut, so that they can be followed."""
        self._out = out
        self._colour = colour
        self._whole = whole
        self._gone = gone
        self._closed = False

    def line(self, text: str = "", style: str = "") -> None:
        """One line as it is."""
        if self._closed:
            return
        try:
            self._out.write(self._styled(text, style) + "\n")
            self._out.flush()
        except OSError:
            self._closed = True
            self._gone()

    def heading(self, number: int, title: str) -> None:
        """The beginning of a step."""
        self.line()
        self.line(f"{number:2}  {title}", "bold")

    def person(self, text: str, who: str = "Owner") -> None:
        """What somebody says or does."""
        self._paragraph(f"{who} →", text)

    def telex(self, text: str, buttons: Iterable[str] = (), how: str = "Telex") -> None:
        """What the bot says."""
        self._paragraph(f"← {how}", text)
        if row := " ".join(f"[{label}]" for label in buttons):
            self._paragraph("", row)

    def traffic(self, service: str, what: str, came: str) -> None:
        """One request, and what came of it."""
        room = WIDTH - GUTTER - 11 - len(came) - 1
        self.line(f"{'':{GUTTER}}· {service:8} {_cut(what, room)} {came}", "dim")

    def aside(self, text: str) -> None:
        """What a spectator is told."""
        for row in self._rows(f"({text})", WIDTH - GUTTER):
            self.line(" " * GUTTER + row)

    def right(self, text: str) -> None:
        """A check that came out right."""
        self._marked("✓", text, "green")

    def wrong(self, text: str) -> None:
        """… and one that did not."""
        self._marked("✗", text, "red")

    def _marked(self, mark: str, text: str, style: str) -> None:
        for number, row in enumerate(self._rows(text, WIDTH - 6)):
            self.line(f"    {mark if number == 0 else ' '} {row}", style)

    def _paragraph(self, who: str, text: str) -> None:
        for number, row in enumerate(self._rows(text, WIDTH - GUTTER - 4)):
            self.line(f"    {who if number == 0 else '':{GUTTER}}{row}".rstrip())

    def _rows(self, text: str, width: int) -> list[str]:
        rows = []
        for paragraph in text.split("\n"):
            rows += textwrap.wrap(
                paragraph, width, break_long_words=False, break_on_hyphens=False
            ) or [""]
        return rows if self._whole else [_cut(row, width) for row in rows]

    def _styled(self, text: str, style: str) -> str:
        return f"{STYLES[style]}{text}\x1b[0m" if self._colour and style else text


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
