"""The Bot API's methods and their parameters, and what a request must look like to be one of them.

Stricter than Telegram in one thing: a parameter that the method does not have is refused, not
ignored. Read from Bot API 10.1; the tests compare the table with its specification.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram_values import ApiError, Json, bad

_SEND = (
    "business_connection_id chat_id* message_thread_id direct_messages_topic_id "
    "disable_notification protect_content allow_paid_broadcast message_effect_id "
    "suggested_post_parameters reply_parameters reply_markup "
)
_CAPTION = "caption parse_mode caption_entities "
_WHICH = "business_connection_id chat_id message_id inline_message_id reply_markup "

# A star marks what the method cannot do without.
METHODS: dict[str, tuple[str, ...]] = {
    name: tuple(fields.split())
    for name, fields in {
        "getMe": "",
        "getUpdates": "offset limit timeout allowed_updates",
        "deleteWebhook": "drop_pending_updates",
        "getWebhookInfo": "",
        "setMyCommands": "commands* scope language_code",
        "getMyCommands": "scope language_code",
        "deleteMyCommands": "scope language_code",
        "sendMessage": _SEND + "text* parse_mode entities link_preview_options",
        "sendPhoto": _SEND + _CAPTION + "photo* show_caption_above_media has_spoiler",
        "sendDocument": _SEND + _CAPTION + "document* thumbnail disable_content_type_detection",
        "editMessageText": _WHICH + "text parse_mode entities link_preview_options rich_message",
        "editMessageCaption": _WHICH + _CAPTION + "show_caption_above_media",
        "editMessageReplyMarkup": _WHICH,
        "deleteMessage": "chat_id* message_id*",
        "deleteMessages": "chat_id* message_ids*",
        "answerCallbackQuery": "callback_query_id* text show_alert url cache_time",
        "setMessageReaction": "chat_id* message_id* reaction is_big",
        "sendChatAction": "business_connection_id chat_id* message_thread_id action*",
        "getFile": "file_id*",
        "getChat": "chat_id*",
    }.items()
}

_INTEGERS = (
    "offset limit timeout message_id message_thread_id direct_messages_topic_id cache_time"
).split()
_BOOLEANS = (
    "drop_pending_updates disable_notification protect_content allow_paid_broadcast has_spoiler "
    "show_caption_above_media disable_content_type_detection show_alert is_big"
).split()
_OBJECTS = (
    "scope suggested_post_parameters reply_parameters reply_markup link_preview_options "
    "rich_message"
).split()
_ARRAYS = ("allowed_updates commands entities caption_entities message_ids reaction").split()
_FILES = ("photo", "document", "thumbnail")

# What Telegram says of the most common omissions.
_ABSENT = {
    "chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "photo": "there is no photo in the request",
    "document": "there is no document in the request",
    "file_id": "file_id not specified",
    "action": "wrong parameter action in request",
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with the request."""

    name: str
    mime: str
    data: bytes


def read(method: str, raw: Mapping[str, Any], files: Mapping[str, Upload]) -> Json:
    """The parameters with their right types; `raw` comes from the query, a form or a JSON body.

    Raises `ApiError`: 404 for an unknown method, 400 for whatever is wrong with the parameters.
    """
    if method not in METHODS:
        raise ApiError(404, "Not Found: method not found")
    known = {field.rstrip("*"): field.endswith("*") for field in METHODS[method]}
    attached = {v[9:] for v in raw.values() if isinstance(v, str) and v.startswith("attach://")}
    for name in (*raw, *(n for n in files if n not in attached)):
        if name not in known:
            raise bad(f"{method} has no parameter {name!r} (Telegram would ignore it)")
    params: Json = {}
    for name, value in raw.items():
        if value is None:
            continue
        params[name] = _file(value, files) if name in _FILES else _READERS[name](name, value)
    params |= {name: file for name, file in files.items() if name in known}
    for name, required in known.items():
        if required and params.get(name) in (None, ""):
            raise bad(_ABSENT.get(name, f'parameter "{name}" is required'))
    return params


def _file(value: Any, files: Mapping[str, Upload]) -> Upload | str:
    if isinstance(value, str) and value.startswith("attach://"):
        if value[9:] not in files:
            raise bad(f"attached file {value[9:]!r} not found in the request")
        return files[value[9:]]
    return _string("file", value)


def _string(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise bad(f'field "{name}" must be of type String')
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, as "\ud83d" in a JSON text makes it
        raise bad("strings must be encoded in UTF-8") from None
    return value


def _integer(name: str, value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    try:
        return int(_string(name, value))
    except ValueError:
        raise bad(f'field "{name}" must be a valid Number') from None


def _boolean(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "1", "yes"):
        return True
    if isinstance(value, str) and value.lower() in ("false", "0", "no", ""):
        return False
    raise bad(f'field "{name}" must be of type Boolean')


def _chat(name: str, value: Any) -> int | str:
    if isinstance(value, str) and value.startswith("@"):
        return value
    try:
        return _integer(name, value)
    except ApiError:
        raise bad("chat not found") from None


def _json(kind: type, called: str) -> Callable[[str, Any], Any]:
    def reader(name: str, value: Any) -> Any:
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                raise bad(f"can't parse {name}: {called} expected") from None
        if not isinstance(value, kind):
            raise bad(f"can't parse {name}: {called} expected")
        return value

    return reader


_READERS: dict[str, Callable[[str, Any], Any]] = {
    name: _string for fields in METHODS.values() for name in (f.rstrip("*") for f in fields)
}
_READERS |= dict.fromkeys(_INTEGERS, _integer) | dict.fromkeys(_BOOLEANS, _boolean)
_READERS |= dict.fromkeys(_OBJECTS, _json(dict, "an object"))
_READERS |= dict.fromkeys(_ARRAYS, _json(list, "an array"))
_READERS["chat_id"] = _chat


def kind_of(name: str) -> str:
    """How the Bot API would name the type of this parameter; for comparing with it."""
    if name == "chat_id":
        return "Integer|String"
    if name in _FILES:
        return "InputFile|String"
    for kind, names in (
        ("Integer", _INTEGERS),
        ("Boolean", _BOOLEANS),
        ("Object", _OBJECTS),
        ("Array", _ARRAYS),
    ):
        if name in names:
            return kind
    return "String"
