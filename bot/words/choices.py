"""What `/settings` shows, and what a press there changes. Pure.

A button's data is `set:FIELD:VALUE` with the value to set, not a toggle, so that pressing it twice
is pressing it once; `set:page:NAME` turns a page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.card import Button, View
from bot.preferences import UNDO, Mode, Preferences
from twitter_core.post import WhoMayReply

from . import changes

_ON = {True: "on", False: "off"}
SWITCHES = {
    "threads": "Threads",
    "numbered": "Counter",
    "names_as_links": "Names as links",
    "quiet": "Quiet",
    "made_with_ai": "Made with AI",
    "paid_partnership": "Paid partnership",
}
_MODES = {
    Mode.AT_ONCE: "posted at once",
    Mode.COSTLY: "shown first where it has a link, which costs more",
    Mode.CONFIRM: "shown first",
}
_WHO = {who: words for who, (words, _) in changes.WHO.items()}
_EVERYONE = "everyone"  # stands for None in a button's data


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the page depends on beside the preferences: whether v1.1 uploads were given up."""

    v11_given_up: bool = False


def change(field: str, value: str) -> dict[str, Any] | None:
    """What a press on `set:FIELD:VALUE` changes; None where there is no such button (any more)."""
    if field in SWITCHES and value in _ON.values():
        return {field: value == "on"}
    if field == "undo" and value in map(str, UNDO):
        return {field: int(value)}
    for mode in Mode:
        if (field, value) == ("mode", mode.value):
            return {field: mode}
    for who in _WHO:
        if (field, value) == ("who_may_reply", _data(who)):
            return {field: who}
    if field == "footer" and not value:
        return {field: ""}
    return None


def page(name: str, now: Preferences, around: Surroundings) -> View:
    """The page `name`; the first one where there is no such page."""
    match name:
        case "mode":
            return _choice(
                "Photos, videos and polls are",
                name,
                [(mode.value, words) for mode, words in _MODES.items()],
                now.mode.value,
            )
        case "undo":
            return _choice(
                "Time to stop a post before it goes out",
                name,
                [(str(seconds), _undo(seconds)) for seconds in UNDO],
                str(now.undo),
            )
        case "who_may_reply":
            return _choice(
                "Who may reply to your posts on X",
                name,
                [(_data(who), words) for who, words in _WHO.items()],
                _data(now.who_may_reply),
            )
        case "footer" if now.footer:
            rows = (
                (Button("Another one", "set:ask:footer"), Button("Remove", "set:footer:")),
                (_BACK,),
            )
            return View(f"At the end of every post:\n\n{now.footer}", rows)
        case _:
            return _first(now, around)


_BACK = Button("Back", "set:page:first")


def _first(now: Preferences, around: Surroundings) -> View:
    lines = [
        f"Photos, videos and polls: {_MODES[now.mode]}",
        f"Time to undo: {_undo(now.undo)}",
        f"Long texts: {_long(now)}",
        "Telegram names (@…): " + ("t.me links" if now.names_as_links else "kept as they are"),
        f"Who may reply: {_WHO[now.who_may_reply]}",
        f"Made with AI: {_ON[now.made_with_ai]}",
        f"Paid partnership: {_ON[now.paid_partnership]}",
        f"Footer: {now.footer or 'none'}",
        f"Time zone: {now.zone or 'UTC, for none was chosen'}",
        f"Queue: {', '.join(now.slots) or 'none'} (/slots)",
        f"Budget: {'none' if now.budget is None else f'${now.budget} a month'} (/budget)",
        "Cards: " + ("quiet, without each step" if now.quiet else "each step"),
    ]
    rows: list[tuple[Button, ...]] = [
        (Button("Ask first", "set:page:mode"), Button("Undo", "set:page:undo")),
        (_switch("threads", now), _switch("numbered", now)),
        (_switch("names_as_links", now), Button("Who may reply", "set:page:who_may_reply")),
        (_switch("made_with_ai", now), _switch("paid_partnership", now)),
        (
            Button("Footer", "set:page:footer" if now.footer else "set:ask:footer"),
            Button("Time zone", "set:ask:zone"),
        ),
        (_switch("quiet", now),),
    ]
    if around.v11_given_up:
        lines.append("Uploads: by v2, for v1.1 did not work")
        rows.append((Button("Try v1.1 again", "set:v11:again"),))
    return View("\n".join(("Settings", "", *lines)), tuple(rows))


def _switch(field: str, now: Preferences) -> Button:
    is_on = bool(getattr(now, field))
    return Button(f"{SWITCHES[field]}: {_ON[is_on]}", f"set:{field}:{_ON[not is_on]}")


def _choice(title: str, field: str, options: list[tuple[str, str]], chosen: str) -> View:
    rows = [
        (Button(f"✓ {words}" if value == chosen else words, f"set:{field}:{value}"),)
        for value, words in options
    ]
    return View(title, (*rows, (_BACK,)))


def _data(who: WhoMayReply | None) -> str:
    return who.value if who is not None else _EVERYONE


def _undo(seconds: int) -> str:
    return f"{seconds} seconds" if seconds else "none"


def _long(now: Preferences) -> str:
    if not now.threads:
        return "shown first, for threads are off"
    return "threads with a counter (1/3)" if now.numbered else "threads"
