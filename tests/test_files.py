"""Telegram's files on this disk: fetched once, whole, and deleted without a fuss."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from telegram import Bot
from telegram.error import BadRequest, TelegramError

from bot.files import LOCAL_PATIENCE, TelegramFiles
from bot.request import BotRequest
from twitter_core.entry import Entry, State
from twitter_core.errors import Refusal
from twitter_core.media import Unusable
from twitter_core.post import Media, Post

CONTENT = bytes([7]) * 1000
ONE, OTHER = Media("ref-a", name="same", size=1000), Media("ref-b", name="same", size=1000)


class FakeTelegram:
    """A Bot API server that stops half-way through each download until `gate` opens."""

    base_file_url = "http://127.0.0.1:8081/file/bot123:token"

    def __init__(self, path: str = "") -> None:
        self.path = path  # that it answers with; empty: the file id
        self.error: TelegramError | None = None
        self.downloads: list[str] = []
        self.patience: list[float | None] = []
        self.gate = asyncio.Event()

    async def get_file(self, ref: str, *, read_timeout: float | None = None) -> SimpleNamespace:
        self.patience.append(read_timeout)
        if self.error is not None:
            raise self.error
        return SimpleNamespace(file_path=self.path or ref)

    async def download(self, url: str, path: Path) -> None:
        self.downloads.append(url)
        with path.open("wb") as file:
            file.write(CONTENT[:500])
            file.flush()
            await self.gate.wait()
            file.write(CONTENT[500:])


def files_of(folder: Path, telegram: FakeTelegram, local: Path | None = None) -> TelegramFiles:
    return TelegramFiles(folder, cast(Bot, telegram), cast(BotRequest, telegram), local)


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


# --- a local Bot API server -------------------------------------------------------------------


@pytest.fixture
def local(tmp_path: Path) -> Path:
    """The folder of a local Bot API server, with one file in it."""
    folder = tmp_path / "server"
    (folder / "videos").mkdir(parents=True)
    (folder / "videos" / "file_0.mp4").write_bytes(CONTENT)
    return folder


async def refusal(files: TelegramFiles, media: Media = ONE) -> tuple[Refusal, str]:
    with pytest.raises(Unusable) as told:
        await files.fetch(media)
    return told.value.refusal, told.value.detail


async def test_a_file_of_a_local_server_is_read_where_it_is_and_stays_there(
    tmp_path: Path, local: Path
) -> None:
    there = local / "videos" / "file_0.mp4"
    files = files_of(tmp_path / "media", FakeTelegram(str(there)), local)
    assert await files.fetch(ONE) == there
    files.release(entry_with(ONE))
    files.keep_only(())
    assert there.read_bytes() == CONTENT
    assert names(tmp_path / "media") == []


async def test_a_local_server_has_time_to_fetch_a_large_file_itself(
    tmp_path: Path, local: Path
) -> None:
    telegram = FakeTelegram(str(local / "videos" / "file_0.mp4"))
    telegram.gate.set()
    await files_of(tmp_path / "media", telegram, local).fetch(ONE)
    telegram.path = ""
    await files_of(tmp_path / "media", telegram).fetch(ONE)
    assert telegram.patience == [LOCAL_PATIENCE, None]


@pytest.mark.parametrize(
    "path",
    [
        "{local}/../secret",
        "{local}/videos/../../secret",
        "{local}/link",
        "{local}/folder/secret",
        "{outside}/secret",
        "/etc/hostname",
    ],
)
async def test_nothing_outside_of_the_local_servers_folder_is_read(
    tmp_path: Path, local: Path, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "secret").write_bytes(CONTENT)
    (local / "link").symlink_to(tmp_path / "secret")
    (local / "folder").symlink_to(tmp_path)
    path = path.format(local=local, outside=tmp_path)
    for told in (path, f"{FakeTelegram.base_file_url}/{path}"):  # there, or not there
        files = files_of(tmp_path / "media", FakeTelegram(told), local)
        assert await refusal(files) == (Refusal.FILE_UNREADABLE, "")
    assert "secret" not in caplog.text and "hostname" not in caplog.text
    assert names(tmp_path / "media") == []


async def test_a_folder_that_is_itself_a_link_is_one_folder(tmp_path: Path, local: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(local)
    there = link / "videos" / "file_0.mp4"
    for folder in (link, local):
        files = files_of(tmp_path / "media", FakeTelegram(str(there)), folder)
        assert (await files.fetch(ONE)).read_bytes() == CONTENT


async def test_a_file_that_the_local_server_has_deleted_is_gone(
    tmp_path: Path, local: Path
) -> None:
    gone = f"{FakeTelegram.base_file_url}/{local}/videos/file_9.mp4"
    files = files_of(tmp_path / "media", FakeTelegram(gone), local)
    assert await refusal(files) == (Refusal.FILE_GONE, "")


async def test_a_file_that_may_not_be_read_is_told_instead_of_tried_for_ever(
    tmp_path: Path, local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbid(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    files = files_of(tmp_path / "media", FakeTelegram(str(local / "videos/file_0.mp4")), local)
    for blocked in ("open", "is_file"):
        with monkeypatch.context() as patch:
            patch.setattr(Path, blocked, forbid)
            assert await refusal(files) == (Refusal.FILE_UNREADABLE, "")


async def test_a_local_server_whose_folder_is_not_named_is_told(
    tmp_path: Path, local: Path
) -> None:
    there = local / "videos" / "file_0.mp4"
    for path in (str(there), f"{FakeTelegram.base_file_url}/{there}"):
        telegram = FakeTelegram(path)
        assert await refusal(files_of(tmp_path / "media", telegram)) == (
            Refusal.FILE_UNREADABLE,
            "",
        )
        assert telegram.downloads == []


async def test_a_local_server_without_local_gives_its_files_by_http(
    tmp_path: Path, local: Path
) -> None:
    telegram = FakeTelegram(f"{FakeTelegram.base_file_url}/videos/file_0.mp4")
    telegram.gate.set()
    files = files_of(tmp_path / "media", telegram, local)
    assert (await files.fetch(ONE)).read_bytes() == CONTENT
    assert telegram.downloads == [telegram.path]


@pytest.mark.parametrize(("size", "told"), [(31 * 1024 * 1024, "31.0 MB"), (None, "")])
async def test_a_file_over_20_mb_is_told_with_its_size(
    tmp_path: Path, size: int | None, told: str
) -> None:
    telegram = FakeTelegram()
    telegram.error = BadRequest("File is too big")
    files = files_of(tmp_path / "media", telegram)
    assert await refusal(files, Media("ref", size=size)) == (Refusal.FILE_TOO_LARGE, told)
