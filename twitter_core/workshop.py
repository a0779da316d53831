"""Makes files fit X: by leaving out what is not the picture, or, in a child process, by drawing it
anew. Never changes a file that it is given, and decides nothing: what to do is `media`'s.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import Final

from . import media
from .errors import Refusal
from .formats import Parts
from .media import Fit, Strip, Unusable

log = logging.getLogger(__name__)

PATIENCE: Final = 240.0  # seconds for one picture; the processor's seconds are bounded in `shrink`
_PREFIX: Final = "fit-"
_STEP: Final = 1024 * 1024
# What an operator or the system's shutdown sends, to the bot and to its children alike.
_STOPPED: Final = (-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP)


class Workshop:
    """Fits files, side by side; pictures that are drawn anew one after the other."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` is where files are made; None: the system's folder for temporary files.

        A folder that is given belongs to this process alone: what an earlier one left is deleted.
        """
        self._folder = folder
        self._swept = False
        self._sweeping = threading.Lock()
        self._turn = asyncio.Lock()

    async def fit(self, path: Path) -> Fit:
        """The file at `path` as X takes it; `Fit.discard` deletes what had to be made for it.

        Raises media.Unusable, and OSError where the disk or the system refuses for the moment.
        """
        plan = await asyncio.to_thread(media.plan, path)
        if isinstance(plan, Fit):
            return plan
        made = await asyncio.to_thread(self._place)
        try:
            if isinstance(plan, Strip):
                await asyncio.to_thread(_write, path, plan.parts, made)
                return Fit(made, plan.mime, plan.category, made=True)
            async with self._turn:
                await _draw(path, made)
            drawn = await asyncio.to_thread(_inspect, made)
            return Fit(made, drawn.mime, drawn.category, made=True)
        except BaseException:
            made.unlink(missing_ok=True)
            raise

    def _place(self) -> Path:
        """A new, empty and private file."""
        if self._folder is not None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._sweeping:  # nobody makes a file before all old ones are gone
                for left in () if self._swept else self._folder.glob(f"{_PREFIX}*"):
                    left.unlink(missing_ok=True)
                self._swept = True
        fd, name = tempfile.mkstemp(prefix=_PREFIX, dir=self._folder)
        os.close(fd)
        return Path(name)


def _write(path: Path, parts: Parts, made: Path) -> None:
    with path.open("rb") as source, made.open("wb") as target:
        for part in parts:
            if isinstance(part, bytes):
                target.write(part)
                continue
            at, behind = part
            source.seek(at)
            while at < behind:
                piece = source.read(min(_STEP, behind - at))
                if not piece:
                    raise OSError("the file became shorter while it was read")
                target.write(piece)
                at += len(piece)


def _inspect(made: Path) -> Fit:
    """What the child has made, if it fits: a child that a hostile file got hold of is not believed.

    Raises Unusable.
    """
    try:
        drawn = media.plan(made)
    except Unusable as error:
        log.warning("what was made of a picture is of no use: %s", error.refusal)
    else:
        if isinstance(drawn, Fit):
            return drawn
        log.warning("what was made of a picture does not fit either")
    raise Unusable(Refusal.TOO_MUCH_WORK)


async def _draw(path: Path, made: Path) -> None:
    """Let a child make the file. Whatever happens here, it does not outlive this call."""
    child = await asyncio.create_subprocess_exec(
        *_command(path, made),
        # `-m` looks there first, so it is this very package that is found.
        cwd=Path(__file__).parent.parent,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the bot, which ends what it has under way
    )
    try:
        async with asyncio.timeout(PATIENCE):
            said, complained = await child.communicate()
    except TimeoutError:
        log.warning("a picture took longer than %.0f s to be drawn anew", PATIENCE)
        raise Unusable(Refusal.TOO_MUCH_WORK) from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    status = child.returncode
    if status == os.EX_TEMPFAIL or status in _STOPPED:
        raise OSError(f"a picture could not be drawn anew for now ({status})")
    _listen(said if status == 0 else b"", complained, status)


def _command(path: Path, made: Path) -> list[str]:
    program = [sys.executable, "-m", f"{__package__}.shrink"]
    return [*program, str(path.absolute()), str(made.absolute()), str(os.getpid())]


def _listen(said: bytes, complained: bytes, status: int | None) -> None:
    """Raises Unusable unless the child says that it is done."""
    try:
        answer = dict(json.loads(said))
        refusal = Refusal(answer["refusal"]) if "refusal" in answer else None
        detail = str(answer.get("detail", ""))
    except (ValueError, TypeError):
        last = complained.decode(errors="replace").strip().rpartition("\n")[2]
        log.warning("drawing a picture anew ended with %s: %s", status, last[:200])
        refusal, detail = Refusal.TOO_MUCH_WORK, ""
    if refusal is not None:
        raise Unusable(refusal, detail)
