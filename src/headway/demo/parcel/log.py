"""Events of one name as columns, kept compact until they are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from headway.demo.parcel.truth import Floats, Ints
from headway.demo.parcel.world import World

TEXT, NUMBER, FLAG = pa.string(), pa.float64(), pa.bool_()
INSTANT = pa.timestamp("us", "UTC")
PROPERTIES = {
    "previous_id": TEXT,
    "channel": TEXT,
    "page": TEXT,
    "country": TEXT,
    "use_case": TEXT,
    "plan": TEXT,
    "currency": TEXT,
    "step": TEXT,
    "feature": TEXT,
    "task": TEXT,
    "topic": TEXT,
    "version": TEXT,
    "service": TEXT,
    "courier": TEXT,
    "stage": TEXT,
    "reason": TEXT,
    "category": TEXT,
    "kind": TEXT,
    "job": TEXT,
    "subscription_id": TEXT,
    "customer": TEXT,
    "ticket_id": TEXT,
    "deal_id": TEXT,
    "parcel_id": TEXT,
    "finding_id": TEXT,
    "request_id": TEXT,
    "volume_id": TEXT,
    "van_id": TEXT,
    "task_id": TEXT,
    "cart_id": TEXT,
    "update_id": TEXT,
    "experiment": TEXT,
    "variant": TEXT,
    "amount": NUMBER,
    "mrr": NUMBER,
    "discount": NUMBER,
    "count": NUMBER,
    "score": NUMBER,
    "importance": NUMBER,
    "satisfaction": NUMBER,
    "duration_ms": NUMBER,
    "minutes_late": NUMBER,
    "minutes": NUMBER,
    "seconds": NUMBER,
    "gigabytes": NUMBER,
    "kilometres": NUMBER,
    "parcels": NUMBER,
    "ok": FLAG,
    "on_time": FLAG,
    "latest": FLAG,
    "recalled": FLAG,
}
SCHEMA = pa.schema(
    [
        ("message_id", TEXT),
        ("event", TEXT),
        ("happened_at", INSTANT),
        ("user_id", TEXT),
        ("account_id", TEXT),
        *PROPERTIES.items(),
    ]
)


@dataclass(frozen=True)
class Words:
    """A column of few words: -1 is null."""

    codes: NDArray[np.integer]
    words: Sequence[str]

    def __getitem__(self, rows: slice | Ints) -> Words:
        return Words(self.codes[rows], self.words)

    def arrow(self) -> pa.Array:
        codes = pa.array(self.codes.astype(np.int32), mask=self.codes < 0)
        return pa.DictionaryArray.from_arrays(codes, pa.array(self.words, TEXT)).cast(TEXT)


def always(word: str, n: int) -> Words:
    return Words(np.zeros(n, np.int8), (word,))


@dataclass(frozen=True)
class Ids:
    """A column of numbered names such as `shop-12`: -1 is null."""

    numbers: NDArray[np.integer]
    prefix: str

    def __getitem__(self, rows: slice | Ints) -> Ids:
        return Ids(self.numbers[rows], self.prefix)

    def arrow(self) -> pa.Array:
        numbers = pa.array(self.numbers, mask=self.numbers < 0)
        return pc.binary_join_element_wise(self.prefix, numbers.cast(TEXT), "")


Column = Floats | Ints | NDArray[np.bool_] | Words | Ids


@dataclass(frozen=True)
class Log:
    """Events called `event`, in order of `at`; a number that is NaN is null."""

    event: str
    at: Floats
    columns: Mapping[str, Column]

    def __len__(self) -> int:
        return len(self.at)

    def between(self, first: int, last: int) -> Log:
        """Those of the days [first, last)."""
        start, stop = np.searchsorted(self.at, [first, last])
        rows = slice(int(start), int(stop))
        return Log(self.event, self.at[rows], {k: c[rows] for k, c in self.columns.items()})

    def table(self) -> pa.Table:
        arrays = {name: _arrow(column) for name, column in self.columns.items()}
        event = pa.repeat(pa.scalar(self.event, TEXT), len(self))
        return pa.table({"at": self.at, "event": event, **arrays})


def log(world: World, event: str, at: Floats, **columns: Column) -> Log:
    """What of it falls into the world's days, sorted; `at` may hold infinity for "never"."""
    order = np.argsort(at, kind="stable")
    start, stop = np.searchsorted(at[order], [0, world.days])
    rows = order[start:stop]
    return Log(event, at[rows], {name: column[rows] for name, column in columns.items()})


def merged(logs: Iterable[Log]) -> list[Log]:
    """One log an event of logs that follow each other in time."""
    by_event: dict[str, list[Log]] = {}
    for found in logs:
        by_event.setdefault(found.event, []).append(found)
    return [_merge(event, parts) for event, parts in by_event.items()]


def _merge(event: str, parts: list[Log]) -> Log:
    at = np.concatenate([p.at for p in parts])
    names = parts[0].columns
    return Log(event, at, {n: _joined([p.columns[n] for p in parts]) for n in names})


def _joined(columns: list[Column]) -> Column:
    """Columns of one kind; those of words share their words."""
    first = columns[0]
    if isinstance(first, Words):
        return Words(
            np.concatenate([c.codes for c in columns if isinstance(c, Words)]), first.words
        )
    if isinstance(first, Ids):
        numbers = np.concatenate([c.numbers for c in columns if isinstance(c, Ids)])
        return Ids(numbers, first.prefix)
    return np.concatenate([c for c in columns if isinstance(c, np.ndarray)])


def count_by_day(world: World, at: Floats) -> Ints:
    """How many of the instants fall on each day of the world."""
    return np.bincount(at[at < world.days].astype(np.int64), minlength=world.days)


def sum_by_day(world: World, at: Floats | Ints, amount: Floats | Ints) -> Floats:
    inside = at < world.days
    days = at[inside].astype(np.int64)
    return np.asarray(np.bincount(days, amount[inside], world.days))


def _arrow(column: Column) -> pa.Array:
    if isinstance(column, Words | Ids):
        return column.arrow()
    if column.dtype == np.bool_:
        return pa.array(column)
    return pa.array(column.astype(np.float64), from_pandas=True)


def to_events(world: World, logs: Iterable[Log], prefix: str) -> pa.Table:
    """The logs as one table of events in order of time; `prefix` begins each message id."""
    filled = [found for found in logs if len(found)]
    columns = pa.schema([("at", NUMBER), *((f.name, f.type) for f in SCHEMA)])
    nothing = columns.empty_table().drop_columns(["message_id", "happened_at"])
    rows = pa.concat_tables([nothing, *(f.table() for f in filled)], promote_options="default")
    rows = rows.take(pc.sort_indices(rows["at"]))
    happened = pa.array(world.instants(rows["at"].to_numpy())).cast(INSTANT)
    numbers = Ids(np.arange(len(rows)), prefix).arrow()
    rows = rows.append_column("happened_at", happened).append_column("message_id", numbers)
    return rows.select(SCHEMA.names).cast(SCHEMA).combine_chunks()
