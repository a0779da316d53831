"""What a JSON body must look like, and the refusal of X where it does not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox import x_problems as problems


@dataclass(frozen=True, slots=True)
class Text:
    least: int = 0
    most: int | None = None
    choice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Id:
    """A number of up to 19 digits, as a string."""


@dataclass(frozen=True, slots=True)
class Number:
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Items:
    each: Shape
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Things:
    """An object; what it does not name is refused."""

    parts: Mapping[str, Shape]
    needed: tuple[str, ...] = ()


Shape = Text | Id | Number | Flag | Items | Things


def check(value: Any, shape: Shape, where: str = "$") -> None:
    """Raises the 400 of X for the first thing that is not as it should be."""
    match shape:
        case Text():
            _text(value, shape, where)
        case Id():
            if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,19}", value):
                raise _no(where, f"does not match the regex pattern ^[0-9]{{1,19}}$: {value!r}")
        case Number():
            if not isinstance(value, int) or isinstance(value, bool):
                raise _no(where, f"{_kind(value)} found, integer expected")
            if not shape.least <= value <= shape.most:
                raise _no(where, f"must be between {shape.least} and {shape.most}")
        case Flag():
            if not isinstance(value, bool):
                raise _no(where, f"{_kind(value)} found, boolean expected")
        case Items():
            _items(value, shape, where)
        case Things():
            _things(value, shape, where)


def _text(value: Any, shape: Text, where: str) -> None:
    if not isinstance(value, str):
        raise _no(where, f"{_kind(value)} found, string expected")
    if len(value) < shape.least:
        raise _no(where, f"must be at least {shape.least} characters long")
    if shape.most is not None and len(value) > shape.most:
        raise _no(where, f"must be at most {shape.most} characters long")
    if shape.choice and value not in shape.choice:
        raise _no(where, f"does not have a value in the enumeration {list(shape.choice)}")


def _items(value: Any, shape: Items, where: str) -> None:
    if not isinstance(value, list):
        raise _no(where, f"{_kind(value)} found, array expected")
    if len(value) < shape.least:
        raise _no(where, f"there must be a minimum of {shape.least} items in the array")
    if shape.most is not None and len(value) > shape.most:
        raise _no(where, f"there must be a maximum of {shape.most} items in the array")
    for index, item in enumerate(value):
        check(item, shape.each, f"{where}[{index}]")


def _things(value: Any, shape: Things, where: str) -> None:
    if not isinstance(value, dict):
        raise _no(where, f"{_kind(value)} found, object expected")
    for name in value:
        if name not in shape.parts:
            raise _no(
                f"{where}.{name}",
                "is not defined in the schema and the schema does not allow additional properties",
            )
    for name in shape.needed:
        if name not in value:
            raise _no(f"{where}.{name}", "is missing but it is required")
    for name, item in value.items():
        check(item, shape.parts[name], f"{where}.{name}")


def _kind(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return "null" if value is None else names.get(type(value), "object")


def _no(where: str, what: str) -> problems.Problem:
    return problems.invalid(f"{where}: {what}")
