"""What Linux tells of a process that runs. Looks only."""

from __future__ import annotations

from pathlib import Path

MB = 1_000_000


def resident(pid: int) -> float:
    """The memory that a process has at the moment, in megabytes."""
    return _told(pid, "VmRSS")


def peak(pid: int) -> float:
    """The most memory that it had, since its start or `forget_peak`, in megabytes."""
    return _told(pid, "VmHWM")


def address_space(pid: int) -> float:
    """The most address space that it ever had, in megabytes."""
    return _told(pid, "VmPeak")


def forget_peak(pid: int) -> None:
    """From here on `peak` counts anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def children(pid: int) -> list[int]:
    """The processes that it has started and that still run."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def _told(pid: int, what: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split(f"{what}:")[1].split()[0]) * 1024 / MB
