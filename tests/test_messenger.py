"""What the bot says: paced, repeated where it did not arrive, and given up where it cannot."""

from __future__ import annotations

import asyncio
import datetime
import itertools
from typing import Any, cast

import pytest
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TimedOut

from bot.card import Button, View
from bot.messenger import BURST, TRIES, Gone, Messenger, Pace, keyboard
from tests.chat import FakeBot
from tests.clockwork import jumping

# The library warns of a change to come in RetryAfter wherever it makes one.
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")

OWNER, OTHER = 42, 44
HELLO = View("hello")
MINUTE = 60.0


def messenger(bot: FakeBot, *owners: int) -> Messenger:
    clock = asyncio.get_running_loop().time
    return Messenger(cast(Any, bot), owners or (OWNER,), clock)


@jumping
async def test_a_message_arrives_with_its_buttons_as_a_reply() -> None:
    bot = FakeBot()
    view = View("hello", ((Button("Post", "post:1"), Button("Open", url="https://x.com")),))
    number = await messenger(bot).send(OWNER, view, reply_to=5)
    said = bot.messages[number]
    assert (said.chat, said.text, said.reply_to) == (OWNER, "hello", 5)
    assert said.labels == ["Post", "Open"]


def test_without_buttons_there_is_no_keyboard() -> None:
    assert keyboard(HELLO) is None


@pytest.mark.parametrize("call", ["send", "edit"])
@pytest.mark.parametrize(
    "make",
    [lambda: TimedOut(), lambda: NetworkError("gone"), lambda: RetryAfter(3)],
    ids=["TimedOut", "NetworkError", "RetryAfter"],
)
@jumping
async def test_what_did_not_arrive_is_said_again(call: str, make: Any) -> None:
    bot = FakeBot()
    it = messenger(bot)
    number = await it.send(OWNER, View("before"))
    bot.fails(call, *(make() for _ in range(3)))
    if call == "send":
        await it.send(OWNER, HELLO)
    else:
        await it.edit(OWNER, number, HELLO)
    assert [said.text for said in bot.said][-1] == "hello"


@jumping
async def test_after_a_time_out_it_is_sent_anew_for_twice_is_better_than_never() -> None:
    bot = FakeBot()
    bot.fails("send", TimedOut(), effect=True)
    number = await messenger(bot).send(OWNER, HELLO)
    assert [said.text for said in bot.said] == ["hello", "hello"]
    assert number == bot.said[-1].id


@jumping
async def test_an_edit_that_took_effect_before_its_time_out_is_done() -> None:
    bot = FakeBot()
    it = messenger(bot)
    number = await it.send(OWNER, View("before"))
    bot.fails("edit", TimedOut(), effect=True)
    await it.edit(OWNER, number, HELLO)
    assert bot.messages[number].texts == ["before", "hello"]


@pytest.mark.parametrize("as_timedelta", ["0", "1"])
@pytest.mark.parametrize("seconds", [3, 20, 1.5])
@jumping
async def test_where_telegram_asks_for_patience_it_is_given(
    monkeypatch: pytest.MonkeyPatch, seconds: float, as_timedelta: str
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", as_timedelta)  # how the library is to give it
    bot = FakeBot()
    bot.fails("send", RetryAfter(datetime.timedelta(seconds=seconds)))
    await messenger(bot).send(OWNER, HELLO)
    first, second = bot.times["send"]
    assert seconds < second - first < seconds + 2


@jumping
async def test_a_dead_network_is_tried_ever_more_rarely_and_then_given_up() -> None:
    bot = FakeBot()
    bot.fails("send", *(NetworkError("gone") for _ in range(100)))
    with pytest.raises(NetworkError):
        await messenger(bot).send(OWNER, HELLO)
    times = bot.times["send"]
    assert len(times) == TRIES
    waits = [later - sooner for sooner, later in itertools.pairwise(times)]
    assert waits == sorted(waits)


@pytest.mark.parametrize("call", ["send", "edit"])
@jumping
async def test_a_chat_that_is_closed_to_the_bot_is_gone(call: str) -> None:
    bot = FakeBot()
    it = messenger(bot)
    number = await it.send(OWNER, View("before"))
    bot.fails(call, Forbidden("bot was blocked by the user"))
    with pytest.raises(Gone):
        await (it.send(OWNER, HELLO) if call == "send" else it.edit(OWNER, number, HELLO))
    assert len(bot.times[call]) == (2 if call == "send" else 1)


@jumping
async def test_a_chat_that_is_not_there_is_gone() -> None:
    bot = FakeBot()
    bot.fails("send", BadRequest("Chat not found"))
    with pytest.raises(Gone):
        await messenger(bot).send(OWNER, HELLO)


@pytest.mark.parametrize(
    "why",
    [
        "Message to edit not found",
        "Message can't be edited",
        "MESSAGE_ID_INVALID",
        "Message_id_invalid",
    ],
)
@jumping
async def test_a_message_that_cannot_be_edited_any_more_is_gone(why: str) -> None:
    bot = FakeBot()
    it = messenger(bot)
    number = await it.send(OWNER, View("before"))
    bot.fails("edit", BadRequest(why))
    with pytest.raises(Gone):
        await it.edit(OWNER, number, HELLO)


@jumping
async def test_an_edit_that_changes_nothing_is_done() -> None:
    bot = FakeBot()
    it = messenger(bot)
    number = await it.send(OWNER, HELLO)
    await it.edit(OWNER, number, HELLO)
    assert len(bot.times["edit"]) == 1


@pytest.mark.parametrize("call", ["send", "edit"])
@jumping
async def test_what_telegram_does_not_take_is_not_said_again_and_again(call: str) -> None:
    bot = FakeBot()
    it = messenger(bot)
    number = await it.send(OWNER, View("before"))
    bot.times.clear()
    bot.fails(call, BadRequest("Message is too long"))
    with pytest.raises(BadRequest):
        await (it.send(OWNER, HELLO) if call == "send" else it.edit(OWNER, number, HELLO))
    assert len(bot.times[call]) == 1


@jumping
async def test_a_burst_passes_and_then_a_card_a_second_in_each_chat() -> None:
    it = messenger(FakeBot())
    clock = asyncio.get_running_loop().time
    passed: list[float] = []

    async def card(chat: int) -> None:
        await it.pace(chat)
        passed.append(clock())

    await asyncio.gather(*(card(OWNER) for _ in range(BURST + 10)))
    assert passed == pytest.approx([0.0] * BURST + list(range(1, 11)), abs=0.01)
    begun = clock()
    await it.pace(OTHER)
    assert clock() == begun


@jumping
async def test_an_answer_does_not_wait_behind_a_burst_of_cards() -> None:
    bot = FakeBot()
    it = messenger(bot)
    cards = [asyncio.create_task(it.pace(OWNER)) for _ in range(3 * BURST)]
    await asyncio.sleep(0)
    await it.send(OWNER, HELLO)
    assert bot.times["send"] == [0.0]
    await asyncio.gather(*cards)


def test_quiet_gives_the_burst_back_and_no_more_than_that() -> None:
    at = 0.0
    pace = Pace(lambda: at)
    assert [pace.wait() for _ in range(BURST + 2)][-2:] == [1.0, 2.0]
    at = 7 * 86_400.0
    assert [pace.wait() for _ in range(BURST + 1)] == [0.0] * BURST + [1.0]


@jumping
async def test_a_notice_goes_to_every_owner_and_one_that_fails_harms_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bot = FakeBot()
    bot.fails("send", Forbidden("bot was blocked by the user"))
    it = messenger(bot, OWNER, OTHER)
    it.notify(HELLO)
    await asyncio.sleep(5)
    assert [said.chat for said in bot.said] == [OTHER]
    assert "a notice could not be sent" in caplog.text


@jumping
async def test_at_the_end_what_is_being_said_is_given_a_moment_and_no_more() -> None:
    bot = FakeBot()
    it = messenger(bot)
    it.tell(OWNER, HELLO)
    await it.stop()
    assert [said.text for said in bot.said] == ["hello"]
    bot.fails("send", *(NetworkError("gone") for _ in range(100)))
    it.tell(OWNER, HELLO)
    begun = asyncio.get_running_loop().time()
    await it.stop()
    assert asyncio.get_running_loop().time() - begun <= 3.1
    await it.stop()
