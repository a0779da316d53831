"""What is said, and what can be pressed, about what changes of a post: edits, alt texts, flags.

Pure. A button names the value that it sets, so that pressing it twice is pressing it once.
"""

from __future__ import annotations

from dataclasses import replace

from bot.alts import Misfit
from twitter_core import handover, limits, revision
from twitter_core.entry import THERE, Entry
from twitter_core.errors import Refusal
from twitter_core.post import Flags, WhoMayReply

from . import advice

# --- edits ------------------------------------------------------------------------------------

RENEW = "Delete and post again"
LET_BE = "Leave it"
RENEWING = "The changed one is made ready; then this one is deleted."
RENEWED = "Deleted on X. The changed one has a card of its own."
CLEARING = "Waiting until the old post is deleted."
TOO_LATE_TO_KEEP = (
    "Too late: the old post is being deleted. Once it is gone, this can be cancelled."
)
STAYS = "The old post stays until this one can go out."
ORPHANS = (
    "What continues this post stays on X, and would hang below a deleted post. Delete this one and "
    "post it again all the same?"
)
NO_LONGER = "The message says what X shows."
ASKED = "Please see the card"
UNDER_WAY = "The changed one is on its way"


def outdated(entry: Entry) -> str:
    """X shows something else than the chat."""
    is_text = revision.wanted(entry).text != entry.post.text
    told = f"You changed the message; X still shows the old {'text' if is_text else 'one'}."
    if THERE in entry.posted:
        return f"{told} I do not know its address, so only you can delete it there."
    return told


def can_be_renewed(entry: Entry) -> bool:
    """Whether [Delete and post again] has a place on its card."""
    return revision.is_outdated(entry) and handover.is_possible(entry)


def blocked(refusal: Refusal, detail: str) -> str:
    """X did not delete the old post, so the new one did not go out."""
    why = advice.on_deletion(refusal, detail, button="Try again")
    return f"Not posted, for the old post is still on X: {why}"


# --- a thread that came to a stop in its middle -----------------------------------------------

REPLY_REFUSED = (
    "X did not take the next one: it does not let this app reply there, not even to a post of "
    "yours. Press Try again to go on where it stopped, or Delete to take back what is out."
)

# --- alt texts --------------------------------------------------------------------------------

ALT = "Alt text"
PURPOSE = "alt"  # of the question for one
ALT_HOW = (
    "Send it as a reply to the picture, or to my message about it: /alt What the picture shows\n"
    "Of several pictures: one line for each, or /alt 2: for the second alone."
)
ALT_UNKNOWN = "I know of no post that belongs to that message. " + ALT_HOW
ALT_NO_PICTURE = "That post has no picture."
ALT_TOO_LATE = (
    "X takes an alt text only before a post goes out. Edit the message instead, with a line "
    "“alt: …” at the end of its caption: its card then offers to delete and post it again."
)
ALT_VIDEO = "X takes alt texts for pictures and GIFs, not for videos."


def ask_alt(pictures: int) -> str:
    """The question whose answer is the alt text."""
    if pictures == 1:
        return "What does the picture show? Reply with its alt text."
    return (
        f"What do the {pictures} pictures show? Reply with a line for each of them, or with 2: and "
        "its alt text for the second alone."
    )


def alt_set(numbers: tuple[int, ...], pictures: int) -> str:
    """These pictures (from 1 on) have an alt text now."""
    if pictures == 1:
        return "The alt text is set."
    listed = ", ".join(str(number) for number in numbers)
    return f"The alt text of picture {listed} of {pictures} is set."


def alt_misfit(misfit: Misfit) -> str:
    """Why what was given does not fit."""
    if misfit.length:
        which = f" of picture {misfit.number}" if misfit.pictures > 1 else ""
        return (
            f"The alt text{which} has {misfit.length} characters, and X takes "
            f"{limits.ALT_TEXT_LENGTH} at most."
        )
    if misfit.number is not None:
        return f"There is no picture {misfit.number}: the post has {misfit.pictures}."
    return f"These are {misfit.lines} lines, and the post has {misfit.pictures} pictures."


# --- flags ------------------------------------------------------------------------------------

MORE = "More…"
SET = "Set"
SO_ALREADY = "It is so already"

_ON = {True: "on", False: "off"}
WHO: dict[WhoMayReply | None, tuple[str, str]] = {
    None: ("everyone", "everyone"),
    WhoMayReply.FOLLOWING: ("people you follow", "following"),
    WhoMayReply.MENTIONED: ("people you mention", "mentioned"),
    WhoMayReply.SUBSCRIBERS: ("your subscribers", "subscribers"),
    WhoMayReply.VERIFIED: ("verified accounts", "verified"),
}


def flags(chosen: Flags) -> str:
    """What a post says about itself, empty where it says nothing special."""
    said = [
        "made with AI" if chosen.made_with_ai else "",
        "paid partnership" if chosen.paid_partnership else "",
        f"replies: {WHO[chosen.who_may_reply][0]}" if chosen.who_may_reply else "",
    ]
    line = " · ".join(part for part in said if part)
    return line[:1].upper() + line[1:]


def switches(chosen: Flags) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Rows of labels, each with the verb of its button."""
    order = list(WHO)
    following = order[(order.index(chosen.who_may_reply) + 1) % len(order)]
    ai, paid = chosen.made_with_ai, chosen.paid_partnership
    return (
        (
            (f"Made with AI: {_ON[ai]}", f"ai.{_ON[not ai]}"),
            (f"Paid: {_ON[paid]}", f"paid.{_ON[not paid]}"),
        ),
        ((f"Replies: {WHO[chosen.who_may_reply][0]}", f"who.{WHO[following][1]}"),),
    )


def choose(chosen: Flags, verb: str, value: str) -> Flags | None:
    """The flags after a press; None where there is no such button (any more)."""
    if verb == "ai" and value in _ON.values():
        return replace(chosen, made_with_ai=value == "on")
    if verb == "paid" and value in _ON.values():
        return replace(chosen, paid_partnership=value == "on")
    for who, (_, told) in WHO.items():
        if (verb, value) == ("who", told):
            return replace(chosen, who_may_reply=who)
    return None
