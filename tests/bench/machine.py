"""What the bench ran on, in words: figures of two machines are not to be compared."""

from __future__ import annotations

import os
import platform
import statistics
import time
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

BUSY = 0.7  # load average; other work on the machine makes everything later


def describe(folder: Path) -> str:
    """The machine, what runs on it beside the bench, and how long its disk takes for a sync."""
    bots = ", ".join(
        f"{name} {version(package)}"
        for name, package in (
            ("Telex", "telex"),
            ("python-telegram-bot", "python-telegram-bot"),
            ("tweepy", "tweepy"),
        )
    )
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}; a sync of the disk takes "
        f"{1000 * _sync(folder):.1f} ms; {_load()}. {bots}"
    )


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "a processor of unknown make"


def _load() -> str:
    if not hasattr(os, "getloadavg"):
        return "the load before the start is not known"
    load = os.getloadavg()[0]
    busy = ": the machine was busy, so the figures are too high" if load > BUSY else ""
    return f"load before the start {load:.1f}{busy}"


def _sync(folder: Path, times: int = 21) -> float:
    """The median of the seconds for which a small file is synced."""
    took = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(times):
            file.write(b"0" * 4096)
            begun = time.perf_counter()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - begun)
    return statistics.median(took)
