"""The primitives in Trino, in a session in UTC. Emitted and parsed back; not run."""

from __future__ import annotations

from functools import partial

from sqlglot import exp

from headway.engine.sql.emitter import Emitter, template

sql = partial(template, "trino")

NUMBER = "TRY_CAST(:x AS DOUBLE)"
DATE = "DATE_ADD('DAY', CAST(:d AS BIGINT), DATE '1970-01-01')"
PARTS = {"1": "MONTH", "3": "QUARTER", "12": "YEAR"}


def _period_start(arguments: list[exp.Expression]) -> exp.Expression:
    start = f"DATE_TRUNC('{PARTS[arguments[1].name]}', {DATE})"
    return sql(f"DATE_DIFF('DAY', DATE '1970-01-01', {start})", "d")(arguments[:1])


def _quantile(arguments: list[exp.Expression]) -> exp.Expression:
    """Interpolated from the sorted values: Trino's own percentiles are approximate."""
    value, q = arguments
    place = f"({q.name} * (COUNT(:v) - 1))"
    values = "ARRAY_AGG(:v ORDER BY :v) FILTER (WHERE :v IS NOT NULL)"
    low, high = (
        f"ELEMENT_AT({values}, CAST({f}({place}) AS BIGINT) + 1)" for f in ("FLOOR", "CEIL")
    )
    return sql(f"{low} + ({high} - {low}) * ({place} - FLOOR({place}))", "v")([value])


TRINO = Emitter(
    "trino",
    {
        "TEXT": sql("CAST(:x AS VARCHAR)", "x"),
        "NUMBER": sql(f"CASE WHEN ABS({NUMBER}) < 1e150 THEN {NUMBER} END", "x"),
        "FLAG": sql("TRY_CAST(:x AS BOOLEAN)", "x"),
        "MICROS": sql("CAST(TO_UNIXTIME(:t) * 1000000 AS BIGINT)", "t"),
        "INSTANT": sql("FROM_UNIXTIME_NANOS(CAST(:t AS BIGINT) * 1000)", "t"),
        "INTDIV": sql("CAST(:a AS BIGINT) / :b", "a", "b"),
        "PERIOD_START": _period_start,
        "MONTH_INDEX": sql(f"YEAR({DATE}) * 12 + MONTH({DATE})", "d"),
        "TOTAL_OF": sql("SUM(CAST(:v AS DECIMAL(38, 12)))", "v"),
        "QUANTILE_AT": _quantile,
        "HAS_TEXT": sql("STRPOS(:a, :b) > 0", "a", "b"),
    },
)
