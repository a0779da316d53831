"""The settings, into findings: each that is set, where it comes from, and what is wrong. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from .finding import Finding, note, right, wrong

DEFAULTS = "Not set"


def judge(
    names: Sequence[str],
    secret: Collection[str],
    *,
    written: Mapping[str, str],
    given: Mapping[str, str],
    complaints: Mapping[str, str],
    may_be_empty: Collection[str] = (),
) -> tuple[Finding, ...]:
    """One finding for each that is set or wrong, and one for all others.

    `written` stands in the file, `given` in the environment; `complaints` are whole lines, by name.
    Of those that `may_be_empty`, an empty one is set, too.
    """
    found = []
    others = []
    for name in names:
        value = given.get(name, written.get(name, ""))
        if name in complaints:
            found.append(_wrong(name, complaints[name]))
        elif value:
            shown = "is set" if name in secret else value
            found.append(right(name, f"{shown}, {_origin(name, written, given)}"))
        elif name in may_be_empty and (name in given or name in written):
            found.append(right(name, f"is empty, {_origin(name, written, given)}"))
        else:
            others.append(name)
    if others:
        found.append(right(DEFAULTS, f"{', '.join(others)} (the defaults hold)"))
    return tuple(found)


def strange(lines: Sequence[str]) -> tuple[Finding, ...]:
    """Names in the file that are no settings."""
    return tuple(
        note(".env", line, "Correct the name, or take the line out of .env.") for line in lines
    )


def privacy(*, is_open: bool) -> tuple[Finding, ...]:
    """Whether others may read the file."""
    if not is_open:
        return ()
    return (note(".env", "can be read by others, and holds secrets", "Shut it: chmod 600 .env"),)


def _wrong(name: str, line: str) -> Finding:
    reason, _, mend = line.removeprefix(f"{name} ").partition(": ")
    return wrong(name, reason, f"{mend[:1].upper()}{mend[1:]}.")


def _origin(name: str, written: Mapping[str, str], given: Mapping[str, str]) -> str:
    if name not in given:
        return "from .env"
    if written.get(name, given[name]) != given[name]:
        return "from the environment, which wins over .env"
    return "from the environment"
