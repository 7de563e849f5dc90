"""Stretches of what a subject does without a longer pause."""

from __future__ import annotations

from headway.engine.period import Grain
from headway.engine.sql import text as t
from headway.engine.statistics import Sessions

SECOND = 1_000_000


def sessions(of: Sessions) -> str:
    subject = t.subject(of.by)
    order = "PARTITION BY u ORDER BY t, m"
    period = str(of.start) if of.grain is Grain.all else t.period(of.span, of.grain)
    return f"""
        WITH e AS (
            SELECT {t.segment(of.segment)} AS s, {subject} AS u, MICROS(happened_at) AS t,
                {t.day(of.span)} AS d, message_id AS m
            FROM events WHERE {t.within(of.span)} AND {t.matches(of.match)}
                AND MICROS(happened_at) <= {of.until} AND {subject} IS NOT NULL
        ),
        paused AS (SELECT e.*, t - LAG(t) OVER ({order}) AS pause FROM e),
        marked AS (
            SELECT paused.*, CASE WHEN pause <= {of.gap} THEN 0 ELSE 1 END AS opens FROM paused
        ),
        numbered AS (
            SELECT marked.*, SUM(opens) OVER ({order}
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS k
            FROM marked
        ),
        followed AS (
            SELECT numbered.*, MIN(t) OVER (PARTITION BY u, k) AS t0 FROM numbered
        ),
        whole AS (
            SELECT u, k, MAX(CASE WHEN opens = 1 THEN s END) AS s,
                MAX(CASE WHEN opens = 1 THEN d END) AS d, MAX(t) AS seen, MIN(t0) AS t0,
                MAX(CASE WHEN t - t0 <= {of.longest} THEN t - t0 END) AS x
            FROM followed GROUP BY u, k
        ),
        found AS (
            SELECT s, {period} AS p, CAST(x AS DOUBLE) / {SECOND} AS x,
                CASE WHEN seen > {of.until - of.gap} AND t0 > {of.until - of.longest}
                    THEN 1 ELSE 0 END AS going
            FROM whole WHERE d >= {of.start} AND d < {of.end}
        )
        SELECT s, p AS d, COUNT(*) AS n, {t.real("TOTAL_OF(x)")} AS total,
            {t.real("TOTAL_OF(x * x)")} AS squares, {t.real("QUANTILE_AT(x, 0.5)")} AS median,
            {t.whole("SUM(going)")} AS going
        FROM found GROUP BY s, p"""
