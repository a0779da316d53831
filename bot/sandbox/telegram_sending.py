"""The methods that put something into a chat or change it there.

Each takes the world and parameters that `telegram_params.read` has typed, and gives the result.
"""

from __future__ import annotations

from typing import Any

from bot.sandbox import telegram_entities, telegram_markup, telegram_media
from bot.sandbox.telegram_params import Upload
from bot.sandbox.telegram_values import ApiError, Json, Message, bad
from bot.sandbox.telegram_world import Chat, World

PHOTO = 10 * 1024 * 1024  # https://core.telegram.org/bots/api#sending-files
UPLOAD = 50 * 1024 * 1024
DELETABLE = 48 * 3600  # seconds, https://core.telegram.org/bots/api#deletemessage
# https://core.telegram.org/bots/api#reactiontypeemoji, read from Bot API 10.1. Note what is not
# among them: a check mark, an hourglass, and any of these with a variation selector behind it.
REACTIONS = frozenset(
    (
        "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 "
        "❤\u200d🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨\u200d💻 👀 🎃 🙈 "
        "😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷\u200d♂ 🤷 🤷\u200d♀ "
        "😡"
    ).split()
)
ACTIONS = (
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document "
    "choose_sticker find_location record_video_note upload_video_note"
).split()
_SAME = (
    "message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)


def send_message(world: World, params: Json) -> Json:
    text, entities = telegram_entities.read(
        params["text"],
        params.get("parse_mode"),
        params.get("entities"),
        telegram_entities.TEXT,
        empty=False,
    )
    content: Json = {"text": text} | ({"entities": entities} if entities else {})
    if "link_preview_options" in params:
        content["link_preview_options"] = telegram_markup.preview(params["link_preview_options"])
    return _send(world, params, content)


def send_photo(world: World, params: Json) -> Json:
    given = params["photo"]
    if isinstance(given, Upload):
        if len(given.data) > PHOTO:
            raise bad("file is too big for a photo")
        size = telegram_media.measure(given.data)
        if size is None:
            raise bad("IMAGE_PROCESS_FAILED")
        if sum(size) > 10_000 or max(size) > 20 * min(size):
            raise bad("PHOTO_INVALID_DIMENSIONS")
        data = given.data
    else:
        data = _reused(world, given, "photo")
    content: Json = {"photo": telegram_media.photo(world.files, data, size=None, tells_size=True)}
    if params.get("has_spoiler"):
        content["has_media_spoiler"] = True
    return _send(world, params, content | _caption(params))


def send_document(world: World, params: Json) -> Json:
    given = params["document"]
    if isinstance(given, Upload):
        if len(given.data) > UPLOAD and world.files.limit is not None:
            raise ApiError(413, "Request Entity Too Large")
        if not given.data:
            raise bad("file must be non-empty")
        file = world.files.add("document", given.data)
        content = telegram_media.document(file, given.name, given.mime)
    else:
        file = world.files.add("document", _reused(world, given, "document"))
        content = telegram_media.document(file, None, None)
    return _send(world, params, {"document": content} | _caption(params))


def _reused(world: World, given: str, kind: str) -> bytes:
    """What lies behind a file_id; the sandbox has no web to fetch an address from."""
    if given.startswith(("http://", "https://")):
        raise bad("failed to get HTTP URL content")
    file = world.files.find(given)
    if file.kind != kind:
        raise bad(f"can't use file of type {file.kind.title()} as {kind.title()}")
    return file.content()


def _caption(params: Json) -> Json:
    text, entities = telegram_entities.read(
        params.get("caption", ""),
        params.get("parse_mode"),
        params.get("caption_entities"),
        telegram_entities.CAPTION,
        empty=True,
    )
    content: Json = {"caption": text} if text else {}
    if entities:
        content["caption_entities"] = entities
    if params.get("show_caption_above_media") and text:
        content["show_caption_above_media"] = True
    return content


def _send(world: World, params: Json, content: Json) -> Json:
    chat = world.writable(params["chat_id"])
    _no_business(params)
    if "message_thread_id" in params or "direct_messages_topic_id" in params:
        raise bad("message thread not found")
    raw = {"from": world.bot, "chat": chat.raw, "date": int(world.clock()), **content}
    if chat.kind == "channel":
        raw["sender_chat"] = chat.raw
        del raw["from"]
    if "reply_parameters" in params:
        raw |= _reply(world, chat, telegram_markup.reply(params["reply_parameters"]))
    markup = params.get("reply_markup")
    if markup is not None and "inline_keyboard" in markup:
        if keyboard := telegram_markup.inline(markup):
            raw["reply_markup"] = keyboard
    elif markup:
        telegram_markup.other(markup)
    if params.get("protect_content"):
        raw["has_protected_content"] = True
    world.buckets.take(world.flood, chat.id, world.clock())
    silent = bool(params.get("disable_notification"))
    return world.post(chat, raw, from_bot=True, silent=silent).raw


def _reply(world: World, chat: Chat, reply: Json) -> Json:
    target = chat.find(reply["message_id"])
    if target is not None and reply.get("chat_id", chat.id) == chat.id:
        return {"reply_to_message": world.quoted(target)}
    if reply.get("allow_sending_without_reply"):
        return {}
    raise bad("message to be replied not found")


def edit_text(world: World, params: Json) -> Json:
    if "rich_message" in params:
        raise bad("rich messages are not part of the sandbox")
    text, entities = telegram_entities.read(
        params.get("text", ""),
        params.get("parse_mode"),
        params.get("entities"),
        telegram_entities.TEXT,
        empty=False,
    )
    message = _editable(world, params)
    if "text" not in message.raw:
        raise bad("there is no text in the message to edit")
    content: Json = {"text": text} | ({"entities": entities} if entities else {})
    if "link_preview_options" in params:
        content["link_preview_options"] = telegram_markup.preview(params["link_preview_options"])
    return _edit(world, message, params, content, ("text", "entities", "link_preview_options"))


def edit_caption(world: World, params: Json) -> Json:
    content = _caption(params)
    message = _editable(world, params)
    if "text" in message.raw:
        raise bad("there is no caption in the message to edit")
    fields = ("caption", "caption_entities", "show_caption_above_media")
    return _edit(world, message, params, content, fields)


def edit_markup(world: World, params: Json) -> Json:
    return _edit(world, _editable(world, params), params, {}, ())


def _editable(world: World, params: Json) -> Message:
    _no_business(params)
    if "inline_message_id" in params:
        raise bad("MESSAGE_ID_INVALID")
    if "chat_id" not in params or "message_id" not in params:
        raise bad("message identifier is not specified")
    chat = world.writable(params["chat_id"])
    message = chat.find(params["message_id"])
    if message is None:
        raise bad("message to edit not found")
    if not message.from_bot:
        raise bad("message can't be edited")
    return message


def _edit(
    world: World, message: Message, params: Json, content: Json, replaces: tuple[str, ...]
) -> Json:
    """The message with new content; an edit that names no keyboard takes the old one away."""
    keyboard = (
        telegram_markup.inline(params["reply_markup"]) if params.get("reply_markup") else None
    )
    kept = {
        k: v for k, v in message.raw.items() if k not in (*replaces, "reply_markup", "edit_date")
    }
    raw = kept | content | ({"reply_markup": keyboard} if keyboard else {})
    if raw == {k: v for k, v in message.raw.items() if k != "edit_date"}:
        raise bad(_SAME)
    world.buckets.take(world.flood, message.chat_id, world.clock())
    raw["edit_date"] = int(world.clock())
    return world.rewrite(message, raw).raw


def delete_message(world: World, params: Json) -> bool:
    chat = world.writable(params["chat_id"])
    message = chat.find(params["message_id"])
    if message is None:
        raise bad("message to delete not found")
    if world.clock() - message.date > DELETABLE:
        raise bad("message can't be deleted for everyone")
    world.remove(chat, message)
    return True


def delete_messages(world: World, params: Json) -> bool:
    chat = world.writable(params["chat_id"])
    ids = params["message_ids"]
    if not 1 <= len(ids) <= 100 or not all(type(i) is int for i in ids):
        raise bad("message identifiers are not specified")
    for message in [m for m in chat.messages if m.id in ids]:  # unknown ones are skipped
        world.remove(chat, message)
    return True


def react(world: World, params: Json) -> bool:
    chat = world.writable(params["chat_id"])
    message = chat.find(params["message_id"])
    if message is None:
        raise bad("message to react not found")
    reactions: list[Any] = params.get("reaction", [])
    if len(reactions) > 1:  # a bot has one, https://core.telegram.org/bots/api#setmessagereaction
        raise bad("REACTIONS_TOO_MANY")
    for reaction in reactions:
        if not isinstance(reaction, dict) or "type" not in reaction:
            raise bad("can't parse reaction types JSON object")
        if reaction["type"] != "emoji" or reaction.get("emoji") not in REACTIONS:
            raise bad("REACTION_INVALID")
    world.react(message, tuple(reaction["emoji"] for reaction in reactions))
    return True


def act(world: World, params: Json) -> bool:
    _no_business(params)
    if params["action"] not in ACTIONS:
        raise bad("wrong parameter action in request")
    world.writable(params["chat_id"]).actions.append(params["action"])
    world.changed.fire()
    return True


def _no_business(params: Json) -> None:
    if "business_connection_id" in params:
        raise bad("business connection not found")
