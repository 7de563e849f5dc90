"""The relation `events` over mapped tables, as SQL of the database that holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from sqlglot import exp

from headway.engine.event import ALIAS, IDENTIFY, PROPERTY
from headway.engine.identity import Claim
from headway.engine.period import MICROS_A_DAY
from headway.engine.sql.emitter import SQL_TYPES, Columns, Emitter, Type, Types
from headway.engine.sql.text import parsed
from headway.stores.mapped import MappedTable

Kind = Literal["text", "int", "double", "flag", "instant", "clock", "day", "other"]
"""What a column holds; `clock` is a time without a zone, read as UTC; `other` is read as text."""

BASE = ("message_id", "event", "happened_at", "user_id", "account_id", "received_at", "source")
PREVIOUS = "previous_id"


@dataclass(frozen=True)
class Wording:
    """How a dialect says what the emitter's primitives do not. `{}` in a template is the column.

    `texts` make texts that are in bytewise order, `name` the event's name, as an index has it;
    `numbers` and `instants` what their keys say, `nulls` a column that is not there. `happened` is
    whether a time is one. `inlined` goes before a relation that is not to be computed by itself.
    `print` is the sum of a number for each row's columns, as text; `claims` a SELECT of them.
    """

    emitter: Emitter
    texts: Mapping[Kind, str]
    name: str
    numbers: Mapping[Type, str]
    instants: Mapping[Kind, str]
    nulls: Mapping[str, str]
    happened: str
    inlined: str
    print: Callable[[Sequence[str]], str]
    claims: Callable[[Sequence[Claim]], str]

    def column(self, name: str) -> str:
        return exp.to_identifier(name, quoted=True).sql(dialect=self.emitter.name)

    def literal(self, text: str) -> str:
        return exp.Literal.string(text).sql(dialect=self.emitter.name)

    def primitive(self, name: str, value: str, type_: Type | None = None) -> str:
        node = parsed(value, self.emitter.name)
        if type_ is not None:
            node.type = exp.DataType.build(SQL_TYPES[type_], dialect="duckdb")
        return self.emitter.primitives[name]([node]).sql(dialect=self.emitter.name)


@dataclass(frozen=True)
class Found:
    """A mapped table as its database has it: its name there, and what its columns hold.

    `unique` is whether each id stands in one row only.
    """

    mapped: MappedTable
    name: str
    kinds: Mapping[str, Kind]
    unique: bool


@dataclass(frozen=True)
class Relation:
    """The events of all tables: as they are (`raw`), and by people (`events`)."""

    wording: Wording
    tables: tuple[Found, ...]

    @cached_property
    def types(self) -> dict[str, Type]:
        """Each property's column with its type; text where the tables do not agree."""
        seen: dict[str, set[Kind]] = {}
        for found in self.tables:
            for name, column in dict(found.mapped.properties).items():
                seen.setdefault(PROPERTY + name, set()).add(found.kinds[column])
        return {name: _common(kinds) for name, kinds in sorted(seen.items())}

    @property
    def typed(self) -> Types:
        return frozenset(self.types.items())

    @property
    def columns(self) -> Columns:
        return frozenset((*BASE, *self.types))

    @property
    def has_links(self) -> bool:
        return PROPERTY + PREVIOUS in self.types

    def raw(self) -> str:
        if not self.tables:
            return f"SELECT {', '.join(self._missing(n) for n in BASE)} WHERE 1 = 0"
        many = len(self.tables) > 1
        return " UNION ALL ".join(
            _Rows(self.wording, found, self.types, many).select() for found in self.tables
        )

    def events(self, claims: Sequence[Claim]) -> dict[str, str]:
        """Relations in the order in which they need each other; the last is `events`."""
        if not claims:
            return {"events": self.raw()}
        rest = ", ".join(f"r.{self.wording.column(c)}" for c in sorted(self.columns - {"user_id"}))
        at = self.wording.primitive("MICROS", "r.happened_at")
        events = f"""SELECT {rest}, COALESCE(c.person, r.user_id) AS user_id FROM raw AS r
            LEFT JOIN claims AS c ON r.user_id = c.id AND {at} > c.after AND {at} <= c.until"""
        return {"raw": self.raw(), "claims": self.wording.claims(claims), "events": events}

    def links(self) -> str:
        """(at, user_id, event, previous) of the events that join two ids."""
        previous = self.wording.column(PROPERTY + PREVIOUS)
        text = self.wording.primitive("TEXT", previous, self.types[PROPERTY + PREVIOUS])
        names = ", ".join(self.wording.literal(name) for name in (ALIAS, IDENTIFY))
        return f"""SELECT {self._at} AS at, user_id, event, {text} AS previous
            FROM ({self.raw()}) AS raw
            WHERE event IN ({names}) AND user_id IS NOT NULL AND {previous} IS NOT NULL"""

    def days(self) -> str:
        """(day, n, print): of each UTC day, how many events and what they add up to."""
        columns = [self.wording.column(c) for c in sorted(self.columns - {"received_at"})]
        day = f"({self._at} - MOD({self._at}, {MICROS_A_DAY}))"
        return f"""SELECT {day} AS day, COUNT(*) AS n, {self.wording.print(columns)} AS print
            FROM ({self.raw()}) AS raw GROUP BY {day}"""

    def extent(self) -> str:
        return f"""SELECT MIN({self._at}) AS first, MAX({self._at}) AS last, COUNT(*) AS n
            FROM ({self.raw()}) AS raw"""

    def names(self) -> str:
        return f"SELECT event, COUNT(*) AS n FROM ({self.raw()}) AS raw GROUP BY event"

    @property
    def _at(self) -> str:
        return self.wording.primitive("MICROS", "happened_at")

    def _missing(self, name: str) -> str:
        return f"{_null(self.wording, name, 'text')} AS {name}"


@dataclass(frozen=True)
class _Rows:
    """One table's rows, in the columns of all."""

    wording: Wording
    found: Found
    types: Mapping[str, Type]
    many: bool

    def select(self) -> str:
        mapped, column = self.found.mapped, self.wording.column
        columns = ", ".join(f"{value} AS {column(name)}" for name, value in self._columns())
        here = [self.wording.happened.format(column(mapped.at))]
        here += [f"{column(c)} IS NOT NULL" for c in (mapped.id, mapped.event_column) if c]
        rows = self.found.name if self.found.unique else self._once()
        return f"SELECT {columns} FROM {rows} WHERE {' AND '.join(here)}"

    def _columns(self) -> Iterator[tuple[str, str]]:
        mapped = self.found.mapped
        at = self.wording.instants[self.found.kinds[mapped.at]]
        yield "message_id", self._id()
        yield "event", self._event()
        yield "happened_at", at.format(self.wording.column(mapped.at))
        yield "user_id", self._somebody(mapped.user)
        yield "account_id", self._somebody(mapped.account)
        yield "received_at", self.wording.nulls["instant"]
        yield "source", self._constant(mapped.source)
        chosen = {PROPERTY + name: column for name, column in dict(mapped.properties).items()}
        for name, type_ in self.types.items():
            null = _null(self.wording, name, type_)
            yield name, self._value(chosen[name], type_) if name in chosen else null

    def _id(self) -> str:
        """An order and a shipment may both be number 7; their tables tell them apart."""
        text, mapped = self._value(self.found.mapped.id, "text"), self.found.mapped
        prefix = f"{mapped.table}:{mapped.event or mapped.event_column}:"
        return f"({self._constant(prefix)} || {text})" if self.many else text

    def _event(self) -> str:
        mapped = self.found.mapped
        if not mapped.event_column:
            return self._constant(mapped.event)
        if self.found.kinds[mapped.event_column] == "text":
            return self.wording.name.format(self.wording.column(mapped.event_column))
        return self._value(mapped.event_column, "text")

    def _constant(self, text: str) -> str:
        return self.wording.name.format(self.wording.literal(text))

    def _somebody(self, column: str) -> str:
        return (
            f"NULLIF({self._value(column, 'text')}, '')" if column else self.wording.nulls["text"]
        )

    def _value(self, column: str, type_: Type) -> str:
        kind, written = self.found.kinds[column], self.wording.column(column)
        if type_ != "text":
            return self.wording.numbers[type_].format(written)
        if kind == "double":
            value = self.wording.numbers["double"].format(written)
            return self.wording.primitive("TEXT", value, "double")
        return self.wording.texts[kind].format(written)

    def _once(self) -> str:
        """Of each id only the row that happened first."""
        column, mapped = self.wording.column, self.found.mapped
        order = [column(mapped.at), *(self._value(c, "text") for c in mapped.columns[2:])]
        return f"""(SELECT * FROM (
            SELECT t.*, ROW_NUMBER() OVER (
                PARTITION BY {column(mapped.id)} ORDER BY {", ".join(order)}) AS headway_copy
            FROM {self.found.name} AS t) AS copies WHERE headway_copy = 1) AS once"""


def _null(wording: Wording, name: str, type_: Type) -> str:
    return wording.nulls["instant" if name in ("happened_at", "received_at") else type_]


def _common(kinds: set[Kind]) -> Type:
    if kinds <= {"int", "double"}:
        return "double" if "double" in kinds else "int"
    return "flag" if kinds == {"flag"} else "text"
