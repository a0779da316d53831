"""What `/status` and `/queue` tell: how things stand as a whole. Pure; texts without markup."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo

from twitter_core.call import Call
from twitter_core.entry import Entry, State
from twitter_core.wire import RateLimit

from . import costs, later
from .costs import Purse
from .sentences import clock, fit

# --- /status ----------------------------------------------------------------------------------

OTHER_KEYS = "The keys in X_ACCESS_TOKEN are another account's, so they are not used."

_COUNTED = {
    Call.CREATE: "Posts",
    Call.DELETE: "Deletions",
    Call.UPLOAD_V11: "Uploads (v1.1)",
    Call.UPLOAD_V2: "Uploads (v2)",
    Call.OWN_POSTS: "Look-ups",
}


def status(
    *,
    account: str,
    signed_in: bool,
    ended: bool,
    renewal_at: float | None,
    good_until: float | None,
    way: str,
    other_keys: bool,
    line: str,
    waiting: int,
    scheduled: int,
    failed: int,
    purse: Purse,
    limits: Mapping[str, RateLimit],
    version: str,
    now: float,
    zone: tzinfo = UTC,
) -> str:
    """What `/status` answers with. `good_until` is the end of a sign-in that is the last one,
    `other_keys` tells that those of OAuth 1.0a are another account's, and `limits` are X's counts
    by the name of the call.
    """
    if ended:
        sign_in = "Sign-in: ended by X. /auth signs in again."
    elif not signed_in:
        sign_in = "Sign-in: none. /auth signs in."
    elif good_until is not None:
        until = clock(good_until, now, zone)
        sign_in = f"Sign-in: good until {until}, and cannot be renewed. /auth signs in anew."
    else:
        at = f"; next renewal {clock(renewal_at, now, zone)}" if renewal_at is not None else ""
        sign_in = f"Sign-in: good{at}"
    name = f"Account: @{account}" if account else "Account: not known yet"
    return "\n".join(
        [
            *([name] if signed_in else []),
            sign_in,
            f"Uploads by: {way}",
            *([OTHER_KEYS] if other_keys else []),
            line or "Nothing holds up the posts.",
            f"Waiting: {waiting}, scheduled: {scheduled}, failed: {failed}",
            costs.month(purse, now),
            *_left(limits, now, zone),
            f"Telex {version}",
        ]
    )


def _left(limits: Mapping[str, RateLimit], now: float, zone: tzinfo) -> list[str]:
    """What X takes before its windows begin anew, as last seen."""
    return [
        f"{words} left on X: {seen.remaining} of {seen.limit}, "
        f"until {clock(seen.reset_at, now, zone)}"
        for call, words in _COUNTED.items()
        if (seen := limits.get(call)) is not None and seen.reset_at > now
    ]


# --- /queue -----------------------------------------------------------------------------------

QUEUE_EMPTY = "Nothing waits, and nothing has failed."

_STATES = {
    State.DRAFT: "waits for you",
    State.QUEUED: "waits",
    State.POSTING: "is going out",
    State.UNCERTAIN: "may be out",
    State.FAILED: "failed",
}


def in_queue(entry: Entry, now: float, zone: tzinfo) -> str:
    """One line of `/queue`."""
    count = len(entry.post.media)
    pictures = "" if count == 0 else "1 picture" if count == 1 else f"{count} pictures"
    text = fit(" ".join(entry.post.text.split()), 40)
    what = ", ".join(part for part in (pictures, f"“{text}”" if text else "") if part)
    if entry.state is State.QUEUED and entry.due is not None:
        return f"{later.short(entry.due, now, zone)}: {what}"
    return f"{what} – {_STATES.get(entry.state, '')}"


def on_page(number: int, count: int) -> str:
    """The end of a list that goes on on other pages."""
    return f"Page {number} of {count}"
