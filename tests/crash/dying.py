"""Runs the bot so that it kills itself at a point of its choice, or records all it does to its disk.

`python -m tests.crash.dying` imports the bot once and forks a process for each order that it reads
from its standard input (a line of JSON), so that a start costs a few milliseconds. What it forks is
the bot from its `main` on. Reports on the standard output who was born and who died.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import io
import json
import os
import select
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypedDict

from tests.crash import points

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# What Python itself tells of changes to the disk, with the number of paths in front.
_AUDITED = {
    "os.rename": 2,
    "os.link": 2,
    "os.symlink": 2,
    "os.remove": 1,
    "os.mkdir": 1,
    "os.rmdir": 1,
    "os.truncate": 1,
    "os.chmod": 1,
}


class Order(TypedDict):
    """How to run the bot. `strike` is the point at which it dies: what, where, nth, moment."""

    cwd: str
    env: dict[str, str]
    log: str
    record: str | None
    strike: tuple[str, str, int, str] | None


def _opened(fd: int) -> Path:
    return Path(f"/proc/self/fd/{fd}").readlink()


class Disk:
    """Counts what changes the data folder, tells it, and kills this process at the chosen point."""

    def __init__(
        self, data: Path, record: int | None, strike: tuple[str, str, int, str] | None
    ) -> None:
        self._data = data
        self._record = record
        self._strike = strike
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()
        self._inside = threading.local()
        self._write = os.write
        self._open = os.open

    # --- what is counted

    def name(self, path: Any, dir_fd: int | None = None) -> str | None:
        """What the records call it; None where it is none of the data folder's."""
        try:
            whole = _opened(path) if isinstance(path, int) else Path(os.fsdecode(path))
            if dir_fd is not None:
                whole = _opened(dir_fd) / whole
            whole = whole.parent.resolve() / whole.name
        except OSError:
            return None
        if not whole.is_relative_to(self._data):
            return None
        return points.file(whole.relative_to(self._data))

    @contextlib.contextmanager
    def doing(
        self, what: str, where: str | None, torn: Callable[[], Any] | None = None
    ) -> Iterator[None]:
        """Around every deed; `torn` does half of it."""
        if where is None or getattr(self._inside, "it", False):
            yield
            return
        with self._lock:
            self._counts[what, where] += 1
            nth = self._counts[what, where]
        self._tell(f"begun\t{what}\t{where}\t{nth}\n")
        self._die_at(what, where, nth, "before")
        if torn is not None and self._strike == (what, where, nth, "torn"):
            torn()
            self._die_at(what, where, nth, "torn")
        self._inside.it = True
        try:
            yield
        except OSError:
            self._tell(f"failed\t{what}\t{where}\t{nth}\n")
            raise
        finally:
            self._inside.it = False
        self._die_at(what, where, nth, "after")

    def _die_at(self, what: str, where: str, nth: int, moment: str) -> None:
        if self._strike == (what, where, nth, moment):
            os.kill(os.getpid(), signal.SIGKILL)

    def _tell(self, line: str) -> None:
        if self._record is not None:
            self._write(self._record, line.encode())

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Records what changed the folder past the functions that are counted."""
        if getattr(self._inside, "it", False):
            return
        if event == "open":
            path, _, flags = arguments
            if isinstance(path, str | bytes) and flags & _WRITING and self.name(path) is not None:
                self._tell(f"missed\topen\t{self.name(path)}\t0\n")
        elif (count := _AUDITED.get(event)) is not None:
            for path in arguments[:count]:
                if isinstance(path, str | bytes) and self.name(path) is not None:
                    self._tell(f"missed\t{event}\t{self.name(path)}\t0\n")

    # --- in place of Python's own

    def install(self) -> None:
        """Replace whatever changes a file."""
        for name in ("replace", "rename", "link", "symlink"):
            self._wrap(name, which=1)
        for name in ("unlink", "remove", "mkdir", "rmdir", "truncate", "ftruncate", "chmod"):
            self._wrap(name)
        for name in ("fsync", "fdatasync"):
            self._wrap(name)
        for name in ("write", "pwrite", "writev", "pwritev", "sendfile", "copy_file_range"):
            self._wrap(name, which=1 if name == "copy_file_range" else 0)
        true_open = os.open

        def open_fd(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
            where = self.name(path, dir_fd) if flags & _WRITING else None
            with self.doing("open", where):
                return true_open(path, flags, mode, dir_fd=dir_fd)

        os.open = open_fd
        self._wrap_open()
        if self._record is not None:
            sys.addaudithook(self.audit)

    def _wrap(self, name: str, which: int = 0) -> None:
        true = getattr(os, name)

        def wrapped(*arguments: Any, **named: Any) -> Any:
            where = self.name(arguments[which]) if len(arguments) > which else None
            torn = None
            if name == "write" and where is not None:
                torn = lambda: true(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])  # noqa: E731
            with self.doing(name, where, torn):
                return true(*arguments, **named)

        setattr(os, name, wrapped)

    def _wrap_open(self) -> None:
        true = io.open
        disk = self

        class Counted(io.FileIO):
            """A file of the data folder, below the buffers: what arrives here is on its way."""

            where: str

            def write(self, content: Any, /) -> int:
                whole = bytes(content)
                half = lambda: super(Counted, self).write(whole[: len(whole) // 2])  # noqa: E731
                with disk.doing("write", self.where, half):
                    return super().write(content)

            def truncate(self, size: int | None = None, /) -> int:
                with disk.doing("truncate", self.where):
                    return super().truncate(size)

        def open_file(
            file: Any,
            mode: str = "r",
            buffering: int = -1,
            encoding: str | None = None,
            errors: str | None = None,
            newline: str | None = None,
            closefd: bool = True,
            opener: Any = None,
        ) -> Any:
            where = disk.name(file) if set(mode) & set("wax+") else None
            if where is None:
                return true(file, mode, buffering, encoding, errors, newline, closefd, opener)
            raw_mode = mode.replace("b", "").replace("t", "")
            with disk.doing("open", None if isinstance(file, int) else where):
                raw = Counted(file, raw_mode, closefd, opener)
            raw.where = where
            if buffering == 0:
                return raw
            buffered: Any = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
            if "b" in mode:
                return buffered
            return io.TextIOWrapper(buffered, encoding, errors, newline)

        io.open = open_file
        builtins.open = open_file


def _be_born(order: Order) -> None:
    """In the forked process: become the bot of this order, and never return."""
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.clear()
    os.environ.update(order["env"])
    os.chdir(order["cwd"])
    if order["record"] is not None or order["strike"] is not None:
        record = None
        if order["record"] is not None:
            record = os.open(order["record"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        strike = order["strike"]
        data = Path(order["env"]["DATA_DIR"]).resolve()
        Disk(data, record, None if strike is None else (*strike,)).install()
    from bot.__main__ import main

    sys.exit(main(["run"]))


def _import_all() -> None:
    import twitter_text  # noqa: F401

    import bot.app
    import bot.callback
    import bot.config  # noqa: F401

    gc.collect()
    gc.freeze()  # what is there already is shared by all processes


def _serve() -> None:
    _import_all()
    # A signal handler only so that `select` wakes up; what died is found by `waitpid`.
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    alive: set[int] = set()
    pending = b""
    _report({"ready": True})
    while True:
        ready, _, _ = select.select([0, wake_read], [], [])
        if wake_read in ready:
            os.read(wake_read, 4096)
            _bury(alive)
        if 0 not in ready:
            continue
        read = os.read(0, 65536)
        if not read:
            break
        *lines, pending = (pending + read).split(b"\n")
        for line in lines:
            order: Order = json.loads(line)
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                os.close(wake_read)
                os.close(wake_write)
                _be_born(order)
            alive.add(pid)
            _report({"born": pid})
    for pid in alive:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _bury(alive: set[int]) -> None:
    while alive:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        alive.discard(pid)
        _report({"died": pid, "status": os.waitstatus_to_exitcode(status)})


def _report(what: dict[str, object]) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    _serve()
