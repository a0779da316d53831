"""Everything that X takes, in every shape in which Telegram hands it over: what was sent, what X got."""

from __future__ import annotations

import io
import itertools
from typing import Any

import av
import pytest
from PIL import Image

from bot.sandbox.faults import Fault
from tests.stage import Stage
from tests.walks.cards import card, texts
from tests.walks.pictures import jpeg, picture

_shades = itertools.count()


def film(seconds: float = 1.0, width: int = 320, height: int = 240) -> bytes:
    """A silent MP4 with H.264, as Telegram's own apps make."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream: Any = container.add_stream("h264", rate=10)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for n in range(int(seconds * 10)):
            image = Image.new("RGB", (width, height), (n * 9 % 256, 80, next(_shades) % 256))
            frame: Any = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return out.getvalue()


async def test_a_video_goes_up_in_chunks_and_is_waited_for(signed_in: Stage) -> None:
    video = film()
    sent = signed_in.owner.sends_video(video, "Moving")
    shown = await card(signed_in, sent, seconds=30)
    (post,) = signed_in.x.timeline()
    assert post.text == "Moving"
    assert [(m.bytes, m.category) for m in post.media] == [(video, "tweet_video")]
    assert shown.history[0].startswith("Uploading")


async def test_telegrams_silent_gif_and_a_video_note_are_videos(signed_in: Stage) -> None:
    gif, note = film(), film(1.5, 240, 240)
    await card(signed_in, signed_in.owner.sends_animation(gif, "A GIF"), seconds=30)
    await card(signed_in, signed_in.owner.sends_video_note(note), seconds=30)
    assert [m.bytes for p in signed_in.x.timeline() for m in p.media] == [gif, note]


async def test_a_real_gif_that_moves_is_a_gif(signed_in: Stage) -> None:
    gif = picture("GIF", frames=3)
    sent = signed_in.owner.sends_document(gif, "moves.gif", "image/gif", "Moves")
    await card(signed_in, sent, seconds=30)
    (post,) = signed_in.x.timeline()
    assert [m.category for m in post.media] == ["tweet_gif"]


async def test_a_still_sticker_is_a_picture(signed_in: Stage) -> None:
    sent = signed_in.owner.sends_sticker(picture("WEBP", width=512, height=512))
    await card(signed_in, sent)
    (post,) = signed_in.x.timeline()
    assert [m.kind for m in post.media] == ["image/webp"]


async def test_an_album_that_mixes_photos_and_a_video_is_a_thread_in_its_order(
    signed_in: Stage,
) -> None:
    from bot.sandbox.telegram import Item

    first, second, video = jpeg(), jpeg(), film()
    sent = signed_in.owner.sends_album([first, Item(video, "video"), second], captions="Mixed")
    await card(signed_in, sent[0], "thread of 3", seconds=30)
    assert [[m.bytes for m in p.media] for p in signed_in.x.timeline()] == [
        [first],
        [video],
        [second],
    ]


@pytest.mark.parametrize("kind", ["HEIF", "TIFF", "BMP"])
async def test_a_format_that_x_does_not_take_is_made_to_fit(signed_in: Stage, kind: str) -> None:
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    sent = signed_in.owner.sends_document(
        picture(kind, width=200, height=120), f"a.{kind}", "image/x", "Made to fit"
    )
    await card(signed_in, sent, seconds=30)
    (post,) = signed_in.x.timeline()
    with Image.open(io.BytesIO(post.media[0].bytes)) as got:
        assert got.size == (200, 120)
        assert got.format in ("JPEG", "PNG", "WEBP")


async def test_a_poll_becomes_a_poll(signed_in: Stage) -> None:
    sent = signed_in.owner.sends_poll("Tea or coffee?", ["Tea", "Coffee"])
    await card(signed_in, sent)
    (post,) = signed_in.x.timeline()
    assert post.text == "Tea or coffee?"
    assert post.request["poll"]["options"] == ["Tea", "Coffee"]


async def test_a_poll_with_twelve_options_is_told_and_not_posted(signed_in: Stage) -> None:
    sent = signed_in.owner.sends_poll("Which?", [f"Number {n}" for n in range(12)])
    await card(signed_in, sent, "this one has 12")
    assert texts(signed_in) == []


@pytest.mark.parametrize("way", ["v1.1", "v2"])
async def test_alt_texts_of_a_caption_are_told_to_x_before_the_post(
    signed_in: Stage, way: str
) -> None:
    signed_in.settings["X_UPLOAD"] = way
    await signed_in.stop()
    await signed_in.start()
    await signed_in.ready()
    caption = "Harbour\nalt: Boats at a quay\nalt: A gull"
    sent = signed_in.owner.sends_album([jpeg(), jpeg()], captions=[caption, ""])
    await card(signed_in, sent[0])
    (post,) = signed_in.x.timeline()
    assert post.text == "Harbour"
    assert [m.alt_text for m in post.media] == ["Boats at a quay", "A gull"]


async def test_a_reply_to_a_card_or_to_the_message_behind_it_continues_the_thread(
    signed_in: Stage,
) -> None:
    owner = signed_in.owner
    first = owner.sends_photo(jpeg(), "One")
    shown = await card(signed_in, first)
    second = owner.sends_photo(jpeg(), "Two", reply_to=shown)
    await card(signed_in, second)
    await signed_in.eventually(lambda: not signed_in.stored().get("outbox"))
    third = owner.sends_photo(jpeg(), "Three", reply_to=second)
    await card(signed_in, third)
    one, two, three = signed_in.x.timeline()
    assert [two.reply_to, three.reply_to] == [one.id, two.id]


async def test_a_reply_to_a_post_that_still_waits_goes_out_right_behind_it(
    signed_in: Stage,
) -> None:
    owner = signed_in.owner
    owner.sends_text("/pause")
    await owner.sees("Paused")
    first = owner.sends_photo(jpeg(), "One")
    second = owner.sends_photo(jpeg(), "Two", reply_to=first)
    await card(signed_in, second, "Waiting")
    owner.sends_text("/resume")
    await card(signed_in, second)
    one, two = signed_in.x.timeline()
    assert two.reply_to == one.id


async def test_a_long_text_is_previewed_and_posted_as_a_thread(signed_in: Stage) -> None:
    text = " ".join(f"Sentence number {n} of a long story." for n in range(20))
    sent = signed_in.owner.sends_text(text)
    shown = await card(signed_in, sent, "A thread of 3")
    await signed_in.owner.presses(shown, "Post").answer()
    await card(signed_in, sent, "Posted as a thread of 3")
    assert " ".join(texts(signed_in)) == text


async def test_a_chunk_that_gets_lost_is_sent_again_alone(signed_in: Stage) -> None:
    video = film()
    signed_in.x.upload.faults.add(
        Fault(path="/1.1/media/upload.json", where=lambda e: b"APPEND" in e.body, drop="before")
    )
    await card(signed_in, signed_in.owner.sends_video(video, "Once more"), seconds=30)
    (post,) = signed_in.x.timeline()
    assert [(m.bytes, m.via) for m in post.media] == [(video, "v1.1")]


async def test_a_truncated_picture_is_told_and_nothing_is_posted(signed_in: Stage) -> None:
    whole = jpeg()
    sent = signed_in.owner.sends_document(whole[: len(whole) // 2], "half.jpg", "image/jpeg", "")
    shown = await card(signed_in, sent, "Not posted")
    assert shown.labels == ("Try again", "Discard")
    assert texts(signed_in) == []
