"""The settings as what X wants to see: the app, the keys, and a client that uses them."""

from __future__ import annotations

from pydantic import SecretStr

from twitter_core import oauth1, oauth2
from twitter_core.client import Client, Endpoints

from .config import Settings


def client(settings: Settings, keys: oauth1.Keys | None) -> Client:
    """A client for the X of the settings."""
    endpoints = Endpoints(settings.x_api_url, settings.x_upload_url, settings.x_authorize_url)
    return Client(endpoints, app(settings), keys)


def app(settings: Settings) -> oauth2.App:
    """The app as it is registered with X."""
    return oauth2.App(
        settings.x_client_id,
        _value(settings.x_client_secret),
        settings.x_redirect_uri,
        settings.x_scope,
    )


def oauth1_keys(settings: Settings) -> oauth1.Keys | None:
    """The OAuth 1.0a set, None where it is not set."""
    if not settings.has_oauth1:
        return None
    return oauth1.Keys(
        _value(settings.x_api_key),
        _value(settings.x_api_secret),
        _value(settings.x_access_token),
        _value(settings.x_access_token_secret),
    )


def _value(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()
