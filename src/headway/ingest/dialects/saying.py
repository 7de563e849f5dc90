"""What an SDK said, in one shape for all of them, and the events that follow from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from msgspec import Struct

from headway.engine.errors import InputError
from headway.engine.event import GROUP, IDENTIFY, Event, Scalar
from headway.engine.identity import STRETCH as MICROSECONDS
from headway.ingest.dialects.bodies import sound
from headway.ingest.dialects.properties import written
from headway.ingest.dialects.times import EPOCH

PAGE, SCREEN = "page", "screen"
"""What a view of a page or screen is called here, whatever the SDK calls it."""

LONGEST_EVENT = 200
LONGEST_ID = 500
PREVIOUS = "previous_id"
NOBODY = frozenset(
    ("null", "undefined", "none", "nan", "[object object]", "00000000-0000-0000-0000-000000000000")
)
"""What programs send for want of an id; taken as one, it would make all of them one person."""

STRETCH = timedelta(microseconds=MICROSECONDS)
ACCOUNTS = (
    "account", "company", "organization", "organisation", "org", "workspace", "team", "customer",
    "tenant",
)  # fmt: skip
"""Kinds of group that may be the account, the likeliest first."""


class Saying(Struct, frozen=True):
    """`user` is known by that id everywhere; `anonymous` is a device or browser."""

    id: str
    event: str
    at: datetime
    user: str | None = None
    anonymous: str | None = None
    account: str | None = None
    properties: Mapping[str, Scalar] = {}


def identity(value: Any) -> str | None:
    """An id as text; None: there is none. Raises InputError where it is too long to be one."""
    if value is None:
        return None
    text = sound(value).strip() if isinstance(value, str) else _number(value)
    if len(text) > LONGEST_ID:
        raise InputError(f"The id `{text[:40]}…` has more than {LONGEST_ID} characters.")
    return None if not text or text.lower() in NOBODY else text


def _number(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    whole = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if whole and abs(value) < 2**64 else ""


def name_of(value: Any) -> str:
    """An event's name; raises InputError where it is none."""
    text = sound(value).strip() if isinstance(value, str) else ""
    if not text:
        raise InputError("The event has no name.")
    if len(text) > LONGEST_EVENT:
        raise InputError(f"The event's name has more than {LONGEST_EVENT} characters.")
    return text


def id_of(value: Any, entry: Mapping[str, Any], place: str) -> str:
    """The message's own id, or one that the same message has each time it is sent.

    Of messages that do not say when they happened, two that are equal are two: `place`, where in
    which delivery they came, tells them apart.
    """
    text = sound(value).strip() if isinstance(value, str) else _number(value)
    return text if text and len(text) <= LONGEST_ID else digest(written(entry), place.encode())


def digest(*parts: bytes) -> str:
    found = sha256()
    for part in parts:
        found.update(len(part).to_bytes(8) + part)
    return found.hexdigest()[:32]


def without_link(values: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """A trait of that name would say who somebody is."""
    return {name: value for name, value in values.items() if name != PREVIOUS}


def account_in(groups: Any) -> str | None:
    """The group that is the account, of groups by their kind."""
    if not isinstance(groups, Mapping):
        return None
    kinds = sorted(groups, key=lambda kind: (_rank(kind), str(kind)))
    return next((found for kind in kinds if (found := identity(_one(groups[kind])))), None)


def _rank(kind: object) -> int:
    plain = str(kind).lower().removesuffix("_id").removesuffix("id")
    return ACCOUNTS.index(plain) if plain in ACCOUNTS else len(ACCOUNTS)


def _one(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def events(sayings: Iterable[Saying], received: datetime) -> list[Event]:
    """Each saying's event, and who its anonymous id is where it tells."""
    found: dict[str, Event] = {}
    for saying in sayings:
        if saying.id not in found:
            found[saying.id] = _event(saying, received)
        if saying.user and saying.anonymous and saying.event != IDENTIFY:
            link = _link(saying, saying.user, saying.anonymous, received)
            found.setdefault(link.message_id, link)
    return list(found.values())


def _event(saying: Saying, received: datetime) -> Event:
    properties = saying.properties
    if saying.event == IDENTIFY and saying.user and saying.anonymous:
        properties = {**properties, PREVIOUS: saying.anonymous}
    return Event(
        saying.id,
        saying.event,
        saying.at,
        saying.user or (None if saying.event == GROUP else saying.anonymous),
        saying.account,
        received,
        properties,
    )


def _link(saying: Saying, user: str, anonymous: str, received: datetime) -> Event:
    """Whoever sends both ids says who the anonymous one is.

    Said once for ten minutes, at their end: which of their events arrives first makes no
    difference, and what was done anonymously within them belongs to whoever then signed in.
    """
    stretch = (saying.at - EPOCH) // STRETCH
    at = EPOCH + (stretch + 1) * STRETCH - timedelta(microseconds=1)
    known = digest(anonymous.encode(), user.encode(), str(stretch).encode())
    return Event(f"link:{known}", IDENTIFY, at, user, None, received, {PREVIOUS: anonymous})
