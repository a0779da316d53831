"""Owners' updates on the disk before Telegram hears that they arrived, until they are dealt with.

A batch is a file with the raw updates as a JSON array. The file is made ahead, so that a single
sync stands between an update and its handling. Strangers' updates are never written.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from telegram import Bot, Update

from twitter_core.history import FILE_MODE, sync_folder
from twitter_core.store import FOLDER_MODE

from . import gate

log = logging.getLogger(__name__)

Raw = Mapping[str, Any]


class Inbox:
    """The folder `inbox/`, with what could not be read in `inbox/aside/`."""

    def __init__(
        self,
        folder: Path,
        owners: frozenset[int],
        *,
        arrived: Callable[[Raw], None] = lambda _: None,
    ) -> None:
        """`arrived` hears of each owner's update while it is still being written."""
        self._folder = folder
        self._aside = folder / "aside"
        self._owners = owners
        self._arrived = arrived
        self._unfinished: dict[Path, set[int]] = {}
        self._number = 0
        self._spare: Path | None = None
        self.set_aside: Callable[[int], None] = lambda chat: None
        self.failed: Callable[[OSError | None], None] = lambda error: None

    def open(self) -> tuple[Raw, ...]:
        """The updates that an earlier run did not finish, in their order. Raises OSError."""
        for folder in (self._folder, self._aside):
            folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        found: list[Raw] = []
        for path in sorted(self._folder.glob("*.json")):
            self._number = max(self._number, int(path.stem) if path.stem.isdecimal() else 0)
            updates = _read(path)
            if updates is None:
                # Torn: Telegram was never told that it arrived, and sends it again.
                path.rename(self._free_aside(path.stem, path.read_bytes()))
            elif not updates:
                path.unlink()
            else:
                found += updates
                self._unfinished[path] = {int(update["update_id"]) for update in updates}
        path = self._next_path()
        _write_new(path, b"")
        self._spare = path
        return tuple(found)

    def parse(self, updates: Iterable[Raw], bot: Bot | None) -> list[Update]:
        """What an earlier run left, parsed; what this version cannot read is put aside and told."""
        parsed: list[Update] = []
        for update in updates:
            if _parses(update):
                parsed.append(Update.de_json(dict(update), bot))
                continue
            try:
                self.put_aside(update)
            except OSError as error:  # it stays where it is, for the next start
                log.warning("an update could not be kept: %s", error.strerror)
                continue
            self.finish(int(update["update_id"]))
            log.warning("an update could not be read any more; it is kept in %s", self._aside)
            if gate.is_owners(update, self._owners):
                self.set_aside(_chat_of(update))
        return parsed

    async def admit(self, payload: bytes) -> bytes:
        """The answer to a getUpdates as the rest of Telex may see it.

        Owners' updates are on the disk when this returns; strangers' and those that cannot be
        parsed are left as bare `{"update_id": n}`, so that they are acknowledged. Raises OSError
        where the disk does not take them: then nothing must be acknowledged.
        """
        answer = json.loads(payload)
        updates = answer.get("result") if isinstance(answer, dict) else None
        if not updates or not isinstance(updates, list):
            return payload
        kept: list[Raw] = []
        unreadable: list[Raw] = []
        for index, update in enumerate(updates):
            bare = {"update_id": update["update_id"]}
            if not gate.is_owners(update, self._owners):
                updates[index] = bare
            elif not _parses(update):
                unreadable.append(update)
                updates[index] = bare
            else:
                kept.append(update)
                self._arrived(update)
        if kept or unreadable:
            path = self._path_of_batch() if kept else None
            try:
                await asyncio.to_thread(self._write, path, kept, unreadable)
            except OSError as error:
                self.failed(error)
                raise
            self.failed(None)
            if path is not None:
                self._unfinished[path] = {int(update["update_id"]) for update in kept}
        for update in unreadable:
            log.warning("an update could not be read; it is kept in %s", self._aside)
            self.set_aside(_chat_of(update))
        return json.dumps(answer).encode()

    def finish(self, update_id: int) -> None:
        """The update needs no replay any more."""
        for path, ids in list(self._unfinished.items()):
            ids.discard(update_id)
            if not ids:
                del self._unfinished[path]
                _remove(path)

    def put_aside(self, update: Raw) -> None:
        """Keep an update that could not be dealt with, out of the way of the next start."""
        content = _dump(update)
        path = self._free_aside(str(update["update_id"]), content)
        if path.exists():
            return
        try:
            _write_new(path, content)
        except OSError:
            _remove(path)
            raise

    def _free_aside(self, name: str, content: bytes) -> Path:
        """A path in `aside/` with nothing there yet, or `content` already: numbers begin anew."""
        path = self._aside / f"{name}.json"
        for number in count(2):
            if not path.exists() or path.read_bytes() == content:
                break
            path = self._aside / f"{name}-{number}.json"
        return path

    def _write(self, path: Path | None, kept: list[Raw], unreadable: list[Raw]) -> None:
        for update in unreadable:
            self.put_aside(update)
        if path is None:
            return
        try:
            if path.exists():
                _write_into(path, _dump(kept))
            else:
                _write_new(path, _dump(kept))
        except OSError:
            _remove(path)  # Telegram sends them again; this copy would be replayed by some start
            raise

    async def make_spare(self) -> None:
        """Make the file for the next batch, while there is time."""
        if self._spare is not None:
            return
        path = self._next_path()
        try:
            await asyncio.to_thread(_write_new, path, b"")
        except OSError as error:
            log.warning("the inbox cannot be written: %s", error.strerror)
            _remove(path)
            return
        if path.stem == f"{self._number:012d}":
            self._spare = path
        else:
            _remove(path)  # a batch came meanwhile, and what comes next must stand behind it

    def _path_of_batch(self) -> Path:
        path = self._spare or self._next_path()
        self._spare = None
        return path

    def _next_path(self) -> Path:
        self._number += 1
        return self._folder / f"{self._number:012d}.json"


def _read(path: Path) -> list[Raw] | None:
    content = path.read_bytes()
    if not content:
        return []
    try:
        updates = json.loads(content)
    except ValueError:
        return None
    is_whole = isinstance(updates, list) and all(
        isinstance(update, dict) and type(update.get("update_id")) is int for update in updates
    )
    return updates if is_whole else None


def _parses(update: Raw) -> bool:
    try:
        return Update.de_json(dict(update), None) is not None
    except Exception:  # noqa: BLE001 - whatever PTB trips over must not hold up its neighbours
        return False


def _chat_of(update: Raw) -> int:
    kind = next(kind for kind in gate.ALLOWED_UPDATES if kind in update)
    return int(update[kind]["from"]["id"])


def _dump(content: object) -> bytes:
    # Half a surrogate pair stays what it was: an escape of JSON.
    return json.dumps(content, ensure_ascii=False).encode(errors="backslashreplace")


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("the inbox cannot be written: %s", error.strerror)


def _write_new(path: Path, content: bytes) -> None:
    _write_into(path, content)
    sync_folder(path.parent)


def _write_into(path: Path, content: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    with os.fdopen(fd, "wb") as file:
        file.truncate()
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
