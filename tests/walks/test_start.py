"""Beginning while the others are away, ending at a word, and beginning again."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import pytest

from bot.sandbox.server import Exchange, Fault
from bot.sandbox.telegram import Message
from tests.stage import Stage
from tests.walks.pictures import jpeg

MEGABYTE = 1024 * 1024


async def posted(stage: Stage, sent: Message, seconds: float = 10.0) -> Message:
    """The card of what was sent, once it is out."""
    return await stage.owner.sees(
        lambda m: m.reply_to == sent.id and "Posted" in m.text, timeout=seconds
    )


def lines_about(stage: Stage, *words: str) -> list[str]:
    """The lines of the log, above DEBUG, that hold all these words."""
    lines = [line for line in stage.logged().splitlines() if " DEBUG " not in line]
    return [line for line in lines if all(word in line for word in words)]


async def test_with_telegram_away_at_the_start_the_bot_says_so_once_and_keeps_trying(
    stage: Stage,
) -> None:
    await stage.telegram.stop()
    await stage.start()
    await stage.eventually(lambda: lines_about(stage, "Telegram cannot be reached"), 20)
    second = stage.telegram.faults.add(Fault(drop="before"))
    await stage.telegram.start()
    await second.wait()
    await stage.ready()
    await stage.sign_in()
    await posted(stage, stage.owner.sends_photo(jpeg(), "better late"))
    assert len(lines_about(stage, "Telegram cannot be")) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault(times=1, status=502, body="<h1>Bad Gateway</h1>"),
        Fault(
            times=1,
            status=429,
            body={
                "ok": False,
                "error_code": 429,
                "description": "Too Many Requests: retry after 1",
                "parameters": {"retry_after": 1},
            },
        ),
        Fault(times=1, status=500, body={"ok": False, "error_code": 500, "description": "Oops"}),
        Fault(times=1, drop="before"),
        Fault(times=1, status=200, body="<h1>A captive portal</h1>"),
    ],
    ids=["bad gateway", "too many requests", "server error", "hangs up", "captive portal"],
)
async def test_a_telegram_that_is_odd_at_the_start_is_tried_again(
    stage: Stage, fault: Fault
) -> None:
    stage.telegram.faults.add(fault)
    await stage.start()
    await stage.ready()
    await stage.owner.sees("This is Telex")
    assert len(lines_about(stage, "Telegram cannot be reached")) == 1
    assert "Traceback" not in stage.logged()


async def test_with_x_away_at_the_start_what_is_sent_waits_and_goes_out_by_itself(
    signed_in: Stage,
) -> None:
    await signed_in.stop()
    for service in signed_in.x.services:
        await service.stop()
    signed_in.log.unlink()
    await signed_in.start()
    await signed_in.ready()
    first = signed_in.owner.sends_photo(jpeg(), "a photo that waits")
    second = signed_in.owner.sends_text("/post a text that waits")
    for sent in (first, second):
        await signed_in.owner.sees(
            lambda m, s=sent: m.reply_to == s.id and "cannot be reached" in m.text  # type: ignore[misc]
        )
    await asyncio.sleep(3)  # a second try has failed by then
    for service in signed_in.x.services:
        await service.start()
    await posted(signed_in, first, 30)
    await posted(signed_in, second, 30)
    assert [p.text for p in signed_in.x.timeline()] == ["a photo that waits", "a text that waits"]
    assert len(lines_about(signed_in, "X cannot be reached")) == 1


async def test_with_x_away_at_the_first_sign_in_one_is_told_and_the_next_works(
    stage: Stage,
) -> None:
    await stage.x.api.stop()
    await stage.start()
    await stage.ready()
    sent = stage.owner.sends_text("/auth")
    link = await stage.owner.sees("Sign in to X", after=sent)
    sent = stage.owner.sends_text(stage.x.consent(stage.owner.opens(link, "Open X")))
    await stage.owner.sees("could not be reached", after=sent)
    await stage.x.api.start()
    await stage.sign_in()


async def test_sigterm_while_telegram_is_away_ends_the_bot_at_once(stage: Stage) -> None:
    await stage.telegram.stop()
    await stage.start()
    await stage.eventually(lambda: lines_about(stage, "Telegram cannot be reached"), 20)
    begun = time.monotonic()
    assert await stage.stop() == 0
    assert time.monotonic() - begun < 10
    await stage.telegram.start()


async def test_sigterm_before_telegram_has_let_the_bot_begin_ends_it_at_once(stage: Stage) -> None:
    fault = Fault(path=stage.telegram.path("deleteWebhook"), times=None, status=502)
    planted = stage.telegram.faults.add(fault)
    await stage.start()
    await planted.wait(20)
    begun = time.monotonic()
    assert await stage.stop() == 0
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("who", ["telegram", "x"])
async def test_sigterm_while_somebody_does_not_answer_is_not_waited_out(
    signed_in: Stage, who: str
) -> None:
    services = signed_in.x.services if who == "x" else (signed_in.telegram.service,)
    planted = [s.faults.add(Fault(hang="before", times=None)) for s in services]
    if who == "x":
        sent = signed_in.owner.sends_photo(jpeg(), "an upload that hangs")
        signed_in.owner.sends_text("/refresh")
        for fault in planted:
            await fault.wait()
    begun = time.monotonic()
    assert await signed_in.stop() == 0
    assert time.monotonic() - begun < 10
    assert "Traceback" not in signed_in.logged()
    for service in services:
        service.faults.clear()
    signed_in.x.forgiving_refresh = True
    await signed_in.start()
    await signed_in.ready()
    if who == "x":
        await posted(signed_in, sent)
    await posted(signed_in, signed_in.owner.sends_photo(jpeg(), "afterwards"))


async def test_sigterm_in_the_middle_of_an_upload_ends_cleanly_and_a_start_goes_on(
    signed_in: Stage,
) -> None:
    fault = signed_in.x.upload.faults.add(
        Fault(method="POST", path="/1.1/media/upload.json", hang="before")
    )
    sent = signed_in.owner.sends_photo(jpeg(), "interrupted")
    waiting = signed_in.owner.sends_text("/post behind it")
    draft = signed_in.owner.sends_text("a draft")
    await fault.wait()
    await signed_in.owner.sees("a draft")
    begun = time.monotonic()
    assert await signed_in.stop() == 0
    assert time.monotonic() - begun < 12
    assert "Traceback" not in signed_in.logged()
    assert signed_in.x.timeline() == ()
    await signed_in.start()
    await posted(signed_in, sent)
    await posted(signed_in, waiting)
    await signed_in.owner.sees(lambda m: m.reply_to == draft.id and "Later…" in m.labels)
    assert [p.text for p in signed_in.x.timeline()] == ["interrupted", "behind it"]


async def test_sigterm_in_the_middle_of_a_post_neither_loses_nor_doubles_it(
    signed_in: Stage,
) -> None:
    signed_in.x.api.delay = 1.0
    sent = signed_in.owner.sends_text("/post in flight")
    await signed_in.x.api.until(lambda: bool(signed_in.creates()))
    assert await signed_in.stop() == 0
    signed_in.x.api.delay = 0.0
    await signed_in.start()
    await posted(signed_in, sent, 40)
    assert [p.text for p in signed_in.x.timeline()] == ["in flight"]


async def test_a_bot_that_is_killed_as_x_takes_the_post_finds_it_there(signed_in: Stage) -> None:
    async def kill(_: Exchange) -> None:
        await signed_in.kill()

    create = Fault(method="POST", path="/2/tweets", call=kill, when="after")
    fault = signed_in.x.api.faults.add(create)
    sent = signed_in.owner.sends_photo(jpeg(), "the last thing that I do")
    await fault.wait()
    assert signed_in.bot is not None
    await signed_in.bot.wait()
    await signed_in.start()
    card = await posted(signed_in, sent, 40)
    (post,) = signed_in.x.timeline()
    assert f"/status/{post.id}\n$0.01" in card.text
    assert len(signed_in.creates()) == 1


async def test_a_restart_posts_nothing_twice_and_answers_nothing_twice(signed_in: Stage) -> None:
    photo = signed_in.owner.sends_photo(jpeg(), "once")
    await posted(signed_in, photo)
    await posted(signed_in, signed_in.owner.sends_text("/post twice? no"))
    draft = signed_in.owner.sends_text("a draft")
    shown = await signed_in.owner.sees(lambda m: m.reply_to == draft.id)
    said = len(signed_in.owner.chat.from_bot)
    for _ in range(2):
        assert await signed_in.stop() == 0
        await signed_in.start()
        await signed_in.ready()
    sent = signed_in.owner.sends_text("/queue")
    await signed_in.owner.sees("a draft", after=sent)
    assert len(signed_in.owner.chat.from_bot) == said + 1
    assert len(signed_in.creates()) == 2 and len(signed_in.uploads()) == 1
    signed_in.owner.presses(shown, "Post")  # a button from before the restarts
    await posted(signed_in, draft)
    assert [p.text for p in signed_in.x.timeline()] == ["once", "twice? no", "a draft"]


async def test_what_arrived_while_the_bot_was_down_goes_out_in_its_order(signed_in: Stage) -> None:
    assert await signed_in.stop() == 0
    texts = [f"number {n}" for n in range(5)]
    sent = [signed_in.owner.sends_photo(jpeg(), text) for text in texts]
    await signed_in.start()
    for message in sent:
        await posted(signed_in, message)
    assert [p.text for p in signed_in.x.timeline()] == texts


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_it_stays_small(signed_in: Stage) -> None:
    """A loose bound; `test_the_start_is_cheap` measures."""
    await posted(signed_in, signed_in.owner.sends_photo(jpeg(), "a photo"))
    assert signed_in.bot is not None
    _, resident = spent(signed_in.bot.pid)
    assert resident < 110 * MEGABYTE, f"{resident / MEGABYTE:.0f} MB"


def spent(pid: int) -> tuple[float, int]:
    """Seconds of CPU and bytes of resident memory of a process."""
    import os

    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    status = Path(f"/proc/{pid}/status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1]
    return ticks / os.sysconf("SC_CLK_TCK"), int(resident) * 1024


@pytest.mark.bench
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_the_start_is_cheap(signed_in: Stage) -> None:
    """At most 1.2 s of CPU to the first poll of a second start, and less than 100 MB."""
    numbers: list[tuple[float, int]] = []

    def look(what: str, exchange: Exchange) -> None:
        if what == "start" and exchange.path.endswith("/getUpdates") and not numbers:
            assert signed_in.bot is not None
            numbers.append(spent(signed_in.bot.pid))

    runs: list[tuple[float, int, int]] = []
    for _ in range(5):
        await signed_in.stop()
        numbers.clear()
        signed_in.telegram.service.on_exchange[:] = [look]
        await signed_in.start()
        await signed_in.ready()
        await posted(signed_in, signed_in.owner.sends_photo(jpeg(), f"run {len(runs)}"))
        assert signed_in.bot is not None
        runs.append((*numbers[0], spent(signed_in.bot.pid)[1]))
    for cpu, at_poll, after_post in runs:
        print(
            f"first poll after {cpu:.2f} s of CPU, {at_poll / MEGABYTE:.0f} MB; "
            f"after a photo {after_post / MEGABYTE:.0f} MB"
        )
    assert min(cpu for cpu, _, _ in runs) <= 1.2
    assert max(resident for _, resident, _ in runs) < 100 * MEGABYTE
    assert max(resident for _, _, resident in runs) < 100 * MEGABYTE
