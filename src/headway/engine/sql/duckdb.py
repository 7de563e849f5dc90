"""The primitives in DuckDB."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlglot import exp

from headway.engine.sql.emitter import Emitter

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _call(name: str, *arguments: exp.Expression) -> exp.Expression:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _try(to: str, value: exp.Expression) -> exp.Expression:
    return exp.TryCast(this=value, to=exp.DataType.build(to, dialect="duckdb"))


def _number(arguments: list[exp.Expression]) -> exp.Expression:
    value = _try("double", arguments[0])
    return exp.Case(ifs=[exp.If(this=_call("isfinite", value), true=value.copy())])


def _instant(arguments: list[exp.Expression]) -> exp.Expression:
    at = EPOCH + timedelta(microseconds=int(arguments[0].name))
    return exp.cast(exp.Literal.string(at.isoformat(sep=" ")), "timestamptz")


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
    start = _call("date_trunc", exp.Literal.string(unit), _date(arguments[0]))
    return _call(
        "date_diff",
        exp.Literal.string("day"),
        exp.cast(exp.Literal.string("1970-01-01"), "date"),
        exp.cast(start, "date"),
    )


DUCKDB = Emitter(
    "duckdb",
    {
        "TEXT": lambda a: exp.cast(a[0], "varchar"),
        "NUMBER": _number,
        "FLAG": lambda a: _try("boolean", a[0]),
        "MICROS": lambda a: _call("epoch_us", a[0]),
        "INSTANT": _instant,
        "INTDIV": lambda a: exp.paren(exp.IntDiv(this=exp.paren(a[0]), expression=a[1])),
        "PERIOD_START": _period_start,
        "MONTH_INDEX": _month_index,
        "TOTAL_OF": lambda a: _call("fsum", *a),
        "QUANTILE_AT": lambda a: _call("quantile_cont", *a),
        "HAS_TEXT": lambda a: _call("contains", *a),
    },
)
