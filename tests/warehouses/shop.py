"""The table of a shop in somebody else's database, and the same events as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq

COLUMNS = ("number", "name", "created", "customer", "amount", "plan", "before")
MAPPED = {
    "event_column": "name",
    "id": "number",
    "at": "created",
    "user": "customer",
    "properties": {"amount": "amount", "plan": "plan", "previous_id": "before"},
}


@dataclass(frozen=True)
class Order:
    number: int
    name: str
    created: datetime
    customer: str | None = None
    amount: float | None = None
    plan: str | None = None
    before: str | None = None

    @property
    def values(self) -> tuple[object, ...]:
        return tuple(getattr(self, f.name) for f in fields(self))


class Shop(Protocol):
    """`kind` and `table` are those of a source."""

    @property
    def kind(self) -> str: ...

    @property
    def table(self) -> str: ...

    def add(self, orders: Iterable[Order]) -> None: ...


class Database(Shop, Protocol):
    def run(self, sql: str) -> None: ...


@dataclass
class PostgresShop:
    dsn: str
    kind: str = "postgres"
    table: str = "shop.orders"

    def open(self) -> None:
        self.run("""
            CREATE SCHEMA shop;
            CREATE TABLE shop.orders (
                number bigint PRIMARY KEY, name text NOT NULL, created timestamptz NOT NULL,
                customer text, amount double precision, plan text, before text
            )""")

    def run(self, sql: str) -> None:
        import psycopg

        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(sql.encode())

    def add(self, orders: Iterable[Order]) -> None:
        import psycopg

        marks = ", ".join(["%s"] * len(COLUMNS))
        with psycopg.connect(self.dsn) as connection, connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO shop.orders VALUES ({marks})".encode(), [o.values for o in orders]
            )


@dataclass
class ClickHouseShop:
    """A folder of chDB, which is in one process and one session at a time."""

    dsn: str
    kind: str = "clickhouse"
    table: str = "shop.orders"

    def open(self) -> None:
        self.run("CREATE DATABASE shop")
        self.run("""
            CREATE TABLE shop.orders (
                number Int64, name String, created DateTime64(6, 'UTC'),
                customer Nullable(String), amount Nullable(Float64), plan Nullable(String),
                before Nullable(String)
            ) ENGINE = MergeTree ORDER BY created""")

    def run(self, sql: str) -> None:
        from chdb.session import Session

        session = Session(self.dsn.removeprefix("chdb:"))
        try:
            session.query(sql)
        finally:
            session.close()

    def add(self, orders: Iterable[Order]) -> None:
        rows = ", ".join(f"({', '.join(map(_literal, order.values))})" for order in orders)
        self.run(f"INSERT INTO shop.orders VALUES {rows}")


@dataclass
class SparkShop:
    """A folder of Parquet files, one for each batch of orders."""

    folder: Path
    kind: str = "spark"

    @property
    def table(self) -> str:
        return f"parquet:{self.folder}"

    def add(self, orders: Iterable[Order]) -> None:
        columns = zip(*(order.values for order in orders), strict=True)
        types = (pa.int64(), pa.string(), pa.timestamp("us", "UTC"), pa.string(), pa.float64())
        arrays = [
            pa.array(column, type_)
            for column, type_ in zip(columns, (*types, pa.string(), pa.string()), strict=True)
        ]
        self.folder.mkdir(exist_ok=True)
        path = self.folder / f"{len(list(self.folder.iterdir()))}.parquet"
        pq.write_table(pa.table(arrays, names=list(COLUMNS)), path)


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, datetime):
        return f"'{value:%Y-%m-%d %H:%M:%S}'"
    return repr(value) if isinstance(value, int | float) else f"'{value}'"


def written(orders: Sequence[Order], path: Path) -> Path:
    """A file with the names that an import knows."""
    names = ("message_id", "event", "happened_at", "user_id", "amount", "plan", "previous_id")
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(names)
        rows.writerows(["" if v is None else v for v in _plain(order)] for order in orders)
    return path


def _plain(order: Order) -> Iterable[object]:
    return (v.isoformat() if isinstance(v, datetime) else v for v in order.values)


def on(day: str, hour: int = 10) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)
