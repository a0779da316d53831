"""Every sentence that the bot says, in one place. Pure; texts without markup."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from urllib.parse import urlsplit

from bot import addresses, polls
from twitter_core.entry import Question
from twitter_core.errors import Refusal
from twitter_core.line import Reason

from . import advice
from .advice import CONSOLE

PREVIEW = 3200  # UTF-16 units of a preview: a message of Telegram's has room for 4096

START = (
    "This is Telex. Send me a photo or a video, with or without a caption, and I post it to X at "
    "once. "
    "Send me a text, and I show it to you first.\n\n"
    "Begin with /auth to sign in to X. /help tells the rest."
)
HELP = (
    "A photo, a video, a GIF, a poll, an album, or a forward of one: posted at once, unless "
    "/settings has me ask first.\n"
    "A text: I show you the post, you press Post. /post TEXT goes out at once. What is too long "
    "becomes a thread; a line with only --- cuts it where you want.\n"
    "A reply to a post continues its thread.\n"
    "Lines “alt: …” at the end of a caption describe the pictures.\n"
    "Edit a message, and what waits changes too.\n\n"
    "/auth – sign in to X\n"
    "/status – account, sign-in, what waits\n"
    "/queue – what is coming, what waits, what failed\n"
    "/at tomorrow 9am – as a reply: when that post goes out; at the top of a text or caption: when "
    "this one does\n"
    "/slots 09:00 18:00 – a queue for each day; a card's Later… fills it\n"
    "/timezone berlin – whose clock counts\n"
    "/pause and /resume – hold and release everything\n"
    "/budget 5 – ask before a month costs more than that\n"
    "/settings – ask first, undo, threads, names, who may reply, footer\n"
    "/alt TEXT – as a reply to a picture before it is out: its alt text; of several, /alt 2: TEXT "
    "or a line for each\n"
    "/delete – as a reply to a post of yours: delete it on X\n"
    "/refresh – renew the sign-in now\n"
    "/logout – sign out of X and forget the sign-in"
)
COMMANDS = (
    ("auth", "Sign in to X"),
    ("status", "Account, sign-in, what waits"),
    ("post", "Post a text at once"),
    ("at", "When a post goes out"),
    ("queue", "What is coming, waits, or failed"),
    ("slots", "A queue for each day"),
    ("timezone", "Whose clock counts"),
    ("pause", "Hold everything"),
    ("resume", "Go on"),
    ("settings", "How things are done"),
    ("budget", "What a month may cost"),
    ("alt", "As a reply: what the picture shows"),
    ("delete", "As a reply: delete that post on X"),
    ("refresh", "Renew the sign-in now"),
    ("logout", "Sign out of X"),
    ("help", "What I can do"),
)

# --- the sign-in ------------------------------------------------------------------------------

OPEN_X = "Open X"
SIGN_IN = "Sign in"


def sign_in(link: str, redirect_uri: str) -> str:
    """What `/auth` answers with."""
    is_here = addresses.is_loopback(urlsplit(redirect_uri).hostname or "")
    never = " (on a phone it never does)" if is_here else ""
    return (
        "Sign in to X with this link; it is good for 10 minutes:\n"
        f"{link}\n\n"
        f"Afterwards X sends your browser to {redirect_uri}. If that page does not load{never}, "
        "copy its address and send it to me here within 30 seconds. "
        "If the X app opens instead of the page, open the link in your browser."
    )


def signed_in(username: str) -> str:
    """The sign-in is complete; `username` is empty where X did not tell it yet."""
    if username:
        return f"Signed in as @{username}. Send me a photo."
    return "Signed in. X did not tell me the account's name yet; I ask again later."


def other_uploader() -> str:
    """The OAuth 1.0a keys belong to another account."""
    return (
        "Note: the keys in X_ACCESS_TOKEN are those of another X account. Pictures uploaded with "
        "them could not be posted here, so I upload with the sign-in instead."
    )


DENIED = "You did not allow it on X, so nothing has changed. /auth begins anew."
WRONG_STATE = (
    "That address belongs to another sign-in, so I did not use it. "
    "Open the link of my newest /auth message, or send /auth again."
)
EXPIRED = "That sign-in took longer than 10 minutes. Send /auth for a new link."
NOT_PENDING = (
    "No sign-in is waiting for that address; perhaps it was used already. /auth begins anew."
)
NO_CODE = (
    "There is no code in that address. Copy the whole address from the browser, or send /auth."
)
CODE_REFUSED = (
    "X did not take the code: it is good for 30 seconds and for one use. Send /auth and try again."
)
BAD_CLIENT = (
    "X does not know this app. Compare X_CLIENT_ID and X_CLIENT_SECRET with X's console "
    "(keys and tokens, OAuth 2.0), restart Telex, and send /auth again."
)
SIGN_IN_UNREACHABLE = (
    "X could not be reached, so the sign-in is not complete. Send /auth and try again."
)
SIGN_IN_NOT_SAVED = (
    "The sign-in could not be written to the disk, so I did not use it. Make room in the data "
    "folder, then send /auth again."
)
NOT_SIGNED_IN = "You are not signed in to X. /auth gives you the link."
SIGN_IN_ENDED = (
    "X has ended the sign-in. Press the button or send /auth to sign in again; "
    "what waits then goes out by itself."
)
LOGGED_OUT = "Signed out: X was told, and the sign-in is forgotten. /auth signs in again."
LOGGED_OUT_HERE = (
    "The sign-in is forgotten here, but X could not be told. To be sure, also remove the app "
    "in X's settings, under connected apps."
)


def renewed(until: float, now: float, zone: tzinfo = UTC) -> str:
    """The token pair was renewed by hand."""
    at = clock(until, now, zone)
    return f"The sign-in is renewed, until {at}. I renew it by myself before that."


def not_renewed(refusal: Refusal, detail: str) -> str:
    """Why the token pair could not be renewed."""
    return f"The sign-in could not be renewed: {advice.on_other(refusal, detail)}"


def last_sign_in(until: float, now: float, zone: tzinfo = UTC) -> str:
    """X gave nothing that the sign-in could be renewed with."""
    until_then = clock(until, now, zone)
    return f"The sign-in is good until {until_then} and cannot be renewed. /auth signs in anew."


RENEWAL_FAILED = "X could not be reached for the renewal. I try again by myself."

# --- messages that become no post -------------------------------------------------------------

UNPOSTABLE = {
    "sticker": "X does not show moving stickers, so I cannot post this one. Still ones work.",
    "voice": "X takes no voice messages, so I cannot post this.",
    "audio": "X takes no audio files, so I cannot post this.",
    "document": "This file is neither a picture nor a video, so I cannot post it.",
    "location": "I cannot post a location. Photos, videos, polls and texts work.",
    "contact": "I do not post contacts.",
}
NOT_UNDERSTOOD = "I cannot post this kind of message. Photos, videos, polls and texts work."


def poll_refused(refused: polls.Refused) -> str:
    """Why a poll of Telegram cannot be one on X."""
    match refused.misfit:
        case polls.Misfit.OPTIONS:
            return f"X takes polls with 2 to 4 options; this one has {refused.detail}."
        case polls.Misfit.LENGTH:
            return (
                f"X takes poll options of 1 to 25 characters; “{fit(refused.detail, 60)}” has "
                f"{len(refused.detail)}."
            )
        case polls.Misfit.DURATION:
            return (
                "X takes polls that are open for 5 minutes to 7 days; "
                f"this one is for {refused.detail} minutes."
            )


UNREADABLE = (
    "A message of yours could not be read, so nothing was posted for it. "
    "I kept it in inbox/aside in the data folder."
)
BROKEN = (
    "Something went wrong in Telex while it handled what you last sent or pressed, so perhaps it "
    "was not done. I kept it in inbox/aside in the data folder, and the log tells more. Please see "
    "what came of it, and where nothing did, send or press it again."
)
UNKNOWN_COMMAND = "I do not know that command. /help lists those I know."
POST_WHAT = "Write the text behind it: /post TEXT"

# --- the settings -----------------------------------------------------------------------------

WHICH_FOOTER = "What shall stand at the end of every post? Reply with it: words, hashtags."
CHANGED = "Changed"
SETTING_GONE = "That button is of an older Telex. Send /settings for the present ones."
V11_AGAIN = "I try v1.1 with the next upload."


def footer_too_long(weight: int, most: int) -> str:
    """A footer must leave room for the post."""
    return f"That is {weight} characters, and {most} is the most for a footer. Reply once more."


# --- the disk ---------------------------------------------------------------------------------

DISK_REFUSES = (
    "The disk does not take what I write (is it full?). Nothing is lost: make room in the data "
    "folder, and I go on by myself."
)
V11_GIVEN_UP = (
    "X's old way of uploading (v1.1) does not work any more. I upload by the new one (v2) from now "
    "on; you need not do anything."
)
DISK_WORKS = "The disk works again. I go on."

# --- the line ---------------------------------------------------------------------------------

PAUSED = "Paused: nothing goes out until /resume."
RESUMED = "Going on."
DELETE_WHAT = "Send /delete as a reply to the post (or to my message about it) that shall go."
DELETE_UNKNOWN = "I know of no post on X that belongs to that message."
DELETE_NOT_OUT = "That one is not on X."
DELETE_NOT_KNOWN = "I do not know whether that one is on X. Please look at your profile."
DELETE_NO_ADDRESS = (
    "That one is on X, as you say, but I do not know its address. Please delete it there."
)
DELETE_BUSY = "That one is just going out. Send /delete again when its card shows what came of it."
DELETE_UNSURE = (
    "I do not know whether that one is out. Press a button of its card first, and then delete what "
    "is out."
)


def waiting(
    reason: Reason | None,
    until: float | None,
    *,
    paused: bool,
    now: float,
    zone: tzinfo = UTC,
    go_on: str = "press Try again",
) -> str:
    """Why nothing goes out at the moment, which is `now`; `go_on` is what a card's button does."""
    if paused:
        return "Waiting: paused, until /resume."
    match reason:
        case Reason.SIGN_IN if until is None:
            return "Waiting: you are not signed in to X. Send /auth; then it goes out by itself."
        case Reason.SIGN_IN:
            return (
                "Waiting: X does not accept the sign-in at the moment. I try again; "
                "if it stays so, send /auth."
            )
        case Reason.CREDITS:
            return (
                "Waiting: your X credits are used up or a spend cap is reached. Top up, or raise "
                f"it, at {CONSOLE}, then {go_on}."
            )
        case Reason.RATE_LIMIT:
            at = f"at {clock(until, now, zone)}" if until is not None else "after a while"
            return f"Waiting: X takes no more posts for now. I try again {at}."
        case Reason.NETWORK:
            return "Waiting: X cannot be reached. I keep trying."
        case _:
            return "Waiting."


def turn(ahead: int) -> str:
    """It may go out as soon as those before it have."""
    if ahead == 0:
        return POSTING
    return f"Waiting: {ahead} {'post goes' if ahead == 1 else 'posts go'} out before it."


# --- the card ---------------------------------------------------------------------------------

MARK = "👍"  # on the message behind a post that is out
POSTING = "Posting…"
LOOKING = "X did not answer clearly. I look whether the post is there…"
LOOK_LATER = "X did not answer clearly. I look whether the post is there as soon as I can."
LOOK_SIGNED_IN = (
    "X did not answer clearly, and you are not signed in to X. Send /auth; then I look whether the "
    "post is there."
)
STUBBORN = "That fails again and again at the moment. I keep trying."
WAITS_FOR_PARENT = "Waiting for the post that it continues."
HELD_UP = "This takes long, so the posts behind it go first."
CANCELLED = "Cancelled. Nothing was posted."
DISCARDED = "Discarded. Nothing was posted."
DISCARDED_UNSURE = "Discarded. It may be on X all the same."
NEXT_UNSURE = "The next one may be on X all the same."
DELETED = "Deleted on X."
DELETED_UNSURE = "Deleted on X, as far as I know. More of it may be there all the same."
DELETING = "Deleting…"
THERE = "Posted, as you say."


def uploading(done: int, total: int, share: float | None = None) -> str:
    """The media on their way; `share` is how much of a large file is on X (0..1)."""
    if share == 1:
        return "X is working on the video…"
    percent = f" {share:.0%}" if share is not None else ""
    return f"Uploading…{percent}" if total == 1 else f"Uploading {done}/{total}…{percent}"


def posted(link: str, tweets: int) -> str:
    """It is out."""
    return f"Posted: {link}" if tweets == 1 else f"Posted as a thread of {tweets}: {link}"


def partly_posted(out: int, total: int, link: str) -> str:
    """The first tweets of a thread are out, the others are not."""
    return f"{out} of {total} are out" + (f": {link}" if link else ".")


def doubled(link: str) -> str:
    """A repeated attempt made a second one."""
    return f"X made two of it, because its first answer got lost. The second one: {link}"


def preview(parts: tuple[tuple[str, int], ...], most: int) -> str:
    """A text as it would go out: its parts, each with its weight."""
    if len(parts) == 1:
        text, weight = parts[0]
        return f"{fit(text, PREVIEW)}\n\n{weight} of {most} characters"
    shown = [
        f"{number}/{len(parts)} ({weight} of {most})\n{text}"
        for number, (text, weight) in enumerate(parts, 1)
    ]
    return fit("\n\n".join(shown), PREVIEW) + f"\n\nA thread of {len(parts)}."


QUESTIONS = {
    Question.PREVIEW: "Post it?",
    Question.OLD: "This came over an hour after you sent it. Still post it?",
    Question.LATE: "This came after its album was complete. Post it as a reply to the album?",
    Question.ACCOUNT: (
        "This was meant for another X account than the one that is signed in now. Post it here?"
    ),
    Question.TOO_LONG: (
        "This is too long for one post, and threads are off (/settings). Post it as a thread?"
    ),
    Question.LOST: (
        "I could not find out whether this post is out. Please look at your profile: is it there?"
    ),
    Question.PARENT: "The post that this one continues did not go out. Post it on its own?",
    Question.STOPPED: "Stopped: nothing was sent. Post it after all?",
    Question.OVERDUE: "The time of this post is past. Still post it?",
    Question.WHEN: "I could not read the time, so this waits. When shall it go out?",
    Question.CONFIRM: "Post this?",
    Question.COSTLY: "This has a link, which costs more. Post it?",
    Question.BUDGET: (
        "This would cost more than your budget for the month has left. Post it all the same?"
    ),
}


def too_long(over: int) -> str:
    """A text does not fit one post, and threads are off."""
    return (
        f"{over} {'character' if over == 1 else 'characters'} too long for one post, and threads "
        "are off (/settings)."
    )


def strangers(names: tuple[str, ...]) -> str:
    """Telegram names in a post: on X they are somebody else's, or nobody's."""
    listed = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
    return f"On X, {listed} is whoever has that name there. /settings can write t.me links instead."


def lost(text: str) -> str:
    """It may be out or not, and only the owner can look; `text` tells which one it is."""
    question = QUESTIONS[Question.LOST]
    return f"{question}\n\n{fit(text, PREVIEW)}" if text else question


def failed(refusal: Refusal, detail: str, earlier: str) -> str:
    """Why a post did not go out, and what helps. `earlier` is a link to an older post."""
    if refusal is Refusal.DUPLICATE and earlier:
        return f"Not posted: you have posted this text already: {earlier}\nSend it with a change."
    return f"Not posted: {advice.on(refusal, detail)}"


def not_deleted(refusal: Refusal, detail: str) -> str:
    """Why a deletion was refused."""
    return f"Not deleted: {advice.on_deletion(refusal, detail)}"


def last_refusal(refusal: Refusal, detail: str) -> str:
    """What was refused last of a thread that is half out: a tweet, or the deletion of one."""
    return f"What went wrong last: {advice.on_other(refusal, detail)}"


# --- the answers to a press -------------------------------------------------------------------

PRESSED = {
    "post": "On its way",
    "cancel": "Cancelled",
    "again": "Trying again",
    "discard": "Discarded",
    "there": "Good",
    "repost": "Posting again",
    "delete": "Deleting",
    "undouble": "Deleting",
    "stop": "Stopped",
    "unlink": "On its way, without the link",
    "resume": "Going on",
}
TOO_LATE = {
    "draft": "It still waits for your answer.",
    "queued": "It is on its way already.",
    "posting": "Too late: it is going out now.",
    "uncertain": "I am looking whether it is out.",
    "done": "Too late: it is out.",
    "failed": "It has failed; see the buttons.",
    "cancelled": "It was cancelled already.",
}
FORGOTTEN = "I do not know that post any more."
ALREADY_DELETED = "It is deleted already."
SOON = 12 * 3600.0  # seconds: "until 00:14" is plain at 23:59


def clock(at: float, now: float, zone: tzinfo = UTC) -> str:
    """A time as the owner's clock shows it, with the day where that could be mistaken."""
    then = datetime.fromtimestamp(at, zone)
    is_plain = then.date() == datetime.fromtimestamp(now, zone).date() or 0 <= at - now < SOON
    day = "" if is_plain else f"{then:%d %B, }"
    return f"{day.lstrip('0')}{then:%H:%M %Z}"


def fit(text: str, most: int) -> str:
    """`text`, cut to so many UTF-16 units, which is how Telegram counts."""
    units = text.encode("utf-16-le", "replace")
    if len(units) <= 2 * most:
        return text
    return units[: 2 * (most - 1)].decode("utf-16-le", "ignore") + "…"
