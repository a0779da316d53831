"""`telex demo`: the bot between a Telegram and an X on this machine, as a page or as a tour.

Reads no settings: neither those of the environment nor `.env`. Leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bot.demo.chat import Chat
from bot.demo.house import House
from bot.demo.script import STEPS
from bot.demo.stage import BotEnded, Stage
from bot.demo.tour import perform, tell_log
from bot.demo.transcript import Transcript
from bot.demo.witness import Witness

START = 60.0  # seconds within which the bot has to ask Telegram for messages
Stop = Callable[[signal.Signals], None]


def main(*, tour: bool, page: bool = False) -> int:
    """Serve the page, or play the tour, or (in a terminal) one after the other.

    Returns the exit status, which is 0 only if everything came out right.
    """
    # A closed stdin is None.
    has_terminal = bool(sys.stdin) and sys.stdin.isatty() and sys.stdout.isatty()
    return asyncio.run(_play(tour=tour, page=page and has_terminal, chat=has_terminal))


async def _play(*, tour: bool, page: bool, chat: bool) -> int:
    told: list[signal.Signals] = []
    is_open = False  # the page; to end it is no failure
    with _stoppable(told) as stop:
        show = _transcript(whole=not tour, gone=lambda: stop(signal.SIGPIPE))
        try:
            with tempfile.TemporaryDirectory(
                prefix="telex-demo-", ignore_cleanup_errors=True
            ) as folder:
                stage = Stage(Path(folder))
                if tour and not page:
                    async with stage:
                        status = await _tour(stage, show)
                    if status == 0:
                        show.line(f"To try it yourself: {_command()} demo")
                        show.line("To run it for real: see README.md")
                    return status
                async with stage:
                    if tour and (status := await _tour(stage, show)):
                        return status
                    is_open = True
                    return await _serve(Path(folder), stage, show, chat=chat)
        except asyncio.CancelledError:
            if not told:
                raise
    show.line()  # below the ^C
    show.line("Stopped; everything is tidied away.")
    is_wanted = is_open and told[0] is signal.SIGINT
    return 0 if is_wanted else 128 + told[0]


async def _tour(stage: Stage, show: Transcript) -> int:
    began = time.monotonic()
    show.line("A tour of Telex: the real bot, between a Telegram and an X on this machine.", "bold")
    show.line("No account, no network; your settings are not read, and nothing is kept.")
    if not await perform(stage, show, STEPS):
        return 1
    cost = sum(charge.amount for charge in stage.x.bill)
    show.line()
    show.right(f"All {len(STEPS)} steps came out right, in {time.monotonic() - began:.1f} s.")
    show.line()
    show.line(f"The real X would have charged about ${cost:.2f} for all this.")
    return 0


async def _serve(folder: Path, stage: Stage, show: Transcript, *, chat: bool) -> int:
    show.line("Telex, the real bot, between a Telegram and an X on this machine.", "bold")
    try:
        await stage.within(START, stage.first_poll())
    except (BotEnded, TimeoutError) as error:
        is_ended = isinstance(error, BotEnded)
        show.wrong(f"Telex ended ({error})." if is_ended else "Telex does not start.")
        tell_log(stage, show)
        return 1
    async with House(folder, stage, STEPS) as house:
        show.line(f"  Telegram  {stage.telegram.url}")
        show.line(f"  X         {stage.x.url}, uploads {stage.x.upload_url}")
        show.line(f"  Telex     {stage.x.app.redirect_uris[0]} (the end of the sign-in)")
        show.line(f"  its log   {stage.log}")
        show.line()
        show.line(f"  Open {house.page.url} in a browser.", "bold")
        show.line()
        if not chat:
            await asyncio.Event().wait()  # until a signal
        talk = Chat(stage, show)

        def follow(stage: Stage) -> None:
            Witness(stage, show)
            talk.go_to(stage)

        follow(stage)
        house.on_stage.append(follow)
        await talk.run()
    return 0


def _transcript(*, whole: bool, gone: Callable[[], None]) -> Transcript:
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # an odd encoding must not end the tour
    is_plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    colour = sys.stdout.isatty() and not is_plain  # https://no-color.org
    return Transcript(sys.stdout, colour=colour, whole=whole, gone=gone)


@contextlib.contextmanager
def _stoppable(told: list[signal.Signals]) -> Iterator[Stop]:
    """Signals end the running task in an orderly way; the first one is put into `told`."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def stop(which: signal.Signals) -> None:
        if not told and task is not None:  # a second one must not disturb the tidying up
            told.append(which)
            task.cancel()
        if which is signal.SIGPIPE:
            # Nobody reads any more: what is left in the buffer must not fail at the exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    names = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for name in names:
        loop.add_signal_handler(name, stop, name)
    try:
        yield stop
    finally:
        for name in names:
            loop.remove_signal_handler(name)


def _command() -> str:
    """How Telex is called from this folder."""
    script = Path(sys.executable).with_name("telex")
    if not script.exists():
        return f"{sys.executable} -m bot"
    with contextlib.suppress(OSError):
        if Path(shutil.which("telex") or "").samefile(script):
            return "telex"
    with contextlib.suppress(ValueError):
        return str(script.relative_to(Path.cwd()))
    return str(script)
