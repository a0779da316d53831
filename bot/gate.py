"""Who is an owner, told from a raw update alone. Reads nothing else and keeps nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

ALLOWED_UPDATES = ("message", "edited_message", "callback_query")

# A message with one of these was not written by the owner to the bot: it belongs to a chat of a
# business account, or to a chat in which the bot is a guest.
_ELSEWHERE = (
    "business_connection_id",
    "sender_business_bot",
    "guest_query_id",
    "guest_bot_caller_user",
    "guest_bot_caller_chat",
    "sender_chat",
)


def is_owners(update: Mapping[str, Any], owners: Collection[int]) -> bool:
    """Whether `update` is an owner's: in the private chat of a listed user with the bot."""
    kinds = [kind for kind in ALLOWED_UPDATES if kind in update]
    if len(kinds) != 1:
        return False
    content = update[kinds[0]]
    if not isinstance(content, Mapping):
        return False
    message = content.get("message") if kinds[0] == "callback_query" else content
    if not isinstance(message, Mapping):
        return False
    if any(name in message for name in _ELSEWHERE):
        return False
    chat, sender = message.get("chat"), content.get("from")
    if not isinstance(chat, Mapping) or not isinstance(sender, Mapping):
        return False
    who, where = sender.get("id"), chat.get("id")
    return (
        type(who) is int
        and who in owners
        and chat.get("type") == "private"
        and type(where) is int
        and where == who
    )
