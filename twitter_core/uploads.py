"""Brings the media of waiting posts to X ahead of their turn, a few at once. Creates no post."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from . import limits, media, outbox, schedule
from .api import Api
from .desk import Desk
from .entry import Entry, Failure, Upload
from .errors import (
    BadMedia,
    CreditsDepleted,
    RateLimited,
    Refusal,
    Refused,
    Uncertain,
    Unsent,
    UploadGone,
    XError,
)
from .events import Delayed, Uploaded, UploadFailed
from .line import Reason
from .post import Media
from .tokens import Keeper
from .upload import CATEGORIES, Progress
from .ways import Way, Ways
from .workshop import Workshop

log = logging.getLogger(__name__)

AT_ONCE = 6
_KINDS = {category: kind for kind, category in CATEGORIES.items()}


class Later(Exception):
    """The file cannot be had at the moment."""


class Files(Protocol):
    """Where the bytes of a medium are."""

    async def fetch(self, media: Media) -> Path:
        """A file on this disk. Raises Later, or media.Unusable where it cannot be had at all."""

    def release(self, entry: Entry) -> None:
        """The files of `entry` are not needed any more."""


class Uploads:
    """The uploads under way. Each ends as an event to its entry."""

    def __init__(
        self,
        desk: Desk,
        client: Api,
        keeper: Keeper,
        files: Files,
        ways: Ways,
        workshop: Workshop,
    ) -> None:
        self._desk = desk
        self._client = client
        self._keeper = keeper
        self._files = files
        self._ways = ways
        self._workshop = workshop
        self._tasks: dict[tuple[str, str, int], asyncio.Task[None]] = {}

    def start_due(self, now: float) -> float | None:
        """Start what may start, the first of the line first; returns when to look again."""
        account = self._desk.account
        wake: float | None = None
        for entry in self._desk.entries():
            if entry.not_before > now and (wake is None or entry.not_before < wake):
                wake = entry.not_before
            if entry.due is not None and (at := entry.due - schedule.AHEAD) > now:
                wake = at if wake is None else min(wake, at)
            for index in outbox.uploads_due(entry, account, now):
                if len(self._tasks) >= AT_ONCE:
                    return wake
                self._start(entry, index, account, now)
        return wake

    def _start(self, entry: Entry, index: int, account: str, now: float) -> None:
        medium, upload = entry.post.media[index], entry.uploads[index]
        # By the medium, not its position: an album that is open may still reorder its items.
        name = (entry.key, medium.ref, medium.order)
        if name in self._tasks:
            return
        alt = entry.post.alt(index)
        if upload is not None and outbox.is_fresh(upload, account, now):
            work = self._describe(medium, upload, alt)
        else:
            work = self._upload(entry, medium, alt)
        task = asyncio.create_task(self._tell(entry, medium, work))
        self._tasks[name] = task
        task.add_done_callback(lambda _: self._ended(name, entry))

    def _ended(self, name: tuple[str, str, int], entry: Entry) -> None:
        task = self._tasks.pop(name)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("an upload failed", exc_info=error)
            self._desk.tell(entry.key, Delayed(self._desk.retry_at(entry)))
        self._desk.wake()

    def stop(self) -> list[asyncio.Task[None]]:
        """Cancel what is under way; returns what has to be waited for."""
        for task in self._tasks.values():
            task.cancel()
        return list(self._tasks.values())

    async def _tell(
        self, entry: Entry, medium: Media, work: Coroutine[None, None, Uploaded]
    ) -> None:
        """Tell the entry what came of a piece of work."""
        desk = self._desk
        try:
            uploaded = await work
        except media.Unusable as error:
            desk.tell(entry.key, UploadFailed(Failure(error.refusal, error.detail), medium))
        except (Later, OSError, Uncertain) as error:
            log.info("a file could not be brought to X now (%s); trying again", error)
            desk.tell(entry.key, Delayed(desk.retry_at(entry)))
        except Unsent as error:
            desk.hold(error)
        except Refused as error:
            hold = desk.hold(error)
            if hold is None or hold.reason is Reason.CREDITS:
                desk.tell(entry.key, UploadFailed(Failure(error.refusal, error.detail), medium))
        else:
            desk.answered()
            desk.tell(entry.key, uploaded)

    async def _upload(self, entry: Entry, medium: Media, alt: str) -> Uploaded:
        _check_length(alt)  # for nothing would come of the upload
        path = await self._files.fetch(medium)
        fitted = await self._workshop.fit(path)
        upload = await self._send(entry, fitted)
        # What X keeps for less than an hour is used all the same, not uploaded for ever.
        least = self._desk.now() + 2 * outbox.REUPLOAD
        usable = replace(upload, expires_at=max(least, upload.expires_at))
        return Uploaded(medium, usable, _KINDS[fitted.category])

    async def _describe(self, medium: Media, upload: Upload, alt: str) -> Uploaded:
        """Tell X the alt text of a medium that is there already. Raises Unusable."""
        _check_length(alt)
        if upload.way == Way.V11:
            await self._client.describe_v11(upload.media_id, alt)
        else:
            await self._keeper.use(
                lambda token: self._client.describe_v2(token, upload.media_id, alt)
            )
        return Uploaded(medium, replace(upload, alt=alt), medium.kind)

    async def _send(self, entry: Entry, fitted: media.Fit) -> Upload:
        def progress(sent: int, total: int) -> None:
            self._desk.progressed(entry.key, sent / total)

        try:
            return await self._send_by_either(fitted, progress)
        finally:
            fitted.discard()

    async def _send_by_either(self, fitted: media.Fit, progress: Progress) -> Upload:
        account = self._desk.account
        if self._ways.choose(account) is Way.V11:
            try:
                done = await self._client.upload_v11(
                    fitted.path, fitted.mime, fitted.category, progress=progress
                )
            except XError as error:
                if not self._goes_on_by_v2(error):
                    raise
            else:
                self._ways.worked()
                return Upload(done.media_id, done.expires_at, self._ways.uploader, Way.V11)
        done = await self._keeper.use(
            lambda token: self._client.upload_v2(
                token, fitted.path, fitted.mime, fitted.category, progress=progress
            )
        )
        return Upload(done.media_id, done.expires_at, account, Way.V2)

    def _goes_on_by_v2(self, error: XError) -> bool:
        """Whether a file that v1.1 did not take goes out by v2 at once."""
        if isinstance(error, UploadGone):
            self._ways.missed(error)
        if not self._ways.may_change:
            return False
        # What X says of the file itself, of money or of rates, v2 would say too.
        return not isinstance(error, BadMedia | CreditsDepleted | RateLimited)


def _check_length(alt: str) -> None:
    if len(alt) > limits.ALT_TEXT_LENGTH:
        raise media.Unusable(Refusal.ALT_TOO_LONG, f"{len(alt)} characters")
