"""What stores over mapped tables have in common, once a database can be asked for rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any, ClassVar

import pyarrow as pa

from headway.engine.errors import StoreError, nearest
from headway.engine.event import ALIAS, MARKERS, PROPERTY
from headway.engine.identity import Claim, Link, claims
from headway.engine.sql.emitter import EPOCH
from headway.engine.statistics import Statistic
from headway.stores.local import NO_TRAITS
from headway.stores.mapped import Extent, MappedTable
from headway.stores.relation import Found, Kind, Relation, Wording

TIMEOUT = timedelta(minutes=10)
BASIC = ("message_id", "event", "happened_at", "user_id", "account_id", "received_at")


class MappedStore(ABC):
    """Reads when it is first asked, and sees the tables' columns as they were then."""

    wording: ClassVar[Wording]
    title: ClassVar[str]

    def __init__(self, tables: Sequence[MappedTable], timeout: timedelta) -> None:
        self.tables = tuple(tables)
        self.timeout = timeout

    @abstractmethod
    def columns_of(self, table: str) -> tuple[str, Mapping[str, tuple[str, Kind]]] | None:
        """How the database writes the table's name, and its columns with their types; None where
        there is no such table. Raises StoreError."""

    @abstractmethod
    def is_unique(self, table: str, column: str) -> bool:
        """Whether no value of the column stands in two rows. `table` as the database writes it."""

    @abstractmethod
    def rows(self, sql: str) -> pa.Table:
        """Raises StoreError."""

    @abstractmethod
    def close(self) -> None: ...

    def run(self, statistic: Statistic) -> pa.Table:
        return self.rows(self._over(self._compiled(statistic), self._claims))

    def sql(self, statistic: Statistic) -> str:
        """Who is who goes along with the query when it runs; it is not for reading."""
        return self._over(self._compiled(statistic), ())

    def dialect(self, statistic: Statistic) -> str:
        return self.title

    @cached_property
    def names(self) -> list[tuple[str, int]]:
        found = [(row["event"], row["n"]) for row in self._fetch(self._relation.names())]
        return sorted((f for f in found if f[0] not in MARKERS), key=lambda f: (-f[1], f[0]))

    @cached_property
    def traits(self) -> frozenset[str]:
        """The properties that events which say who somebody is carry."""
        text = self.wording.emitter.carried(self._relation.columns)
        (counts,) = self._fetch(self._over(text, ()))
        return frozenset(c.removeprefix(PROPERTY) for c, n in counts.items() if n) - NO_TRAITS

    def problems(self) -> list[str]:
        try:
            return [problem for table in self.tables for problem in self._problems(table)]
        except StoreError as error:
            return [str(error)]

    def fingerprints(self) -> dict[date, str]:
        return {
            _at(row["day"]).date(): f"{row['n']}:{row['print']}"
            for row in self._fetch(self._relation.days())
        }

    def extent(self) -> Extent:
        (row,) = self._fetch(self._relation.extent())
        if not row["n"]:
            return Extent(None, None, 0)
        return Extent(_at(row["first"]), _at(row["last"]), row["n"])

    def identities(self) -> str:
        return sha256(repr(self._claims).encode()).hexdigest() if self._claims else ""

    @cached_property
    def _relation(self) -> Relation:
        if problems := self.problems():
            raise StoreError("\n".join(problems))
        return Relation(self.wording, tuple(map(self._found, self.tables)))

    @cached_property
    def _claims(self) -> tuple[Claim, ...]:
        if not self._relation.has_links:
            return ()
        rows = self._fetch(self._relation.links())
        links = (Link(r["at"], r["previous"], r["user_id"], r["event"] == ALIAS) for r in rows)
        return tuple(claims(links))

    def _compiled(self, statistic: Statistic) -> str:
        relation = self._relation
        return self.wording.emitter.compile(
            statistic, relation.columns, relation.typed, self.traits
        )

    def _over(self, query: str, claimed: Sequence[Claim]) -> str:
        """The query after the relations that it stands on."""
        inlined = self.wording.inlined
        before = ",\n".join(
            f"{name} AS {inlined}(\n{sql}\n)"
            for name, sql in self._relation.events(claimed).items()
        )
        ctes = query.removeprefix("WITH ")
        return f"WITH {before}{' ' if ctes == query else ', '}{ctes}"

    def _fetch(self, sql: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.rows(sql).to_pylist()
        return found

    def _found(self, mapped: MappedTable) -> Found:
        found = self.columns_of(mapped.table)
        assert found is not None
        name, columns = found
        unique = self.is_unique(name, mapped.id)
        return Found(mapped, name, {c: columns[c][1] for c in mapped.columns}, unique)

    def _problems(self, mapped: MappedTable) -> Iterator[str]:
        found = self.columns_of(mapped.table)
        if found is None:
            yield (
                f"{self.title} has no table `{mapped.table}` that may be read. Correct the name, "
                "or grant SELECT on it."
            )
            return
        columns = found[1]
        for name in mapped.columns:
            if name not in columns:
                fix = nearest(name, columns) or f"It has {_some(list(columns))}."
                yield f"`{mapped.table}` has no column `{name}`. {fix}"
        type_, kind = columns.get(mapped.at, ("", "instant"))
        if kind not in self.wording.instants:
            yield (
                f"The column `{mapped.at}` of `{mapped.table}` is of type {type_}, not a time. "
                "Map a column of times, or a view that has one."
            )


def mapped_columns(table: pa.Table, name: str) -> MappedTable:
    """A table in the store's own columns, as a mapped one."""
    properties = [c for c in table.column_names if c.startswith(PROPERTY)]
    return MappedTable(
        "", name, at="happened_at", id="message_id", event_column="event", user="user_id",
        account="account_id", properties={c.removeprefix(PROPERTY): c for c in properties},
    )  # fmt: skip


def _at(micros: int) -> datetime:
    try:
        return EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        raise StoreError(
            "There is an event outside the years 1 to 9999.",
            fix="Correct its time, or map a view without it.",
        ) from None


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:12])
    return f"{shown} and {len(names) - 12} more" if len(names) > 12 else shown
