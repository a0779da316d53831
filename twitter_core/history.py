"""Finished posts, a line of JSON each, in one file a month. Appends and reads; never rewrites.

A key that stands twice is harmless (the later line counts); a torn last line is cut.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FILE_MODE = 0o600


class History:
    """The folder `history/`. Blocking: call it from a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Hears of each write, in the thread that appends.
        self.failed: Callable[[OSError | None], object] = lambda error: None

    def append(self, lines: Iterable[tuple[float, Mapping[str, Any]]]) -> None:
        """Add `lines` (epoch seconds of the end, content) and return once they are on the disk.

        Raises OSError where that could not be done; a line may then be there all the same.
        """
        by_month: dict[Path, list[bytes]] = {}
        for ended_at, content in lines:
            month = datetime.fromtimestamp(ended_at, UTC).strftime("%Y-%m")
            line = json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"
            lines_of_month = by_month.setdefault(self._folder / f"{month}.jsonl", [])
            lines_of_month.append(line.encode(errors="backslashreplace"))  # see AtomicStorage
        try:
            for path, added in by_month.items():
                self._append_to(path, b"".join(added))
        except OSError as error:
            self.failed(error)
            raise
        self.failed(None)

    def _append_to(self, path: Path, added: bytes) -> None:
        is_new = not path.exists()
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        with os.fdopen(fd, "r+b") as file:
            end = _end_of_whole_lines(file.fileno())
            file.truncate(end)  # a line torn by a crash or a full disk
            file.seek(end)
            file.write(added)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync_folder(path.parent)

    def read_back(self, *, since: float | None = None) -> Iterator[dict[str, Any]]:
        """Every line, the newest first; `since` leaves out whole months before that time."""
        first = "" if since is None else datetime.fromtimestamp(since, UTC).strftime("%Y-%m")
        for path in sorted(self._folder.glob("*.jsonl"), reverse=True):
            if path.stem < first:
                return
            for line in reversed(path.read_bytes().split(b"\n")):
                if (content := _parse(line)) is not None:
                    yield content


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(line)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _end_of_whole_lines(fd: int) -> int:
    """The offset behind the last newline, reading backwards from the end."""
    end = os.lseek(fd, 0, os.SEEK_END)
    while end > 0:
        start = max(0, end - 65536)
        at = os.pread(fd, end - start, start).rfind(b"\n")
        if at >= 0:
            return start + at + 1
        end = start
    return 0


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` as durable as the files behind them."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
