"""The primitives in DuckDB."""

from __future__ import annotations

from sqlglot import exp

from headway.engine.sql.emitter import Emitter, bounded, instant
from headway.engine.sql.emitter import call as _call


def _try(to: str, value: exp.Expression) -> exp.Expression:
    return exp.TryCast(this=value, to=exp.DataType.build(to, dialect="duckdb"))


def _number(arguments: list[exp.Expression]) -> exp.Expression:
    return bounded(_try("double", arguments[0]))


def _date(day: exp.Expression) -> exp.Expression:
    whole = exp.cast(exp.paren(day), "int")
    return exp.paren(
        exp.Add(this=exp.cast(exp.Literal.string("1970-01-01"), "date"), expression=whole)
    )


def _month_index(arguments: list[exp.Expression]) -> exp.Expression:
    date = _date(arguments[0])
    year = exp.Mul(this=_call("year", date.copy()), expression=exp.Literal.number(12))
    return exp.paren(exp.Add(this=year, expression=_call("month", date)))


def _period_start(arguments: list[exp.Expression]) -> exp.Expression:
    unit = {"1": "month", "3": "quarter", "12": "year"}[arguments[1].name]
    start = _call("date_trunc", unit, _date(arguments[0]))
    return _call(
        "date_diff",
        "day",
        exp.cast(exp.Literal.string("1970-01-01"), "date"),
        exp.cast(start, "date"),
    )


DEEP = 15
"""Common tables of a query from which on each is computed by itself."""


def _adapt(tree: exp.Expression) -> exp.Expression:
    """DuckDB 1.5 plans each level of nested windows and joins anew for every level above it."""
    tables = list(tree.find_all(exp.CTE))
    for table in tables if len(tables) > DEEP else ():
        table.set("materialized", True)
    return tree


DUCKDB = Emitter(
    "duckdb",
    {
        "TEXT": lambda a: exp.cast(a[0], "varchar"),
        "NUMBER": _number,
        "FLAG": lambda a: _try("boolean", a[0]),
        "MICROS": lambda a: _call("epoch_us", a[0]),
        "INSTANT": lambda a: exp.cast(instant(a), "timestamptz"),
        "INTDIV": lambda a: exp.paren(exp.IntDiv(this=exp.paren(a[0]), expression=a[1])),
        "PERIOD_START": _period_start,
        "MONTH_INDEX": _month_index,
        "TOTAL_OF": lambda a: _call("fsum", *a),
        "QUANTILE_AT": lambda a: _call("quantile_cont", *a),
        "HAS_TEXT": lambda a: _call("contains", *a),
    },
    _adapt,
)
