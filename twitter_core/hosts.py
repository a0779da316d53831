"""Which addresses are of the internet at large, and which of somebody's own house.

Pure: resolves no name, connects to nothing.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

# `ipaddress.is_global` says different things in different versions of Python, and of an address
# within an address nothing at all. So the ranges stand here, after IANA's registries of special
# purposes (read 2026-11): https://www.iana.org/assignments/iana-ipv4-special-registry and
# https://www.iana.org/assignments/iana-ipv6-special-registry
_NOT_PUBLIC_V4: Final = tuple(
    ip_network(one)
    for one in (
        "0.0.0.0/8",  # this host, this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind a carrier's NAT; some clouds' metadata too
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's own services, seen from within only
        "169.254.0.0/16",  # link-local; most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
# Of IPv6 only this is given out at all; loopback, link-local, unique local and multicast addresses
# lie outside.
_PUBLIC_V6: Final = ip_network("2000::/3")
_NOT_PUBLIC_V6: Final = tuple(
    ip_network(one)
    for one in (
        "2001::/23",  # protocols, Teredo and its addresses within addresses among them
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address of anybody's choice within
        "3fff::/20",
    )
)
_NAT64: Final = ip_network("64:ff9b::/96")  # how a network without IPv4 reaches it (RFC 6052)


def is_public(address: str) -> bool:
    """Whether `address` (of IPv4 or IPv6; a name is none) is one of the internet's at large.

    An IPv4 address within one of IPv6 counts as itself where a network may be reached that way.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        if found.scope_id is not None:  # of one network card alone
            return False
        if (inner := _within(found)) is None:
            return found in _PUBLIC_V6 and not any(found in one for one in _NOT_PUBLIC_V6)
        found = inner
    return not any(found in one for one in _NOT_PUBLIC_V4)


def _within(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped
