"""Tells the owners, once each time, that the disk takes no writes, and that it does again."""

from __future__ import annotations

import logging

from . import sentences
from .card import View
from .messenger import Messenger

log = logging.getLogger(__name__)


class Disk:
    """What is heard of each write to the data folder. Posting goes on by itself."""

    def __init__(self, messenger: Messenger) -> None:
        self._messenger = messenger
        self._failed = False

    def wrote(self, error: OSError | None) -> None:
        """A write went through, or ended in `error`."""
        failed = error is not None
        if failed == self._failed:
            return
        self._failed = failed
        if error is not None:
            log.error("the disk refuses writes: %s", error.strerror)
        self._messenger.notify(View(sentences.DISK_REFUSES if failed else sentences.DISK_WORKS))
