"""README and docs say only what is so: each command, file, setting, button and sentence exists."""

from __future__ import annotations

import ast
import importlib.util
import re
import shlex
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from bot import __main__ as telex
from bot import config, money, slots, times, zones
from bot.words import sentences
from tests import cage
from twitter_core.prices import APRIL_2026

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *DOCS.glob("*.md")]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
CHANGELOG = ROOT / "CHANGELOG.md"

PROGRAMS = {
    "apt", "chmod", "chown", "cp", "curl", "docker", "git", "install", "journalctl", "mkdir", "mv",
    "pip", "python", "python3", "rm", "ssh", "systemctl", "systemd-run", "tar", "timedatectl",
}  # fmt: skip
SUBCOMMANDS_OF_BOTFATHER = {"/newbot", "/mybots", "/revoke", "/deletebot"}
IN_THE_DATA_FOLDER = {"inbox/", "inbox/aside/", "media/", "history/"}  # by bot and twitter_core
NO_SETTINGS = {"TELEX_SPECS"}
PATHS_OF_THE_NET = {"/healthz", "/callback"}

pages = pytest.mark.parametrize("page", PAGES, ids=NAMES)


@cache
def read(page: Path) -> str:
    return page.read_text("utf-8")


def fences(page: Path) -> Iterator[tuple[str, str]]:
    """The language and the content of each fenced block."""
    for found in re.finditer(r"^ *```(\w*)\n(.*?)^ *```$", read(page), re.MULTILINE | re.DOTALL):
        yield found[1], found[2]


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return re.sub(r"^ *```\w*\n.*?^ *```$", "", read(page), flags=re.MULTILINE | re.DOTALL)


def inline(page: Path) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`\n]+)`", prose(page))


def links(page: Path) -> list[tuple[str, str]]:
    """Texts and targets."""
    return re.findall(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)", prose(page))


def anchors(page: Path) -> set[str]:
    """The headings of a page as GitHub makes anchors of them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    plain = [re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in headings]
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in plain}


# --- links ------------------------------------------------------------------------------------


@pages
def test_every_link_leads_somewhere(page: Path) -> None:
    for _, target in links(page):
        if "://" in target:
            assert target.startswith("https://"), target
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        assert there.is_relative_to(ROOT), target
        if anchor:
            assert anchor in anchors(there), target


@pages
def test_a_name_that_links_to_a_module_is_defined_there(page: Path) -> None:
    for text, target in links(page):
        if target.endswith(".py") and (name := re.fullmatch(r"`([\w.]+)`", text)):
            if name[1].replace(".", "/") in target or name[1].endswith(".py"):
                continue  # the module itself
            assert name[1] in defined((page.parent / target).resolve()), (text, target)


@cache
def defined(module: Path) -> set[str]:
    """Functions, classes and methods, as `Class.method`."""
    names = set()
    for node in ast.parse(module.read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names |= {
                f"{node.name}.{inner.name}"
                for inner in node.body
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)
            }
    return names


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, new = {ROOT / "README.md"}, [ROOT / "README.md"]
    while new:
        page = new.pop()
        for _, target in links(page):
            there = (page.parent / target.partition("#")[0]).resolve()
            if there.suffix == ".md" and there not in reached:
                reached.add(there)
                new.append(there)
    assert set(PAGES) <= reached


def test_the_readme_begins_with_a_sentence_a_picture_and_two_commands() -> None:
    title, sentence, picture = read(ROOT / "README.md").split("\n\n")[:3]
    assert title == "# Telex"
    assert re.fullmatch(r"Telex is [^.]+\.", sentence)
    assert re.fullmatch(r"!\[.{40,}\]\(docs/[\w-]+\.png\)", picture)
    commands = [block.strip() for _, block in fences(ROOT / "README.md")]
    assert commands[:2] == ["make demo", "make test"]


# --- commands ---------------------------------------------------------------------------------


def targets() -> set[str]:
    return set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def commands_of(parser: ArgumentParser) -> dict[str, ArgumentParser]:
    (found,) = (a for a in parser._actions if isinstance(a, _SubParsersAction))
    return dict(found.choices)


def check_command(words: list[str]) -> None:
    """Fail if a command line names what does not exist."""
    while words and (words[0] == "sudo" or re.fullmatch(r"[A-Z_]+=.*", words[0])):
        words = words[1:]
    assert words
    program, *rest = words
    if program == ".":  # sourced
        return
    match program.rpartition("/")[2]:
        case "make":
            goals = [word for word in rest if "=" not in word]
            assert set(goals) <= targets(), words
        case "telex":
            check_telex(rest)
        case "run" if program == ".ci/run":
            assert (ROOT / program).exists()
        case name:
            assert name in PROGRAMS, words
            check_options_of(name, rest)
    if "/opt/telex/bin/telex" in rest:
        check_telex(rest[rest.index("/opt/telex/bin/telex") + 1 :])
    for word in rest:
        if re.match(r"(bot|twitter_core|deploy|docs|tests|examples|\.ci|\.github)/", word):
            assert (ROOT / word).exists(), word


def check_telex(arguments: list[str]) -> None:
    if arguments and arguments[0] == "--version":
        return
    parser = telex._parser()
    if arguments:
        assert arguments[0] in commands_of(parser), arguments
        parser.parse_args(arguments)


def check_options_of(program: str, words: list[str]) -> None:
    if program in ("python", "python3") and words[:1] == ["-m"]:
        assert importlib.util.find_spec(words[1]) is not None, words
    if program == "docker" and words[:1] == ["compose"]:
        assert words[1] == "--file" and (ROOT / words[2]).exists(), words
        if words[3] in ("exec", "run"):
            services = re.findall(
                r"^  (\w+):$", read(ROOT / "deploy" / "compose.yaml"), re.MULTILINE
            )
            assert "telex" in words and "telex" in services


def command_lines(block: str) -> Iterator[list[str]]:
    for line in block.replace("\\\n", " ").splitlines():
        words: list[str] = []
        for word in [*shlex.split(line, comments=True), ";"]:
            if word in (";", "|", "&&", "||"):
                if words:
                    yield words
                words = []
            else:
                words.append(word)


@pages
def test_every_block_says_what_it_is_and_its_commands_exist(page: Path) -> None:
    for language, block in fences(page):
        assert language in {"sh", "ini", "text", "python"}, block
        if language == "sh":
            for words in command_lines(block):
                check_command(words)


@pages
def test_every_setting_that_is_set_in_a_block_exists(page: Path) -> None:
    for language, block in fences(page):
        if language == "ini":
            assert set(re.findall(r"^(\w+)=", block, re.MULTILINE)) <= set(config.NAMES)


@pages
def test_every_command_in_a_line_of_text_exists(page: Path) -> None:
    for code in inline(page):
        first = code.split()[0]
        if first in ("make", "telex", "docker", "systemctl") or first.startswith(".venv/bin/"):
            check_command(shlex.split(code))


@pages
def test_every_command_of_the_chat_exists(page: Path) -> None:
    known = {f"/{name}" for name, _ in sentences.COMMANDS} | {"/start"} | PATHS_OF_THE_NET
    for code in inline(page):
        word = code.split()[0]
        if re.fullmatch(r"/[a-z]+", word):
            assert word in known | SUBCOMMANDS_OF_BOTFATHER, code


def test_the_readme_tells_of_every_command() -> None:
    told = {word for code in inline(ROOT / "README.md") for word in re.findall(r"^/[a-z]+", code)}
    assert {f"/{name}" for name, _ in sentences.COMMANDS} <= told
    told = set(inline(ROOT / "README.md"))
    assert {f"telex {name}" for name in commands_of(telex._parser())} <= told


def test_contributing_tells_of_every_target_of_the_makefile() -> None:
    told = " ".join([*inline(ROOT / "CONTRIBUTING.md"), *(b for _, b in fences(PAGES[1]))])
    assert {name for name in targets() if f"make {name}" not in told} - {"help", "clean"} == set()


# --- names ------------------------------------------------------------------------------------


@pages
def test_every_setting_that_is_named_exists(page: Path) -> None:
    for code in inline(page):
        if found := re.match(r"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(=|$)", code):
            assert found[1] in {*config.NAMES, *NO_SETTINGS}, code


@pages
def test_every_file_and_module_that_is_named_exists(page: Path) -> None:
    for code in inline(page):
        name = code.removesuffix("()")
        if name in IN_THE_DATA_FOLDER or " " in name or "*" in name or name.startswith(("/", "-")):
            continue
        if re.fullmatch(r"(?:twitter_core|bot|tests)(?:\.\w+)+", name):
            check_module(name)
        elif re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", name) and (
            "/" in name or re.search(r"\.(md|toml|yaml|service|png)$", name)
        ):
            is_here = (ROOT / name).exists() or (page.parent / name).exists()
            assert is_here or name.startswith(".venv/") or is_an_example(name), code


def is_an_example(name: str) -> bool:
    """Kinds of media, dates, and what X or Python name with a slash."""
    return (
        bool(re.fullmatch(r"[a-z]+/[\w.+-]+|\d+/\d+|YYYY-MM\.\w+", name))
        and not (ROOT / name.partition("/")[0]).is_dir()
    )


def check_module(name: str) -> None:
    module, last = name, ""
    try:
        found = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        found = None
    if found is None:
        module, _, last = name.rpartition(".")
        found = importlib.util.find_spec(module)
        assert found is not None, name
        assert found.origin is not None
        text = Path(found.origin).read_text("utf-8")
        assert re.search(rf"\b{re.escape(last)}\b", text), name


def test_the_docs_list_every_setting_with_its_default_and_no_other() -> None:
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \| (.+?) \|", read(DOCS / "SETUP.md"), re.MULTILINE)
    assert tuple(name for name, _ in rows) == config.NAMES
    for name, told in rows:
        field = config.Settings.model_fields[name.lower()]
        if field.is_required():
            assert told == "required", name
        elif field.default is None or field.default == APRIL_2026:
            assert told == "empty", name
        else:
            assert told == f"`{field.default}`", name


def test_the_example_lists_every_setting() -> None:
    listed = re.findall(r"^([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert tuple(listed) == config.NAMES


def test_the_prices_that_are_told_are_those_that_are_counted_with() -> None:
    table = read(DOCS / "SETUP.md").partition("## What X charges")[2].partition("\n\nA thread")[0]
    told = {float(price) for price in re.findall(r"\$([0-9.]+)", table)}
    assert told == {
        float(getattr(APRIL_2026, name)) for name in type(APRIL_2026).__dataclass_fields__
    }
    for price in (APRIL_2026.create, APRIL_2026.create_with_url):
        assert f"${price.normalize()}" in read(ROOT / "README.md").replace("$0.20 ", "$0.2 ")


def test_the_places_on_the_machine_are_those_of_the_unit() -> None:
    unit = cage.read_unit(ROOT / "deploy" / "telex.service")
    told = read(DOCS / "RUNNING.md")
    assert unit["ExecStart"] == ["/opt/telex/bin/telex run"]
    assert unit["EnvironmentFile"] == ["/etc/telex/.env"]
    assert (unit["StateDirectory"], unit["WorkingDirectory"]) == (["telex"], ["%S/telex"])
    for path in ("/opt/telex", "/etc/telex/.env", "/var/lib/telex/data"):
        assert path in told
    # Nothing else of the machine's own places is named.
    named = set(re.findall(r"(?<![\w.:/])/(?:opt|etc|var)/[\w./-]*[\w/]", told))
    known = ("/opt/telex", "/etc/telex", "/var/lib/telex", "/var/lib/private/telex")
    others = {"/etc/systemd/system/telex.service", "/var/lib/telegram-bot-api"}
    assert {path for path in named if not path.startswith(known)} == others


# --- what the bot says ------------------------------------------------------------------------

GAP = "\0"


@cache
def spoken() -> tuple[str, ...]:
    """Every text that stands in the code of the bot and of X, with gaps for what is filled in."""
    texts = []
    for floor in ("bot", "twitter_core"):
        for path in (ROOT / floor).rglob("*.py"):
            if "sandbox" in path.parts or "demo" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                text = skeleton(node)
                if text:
                    texts.append(re.sub(r"…|\{\}|%[.\d]*[sdf]", GAP, text))
    return tuple(texts)


def skeleton(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(
                skeleton(value) if isinstance(value, ast.Constant) else GAP for value in values
            )
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return (skeleton(left) or GAP) + (skeleton(right) or GAP)
        case _:
            return ""


def is_said(sentence: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in re.split("…", sentence))
    return any(re.search(pattern, text, re.DOTALL) for text in spoken())


def test_a_sentence_that_the_bot_cannot_say_is_noticed() -> None:
    assert is_said("Waiting: X cannot be reached. I keep trying.")
    assert is_said("Telegram cannot be reached (…); trying again")
    assert not is_said("Waiting: X cannot be reached. I give up.")


@pytest.mark.parametrize(
    "name",
    [
        "CHAT.md",
        "SANDBOX.md",
        "TROUBLESHOOTING.md",
        "SETUP.md",
        "RUNNING.md",
        "PRIVACY.md",
        "ARCHITECTURE.md",
        "../README.md",
    ],
)
def test_every_sentence_that_is_quoted_is_one_that_the_bot_says(name: str) -> None:
    quoted = re.findall(r"“([^”]+)”", prose(DOCS / name))
    assert [one for one in quoted if len(one) > 1 and not is_said(one.replace("@you", "…"))] == []


def test_every_row_of_the_troubles_begins_with_what_is_said() -> None:
    rows = re.findall(r"^\| (.+?) \|", read(DOCS / "TROUBLESHOOTING.md"), re.MULTILINE)
    unsaid = [row for row in rows if not row.startswith(("“", "nothing", "it says", "in the log"))]
    heads = {"the bot says", "the card says", "then it says"}
    assert set(unsaid) <= heads


@pages
def test_every_button_that_is_named_exists(page: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", prose(page))
    for label in re.findall(r"(?<!!)\[([A-Z][\w… ]+)\](?![(\w:])", text):
        assert label.replace("…", GAP) in spoken() or label == "Unreleased", label


NOON = datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp()  # a Wednesday
BEHIND: dict[str, Callable[[str], bool]] = {
    "/at": lambda words: isinstance(times.read(words, NOON, UTC), times.Understood),
    "/slots": lambda words: words == "off" or not isinstance(slots.read(words), slots.Wrong),
    "/timezone": lambda words: isinstance(zones.find(words), str),
    "/budget": lambda words: words == "off" or money.read_amount(words) is not None,
}


@pages
def test_what_stands_behind_a_command_is_understood(page: Path) -> None:
    for code in inline(page):
        command, _, words = code.partition(" ")
        if words and words not in ("TIME", "…") and command in BEHIND:
            assert BEHIND[command](words), code


def test_every_way_to_write_a_time_is_understood() -> None:
    (line,) = re.findall(
        r"^Times are written like (.+?)\. What", read(DOCS / "CHAT.md"), re.MULTILINE
    )
    ways = re.findall(r"`([^`]+)`", line)
    assert len(ways) >= 5
    for way in ways:
        assert BEHIND["/at"](way), way


# --- the changelog ----------------------------------------------------------------------------


def test_the_changelog_has_the_form_that_it_names() -> None:
    kinds = set(re.findall(r"^### (.+)$", read(CHANGELOG), re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert re.findall(r"^## (.+)$", read(CHANGELOG), re.MULTILINE)[0] == "[Unreleased]"


def test_the_workflow_calls_the_same_scripts() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    ran = re.findall(r"- run: (.+)$", workflow, re.MULTILINE)
    assert "bash .ci/run" in ran
    for step in ran:
        words = step.removeprefix("bash ").split()
        check_command(words)
