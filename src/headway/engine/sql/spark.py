"""The primitives in Spark SQL 3.5 and later, with ANSI mode on and UTC as the session's zone."""

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
)

sql = partial(template, "spark")

BEYOND = "9.0E18D"
"""From here on the whole part of a double is no BIGINT."""

TEXTS = {
    "text": sql(":x", "x"),
    "int": sql("CAST(:x AS STRING)", "x"),
    "flag": sql("CAST(:x AS STRING)", "x"),
    # Java writes 1.0E7 and 1.0E-5 for 10000000.0 and 1e-05.
    "double": sql(
        """CASE WHEN NOT CONTAINS(CAST(:x AS STRING), 'E') THEN CAST(:x AS STRING)
        WHEN ABS(:x) >= 1.0E-4D AND ABS(:x) < 1.0E16D THEN REGEXP_REPLACE(
            CAST(CAST(:x AS DECIMAL(38, 20)) AS STRING), '([.][0-9]+?)0+$', '$1')
        ELSE REGEXP_REPLACE(REGEXP_REPLACE(REGEXP_REPLACE(CAST(:x AS STRING),
            '([.]0)?E', 'e+'), '[+]-', '-'), '([+-])([0-9])$', '$10$2') END""",
        "x",
    ),
}
NUMBERS = {
    "int": sql("CAST(:x AS DOUBLE)", "x"),
    "flag": sql("CAST(:x AS DOUBLE)", "x"),
    "double": lambda a: bounded(a[0]),
    "text": sql(
        f"CASE WHEN :x RLIKE '{NUMERAL.replace(chr(92), chr(92) * 2)}' THEN CAST(:x AS DOUBLE) END",
        "x",
    ),
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
# Whole parts are summed exactly, as decimals; what is left of each value is less than one.
TOTAL = f"""
    CAST(COALESCE(SUM(CAST(CAST(CASE WHEN ABS(:v) < {BEYOND} THEN :v END AS BIGINT)
        AS DECIMAL(20, 0))), 0) AS DOUBLE)
    + SUM(CASE WHEN ABS(:v) >= {BEYOND} THEN 0.0D ELSE :v - CAST(CAST(:v AS BIGINT) AS DOUBLE) END)
    + COALESCE(SUM(CASE WHEN ABS(:v) >= {BEYOND} THEN :v END), 0.0D)"""

DATE = "DATE_FROM_UNIX_DATE(CAST(:d AS INT))"


def _period_start(arguments: list[exp.Expression]) -> exp.Expression:
    unit = {"1": "MONTH", "3": "QUARTER", "12": "YEAR"}[arguments[1].name]
    return sql(f"UNIX_DATE(TRUNC({DATE}, '{unit}'))", "d")(arguments[:1])


def _adapt(tree: exp.Expression) -> exp.Expression:
    """Nothing divided by zero is NULL, as elsewhere, instead of an error."""
    for division in list(tree.find_all(exp.Div)):
        division.set("expression", exp.func("NULLIF", exp.paren(division.expression), "0"))
    return tree


SPARK = Emitter(
    "spark",
    {
        "TEXT": by_type(TEXTS),
        "NUMBER": by_type(NUMBERS),
        "FLAG": by_type(FLAGS),
        "MICROS": sql("UNIX_MICROS(:t)", "t"),
        "INSTANT": lambda a: exp.cast(instant(a), "timestamptz", dialect="duckdb"),
        "INTDIV": sql("CAST(:a AS BIGINT) DIV :b", "a", "b"),
        "PERIOD_START": _period_start,
        "MONTH_INDEX": sql(f"YEAR({DATE}) * 12 + MONTH({DATE})", "d"),
        "TOTAL_OF": sql(TOTAL, "v"),
        "QUANTILE_AT": sql("PERCENTILE(:v, :q)", "v", "q"),
        "HAS_TEXT": sql("CONTAINS(:a, :b)", "a", "b"),
    },
    _adapt,
)
