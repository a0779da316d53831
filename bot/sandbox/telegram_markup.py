"""What hangs on a bot's message: keyboards, link previews, replies; checked as the Bot API does.

Pure: takes the parameters of a request, gives the fields of a message.
"""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.telegram_values import ApiError, Json, bad

BUTTONS = 100  # per message; more is REPLY_MARKUP_TOO_LONG
DATA = 64  # bytes, https://core.telegram.org/bots/api#inlinekeyboardbutton

_KINDS: dict[str, type] = {
    "url": str,
    "callback_data": str,
    "web_app": dict,
    "login_url": dict,
    "switch_inline_query": str,
    "switch_inline_query_current_chat": str,
    "switch_inline_query_chosen_chat": dict,
    "copy_text": dict,
    "callback_game": dict,
    "pay": bool,
}
_DRESS = ("text", "style", "icon_custom_emoji_id")
_PREVIEW: dict[str, type] = {
    "is_disabled": bool,
    "url": str,
    "prefer_small_media": bool,
    "prefer_large_media": bool,
    "show_above_text": bool,
}
_REPLY: dict[str, type | tuple[type, ...]] = {
    "message_id": int,
    "chat_id": (int, str),
    "allow_sending_without_reply": bool,
    "quote": str,
    "quote_parse_mode": str,
    "quote_entities": list,
    "quote_position": int,
    "checklist_task_id": int,
    "poll_option_id": str,
}


def inline(markup: Json) -> Json | None:
    """An inline keyboard as a message shows it, or None for one without a button."""
    if set(markup) != {"inline_keyboard"} or not isinstance(markup["inline_keyboard"], list):
        raise bad("can't parse reply keyboard markup JSON object")
    rows = []
    for row in markup["inline_keyboard"]:
        if not isinstance(row, list):
            raise bad("can't parse inline keyboard button: expected an Array of Arrays")
        if row:
            rows.append([_button(button) for button in row])
    if sum(len(row) for row in rows) > BUTTONS:
        raise bad("REPLY_MARKUP_TOO_LONG")
    return {"inline_keyboard": rows} if rows else None


def other(markup: Json) -> None:
    """A keyboard in place of the phone's own, or its removal: accepted, shown in no message."""
    if not any(markup.get(k) for k in ("keyboard", "remove_keyboard", "force_reply")):
        raise bad("object expected as reply markup")


def _button(button: Any) -> Json:
    if not isinstance(button, dict):
        raise _error("expected an Object")
    for name, value in button.items():
        kind = _KINDS.get(name, str)
        if (name not in _KINDS and name not in _DRESS) or not isinstance(value, kind):
            raise _error(f'field "{name}" is unknown or has a wrong type')
    if "text" not in button:
        raise _error('field "text" is missing')
    if not button["text"].strip():
        raise bad("BUTTON_TEXT_EMPTY")
    kinds = [name for name in button if name in _KINDS]
    if not kinds:
        raise _error("Text buttons are unallowed in the inline keyboard")
    if len(kinds) > 1:
        raise _error(f"exactly one of {' and '.join(kinds)} is allowed")
    if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= DATA:
        raise bad("BUTTON_DATA_INVALID")
    if button.get("style", "primary") not in ("danger", "success", "primary"):
        raise _error("button style is invalid")
    if "url" in button:
        _check_link(button["url"])
    return dict(button)


def _check_link(url: str) -> None:
    """Telegram takes web addresses with a real host or an IP address, and refuses `localhost`."""
    parts = urlsplit(url)
    if parts.scheme in ("tg", "ton", "tonsite"):
        return
    host = parts.hostname or ""
    if parts.scheme in ("http", "https") and not any(c.isspace() for c in url):
        if "." in host.strip("."):
            return
        try:
            ipaddress.ip_address(host)
        except ValueError:
            pass
        else:
            return
    raise bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def preview(options: Json) -> Json:
    """Link preview options, as the message repeats them."""
    return _typed("LinkPreviewOptions", options, _PREVIEW)


def reply(parameters: Json) -> Json:
    """Reply parameters; whether there is such a message is for the caller to say."""
    if "message_id" not in parameters:
        raise bad('can\'t parse reply parameters: field "message_id" is missing')
    return _typed("ReplyParameters", parameters, _REPLY)


def _typed(
    called: str, value: Json, fields: dict[str, type] | dict[str, type | tuple[type, ...]]
) -> Json:
    for name, item in value.items():
        kind = fields.get(name)
        wrong = kind is None or not isinstance(item, kind)
        if wrong or (isinstance(item, bool) and kind is not bool):
            raise bad(f'can\'t parse {called}: field "{name}" is unknown or has a wrong type')
    return dict(value)


def _error(text: str) -> ApiError:
    return bad(f"can't parse inline keyboard button: {text}")
