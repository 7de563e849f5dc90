"""Events in tables of ClickHouse: of a server, or of chDB in this process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from importlib.util import find_spec
from threading import RLock
from typing import Protocol
from urllib.parse import urlsplit

import pyarrow as pa

from headway.engine.errors import StoreError
from headway.engine.identity import Claim
from headway.engine.sql.clickhouse import CLICKHOUSE, SETTINGS
from headway.stores.mapped import MappedTable
from headway.stores.relation import Kind, Wording
from headway.stores.warehouse import TIMEOUT, MappedStore, mapped_columns

READ_ONLY = {"readonly": "2", "max_query_size": str(64 << 20)}
"""Level 2 lets a query say how it wants to be read, and change nothing."""

KINDS: Mapping[str, Kind] = {
    "String": "text", "Bool": "flag", "DateTime": "instant", "DateTime64": "instant",
    "Date": "day", "Date32": "day", "Float32": "double", "Float64": "double", "Decimal": "double",
    "Decimal32": "double", "Decimal64": "double", "Decimal128": "double", "Decimal256": "double",
    "Int8": "int", "Int16": "int", "Int32": "int", "Int64": "int",
    "UInt8": "int", "UInt16": "int", "UInt32": "int", "UInt64": "int",
}  # fmt: skip
ARROW = {
    pa.int64(): "Int64", pa.float64(): "Float64", pa.bool_(): "Bool",
    pa.timestamp("us", "UTC"): "DateTime64(6, 'UTC')",
}  # fmt: skip


class Connection(Protocol):
    """Where statements go. Both methods raise StoreError."""

    def arrow(self, sql: str) -> pa.Table: ...

    def close(self) -> None: ...


def _print(columns: Sequence[str]) -> str:
    return f"toString(sum(cityHash64(tuple({', '.join(columns)}))))"


def _claims(found: Sequence[Claim]) -> str:
    lines = "".join(f"{_cell(c.id)}\t{c.after}\t{c.until}\t{_cell(c.person)}\n" for c in found)
    text = lines.replace("\\", r"\\").replace("'", r"\'")
    return (
        f"SELECT * FROM format(TSV, 'id String, after Int64, until Int64, person String', '{text}')"
    )


def _cell(text: str) -> str:
    for plain, written in (("\\", r"\\"), ("\t", r"\t"), ("\n", r"\n")):
        text = text.replace(plain, written)
    return text


WORDING = Wording(
    emitter=CLICKHOUSE,
    texts={
        "text": "{}",
        "int": "toString({})",
        "flag": "toString({})",
        "day": "toString({})",
        "other": "toString({})",
        "instant": "formatDateTime({}, '%Y-%m-%dT%H:%i:%SZ', 'UTC')",
    },
    name="{}",
    numbers={"int": "toInt64({})", "double": "toFloat64({})", "flag": "{}"},
    instants={"instant": "toDateTime64({}, 6, 'UTC')", "day": "toDateTime64({}, 6, 'UTC')"},
    nulls={
        "text": "CAST(NULL AS Nullable(String))",
        "int": "CAST(NULL AS Nullable(Int64))",
        "double": "CAST(NULL AS Nullable(Float64))",
        "flag": "CAST(NULL AS Nullable(Bool))",
        "instant": "CAST(NULL AS Nullable(DateTime64(6, 'UTC')))",
    },
    happened="{} IS NOT NULL",
    inlined="",
    print=_print,
    claims=_claims,
)


class ClickHouseStore(MappedStore):
    """Answers statistics over tables of ClickHouse 25 or later.

    `dsn`: `chdb:` is in memory of this process, `chdb:/folder` chDB's files there (one folder at a
    time in a process), anything else a server: `https://user:password@host:8443/database`.
    """

    wording = WORDING
    title = "ClickHouse"

    def __init__(
        self, dsn: str, tables: Sequence[MappedTable], *, timeout: timedelta = TIMEOUT
    ) -> None:
        super().__init__(tables, timeout)
        self.dsn = dsn
        self._opened: Connection | None = None
        self._lock = RLock()

    @classmethod
    def of_table(
        cls, table: pa.Table, dsn: str = "chdb:", *, timeout: timedelta = TIMEOUT
    ) -> ClickHouseStore:
        """A store over events in memory, in a temporary table of chDB."""
        store = cls(dsn, [mapped_columns(table, "given")], timeout=timeout)
        store._opened = _InProcess(dsn, store._settings, table)
        return store

    def columns_of(self, table: str) -> tuple[str, Mapping[str, tuple[str, Kind]]] | None:
        name = ".".join(self.wording.column(part) for part in table.split(".", 1))
        if self._fetch(f"EXISTS TABLE {name}") != [{"result": 1}] and self._fetch(
            f"EXISTS TEMPORARY TABLE {name}"
        ) != [{"result": 1}]:
            return None
        found = self._fetch(f"DESCRIBE TABLE {name}")
        return self._qualified(name), {r["name"]: (r["type"], _kind(r["type"])) for r in found}

    def is_unique(self, table: str, column: str) -> bool:
        """ClickHouse has no unique keys: all ids are counted."""
        name = self.wording.column(column)
        (row,) = self._fetch(f"SELECT count({name}) = uniqExact({name}) AS yes FROM {table}")
        return bool(row["yes"])

    def rows(self, sql: str) -> pa.Table:
        with self._lock:
            table = self._connection.arrow(sql)
        return table.cast(pa.schema([(f.name, _signed(f.type)) for f in table.schema]))

    def close(self) -> None:
        with self._lock:
            if self._opened is not None:
                self._opened.close()
            self._opened = None

    def _qualified(self, name: str) -> str:
        """With its database, so that a table called `events` is not taken for the relation."""
        (row,) = self._fetch("SELECT currentDatabase() AS name")
        temporary = self._fetch(f"EXISTS TEMPORARY TABLE {name}") if "." not in name else [{}]
        if "." in name or temporary == [{"result": 1}]:
            return name
        return f"{self.wording.column(row['name'])}.{name}"

    @property
    def _settings(self) -> dict[str, str]:
        seconds = max(1, int(self.timeout.total_seconds()))
        return SETTINGS | READ_ONLY | {"max_execution_time": str(seconds)}

    @property
    def _connection(self) -> Connection:
        if self._opened is None:
            opened = _InProcess if self.dsn.startswith("chdb:") else _Server
            self._opened = opened(self.dsn, self._settings)
        return self._opened


class _InProcess:
    """A session of chDB."""

    def __init__(
        self, dsn: str, settings: Mapping[str, str], given: pa.Table | None = None
    ) -> None:
        _need("chdb", dsn)
        from chdb.session import Session

        self.dsn = dsn
        with self._errors():
            self._session = Session(dsn.removeprefix("chdb:") or ":memory:")
            if given is not None:
                self._keep(given)
            for name, value in sorted(settings.items(), key=lambda s: s[0] == "readonly"):
                self._session.query(f"SET {name} = '{value}'")

    def arrow(self, sql: str) -> pa.Table:
        with self._errors():
            found = self._session.query(sql, "ArrowStream")
        return pa.ipc.open_stream(found.bytes()).read_all()

    def close(self) -> None:
        self._session.close()

    def _keep(self, table: pa.Table) -> None:
        table = pa.table([_sized(c) for c in table.columns], names=table.column_names)
        columns = ", ".join(
            f"{WORDING.column(f.name)} Nullable({ARROW.get(f.type, 'String')})"
            for f in table.schema
        )
        self._session.query(f"CREATE TEMPORARY TABLE given ({columns}) ENGINE = Memory")
        stream = pa.BufferOutputStream()
        with pa.ipc.new_stream(stream, table.schema) as writer:
            writer.write_table(table)
        with self._session.send_insert("INSERT INTO given", "ArrowStream") as insert:
            insert.append(stream.getvalue().to_pybytes())
            insert.finish()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (RuntimeError, ValueError) as error:
            raise _store_error(error, self.dsn) from error


class _Server:
    """A ClickHouse server, asked over HTTP."""

    def __init__(self, dsn: str, settings: Mapping[str, str]) -> None:
        _need("clickhouse_connect", _place(dsn))
        import clickhouse_connect

        self.dsn = dsn
        with self._errors():
            self._client = clickhouse_connect.get_client(dsn=dsn, settings=dict(settings))

    def arrow(self, sql: str) -> pa.Table:
        with self._errors():
            return self._client.query_arrow(sql)

    def close(self) -> None:
        self._client.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        from clickhouse_connect.driver.exceptions import ClickHouseError

        try:
            yield
        except ClickHouseError as error:
            raise _store_error(error, _place(self.dsn)) from error


def _need(module: str, where: str) -> None:
    if find_spec(module) is None:
        raise StoreError(
            "ClickHouse needs packages that are not installed.",
            where=where,
            fix="Run `pip install 'headway[clickhouse]'`.",
        )


FIXES = {
    "TIMEOUT_EXCEEDED": "Give the source a longer time-out, or order the table by its times.",
    "BAD_ARGUMENTS": "",
    "AUTHENTICATION_FAILED": "Check the user and the password.",
    "READONLY": "Give the user a settings profile with `readonly = 2`.",
}


def _store_error(error: Exception, where: str) -> StoreError:
    text = (str(error).strip().splitlines() or [type(error).__name__])[0]
    fix = next((fix for code, fix in FIXES.items() if code in str(error)), "")
    return StoreError(f"ClickHouse could not answer: {text}", where=where, fix=fix)


def _place(dsn: str) -> str:
    """Host and database, without the password."""
    parts = urlsplit(dsn)
    return f"{parts.hostname or ''}{parts.path}"


def _kind(type_: str) -> Kind:
    for around in ("LowCardinality(", "Nullable("):
        type_ = type_.removeprefix(around)
    return KINDS.get(type_.rstrip(")").partition("(")[0], "other")


def _signed(type_: pa.DataType) -> pa.DataType:
    return pa.int64() if pa.types.is_integer(type_) else type_


def _sized(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column if column.type in ARROW else column.cast(pa.string())
