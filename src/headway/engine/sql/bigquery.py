"""The primitives in BigQuery. Emitted and parsed back; not run."""

from __future__ import annotations

from functools import partial

from sqlglot import exp

from headway.engine.sql.emitter import Emitter, template

sql = partial(template, "bigquery")

NUMBER = "SAFE_CAST(CAST(:x AS STRING) AS FLOAT64)"
DATE = "DATE_FROM_UNIX_DATE(CAST(:d AS INT64))"
PARTS = {"1": "MONTH", "3": "QUARTER", "12": "YEAR"}


def _period_start(arguments: list[exp.Expression]) -> exp.Expression:
    start = f"DATE_TRUNC({DATE}, {PARTS[arguments[1].name]})"
    return sql(f"UNIX_DATE({start})", "d")(arguments[:1])


def _quantile(arguments: list[exp.Expression]) -> exp.Expression:
    """PERCENTILE_CONT is only a window function there: interpolated from the sorted values."""
    value, q = arguments
    place = f"({q.name} * (COUNT(:v) - 1))"
    values = "ARRAY_AGG(:v IGNORE NULLS ORDER BY :v)"
    low, high = (f"{values}[SAFE_OFFSET(CAST({f}({place}) AS INT64))]" for f in ("FLOOR", "CEIL"))
    return sql(f"{low} + ({high} - {low}) * ({place} - FLOOR({place}))", "v")([value])


BIGQUERY = Emitter(
    "bigquery",
    {
        "TEXT": sql("CAST(:x AS STRING)", "x"),
        "NUMBER": sql(f"CASE WHEN ABS({NUMBER}) < 1e150 THEN {NUMBER} END", "x"),
        "FLAG": sql("SAFE_CAST(CAST(:x AS STRING) AS BOOL)", "x"),
        "MICROS": sql("UNIX_MICROS(:t)", "t"),
        "INSTANT": sql("TIMESTAMP_MICROS(:t)", "t"),
        "INTDIV": sql("DIV(:a, :b)", "a", "b"),
        "PERIOD_START": _period_start,
        "MONTH_INDEX": sql(f"EXTRACT(YEAR FROM {DATE}) * 12 + EXTRACT(MONTH FROM {DATE})", "d"),
        "TOTAL_OF": sql("SUM(CAST(:v AS BIGNUMERIC))", "v"),
        "QUANTILE_AT": _quantile,
        "HAS_TEXT": sql("STRPOS(:a, :b) > 0", "a", "b"),
    },
)
