"""A Telegram file as a file on this disk. Keeps no `file_path`: it holds the bot token."""

from __future__ import annotations

import asyncio
import logging
import os
import re
from pathlib import Path

from telegram import Bot
from telegram.error import BadRequest, TelegramError

from twitter_core.entry import Entry
from twitter_core.errors import Refusal
from twitter_core.media import Unusable
from twitter_core.post import Media
from twitter_core.store import FOLDER_MODE
from twitter_core.uploads import Later

from .request import BotRequest

log = logging.getLogger(__name__)

AT_ONCE = 6
LOCAL_PATIENCE = 600.0  # seconds; a local Bot API server answers when it has the whole file
_MB = 1024 * 1024


class TelegramFiles:
    """Fetches files into `media/`, each once however many ask for it."""

    def __init__(
        self,
        folder: Path,
        bot: Bot,
        request: BotRequest,
        local_files: Path | None,
    ) -> None:
        """`local_files` is the folder of a local Bot API server, None where files come by HTTP."""
        self._folder = folder
        self._bot = bot
        self._request = request
        self._local_files = local_files
        # By their path: several file ids of one picture share a file, and so a download.
        self._under_way: dict[Path, asyncio.Task[Path]] = {}
        self._lanes = asyncio.Semaphore(AT_ONCE)
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)

    def begin(self, media: Media) -> None:
        """Start to fetch; whoever asks for the file later finds it under way."""
        path = self._path(media)
        if path not in self._under_way:
            task = asyncio.get_running_loop().create_task(self._fetch(media))
            self._under_way[path] = task
            task.add_done_callback(lambda done: self._ended(path, done))

    async def fetch(self, media: Media) -> Path:
        """The file on this disk. Raises Later, or Unusable where it cannot be had at all."""
        self.begin(media)
        return await asyncio.shield(self._under_way[self._path(media)])

    def release(self, entry: Entry) -> None:
        """Delete the files of `entry`."""
        for media in entry.post.media:
            _delete(self._path(media))

    def keep_only(self, entries: tuple[Entry, ...]) -> None:
        """Delete what belongs to none of `entries`: left behind by an earlier run."""
        needed = {self._path(media).name for entry in entries for media in entry.post.media}
        try:
            left = [path for path in self._folder.iterdir() if path.name not in needed]
        except OSError as error:
            log.warning("the files of earlier posts cannot be listed: %s", error.strerror)
            return
        for path in left:
            _delete(path)

    def _ended(self, path: Path, task: asyncio.Task[Path]) -> None:
        self._under_way.pop(path, None)
        if not task.cancelled():
            task.exception()  # whoever asked has seen it; if nobody did, it is tried again

    def _path(self, media: Media) -> Path:
        return self._folder / re.sub(r"[^A-Za-z0-9_-]", "_", media.name or media.ref)

    async def _fetch(self, media: Media) -> Path:
        path = self._path(media)
        if path.exists() and media.size is not None and path.stat().st_size == media.size:
            return path
        try:
            async with self._lanes:
                told = await self._ask(media)
                # A path that is none on this machine comes behind the address for downloads.
                there = Path(told.removeprefix(f"{self._bot.base_file_url}/"))
                if there.is_absolute():
                    return self._local(there)
                part = path.with_name(path.name + ".part")
                await self._request.download(told, part)
                os.replace(part, path)
        except BadRequest as error:
            if "too big" in error.message:
                size = "" if media.size is None else f"{media.size / _MB:.1f} MB"
                raise Unusable(Refusal.FILE_TOO_LARGE, size) from None
            log.warning("Telegram does not have a file any more: %s", error.message)
            raise Unusable(Refusal.FILE_GONE) from None
        except TelegramError as error:
            raise Later(error.message) from None
        return path

    async def _ask(self, media: Media) -> str:
        """Where Telegram has the file."""
        if self._local_files is None:
            file = await self._bot.get_file(media.ref)
        else:
            file = await self._bot.get_file(media.ref, read_timeout=LOCAL_PATIENCE)
        return file.file_path or ""

    def _local(self, path: Path) -> Path:
        """The file of a local Bot API server, if it lies where it should.

        Not copied, never changed: it is that server's.
        """
        if self._local_files is None:
            log.error("the Bot API server has files of its own, but TELEGRAM_LOCAL_FILES is empty")
            raise Unusable(Refusal.FILE_UNREADABLE)
        resolved = path.resolve()
        if not resolved.is_relative_to(self._local_files.resolve()):
            log.error("TELEGRAM_LOCAL_FILES: a file lies outside of that folder; it is not read")
            raise Unusable(Refusal.FILE_UNREADABLE)
        try:
            if not resolved.is_file():
                log.warning("TELEGRAM_LOCAL_FILES: a file is not there any more")
                raise Unusable(Refusal.FILE_GONE)
            resolved.open("rb").close()
        except PermissionError:
            log.error("TELEGRAM_LOCAL_FILES: a file in that folder may not be read")  # noqa: TRY400
            raise Unusable(Refusal.FILE_UNREADABLE) from None
        return resolved


def _delete(path: Path) -> None:
    """A file too many does no harm; the next start tries again."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("a file in %s cannot be deleted: %s", path.parent, error.strerror)
