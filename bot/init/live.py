"""Asks Telegram and X about settings that are not complete yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from pydantic import ValidationError

from bot import credentials
from bot.check import seen
from bot.check.telegram import Telegram
from bot.check.x import X
from bot.config import Settings

_TELEGRAM = ("TELEGRAM_API_URL", "TELEGRAM_BOT_TOKEN", "TELEGRAM_OWNER_IDS")
_KEYS = ("X_API_KEY", "X_API_SECRET", "X_ACCESS_TOKEN", "X_ACCESS_TOKEN_SECRET")
_X = ("X_API_URL", "X_UPLOAD_URL", "X_UPLOAD", "X_CLIENT_ID", "X_CLIENT_SECRET", "DATA_DIR")
# For those that are not asked for yet; none of them is sent anywhere.
_PLACEHOLDERS = {"TELEGRAM_BOT_TOKEN": "0:none", "TELEGRAM_OWNER_IDS": "1", "X_CLIENT_ID": "none"}


class NotYet(Exception):
    """Settings that are needed for the question are still wrong."""


class Services(Protocol):
    """What can be asked about the answers so far. Raises NotYet."""

    async def telegram(self, values: Mapping[str, str]) -> seen.Telegram:
        """The bot, its webhook, and its owners."""

    async def app(self, values: Mapping[str, str]) -> seen.X:
        """What X says to the client id and secret."""

    async def keys(self, values: Mapping[str, str]) -> seen.X:
        """What X says to the OAuth 1.0a keys, beside the sign-in that is stored."""


class Live:
    """The real ones."""

    async def telegram(self, values: Mapping[str, str]) -> seen.Telegram:
        settings = _some(values, _TELEGRAM)
        token = settings.telegram_bot_token.get_secret_value()
        owners = settings.telegram_owner_ids if values.get("TELEGRAM_OWNER_IDS") else ()
        async with Telegram(settings.telegram_api_url, token) as telegram:
            return await telegram.look(owners)

    async def app(self, values: Mapping[str, str]) -> seen.X:
        settings = _some(values, _X)
        async with credentials.client(settings, None) as client:
            x = X(client)
            return seen.X(x.host, await x.app(), settings.x_scope, ahead=x.ahead)

    async def keys(self, values: Mapping[str, str]) -> seen.X:
        settings = _some(values, (*_X, *_KEYS))
        async with credentials.client(settings, credentials.oauth1_keys(settings)) as client:
            x = X(client)
            keys = await x.keys(upload=settings.x_upload != "v2")
            stored = x.kept(settings.data_dir)
            app = seen.App(settings.x_client_id, has_secret=settings.x_client_secret is not None)
            return seen.X(
                x.host, app, settings.x_scope, settings.x_upload, keys, stored, ahead=x.ahead
            )


def _some(values: Mapping[str, str], names: tuple[str, ...]) -> Settings:
    chosen = {name: values[name] for name in names if values.get(name)}
    try:
        return Settings(**{**_PLACEHOLDERS, **chosen})  # type: ignore[arg-type]
    except ValidationError:  # not as its cause: it holds the values
        raise NotYet from None
