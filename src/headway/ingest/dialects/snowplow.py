"""Snowplow's tracker protocol: https://docs.snowplow.io/docs/events/going-deeper/ ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from headway.engine.errors import InputError
from headway.ingest.dialects import answers
from headway.ingest.dialects.batch import Entry, parsed, readable, unreadable
from headway.ingest.dialects.bodies import FIX, holds_events, loaded, unwrapped
from headway.ingest.dialects.dialect import Answer, Delivery, Dialect, Parsed
from headway.ingest.dialects.properties import Flat, as_text, flat, keep
from headway.ingest.dialects.saying import (
    PAGE,
    SCREEN,
    Saying,
    id_of,
    identity,
    name_of,
)
from headway.ingest.dialects.times import happened, instant

PIXEL = Answer(
    200,
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\0\0\0!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;",
    "image/gif",
)
CONTEXT = {
    "url": "context.page.url",
    "page": "context.page.title",
    "refr": "context.page.referrer",
    "p": "context.platform",
    "lang": "context.locale",
    "tz": "context.timezone",
    "tv": "context.library.version",
    "sid": "context.session_id",
}
STRUCTURED = {
    "se_ca": "category",
    "se_la": "label",
    "se_pr": "property",
    "se_va": "value",
}
PINGED = {"pp_may": "scrolled_to"}
SOLD = {
    "tr_id": "order_id",
    "tr_af": "affiliation",
    "tr_tt": "total",
    "tr_tx": "tax",
    "tr_sh": "shipping",
    "tr_ci": "city",
    "tr_co": "country",
    "tr_cu": "currency",
}
ITEM = {
    "ti_id": "order_id",
    "ti_sk": "sku",
    "ti_nm": "name",
    "ti_ca": "category",
    "ti_pr": "price",
    "ti_qu": "quantity",
    "ti_cu": "currency",
}
NUMBERS = frozenset(("value", "total", "tax", "shipping", "price", "quantity", "scrolled_to"))
PAYLOAD = b"com.snowplowanalytics.snowplow/payload_data"
OURS = ("com.snowplowanalytics.", "org.w3", "org.ietf", "com.google.")
"""Vendors of what the tracker adds by itself."""


def opened(delivery: Delivery) -> list[Any]:
    if not delivery.body.strip():
        if "e" not in delivery.query:
            raise InputError("There is no event, neither in the query nor in a body.", fix=FIX)
        return [dict(delivery.query)]
    body = loaded(delivery.body)
    if not isinstance(body, dict) or not isinstance(body.get("data"), list):
        raise InputError("`data` is no list of events.", fix=FIX)
    return body["data"]  # type: ignore[no-any-return]


def check(delivery: Delivery) -> None:
    if not holds_events(delivery.body, "data"):
        readable(opened(delivery))


def parse(delivery: Delivery) -> Parsed:
    try:
        entries = opened(delivery)
    except InputError as error:
        return unreadable(error)
    received = delivery.received_at

    def read(entry: Entry, place: str) -> Iterator[Saying]:
        return _read(entry, place, received)

    return parsed(entries, read, received)


def _read(entry: Entry, place: str, received: datetime) -> Iterator[Saying]:
    kind = entry.get("e")
    reader = READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise InputError(f"`{as_text(kind)[:40]}` is no type of event.")
    event, found = reader(entry)
    at = instant(entry.get("ttm") or entry.get("dtm"))
    sent = None if entry.get("ttm") else instant(entry.get("stm"))
    yield Saying(
        id=id_of(entry.get("eid"), entry, "" if at else place),
        event=event,
        at=happened(at, sent, received),
        user=identity(entry.get("uid")),
        anonymous=identity(entry.get("duid")),
        properties=_context(entry) | found,
    )


Read = tuple[str, Flat]


def _view(entry: Entry) -> Read:
    return PAGE, _named(entry, {})


def _ping(entry: Entry) -> Read:
    return "page_ping", _named(entry, PINGED)


def _structured(entry: Entry) -> Read:
    return name_of(entry.get("se_ac")), _named(entry, STRUCTURED)


def _sale(entry: Entry) -> Read:
    return "transaction", _named(entry, SOLD)


def _item(entry: Entry) -> Read:
    return "transaction_item", _named(entry, ITEM)


def _described(entry: Entry) -> Read:
    """An event by its schema, `iglu:vendor/name/format/version`."""
    outer = _packed(entry, "ue_px", "ue_pr")
    inner = outer.get("data") if isinstance(outer, dict) else None
    if not isinstance(inner, dict):
        raise InputError("The event describes itself in no way that can be read.")
    name = _schema(inner.get("schema"))[1]
    return SCREEN if name == "screen_view" else name_of(name), flat(inner.get("data"))


READERS: Mapping[str, Callable[[Entry], Read]] = {
    "pv": _view,
    "pp": _ping,
    "se": _structured,
    "ue": _described,
    "tr": _sale,
    "ti": _item,
}


def _packed(entry: Entry, packed: str, plain: str) -> Any:
    text = entry.get(packed) or entry.get(plain)
    return loaded(unwrapped(text)) if isinstance(text, str) else None


def _schema(text: Any) -> tuple[str, str]:
    """Vendor and name."""
    parts = text.removeprefix("iglu:").split("/") if isinstance(text, str) else []
    return (parts[0], parts[1]) if len(parts) > 1 else ("", "")


def _named(entry: Entry, names: Mapping[str, str]) -> Flat:
    """Everything is a text on the way; what is a number is one again."""
    found = Flat()
    for theirs, ours in names.items():
        value = entry.get(theirs)
        keep(found, ours, _number(value) if ours in NUMBERS else value)
    return found


def _number(value: Any) -> Any:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return value
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _context(entry: Entry) -> Flat:
    """What the tracker knows, and the entities that a team attaches, as `entity.field`."""
    found = Flat()
    for theirs, ours in CONTEXT.items():
        keep(found, ours, entry.get(theirs))
    for entity in _entities(entry):
        vendor, name = _schema(entity.get("schema"))
        if name == "client_session":
            data = entity.get("data")
            keep(
                found, "context.session_id", data.get("sessionId") if isinstance(data, dict) else ""
            )
        elif name and not vendor.startswith(OURS):
            flat(entity.get("data"), found, f"{name}.", 2)
    return found


def _entities(entry: Entry) -> Iterator[Entry]:
    outer = _packed(entry, "cx", "co")
    inner = outer.get("data") if isinstance(outer, dict) else None
    for entity in inner if isinstance(inner, list) else ():
        if isinstance(entity, dict):
            yield entity


def key(delivery: Delivery) -> str:
    """A tracker has no key: the id that it gives its application is taken for one."""
    try:
        first = next(iter(opened(delivery)), None)
    except InputError:
        return ""
    found = first.get("aid") if isinstance(first, dict) else None
    return found if isinstance(found, str) else ""


def accepted(delivery: Delivery) -> Answer:
    """A tracker that sends by GET may be asking for a picture."""
    return answers.TAKEN if delivery.body else PIXEL


def is_own(delivery: Delivery) -> bool:
    """At a path of its own (`postPath`), which the tracker's schema tells."""
    return PAYLOAD in delivery.body[:200] and holds_events(delivery.body, "data")


SNOWPLOW = Dialect(
    name="snowplow",
    title="Snowplow",
    paths=("/com.snowplowanalytics.snowplow/tp2", "/i"),
    key=key,
    check=check,
    parse=parse,
    accepted=accepted,
    refused=answers.denied,
    anywhere=True,
    is_own=is_own,
)
