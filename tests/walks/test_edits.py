"""Edited messages, alt texts, flags and threads that come to a stop, through the real bot."""

from __future__ import annotations

import asyncio

import pytest

from bot.sandbox.faults import Fault
from bot.sandbox.telegram import Message
from tests.stage import Stage
from tests.walks.cards import card, texts
from tests.walks.pictures import jpeg

RENEW = "Delete and post again"


async def changed(stage: Stage, sent: Message) -> Message:
    """The card of what is out, once it says that the message was changed."""
    return await stage.owner.sees(lambda m: m.reply_to == sent.id and RENEW in m.labels, timeout=15)


async def test_a_caption_that_is_changed_while_the_post_waits_is_what_goes_out(
    signed_in: Stage,
) -> None:
    owner = signed_in.owner
    owner.sends_text("/pause")
    await owner.sees("Paused")
    sent = owner.sends_photo(jpeg(), "Befroe")
    await card(signed_in, sent, "paused")
    owner.edits(sent, caption="Before [noon]\nalt: A quay")
    await card(signed_in, sent, "paused")
    owner.sends_text("/resume")
    await card(signed_in, sent)
    (post,) = signed_in.x.timeline()
    assert post.text == "Before [noon]"
    assert post.media[0].alt_text == "A quay"


async def test_a_draft_shows_the_changed_text(signed_in: Stage) -> None:
    sent = signed_in.owner.sends_text("One")
    await card(signed_in, sent, "One")
    signed_in.owner.edits(sent, "Two")
    shown = await card(signed_in, sent, "Two")
    await signed_in.owner.presses(shown, "Post").answer()
    await card(signed_in, sent)
    assert texts(signed_in) == ["Two"]


@pytest.mark.parametrize("restarts", [False, True])
async def test_what_is_out_is_deleted_and_posted_again_as_the_message_says_it_now(
    signed_in: Stage, restarts: bool
) -> None:
    owner, picture = signed_in.owner, jpeg()
    sent = owner.sends_photo(picture, "Before")
    await card(signed_in, sent)
    if restarts:
        await signed_in.kill()
        await signed_in.start()
    owner.edits(sent)  # an edit that one cannot see
    owner.edits(sent, caption="After")
    shown = await changed(signed_in, sent)
    assert "X still shows the old text" in shown.text
    assert await owner.presses(shown, RENEW).answer()
    new = await owner.sees(
        lambda m: m.reply_to == sent.id and m.id != shown.id and "Posted" in m.text, timeout=20
    )
    (post,) = signed_in.x.timeline()
    assert (post.text, post.media[0].bytes) == ("After", picture)
    assert f"/status/{post.id}" in new.text
    await card(signed_in, sent, "Deleted on X")
    assert await owner.presses(shown, RENEW).answer()
    await asyncio.sleep(0.5)
    assert texts(signed_in) == ["After"]


async def test_where_x_refuses_the_deletion_nothing_is_posted_and_the_card_says_so(
    signed_in: Stage,
) -> None:
    owner = signed_in.owner
    sent = owner.sends_text("/post Before")
    await card(signed_in, sent)
    owner.edits(sent, "/post After")
    shown = await changed(signed_in, sent)
    no = {"detail": "You are not permitted to perform this action."}
    signed_in.x.api.faults.add(Fault(method="DELETE", status=403, body=no))
    owner.presses(shown, RENEW)
    told = await card(signed_in, sent, "Not posted, for the old post is still on X")
    assert texts(signed_in) == ["Before"]
    await owner.presses(told, "Try again").answer()
    await card(signed_in, sent, "Deleted on X")
    await owner.sees(lambda m: m.id == told.id and "Posted" in m.text)
    assert texts(signed_in) == ["After"]


async def test_alt_texts_and_flags_are_given_in_the_chat(signed_in: Stage) -> None:
    owner = signed_in.owner
    owner.sends_text("/pause")
    await owner.sees("Paused")
    first, second = owner.sends_album([jpeg(), jpeg()], "Two")
    shown = await card(signed_in, first, "paused")
    owner.sends_text("/alt A gull", reply_to=second)
    await owner.sees("The alt text of picture 2 of 2 is set.")
    owner.sends_text("/alt 1: " + "x" * 1001, reply_to=shown)
    await owner.sees("has 1001 characters, and X takes 1000 at most")
    owner.presses(shown, "Alt text")
    question = await owner.sees("What do the 2 pictures show?")
    owner.sends_text("1: A quay", reply_to=question)
    await owner.sees("The alt text of picture 1 of 2 is set.")
    owner.presses(shown, "More…")
    shown = await owner.sees(lambda m: "Made with AI: off" in m.labels)
    owner.presses(shown, "Made with AI: off")
    shown = await owner.sees(lambda m: "Made with AI: on" in m.labels)
    owner.presses(shown, "Replies: everyone")
    shown = await owner.sees(lambda m: "Replies: people you follow" in m.labels)
    assert "Made with AI · replies: people you follow" in shown.text
    owner.sends_text("/resume")
    await card(signed_in, first)
    (post,) = signed_in.x.timeline()
    assert [medium.alt_text for medium in post.media] == ["A quay", "A gull"]
    assert (post.request["made_with_ai"], post.request["reply_settings"]) == (True, "following")
    owner.sends_text("/alt Too late", reply_to=second)
    await owner.sees("X takes an alt text only before a post goes out")


@pytest.mark.parametrize("way", ["Try again", "Delete", "Discard"])
async def test_a_thread_of_which_x_refuses_the_replies_is_gone_on_with_or_taken_back(
    signed_in: Stage, way: str
) -> None:
    owner = signed_in.owner
    signed_in.x.threads_allowed = False
    sent = owner.sends_text("/post One\n---\nTwo\n---\nThree")
    shown = await card(signed_in, sent, "1 of 3 are out: https://x.com/")
    assert shown.labels == ("Try again", "Discard", "Open", "Delete")
    signed_in.x.threads_allowed = True
    press = owner.presses(shown, way)
    assert await press.answer()
    if way == "Try again":
        await card(signed_in, sent, "Posted as a thread of 3")
        assert texts(signed_in) == ["One", "Two", "Three"]
    elif way == "Delete":
        await card(signed_in, sent, "Deleted on X.")
        assert texts(signed_in) == []
    else:
        await owner.sees(lambda m: m.reply_to == sent.id and m.labels == ("Open", "Delete"))
        assert texts(signed_in) == ["One"]
    assert await owner.presses(shown, "Delete").answer()
