"""What people put into a chat: texts, photos, albums, files, polls, …. Each becomes an update.

Every call takes effect at once; nothing here waits.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.sandbox import telegram_entities, telegram_media
from bot.sandbox.telegram_values import Json, Message
from bot.sandbox.telegram_world import Chat, World


@dataclass(frozen=True, slots=True)
class Item:
    """One item of an album; plain bytes are a photo."""

    data: bytes
    kind: str = "photo"  # "photo", "video" or "document"
    name: str = "file.bin"
    mime: str = "application/octet-stream"


class Writer:
    """Somebody with a phone. `chat` is the private chat with the bot.

    All that send take these by name, beside what stands in their signature:
    `chat` (a group or channel instead of the private chat), `reply_to`, `date` (Unix time of
    sending, now by default), `forwarded` (True: from somebody hidden; or a person or chat),
    `media_group_id`, `business` (a connection's id), `guest` (True), `opens` (True: the update
    begins an answer of its own), and any other field of a Bot API message.
    """

    def __init__(self, world: World, user: Json, old_polls: Callable[[], bool]) -> None:
        self.user = user
        self._world = world
        self._old_polls = old_polls
        raw = {k: user[k] for k in ("id", "first_name", "username") if k in user}
        self.chat = Chat(raw | {"type": "private"}, known=False)
        world.users[self.id] = user
        world.chats[self.id] = self.chat

    @property
    def id(self) -> int:
        return int(self.user["id"])

    # -- writing -------------------------------------------------------------------------------

    def starts(self, **how: Any) -> Message:
        return self.sends_text("/start", **how)

    def sends_text(
        self, text: str, *, entities: Sequence[Json] | None = None, **how: Any
    ) -> Message:
        """A text; commands, links and the like are marked as Telegram marks them."""
        return self._send(marked("text", "entities", text, entities), **how)

    def sends_photo(
        self,
        data: bytes,
        caption: str = "",
        *,
        caption_entities: Sequence[Json] | None = None,
        recompress: bool = False,
        size: int | None = None,
        tells_size: bool = True,
        **how: Any,
    ) -> Message:
        """A photo; the bot may fetch exactly these bytes, unless they are recompressed first.

        `size` is what the sizes claim; with `tells_size=False` they claim nothing.
        """
        if recompress:
            data = telegram_media.recompress(data)
        sizes = telegram_media.photo(self._world.files, data, size=size, tells_size=tells_size)
        return self._send({"photo": sizes} | _caption(caption, caption_entities), **how)

    def sends_album(
        self,
        items: Sequence[bytes | Item],
        captions: str | Sequence[str] = "",
        *,
        split: int | None = None,
        **how: Any,
    ) -> list[Message]:
        """Two to ten items at once; from item `split` on they come in the next answer.

        One caption goes to the first item.
        """
        kinds = {item.kind if isinstance(item, Item) else "photo" for item in items}
        if not 2 <= len(items) <= 10 or ("document" in kinds and len(kinds) > 1):
            raise ValueError("an album has 2 to 10 items, and files go with files only")
        texts = [captions] if isinstance(captions, str) else list(captions)
        group = how.pop("media_group_id", None) or self.album_id()
        sent = []
        for number, given in enumerate(items):
            item = given if isinstance(given, Item) else Item(given)
            caption = texts[number] if number < len(texts) else ""
            how |= {"media_group_id": group, "opens": number == split}
            if item.kind == "photo":
                sent.append(self.sends_photo(item.data, caption, **how))
            elif item.kind == "video":
                sent.append(self.sends_video(item.data, caption, name=item.name, **how))
            else:
                sent.append(self.sends_document(item.data, item.name, item.mime, caption, **how))
        return sent

    @staticmethod
    def album_id() -> str:
        """A new media group id, for an album whose items are sent one by one."""
        return str(13_000_000_000_000_000 + secrets.randbits(50))

    def sends_document(
        self,
        data: bytes | Path,
        name: str | None = "file.bin",
        mime: str | None = "application/octet-stream",
        caption: str = "",
        *,
        caption_entities: Sequence[Json] | None = None,
        size: int | None = None,
        tells_size: bool = True,
        **how: Any,
    ) -> Message:
        """A file as it is; its name and type are what the sender says."""
        file = self._world.files.add("document", data, size=size, tells_size=tells_size)
        content = {"document": telegram_media.document(file, name, mime)}
        return self._send(content | _caption(caption, caption_entities), **how)

    def sends_video(
        self,
        data: bytes | Path,
        caption: str = "",
        *,
        name: str | None = "video.mp4",
        width: int = 1280,
        height: int = 720,
        seconds: int = 5,
        size: int | None = None,
        tells_size: bool = True,
        **how: Any,
    ) -> Message:
        files = self._world.files
        file = files.add("video", data, extension=".mp4", size=size, tells_size=tells_size)
        video = telegram_media.moving(files, file, (width, height), seconds, name, "video/mp4")
        return self._send({"video": video} | _caption(caption), **how)

    def sends_animation(
        self,
        data: bytes,
        caption: str = "",
        *,
        width: int = 480,
        height: int = 270,
        seconds: int = 3,
        size: int | None = None,
        tells_size: bool = True,
        **how: Any,
    ) -> Message:
        """A GIF: a silent MP4, and a `document` beside it, as old bots expect one."""
        files = self._world.files
        file = files.add("animation", data, extension=".mp4", size=size, tells_size=tells_size)
        moving = telegram_media.moving(
            files, file, (width, height), seconds, "animation.mp4", "video/mp4"
        )
        plain = {k: v for k, v in moving.items() if k not in ("width", "height", "duration")}
        return self._send({"animation": moving, "document": plain} | _caption(caption), **how)

    def sends_live_photo(
        self, photo: bytes, video: bytes, caption: str = "", **how: Any
    ) -> Message:
        """A photo that moves; `photo` stands beside it."""
        files = self._world.files
        sizes = telegram_media.photo(files, photo, size=None, tells_size=True)
        file = files.add("video", video, extension=".mp4")
        live = file.fields() | {"width": 1280, "height": 960, "duration": 3, "photo": sizes}
        live["mime_type"] = "video/mp4"
        return self._send({"live_photo": live, "photo": sizes} | _caption(caption), **how)

    def sends_video_note(self, data: bytes = b"note", **how: Any) -> Message:
        files = self._world.files
        file = files.add("video_note", data, extension=".mp4")
        small = telegram_media.thumbnail(files, 240, 240)
        note = file.fields() | {"length": 240, "duration": 4, "thumbnail": small}
        return self._send({"video_note": note}, **how)

    def sends_voice(self, data: bytes = b"voice", caption: str = "", **how: Any) -> Message:
        file = self._world.files.add("voice", data, extension=".oga")
        voice = file.fields() | {"duration": 4, "mime_type": "audio/ogg"}
        return self._send({"voice": voice} | _caption(caption), **how)

    def sends_audio(self, data: bytes = b"audio", caption: str = "", **how: Any) -> Message:
        file = self._world.files.add("audio", data, extension=".mp3")
        audio = file.fields() | {"duration": 60, "mime_type": "audio/mpeg", "title": "Track"}
        return self._send({"audio": audio} | _caption(caption), **how)

    def sends_sticker(self, data: bytes = b"sticker", emoji: str = "👍", **how: Any) -> Message:
        file = self._world.files.add("sticker", data, extension=".webp")
        return self._send(
            {"sticker": telegram_media.sticker(self._world.files, file, emoji)}, **how
        )

    def sends_poll(
        self, question: str = "Which?", options: Sequence[str] = ("This", "That"), **how: Any
    ) -> Message:
        poll = telegram_media.poll(question, options, old=self._old_polls())
        return self._send({"poll": poll}, **how)

    def sends_contact(
        self, phone: str = "+10000000000", name: str = "Contact", **how: Any
    ) -> Message:
        return self._send({"contact": {"phone_number": phone, "first_name": name}}, **how)

    def sends_location(self, latitude: float = 1.5, longitude: float = 2.5, **how: Any) -> Message:
        return self._send({"location": {"latitude": latitude, "longitude": longitude}}, **how)

    def _send(
        self,
        content: Json,
        *,
        chat: Chat | None = None,
        reply_to: Message | None = None,
        date: float | None = None,
        forwarded: bool | Writer | Chat = False,
        media_group_id: str | None = None,
        business: str | None = None,
        guest: bool = False,
        opens: bool = False,
        **fields: Any,
    ) -> Message:
        self._check_length(content)
        world = self._world
        chat = chat or self.chat
        now = int(world.clock() if date is None else date)
        raw: Json = {"from": self.user, "chat": chat.raw, "date": now}
        kind = "message"
        if chat.kind == "channel":
            raw = {"sender_chat": chat.raw, "chat": chat.raw, "date": now}
            kind = "channel_post"
        if business is not None:
            raw["business_connection_id"] = business
            kind = "business_message"
        if guest:
            raw["guest_query_id"] = str(secrets.randbits(62))
            kind = "guest_message"
        if forwarded:
            raw["forward_origin"] = _origin(forwarded, now - 60)
        if reply_to is not None:
            now_there = chat.find(reply_to.id) or reply_to
            raw["reply_to_message"] = world.quoted(now_there)
        if media_group_id is not None:
            raw["media_group_id"] = media_group_id
        raw |= content | fields
        if kind in ("business_message", "guest_message"):
            # The bot is no member of that chat: the message stands in none that it knows.
            raw = {"message_id": secrets.randbelow(100_000) + 1, **raw}
            message = Message(chat.id, raw["message_id"], False, raw)
        else:
            chat.known, chat.blocked = True, False
            message = world.post(chat, raw, from_bot=False)
        world.updates.add(kind, message.raw, opens=opens)
        return message

    def _check_length(self, content: Json) -> None:
        """What the apps let nobody write, new or as an edit, is a ValueError."""
        caption_limit = 4096 if self.user.get("is_premium") else telegram_entities.CAPTION
        if len(content.get("text", "")) > telegram_entities.TEXT or content.get("text") == "":
            raise ValueError("a text has 1 to 4096 characters; the apps split longer ones")
        if len(content.get("caption", "")) > caption_limit:
            raise ValueError(f"the apps let nobody write a caption of more than {caption_limit}")


def _caption(text: str, entities: Sequence[Json] | None = None) -> Json:
    return marked("caption", "caption_entities", text, entities) if text else {}


def marked(field: str, marks: str, text: str, entities: Sequence[Json] | None) -> Json:
    text, trimmed = telegram_entities.trim(text, entities or [])
    found = telegram_entities.detect(text, trimmed)
    return {field: text} | ({marks: found} if found else {})


def _origin(source: bool | Writer | Chat, date: int) -> Json:
    if isinstance(source, Writer):
        return {"type": "user", "date": date, "sender_user": source.user}
    if isinstance(source, Chat) and source.kind == "channel":
        return {"type": "channel", "date": date, "chat": source.raw, "message_id": 7}
    if isinstance(source, Chat):
        return {"type": "chat", "date": date, "sender_chat": source.raw}
    return {"type": "hidden_user", "date": date, "sender_user_name": "Somebody"}
