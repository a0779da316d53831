"""What is packed: a file that is forgotten is missed only by those who install it."""

from __future__ import annotations

import fnmatch
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SETUP = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
PACKAGES = ("bot", "twitter_core")
FILES = [
    path.relative_to(ROOT)
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*"))
    if path.is_file() and "__pycache__" not in path.parts
]


def test_every_folder_with_a_module_is_a_package_that_is_found() -> None:
    folders = {path.parent for path in FILES if path.suffix == ".py"}
    assert [folder for folder in folders if not (ROOT / folder / "__init__.py").exists()] == []
    include = SETUP["packages"]["find"]["include"]
    names = [".".join(folder.parts) for folder in folders]
    assert [n for n in names if not any(fnmatch.fnmatch(n, one) for one in include)] == []


def test_every_other_file_of_a_package_goes_with_it() -> None:
    patterns = SETUP["package-data"]["*"]
    others = [path for path in FILES if path.suffix != ".py"]
    forgotten = []
    for path in others:
        # A pattern holds within a package; a folder without modules is none, so it must be named.
        package = next(p for p in path.parents if (ROOT / p / "__init__.py").exists())
        inside = path.relative_to(package).as_posix()
        if not any(fnmatch.fnmatch(inside, one) for one in patterns):
            forgotten.append(str(path))
    assert others and forgotten == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", *sorted(
    str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md")
)])  # fmt: skip
def test_what_a_page_links_to_is_in_the_source_distribution(page: str) -> None:
    manifest = (ROOT / "MANIFEST.in").read_text("utf-8")
    packed = {"README.md", "LICENSE", "pyproject.toml", *PACKAGES}
    for words in re.findall(r"^(?:include|graft) (.+)$", manifest, re.MULTILINE):
        packed.update(words.split())
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", (ROOT / page).read_text("utf-8"))
    for link in links:
        target = ((ROOT / page).parent / link).resolve()
        assert target.relative_to(ROOT).parts[0] in packed, link
