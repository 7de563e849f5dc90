"""Tables of every sort of column as events, in PostgreSQL and ClickHouse."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest

from headway.engine.errors import StoreError
from headway.engine.kinds import parse
from headway.engine.measure import measure, scope_of
from headway.engine.period import Calendar, Grain
from headway.stores.clickhouse import ClickHouseStore
from headway.stores.mapped import MappedTable
from headway.stores.postgres import PostgresStore
from headway.stores.warehouse import MappedStore

Open = Callable[..., MappedStore]

POSTGRES = """
    DROP SCHEMA IF EXISTS shop CASCADE; CREATE SCHEMA shop;
    DROP TABLE IF EXISTS public.events;
    CREATE TABLE public.events (id INT PRIMARY KEY, at TIMESTAMPTZ, name VARCHAR(20));
    INSERT INTO public.events VALUES (1, '2026-01-05 10:00+00', 'seen'), (2, 'infinity', 'seen'),
        (3, NULL, 'seen');
    CREATE TABLE shop."Orders" (id INT, at TIMESTAMP, sent DATE, buyer BIGINT, price NUMERIC(10, 2),
        paid BOOLEAN, note TEXT, tags JSONB);
    INSERT INTO shop."Orders" VALUES
        (1, '2026-01-05 10:00', '2026-01-06', 70, 19.90, TRUE, '3', '["a"]'),
        (2, '2026-01-06 10:00', NULL, 71, 0.10, FALSE, NULL, NULL),
        (2, '2026-01-06 09:00', NULL, 71, 0.20, FALSE, NULL, NULL);
    CREATE TABLE shop.refunds (id INT PRIMARY KEY, at TIMESTAMPTZ, buyer TEXT, price INT,
        note INT);
    INSERT INTO shop.refunds VALUES (1, '2026-01-06 23:30-01', '70', 5, 3), (7, '2026-01-07', '', 2,
        4)"""
CLICKHOUSE = [
    "CREATE DATABASE IF NOT EXISTS shop",
    "CREATE OR REPLACE TABLE events (id Int32, at Nullable(DateTime('UTC')), name String)"
    " ENGINE = Memory",
    "INSERT INTO events VALUES (1, '2026-01-05 10:00:00', 'seen'), (3, NULL, 'seen')",
    "CREATE OR REPLACE TABLE shop.Orders (id UInt32, at DateTime64(3, 'Europe/Berlin'),"
    " sent Nullable(Date), buyer UInt64, price Decimal(10, 2), paid Bool,"
    " note LowCardinality(Nullable(String)), tags Array(String)) ENGINE = Memory",
    "INSERT INTO shop.Orders VALUES"
    " (1, '2026-01-05 11:00:00', '2026-01-06', 70, 19.90, true, '3', ['a']),"
    " (2, '2026-01-06 11:00:00', NULL, 71, 0.10, false, NULL, []),"
    " (2, '2026-01-06 10:00:00', NULL, 71, 0.20, false, NULL, [])",
    "CREATE OR REPLACE TABLE shop.refunds (id Int32, at DateTime('UTC'), buyer String, price Int32,"
    " note Int32) ENGINE = Memory",
    "INSERT INTO shop.refunds VALUES (1, '2026-01-07 00:30:00', '70', 5, 3),"
    " (7, '2026-01-07 00:00:00', '', 2, 4)",
]
SEEN = MappedTable("web", "events", at="at", id="id", event_column="name")
ORDERED = MappedTable(
    "shop", "shop.Orders", at="at", id="id", event="ordered", user="buyer",
    properties={"price": "price", "paid": "paid", "note": "note", "sent": "sent"},
)  # fmt: skip
SENT = MappedTable("shop", "shop.Orders", at="sent", id="id", event="sent", user="buyer")
REFUNDED = MappedTable(
    "shop", "shop.refunds", at="at", id="id", event="refunded", user="buyer",
    properties={"price": "price", "note": "note"},
)  # fmt: skip


@pytest.fixture(params=["postgres", "clickhouse"])
def opened(request: pytest.FixtureRequest) -> Iterator[Open]:
    found: list[MappedStore] = []

    def open_(*tables: MappedTable, timeout: timedelta = timedelta(minutes=1)) -> MappedStore:
        of = PostgresStore if request.param == "postgres" else ClickHouseStore
        found.append(of(address, tables, timeout=timeout))
        return found[-1]

    if request.param == "postgres":
        address = f"{request.getfixturevalue('cluster')}/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(POSTGRES.encode())
        yield open_
    else:
        from chdb.session import Session

        address = "chdb:"
        with Session(":memory:") as session:
            for statement in CLICKHOUSE:
                session.query(statement)
            yield open_
    for store in found:
        store.close()


def values(store: MappedStore, *documents: dict[str, Any]) -> list[float | None]:
    scope = scope_of(
        date(2026, 1, 1), date(2026, 2, 1), Grain.all, calendar=Calendar(),
        as_of=datetime(2027, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    definitions = [parse({"key": f"m{i}", **d}) for i, d in enumerate(documents)]
    answers = measure({d.key: d for d in definitions}, store, scope)
    return [p.value for answer in answers for p in answer.series.points]


def test_tables_are_one_stream_of_events(opened: Open) -> None:
    store = opened(SEEN, ORDERED, SENT, REFUNDED)
    assert store.problems() == []
    assert store.names == [("ordered", 2), ("refunded", 2), ("seen", 1), ("sent", 1)]
    assert values(
        store,
        {"kind": "sum", "event": ["ordered", "refunded"], "property": "price"},
        {"kind": "unique", "event": "any"},
        {"kind": "count", "event": "any", "source": "shop"},
        {"kind": "count", "event": "any", "where": {"paid": True}},
        {"kind": "count", "event": "any", "where": {"note": "3"}},
        {"kind": "count", "event": "any", "where": {"note": {"gte": 4}}},
        {"kind": "count", "event": "ordered", "where": {"sent": "2026-01-06"}},
    ) == [pytest.approx(27.10), 2, 5, 1, 2, 1, 1]


def test_where_the_events_lie(opened: Open) -> None:
    extent = opened(SEEN, REFUNDED).extent()
    assert (extent.first_at, extent.last_at, extent.rows) == (
        datetime(2026, 1, 5, 10, tzinfo=UTC), datetime(2026, 1, 7, 0, 30, tzinfo=UTC), 3,
    )  # fmt: skip


def test_each_day_has_its_print(opened: Open) -> None:
    prints = opened(ORDERED, REFUNDED).fingerprints()
    assert set(prints) == {date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 7)}
    assert prints == opened(ORDERED, REFUNDED).fingerprints()
    assert len(set(prints.values())) == 3


def test_a_query_writes_nothing(opened: Open) -> None:
    store = opened(SEEN)
    with pytest.raises(StoreError):
        store.rows("DROP TABLE events")
    assert store.extent().rows == 1


def test_a_table_that_is_called_like_the_relation(opened: Open) -> None:
    assert values(opened(SEEN), {"kind": "count", "event": "seen"}) == [1]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (MappedTable("x", "shop.nothing", at="at", id="id"), "no table `shop.nothing`"),
        (MappedTable("x", "shop.refunds", at="at", id="id", user="buyr"), "mean `buyer`"),
        (MappedTable("x", "shop.refunds", at="price", id="id"), "not a time"),
    ],
)
def test_what_is_wrong_is_said(table: MappedTable, said: str, opened: Open) -> None:
    store = opened(table)
    assert said in " ".join(store.problems())
    with pytest.raises(StoreError):
        store.extent()


def test_a_query_that_takes_too_long(opened: Open) -> None:
    store = opened(SEEN, timeout=timedelta(seconds=1))
    slow = (
        "SELECT pg_sleep(5)"
        if store.title == "PostgreSQL"
        else ("SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1")
    )
    with pytest.raises(StoreError, match="time-out"):
        store.rows(slow)


@pytest.mark.parametrize(
    ("package", "store", "extra"),
    [
        ("psycopg", PostgresStore("postgres://127.0.0.1/x", [SEEN]), "headway[postgres]"),
        ("chdb", ClickHouseStore("chdb:", [SEEN]), "headway[clickhouse]"),
        ("clickhouse_connect", ClickHouseStore("http://127.0.0.1", [SEEN]), "headway[clickhouse]"),
    ],
)
def test_a_package_that_is_not_there(
    package: str, store: MappedStore, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    (problem,) = store.problems()
    assert f"pip install '{extra}'" in problem


def test_a_server_that_does_not_answer() -> None:
    (problem,) = ClickHouseStore("http://me:secret@127.0.0.1:9/shop", [SEEN]).problems()
    assert "127.0.0.1/shop" in problem
    assert "secret" not in problem
