"""Events in tables of a PostgreSQL, read in read-only transactions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from importlib.util import find_spec
from threading import RLock
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from headway.engine.errors import StoreError
from headway.engine.identity import Claim
from headway.engine.sql.postgres import POSTGRES
from headway.engine.written import grouped
from headway.stores.mapped import MappedTable
from headway.stores.relation import Kind, Wording
from headway.stores.warehouse import TIMEOUT, MappedStore, mapped_columns

if TYPE_CHECKING:
    import psycopg

CONNECTED_WITHIN = 10
"""Seconds."""

SESSION = """
    SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = {}; SET LOCAL TimeZone = 'UTC';
    SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL extra_float_digits = 1"""

BYTEWISE = 'CAST({} AS TEXT) COLLATE "C"'
ISO = """TO_CHAR({}, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') COLLATE "C" """

COLUMNS = """
    SELECT r.oid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod),
        b.typname, b.typcategory
    FROM pg_class AS r
    JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type AS t ON t.oid = a.atttypid
    JOIN pg_type AS b ON b.oid = COALESCE(NULLIF(t.typbasetype, 0), t.oid)
    WHERE r.oid = COALESCE({}) AND has_table_privilege(r.oid, 'SELECT')
    ORDER BY a.attnum"""

UNIQUE = """
    SELECT COUNT(*) FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid
    WHERE i.indrelid = {}::regclass AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
        AND i.indnkeyatts = 1 AND a.attnum = i.indkey[0] AND a.attname = {}"""

KINDS: Mapping[str, Kind] = {
    "int2": "int", "int4": "int", "int8": "int", "oid": "int", "money": "other",
    "timestamptz": "instant", "timestamp": "clock", "date": "day",
}  # fmt: skip
CATEGORIES: Mapping[str, Kind] = {"N": "double", "B": "flag", "S": "text"}

SQL_TYPES = {
    pa.int64(): "BIGINT", pa.float64(): "DOUBLE PRECISION", pa.bool_(): "BOOLEAN",
    pa.timestamp("us", "UTC"): "TIMESTAMPTZ",
}  # fmt: skip
ARROW_TYPES = {
    16: pa.bool_(), 20: pa.int64(), 21: pa.int64(), 23: pa.int64(), 700: pa.float64(),
    701: pa.float64(), 1700: pa.float64(), 1082: pa.date32(), 1184: pa.timestamp("us", "UTC"),
}  # fmt: skip
"""By object id of the type; all others are texts."""


def _print(columns: Sequence[str]) -> str:
    row = f"CAST(ROW({', '.join(columns)}) AS TEXT)"
    return f"CAST(SUM(CAST(hashtextextended({row}, 0) AS NUMERIC)) AS TEXT)"


def _claims(found: Sequence[Claim]) -> str:
    rows = [{c: getattr(x, c) for c in ("id", "after", "until", "person")} for x in found]
    text = json.dumps(rows, ensure_ascii=False).replace("'", "''")
    return f"""SELECT * FROM json_to_recordset('{text}')
        AS c (id TEXT, after BIGINT, until BIGINT, person TEXT)"""


WORDING = Wording(
    emitter=POSTGRES,
    texts={
        "text": BYTEWISE,
        "int": BYTEWISE,
        "flag": BYTEWISE,
        "day": BYTEWISE,
        "other": BYTEWISE,
        "clock": ISO,
        "instant": ISO.format("{} AT TIME ZONE 'UTC'"),
    },
    name="CAST({} AS TEXT)",
    numbers={
        "int": "CAST({} AS BIGINT)",
        "double": "CAST({} AS DOUBLE PRECISION)",
        "flag": "{}",
    },
    instants={
        "instant": "{}",
        "clock": "({} AT TIME ZONE 'UTC')",
        "day": "(CAST({} AS TIMESTAMP) AT TIME ZONE 'UTC')",
    },
    nulls={
        "text": "CAST(NULL AS TEXT)",
        "int": "CAST(NULL AS BIGINT)",
        "double": "CAST(NULL AS DOUBLE PRECISION)",
        "flag": "CAST(NULL AS BOOLEAN)",
        "instant": "CAST(NULL AS TIMESTAMPTZ)",
    },
    happened="ISFINITE({})",
    inlined="NOT MATERIALIZED ",
    print=_print,
    claims=_claims,
)


class PostgresStore(MappedStore):
    """Answers statistics over tables of a PostgreSQL 15 or later."""

    wording = WORDING
    title = "PostgreSQL"

    def __init__(
        self, dsn: str, tables: Sequence[MappedTable], *, timeout: timedelta = TIMEOUT
    ) -> None:
        super().__init__(tables, timeout)
        self.dsn = dsn
        self._opened: psycopg.Connection[Any] | None = None
        self._lock = RLock()

    @classmethod
    def of_table(cls, table: pa.Table, dsn: str, *, timeout: timedelta = TIMEOUT) -> PostgresStore:
        """A store over events in memory, kept in a temporary table."""
        store = cls(dsn, [mapped_columns(table, "pg_temp.given")], timeout=timeout)
        with store._errors():
            _keep(store._connection, table)
        return store

    def columns_of(self, table: str) -> tuple[str, Mapping[str, tuple[str, Kind]]] | None:
        """The name may be written as in SQL, or with capitals as they are."""
        quoted = ".".join(self.wording.column(part) for part in table.split("."))
        written = [f"to_regclass({self.wording.literal(name)})" for name in (quoted, table)]
        found = self._tuples(COLUMNS.format(", ".join(written)))
        if not found:
            return None
        return found[0][0], {r[1]: (r[2], _kind(r[3], r[4])) for r in found}

    def is_unique(self, table: str, column: str) -> bool:
        """A unique index says so at once; otherwise all ids are counted."""
        name = self.wording.column(column)
        literals = map(self.wording.literal, (table, column))
        indexed = self._tuples(UNIQUE.format(*literals))
        if indexed[0][0]:
            return True
        counted = self._tuples(f"SELECT COUNT({name}) = COUNT(DISTINCT {name}) FROM {table}")
        return bool(counted[0][0])

    def rows(self, sql: str) -> pa.Table:
        with self._answered(sql) as cursor:
            described = cursor.description or []
            columns = list(zip(*cursor.fetchall(), strict=True)) or [()] * len(described)
        types = [ARROW_TYPES.get(column.type_code, pa.string()) for column in described]
        arrays = [pa.array(_plain(v, t), t) for v, t in zip(columns, types, strict=True)]
        return pa.table(arrays, names=[column.name for column in described])

    def close(self) -> None:
        with self._lock:
            if self._opened is not None:
                self._opened.close()
            self._opened = None

    def _tuples(self, sql: str) -> list[tuple[Any, ...]]:
        with self._answered(sql) as cursor:
            return cursor.fetchall()

    @contextmanager
    def _answered(self, sql: str) -> Iterator[psycopg.Cursor[Any]]:
        """In a transaction of its own, so that what a query sets does not last."""
        limit = int(self.timeout.total_seconds() * 1000)
        with self._lock, self._errors(), self._connection.transaction():
            self._connection.execute(SESSION.format(limit).encode())
            cursor = self._connection.cursor(binary=True)
            yield cursor.execute(sql.encode())

    @property
    def _connection(self) -> psycopg.Connection[Any]:
        if self._opened is None or self._opened.closed:
            self._opened = _connected(self.dsn)
        return self._opened

    @contextmanager
    def _errors(self) -> Iterator[None]:
        _need_psycopg()
        import psycopg

        try:
            yield
        except psycopg.errors.QueryCanceled as error:
            seconds = self.timeout.total_seconds()
            raise StoreError(
                f"PostgreSQL did not answer within {grouped(seconds)} s.",
                where=_place(self.dsn),
                fix="Give the source a longer time-out, or the table an index on its times.",
            ) from error
        except psycopg.Error as error:
            raise StoreError(
                f"PostgreSQL could not answer: {_first_line(error)}", where=_place(self.dsn)
            ) from error


def _need_psycopg() -> None:
    if find_spec("psycopg") is None:
        raise StoreError(
            "PostgreSQL needs a package that is not installed.",
            fix="Run `pip install 'headway[postgres]'`.",
        )


def _connected(dsn: str) -> psycopg.Connection[Any]:
    import psycopg

    _refuse_garbled(dsn)
    try:
        return psycopg.connect(
            dsn, autocommit=True, connect_timeout=CONNECTED_WITHIN, application_name="headway"
        )
    except psycopg.Error as error:
        raise StoreError(
            f"PostgreSQL cannot be reached: {_first_line(error)}",
            where=_place(dsn),
            fix="Check the address, the name of the database, the user and the password.",
        ) from error


def _refuse_garbled(dsn: str) -> None:
    """What is wrong with it is not told: the complaint would quote it, password and all."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        conninfo_to_dict(dsn)
    except ProgrammingError:
        raise StoreError(
            "The address of the database is not one that PostgreSQL understands.",
            fix="Write postgres://user:password@host/database, with %XX for special characters.",
        ) from None


def _place(dsn: str) -> str:
    """Host and database, without the password."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts = conninfo_to_dict(dsn)
    except ProgrammingError:
        return "PostgreSQL"
    return f"{parts.get('host', 'localhost')}/{parts.get('dbname', '')}"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".") + "."


def _kind(name: str, category: str) -> Kind:
    return KINDS.get(name) or CATEGORIES.get(category, "other")


def _plain(values: Sequence[Any], type_: pa.DataType) -> Sequence[Any]:
    """PostgreSQL's exact numbers as floating ones."""
    if type_ == pa.float64():
        return [None if v is None else float(v) for v in values]
    if type_ == pa.string():
        return [v if v is None or isinstance(v, str) else str(v) for v in values]
    return values


def _keep(connection: psycopg.Connection[Any], table: pa.Table) -> None:
    from psycopg import sql

    names = [sql.Identifier(name).as_string() for name in table.column_names]
    types = [SQL_TYPES.get(field.type, "TEXT") for field in table.schema]
    columns = ", ".join(f"{n} {t}" for n, t in zip(names, types, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE given ({columns})".encode())
        with cursor.copy(b"COPY given FROM STDIN") as copy:
            for batch in table.to_batches(max_chunksize=20_000):
                for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    copy.write_row(row)
        cursor.execute(b"ANALYZE given")
