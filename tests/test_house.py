"""The rules of the house that import-linter cannot see."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MODULES = sorted(path for floor in ("bot", "twitter_core") for path in (ROOT / floor).rglob("*.py"))
NAMES = [str(path.relative_to(ROOT)) for path in MODULES]
LONGEST = 450  # lines; most modules have 30 to 250
PTB_SWITCH = 'os.environ.setdefault("PTB_TIMEDELTA", "1")'
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}


def pure_modules() -> list[Path]:
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    (pure,) = (contract for contract in contracts if contract["id"] == "pure")
    paths = (ROOT.joinpath(*name.split(".")).with_suffix(".py") for name in pure["source_modules"])
    return [path for path in paths if path.exists()]  # import-linter tells if one does not


def imported(tree: ast.AST) -> Iterator[str]:
    """Everything that is imported, as `package.module.name`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def touches_environment(tree: ast.AST) -> bool:
    """Whether `os.environ` and the like are used, under whatever name they were imported."""
    return any(
        isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT for node in ast.walk(tree)
    ) or any(name.startswith("os.") and name[3:] in ENVIRONMENT for name in imported(tree))


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_only_the_settings_read_the_environment(path: Path) -> None:
    # The demo may hand a clean environment to the bot that it starts, and look for NO_COLOR.
    name = path.relative_to(ROOT).as_posix()
    if name != "bot/config.py" and not name.startswith("bot/demo/"):
        text = path.read_text(encoding="utf-8")
        if name == "bot/__main__.py":
            # python-telegram-bot can be told only so, and only before it is imported.
            text = text.replace(PTB_SWITCH, "pass")
        assert not touches_environment(ast.parse(text))


@pytest.mark.parametrize("path", pure_modules(), ids=lambda path: path.stem)
def test_a_pure_module_knows_no_telegram_ext_and_no_files(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not [name for name in imported(tree) if f"{name}.".startswith("telegram.ext.")]
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    assert not [
        call for call in calls if isinstance(call, ast.Name) and call.id in {"open", "print"}
    ]


@pytest.mark.parametrize("path", MODULES, ids=NAMES)
def test_a_module_can_be_read_in_one_sitting_and_says_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST
    assert ast.get_docstring(ast.parse(text))


def test_every_dependency_has_its_reason_in_contributing() -> None:
    project = PROJECT["project"]
    wanted = chain(project["dependencies"], *project["optional-dependencies"].values())
    names = {re.match(r"[\w.-]+", one)[0].lower() for one in wanted} - {"telex"}  # type: ignore[index]
    told = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").lower()
    assert [name for name in sorted(names) if f"`{name}" not in told] == []


def test_both_packages_are_typed() -> None:
    assert all((ROOT / package / "py.typed").exists() for package in ("bot", "twitter_core"))
