"""Questions that are answered by typing: the answer finds its taker, and is no post."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.messenger import Messenger
from bot.prompts import KEPT, Prompts
from tests.chat import FakeBot
from twitter_core.store import Store

OWNER = 42


class Desk:
    def __init__(self, folder: Path, bot: FakeBot) -> None:
        self.now = 1000.0
        self.bot = bot
        self.store = Store(folder)
        self.taken: list[tuple[str, str]] = []
        messenger = Messenger(cast(Any, bot), (OWNER,), lambda: self.now)
        self.prompts = Prompts(self.store, messenger, clock=lambda: self.now)
        self.prompts.expect("footer", self.take)

    async def take(self, message: Any, about: str) -> None:
        self.taken.append((message.text, about))

    async def answers(self, text: str | None, question: int) -> bool:
        replied = SimpleNamespace(message_id=question)
        message = cast(Any, SimpleNamespace(text=text, chat_id=OWNER, reply_to_message=replied))
        if not self.prompts.is_answer(message):
            return False
        await self.prompts.on_answer(cast(Any, SimpleNamespace(message=message)), cast(Any, None))
        return True


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    bot = FakeBot()
    bot.delay = 0
    desk = Desk(tmp_path, bot)
    yield desk
    await desk.store.close()


async def test_a_reply_to_a_question_goes_to_its_taker(desk: Desk) -> None:
    await desk.prompts.ask(OWNER, "Which footer?", "footer", "42:7")
    (question,) = desk.bot.said
    assert await desk.answers("#telex", question.id)
    assert desk.taken == [("#telex", "42:7")]


async def test_a_reply_to_anything_else_is_no_answer(desk: Desk) -> None:
    await desk.prompts.ask(OWNER, "Which footer?", "footer")
    (question,) = desk.bot.said
    assert not await desk.answers("gm", question.id + 1)
    assert not await desk.answers(None, question.id), "a photo is a post, whatever it replies to"
    assert desk.taken == []


async def test_a_question_is_known_after_a_restart(desk: Desk, tmp_path: Path) -> None:
    await desk.prompts.ask(OWNER, "Which footer?", "footer")
    (question,) = desk.bot.said
    await desk.store.close()
    again = Desk(tmp_path, desk.bot)
    assert await again.answers("#telex", question.id)
    await again.store.close()


async def test_questions_of_last_week_are_forgotten_when_another_is_asked(desk: Desk) -> None:
    await desk.prompts.ask(OWNER, "Which footer?", "footer")
    first = desk.bot.said[0]
    desk.now += KEPT + 1
    await desk.prompts.ask(OWNER, "Which footer?", "footer")
    assert not await desk.answers("#telex", first.id)
    assert await desk.answers("#telex", desk.bot.said[1].id)
