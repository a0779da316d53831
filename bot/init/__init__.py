"""`telex init`: asks for the settings and writes `.env`; without a terminal, asks nothing.

Writes once, at the end: whoever stops before finds everything as it was.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from bot import config
from bot.check import loop, report

from . import envfile
from .interview import Interview
from .live import Live

DONE, FAILED, WRONG_SETUP, STOPPED = 0, 1, 2, 130
_WHERE = Path(".env")
_HEADER = "# The settings of Telex, written by `telex init`. The environment wins over this file.\n"
_GREETING = (
    "Telex needs a bot at Telegram and an app at X. Answer, or press Enter for what stands there; "
    "Ctrl-C stops, and leaves everything as it was."
)


def main() -> int:
    """Ask, and write; returns the exit status."""
    try:
        look = config.look(_WHERE)
    except config.SettingsError as error:
        return _stop(str(error), WRONG_SETUP)
    console = report.console()
    if not (_is_terminal(sys.stdin) and _is_terminal(sys.stdout)):
        return _without_questions(console, look)
    if not envfile.is_writable(_WHERE):
        line = (
            f".env cannot be written here; {_as_it_was()}. Start `telex init` in a folder of yours"
        )
        return _stop(line, FAILED)
    from .terminal import Terminal, unechoed  # takes a while, and only people need it

    console.print(_GREETING)
    talk = Interview(Terminal(console), Live(), written=look.written, given=look.given)
    try:
        with unechoed():
            values = loop.run(talk.hold())
    except (KeyboardInterrupt, EOFError):
        console.print(f"Stopped; {_as_it_was()}.")
        return STOPPED
    return _write(console, look, {k: v for k, v in values.items() if k not in look.given})


def _without_questions(console: Console, look: config.Look) -> int:
    """The environment says it all, or it is told what is missing."""
    if look.complaints:
        problems = "; ".join(line.partition(": ")[0] for line in look.complaints.values())
        return _stop(
            f"there is no terminal to ask questions in, and {problems}. Run it in a terminal, or "
            "set this in the environment.",
            WRONG_SETUP,
        )
    return _write(console, look, {**look.written, **look.given})


def _write(console: Console, look: config.Look, values: Mapping[str, str]) -> int:
    """Write what is new, and say so."""
    changes = {
        name: value
        for name, value in values.items()
        if look.written.get(name, config.default(name)) != value
    }
    text = _WHERE.read_text(encoding="utf-8-sig") if _WHERE.exists() else _HEADER
    comments = {name: _comment(name) for name in changes}
    try:
        envfile.write(_WHERE, envfile.rewrite(text, changes, comments))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        return _stop(f".env cannot be written ({why}); {_as_it_was()}", FAILED)
    what = f"new in it: {', '.join(changes)}" if changes else "nothing in it has changed"
    said = f"\n.env is written, and can be read by you alone; {what}."
    console.print(said, soft_wrap=not console.is_terminal)
    console.print("Next: `telex check`, then `telex run`, then send /auth to your bot.")
    return DONE


def _comment(name: str) -> str:
    text = config.Settings.model_fields[name.lower()].description or ""
    return text[:1].upper() + text[1:] + "."


def _as_it_was() -> str:
    return ".env is as it was" if _WHERE.exists() else "nothing was written"


def _is_terminal(stream: object) -> bool:
    return stream is not None and bool(getattr(stream, "isatty", lambda: False)())


def _stop(line: str, status: int) -> int:
    sys.stderr.write(f"telex: {line}\n")
    return status
