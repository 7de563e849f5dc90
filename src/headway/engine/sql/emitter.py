"""From the engine's SQL to a dialect's: each primitive is one function on sqlglot's syntax tree.

| primitive | meaning |
|---|---|
| PROP('x') | the column of property x, or NULL where no event has it |
| TEXT, NUMBER, FLAG | a property as text, finite number (double) or truth value, else NULL |
| MICROS(t) | epoch microseconds of a timestamp |
| INSTANT(µs) | the timestamp of a constant |
| INTDIV(a, b) | whole division of integers that are not negative |
| PERIOD_START(d, m) | day number at which the period of m months around day d begins |
| MONTH_INDEX(d) | months since year 0 |
| TOTAL_OF(v) | sum that does not lose small amounts beside large ones |
| QUANTILE_AT(v, q) | linearly interpolated quantile, ignoring NULL |
| HAS_TEXT(a, b) | whether text a contains text b |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp

from headway.engine.event import COLUMNS, PROPERTY
from headway.engine.sql.queries import query
from headway.engine.statistics import Statistic

Primitive = Callable[[list[exp.Expression]], exp.Expression]


@dataclass(frozen=True)
class Emitter:
    """`name` is the sqlglot dialect that writes the text."""

    name: str
    primitives: Mapping[str, Primitive]

    def compile(self, statistic: Statistic, columns: frozenset[str]) -> str:
        """The query over a relation `events` that has these columns."""
        return _compiled(self, statistic, columns)

    def primitive(self, node: exp.Anonymous, columns: frozenset[str]) -> exp.Expression:
        name = node.name.upper()
        if name == "PROP":
            return _property(node.expressions[0].name, columns)
        return self.primitives[name](node.expressions)

    def __hash__(self) -> int:
        return hash(self.name)


@lru_cache(maxsize=2048)
def _compiled(emitter: Emitter, statistic: Statistic, columns: frozenset[str]) -> str:
    tree = sqlglot.parse_one(query(statistic), read="duckdb")
    for node in reversed(list(tree.find_all(exp.Anonymous))):
        node.replace(emitter.primitive(node, columns))
    return tree.sql(dialect=emitter.name, pretty=True)


def _property(name: str, columns: frozenset[str]) -> exp.Expression:
    if name in COLUMNS:
        return exp.column(name)
    if PROPERTY + name not in columns:
        return exp.null()
    return exp.column(exp.to_identifier(PROPERTY + name, quoted=True))
