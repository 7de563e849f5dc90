"""A query of somebody's own, over events as people see them."""

from __future__ import annotations

from sqlglot import exp

from headway.engine.event import COLUMNS
from headway.engine.period import Grain, day_at
from headway.engine.selection import Match
from headway.engine.sql import text as t
from headway.engine.sql.custom import GIVEN, columns_of, properties_of, written
from headway.engine.statistics import Custom

OWN = ", ".join(COLUMNS)
MOST = 100_000
"""So many rows are read; one more tells that there are too many."""


def custom(of: Custom) -> str:
    values = {
        "start": f"DATE '{day_at(of.start).isoformat()}'",
        "end": f"DATE '{day_at(of.end).isoformat()}'",
        "grain": t.literal(of.grain.value),
    }
    found = columns_of(of.sql)
    properties = "".join(f", {t.prop(n)} AS {_quoted(n)}" for n in properties_of(of.sql))
    numbers = [t.real(c) + f" AS {c}" for c in ("value", "numerator", "denominator") if c in found]
    segment = "CAST(segment AS VARCHAR)" if "segment" in found else "CAST(NULL AS VARCHAR)"
    return f"""
        WITH days AS (
            SELECT {OWN}, {t.day(of.span)} AS _day_number{properties} FROM events
            WHERE {t.within(of.span)} AND {t.matches(Match())}
        ),
        {GIVEN} AS (
            SELECT days.*, {_date("_day_number")} AS day, {_date(_period(of))} AS period FROM days
        )
        SELECT CAST(CAST(period AS DATE) AS VARCHAR) AS p, {segment} AS s, {", ".join(numbers)}
        FROM ({written(of.sql, values)}) AS answer LIMIT {MOST + 1}"""


def _quoted(name: str) -> str:
    return str(exp.to_identifier(name, quoted=True).sql("duckdb"))


def _period(of: Custom) -> str:
    return str(of.start) if of.grain is Grain.all else t.period(of.span, of.grain, "_day_number")


def _date(day: str) -> str:
    return f"(DATE '1970-01-01' + CAST({day} AS INT))"
