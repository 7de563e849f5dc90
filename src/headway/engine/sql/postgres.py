"""The primitives in PostgreSQL 15 and later, with UTC as the session's time zone."""

from __future__ import annotations

from functools import partial

from sqlglot import exp

from headway.engine.sql.emitter import (
    NUMERAL,
    Emitter,
    bounded,
    by_type,
    instant,
    template,
    type_of,
)

sql = partial(template, "postgres")

LEAST = exp.Literal.number("1e-150")

TEXTS = {
    "text": sql(":x", "x"),
    "int": sql('CAST(:x AS TEXT) COLLATE "C"', "x"),
    "flag": sql('CAST(:x AS TEXT) COLLATE "C"', "x"),
    "double": sql(
        """CASE WHEN :x <> TRUNC(:x) OR ABS(:x) >= 1e16 THEN CAST(:x AS TEXT)
        WHEN ABS(:x) < 1e15 THEN CAST(:x AS TEXT) || '.0'
        ELSE CAST(CAST(:x AS BIGINT) AS TEXT) || '.0' END COLLATE "C" """,
        "x",
    ),
}
NUMBERS = {
    "int": sql("CAST(:x AS DOUBLE PRECISION)", "x"),
    "flag": sql("CAST(CAST(:x AS INT) AS DOUBLE PRECISION)", "x"),
    "double": sql(":x", "x"),
    "text": sql(f"CASE WHEN :x ~ '{NUMERAL}' THEN CAST(:x AS DOUBLE PRECISION) END", "x"),
}
FLAGS = {
    "flag": sql(":x", "x"),
    "int": sql(":x <> 0", "x"),
    "double": sql(":x <> 0", "x"),
    "text": sql(
        """CASE WHEN LOWER(:x) IN ('true', 't', 'yes', 'y', '1') THEN TRUE
        WHEN LOWER(:x) IN ('false', 'f', 'no', 'n', '0') THEN FALSE END""",
        "x",
    ),
}


def _number(arguments: list[exp.Expression]) -> exp.Expression:
    """Below LEAST is nothing: PostgreSQL stops with an error where a square is too small."""
    value = by_type(NUMBERS)(arguments)
    if type_of(arguments[0]) != "double":
        return value
    small = exp.LT(this=exp.Abs(this=value.copy()), expression=LEAST.copy())
    found = bounded(value)
    found.set("ifs", [exp.If(this=small, true=exp.Literal.number(0)), *found.args["ifs"]])
    return found


def _adapt(tree: exp.Expression) -> exp.Expression:
    """Where others have NULL or nothing, PostgreSQL stops: at division by zero and at e^-1000."""
    for division in list(tree.find_all(exp.Div)):
        if not division.args.get("typed"):
            division.set("expression", exp.func("NULLIF", exp.paren(division.expression), "0"))
    for power in list(tree.find_all(exp.Exp)):
        power.replace(sql("CASE WHEN :x > -700 THEN EXP(:x) ELSE 0 END", "x")([power.this.copy()]))
    return tree


def _date(day: str) -> str:
    return f"(DATE '1970-01-01' + CAST({day} AS INT))"


def _period_start(arguments: list[exp.Expression]) -> exp.Expression:
    unit = {"1": "MONTH", "3": "QUARTER", "12": "YEAR"}[arguments[1].name]
    start = f"CAST(DATE_TRUNC('{unit}', CAST({_date(':d')} AS TIMESTAMP)) AS DATE)"
    return sql(f"CAST({start} - DATE '1970-01-01' AS BIGINT)", "d")(arguments[:1])


POSTGRES = Emitter(
    "postgres",
    {
        "TEXT": by_type(TEXTS),
        "NUMBER": _number,
        "FLAG": by_type(FLAGS),
        "MICROS": sql("CAST(EXTRACT(EPOCH FROM :t) * 1000000 AS BIGINT)", "t"),
        "INSTANT": lambda a: exp.cast(instant(a), "timestamptz", dialect="postgres"),
        "INTDIV": sql("CAST(:a AS BIGINT) / :b", "a", "b"),
        "PERIOD_START": _period_start,
        "MONTH_INDEX": sql(
            f"CAST(EXTRACT(YEAR FROM {_date(':d')}) * 12 + EXTRACT(MONTH FROM {_date(':d')})"
            " AS BIGINT)",
            "d",
        ),
        "TOTAL_OF": sql("SUM(CAST(CAST(:v AS TEXT) AS NUMERIC))", "v"),
        "QUANTILE_AT": sql(
            "PERCENTILE_CONT(:q) WITHIN GROUP (ORDER BY CAST(:v AS DOUBLE PRECISION))", "v", "q"
        ),
        "HAS_TEXT": sql("STRPOS(:a, :b) > 0", "a", "b"),
    },
    _adapt,
)
