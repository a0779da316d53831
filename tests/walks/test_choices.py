"""/settings through the real process: what is chosen there holds for the next post."""

from __future__ import annotations

import json
from typing import Any

from bot.sandbox.telegram import Message
from tests.stage import Stage
from tests.walks.pictures import jpeg


async def settings(stage: Stage) -> Message:
    """The message that /settings answers with."""
    sent = stage.owner.sends_text("/settings")
    return await stage.owner.sees("Settings", after=sent)


async def choose(stage: Stage, *labels: str) -> None:
    """Press one button after the other, each once the page shows it."""
    page = await settings(stage)
    for label in labels:
        shown = await stage.owner.sees(
            lambda m, label=label: m.id == page.id and label in m.labels  # type: ignore[misc]
        )
        stage.owner.presses(shown, label)
    await stage.owner.sees(lambda m: m.id == page.id and m.text.startswith("Settings"))


def created(stage: Stage) -> dict[str, Any]:
    """The body of the last post."""
    body: dict[str, Any] = json.loads(stage.creates()[-1].body)
    return body


async def test_flags_and_who_may_reply_go_with_every_post_after_a_restart_too(
    signed_in: Stage,
) -> None:
    await choose(signed_in, "Made with AI: off", "Paid partnership: off", "Who may reply")
    await choose(signed_in, "Who may reply", "verified accounts")
    await signed_in.stop()
    await signed_in.start()
    await signed_in.ready()
    sent = signed_in.owner.sends_photo(jpeg(), "new")
    await signed_in.owner.sees(lambda m: m.reply_to == sent.id and "Posted" in m.text)
    body = created(signed_in)
    assert body["made_with_ai"] is True
    assert body["paid_partnership"] is True
    assert body["reply_settings"] == "verified"


async def test_a_footer_is_typed_shown_and_removed(signed_in: Stage) -> None:
    page = await settings(signed_in)
    signed_in.owner.presses(page, "Footer")
    question = await signed_in.owner.sees("at the end of every post")
    signed_in.owner.sends_text("#telex " * 30, reply_to=question)
    again = await signed_in.owner.sees("is the most for a footer", after=question)
    signed_in.owner.sends_text("#telex", reply_to=again)
    await signed_in.owner.sees("Footer: #telex", after=again)
    sent = signed_in.owner.sends_photo(jpeg(), "with it")
    await signed_in.owner.sees(lambda m: m.reply_to == sent.id and "Posted" in m.text)
    assert signed_in.x.timeline()[-1].text == "with it\n\n#telex"
    await choose(signed_in, "Footer", "Remove")
    sent = signed_in.owner.sends_photo(jpeg(), "without")
    await signed_in.owner.sees(lambda m: m.reply_to == sent.id and "Posted" in m.text)
    assert signed_in.x.timeline()[-1].text == "without"


async def test_names_become_links_from_the_press_on(signed_in: Stage) -> None:
    sent = signed_in.owner.sends_photo(jpeg(), "with @durov")
    told = await signed_in.owner.sees(lambda m: m.reply_to == sent.id and "Posted" in m.text)
    assert "@durov is whoever has that name there" in told.text
    await choose(signed_in, "Names as links: off")
    sent = signed_in.owner.sends_photo(jpeg(), "with @durov")
    told = await signed_in.owner.sees(lambda m: m.reply_to == sent.id and "Posted" in m.text)
    assert "whoever has that name" not in told.text
    assert json.loads(signed_in.creates()[-1].body)["text"] == "with https://t.me/durov"


async def test_with_threads_off_a_long_text_is_told_and_can_become_one_all_the_same(
    signed_in: Stage,
) -> None:
    await choose(signed_in, "Threads: on")
    sent = signed_in.owner.sends_photo(jpeg(), "one " * 50 + "two " * 24 + "end")
    asked = await signed_in.owner.sees(
        lambda m: m.reply_to == sent.id and "19 characters too long" in m.text
    )
    assert signed_in.creates() == []
    signed_in.owner.presses(asked, "Post as a thread")
    await signed_in.owner.sees(
        lambda m: m.reply_to == sent.id and "Posted as a thread of 2" in m.text
    )
    assert len(signed_in.x.timeline()) == 2


async def test_a_page_of_the_settings_pressed_twice_is_pressed_once(signed_in: Stage) -> None:
    page = await settings(signed_in)
    signed_in.owner.presses(page, "Quiet: off")
    signed_in.owner.presses(page, "Quiet: off")
    await signed_in.owner.sees(lambda m: m.id == page.id and "Quiet: on" in m.labels)
    await signed_in.telegram.service.until(
        lambda: len(signed_in.telegram.requests("answerCallbackQuery")) >= 2, 10
    )
    assert "Quiet: on" in (await settings(signed_in)).labels


async def test_a_time_zone_is_typed_and_times_are_shown_in_it(signed_in: Stage) -> None:
    page = await settings(signed_in)
    signed_in.owner.presses(page, "Time zone")
    question = await signed_in.owner.sees("Whose clock counts?")
    signed_in.owner.sends_text("springfield by the sea", reply_to=question)
    again = await signed_in.owner.sees("I know of no time zone", after=question)
    signed_in.owner.sends_text("kolkata", reply_to=again)
    await signed_in.owner.sees("Time zone: Asia/Kolkata", after=again)
    sent = signed_in.owner.sends_text("/status")
    assert " IST" in (await signed_in.owner.sees("Sign-in: good", after=sent)).text
