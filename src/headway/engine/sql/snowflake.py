"""The primitives in Snowflake. Emitted and parsed back; not run."""

from __future__ import annotations

from functools import partial

from sqlglot import exp

from headway.engine.sql.emitter import Emitter, instant, template

sql = partial(template, "snowflake")

NUMBER = "TRY_TO_DOUBLE(TO_VARCHAR(:x))"
DATE = "DATEADD(DAY, CAST(:d AS INT), CAST('1970-01-01' AS DATE))"
PARTS = {"1": "MONTH", "3": "QUARTER", "12": "YEAR"}


def _period_start(arguments: list[exp.Expression]) -> exp.Expression:
    start = f"DATE_TRUNC('{PARTS[arguments[1].name]}', {DATE})"
    return sql(f"DATEDIFF(DAY, CAST('1970-01-01' AS DATE), {start})", "d")(arguments[:1])


SNOWFLAKE = Emitter(
    "snowflake",
    {
        "TEXT": sql("TO_VARCHAR(:x)", "x"),
        "NUMBER": sql(f"CASE WHEN ABS({NUMBER}) < 1e150 THEN {NUMBER} END", "x"),
        "FLAG": sql("TRY_TO_BOOLEAN(TO_VARCHAR(:x))", "x"),
        "MICROS": sql("DATE_PART(EPOCH_MICROSECOND, :t)", "t"),
        "INSTANT": lambda a: exp.cast(instant(a), "timestamptz", dialect="snowflake"),
        "INTDIV": sql("FLOOR((:a) / :b)", "a", "b"),
        "PERIOD_START": _period_start,
        "MONTH_INDEX": sql(f"YEAR({DATE}) * 12 + MONTH({DATE})", "d"),
        "TOTAL_OF": sql("SUM(CAST(:v AS DECIMAL(38, 12)))", "v"),
        "QUANTILE_AT": sql("PERCENTILE_CONT(:q) WITHIN GROUP (ORDER BY :v)", "v", "q"),
        "HAS_TEXT": sql("CONTAINS(:a, :b)", "a", "b"),
    },
)
