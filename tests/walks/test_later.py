"""Later, through the real process: the undo, times, slots, the queue, and restarts in between."""

from __future__ import annotations

import asyncio
import json
import time

from bot.sandbox.telegram import Message
from tests.stage import Stage
from tests.walks.cards import card, texts
from tests.walks.pictures import jpeg


async def choose_undo(stage: Stage, seconds: int) -> None:
    """In /settings."""
    sent = stage.owner.sends_text("/settings")
    page = await stage.owner.sees("Settings", after=sent)
    stage.owner.presses(page, "Undo")
    label = f"{seconds} seconds"
    shown = await stage.owner.sees(lambda m: m.id == page.id and label in m.labels)
    await stage.owner.presses(shown, label).answer()


async def labelled(stage: Stage, sent: Message, label: str) -> Message:
    """The card of what was sent, once it has this button."""
    return await stage.owner.sees(lambda m: m.reply_to == sent.id and label in m.labels, timeout=15)


async def says(stage: Stage, text: str, answer: str, **more: object) -> Message:
    sent = stage.owner.sends_text(text, **more)  # type: ignore[arg-type]
    return await stage.owner.sees(answer, after=sent)


async def test_a_post_is_held_stopped_and_posted_after_all(signed_in: Stage) -> None:
    owner = signed_in.owner
    await choose_undo(signed_in, 5)
    first = owner.sends_photo(jpeg(), "One")
    second = owner.sends_text("/post Two")
    held = await card(signed_in, first, "unless you press Stop")
    await signed_in.eventually(signed_in.uploads)  # meanwhile
    assert await owner.presses(held, "Stop").answer() == "Stopped"
    draft = await labelled(signed_in, first, "Later…")
    assert "nothing was sent" in draft.text and "Cancel" in draft.labels
    await card(signed_in, second)
    assert texts(signed_in) == ["Two"]
    owner.presses(draft, "Post")
    await labelled(signed_in, first, "Stop")
    assert texts(signed_in) == ["Two"]
    await card(signed_in, first)
    assert texts(signed_in) == ["Two", "One"]


async def test_a_stop_that_was_pressed_while_the_bot_was_dead_counts(signed_in: Stage) -> None:
    owner = signed_in.owner
    await choose_undo(signed_in, 5)
    sent = owner.sends_text("/post Not like this")
    other = owner.sends_text("/post But this")
    held = await card(signed_in, sent, "unless you press Stop")
    await card(signed_in, other, "unless you press Stop")
    await signed_in.eventually(lambda: len(signed_in.stored().get("outbox", {})) == 2)
    await signed_in.kill()
    owner.presses(held, "Stop")
    await asyncio.sleep(5)  # its hold ends while nobody is there
    await signed_in.start()
    await card(signed_in, other)
    assert "nothing was sent" in (await labelled(signed_in, sent, "Later…")).text
    assert texts(signed_in) == ["But this"]


async def test_a_scheduled_post_goes_out_once_over_a_death_at_its_time(signed_in: Stage) -> None:
    owner = signed_in.owner
    sent = owner.sends_photo(jpeg(), "/at in 5 s\nOn time")
    shown = await card(signed_in, sent, "Goes out on ")
    assert shown.labels[:3] == ("Post now", "Later…", "Cancel")
    await owner.sees("times as UTC")
    await signed_in.eventually(lambda: signed_in.stored().get("outbox"))
    due = next(iter(signed_in.stored()["outbox"].values()))["due"]
    await signed_in.kill()
    await asyncio.sleep(max(0.0, due - time.time()))
    await signed_in.start()
    await card(signed_in, sent)
    assert texts(signed_in) == ["On time"]
    assert len(signed_in.creates()) == 1


async def test_what_was_slept_through_asks_first(signed_in: Stage) -> None:
    owner = signed_in.owner
    sent = [owner.sends_text(f"/at in {n} h\nPost {n}") for n in (2, 3)]
    for message in sent:
        await card(signed_in, message, "Goes out on ")
    await signed_in.stop()
    # Four hours go by.
    path = signed_in.data / "telex.json"
    tables = json.loads(path.read_text("utf-8"))
    for row in tables["outbox"].values():
        row["due"] -= 4 * 3600
    path.write_text(json.dumps(tables), "utf-8")
    await signed_in.start()
    asks = [await card(signed_in, message, "Still post it?") for message in sent]
    assert texts(signed_in) == []
    assert await owner.presses(asks[0], "Post now").answer() == "On its way"
    await card(signed_in, sent[0])
    assert await owner.presses(asks[1], "Cancel").answer() == "Cancelled"
    assert texts(signed_in) == ["Post 2"]


async def test_a_time_is_chosen_on_the_card_or_typed_and_the_queue_moves_what_is_coming(
    signed_in: Stage,
) -> None:
    owner = signed_in.owner
    await says(signed_in, "/timezone berlin", "Time zone: Europe/Berlin")
    await says(signed_in, "/slots 00:00 12:00", "The next free one: ")
    drafts = [owner.sends_text(f"Draft {n}") for n in range(3)]
    for choice, sent in zip(("In an hour", "Next free slot"), drafts, strict=False):
        shown = await labelled(signed_in, sent, "Later…")
        owner.presses(shown, "Later…")
        menu = await labelled(signed_in, sent, choice)
        assert "Goes out on" in await owner.presses(menu, choice).answer()
        await card(signed_in, sent, "(Europe/Berlin)")
    owner.presses(await labelled(signed_in, drafts[2], "Later…"), "Later…")
    owner.presses(await labelled(signed_in, drafts[2], "Type a time"), "Type a time")
    question = await owner.sees("When shall it go out?")
    again = await says(signed_in, "next friday", "may mean", reply_to=question)
    assert texts(signed_in) == [] and "Write the one that you mean" in again.text
    await says(signed_in, "in 40 days at 9:00", "Goes out on", reply_to=question)

    listed = await says(signed_in, "/queue", "3. ")
    assert "Draft 2" in listed.text.splitlines()[2]
    assert await owner.presses(listed, "3. ↑").answer() == "Moved"
    listed = await owner.sees(lambda m: m.id == listed.id and "Draft 2" in m.text.splitlines()[1])
    owner.presses(listed, "2. Now")
    await card(signed_in, drafts[2])
    assert texts(signed_in) == ["Draft 2"]
    signed_in.owner.presses(listed, "1. Cancel")
    listed = await owner.sees(lambda m: m.id == listed.id and len(m.text.splitlines()) == 1)
    assert await owner.presses(listed, "1. Now").answer() == "On its way"
    await signed_in.eventually(lambda: len(texts(signed_in)) == 2)
