"""From the engine's SQL to a dialect's: each primitive is one function on sqlglot's syntax tree.

| primitive | meaning |
|---|---|
| PROP('x') | the column of property x, or NULL where no event has it |
| TEXT, NUMBER, FLAG | a property as text, number (double) or truth value, else NULL |
| MICROS(t) | epoch microseconds of a timestamp |
| INSTANT(µs) | the timestamp of a constant |
| INTDIV(a, b) | whole division of integers that are not negative |
| PERIOD_START(d, m) | day number at which the period of m months around day d begins |
| MONTH_INDEX(d) | months since year 0 |
| TOTAL_OF(v) | sum that does not lose small amounts beside large ones |
| QUANTILE_AT(v, q) | linearly interpolated quantile, ignoring NULL |
| HAS_TEXT(a, b) | whether text a contains text b |

A number's size is below GREATEST, so that its square is a number too: beyond it, some databases
stop with an error and others answer infinity. Where the columns' types are known, they reach a
primitive as the type of its argument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal

import sqlglot
from sqlglot import exp

from headway.engine.event import COLUMNS, PROPERTY
from headway.engine.sql.seen import carried, seen
from headway.engine.sql.text import parsed
from headway.engine.statistics import Statistic

Primitive = Callable[[list[exp.Expression]], exp.Expression]
Columns = frozenset[str]
Type = Literal["text", "int", "double", "flag"]
Types = frozenset[tuple[str, Type]]

NUMERAL = r"^\s*[+-]?([0-9]{1,50}([.][0-9]{0,50})?|[.][0-9]{1,50})([eE][+-]?[0-9]{1,2})?\s*$"
"""A text that is a number below GREATEST, for databases whose casts stop with an error."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
GREATEST = exp.Literal.number("1e150")
SQL_TYPES: Mapping[str, str] = {
    "text": "VARCHAR", "int": "BIGINT", "double": "DOUBLE", "flag": "BOOLEAN",
}  # fmt: skip


def _as_is(tree: exp.Expression) -> exp.Expression:
    return tree


@dataclass(frozen=True)
class Emitter:
    """`name` is the sqlglot dialect that writes the text; `adapt` mends the whole tree before."""

    name: str
    primitives: Mapping[str, Primitive]
    adapt: Callable[[exp.Expression], exp.Expression] = _as_is

    def compile(
        self,
        statistic: Statistic,
        columns: Columns,
        types: Types = frozenset(),
        traits: frozenset[str] = frozenset(),
    ) -> str:
        """The query over a relation `events` that has these columns, of these types if known.

        `traits` are the properties that events which say who somebody is carry.
        """
        return _compiled(self, statistic, columns, types, traits)

    def carried(self, columns: Columns) -> str:
        """A query whose one row tells which properties are traits: those with a count above 0."""
        return _emitted(self, carried(columns), columns, frozenset())

    def values(self, expression: str, columns: Columns) -> str:
        """A query whose column `v` has what an expression over primitives is for each event."""
        tree = parsed(f"SELECT {expression} AS v FROM events")
        return _emitted(self, tree, columns, frozenset())

    def primitive(self, node: exp.Anonymous, columns: Columns, types: Types) -> exp.Expression:
        name = node.name.upper()
        if name == "PROP":
            return _property(node.expressions[0].name, columns, dict(types))
        return self.primitives[name](node.expressions)

    def __hash__(self) -> int:
        return hash(self.name)


@lru_cache(maxsize=2048)
def _compiled(
    emitter: Emitter,
    statistic: Statistic,
    columns: Columns,
    types: Types,
    traits: frozenset[str],
) -> str:
    return _emitted(emitter, seen(statistic, traits), columns, types)


def _emitted(emitter: Emitter, tree: exp.Expression, columns: Columns, types: Types) -> str:
    for node in reversed(list(tree.find_all(exp.Anonymous))):
        node.replace(emitter.primitive(node, columns, types))
    return emitter.adapt(tree).sql(dialect=emitter.name, pretty=True)


def _property(name: str, columns: Columns, types: Mapping[str, Type]) -> exp.Expression:
    if name in COLUMNS:
        return _typed(exp.column(name), "text")
    if PROPERTY + name not in columns:
        return exp.null()
    column = exp.column(exp.to_identifier(PROPERTY + name, quoted=True))
    return _typed(column, types.get(PROPERTY + name))


def _typed(column: exp.Expression, type_: Type | None) -> exp.Expression:
    if type_ is not None:
        column.type = exp.DataType.build(SQL_TYPES[type_], dialect="duckdb")
    return column


def type_of(node: exp.Expression) -> str:
    """The type of a primitive's argument: text, int, double or flag; "" when it is not known."""
    known = {exp.DataType.build(sql, dialect="duckdb"): name for name, sql in SQL_TYPES.items()}
    return known.get(node.type, "") if node.type is not None else ""


def call(name: str, *arguments: exp.Expression | str) -> exp.Anonymous:
    """A function of the dialect, written as it is; texts are string literals."""
    values = [exp.Literal.string(a) if isinstance(a, str) else a for a in arguments]
    return exp.Anonymous(this=name, expressions=values)


def bounded(number: exp.Expression) -> exp.Expression:
    """The number where its size is below GREATEST (which NaN is not), else NULL."""
    small = exp.LT(this=exp.Abs(this=number.copy()), expression=GREATEST.copy())
    return exp.Case(ifs=[exp.If(this=small, true=number)])


def template(dialect: str, text: str, *names: str) -> Primitive:
    """A primitive in the dialect's own SQL, in which `:x` stands for the argument of that name."""
    tree = exp.paren(sqlglot.parse_one(text, read=dialect))

    def primitive(arguments: list[exp.Expression]) -> exp.Expression:
        given = {name: exp.paren(a) for name, a in zip(names, arguments, strict=True)}
        found = exp.replace_placeholders(tree, **given)
        assert isinstance(found, exp.Expression)
        return found

    return primitive


def by_type(ways: Mapping[str, Primitive]) -> Primitive:
    """One way for each type of argument; a property that no event has is a text that is NULL."""

    def primitive(arguments: list[exp.Expression]) -> exp.Expression:
        value = arguments[0]
        if isinstance(value, exp.Null):
            value = exp.cast(value, "text")
        return ways[type_of(arguments[0]) or "text"]([value])

    return primitive


def instant(arguments: list[exp.Expression]) -> exp.Expression:
    """The text of the instant of a constant, with its offset from UTC."""
    at = EPOCH + timedelta(microseconds=int(arguments[0].name))
    return exp.Literal.string(at.isoformat(sep=" "))
