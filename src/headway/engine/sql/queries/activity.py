"""Who was active when, and how often."""

from __future__ import annotations

from headway.engine.sql import text as t
from headway.engine.statistics import Activity, Gaps, Holders


def active(of: Gaps | Holders | Activity) -> str:
    """(s, u, d) of every selected event that has a subject."""
    subject = t.subject(of.by)
    return f"""
            SELECT {t.segment(of.segment)} AS s, {subject} AS u, {t.day(of.span)} AS d
            FROM events
            WHERE {t.within(of.span)} AND {t.matches(of.match)} AND {subject} IS NOT NULL"""


def gaps(of: Gaps) -> str:
    return f"""
        WITH e AS ({active(of)}),
        days AS (SELECT DISTINCT s, u, d FROM e),
        g AS (SELECT s, d, LEAD(d) OVER (PARTITION BY s, u ORDER BY d) AS nx FROM days)
        SELECT s, d, nx, COUNT(*) AS subjects FROM g GROUP BY s, d, nx"""


def holders(of: Holders) -> str:
    """An event counts from its day until `window` days later; the running sum says who holds."""
    return f"""
        WITH e AS ({active(of)}),
        moves AS (
            SELECT s, u, d, 1 AS x FROM e
            UNION ALL
            SELECT s, u, d + {of.window} AS d, -1 AS x FROM e
        ),
        days AS (SELECT s, u, d, SUM(x) AS x FROM moves GROUP BY s, u, d),
        sums AS (SELECT s, u, d, SUM(x) OVER (PARTITION BY s, u ORDER BY d) AS held FROM days),
        holds AS (
            SELECT s, u, d, CASE WHEN held >= {of.times} THEN 1 ELSE 0 END AS h FROM sums
        ),
        flips AS (
            SELECT s, d, h - COALESCE(LAG(h) OVER (PARTITION BY s, u ORDER BY d), 0) AS x FROM holds
        )
        SELECT s, d, {t.whole("SUM(x)")} AS change FROM flips WHERE x <> 0 GROUP BY s, d"""


def activity(of: Activity) -> str:
    counted = "COUNT(DISTINCT d)" if of.count == "days" else "COUNT(*)"
    return f"""
        WITH e AS ({active(of)}),
        often AS (
            SELECT s, {t.period(of.span, of.grain)} AS p, u, {counted} AS k FROM e
            GROUP BY 1, 2, 3
        )
        SELECT s, p AS d, k, COUNT(*) AS subjects FROM often GROUP BY s, p, k"""
