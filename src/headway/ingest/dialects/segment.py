"""Segment: https://segment.com/docs/connections/spec/ . RudderStack writes the same messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from headway.engine.errors import InputError
from headway.engine.event import ALIAS, GROUP, IDENTIFY
from headway.ingest.dialects import answers, keys
from headway.ingest.dialects.batch import Entry, parsed, readable, unreadable
from headway.ingest.dialects.bodies import FIX, holds_events, loaded
from headway.ingest.dialects.dialect import Answer, Delivery, Dialect, Parsed
from headway.ingest.dialects.properties import Flat, adopted, as_text, flat, keep, scalar
from headway.ingest.dialects.saying import (
    PAGE,
    SCREEN,
    Saying,
    id_of,
    identity,
    name_of,
    without_link,
)
from headway.ingest.dialects.times import happened, instant

CONTEXT: Mapping[str, tuple[str, ...]] = {
    "page": ("url", "path", "referrer", "title", "search"),
    "campaign": ("name", "source", "medium", "term", "content"),
    "library": ("name", "version"),
    "app": ("name", "version", "build"),
    "device": ("type", "manufacturer", "model"),
    "os": ("name", "version"),
    "location": ("country",),
    "locale": (),
    "timezone": (),
    "sessionId": (),
}
"""What of the context is kept, as `context.page.url`; the rest would be a column each."""

VIEWED = {name: f"context.page.{name}" for name in CONTEXT["page"]}
UNSEEN = ("tab_url", "referring_domain", "initial_")
"""What browsers put among the properties of a view, once more or beside it."""

NAMES = {"sessionId": "session_id"}
LETTERS = {"t": "track", "p": "page", "s": "screen", "i": "identify", "a": "alias", "g": "group"}


@dataclass(frozen=True)
class Envelope:
    """The messages of a delivery, and when all of it was sent by the sender's clock."""

    entries: list[Any]
    sent: datetime | None
    received: datetime


def opened(delivery: Delivery) -> Envelope:
    body = loaded(delivery.body)
    sent = delivery.headers.get("sentat")
    if isinstance(body, dict):
        sent = body.get("sentAt") or sent
        body = body.get("batch", [{"type": _type(delivery.path), **body}])
    if not isinstance(body, list):
        raise InputError("There is neither a message nor a `batch` of messages.", fix=FIX)
    return Envelope(body, instant(sent), delivery.received_at)


def _type(path: str) -> str:
    last = path.rstrip("/").rpartition("/")[2]
    return LETTERS.get(last, last)


def check(delivery: Delivery) -> None:
    if not holds_events(delivery.body, "batch"):
        readable(opened(delivery).entries)


def parse(delivery: Delivery) -> Parsed:
    try:
        envelope = opened(delivery)
    except InputError as error:
        return unreadable(error)

    def read(entry: Entry, place: str) -> tuple[Saying]:
        return (_read(entry, place, envelope),)

    return parsed(envelope.entries, read, envelope.received)


def _read(entry: Entry, place: str, envelope: Envelope) -> Saying:
    kind = entry.get("type")
    reader = READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise InputError(f"`{as_text(kind)[:40]}` is no type of message.")
    event, properties = reader(entry)
    own, at = _at(entry, envelope)
    return Saying(
        id_of(entry.get("messageId"), entry, "" if own else place),
        event,
        at,
        identity(entry.get("userId")),
        identity(entry.get("anonymousId")),
        _account(entry),
        properties,
    )


def _at(entry: Entry, envelope: Envelope) -> tuple[bool, datetime]:
    """Whether it says when, and when. A message with both times was sent on by somebody who has
    set `timestamp` right.
    """
    said, original = entry.get("timestamp"), entry.get("originalTimestamp")
    at, received = instant(said or original), envelope.received
    if said and original:
        return at is not None, happened(at, None, received)
    own = entry.get("sentAt")
    return at is not None, happened(at, instant(own) if own else envelope.sent, received)


def _account(entry: Entry) -> str | None:
    context = entry.get("context")
    inside = context.get("groupId") if isinstance(context, dict) else None
    return identity(entry.get("groupId") or inside)


Read = tuple[str, Flat]


def _track(entry: Entry) -> Read:
    return name_of(entry.get("event")), flat(entry.get("properties"), _context(entry))


def _view(event: str) -> Callable[[Entry], Read]:
    def read(entry: Entry) -> Read:
        found = _context(entry)
        own = adopted(entry.get("properties"), VIEWED, UNSEEN, frozenset())
        for name in ("name", "category"):
            if (said := scalar(entry.get(name))) is not None:
                own.setdefault(name, said)
        return event, found | own

    return read


def _identify(entry: Entry) -> Read:
    if identity(entry.get("userId")) is None and identity(entry.get("anonymousId")) is None:
        raise InputError("It is not said who this is: `userId` and `anonymousId` are empty.")
    return IDENTIFY, _traits(entry)


def _group(entry: Entry) -> Read:
    if identity(entry.get("groupId")) is None:
        raise InputError("It is not said which group: `groupId` is empty.")
    return GROUP, without_link(flat(entry.get("traits")))


def _alias(entry: Entry) -> Read:
    previous = identity(entry.get("previousId")) or identity(entry.get("anonymousId"))
    if previous is None or identity(entry.get("userId")) is None:
        raise InputError("An alias needs `previousId` and `userId`.")
    return ALIAS, {"previous_id": previous}


READERS: Mapping[str, Callable[[Entry], Read]] = {
    "track": _track,
    "page": _view(PAGE),
    "screen": _view(SCREEN),
    "identify": _identify,
    "group": _group,
    "alias": _alias,
}


def _traits(entry: Entry) -> Flat:
    """RudderStack's servers say them in the context."""
    context = entry.get("context")
    inside = context.get("traits") if isinstance(context, dict) else None
    return without_link(flat(entry.get("traits"), flat(inside)))


def _context(entry: Entry) -> Flat:
    context, found = entry.get("context"), Flat()
    if not isinstance(context, dict):
        return found
    for key, value in context.items():
        if (fields := CONTEXT.get(key)) is None:
            continue
        if not fields:
            keep(found, f"context.{NAMES.get(key, key)}", value)
        elif isinstance(value, dict):
            for name in fields:
                keep(found, f"context.{key}.{name}", value.get(name))
    return found


def key(delivery: Delivery) -> str:
    return (
        keys.basic(delivery)
        or keys.asked_for(delivery, "writeKey")
        or keys.beside(delivery, "writeKey")
    )


def asked(delivery: Delivery) -> Answer:
    """The settings that analytics.js fetches: where to send, and that nobody else is sent to."""
    own = {"apiKey": delivery.path.split("/")[-2], "addBundledMetadata": True}
    return answers.said(200, {"integrations": {"Segment.io": own}, "plan": {}, "edgeFunction": {}})


SEGMENT = Dialect(
    name="segment",
    title="Segment",
    paths=("/v1/batch", "/v1/b", *(f"/v1/{letter}" for letter in LETTERS)),
    key=key,
    check=check,
    parse=parse,
    accepted=answers.taken,
    refused=answers.denied,
    asks=("/v1/projects/*/settings",),
    asked=asked,
)
