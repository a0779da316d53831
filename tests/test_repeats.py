"""Commands and presses that Telegram delivers twice are done once, two days long."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from telegram import Update

from bot.repeats import Repeats
from twitter_core.store import Store

NOW, DAY = 1_700_000_000.0, 86_400.0
PERSON = {"id": 42, "is_bot": False, "first_name": "O"}


def message(text: str, number: int = 5) -> Update:
    chat = {"id": 42, "type": "private"}
    content = {"message_id": number, "date": 1, "from": PERSON, "chat": chat, "text": text}
    return update(message=content)


def press(number: int = 5) -> Update:
    query = {"id": str(number), "from": PERSON, "chat_instance": "1", "data": "x"}
    return update(callback_query=query)


def update(**content: Any) -> Update:
    made = Update.de_json({"update_id": 1, **content}, None)
    assert made is not None
    return made


class Memory:
    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.store = Store(folder)
        self.repeats = Repeats(self.store, lambda: self.now)


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path)


@pytest.mark.parametrize("make", [lambda n: message("/logout", n), press], ids=["command", "press"])
async def test_it_is_a_repeat_once_it_was_dealt_with_also_after_a_restart(
    memory: Memory, tmp_path: Path, make: Any
) -> None:
    assert not memory.repeats.is_repeat(make(5))
    memory.repeats.note(make(5))
    assert memory.repeats.is_repeat(make(5))
    assert not memory.repeats.is_repeat(make(6))
    await memory.store.close()
    assert Memory(tmp_path).repeats.is_repeat(make(5))


def test_messages_that_become_posts_need_no_memory(memory: Memory) -> None:
    memory.repeats.note(message("hello"))
    assert not memory.repeats.is_repeat(message("hello"))


def test_it_is_forgotten_after_two_days(memory: Memory) -> None:
    memory.repeats.note(press())
    memory.now += 2 * DAY - 1
    memory.repeats.sweep()
    assert memory.repeats.is_repeat(press())
    memory.now += 2
    memory.repeats.sweep()
    assert not memory.repeats.is_repeat(press())
