"""Files that are too large for Telegram's own servers, from a local Bot API server's folder to X."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.faults import Fault
from bot.sandbox.x_world import Limit
from tests import films, makers, processes
from tests.stage import Stage
from tests.walks.cards import card, texts
from tests.walks.pictures import jpeg

MB = 1024 * 1024


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the local Bot API server."""
    made = tmp_path / "server"
    made.mkdir()
    return made


@pytest.fixture
async def local(stage: Stage, folder: Path) -> Stage:
    """A local Bot API server stands between Telegram and the bot, which is signed in."""
    stage.telegram.local_files = folder
    stage.settings |= stage.telegram.settings()
    await stage.start()
    await stage.ready()
    await stage.sign_in()
    return stage


def prints(path: Path) -> Iterator[str]:
    """The fingerprint of each megabyte of a file."""
    with path.open("rb") as file:
        while part := file.read(MB):
            yield hashlib.sha256(part).hexdigest()


async def restart(stage: Stage, **settings: str) -> int:
    """The bot with other settings; returns its process."""
    await stage.stop()
    stage.settings |= settings
    await stage.start()
    await stage.ready()
    assert stage.bot is not None
    return stage.bot.pid


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the memory of a process")
async def test_a_video_of_500_mb_raises_the_bots_memory_by_less_than_30_mb(
    local: Stage, tmp_path: Path
) -> None:
    film = films.large(tmp_path / "film.mp4", 500 * MB)
    wanted = tuple(prints(film))
    local.x.limits["upload"] = Limit(2000)  # the wait for the next window has its own walk
    for way in ("v1.1", "v2"):
        pid = await restart(local, X_UPLOAD=way, LOG_LEVEL="INFO")
        before = processes.resident(pid)
        processes.forget_peak(pid)
        sent = local.owner.sends_video(film, f"By {way}")
        shown = await card(local, sent, seconds=60)
        grown = processes.peak(pid) - before
        print(f"{way}: {before:.1f} MB at rest, {grown:.1f} MB more for 500 MB")
        (medium,) = local.x.timeline()[-1].media
        assert (medium.via, medium.category, medium.size) == (way, "tweet_video", 500 * MB)
        assert medium.prints == wanted
        assert any("%" in text for text in shown.history)
        assert grown < 30, f"{grown:.1f} MB"


@pytest.mark.parametrize("way", ["v1.1", "v2"])
async def test_where_x_takes_no_more_chunks_for_now_the_upload_goes_on_in_the_next_window(
    signed_in: Stage, tmp_path: Path, way: str
) -> None:
    """X takes 500 requests in a quarter of an hour, and 512 MB are more: here it takes 6 in 2 s."""
    await restart(signed_in, X_UPLOAD=way)
    signed_in.x.limits["upload"] = Limit(6, seconds=2)
    film = films.large(tmp_path / "film.mp4", 8 * MB).read_bytes()
    await card(signed_in, signed_in.owner.sends_video(film, "Bit by bit"), seconds=30)
    (post,) = signed_in.x.timeline()
    assert [(m.bytes, m.via) for m in post.media] == [(film, way)]
    begun = [m for m in signed_in.x.world.media.values() if m.via == way]
    assert len(begun) == 1
    sent = [e for service in signed_in.x.services for e in service.exchanges]
    assert any(e.status == 429 and "/media/" in e.path for e in sent)


def served(folder: Path) -> list[Path]:
    """The files that the local Bot API server has handed out."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def asked_to_upload(stage: Stage) -> list[str]:
    """The requests of uploads that X got."""
    asked = [e for service in stage.x.services for e in service.exchanges]
    return [e.path for e in asked if "/media/" in e.path]


async def test_a_file_of_the_local_server_goes_out_from_where_it_is_and_stays_as_it_is(
    local: Stage, folder: Path, tmp_path: Path
) -> None:
    film = films.large(tmp_path / "film.mp4", 25 * MB, films.with_place_of_a_phone())
    content = film.read_bytes()
    await card(local, local.owner.sends_video(film, "Without its place"), seconds=30)
    (post,) = local.x.timeline()
    (medium,) = post.media
    assert medium.size == len(content)
    assert "location" not in films.told(medium.bytes)
    assert films.frames(medium.bytes) == films.frames(content)
    (there,) = served(folder)
    assert there.read_bytes() == content
    await local.eventually(lambda: not list((local.data / "media").iterdir()))


async def test_small_files_and_albums_come_from_the_local_server_too(
    local: Stage, folder: Path
) -> None:
    photos = [jpeg(), jpeg()]
    sent = local.owner.sends_album(photos, "Two")
    await card(local, sent[0])
    alone = local.owner.sends_document(makers.encoded(makers.scene(), "TIFF"), "a.tif")
    await card(local, alone, seconds=30)
    two, one = local.x.timeline()
    assert [m.bytes for m in two.media] == photos
    assert [m.kind for m in one.media] == ["image/png"]
    assert len(served(folder)) == 3


@pytest.mark.parametrize("how", ["behind ..", "by a link", "elsewhere"])
async def test_a_file_outside_of_the_folder_is_not_read_and_nothing_of_it_is_told(
    local: Stage, folder: Path, tmp_path: Path, how: str
) -> None:
    secret = tmp_path / "private.jpg"
    secret.write_bytes(jpeg())
    (folder / "link.jpg").symlink_to(secret)
    path = {
        "behind ..": folder / ".." / secret.name,
        "by a link": folder / "link.jpg",
        "elsewhere": secret,
    }[how]
    answer = {"file_id": "x", "file_unique_id": "x", "file_path": str(path)}
    local.telegram.faults.add(
        Fault(
            path=local.telegram.path("getFile"),
            times=None,
            status=200,
            body={"ok": True, "result": answer},
        )
    )
    shown = await card(local, local.owner.sends_photo(jpeg(), "look"), "Not posted")
    assert "Set TELEGRAM_LOCAL_FILES to the folder of that server" in shown.text
    assert shown.labels == ("Try again", "Discard")
    assert asked_to_upload(local) == []
    assert secret.exists() and secret.name not in local.logged() + shown.text
    local.telegram.faults.clear()
    await local.owner.presses(shown, "Try again").answer()
    await card(local, next(m for m in local.owner.chat.messages if m.id == shown.reply_to))
    assert texts(local) == ["look"]


async def test_a_local_server_whose_folder_nobody_named_is_told_and_not_asked_for_ever(
    local: Stage,
) -> None:
    del local.settings["TELEGRAM_LOCAL_FILES"]
    await restart(local)
    shown = await card(local, local.owner.sends_photo(jpeg(), "look"), "Not posted")
    assert "Set TELEGRAM_LOCAL_FILES to the folder of that server" in shown.text
    assert local.telegram.token not in local.logged()


async def test_over_20_mb_without_a_local_server_are_told_with_what_helps(
    signed_in: Stage,
) -> None:
    sent = signed_in.owner.sends_video(b"film", "Long", size=31 * MB)
    shown = await card(signed_in, sent, "Not posted")
    assert "31.0 MB" in shown.text and "20 MB" in shown.text
    assert "TELEGRAM_API_URL" in shown.text
    assert shown.labels == ("Try again", "Discard")
    await card(signed_in, signed_in.owner.sends_photo(jpeg(), "next"))
    assert texts(signed_in) == ["next"]


async def test_a_video_over_512_mb_is_told_with_its_size_before_anything_is_uploaded(
    local: Stage, tmp_path: Path
) -> None:
    film = films.large(tmp_path / "film.mp4", 600 * MB)
    shown = await card(local, local.owner.sends_video(film, "Long"), "Not posted")
    assert "600.0 MB" in shown.text and "512 MB" in shown.text
    assert asked_to_upload(local) == []
