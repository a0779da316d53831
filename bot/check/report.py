"""Shows findings: a table in a terminal, a line for each where there is none.

Decides nothing; colours are left out where NO_COLOR asks for that (https://no-color.org).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .finding import Chapter, Finding, Verdict

_TABLE_WIDTH = 70  # with less, its last column is a string of words
_STYLES = {Verdict.RIGHT: "green", Verdict.NOTE: "yellow", Verdict.WRONG: "bold red"}


def console() -> Console:
    """Standard output, in whatever it can show."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # an odd encoding must not end the command
    return Console(highlight=False, markup=False, emoji=False)


def show(console: Console, chapters: Sequence[Chapter], *, last: str = "") -> None:
    """All findings, and what they come to; `last` is added to that."""
    # FORCE_COLOR makes rich take anything for a terminal.
    is_seen = console.is_terminal and console.file.isatty()
    if is_seen and console.width >= _TABLE_WIDTH:
        console.print(_table(chapters))
    else:
        for finding in (one for chapter in chapters for one in chapter.findings):
            if is_seen:
                console.print(marked(finding))
            else:
                console.print(line(finding), soft_wrap=True)
    console.print(Text(_sum(chapters), style=_STYLES[worst(chapters)]))
    if last:
        console.print(last)


def line(finding: Finding) -> str:
    """One finding as a line of plain text."""
    mend = f" -> {finding.mend}" if finding.mend else ""
    return f"{finding.verdict:<5}  {finding.topic}: {finding.seen}{mend}"


def worst(chapters: Sequence[Chapter]) -> Verdict:
    """The gravest verdict that there is."""
    verdicts = {finding.verdict for chapter in chapters for finding in chapter.findings}
    order = (Verdict.WRONG, Verdict.NOTE, Verdict.RIGHT)
    return next((verdict for verdict in order if verdict in verdicts), Verdict.RIGHT)


def marked(finding: Finding) -> Text:
    """One finding for the eye, with its verdict."""
    return Text.assemble(
        (f"{finding.verdict} ", _STYLES[finding.verdict]), f"{finding.topic}: ", styled(finding)
    )


def styled(finding: Finding) -> Text:
    """One finding for the eye, without its verdict."""
    text = Text(finding.seen)
    if finding.mend:
        text.append(f"\n→ {finding.mend}", style=_STYLES[finding.verdict])
    return text


def _table(chapters: Sequence[Chapter]) -> Table:
    table = Table(box=box.HORIZONTALS, show_header=False, expand=False, border_style="dim")
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for chapter in chapters:
        table.add_row("", Text(chapter.title, style="bold"), "")
        for finding in chapter.findings:
            verdict = Text(finding.verdict, style=_STYLES[finding.verdict])
            table.add_row(verdict, finding.topic, styled(finding))
        table.add_section()
    return table


def _sum(chapters: Sequence[Chapter]) -> str:
    count = Counter(finding.verdict for chapter in chapters for finding in chapter.findings)
    wrong, notes = count[Verdict.WRONG], count[Verdict.NOTE]
    look = f"{notes} {'note' if notes == 1 else 'notes'} to look at"
    if wrong:
        things = "1 thing is" if wrong == 1 else f"{wrong} things are"
        return f"{things} wrong" + (f", {look}." if notes else ".")
    return f"All that is needed is right; {look}." if notes else "Everything is right."
