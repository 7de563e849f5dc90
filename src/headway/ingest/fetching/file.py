"""A CSV, Parquet or NDJSON file at a path or an address, whose rows are events.

It may grow, or be written anew with other rows: each row comes in once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

import pyarrow as pa

from headway.engine.errors import InputError, StoreError
from headway.engine.event import PROPERTY
from headway.engine.written import grouped
from headway.ingest.definition import SourceDefinition
from headway.ingest.fetching.fetched import Cursor, Fetched, Fetcher, Refused
from headway.ingest.fetching.place import Brought, brought
from headway.ingest.fetching.values import columns_of, digest_of
from headway.stores.reading import Batch, read_events

OWN = ("event", "happened_at", "user_id", "account_id")


def fetch(
    definition: SourceDefinition, secret: str, cursor: Cursor, now: datetime
) -> Iterator[Fetched]:
    with brought(definition, secret, cursor, now) as found:
        if found:
            yield from _read(definition, found, cursor, now)


def words(cursor: Cursor) -> str:
    if not cursor:
        return "The file was not read yet."
    mark = cursor.get("etag") or cursor.get("modified")
    if not mark:
        return (
            f"All {grouped(cursor.get('rows', 0))} rows; the server does not say when it changes."
        )
    return f"All {grouped(cursor.get('rows', 0))} rows of the version {mark}."


def _read(
    definition: SourceDefinition, found: Brought, cursor: Cursor, now: datetime
) -> Iterator[Fetched]:
    seen: Counter[str] = Counter()
    rows = 0
    try:
        with closing(read_events(found.path, columns_of(definition), now=now)) as batches:
            for batch in batches:
                rows += batch.read
                yield Fetched(cursor, _named(definition, batch, seen), _refused(batch), rests=False)
    except InputError as error:
        words = error.message.replace(str(found.path), definition.url)
        raise StoreError(words, fix=error.fix) from None
    yield Fetched({**found.version, "rows": rows})


def _named(definition: SourceDefinition, batch: Batch, seen: Counter[str]) -> pa.Table:
    table = batch.table
    if not definition.id:
        table = _by_content(table, seen)
    names = {PROPERTY + column: PROPERTY + name for name, column in definition.columns.items()}
    return table.rename_columns([names.get(name, name) for name in table.column_names])


def _by_content(table: pa.Table, seen: Counter[str]) -> pa.Table:
    """A row is known by what it says; the second one that says the same is another one."""
    chosen = [n for n in table.column_names if n in OWN or n.startswith(PROPERTY)]
    identities = []
    for row in table.select(chosen).to_pylist():
        digest = digest_of(row)
        seen[digest] += 1
        identities.append(f"{digest}:{seen[digest]}")
    at = table.column_names.index("message_id")
    return table.set_column(at, "message_id", pa.array(identities, pa.string()))


def _refused(batch: Batch) -> list[Refused]:
    return [Refused(one.line, one.reason, one.text) for one in batch.rejects]


FILE = Fetcher(fetch, words)
