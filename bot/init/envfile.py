"""The file `.env` with some of its settings changed: comments, order and unknown lines stay.

Rewrites a text, and puts it on the disk as a whole or not at all, for its owner's eyes alone.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import Binding, parse_stream

_PLAIN = re.compile(r"[^\s#'\"\\$`]+(?: [^\s#'\"\\$`]+)*")
_BLANK = r"[^\S\r\n]"
# As python-dotenv reads a line: what stands before the value, the value, a comment, the end.
_LINE = re.compile(
    rf"(?P<head>\s*(?:export{_BLANK}+)?(?:'[^']+'|[^=#\s]+){_BLANK}*)"
    rf"(?:={_BLANK}*(?:'(?:\\'|[^'])*'|\"(?:\\\"|[^\"])*\"|[^\r\n]*?))?"
    rf"(?P<comment>{_BLANK}+#[^\r\n]*)?{_BLANK}*(?P<end>[\r\n]*)"
)


def rewrite(text: str, changes: Mapping[str, str], comments: Mapping[str, str]) -> str:
    """`text` with the settings `changes`; new ones go to its end, below their comment.

    Raises ValueError for a value that cannot be written so that it is read as it is.
    """
    bindings = list(parse_stream(io.StringIO(text)))
    last = {one.key: number for number, one in enumerate(bindings) if one.key in changes}
    parts = [
        _changed(one, changes[str(one.key)]) if last.get(one.key) == number else one.original.string
        for number, one in enumerate(bindings)
    ]
    done = "".join(parts)
    new = {name: value for name, value in changes.items() if name not in last}
    done += _added(new, comments, before=done)
    read = dotenv_values(stream=io.StringIO(done))
    for name, value in changes.items():
        if (read.get(name) or "") != value:
            raise ValueError(f"{name} has a value that cannot stand in a file")
    return done


def is_writable(path: Path) -> bool:
    """Whether `write` may do it, as far as that can be told beforehand."""
    return os.access(Path(os.path.realpath(path)).parent, os.W_OK | os.X_OK)


def write(path: Path, text: str) -> None:
    """Put `text` into `path`: whole, synced, mode 0600. After an OSError it is as it was."""
    target = Path(os.path.realpath(path))  # a link stays one
    handle, beside = tempfile.mkstemp(prefix=f"{target.name}.", dir=target.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(beside).unlink()
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _changed(binding: Binding, value: str) -> str:
    found = _LINE.fullmatch(binding.original.string)
    if found is None:
        raise ValueError(f"line {binding.original.line} cannot be changed")
    return f"{found['head']}={_quoted(value)}{found['comment'] or ''}{found['end']}"


def _added(new: Mapping[str, str], comments: Mapping[str, str], *, before: str) -> str:
    """New lines in paragraphs, one for each comment."""
    if not new:
        return ""
    lines: list[str] = []
    comment = None
    for name, value in new.items():
        if comments.get(name, "") != comment:
            comment = comments.get(name, "")
            lines += ["", f"# {comment}"] if comment else [""]
        lines.append(f"{name}={_quoted(value)}")
    if not before:
        lines = lines[1:]
    glue = "\n" if before and not before.endswith(("\n", "\r")) else ""
    return glue + "".join(f"{line}\n" for line in lines)


def _quoted(value: str) -> str:
    if not value or _PLAIN.fullmatch(value):
        return value
    inside = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{inside}'"
