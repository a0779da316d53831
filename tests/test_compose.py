"""A message as the post that it means, whatever Telegram makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Message, Update

from bot.compose import Incoming, Sort, behind_command, glance, read
from twitter_core.post import Kind, Media, Post

OWNER = 42
SIZES = [
    {"file_id": f"id{n}", "file_unique_id": f"u{n}", "width": n, "height": n, "file_size": n * 10}
    for n in (90, 800, 1280)
]
LARGEST = Media("id1280", Kind.PHOTO, order=5, size=12_800, name="u1280")


def raw(**content: Any) -> dict[str, Any]:
    person = {"id": OWNER, "is_bot": False, "first_name": "O"}
    chat = {"id": OWNER, "type": "private"}
    return {"message_id": 5, "date": 1_700_000_000, "from": person, "chat": chat, **content}


def message(**content: Any) -> Message:
    update = Update.de_json({"update_id": 1, "message": raw(**content)}, None)
    assert update is not None
    assert update.message is not None
    return update.message


def incoming(**content: Any) -> Incoming:
    return read(message(**content))


def document(**more: Any) -> dict[str, Any]:
    return {"file_id": "d", "file_unique_id": "ud", "file_size": 5, **more}


def test_a_text_is_a_text() -> None:
    it = incoming(text="hello")
    assert (it.sort, it.chat, it.message_id, it.sent_at) == (Sort.TEXT, OWNER, 5, 1_700_000_000.0)
    assert it.post == Post("hello")
    assert it.key == "42:5"


def test_of_a_photo_the_largest_size_is_taken() -> None:
    it = incoming(photo=SIZES, caption="look")
    assert (it.sort, it.post) == (Sort.POST, Post("look", (LARGEST,)))


def test_a_photo_needs_no_caption() -> None:
    assert incoming(photo=SIZES).post == Post("", (LARGEST,))


def test_the_items_of_an_album_share_its_key() -> None:
    it = incoming(photo=SIZES, media_group_id="13579")
    assert (it.group, it.key) == ("13579", "42:13579")


@pytest.mark.parametrize(
    "mime", ["image/jpeg", "image/heic", "image/x-unknown", "application/octet-stream", None]
)
def test_a_file_that_may_be_a_picture_is_taken_for_one(mime: str | None) -> None:
    it = incoming(document=document(**({"mime_type": mime} if mime else {})))
    assert it.sort is Sort.POST
    assert it.media == Media("d", Kind.PHOTO, order=5, size=5, name="ud")


@pytest.mark.parametrize("mime", ["application/pdf", "text/plain", "audio/mpeg"])
def test_a_file_that_is_surely_no_picture_is_told_of(mime: str) -> None:
    it = incoming(document=document(mime_type=mime))
    assert (it.sort, it.name) == (Sort.OTHER, "document")


def test_a_size_that_telegram_does_not_tell_is_not_known() -> None:
    it = incoming(photo=[{"file_id": "i", "file_unique_id": "u", "width": 1, "height": 1}])
    assert it.media is not None and it.media.size is None


def test_a_live_photo_is_its_photo() -> None:
    it = incoming(photo=SIZES, live_photo={**document(), "width": 1, "height": 1, "duration": 1})
    assert it.media == LARGEST


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ({"sticker": True}, "sticker"),
        ({"voice": True}, "voice"),
        ({"audio": True}, "audio"),
        ({"contact": True}, "contact"),
        ({"dice": True}, "dice"),
        ({"location": True}, "location"),
    ],
)
def test_what_x_has_no_place_for_is_named(content: dict[str, Any], name: str) -> None:
    shapes = {
        "sticker": {
            **document(),
            "type": "regular",
            "width": 1,
            "height": 1,
            "is_animated": True,
            "is_video": False,
        },
        "voice": {**document(), "duration": 1},
        "audio": {**document(), "duration": 1},
        "contact": {"phone_number": "1", "first_name": "C"},
        "dice": {"emoji": "🎲", "value": 3},
        "location": {"latitude": 1.0, "longitude": 2.0},
    }
    it = incoming(**{key: shapes[key] for key in content})
    assert (it.sort, it.name, it.media) == (Sort.OTHER, name, None)


@pytest.mark.parametrize(
    "content",
    [
        {"pinned_message": raw(text="old")},
        {"new_chat_title": "title"},
        {"group_chat_created": True},
        {"delete_chat_photo": True},
    ],
    ids=lambda content: next(iter(content)),
)
def test_nobody_expects_an_answer_to_a_service_message(content: dict[str, Any]) -> None:
    assert incoming(**content).sort is Sort.SERVICE


def test_what_is_newer_than_the_library_gets_an_answer_rather_than_silence() -> None:
    assert incoming(hologram={"depth": 3}).sort is Sort.OTHER


def test_hidden_links_come_out_of_texts_and_of_captions() -> None:
    entities = [{"type": "text_link", "offset": 2, "length": 4, "url": "https://example.com"}]
    said = "👍here"
    for it in (
        incoming(text=said, entities=entities),
        incoming(photo=SIZES, caption=said, caption_entities=entities),
    ):
        assert it.text == "👍here https://example.com"


def test_texts_are_composed_and_trimmed_as_x_does_it() -> None:
    assert incoming(text="  cafe\u0301 \n").text == "caf\u00e9"


@pytest.mark.parametrize(
    ("content", "media"),
    [
        ({"photo": SIZES}, LARGEST),
        ({"document": document(mime_type="image/png")}, Media("d", order=5, size=5, name="ud")),
        ({"document": document(mime_type="text/plain")}, None),
        ({"text": "hello"}, None),
        ({"photo": []}, None),
        ({"photo": 5}, None),
        ({"document": "x"}, None),
    ],
)
def test_a_glance_at_the_raw_update_sees_the_same_file(
    content: dict[str, Any], media: Media | None
) -> None:
    assert glance({"update_id": 1, "message": raw(**content)}) == media


@pytest.mark.parametrize("kind", ["edited_message", "callback_query"])
def test_nothing_is_fetched_for_what_is_no_new_message(kind: str) -> None:
    assert glance({"update_id": 1, kind: raw(photo=SIZES)}) is None


WORDS = st.sampled_from(["message", "photo", "document", "file_id", "mime_type", "file_size"])
SHAPES = st.recursive(
    st.sampled_from([None, True, 0, 1.5, "", "image/png"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(WORDS, SHAPES, max_size=4))
def test_a_glance_never_fails(update: dict[str, Any]) -> None:
    found = glance(update)
    assert found is None or isinstance(found, Media)


@pytest.mark.parametrize(
    ("text", "behind"),
    [
        ("/budget", ""),
        ("/budget 5", "5"),
        ("/budget\n5", "5"),
        ("/post@telex_bot one\n\ntwo", "one\n\ntwo"),
        ("/alt   2: A gull", "2: A gull"),
    ],
)
def test_what_stands_behind_a_command_keeps_its_line_breaks(text: str, behind: str) -> None:
    assert behind_command(text) == behind
