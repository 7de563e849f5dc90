"""Definitions and a file of events in, numbers out: no server, no workspace."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headway.engine import measure as engine
from headway.engine.definition import Definition
from headway.engine.errors import DefinitionError, InputError, nearest
from headway.engine.kinds import check_inputs, parse
from headway.engine.launched import dated
from headway.engine.money import Exchange
from headway.engine.period import Calendar, Grain
from headway.engine.series import Answer, point_dict
from headway.files.document import Document, Workspace
from headway.files.reading import read
from headway.stores.given import given
from headway.stores.reading import Batch, Reject, read_events

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

Definitions: TypeAlias = str | Path | Mapping[str, Any] | Iterable[Mapping[str, Any]]
Events: TypeAlias = Any
"""A path, or a table of pyarrow, pandas or polars."""

COLUMNS = (
    "key", "segment_by", "segment", "start", "end", "value", "numerator", "denominator", "n", "low",
    "high", "complete", "reason", "faults",
)  # fmt: skip


@dataclass(frozen=True)
class Results:
    """`answers` in the order of the definitions; `rejects` are the rows that could not be read."""

    answers: tuple[Answer, ...]
    rejects: tuple[Reject, ...] = ()

    def to_dicts(self) -> list[dict[str, Any]]:
        """One object per metric and segmentation: what `--format json` prints."""
        return [answer.to_dict() for answer in self.answers]

    def rows(self) -> list[dict[str, Any]]:
        """One row per point."""
        return [
            {"key": a.key, "segment_by": a.series.segment_by or ""} | point_dict(p)
            for a in self.answers
            for p in a.series.points
        ]

    def to_arrow(self) -> pa.Table:
        rows = [{c: row[c] for c in COLUMNS} for row in self.rows()]
        days = [row | {c: date.fromisoformat(row[c]) for c in ("start", "end")} for row in rows]
        return pa.Table.from_pylist(days, schema=SCHEMA)

    def to_pandas(self) -> pd.DataFrame:
        return cast("pd.DataFrame", self.to_arrow().to_pandas())

    def to_polars(self) -> pl.DataFrame:
        import polars

        return cast("pl.DataFrame", polars.from_arrow(self.to_arrow()))


EARLIEST, LATEST = 1900, 2200
SCHEMA = pa.schema(
    [(c, pa.string()) for c in COLUMNS[:3]]
    + [(c, pa.date32()) for c in COLUMNS[3:5]]
    + [(c, pa.float64()) for c in COLUMNS[5:8]]
    + [("n", pa.int64()), ("low", pa.float64()), ("high", pa.float64())]
    + [("complete", pa.bool_()), ("reason", pa.string()), ("faults", pa.int64())]
)


def measure(
    definitions: Definitions,
    events: Events,
    *,
    start: date | str,
    end: date | str,
    grain: str = "day",
    metrics: Iterable[str] | None = None,
    timezone: str = "UTC",
    week_starts: str = "monday",
    as_of: datetime | None = None,
    currency: str = "",
    rates: Mapping[str, Mapping[str | date, float]] | None = None,
    store: str = "local",
    store_address: str = "",
) -> Results:
    """Measures metrics over [start, end), the end day not included.

    `definitions` is a YAML file or folder, or documents as mappings; `events` a CSV, Parquet or
    NDJSON file, or a table of pyarrow, pandas or polars. Whole periods are measured, so the first
    may begin before `start`. `as_of` (default: now) decides which periods are complete. With a
    `currency`, metrics in the unit `money` are converted to it with the `rates`, such as
    `{"USD": {"2026-01-01": 0.92}}`; both are otherwise those of a YAML file's `workspace`.
    `store` computes: local, postgres, clickhouse or spark, into which the events are loaded for as
    long as it takes; `store_address` says which database or Spark that is.
    Raises DefinitionError, InputError or StoreError.
    """
    document = document_of(definitions)
    wanted = definitions_of(dated(one, document.launches) for one in document.metrics)
    keys = _chosen(wanted, metrics)
    at = as_of or datetime.now(UTC)
    table, rejects = events_of(events, at)
    calendar = Calendar.of(timezone, week_starts)
    scope = engine.scope_of(
        _day(start), _day(end), _grain(grain), calendar=calendar, as_of=at,
        first_day=_first_day(table, calendar, _day(start)),
        exchange=exchange_of(currency, rates, document.workspace),
    )  # fmt: skip
    with given(table, store, store_address) as opened:
        answers = engine.measure(wanted, opened, scope, keys)
    return Results(tuple(answers), tuple(rejects))


def document_of(given: Definitions) -> Document:
    if isinstance(given, str | Path):
        return read(Path(given))
    documents = [given] if isinstance(given, Mapping) else list(given)
    return Document(metrics=[parse(d) for d in documents])


def exchange_of(
    currency: str,
    rates: Mapping[str, Mapping[Any, float]] | None,
    workspace: Workspace | None,
) -> Exchange | None:
    """As given, or as the file says; None where nothing is to be converted."""
    base, table = currency, rates or {}
    if workspace is not None and not currency:
        base, table = workspace.currency or "", workspace.rates or {}
    return Exchange.read(base, table) if base else None


def definitions_of(found: Iterable[Definition]) -> dict[str, Definition]:
    definitions = {d.key: msgspec.structs.replace(d, source=None) for d in found}
    check_inputs(definitions)
    return definitions


def _chosen(definitions: Mapping[str, Definition], metrics: Iterable[str] | None) -> list[str]:
    keys = list(definitions) if metrics is None else list(metrics)
    for key in keys:
        if key not in definitions:
            fix = nearest(key, definitions) or f"There are: {', '.join(definitions)}."
            raise DefinitionError(f"There is no metric `{key}`.", where="metric", fix=fix)
    return keys


@contextmanager
def _as_file(events: Events) -> Iterator[Path]:
    """Tables in memory go through a Parquet file, so that all events are read in one way."""
    if isinstance(events, str | Path):
        yield Path(events)
        return
    with tempfile.TemporaryDirectory(prefix="headway-") as folder:
        path = Path(folder) / "events.parquet"
        pq.write_table(_arrow(events), path)
        yield path


def _arrow(events: Any) -> pa.Table:
    if isinstance(events, pa.Table):
        return events
    if hasattr(events, "to_arrow"):
        return events.to_arrow()
    if hasattr(events, "iloc"):
        return pa.Table.from_pandas(events, preserve_index=False)
    raise InputError(
        f"Events cannot be read from a {type(events).__name__}.",
        where="events",
        fix="Give a path, or a table of pyarrow, pandas or polars.",
    )


def events_of(events: Events, now: datetime) -> tuple[pa.Table, list[Reject]]:
    """In the store's columns, each event once, and the rows that could not be read."""
    with _as_file(events) as path:
        batches = list(_batches(path, now))
    rejects = [r for b in batches for r in b.rejects]
    if not any(b.table.num_rows for b in batches):
        raise _nothing(str(events) if isinstance(events, str | Path) else "events", rejects)
    table = pa.concat_tables([b.table for b in batches], promote_options="permissive")
    return table.take(_first_of_each(table["message_id"])), rejects


def _batches(path: Path, now: datetime) -> Iterator[Batch]:
    """Here nothing can say which column is which, as it can where events are imported."""
    try:
        yield from read_events(path, now=now)
    except InputError as error:
        fix = "Rename it in the file." if "-column`" in error.fix else error.fix
        raise InputError(error.message, where=error.where, fix=fix) from None


def _nothing(where: str, rejects: list[Reject]) -> InputError:
    """No numbers, as 0 would be taken for one that was counted."""
    if not rejects:
        return InputError("It has no events.", where=where, fix="Give a row for each event.")
    first = rejects[0]
    message = f"None of its rows can be read; line {first.line}: {first.reason}"
    return InputError(message, where=where, fix="A row is one event; NDJSON has one on each line.")


def _first_of_each(ids: pa.ChunkedArray) -> pa.ChunkedArray:
    """The first row of each message_id: an event counts once."""
    rows = pa.table({"id": ids, "row": pa.array(range(len(ids)), pa.int64())})
    return rows.group_by("id").aggregate([("row", "min")])["row_min"]


def _first_day(table: pa.Table, calendar: Calendar, start: date) -> date:
    earliest = pc.min(table["happened_at"]).as_py() if table.num_rows else None
    return min(start, calendar.day_of(earliest)) if earliest else start


def _day(day: date | str) -> date:
    found = day if isinstance(day, date) else _read_day(day)
    if not EARLIEST <= found.year <= LATEST:
        fix = f"Give one from {EARLIEST} to {LATEST}."
        raise DefinitionError(f"The year is {found.year}.", where="range", fix=fix)
    return found


def _read_day(day: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise DefinitionError(
            f"`{day}` is not a day that exists.", where="range", fix="Write it as 2026-03-31."
        ) from None


def _grain(name: str) -> Grain:
    if name not in list(Grain):
        fix = nearest(name, Grain) or f"Use one of {', '.join(Grain)}."
        raise DefinitionError(f"`{name}` is not a grain.", where="grain", fix=fix)
    return Grain(name)
