"""The stores that must give the same numbers: a new one is one line of ENGINES."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import pyarrow as pa

from headway.engine.store import Store
from headway.stores.clickhouse import ClickHouseStore
from headway.stores.local import LocalStore, write_parts
from headway.stores.ordered.build import COLUMNS
from headway.stores.postgres import PostgresStore
from headway.stores.spark import SparkStore


@dataclass(frozen=True)
class Engine:
    """`open` makes a store of events in memory, at the address that the fixture `at` gives."""

    open: Callable[[pa.Table, str], Store]
    at: str = ""
    slow: bool = False


SMALL = {
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
"""Lets Spark answer about a handful of rows without writing and compiling a program first."""


def each_once(table: pa.Table) -> pa.Table:
    """The first to happen of every message_id, as imports keep it."""
    rows = table.append_column("row", pa.array(range(table.num_rows), pa.int64()))
    rows = rows.sort_by([("happened_at", "ascending"), ("row", "ascending")])
    first = rows.group_by("message_id", use_threads=False).aggregate([("row", "first")])
    return table.take(first["row_first"])


class OrderedStore(LocalStore):
    """The local store with its events in order beside the parts, in a folder of its own."""

    @classmethod
    def of_table(cls, table: pa.Table) -> OrderedStore:
        """In two ledgers, the second of which holds what came last."""
        root, parts, cut = Path(mkdtemp(prefix="ordered-")), [], table.num_rows * 4 // 5
        for piece in (table[:cut], table[cut:]):
            parts += write_parts(root, piece, "events", parts).parts if piece.num_rows else []
            store = cls(root, parts, ordered_from=0)
            for by in COLUMNS:
                store._shelf.runs(by)
        return store

    def close(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)


ENGINES = {
    "ordered": Engine(lambda table, _: OrderedStore.of_table(each_once(table))),
    "duckdb": Engine(lambda table, _: LocalStore.of_table(each_once(table))),
    "postgres": Engine(PostgresStore.of_table, at="database"),
    "clickhouse": Engine(lambda table, _: ClickHouseStore.of_table(table)),
    "spark": Engine(lambda table, _: SparkStore.of_table(table, settings=SMALL), slow=True),
}
