"""The archive: what has ended is in the history, and the last two days of it are known at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from twitter_core.archive import KEPT, Archive
from twitter_core.entry import THERE, Entry, State
from twitter_core.history import History
from twitter_core.post import Post

NOW = 1_700_000_000.0
ADAPTER = TypeAdapter(Entry)


def done(key: str, *posted: str, ended_at: float = NOW, **more: Any) -> Entry:
    entry = Entry(key, State.DONE, Post("hello"), NOW, posted=posted, ended_at=ended_at)
    return replace(entry, **more)


class Folder:
    """A history in a folder, with archives over it."""

    def __init__(self, folder: Path) -> None:
        self.history = History(folder)

    def record(self, *entries: Entry, **beside: Any) -> None:
        self.history.append(
            (entry.ended_at or 0.0, {**self.dump(entry), **beside}) for entry in entries
        )

    def dump(self, entry: Entry) -> dict[str, Any]:
        plain: dict[str, Any] = ADAPTER.dump_python(entry, mode="json", exclude_defaults=True)
        return plain

    def open(self, now: float = NOW) -> Archive:
        return Archive(self.history, lambda line: ADAPTER.validate_python(dict(line)), now)


def test_what_ended_within_two_days_is_known_after_a_restart(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    long_ago = NOW - 40 * 86_400
    folder.record(done("old", "1", ended_at=long_ago), done("new", "2"), done("newer", "3", "4"))
    archive = folder.open()
    assert archive.knows("new") and archive.knows("newer") and not archive.knows("old")
    assert set(archive.ids()) == {"2", "3", "4"}
    assert archive.last_id("newer") == "4"


def test_it_knows_what_ended_the_month_before(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    first_of_december = 1_701_388_800.0
    folder.record(done("november", "1", ended_at=first_of_december - 60))
    assert folder.open(first_of_december + 60).knows("november")


def test_a_line_that_stands_out_of_order_hides_no_other(tmp_path: Path) -> None:
    # A post of last week that was deleted today is recorded anew, with the time of its end.
    folder = Folder(tmp_path)
    folder.record(done("today", "1"), recorded_at=NOW)
    old = done("last week", "2", ended_at=NOW - 7 * 86_400, deleted=("2",))
    folder.record(old, recorded_at=NOW + 1)
    folder.record(done("later", "3"), recorded_at=NOW + 2)
    archive = folder.open(NOW + 3)
    assert archive.knows("today") and archive.knows("later")


def test_only_as_much_is_read_at_the_start_as_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder(tmp_path)
    for days in range(12, -1, -1):
        folder.record(done(f"{days} days ago", "1", ended_at=NOW - days * 86_400))
    read: list[str] = []
    read_back = folder.history.read_back

    def counted(*, since: float | None = None) -> Iterator[dict[str, Any]]:
        for line in read_back(since=since):
            read.append(line["key"])
            yield line

    monkeypatch.setattr(folder.history, "read_back", counted)
    folder.open()
    assert len(read) == 4


def test_what_ends_is_known_at_once_and_forgotten_after_two_days(tmp_path: Path) -> None:
    archive = Folder(tmp_path).open()
    archive.add(done("a", "1"))
    assert archive.knows("a") and archive.last_id("a") == "1"
    archive.sweep(NOW + KEPT - 1)
    assert archive.knows("a")
    archive.sweep(NOW + KEPT + 1)
    assert not archive.knows("a")


def test_of_a_key_that_stands_twice_the_later_line_counts(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.record(done("a", "1", "2"))
    folder.record(done("a", "1", "2", deleted=("2",)))
    archive = folder.open()
    assert archive.last_id("a") == "1"
    found = archive.find(lambda line: line["key"] == "a")
    assert found is not None and found.entry.deleted == ("2",)


def test_a_thread_goes_on_behind_what_is_still_there(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.record(done("deleted", "1", deleted=("1",)), done("only seen", THERE), done("none"))
    archive = folder.open()
    assert [archive.last_id(key) for key in ("deleted", "only seen", "none", "?")] == [""] * 4
    archive.add(done("now", "5", "6", deleted=("6",)))
    assert archive.last_id("now") == "5"


def test_what_was_written_beside_an_entry_comes_back_with_it(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.record(done("a", "1"), remark={"card": 5})
    folder.record(done("b", "2"))
    found = [folder.open().find(lambda line, key=key: line["key"] == key) for key in ("a", "b")]  # type: ignore[misc]
    assert [record and record.remark for record in found] == [{"card": 5}, {}]
    assert found[0] is not None and found[0].entry == done("a", "1")


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.record(done("a", "1", ended_at=NOW - 70 * 86_400))
    assert folder.open().find(lambda line: False) is None
    assert folder.open().find(lambda line: True) is not None
    assert folder.open().find(lambda line: True, since=NOW) is None


@pytest.mark.parametrize(
    "odd",
    [
        {"ended_at": "soon"},
        {"ended_at": [1]},
        {"ended_at": 10**400},
        {"recorded_at": {}},
        {},
        {"ended_at": NOW, "posted": 5},
        {"ended_at": NOW, "posted": ["1"], "deleted": None},
        {"ended_at": NOW, "remark": "none"},
    ],
    ids=lambda odd: ",".join(
        f"{key} {str(value)[:8]}" for key, value in odd.items() if value != NOW
    ),
)
def test_a_line_that_cannot_be_made_sense_of_is_passed_over_and_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, odd: dict[str, Any]
) -> None:
    folder = Folder(tmp_path)
    folder.record(done("before", "1"))
    folder.history.append([(NOW, {"key": "odd", **odd})] * 2)
    folder.record(done("after", "2"))
    archive = folder.open()
    assert archive.knows("before") and archive.knows("after")
    found = archive.find(
        lambda line: line.get("remark", {}).get("card") is None and line["key"] == "before"
    )
    assert found is not None and found.entry.key == "before"
    assert len(caplog.messages) == 1


def test_what_was_deleted_is_known_but_not_continued(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.record(done("it", "2", "3", deleted=("3",)))
    archive = folder.open()
    archive.add(done("other", "4", deleted=("4",)))
    assert set(archive.ids()) == {"2", "3", "4"}  # X may still show it for a moment
    assert (archive.last_id("it"), archive.last_id("other")) == ("2", "")
