"""Prometheus: the values of an expression over time, one event for each step and series."""

from __future__ import annotations

import hashlib
import json
import math
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from headway.engine.definition import duration
from headway.engine.errors import StoreError
from headway.engine.event import Event, Scalar
from headway.ingest.definition import SourceDefinition
from headway.ingest.fetching.fetched import Cursor, Fetched, Fetcher, Refused, at_second, said
from headway.ingest.fetching.web import MEGABYTE, download
from headway.stores.tabled import table_of

STEPS_AT_ONCE = 1_000
"""Prometheus answers up to 11,000 points of a series."""

FIRST = timedelta(days=15)
"""So far back goes a first fetch without `since`: Prometheus keeps as much, unless told more."""

SETTLED = timedelta(minutes=1)
"""Younger values may still change: a scrape may be under way."""

MOST = 100 * MEGABYTE
EVENTS = {"availability": "health_checked", "latency": "task_done", "value": "measured"}
"""What the catalogue's metrics read."""


def fetch(
    definition: SourceDefinition, secret: str, cursor: Cursor, now: datetime
) -> Iterator[Fetched]:
    step = int(duration(definition.step).total_seconds())
    at, last = _next(definition, cursor, step, now), _floor((now - SETTLED).timestamp(), step)
    while at <= last:
        until = min(at + (STEPS_AT_ONCE - 1) * step, last)
        events: list[Event] = []
        refused: list[Refused] = []
        for series in _ask(definition, secret, at, until, step, now):
            _take(definition, series, step, events, refused)
        table = table_of(events) if events else None
        yield Fetched({"until": until}, table, refused)
        at = until + step


def words(cursor: Cursor) -> str:
    if "until" not in cursor:
        return "Nothing was asked yet."
    return f"All values until {said(at_second(cursor['until']))}."


def _next(definition: SourceDefinition, cursor: Cursor, step: int, now: datetime) -> int:
    if "until" in cursor:
        return int(cursor["until"]) + step
    begins = (now - FIRST).timestamp()
    if definition.since:
        begins = datetime.fromisoformat(f"{definition.since}T00:00:00+00:00").timestamp()
    return _floor(begins, step) + step


def _floor(seconds: float, step: int) -> int:
    """Steps begin at the same instants, whenever they are asked for."""
    return int(seconds // step) * step


def _ask(
    definition: SourceDefinition, secret: str, first: int, last: int, step: int, now: datetime
) -> list[dict[str, Any]]:
    query = {"query": definition.query, "start": first, "end": last, "step": step}
    url = f"{definition.url.rstrip('/')}/api/v1/query_range?{urlencode(query)}"
    with tempfile.TemporaryDirectory(prefix="headway-") as folder:
        path = Path(folder) / "answer.json"
        download(
            url, path, timeout=definition.time_out.total_seconds(), most=MOST, now=now,
            secret=secret, takes=(400, 422),
        )  # fmt: skip
        return _series(path)


def _series(path: Path) -> list[dict[str, Any]]:
    try:
        found = json.loads(path.read_bytes())
        if found.get("status") != "success":
            raise StoreError(f"Prometheus says: {found.get('error')}.", fix="Mend the expression.")
        return list(found["data"]["result"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise StoreError(
            "The answer is not one of Prometheus.", fix="See whether the address is its."
        ) from None


def _take(
    definition: SourceDefinition, series: Mapping[str, Any], step: int, events: list[Event],
    refused: list[Refused],
) -> None:  # fmt: skip
    labels = {name: text for name, text in series["metric"].items() if name != "__name__"}
    mark = hashlib.sha256(json.dumps(labels, sort_keys=True).encode()).hexdigest()[:12]
    name = definition.event or EVENTS[definition.measure]
    for at, (seconds, text) in enumerate(series["values"]):
        value = float(text)
        if not math.isfinite(value):
            refused.append(Refused(at, f"{text} is no number.", f"{labels} {seconds}"))
            continue
        properties: dict[str, Scalar] = {**labels, **_measured(definition, value, step)}
        identity = f"{mark}:{seconds:.0f}"
        events.append(Event(identity, name, at_second(seconds), properties=properties))


def _measured(definition: SourceDefinition, value: float, step: int) -> dict[str, Scalar]:
    """A check stands for the time until the next one; Prometheus measures time in seconds."""
    if definition.measure == "availability":
        return {"ok": value > 0, "seconds": step}
    if definition.measure == "latency":
        return {"milliseconds": 1000 * value}
    return {"value": value}


PROMETHEUS = Fetcher(fetch, words)
