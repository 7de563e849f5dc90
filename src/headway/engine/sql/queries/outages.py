"""When something was down."""

from __future__ import annotations

from headway.engine.sql import text as t
from headway.engine.statistics import Outages

SECOND = 1_000_000


def outages(of: Outages) -> str:
    """An outage opens an island unless one before it reaches up to it."""
    order = "PARTITION BY s, planned ORDER BY t, z, m"
    planned = f"CASE WHEN {t.matches(of.planned)} THEN 1 ELSE 0 END" if of.planned else "0"
    length = t.whole(f"ROUND({t.number(of.seconds)} * {SECOND})")
    return f"""
        WITH e AS (
            SELECT {t.segment(of.segment)} AS s, MICROS(happened_at) AS t, message_id AS m,
                {planned} AS planned, {length} AS l
            FROM events WHERE {t.within(of.span)} AND {t.matches(of.match)}
        ),
        lines AS (
            SELECT s, 0 AS planned, t, t + l AS z, m FROM e
            UNION ALL
            SELECT s, 1 AS planned, t, t + l AS z, m FROM e WHERE planned = 1
        ),
        reached AS (
            SELECT s, planned, t, z, m, MAX(z) OVER
                ({order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach
            FROM lines
        ),
        numbered AS (
            SELECT s, planned, t, z, SUM(CASE WHEN reach >= t THEN 0 ELSE 1 END)
                OVER ({order} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS island
            FROM reached
        )
        SELECT s, planned, MIN(t) AS begins, MAX(z) AS ends
        FROM numbered GROUP BY s, planned, island"""
