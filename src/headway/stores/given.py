"""A store over events in memory, on the engine of one's choice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pyarrow as pa

from headway.engine.errors import StoreError, nearest
from headway.engine.store import Store
from headway.stores.local import LocalStore


@contextmanager
def given(table: pa.Table, engine: str, address: str = "") -> Iterator[Store]:
    """Events in the store's columns, each once, loaded into the engine for as long as it is used.

    `address` is a PostgreSQL's, `chdb:/folder`, or a Spark master; PostgreSQL has no default.
    Raises StoreError.
    """
    if engine not in ENGINES:
        fix = nearest(engine, ENGINES) or f"Use one of {', '.join(ENGINES)}."
        raise StoreError(f"`{engine}` is not a store.", where="store", fix=fix)
    store, close = ENGINES[engine](table, address)
    try:
        yield store
    finally:
        close()


Opened = tuple[Store, Callable[[], None]]


def _local(table: pa.Table, _: str) -> Opened:
    return LocalStore.of_table(table), lambda: None


def _postgres(table: pa.Table, address: str) -> Opened:
    from headway.stores.postgres import PostgresStore

    if not address:
        raise StoreError(
            "It is not known which PostgreSQL is meant.",
            where="store",
            fix="Give --store-address postgres://user:password@host/database, "
            "or set HEADWAY_STORE_ADDRESS.",
        )
    store = PostgresStore.of_table(table, address)
    return store, store.close


def _clickhouse(table: pa.Table, address: str) -> Opened:
    from headway.stores.clickhouse import ClickHouseStore

    store = ClickHouseStore.of_table(table, address or "chdb:")
    return store, store.close


def _spark(table: pa.Table, address: str) -> Opened:
    from headway.stores.spark import LOCAL, SparkStore

    store = SparkStore.of_table(table, address or LOCAL)
    return store, store.close


ENGINES: Mapping[str, Callable[[pa.Table, str], Opened]] = {
    "local": _local,
    "postgres": _postgres,
    "clickhouse": _clickhouse,
    "spark": _spark,
}
