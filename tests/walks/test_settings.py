"""A start that cannot be: one line that names what is wrong, status 2, and nothing begun."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from bot.config import NAMES
from tests.stage import RUN, Stage

# One way of each to be wrong, and the three without which nothing goes to be missing; every other
# way is a matter of the settings alone.
WRONG: dict[str, list[str]] = {
    "TELEGRAM_BOT_TOKEN": ["", "no-token-at-all"],
    "TELEGRAM_OWNER_IDS": ["", "@me"],
    "TELEGRAM_API_URL": ["http://api.example.com"],
    "TELEGRAM_LOCAL_FILES": ["/no/such/folder"],
    "X_CLIENT_ID": ["", "two words"],
    "X_CLIENT_SECRET": ["two words"],
    "X_REDIRECT_URI": ["http://example.com/landing"],
    "X_SCOPE": ["tweet.read, tweet.write"],
    "X_API_KEY": [""],
    "X_API_SECRET": [""],
    "X_ACCESS_TOKEN": [""],
    "X_ACCESS_TOKEN_SECRET": [""],
    "X_UPLOAD": ["v3"],
    "X_API_URL": ["http://10.0.0.1"],
    "X_UPLOAD_URL": ["upload.twitter.com"],
    "X_AUTHORIZE_URL": ["javascript:alert(1)"],
    "X_PRICES": ["create=cheap"],
    "DATA_DIR": ["{folder}/log"],
    "LISTEN": ["127.0.0.1:99999"],
    "ALBUM_WINDOW": ["soon"],
    "LOG_LEVEL": ["LOUD"],
}
CASES = [(name, value) for name, values in WRONG.items() for value in values]


async def started(stage: Stage, **changes: str) -> tuple[int, str]:
    """Starts the bot with settings changed; returns its status and what it wrote."""
    before = stage.settings
    stage.settings = {**before, **changes}
    stage.log.unlink(missing_ok=True)
    await stage.start()
    stage.settings = before
    assert stage.bot is not None
    return await asyncio.wait_for(stage.bot.wait(), 30), stage.logged()


def nothing_was_begun(stage: Stage) -> None:
    """No request to anybody, and nothing on the disk."""
    services = (*stage.x.services, stage.telegram.service)
    assert [e for service in services for e in service.exchanges] == []
    assert [path.name for path in stage.folder.iterdir() if path != stage.log] == []


def test_each_setting_is_tried() -> None:
    assert set(WRONG) == set(NAMES)


@pytest.mark.parametrize(("name", "value"), CASES, ids=[f"{n}={v}" for n, v in CASES])
async def test_a_setting_that_is_missing_or_wrong_is_named_in_one_line_and_nothing_starts(
    stage: Stage, name: str, value: str
) -> None:
    value = value.format(folder=stage.folder)
    status, said = await started(stage, **{name: value})
    assert status == 2
    line, end = said.split("\n")
    assert end == ""
    assert line.startswith(f"telex: {name} ")
    assert ": " in line.removeprefix("telex: "), "it says how to mend it"
    assert not value or value not in line or name == "DATA_DIR"
    nothing_was_begun(stage)


async def test_a_data_folder_that_cannot_be_made_is_one_line(stage: Stage) -> None:
    (stage.folder / "file").touch()
    status, said = await started(stage, DATA_DIR=str(stage.folder / "file" / "data"))
    assert (status, said.count("\n")) == (2, 1)
    assert "DATA_DIR" in said and "Traceback" not in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_a_data_folder_that_may_not_be_written_to_is_one_line(stage: Stage) -> None:
    closed = stage.folder / "closed"
    closed.mkdir(mode=0o500)
    status, said = await started(stage, DATA_DIR=str(closed / "data"))
    assert (status, said.count("\n")) == (2, 1)
    assert "DATA_DIR" in said


async def test_a_second_process_leaves_the_data_folder_to_the_first(signed_in: Stage) -> None:
    before = signed_in.stored()
    first, log = signed_in.bot, signed_in.log
    asked = len(signed_in.telegram.service.exchanges)
    signed_in.log = signed_in.folder / "second"
    try:
        status, said = await started(signed_in)
    finally:
        signed_in.bot, signed_in.log = first, log
    assert status == 2
    assert said.count("\n") == 1 and "in use by another Telex" in said
    assert str(signed_in.data) in said
    assert len(signed_in.telegram.service.exchanges) == asked
    assert signed_in.stored() == before
    signed_in.owner.sends_text("/post the first one goes on")
    await signed_in.owner.sees("Posted")


@pytest.mark.parametrize(
    "content",
    [
        b'{"sign_in": {"1": {"key": "x", "tok',
        b"\xff\xfe binary",
        b'{"outbox": {"1": {"key": "a", "state": "dancing", "post": {"text": "t"}, "came_at": 1}}}',
        b'{"outbox": []}',
    ],
    ids=["torn", "binary", "odd state", "odd table"],
)
async def test_a_telex_json_that_cannot_be_read_stops_the_start_and_stays_as_it_is(
    stage: Stage, content: bytes
) -> None:
    stage.data.mkdir(mode=0o700)
    path = stage.data / "telex.json"
    path.write_bytes(content)
    path.chmod(0o600)
    status, said = await started(stage)
    assert status == 2, said
    assert said.count("\n") == 1 and str(path) in said and "Traceback" not in said
    assert "back-up" in said
    assert path.read_bytes() == content
    assert stage.x.api.exchanges == stage.telegram.service.exchanges == []
    assert not list(stage.data.glob("telex.json?*")), "no second file beside it either"


async def test_the_file_env_beside_the_bot_is_read_and_the_environment_wins(stage: Stage) -> None:
    whole = stage.settings
    lines = [f"{name}={value}" for name, value in whole.items()]
    (stage.folder / ".env").write_text("\n".join([*lines, "LISTEN=nonsense"]) + "\n")
    stage.settings = {"LISTEN": ""}
    await stage.start()
    await stage.ready()
    await stage.sign_in()
    stage.settings = whole


async def test_a_bot_token_that_telegram_refuses_is_named_in_one_line(stage: Stage) -> None:
    for token in (
        "123456789:AAFanothertokenanothertokenanothertoken",  # 401
        "1:no-token-of-telegram's",  # 404
    ):
        status, said = await started(stage, TELEGRAM_BOT_TOKEN=token, LOG_LEVEL="INFO")
        assert status == 2
        lines = [line for line in said.splitlines() if "TELEGRAM_BOT_TOKEN" in line]
        assert len(lines) == 1 and "@BotFather" in lines[0]
        assert said.count("\n") == 1, said
        assert token not in said and token.partition(":")[2] not in said
    assert stage.x.api.exchanges == []


async def test_the_lock_of_a_process_that_was_killed_is_no_lock(signed_in: Stage) -> None:
    await signed_in.kill()
    await signed_in.start()
    await signed_in.ready()
    signed_in.owner.sends_text("/post after the end")
    await signed_in.owner.sees("Posted")


async def test_the_command_needs_no_terminal_and_no_home(stage: Stage) -> None:
    """As under systemd or in a container: no HOME, no TERM, stdin closed."""
    env = {**stage.settings, "PYTHONPATH": str(Path(__file__).parents[2])}
    with stage.log.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *RUN,
            cwd=stage.folder,
            env=env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    stage.bot = process
    await stage.ready()
    await stage.sign_in()
    process.terminate()
    out, _ = await process.communicate()
    assert (process.returncode, out) == (0, b"")
