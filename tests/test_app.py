"""Starting with a data folder that cannot be used: one line, status 2, and nothing is touched."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from bot import app
from bot.lifecycle import Parts
from twitter_core.history import History

ROOT = Path(__file__).parent.parent


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    """`telex run` with `folder`/data, and nothing to reach at Telegram's address."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TELEGRAM_BOT_TOKEN": "1:abc",
        "TELEGRAM_OWNER_IDS": "7",
        "TELEGRAM_API_URL": "http://127.0.0.1:9",
        "X_CLIENT_ID": "client",
        "LISTEN": "",
        "DATA_DIR": str(folder / "data"),
    }
    return subprocess.run(
        [sys.executable, "-m", "bot", "run"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def a_file(name: str) -> Callable[[Path], Path]:
    def make(data: Path) -> Path:
        (data / name).write_text("what is this?")
        return data / name

    return make


def a_folder_as_month(data: Path) -> Path:
    month = data / "history" / f"{datetime.fromtimestamp(time.time(), UTC):%Y-%m}.jsonl"
    month.mkdir(parents=True)
    return month


def a_folder_as_batch(data: Path) -> Path:
    batch = data / "inbox" / "000000000001.json"
    batch.mkdir(parents=True)
    return batch


@pytest.mark.parametrize(
    "spoil",
    [a_file("inbox"), a_file("media"), a_file("history"), a_folder_as_month, a_folder_as_batch],
    ids=["inbox", "media", "history", "month", "batch"],
)
def test_what_cannot_be_used_in_the_data_folder_is_one_line_and_status_2(
    tmp_path: Path, spoil: Callable[[Path], Path]
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    spoiled = spoil(data)
    ended = run(tmp_path)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1), ended.stderr
    assert ended.stderr.startswith("telex: ")
    named = data if spoiled.name == "history" else spoiled  # the store makes that one itself
    assert f"{named} cannot be " in ended.stderr
    assert spoiled.exists()


async def test_what_the_history_tells_from_its_thread_is_heard_in_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: asyncio.Queue[tuple[str, bool]] = asyncio.Queue()
    history = History(tmp_path / "not there")

    class Disk:
        def wrote(self, writer: str, error: OSError | None) -> None:
            asyncio.get_running_loop()  # raises elsewhere
            heard.put_nowait((writer, error is not None))

    class Run:
        def __init__(self, parts: Parts) -> None:
            pass

        async def run(self) -> bool:
            with pytest.raises(OSError):
                await asyncio.to_thread(history.append, [(1.0, {})])
            return True

    monkeypatch.setattr(app, "Lifecycle", Run)
    parts = SimpleNamespace(store=SimpleNamespace(history=history), disk=Disk())
    assert await app._run(cast(Parts, parts))
    assert await asyncio.wait_for(heard.get(), 5) == ("history", True)
