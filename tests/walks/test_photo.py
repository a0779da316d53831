"""What the owner sends, and what stands on X afterwards."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from bot.sandbox.telegram import Message
from tests.stage import Stage
from tests.walks.pictures import MP4, jpeg, picture


async def card(stage: Stage, sent: Message, text: str = "Posted") -> Message:
    """The card of what was sent, once it says `text`."""
    return await stage.owner.sees(lambda m: m.reply_to == sent.id and text in m.text)


def link(stage: Stage, number: int = -1) -> str:
    """The address of a post of the timeline."""
    return f"https://x.com/{stage.x.account.username}/status/{stage.x.timeline()[number].id}"


async def test_a_photo_with_a_caption_is_one_signed_upload_of_its_bytes_and_one_post(
    signed_in: Stage,
) -> None:
    photo = jpeg()
    sent = signed_in.owner.sends_photo(photo, "Good morning, X & co. <3")
    shown = await card(signed_in, sent)

    (upload,) = signed_in.uploads()
    assert upload.status == 200  # X checks the signature, with a library that Telex does not use
    assert upload.headers["authorization"].startswith("OAuth ")
    assert upload.body.count(photo) == 1
    (create,) = signed_in.creates()
    assert create.status == 201
    assert create.started_mono >= (upload.ended_mono or 0)
    token = signed_in.stored()["sign_in"]["x"]["token"]["access_token"]
    assert create.headers["authorization"] == f"Bearer {token}"
    media_id = json.loads(upload.answer)["media_id_string"]
    assert json.loads(create.body) == {
        "text": "Good morning, X & co. <3",
        "media": {"media_ids": [media_id]},
    }

    (post,) = signed_in.x.timeline()
    assert [medium.bytes for medium in post.media] == [photo]
    assert post.text == "Good morning, X & co. <3"
    assert shown.text.endswith(f"{link(signed_in)}\n$0.015")
    assert shown.history[0].lower().startswith("uploading")
    assert shown.labels == ("Open", "Delete")
    assert signed_in.owner.opens(shown, "Open") == link(signed_in)


async def test_a_photo_without_a_caption_is_posted_without_a_text(signed_in: Stage) -> None:
    photo = jpeg()
    await card(signed_in, signed_in.owner.sends_photo(photo))
    (post,) = signed_in.x.timeline()
    assert (post.text, [m.bytes for m in post.media]) == ("", [photo])
    assert json.loads(signed_in.creates()[0].body)["text"] == ""


async def test_without_keys_for_v11_the_photo_goes_up_by_v2_with_the_sign_in(stage: Stage) -> None:
    for name in ("X_API_KEY", "X_API_SECRET", "X_ACCESS_TOKEN", "X_ACCESS_TOKEN_SECRET"):
        stage.settings[name] = ""
    await stage.start()
    await stage.ready()
    await stage.sign_in()
    photo = jpeg()
    await card(stage, stage.owner.sends_photo(photo, "by v2"))
    (upload,) = stage.x.api.seen("POST", "/2/media/upload")
    assert upload.status == 200 and upload.headers["authorization"].startswith("Bearer ")
    assert set(re.findall(rb'; name="(\w+)"', upload.body)) == {b"media", b"media_category"}
    assert [m.bytes for m in stage.x.timeline()[0].media] == [photo]
    assert stage.uploads() == []


async def test_a_forwarded_photo_is_posted_as_one_of_ones_own(signed_in: Stage) -> None:
    sources: list[Any] = [True, signed_in.stranger, signed_in.telegram.channel()]
    photos = [jpeg() for _ in sources]
    for number, (source, photo) in enumerate(zip(sources, photos, strict=True)):
        sent = signed_in.owner.sends_photo(photo, f"forward {number}", forwarded=source)
        await card(signed_in, sent)
    posts = signed_in.x.timeline()
    assert [p.media[0].bytes for p in posts] == photos
    assert [p.text for p in posts] == ["forward 0", "forward 1", "forward 2"]


async def test_an_image_file_is_posted_whatever_its_sender_calls_it(signed_in: Stage) -> None:
    files = [
        (picture("PNG"), "a.png", "image/png"),
        (picture("WEBP"), "a.webp", "image/webp"),
        (picture("GIF"), "a.jpg", "image/jpeg"),
        (picture("JPEG"), "a.bin", "application/octet-stream"),
        (picture("PNG"), None, None),
    ]
    for data, name, mime in files:
        await card(signed_in, signed_in.owner.sends_document(data, name, mime, "as a file"[:4]))
        signed_in.x.world.posts[-1].text = f"{len(signed_in.x.world.posts)}"  # no duplicates
    assert [p.media[0].bytes for p in signed_in.x.timeline()] == [data for data, _, _ in files]


async def test_post_posts_its_text_at_once_and_keeps_its_lines(signed_in: Stage) -> None:
    sent = signed_in.owner.sends_text("/post One line\n\nand another & <more>")
    shown = await card(signed_in, sent)
    (post,) = signed_in.x.timeline()
    assert post.text == "One line\n\nand another & <more>"
    assert shown.text.endswith(f"{link(signed_in)}\n$0.015")
    assert signed_in.uploads() == []
    before = shown
    signed_in.owner.sends_text("/post")
    assert "/post TEXT" in (await signed_in.owner.sees("/post", after=before)).text
    assert len(signed_in.creates()) == 1


async def test_a_bare_text_waits_for_post_and_a_double_tap_is_one_post(signed_in: Stage) -> None:
    sent = signed_in.owner.sends_text("Shall this go out?")
    shown = await card(signed_in, sent, "Shall this go out?")
    assert shown.labels[:3] == ("Post", "Later…", "Cancel")
    assert signed_in.creates() == []
    presses = [signed_in.owner.presses(shown, "Post") for _ in range(3)]
    await card(signed_in, sent, link(signed_in) if signed_in.x.timeline() else "Posted")
    answers = [await press.answer() for press in presses]
    assert all(answers), "a press that comes too late is answered in words"
    assert len(set(answers[1:]) - {answers[0]}) >= 1
    assert [p.text for p in signed_in.x.timeline()] == ["Shall this go out?"]
    assert len(signed_in.creates()) == 1
    assert await signed_in.owner.presses(shown, "Cancel").answer()
    assert len(signed_in.x.timeline()) == 1


async def test_cancel_leaves_nothing_on_x_whatever_is_pressed_later(signed_in: Stage) -> None:
    sent = signed_in.owner.sends_text("Better not")
    shown = await card(signed_in, sent, "Better not")
    await signed_in.owner.presses(shown, "Cancel").answer()
    await card(signed_in, sent, "Nothing was posted")
    assert await signed_in.owner.presses(shown, "Post").answer()
    signed_in.owner.sends_text("/post the end")
    await signed_in.owner.sees("Posted")
    assert [p.text for p in signed_in.x.timeline()] == ["the end"]


@pytest.mark.parametrize(
    ("data", "name", "mime"),
    [
        (b"%PDF-1.7 not a picture", "a.pdf", "application/pdf"),
        (b"words", "a.jpg", "image/jpeg"),
        (b"words", "a.bin", "application/octet-stream"),
        (b"", "empty.png", "image/png"),
    ],
    ids=["a PDF", "words called a JPEG", "unnamed bytes", "nothing at all"],
)
async def test_a_file_that_is_no_image_is_told_and_not_posted(
    signed_in: Stage, data: bytes, name: str, mime: str
) -> None:
    sent = signed_in.owner.sends_document(data, name, mime, "look")
    shown = await card(signed_in, sent, "a picture")
    assert "not" in shown.text or "neither" in shown.text
    await card(signed_in, signed_in.owner.sends_photo(jpeg(), "the next one goes out"))
    assert [p.text for p in signed_in.x.timeline()] == ["the next one goes out"]
    assert len(signed_in.uploads()) == 1


async def test_a_live_photo_goes_out_as_its_picture(signed_in: Stage) -> None:
    still = jpeg()
    await card(signed_in, signed_in.owner.sends_live_photo(still, MP4, "it moved"))
    (post,) = signed_in.x.timeline()
    assert ([m.bytes for m in post.media], post.text) == ([still], "it moved")


async def test_every_other_kind_of_message_gets_a_sentence_and_no_post(signed_in: Stage) -> None:
    owner = signed_in.owner
    user = {"id": 5, "is_bot": False, "first_name": "Somebody"}
    chat = {"id": 6, "type": "private", "first_name": "Somebody"}
    place = {"location": {"latitude": 1.5, "longitude": 2.5}, "title": "T", "address": "A"}
    star = {"paid_media": [{"type": "preview"}], "star_count": 1}
    task = {"id": 1, "text": "Milk"}
    gifts = {
        "chats": [chat],
        "winners_selection_date": 2_000_000_000,
        "winner_count": 1,
    }
    say: dict[str, Any] = {
        "voice": owner.sends_voice,
        "audio": owner.sends_audio,
        "contact": owner.sends_contact,
        "location": owner.sends_location,
        "venue": lambda: owner._send({"venue": place, "location": place["location"]}),
        "dice": lambda: owner._send({"dice": {"emoji": "🎲", "value": 3}}),
        "story": lambda: owner._send({"story": {"chat": chat, "id": 3}}),
        "paid media": lambda: owner._send({"paid_media": star}),
        "checklist": lambda: owner._send({"checklist": {"title": "Buy", "tasks": [task]}}),
        "giveaway": lambda: owner._send({"giveaway": gifts}),
        "unknown command": lambda: owner.sends_text("/dance"),
        "a kind from next year": lambda: owner._send({"hologram": {"file_id": "x"}}),
        "voice from somebody": lambda: owner.sends_voice(via_bot=user | {"is_bot": True}),
    }
    silent = []
    for kind, act in say.items():
        sent = act()
        try:
            answer = await owner.sees(lambda m: bool(m.text), after=sent, timeout=3)
        except TimeoutError:
            silent.append(kind)
        else:
            assert answer.text.endswith(".") and not answer.labels, f"{kind}: {answer}"
    assert silent == []
    assert signed_in.x.timeline() == ()
    assert signed_in.uploads() == []
    signed_in.owner.sends_text("/queue")
    await owner.sees("Nothing waits")


async def test_an_update_that_is_delivered_again_counts_once(signed_in: Stage) -> None:
    def last() -> int:
        return max(signed_in.telegram.sent)

    owner, updates = signed_in.owner, []
    await card(signed_in, owner.sends_photo(jpeg(), "a photo"))
    updates.append(last())
    await card(signed_in, owner.sends_text("/post a text"))
    updates.append(last())
    draft = owner.sends_text("a draft")
    shown = await card(signed_in, draft, "a draft")
    updates.append(last())
    owner.presses(shown, "Post")
    updates.append(last())
    await card(signed_in, draft)
    command = owner.sends_text("/refresh")
    updates.append(last())
    await owner.sees("is renewed", after=command)

    for _ in range(2):
        for update in updates:
            signed_in.telegram.deliver_again(update)
        await signed_in.telegram.until(lambda: not signed_in.telegram.pending)
        before = owner.sends_text("/queue")
        await owner.sees("Nothing waits", after=before)
        await signed_in.stop()
        await signed_in.start()
        await signed_in.ready()
    assert [p.text for p in signed_in.x.timeline()] == ["a photo", "a text", "a draft"]
    assert len(signed_in.creates()) == 3
    assert len(signed_in.uploads()) == 1
    assert len(signed_in.grants("refresh_token")) == 1
    for text, times in (("Posted", 3), ("is renewed", 1)):
        assert len([m for m in owner.chat.from_bot if text in m.text]) == times
