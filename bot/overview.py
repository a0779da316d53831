"""What `/status` and `/queue` tell: how things stand as a whole. Pure; texts without markup."""

from __future__ import annotations

from twitter_core.entry import Entry, State

from .sentences import clock, fit

# --- /status ----------------------------------------------------------------------------------


def status(
    *,
    account: str,
    signed_in: bool,
    ended: bool,
    renewal_at: float | None,
    good_until: float | None,
    way: str,
    line: str,
    waiting: int,
    failed: int,
    version: str,
    now: float,
) -> str:
    """What `/status` answers with. `good_until` is the end of a sign-in that is the last one."""
    if ended:
        sign_in = "Sign-in: ended by X. /auth signs in again."
    elif not signed_in:
        sign_in = "Sign-in: none. /auth signs in."
    elif good_until is not None:
        until = clock(good_until, now)
        sign_in = f"Sign-in: good until {until}, and cannot be renewed. /auth signs in anew."
    else:
        at = f"; next renewal {clock(renewal_at, now)}" if renewal_at is not None else ""
        sign_in = f"Sign-in: good{at}"
    name = f"Account: @{account}" if account else "Account: not known yet"
    return "\n".join(
        [
            *([name] if signed_in else []),
            sign_in,
            f"Uploads by: {way}",
            line or "Nothing holds up the posts.",
            f"Waiting: {waiting}, failed: {failed}",
            f"Telex {version}",
        ]
    )


# --- /queue -----------------------------------------------------------------------------------

QUEUE_EMPTY = "Nothing waits, and nothing has failed."

_STATES = {
    State.DRAFT: "waits for you",
    State.QUEUED: "waits",
    State.POSTING: "is going out",
    State.UNCERTAIN: "may be out",
    State.FAILED: "failed",
}


def in_queue(entry: Entry) -> str:
    """One line of `/queue`."""
    count = len(entry.post.media)
    pictures = "" if count == 0 else "1 picture" if count == 1 else f"{count} pictures"
    text = fit(" ".join(entry.post.text.split()), 40)
    what = ", ".join(part for part in (pictures, f"“{text}”" if text else "") if part)
    return f"{what} – {_STATES.get(entry.state, '')}"


def and_more(count: int) -> str:
    """The end of a list that is longer than what is shown."""
    return f"… and {count} more."
