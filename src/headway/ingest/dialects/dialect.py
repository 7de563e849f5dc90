"""What a dialect is: the addresses an SDK sends to, and how its deliveries become events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from headway.engine.event import Event

HEADERS = ("sentat", "posthog-request-timestamp")
"""The headers that `parse` reads; no other needs to be kept with a delivery."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request of an SDK: `body` is unpacked, names of `headers` are in lower case."""

    path: str
    body: bytes
    received_at: datetime
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """What of a delivery is no event: `at` is its place in it, counted from 0."""

    at: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Parsed:
    events: Sequence[Event]
    refused: Sequence[Refused] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the SDK; `body` is JSON unless `content_type` says otherwise."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"


@dataclass(frozen=True)
class Dialect:
    """`paths` are what the SDK adds to the address it is given; a trailing slash means nothing.

    Some SDKs send events with GET, in the query: both methods are deliveries. `key` finds the
    write key in a delivery (empty: there is none). `check` raises InputError when nothing in it
    can be read, which the SDK is told at once; `parse` is called later, never fails, and gives the
    same events each time. `accepted` and `refused` say it as the SDK wants to hear it.

    `asks` are the addresses at which an SDK asks at its start, before it sends anything (`*` stands
    for one piece; GET and POST), and `asked` answers, whatever the key; None: not asked here.

    `is_own` says of a delivery whether this dialect is spoken at an address that does not tell: at
    those of `shared`, or (`anywhere`) behind a key at any address of two pieces.

    `signed` raises InputError for a delivery that was not signed with a secret; None: none is.
    """

    name: str
    title: str
    paths: tuple[str, ...]
    key: Callable[[Delivery], str]
    check: Callable[[Delivery], None]
    parse: Callable[[Delivery], Parsed]
    accepted: Callable[[Delivery], Answer]
    refused: Callable[[int, str], Answer]
    asks: tuple[str, ...] = ()
    asked: Callable[[Delivery], Answer] | None = None
    signed: Callable[[Delivery, str], None] | None = None
    shared: tuple[str, ...] = ()
    anywhere: bool = False
    is_own: Callable[[Delivery], bool] | None = None
