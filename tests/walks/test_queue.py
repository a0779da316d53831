"""What waits: the queue, the pause, the sign-in that is missing, and messages that come late."""

from __future__ import annotations

import time

from tests.stage import Stage
from tests.walks.cards import card, texts
from tests.walks.pictures import jpeg


async def test_a_pause_holds_everything_over_a_restart_until_resume(signed_in: Stage) -> None:
    owner = signed_in.owner
    sent = owner.sends_text("/pause")
    await owner.sees("Paused", after=sent)
    photo = owner.sends_photo(jpeg(), "Later")
    await card(signed_in, photo, "Waiting: paused")
    await signed_in.kill()
    await signed_in.start()
    await signed_in.ready()
    text = owner.sends_text("/post Later still")
    await card(signed_in, text, "Waiting: paused")
    assert texts(signed_in) == []
    owner.sends_text("/resume")
    await card(signed_in, photo)
    await card(signed_in, text)
    assert texts(signed_in) == ["Later", "Later still"]


async def test_the_queue_lists_what_waits_with_buttons_that_cancel(signed_in: Stage) -> None:
    owner = signed_in.owner
    owner.sends_text("/pause")
    first = owner.sends_photo(jpeg(), "A photo")
    owner.sends_text("A draft")
    await card(signed_in, first, "Waiting")
    sent = owner.sends_text("/queue")
    shown = await owner.sees("1. ", after=sent)
    assert "1 picture, “A photo” – waits" in shown.text
    assert "“A draft” – waits for you" in shown.text
    await owner.presses(shown, "1. Cancel").answer()
    await card(signed_in, first, "Cancelled")
    owner.sends_text("/resume")
    sent = owner.sends_text("/queue")
    shown = await owner.sees("1. ", after=sent)
    assert "A photo" not in shown.text
    assert texts(signed_in) == []


async def test_without_a_sign_in_everything_waits_and_goes_out_by_itself_after_it(
    stage: Stage,
) -> None:
    await stage.start()
    await stage.ready()
    sent = [stage.owner.sends_photo(jpeg(), "One"), stage.owner.sends_text("/post Two")]
    for message in sent:
        await card(stage, message, "/auth")
    await stage.sign_in()
    for message in sent:
        await card(stage, message)
    assert texts(stage) == ["One", "Two"]


async def test_a_message_of_over_an_hour_ago_asks_first(signed_in: Stage) -> None:
    old = int(time.time()) - 3700
    sent = signed_in.owner.sends_photo(jpeg(), "Old", date=old)
    shown = await card(signed_in, sent, "over an hour")
    assert texts(signed_in) == []
    await signed_in.owner.presses(shown, "Post").answer()
    await card(signed_in, sent)
    assert texts(signed_in) == ["Old"]


async def test_an_update_that_comes_again_two_days_later_counts_once(signed_in: Stage) -> None:
    sent = signed_in.owner.sends_photo(jpeg(), "Once")
    await card(signed_in, sent)
    update = max(signed_in.telegram.sent)
    await signed_in.eventually(lambda: not signed_in.stored().get("outbox"))
    await signed_in.kill()
    history = next((signed_in.data / "history").iterdir())
    # Two days go by: the bot has nothing but its history to know the message from.
    aged = history.read_text("utf-8")
    for name in ("came_at", "ended_at"):
        at = aged.split(f'"{name}":')[1].split(",")[0]
        aged = aged.replace(at, str(float(at) - 50 * 3600))
    history.write_text(aged, "utf-8")
    await signed_in.start()
    await signed_in.ready()
    message = dict(signed_in.telegram.sent[update])
    message["message"] = {**message["message"], "date": int(time.time()) - 50 * 3600}
    signed_in.telegram.inject({"message": message["message"]})
    after = signed_in.owner.sends_text("/status")
    await signed_in.owner.sees("Uploads by", after=after)
    assert texts(signed_in) == ["Once"]
    assert not [
        m
        for m in signed_in.telegram.chat(signed_in.owner).from_bot
        if m.reply_to == sent.id and "hour" in m.text
    ]


async def test_a_press_that_comes_twice_is_one(signed_in: Stage) -> None:
    sent = signed_in.owner.sends_text("One tap")
    shown = await card(signed_in, sent, "One tap")
    signed_in.owner.presses(shown, "Post")
    signed_in.owner.presses(shown, "Post")
    await card(signed_in, sent)
    assert texts(signed_in) == ["One tap"]
