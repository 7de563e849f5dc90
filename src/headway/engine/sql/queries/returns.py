"""Who started when and came back how much later."""

from __future__ import annotations

from headway.engine.sql import text as t
from headway.engine.statistics import Returns

DAY = 86_400_000_000
BUCKET_DAYS = {"day": 1, "week": 7}


def returns(of: Returns) -> str:
    subject = t.subject(of.by)
    unit = _bucket(of)
    each = f", {unit.format(day='d')}" if of.each else ""
    lag = lag_of(of)
    kept = "MAX(lag)" if of.last_only else "lag"
    grouped = "" if of.last_only else ", lag"
    return f"""
        WITH e AS (
            SELECT {t.segment(of.segment)} AS s, {subject} AS u, MICROS(happened_at) AS t,
                {t.day(of.span)} AS d, message_id AS m,
                CASE WHEN {t.matches(of.start)} THEN 1 ELSE 0 END AS starts,
                CASE WHEN {t.matches(of.returns)} THEN 1 ELSE 0 END AS comes
            FROM events WHERE {t.within(of.span)} AND ({t.any_of([of.start, of.returns])})
                AND {subject} IS NOT NULL
        ),
        ranked AS (
            SELECT s, u, t, d, ROW_NUMBER() OVER (PARTITION BY u{each} ORDER BY t, m) AS k
            FROM e WHERE starts = 1
        ),
        starts AS (SELECT s, u, t, d FROM ranked WHERE k = 1),
        pairs AS (
            SELECT a.s, a.u, a.d, {lag} AS lag FROM starts AS a
            JOIN e AS b ON b.u = a.u AND b.comes = 1 AND b.t >= a.t
        ),
        seen AS (
            SELECT s, u, d, {kept} AS lag FROM pairs WHERE lag <= {of.horizon}
            GROUP BY s, u, d{grouped}
        )
        SELECT s, d, -1 AS lag, COUNT(*) AS subjects FROM starts GROUP BY s, d
        UNION ALL
        SELECT s, d, lag, COUNT(*) AS subjects FROM seen GROUP BY s, d, lag"""


def _bucket(of: Returns) -> str:
    """The index of the calendar bucket of a day, as a template."""
    if of.bucket == "month":
        return "MONTH_INDEX({day})"
    if of.bucket == "week":
        return f"INTDIV({{day}} + {(3 - of.span.calendar.week_starts) % 7}, 7)"
    return "{day}"


def lag_of(of: Returns) -> str:
    """In which bucket after the start `a` the return `b` is."""
    unit = _bucket(of)
    lag = f"({unit.format(day='b.d')} - {unit.format(day='a.d')})"
    if of.rolling:
        lag = f"INTDIV(b.t - a.t, {DAY * BUCKET_DAYS[of.bucket]})"
    if not of.edges:
        return lag
    cases = " ".join(f"WHEN {lag} < {edge} THEN {i}" for i, edge in enumerate(of.edges))
    return f"CASE {cases} ELSE {of.horizon + 1} END"
