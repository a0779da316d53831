"""Looks at the data folder from outside: makes nothing, writes nothing, and takes no lock."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from . import seen

_OTHERS = 0o077


def look(path: Path) -> seen.Folder:
    """What is to be seen of it."""
    try:
        return _look(path)
    except OSError:  # a folder above it may not be looked into
        return seen.Folder(str(path), is_there=False, stopper="not writable")


def _look(path: Path) -> seen.Folder:
    name = str(path)
    is_there = path.exists()
    nearest = path if is_there else _nearest(path)
    if not nearest.is_dir():
        return seen.Folder(name, is_there, "not a folder")
    if is_there and os.geteuid() not in (0, path.stat().st_uid):
        return seen.Folder(name, is_there, "not yours")
    if not os.access(nearest, os.R_OK | os.W_OK | os.X_OK):
        return seen.Folder(name, is_there, "not writable")
    return seen.Folder(
        name,
        is_there,
        open_to_others=_open(path) if is_there else (),
        free=shutil.disk_usage(nearest).free,
    )


def _nearest(path: Path) -> Path:
    """The nearest folder above that exists, in which it would be made."""
    return next((one for one in path.absolute().parents if one.exists()), Path("/"))


def _open(folder: Path) -> tuple[str, ...]:
    """What others may get at, by its name in the folder. A shut folder shuts all that is in it."""
    found = []
    for path in (folder, *sorted(folder.rglob("*"))):
        try:
            mode = path.lstat().st_mode
        except OSError:  # gone in the meantime
            continue
        if not stat.S_ISLNK(mode) and mode & _OTHERS:
            found.append(str(path.relative_to(folder)))
    return tuple(found)
