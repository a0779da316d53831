"""What one may do on the page: write, send, press, edit, break, mend, kill the bot.

Each act is that of a person with a phone, or a switch of the sandbox; none reaches into the bot.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox import telegram_media
from bot.sandbox.page_scene import Scene
from bot.sandbox.telegram import Item, Message, Person

ANSWER = 20.0  # seconds that a press waits for the bot
ALBUM = 10  # items
_VIDEOS = ("video/mp4", "video/quicktime")


class Refusal(Exception):
    """It cannot be done; the text says why, in a sentence."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was picked; width, height and seconds are those of a video."""

    name: str
    mime: str
    data: bytes
    width: int = 1280
    height: int = 720
    seconds: int = 5


Given = Mapping[str, Any]


def text(scene: Scene, given: Given) -> None:
    """Write."""
    words = str(given.get("text", "")).strip()
    if not words:
        raise Refusal("There is nothing to send.")
    _try(lambda: _who(scene, given).sends_text(words, reply_to=_reply(scene, given)))


def poll(scene: Scene, given: Given) -> None:
    """Send a poll."""
    question = str(given.get("question", "")).strip()
    listed = given.get("options")
    options = [str(o).strip() for o in listed if str(o).strip()] if isinstance(listed, list) else []
    if not question or not 2 <= len(options) <= 10:
        raise Refusal("A poll has a question and 2 to 10 options.")
    _who(scene, given).sends_poll(question, options, reply_to=_reply(scene, given))


async def files(scene: Scene, given: Given, uploads: list[Upload]) -> None:
    """Send what was picked: as an album, one by one, or as files; as Telegram's apps do it."""
    if not uploads:
        raise Refusal("There is nothing to send.")
    person, caption, reply = _who(scene, given), str(given.get("caption", "")), _reply(scene, given)
    as_files = given.get("how") == "files"
    items = [await asyncio.to_thread(_item, one, as_files) for one in uploads]
    while items:
        batch, items = _batch(items, grouped=given.get("how") != "single")
        if len(batch) > 1:
            album = [item for item, _ in batch]
            _try(lambda: person.sends_album(album, caption, reply_to=reply))  # noqa: B023 - now
        else:
            _one(person, *batch[0], caption, reply)
        caption, reply = "", None


def edit(scene: Scene, given: Given) -> None:
    """Change a message of one's own."""
    message = _message(scene, given)
    words = str(given.get("text", "")).strip()
    if message.from_bot or (not words and "text" in message.raw):
        raise Refusal("Only one's own messages can be edited, and not to nothing.")
    person = _who(scene, given)
    if "text" in message.raw:
        _try(lambda: person.edits(message, words))
    else:
        _try(lambda: person.edits(message, caption=words))


def delete(scene: Scene, given: Given) -> None:
    """Delete a message; the bot is not told, as on the real Telegram."""
    _who(scene, given).deletes(_message(scene, given))


async def press(scene: Scene, given: Given) -> str:
    """Press a button; gives what the bot answers."""
    message = _message(scene, given)
    try:
        press = _who(scene, given).presses(message, str(given.get("data", "")))
    except LookupError:
        raise Refusal("That button is not there any more.") from None
    try:
        return await press.answer(ANSWER)
    except TimeoutError:
        raise Refusal("Telex does not answer. The press waits on Telegram's side.") from None


def _who(scene: Scene, given: Given) -> Person:
    return scene.stranger if given.get("as") == "stranger" else scene.owner


def _message(scene: Scene, given: Given, field: str = "message") -> Message:
    found = None
    if str(given.get(field, "")).isdecimal():
        found = _who(scene, given).chat.find(int(given[field]))
    if found is None:
        raise Refusal("That message is not there any more.")
    return found


def _reply(scene: Scene, given: Given) -> Message | None:
    return _message(scene, given, "reply") if given.get("reply") else None


def _item(upload: Upload, as_file: bool) -> tuple[Item, Upload]:
    """What Telegram's apps would make of a picked file."""
    kind, data = "document", upload.data
    if not as_file and upload.mime in _VIDEOS:
        kind = "video"
    elif not as_file and upload.mime.startswith("image/") and upload.mime != "image/gif":
        try:
            kind, data = "photo", telegram_media.recompress(data)
        except (OSError, ValueError, SyntaxError):
            kind = "document"  # what the app cannot show, it sends as it is
    return Item(data, kind, upload.name, upload.mime or "application/octet-stream"), upload


def _batch(
    items: list[tuple[Item, Upload]], *, grouped: bool
) -> tuple[list[tuple[Item, Upload]], list[tuple[Item, Upload]]]:
    """The next message or album, and what is left; files and pictures never mix."""
    most = ALBUM if grouped else 1
    is_file = items[0][0].kind == "document"
    count = 0
    for item, _ in items[:most]:
        if (item.kind == "document") != is_file:
            break
        count += 1
    return items[:count], items[count:]


def _one(person: Person, item: Item, upload: Upload, caption: str, reply: Message | None) -> None:
    def send() -> Message:
        if item.kind == "photo":
            return person.sends_photo(item.data, caption, reply_to=reply)
        if item.kind == "video":
            return person.sends_video(
                item.data,
                caption,
                name=item.name,
                width=upload.width,
                height=upload.height,
                seconds=upload.seconds,
                reply_to=reply,
            )
        return person.sends_document(item.data, item.name, item.mime, caption, reply_to=reply)

    _try(send)


def _try(send: Callable[[], Any]) -> None:
    try:
        send()
    except ValueError as error:
        raise Refusal(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None


Act = Callable[[Scene, Given], Awaitable[str] | None]
ACTS: Mapping[str, Act] = {
    "text": text,
    "poll": poll,
    "edit": edit,
    "delete": delete,
    "press": press,
}
