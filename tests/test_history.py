"""The history: one line a post, one file a month, and nothing of it is ever lost or rewritten."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from twitter_core.history import History

JANUARY = datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC).timestamp()
FEBRUARY = datetime(2026, 2, 1, tzinfo=UTC).timestamp()


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path)


def line(key: str) -> dict[str, str]:
    return {"key": key}


def keys(history: History, since: float | None = None) -> list[str]:
    return [content["key"] for content in history.read_back(since=since)]


def test_lines_stand_in_the_month_in_which_the_post_ended(history: History, tmp_path: Path) -> None:
    history.append([(JANUARY, line("a")), (FEBRUARY, line("b")), (JANUARY, line("c"))])
    assert (tmp_path / "2026-01.jsonl").read_text() == '{"key":"a"}\n{"key":"c"}\n'
    assert (tmp_path / "2026-02.jsonl").read_text() == '{"key":"b"}\n'


def test_it_is_read_from_the_newest_line_to_the_oldest(history: History) -> None:
    history.append([(JANUARY, line("a")), (JANUARY, line("b")), (FEBRUARY, line("c"))])
    assert keys(history) == ["c", "b", "a"]


def test_months_before_the_time_asked_for_are_not_read(history: History, tmp_path: Path) -> None:
    history.append([(JANUARY, line("a")), (FEBRUARY, line("b"))])
    (tmp_path / "2025-12.jsonl").mkdir()  # reading it would raise
    assert keys(history, since=FEBRUARY) == ["b"]
    assert keys(history, since=JANUARY) == ["b", "a"]


def test_of_a_key_that_stands_twice_the_later_line_comes_first(history: History) -> None:
    history.append([(JANUARY, {"key": "a", "state": "done"})])
    history.append([(JANUARY, {"key": "a", "state": "deleted"})])
    assert next(history.read_back())["state"] == "deleted"


def test_what_was_there_is_only_added_to(history: History, tmp_path: Path) -> None:
    history.append([(JANUARY, line("a"))])
    path = tmp_path / "2026-01.jsonl"
    before, inode = path.read_bytes(), path.stat().st_ino
    history.append([(JANUARY, line("b"))])
    assert path.read_bytes().startswith(before)
    assert path.stat().st_ino == inode


@pytest.mark.parametrize("torn", [b'{"key":"x', b"{", b'{"key":"\xf0\x9f', b"x" * 200_000], ids=len)
def test_a_torn_last_line_is_cut_and_costs_no_other_line(
    history: History, tmp_path: Path, torn: bytes
) -> None:
    history.append([(JANUARY, line("a"))])
    path = tmp_path / "2026-01.jsonl"
    path.write_bytes(path.read_bytes() + torn)
    assert keys(history) == ["a"]
    history.append([(JANUARY, line("b"))])
    assert path.read_text() == '{"key":"a"}\n{"key":"b"}\n'


def test_a_file_that_holds_nothing_but_a_torn_line_begins_anew(
    history: History, tmp_path: Path
) -> None:
    path = tmp_path / "2026-01.jsonl"
    path.write_bytes(b'{"key"')
    history.append([(JANUARY, line("b"))])
    assert path.read_text() == '{"key":"b"}\n'


def test_a_damaged_line_in_the_middle_is_passed_over(history: History, tmp_path: Path) -> None:
    (tmp_path / "2026-01.jsonl").write_bytes(b'{"key":"a"}\nnonsense\n[1]\n\n{"key":"b"}\n')
    assert keys(history) == ["b", "a"]


def test_texts_of_any_kind_come_back_as_they_went_in(history: History) -> None:
    text = 'äöü 👩‍👩‍👧 "quoted"\nsecond line\u2028third, half of 👍: \ud83d'
    history.append([(JANUARY, {"key": "a", "text": text})])
    assert [content["text"] for content in history.read_back()] == [text]


def test_its_files_are_private(history: History, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        history.append([(JANUARY, line("a"))])
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "2026-01.jsonl").stat().st_mode) == 0o600


def test_it_returns_once_the_lines_and_the_new_name_are_on_the_disk(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(fd: int) -> None:
        synced.append(Path(f"/proc/self/fd/{fd}").readlink().name)
        real(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    history.append([(JANUARY, line("a"))])
    assert synced == ["2026-01.jsonl", tmp_path.name]
    history.append([(JANUARY, line("b"))])
    assert synced[2:] == ["2026-01.jsonl"]


@pytest.mark.parametrize("call", ["fsync", "open"])
def test_a_disk_that_refuses_is_told_and_nothing_of_before_is_lost(
    history: History, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    history.append([(JANUARY, line("a"))])
    with monkeypatch.context() as patch:
        patch.setattr(os, call, refuse)
        with pytest.raises(OSError, match="No space"):
            history.append([(JANUARY, line("b"))])
    history.append([(JANUARY, line("c"))])
    assert keys(history) in (["c", "a"], ["c", "b", "a"])


def test_whoever_wants_to_know_hears_of_each_write(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    heard: list[bool] = []
    history.failed = lambda error: heard.append(error is not None)
    history.append([(JANUARY, line("a"))])
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(OSError):
            history.append([(JANUARY, line("b"))])
    history.append([(JANUARY, line("c"))])
    assert heard == [False, True, False]
