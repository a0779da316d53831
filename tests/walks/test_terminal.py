"""`telex init` and `telex check` before a person: typed, pasted, and broken off."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import pytest
from dotenv import dotenv_values

from bot.sandbox.server import Fault
from tests.stage import Stage
from tests.terminal import CTRL_C, CTRL_D, Terminal
from tests.walks.shell import at_a_terminal, telex, wrong

AROUND = ("X_API_URL", "X_UPLOAD_URL", "X_AUTHORIZE_URL", "TELEGRAM_API_URL", "DATA_DIR")
KEYS = ("X_API_KEY", "X_API_SECRET", "X_ACCESS_TOKEN", "X_ACCESS_TOKEN_SECRET")
AGAIN = "Do you want to enter it again?"


def around(stage: Stage) -> dict[str, str]:
    """Where the services and the data are: the environment says that, and a person the rest."""
    return {name: stage.settings[name] for name in AROUND}


def env(stage: Stage) -> dict[str, str | None]:
    return dict(dotenv_values(stage.folder / ".env"))


def beside(stage: Stage) -> set[str]:
    """What lies in the working folder."""
    return {path.name for path in stage.folder.iterdir()} - {"log", "data"}


async def begin(it: Terminal, stage: Stage) -> None:
    """Up to the callback address."""
    await it.answers("(TELEGRAM_BOT_TOKEN)", stage.telegram.token)
    await it.answers("(TELEGRAM_OWNER_IDS)", str(stage.owner.id))


async def app(it: Terminal, stage: Stage) -> None:
    """Up to the keys."""
    await it.answers("(X_REDIRECT_URI)", "")
    await it.answers("(X_CLIENT_ID)", stage.x.app.client_id)
    await it.answers("(X_CLIENT_SECRET)", stage.x.app.client_secret or "")


async def agree(it: Terminal, question: str, answer: str) -> None:
    await it.sees(question)
    it.types(answer, end="")


async def keys(it: Terminal, stage: Stage, **other: str) -> None:
    """The four keys."""
    await agree(it, "OAuth 1.0a keys?", "y")
    for name in KEYS:
        await it.answers(f"({name})", other.get(name, stage.settings[name]))


async def test_an_hour_of_right_answers_makes_a_bot_that_runs(stage: Stage) -> None:
    async with at_a_terminal(stage, "init", around(stage)) as it:
        assert "@BotFather" in await it.sees("(TELEGRAM_BOT_TOKEN)")
        it.types(stage.telegram.token)
        await it.sees("ok Bot: @telex_sandbox_bot")
        assert "@userinfobot" in await it.sees("(TELEGRAM_OWNER_IDS)")
        it.types(str(stage.owner.id))
        await it.sees("is Owner")
        assert "https://console.x.com" in await it.sees("(X_REDIRECT_URI)")
        it.types("")
        await it.answers("(X_CLIENT_ID)", stage.x.app.client_id)
        await it.answers("(X_CLIENT_SECRET)", stage.x.app.client_secret or "")
        await it.sees("ok App")
        await keys(it, stage)
        await it.sees("ok Keys (OAuth 1.0a): @sandbox's")
        await it.sees("ok v1.1 upload")
        await agree(it, "see the other settings?", "y")
        await it.answers("(X_SCOPE)", "")
        await it.answers("(X_UPLOAD)", "")
        await agree(it, "(LISTEN)", "\x08" * 40 + f"127.0.0.1:{stage.landing}\r")
        for name in ("ALBUM_WINDOW", "LOG_LEVEL", "TELEGRAM_LOCAL_FILES"):
            await it.answers(f"({name})", "")
        await it.sees("telex check")
        assert await it.ends() == 0
    path = stage.folder / ".env"
    assert path.stat().st_mode & 0o777 == 0o600
    assert env(stage) == {
        "TELEGRAM_BOT_TOKEN": stage.telegram.token,
        "TELEGRAM_OWNER_IDS": str(stage.owner.id),
        "X_CLIENT_ID": stage.x.app.client_id,
        "X_CLIENT_SECRET": stage.x.app.client_secret,
        "LISTEN": f"127.0.0.1:{stage.landing}",
        **{name: stage.settings[name] for name in KEYS},
    }
    stage.settings = around(stage)
    await stage.start()
    await stage.ready()
    await stage.sign_in()
    stage.owner.sends_text("/post with what init wrote")
    await stage.owner.sees("Posted")


async def test_no_secret_is_shown_while_it_is_typed(stage: Stage) -> None:
    async with at_a_terminal(stage, "init", around(stage)) as it:
        await begin(it, stage)
        await app(it, stage)
        await keys(it, stage)
        await agree(it, "see the other settings?", "n")
        assert await it.ends() == 0
        shown = re.sub(r"\s", "", it.shown)
    for secret in (stage.telegram.token, stage.x.app.client_secret, *map(stage.settings.get, KEYS)):
        assert secret and secret not in shown
        assert secret[-12:] not in shown


async def test_what_is_pasted_before_it_is_asked_for_is_not_shown_either(stage: Stage) -> None:
    hung = stage.telegram.faults.add(Fault(delay=1.0, times=None))
    async with at_a_terminal(stage, "init", around(stage)) as it:
        await it.answers("(TELEGRAM_BOT_TOKEN)", stage.telegram.token)
        await hung.wait()
        it.types("hush-hush-hush", end="")
        assert "hush" not in await it.sees("@userinfobot")
        await it.sees("hush-hush-hush")  # it was not lost
        it.types(CTRL_C, end="")
        assert await it.ends() == 130


async def test_a_wrong_token_is_told_and_asked_for_again(stage: Stage) -> None:
    async with at_a_terminal(stage, "init", around(stage)) as it:
        await it.answers("(TELEGRAM_BOT_TOKEN)", "not a token")
        await it.sees("TELEGRAM_BOT_TOKEN is not the token of a bot")
        await it.answers("(TELEGRAM_BOT_TOKEN)", "123456789:AAFanothertokenanothertokenanothert")
        await it.sees("does not take TELEGRAM_BOT_TOKEN")
        await agree(it, AGAIN, "y")
        await it.answers("(TELEGRAM_BOT_TOKEN)", stage.telegram.token)
        await it.sees("ok Bot")
        it.types(CTRL_C, end="")
        assert await it.ends() == 130


@pytest.mark.parametrize(
    "paste", [" {} ", "{}\n", "{head} {tail}", "\u200b{}\u00a0", "{head}\n{tail}"]
)
async def test_a_secret_pasted_with_a_space_is_mended_and_said(stage: Stage, paste: str) -> None:
    token = stage.telegram.token
    async with at_a_terminal(stage, "init", around(stage)) as it:
        await it.sees("(TELEGRAM_BOT_TOKEN)")
        it.pastes(paste.format(token, head=token[:20], tail=token[20:]))
        await it.sees("Stray white space was taken out of it.")
        await it.sees("ok Bot: @telex_sandbox_bot")
        it.types(CTRL_C, end="")
        assert await it.ends() == 130


async def test_keys_of_another_account_than_the_sign_in_can_be_entered_again(stage: Stage) -> None:
    await stage.start()
    await stage.ready()
    await stage.sign_in()
    other = stage.x.world.add_account("somebody", "Somebody", time.time())
    made = stage.x.world.add_oauth1(other, stage.x.app)
    async with at_a_terminal(stage, "init", around(stage)) as it:
        await begin(it, stage)
        await app(it, stage)
        await keys(it, stage, X_ACCESS_TOKEN=made.token, X_ACCESS_TOKEN_SECRET=made.secret)
        await it.sees("ok Keys (OAuth 1.0a): @somebody's")
        await it.sees("wrong One account")
        await agree(it, AGAIN, "y")
        for name in KEYS:
            await it.answers(f"({name})", stage.settings[name] if "TOKEN" in name else "")
        await it.sees("ok One account")
        await agree(it, "see the other settings?", "n")
        assert await it.ends() == 0
    assert env(stage)["X_ACCESS_TOKEN"] == stage.settings["X_ACCESS_TOKEN"]
    assert stage.grants("refresh_token") == []


async def test_a_read_only_app_is_told_and_its_keys_may_be_kept_all_the_same(stage: Stage) -> None:
    stage.x.oauth1.read_write = False
    async with at_a_terminal(stage, "init", around(stage)) as it:
        await begin(it, stage)
        await app(it, stage)
        await keys(it, stage)
        assert "may only read" in await it.sees(AGAIN)
        it.types("n", end="")
        await agree(it, "see the other settings?", "n")
        assert await it.ends() == 0
    assert env(stage)["X_ACCESS_TOKEN"] == stage.settings["X_ACCESS_TOKEN"]


async def test_a_missing_scope_is_told_and_asked_for_again(stage: Stage) -> None:
    async with at_a_terminal(stage, "init", around(stage)) as it:
        await begin(it, stage)
        await app(it, stage)
        await agree(it, "OAuth 1.0a keys?", "n")
        await agree(it, "see the other settings?", "y")
        await agree(it, "(X_SCOPE)", "\x08" * 100 + "tweet.read users.read offline.access\r")
        await it.sees("X_SCOPE lacks tweet.write media.write")
        it.types(CTRL_D, end="")
        it.types(CTRL_C, end="")
        assert await it.ends() == 130


async def test_a_clock_two_hours_off_is_told_and_the_keys_are_not_blamed(stage: Stage) -> None:
    def theirs() -> float:
        return time.time() + 7200

    stage.x.clock = theirs
    for service in stage.x.services:
        service.clock = theirs
    async with at_a_terminal(stage, "init", around(stage)) as it:
        await begin(it, stage)
        await app(it, stage)
        await keys(it, stage)
        said = await it.sees(AGAIN)
        assert "wrong Clock: 2 h behind" in said and "does not take them" not in said
        it.types("n", end="")
        await agree(it, "see the other settings?", "n")
        assert await it.ends() == 0


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D], ids=["ctrl-c", "ctrl-d"])
async def test_whoever_stops_half_way_leaves_nothing_half_written(stage: Stage, key: str) -> None:
    async with at_a_terminal(stage, "init", around(stage)) as it:
        await begin(it, stage)
        await it.sees("(X_REDIRECT_URI)")
        it.types("\x15" + key if key == CTRL_D else key, end="")  # Ctrl-D ends an empty line
        await it.sees("Stopped; nothing was written.")
        assert await it.ends() == 130
    assert beside(stage) == set()


async def test_ctrl_c_while_telegram_is_asked_leaves_the_file_as_it_was(stage: Stage) -> None:
    path = stage.folder / ".env"
    path.write_text(before := "# mine\nX_CLIENT_ID=old\n")
    hung = stage.telegram.faults.add(Fault(hang="before", times=None))
    async with at_a_terminal(stage, "init", around(stage)) as it:
        await it.answers("(TELEGRAM_BOT_TOKEN)", stage.telegram.token)
        await hung.wait()
        it.types(CTRL_C, end="")
        await it.sees("Stopped; .env is as it was.")
        assert await it.ends() == 130
    assert path.read_text() == before
    assert beside(stage) == {".env"}


async def test_what_is_in_the_file_is_offered_and_what_is_not_asked_for_stays(stage: Stage) -> None:
    path = stage.folder / ".env"
    path.write_text(
        f"# my notes\nexport TELEGRAM_BOT_TOKEN={stage.telegram.token} # the red one\n"
        "SOMETHING_ELSE=1\n\nX_CLIENT_ID='old'\nALBUM_WINDOW=3\n"
    )
    path.chmod(0o644)
    async with at_a_terminal(stage, "init", around(stage)) as it:
        await it.answers("(TELEGRAM_BOT_TOKEN) [Enter keeps it", "")
        await it.answers("(TELEGRAM_OWNER_IDS)", str(stage.owner.id))
        await it.answers("(X_REDIRECT_URI)", "")
        await agree(it, "(X_CLIENT_ID)", "\x08" * 3 + stage.x.app.client_id + "\r")
        await it.answers("(X_CLIENT_SECRET)", stage.x.app.client_secret or "")
        await agree(it, "OAuth 1.0a keys?", "n")
        await agree(it, "see the other settings?", "n")
        assert await it.ends() == 0
    lines = path.read_text().splitlines()
    assert lines[:6] == [
        "# my notes",
        f"export TELEGRAM_BOT_TOKEN={stage.telegram.token} # the red one",
        "SOMETHING_ELSE=1",
        "",
        f"X_CLIENT_ID={stage.x.app.client_id}",
        "ALBUM_WINDOW=3",
    ]
    assert set(env(stage)) - {"SOMETHING_ELSE"} == {
        *("TELEGRAM_BOT_TOKEN", "TELEGRAM_OWNER_IDS", "X_CLIENT_ID", "X_CLIENT_SECRET"),
        "ALBUM_WINDOW",
    }
    assert path.stat().st_mode & 0o777 == 0o600


async def test_without_a_terminal_the_environment_answers(stage: Stage) -> None:
    status, said = await telex(stage, "init")
    assert status == 0, said
    assert "\x1b" not in said and "?" not in said
    assert (stage.folder / ".env").stat().st_mode & 0o777 == 0o600
    stage.settings, given = {}, stage.settings
    default = {"X_REDIRECT_URI"}
    assert env(stage) == {name: value for name, value in given.items() if name not in default}
    await stage.start()
    await stage.ready()


async def test_without_a_terminal_and_without_answers_it_says_in_one_line_what_to_do(
    stage: Stage,
) -> None:
    status, said = await telex(stage, "init", X_CLIENT_ID="", TELEGRAM_OWNER_IDS="@me")
    assert (status, said.count("\n")) == (2, 1)
    assert said.startswith("telex: there is no terminal")
    assert "X_CLIENT_ID is not set" in said and "TELEGRAM_OWNER_IDS has something else" in said
    assert beside(stage) == set()


# --- check


async def test_at_a_terminal_check_draws_a_table_with_colours(stage: Stage) -> None:
    async with at_a_terminal(stage, "check", {**stage.settings, "LISTEN": ""}) as it:
        assert await it.ends() == 0
        await it.sees("All that is needed is right")
        assert "─" in it.shown and "@telex_sandbox_bot" in it.shown
        assert "\x1b[32m" in it.raw


async def test_no_color_is_honoured_by_both(stage: Stage) -> None:
    colour = re.compile(r"\x1b\[[0-9;]*(?:3[0-7]|9[0-7]|38)[0-9;]*m")
    async with at_a_terminal(stage, "check", {**stage.settings, "NO_COLOR": "1"}) as it:
        assert await it.ends() == 1
        await it.sees("wrong")
        assert not colour.search(it.raw)
    async with at_a_terminal(stage, "init", {**around(stage), "NO_COLOR": "1"}) as it:
        await it.answers("(TELEGRAM_BOT_TOKEN)", stage.telegram.token)
        await it.sees("(TELEGRAM_OWNER_IDS)")
        it.types(CTRL_C, end="")
        assert await it.ends() == 130
        assert not colour.search(it.raw)


@pytest.mark.parametrize("columns", [40, 200])
async def test_the_table_fits_any_terminal(stage: Stage, columns: int) -> None:
    async with at_a_terminal(stage, "check", stage.settings, columns=columns) as it:
        assert await it.ends() == 1
        await it.sees("wrong")
        told = [line for line in it.shown.splitlines() if "Asking" not in line]
        assert max(map(len, told)) <= columns


async def test_the_running_bot_has_loaded_neither_of_their_libraries(
    stage: Stage, tmp_path: Path
) -> None:
    told = tmp_path / "modules"
    script = (
        "import atexit, pathlib, sys\n"
        f"atexit.register(lambda: pathlib.Path({str(told)!r}).write_text("
        "'\\n'.join(n for n, m in sys.modules.items() if m is not None)))\n"
        "from bot.__main__ import main\n"
        "sys.exit(main(['run']))"
    )
    stage.command = (sys.executable, "-c", script)
    await stage.start()
    await stage.ready()
    await stage.sign_in()
    assert await stage.stop() == 0
    loaded = {name.partition(".")[0] for name in told.read_text().split()}
    assert "httpx" in loaded
    assert not loaded & {"rich", "questionary", "prompt_toolkit", "pygments", "markdown_it"}
    told.unlink()


async def test_what_check_finds_wrong_is_wrong_for_a_script_too(stage: Stage) -> None:
    status, said = await telex(stage, "check", LISTEN="", X_API_SECRET="no")
    assert (status, wrong(said)) == (1, {"Keys (OAuth 1.0a)"})
