"""The commands of the shell beside the bot: run to their end, or at a terminal."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator

from tests.stage import ROOT, Stage
from tests.terminal import Terminal, terminal


def command(name: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "bot", name)


def environment(settings: dict[str, str]) -> dict[str, str]:
    return {**settings, "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}


async def telex(stage: Stage, name: str, **changes: str) -> tuple[int, str]:
    """Runs a command without a terminal; its status, and all that it said."""
    process = await asyncio.create_subprocess_exec(
        *command(name),
        cwd=stage.folder,
        env=environment({**stage.settings, **changes}),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    note(stage, said.decode())
    assert process.returncode is not None
    return process.returncode, said.decode()


@contextlib.asynccontextmanager
async def at_a_terminal(
    stage: Stage, name: str, settings: dict[str, str], *, columns: int = 100
) -> AsyncIterator[Terminal]:
    """A command with a person before it."""
    async with terminal(command(name), stage.folder, environment(settings), columns=columns) as it:
        try:
            yield it
        finally:
            note(stage, it.shown)


def note(stage: Stage, said: str) -> None:
    """What is in the log is searched for secrets when the walk is over."""
    with stage.log.open("a") as log:
        log.write(said)


def lines(said: str) -> dict[str, str]:
    """What was found without a terminal, by topic: "wrong …", with the last of each topic."""
    found = {}
    for line in said.splitlines():
        verdict, _, rest = line.partition("  ")
        if verdict.strip() in ("ok", "note", "wrong"):
            topic, _, text = rest.strip().partition(": ")
            found[topic] = f"{verdict.strip()} {text}"
    return found


def wrong(said: str) -> set[str]:
    """The topics that are wrong."""
    return {topic for topic, text in lines(said).items() if text.startswith("wrong ")}
