"""The inbox: on the disk before Telegram hears of it, owners only, and nothing holds it up."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.inbox import Inbox

OWNER, STRANGER = 42, 43


def message(update_id: int, text: str = "hello", *, sender: int = OWNER) -> dict[str, Any]:
    person = {"id": sender, "is_bot": False, "first_name": "P"}
    chat = {"id": sender, "type": "private"}
    return {
        "update_id": update_id,
        "message": {
            "message_id": 100 + update_id,
            "date": 1,
            "from": person,
            "chat": chat,
            "text": text,
        },
    }


def poll_without_a_field(update_id: int) -> dict[str, Any]:
    """What an older server sends, and the library does not take."""
    update = message(update_id)
    update["message"]["poll"] = {"id": "1", "question": "?", "options": []}
    return update


def broken(update_id: int, **fields: Any) -> dict[str, Any]:
    update = message(update_id)
    update["message"] |= fields
    return update


def batch(*updates: dict[str, Any]) -> bytes:
    return json.dumps({"ok": True, "result": list(updates)}).encode()


class Box:
    """An inbox whose owners' updates `arrived`, and what it told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.arrived: list[int] = []
        self.set_aside: list[int] = []
        self.failed: list[bool] = []
        self.restart()

    def restart(self) -> None:
        self.inbox = Inbox(
            self.folder, frozenset({OWNER}), arrived=lambda u: self.arrived.append(u["update_id"])
        )
        self.inbox.set_aside = self.set_aside.append
        self.inbox.failed = lambda error: self.failed.append(error is not None)
        self.replayed = [update["update_id"] for update in self.inbox.open()]

    async def admit(self, *updates: dict[str, Any]) -> list[dict[str, Any]]:
        answer = json.loads(await self.inbox.admit(batch(*updates)))
        result: list[dict[str, Any]] = answer["result"]
        return result

    def on_disk(self) -> list[dict[str, Any]]:
        files = sorted(self.folder.glob("*.json"))
        return [update for path in files if path.stat().st_size for update in read(path)]

    def aside(self) -> list[Any]:
        return [read(path) for path in sorted((self.folder / "aside").iterdir())]


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def read(path: Path) -> Any:
    return json.loads(path.read_bytes())


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "inbox")


async def test_an_owners_update_is_on_the_disk_when_it_is_admitted(box: Box) -> None:
    assert await box.admit(message(1), message(2)) == [message(1), message(2)]
    assert box.on_disk() == [message(1), message(2)]
    assert box.arrived == [1, 2]


async def test_of_strangers_nothing_is_kept_and_nothing_is_handed_on(
    box: Box, tmp_path: Path
) -> None:
    admitted = await box.admit(message(1, "secret", sender=STRANGER), message(2))
    assert admitted == [{"update_id": 1}, message(2)]
    assert box.arrived == [2]
    assert not [path for path in files_below(tmp_path) if b"secret" in path.read_bytes()]


async def test_a_batch_of_strangers_writes_nothing(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "open", refuse)
    admitted = await box.admit(message(1, sender=STRANGER))
    assert admitted == [{"update_id": 1}]
    assert box.failed == []


async def test_the_owner_in_a_group_is_a_stranger(box: Box) -> None:
    update = message(1, "family")
    update["message"]["chat"] = {"id": -1, "type": "group", "title": "Family"}
    assert await box.admit(update) == [{"update_id": 1}]
    assert box.on_disk() == []


@pytest.mark.parametrize(
    "payload",
    [
        b'{"ok": true, "result": []}',
        b'{"ok": false, "error_code": 409, "description": "Conflict"}',
        b'{"ok": true}',
        b'{"ok": true, "result": true}',
        b"[]",
        b"1",
    ],
)
async def test_an_answer_without_updates_passes_as_it_is(box: Box, payload: bytes) -> None:
    assert await box.inbox.admit(payload) == payload
    assert box.on_disk() == []


# --- after a restart


async def test_what_was_not_finished_is_replayed_in_its_order(box: Box) -> None:
    for numbers in ((1, 2), (3,), (4, 5)):
        await box.admit(*map(message, numbers))
    box.inbox.finish(2)
    box.inbox.finish(3)
    box.restart()
    # A batch is one file, so its finished neighbours come again: they are known by their keys.
    assert box.replayed == [1, 2, 4, 5]


async def test_what_was_finished_is_gone_for_good(box: Box) -> None:
    await box.admit(message(1), message(2))
    box.inbox.finish(1)
    assert box.on_disk() == [message(1), message(2)]
    box.inbox.finish(2)
    assert box.on_disk() == []
    box.restart()
    assert box.replayed == []


async def test_an_update_that_was_delivered_twice_is_finished_once(box: Box) -> None:
    await box.admit(message(1))
    await box.admit(message(1), message(2))
    box.inbox.finish(1)
    box.inbox.finish(2)
    box.restart()
    assert box.replayed == []


async def test_what_is_replayed_is_finished_like_anything_else(box: Box) -> None:
    await box.admit(message(1))
    box.restart()
    await box.admit(message(2))
    box.inbox.finish(1)
    box.restart()
    assert box.replayed == [2]


async def test_finishing_what_was_never_there_does_nothing(box: Box) -> None:
    box.inbox.finish(7)


TORN = [
    b"[{",
    b'[{"update_id": 1',
    b"[1]",
    b"{}",
    b'[{"message": 1}]',
    b'[{"update_id": "one"}]',
]


@pytest.mark.parametrize("torn", TORN)
async def test_a_batch_that_a_crash_tore_is_out_of_the_way(box: Box, torn: bytes) -> None:
    # Telegram was not told that it arrived, so it comes again.
    await box.admit(message(1))
    (box.folder / "000000000099.json").write_bytes(torn)
    box.restart()
    assert box.replayed == [1]
    assert (box.folder / "aside" / "000000000099.json").read_bytes() == torn
    await box.admit(message(2))
    box.restart()
    assert box.replayed == [1, 2]


# --- what the library cannot read


@pytest.mark.parametrize(
    "update",
    [
        poll_without_a_field(2),
        broken(2, date="yesterday"),
        broken(2, date=10**30),
        broken(2, date=-(10**30)),
        broken(2, photo=[{}]),
        broken(2, entities=[{"type": "bold"}]),
        broken(2, entities=5),
        broken(2, reply_to_message={"message_id": 1}),
    ],
    ids=lambda update: ",".join(map(str, list(update["message"].values())[-1:]))[:20],
)
async def test_what_cannot_be_read_is_kept_aside_and_told_and_its_neighbours_pass(
    box: Box, update: dict[str, Any]
) -> None:
    assert await box.admit(message(1), update, message(3)) == [
        message(1),
        {"update_id": 2},
        message(3),
    ]
    assert box.aside() == [update]
    assert box.set_aside == [OWNER]
    assert box.arrived == [1, 3]
    box.restart()
    assert box.replayed == [1, 3]
    assert box.aside() == [update]


async def test_of_what_a_stranger_sends_nothing_is_kept_aside(box: Box) -> None:
    update = broken(2, date="yesterday", chat={"id": STRANGER, "type": "private"})
    update["message"]["from"]["id"] = STRANGER
    await box.admit(update)
    assert box.aside() == []


@pytest.mark.parametrize("text", ["half: \ud83d", "zero: \0", "\u2028", "👩‍👩‍👧"])
async def test_every_text_passes_and_is_replayed_as_it_was(box: Box, text: str) -> None:
    assert await box.admit(message(1, text)) == [message(1, text)]
    assert box.on_disk() == [message(1, text)]


def test_what_a_handler_could_not_deal_with_can_be_put_aside(box: Box) -> None:
    box.inbox.put_aside(message(5))
    assert box.aside() == [message(5)]
    box.restart()
    assert box.replayed == []


@pytest.mark.parametrize("has_neighbour", [True, False])
async def test_what_this_version_cannot_read_any_more_is_put_aside_and_told_at_the_start(
    box: Box, has_neighbour: bool
) -> None:
    # Written by a version that could.
    left = [poll_without_a_field(1), *([message(2)] if has_neighbour else [])]
    (box.folder / "000000000001.json").write_text(json.dumps(left))
    box.restart()
    parsed = box.inbox.parse(left, None)
    assert [update.update_id for update in parsed] == [2] * has_neighbour
    assert box.aside() == [poll_without_a_field(1)]
    assert box.set_aside == [OWNER]
    box.inbox.finish(2)
    box.restart()
    assert box.replayed == []


async def test_what_cannot_be_put_aside_at_the_start_is_left_for_the_next_one(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    (box.folder / "000000000001.json").write_text(json.dumps([poll_without_a_field(1)]))
    box.restart()
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        assert box.inbox.parse([poll_without_a_field(1)], None) == []
    assert box.set_aside == []
    box.restart()
    assert box.replayed == [1]


async def test_of_a_left_update_of_nobody_known_nobody_is_told(box: Box) -> None:
    assert box.inbox.parse([{"update_id": 1, "message": 5}], None) == []
    assert box.set_aside == []
    assert box.aside() == [{"update_id": 1, "message": 5}]


async def test_nothing_that_lies_aside_is_ever_overwritten(box: Box) -> None:
    # The numbers of the files begin anew with an empty inbox, and Telegram's do after a while.
    for torn in (b"[1]", b"[2]", b"[3]"):
        (box.folder / "000000000001.json").write_bytes(torn)
        box.restart()
    for text in ("one", "two", "two"):
        box.inbox.put_aside(message(1, text))
    assert box.aside() == [[2], [3], [1], message(1, "two"), message(1, "one")]


# --- the disk


def refuse(*args: Any, **kwargs: Any) -> Any:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("call", ["open", "fsync"])
@pytest.mark.parametrize("has_spare", [True, False])
@pytest.mark.parametrize("update", [message(1), poll_without_a_field(1)], ids=["good", "bad"])
async def test_where_the_disk_refuses_nothing_is_acknowledged(
    box: Box,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    has_spare: bool,
    update: dict[str, Any],
) -> None:
    if not has_spare:
        await box.admit(message(0))
        box.inbox.finish(0)
    with monkeypatch.context() as patch:
        patch.setattr(os, call, refuse)
        with pytest.raises(OSError, match="No space"):
            await box.admit(update)
    assert box.failed[-1:] == [True]
    assert box.set_aside == []
    # Telegram sends it again.
    await box.admit(update)
    assert box.failed[-1:] == [False]
    box.inbox.finish(1)
    box.restart()
    assert box.replayed == []


async def test_what_is_handed_on_and_finished_is_not_replayed_however_often_the_disk_refused(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    logout = message(1, "/logout")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)  # written, but perhaps not for good
        for _ in range(3):
            with pytest.raises(OSError):
                await box.admit(logout)
    await box.admit(logout)
    box.inbox.finish(1)
    box.restart()
    assert box.replayed == []


async def test_a_file_that_cannot_be_deleted_stops_nobody(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    await box.admit(message(1))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        box.inbox.finish(1)
    box.restart()
    assert box.replayed == [1]  # and is known by its key


async def test_one_sync_stands_between_an_update_and_its_handling(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", counting(synced))
    await box.admit(*map(message, range(20)))
    assert len(synced) == 1
    await box.inbox.make_spare()
    synced.clear()
    await box.admit(message(20))
    assert len(synced) == 1


def counting(synced: list[str]) -> Callable[[int], None]:
    real = os.fsync

    def fsync(fd: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{fd}").readlink()))
        real(fd)

    return fsync


async def test_without_a_file_made_ahead_the_new_name_is_synced_too(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    await box.admit(message(1))
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", counting(synced))
    await box.admit(message(2))
    assert synced == [str(box.folder / "000000000002.json"), str(box.folder)]


async def test_a_spare_that_cannot_be_made_is_no_harm(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    await box.admit(message(1))
    for call in ("open", "fsync"):
        with monkeypatch.context() as patch:
            patch.setattr(os, call, refuse)
            await box.inbox.make_spare()
    assert [path.name for path in files_below(box.folder)] == ["000000000001.json"]
    await box.admit(message(2))
    assert [update["update_id"] for update in box.on_disk()] == [1, 2]


async def test_a_batch_that_comes_while_the_spare_is_made_stays_before_the_next_one(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    await box.admit(message(1))
    making, gate = threading.Event(), threading.Event()
    real = os.fsync

    def fsync(fd: int) -> None:
        if not making.is_set():
            making.set()
            gate.wait(10)
        real(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    spare = asyncio.create_task(box.inbox.make_spare())
    await asyncio.to_thread(making.wait, 10)
    await box.admit(message(2))
    gate.set()
    await spare
    await box.admit(message(3))
    box.restart()
    assert box.replayed == [1, 2, 3]


async def test_the_disk_is_written_beside_the_loop_and_not_in_it(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    went_on = asyncio.Event()
    real = os.fsync

    def fsync(fd: int) -> None:
        asyncio.run_coroutine_threadsafe(asyncio.wait_for(went_on.wait(), 5), loop).result(10)
        real(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    admitting = asyncio.create_task(box.admit(message(1)))
    await asyncio.sleep(0)
    went_on.set()
    assert await admitting == [message(1)]


async def test_its_folders_and_files_are_private(box: Box, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        box = Box(tmp_path / "other")
        await box.admit(message(1), poll_without_a_field(2))
    finally:
        os.umask(before)
    for path in [box.folder, *box.folder.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
