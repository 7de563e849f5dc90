"""What SDKs really sent, one file for each, as deliveries."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from headway.engine.event import ALIAS, IDENTIFY, Event
from headway.engine.identity import Claim, Link, claims
from headway.ingest.dialects.dialect import Delivery, Dialect
from headway.ingest.dialects.unpacking import unpacked
from headway.ingest.door.routes import route

FOLDER = Path(__file__).parents[1] / "payloads"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
MOST = 1 << 20


def deliveries(name: str) -> list[tuple[Dialect, Delivery]]:
    """As the door hands them on: those that carry events."""
    requests = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    found = ((route(request["path"]), request) for request in requests)
    return [
        (r.dialect, delivery(r.path, request))
        for r, request in found
        if r and r.dialect and not r.asks
    ]


def delivery(path: str, request: dict[str, Any]) -> Delivery:
    body, received = (
        unpacked(written(request), MOST),
        datetime.fromisoformat(request["received_at"]),
    )
    return Delivery(path, body, received, request["query"], request["headers"])


def written(request: dict[str, Any]) -> bytes:
    """The body as it travelled."""
    how, body = request["written"], request["body"]
    if body is None:
        return b""
    if how.startswith("form"):
        text = json.dumps(body["data"])
        data = base64.b64encode(text.encode()).decode() if "base64" in how else text
        return urlencode({**body, "data": data}).encode()
    packed = json.dumps(body).encode()
    return gzip.compress(packed, mtime=0) if how.endswith("gzip") else packed


def events_of(name: str) -> list[Event]:
    """Each once, in the order in which they happened."""
    found = {
        e.message_id: e for dialect, one in deliveries(name) for e in dialect.parse(one).events
    }
    return sorted(found.values(), key=lambda event: (event.happened_at, event.message_id))


def micros(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)


def claims_of(events: Iterable[Event]) -> list[Claim]:
    return claims(
        Link(micros(e.happened_at), str(e.properties["previous_id"]), e.user_id, e.event == ALIAS)
        for e in events
        if e.event in (ALIAS, IDENTIFY) and e.user_id and "previous_id" in e.properties
    )


def person(event: Event, found: Iterable[Claim]) -> str | None:
    """Whose event it is."""
    at = micros(event.happened_at)
    whose = (c.person for c in found if c.id == event.user_id and c.after < at <= c.until)
    return next(whose, event.user_id)
