"""The local store: Parquet parts read by an in-memory DuckDB, which locks nothing on disk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from functools import cached_property
from pathlib import Path
from threading import Event, Timer
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from headway.engine.errors import StoreError
from headway.engine.event import ALIAS, COLUMNS, IDENTIFY, MARKERS, PROPERTY
from headway.engine.identity import Claim, Link, claims
from headway.engine.sql.duckdb import DUCKDB
from headway.engine.sql.text import literal
from headway.engine.statistics import Custom, Statistic
from headway.stores.columns import one_spelling
from headway.stores.memory import Memory
from headway.stores.parts import PartFile, Written, write_parts
from headway.stores.soundness import fault

if TYPE_CHECKING:
    from headway.stores.ordered.shelf import Shelf

__all__ = ["LocalStore", "PartFile", "Written", "write_parts"]

NO_TRAITS = {"n", "previous_id"}

ORDERED_FROM = 1_000_000
"""Fewer events are read as quickly where they are."""

SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "preserve_insertion_order": False,
}


class LocalStore:
    """Answers statistics over parts, or over one table in memory."""

    def __init__(
        self,
        root: Path,
        parts: Sequence[PartFile],
        ordered_from: int = ORDERED_FROM,
        *,
        memory: Memory | None = None,
        joined: bool = True,
    ) -> None:
        """From so many events on, they are kept in order of their subjects beside the parts.

        Not `joined`, everybody is who the event says, whoever that turned out to be.
        """
        _check_files(root, parts)
        self.root = root
        self.is_ordered = bool(parts) and sum(p.rows for p in parts) >= ordered_from
        self._memory = memory or Memory()
        self._table: pa.Table | None = None
        self.parts = tuple(parts)
        self._running: set[duckdb.DuckDBPyConnection] = set()
        self._given = frozenset(name for part in parts for name in part.columns)
        self._links = any(p.has_links for p in parts)
        self._joined = joined

    @classmethod
    def of_table(cls, table: pa.Table) -> LocalStore:
        """A store over events in memory, in the store's columns, each message_id once."""
        store, table = cls(Path(), ()), one_spelling(table)
        store._table, store._given, store._links = table, frozenset(table.column_names), True
        return store

    @property
    def columns(self) -> frozenset[str]:
        return self._given | set(COLUMNS)

    @cached_property
    def _database(self) -> tuple[duckdb.DuckDBPyConnection, tuple[Claim, ...]]:
        """Opened for the first SQL: every part's columns are read for it. And whose ids were."""
        base = duckdb.connect(config=SETTINGS | self._memory.settings())
        base.execute("SET TimeZone = 'UTC'")
        rows = _union(self.root, self.parts)
        if self._table is not None:
            rows = "SELECT *, '' AS source FROM given"
            _keep(base, "given", self._table)
        with _errors():
            base.execute(f"CREATE VIEW raw AS {_completed(rows, self._given)}")
            linked = self._joined and self._links and PROPERTY + "previous_id" in self._given
            claimed = _claims(base) if linked else ()
            base.execute(f"CREATE VIEW events AS {_people(base, claimed)}")
        _lock(base, [str(self.root)] if self.parts else [])
        return base, claimed

    def run(self, statistic: Statistic) -> pa.Table:
        quick = self._shelf.answer(statistic) if self.is_ordered else None
        return self._query(statistic) if quick is None else quick

    def _query(self, statistic: Statistic) -> pa.Table:
        seconds = statistic.seconds if isinstance(statistic, Custom) else None
        return self._rows(self.sql(statistic), seconds)

    def sql(self, statistic: Statistic) -> str:
        return DUCKDB.compile(statistic, self.columns, traits=self.traits)

    def dialect(self, statistic: Statistic) -> str:
        return "DuckDB"

    def apart(self) -> LocalStore:
        """The same store for one who asks, so that `stop` ends only what that one has asked."""
        self._database  # noqa: B018 - both have the same
        found = copy(self)
        found._running = set()
        return found

    def stop(self) -> None:
        for cursor in tuple(self._running):
            cursor.interrupt()

    @cached_property
    def names(self) -> list[tuple[str, int]]:
        """Event names with their number of events, most frequent first."""
        found = self._fetch(
            "SELECT event, COUNT(*) AS n FROM events GROUP BY event ORDER BY n DESC, event"
        )
        return [(row["event"], row["n"]) for row in found if row["event"] not in MARKERS]

    @cached_property
    def traits(self) -> frozenset[str]:
        """The properties that events which say who somebody is carry."""
        if not self._links:
            return frozenset()
        (counts,) = self._fetch(DUCKDB.carried(self.columns))
        return frozenset(c.removeprefix(PROPERTY) for c, n in counts.items() if n) - NO_TRAITS

    @cached_property
    def _shelf(self) -> Shelf:
        from headway.stores.ordered.shelf import Shelf  # compiled code takes a second to load

        claimed = self._database[1] if self._links else ()
        return Shelf(self.root, self.parts, self._type_of, self.traits, claimed, self._memory)

    def _type_of(self, column: str) -> str | None:
        """What the column of all parts together is in SQL; None where it is the same in each."""
        kinds = {part.columns[column] for part in self.parts if column in part.columns}
        return self._types[column] if len(kinds) > 1 else None

    @cached_property
    def _types(self) -> dict[str, str]:
        columns = self._rows("DESCRIBE raw").to_pylist()
        return {row["column_name"]: row["column_type"] for row in columns}

    @property
    def properties(self) -> list[str]:
        return sorted(c.removeprefix(PROPERTY) for c in self.columns if c.startswith(PROPERTY))

    def _fetch(self, sql: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._rows(sql).to_pylist()
        return rows

    def _rows(self, sql: str, seconds: float | None = None) -> pa.Table:
        cursor = self._database[0].cursor()
        self._running.add(cursor)
        try:
            with _errors(), _within(seconds, cursor):
                return cursor.sql(sql).to_arrow_table()
        finally:
            self._running.discard(cursor)


def _keep(base: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """A table of the database itself: what is only registered, cursors do not see."""
    base.register("arrow", table)
    base.execute(f"CREATE TABLE {name} AS FROM arrow")
    base.unregister("arrow")


def _claims(base: duckdb.DuckDBPyConnection) -> tuple[Claim, ...]:
    rows = base.sql(
        f"""SELECT epoch_us(happened_at), CAST("{PROPERTY}previous_id" AS VARCHAR), user_id,
            event = {literal(ALIAS)} FROM raw
        WHERE event IN ({literal(ALIAS)}, {literal(IDENTIFY)})
            AND "{PROPERTY}previous_id" IS NOT NULL AND user_id IS NOT NULL"""
    ).fetchall()
    return tuple(claims(Link(*row) for row in rows))


def _people(base: duckdb.DuckDBPyConnection, claimed: Sequence[Claim]) -> str:
    """The raw events with each id resolved to its person."""
    if not claimed:
        return "SELECT * FROM raw"
    columns = ("id", "after", "until", "person")
    _keep(base, "claims", pa.table({c: [getattr(x, c) for x in claimed] for c in columns}))
    return """SELECT r.* REPLACE (COALESCE(c.person, r.user_id) AS user_id) FROM raw AS r
        LEFT JOIN claims AS c ON r.user_id = c.id
            AND epoch_us(r.happened_at) > c.after AND epoch_us(r.happened_at) <= c.until"""


def _lock(base: duckdb.DuckDBPyConnection, folders: Sequence[str]) -> None:
    """From here on nothing is read but the parts, and no setting changes."""
    base.execute(f"SET allowed_directories = [{', '.join(map(literal, folders))}]")
    for setting in ("enable_external_access", "python_enable_replacements"):
        base.execute(f"SET {setting} = false")
    base.execute("SET lock_configuration = true")


@contextmanager
def _within(seconds: float | None, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Stops what the cursor does after so many seconds."""
    over = Event()

    def stop() -> None:
        over.set()
        cursor.interrupt()

    timer = Timer(seconds or 0, stop)
    timer.daemon = True
    if seconds is not None:
        timer.start()
    try:
        yield
    except duckdb.InterruptException as error:
        if over.is_set():
            raise StoreError(f"The query takes longer than {seconds:g} seconds.") from error
        raise
    finally:
        timer.cancel()


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise StoreError(
            f"The event store could not answer: {str(error).partition(chr(10))[0]}",
            fix="If one of its files is damaged, restore that file from a backup.",
        ) from error


def _check_files(root: Path, parts: Sequence[PartFile]) -> None:
    """A file that is not as it was written is not served: nobody would see what it lacks."""
    wrong = [(part, found) for part in parts if (found := fault(root, part))]
    if wrong:
        part, found = wrong[0]
        more = f"; {len(wrong) - 1} more are damaged" if len(wrong) > 1 else ""
        raise StoreError(
            f"{part.path} of the event store in {root} {found}{more}.",
            fix="Restore the folder from a backup, or set HEADWAY_DATA to where it is now; "
            "`headway store check` lists what is damaged.",
        )


def _union(root: Path, parts: Sequence[PartFile]) -> str:
    """All parts' rows with their source; a column that a part lacks is NULL there."""
    files: dict[str, list[str]] = defaultdict(list)
    for part in parts:
        files[part.source].append(literal(str(root / part.path)))
    if not files:
        return _nothing()
    return " UNION ALL BY NAME ".join(
        f"SELECT *, {literal(source)} AS source "
        f"FROM read_parquet([{', '.join(paths)}], union_by_name = true)"
        for source, paths in sorted(files.items())
    )


def _completed(rows: str, columns: frozenset[str]) -> str:
    """Adds the store's own columns that the files lack."""
    missing = [c for c in COLUMNS if columns and c not in columns]
    if not missing:
        return rows
    nulls = ", ".join(f"NULL::{_type(c)} AS {c}" for c in missing)
    return f"SELECT *, {nulls} FROM ({rows})"


def _nothing() -> str:
    columns = ", ".join(f"NULL::{_type(c)} AS {c}" for c in (*COLUMNS, "source"))
    return f"SELECT {columns} WHERE FALSE"


def _type(column: str) -> str:
    return "TIMESTAMPTZ" if column.endswith("_at") else "VARCHAR"
