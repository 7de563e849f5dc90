"""Files of events in the store's columns, with the rows that had to be left out and why."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from headway.engine.event import PROPERTY
from headway.stores.columns import BOOL, DOUBLE, INT, TEXT
from headway.stores.instants import INSTANT, faults, instants
from headway.stores.mapping import Mapping
from headway.stores.rows import Reject, Rows, read_rows

__all__ = ["Batch", "Mapping", "Reject", "digest_of", "read_events"]

DIGEST_SHOWN = 16


@dataclass(frozen=True)
class Batch:
    """Some rows of a file: `table` in the store's columns, and the rows it refuses.

    `share` says how much of the file has been read so far, from 0 to 1.
    """

    table: pa.Table
    rejects: list[Reject]
    share: float

    @property
    def read(self) -> int:
        return int(self.table.num_rows) + len(self.rejects)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_events(
    path: Path, mapping: Mapping | None = None, *, now: datetime, digest: str = ""
) -> Generator[Batch]:
    """The events of a CSV, Parquet or NDJSON file, about 200,000 a batch.

    Columns: message_id, event, happened_at and received_at (timestamp[us, UTC]), user_id,
    account_id, and `p:<name>` for each property. Without a message_id an event's identity is the
    file's digest and its row number. Rows dated more than a day after `now` are refused.
    Raises InputError when the file as a whole cannot be read.
    """
    mapping = mapping or Mapping()
    # Closed here: the reader's threads do not survive an interpreter that ends before them.
    with closing(read_rows(path, mapping.named)) as pieces:
        for rows in pieces:
            digest = digest or digest_of(path)
            yield _batch(rows, mapping, digest[:DIGEST_SHOWN], now)


def _batch(rows: Rows, mapping: Mapping, digest: str, now: datetime) -> Batch:
    if rows.table.num_columns == 0:
        return Batch(_nothing(), rows.rejects, rows.share)
    table, reasons = _events(rows, mapping, digest, now)
    bad = np.array(sorted(reasons), dtype=np.int64)
    kept = np.delete(np.arange(len(rows.numbers)), bad)
    rejects = [
        Reject(int(rows.numbers[i]), reasons[i], text)
        for i, text in zip(bad.tolist(), _texts(rows.table, bad), strict=True)
    ]
    ordered = sorted([*rows.rejects, *rejects], key=lambda reject: reject.line)
    return Batch(table if not reasons else table.take(kept), ordered, rows.share)


def _events(
    rows: Rows, mapping: Mapping, digest: str, now: datetime
) -> tuple[pa.Table, dict[int, str]]:
    """The rows as events, good and bad alike, and why the bad ones are bad."""
    names = rows.table.column_names
    event = _event(rows.table, mapping)
    times = _column(rows.table, mapping.column("happened_at", names))
    found = instants(times, timezone=mapping.timezone, format=mapping.time_format)
    reasons = dict(faults(times.cast(TEXT), found, now))
    empty = pc.indices_nonzero(pc.equal(pc.fill_null(event, ""), ""))
    reasons |= dict.fromkeys(empty.to_pylist(), "The event has no name.")
    columns = {
        "message_id": _identities(rows, mapping, digest),
        "event": event,
        "happened_at": found,
        "user_id": _ids(rows.table, mapping.column("user_id", names)),
        "account_id": _ids(rows.table, mapping.column("account_id", names)),
        "received_at": _received(rows.table, mapping),
    }
    chosen = mapping.property_columns(names)
    return pa.table(columns | {PROPERTY + n: _property(rows.table[n]) for n in chosen}), reasons


def _event(table: pa.Table, mapping: Mapping) -> pa.Array:
    column = mapping.column("event", table.column_names)
    if mapping.name or column is None:
        return pa.array([mapping.name]).take(pa.array(np.zeros(table.num_rows, np.int8)))
    return pc.utf8_trim_whitespace(_column(table, column).cast(TEXT))


def _identities(rows: Rows, mapping: Mapping, digest: str) -> pa.Array:
    own = _by_number(digest, rows.numbers)
    column = mapping.column("message_id", rows.table.column_names)
    return own if column is None else pc.coalesce(_ids(rows.table, column), own)


def _by_number(digest: str, numbers: npt.NDArray[np.int64]) -> pa.Array:
    return pc.binary_join_element_wise(digest, pa.array(numbers).cast(TEXT), ":")


def _ids(table: pa.Table, column: str | None) -> pa.Array:
    """Ids are text; an id that a tool wrote as 42.0 because others were missing is 42."""
    if column is None:
        return pa.nulls(table.num_rows, TEXT)
    values = _column(table, column)
    if values.type == DOUBLE and pc.all(pc.equal(values, pc.round(values))).as_py():
        values = values.cast(INT, safe=False)
    texts = pc.utf8_trim_whitespace(values.cast(TEXT))
    return pc.if_else(pc.equal(texts, ""), None, texts)


def _received(table: pa.Table, mapping: Mapping) -> pa.Array:
    column = mapping.column("received_at", table.column_names)
    if column is None:
        return pa.nulls(table.num_rows, INSTANT)
    return instants(_column(table, column), timezone=mapping.timezone)


def _property(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type) and column.type.tz:
        return pc.strftime(column.cast(INSTANT), format="%Y-%m-%dT%H:%M:%SZ")
    return column if column.type in (BOOL, INT, DOUBLE) else column.cast(TEXT)


def _column(table: pa.Table, name: str | None) -> pa.Array:
    return table[name].combine_chunks()


def _texts(table: pa.Table, rows: npt.NDArray[np.int64]) -> list[str]:
    chosen = table.take(rows)
    columns = [column.cast(TEXT).to_pylist() for column in chosen.columns]
    return [",".join(v or "" for v in row) for row in zip(*columns, strict=True)]


def _nothing() -> pa.Table:
    text = ("message_id", "event", "user_id", "account_id")
    columns = {name: pa.array([], TEXT) for name in text}
    times = {name: pa.array([], INSTANT) for name in ("happened_at", "received_at")}
    return pa.table(columns | times)
