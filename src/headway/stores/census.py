"""What a table of events holds by name: how many, when, with properties of which types."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
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
    counts = _counts(table, columns)
    heads = counts.select(["event", "count_all", "happened_at_min", "happened_at_max"])
    found = {name: Entry(*rest) for name, *rest in zip(*heads.to_pydict().values(), strict=True)}
    for name, days in _days(table).items():
        found[name].days = days
    names, texts = list(found), _Texts(table, sure)
    for column in columns:
        held = counts[column + WITH].to_numpy()
        for at in np.flatnonzero(held).tolist():
            kept = Property(texts.type_of(column, names[at]), int(held[at]))
            found[names[at]].properties[column.removeprefix(PROPERTY)] = kept
    return found


def _counts(table: pa.Table, columns: Sequence[str]) -> pa.Table:
    asked = [("happened_at", "min"), ("happened_at", "max"), ([], "count_all")]
    asked += [(name, "count") for name in columns]
    return table.group_by("event").aggregate(asked)


def _days(table: pa.Table) -> dict[str, dict[str, int]]:
    days = pa.table({"event": table["event"], "day": table["happened_at"].cast(pa.date32())})
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in days.group_by(["event", "day"]).aggregate([([], "count_all")]).to_pylist():
        found[row["event"]][row["day"].isoformat()] = row["count_all"]
    return found


@dataclass
class _Texts:
    """What the texts of a table hold, where nobody is `sure`."""

    table: pa.Table
    sure: Sure | None
    some: dict[str, pa.Array] = field(default_factory=dict)

    def type_of(self, column: str, event: str) -> str:
        found = type_of(self.table.schema.field(column).type)
        name = column.removeprefix(PROPERTY)
        if found != TEXT or (self.sure and self.sure(event, name)):
            return found
        if event not in self.some:
            self.some[event] = _some(self.table, event)
        return _looked_into(self.table[column].take(self.some[event]))


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
