"""Events in Apache Spark's tables, or in files that its workers reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from hashlib import sha256
from threading import Event as Signal
from threading import RLock, Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pyarrow as pa

from headway.engine.errors import StoreError
from headway.engine.event import ALIAS, COLUMNS, IDENTIFY, MARKERS, PROPERTY
from headway.engine.identity import Claim, Link, claims
from headway.engine.sql.emitter import Type
from headway.engine.sql.spark import SPARK
from headway.engine.sql.text import literal
from headway.engine.statistics import Statistic
from headway.stores.mapped import Extent, MappedTable
from headway.stores.sparksession import close_session, open_session, reason
from headway.stores.sparktable import SparkTable, given, quoted, united

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

LOCAL = "local[2]"
TIMEOUT = timedelta(minutes=10)
CANCELLED_EVERY = 0.5
"""Seconds between two attempts to end a statement that takes too long."""

NO_TRAITS = {"n", "previous_id"}


@dataclass(frozen=True)
class Opened:
    """What the first look at the tables showed. `types` are those of the properties."""

    types: Mapping[str, Type]
    claims: tuple[Claim, ...]

    @property
    def columns(self) -> frozenset[str]:
        return frozenset((*COLUMNS, *(PROPERTY + name for name in self.types)))


class SparkStore:
    """Answers statistics over tables of a Spark; the first question connects.

    Tables and files are seen as they were then, so a store is opened for one pass and closed again.
    `settings` are Spark's own, such as spark.executor.memory.
    """

    def __init__(
        self,
        master: str,
        tables: Sequence[MappedTable],
        *,
        timeout: timedelta = TIMEOUT,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.master = master
        self.tables = tuple(tables)
        self.timeout = timeout
        self.settings = dict(settings or {})
        self._given: pa.Table | None = None
        self._lock = RLock()
        self._session: SparkSession | None = None

    @classmethod
    def of_table(
        cls, table: pa.Table, master: str = LOCAL, settings: Mapping[str, str] | None = None
    ) -> SparkStore:
        """A store over events in memory, in the store's columns, each message_id once."""
        store = cls(master, (), settings=settings)
        store._given = table
        return store

    def run(self, statistic: Statistic) -> pa.Table:
        return self._rows(self.sql(statistic))

    def sql(self, statistic: Statistic) -> str:
        types = {PROPERTY + name: type_ for name, type_ in self._opened.types.items()}
        traits = self.traits
        return SPARK.compile(statistic, self._opened.columns, frozenset(types.items()), traits)

    def dialect(self, statistic: Statistic) -> str:
        return "Spark"

    @cached_property
    def names(self) -> list[tuple[str, int]]:
        """Event names with their number of rows, most frequent first."""
        found = self._fetch(
            "SELECT event, COUNT(*) AS n FROM events WHERE event IS NOT NULL"
            " GROUP BY event ORDER BY n DESC, event"
        )
        return [(row["event"], row["n"]) for row in found if row["event"] not in MARKERS]

    @cached_property
    def traits(self) -> frozenset[str]:
        """The properties that events which say who somebody is carry."""
        if not self._may_mark:
            return frozenset()
        (counts,) = self._fetch(SPARK.carried(self._opened.columns))
        return frozenset(c.removeprefix(PROPERTY) for c, n in counts.items() if n) - NO_TRAITS

    def problems(self) -> list[str]:
        try:
            session = self._connected
        except StoreError as error:
            return [str(error)]
        return [problem for table in self.tables for problem in _problems(table, session)]

    def fingerprints(self) -> dict[date, str]:
        """The hashes are added up, so that the order of rows does not matter but every row does."""
        columns = sorted(self._opened.columns)
        hashed = ", ".join(f"{quoted(c)}, {quoted(c)} IS NULL" for c in columns)
        found = self._fetch(
            f"""SELECT CAST(happened_at AS DATE) AS day, COUNT(*) AS n,
                SUM(CAST(XXHASH64({hashed}) AS DECIMAL(20, 0))) AS hash
            FROM raw WHERE happened_at IS NOT NULL GROUP BY 1"""
        )
        return {row["day"]: f"{row['n']}:{row['hash']}" for row in found}

    def extent(self) -> Extent:
        (row,) = self._fetch(
            "SELECT MIN(happened_at) AS first_at, MAX(happened_at) AS last_at,"
            " COUNT(happened_at) AS n FROM events"
        )
        return Extent(row["first_at"], row["last_at"], row["n"])

    def identities(self) -> str:
        found = self._opened.claims
        return sha256(repr(found).encode()).hexdigest() if found else ""

    def close(self) -> None:
        """A later question connects again."""
        with self._lock:
            if self._session is not None:
                close_session(self._session)
            self._session = None
            for name in ("_opened", "names", "traits"):
                self.__dict__.pop(name, None)

    @property
    def _connected(self) -> SparkSession:
        with self._lock:
            if self._session is None:
                self._session = open_session(self.master, self.settings)
            return self._session

    @cached_property
    def _opened(self) -> Opened:
        with self._lock:
            session = self._connected
            frame, types = self._source(session)
            frame.createOrReplaceTempView("raw")
            found = self._claims() if self._may_mark and "previous_id" in types else []
            _resolved(found, frame.columns, session).createOrReplaceTempView("events")
            return Opened(types, tuple(found))

    def _source(self, session: SparkSession) -> tuple[DataFrame, Mapping[str, Type]]:
        if self._given is not None:
            return given(self._given, session)
        return united([SparkTable(table, session) for table in self.tables])

    @property
    def _may_mark(self) -> bool:
        """Whether there can be events that say who somebody is."""
        return self._given is not None or any(
            table.event_column or table.event in MARKERS for table in self.tables
        )

    def _claims(self) -> list[Claim]:
        found = self._fetch(
            f"""SELECT UNIX_MICROS(happened_at) AS at, user_id, event,
                CAST(`{PROPERTY}previous_id` AS STRING) AS previous FROM raw
            WHERE event IN ({literal(ALIAS)}, {literal(IDENTIFY)})
                AND `{PROPERTY}previous_id` IS NOT NULL AND user_id IS NOT NULL"""
        )
        return claims(
            Link(r["at"], r["previous"], r["user_id"], r["event"] == ALIAS) for r in found
        )

    def _fetch(self, sql: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._rows(sql).to_pylist()
        return rows

    def _rows(self, sql: str) -> pa.Table:
        session = self._connected
        with _limited(session, self.timeout, self.master):
            return session.sql(sql).toArrow()


def _problems(table: MappedTable, session: SparkSession) -> list[str]:
    try:
        return list(SparkTable(table, session).problems())
    except StoreError as error:
        return [str(error)]


def _resolved(found: list[Claim], columns: Sequence[str], session: SparkSession) -> DataFrame:
    """The raw events with each id resolved to its person."""
    if not found:
        return session.table("raw")
    names = ("id", "after", "until", "person")
    table = pa.table({name: [getattr(claim, name) for claim in found] for name in names})
    session.createDataFrame(table).createOrReplaceTempView("claims")
    kept = [f"r.{quoted(c)}" for c in columns if c != "user_id"]
    return session.sql(
        f"""SELECT {", ".join(kept)}, COALESCE(c.person, r.user_id) AS user_id
        FROM raw AS r LEFT JOIN claims AS c ON r.user_id = c.id
            AND UNIX_MICROS(r.happened_at) > c.after AND UNIX_MICROS(r.happened_at) <= c.until"""
    )


@contextmanager
def _limited(session: SparkSession, timeout: timedelta, master: str) -> Iterator[None]:
    """Ends the statement when its time is over, and tells what went wrong."""
    context, group, done, late = session.sparkContext, str(uuid4()), Signal(), Signal()

    def watch() -> None:
        if done.wait(timeout.total_seconds()):
            return
        late.set()
        context.cancelJobGroup(group)
        while not done.wait(CANCELLED_EVERY):
            context.cancelJobGroup(group)

    Thread(target=watch, daemon=True).start()
    context.setJobGroup(group, "Headway", interruptOnCancel=True)
    try:
        yield
    except Exception as error:  # py4j's and pyspark's have nothing in common
        raise _late(timeout, master) if late.is_set() else _failed(error, master) from error
    finally:
        done.set()


def _late(timeout: timedelta, master: str) -> StoreError:
    return StoreError(
        f"Spark did not answer within {timeout.total_seconds():g} seconds.",
        where=master,
        fix="See whether it has free workers; add some, or give the source a longer `timeout`.",
    )


def _failed(error: Exception, master: str) -> StoreError:
    return StoreError(f"Spark could not answer: {reason(error)}", where=master)
