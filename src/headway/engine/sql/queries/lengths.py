"""How long it takes from a start to its end, and what happens between."""

from __future__ import annotations

from headway.engine.period import Grain
from headway.engine.sql import text as t
from headway.engine.sql.queries.pairing import paired
from headway.engine.statistics import Between, Lengths

SECOND = 1_000_000
NEARLY = 1e-9
"""Shares that differ by less are the same: a product of fractions is not exact."""


def lengths(of: Lengths) -> str:
    """The curve S of Kaplan and Meier per period; what is left open counts as at risk to its last.

    A curve that falls to nothing does so by e^−1000: there is no logarithm of zero.
    """
    steps = "PARTITION BY s, p ORDER BY x"
    fall = "CASE WHEN done = alive THEN -1000.0 ELSE LN(1.0 - CAST(done AS DOUBLE) / alive) END"
    return f"""
        WITH {paired(of)},
        seen AS (
            SELECT s, {_period(of)} AS p, bad,
                CASE WHEN t1 - t0 <= {of.limit} THEN 1 ELSE 0 END AS done,
                CASE WHEN bad = 1 THEN 0 WHEN t1 - t0 <= {of.limit} THEN t1 - t0
                    WHEN {of.until} - t0 < {of.limit} THEN {of.until} - t0 ELSE {of.limit} END AS x
            FROM pairs WHERE d >= {of.start} AND d < {of.end}
        ),
        times AS (
            SELECT s, p, x, SUM(1 - bad) AS gone, SUM(done) AS done, SUM(bad) AS bad
            FROM seen GROUP BY s, p, x
        ),
        risks AS (
            SELECT times.*, SUM(gone) OVER (PARTITION BY s, p ORDER BY x DESC
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS alive
            FROM times
        ),
        falls AS (SELECT risks.*, {fall} AS fall FROM risks),
        curve AS (
            SELECT s, p, gone, done, bad, x, CAST(x AS DOUBLE) / {SECOND} AS y,
                EXP(SUM(fall) OVER ({steps}
                    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) AS alive,
                CAST(COALESCE(LEAD(x) OVER ({steps}), {of.limit}) - x AS DOUBLE) / {SECOND} AS wide
            FROM falls
        )
        SELECT s, p AS d, {t.whole("SUM(gone)")} AS n, {t.whole("SUM(done)")} AS done,
            {t.whole(f"SUM(CASE WHEN x < {of.limit} THEN gone - done ELSE 0 END)")} AS early,
            {t.whole("SUM(bad)")} AS faults,
            {t.real("TOTAL_OF(y * gone)")} AS total, {t.real("TOTAL_OF(y * y * gone)")} AS squares,
            {t.real("MIN(y) + TOTAL_OF(alive * wide)")} AS area,
            {_quantile(0.5)} AS median, {_quantile(0.9)} AS p90
        FROM curve GROUP BY s, p"""


def _quantile(q: float) -> str:
    return t.real(f"MIN(CASE WHEN done > 0 AND alive <= {1 - q + NEARLY!r} THEN y END)")


def between(of: Between) -> str:
    """Counts by the subject's running number of events: up to before the end, less at the start."""
    subject = t.subject(of.by)
    return f"""
        WITH {paired(of)},
        acts AS (
            SELECT {subject} AS u, MICROS(happened_at) AS t, COUNT(*) AS x FROM events
            WHERE {t.within(of.span)} AND {t.matches(of.counts)} AND {subject} IS NOT NULL
            GROUP BY 1, 2
        ),
        finished AS (
            SELECT s, u, d1 AS d, t0, t1, ROW_NUMBER() OVER (PARTITION BY u ORDER BY t1, t0) AS i
            FROM pairs WHERE t1 IS NOT NULL AND d1 >= {of.start} AND d1 < {of.end}
        ),
        marks AS (
            SELECT CAST(NULL AS VARCHAR) AS s, u, CAST(NULL AS BIGINT) AS d, t, x, 0 AS i, 1 AS o
            FROM acts
            UNION ALL
            SELECT s, u, d, t0 AS t, 0 AS x, i, 2 AS o FROM finished
            UNION ALL
            SELECT s, u, d, t1 AS t, 0 AS x, i, 0 AS o FROM finished
        ),
        sums AS (
            SELECT marks.*, SUM(x) OVER (PARTITION BY u ORDER BY t, o, i
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS c
            FROM marks
        ),
        found AS (
            SELECT s, {_period(of)} AS p, u, i,
                MAX(CASE WHEN o = 0 THEN c END) - MAX(CASE WHEN o = 2 THEN c END) AS x
            FROM sums WHERE i > 0 GROUP BY 1, 2, 3, 4
        ),
        passed AS (SELECT s, p, CASE WHEN x < 0 THEN 0 ELSE x END AS x FROM found)
        SELECT s, p AS d, COUNT(*) AS n, {t.real("SUM(x)")} AS total,
            {t.real("SUM(x * x)")} AS squares
        FROM passed GROUP BY s, p"""


def _period(of: Lengths | Between) -> str:
    """The span reaches further than what is asked for, so `all` is told where it starts."""
    return str(of.start) if of.grain is Grain.all else t.period(of.span, of.grain)
