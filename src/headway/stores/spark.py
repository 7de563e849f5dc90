"""Events in Apache Spark's tables, or in files that its workers reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from threading import Event as Signal
from threading import RLock, Thread
from typing import TYPE_CHECKING, cast
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc

from headway.engine.errors import StoreError
from headway.engine.event import MARKERS
from headway.engine.identity import Claim
from headway.engine.sql.spark import SPARK
from headway.engine.statistics import Statistic
from headway.stores.mapped import MappedTable
from headway.stores.relation import Kind, Wording
from headway.stores.sparksession import close_session, open_session, reason
from headway.stores.warehouse import TIMEOUT, MappedStore, mapped_columns

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

Path = tuple[str, ...]

LOCAL = "local[2]"
CANCELLED_EVERY = 0.5
"""Seconds between two attempts to end a statement that takes too long."""

FORMATS: Mapping[str, Mapping[str, str]] = {
    "parquet": {"mergeSchema": "true"},
    "orc": {"mergeSchema": "true"},
    "delta": {},
}
"""Files that are read where they are, with how: `parquet:/folder`."""

KINDS: Mapping[str, Kind] = {
    "string": "text", "char": "text", "varchar": "text", "boolean": "flag",
    "tinyint": "int", "smallint": "int", "int": "int", "bigint": "int",
    "float": "double", "double": "double", "decimal": "double",
    "timestamp": "instant", "timestamp_ntz": "clock", "date": "day",
}  # fmt: skip
ISO = "DATE_FORMAT({}, \"yyyy-MM-dd'T'HH:mm:ss'Z'\")"


def _print(columns: Sequence[str]) -> str:
    """Spark's hash leaves out what is NULL, so that is hashed too."""
    hashed = ", ".join(f"{c}, {c} IS NULL" for c in columns)
    return f"CAST(SUM(CAST(XXHASH64({hashed}) AS DECIMAL(20, 0))) AS STRING)"


def _claims(_: Sequence[Claim]) -> str:
    """They stand in a view: as a part of the query, Spark would take long to read them."""
    return "SELECT * FROM headway_claims"


WORDING = Wording(
    emitter=SPARK,
    texts={
        "text": "CAST({} AS STRING)",
        "int": "CAST({} AS STRING)",
        "flag": "CAST({} AS STRING)",
        "day": "CAST({} AS STRING)",
        "other": "CAST({} AS STRING)",
        "clock": ISO,
        "instant": ISO,
    },
    name="CAST({} AS STRING)",
    numbers={"int": "CAST({} AS BIGINT)", "double": "CAST({} AS DOUBLE)", "flag": "{}"},
    instants={
        "instant": "{}",
        "clock": "CAST({} AS TIMESTAMP)",
        "day": "CAST({} AS TIMESTAMP)",
    },
    nulls={
        "text": "CAST(NULL AS STRING)",
        "int": "CAST(NULL AS BIGINT)",
        "double": "CAST(NULL AS DOUBLE)",
        "flag": "CAST(NULL AS BOOLEAN)",
        "instant": "CAST(NULL AS TIMESTAMP)",
    },
    happened="{} IS NOT NULL",
    inlined="",
    print=_print,
    claims=_claims,
)


class SparkStore(MappedStore):
    """Answers statistics over tables of Spark 4: of a cluster, or of `local[2]`, this machine.

    A table is a name in Spark's catalogue, or files as `parquet:/folder`, seen as they were when
    they were first asked for. `settings` are Spark's own, such as spark.executor.memory.
    """

    wording = WORDING
    title = "Spark"

    def __init__(
        self,
        master: str,
        tables: Sequence[MappedTable],
        *,
        timeout: timedelta = TIMEOUT,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(tables, timeout)
        self.master = master
        self.settings = dict(settings or {})
        self._given: pa.Table | None = None
        self._opened: SparkSession | None = None
        self._known: dict[str, tuple[str, Mapping[str, tuple[str, Kind]]] | None] = {}
        self._lock = RLock()

    @classmethod
    def of_table(
        cls,
        table: pa.Table,
        master: str = LOCAL,
        *,
        timeout: timedelta = TIMEOUT,
        settings: Mapping[str, str] | None = None,
    ) -> SparkStore:
        """A store over events in memory; each message_id once."""
        given = mapped_columns(table, "given")
        store = cls(master, [given], timeout=timeout, settings=settings)
        store._given = table
        return store

    def columns_of(self, table: str) -> tuple[str, Mapping[str, tuple[str, Kind]]] | None:
        """Each table gets a view of its name, with the fields of structs as dotted columns."""
        with self._lock:
            if table not in self._known:
                self._known[table] = self._columns_of(table)
            return self._known[table]

    def is_unique(self, table: str, column: str) -> bool:
        """Spark has no unique keys: all ids are counted."""
        if self._given is not None:
            ids = self._given["message_id"]
            return len(pc.unique(ids)) == len(ids)
        name = self.wording.column(column)
        counted = self.rows(f"SELECT COUNT({name}) = COUNT(DISTINCT {name}) AS yes FROM {table}")
        return bool(counted["yes"][0].as_py())

    @cached_property
    def traits(self) -> frozenset[str]:
        return super().traits if self._may_mark else frozenset()

    def run(self, statistic: Statistic) -> pa.Table:
        """Over a view, so that Spark checks the mapping once and not for each question."""
        with self._lock:
            _ = self._view
        return self.rows(self._compiled(statistic))

    def rows(self, sql: str) -> pa.Table:
        with self._limited() as session:
            return session.sql(sql).toArrow()

    def close(self) -> None:
        """A later question connects again."""
        with self._lock:
            if self._opened is not None:
                close_session(self._opened)
            self._opened = None
            self._known.clear()
            for name in ("_relation", "_claims", "_view", "names", "traits"):
                self.__dict__.pop(name, None)

    @property
    def _may_mark(self) -> bool:
        """Whether there can be events that say who somebody is; looking for them takes a scan."""
        if self._given is not None:
            return bool(pc.any(pc.is_in(self._given["event"], pa.array(MARKERS))).as_py())
        return any(t.event_column or t.event in MARKERS for t in self.tables)

    @property
    def _session(self) -> SparkSession:
        with self._lock:
            if self._opened is None:
                self._opened = open_session(self.master, self.settings)
                if self._given is not None:
                    frame = self._opened.createDataFrame(_plain(self._given))
                    frame.createOrReplaceTempView("given")
            return self._opened

    def _columns_of(self, table: str) -> tuple[str, Mapping[str, tuple[str, Kind]]] | None:
        with self._limited() as session:
            frame = _frame(session, table)
            if frame is None:
                return None
            columns = {".".join(path): (path, type_) for path, type_ in _leaves(frame.schema)}
            name = self.wording.column(table)
            frame.selectExpr(
                *(
                    f"{self._dotted(path)} AS {self.wording.column(c)}"
                    for c, (path, _) in columns.items()
                )
            ).createOrReplaceTempView(name)
        return name, {column: (type_, _kind(type_)) for column, (_, type_) in columns.items()}

    def _dotted(self, path: Sequence[str]) -> str:
        return ".".join(map(self.wording.column, path))

    @cached_property
    def _view(self) -> str:
        """The name of the view of events by people."""
        found = self._claims
        query = self._over("SELECT * FROM events", found)
        with self._limited() as session:
            columns = ("id", "after", "until", "person")
            if found:
                table = pa.table({c: [getattr(x, c) for x in found] for c in columns})
                claimed = session.createDataFrame(table).hint("broadcast")
                claimed.createOrReplaceTempView("headway_claims")
            session.sql(query).createOrReplaceTempView("events")
        return "events"

    @contextmanager
    def _limited(self) -> Iterator[SparkSession]:
        """Ends what runs inside when its time is over, and tells what went wrong."""
        session, done, late = self._session, Signal(), Signal()
        context, group = session.sparkContext, str(uuid4())

        def watch() -> None:
            if done.wait(self.timeout.total_seconds()):
                return
            late.set()
            context.cancelJobGroup(group)
            while not done.wait(CANCELLED_EVERY):
                context.cancelJobGroup(group)

        Thread(target=watch, daemon=True).start()
        context.setJobGroup(group, "Headway", interruptOnCancel=True)
        try:
            yield session
        except Exception as error:  # py4j's and pyspark's have nothing in common
            raise self._late() if late.is_set() else self._failed(error) from error
        finally:
            done.set()

    def _late(self) -> StoreError:
        return StoreError(
            f"Spark did not answer within {self.timeout.total_seconds():,g} s.",
            where=self.master,
            fix="Look whether its workers are free; add some, or give the source a longer "
            "time-out.",
        )

    def _failed(self, error: Exception) -> StoreError:
        said = reason(error)
        fix = next((fix for condition, fix in FIXES.items() if condition in said), "")
        return StoreError(f"Spark could not answer: {said}", where=self.master, fix=fix)


FIXES = {
    "[PATH_NOT_FOUND]": "Correct the path; this machine and every worker must reach it.",
    "[UNABLE_TO_INFER_SCHEMA]": "Put files of this format there, or correct the path.",
    "[PARQUET_TYPE_ILLEGAL]": "Write times in microseconds.",
    "[CANNOT_MERGE_SCHEMAS]": "Write each column in one type.",
    "[DATA_SOURCE_NOT_FOUND]": "Add io.delta:delta-spark to `spark.jars.packages` in "
    "HEADWAY_SPARK_CONF, and what Delta Lake's guide says about extensions.",
}


def _frame(session: SparkSession, table: str) -> DataFrame | None:
    format_, colon, path = table.partition(":")
    if colon and format_ in FORMATS:
        session.catalog.refreshByPath(path)
        return session.read.format(format_).options(**FORMATS[format_]).load(path)
    name = ".".join(map(WORDING.column, table.split(".")))
    if not session.catalog.tableExists(name):
        return None
    session.catalog.refreshTable(name)
    return session.table(name)


def _leaves(schema: StructType, above: tuple[str, ...] = ()) -> Iterator[tuple[Path, str]]:
    """Where each column that is no struct is found, and its type."""
    for field in schema.fields:
        path = (*above, field.name)
        if field.dataType.typeName() == "struct":
            yield from _leaves(cast("StructType", field.dataType), path)
        else:
            yield path, field.dataType.simpleString()


def _kind(type_: str) -> Kind:
    return KINDS.get(type_.partition("(")[0], "other")


def _plain(table: pa.Table) -> pa.Table:
    """In types that Spark takes: those of properties, and instants."""
    columns = [c if c.type in ARROW else c.cast(pa.string()) for c in table.columns]
    return pa.table(columns, names=table.column_names)


ARROW = (pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.timestamp("us", "UTC"))
