"""Runs a command under the bounds that a unit of systemd sets, as far as the kernel can set them
without systemd: its system calls, its sockets, and no memory that can be written and executed.

`python -m tests.cage UNIT COMMAND…`; it takes libseccomp, which systemd brings along.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

LIBRARY = "libseccomp.so.2"

ALLOW = 0x7FFF0000
FAIL = 0x00050000  # with an errno
EQUAL, GREATER, MASKED = 4, 6, 7
WRITE, EXECUTE, SHM_EXECUTE = 2, 4, 0o100000
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16, "AF_PACKET": 17}
LAST_FAMILY = 64


class Condition(ctypes.Structure):
    """One argument of a system call, compared."""

    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operation", ctypes.c_int),
        ("a", ctypes.c_uint64),
        ("b", ctypes.c_uint64),
    )


Rule = tuple[int, str, tuple[int, int, int, int] | None]  # action, system call, condition


def is_possible() -> bool:
    """Whether this machine can build a cage."""
    try:
        ctypes.CDLL(LIBRARY)
    except OSError:
        return False
    return True


def read_unit(path: Path) -> dict[str, list[str]]:
    """All that a unit says, by the names of its settings."""
    said: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        if found := re.fullmatch(r"(\w+)=(.*)", line):
            said.setdefault(found[1], []).append(found[2])
    return said


def sets_of_calls() -> dict[str, list[str]]:
    """What systemd means by @system-service and the like."""
    shown = subprocess.run(
        ["systemd-analyze", "syscall-filter", "--no-pager"],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    sets: dict[str, list[str]] = {}
    members: list[str] = []
    for line in shown.stdout.splitlines():
        name = re.sub(r"\x1b\[[0-9;]*m", "", line)
        if name.startswith("@"):
            members = sets.setdefault(name.strip(), [])
        elif name.startswith("    ") and not name.strip().startswith("#"):
            members.append(name.strip())
    return sets


def spread(names: Iterable[str], sets: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The system calls behind the names of sets."""
    for name in names:
        if name.startswith("@"):
            yield from spread(sets[name], sets)
        else:
            yield name


def allowed_calls(unit: Mapping[str, list[str]]) -> set[str]:
    """The system calls that a unit allows: a line may add to those before it, or take away."""
    sets = sets_of_calls()
    allowed = set(spread(["@default"], sets))
    for line in unit["SystemCallFilter"]:
        names = set(spread(line.lstrip("~").split(), sets))
        allowed = allowed - names if line.startswith("~") else allowed | names
    return allowed


def bounds(unit: Mapping[str, list[str]]) -> Iterator[Rule]:
    """What a unit forbids of the calls that it allows."""
    no = FAIL | errno.EPERM
    if unit.get("MemoryDenyWriteExecute") == ["yes"]:
        yield no, "mmap", (2, MASKED, WRITE | EXECUTE, WRITE | EXECUTE)
        yield no, "mprotect", (2, MASKED, EXECUTE, EXECUTE)
        yield no, "pkey_mprotect", (2, MASKED, EXECUTE, EXECUTE)
        yield no, "shmat", (2, MASKED, SHM_EXECUTE, SHM_EXECUTE)
    if families := " ".join(unit.get("RestrictAddressFamilies", ())).split():
        unknown = FAIL | errno.EAFNOSUPPORT
        for number in set(range(LAST_FAMILY + 1)) - {FAMILIES[name] for name in families}:
            yield unknown, "socket", (0, EQUAL, number, 0)
        yield unknown, "socket", (0, GREATER, LAST_FAMILY, 0)
    if unit.get("RestrictNamespaces") == ["yes"]:
        yield no, "unshare", None
        yield no, "setns", None
        yield FAIL | errno.ENOSYS, "clone3", None  # its flags cannot be seen: libraries use clone


def load(default: int, rules: Iterable[Rule]) -> None:
    """Put a filter upon this process, for good."""
    library = ctypes.CDLL(LIBRARY, use_errno=True)
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(default)))
    for action, name, condition in rules:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number < 0:  # not on this machine
            continue
        conditions = (Condition * 1)(*([Condition(*condition)] if condition else []))
        count = 1 if condition else 0
        failed = library.seccomp_rule_add_array(
            context, ctypes.c_uint32(action), number, count, conditions
        )
        if failed:
            raise OSError(-failed, f"no rule for {name}")
    if failed := library.seccomp_load(context):
        raise OSError(-failed, "the filter was not taken")


def main(arguments: Sequence[str]) -> None:
    """Lock this process up, and become the command."""
    unit = read_unit(Path(arguments[0]))
    allowed = allowed_calls(unit)
    load(ALLOW, bounds(unit))
    load(FAIL | errno.EPERM, ((ALLOW, name, None) for name in sorted(allowed)))
    os.execvp(arguments[1], list(arguments[1:]))


if __name__ == "__main__":
    main(sys.argv[1:])
