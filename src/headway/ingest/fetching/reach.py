"""Which machines a fetch may speak to.

An admin may name addresses of the own network, where tools are. Nobody is led there by a redirect
from outside, and the addresses at which clouds tell machines their secrets are nobody's source.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from headway.engine.errors import StoreError

CLOUDS = frozenset(
    ipaddress.ip_address(one) for one in ("fd00:ec2::254", "100.100.100.200", "168.63.129.16")
)
"""Beside 169.254.169.254, which is the address of a link."""


PACKING = tuple(ipaddress.ip_network(one) for one in ("::ffff:0:0/96", "64:ff9b::/96", "::/96"))
"""What ends in an IPv4 address, and leads to it where the network translates."""


def meant(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address where it is packed in another one."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if not isinstance(found, ipaddress.IPv6Address):
        return found
    if any(found in network for network in PACKING):
        return ipaddress.IPv4Address(found.packed[-4:])
    return found.sixtofour or found


def is_outside(address: str) -> bool:
    """Whether anybody may look there."""
    found = meant(address)
    return found.is_global and not found.is_multicast and found not in CLOUDS


@dataclass
class Reach:
    """Of one download: where it began, and where redirects lead it."""

    began_inside: bool | None = None

    def met(self, address: str) -> None:
        """Before anything is said to a machine. Raises StoreError where nothing may be said."""
        found = meant(address)
        if found.is_link_local or found.is_multicast or found in CLOUDS:
            raise StoreError(
                f"{found} is no address that may be fetched from.",
                fix="Name the machine that has the data.",
            )
        inside = not found.is_global
        if inside and self.began_inside is False:
            raise StoreError(
                f"It redirects to {found}, inside the own network.",
                fix="Give that address itself, if it is meant.",
            )
        self.began_inside = inside if self.began_inside is None else self.began_inside


def foresee(url: str) -> None:
    """As far as names tell before anything is connected. Raises StoreError."""
    found: list[Any] = []
    with suppress(OSError, UnicodeError):
        found = socket.getaddrinfo(urlsplit(url).hostname, None, type=socket.SOCK_STREAM)
    for one in found:
        Reach().met(str(one[4][0]))


class _Plain(http.client.HTTPConnection):
    def __init__(self, reach: Reach, host: str, **given: Any) -> None:
        super().__init__(host, **given)
        self.reach = reach

    def connect(self) -> None:
        super().connect()
        self.reach.met(self.sock.getpeername()[0])


class _Safe(http.client.HTTPSConnection):
    def __init__(self, reach: Reach, host: str, **given: Any) -> None:
        super().__init__(host, **given)
        self.reach = reach

    def connect(self) -> None:
        super().connect()
        self.reach.met(self.sock.getpeername()[0])


class PlainWeb(urllib.request.HTTPHandler):
    def __init__(self, reach: Reach) -> None:
        super().__init__()
        self.reach = reach

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(_Plain, self.reach), req)


class SafeWeb(urllib.request.HTTPSHandler):
    def __init__(self, reach: Reach) -> None:
        super().__init__()
        self.reach = reach

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(_Safe, self.reach), req)
