"""Starts the real bot on a disk made slow, or with cards that need not keep Telegram's pace.

The bot's own code is not changed: `os.fsync` is wrapped, and one number of its messenger is set.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from bot.__main__ import main


def slow_down(seconds: float) -> None:
    """Every sync takes that much longer, as on an SD card."""
    sync = os.fsync

    def fsync(fd: int) -> None:
        time.sleep(seconds)
        sync(fd)

    os.fsync = fsync  # type: ignore[assignment]


def hurry(per_second: float) -> None:
    """That many cards a second: 1,000 posts in a minute would wait half an hour for theirs."""
    from bot import messenger

    messenger.PER_SECOND = per_second
    messenger.BURST = max(messenger.BURST, int(per_second))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--sync", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--cards", type=float, default=0.0, metavar="PER_SECOND")
    wanted = parser.parse_args()
    if wanted.sync:
        slow_down(wanted.sync)
    if wanted.cards:
        hurry(wanted.cards)
    sys.exit(main(["run"]))
