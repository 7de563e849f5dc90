"""What a table of events holds by name: how many, when, with properties of which types."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from headway.engine.event import PROPERTY

TEXT, NUMBER, BOOLEAN, TIME = "text", "number", "boolean", "time"
TYPES = (TEXT, NUMBER, BOOLEAN, TIME)
UNSURE = "text or number"
"""Texts that read as numbers: a column whose values had several types is kept as text."""

NUMERIC = r"^-?\d+(\.\d+)?([eE][-+]?\d+)?$"
SAMPLE = 1000
WITH = "_count"

Sure = Callable[[str, str], bool]
"""Whether a property of an event is known to be text, and need not be looked at."""


@dataclass(frozen=True)
class Property:
    """`rows` of the event have a value of it."""

    type: str
    rows: int


@dataclass
class Entry:
    """The events of one name; `days` maps UTC days to rows."""

    rows: int
    first_at: datetime
    last_at: datetime
    days: dict[str, int] = field(default_factory=dict)
    properties: dict[str, Property] = field(default_factory=dict)


def census(table: pa.Table, sure: Sure | None = None) -> dict[str, Entry]:
    """Costs one pass over each column; texts are looked into only where nobody is `sure`."""
    if not table.num_rows:
        return {}
    columns = [name for name in table.column_names if name.startswith(PROPERTY)]
    found = {
        row["event"]: Entry(
            row["count_all"],
            row["happened_at_min"],
            row["happened_at_max"],
            properties=dict(_properties(table, row, columns, sure)),
        )
        for row in _counts(table, columns)
    }
    for event, days in _days(table).items():
        found[event].days = days
    return found


def _counts(table: pa.Table, columns: Sequence[str]) -> list[dict[str, Any]]:
    asked = [("happened_at", "min"), ("happened_at", "max"), ([], "count_all")]
    asked += [(name, "count") for name in columns]
    rows: list[dict[str, Any]] = table.group_by("event").aggregate(asked).to_pylist()
    return rows


def _days(table: pa.Table) -> dict[str, dict[str, int]]:
    days = pa.table({"event": table["event"], "day": table["happened_at"].cast(pa.date32())})
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in days.group_by(["event", "day"]).aggregate([([], "count_all")]).to_pylist():
        found[row["event"]][row["day"].isoformat()] = row["count_all"]
    return found


def _properties(
    table: pa.Table, row: dict[str, Any], columns: Sequence[str], sure: Sure | None
) -> Iterator[tuple[str, Property]]:
    event = str(row["event"])
    some: pa.Array | None = None
    for column in columns:
        count, name = row[column + WITH], column.removeprefix(PROPERTY)
        if isinstance(count, int) and count:
            type_ = type_of(table.schema.field(column).type)
            if type_ == TEXT and not (sure and sure(event, name)):
                some = _some(table, event) if some is None else some
                type_ = _looked_into(table[column].take(some))
            yield name, Property(type_, count)


def type_of(type_: pa.DataType) -> str:
    if pa.types.is_boolean(type_):
        return BOOLEAN
    if pa.types.is_integer(type_) or pa.types.is_floating(type_):
        return NUMBER
    return TIME if pa.types.is_temporal(type_) else TEXT


def _some(table: pa.Table, event: str) -> pa.Array:
    """Rows of the event, not all where they are many."""
    return pc.indices_nonzero(pc.equal(table["event"], event)).slice(0, SAMPLE)


def _looked_into(values: pa.ChunkedArray) -> str:
    numeric = pc.all(pc.match_substring_regex(values.drop_null(), NUMERIC)).as_py()
    return UNSURE if numeric else TEXT


def settled(before: str, now: str) -> str:
    """What a property's type is, after it was `before` and comes as `now`."""
    if not before or before == UNSURE:
        return now
    return before if now == UNSURE and before in (TEXT, NUMBER) else now
