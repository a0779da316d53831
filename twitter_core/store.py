"""The one file that Telex keeps its state in: TinyDB, written atomically and privately.

Values live in memory as frozen dataclasses; what changed is written in one go, in a thread, and
those who ask to have it saved share the write. A file that cannot be read is never overwritten.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from filelock import FileLock, Timeout
from pydantic import TypeAdapter
from tinydb import TinyDB
from tinydb.storages import Storage
from tinydb.table import Document

from .history import FILE_MODE, History, sync_folder

log = logging.getLogger(__name__)

FOLDER_MODE = 0o700
# Seconds for which saves that nothing waits for are gathered. Longer than a post usually takes from
# its arrival, an album's window included: its own save would have to wait for a gathered one.
GATHER = 2.0
RETRY = 5.0  # seconds after which a write that failed is tried again, at most

T = TypeVar("T")


class StoreError(Exception):
    """The data folder cannot be used. The text is one line for the person who starts Telex."""


class FolderBusy(StoreError):
    """Another process uses the folder."""


class AtomicStorage(Storage):
    """A TinyDB storage that keeps its tables in memory and puts them on the disk as a whole.

    The new file is complete and synced before it takes the old one's name (mode 0600).
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tables: dict[str, dict[str, Any]] | None = None
        if path.exists():
            self._tables = json.loads(path.read_text("utf-8"))
            if not isinstance(self._tables, dict):
                raise ValueError("not an object")

    def read(self) -> dict[str, dict[str, Any]] | None:
        """The tables as TinyDB wants them, None where nothing was ever written."""
        return self._tables

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Take over new tables; `put` brings them to the disk."""
        self._tables = data

    def dump(self) -> bytes:
        """The content of the file."""
        text = json.dumps(self._tables or {}, ensure_ascii=False, separators=(",", ":"))
        return text.encode(errors="backslashreplace")  # half a surrogate pair: as JSON escapes it

    def put(self, content: bytes) -> None:
        """Replace the file's content; returns once that is durable. Blocking; raises OSError."""
        beside = self._path.with_name(self._path.name + ".new")
        fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, FILE_MODE)
        with os.fdopen(fd, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self._path)
        sync_folder(self._path.parent)


class Table(Generic[T]):
    """One table of the store: values of one dataclass under text keys."""

    def __init__(self, store: Store, name: str, kind: type[T]) -> None:
        self._store = store
        self._adapter: TypeAdapter[T] = TypeAdapter(kind)
        self._table = store.db.table(name, cache_size=0)
        self._ids: dict[str, int] = {}
        self._values: dict[str, T] = {}
        self._dirty: set[str] = set()
        for document in self._table.all():
            fields = dict(document)
            key = str(fields["key"])  # which may be one of the value's own fields too
            self._ids[key] = document.doc_id
            self._values[key] = self._adapter.validate_python(fields)
        self._next_id = max(self._ids.values(), default=0) + 1

    def get(self, key: str) -> T | None:
        """The value under `key`, None where there is none."""
        return self._values.get(key)

    def values(self) -> Iterator[T]:
        """All values, in the order in which their keys came."""
        return iter(tuple(self._values.values()))

    def items(self) -> Iterator[tuple[str, T]]:
        """All keys with their values."""
        return iter(tuple(self._values.items()))

    def put(self, key: str, value: T) -> None:
        """Set the value under `key`; on the disk with the next save."""
        self._values[key] = value
        self._touch(key)

    def drop(self, key: str) -> None:
        """Forget the value under `key`, if there is one."""
        if self._values.pop(key, None) is not None:
            self._touch(key)

    def _touch(self, key: str) -> None:
        self._dirty.add(key)
        self._store.changed()

    def commit(self) -> None:
        """Hand what changed to TinyDB (in memory)."""
        for key in self._dirty:
            value = self._values.get(key)
            known = self._ids.get(key)
            if known is not None:
                self._table.remove(doc_ids=[known])
            if value is None:
                self._ids.pop(key, None)
                continue
            if known is None:
                known, self._next_id = self._next_id, self._next_id + 1
                self._ids[key] = known
            self._table.insert(Document({"key": key, **self.dump(value)}, doc_id=known))
        self._dirty.clear()

    def dump(self, value: T) -> dict[str, Any]:
        """`value` as plain data; fields that have their default are left out."""
        plain: dict[str, Any] = self._adapter.dump_python(value, mode="json", exclude_defaults=True)
        return plain

    def load(self, plain: Mapping[str, Any]) -> T:
        """The value of which `dump` made `plain`; unknown fields are passed over."""
        return self._adapter.validate_python(dict(plain))


class Store:
    """The data folder, held by this process alone while it is open."""

    def __init__(self, folder: Path, *, gather: float = GATHER) -> None:
        """Open `folder`, making it where it is missing. Raises StoreError."""
        self.folder = folder
        self._gather = gather
        self._tables: list[Table[Any]] = []
        self._version = 0
        self._saved = 0
        self._writer: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._after: list[tuple[int, Callable[[], None]]] = []
        self.failed: Callable[[OSError | None], None] = lambda error: None
        try:
            _make_private(folder)
            self._lock = FileLock(folder / "lock", mode=FILE_MODE)
            self._lock.acquire(timeout=0)
        except Timeout:
            raise FolderBusy(f"{folder} is in use by another Telex; stop that one first.") from None
        except OSError as error:
            raise StoreError(
                f"DATA_DIR: {folder} cannot be written to ({error.strerror}); "
                "give this user the right to write there, or name another folder."
            ) from None
        path = folder / "telex.json"
        try:
            self._storage = AtomicStorage(path)
            self.db = TinyDB(storage=lambda: self._storage)
            self.history = History(folder / "history")
        except (OSError, ValueError) as error:
            self._lock.release()
            raise _unreadable(path, error) from None

    def table(self, name: str, kind: type[T]) -> Table[T]:
        """The table `name`, whose values are of the dataclass `kind`. Raises StoreError."""
        try:
            table = Table(self, name, kind)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _unreadable(self.folder / "telex.json", error) from None
        self._tables.append(table)
        return table

    def changed(self) -> None:
        """Note that a table changed; it is written with the next save, at most `gather` later."""
        self._version += 1
        if self._timer is None:
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                return  # before the loop runs: the first save takes it along
            self._timer = loop.call_later(self._gather, self._save_in_background)

    def after_save(self, call: Callable[[], None]) -> None:
        """Run `call` once all that has been put so far is on the disk."""
        if self._saved >= self._version:
            call()
        else:
            self._after.append((self._version, call))

    async def save(self) -> None:
        """Return once all that has been put so far is on the disk. Raises OSError.

        Whoever asks while a write is under way shares the next one.
        """
        wanted = self._version
        while self._saved < wanted:
            if self._writer is None:
                self._writer = asyncio.get_running_loop().create_task(self._write())
            await asyncio.shield(self._writer)

    async def _write(self) -> None:
        try:
            version = self._version
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            for table in self._tables:
                table.commit()
            content = self._storage.dump()
            try:
                await asyncio.to_thread(self._storage.put, content)
            except OSError as error:
                self.failed(error)
                self.retry_later()
                raise
            self._saved = version
            self.failed(None)
        finally:
            self._writer = None
        due = [call for at, call in self._after if at <= version]
        self._after = [(at, call) for at, call in self._after if at > version]
        for call in due:
            try:
                call()
            except Exception:  # whatever it is, the write went through and the others wait
                log.exception("what was to follow a write failed")

    def retry_later(self) -> None:
        """Try again in a while what could not be written now."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(min(RETRY, 5 * self._gather), self._save_in_background)

    def _save_in_background(self) -> None:
        self._timer = None
        task = asyncio.get_running_loop().create_task(self.save())
        # A failure was told through `failed` and is tried again; nothing waits for this one.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def close(self) -> None:
        """Save and let go of the folder. Raises OSError where the last save failed."""
        try:
            await self.save()
        finally:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            self._lock.release()


def _make_private(folder: Path) -> None:
    for path in (folder, folder / "history"):
        path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        if path.stat().st_mode & 0o077:
            path.chmod(FOLDER_MODE)


def _unreadable(path: Path, error: Exception) -> StoreError:
    return StoreError(
        f"{path} cannot be read ({type(error).__name__}); nothing was changed. Put a back-up in "
        "its place, or move it away to begin anew (what waits, and the sign-in, are then lost)."
    )
