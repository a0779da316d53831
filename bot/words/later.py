"""What the bot says about times: the hold, the schedule, the slots, the zone. Pure, no markup."""

from __future__ import annotations

from datetime import datetime, tzinfo

from bot import slots, times, walls, zones
from bot.times import Why

LIKE = "18:30, tomorrow 9am, in 2 h, fri 10:00, 28.11. 18:00"

WHEN = f"When shall it go out? Reply with a time like {LIKE}."
AT_WHAT = (
    "Send /at TIME as a reply to the post (or to my message about it), or /at TIME with the text "
    f"of a new post in the lines below. Times are like {LIKE}."
)
UNKNOWN = "I know of no post that belongs to that message."
NO_SLOTS = "You have no slots yet: /slots 09:00 18:00 makes a queue for each day."
NONE_FREE = "No slot is free. /slots makes more of them."
TONIGHT_IS_PAST = "It is past 20:00 already."
PARTLY_OUT = "Part of it is out already, so it cannot wait for a time."
MOVED = "Moved"
AT_ITS_TIME = "It goes out at its time."
KEEPS_TIME = "The post keeps its time, though its message names none any more. See its card."
ANSWER_FIRST = "Its card asks something else: answer that first, then give it a time with /at."
NOT_COMING = "That one has no time any more; the list shows what there is."


def moment(at: float, now: float, zone: tzinfo) -> str:
    """A time to come with its weekday and zone, and the year where that is another one."""
    then = walls.shown(at, zone)
    return f"{_day(then, walls.shown(now, zone))}, {then:%H:%M} ({name(zone)})"


def short(at: float, now: float, zone: tzinfo) -> str:
    """A time to come in a list."""
    then, today = walls.shown(at, zone), walls.shown(now, zone)
    year = f" {then.year}" if then.year != today.year else ""
    day = "" if then.date() == today.date() else f"{then:%a} {then.day} {then:%b}{year} "
    return f"{day}{then:%H:%M}"


def _day(then: datetime, now: datetime) -> str:
    year = f" {then.year}" if then.year != now.year else ""
    return f"{then:%A} {then.day} {then:%B}{year}"


def name(zone: tzinfo) -> str:
    """The zone as it is shown: Europe/Berlin."""
    return str(zone)


def held(left: float) -> str:
    """It can still be stopped for so many seconds."""
    steps = max(1, -int(-left // 5)) * 5  # not a figure that changes with each look
    return f"Goes out in {steps} s, unless you press Stop."


def scheduled(at: float, now: float, zone: tzinfo) -> str:
    """It has its time."""
    return f"Goes out on {moment(at, now, zone)}."


def meant(at: float, now: float, zone: tzinfo) -> str:
    """It has its time, and waits for an answer before that."""
    return f"It is meant for {moment(at, now, zone)}."


def was_due(at: float, now: float, zone: tzinfo) -> str:
    """Its time is past."""
    return f"It was to go out on {moment(at, now, zone)}."


def no_zone() -> str:
    """Said once, with the first time that is given."""
    return (
        "I read and show times as UTC, for you have not chosen a time zone. "
        "/timezone berlin (or another city) does that."
    )


def misread(typed: str, found: times.Misread, now: float, zone: tzinfo) -> str:
    """Why a time was not taken, with what was understood of it."""
    if not typed.strip():
        return f"There is no time behind /at. Write it like {LIKE}."
    local = found.local
    day = _day(local, walls.shown(now, zone)) if local is not None else ""
    shown = moment(local.timestamp(), now, zone) if local is not None else ""
    either = " or ".join(found.ways or ())
    match found.why:
        case Why.NO_TIME:
            return f"{day}: at what time? Write it like {LIKE}."
        case Why.PAST:
            return f"{shown} is past. Write a time to come."
        case Why.FAR:
            return f"{shown} is more than two years away. Write one that is nearer."
        case Why.HALF | Why.ORDER | Why.DOT | Why.NEXT | Why.NIGHT:
            return f"{_quoted(typed)} may mean {either}. Write the one that you mean."
        case Why.WEEKDAY if local is not None:
            date = f"{local.day} {local:%B}"
            return f"{date} is a {local:%A}, so I am not sure which day you mean. Write only one."
        case Why.GAP if local is not None:
            return (
                f"On {day} the clocks go forward and leave that time out. "
                f"The first minute after is {local:%H:%M}."
            )
        case Why.TWICE if local is not None:
            offset = f"{local:%z}"
            return (
                f"On {day} the clocks go back and show that time twice. Write which one: the first "
                f"is {local:%H:%M} {offset[:3]}:{offset[3:]}."
            )
        case _:
            return f"{_quoted(typed)} is no time that I can read. Write it like {LIKE}."


def _quoted(typed: str) -> str:
    shown = " ".join(typed.split())
    return f"“{shown if len(shown) <= 40 else shown[:39] + '…'}”"


# --- /slots -------------------------------------------------------------------------------------

SLOTS_HOW = (
    "/slots 09:00 13:00 18:00 makes a queue for each day, and “Next free slot” fills it. With "
    "days: /slots mon-fri 09:00 18:00; sat 11:00. /slots off ends it."
)
SLOTS_OFF = "No slots any more. What has a time keeps it."


def slots_shown(groups: tuple[str, ...], zone: str, free: str) -> str:
    """The slots; `free` is the next one without a post, as it is shown."""
    if not groups:
        return f"There are no slots. {SLOTS_HOW}"
    listed = "; ".join(groups)
    next_one = f"\nThe next free one: {free}" if free else ""
    return f"Slots: {listed} ({name(zones.zone(zone))}).{next_one}"


def slots_wrong(found: slots.Wrong) -> str:
    """Why slots were not taken."""
    if found.is_too_many:
        return f"These are more than {slots.MOST} slots a day, so nothing has changed."
    if found.word:
        return f"I cannot read {_quoted(found.word)} there, so nothing has changed. {SLOTS_HOW}"
    return f"There is no time in that, so nothing has changed. {SLOTS_HOW}"


# --- /timezone ----------------------------------------------------------------------------------

ZONE_WHAT = "Which one? Send /timezone with a city: /timezone berlin, /timezone new york."


ZONE_WHICH = "Whose clock counts? Reply with a city: berlin, new york."


def zone_shown(zone: str, now: float) -> str:
    """The zone that holds, with the time there."""
    if not zone:
        return f"No time zone is chosen, so times are in UTC. {ZONE_WHAT}"
    return f"Time zone: {zone}, where it is {walls.shown(now, zones.zone(zone)):%H:%M} now."


def zone_unknown(typed: str, found: zones.NotOne) -> str:
    """Why what was typed is no zone."""
    if found.candidates:
        return f"{_quoted(typed)} may be {', '.join(found.candidates)}. Write the one you mean."
    return f"I know of no time zone for {_quoted(typed)}. Write a larger city near you."
