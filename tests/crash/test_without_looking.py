"""Where X lets nobody look whether a post is out, the card asks, and each answer ends well."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bot.sandbox.server import Exchange, Fault
from bot.sandbox.telegram import Message
from tests.crash.nest import nest
from tests.crash.play import Performance, Wrong, needs_proc
from tests.crash.scenes import SCENES, Scene

pytestmark = needs_proc

How = Literal["dropped", "killed"]
When = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Case:
    """An answer of the owner's to the question, and how many posts there must be then."""

    scene: Scene
    how: How
    when: When
    answer: str
    posts: int
    card: str  # what it shows in the end


def cases() -> list[Case]:
    # The owner looks at the profile first, so these are the true answers …
    answers: list[tuple[When, str, int, str]] = [
        ("after", "It is there", 1, "Posted, as you say"),
        ("after", "Discard", 1, "It may be on X all the same"),
        ("before", "Post again", 1, "Posted: https://x.com/"),
        ("before", "Discard", 0, "It may be on X all the same"),
        # … and this one is not, but then the owner's word counts.
        ("before", "It is there", 0, "Posted, as you say"),
    ]
    # A text that is there all the same is refused by X.
    of_texts: list[tuple[When, str, int, str]] = [("after", "Post again", 1, "is it there?")]
    hows: tuple[How, ...] = ("dropped", "killed")
    return [
        Case(scene, how, *rest)
        for scene in SCENES
        if scene.name in ("photo", "text")
        for how in hows
        for rest in (answers if scene.name == "photo" else [*answers, *of_texts])
    ]


async def _ask(it: Performance, case: Case) -> Message:
    """The create gets no clear answer; returns the card that asks."""
    it.stage.x.lookup_refused = True
    acting = asyncio.create_task(it.act())
    if case.how == "dropped":
        fault = Fault(method="POST", path="/2/tweets", drop=case.when)
        it.stage.x.api.faults.add(fault)
        await it.start()
    else:

        async def kill(_: Exchange) -> None:
            assert it.life is not None
            await it.life.kill()

        fault = Fault(method="POST", path="/2/tweets", call=kill, when=case.when)
        it.stage.x.api.faults.add(fault)
        life = await it.start()
        if await life.wait(30) is None:
            raise Wrong("the bot never came to the create")
        await it.start()
    await acting
    return await it.stage.owner.sees(lambda message: "It is there" in message.labels, timeout=40)


async def _answer(it: Performance, case: Case, card: Message) -> None:
    owner, x = it.stage.owner, it.stage.x
    if card.labels != ("It is there", "Post again", "Discard"):
        raise Wrong(f"the card asks with {card.labels}")
    owner.presses(card, case.answer)

    def now(text: str) -> Callable[[Message], bool]:
        return lambda message: message.id == card.id and text in message.text

    if (case.when, case.answer) == ("after", "Post again"):
        # X calls it a duplicate, which without a look says nothing about whose the other one is.
        await it.stage.telegram.until(lambda: len(it.stage.creates()) == 2, 20)
        again = await owner.sees(
            lambda message: message.id == card.id and message.edited >= card.edited + 2, timeout=20
        )
        owner.presses(again, "It is there")
        await owner.sees(now("Posted, as you say"), timeout=20)
    else:
        await owner.sees(now(case.card), timeout=20)
    await it.has_ended("cancelled" if case.answer == "Discard" else "done")
    if len(x.timeline()) != case.posts:
        raise Wrong(f"{len(x.timeline())} posts\n{owner.chat}")


async def test_without_looking_the_card_asks_and_no_answer_makes_two(tmp_path: Path) -> None:
    wrong: list[Exception] = []

    async def one(number: int, case: Case) -> None:
        it = Performance(nursery, case.scene, tmp_path / str(number))
        await it.set_up()
        try:
            card = await _ask(it, case)
            await _answer(it, case, card)
            it.check()
        except Exception as error:  # noqa: BLE001 - all of them are raised in the end
            error.add_note(f"{case} (in {tmp_path / str(number)})")
            wrong.append(error)
        finally:
            await it.tear_down()

    async with nest() as nursery:
        await asyncio.gather(*(one(number, case) for number, case in enumerate(cases())))
    if wrong:
        raise ExceptionGroup(f"{len(wrong)} of {len(cases())} cases", wrong)
