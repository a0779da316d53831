"""What the owners hear of the disk: once that it refuses, once that all of it works again."""

from __future__ import annotations

from typing import cast

import pytest

from bot.card import View
from bot.disk import Disk
from bot.messenger import Messenger
from bot.words import sentences

FULL = OSError(28, "No space left on device")


class FakeMessenger:
    def __init__(self) -> None:
        self.said: list[str] = []

    def notify(self, view: View) -> None:
        self.said.append(view.text)


@pytest.fixture
def messenger() -> FakeMessenger:
    return FakeMessenger()


@pytest.fixture
def disk(messenger: FakeMessenger) -> Disk:
    return Disk(cast(Messenger, messenger))


def test_a_small_file_that_still_fits_does_not_say_that_the_disk_works(
    disk: Disk, messenger: FakeMessenger
) -> None:
    for _ in range(3):
        disk.wrote("store", FULL)
        disk.wrote("inbox", None)
    assert messenger.said == [sentences.DISK_REFUSES]


def test_it_works_again_once_the_last_writer_that_failed_got_through(
    disk: Disk, messenger: FakeMessenger
) -> None:
    for writer in ("store", "inbox", "history"):
        disk.wrote(writer, FULL)
    disk.wrote("inbox", None)
    disk.wrote("store", None)
    assert messenger.said == [sentences.DISK_REFUSES]
    disk.wrote("history", None)
    assert messenger.said == [sentences.DISK_REFUSES, sentences.DISK_WORKS]
    disk.wrote("history", FULL)
    assert messenger.said[2:] == [sentences.DISK_REFUSES]


def test_a_disk_that_works_is_not_mentioned(disk: Disk, messenger: FakeMessenger) -> None:
    disk.wrote("store", None)
    disk.wrote("inbox", None)
    assert messenger.said == []


def test_the_log_names_each_writer_once(disk: Disk, caplog: pytest.LogCaptureFixture) -> None:
    for writer in ("store", "history", "store", "history"):
        disk.wrote(writer, FULL)
    assert [("store" in line, "history" in line) for line in caplog.messages] == [
        (True, False),
        (False, True),
    ]
