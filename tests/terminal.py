"""A terminal with a person at it: a command in a pseudo-terminal, typed into and read from."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import re
import struct
import termios
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

ENTER, CTRL_C, CTRL_D = "\r", "\x03", "\x04"
# https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_=>])")
_WHERE = b"\x1b[6n"  # asks for the place of the cursor, and waits for the answer


class Terminal:
    """`shown` is all that was written to the screen, without colours and movements."""

    def __init__(self, master: int, process: asyncio.subprocess.Process, lines: int) -> None:
        self._master = master
        self._lines = lines  # the cursor stands on the last one, as it mostly does
        self.process = process
        self.raw = ""
        self._seen = 0
        self._more = asyncio.Event()
        self._pending = b""
        asyncio.get_running_loop().add_reader(master, self._read)

    @property
    def shown(self) -> str:
        return _SEQUENCE.sub("", self.raw).replace("\r", "")

    def _read(self) -> None:
        try:
            data = os.read(self._master, 65536)
        except OSError:  # the other end is closed
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._master)
        for _ in range(data.count(_WHERE)):
            os.write(self._master, b"\x1b[%d;1R" % self._lines)
        try:
            self.raw += (self._pending + data).decode()
            self._pending = b""
        except UnicodeDecodeError:  # in the middle of a character
            self._pending += data
        self._more.set()

    async def sees(self, text: str, seconds: float = 60.0) -> str:
        """Until `text` is shown behind what was waited for before; returns what came with it."""
        try:
            async with asyncio.timeout(seconds):
                while text not in self.shown[self._seen :]:
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            raise AssertionError(f"no {text!r} in:\n{self.shown[self._seen :]}") from None
        begun = self._seen
        self._seen = self.shown.index(text, begun) + len(text)
        return self.shown[begun : self._seen]

    def types(self, text: str, end: str = ENTER) -> None:
        """Type, and press Enter."""
        os.write(self._master, (text + end).encode())

    def pastes(self, text: str) -> None:
        """Paste as a terminal does it that tells pasting from typing, and press Enter."""
        os.write(self._master, f"\x1b[200~{text}\x1b[201~{ENTER}".encode())

    async def answers(self, question: str, text: str) -> None:
        """Wait for a question and answer it."""
        await self.sees(question)
        self.types(text)

    async def ends(self, seconds: float = 60.0) -> int:
        """The exit status."""
        try:
            return await asyncio.wait_for(self.process.wait(), seconds)
        except TimeoutError:
            raise AssertionError(f"it goes on:\n{self.shown[self._seen :]}") from None


@contextlib.asynccontextmanager
async def terminal(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    columns: int = 100,
    lines: int = 50,
) -> AsyncIterator[Terminal]:
    """`command` at a new terminal."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={"TERM": "xterm-256color", **environment},
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(slave)
    it = Terminal(master, process, lines)
    try:
        yield it
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        asyncio.get_running_loop().remove_reader(master)
        os.close(master)
