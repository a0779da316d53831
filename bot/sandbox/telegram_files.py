"""The files that lie on the local Telegram, and for how long one may fetch them.

Keeps them in memory, or where they are on this disk; with `folder` it hands them out there, as a
local Bot API server with --local does.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.telegram_values import Json, bad

DOWNLOAD = 20 * 1024 * 1024  # https://core.telegram.org/bots/api#getfile
HOUR = 3600.0  # a path is good for at least that long
_FOLDERS = {  # kind: (folder in a file_path, how its file_ids begin)
    "photo": ("photos", "AgAC"),
    "document": ("documents", "BQAC"),
    "video": ("videos", "BAAC"),
    "animation": ("animations", "CgAC"),
    "video_note": ("video_notes", "DQAC"),
    "voice": ("voice", "AwAC"),
    "audio": ("music", "CQAC"),
    "sticker": ("stickers", "CAAC"),
    "thumbnail": ("thumbnails", "AAMC"),
}


@dataclass(frozen=True, slots=True)
class File:
    """One file; the content is made when it is fetched, so a thumbnail costs nothing until then."""

    id: str
    unique_id: str  # the same for the same content
    kind: str
    extension: str
    size: int
    content: Callable[[], bytes]
    tells_size: bool = True
    source: Path | None = None  # where it is on this disk

    def fields(self) -> Json:
        """What every object with a file in it begins with."""
        ids: Json = {"file_id": self.id, "file_unique_id": self.unique_id}
        return ids | {"file_size": self.size} if self.tells_size else ids


class Files:
    def __init__(self, clock: Callable[[], float], folder: Path | None = None) -> None:
        self._clock = clock
        self.folder = folder
        self._files: dict[str, File] = {}
        self._paths: dict[str, tuple[File, float]] = {}
        self._laid: dict[str, Path] = {}

    def add(
        self,
        kind: str,
        content: bytes | Path | Callable[[], bytes],
        *,
        extension: str = "",
        size: int | None = None,
        tells_size: bool = True,
        seed: str = "",
    ) -> File:
        """A new file; `size` may claim what the content is too small for.

        One that is given as a path is not read before it is fetched, so it may be large.
        """
        source = content if isinstance(content, Path) else None
        if isinstance(content, Path):
            size = content.stat().st_size if size is None else size
            seed = seed or f"{content} {size}"
            content = content.read_bytes
        if isinstance(content, bytes):
            data = content
            seed = seed or hashlib.sha256(data).hexdigest()
            size = len(data) if size is None else size
            content = lambda: data  # noqa: E731
        unique = hashlib.sha256(f"{kind} {seed}".encode()).hexdigest()[:13]
        file = File(
            id=_FOLDERS[kind][1] + secrets.token_urlsafe(48),
            unique_id="AQAD" + unique,
            kind=kind,
            extension=extension,
            size=size or 0,
            content=content,
            tells_size=tells_size,
            source=source,
        )
        self._files[file.id] = file
        return file

    @property
    def limit(self) -> int | None:
        """The most bytes of a file that is handed out; None: any."""
        return DOWNLOAD if self.folder is None else None

    def find(self, file_id: str) -> File:
        try:
            return self._files[file_id]
        except KeyError:
            raise bad("wrong file_id or the file is temporarily unavailable") from None

    def path(self, file_id: str) -> tuple[File, str]:
        """A fresh path for one hour; with a folder an absolute one, for ever."""
        file = self.find(file_id)
        if self.limit is not None and file.size > self.limit:
            raise bad("file is too big")
        name = f"{_FOLDERS[file.kind][0]}/file_{len(self._paths)}{file.extension}"
        if self.folder is None:
            self._paths[name] = (file, self._clock() + HOUR)
            return file, name
        laid = self._laid.get(file_id)
        if laid is None:
            laid = self._laid[file_id] = self.folder / name
            self._paths[name] = (file, 0.0)
            _lay(file, laid)
        return file, str(laid)

    def fetch(self, path: str) -> bytes | None:
        """The content behind a path that is still good."""
        file, ends = self._paths.get(path, (None, 0.0))
        if file is None or ends <= self._clock() or self.folder is not None:
            return None
        return file.content()


def _lay(file: File, target: Path) -> None:
    """The file at its place, without writing it a second time where that is possible."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if file.source is None:
        target.write_bytes(file.content())
        return
    try:
        os.link(file.source, target)
    except OSError:
        shutil.copyfile(file.source, target)
