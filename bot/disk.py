"""Tells the owners, once each time, that the disk takes no writes, and that it does again.

A small file may fit where a large one does not, so each writer's success counts for itself alone.
"""

from __future__ import annotations

import logging

from .card import View
from .messenger import Messenger
from .words import sentences

log = logging.getLogger(__name__)


class Disk:
    """What is heard of each write to the data folder. Posting goes on by itself."""

    def __init__(self, messenger: Messenger) -> None:
        self._messenger = messenger
        self._failing: set[str] = set()

    def wrote(self, writer: str, error: OSError | None) -> None:
        """A write of `writer` went through, or ended in `error`."""
        failed_before = bool(self._failing)
        if error is None:
            self._failing.discard(writer)
        elif writer not in self._failing:
            self._failing.add(writer)
            log.error("the disk refuses what the %s writes: %s", writer, error.strerror)
        failed = bool(self._failing)
        if failed != failed_before:
            self._messenger.notify(View(sentences.DISK_REFUSES if failed else sentences.DISK_WORKS))
