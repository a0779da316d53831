"""Telegram's files on this disk: fetched once, whole, and deleted without a fuss."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from telegram import Bot

from bot.files import TelegramFiles
from bot.request import BotRequest
from twitter_core.entry import Entry, State
from twitter_core.post import Media, Post

CONTENT = bytes([7]) * 1000
ONE, OTHER = Media("ref-a", name="same", size=1000), Media("ref-b", name="same", size=1000)


class FakeTelegram:
    """A Bot API server that stops half-way through each download until `gate` opens."""

    def __init__(self) -> None:
        self.downloads: list[str] = []
        self.gate = asyncio.Event()

    async def get_file(self, ref: str) -> SimpleNamespace:
        return SimpleNamespace(file_path=ref)

    async def download(self, url: str, path: Path) -> None:
        self.downloads.append(url)
        with path.open("wb") as file:
            file.write(CONTENT[:500])
            file.flush()
            await self.gate.wait()
            file.write(CONTENT[500:])


def files_of(folder: Path, telegram: FakeTelegram) -> TelegramFiles:
    return TelegramFiles(folder, cast(Bot, telegram), cast(BotRequest, telegram), None)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def entry_with(media: Media) -> Entry:
    return Entry("7:1", State.QUEUED, Post("", (media,)), 1.0)


async def test_two_file_ids_of_one_picture_are_one_download_and_one_whole_file(
    tmp_path: Path,
) -> None:
    telegram = FakeTelegram()
    files = files_of(tmp_path, telegram)
    asked = [asyncio.create_task(files.fetch(media)) for media in (ONE, OTHER)]
    while not telegram.downloads:
        await asyncio.sleep(0)
    telegram.gate.set()
    for path in await asyncio.gather(*asked):
        assert path.read_bytes() == CONTENT
    assert len(telegram.downloads) == 1
    assert names(tmp_path) == ["same"]


async def test_what_is_there_already_is_not_fetched_again(tmp_path: Path) -> None:
    telegram = FakeTelegram()
    telegram.gate.set()
    files = files_of(tmp_path, telegram)
    assert await files.fetch(ONE) == await files.fetch(OTHER)
    assert telegram.downloads == ["ref-a"]


def refuse(*args: object, **kwargs: object) -> None:
    raise OSError(30, "Read-only file system")


async def test_a_file_that_cannot_be_deleted_is_logged_and_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    files = files_of(tmp_path, FakeTelegram())
    (tmp_path / "same").write_bytes(CONTENT)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        files.release(entry_with(ONE))
        files.keep_only(())
    assert caplog.messages == [f"a file in {tmp_path} cannot be deleted: Read-only file system"] * 2
    files.release(entry_with(ONE))
    assert names(tmp_path) == []


async def test_a_folder_that_cannot_be_listed_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = files_of(tmp_path / "media", FakeTelegram())
    (tmp_path / "media").rmdir()
    files.keep_only(())
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


async def test_only_what_a_post_needs_is_kept(tmp_path: Path) -> None:
    files = files_of(tmp_path, FakeTelegram())
    for name in ("same", "same.part", "other"):
        (tmp_path / name).touch()
    files.keep_only((entry_with(ONE),))
    assert names(tmp_path) == ["same"]
