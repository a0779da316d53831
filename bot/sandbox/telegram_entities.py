"""Text and its entities: what Telegram marks by itself, what it accepts from a bot, what it trims.

Pure; offsets and lengths are in UTF-16 units.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from bot.sandbox import telegram_html
from bot.sandbox.telegram_values import ApiError, Json, bad, utf16

TEXT = 4096  # https://core.telegram.org/bots/api#sendmessage
CAPTION = 1024  # https://core.telegram.org/bots/api#sendphoto

_WANTS = {
    "text_link": "url",
    "text_mention": "user",
    "custom_emoji": "custom_emoji_id",
    "date_time": "unix_time",
}
_OWN = ("mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number")
_STYLES = (
    "bold italic underline strikethrough spoiler blockquote expandable_blockquote code pre"
).split()
_MAY = {"offset": int, "length": int, "type": str, "url": str, "user": dict, "language": str}
_MAY |= {"custom_emoji_id": str, "unix_time": int, "date_time_format": str}

_MARKS = (
    # The order is the precedence: what is found first keeps its place.
    (
        "url",
        re.compile(
            r"(?<![\w@./])(?:https?://[^\s<>\"«»“”]+"
            r"|(?:[a-z0-9-]+\.)+(?:com|org|net|io|me|dev|app|co|tv|info|de|uk|eu|fr)\b"
            r"(?:[/?#][^\s<>\"«»“”]*)?(?!@))",
            re.IGNORECASE,
        ),
    ),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("mention", re.compile(r"(?<![\w@/])@[A-Za-z]\w{3,31}\b", re.ASCII)),
    ("bot_command", re.compile(r"(?<![\w/<>])/\w{1,64}(?:@\w{3,32})?(?![\w/])", re.ASCII)),
    ("hashtag", re.compile(r"(?<![\w#])#(?!\d+\b)\w{1,256}")),
    ("cashtag", re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?![\w$])")),
)


def detect(text: str, taken: Sequence[Json] = ()) -> list[Json]:
    """The entities that Telegram finds by itself, beside those that are there already."""
    busy = [
        (e["offset"], e["offset"] + e["length"])
        for e in taken
        if e["type"] in (*_OWN, "text_link", "text_mention", "code", "pre", "custom_emoji")
    ]
    found: list[Json] = []
    for kind, pattern in _MARKS:
        for match in pattern.finditer(text):
            piece = match.group()
            if kind == "url":
                piece = _without_tail(piece)
            start = utf16(text[: match.start()])
            end = start + utf16(piece)
            if all(end <= a or b <= start for a, b in busy):
                busy.append((start, end))
                found.append({"type": kind, "offset": start, "length": end - start})
    return sorted([*taken, *found], key=lambda e: (e["offset"], -e["length"]))


def _without_tail(url: str) -> str:
    while url and (url[-1] in ".,:;!?'" or (url[-1] == ")" and url.count("(") < url.count(")"))):
        url = url[:-1]
    return url


def check(text: str, entities: Sequence[Any]) -> list[Json]:
    """A bot's own entities, or the error that Telegram gives for them.

    Marks that Telegram finds by itself are dropped: it finds them again.
    """
    accepted: list[Json] = []
    whole = utf16(text)
    edges = {0, *accumulate(2 if ord(character) > 0xFFFF else 1 for character in text)}
    for entity in entities:
        if not isinstance(entity, dict):
            raise _error("expected an Object")
        for name, value in entity.items():
            if name not in _MAY or type(value) is not _MAY[name]:
                raise _error(f'field "{name}" is unknown or has a wrong type')
        if missing := {"type", "offset", "length"} - entity.keys():
            raise _error(f'field "{min(missing)}" is missing')
        kind, offset, length = entity["type"], entity["offset"], entity["length"]
        if kind not in (*_WANTS, *_OWN, *_STYLES):
            raise _error(f'entity of type "{kind}" is unsupported')
        if kind in _WANTS and _WANTS[kind] not in entity:
            raise _error(f'field "{_WANTS[kind]}" is missing')
        if offset < 0 or length < 0:
            raise bad(f"can't parse entities: Receive an entity with incorrect offset {offset}")
        if offset + length > whole:
            raise bad(
                f"can't parse entities: Entity beginning at UTF-16 offset {offset} "
                f"ends after the end of the text"
            )
        if offset not in edges or offset + length not in edges:
            raise bad(
                f"can't parse entities: Entity beginning at UTF-16 offset {offset} "
                f"begins or ends in a middle of a UTF-16 symbol"
            )
        if length and kind not in _OWN:
            accepted.append(dict(entity))
    return sorted(accepted, key=lambda e: (e["offset"], -e["length"]))


def trim(text: str, entities: Sequence[Json]) -> tuple[str, list[Json]]:
    """Without white space around it, as Telegram keeps a text; the entities move along."""
    lead = utf16(text) - utf16(text.lstrip())
    kept = text.strip()
    moved: list[Json] = []
    for entity in entities:
        start = max(entity["offset"] - lead, 0)
        end = min(entity["offset"] + entity["length"] - lead, utf16(kept))
        if end > start:
            moved.append({**entity, "offset": start, "length": end - start})
    return kept, moved


def read(
    text: str, parse_mode: str | None, entities: Sequence[Any] | None, limit: int, *, empty: bool
) -> tuple[str, list[Json]]:
    """A text from a bot, as Telegram stores it. Raises `ApiError` for what it refuses.

    Lengths are counted in UTF-16 units, so that what passes here passes however Telegram counts.
    """
    mode = (parse_mode or "none").lower()
    if mode == "html":
        text, marked = telegram_html.parse(text)
    elif mode == "none":
        marked = check(text, entities or [])
    else:
        raise bad("unsupported parse_mode (the sandbox reads HTML only)")
    text, marked = trim(text, marked)
    if not text and not empty:
        raise bad("message text is empty")
    if utf16(text) > limit:
        raise bad("message is too long" if limit == TEXT else "message caption is too long")
    return text, detect(text, marked)


def _error(text: str) -> ApiError:
    return bad(f"can't parse MessageEntity: {text}")
