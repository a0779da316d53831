"""What was seen of this machine, into findings: clock, landing page, data folder. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from bot import addresses

from . import seen
from .finding import Finding, note, right, wrong

CLOCK, LISTEN, REDIRECT = "Clock", "LISTEN", "X_REDIRECT_URI"
FOLDER, SPACE, PRIVACY = "Data folder", "Space", "Privacy"

# X is reported to refuse OAuth 1.0a beyond five minutes. A clock that is kept is off by far less
# than one, so more than that will not stay within five for long.
OFF = 60.0
MEGABYTE = 1024 * 1024
TOO_LITTLE = 64 * MEGABYTE  # a few files on their way from Telegram to X
LITTLE = 1024 * MEGABYTE


def is_far_off(ahead: float | None) -> bool:
    """Whether a clock that is `ahead` (or, below zero, behind) by so many seconds is wrong."""
    return ahead is not None and abs(ahead) > OFF


def clock(ahead: float | None) -> Finding:
    """This machine's clock against X's, or else Telegram's."""
    if ahead is None:
        return note(CLOCK, "nobody answered whose clock it could be compared with")
    if not is_far_off(ahead):
        return right(CLOCK, "right to within a minute")
    way = "ahead" if ahead > 0 else "behind"
    return wrong(
        CLOCK,
        f"{_span(abs(ahead))} {way}, and X refuses what is signed at the wrong time",
        "Let it be set by the network (`timedatectl set-ntp true`; in a container, on its host).",
    )


def _span(seconds: float) -> str:
    minutes = round(seconds / 60)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


# --- the landing page


def landing(page: seen.Landing) -> tuple[Finding, ...]:
    """Whether the sign-in can end by itself."""
    if page.door is None:
        return (right(LISTEN, "empty: the sign-in goes by pasting the address into the chat"),)
    return (_door(page.door, page.listen), _redirect(page))


def _door(door: seen.Door, address: str) -> Finding:
    if door.is_telex:
        return right(LISTEN, f"a Telex that is running serves {address}")
    if door.is_free:
        return right(LISTEN, f"{address} is free for the landing page")
    return wrong(
        LISTEN,
        f"{address} is not to be had ({door.why})",
        "Name another host and port in LISTEN and in X_REDIRECT_URI (and at X), or empty LISTEN to "
        "sign in by pasting.",
    )


def _redirect(page: seen.Landing) -> Finding:
    url = page.url
    is_here = addresses.is_loopback(urlsplit(url).hostname or "")
    if page.is_telex:
        paste = "; from another device, paste the address into the chat" if is_here else ""
        return right(REDIRECT, f"{url} leads to the landing page{paste}")
    lead = (
        "Give LISTEN and X_REDIRECT_URI the same port"
        if is_here
        else f"Let your reverse proxy hand {urlsplit(url).path} on to {page.listen}"
    )
    if page.is_answered:
        return wrong(
            REDIRECT,
            f"another program answers at {url} ({page.told})",
            f"{lead}, or X's answer to a sign-in goes to that program.",
        )
    return wrong(
        REDIRECT,
        f"{url} is not answered ({page.told})",
        f"{lead}, or empty LISTEN to sign in by pasting.",
    )


# --- the data folder


def folder(data: seen.Folder) -> tuple[Finding, ...]:
    """Whether Telex can keep what it has to keep, and keep it to itself."""
    if data.stopper:
        return (
            wrong(FOLDER, f"{data.path} {_STOPPED[data.stopper][0]}", _STOPPED[data.stopper][1]),
        )
    there = "is there, and can be written to" if data.is_there else "will be made by `telex run`"
    return (right(FOLDER, f"{data.path} {there}"), _space(data), *_privacy(data))


_STOPPED = {
    "not a folder": ("is not a folder", "Name another one in DATA_DIR."),
    "not yours": (
        "belongs to another user",
        "Run this as the user that runs Telex, or give the folder to that user (chown -R).",
    ),
    "not writable": (
        "cannot be written to",
        "Give this user the right to write there, or name another folder in DATA_DIR.",
    ),
}


def _space(data: seen.Folder) -> Finding:
    free = f"{_size(data.free)} free"
    if data.free < TOO_LITTLE:
        return wrong(SPACE, f"only {free}", "Make room on this disk.")
    if data.free < LITTLE:
        return note(SPACE, free, "Make room on this disk before it fills up.")
    return right(SPACE, free)


def _size(count: int) -> str:
    megabytes = count / MEGABYTE
    return f"{megabytes:.0f} MB" if megabytes < 1024 else f"{megabytes / 1024:.0f} GB"


def _privacy(data: seen.Folder) -> tuple[Finding, ...]:
    if not data.is_there:
        return ()
    if not data.open_to_others:
        return (right(PRIVACY, "nobody else can read the data folder"),)
    if "." not in data.open_to_others:  # a shut folder shuts what is in it
        return (note(PRIVACY, "some files in the data folder are not shut", _shut(data)),)
    names = ", ".join(data.open_to_others[:3]) + (" …" if len(data.open_to_others) > 3 else "")
    return (
        wrong(
            PRIVACY,
            f"others may get at what is in the data folder ({names}), your tokens among it",
            _shut(data),
        ),
    )


def _shut(data: seen.Folder) -> str:
    return f"Shut it: chmod -R go= '{data.path}'"
