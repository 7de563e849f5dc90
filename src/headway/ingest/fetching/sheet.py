"""A table that people keep, such as a Google Sheet published as CSV: each row is a thing.

A row that is new or has other values is an event; one that is gone is an event with `gone`, and
with 0 for its numbers, so that a stock loses it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from headway.engine.errors import InputError, StoreError
from headway.engine.event import Event, Scalar
from headway.engine.written import grouped
from headway.ingest.definition import SourceDefinition
from headway.ingest.fetching.fetched import Cursor, Fetched, Fetcher, Refused, at_second, said
from headway.ingest.fetching.place import brought
from headway.ingest.fetching.values import columns_of, digest_of, instant, scalar, text_of
from headway.stores.mapping import Mapping as Columns
from headway.stores.rows import read_rows
from headway.stores.tabled import table_of

MOST_ROWS = 50_000
Row = Mapping[str, Any]


def fetch(
    definition: SourceDefinition, secret: str, cursor: Cursor, now: datetime
) -> Iterator[Fetched]:
    with brought(definition, secret, cursor, now, ".csv") as found:
        if found is None:
            return
        rows, refused = _rows(definition, found.path)
        events = [
            *_came(definition, rows, cursor.get("rows", {}), now, refused),
            *_gone(definition, cursor, rows, now),
        ]
        state = {
            **found.version,
            "rows": {key: _kept(definition, row) for key, row in rows.items()},
            "numbers": _numbers(definition, rows) or cursor.get("numbers", []),
            "at": now.timestamp(),
        }
        yield Fetched(state, table_of(events) if events else None, refused)


def words(cursor: Cursor) -> str:
    if not cursor:
        return "The table was not read yet."
    return f"{grouped(len(cursor['rows']))} rows, as they were at {said(at_second(cursor['at']))}."


def _rows(definition: SourceDefinition, path: Path) -> tuple[dict[str, Row], list[Refused]]:
    """By their ids. Of two rows with one id, the first counts."""
    columns = columns_of(definition)
    found: dict[str, Row] = {}
    refused: list[Refused] = []
    try:
        with closing(read_rows(path, columns.named)) as pieces:
            for piece in pieces:
                _check(columns, piece.table.column_names)
                refused += (Refused(r.line, r.reason, r.text) for r in piece.rejects)
                lines = piece.numbers.tolist()
                for line, row in zip(lines, piece.table.to_pylist(), strict=True):
                    _take(definition, found, refused, line, row)
        if not found and not refused:
            with path.open(newline="", encoding="utf-8-sig") as file:
                _check(columns, next(csv.reader(file), []))
    except (InputError, UnicodeDecodeError) as error:
        told = getattr(error, "message", "It is not in UTF-8.")
        fix = getattr(error, "fix", "Publish it as comma-separated values.")
        raise StoreError(told.replace(str(path), "The table"), fix=fix) from None
    return found, refused


def _take(
    definition: SourceDefinition, found: dict[str, Row], refused: list[Refused], line: int, row: Row
) -> None:
    key = text_of(row[definition.id])
    if key is None:
        refused.append(Refused(line, f"It has no `{definition.id}`.", str(row)[:1000]))
    elif key in found:
        refused.append(Refused(line, f"There are two rows `{key}`; the first counts.", key))
    elif len(found) >= MOST_ROWS:
        raise StoreError(
            f"The table has more than {grouped(MOST_ROWS)} rows.",
            fix="Keep it in a database or a file, and use the kind `sql` or `file`.",
        )
    else:
        found[key] = row


def _check(columns: Columns, names: list[str]) -> None:
    """Raises InputError for a column that was named and is not there."""
    fields = ["message_id", "user_id", "account_id"]
    fields += [] if columns.name else ["event"]
    fields += ["happened_at"] if columns.happened_at else []
    for field in fields:
        columns.column(field, names)
    columns.property_columns([*names, *(["happened_at"] if not columns.happened_at else [])])


def _kept(definition: SourceDefinition, row: Row) -> list[str | None]:
    """What the next fetch compares with, and what is said of it once it is gone: no person."""
    return [digest_of(row), _name(definition, row), text_of(row.get(definition.account))]


def _came(
    definition: SourceDefinition, rows: Mapping[str, Row], known: Mapping[str, list[Any]],
    now: datetime, refused: list[Refused],
) -> Iterator[Event]:  # fmt: skip
    for at, (key, row) in enumerate(rows.items()):
        if known.get(key) == _kept(definition, row):
            continue
        try:
            begins = instant(row[definition.at]) if definition.at and key not in known else now
        except InputError as error:
            refused.append(Refused(at, f"{error.message} It counts from now.", key))
            begins = now
        yield _event(definition, key, min(begins, now), now, _name(definition, row), row)


def _gone(
    definition: SourceDefinition, cursor: Cursor, rows: Mapping[str, Row], now: datetime
) -> Iterator[Event]:
    for key, (_, name, account) in cursor.get("rows", {}).items():
        if key not in rows:
            zeros: dict[str, Scalar] = dict.fromkeys(cursor.get("numbers", []), 0)
            properties = {**zeros, definition.id: key, "gone": True}
            yield Event(_mark(key, now), name, now, None, account, properties=properties)


def _event(
    definition: SourceDefinition, key: str, at: datetime, now: datetime, name: str, row: Row
) -> Event:
    user, account = row.get(definition.user), row.get(definition.account)
    properties = {n: scalar(row[column]) for n, column in _chosen(definition, row).items()}
    return Event(
        _mark(key, now), name, at, text_of(user), text_of(account),
        properties={**properties, definition.id: key, "gone": False},
    )  # fmt: skip


def _mark(key: str, now: datetime) -> str:
    """Of a change: a row may get its old values back, and be fetched twice within a second."""
    return f"{key}@{now.timestamp():.6f}"


def _name(definition: SourceDefinition, row: Row) -> str:
    """Where all rows have one, it is in the definition."""
    return definition.event or str(row.get(definition.event_column) or "")


def _chosen(definition: SourceDefinition, row: Row) -> dict[str, str]:
    """Property → column."""
    own = {definition.id, definition.at, definition.user, definition.account}
    own.add(definition.event_column)
    return definition.columns or {name: name for name in row if name not in own}


def _numbers(definition: SourceDefinition, rows: Mapping[str, Row]) -> list[str]:
    """Properties that hold numbers: those of a row that is gone are 0."""
    found: dict[str, None] = {}
    for row in rows.values():
        for name, column in _chosen(definition, row).items():
            if isinstance(row[column], int | float) and not isinstance(row[column], bool):
                found[name] = None
    return list(found)


SHEET = Fetcher(fetch, words, complete=True)
