"""Events as a table in the store's columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from headway.engine.event import PROPERTY, Event
from headway.stores.columns import TEXT, typed
from headway.stores.instants import INSTANT

TYPES = {
    "message_id": TEXT,
    "event": TEXT,
    "happened_at": INSTANT,
    "user_id": TEXT,
    "account_id": TEXT,
    "received_at": INSTANT,
}


def table_of(events: Sequence[Event]) -> pa.Table:
    """A property that an event lacks is null; values of several types become text."""
    columns: dict[str, Any] = {
        name: pa.array([getattr(event, name) for event in events], type_)
        for name, type_ in TYPES.items()
    }
    for name, values in _properties(events).items():
        columns[PROPERTY + name] = typed(values)
    return pa.table(columns)


def _properties(events: Sequence[Event]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for at, event in enumerate(events):
        for name, value in event.properties.items():
            values = found.get(name)
            if values is None:
                values = found[name] = []
            if (missing := at - len(values)) > 0:
                values.extend([None] * missing)
            values.append(value)
    for values in found.values():
        values.extend([None] * (len(events) - len(values)))
    return found
