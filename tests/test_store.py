"""The store: whole or not at all, private, shared writes, and a full disk loses nothing."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.clockwork import jumping
from twitter_core.entry import Attempt, Entry, Failure, Question, State, Upload
from twitter_core.errors import Refusal
from twitter_core.post import Flags, Kind, Media, Poll, Post, Tweet, WhoMayReply
from twitter_core.store import FolderBusy, Store, StoreError


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    count: int = 0


RICH = Entry(
    "7:1",
    State.UNCERTAIN,
    Post(
        "äöü 👩‍👩‍👧",
        (Media("f", Kind.GIF, "alt", 3, 9, "n"),),
        Poll(("a", "b"), 5),
        Flags(made_with_ai=True, who_may_reply=WhoMayReply.FOLLOWING),
    ),
    1.5,
    7,
    Question.LOST,
    tweets=(Tweet("äöü", (0,)), Tweet("", (1,))),
    uploads=(Upload("9", 2.5, "7", "v2"), None),
    posted=("100",),
    attempt=Attempt(1, "t", ("9",), "7", 1.0, ended_at=2.0, absences=(7.0, 10.0)),
    failure=Failure(Refusal.FORBIDDEN, "No."),
)


def on_disk(folder: Path) -> Any:
    return json.loads((folder / "telex.json").read_text("utf-8"))


def notes_on_disk(folder: Path) -> dict[str, str]:
    return {note["key"]: note["text"] for note in on_disk(folder)["notes"].values()}


@contextmanager
def full(patch: pytest.MonkeyPatch, call: str, *, nth: int = 1) -> Iterator[None]:
    """From its `nth` use on, one of the system's calls finds no room."""
    real, used = getattr(os, call), iter(range(1, 10**6))

    def refuse(*args: Any, **kwargs: Any) -> Any:
        if next(used) >= nth:
            raise OSError(28, "No space left on device")
        return real(*args, **kwargs)

    with patch.context() as within:
        within.setattr(os, call, refuse)
        yield


# --- what is saved


async def test_what_was_saved_is_there_after_a_restart(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.table("outbox", Entry).put("7:1", RICH)
    await store.save()
    await store.close()
    again = Store(tmp_path)
    assert dict(again.table("outbox", Entry).items()) == {"7:1": RICH}
    await again.close()


async def test_save_returns_once_the_file_holds_it(tmp_path: Path) -> None:
    store = Store(tmp_path)
    notes = store.table("notes", Note)
    notes.put("a", Note("one"))
    await store.save()
    assert notes_on_disk(tmp_path) == {"a": "one"}
    notes.put("a", Note("two"))
    notes.put("b", Note("three"))
    await store.save()
    assert notes_on_disk(tmp_path) == {"a": "two", "b": "three"}
    notes.drop("a")
    await store.save()
    assert notes_on_disk(tmp_path) == {"b": "three"}
    await store.close()


@jumping
async def test_what_nobody_asked_to_save_is_saved_within_a_second(tmp_path: Path) -> None:
    store = Store(tmp_path, gather=1.0)
    store.table("notes", Note).put("a", Note("one"))
    await asyncio.sleep(0.9)
    assert not (tmp_path / "telex.json").exists()
    await asyncio.sleep(0.2)
    assert notes_on_disk(tmp_path) == {"a": "one"}
    await store.close()


def test_what_was_put_before_the_loop_ran_is_saved_too(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.table("notes", Note).put("a", Note("one"))
    asyncio.run(store.close())
    assert notes_on_disk(tmp_path) == {"a": "one"}


async def test_values_that_equal_their_default_take_no_room(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.table("notes", Note).put("a", Note("one"))
    await store.save()
    assert on_disk(tmp_path)["notes"] == {"1": {"key": "a", "text": "one"}}
    await store.close()


async def test_what_another_version_wrote_is_passed_over_and_kept(tmp_path: Path) -> None:
    (tmp_path / "telex.json").write_text(
        '{"notes": {"4": {"key": "a", "text": "one", "new": 1}}, "later": {"1": {"x": 2}}}'
    )
    store = Store(tmp_path)
    notes = store.table("notes", Note)
    assert notes.get("a") == Note("one")
    notes.put("b", Note("two"))
    await store.save()
    assert on_disk(tmp_path)["later"] == {"1": {"x": 2}}
    assert set(on_disk(tmp_path)["notes"]) == {"4", "5"}
    await store.close()


@pytest.mark.parametrize("text", ["half of 👍: \ud83d", "a\0b\u2028c", "back\\slash"])
async def test_every_text_can_be_saved_and_comes_back(tmp_path: Path, text: str) -> None:
    store = Store(tmp_path)
    store.table("notes", Note).put(text, Note(text))
    await store.save()
    await store.close()
    again = Store(tmp_path)
    assert dict(again.table("notes", Note).items()) == {text: Note(text)}
    await again.close()


# --- how it is saved


async def test_everything_is_private_also_what_was_open_before(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    before = os.umask(0)
    try:
        store = Store(folder)
        store.table("notes", Note).put("a", Note("one"))
        await store.save()
    finally:
        os.umask(before)
    modes = {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in folder.iterdir()}
    assert modes == {"history": "0o700", "lock": "0o600", "telex.json": "0o600"}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    await store.close()


async def test_the_new_file_is_whole_and_synced_before_it_takes_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(fd: int) -> None:
        path = Path(f"/proc/self/fd/{fd}").readlink()
        calls.append(f"sync {path.name}")
        if path.is_file():
            json.loads(path.read_bytes())
        fsync(fd)

    def noted_replace(old: Path, new: Path) -> None:
        calls.append(f"{old.name} becomes {new.name}")
        replace(old, new)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    store = Store(tmp_path)
    store.table("notes", Note).put("a", Note("one"))
    await store.save()
    assert calls == [
        "sync telex.json.new",
        "telex.json.new becomes telex.json",
        f"sync {tmp_path.name}",
    ]
    await store.close()


async def test_those_who_save_while_a_write_is_under_way_share_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[int] = []
    gate = threading.Event()
    real = os.replace

    def replace(old: Path, new: Path) -> None:
        gate.wait(10)
        real(old, new)
        writes.append(len(notes_on_disk(tmp_path)))

    monkeypatch.setattr(os, "replace", replace)
    store = Store(tmp_path)
    notes = store.table("notes", Note)

    async def save(number: int) -> None:
        notes.put(str(number), Note("n"))
        await store.save()

    tasks = [asyncio.create_task(save(number)) for number in range(20)]
    while len(dict(notes.items())) < 20:
        await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*tasks)
    assert writes[-1] == 20
    assert len(writes) <= 2
    await store.close()


async def test_saving_what_is_saved_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    store.table("notes", Note).put("a", Note("one"))
    await store.save()
    with full(monkeypatch, "open"):
        await store.save()
    await store.close()


async def test_a_caller_who_is_cancelled_does_not_take_the_write_with_him(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.table("notes", Note).put("a", Note("one"))
    first, second = (asyncio.create_task(store.save()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await second
    assert notes_on_disk(tmp_path) == {"a": "one"}
    await store.close()


# --- a disk that refuses

REFUSALS = [("open", 1), ("fsync", 1), ("replace", 1), ("fsync", 2)]


@pytest.mark.parametrize(("call", "nth"), REFUSALS)
@jumping
async def test_a_disk_that_refuses_is_told_to_who_waits_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, nth: int
) -> None:
    store = Store(tmp_path)
    notes = store.table("notes", Note)
    notes.put("a", Note("old"))
    await store.save()
    notes.put("a", Note("new"))
    with full(monkeypatch, call, nth=nth):
        with pytest.raises(OSError, match="No space"):
            await store.save()
        assert notes_on_disk(tmp_path)["a"] in ("old", "new")
        assert notes.get("a") == Note("new")
    await store.save()
    assert notes_on_disk(tmp_path) == {"a": "new"}
    await store.close()


@jumping
async def test_what_could_not_be_written_is_tried_again_by_itself_until_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    told: list[bool] = []
    store.failed = lambda error: told.append(error is not None)
    store.table("notes", Note).put("a", Note("one"))
    with full(monkeypatch, "fsync"):
        with pytest.raises(OSError):
            await store.save()
        await asyncio.sleep(60)
        assert 5 < len(told) < 60 and all(told)
    await asyncio.sleep(6)
    assert told[-1] is False
    assert notes_on_disk(tmp_path) == {"a": "one"}
    tries = len(told)
    await asyncio.sleep(3600)
    assert len(told) == tries
    await store.close()


@jumping
async def test_everybody_who_shares_a_write_that_fails_hears_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    store.table("notes", Note).put("a", Note("one"))
    with full(monkeypatch, "replace"):
        answers = await asyncio.gather(*(store.save() for _ in range(5)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [OSError] * 5
    await store.close()


async def test_a_last_save_that_fails_is_told_and_lets_go_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    store.table("notes", Note).put("a", Note("one"))
    with full(monkeypatch, "fsync"), pytest.raises(OSError):
        await store.close()
    await Store(tmp_path).close()


# --- what waits for a save


@jumping
async def test_what_waits_for_a_save_happens_in_order_once_it_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    notes = store.table("notes", Note)
    happened: list[tuple[str, list[str]]] = []

    def note(name: str) -> None:
        store.after_save(lambda: happened.append((name, sorted(notes_on_disk(tmp_path)))))

    notes.put("a", Note("one"))
    note("first")
    note("second")
    with full(monkeypatch, "fsync"):
        with pytest.raises(OSError):
            await store.save()
        assert happened == []
    notes.put("b", Note("two"))
    note("third")
    await store.save()
    assert happened == [(name, ["a", "b"]) for name in ("first", "second", "third")]
    await store.close()


async def test_what_fails_after_a_save_spoils_neither_the_save_nor_what_follows(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("a mistake")

    store = Store(tmp_path)
    happened: list[int] = []
    store.table("notes", Note).put("a", Note("one"))
    store.after_save(fail)
    store.after_save(lambda: happened.append(1))
    await store.save()
    assert happened == [1]
    assert caplog.messages == ["what was to follow a write failed"]
    await store.close()


async def test_where_nothing_waits_to_be_saved_it_happens_at_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    happened: list[int] = []
    store.after_save(lambda: happened.append(1))
    assert happened == [1]
    await store.close()


async def test_what_was_put_during_a_write_waits_for_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    notes = store.table("notes", Note)
    on_the_way, gate = threading.Event(), threading.Event()
    real = os.replace

    def replace(old: Path, new: Path) -> None:
        on_the_way.set()
        gate.wait(10)
        real(old, new)

    monkeypatch.setattr(os, "replace", replace)
    happened: list[list[str]] = []
    notes.put("a", Note("one"))
    saving = asyncio.create_task(store.save())
    await asyncio.to_thread(on_the_way.wait, 10)
    notes.put("b", Note("two"))
    store.after_save(lambda: happened.append(sorted(notes_on_disk(tmp_path))))
    gate.set()
    await saving
    assert happened == []
    await store.save()
    assert happened == [["a", "b"]]
    await store.close()


# --- a folder that cannot be used


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"notes": {"1": {"key": "a", "text": "one"}}',
        b"\x00\x00\x00",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"1",
        b'{"notes": []}',
        b'{"notes": {"1": 5}}',
        b'{"notes": {"1": {"text": "no key"}}}',
        b'{"notes": {"1": {"key": "a"}}}',
        b'{"notes": {"1": {"key": "a", "text": "one", "count": "many"}}}',
        b'{"notes": {"x": {"key": "a", "text": "one"}}}',
    ],
    ids=repr,
)
def test_a_file_that_cannot_be_read_is_never_overwritten(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "telex.json"
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        Store(tmp_path).table("notes", Note)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == content


def test_a_file_that_may_not_be_read_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "telex.json").mkdir()
    with pytest.raises(StoreError, match=r"telex\.json cannot be read"):
        Store(tmp_path)
    (tmp_path / "telex.json").rmdir()
    Store(tmp_path)  # the folder was let go


def test_a_folder_that_cannot_be_written_to_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"DATA_DIR: .*file"):
        Store(tmp_path / "file")

    def read_only(*args: Any, **kwargs: Any) -> int:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "open", read_only)
    with pytest.raises(StoreError, match=r"DATA_DIR: .*Read-only file system"):
        Store(tmp_path / "data")


HOLDER = """
import sys, time
from pathlib import Path
from twitter_core.store import Store
store = Store(Path(sys.argv[1]))
print("open", flush=True)
time.sleep(60)
"""


def test_a_folder_serves_one_process_and_is_free_again_when_that_one_is_killed(
    tmp_path: Path,
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
    ) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"open\n"
            with pytest.raises(FolderBusy, match="in use by another Telex"):
                Store(tmp_path)
        finally:
            holder.send_signal(signal.SIGKILL)
    Store(tmp_path)
