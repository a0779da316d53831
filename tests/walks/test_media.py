"""What is done with media, polls and long texts on their way: chunks, alt texts, threads, replies."""

from __future__ import annotations

import pytest

from bot.sandbox.faults import Fault
from tests.films import film
from tests.stage import Stage
from tests.walks.cards import card, texts
from tests.walks.pictures import jpeg


async def test_a_video_goes_up_in_chunks_and_is_waited_for(signed_in: Stage) -> None:
    video = film()
    sent = signed_in.owner.sends_video(video, "Moving")
    shown = await card(signed_in, sent, seconds=30)
    (post,) = signed_in.x.timeline()
    assert post.text == "Moving"
    assert [(m.bytes, m.category) for m in post.media] == [(video, "tweet_video")]
    assert shown.history[0].startswith("Uploading")


async def test_a_poll_becomes_a_poll(signed_in: Stage) -> None:
    sent = signed_in.owner.sends_poll("Tea or coffee?", ["Tea", "Coffee"])
    await card(signed_in, sent)
    (post,) = signed_in.x.timeline()
    assert post.text == "Tea or coffee?"
    assert post.request["poll"]["options"] == ["Tea", "Coffee"]


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
