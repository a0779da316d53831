"""All that the local Telegram says has the shape of the Bot API, and python-telegram-bot reads it.

The specification lies outside the repository; without it the tests that need it are skipped.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import telegram
from PIL import Image

from bot.sandbox import telegram_params, telegram_sending, telegram_updates
from bot.sandbox.telegram import Item, Person, Telegram

_HERE = Path(__file__).resolve().parents[2]
_SPECS = Path(os.environ.get("TELEX_SPECS", _HERE.parent / "shared" / "specs"))
_SPEC = _SPECS / "telegram-bot-api-10.1.json"


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    if not _SPEC.exists():
        pytest.skip(f"no Bot API specification at {_SPEC}; TELEX_SPECS names its folder")
    loaded: dict[str, Any] = json.loads(_SPEC.read_text())
    return loaded


def faults_in(spec: dict[str, Any], name: str, value: Any, where: str) -> Iterator[str]:
    """What is wrong with a value that should be of this type of the Bot API."""
    simple = {"Integer": int, "String": str, "Boolean": bool, "Float": float, "True": bool}
    if name.startswith("Array of "):
        if not isinstance(value, list):
            yield f"{where}: {value!r} is no array"
            return
        for index, item in enumerate(value):
            yield from faults_in(spec, name[9:], item, f"{where}[{index}]")
    elif name in simple:
        if type(value) is not simple[name]:
            yield f"{where}: {value!r} is no {name}"
    else:
        kinds = spec["types"][name].get("subtypes") or [name]
        found = [list(_faults_in_object(spec, kind, value, where)) for kind in kinds]
        yield from min(found, key=len)


def _faults_in_object(spec: dict[str, Any], name: str, value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: {value!r} is no {name}"
        return
    fields = {field["name"]: field for field in spec["types"][name].get("fields", [])}
    for field in value.keys() - fields.keys():
        yield f"{where}: {name} has no {field}"
    for field in (f for f in fields.values() if f["required"] and f["name"] not in value):
        yield f"{where}: {name} without {field['name']}"
    for field in value.keys() & fields.keys():
        tried = [
            list(faults_in(spec, kind, value[field], f"{where}.{field}"))
            for kind in fields[field]["types"]
        ]
        yield from min(tried, key=len)


def leftovers(value: Any, where: str = "") -> Iterator[str]:
    """What python-telegram-bot put aside as not understood, anywhere in an object."""
    if isinstance(value, telegram.TelegramObject):
        if value.api_kwargs:
            yield f"{where}: {dict(value.api_kwargs)}"
        for name in value.to_dict():
            inner = getattr(value, "from_user" if name == "from" else name, None)
            yield from leftovers(inner, f"{where}.{name}")
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from leftovers(item, where)


def picture(width: int = 1600, height: int = 900, kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, kind)
    return out.getvalue()


@pytest.fixture
async def tg() -> AsyncIterator[Telegram]:
    tg = Telegram()
    tg.everything = True
    await tg.start()
    yield tg
    await tg.stop()


@pytest.fixture
async def api(tg: Telegram) -> AsyncIterator[httpx.AsyncClient]:
    base = f"{tg.url}/bot{tg.token}/"
    async with httpx.AsyncClient(base_url=base, timeout=5, trust_env=False) as client:
        yield client


def _business(tg: Telegram, owner: Person) -> None:
    stranger = tg.person(first_name="Stranger")
    connection = owner.connects_business()
    owner.edits(stranger.sends_text("hello", business=connection), "hello!")


def _presses(tg: Telegram, owner: Person) -> None:
    said = owner.sends_text("/start")
    raw = {"from": tg.world.bot, "chat": owner.chat.raw, "date": 1, "text": "?"}
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    replied = {"reply_to_message": said.raw, "reply_markup": keyboard}
    card = tg.world.post(owner.chat, raw | replied, from_bot=True)
    owner.presses(card, "Yes")
    owner.presses(card, "y", inline=True)
    owner.presses(card, "y", inaccessible=True)


ACTS: dict[str, Callable[[Telegram, Person], Any]] = {
    "text": lambda tg, o: o.sends_text("/post #hi @somebody see https://example.com/a?b=1."),
    "reply": lambda tg, o: o.sends_text("again", reply_to=o.sends_text("once")),
    "photo": lambda tg, o: o.sends_photo(picture(), "with #caption"),
    "photo without a size": lambda tg, o: o.sends_photo(b"not an image", tells_size=False),
    "album": lambda tg, o: o.sends_album([picture(), Item(b"v", "video"), b"x"], ["1", "2"]),
    "documents": lambda tg, o: o.sends_album([Item(b"a", "document"), Item(b"b", "document")]),
    "document": lambda tg, o: o.sends_document(b"%PDF", "a.pdf", "application/pdf", "c"),
    "bare document": lambda tg, o: o.sends_document(b"?", None, None),
    "video": lambda tg, o: o.sends_video(b"video", "caption"),
    "animation": lambda tg, o: o.sends_animation(b"gif"),
    "live photo": lambda tg, o: o.sends_live_photo(picture(), b"video"),
    "video note": lambda tg, o: o.sends_video_note(),
    "voice": lambda tg, o: o.sends_voice(),
    "audio": lambda tg, o: o.sends_audio(),
    "sticker": lambda tg, o: o.sends_sticker(),
    "poll": lambda tg, o: o.sends_poll(),
    "contact": lambda tg, o: o.sends_contact(),
    "location": lambda tg, o: o.sends_location(),
    "forward from somebody": lambda tg, o: o.sends_photo(b"", forwarded=True),
    "forward from a person": lambda tg, o: o.sends_photo(b"", forwarded=tg.person()),
    "forward from a channel": lambda tg, o: o.sends_photo(b"", forwarded=tg.channel()),
    "forward from a group": lambda tg, o: o.sends_photo(b"", forwarded=tg.group()),
    "edit": lambda tg, o: o.edits(o.sends_text("one"), "two https://example.com"),
    "edit of a caption": lambda tg, o: o.edits(o.sends_photo(b"", "one"), caption=""),
    "group": lambda tg, o: o.sends_text("hello", chat=tg.group()),
    "channel": lambda tg, o: o.edits(o.sends_text("hello", chat=tg.channel("C", "c")), "hi"),
    "guest": lambda tg, o: o.sends_text("hello", chat=tg.group(member=False), guest=True),
    "business": _business,
    "presses": _presses,
    "reaction": lambda tg, o: o.reacts(o.sends_text("hello"), "👍"),
    "block": lambda tg, o: o.blocks(),
}


@pytest.mark.parametrize("name", ACTS)
def test_every_update_has_exactly_the_fields_of_the_bot_api(
    name: str, spec: dict[str, Any]
) -> None:
    tg = Telegram()
    tg.everything = True
    ACTS[name](tg, tg.person(username="owner", premium=True))
    assert tg.pending
    for update in json.loads(json.dumps(tg.pending)):
        assert list(faults_in(spec, "Update", update, "Update")) == []


@pytest.mark.parametrize("name", ACTS)
def test_every_update_is_understood_by_ptb_to_the_last_field(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # else reading a duration is a warning
    tg = Telegram()
    tg.everything = True
    ACTS[name](tg, tg.person(username="owner", premium=True))
    for update in json.loads(json.dumps(tg.pending)):
        parsed = telegram.Update.de_json(update, None)
        assert list(leftovers(parsed, "Update")) == []


def test_a_poll_of_an_older_server_is_one_that_ptb_cannot_read() -> None:
    tg = Telegram()
    tg.old_polls = True
    tg.person().sends_poll()
    with pytest.raises(TypeError, match="required argument since"):
        telegram.Update.de_json(tg.pending[0], None)


def test_methods_have_the_parameters_of_the_bot_api(spec: dict[str, Any]) -> None:
    def kind(types: list[str]) -> str:
        if types in (["Integer"], ["String"], ["Boolean"]):
            return types[0]
        if types[0].startswith("Array"):
            return "Array"
        return "|".join(types) if "String" in types else "Object"

    for method, fields in telegram_params.METHODS.items():
        expected = {
            f["name"]: (f["required"], kind(f["types"]))
            for f in spec["methods"][method].get("fields", [])
        }
        ours = {
            f.rstrip("*"): (f.endswith("*"), telegram_params.kind_of(f.rstrip("*"))) for f in fields
        }
        assert ours == expected, method


def test_reactions_and_kinds_of_updates_are_those_of_the_bot_api(spec: dict[str, Any]) -> None:
    emoji = spec["types"]["ReactionTypeEmoji"]["fields"][1]["description"]
    assert set(emoji.split('"')[1::2]) == telegram_sending.REACTIONS
    kinds = {f["name"] for f in spec["types"]["Update"]["fields"]} - {"update_id"}
    assert kinds == set(telegram_updates.KINDS)


KEYBOARD = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
# In this order; "{photo}" and the like are filled in from the chat before.
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("getMe", {}),
    ("getWebhookInfo", {}),
    ("setMyCommands", {"commands": [{"command": "help", "description": "Help"}]}),
    ("getMyCommands", {}),
    ("deleteMyCommands", {}),
    ("sendMessage", {"text": "<b>x</b> https://example.com", "parse_mode": "HTML"}),
    (
        "sendMessage",
        {
            "text": "y",
            "reply_markup": KEYBOARD,
            "reply_parameters": {"message_id": 1},
            "link_preview_options": {"is_disabled": True},
            "protect_content": True,
        },
    ),
    ("editMessageText", {"message_id": 4, "text": "z", "reply_markup": KEYBOARD}),
    ("editMessageReplyMarkup", {"message_id": 4}),
    ("sendPhoto", {"photo": "{photo}", "caption": "<i>c</i>", "parse_mode": "HTML"}),
    ("editMessageCaption", {"message_id": 5, "caption": "d"}),
    ("sendDocument", {"document": "{document}", "caption": "c"}),
    ("setMessageReaction", {"message_id": 1, "reaction": [{"type": "emoji", "emoji": "👀"}]}),
    ("sendChatAction", {"action": "typing"}),
    ("getFile", {"file_id": "{photo}"}),
    ("getChat", {}),
    ("deleteMessage", {"message_id": 5}),
    ("deleteMessages", {"message_ids": [3, 4]}),
    ("deleteWebhook", {"drop_pending_updates": True}),
    ("getUpdates", {"offset": 1}),
]


async def test_every_answer_has_the_shape_that_the_bot_api_promises(
    tg: Telegram, api: httpx.AsyncClient, spec: dict[str, Any]
) -> None:
    owner = tg.person()
    photo = owner.sends_photo(picture()).raw["photo"][-1]["file_id"]
    document = owner.sends_document(b"data").raw["document"]["file_id"]
    for method, params in CALLS:
        filled = {
            k: v.format(photo=photo, document=document) if isinstance(v, str) else v
            for k, v in params.items()
        }
        if "chat_id*" in telegram_params.METHODS[method] or "message_id" in params:
            filled["chat_id"] = owner.id
        answer = (await api.post(method, json=filled)).json()
        assert answer["ok"], (method, answer)
        results = spec["methods"][method]["returns"]
        tried = [list(faults_in(spec, kind, answer["result"], method)) for kind in results]
        assert min(tried, key=len) == [], method
    assert {method for method, _ in CALLS} == telegram_params.METHODS.keys() - {
        "answerCallbackQuery"
    }
