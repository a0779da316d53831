"""All methods by name: what a request to the local Telegram does.

Those that write into chats stand in `telegram_sending`; the others here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bot.sandbox import telegram_sending as sending
from bot.sandbox.telegram_values import ApiError, Json, bad
from bot.sandbox.telegram_world import World

Method = Callable[[World, Json], Any]

_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
_SCOPES = ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")
_CHAT_SCOPES = ("chat", "chat_administrators", "chat_member")


async def call(world: World, method: str, params: Json) -> Any:
    """The result of a method. Raises `ApiError`."""
    if method == "getUpdates":
        return await get_updates(world, params)
    return _TABLE[method](world, params)


def get_me(world: World, params: Json) -> Json:
    return world.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_guest_queries": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
        "can_manage_bots": False,
        "supports_join_request_queries": False,
    }


async def get_updates(world: World, params: Json) -> list[Json]:
    if world.webhook:
        raise ApiError(409, _WEBHOOK)
    allowed = params.get("allowed_updates")
    if allowed is not None and not all(isinstance(kind, str) for kind in allowed):
        raise bad("can't parse allowed_updates: expected an Array of String")
    return await world.updates.get(
        params.get("offset", 0), params.get("limit", 100), params.get("timeout", 0), allowed
    )


def delete_webhook(world: World, params: Json) -> bool:
    world.webhook = ""
    if params.get("drop_pending_updates"):
        world.updates.drop()
    return True


def get_webhook_info(world: World, params: Json) -> Json:
    info: Json = {
        "url": world.webhook,
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates.pending),
    }
    if world.updates.allowed:
        info["allowed_updates"] = list(world.updates.allowed)
    return info


def set_commands(world: World, params: Json) -> bool:
    commands = params["commands"]
    if len(commands) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not isinstance(command, dict) or set(command) != {"command", "description"}:
            raise bad("can't parse BotCommand: expected command and description")
        if not re.fullmatch(r"/?[a-z0-9_]{1,32}", str(command["command"])):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command["description"])) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    world.commands[_scope(world, params)] = [
        {"command": c["command"].lstrip("/"), "description": c["description"]} for c in commands
    ]
    world.changed.fire()
    return True


def get_commands(world: World, params: Json) -> list[Json]:
    return world.commands.get(_scope(world, params), [])


def delete_commands(world: World, params: Json) -> bool:
    world.commands.pop(_scope(world, params), None)
    world.changed.fire()
    return True


def _scope(world: World, params: Json) -> str:
    """The scope as a key: "default", "chat:1001", "chat_member:-5:1001", "default/en"."""
    scope = params.get("scope", {"type": "default"})
    language = params.get("language_code", "")
    if language and not re.fullmatch("[a-z]{2}", language):
        raise bad("invalid language code specified")
    kind = scope.get("type")
    key = str(kind)
    if kind in _CHAT_SCOPES:
        if "chat_id" not in scope or (kind == "chat_member" and "user_id" not in scope):
            raise bad("can't parse BotCommandScope: chat_id or user_id is missing")
        chat = world.chat(scope["chat_id"])
        if kind != "chat" and chat.kind == "private":
            raise bad("can't change commands for this chat")
        key += f":{chat.id}"
        key += f":{scope['user_id']}" if kind == "chat_member" else ""
    elif kind not in _SCOPES:
        raise bad("can't parse BotCommandScope: type is unsupported")
    return f"{key}/{language}" if language else key


def answer_callback_query(world: World, params: Json) -> bool:
    text = params.get("text", "")
    if len(text) > 200:  # https://core.telegram.org/bots/api#answercallbackquery
        raise bad("MESSAGE_TOO_LONG")
    if params.get("url"):
        raise bad("URL_INVALID")  # only games may open one
    world.answer(params["callback_query_id"], text, bool(params.get("show_alert")), "")
    return True


def get_file(world: World, params: Json) -> Json:
    file, path = world.files.path(params["file_id"])
    return file.fields() | {"file_path": path}


def get_chat(world: World, params: Json) -> Json:
    chat = world.chat(params["chat_id"])
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
    full = chat.raw | {
        "accent_color_id": chat.id % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys((*gifts, "gifts_from_channels"), True),
    }
    if "username" in chat.raw:
        full["active_usernames"] = [chat.raw["username"]]
    return full


_TABLE: dict[str, Method] = {
    "getMe": get_me,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
    "setMyCommands": set_commands,
    "getMyCommands": get_commands,
    "deleteMyCommands": delete_commands,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendDocument": sending.send_document,
    "editMessageText": sending.edit_text,
    "editMessageCaption": sending.edit_caption,
    "editMessageReplyMarkup": sending.edit_markup,
    "deleteMessage": sending.delete_message,
    "deleteMessages": sending.delete_messages,
    "answerCallbackQuery": answer_callback_query,
    "setMessageReaction": sending.react,
    "sendChatAction": sending.act,
    "getFile": get_file,
    "getChat": get_chat,
}
