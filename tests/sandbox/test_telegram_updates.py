"""Long polling: nothing is forgotten before it is acknowledged, and one poll at a time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import telegram
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes

from bot.sandbox.faults import Fault
from bot.sandbox.telegram import TOKEN, Telegram
from bot.sandbox.telegram_updates import DAY, PRESS

START = 1_800_000_000.0


class Setup:
    """A Telegram with a clock that the test moves, and a bot that only polls."""

    def __init__(self) -> None:
        self.now = START
        self.tg = Telegram(clock=lambda: self.now)
        self.owner = self.tg.person()

    async def poll(self, **params: Any) -> httpx.Response:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            return await client.post(f"{self.tg.url}/bot{TOKEN}/getUpdates", json=params)

    async def texts(self, **params: Any) -> list[str]:
        updates = (await self.poll(**params)).json()["result"]
        return [u["message"]["text"] for u in updates if "message" in u]

    async def polls_waiting(self, number: int) -> None:
        """Until so many polls have arrived at Telegram."""
        await self.tg.service.until(lambda: len(self.tg.requests("getUpdates")) >= number)
        for _ in range(20):  # from the arrival of the request to the waiting inside
            await asyncio.sleep(0)


@pytest.fixture
async def it() -> AsyncIterator[Setup]:
    it = Setup()
    await it.tg.start()
    yield it
    await it.tg.stop()


async def test_updates_come_again_until_a_higher_offset_is_named(it: Setup) -> None:
    for text in "abc":
        it.owner.sends_text(text)
    first = it.tg.pending[0]["update_id"]
    assert await it.texts() == ["a", "b", "c"]
    assert await it.texts(limit=2) == ["a", "b"]
    assert await it.texts(offset=first + 1) == ["b", "c"]
    assert await it.texts() == ["b", "c"]
    assert await it.texts(offset=-1) == ["c"]
    assert len(it.tg.pending) == 1
    assert await it.texts(offset=first + 3) == []
    assert it.tg.pending == []


async def test_a_poll_waits_for_the_next_update_and_gets_what_came_at_once_together(
    it: Setup,
) -> None:
    poll = asyncio.create_task(it.texts(timeout=30))
    await it.polls_waiting(1)
    assert not poll.done()
    it.owner.sends_text("a")
    it.owner.sends_text("b")
    assert await poll == ["a", "b"]


async def test_an_empty_poll_ends_after_its_timeout(it: Setup) -> None:
    assert await it.texts(timeout=0) == []
    assert (await it.poll(timeout="soon")).status_code == 400


async def test_a_second_poll_ends_the_first_with_a_conflict(it: Setup) -> None:
    first = asyncio.create_task(it.poll(timeout=30))
    await it.polls_waiting(1)
    second = asyncio.create_task(it.texts(timeout=30))
    answer = await first
    assert answer.status_code == answer.json()["error_code"] == 409
    assert answer.json()["description"].startswith("Conflict: terminated by other getUpdates")
    it.owner.sends_text("for the second")
    assert await second == ["for the second"]


async def test_a_poll_whose_client_left_takes_nothing_along(it: Setup) -> None:
    poll = asyncio.create_task(it.poll(timeout=30))
    await it.polls_waiting(1)
    poll.cancel()
    await it.tg.service.until(lambda: it.tg.requests("getUpdates")[0].ended is not None)
    it.owner.sends_text("still here")
    assert await it.texts() == ["still here"]


async def test_an_answer_that_got_lost_loses_no_update(it: Setup) -> None:
    it.owner.sends_text("a")
    it.tg.faults.add(Fault(path=it.tg.path("getUpdates"), drop="after"))
    with pytest.raises(httpx.RemoteProtocolError):
        await it.poll()
    assert await it.texts() == ["a"]


async def test_stopping_does_not_wait_for_open_polls(it: Setup) -> None:
    poll = asyncio.create_task(it.poll(timeout=50))
    await it.polls_waiting(1)
    async with asyncio.timeout(1):
        await it.tg.stop()
    with pytest.raises(httpx.HTTPError):
        await poll


async def test_updates_vanish_after_a_day_and_presses_after_150_seconds(it: Setup) -> None:
    it.owner.sends_text("kept for a day")
    keyboard = {"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]}
    raw = {"from": it.tg.world.bot, "chat": it.owner.chat.raw, "date": int(START), "text": "?"}
    card = it.tg.world.post(it.owner.chat, raw | {"reply_markup": keyboard}, from_bot=True)
    it.owner.presses(card, "A")
    assert len(it.tg.pending) == 2
    it.now += PRESS
    assert [u.keys() - {"update_id"} for u in it.tg.pending] == [{"message"}]
    it.now += DAY - PRESS
    assert await it.texts() == []


async def test_allowed_kinds_are_remembered_and_hold_for_later_updates_only(it: Setup) -> None:
    group = it.tg.group()
    it.owner.edits(it.owner.sends_text("before"), "before!")
    it.owner.reacts(it.owner.chat.last, "👍")  # comes only to a bot that names it
    assert len(it.tg.pending) == 2
    await it.poll(allowed_updates=["message", "unheard_of"])
    await it.poll()
    it.owner.edits(it.owner.sends_text("after", chat=group), "after!")
    assert len(it.tg.pending) == 3
    assert it.tg.pending[-1]["message"]["text"] == "after"
    it.tg.everything = True
    it.owner.edits(it.owner.chat.last, "all the same")
    assert "edited_message" in it.tg.pending[-1]
    it.tg.everything = False
    await it.poll(allowed_updates=[])
    it.owner.edits(it.owner.chat.last, "again")
    assert len(it.tg.pending) == 5


async def test_an_album_can_be_split_over_two_polls(it: Setup) -> None:
    sent = it.owner.sends_album([b"1", b"2", b"3"], "caption", split=2)
    assert len({m.media_group_id for m in sent}) == 1
    updates = (await it.poll()).json()["result"]
    assert [u["message"].get("caption") for u in updates] == ["caption", None]
    rest = (await it.poll(offset=updates[-1]["update_id"] + 1)).json()["result"]
    assert [u["message"]["message_id"] for u in rest] == [sent[2].id]


async def test_an_acknowledged_update_can_be_delivered_again(it: Setup) -> None:
    it.owner.sends_text("once")
    first = it.tg.pending[0]["update_id"]
    assert await it.texts(offset=first + 1) == []
    it.tg.deliver_again(first)
    assert await it.texts(offset=first + 1) == ["once"]
    assert await it.texts(offset=first + 1) == []


async def test_numbers_may_jump_down_without_losing_anything(it: Setup) -> None:
    it.owner.sends_text("a")
    high = it.tg.pending[0]["update_id"] + 1
    await it.poll(offset=high)
    it.tg.jump()
    it.owner.sends_text("b")
    assert it.tg.pending[0]["update_id"] < high
    assert await it.texts(offset=high) == ["b"]


async def test_a_raw_update_is_delivered_as_it_is_even_if_its_kind_was_not_asked_for(
    it: Setup,
) -> None:
    await it.poll(allowed_updates=["message"])
    number = it.tg.inject({"something_new": {"a": 1}})
    assert (await it.poll()).json()["result"] == [{"update_id": number, "something_new": {"a": 1}}]


async def test_polling_and_a_webhook_exclude_each_other(it: Setup) -> None:
    it.tg.webhook = "https://example.com/hook"
    answer = await it.poll()
    assert answer.status_code == 409
    assert "webhook is active" in answer.json()["description"]
    it.owner.sends_text("dropped")
    async with telegram.Bot(TOKEN, base_url=f"{it.tg.url}/bot") as bot:
        info = await bot.get_webhook_info()
        assert (info.url, info.pending_update_count) == ("https://example.com/hook", 1)
        await bot.delete_webhook(drop_pending_updates=True)
    assert await it.texts() == []


async def test_a_bot_of_ptb_talks_to_its_owner_through_it(it: Setup) -> None:
    async def start(update: telegram.Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        button = telegram.InlineKeyboardButton("Press me", callback_data="pressed")
        markup = telegram.InlineKeyboardMarkup([[button]])
        assert update.effective_message is not None
        await update.effective_message.reply_text("Hello", reply_markup=markup)

    async def pressed(update: telegram.Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        query = update.callback_query
        assert query is not None
        await query.answer("Thank you")
        await query.edit_message_text("Pressed")

    app = Application.builder().token(TOKEN).base_url(f"{it.tg.url}/bot").build()
    app.add_handler(CommandHandler("start", start))
    app.add_handler(CallbackQueryHandler(pressed))
    async with app:
        await app.start()
        assert app.updater is not None
        await app.updater.start_polling(timeout=5)
        it.owner.starts()
        card = await it.owner.sees("Hello")
        press = it.owner.presses(card, "Press me")
        assert await press.answer() == "Thank you"
        assert (await it.owner.sees("Pressed")).history == ("Hello", "Pressed")
        await app.updater.stop()
        await app.stop()
    assert it.tg.pending == []
    assert json.dumps(it.tg.sent)


async def test_what_is_sent_in_the_very_moment_in_which_a_poll_goes_to_sleep_wakes_it(
    it: Setup,
) -> None:
    updates = it.tg.world.updates
    poll = asyncio.ensure_future(updates.get(0, 100, 30, None))
    asyncio.get_running_loop().call_soon(it.owner.sends_text, "just now")  # right behind it
    (update,) = await asyncio.wait_for(poll, 5)
    assert update["message"]["text"] == "just now"


async def test_an_acknowledgement_is_a_change_that_can_be_waited_for(it: Setup) -> None:
    it.owner.sends_text("a")
    (update,) = it.tg.pending
    done = asyncio.ensure_future(it.tg.until(lambda: not it.tg.pending, 5))
    assert await it.texts(offset=update["update_id"] + 1) == []
    await done
