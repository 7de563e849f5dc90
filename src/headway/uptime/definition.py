"""An uptime check as it is written: in files, the API and forms alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from headway.engine.definition import Duration, duration
from headway.engine.errors import DefinitionError
from headway.engine.plain import plain
from headway.engine.shape import Fault, faults, shape_of
from headway.ingest.definition import Slug

OWN = ("key", "name", "source")
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(days=1)
SHORTEST_TIMEOUT, LONGEST_TIMEOUT = timedelta(seconds=1), timedelta(seconds=50)

Method = Literal["GET", "HEAD", "POST"]


class CheckDefinition(
    Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True
):
    """Good is an answer within `timeout` whose status is `status` (none given: 200 to 299).

    With `contains` the text has to stand in it too. `follow`: redirects are followed, and the last
    answer counts; otherwise a redirect is the answer.
    """

    key: Slug
    name: Annotated[str, Meta(max_length=120)] = ""
    source: Slug
    url: Annotated[str, Meta(min_length=1, max_length=2000)]
    method: Method = "GET"
    status: Annotated[int, Meta(ge=100, le=599)] | None = None
    contains: Annotated[str, Meta(max_length=500)] = ""
    timeout: Duration = "10 s"
    every: Duration = "5 minutes"
    follow: bool = True
    watching: bool = True

    @property
    def title(self) -> str:
        return self.name or self.key

    @property
    def patience(self) -> float:
        """Seconds."""
        return duration(self.timeout).total_seconds()

    @property
    def seconds(self) -> int:
        """Between two checks, which is how long one stands for."""
        return round(duration(self.every).total_seconds())

    def written(self) -> dict[str, Any]:
        return plain(self)

    def body(self) -> dict[str, Any]:
        return {name: value for name, value in self.written().items() if name not in OWN}


def parse(document: Mapping[str, Any]) -> CheckDefinition:
    """Raises DefinitionError for the first fault, with its field as `where`."""
    for fault in faults_of(document):
        where = str(fault.path[0]) if fault.path else ""
        raise DefinitionError(fault.message, where=where, fix=fault.fix)
    return read(document)


def read(document: Mapping[str, Any]) -> CheckDefinition:
    """Of a document without faults."""
    return msgspec.convert(dict(document), CheckDefinition)


def faults_of(document: Mapping[str, Any]) -> list[Fault]:
    found = list(faults(dict(document), shape_of(CheckDefinition), ()))
    return found or list(_faults(read(document)))


def _faults(check: CheckDefinition) -> Iterator[Fault]:
    if problem := _wrong(check.url):
        yield Fault(("url",), problem, "Write for example `https://example.org/health`.")
    pause, patience = duration(check.every), duration(check.timeout)
    if not SHORTEST_PAUSE <= pause <= LONGEST_PAUSE:
        yield Fault(("every",), f"`{check.every}` is no pause.", "Give 1 minute to 1 day.")
    elif 86_400 % check.seconds:
        message = f"A day has no whole number of `{check.every}`."
        yield Fault(("every",), message, "Give for example 1, 5, 15 or 60 minutes.")
    if not SHORTEST_TIMEOUT <= patience <= LONGEST_TIMEOUT:
        yield Fault(("timeout",), f"`{check.timeout}` is no time-out.", "Give 1 s to 50 s.")
    if check.method == "HEAD" and check.contains:
        message = "An answer to HEAD has no text."
        yield Fault(("contains",), message, "Use GET, or look at the status alone.")


def _wrong(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return f"`{url}` is no address."
    if parts.scheme not in ("http", "https") or not host or port == 0:
        return f"`{url}` is no address that begins with http:// or https://."
    if parts.username or parts.password:
        return "A name and a password in an address are shown to everybody who sees it."
    if any(ord(letter) <= 32 for letter in url):
        return f"There is a space in `{url}`."
    return ""
