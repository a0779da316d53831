"""Somebody with a phone: writes, edits, presses, blocks, and reads what the bot does.

Acts are plain calls that take effect at once; only reading may wait.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from bot.sandbox.telegram_posting import Writer, marked
from bot.sandbox.telegram_values import Json, Message
from bot.sandbox.telegram_world import Chat, Press, World

What = str | Callable[[Message], bool]


class Person(Writer):
    """Somebody with a phone; `chat` is the private chat with the bot."""

    # -- acting on messages --------------------------------------------------------------------

    def edits(
        self,
        message: Message,
        text: str | None = None,
        *,
        caption: str | None = None,
        entities: Sequence[Json] | None = None,
    ) -> Message:
        """Changes a message of one's own; without a text nothing changes that one could see."""
        world = self._world
        stored = world.chats.get(message.chat_id)
        message = (stored.find(message.id) if stored else None) or message
        raw = message.raw | {"edit_date": int(world.clock())}
        new, field, marks = text, "text", "entities"
        if caption is not None or "text" not in message.raw:
            new, field, marks = (
                caption if caption is not None else text,
                "caption",
                "caption_entities",
            )
        if new is not None:
            self._check_length({field: new})
            raw = {k: v for k, v in raw.items() if k not in (field, marks)}
            raw |= marked(field, marks, new, entities) if new else {}
        kind = "edited_message"
        if "business_connection_id" in raw:
            kind = "edited_business_message"
            message = Message(message.chat_id, message.id, False, raw)
        else:
            message = world.rewrite(message, raw)
            if message.raw["chat"]["type"] == "channel":
                kind = "edited_channel_post"
        world.updates.add(kind, raw)
        return message

    def deletes(self, message: Message) -> None:
        """Deletes a message; a bot is not told of it."""
        chat = self._world.chats[message.chat_id]
        stored = chat.find(message.id)
        if stored is not None:
            self._world.remove(chat, stored)

    def reacts(self, message: Message, emoji: str) -> None:
        """Reacts; a bot hears of it only if it asked for `message_reaction`."""
        self._world.updates.add(
            "message_reaction",
            {
                "chat": message.raw["chat"],
                "message_id": message.id,
                "user": self.user,
                "date": int(self._world.clock()),
                "old_reaction": [],
                "new_reaction": [{"type": "emoji", "emoji": emoji}],
            },
        )

    def presses(
        self, message: Message, wanted: str, *, inaccessible: bool = False, inline: bool = False
    ) -> Press:
        """Presses the button with this label or data, as seen on `message`.

        A message that was edited meanwhile may be pressed by its older value: as fast fingers do.
        Raises `LookupError` if no such button was there. `inaccessible`: the bot can no longer see
        the message; `inline`: the button hangs below a message that was sent by way of the bot.
        """
        data = message.button(wanted).callback_data
        if data is None:
            raise LookupError(f"{wanted!r} opens a link: use `opens`")
        world = self._world
        chat = world.chats[message.chat_id]
        press = world.press(data)
        query: Json = {
            "id": press.id,
            "from": self.user,
            "chat_instance": chat.instance,
            "data": data,
        }
        if inline:
            query["inline_message_id"] = secrets.token_urlsafe(18)
        elif inaccessible:
            query["message"] = {"chat": chat.raw, "message_id": message.id, "date": 0}
        else:
            query["message"] = (chat.find(message.id) or message).raw
        world.updates.add("callback_query", query)
        return press

    def opens(self, message: Message, label: str) -> str:
        """The address behind a button with a link."""
        url = message.button(label).url
        if url is None:
            raise LookupError(f"{label!r} has no link")
        return url

    def blocks(self) -> None:
        """Blocks the bot: whatever it sends is answered 403, until the person writes again."""
        self.chat.blocked = True
        member = {"user": self._world.bot}
        self._world.updates.add(
            "my_chat_member",
            {
                "chat": self.chat.raw,
                "from": self.user,
                "date": int(self._world.clock()),
                "old_chat_member": member | {"status": "member"},
                "new_chat_member": member | {"status": "kicked", "until_date": 0},
            },
        )

    def connects_business(self) -> str:
        """Connects the bot to a business account; gives the id of the connection."""
        connection = secrets.token_urlsafe(16)
        self._world.updates.add(
            "business_connection",
            {
                "id": connection,
                "user": self.user,
                "user_chat_id": self.id,
                "date": int(self._world.clock()),
                "rights": {"can_reply": True, "can_read_messages": True},
                "is_enabled": True,
            },
        )
        return connection

    # -- reading -------------------------------------------------------------------------------

    async def sees(
        self, what: What, *, timeout: float = 10.0, after: Message | None = None
    ) -> Message:
        """The newest message of the bot in the private chat with this text, once there is one.

        Raises `TimeoutError` with what stands in the chat instead.
        """
        return await sees(self._world, self.chat, what, timeout=timeout, after=after)


async def sees(
    world: World, chat: Chat, what: What, *, timeout: float, after: Message | None = None
) -> Message:
    fits = (lambda m: what in m.text) if isinstance(what, str) else what

    def look() -> Message | None:
        for message in reversed(chat.messages):
            if message.from_bot and (after is None or message.id > after.id) and fits(message):
                return message
        return None

    try:
        return await world.changed.until(look, timeout)
    except TimeoutError:
        wanted = repr(what) if isinstance(what, str) else "what was waited for"
        raise TimeoutError(f"not seen within {timeout} s: {wanted}\n{chat}") from None
