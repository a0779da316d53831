"""Which addresses may stand in which setting. Pure: each check returns the value, or raises.

The text of a ValueError goes on from the setting's name ("X_API_URL is not https") and never
holds the value.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

HEALTH_PATH = "/healthz"

# The ranges that stay at home; `ipaddress.is_private` has more (documentation, benchmarks, …).
_PRIVATE = tuple(
    ipaddress.ip_network(one)
    for one in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
)


def root(url: str) -> str:
    """The root of a service on the internet: https, or http on this machine."""
    return _without_query(url, _parts(url))


def root_at_home(url: str) -> str:
    """The root of a service that may also be in a private network, where http will do."""
    return _without_query(url, _parts(url, private_too=True))


def page(url: str) -> str:
    """A page that a browser opens: https, or http on this machine."""
    _parts(url)
    return url


def redirect(url: str) -> str:
    """The page on which the sign-in ends; kept to the letter, for X compares it so."""
    path = _parts(url).path
    if not path:
        raise ValueError("has no path")
    if path == HEALTH_PATH:
        raise ValueError("has the path of the health check")
    return url


def listen(value: str) -> str:
    """A host and a port, or nothing."""
    if value:
        host_and_port(value)
    return value


def host_and_port(value: str) -> tuple[str, int]:
    """`host:port` or `[IPv6]:port` in its parts; port 0 is any that is free."""
    found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/\[\]]+)):([0-9]{1,5})", value)
    if found is None or int(found[3]) > 65535:
        raise ValueError("is not a host and a port")
    return found[1] or found[2], int(found[3])


def _without_query(url: str, parts: SplitResult) -> str:
    if parts.query or url.endswith("?"):
        raise ValueError("has a query (?…)")
    return url.rstrip("/")


def _parts(url: str, *, private_too: bool = False) -> SplitResult:
    if re.search(r"\s", url) or not url.isprintable():
        raise ValueError("has white space inside")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port  # `port` raises where it is no number
    except ValueError:
        raise ValueError("is not a URL") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("is not a whole URL")
    if parts.username is not None or parts.password is not None:
        raise ValueError("holds a user name or a password")
    if parts.fragment or url.endswith("#"):
        raise ValueError("has a fragment (#…)")
    near = is_loopback(host) or (private_too and _is_private(host))
    if parts.scheme == "http" and not near:
        raise ValueError("is not https")
    return parts


def is_loopback(host: str) -> bool:
    """Whether `host` is this very machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _is_private(host: str) -> bool:
    """A private address, or a bare name, which is no one's on the internet (a Compose service)."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", host) is not None
    return any(address in network for network in _PRIVATE)
