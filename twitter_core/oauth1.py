"""The OAuth 1.0a signature of one request (HMAC-SHA1, RFC 5849), by Authlib's core.

Reads neither clock nor randomness, and never signs a multipart or JSON body: X does not either.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode

from authlib.oauth1 import ClientAuth
from authlib.oauth1.rfc5849.parameters import prepare_headers

Form = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Keys:
    """The four keys of an app and of one account. They do not expire."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    token: str = field(repr=False)
    token_secret: str = field(repr=False)

    @property
    def user_id(self) -> str:
        """The account's numeric id; "" where the token does not begin with one."""
        head, dash, _ = self.token.partition("-")
        return head if dash and head.isdigit() else ""


def authorization(
    keys: Keys, method: str, url: str, *, form: Form | None, nonce: str, timestamp: int
) -> str:
    """The value of the Authorization header.

    `url` carries its query as it is sent; `form` is the body if it is url-encoded, else None.
    `timestamp` is in epoch seconds. A plain http URL is refused unless its host is loopback
    (Authlib's InsecureTransportError).
    """
    auth = ClientAuth(
        keys.consumer_key,
        client_secret=keys.consumer_secret,
        token=keys.token,
        token_secret=keys.token_secret,
    )
    # ClientAuth.sign draws its own clock and nonce and adds oauth_body_hash to every body that it
    # sees: so the same three steps are walked here. The body goes in as str, for Authlib silently
    # leaves form bodies in bytes unsigned.
    params = auth.get_oauth_params(nonce, str(timestamp))
    body = urlencode(form) if form else ""
    signature = auth.get_oauth_signature(method, url, prepare_headers(params), body)
    headers = prepare_headers([*params, ("oauth_signature", signature)])
    return str(headers["Authorization"])
