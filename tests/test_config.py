"""Settings: the contract's names and defaults, one line for whatever is wrong, no secret shown."""

from __future__ import annotations

import os
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from bot import config
from bot.config import Settings, SettingsError, load
from twitter_core.prices import APRIL_2026

GOOD = {
    "TELEGRAM_BOT_TOKEN": "123456:telegram-secret-in-the-token",
    "TELEGRAM_OWNER_IDS": "11, 22",
    "X_CLIENT_ID": "client-id",
}
OAUTH1 = {
    "X_API_KEY": "api-key-that-is-secret",
    "X_API_SECRET": "api-secret-that-is-secret",
    "X_ACCESS_TOKEN": "77-access-token-that-is-secret",
    "X_ACCESS_TOKEN_SECRET": "access-token-secret-that-is-secret",
}
ALL_SECRETS = {
    "TELEGRAM_BOT_TOKEN": GOOD["TELEGRAM_BOT_TOKEN"],
    "X_CLIENT_SECRET": "client-secret-that-is-secret",
    **OAUTH1,
}


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty working folder and an environment without a setting."""
    for name in list(os.environ):
        if name.upper().startswith(("X_", "TELEGRAM_")) or name in config.NAMES:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def with_environment(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def complaint(monkeypatch: pytest.MonkeyPatch, **values: str) -> str:
    with_environment(monkeypatch, **GOOD | values)
    with pytest.raises(SettingsError) as told:
        load()
    line = str(told.value)
    assert "\n" not in line
    assert told.value.__cause__ is None
    assert told.value.__suppress_context__
    return line


def test_defaults_are_those_of_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    with_environment(monkeypatch, **GOOD)
    settings = load()
    assert settings.telegram_bot_token.get_secret_value() == GOOD["TELEGRAM_BOT_TOKEN"]
    assert settings.telegram_owner_ids == frozenset({11, 22})
    assert settings.telegram_api_url == "https://api.telegram.org"
    assert settings.telegram_local_files is None
    assert settings.x_client_id == "client-id"
    assert settings.x_client_secret is None
    assert settings.x_redirect_uri == "http://127.0.0.1:8080/callback"
    assert settings.x_scope == "tweet.read tweet.write users.read media.write offline.access"
    assert not settings.has_oauth1
    assert settings.x_upload == "auto"
    assert settings.x_api_url == "https://api.x.com"
    assert settings.x_upload_url == "https://upload.twitter.com"
    assert settings.x_authorize_url == "https://x.com/i/oauth2/authorize"
    assert settings.data_dir == Path("data")
    assert settings.listen_on == ("127.0.0.1", 8080)
    assert settings.album_window == 1.0
    assert settings.log_level == "INFO"


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("value", ["", "  ", '""'])
def test_a_required_setting_that_is_empty_is_named_as_not_set(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    assert complaint(monkeypatch, **{name: value}).startswith(f"{name} is not set: ")


@pytest.mark.parametrize("name", GOOD)
def test_a_required_setting_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with_environment(monkeypatch, **{key: value for key, value in GOOD.items() if key != name})
    with pytest.raises(SettingsError, match=f"^{name} is not set: "):
        load()


WRONG = [
    ("TELEGRAM_BOT_TOKEN", "no-colon-in-here"),
    ("TELEGRAM_BOT_TOKEN", "123456:with a space"),
    ("TELEGRAM_BOT_TOKEN", "bot123456:abcdefghij"),
    ("TELEGRAM_OWNER_IDS", "@someone"),
    ("TELEGRAM_OWNER_IDS", "0"),
    ("TELEGRAM_OWNER_IDS", "-100123"),
    ("TELEGRAM_OWNER_IDS", "1.5"),
    ("TELEGRAM_OWNER_IDS", "11 22"),
    ("TELEGRAM_OWNER_IDS", ","),
    ("TELEGRAM_OWNER_IDS", "٣"),
    ("TELEGRAM_API_URL", "http://api.telegram.org"),
    ("TELEGRAM_API_URL", "http://203.0.113.7:8081"),
    ("TELEGRAM_API_URL", "http://134744072"),
    ("TELEGRAM_API_URL", "api.telegram.org"),
    ("TELEGRAM_API_URL", "https://me:pass@api.telegram.org"),
    ("TELEGRAM_API_URL", "https:///path"),
    ("TELEGRAM_API_URL", "https://[::1"),
    ("TELEGRAM_API_URL", "https://host:port"),
    ("TELEGRAM_API_URL", "ftp://127.0.0.1"),
    ("TELEGRAM_LOCAL_FILES", "/no/such/folder"),
    ("X_CLIENT_ID", "two words"),
    ("X_CLIENT_SECRET", "two words"),
    ("X_CLIENT_SECRET", "“typographic”"),
    ("X_REDIRECT_URI", "/callback"),
    ("X_REDIRECT_URI", "https://bot.example.org"),
    ("X_REDIRECT_URI", "http://bot.example.org/callback"),
    ("X_REDIRECT_URI", "http://192.168.0.7/callback"),
    ("X_REDIRECT_URI", "https://bot.example.org/callback#here"),
    ("X_REDIRECT_URI", "http://127.0.0.1:8080/healthz"),
    ("X_REDIRECT_URI", "telex://callback"),
    ("X_SCOPE", "tweet.read,tweet.write"),
    ("X_UPLOAD", "v3"),
    ("X_API_URL", "http://api.x.com"),
    ("X_API_URL", "http://192.168.0.7"),
    ("X_API_URL", "https://api.x.com/?a=b"),
    ("X_UPLOAD_URL", "http://upload.twitter.com"),
    ("X_UPLOAD_URL", "https://up load.twitter.com"),
    ("X_AUTHORIZE_URL", "http://x.com/i/oauth2/authorize"),
    ("X_AUTHORIZE_URL", "http://localhost.example.org/"),
    ("X_PRICES", "cheap"),
    ("X_PRICES", "post=1"),
    ("X_PRICES", "create=-1"),
    ("X_PRICES", "create=0,02"),
    ("X_PRICES", "create=1,create=2"),
    ("DATA_DIR", "/dev/null"),
    ("LISTEN", "8080"),
    ("LISTEN", "127.0.0.1"),
    ("LISTEN", ":8080"),
    ("LISTEN", "127.0.0.1:65536"),
    ("LISTEN", "::1:8080"),
    ("LISTEN", "http://127.0.0.1:8080"),
    ("ALBUM_WINDOW", "soon"),
    ("ALBUM_WINDOW", "-1"),
    ("ALBUM_WINDOW", "61"),
    ("ALBUM_WINDOW", "nan"),
    ("ALBUM_WINDOW", "1,5"),
    ("LOG_LEVEL", "LOUD"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_setting_is_named_in_one_line_that_does_not_hold_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    line = complaint(monkeypatch, **{name: value})
    assert line.startswith(f"{name} ")
    assert ": " in line
    assert len(value) < 5 or value not in line.replace("127.0.0.1", "")


@pytest.mark.parametrize("name", OAUTH1)
def test_three_of_the_four_keys_name_the_one_that_is_not_set(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    line = complaint(monkeypatch, **OAUTH1 | {name: ""})
    assert line.startswith(f"{name} is not set, but others of its set are: ")


def test_the_v1_1_upload_without_its_keys_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    line = complaint(monkeypatch, X_UPLOAD="v1.1")
    assert line.startswith("X_UPLOAD is v1.1, but the keys for it are not set: ")


@pytest.mark.parametrize("name", ALL_SECRETS)
def test_a_secret_with_white_space_inside_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    line = complaint(monkeypatch, **ALL_SECRETS | {name: ALL_SECRETS[name] + " with-more"})
    assert line.startswith(f"{name} has white space inside: ")
    assert not any(secret in line for secret in ALL_SECRETS.values())


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("TELEGRAM_OWNER_IDS", " 7 ,, 8, ", frozenset({7, 8})),
        ("TELEGRAM_API_URL", "http://127.0.0.1:8081/", "http://127.0.0.1:8081"),
        ("TELEGRAM_API_URL", "http://[::1]:8081", "http://[::1]:8081"),
        ("TELEGRAM_API_URL", "http://192.168.0.7:8081", "http://192.168.0.7:8081"),
        ("TELEGRAM_API_URL", "http://10.1.2.3", "http://10.1.2.3"),
        ("TELEGRAM_API_URL", "http://telegram-bot-api:8081", "http://telegram-bot-api:8081"),
        ("X_REDIRECT_URI", "https://bot.example.org/x/", "https://bot.example.org/x/"),
        ("X_REDIRECT_URI", "http://localhost:9/cb", "http://localhost:9/cb"),
        ("X_SCOPE", "tweet.read  tweet.write", "tweet.read tweet.write"),
        ("X_API_URL", "http://127.0.0.1:5000/", "http://127.0.0.1:5000"),
        ("X_AUTHORIZE_URL", "http://127.0.0.1:1/a?b=c", "http://127.0.0.1:1/a?b=c"),
        ("LISTEN", "", ""),
        ("LISTEN", "[::1]:0", "[::1]:0"),
        ("ALBUM_WINDOW", "0", 0.0),
        ("ALBUM_WINDOW", "", 1.0),
        ("X_PRICES", "", APRIL_2026),
        ("X_PRICES", " delete = 0 ", replace(APRIL_2026, delete=Decimal(0))),
        ("LOG_LEVEL", "debug", "DEBUG"),
        ("DATA_DIR", "~/telex", Path("~/telex").expanduser()),
        ("X_CLIENT_ID", ' "quoted" ', "quoted"),
        ("TELEGRAM_LOCAL_FILES", "/", Path("/")),
    ],
)
def test_a_good_value_is_taken(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, meant: object
) -> None:
    with_environment(monkeypatch, **GOOD | {name: value})
    assert getattr(load(), name.lower()) == meant


@pytest.mark.parametrize(
    ("value", "meant"),
    [("", None), ("[::1]:80", ("::1", 80)), ("0.0.0.0:8080", ("0.0.0.0", 8080))],
)
def test_listen_is_a_host_and_a_port_or_nothing(value: str, meant: tuple[str, int] | None) -> None:
    settings = Settings(
        telegram_bot_token="1:a", telegram_owner_ids={1}, x_client_id="c", listen=value
    )
    assert settings.listen_on == meant


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"{name}={value}" for name, value in GOOD.items()]
    Path(".env").write_text("\n".join([*lines, "ALBUM_WINDOW=3", "LOG_LEVEL=ERROR"]))
    with_environment(monkeypatch, ALBUM_WINDOW="4")
    settings = load()
    assert settings.telegram_owner_ids == frozenset({11, 22})
    assert settings.album_window == 4
    assert settings.log_level == "ERROR"


def test_other_variables_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    with_environment(monkeypatch, **GOOD, X_COMPLETELY_DIFFERENT="1", telegram_bot_token="2:b")
    assert load().telegram_bot_token.get_secret_value() == GOOD["TELEGRAM_BOT_TOKEN"]


def test_a_misspelt_name_in_the_file_is_asked_about() -> None:
    Path(".env").write_text("TELEGRAM_BOT_TOKN=1:abc\n")
    with pytest.raises(SettingsError) as told:
        load()
    assert "TELEGRAM_BOT_TOKEN is not set (.env has TELEGRAM_BOT_TOKN; is that meant?)" in str(
        told.value
    )


def test_a_stray_name_in_the_file_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with_environment(monkeypatch, **GOOD)
    Path(".env").write_text("X_CLIENTSECRET=hush-hush\nX_OTHER=1\nEDITOR=vi\n")
    load()
    assert caplog.messages == [
        ".env: X_CLIENTSECRET is not a setting of Telex; is X_CLIENT_SECRET meant?",
        ".env: X_OTHER is not a setting of Telex",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"# fine\n!! hush-hush\n", ".env, line 2, cannot be read: "),
        (b"X_CLIENT_ID=\xff\xfe\n", ".env is not a text file: "),
    ],
)
def test_a_file_that_makes_no_sense_stops_the_start(content: bytes, said: str) -> None:
    Path(".env").write_bytes(content)
    with pytest.raises(SettingsError) as told:
        load()
    assert str(told.value).startswith(said)
    assert "hush" not in str(told.value)


def test_a_folder_in_the_place_of_the_file_stops_the_start() -> None:
    Path(".env").mkdir()
    with pytest.raises(SettingsError, match=r"^\.env cannot be read \(Is a directory\): "):
        load()


def test_a_file_with_a_byte_order_mark_is_read() -> None:
    Path(".env").write_text(
        "".join(f"{name}={value}\r\n" for name, value in GOOD.items()), encoding="utf-8-sig"
    )
    assert load().x_client_id == "client-id"


def test_no_way_of_printing_settings_shows_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    with_environment(monkeypatch, **GOOD | ALL_SECRETS)
    settings = load()
    printed = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert not any(secret in printed for secret in ALL_SECRETS.values())
    assert set(settings.secrets()) == set(ALL_SECRETS.values())


def test_building_settings_reads_neither_the_environment_nor_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_environment(monkeypatch, ALBUM_WINDOW="4")
    Path(".env").write_text("LOG_LEVEL=ERROR\n")
    settings = Settings(telegram_bot_token="1:a", telegram_owner_ids=[1], x_client_id="c")
    assert settings.album_window == 1.0
    assert settings.log_level == "INFO"


def test_a_look_names_all_that_is_wrong_and_shows_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("X_CLIENT_ID=from-file\nX_API_KEY=hush hush\nX_CLIENTSECRET=oops\n")
    with_environment(monkeypatch, TELEGRAM_BOT_TOKEN="hush", X_CLIENT_ID="two words")
    seen = config.look()
    assert seen.settings is None
    assert list(seen.complaints) == [
        *("TELEGRAM_BOT_TOKEN", "TELEGRAM_OWNER_IDS", "X_CLIENT_ID", "X_API_KEY")
    ]
    assert all(line.startswith(f"{name} ") for name, line in seen.complaints.items())
    assert seen.strange == {"X_CLIENTSECRET": "X_CLIENT_SECRET"}
    assert seen.written["X_CLIENT_ID"] == "from-file"
    assert seen.given["X_CLIENT_ID"] == "two words"
    assert "hush" not in repr(seen)


def test_a_look_at_what_is_right_has_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    with_environment(monkeypatch, **GOOD)
    seen = config.look()
    assert seen.settings == load()
    assert seen.complaints == {}


def test_one_value_can_be_asked_about_alone() -> None:
    assert "LISTEN" not in config.complaints_about({"LISTEN": "127.0.0.1:8080"})
    line = config.complaints_about({"LISTEN": "here"})["LISTEN"]
    assert line.startswith("LISTEN is not a host and a port: ")
    assert config.complaints_about(GOOD) == {}


def test_a_default_is_told_as_it_would_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    with_environment(
        monkeypatch, **GOOD, **{n: config.default(n) for n in config.NAMES if n not in GOOD}
    )
    assert load() == Settings(**GOOD)  # type: ignore[arg-type]
    assert config.default("TELEGRAM_BOT_TOKEN") == config.default("X_API_KEY") == ""
    assert (config.default("DATA_DIR"), config.default("ALBUM_WINDOW")) == ("data", "1.0")


def test_a_folder_that_may_not_be_looked_for_is_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    def shut(self: Path, **_: object) -> os.stat_result:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "stat", shut)
        complaints = config.complaints_about(
            {**GOOD, "DATA_DIR": "/shut/data", "TELEGRAM_LOCAL_FILES": "/shut/files"}
        )
    assert list(complaints) == ["TELEGRAM_LOCAL_FILES"], "the store has its own words for DATA_DIR"
