"""PostHog's capture API, old and new: https://posthog.com/docs/api/capture ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from headway.engine.errors import InputError
from headway.engine.event import ALIAS, GROUP, IDENTIFY
from headway.ingest.dialects import answers, keys
from headway.ingest.dialects.batch import Entry, parsed, readable, unreadable
from headway.ingest.dialects.bodies import FIX, form, holds_events, loaded, unwrapped
from headway.ingest.dialects.dialect import Answer, Delivery, Dialect, Parsed
from headway.ingest.dialects.properties import adopted
from headway.ingest.dialects.saying import (
    PAGE,
    PREVIOUS,
    SCREEN,
    Saying,
    account_in,
    id_of,
    identity,
    name_of,
)
from headway.ingest.dialects.times import happened, instant
from headway.ingest.dialects.traits import told

UNPACKED = "Use a newer posthog-js, or set `disable_compression: true`."
V1 = "/i/v1/analytics/events"
NAMES = {"$pageview": PAGE, "$screen": SCREEN}
DROPPED = frozenset(("$snapshot", "$snapshot_items", "$$heatmap", "$performance_event"))
"""Recordings of screens, which are nothing that somebody did."""

OWN = {
    "$current_url": "context.page.url",
    "$pathname": "context.page.path",
    "$referrer": "context.page.referrer",
    "$screen_name": "name",
    "utm_source": "context.campaign.source",
    "utm_medium": "context.campaign.medium",
    "utm_campaign": "context.campaign.name",
    "utm_term": "context.campaign.term",
    "utm_content": "context.campaign.content",
    "$os": "context.os.name",
    "$os_version": "context.os.version",
    "$browser": "context.browser.name",
    "$browser_version": "context.browser.version",
    "$device_type": "context.device.type",
    "$device_manufacturer": "context.device.manufacturer",
    "$device_model": "context.device.model",
    "$app_version": "context.app.version",
    "$app_build": "context.app.build",
    "$browser_language": "context.locale",
    "$locale": "context.locale",
    "$timezone": "context.timezone",
    "$geoip_country_code": "context.location.country",
    "$session_id": "context.session_id",
    "$event_type": "context.element.event",
    "$el_text": "context.element.text",
    "$lib": "context.library.name",
    "$lib_version": "context.library.version",
}
VIEWED = OWN | {"title": "context.page.title"}
FOREIGN = ("$",)
IGNORED = frozenset(("token", "distinct_id", "alias"))


@dataclass(frozen=True)
class Capture:
    """`sent` is when, by the sender's clock; of what is moved from elsewhere it says nothing."""

    entries: list[Any]
    sent: datetime | None
    received: datetime


def opened(delivery: Delivery) -> Capture:
    body = _body(delivery)
    if isinstance(body, list):
        return Capture(body, None, delivery.received_at)
    if not isinstance(body, dict):
        raise InputError("The body is no JSON object.", fix=FIX)
    entries = body.get("batch", [body])
    if not isinstance(entries, list):
        raise InputError("`batch` is no list of events.", fix=FIX)
    sent = body.get("sent_at") or delivery.headers.get("posthog-request-timestamp")
    moved = body.get("historical_migration") is True
    return Capture(entries, None if moved else instant(sent), delivery.received_at)


def _body(delivery: Delivery) -> Any:
    body = delivery.body.lstrip()
    if delivery.query.get("compression") == "lz64":
        raise InputError("The body is packed with lz64.", fix=UNPACKED)
    if not body and "data" in delivery.query:
        return loaded(unwrapped(delivery.query["data"]))
    if body[:1] in (b"{", b"[") or b"=" not in body:
        return loaded(body)
    fields = form(body)
    if fields.get("compression") == "lz64":
        raise InputError("The data are packed with lz64.", fix=UNPACKED)
    return loaded(unwrapped(fields.get("data", "")))


def check(delivery: Delivery) -> None:
    if not holds_events(delivery.body, "batch"):
        readable(opened(delivery).entries)


def parse(delivery: Delivery) -> Parsed:
    try:
        capture = opened(delivery)
    except InputError as error:
        return unreadable(error)

    def read(entry: Entry, place: str) -> Iterator[Saying]:
        return _read(entry, place, capture)

    return parsed(capture.entries, read, capture.received)


def _read(entry: Entry, place: str, capture: Capture) -> Iterator[Saying]:
    name = name_of(entry.get("event"))
    if name in DROPPED:
        return
    values = entry.get("properties")
    values = values if isinstance(values, dict) else {}
    at = _at(entry, capture)
    saying = Saying(
        id=id_of(entry.get("uuid") or values.get("$insert_id"), entry, "" if at else place),
        event=NAMES.get(name, name),
        at=happened(at, capture.sent, capture.received),
        user=identity(entry.get("distinct_id") or values.get("distinct_id")),
        account=account_in(values.get("$groups")),
    )
    yield from READERS.get(name, _deed)(saying, entry, values)


def _at(entry: Entry, capture: Capture) -> datetime | None:
    """`offset` is by how many milliseconds it was sent after it happened."""
    offset = entry.get("offset")
    if entry.get("timestamp") is None and isinstance(offset, int) and abs(offset) < 2**40:
        return (capture.sent or capture.received) - timedelta(milliseconds=offset)
    return instant(entry.get("timestamp"))


def _deed(saying: Saying, entry: Entry, values: Entry) -> Iterator[Saying]:
    names = VIEWED if saying.event == PAGE else OWN
    yield replace(saying, properties=adopted(values, names, FOREIGN, IGNORED))
    if deeds := _deeds(entry, values):
        beside = replace(saying, id=f"{saying.id}:traits", event=IDENTIFY, account=None)
        yield from told(beside, deeds)


def _identify(saying: Saying, entry: Entry, values: Entry) -> Iterator[Saying]:
    before = identity(values.get("$anon_distinct_id"))
    identified = replace(saying, event=IDENTIFY, anonymous=before, account=None)
    yield from told(identified, _deeds(entry, values))


def _alias(saying: Saying, _: Entry, values: Entry) -> Iterator[Saying]:
    """posthog-python says the old id first and the new one as the alias, posthog-node the other
    way round. It makes no difference: both are one person.
    """
    other = identity(values.get("alias"))
    if other is None or saying.user is None:
        raise InputError("An alias needs `distinct_id` and `alias`.")
    yield replace(saying, event=ALIAS, account=None, properties={PREVIOUS: other})


def _group(saying: Saying, _: Entry, values: Entry) -> Iterator[Saying]:
    """A server has nobody in mind when it describes a group, and makes an id up."""
    account = identity(values.get("$group_key"))
    if account is None:
        raise InputError("It is not said which group: `$group_key` is empty.")
    user = None if values.get("$is_server") else saying.user
    group = replace(saying, event=GROUP, user=user, account=account)
    yield from told(group, {"$set": values.get("$group_set")})


READERS = {
    "$identify": _identify,
    "$set": _identify,
    "$create_alias": _alias,
    "$merge_dangerously": _alias,
    "$groupidentify": _group,
}


def _deeds(entry: Entry, values: Entry) -> Mapping[str, Any]:
    """Beside the properties, among them, or both."""
    found: dict[str, Any] = {}
    for name in ("$set", "$set_once"):
        parts = [part for part in (values.get(name), entry.get(name)) if isinstance(part, dict)]
        if merged := {key: value for part in parts for key, value in part.items()}:
            found[name] = merged
    return found


def key(delivery: Delivery) -> str:
    return (
        keys.bearer(delivery)
        or keys.beside(delivery, "api_key", "token")
        or _key(delivery)
        or keys.asked_for(delivery, "token", "api_key")
    )


def _key(delivery: Delivery) -> str:
    try:
        body = _body(delivery)
    except InputError:
        return ""
    entries = body.get("batch", [body]) if isinstance(body, dict) else body
    first = entries[0] if isinstance(entries, list) and entries else None
    values = first.get("properties") if isinstance(first, dict) else None
    found = (keys.inside(part, "api_key", "token") for part in (body, first, values))
    return next(filter(None, found), "")


def accepted(delivery: Delivery) -> Answer:
    """The newer address wants to hear of each event."""
    if delivery.path.rstrip("/") != V1:
        return answers.TAKEN
    refused = {one.at: one.reason for one in parse(delivery).refused}
    results = {
        str(entry.get("uuid")): _result(refused.get(at))
        for at, entry in enumerate(opened(delivery).entries)
        if isinstance(entry, dict)
    }
    return answers.said(200, {"status": 1, "results": results})


def _result(reason: str | None) -> dict[str, str]:
    return {"result": "drop", "details": reason} if reason else {"result": "ok"}


NOTHING = {
    "config": {"enable_collect_everything": True},
    "supportedCompression": ["gzip", "gzip-js", "base64"],
    "hasFeatureFlags": False,
    "featureFlags": {},
    "featureFlagPayloads": {},
    "flags": {},
    "errorsWhileComputingFlags": False,
    "isAuthenticated": False,
    "toolbarParams": {},
    "sessionRecording": False,
    "heatmaps": False,
    "surveys": False,
    "siteApps": [],
    "capturePerformance": False,
    "autocaptureExceptions": False,
    "elementsChainAsString": True,
    "captureDeadClicks": False,
    "logs": {"captureConsoleLogs": False},
}
"""There are no flags here, no recordings and no surveys."""


def asked(delivery: Delivery) -> Answer:
    """What posthog-js asks at its start; as a script where it is loaded as one."""
    if not delivery.path.endswith(".js"):
        return answers.said(200, NOTHING)
    own = msgspec.json.encode({"config": NOTHING, "siteApps": []})
    token = msgspec.json.encode(delivery.path.split("/")[-2])
    script = b"(window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{})[%s]=%s;"
    return Answer(200, script % (token, own), "application/javascript")


POSTHOG = Dialect(
    name="posthog",
    title="PostHog",
    paths=("/batch", "/e", "/capture", "/i/v0/e", V1),
    key=key,
    check=check,
    parse=parse,
    accepted=accepted,
    refused=answers.denied,
    asks=("/array/*/config", "/array/*/config.js", "/flags", "/decide"),
    asked=asked,
)
