"""The settings, and the only place that reads the environment and `.env`.

Never shows a value: every complaint is one line that names the setting and how to mend it.
"""

from __future__ import annotations

import difflib
import io
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot import addresses
from twitter_core import prices
from twitter_core.prices import APRIL_2026, Prices

log = logging.getLogger(__name__)

MAY_BE_EMPTY = "LISTEN"  # an empty LISTEN means "no landing page"; elsewhere empty means unset
_OAUTH1 = ("X_API_KEY", "X_API_SECRET", "X_ACCESS_TOKEN", "X_ACCESS_TOKEN_SECRET")
_ALL_FOUR = "set all four of " + ", ".join(_OAUTH1) + ", or none"


class SettingsError(Exception):
    """A setting is missing or wrong. Its text is one line, fit for the owner's eyes."""


def _secret(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if re.search(r"\s", text):
        raise ValueError("has white space inside")
    if not (text.isascii() and text.isprintable()):
        raise ValueError("has characters that no key or token has")
    return value


def _bot_token(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[0-9]+:\S+", value.get_secret_value()):
        raise ValueError("is not the token of a bot")
    return value


def _scope(value: str) -> str:
    if not re.fullmatch(r"[a-z._]+(\s+[a-z._]+)*", value):
        raise ValueError("is not a list of scopes")
    return " ".join(value.split())


def _local_files(path: Path | None) -> Path | None:
    try:
        is_folder = path is None or path.is_dir()
    except OSError:  # a folder above it may not be looked into
        is_folder = False
    if not is_folder:
        raise ValueError("is not a folder that Telex may read")
    return path


def _data_dir(path: Path) -> Path:
    path = path.expanduser()
    try:
        is_other = path.exists() and not path.is_dir()
    except OSError:  # a folder above it may not be looked into: the store says so, and `check`
        is_other = False
    if is_other:
        raise ValueError("is not a folder")
    return path


Secret = Annotated[SecretStr, AfterValidator(_secret)]
Root = Annotated[str, AfterValidator(addresses.root)]
OwnerId = Annotated[int, Field(gt=0)]


class Settings(BaseSettings):
    """What the owner decided, checked. Building one reads nothing; `load` does.

    Each description says how to mend the setting; it ends the line that complains about it.
    """

    model_config = SettingsConfigDict(
        alias_generator=str.upper,
        validate_by_name=True,
        case_sensitive=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    telegram_bot_token: Annotated[Secret, AfterValidator(_bot_token)] = Field(
        description="use the token that @BotFather gave you (123456:ABC…)"
    )
    telegram_owner_ids: Annotated[frozenset[OwnerId], NoDecode] = Field(
        min_length=1,
        description="list the owners' numeric Telegram user ids, with commas between "
        "(@userinfobot tells you yours)",
    )
    telegram_api_url: Annotated[str, AfterValidator(addresses.root_at_home)] = Field(
        default="https://api.telegram.org",
        description="use an https address, or http on this machine or in a private network",
    )
    telegram_local_files: Annotated[Path | None, AfterValidator(_local_files)] = Field(
        default=None,
        description="name the folder of the local Bot API server, or leave it empty",
    )
    x_client_id: Annotated[str, Field(pattern=r"^[!-~]+$")] = Field(
        description="copy the OAuth 2.0 Client ID of your app from X's developer console"
    )
    x_client_secret: Secret | None = Field(
        default=None,
        description="copy the OAuth 2.0 Client Secret of your app, or leave it empty",
    )
    x_redirect_uri: Annotated[str, AfterValidator(addresses.redirect)] = Field(
        default="http://127.0.0.1:8080/callback",
        description="use a callback address registered with X: https, or http on this machine, "
        "with a path",
    )
    x_scope: Annotated[str, AfterValidator(_scope)] = Field(
        default="tweet.read tweet.write users.read media.write offline.access",
        description="list X's scopes with spaces between, or leave it empty for the usual ones",
    )
    x_api_key: Secret | None = Field(default=None, description=_ALL_FOUR)
    x_api_secret: Secret | None = Field(default=None, description=_ALL_FOUR)
    x_access_token: Secret | None = Field(default=None, description=_ALL_FOUR)
    x_access_token_secret: Secret | None = Field(default=None, description=_ALL_FOUR)
    x_upload: Literal["auto", "v1.1", "v2"] = Field(
        default="auto",
        description="use auto, v1.1 or v2; v1.1 needs all four of " + ", ".join(_OAUTH1),
    )
    x_api_url: Root = Field(default="https://api.x.com", description="use an https address")
    x_upload_url: Root = Field(
        default="https://upload.twitter.com", description="use an https address"
    )
    x_authorize_url: Annotated[str, AfterValidator(addresses.page)] = Field(
        default="https://x.com/i/oauth2/authorize", description="use an https address"
    )
    x_prices: Annotated[Prices, NoDecode] = Field(
        default=APRIL_2026,
        description="list prices in dollars, such as create=0.015,create_with_url=0.2, or leave it "
        "empty for those of April 2026",
    )
    data_dir: Annotated[Path, AfterValidator(_data_dir)] = Field(
        default=Path("data"), description="name a folder that Telex may make and write to"
    )
    listen: Annotated[str, AfterValidator(addresses.listen)] = Field(
        default="127.0.0.1:8080",
        description="use host:port, or leave it empty to sign in by pasting",
    )
    album_window: float = Field(
        default=1.0,
        ge=0,
        le=60,
        allow_inf_nan=False,
        description="use a number of seconds from 0 to 60",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = Field(
        default="INFO", description="use DEBUG, INFO, WARNING, ERROR or CRITICAL"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what the constructor is given, so that the demo and tests read nothing else."""
        return (init_settings,)

    @model_validator(mode="before")
    @classmethod
    def _tidy(cls, values: Mapping[str, object]) -> dict[str, object]:
        """Strip white space, and quotes that `docker --env-file` leaves; drop what is empty."""
        tidy = {name: _stripped(value) for name, value in values.items()}
        return {
            name: value
            for name, value in tidy.items()
            if value not in ("", None) or name.upper() == MAY_BE_EMPTY
        }

    @field_validator("telegram_owner_ids", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        ids = [part.strip() for part in value.split(",") if part.strip()]
        if any(not re.fullmatch(r"[0-9]{1,18}", one) for one in ids):
            raise ValueError("has something else than numeric user ids")
        return ids

    @field_validator("x_prices", mode="before")
    @classmethod
    def _prices(cls, value: object) -> object:
        return prices.read(value) if isinstance(value, str) else value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _all_four_or_none(self) -> Self:
        unset = [name for name in _OAUTH1 if getattr(self, name.lower()) is None]
        if unset and len(unset) < len(_OAUTH1):
            raise ValueError(f"{unset[0]} is not set, but others of its set are")
        if unset and self.x_upload == "v1.1":
            raise ValueError("X_UPLOAD is v1.1, but the keys for it are not set")
        return self

    @property
    def has_oauth1(self) -> bool:
        """Whether the OAuth 1.0a set, which the v1.1 upload needs, is there."""
        return self.x_api_key is not None

    @property
    def listen_on(self) -> tuple[str, int] | None:
        """Host and port of the landing page; None: no landing page, the sign-in is pasted."""
        return addresses.host_and_port(self.listen) if self.listen else None

    def secrets(self) -> tuple[str, ...]:
        """Every literal secret, for the redactor of the logs and for nothing else."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return tuple(v.get_secret_value() for v in values if isinstance(v, SecretStr))


NAMES = tuple(name.upper() for name in Settings.model_fields)
"""The settings, in the order in which the first wrong one is told."""

SECRET = frozenset(
    name.upper()
    for name, one in Settings.model_fields.items()
    if SecretStr.__name__ in repr(one.annotation)
)
"""Those whose values are never shown."""


@dataclass(frozen=True, slots=True)
class Look:
    """All that there is to say of the settings, for who shows them or helps to mend them.

    `complaints` are lines as `load` raises them, by setting; without one, `settings` is there.
    `strange` are names of the file that are no settings, with the setting that may be meant or "".
    """

    settings: Settings | None
    complaints: Mapping[str, str]
    strange: Mapping[str, str]
    written: Mapping[str, str] = field(repr=False)  # what the file says
    given: Mapping[str, str] = field(repr=False)  # what the environment says, which wins


def load(env_file: str | Path = ".env") -> Settings:
    """Settings from the environment, which wins, and from `env_file`, which may be absent.

    Raises SettingsError for the first one that is missing or wrong.
    """
    seen = look(env_file)
    if seen.settings is None:
        raise SettingsError(next(iter(seen.complaints.values()))) from None
    for name in seen.strange:
        log.warning("%s: %s", Path(env_file).name, about_strange(name, seen.strange[name]))
    return seen.settings


def look(env_file: str | Path = ".env") -> Look:
    """The same, with every complaint. Raises SettingsError only where the file cannot be read."""
    written = _read(Path(env_file))
    strange = {name: near for name in written if (near := _near(name)) is not None}
    known = {name: value or "" for name, value in written.items() if name in NAMES}
    given: dict[str, Any] = EnvSettingsSource(Settings)()
    settings, complaints = _build(known | given, strange, Path(env_file).name)
    return Look(settings, complaints, strange, known, given)


def complaints_about(values: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with these values, and missing beside them: lines, by setting."""
    return _build(values, {}, "")[1]


def default(name: str) -> str:
    """What holds where a setting is not set, as it would be written."""
    value = Settings.model_fields[name.lower()].default
    return str(value) if isinstance(value, str | float | Path) else ""


def about_strange(name: str, near: str) -> str:
    """What is said of a name in the file that is no setting."""
    hint = f"; is {near} meant?" if near else ""
    return f"{name} is not a setting of Telex{hint}"


def _build(
    values: Mapping[str, Any], strange: Mapping[str, str], file: str
) -> tuple[Settings | None, dict[str, str]]:
    complaints: dict[str, str] = {}
    try:
        return Settings(**values), complaints
    except ValidationError as wrong:
        # Lines alone go out: pydantic's own error holds the values, and a traceback prints them.
        for error in wrong.errors(include_url=False, include_input=False):
            name, line = _line(error, strange, file)
            complaints.setdefault(name, line)
    return None, complaints


def _stripped(value: object) -> object:
    if not isinstance(value, str):
        return value
    value = value.strip()
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        value = value[1:-1].strip()
    return value


def _read(path: Path) -> dict[str, str | None]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsError(
            f"{path.name} cannot be read ({error.strerror}): make it a file that Telex may read"
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path.name} is not a text file: save it as UTF-8") from None
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            raise SettingsError(
                f"{path.name}, line {binding.original.line}, cannot be read: "
                "write NAME=value there, or begin it with #"
            )
    return dotenv_values(stream=io.StringIO(text))


def _near(name: str) -> str | None:
    """None if `name` is none of our business, else the setting it may be meant for, or ''."""
    if name in NAMES:
        return None
    near: Iterable[str] = difflib.get_close_matches(name.upper(), NAMES, n=1, cutoff=0.85)
    return next(iter(near), "" if name.startswith(("X_", "TELEGRAM_")) else None)


def _line(error: ErrorDetails, strange: Mapping[str, str], file: str) -> tuple[str, str]:
    """The setting that an error of pydantic's is about, and the line about it."""
    reason = str(error["ctx"]["error"]) if error["type"] == "value_error" else "is wrong"
    if error["loc"]:
        name = str(error["loc"][0]).upper()
    else:  # from the check over several settings, which names the one it means
        name, _, reason = reason.partition(" ")
    mend = Settings.model_fields[name.lower()].description
    if error["type"] != "missing":
        return name, f"{name} {reason}: {mend}"
    meant = [other for other, near in strange.items() if near == name]
    hint = f" ({file} has {meant[0]}; is that meant?)" if meant else ""
    return name, f"{name} is not set{hint}: {mend}"
