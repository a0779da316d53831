"""A program of its own: makes one image fit X. `python -m twitter_core.shrink IN OUT PARENT`

Runs in a child process, for pictures are large when they are decoded, and decoders are where
hostile files strike. It bounds itself before it opens anything, and dies with its parent. What came
of it is one line of JSON on stdout: the MIME type of OUT, or why not.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Final

from .errors import Refusal
from .limits import PHOTO_SIZE

MEMORY: Final = 1_000_000_000  # bytes of address space
SECONDS: Final = 120  # of the processor

_NICE: Final = 10  # the bot goes first
_PR_SET_PDEATHSIG: Final = 1
_M_ARENA_MAX: Final = -8


def main(arguments: list[str]) -> int:
    """Do it; returns the exit status."""
    source, target, parent = arguments
    _restrain(int(parent))
    from . import redraw  # loads Pillow, within the bounds

    said: dict[str, str]
    try:
        done = redraw.fit(Path(source), PHOTO_SIZE)
        Path(target).write_bytes(done.content)
        said = {"mime": done.mime}
    except redraw.Undrawable as error:
        said = {"refusal": error.refusal.value, "detail": error.detail}
    except MemoryError:
        said = {"refusal": Refusal.TOO_MUCH_WORK.value}
    except OSError:  # IN cannot be read, OUT not be written; redraw tells what is wrong with IN
        return os.EX_TEMPFAIL
    sys.stdout.write(json.dumps(said) + "\n")
    return 0


def _restrain(parent: int) -> None:
    """Bound memory and time, and end with the process `parent`."""
    os.nice(_NICE)
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 2 * PHOTO_SIZE),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):  # macOS knows no bound of the address space
            continue
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        # Each arena of malloc takes 64 MB of the address space, used or not.
        getattr(libc, "mallopt", lambda *_: 0)(_M_ARENA_MAX, 1)
        if os.getppid() != parent:  # it died before we asked to be told
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
