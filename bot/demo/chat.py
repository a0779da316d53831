"""A chat with the bot in a terminal: what is typed is the owner's, until the end of the input.

Small on purpose: lines in, lines out.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from bot.demo import browser, pictures
from bot.demo.stage import Stage
from bot.demo.transcript import Transcript
from bot.sandbox.telegram import Message

HELP = """\
What you type, Telex gets as its owner's message. Begin with /auth. These are not
sent but done:
  !open                  follow the newest link: allow it on X's page, or see the post
  !photo [FILE] CAPTION  send a picture; without a file, one that is drawn here
  !press LABEL           press the newest button with this label
  !timeline              see what stands on X
Ctrl-C ends it, and nothing is kept."""
PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp")


class Refusal(Exception):
    """What was typed cannot be done; its text says why."""


class Chat:
    """What is typed becomes what the owner does."""

    def __init__(self, stage: Stage, show: Transcript) -> None:
        self._stage = stage
        self._show = show

    def go_to(self, stage: Stage) -> None:
        """From now on the chat is on another stage."""
        self._stage = stage

    async def run(self) -> None:
        """Until the end of the input."""
        self._show.line(HELP)
        self._show.line()
        async for line in _lines():
            try:
                await self.take(line.strip())
            except Refusal as error:
                self._show.aside(str(error))

    async def take(self, line: str) -> None:
        """Do what one line says. Raises Refusal."""
        command, _, rest = line.partition(" ")
        match command:
            case "":
                pass
            case "!open":
                await self._open()
            case "!photo":
                self._photo(rest.strip())
            case "!press":
                self._press(rest.strip().strip("[]"))
            case "!timeline":
                self._timeline()
            case _ if command.startswith("!"):
                raise Refusal("!open, !photo, !press and !timeline are all there is")
            case _ if len(line) > 4096:
                raise Refusal("Telegram takes 4096 characters")
            case _:
                self._stage.owner.sends_text(line)

    async def _open(self) -> None:
        links = [
            button.url
            for message in self._newest_first()
            for row in message.buttons
            for button in row
            if button.url
        ]
        if not links:
            raise Refusal("no message of Telex has a link: send /auth or a picture")
        if not links[0].startswith(self._stage.x.url):
            self._timeline(links[0])
            return
        try:
            landing = await browser.consent(links[0])
        except browser.Lost as error:
            raise Refusal(str(error)) from None
        self._show.telex("\n".join(landing.sentences), how="page")

    def _photo(self, given: str) -> None:
        first, _, rest = given.partition(" ")
        path = Path(first).expanduser()
        try:
            if "/" in first or path.suffix.lower() in PICTURES:
                self._stage.owner.sends_photo(path.read_bytes(), rest.strip())
            else:
                self._stage.owner.sends_photo(pictures.draw(pictures.DUSK), given)
        except OSError as error:
            raise Refusal(f"{first}: {error.strerror}") from None
        except ValueError as error:  # a caption that is too long
            raise Refusal(str(error)) from None

    def _press(self, label: str) -> None:
        for message in self._newest_first():
            if label in message.labels:
                try:
                    self._stage.owner.presses(message, label)
                except LookupError:
                    raise Refusal(f"[{label}] is a link: !open follows it") from None
                return
        raise Refusal(f"there is no button [{label}]")

    def _timeline(self, address: str = "") -> None:
        posts = self._stage.x.timeline()
        if address:
            posts = tuple(post for post in posts if address.endswith(f"/{post.id}"))
        for post in posts:
            count = len(post.media)
            pictured = f" [{count} picture{'s' * (count > 1)}]" if count else ""
            self._show.aside(f"@sandbox: {post.text}{pictured}")
        if not posts:
            self._show.aside("nothing is there")

    def _newest_first(self) -> list[Message]:
        return self._stage.owner.chat.from_bot[::-1]


async def _lines() -> AsyncIterator[str]:
    """What is typed, line by line; the loop goes on meanwhile."""
    loop = asyncio.get_running_loop()
    typed: asyncio.Queue[bytes] = asyncio.Queue()
    number = sys.stdin.fileno()

    def read() -> None:
        try:
            typed.put_nowait(os.read(number, 65536))
        except OSError:  # the terminal is gone
            typed.put_nowait(b"")
            loop.remove_reader(number)

    loop.add_reader(number, read)
    rest = b""
    try:
        while chunk := await typed.get():
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                yield line.decode(errors="replace")
    finally:
        loop.remove_reader(number)
