"""The command line, as a shell sees it: exit statuses, one line on stderr, nothing left behind."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import bot
from bot import __main__ as telex

ROOT = Path(__file__).parent.parent
SETTINGS = {"TELEGRAM_BOT_TOKEN": "1:abc", "TELEGRAM_OWNER_IDS": "7", "X_CLIENT_ID": "client"}


def shell(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        **settings,
    }
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("missing", SETTINGS)
def test_a_missing_setting_is_one_line_and_status_2(tmp_path: Path, missing: str) -> None:
    ended = shell(tmp_path, "run", **{k: v for k, v in SETTINGS.items() if k != missing})
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"telex: {missing} is not set: ")
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_setting_in_the_file_is_one_line_and_status_2(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TELEGRAM_BOT_TOKEN=not-a-token-but-secret\n")
    ended = shell(tmp_path, "run", **{k: v for k, v in SETTINGS.items() if k[0] == "X"})
    assert ended.returncode == 2
    assert ended.stderr.startswith("telex: TELEGRAM_BOT_TOKEN is not the token of a bot: ")
    assert ended.stderr.count("\n") == 1
    assert "secret" not in ended.stderr
    assert [entry.name for entry in tmp_path.iterdir()] == [".env"]


def test_the_version_is_that_of_the_distribution(tmp_path: Path) -> None:
    ended = shell(tmp_path, "--version")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == f"telex {importlib.metadata.version('telex')}\n"


@pytest.mark.parametrize("arguments", [(), ("dance",), ("run", "--fast")])
def test_an_unknown_command_is_status_2_with_the_usage(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    ended = shell(tmp_path, *arguments)
    assert ended.returncode == 2
    assert ended.stderr.startswith("usage: telex")


def test_the_command_of_the_distribution_is_main() -> None:
    (script,) = importlib.metadata.entry_points(group="console_scripts", name="telex")
    assert script.load() is telex.main


@pytest.fixture
def umask() -> object:
    before = os.umask(0o022)
    yield
    os.umask(before)


def stand_in(monkeypatch: pytest.MonkeyPatch, name: str, **parts: object) -> None:
    module = ModuleType(f"bot.{name}")
    vars(module).update(parts)
    monkeypatch.setitem(sys.modules, f"bot.{name}", module)
    monkeypatch.setattr(bot, name, module, raising=False)


def in_an_empty_folder(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.chdir(folder)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("umask")
def test_run_hands_the_settings_over_with_a_private_umask(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def run(settings: object) -> int:
        (tmp_path / "file").touch()
        assert getattr(settings, "telegram_owner_ids") == {7}  # noqa: B009
        return 5

    in_an_empty_folder(monkeypatch, tmp_path)
    stand_in(monkeypatch, "app", run=run)
    assert telex.main(["run"]) == 5
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("given", [None, "0"])
def test_run_asks_ptb_for_its_newer_waiting_times_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: str | None
) -> None:
    # Without it, each 429 of Telegram puts a deprecation warning into the log.
    def run(settings: object) -> int:
        return int(os.environ["PTB_TIMEDELTA"])

    in_an_empty_folder(monkeypatch, tmp_path)
    monkeypatch.setenv("PTB_TIMEDELTA", given or "")
    if given is None:
        monkeypatch.delenv("PTB_TIMEDELTA")
    stand_in(monkeypatch, "app", run=run)
    assert telex.main(["run"]) == int(given or 1)


@pytest.mark.usefixtures("umask")
def test_control_c_ends_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def run(settings: object) -> int:
        raise KeyboardInterrupt

    in_an_empty_folder(monkeypatch, tmp_path)
    stand_in(monkeypatch, "app", run=run)
    assert telex.main(["run"]) == 130


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize(("arguments", "tour"), [(["demo"], False), (["demo", "--tour"], True)])
def test_the_demo_never_looks_at_the_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], tour: bool
) -> None:
    toured = []

    def main(*, tour: bool, page: bool) -> int:
        assert not page
        toured.append(tour)
        return 0

    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("LISTEN=nonsense\n")
    monkeypatch.setitem(sys.modules, "bot.config", None)  # importing it would raise
    stand_in(monkeypatch, "demo", main=main)
    assert telex.main(arguments) == 0
    assert toured == [tour]


@pytest.mark.usefixtures("umask")
def test_the_demo_without_its_extra_says_so_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert telex.main(["demo"]) == 2
    assert capsys.readouterr().err == (
        "telex: the demo needs its extra: pip install 'telex[demo]'\n"
    )
