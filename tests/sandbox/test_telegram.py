"""The local Telegram as python-telegram-bot meets it: methods, refusals, files, limits."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import telegram
from PIL import Image
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TimedOut

from bot.sandbox.faults import Fault
from bot.sandbox.telegram import TOKEN, Flood, Item, Person, Telegram


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def keyboard(*rows: list[tuple[str, str]]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(text, callback_data=data) for text, data in row] for row in rows]
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def tg(clock: Clock) -> AsyncIterator[Telegram]:
    tg = Telegram(clock=clock)
    await tg.start()
    yield tg
    await tg.stop()


@pytest.fixture
def owner(tg: Telegram) -> Person:
    owner = tg.person(first_name="Owner")
    owner.starts()
    return owner


@pytest.fixture
async def bot(tg: Telegram) -> AsyncIterator[telegram.Bot]:
    async with telegram.Bot(
        tg.token, base_url=f"{tg.url}/bot", base_file_url=f"{tg.url}/file/bot"
    ) as bot:
        yield bot


@pytest.fixture
async def http(tg: Telegram) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=tg.url, timeout=5, trust_env=False) as client:
        yield client


def read(path: str) -> bytes:
    return Path(path).read_bytes()


# -- HTTP --------------------------------------------------------------------------------------


async def test_another_token_is_unauthorised_and_a_shapeless_one_is_not_found(
    http: httpx.AsyncClient,
) -> None:
    wrong = await http.get(f"/bot{TOKEN[:-1]}x/getMe")
    assert (wrong.status_code, wrong.json()) == (
        401,
        {"ok": False, "error_code": 401, "description": "Unauthorized"},
    )
    for path in ("/botnonsense/getMe", "/", "/nowhere/at/all", f"/bot{TOKEN}/doesNotExist"):
        answer = await http.get(path)
        assert answer.status_code == answer.json()["error_code"] == 404


async def test_ptb_takes_an_unknown_token_for_invalid(tg: Telegram) -> None:
    bot = telegram.Bot(TOKEN[:-1] + "x", base_url=f"{tg.url}/bot")
    with pytest.raises(InvalidToken):
        await bot.initialize()
    await bot.shutdown()


@pytest.mark.parametrize("way", ["query", "form", "multipart", "json"])
async def test_parameters_come_in_every_way_that_the_bot_api_takes(
    tg: Telegram, owner: Person, http: httpx.AsyncClient, way: str
) -> None:
    path = f"/bot{TOKEN}/SENDMESSAGE"
    fields = {"chat_id": str(owner.id), "text": "hello", "disable_notification": "true"}
    if way == "query":
        answer = await http.get(path, params=fields)
    elif way == "form":
        answer = await http.post(path, data=fields)
    elif way == "multipart":
        answer = await http.post(path, files={k: (None, v) for k, v in fields.items()})
    else:
        answer = await http.post(path, json=fields | {"disable_notification": True})
    assert answer.json()["result"]["text"] == "hello"
    assert owner.chat.last.silent


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"text": "x"}, "chat_id is empty"),
        ({"chat_id": 1001, "text": 7}, 'field "text" must be of type String'),
        ({"chat_id": 1001}, "message text is empty"),
        ({"chat_id": 1001, "text": "x", "reply_to_message_id": 1}, "has no parameter"),
        ({"chat_id": 1001, "text": "x", "reply_markup": "{"}, "can't parse reply_markup"),
        ({"chat_id": 1001, "text": "x", "disable_notification": "maybe"}, "type Boolean"),
        ({"chat_id": "someone", "text": "x"}, "chat not found"),
        ({"chat_id": 1001, "text": "x", "parse_mode": "Markdown"}, "unsupported parse_mode"),
        ({"chat_id": 1001, "text": "\ud83d"}, "UTF-8"),
    ],
)
async def test_a_request_that_is_not_as_the_bot_api_wants_it_is_refused(
    tg: Telegram, http: httpx.AsyncClient, params: dict[str, object], says: str
) -> None:
    tg.person(1001).starts()
    kind = {"content-type": "application/json"}
    path = f"/bot{TOKEN}/sendMessage"
    answer = await http.post(path, content=json.dumps(params), headers=kind)
    assert answer.status_code == 400
    assert says in answer.json()["description"]
    assert answer.json()["description"].startswith("Bad Request: ")


# -- messages ----------------------------------------------------------------------------------


async def test_a_message_stands_in_the_chat_with_marks_and_buttons(
    tg: Telegram, owner: Person, bot: telegram.Bot
) -> None:
    sent = await bot.send_message(
        owner.id,
        '<b>Posted</b>: <a href="https://x.com/i/web/status/1">open</a> x.com/a 😀',
        parse_mode="HTML",
        reply_markup=InlineKeyboardMarkup(
            [[InlineKeyboardButton("Open", url="http://127.0.0.1:1/a?b")]]
        ),
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_to_message_id=owner.chat.last.id,
    )
    message = tg.chat(owner).last
    assert message.text == sent.text == "Posted: open x.com/a 😀"
    assert [(e.type, e.text) for e in message.entities] == [
        ("bold", "Posted"),
        ("text_link", "open"),
        ("url", "x.com/a"),
    ]
    assert message.links == ("https://x.com/i/web/status/1", "x.com/a")
    assert owner.opens(message, "Open") == "http://127.0.0.1:1/a?b"
    assert message.reply_to == owner.chat.messages[0].id
    assert message.from_bot
    assert not message.silent


async def test_nobody_can_be_written_to_who_never_wrote_or_who_blocked_the_bot(
    tg: Telegram, owner: Person, bot: telegram.Bot
) -> None:
    stranger = tg.person(first_name="Stranger")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(stranger.id, "hello")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.set_my_commands([("a", "A")], scope=telegram.BotCommandScopeChat(stranger.id))
    owner.blocks()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(owner.id, "hello")
    owner.sends_text("back again")
    await bot.send_message(owner.id, "hello")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (" \n ", "Message text is empty"),
        ("x" * 4097, "Message is too long"),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a <3 b", 'Unsupported start tag "3" at byte offset 2'),
    ],
)
async def test_texts_that_telegram_refuses_are_refused(
    owner: Person, bot: telegram.Bot, text: str, says: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        await bot.send_message(owner.id, text, parse_mode="HTML")
    assert says.lower() in str(refused.value).lower()  # PTB changes the case
    assert len(owner.chat.messages) == 1


async def test_length_counts_after_the_marks_are_read(owner: Person, bot: telegram.Bot) -> None:
    await bot.send_message(owner.id, f"<b>{'x' * 4096}</b>", parse_mode="HTML")
    with pytest.raises(BadRequest, match="caption is too long"):
        await bot.send_document(owner.id, b"data", caption="x" * 1025)


@pytest.mark.parametrize(
    ("button", "says"),
    [
        ({"text": "x", "callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "", "callback_data": "x"}, "BUTTON_TEXT_EMPTY"),
        ({"text": "x"}, "Text buttons are unallowed"),
        ({"text": "x", "callback_data": "a", "url": "https://x.com"}, "exactly one"),
        ({"text": "x", "url": "http://localhost:8080/"}, "Wrong HTTP URL"),
        ({"text": "x", "url": "nonsense"}, "Wrong HTTP URL"),
        ({"text": "x", "callback_data": "a", "colour": "red"}, '"colour" is unknown'),
        ({"callback_data": "a"}, '"text" is missing'),
    ],
)
async def test_buttons_that_telegram_refuses_are_refused(
    owner: Person, http: httpx.AsyncClient, button: dict[str, str], says: str
) -> None:
    markup = {"inline_keyboard": [[button]]}
    body = {"chat_id": owner.id, "text": "x", "reply_markup": markup}
    answer = await http.post(f"/bot{TOKEN}/sendMessage", json=body)
    assert answer.status_code == 400
    assert says in answer.json()["description"]


async def test_a_reply_to_nothing_is_refused_unless_it_may_go_without(
    owner: Person, bot: telegram.Bot
) -> None:
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(owner.id, "x", reply_to_message_id=99)
    sent = await bot.send_message(
        owner.id, "x", reply_to_message_id=99, allow_sending_without_reply=True
    )
    assert sent.reply_to_message is None


async def test_edits_are_kept_with_their_history_and_an_edit_without_buttons_removes_them(
    owner: Person, bot: telegram.Bot, clock: Clock
) -> None:
    card = await bot.send_message(owner.id, "uploading", reply_markup=keyboard([("Stop", "s")]))
    clock.now += 5
    edited = await bot.edit_message_text("<i>done</i>", owner.id, card.id, parse_mode="HTML")
    assert isinstance(edited, telegram.Message)
    assert edited.edit_date is not None
    message = owner.chat.last
    assert message.history == ("uploading", "done")
    assert message.edited == 1
    assert message.buttons == ()
    await bot.edit_message_reply_markup(owner.id, card.id, reply_markup=keyboard([("A", "a")]))
    assert owner.chat.last.labels == ("A",)
    assert owner.chat.last.text == "done"


async def test_an_edit_that_changes_nothing_or_finds_nothing_is_refused(
    owner: Person, bot: telegram.Bot
) -> None:
    card = await bot.send_message(owner.id, "text", reply_markup=keyboard([("A", "a")]))
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("text", owner.id, card.id, reply_markup=keyboard([("A", "a")]))
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("x", owner.id, 999)
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await bot.edit_message_text("x", owner.id, owner.chat.messages[0].id)
    owner.deletes(owner.chat.last)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("x", owner.id, card.id)


async def test_a_message_can_be_deleted_for_two_days(
    owner: Person, bot: telegram.Bot, clock: Clock
) -> None:
    first = await bot.send_message(owner.id, "first")
    second = await bot.send_message(owner.id, "second")
    assert await bot.delete_message(owner.id, first.id)
    assert [m.text for m in owner.chat.deleted] == ["first"]
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(owner.id, first.id)
    clock.now += 49 * 3600
    with pytest.raises(BadRequest, match="can't be deleted"):
        await bot.delete_message(owner.id, second.id)


async def test_only_listed_reactions_are_taken(owner: Person, bot: telegram.Bot) -> None:
    id = owner.chat.last.id  # noqa: A001 - as Telegram calls it
    for emoji in "👀👍✍":
        await bot.set_message_reaction(owner.id, id, emoji)
        assert owner.chat.last.reactions == (emoji,)
    for emoji in ("✅", "⏳", "✍\ufe0f"):
        with pytest.raises(BadRequest, match=r"(?i)reaction_invalid"):
            await bot.set_message_reaction(owner.id, id, emoji)
    await bot.set_message_reaction(owner.id, id)
    assert owner.chat.last.reactions == ()


async def test_chat_actions_are_seen_and_must_be_known(owner: Person, bot: telegram.Bot) -> None:
    await bot.send_chat_action(owner.id, "upload_photo")
    assert owner.chat.actions == ["upload_photo"]
    with pytest.raises(BadRequest, match=r"(?i)wrong parameter action"):
        await bot.send_chat_action(owner.id, "dancing")


async def test_photos_and_documents_can_be_sent_and_fetched_again(
    owner: Person, bot: telegram.Bot
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (1000, 500)).save(out, "PNG")
    sent = await bot.send_photo(owner.id, out.getvalue(), caption="*")
    assert [(p.width, p.height) for p in sent.photo][-1] == (1000, 500)
    again = await bot.send_photo(owner.id, sent.photo[-1].file_id)
    assert again.photo[-1].file_unique_id == sent.photo[-1].file_unique_id
    document = (await bot.send_document(owner.id, b"log", filename="telex.log")).document
    assert document is not None
    assert document.file_name == "telex.log"
    assert bytes(await (await document.get_file()).download_as_bytearray()) == b"log"
    with pytest.raises(BadRequest, match=r"(?i)image_process_failed"):
        await bot.send_photo(owner.id, b"not an image")
    with pytest.raises(BadRequest, match=r"(?i)can't use file of type"):
        await bot.send_photo(owner.id, document.file_id)


HERE = 1001  # the owner of the next tests
CARD = {"chat_id": HERE, "message_id": 1}
REFUSALS = [
    ("sendMessage", {"chat_id": HERE, "text": "x", "message_thread_id": 1}, "thread not found"),
    ("sendMessage", {"chat_id": HERE, "text": "x", "business_connection_id": "b"}, "connection"),
    ("sendMessage", {"chat_id": HERE, "text": "x", "reply_parameters": {}}, "is missing"),
    (
        "sendMessage",
        {"chat_id": HERE, "text": "x", "reply_parameters": {"message_id": True}},
        "wrong type",
    ),
    ("sendMessage", {"chat_id": HERE, "text": "x", "reply_markup": {"a": 1}}, "reply markup"),
    (
        "sendMessage",
        {"chat_id": HERE, "text": "x", "link_preview_options": {"disabled": True}},
        "unknown",
    ),
    (
        "sendMessage",
        {
            "chat_id": HERE,
            "text": "x",
            "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "x"}] * 101]},
        },
        "REPLY_MARKUP_TOO_LONG",
    ),
    ("sendPhoto", {"chat_id": HERE, "photo": "https://example.com/a.jpg"}, "HTTP URL content"),
    ("sendPhoto", {"chat_id": HERE, "photo": "attach://nothing"}, "not found in the request"),
    ("sendDocument", {"chat_id": HERE}, "there is no document"),
    ("editMessageText", {"text": "x"}, "message identifier is not specified"),
    ("editMessageText", {"inline_message_id": "x", "text": "x"}, "MESSAGE_ID_INVALID"),
    ("editMessageCaption", {"chat_id": HERE, "message_id": 2, "caption": "x"}, "no caption"),
    ("editMessageText", {"chat_id": HERE, "message_id": 3, "text": "x"}, "there is no text"),
    ("deleteMessages", {"chat_id": HERE, "message_ids": []}, "identifiers"),
    ("setMessageReaction", {"chat_id": HERE, "message_id": 9}, "message to react not found"),
    ("setMessageReaction", CARD | {"reaction": [1, 2]}, "REACTIONS_TOO_MANY"),
    ("setMessageReaction", CARD | {"reaction": ["👍"]}, "can't parse reaction"),
    ("answerCallbackQuery", {"callback_query_id": "x", "text": "x" * 201}, "TOO_LONG"),
    ("answerCallbackQuery", {"callback_query_id": "x", "url": "t.me/x"}, "URL_INVALID"),
    ("getUpdates", {"allowed_updates": [1]}, "Array of String"),
    ("getUpdates", {"offset": "first"}, "valid Number"),
    ("setMyCommands", {"commands": [{"command": "a"}]}, "expected command and description"),
    (
        "setMyCommands",
        {"commands": [{"command": "a", "description": ""}]},
        "DESCRIPTION_INVALID",
    ),
    ("getMyCommands", {"scope": {"type": "everywhere"}}, "type is unsupported"),
    ("getMyCommands", {"scope": {"type": "chat"}}, "is missing"),
    ("getMyCommands", {"language_code": "english"}, "language code"),
    (
        "getMyCommands",
        {"scope": {"type": "chat_administrators", "chat_id": HERE}},
        "can't change commands",
    ),
]


@pytest.mark.parametrize(("method", "params", "says"), REFUSALS)
async def test_what_else_telegram_refuses_is_refused(
    tg: Telegram,
    bot: telegram.Bot,
    http: httpx.AsyncClient,
    method: str,
    params: dict[str, object],
    says: str,
) -> None:
    tg.person(HERE).starts()
    await bot.send_message(HERE, "second")
    await bot.send_document(HERE, b"third")
    answer = await http.post(f"/bot{TOKEN}/{method}", json=params)
    assert answer.status_code == answer.json()["error_code"] == 400
    assert says in answer.json()["description"]
    assert tg.calls[-1].error == "" or says in tg.calls[-1].error


async def test_a_body_that_is_no_json_object_is_refused(http: httpx.AsyncClient) -> None:
    for body in (b"[]", b"{"):
        answer = await http.post(
            f"/bot{TOKEN}/getMe", content=body, headers={"content-type": "application/json"}
        )
        assert answer.status_code == 400


def test_people_cannot_send_what_their_apps_do_not_let_them() -> None:
    owner = Telegram().person()
    for impossible in ("", "x" * 4097):
        with pytest.raises(ValueError):
            owner.sends_text(impossible)
    with pytest.raises(ValueError):
        owner.sends_photo(b"", "x" * 1025)
    with pytest.raises(ValueError):
        owner.sends_album([b"alone"])
    with pytest.raises(ValueError):
        owner.sends_album([b"photo", Item(b"file", "document")])
    assert owner.chat.messages == []


# -- files -------------------------------------------------------------------------------------


async def test_a_photo_is_fetched_as_it_was_sent_and_its_smaller_sizes_are_smaller(
    owner: Person, bot: telegram.Bot
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (3000, 1500), "red").save(out, "JPEG")
    sizes = owner.sends_photo(out.getvalue()).raw["photo"]
    assert [s["width"] for s in sizes] == [90, 320, 800, 1280, 3000]
    whole = await bot.get_file(sizes[-1]["file_id"])
    assert bytes(await whole.download_as_bytearray()) == out.getvalue()
    small = await (await bot.get_file(sizes[0]["file_id"])).download_as_bytearray()
    assert Image.open(io.BytesIO(small)).size == (90, 45)
    recompressed = owner.sends_photo(out.getvalue(), recompress=True).raw["photo"]
    assert recompressed[-1]["width"] == 2560


async def test_a_path_is_good_for_one_hour(
    owner: Person, bot: telegram.Bot, http: httpx.AsyncClient, clock: Clock
) -> None:
    file_id = owner.sends_document(b"data").raw["document"]["file_id"]
    path = str((await bot.get_file(file_id)).file_path)
    clock.now += 3599
    assert (await http.get(path)).content == b"data"
    clock.now += 2
    assert (await http.get(path)).status_code == 404
    assert (await http.get(str((await bot.get_file(file_id)).file_path))).content == b"data"


async def test_files_over_20_mb_are_out_of_reach(owner: Person, bot: telegram.Bot) -> None:
    file_id = owner.sends_video(b"", size=20 * 1024 * 1024 + 1).raw["video"]["file_id"]
    with pytest.raises(BadRequest, match="File is too big"):
        await bot.get_file(file_id)
    with pytest.raises(BadRequest, match=r"(?i)wrong file_id"):
        await bot.get_file("nonsense")


async def test_a_local_server_gives_paths_in_its_folder_and_has_no_limit(tmp_path: Path) -> None:
    tg = Telegram(local_files=tmp_path)
    await tg.start()
    try:
        file_id = tg.person().sends_video(b"v", size=10**9).raw["video"]["file_id"]
        async with telegram.Bot(tg.token, base_url=f"{tg.url}/bot", local_mode=True) as bot:
            path = (await bot.get_file(file_id)).file_path
        assert path is not None
        assert path.startswith(f"{tmp_path}/{tg.token}/videos/")
        assert read(path) == b"v"
        assert tg.settings()["TELEGRAM_LOCAL_FILES"] == str(tmp_path)
    finally:
        await tg.stop()


# -- presses, commands, limits -----------------------------------------------------------------


async def test_a_press_is_answered_once_and_within_150_seconds(
    tg: Telegram, owner: Person, bot: telegram.Bot, clock: Clock
) -> None:
    await bot.send_message(owner.id, "Sure?", reply_markup=keyboard([("Yes", "y"), ("No", "n")]))
    press = owner.presses(owner.chat.last, "Yes")
    await bot.answer_callback_query(press.id, "Fine")
    assert await press.answer() == "Fine"
    assert tg.answers == ["Fine"]
    late = owner.presses(owner.chat.last, "n")
    clock.now += 151
    for query_id in (press.id, late.id, "unknown"):
        with pytest.raises(BadRequest, match="Query is too old"):
            await bot.answer_callback_query(query_id)
    with pytest.raises(LookupError, match="Maybe"):
        owner.presses(owner.chat.last, "Maybe")


async def test_the_apps_let_nobody_write_more_by_an_edit_either(owner: Person) -> None:
    text, photo = owner.sends_text("text"), owner.sends_photo(b"", "caption")
    for message, most in ((text, 4096), (photo, 1024)):
        owner.edits(message, "x" * most)
        with pytest.raises(ValueError, match=str(most)):
            owner.edits(message, "x" * (most + 1))


async def test_a_button_can_be_pressed_as_it_was_seen_before_an_edit(
    tg: Telegram, owner: Person, bot: telegram.Bot
) -> None:
    await bot.send_message(owner.id, "Draft", reply_markup=keyboard([("Post", "p:1")]))
    seen = owner.chat.last
    await bot.edit_message_text("Posted", owner.id, seen.id)
    owner.presses(seen, "Post")
    query = tg.pending[-1]["callback_query"]
    assert query["data"] == "p:1"
    assert query["message"]["text"] == "Posted"


async def test_commands_are_kept_by_scope_and_language(
    tg: Telegram, owner: Person, bot: telegram.Bot
) -> None:
    scope = telegram.BotCommandScopeChat(owner.id)
    await bot.set_my_commands([("status", "How it stands")], scope=scope)
    await bot.set_my_commands([("help", "Help")], language_code="en")
    assert tg.commands == {
        f"chat:{owner.id}": [{"command": "status", "description": "How it stands"}],
        "default/en": [{"command": "help", "description": "Help"}],
    }
    assert (await bot.get_my_commands(scope=scope))[0].command == "status"
    await bot.delete_my_commands(scope=scope)
    assert await bot.get_my_commands(scope=scope) == ()
    with pytest.raises(BadRequest, match=r"(?i)bot_command_invalid"):
        await bot.set_my_commands([("Not-OK", "x")])


async def test_too_many_messages_in_one_chat_are_answered_with_how_long_to_wait(
    tg: Telegram,
    owner: Person,
    bot: telegram.Bot,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # else a `RetryAfter` is made with a warning
    tg.flood = Flood(burst=2, per_second=0.5)
    card = await bot.send_message(owner.id, "1")
    await bot.edit_message_text("2", owner.id, card.id)
    with pytest.raises(RetryAfter, match=r"Retry in (2|0:00:02)"):
        await bot.send_message(owner.id, "3")
    other = tg.person()
    other.starts()
    await bot.send_message(other.id, "another chat has a bucket of its own")
    clock.now += 2
    await bot.send_message(owner.id, "4")
    tg.flood = None
    for number in range(5):
        await bot.send_message(owner.id, f"{number} more")


async def test_an_answer_may_be_lost_after_the_message_was_sent(
    tg: Telegram, owner: Person, bot: telegram.Bot
) -> None:
    lost = tg.faults.add(Fault(path=tg.path("sendMessage"), drop="after"))
    with pytest.raises(telegram.error.NetworkError):
        await bot.send_message(owner.id, "sent all the same")
    assert lost.fired == 1
    assert owner.chat.last.text == "sent all the same"
    tg.faults.add(Fault(path=tg.path("sendMessage"), hang="before"))
    with pytest.raises(TimedOut):
        await bot.send_message(owner.id, "never", read_timeout=0.05)
    assert [c.method for c in tg.calls if c.method != "getMe"] == ["sendMessage"]
    assert len(tg.requests("sendMessage")) == 2


async def test_waiting_for_a_message_tells_what_was_there_instead(
    tg: Telegram, owner: Person, bot: telegram.Bot
) -> None:
    await bot.send_message(owner.id, "Hello")
    first = await owner.sees("Hell")
    with pytest.raises(TimeoutError, match=r"'Goodbye'(.|\n)*bot #2: Hello"):
        await tg.wait_for("Goodbye", owner, 0.01)
    with pytest.raises(TimeoutError):
        await owner.sees(lambda m: m.from_bot, after=first, timeout=0.01)


async def test_get_chat_and_get_me_are_understood(
    tg: Telegram, owner: Person, bot: telegram.Bot
) -> None:
    assert (await bot.get_chat(owner.id)).first_name == "Owner"
    channel = tg.channel("News", username="news")
    assert (await bot.get_chat("@news")).id == channel.id
    me = await bot.get_me()
    assert (me.id, me.is_bot) == (123456789, True)
