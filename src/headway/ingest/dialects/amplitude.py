"""Amplitude's HTTP API v2: https://amplitude.com/docs/apis/analytics/http-v2 ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from headway.engine.errors import InputError
from headway.engine.event import GROUP, IDENTIFY
from headway.ingest.dialects import answers, keys
from headway.ingest.dialects.batch import Entry, parsed, readable, unreadable
from headway.ingest.dialects.bodies import FIX, holds_events, loaded
from headway.ingest.dialects.dialect import Answer, Delivery, Dialect, Parsed
from headway.ingest.dialects.properties import Flat, adopted, flat, keep
from headway.ingest.dialects.saying import (
    PAGE,
    Saying,
    account_in,
    id_of,
    identity,
    name_of,
)
from headway.ingest.dialects.times import happened, instant
from headway.ingest.dialects.traits import told

PAGES = ("[Amplitude] Page Viewed",)
FIELDS = {
    "platform": "context.platform",
    "os_name": "context.os.name",
    "os_version": "context.os.version",
    "device_manufacturer": "context.device.manufacturer",
    "device_model": "context.device.model",
    "app_version": "context.app.version",
    "version_name": "context.app.version",
    "language": "context.locale",
    "country": "context.location.country",
    "session_id": "context.session_id",
    "price": "price",
    "quantity": "quantity",
    "revenue": "revenue",
    "productId": "product_id",
    "revenueType": "revenue_type",
    "currency": "currency",
}
"""Beside the properties of an event."""

OWN = {
    "[Amplitude] Page Location": "context.page.url",
    "[Amplitude] Page Path": "context.page.path",
    "[Amplitude] Page Title": "context.page.title",
    "[Amplitude] Element Text": "context.element.text",
    "$price": "price",
    "$quantity": "quantity",
    "$productId": "product_id",
    "$revenue": "revenue",
    "$revenueType": "revenue_type",
    "$currency": "currency",
}
"""What the SDK itself puts among the properties."""


@dataclass(frozen=True)
class Upload:
    """`sent` is when, by the sender's clock, which not every SDK says."""

    entries: list[Any]
    sent: datetime | None
    received: datetime


def opened(delivery: Delivery) -> Upload:
    body = loaded(delivery.body)
    if not isinstance(body, dict):
        raise InputError("The body is no JSON object.", fix=FIX)
    found = body.get("events", body.get("event"))
    if isinstance(found, dict):
        found = [found]
    if not isinstance(found, list):
        raise InputError("`events` is no list of events.", fix=FIX)
    return Upload(found, instant(body.get("client_upload_time")), delivery.received_at)


def check(delivery: Delivery) -> None:
    if not holds_events(delivery.body, "events"):
        readable(opened(delivery).entries)


def parse(delivery: Delivery) -> Parsed:
    try:
        upload = opened(delivery)
    except InputError as error:
        return unreadable(error)

    def read(entry: Entry, place: str) -> Iterator[Saying]:
        return _read(entry, place, upload)

    return parsed(upload.entries, read, upload.received)


def _read(entry: Entry, place: str, upload: Upload) -> Iterator[Saying]:
    saying = _saying(entry, place, upload)
    if saying.event == "$identify":
        yield from _person(entry, saying)
    elif saying.event == "$groupidentify":
        yield from _group(entry, saying)
    else:
        yield replace(saying, properties=_properties(entry))
        if deeds := _deeds(entry.get("user_properties")):
            beside = replace(saying, id=f"{saying.id}:traits", event=IDENTIFY, account=None)
            yield from told(beside, deeds)


def _person(entry: Entry, saying: Saying) -> Iterator[Saying]:
    """Saying in which group somebody is comes as a trait of theirs."""
    if saying.account:
        yield replace(saying, id=f"{saying.id}:group", event=GROUP, anonymous=None)
    person = replace(saying, event=IDENTIFY, account=None)
    yield from told(person, _deeds(entry.get("user_properties")))


def _saying(entry: Entry, place: str, upload: Upload) -> Saying:
    name, at = name_of(entry.get("event_type")), instant(entry.get("time"))
    return Saying(
        id=id_of(entry.get("insert_id"), entry, "" if at else place),
        event=PAGE if name in PAGES else name,
        at=happened(at, upload.sent, upload.received),
        user=identity(entry.get("user_id")),
        anonymous=identity(entry.get("device_id")),
        account=account_in(entry.get("groups")),
    )


def _group(entry: Entry, saying: Saying) -> Iterator[Saying]:
    if saying.account is None:
        raise InputError("It is not said which group: `groups` is empty.")
    group = replace(saying, event=GROUP, user=None, anonymous=None)
    yield from told(group, _deeds(entry.get("group_properties")))


def _deeds(found: Any) -> Mapping[str, Any]:
    """What is done with traits; without a `$set` they are set."""
    if not isinstance(found, dict):
        return {}
    plain = found and not any(name.startswith("$") for name in found)
    return {"$set": found} if plain else found


def _properties(entry: Entry) -> Flat:
    found = Flat()
    for name, ours in FIELDS.items():
        keep(found, ours, entry.get(name))
    library, _, version = str(entry.get("library") or "").partition("/")
    keep(found, "context.library.name", library)
    keep(found, "context.library.version", version)
    own = adopted(entry.get("event_properties"), OWN, ("[Amplitude]", "$"), frozenset())
    return flat(own, found)


def key(delivery: Delivery) -> str:
    return keys.beside(delivery, "api_key") or keys.asked_for(delivery, "api_key")


def refused(status: int, message: str) -> Answer:
    """These SDKs look at `code` and at these words; what they take for another fault they repeat
    for ever.
    """
    content: dict[str, object] = {"code": status, "error": message}
    if status == 401:
        content["error"] = f"Invalid API key: {message}"
    elif status < 500 and status not in (413, 429):
        content["missing_field"] = "events"
    return answers.said(status, content)


def is_own(delivery: Delivery) -> bool:
    """At the address that its batch API has in common with PostHog's."""
    return holds_events(delivery.body, "events") and not holds_events(delivery.body, "batch")


AMPLITUDE = Dialect(
    name="amplitude",
    title="Amplitude",
    paths=("/2/httpapi",),
    key=key,
    check=check,
    parse=parse,
    accepted=answers.taken,
    refused=refused,
    shared=("/batch",),
    is_own=is_own,
)
